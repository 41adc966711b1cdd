"""An appointment as a calendar file (RFC 5545), for the calendar of a phone: when and where, and nothing medical, no name."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

from core.records.appointment_tables import AppointmentPublic
from core.settings import settings

STATUS = {"asked": "TENTATIVE", "booked": "CONFIRMED", "cancelled": "CANCELLED"}
WHERE = {"clinic": "At the clinic", "video": "Video visit"}
REMIND = "-PT2H"
"""When a calendar reminds: two hours before."""


def _when(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    """A value of type TEXT (RFC 5545, 3.3.11)."""
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\r\n", "\n").replace("\n", "\\n")


def _folded(line: str) -> str:
    """Lines of at most 75 octets, the next ones begun with a blank (RFC 5545, 3.1); no letter is cut in two."""
    rest, parts = line, list[str]()
    while len(rest.encode()) > 75 - bool(parts):
        at = 75 - bool(parts)
        while len(rest[:at].encode()) > 75 - bool(parts):
            at -= 1
        parts.append(rest[:at])
        rest = rest[at:]
    return "\r\n ".join([*parts, rest])


def ics(one: AppointmentPublic) -> str:
    """The file. A calendar that has it already takes the newer one in its place; a cancelled one goes."""
    host = urlsplit(settings().base_url).hostname or "localhost"
    cancelled = one.status == "cancelled"
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//CareLens//Appointments//EN",
        f"METHOD:{'CANCEL' if cancelled else 'PUBLISH'}",
        "BEGIN:VEVENT",
        f"UID:{one.id}@{host}",
        f"SEQUENCE:{one.version}",
        f"DTSTAMP:{_when(one.changed_at)}",
        f"DTSTART:{_when(one.starts_at)}",
        f"DTEND:{_when(one.ends_at)}",
        f"STATUS:{STATUS[one.status]}",
        "SUMMARY:" + _escaped("Appointment (CareLens)"),
        "LOCATION:" + _escaped(WHERE[one.place]),
    ]
    if settings().base_url:
        lines.append("DESCRIPTION:" + _escaped(f"See {settings().base_url}/Appointments"))
    if not cancelled:
        lines += ["BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:Appointment", f"TRIGGER:{REMIND}", "END:VALARM"]
    lines += ["END:VEVENT", "END:VCALENDAR"]
    return "".join(f"{_folded(line)}\r\n" for line in lines)

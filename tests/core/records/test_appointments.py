"""Appointments: no time twice whoever asks at once, free again when moved or cancelled, and nobody else's."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.consult.calendar import ics
from core.errors import CareLensError, InvalidInput, NotAllowed, NotFound
from core.people import consent, mail, managing
from core.records.appointment_tables import Appointment, AppointmentPublic, OfferCreate
from core.records.appointments import appointments, book, cancel, confirm, free_times, move
from core.records.database import transaction
from core.records.erase import erase_account_by_id
from core.records.offers import add_exception, add_offer, end_exception, end_offer, exceptions, offers
from core.records.reminding import remind
from core.records.times import now
from core.settings import settings
from tests.core.clinic_people import SignedIn, two
from tests.core.house import ask, dump, embedded, own, somebody
from tests.core.people.test_mail import use
from tests.core.records.test_export import archive, everything
from tests.core.together import together
from tests.smtp import Post, text

ZONE = "America/New_York"


def every_day(doctor: SignedIn, **more: Any) -> None:
    """Nine to ten on every day, half an hour each."""
    given = {"starts": 540, "ends": 600, "length": 30, "zone": ZONE, "from_day": now().date() - timedelta(days=2)} | more
    for weekday in range(7):
        add_offer(doctor.actor, OfferCreate(weekday=weekday, **given))


def span(days: int = 7) -> tuple[datetime, datetime]:
    return now() + timedelta(days=1), now() + timedelta(days=1 + days)


def test_what_is_offered_can_be_booked_and_then_no_more(house: Path) -> None:
    ana, lena = two()
    ben = SignedIn("Ben")
    ben.let_in(lena)
    every_day(lena)
    found = free_times(ana.actor, own(ana.actor), lena.id, *span())
    assert len(found) == 14 and {one.starts_at.astimezone(ZoneInfo(ZONE)).strftime("%H:%M") for one in found} == {"09:00", "09:30"}
    made = book(ana.actor, own(ana.actor), lena.id, found[3].starts_at, wish=" A mole. ")
    assert (made.starts_at, made.ends_at, made.status, made.zone, made.wish) == (
        found[3].starts_at, found[3].starts_at + timedelta(minutes=30), "booked", ZONE, "A mole.",
    )  # fmt: skip
    assert (made.person, made.doctor) == ("Ana 0", "Lena")
    assert found[3] not in free_times(ben.actor, own(ben.actor), lena.id, *span())
    for wrong in (found[3].starts_at, found[4].starts_at + timedelta(minutes=5), now() - timedelta(days=1), now() + timedelta(days=200)):
        with pytest.raises(InvalidInput):
            book(ben.actor, own(ben.actor), lena.id, wrong)
    moved = move(ana.actor, made.id, found[5].starts_at)
    assert (moved.id, moved.version, moved.starts_at) == (made.id, 1, found[5].starts_at)
    assert book(ben.actor, own(ben.actor), lena.id, found[3].starts_at).status == "booked"
    with pytest.raises(InvalidInput):
        move(ana.actor, made.id, found[3].starts_at)
    assert [one.starts_at for one in appointments(ana.actor)] == [found[5].starts_at], "the old time stays when the new one is not free"
    cancel(lena.actor, made.id)
    assert found[5] in free_times(ben.actor, own(ben.actor), lena.id, *span())
    for change in (cancel, lambda who, id: move(who, id, found[6].starts_at)):
        with pytest.raises(InvalidInput):
            change(ana.actor, made.id)
    assert [(one.person, one.status) for one in appointments(lena.actor)] == [("Ben 0", "booked"), ("Ana 0", "cancelled")]


def test_of_many_who_want_one_time_at_once_one_gets_it(house: Path) -> None:
    lena = SignedIn("Lena", "doctor")
    people = [SignedIn(f"P{number}") for number in range(6)]
    for one in people:
        one.let_in(lena)
    every_day(lena)
    actors = [one.actor for one in people]
    times = free_times(actors[0], own(actors[0]), lena.id, *span())[:2]

    def attempt(number: int) -> str:
        try:
            if number >= 6:  # the doctor gives the same time away
                return book(lena.actor, own(actors[0]), lena.id, times[0].starts_at, minutes=60, zone=ZONE).status
            return book(actors[number], own(actors[number]), lena.id, times[number % 2].starts_at).status
        except CareLensError as error:
            return type(error).__name__

    told = together(8, attempt)
    assert set(told) == {"booked", "InvalidInput"}
    rows = sorted((one.starts_at, one.ends_at) for one in appointments(lena.actor))
    assert 1 <= len(rows) == told.count("booked") <= 2 and all(a[1] <= b[0] for a, b in zip(rows, rows[1:], strict=False))
    # Moving into one free time at once, likewise.
    later = free_times(actors[0], own(actors[0]), lena.id, *span())
    mine = [book(actor, own(actor), lena.id, later[at].starts_at) for at, actor in enumerate(actors[:4])]
    target = later[8].starts_at

    def shift(number: int) -> bool:
        try:
            return move(actors[number], mine[number].id, target).starts_at == target
        except InvalidInput:
            return False

    assert sum(together(4, shift)) == 1
    assert [one.starts_at for one in appointments(lena.actor)].count(target) == 1


def test_a_doctor_who_is_switched_off_offers_nothing_and_gets_no_mail(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ana, lena = two()
    nina = somebody("Nina", "admin", persons=0)
    every_day(lena)
    times = free_times(ana.actor, own(ana.actor), lena.id, *span())
    made = book(ana.actor, own(ana.actor), lena.id, times[0].starts_at)
    managing.switch_off(nina, lena.id)
    assert free_times(ana.actor, own(ana.actor), lena.id, *span()) == []
    with pytest.raises(InvalidInput):
        book(ana.actor, own(ana.actor), lena.id, times[1].starts_at)
    with Post() as post:
        use(monkeypatch, post.url)
        cancel(ana.actor, made.id)
        assert mail.wait_until_sent() and post.letters == []
        managing.switch_on(nina, lena.id)
        book(ana.actor, own(ana.actor), lena.id, times[1].starts_at)
        assert mail.wait_until_sent() and [letter["To"] for letter in post.letters] == ["lena@example.org"]
    settings.cache_clear()


def test_where_the_doctor_confirms_a_time_is_asked_for_and_held(house: Path) -> None:
    ana, lena = two()
    every_day(lena, confirm=True, place="video")
    slot = free_times(ana.actor, own(ana.actor), lena.id, *span())[0]
    asked = book(ana.actor, own(ana.actor), lena.id, slot.starts_at)
    assert (asked.status, asked.place) == ("asked", "video") and slot not in free_times(ana.actor, own(ana.actor), lena.id, *span())
    with pytest.raises(NotAllowed):
        confirm(ana.actor, asked.id)
    assert confirm(lena.actor, asked.id).status == "booked"
    with pytest.raises(InvalidInput):
        confirm(lena.actor, asked.id)


def test_nobody_else_sees_or_changes_one(house: Path) -> None:
    ana, lena = two()
    eve, omar, ada = SignedIn("Eve"), SignedIn("Omar", "doctor"), SignedIn("Ada", "admin")
    eve.let_in(omar)
    every_day(lena)
    slot = free_times(ana.actor, own(ana.actor), lena.id, *span())[0]
    made = book(ana.actor, own(ana.actor), lena.id, slot.starts_at)
    for who in (eve, omar, ada):
        actor = who.actor
        assert appointments(actor) == []
        for change in (cancel, lambda actor, id: move(actor, id, slot.starts_at)):
            with pytest.raises(NotFound):
                change(actor, made.id)
        for refused in (
            lambda actor=actor: appointments(actor, own(ana.actor)),
            lambda actor=actor: free_times(actor, own(ana.actor), lena.id, *span()),
            lambda actor=actor: book(actor, own(ana.actor), lena.id, slot.starts_at),
        ):
            with pytest.raises(NotAllowed):
                refused()
    with pytest.raises(NotAllowed):  # a doctor whom the patient did not let in
        book(ana.actor, own(ana.actor), omar.id, slot.starts_at)
    for who in (ana, ada):
        for refused in (offers, exceptions, lambda actor: add_exception(actor, now().date())):
            with pytest.raises(NotAllowed):
                refused(who.actor)
    with pytest.raises(NotFound):
        end_offer(omar.actor, offers(lena.actor)[0].id)
    before = lena.actor
    ana.shut_out(lena)
    assert appointments(lena.actor) == []
    with pytest.raises(NotAllowed):
        book(before, own(ana.actor), lena.id, now() + timedelta(days=2), minutes=30)


def test_consent_taken_back_cancels_what_was_to_come_with_this_doctor_alone(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ana, lena = two()
    ben, omar = SignedIn("Ben"), SignedIn("Omar", "doctor")
    ben.let_in(lena)
    ana.let_in(omar)
    every_day(lena)
    every_day(omar, confirm=True)
    found = free_times(ana.actor, own(ana.actor), lena.id, *span())
    mine = [book(ana.actor, own(ana.actor), lena.id, found[at].starts_at, wish="A bleeding mole") for at in (2, 7)]
    others = [book(ana.actor, own(ana.actor), omar.id, found[9].starts_at), book(ben.actor, own(ben.actor), lena.id, found[5].starts_at)]
    given = {"minutes": 30, "zone": ZONE, "place": "clinic"}
    over = book(lena.actor, own(ana.actor), lena.id, now() + timedelta(days=1), **given)
    with transaction() as session:
        began = session.get(Appointment, over.id)
        assert began is not None
        began.starts_at = now() - timedelta(minutes=5)
        session.add(began)
    with Post() as post:
        for name, value in (("SMTP_URL", post.url), ("MAIL_FROM", "house@example.org"), ("BASE_URL", "https://care.example.org")):
            monkeypatch.setenv(f"CARELENS_{name}", value)
        settings.cache_clear()
        consent.take_back(ana.actor, own(ana.actor), lena.id)
        assert remind(mine[0].starts_at - timedelta(hours=20)) == 0 and mail.wait_until_sent()
    states = {one.id: (one.status, one.version) for one in [*appointments(ana.actor), *appointments(ben.actor)]}
    assert states == {mine[0].id: ("cancelled", 1), mine[1].id: ("cancelled", 1), others[0].id: ("asked", 0), others[1].id: ("booked", 0),
        over.id: ("booked", 0)}, "what has begun is not undone, and nobody else's is touched"  # fmt: skip
    assert {found[2], found[7]} <= set(free_times(ben.actor, own(ben.actor), lena.id, *span())), "the doctor's time is free again"
    assert [letter["To"] for letter in post.letters] == ["lena@example.org"] * 2
    for letter in post.letters:
        assert "was cancelled" in text(letter) and "09:" in text(letter)
        assert not [word for word in ("mole", "Ana", "Lena") if word.casefold() in f"{letter['Subject']} {text(letter)}".casefold()]
    ana.let_in(lena)
    assert [one.status for one in appointments(lena.actor) if one.id in {two.id for two in mine}] == ["cancelled"] * 2, "it stays so"


def test_a_consent_that_ends_has_no_appointment_after_its_end(house: Path) -> None:
    ana, lena = two()
    every_day(lena)
    found = free_times(ana.actor, own(ana.actor), lena.id, *span())
    given = {"minutes": 30, "zone": ZONE, "place": "clinic"}
    early, late = (book(ana.actor, own(ana.actor), lena.id, found[at].starts_at) for at in (2, 9))
    ends = early.ends_at
    consent.let_in(ana.actor, own(ana.actor), lena.id, ends_at=ends)
    assert [(one.id, one.status) for one in appointments(ana.actor)] == [(early.id, "booked"), (late.id, "cancelled")]
    for who, hint in ((ana, "Account page"), (lena, "ask them")):
        for change in (
            lambda who=who: book(who.actor, own(ana.actor), lena.id, found[3].starts_at, **given),
            lambda who=who: move(who.actor, early.id, found[9].starts_at),
        ):
            with pytest.raises(InvalidInput) as refused:
                change()
            assert "By then" in refused.value.reason and hint in refused.value.hint
    assert [one.starts_at for one in appointments(ana.actor) if one.status == "booked"] == [early.starts_at]
    assert move(ana.actor, early.id, found[1].starts_at).starts_at == found[1].starts_at
    consent.let_in(ana.actor, own(ana.actor), lena.id, ends_at=ends + timedelta(days=30))
    assert book(ana.actor, own(ana.actor), lena.id, found[9].starts_at).status == "booked", "longer again, and the time was free"


def test_of_taking_back_and_booking_at_once_no_appointment_is_left(house: Path) -> None:
    ana, lena = two()
    every_day(lena)
    patient, doctor, person = ana.actor, lena.actor, own(ana.actor)
    times = free_times(patient, person, lena.id, *span())

    def attempt(number: int) -> str:
        try:
            if number == 3:
                return str(consent.take_back(patient, person, lena.id))
            return book(patient, person, lena.id, times[number].starts_at).status
        except NotAllowed:
            return "refused"

    together(8, attempt)
    assert [one for one in appointments(patient) if one.status != "cancelled"] == [] and appointments(lena.actor) == []
    with pytest.raises(NotAllowed):
        book(doctor, person, lena.id, times[0].starts_at, minutes=30)


@embedded
def test_what_can_be_offered_and_the_days_off(house: Path) -> None:
    ana, lena = two()
    good = {"weekday": 2, "starts": 540, "ends": 600, "length": 30, "zone": ZONE, "from_day": date(2026, 1, 1)}
    wrong: list[dict[str, Any]] = [
        {"weekday": 7}, {"starts": 600}, {"ends": 1441}, {"length": 4}, {"length": 61}, {"zone": "Mars/Crater"}, {"zone": "../etc/passwd"},
        {"place": "home"}, {"until_day": date(2025, 1, 1)},
    ]  # fmt: skip
    for one in wrong:
        with pytest.raises(InvalidInput):
            add_offer(lena.actor, OfferCreate(**(good | one)))
    every_day(lena)
    with pytest.raises(InvalidInput):
        add_offer(lena.actor, OfferCreate(**(good | {"starts": 570, "ends": 700})))
    day = span()[0].astimezone(ZoneInfo(ZONE)).date() + timedelta(days=2)
    away = add_exception(lena.actor, day)
    assert day not in {one.starts_at.astimezone(ZoneInfo(ZONE)).date() for one in free_times(ana.actor, own(ana.actor), lena.id, *span())}
    assert exceptions(lena.actor) == [away]
    end_exception(lena.actor, away.id)
    assert len(free_times(ana.actor, own(ana.actor), lena.id, *span())) == 14
    for one in offers(lena.actor):
        end_offer(lena.actor, one.id)
    assert free_times(ana.actor, own(ana.actor), lena.id, *span()) == []


@embedded
def test_the_mail_says_when_and_nothing_else_and_goes_to_the_other_side(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ana, lena = two()
    every_day(lena)
    slot = free_times(ana.actor, own(ana.actor), lena.id, *span())[0]
    with Post() as post:
        for name, value in (("SMTP_URL", post.url), ("MAIL_FROM", "house@example.org"), ("BASE_URL", "https://care.example.org")):
            monkeypatch.setenv(f"CARELENS_{name}", value)
        settings.cache_clear()
        made = book(ana.actor, own(ana.actor), lena.id, slot.starts_at, wish="A bleeding mole")
        cancel(lena.actor, made.id)
        assert mail.wait_until_sent()
    assert [letter["To"] for letter in post.letters] == ["lena@example.org", "ana@example.org"]
    for letter, word in zip(post.letters, ("booked", "cancelled"), strict=True):
        said = text(letter)
        assert word in said and "09:00 (America/New_York)" in said and f"{slot.starts_at.astimezone(ZoneInfo(ZONE)):%A}" in said
        assert "https://care.example.org/Appointments" in said
        for private in ("mole", "Ana", "Lena", "doctor", "skin"):
            assert private.casefold() not in f"{letter['Subject']} {said}".casefold()


def test_patients_are_reminded_once_a_day_before_and_again_when_it_was_moved(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ana, lena = two()
    eve = SignedIn("Eve")
    eve.let_in(lena)
    given = {"minutes": 30, "zone": ZONE, "place": "clinic"}
    soon, later = now() + timedelta(days=3), now() + timedelta(days=4, hours=1)
    made = book(lena.actor, own(ana.actor), lena.id, soon, wish="A bleeding mole", **given)
    book(lena.actor, own(eve.actor), lena.id, later, **given)
    off = book(lena.actor, own(ana.actor), lena.id, soon + timedelta(hours=2), **given)
    cancel(lena.actor, off.id)
    assert remind(soon - timedelta(hours=20)) == 0, "nothing is claimed where no mail is set up"
    with Post() as post:
        for name, value in (("SMTP_URL", post.url), ("MAIL_FROM", "house@example.org"), ("BASE_URL", "https://care.example.org")):
            monkeypatch.setenv(f"CARELENS_{name}", value)
        settings.cache_clear()
        assert remind(soon - timedelta(hours=25)) == 0 and remind(soon - timedelta(minutes=30)) == 0
        counts = together(4, lambda _: remind(soon - timedelta(hours=20)))
        assert sorted(counts) == [0, 0, 0, 1] and remind(soon - timedelta(hours=19)) == 0
        assert mail.wait_until_sent()
        (letter,) = post.letters
        assert letter["To"] == "ana@example.org" and "(America/New_York)" in text(letter) and "Do not forget" in text(letter)
        for private in ("mole", "Ana", "Lena", "doctor", "skin"):
            assert private.casefold() not in f"{letter['Subject']} {text(letter)}".casefold()
        move(lena.actor, made.id, soon + timedelta(days=2))
        assert remind(soon + timedelta(days=1, hours=2)) == 1 and mail.wait_until_sent()
        assert [one["To"] for one in post.letters][1:] == ["ana@example.org"] * 2  # of the move that the doctor made, and anew


@embedded
def test_the_calendar_file_says_what_rfc_5545_asks(house: Path) -> None:
    ana, lena = two()
    every_day(lena)
    slot = free_times(ana.actor, own(ana.actor), lena.id, *span())[0]
    made = book(ana.actor, own(ana.actor), lena.id, slot.starts_at, wish="A bleeding mole")
    first, last = (parsed(ics(one)) for one in (made, cancel(ana.actor, made.id)))
    assert (first["UID"], first["SEQUENCE"], first["STATUS"], first["METHOD"]) == (last["UID"], "0", "CONFIRMED", "PUBLISH")
    assert (last["SEQUENCE"], last["STATUS"], last["METHOD"]) == ("1", "CANCELLED", "CANCEL")
    assert datetime.strptime(first["DTSTART"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) == slot.starts_at
    assert datetime.strptime(first["DTEND"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) == slot.ends_at
    assert not [word for word in ("mole", "Ana", "Lena") if word in ics(made)]


def parsed(file: str) -> dict[str, str]:
    """The properties of the file, read by the rules of RFC 5545: CRLF, at most 75 octets, folded lines joined."""
    assert file.endswith("\r\n") and "\n" not in file.replace("\r\n", "")
    lines = file.removesuffix("\r\n").split("\r\n")
    assert max(len(line.encode()) for line in lines) <= 75 and (lines[0], lines[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    depth: list[str] = []
    for line in lines:
        if line.startswith("BEGIN:"):
            depth.append(line[6:])
        elif line.startswith("END:"):
            assert depth.pop() == line[4:]
    assert not depth
    return dict(line.split(":", 1) for line in file.replace("\r\n ", "").split("\r\n") if line)


def test_it_goes_with_the_person_and_stays_when_the_doctor_leaves(house: Path) -> None:
    ana, lena = two()
    every_day(lena)
    slot = free_times(ana.actor, own(ana.actor), lena.id, *span())[0]
    book(ana.actor, own(ana.actor), lena.id, slot.starts_at, wish="Mine")
    assert [(one["doctor"], one["wish"]) for one in everything(archive(ana.actor))["appointment"]] == [("Lena", "Mine")]
    told = everything(archive(lena.actor))
    assert len(told["offer"]) == 7 and told["appointment"] == []
    erase_account_by_id(lena.id)
    assert not [word for word in ("Lena", str(lena.id), lena.id.hex) if word in dump()]
    (left,) = appointments(ana.actor)
    assert isinstance(left, AppointmentPublic) and (left.doctor, left.account_id) == ("", None)
    assert cancel(ana.actor, left.id).status == "cancelled"
    erase_account_by_id(ana.id)
    assert [ask(f"SELECT count(*) FROM {name}") for name in ("appointment", "offer", "day_exception")] == [[(0,)]] * 3

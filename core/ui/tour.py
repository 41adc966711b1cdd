"""The guided tour of the demo clinic on Home: eight steps, each with what to press and the way there.

One browser can be the patient and the doctor at once: cookies belong to a host, and this machine has two names for itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

import streamlit as st

from core.settings import settings
from core.ui import parts

PATIENT, DOCTOR = "patient", "doctor"
HOSTS = {PATIENT: "localhost", DOCTOR: "127.0.0.1"}
"""Where each of the two is, on the machine of whoever presents."""
NAMES = {PATIENT: "Ana", DOCTOR: "Dr Osei"}


@dataclass(frozen=True)
class Step:
    """One step. `where`: the addresses it leads to, as (who, page)."""

    title: str
    press: str
    icon: str
    where: tuple[tuple[str, str], ...]


STEPS = (
    Step("Be the patient", "Press **Continue as Ana Ruiz (patient)**.", "person", ((PATIENT, ""),)),
    Step("Be the doctor, too", "In this second window press **Continue as Dr Lena Osei (doctor)**.", "stethoscope", ((DOCTOR, ""),)),
    Step(
        "Read a finding",
        "Open the mole that cannot be excluded: what it looks like, how sure, what to do next. **How we know** says how often it is right.",
        "history",
        ((PATIENT, "History"),),
    ),
    Step(
        "See whether it gets better",
        "Twelve weeks of eczema, and the score falls. Press **Before and after**: two photos under one slider.",
        "monitoring",
        ((PATIENT, "Progress"),),
    ),
    Step(
        "See who comes first",
        "The most urgent patient is on top: Aisha Khan called off her visit. Then press **Open** beside Ana Ruiz.",
        "groups",
        ((DOCTOR, "Clinic"),),
    ),
    Step(
        "Write, sign, and pass it on",
        "On Ana's timeline a draft waits at the right: press **Sign**. Below it, open **A letter to another doctor**.",
        "ink_pen",
        ((DOCTOR, "Clinic"), (PATIENT, "Patient")),
    ),
    Step(
        "Talk and see each other",
        "Put the two windows side by side and write: it is on the other side at once. Then switch **Video visit** on, on both.",
        "forum",
        ((PATIENT, "Messages"), (DOCTOR, "Messages")),
    ),
    Step(
        "Take it back",
        "Under **Who may see my records** press **Take back** beside Dr Lena Osei. The doctor's open page empties itself.",
        "key",
        ((PATIENT, "Account"),),
    ),
)


def show(open_: bool = False) -> None:
    """The tour, in the demo only; `open_`: not folded away."""
    if not settings().demo:
        return
    base = bases(st.context.url)
    with st.expander(f"A tour of the demo clinic in {len(STEPS)} steps", expanded=open_, icon=":material/tour:", key="tour"):
        if base[PATIENT] == base[DOCTOR]:
            parts.note("For the doctor's side open a second browser, or a private window: one browser is one person at this address.")
        else:
            parts.note(f"The patient is at {HOSTS[PATIENT]}, the doctor at {HOSTS[DOCTOR]}: two windows of one browser, two people.")
        for number, step in enumerate(STEPS, start=1):
            with st.container(gap="xsmall", key=f"tour_{number}"):
                parts.titled(f"{number}. {step.title}", step.press, step.icon)
                with parts.row(gap="small"):
                    for who, page in step.where:
                        st.link_button(f"{number}: to {NAMES[who]}", base[who] + page, icon=":material/open_in_new:")


def bases(url: str | None) -> dict[str, str]:
    """Where the patient's and the doctor's side are, with a slash at the end, seen from the address that the browser shows.

    On this machine by its two names; at any other address both at that one.
    """
    found = urlsplit(url or "")
    if found.hostname in HOSTS.values() and re.fullmatch(r"https?", found.scheme):
        port = f":{found.port}" if found.port else ""
        return {who: f"{found.scheme}://{host}{port}/" for who, host in HOSTS.items()}
    return dict.fromkeys(HOSTS, "/")

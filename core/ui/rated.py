"""A doctor's ratings in words: on one photo, and what they come to. Only here is a number of a photo called a part of an EASI."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import streamlit as st

from core.insight import rated
from core.insight.rated import Rated
from core.instruments import easi
from core.people.policy import Actor
from core.records.ratings import ratings_of
from core.records.tables import PersonPublic
from core.ui import moments, parts, severity
from core.ui.part import REGIONS, Part

EASI_NAMES = {"redness": "Redness", "thickness": "Thickness", "scratching": "Scratch marks", "lichenification": "Thick, lined skin"}
SCORAD_NAMES = {
    "redness": "Redness",
    "swelling": "Swelling",
    "oozing": "Oozing or crusts",
    "scratching": "Scratch marks",
    "thickening": "Thick, lined skin",
    "dryness": "Dryness",
}
NO_EASI = "One part of an EASI, and no EASI score."
GONE = "A doctor who is no longer here"


def signs(one: Rated) -> str:
    """The signs of a rating: `Redness 2, thickness 1.5`."""
    names = EASI_NAMES if one.for_easi else SCORAD_NAMES
    return moments.upper(", ".join(f"{names[sign].lower()} {grade:g}" for sign, grade in one.signs.items()))


def scored(one: Rated) -> str:
    """What one rating comes to; empty for signs alone."""
    if one.regional is not None:
        return f"{one.regional:g} of 72 for {REGIONS[str(one.region)].lower()}"
    return f"Objective SCORAD {one.scorad.shown} of 83" if one.scorad is not None else ""


def _area(one: Rated) -> str:
    if one.area is not None:
        return f"Area of {REGIONS[str(one.region)].lower()}: {easi.AREA_WORDS[one.area]}."
    return f"Extent: {one.extent:g} % of the body." if one.extent is not None else ""


def of_record(actor: Actor, person_id: UUID, record_id: UUID) -> None:
    """What doctors said of one photo, the latest first; nothing where nobody did."""
    found = [one for one in ratings_of(actor, person_id) if one.record_id == record_id]
    if not found:
        return
    zone = moments.zone()
    with st.container(border=True, key=f"rated_{record_id}", gap="xsmall"):
        parts.titled("What your doctor rated" if actor.role == "patient" else "Rated so far", icon="stethoscope")
        for one in reversed(found):
            parts.ask(f"{moments.plain(one.doctor) or GONE}, {moments.day(one.rated_at, zone)}", f"{signs(one)}. {_area(one)}")
            if said := scored(one):
                st.markdown(f"**{said}**." + (f" :small[:gray[{NO_EASI}]]" if one.regional is not None else ""))


def table(found: Sequence[Rated]) -> None:
    """Ratings as a table beside what CareLens measured on the same photo, the newest photo first."""
    zone = moments.zone()
    rows = sorted(found, key=lambda one: (one.taken_at, one.rated_at), reverse=True)
    columns = {
        "Photo": [f"{_place(one)}  \n:small[:gray[{moments.day(one.taken_at, zone)}]]" for one in rows],
        "Measured": [severity.share(one.share) if one.share is not None else "" for one in rows],
        "Rated": [f"{signs(one)}  \n:small[:gray[{moments.plain(one.doctor) or GONE}]]" for one in rows],
        "Score": [scored(one) or "signs alone" for one in rows],
    }
    st.table(columns, border="horizontal")


def _place(one: Rated) -> str:
    return Part(one.region, one.side).title if one.region else "Part not said"


def together(found: Sequence[Rated], person: PersonPublic | None, asked: str) -> None:
    """The EASI of one doctor's ratings, or which regions it still needs.

    `asked`: the key of the question for the age where the birth does not tell it; empty: it is not asked, and there is no EASI.
    """
    there = rated.together(found)
    if not there:
        return
    left = rated.missing(found)
    if left:
        needs = parts.listed([REGIONS[region].lower() for region in left])
        says = f"An EASI needs all four parts, on photos of one week, each with its area. Still to rate: {needs}."
        parts.note(f":material/info: {says}")
        return
    last = max(one.taken_at for one in there.values())
    age = rated.age_for_easi(person.birth_date, person.birth_year, last.date()) if person else None
    if age is None:
        age = _age(asked)
    score = None if age is None else rated.easi_of(found, age)
    if score is None or age is None:
        return
    with parts.row():
        st.metric("EASI", f"{score.shown} of 72", width=170)
        st.markdown(f"**{score.band.name}**  \n:small[:gray[By the photos of the week up to {moments.day(last, moments.zone())}]]")
    if age < easi.YOUNG:
        parts.note("Counted for a child under 8: the head weighs more, the legs less.")


def _age(asked: str) -> float | None:
    if not asked:
        parts.note(":material/info: All four parts are rated. An EASI also needs the year of birth: add it on the Account page.")
        return None
    ages = {"Under 8 years": 7.0, "8 years or older": 30.0}
    chosen = st.segmented_control("How old was the patient then? The parts weigh differently in young children.", list(ages), key=asked)
    return ages.get(str(chosen))


def by_doctor(found: Sequence[Rated]) -> list[tuple[str, list[Rated]]]:
    """The ratings of each doctor who is still here, with the name; an EASI is of one of them."""
    known: dict[tuple[str, UUID], list[Rated]] = {}
    for one in found:
        if one.account_id is not None:
            known.setdefault((one.doctor, one.account_id), []).append(one)
    return [(name, own) for (name, _), own in known.items()]

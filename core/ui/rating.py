"""The doctor's rating of eczema: a patient who let them in, photos by part of the body in order, four signs or six."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from uuid import UUID

import streamlit as st

from core.examinations.region_area import area_bands
from core.insight.progress import Measured
from core.instruments import easi, scorad
from core.people import consent
from core.people.policy import Actor
from core.records.findings import list_records, open_record
from core.records.ratings import ratings_of, save_rating
from core.records.record_tables import RecordPublic
from core.records.tables import PersonPublic
from core.ui import history, moments, parts, pictures, progress, progress_photos, rated, severity, trouble
from core.ui.part import REGIONS, SIDED, Part

NOT_SAID = "not_said"
NAMES = REGIONS | {NOT_SAID: "Part not said"}
GRADES = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0)
FOUR, SIX = "Four signs (EASI)", "Six signs (SCORAD)"
CHOSEN = "rate_photo"


def patient(actor: Actor) -> PersonPublic | None:
    """Ask for a patient who let this doctor in; None, with a word why, while there is none or none is chosen."""
    known = {one.id: one for one in consent.patients(actor)}
    if not known:
        parts.empty("key", "Nobody has let you in yet", "Patients choose on their Account page which doctor may see their records.")
        return None
    # With several nobody is opened unasked: what is opened is written down for the patient.
    start = 0 if len(known) == 1 else None
    born = {id: f", born {one.birth_year}" if one.birth_year else "" for id, one in known.items()}
    names = {id: f"{one.display_name}{born[id]}" for id, one in known.items()}
    chosen = st.selectbox("Patient", list(known), start, names.__getitem__, placeholder="Choose a patient", key="rate_patient")
    return known.get(chosen) if chosen is not None else None


def photos(actor: Actor, person_id: UUID) -> list[RecordPublic]:
    """The patient's eczema photos, oldest first."""
    return list_records(actor, person_id, examination=progress.EXAMINATION, limit=progress.MOST)[::-1]


def choose(records: Sequence[RecordPublic]) -> RecordPublic:
    """Ask for the part of the body and the photo; the newest one at first. `records` are not empty."""
    zone = moments.zone()
    by_part: dict[str, dict[UUID, RecordPublic]] = {name: {} for name in NAMES}
    for record in records:
        by_part[record.region or NOT_SAID][record.id] = record
    there = [name for name, own in by_part.items() if own]
    person = records[0].person_id
    count = {name: f"{NAMES[name]} ({len(by_part[name])})" for name in there}
    region = st.segmented_control("Part", there, format_func=count.__getitem__, default=there[0], required=True, key=f"rate_part_{person}")
    own = by_part[str(region)]
    shown: dict[UUID, Measured] = {id: progress.measured(record, zone) for id, record in own.items()}
    key = f"{CHOSEN}_{person}_{region}"
    if (opened := progress_photos.carousel(list(shown.values()), f"rate_{person}_{region}")) and UUID(opened) in own:
        st.session_state[key] = UUID(opened)
    names = {id: f"{progress.when(one.at)}, {progress.name_of(one.place)}: {progress.photo_words(one)}" for id, one in shown.items()}
    if st.session_state.get(key) not in own:
        st.session_state[key] = list(own)[-1]
    chosen: UUID = st.selectbox("Photo to rate", list(own), format_func=names.__getitem__, key=key)
    return own[chosen]


def look(actor: Actor, record: RecordPublic) -> None:
    """The photo with its outline, and what was measured on it."""
    opened = open_record(actor, record.id)
    part = Part(record.region, record.side, record.whole_region)
    when = moments.day(record.taken_at, moments.zone())
    left, right = st.columns([5, 6], gap="medium")
    with left:
        picture, mask = history.photo_of(actor, opened, f"{part.title}, {when}"), opened.finding.masks.get("lesion")
        if mask is not None and mask.any() and record.outline_accepted is not False:
            pictures.lens(picture, pictures.outline_address(mask), "Outline", 90, key=f"rate_lens_{record.id}")
        else:
            st.image(picture.address, width="stretch", alt=picture.alt)
    with right:
        parts.titled(part.title, f"{when}. Measured by CareLens on this photo", "photo_camera")
        severity.write(opened.finding, part, record.corrected)


def hint(record: RecordPublic) -> str:
    """What the photo itself says of the area of its part; empty unless a person confirmed that it shows all of it."""
    numbers = record.facts["numbers"]
    if not record.whole_region or record.region is None or "affected_fraction" not in numbers:
        return ""
    shown = severity.shown(history.finding_of(record), Part(record.region, record.side, True))
    band = area_bands([shown])[record.region].band
    of = f"the {Part(record.region, record.side).title.lower()}" if record.side else REGIONS[record.region].lower()
    return f"The photo shows all of {of}. There CareLens measured band {band} ({easi.AREA_WORDS[band]})."


def rate(actor: Actor, record: RecordPublic) -> None:
    """The form: nothing is chosen in advance, and what was rated before stays."""
    done = len([one for one in ratings_of(actor, record.person_id) if one.record_id == record.id])
    way = st.segmented_control("What do you rate?", (FOUR, SIX), default=FOUR, required=True, key="rate_way")
    key = f"{record.id}_{done}"  # after a rating the form is empty again
    with st.form(f"rate_{way}_{key}"):
        if way == FOUR:
            _four(actor, record, key)
        else:
            _six(actor, record, key)


def _four(actor: Actor, record: RecordPublic, key: str) -> None:
    names = rated.EASI_NAMES
    given = {sign: st.segmented_control(names[sign], GRADES, format_func=_grade, key=f"easi_{sign}_{key}") for sign in easi.SIGNS}
    area = None
    if record.region is not None:
        whole = f"both {REGIONS[record.region].lower()}" if record.region in SIDED else f"{REGIONS[record.region].lower()} as a whole"
        area = st.selectbox(
            f"Area of {whole} that is affected, as you see it", range(7), None, lambda band: f"{band}: {easi.AREA_WORDS[band]}",
            placeholder="Leave empty if you cannot tell", key=f"easi_area_{key}",
        )  # fmt: skip
        if text := hint(record):
            parts.note(f":material/info: {text}")
    if st.form_submit_button("Save my rating", type="primary", icon=":material/check:", key=f"easi_go_{key}"):
        signs = {sign: grade for sign, grade in given.items() if grade is not None}
        trouble.attempt(partial(save_rating, actor, record.id, signs, area=area), "Your rating is saved. The patient sees it.")


def _six(actor: Actor, record: RecordPublic, key: str) -> None:
    names = rated.SCORAD_NAMES | {"dryness": "Dryness, of skin without eczema"}
    given = {sign: st.segmented_control(names[sign], scorad.GRADES, key=f"scorad_{sign}_{key}") for sign in scorad.SIGNS}
    extent = st.number_input(
        "Extent, percent of the whole body (rule of nines)", 0.0, 100.0, None, step=1.0, format="%g",
        placeholder="Leave empty if you cannot tell", key=f"scorad_extent_{key}",
    )  # fmt: skip
    if st.form_submit_button("Save my rating", type="primary", icon=":material/check:", key=f"scorad_go_{key}"):
        signs = {sign: grade for sign, grade in given.items() if grade is not None}
        trouble.attempt(partial(save_rating, actor, record.id, signs, extent=extent), "Your rating is saved. The patient sees it.")


def _grade(grade: float) -> str:
    return f"{grade:g}"


def come_to(actor: Actor, person: PersonPublic) -> None:
    """What this doctor's own ratings come to; those of others are in the table."""
    found = ratings_of(actor, person.id)
    if not found:
        return
    st.subheader("What the ratings come to", anchor=False)
    rated.together([one for one in found if one.account_id == actor.account_id], person, f"rate_age_{person.id}")
    rated.table(found)
    parts.note(f"Score of a part: area band times the sum of its four signs. {rated.NO_EASI}")

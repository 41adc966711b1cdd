"""One photo of the desk, opened: the picture, what the network said, what people said, and a grade of one's own."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import streamlit as st

from core.errors import CareLensError, InvalidInput
from core.examinations.registry import examination
from core.people.policy import Actor, allowed
from core.photo import read_photo
from core.records import screening_batches, screening_grades, screening_patients
from core.records.screening_grades import Listed, OpenPhoto, network_grade
from core.records.screening_tables import EYES
from core.records.times import now
from core.screening import letters
from core.screening.grades import UNGRADABLE, Scale
from core.ui import moments, parts, pictures, trouble
from core.web import downloads

OPENED, LETTER = "_screening_open", "_screening_letter"


def dialog(actor: Actor, photo_id: UUID, scale: Scale) -> None:
    """Open a photo over the page. It stays open, whatever else the page does, until it is closed or something is saved."""
    st.dialog("Photo", width="large", on_dismiss=_closed)(_content)(actor, photo_id, scale)


def _closed() -> None:
    st.session_state.pop(OPENED, None)


def _content(actor: Actor, photo_id: UUID, scale: Scale) -> None:
    with trouble.told():
        try:
            found = screening_grades.open_photo(actor, photo_id)
        except CareLensError:
            listed = next((one for one in screening_grades.list_photos(actor) if one.photo.id == photo_id), None)
            if listed is None:
                raise
            _whose(actor, listed)  # it waits, but whose eye it is can be said already
            return
        one = found.listed
        left, right = st.columns([6, 5])
        with left:
            _picture(found)
        with right:
            _network(one, found, scale)
            _people(found, scale)
            if allowed(actor, "grade_screening"):
                _grade(actor, one, scale)
        _whose(actor, one)
        _letter(actor, one, scale)


def _picture(found: OpenPhoto) -> None:
    pixels = read_photo(found.photo_bytes).pixels
    side = f"{found.listed.photo.side} eye" if found.listed.photo.side else "an eye"
    picture = pictures.photo_picture(pixels, f"Photo of {side}")
    finding = found.finding
    signs = {name: mask for name, mask in finding.masks.items() if name != "disc"} if finding else {}
    layers = {"Photo alone": "", **{f"Outlined: {name}": name for name in signs}}
    if finding is not None and finding.heat is not None:
        layers["What the network looked at"] = "heat"
    chosen = st.selectbox("Show", list(layers), key=f"layer_{found.listed.photo.id}") if len(layers) > 1 else "Photo alone"
    layer = layers.get(chosen or "", "")
    if not layer:
        st.image(picture.address, width="stretch", alt=picture.alt)
    elif layer == "heat" and finding is not None and finding.heat is not None:
        heat = pictures.heat_address(finding.heat, (picture.width, picture.height))
        pictures.lens(picture, heat, "What the network looked at", 60, key=f"heat_{found.listed.photo.id}")
    else:
        address = pictures.outline_address(signs[layer])
        pictures.lens(picture, address, f"Outlined: {layer}", 100, key=f"mask_{layer}_{found.listed.photo.id}")


def _network(one: Listed, found: OpenPhoto, scale: Scale) -> None:
    parts.ask("What the network says")
    said = network_grade(one.photo)
    st.markdown(f"**{scale.name(said)}**" if said else "**No grade**")
    if found.finding is None:
        st.markdown(" ".join(filter(None, (one.photo.reason, one.photo.hint))))
        return
    words = examination(found.finding.examination).words(found.finding)
    st.markdown(words.looks_like)
    if words.sure is not None:
        with st.container(gap="xsmall"):
            st.markdown(words.how_sure)
            st.progress(words.sure)
    parts.next_step(words.step, words.what_next)
    with st.expander("What cannot be excluded, and how we know"):
        st.markdown(words.cannot_exclude)
        st.markdown(words.how_we_know)
    parts.note(words.disclaimer)


def _people(found: OpenPhoto, scale: Scale) -> None:
    if not found.grades:
        return
    parts.ask("What people said")
    for grade in reversed(found.grades):
        why = f"  \n{moments.plain(grade.reason)}" if grade.reason else ""
        when = moments.day_and_time(grade.created_at, moments.zone())
        st.markdown(f"**{scale.name(grade.grade)}** :small[:gray[· {moments.plain(grade.by or 'an account that is gone')}, {when}]]{why}")


def _grade(actor: Actor, one: Listed, scale: Scale) -> None:
    """The own grade: accept the network's, or choose another one and say why."""
    said, key = network_grade(one.photo), str(one.photo.id)
    options = [*scale.labels, UNGRADABLE]
    with st.form(f"grade_{key}", border=True):
        parts.titled("Your grade", "It stands beside the network's. Nothing is written over.", "rate_review")
        start = options.index(said) if said in options else None
        chosen = st.selectbox("Grade", options, start, format_func=scale.name, key=f"chosen_{key}", placeholder="Choose a grade")
        reason = st.text_input("Why, if it is another one", key=f"reason_{key}", max_chars=300, placeholder="New vessels at the disc")
        if st.form_submit_button("Save my grade", type="primary", icon=":material/check:", key=f"save_{key}"):
            trouble.attempt(lambda: _save(actor, one, chosen, reason or "", scale), "Your grade is saved.")


def _save(actor: Actor, one: Listed, chosen: str | None, reason: str, scale: Scale) -> None:
    if chosen is None:
        raise InvalidInput("There is no grade yet.", "Choose one from the list.")
    screening_grades.give_grade(actor, one.photo.id, chosen, reason, labels=scale.labels)
    _closed()


def _whose(actor: Actor, one: Listed) -> None:
    """Whose eye, which one, of which day: said by the file name, or by a person here."""
    if not allowed(actor, "manage_screening"):
        return
    missing = one.photo.patient_id is None or one.photo.side is None
    photo, key = one.photo, str(one.photo.id)
    with st.expander("Whose eye is it?", expanded=missing, icon=":material/help:" if missing else ":material/person:"):
        parts.note(
            f"File: {moments.plain(photo.filename)}" + (f" · {moments.plain(photo.hint)}" if photo.hint and photo.status == "ok" else "")
        )
        patients = {one.id: f"{one.code} {one.name}".strip() for one in screening_patients.list_patients(actor)}
        with st.form(f"whose_{key}", border=False):
            ids = list(patients)
            at = ids.index(photo.patient_id) if photo.patient_id in ids else None
            patient = st.selectbox(
                "Patient", ids, at, format_func=patients.__getitem__, key=f"patient_{key}", placeholder="Choose a patient, or type a number"
            )
            side = st.segmented_control("Eye", EYES, default=photo.side, format_func=str.capitalize, key=f"side_{key}")
            day = st.date_input("Day of the photo", photo.taken_on, max_value=now().date(), key=f"day_{key}", format="DD/MM/YYYY")
            if st.form_submit_button("Save whose eye it is", key=f"whose_save_{key}"):
                trouble.attempt(lambda: _say(actor, photo.id, patient, side, day), "It is noted.")


def _say(actor: Actor, photo_id: UUID, patient_id: UUID | None, side: str | None, day: object) -> None:
    screening_batches.say(actor, photo_id, patient_id=patient_id, side=side, taken_on=day if isinstance(day, date) else None)
    _closed()


def _letter(actor: Actor, one: Listed, scale: Scale) -> None:
    if one.patient is None or one.photo.state != "done":
        return
    with parts.row():
        if st.button("Make the letter of this patient (PDF)", icon=":material/mail:", key=f"letter_{one.photo.id}"):
            name, data = letters.letter_of(actor, one.patient.id, scale, now().date())
            st.session_state[LETTER] = (downloads.offer_bytes(actor.account_id, data, name), name, one.photo.id)
        made = st.session_state.get(LETTER)
        if made is not None and made[2] == one.photo.id and downloads.waiting(made[0]):
            st.link_button(f"Save {made[1]}", made[0], type="primary", icon=":material/download:")

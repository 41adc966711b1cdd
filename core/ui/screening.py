"""The screening desk: which batch, how far it is, the worklist, what comes out of it. Parts of the page, widgets only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from functools import partial
from typing import Any
from uuid import UUID

import streamlit as st

from core.errors import CareLensError
from core.examinations.registry import examination, require
from core.people.policy import Actor, allowed
from core.records import screening_batches, screening_grades
from core.records.screening_batches import Progress
from core.records.screening_grades import Listed, network_grade
from core.records.screening_tables import ScreeningBatchPublic
from core.records.times import now
from core.screening import letters, pool, worklist
from core.screening.grades import Scale
from core.screening.table import write_table
from core.ui import memory, moments, parts, screening_photo, trouble
from core.ui.page import Here
from core.web import downloads

PER_PAGE = 10
FIRST = 4
"""Photos in the strip above the list."""
FILE = "_screening_file"
EVERY = 2.0
"""Seconds between two looks at a batch that is being graded."""


def choose_batch(here: Here) -> ScreeningBatchPublic | None:
    """The batch that is looked at: the newest, unless another was chosen. None, with what to do first, while there is none."""
    known = screening_batches.list_batches(here.actor)
    if not known:
        with parts.empty("ophthalmology", "No photos here yet", "Once photos were added, they are graded here one by one, and listed."):
            if allowed(here.actor, "manage_screening"):
                st.markdown("Start with **Add photos** above.")
            else:
                st.markdown("The people of the screening desk add them.")
        return None
    names = {one.id: f"{moments.plain(one.name)} · {moments.day(one.created_at, moments.zone())}" for one in known}
    ids = list(names)
    wanted = st.session_state.pop("_screening_batch", None)
    if wanted in ids:
        st.session_state["screening_batch"] = wanted
    if len(ids) == 1:
        return known[0]
    chosen = st.selectbox("Which photos", ids, format_func=names.__getitem__, key="screening_batch", label_visibility="collapsed")
    return next((one for one in known if one.id == chosen), known[0])


def status(here: Here, batch: ScreeningBatchPublic, scale: Scale) -> None:
    """The card of a batch: how far it is, kept up to date while it is being graded."""
    running = screening_batches.progress_of(here.actor, batch.id).running and not batch.paused
    st.fragment(_status, run_every=EVERY if running else None)(here, batch, scale, running)


def _status(here: Here, batch: ScreeningBatchPublic, scale: Scale, was_running: bool) -> None:
    with trouble.told():
        progress = screening_batches.progress_of(here.actor, batch.id)
        if was_running and not progress.running:
            st.rerun()
        rows = screening_grades.list_photos(here.actor, batch.id, facts=False)
        with st.container(border=True):
            people = len({one.photo.patient_id for one in rows if one.photo.patient_id})
            with parts.row():
                text = (
                    f"**{moments.plain(batch.name)}** :gray[· {progress.total} files from {people} {'person' if people == 1 else 'people'}]"
                )
                st.markdown(text, width="stretch")
                if progress.running and allowed(here.actor, "manage_screening"):
                    _pause(here.actor, batch)
            _bar(batch, progress)
            _badges(rows, scale)


def _pause(actor: Actor, batch: ScreeningBatchPublic) -> None:
    label, icon = ("Go on", "play_arrow") if batch.paused else ("Pause", "pause")
    if st.button(label, icon=f":material/{icon}:", type="tertiary", key="pause"):
        screening_batches.pause_batch(actor, batch.id, not batch.paused)
        pool.wake()
        st.rerun()


def _bar(batch: ScreeningBatchPublic, progress: Progress) -> None:
    graded = f"**{progress.counts['done']} of {progress.total} graded**"
    if failed := progress.counts["failed"]:
        graded += f" · {failed} could not be read"
    if not progress.running:
        st.markdown(f":material/check_circle: {graded}")
        return
    left = worklist.in_words(worklist.seconds_left(progress, now()))
    more = "paused" if batch.paused else " · ".join(filter(None, (left, "you can close this page")))
    st.progress(progress.over / max(progress.total, 1), f"{graded} · {more}")
    try:
        known = examination(batch.examination)
        require(known.networks, known.title)
    except CareLensError as error:
        trouble.show(error)


def _badges(rows: Sequence[Listed], scale: Scale) -> None:
    done = [one for one in rows if one.photo.state == "done"]
    steps = [worklist.step_of(one, scale) for one in done]
    refer = sum(one.photo.refer for one in done if worklist.grade_of(one) != "ungradable")
    poor = sum(worklist.grade_of(one) == "ungradable" for one in done)
    asked = sum(map(worklist.unclear, rows))
    agreed = worklist.of_network_and_person(rows, scale)
    with parts.row(gap="xsmall"):
        if today := steps.count("today"):
            st.badge(f"{today} today", icon=":material/emergency_home:", color="red")
        if refer:
            st.badge(f"{refer} to refer", icon=":material/event_upcoming:", color="orange")
        if poor:
            st.badge(f"{poor} not gradable", icon=":material/blur_on:", color="gray")
        if asked:
            st.badge(f"{asked} to ask", icon=":material/help:", color="blue")
        if agreed.compared:
            kappa = "" if agreed.kappa is None else f", kappa {agreed.kappa:.2f}"
            st.badge(f"People agree on {agreed.same} of {agreed.compared}{kappa}", icon=":material/handshake:", color="green")


def first(here: Here, rows: Sequence[Listed], scale: Scale) -> None:
    """The few most urgent photos that nobody has seen yet, as pictures."""
    urgent = [
        one for one in worklist.by_urgency(rows, scale)
        if one.photo.has_photo and one.grade is None and worklist.step_of(one, scale) in ("today", "soon")
    ][:FIRST]  # fmt: skip
    if not urgent:
        return
    st.subheader("Look at these first", anchor=False)
    grid = parts.strip(max(len(urgent), FIRST), 190, name="urgent", border=True)
    for one in urgent:
        with grid.cell(), st.container(gap="xsmall"):
            with trouble.told():
                st.image(_small(here.actor, one), width="stretch", alt=f"Photo of {who(one)}, {one.photo.side or 'eye not said'}")
            st.markdown(f"{_dots(one, scale)} **{scale.name(worklist.grade_of(one))}**  \n{who(one)} :small[:gray[· {_eye(one)}]]")
            parts.urgency(worklist.step_of(one, scale), short=True)
            if st.button("Open", key=f"first_{one.photo.id}", icon=":material/open_in_full:"):
                _open(one.photo.id)


def _open(photo_id: UUID) -> None:
    st.session_state[screening_photo.OPENED] = photo_id
    st.rerun()


def who(one: Listed) -> str:
    """Whose photo it is, for the screen."""
    if one.patient is None:
        return "Patient not known"
    return moments.plain(one.patient.name or one.patient.code)


def _eye(one: Listed) -> str:
    day = f" · {one.photo.taken_on.isoformat()}" if one.photo.taken_on else ""
    return f"{one.photo.side + ' eye' if one.photo.side else 'which eye?'}{day}"


def _dots(one: Listed, scale: Scale) -> str:
    level = scale.level(worklist.grade_of(one))
    return parts.dots(level, len(scale.labels) - 1) if level >= 0 else ":material/blur_on:"


def _small(actor: Actor, one: Listed) -> str:
    # Written into the page: given as bytes, Streamlit would serve it at an address that asks nobody who they are.
    return parts.data_url(screening_grades.thumbnail(actor, one.photo.id), "image/jpeg")


def the_list(here: Here, rows: Sequence[Listed], scale: Scale, zone: tzinfo) -> None:
    """The worklist: groups to choose from, ten rows at a time, the most urgent first."""
    grouped = worklist.groups(rows, scale)
    with parts.row(vertical_alignment="bottom"):
        st.subheader("Worklist", anchor=False, width="stretch")
        names = {"": f"All {len(rows)}"} | {name: f"{_short(name)} · {len(some)}" for name, some in grouped.items()}
        chosen = st.pills("Group", list(names), format_func=names.__getitem__, default="", key="group", label_visibility="collapsed")
        search = st.text_input(
            "Find", key="find", placeholder="Number, name or file", icon=":material/search:", width=220, label_visibility="collapsed"
        )
    shown = grouped.get(chosen or "", list(rows)) if chosen else list(rows)
    if word := (search or "").strip().casefold():
        shown = [one for one in shown if word in _searched(one)]
    shown = worklist.by_urgency(shown, scale)
    if not shown:
        st.markdown("Nothing here. Choose another group, or clear the search.")
        return
    pages = -(-len(shown) // PER_PAGE)
    at = min(st.session_state.get("screening_page", 1) or 1, pages)
    doubles = {one.photo.id for group in worklist.twice(rows) for one in group}
    for one in shown[(at - 1) * PER_PAGE : at * PER_PAGE]:
        with trouble.told():
            _row(here.actor, one, scale, one.photo.id in doubles)
    if pages > 1:
        st.pagination(pages, key="screening_page")


def _short(name: str) -> str:
    return {"ungradable": "Not gradable", worklist.NOT_GRADED: "Waiting", worklist.TO_ASK: "To ask", worklist.NOT_READ: "Not read"}.get(
        name, name
    )


def _searched(one: Listed) -> str:
    patient = f"{one.patient.code} {one.patient.name}" if one.patient else ""
    return f"{patient} {one.photo.filename}".casefold()


def _row(actor: Actor, one: Listed, scale: Scale, double: bool) -> None:
    photo = one.photo
    with st.container(border=True, key=f"row_{photo.id}"), parts.row(wrap=False):
        if photo.has_photo:
            st.image(_small(actor, one), width=84, alt=f"Photo of {who(one)}, {_eye(one)}")
        with st.container(gap="xsmall", width="stretch"):
            st.markdown(_says(one, scale, double))
            with parts.row(gap="xsmall"):
                if photo.state == "done":
                    parts.urgency(worklist.step_of(one, scale), short=True)
                if one.grade:
                    mine = f"{one.grade.by or 'A person'}: {scale.name(one.grade.grade)}"
                    st.badge(moments.plain(mine), icon=":material/person_check:", color="green")
                if double:
                    st.badge("Same eye, same day", icon=":material/content_copy:", color="blue")
        ask = worklist.unclear(one) and allowed(actor, "manage_screening")
        if (photo.has_photo or ask) and st.button("Open", key=f"open_{photo.id}", icon=":material/open_in_full:"):
            _open(photo.id)


def _says(one: Listed, scale: Scale, double: bool) -> str:
    photo = one.photo
    name = f":small[:gray[{moments.plain(photo.filename)}]]"
    if photo.state == "failed":
        return f":material/broken_image: **Not read**  \n{moments.plain(photo.reason)} {moments.plain(photo.hint)}  \n{name}"
    whose = f"{who(one)} :small[:gray[· {_eye(one)}]]"
    if photo.state != "done":
        return f":material/hourglass_empty: **Waiting**  \n{whose}  \n{name}"
    said = network_grade(photo)
    sure = (photo.facts or {}).get("probabilities", {}).get(photo.label) if photo.status == "ok" else None
    chance = f" :small[:gray[· sure {moments.percent(sure)}]]" if isinstance(sure, float) else ""
    why = "" if photo.status == "ok" else f"  \n:small[:gray[{moments.plain(photo.reason)}]]"
    dots = parts.dots(scale.level(said), len(scale.labels) - 1) if scale.level(said) >= 0 else ":material/blur_on:"
    return f"{dots} **{scale.name(said)}**{chance}  \n{whose}{why}  \n{name}"


def opened(here: Here, scale: Scale) -> None:
    """The photo that was opened, in a dialog of its own."""
    photo_id = st.session_state.get(screening_photo.OPENED)
    if photo_id is not None:
        screening_photo.dialog(here.actor, photo_id, scale)


def export(here: Here, batch: ScreeningBatchPublic, rows: Sequence[Listed], scale: Scale) -> None:
    """The table and the letters of a batch."""
    st.subheader("Take it along", anchor=False)
    with st.container(border=True), trouble.told():
        parts.note("One table of the whole list, or one page for each patient with both eyes.")
        with parts.row():
            stem = letters.file_stem(batch.name)
            if st.button("Make the table (CSV)", icon=":material/table:", key="make_table"):
                _offer(here.actor, f"{stem}.csv", partial(write_table, rows, scale, batch.examination))
            known = {one.patient.id for one in rows if one.patient is not None and one.photo.state == "done"}
            if known and st.button("Make the letters (PDF)", icon=":material/mail:", key="make_letters"):
                _offer(here.actor, f"{stem}-letters.zip", partial(letters.all_letters, here.actor, rows, scale, now().date()))
        ready(FILE)


def erase(here: Here, batch: ScreeningBatchPublic) -> None:
    """Erase a whole batch, for good."""
    if not allowed(here.actor, "manage_screening"):
        return
    with st.expander("Erase these photos", icon=":material/delete:", key="erase_batch"), st.form("erase_batch_form", border=False):
        sure = st.checkbox(f"Erase all photos, results and grades of {moments.plain(batch.name)}, for good", key="erase_batch_sure")
        if st.form_submit_button("Erase", icon=":material/delete_forever:", key="erase_batch_go"):
            if sure:
                trouble.attempt(lambda: _erase(here.actor, batch.id), "The photos are erased, with all results and grades. Patients stay.")
            else:
                st.warning("Nothing was erased. Tick the box first.", icon=":material/info:")


def _erase(actor: Actor, batch_id: UUID) -> None:
    screening_batches.erase_batch(actor, batch_id)
    memory.forget_screened(actor.account_id)


def _offer(actor: Actor, name: str, make: Any) -> None:
    with st.spinner("Writing it"):
        data = make()
    st.session_state[FILE] = (downloads.offer_bytes(actor.account_id, data, name), name)


def ready(key: str, says: str = "It says who was found to have what: keep it somewhere safe.") -> None:
    """The link to a file that was made and waits to be fetched; `says` what is in it."""
    made: tuple[str, str] | None = st.session_state.get(key)
    if made is not None and downloads.waiting(made[0]):
        st.link_button(f"Save {made[1]}", made[0], type="primary", icon=":material/download:")
        parts.note(f"It is ready for 15 minutes. {says}")

"""Photos for the desk: dropped, read by their names, looked over, and put into the queue."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import streamlit as st

from core.errors import CareLensError
from core.people.policy import Actor
from core.records import screening_batches, screening_patients
from core.records.screening_batches import NewFile
from core.records.screening_patients import code_key
from core.records.times import now
from core.screening import pool
from core.screening.filenames import COMMON, Told, best_pattern, read_name, same_eye_and_day
from core.screening.incoming import Drop, Dropped, look_through
from core.settings import settings
from core.ui import moments, parts, trouble, uploads
from core.ui.page import Here

FILES, FOLDER = "Files or ZIP", "A whole folder"
ROUND = "_screening_round"
SHOWN = 8
"""Names that are listed of a kind; the rest is counted."""


def show(here: Here, examination_id: str) -> None:
    """The whole section."""
    st.subheader("Add photos", anchor=False)
    st.markdown("Drop photos, DICOM files or ZIP files. Each file name says whose eye it is. Up to 2,000 files in one go.")
    how = st.segmented_control("What do you have?", [FILES, FOLDER], default=FILES, required=True, key="drop_how")
    given = _given(how or FILES)
    if not given:
        parts.note("Files are read only once you press the button below. A photo that cannot be read says why; the rest goes on.")
        return
    with trouble.told():
        drop = look_through([(file.name, file) for file in given])
        _tell_drop(drop)
        if drop.files:
            _plan(here.actor, drop, given, examination_id)


def _given(how: str) -> list[Any]:
    round_ = st.session_state.setdefault(ROUND, 0)
    most = settings().max_batch_mb if how == FILES else settings().max_upload_mb
    accept: Any = True if how == FILES else "directory"
    found = st.file_uploader(
        how, accept_multiple_files=accept, max_upload_size=most, key=f"drop_{how}_{round_}", label_visibility="collapsed"
    )
    return list(found or [])


def _tell_drop(drop: Drop) -> None:
    for name, error in drop.refused:
        st.warning(f"**{moments.plain(name)}**: {error.reason} {error.hint}", icon=":material/folder_off:")
    if drop.hidden:
        parts.note(f"{drop.hidden} hidden files of the computer were passed over.")


def _plan(actor: Actor, drop: Drop, given: list[Any], examination_id: str) -> None:
    today = now().date()
    names = [file.name for file in drop.files]
    with st.container(border=True, gap="small"):
        parts.titled("What the file names say", "Nothing is guessed: what is not clear is asked for in the list.", "badge")
        pattern = st.text_input("Pattern of the names", COMMON[0], key="pattern", max_chars=100, help=_help()) or COMMON[0]
        told = [read_name(name, pattern, today) for name in names]
        better = best_pattern(names, today)
        if better and better != pattern and sum(not one.unclear for one in told) < len(names):
            fits = sum(not read_name(name, better, today).unclear for name in names)
            if fits > sum(not one.unclear for one in told):
                parts.note(f"With the pattern `{better}`, {fits} of {len(names)} names would be clear.")
        known = {code_key(one.code) for one in screening_patients.list_patients(actor)}
        new = sorted({one.patient for one in told if one.patient and code_key(one.patient) not in known})
        make_new = bool(new) and st.checkbox(
            f"Add {len(new)} new {'patient' if len(new) == 1 else 'patients'} ({_some(new)})", value=True, key="make_new"
        )
        _tell_names(drop.files, told, bool(new) and not make_new)
        label = st.text_input("Name of these photos", f"Photos of {moments.day(now(), moments.zone())}", key="batch_name", max_chars=100)
        files = f"{len(names)} {'file' if len(names) == 1 else 'files'}"
        if st.button(f"Grade {files}", type="primary", icon=":material/play_arrow:", key="grade_all"):
            with trouble.told():
                _add(actor, drop, told, given, label or "", pattern, examination_id, make_new)


def _help() -> str:
    return (
        "`{patient}` is the patient's number, `{side}` the eye (right, R, OD, RE or left, L, OS, LE), `{date}` the day (2026-03-14 or "
        "20260314), `{any}` anything. Such as `{patient}_{side}` for `P012_left.jpg`."
    )


def _some(names: list[str]) -> str:
    shown = ", ".join(moments.plain(name) for name in names[:SHOWN])
    return f"{shown} and {len(names) - SHOWN} more" if len(names) > SHOWN else shown


def _tell_names(files: tuple[Dropped, ...], told: list[Told], unknown: bool) -> None:
    clear = sum(not one.unclear for one in told)
    people = len({code_key(one.patient) for one in told if one.patient})
    st.markdown(f"**{clear} of {len(told)}** names are clear: {people} {'patient' if people == 1 else 'patients'}.")
    reasons = Counter(reason for one in told for reason in one.unclear)
    for reason, count in reasons.items():
        which = [file.name for file, one in zip(files, told, strict=True) if reason in one.unclear]
        st.markdown(f"- {reason} **{count}**: {_some(which)}")
    if unknown:
        st.markdown("- Numbers that are not on the list of patients stay open, and are asked for.")
    rows: list[tuple[str, str | None, str | None, date | None]] = [
        (file.name, one.patient, one.side, one.taken_on) for file, one in zip(files, told, strict=True)
    ]
    if doubles := same_eye_and_day(rows):
        listed = _some([" and ".join(group[:3]) for group in doubles])
        st.markdown(f"- Two photos of the same eye and day **{len(doubles)}**: {listed}. All are graded.")


def _add(
    actor: Actor, drop: Drop, told: list[Told], given: list[Any], name: str, pattern: str, examination_id: str, new_patients: bool
) -> None:
    files = [NewFile(file.name, file.read, one.patient, one.side, one.taken_on) for file, one in zip(drop.files, told, strict=True)]
    screening_batches.check_count(len(files))
    batch = screening_batches.make_batch(actor, name, examination_id, pattern)
    bar = st.progress(0.0, "Taking the files over. Please keep this page open until that is done.")

    def progress(done: int, of: int) -> None:
        bar.progress(done / of, f"Taking the files over: {done} of {of}. Please keep this page open until that is done.")
        pool.wake()

    try:
        screening_batches.add_files(actor, batch.id, files, new_patients=new_patients, progress=progress)
    except CareLensError:
        pool.wake()
        raise
    pool.wake()
    uploads.forget(given)
    st.session_state[ROUND] += 1
    st.session_state["_screening_batch"] = batch.id
    st.session_state["_screening_view"] = True
    st.rerun()

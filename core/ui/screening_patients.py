"""The patients of the desk: one by one, from a table, linked to an account, erased."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import streamlit as st

from core.people.policy import Actor
from core.records import screening_patients
from core.records.screening_tables import ScreeningPatientPublic
from core.records.times import now
from core.screening.patients_csv import TEMPLATE, read_sheet
from core.ui import memory, moments, parts, table_in, trouble
from core.ui.page import Here

PER_PAGE = 20
CODE = "_screening_code"


def show(here: Here) -> None:
    """The whole section."""
    actor = here.actor
    st.subheader("Patients", anchor=False)
    parts.note("Patients of this desk alone. They need no account, and what other people keep in theirs is not seen here.")
    with st.expander("Add one patient", icon=":material/person_add:", key="add_patient"):
        _add(actor)
    with st.expander("Import a table (CSV)", icon=":material/upload_file:", key="import_patients"):
        _import(actor)
    known = screening_patients.list_patients(actor)
    if not known:
        parts.empty("groups", "No patients yet", "Add one, import a table, or let file names make them when you add photos.")
        return
    word = (st.text_input("Find", key="find_patient", placeholder="Number or name", icon=":material/search:") or "").strip().casefold()
    _listed(actor, [one for one in known if word in f"{one.code} {one.name}".casefold()])


def _fields(key: str, one: ScreeningPatientPublic | None = None) -> tuple[str, str, date | None]:
    code = st.text_input("Number, as file names carry it", one.code if one else "", key=f"{key}_code", max_chars=60, autocomplete="off")
    name = st.text_input("Name, if you like", one.name if one else "", key=f"{key}_name", max_chars=100, autocomplete="off")
    start, today = one.birth_date if one else None, now().date()
    born = st.date_input("Birthday, if you like", start, date(1890, 1, 1), today, key=f"{key}_born", format="DD/MM/YYYY")
    return code or "", name or "", born if isinstance(born, date) else None


def _add(actor: Actor) -> None:
    with st.form("new_patient", border=False, clear_on_submit=False):
        code, name, born = _fields("new_patient")
        if st.form_submit_button("Add this patient", key="new_patient_go"):
            trouble.attempt(lambda: screening_patients.add_patient(actor, code, name, born), "The patient is on the list.")


def _import(actor: Actor) -> None:
    st.markdown("The first line names the columns: `code`, and if you like `name` and `birth_date` (1956-03-14). Others are passed over.")
    st.code(TEMPLATE, language=None)
    file = st.file_uploader("Table of patients", type=["csv", "txt", "tsv"], key="patients_csv", label_visibility="collapsed")
    if file is None:
        return
    with trouble.told():
        sheet = read_sheet(file.getvalue())
        table_in.left_out(sheet.unknown, sheet.bad)
        if sheet.patients and st.button(f"Add {len(sheet.patients)} patients", type="primary", key="import_go"):
            made, there = screening_patients.add_patients(actor, sheet.patients)
            st.success(f"{made} new patients." + (f" {len(there)} were there already and stay as they are." if there else ""))


def _listed(actor: Actor, known: Sequence[ScreeningPatientPublic]) -> None:
    if not known:
        st.markdown("Nobody of this number or name.")
        return
    pages = -(-len(known) // PER_PAGE)
    at = min(st.session_state.get("patients_page", 1) or 1, pages)
    for one in known[(at - 1) * PER_PAGE : at * PER_PAGE]:
        born = f" · born {one.birth_date.isoformat()}" if one.birth_date else ""
        linked = " · linked to an account" if one.linked else ""
        with st.expander(f"{moments.plain(one.code)} {moments.plain(one.name)}{born}{linked}", icon=":material/person:"):
            _one(actor, one)
    if pages > 1:
        st.pagination(pages, key="patients_page")


def _one(actor: Actor, one: ScreeningPatientPublic) -> None:
    key = f"patient_{one.id}"
    with st.form(key, border=False):
        code, name, born = _fields(key, one)
        if st.form_submit_button("Save", key=f"{key}_go"):
            trouble.attempt(lambda: screening_patients.change_patient(actor, one.id, code, name, born), "Saved.")
    _link(actor, one)
    with st.form(f"{key}_erase", border=False):
        sure = st.checkbox("Erase this patient with every photo and result, for good", key=f"{key}_sure")
        if st.form_submit_button("Erase", icon=":material/delete:", key=f"{key}_gone"):
            if sure:
                trouble.attempt(lambda: _erase(actor, one), "The patient is erased, with all photos.")
            else:
                st.warning("Nothing was erased. Tick the box first.", icon=":material/info:")


def _erase(actor: Actor, one: ScreeningPatientPublic) -> None:
    screening_patients.erase_patient(actor, one.id)
    memory.forget_screened(actor.account_id)


def _link(actor: Actor, one: ScreeningPatientPublic) -> None:
    """A code that lets somebody see these results in their own account."""
    if one.linked:
        st.markdown("Somebody sees these results in their own account.")
        if st.button("Take the link back", key=f"unlink_{one.id}"):
            trouble.attempt(lambda: screening_patients.unlink_patient(actor, one.id), "The link is taken back.")
        return
    made: tuple[object, str] | None = st.session_state.get(CODE)
    if made is not None and made[0] == one.id:
        st.markdown(f"Code for **{moments.plain(one.name or one.code)}**: `{made[1]}`")
        parts.note("Give it to nobody else. It works once, for 30 days, on the Account page. It is not shown again.")
    if st.button("Make a code for their own account", icon=":material/link:", key=f"link_{one.id}"):
        with trouble.told():
            st.session_state[CODE] = (one.id, screening_patients.make_link_code(actor, one.id))
            st.rerun()

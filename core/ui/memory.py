"""What the running server remembers of people outside the database: pictures for the screen, photos on desks, uploads, archives.

What was erased must not live on there either, in no tab of the account.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

import streamlit as st
from streamlit.runtime import Runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.records import thumbnails
from core.ui.checking import Desk
from core.ui.session import WHO
from core.web import downloads


def forget_saved(account_id: UUID, records: Collection[UUID] | None = None) -> None:
    """Drop the photos of saved findings (None: of all): from every desk, and what is kept for the screen."""
    for state in _tabs(account_id):
        for desk in _desks(state):
            for check in [one for one in desk.checks if one.record_id is not None and (records is None or one.record_id in records)]:
                desk.remove(check)


def forget_screened(account_id: UUID) -> None:
    """Drop what is kept of the screening desk's photos: pictures for the screen, and the account's tables and letters."""
    st.cache_data.clear()
    downloads.forget(account_id)


def forget_person(account_id: UUID, person_id: UUID) -> None:
    """Drop everything on the desks and in the forms of a person, and what is kept for the screen."""
    for state in _tabs(account_id):
        for desk in _desks(state):
            if desk.person_id == person_id:
                desk.start_over()
        if "forms" in state:
            for known in [known for known in state["forms"] if known[0] == person_id]:
                del state["forms"][known]


def forget_account(account_id: UUID) -> None:
    """Drop everything that any tab of an account holds."""
    for state in _tabs(account_id):
        state.clear()


def _desks(state: Any) -> set[Desk]:
    held = [state[name] for name in list(state) if str(name).endswith(("_desk", "_desks"))]
    return {desk for one in held for desk in (one.values() if isinstance(one, dict) else [one]) if isinstance(desk, Desk)}


def _tabs(account_id: UUID) -> Iterator[Any]:
    """Drop what belongs to no one page; then the state of every tab of the account, this one first, also those that are just offline."""
    st.cache_data.clear()  # pictures of everyone, made anew from the store when somebody looks
    thumbnails.forget()
    downloads.forget(account_id)
    yield st.session_state
    manager = getattr(Runtime.instance(), "_session_mgr", None) if Runtime.exists() else None
    if manager is None:  # a page alone, without a server
        return
    here = get_script_run_ctx()
    for info in manager.list_sessions():
        state = info.session.session_state
        if WHO in state and state[WHO] == account_id:
            Runtime.instance().uploaded_file_mgr.remove_session_files(info.session.id)
            if here is None or info.session.id != here.session_id:
                yield state

"""Errors as sentences: what happened and what to do, never a stack trace."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from core.errors import CareLensError, Unavailable
from core.ui import parts

log = logging.getLogger("carelens.ui")


def show(error: CareLensError) -> None:
    """The error in a box: the reason, the hint, and that nothing saved is lost when a part is down."""
    with st.container(border=True, gap="small"):
        parts.titled(error.reason, icon="info")
        if error.hint:
            st.markdown(error.hint)
        if isinstance(error, Unavailable):
            parts.note("Nothing you saved is lost.")


@contextmanager
def told() -> Iterator[None]:
    """Run a piece of a page; an error meant for people is shown in its place and the page goes on."""
    try:
        yield
    except CareLensError as error:
        log.info("shown to a person: %s", type(error).__name__)
        show(error)


_SAID = "_said"


def attempt(what: Callable[[], object], said: str) -> None:
    """What a form does: do it and say so on the fresh page (`say`), or say in a sentence why it could not be done."""
    try:
        what()
    except CareLensError as error:
        refused(error)
        return
    will_say(said)
    st.rerun()


def will_say(said: str) -> None:
    """Keep a sentence for the fresh page (`say`)."""
    st.session_state[_SAID] = said


def refused(error: CareLensError) -> None:
    """Why a form was not accepted, under its button."""
    st.warning(f"**{error.reason}** {error.hint}", icon=":material/info:")


def say() -> None:
    """Say once what `attempt` did, or what was kept for here."""
    if said := st.session_state.pop(_SAID, None):
        st.success(said, icon=":material/check_circle:")


def on_script_error(error: Exception) -> bool:
    """The last net under every page: a person sees a sentence, the log gets the rest. True: it is dealt with."""
    if isinstance(error, CareLensError):
        log.info("shown to a person: %s", type(error).__name__)
        show(error)
    else:
        log.error("a page failed", exc_info=error)
        show(
            Unavailable(
                "Something went wrong on our side.", "Load the page again. If it happens again, tell the clinic that runs CareLens."
            )
        )
    return True

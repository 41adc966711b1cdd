"""The video visit on the Messages page: the element that calls, and the address that leads back into the call after a reload."""

from __future__ import annotations

import streamlit as st

from core.people.policy import Actor
from core.records import conversations
from core.records.conversations import Talk
from core.ui import parts, talking

PARAMETER = "call"
"""Of the page's address: the conversation whose call is open. It opens nothing to anybody else."""
_SHOWN = "call_shown"


def remember(actor: Actor) -> None:
    """Before the page asks with whom: after a reload, with those of the call that was open."""
    asked = st.query_params.get(PARAMETER)
    if asked and _SHOWN not in st.session_state:
        talk = next((one for one in conversations.talks(actor) if str(one.id) == asked), None)
        if talk is not None:
            st.session_state[talking.CHOSEN], st.session_state[_SHOWN] = talking.pair_of(talk), True


def show(actor: Actor, talk: Talk) -> None:
    """The switch, and when it is on, the call. Picture and sound go from browser to browser and are not recorded."""
    if not talk.open or talk.doctor_id is None:
        return
    on = st.toggle("Video visit", key=_SHOWN)
    if not on:
        st.query_params.pop(PARAMETER, None)
        return
    id = talk.id or conversations.begin(actor, talk.person_id, talk.doctor_id)
    st.query_params[PARAMETER] = str(id)
    with st.container(border=True, key="call_box"):
        parts.element("call", data={"id": str(id)}, key=f"call_{id}")
        parts.note("Nothing is recorded. The other side has to open the video visit, too: write a message if they are not there.")

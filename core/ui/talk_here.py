"""The panel of messages and video on a patient's own page, so that all of a visit is on one page."""

from __future__ import annotations

from uuid import UUID

import streamlit as st

from core.people.policy import Actor
from core.records import conversations
from core.records.conversations import Talk
from core.ui import talking, video

_WITH = "talk_here_with"


def show(actor: Actor, person_id: UUID) -> None:
    """The panel, for the two sides; nothing where there is nobody to talk to.

    What is in it is drawn only while it is open: messages count as read when somebody can see them.
    """
    video.remember(actor)
    known = {talk.doctor_id: talk for talk in conversations.talks(actor, person_id) if talk.doctor_id is not None and talk.open}
    if not known:
        return
    unread = sum(talk.unread for talk in known.values())
    called = any(str(talk.id) == st.query_params.get(video.PARAMETER) for talk in known.values())
    label = "Messages and video" + (f" ({unread} new)" if unread else "")
    box = st.expander(label, icon=":material/forum:", expanded=called, on_change="rerun", key=f"talk_here_{person_id}")
    with box:
        if box.open:
            talk = _chosen(actor, known)
            video.show(actor, talk)
            talking.conversation(talking.pair_of(talk))


def _chosen(actor: Actor, known: dict[UUID, Talk]) -> Talk:
    """The doctor's own; of a patient's the one that was called, chosen, or has news."""
    if len(known) == 1:
        return next(iter(known.values()))
    called = next((id for id, talk in known.items() if str(talk.id) == st.query_params.get(video.PARAMETER)), None)
    if st.session_state.get(_WITH) not in known:
        st.session_state[_WITH] = called or next(iter(known))
    return known[st.selectbox("With whom?", list(known), format_func=lambda id: talking.name_of(actor, known[id]), key=_WITH)]

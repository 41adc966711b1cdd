"""The Messages page: with whom, what was written, and what to point to."""

from __future__ import annotations

from functools import partial
from uuid import UUID, uuid4

import streamlit as st

from core.consult import lines
from core.errors import CareLensError
from core.people.policy import Actor
from core.records import conversations, findings, messages
from core.records.conversations import Talk
from core.records.message_tables import LONGEST
from core.ui import moments, parts, session, trouble
from core.ui.check_page import TYPES
from core.web import talk as route

CHOSEN = "talk_chosen"
"""Key of the pair that is open: (person, doctor); other pages set it to lead here."""
FINDINGS = 20
"""Findings to choose from, the newest."""

ACCEPT = ",".join(["image/*", *(f".{kind}" for kind in TYPES)])
"""What the browser offers to choose from."""

_FINDING, _FAILED, _PAGE = "talk_finding", "_talk_failed", "_talk_page"

Pair = tuple[UUID, UUID | None]


def pair_of(talk: Talk) -> Pair:
    """What a conversation is known by before it has an id."""
    return talk.person_id, talk.doctor_id


def name_of(actor: Actor, talk: Talk) -> str:
    """Whom one talks to; with whose it is, for an account that acts for several."""
    if actor.role == "doctor":
        return talk.person
    doctor = talk.doctor or "A doctor who left the clinic"
    return f"{doctor}, about {talk.person}" if len(actor.person_ids) > 1 else doctor


def choose(actor: Actor) -> Talk | None:
    """Ask with whom; None, with a word what to do first, where there is nobody. The one with news is first."""
    known = {pair_of(talk): talk for talk in conversations.talks(actor)}
    if not known:
        patient = actor.role == "patient"
        parts.empty(
            "forum",
            "Nobody to write to yet",
            "Let a doctor in on your Account page. Then you can write to each other here."
            if patient
            else "Patients choose on their Account page which doctor they let in. Then you can write to each other here.",
        )
        return None
    names = {pair: _label(actor, talk) for pair, talk in known.items()}
    if st.session_state.get(CHOSEN) not in known:
        # A doctor with several patients chooses: nobody's messages count as seen because they happened to be first.
        st.session_state[CHOSEN] = next(iter(known)) if len(known) == 1 or actor.role == "patient" else None
    if len(known) > 1:
        st.selectbox("With whom?", list(known), format_func=names.__getitem__, placeholder="Choose a patient", key=CHOSEN)
    chosen = st.session_state[CHOSEN]
    return known[chosen] if chosen is not None else None


def _label(actor: Actor, talk: Talk) -> str:
    return name_of(actor, talk) + (f" ({talk.unread} new)" if talk.unread else "")


@st.fragment
def conversation(pair: Pair) -> None:
    """What was written, newest at the bottom, and the line to write in.

    What comes later the element in the browser fetches itself (`core.web.talk`), and what is written it sends itself (`core.web.say`),
    without a run of the page. It has this part of the page run again only when something else is to be drawn: who was shut out, or let
    in again, and when it cannot fetch; and to begin a conversation with its first message.
    """
    with trouble.told():
        actor = session.actor()
        if actor is None:
            st.info("You are not signed in any more. Load the page again.", icon=":material/lock:")
            return
        # Asked anew at every run: who was shut out meanwhile sees nothing more.
        talk = conversations.talk_with(actor, *pair)
        if talk is None:
            parts.empty("lock", "You are not let in any more", "The patient has taken it back. What was written stays with them.")
            return
        if (failed := st.session_state.pop(_FAILED, None)) is not None:
            trouble.refused(failed)
        _messages(actor, talk)
        if not talk.open:
            parts.note(
                "This doctor is not let in any more, or is not here now. You can read what was written, let them in again on your Account "
                "page, or call the clinic."
            )
            return
        _findings(actor, pair)


def _messages(actor: Actor, talk: Talk) -> None:
    told, seen = lines.look(actor, talk)
    # Of one page of one account in one conversation: what the element keeps goes to nobody else.
    page = st.session_state.setdefault(_PAGE, uuid4().hex)
    data = told | {"id": " ".join(map(str, (page, actor.account_id, *pair_of(talk)))), "conversation": str(talk.id) if talk.id else None}
    data |= {"route": route.address(talk.id) if talk.id else None, "side": messages.side_of(actor)}
    data |= {"longest": LONGEST, "accept": ACCEPT}
    parts.element("talk", data=data, key="talk", on_news_change=lambda: None, on_begin_change=partial(_begin, actor, pair_of(talk)))
    if seen and talk.id is not None:
        messages.mark_read(actor, talk.id, seen)


def _begin(actor: Actor, pair: Pair) -> None:
    """Begin the conversation, for a message that waits in the element; or keep why not for the page to say."""
    try:
        session.still(actor)
        conversations.begin(actor, pair[0], pair[1] or actor.account_id)
    except CareLensError as error:
        st.session_state[_FAILED] = error


def _findings(actor: Actor, pair: Pair) -> None:
    with st.popover("Point to a finding", icon=":material/attach_file:", on_change="rerun", key="talk_findings") as opened:
        if opened.open:  # not before: a doctor's look at the list is written down for the patient
            with trouble.told():
                _point(actor, pair)


def _point(actor: Actor, pair: Pair) -> None:
    known = {one.id: one for one in findings.list_records(actor, pair[0], limit=FINDINGS)}
    if not known:
        parts.note("There are no findings yet.")
        return
    zone = moments.zone()
    names = {id: f"{(one.site or one.examination).capitalize()}, {moments.day(one.taken_at, zone)}" for id, one in known.items()}
    st.selectbox("Which finding?", list(known), None, names.__getitem__, placeholder="Choose one", key=_FINDING)
    st.button("Send it", type="primary", icon=":material/send:", key="talk_point", on_click=_pointed, args=(actor, pair))


def _pointed(actor: Actor, pair: Pair) -> None:
    if (chosen := st.session_state.get(_FINDING)) is None:
        return
    try:
        session.still(actor)
        id = conversations.begin(actor, pair[0], pair[1] or actor.account_id)
        messages.send_message(actor, id, record_id=chosen)
    except CareLensError as error:
        st.session_state[_FAILED] = error

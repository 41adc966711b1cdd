"""Who a page is for: the chooser at the top of the pages of an account that acts for several persons."""

from __future__ import annotations

from uuid import UUID

import streamlit as st

from core.errors import CareLensError, NotAllowed
from core.people import persons
from core.people.policy import Actor
from core.records.tables import PersonPublic
from core.ui import moments, parts, session, trouble

_CHOSEN, _WIDGET, _TROUBLE = "_person", "whom", "_person_trouble"


def choose(actor: Actor) -> PersonPublic | None:
    """Ask who it is for, and return them; None, and nothing on the page, where there is nothing to choose.

    Every tab keeps its own answer. A tab that is opened or loaded anew begins with the person this browser
    was last used for, or else with the account's holder.
    """
    if len(actor.person_ids) < 2:
        return None
    known = {person.id: person for person in persons.persons(actor)}
    first = next(iter(known))
    now = next((id for id in (st.session_state.get(_CHOSEN), actor.chosen_person_id) if id in known), first)
    st.session_state[_CHOSEN] = st.session_state[_WIDGET] = now
    names = {id: _name(person) for id, person in known.items()}
    with st.container(border=True, key="whom_box", gap="small"):
        st.pills(
            "Who is this for?", list(known), format_func=names.__getitem__, required=True, key=_WIDGET, on_change=_changed, args=(actor,)
        )
        parts.titled(f"For {moments.plain(known[now].display_name)}", icon="person")
        if isinstance(error := st.session_state.pop(_TROUBLE, None), CareLensError):
            trouble.refused(error)
    return known[now]


def remembered(actor: Actor) -> UUID:
    """The person of an account with several, where the page does not ask: the one chosen last, or the holder."""
    for id in (st.session_state.get(_CHOSEN), actor.chosen_person_id):
        if id in actor.person_ids and isinstance(id, UUID):
            return id
    return persons.persons(actor)[0].id


def _name(person: PersonPublic) -> str:
    you = " (you)" if person.relation == "self" else ""
    return moments.plain(person.display_name) + you


def _changed(actor: Actor) -> None:
    """Note the choice before the page runs; what was open belonged to somebody else."""
    try:
        session.still(actor)
        chosen = st.session_state[_WIDGET]
        if chosen not in actor.person_ids:
            raise NotAllowed("This person is not one of your account.", "Load the page again.")
        persons.choose(actor, chosen)
        st.session_state[_CHOSEN] = chosen
        st.query_params.clear()
    except CareLensError as error:
        st.session_state[_TROUBLE] = error

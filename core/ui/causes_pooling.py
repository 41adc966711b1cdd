"""Whether one's severity may help to foretell that of others: a switch that saves at once, and what the forecast starts from."""

from __future__ import annotations

from uuid import UUID

import streamlit as st

from core.errors import CareLensError
from core.insight import forecast_words
from core.insight.forecast import Forecast
from core.people.policy import Actor, allowed
from core.records import pooled, pooling
from core.ui import parts, session, trouble
from core.ui.causes import Desk

LABEL = "The severity in this diary may help to foretell that of others"
_TOLD = "_pooling_told"


def show(desk: Desk, found: Forecast | None) -> None:
    """The quiet part at the end of the view. `found`: the forecast that is shown, None without one."""
    with st.container(border=True, gap="small", key="pooling"):
        parts.titled("Learning from each other", icon="diversity_3")
        if allowed(desk.actor, "share_person", desk.person_id):
            with trouble.told():
                _ask(desk.actor, desk.person_id)
        if found is not None:
            parts.note(forecast_words.start(found))


def _ask(actor: Actor, person_id: UUID) -> None:
    name = f"pooling_{person_id}"
    # Before every drawing what the database says, for it may have refused, or another tab may have changed it.
    st.session_state[name] = pooling.agreed(actor, person_id)
    st.toggle(LABEL, key=name, on_change=_say, args=(actor, person_id, name))
    told = st.session_state.pop(_TOLD, None)
    if isinstance(told, CareLensError):
        trouble.refused(told)
    parts.note(forecast_words.pooling(pooled.LEAST))


def _say(actor: Actor, person_id: UUID, name: str) -> None:
    wanted = bool(st.session_state[name])
    try:
        session.still(actor)
        (pooling.agree if wanted else pooling.take_back)(actor, person_id)
    except CareLensError as error:
        st.session_state[_TOLD] = error

"""What is due, said on Home: the POEM of the week for those who follow their eczema."""

from __future__ import annotations

import streamlit as st

from core.records import findings, scores
from core.ui import menu, parts, poem_result
from core.ui.page import Here
from core.ui.poem_result import INSTRUMENT, today


def show(here: Here) -> None:
    """Remind of the POEM of this week, or say that it is done. Nobody who never followed an eczema is reminded."""
    known = scores.list_scores(here.actor, here.person_id, INSTRUMENT)
    begun = scores.draft(here.actor, here.person_id, INSTRUMENT) is not None
    follows = known or begun or findings.count_records(here.actor, here.person_id, examination="eczema")
    if not follows:
        return
    with st.container(border=True, key="poem_due"), parts.row(wrap=False):
        if not poem_result.due(known, today()):
            last = known[-1]
            score = "not scored" if last.total is None else f"{last.total:g} of 28"
            parts.titled("Your POEM of this week is done", f"{score}. The next one is for next week.", "check_circle")
            return
        below = "You began it. Your answers were kept." if begun else "Seven short questions about the last seven days."
        parts.titled("Your weekly POEM is due", below, "event_repeat")
        if st.button("Go on" if begun else "Fill it in", type="primary", icon=":material/edit_note:", key="go_poem"):
            st.switch_page(menu.ECZEMA.path)

"""What doctors rated, on the Progress page: each doctor's EASI where there is one, and every rating beside the photo's own number."""

from __future__ import annotations

from uuid import UUID

import streamlit as st

from core.people.persons import persons
from core.people.policy import Actor
from core.records.ratings import ratings_of
from core.ui import moments, parts, rated


def show(actor: Actor, person_id: UUID) -> None:
    """The whole part; nothing where nobody rated anything."""
    found = ratings_of(actor, person_id)
    if not found:
        return
    st.subheader("What your doctor rated", anchor=False)
    person = next((one for one in persons(actor) if one.id == person_id), None)
    for name, own in rated.by_doctor(found):
        with st.container(gap="xsmall"):
            parts.note(f"By {moments.plain(name)}")
            rated.together(own, person, "")
    rated.table(found)
    parts.note(f"Score of a part: the area it covers times four signs. {rated.NO_EASI} What CareLens measures on a photo is neither.")

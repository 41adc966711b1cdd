"""How we know: what each network can do, measured on photos it had never seen, and what it cannot do."""

from __future__ import annotations

import streamlit as st

from core.errors import CareLensError
from core.ui import evidence_clinic, guard, parts, trouble
from core.ui.evidence_sections import network
from core.ui.page import page
from core.vision.card import card_ids
from core.vision.registry import states

SHORT = {
    "skin_lesion": "What the spot is",
    "lesion_outline": "The outline",
    "skin_condition": "Rashes and spots by phone",
    "eczema_outline": "Affected skin",
    "retina_grade": "Diabetes in the eye",
    "retina_lesions": "Signs in the eye",
    "retina_disc": "Where the disc is",
    "retina_quality": "Good enough to grade",
    "photo_kind": "The kind of photo",
}

here = page("How we know", allow=guard.EVERYONE, width=1100)

with here.column:
    st.title("How we know", anchor=False)
    parts.lead("A network is a program that learned from photos. Here is how well each one does, and where it fails.")
    ids = sorted(card_ids(), key=lambda id: (list(SHORT).index(id) if id in SHORT else len(SHORT), id))
    if not ids:
        parts.empty("fact_check", "No network is installed", "Its figures will stand here. Until then no photo is examined.")
        st.stop()
    names = {id: SHORT.get(id, id.replace("_", " ").capitalize()) for id in ids}
    chosen = st.pills("Which network?", ids, default=ids[0], required=True, format_func=names.__getitem__, key="network")
    try:
        network(str(chosen), states().get(str(chosen)))
    except CareLensError as error:
        trouble.show(error)
    evidence_clinic.show(here.actor, str(chosen))

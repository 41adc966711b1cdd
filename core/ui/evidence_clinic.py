"""The section of "How we know" for doctors: how right a network was on this clinic's own patients, by what was found out later."""

from __future__ import annotations

import streamlit as st

from core.examinations.registry import examinations
from core.insight.outcomes import Share, agreement
from core.people.policy import Actor, allowed
from core.records.sign_offs import clinic_outcomes
from core.ui import moments, parts, trouble
from core.ui.timeline_sources import label_name

NAMING = ("skin_lesion", "skin_condition", "retina_grade")
"""The networks that name what a photo shows; outcomes say nothing of the others."""
FEW = 30
FEWEST = 5
"""Outcomes from which numbers are told: of fewer a doctor could read what one patient has, who may let them in no more."""


def show(actor: Actor, network: str) -> None:
    """What the outcomes say; nothing for everybody but doctors, and for a network that names nothing."""
    if network not in NAMING or not allowed(actor, "read_outcomes"):
        return
    examination = next((id for id, one in examinations().items() if network in one.networks), None)
    if examination is None:
        return
    st.subheader("In this clinic", anchor=False)
    with trouble.told():
        found = agreement(clinic_outcomes(actor, examination))
        if found is None:
            what = "Open a finding in a patient's timeline and say what it turned out to be. From then on it counts here."
            parts.empty("verified", "No outcome is known yet", what)
            return
        n = found.named.n
        if n < FEWEST:
            known = f"{n} {'outcome is' if n == 1 else 'outcomes are'} known"
            parts.empty("verified", known, f"Numbers are told from {FEWEST} on, so that they are nobody's in particular.")
            return
        of = f"Of {n:,} {'finding' if n == 1 else 'findings'} with a known outcome"
        st.markdown(f"{of}, the network named **{found.named.k:,}** as what they were: {_in_words(found.named)}.")
        st.markdown(f"What it was stood among what could not be excluded in **{found.kept.k:,}**: {_in_words(found.kept)}.")
        columns = {
            "What it was": [moments.plain(label_name(examination, name)) for name, _, _ in found.by_class],
            "Findings": [str(named.n) for _, named, _ in found.by_class],
            "Named so": [_cell(named) for _, named, _ in found.by_class],
            "Not excluded": [_cell(kept) for _, _, kept in found.by_class],
        }
        st.table(columns, border="horizontal")
        if n < FEW:
            parts.note(f"Fewer than {FEW} outcomes say little: look at the intervals.")
        parts.note("Doctors look closer at what worries them, so these findings are no fair sample of all. Intervals: 95 %, by Wilson.")


def _in_words(share: Share) -> str:
    low, high = share.interval
    return f"{moments.exact_percent(share.value)} (95 % interval: {moments.exact_percent(low)} to {moments.exact_percent(high)})"


def _cell(share: Share) -> str:
    low, high = share.interval
    return f"{share.k} of {share.n}  \n:small[:gray[{moments.exact_percent(low)} to {moments.exact_percent(high)}]]"

"""A doctor's open page notices within seconds that the patient let them in for something else, or took it back."""

from __future__ import annotations

import logging
from uuid import UUID

import streamlit as st

from core.errors import Unavailable
from core.people.policy import Actor
from core.people.sessions import actor_of
from core.ui import session

log = logging.getLogger("carelens.ui")

EVERY = 3.0
"""Seconds between two looks; every click looks anyway."""


def seen(actor: Actor | None, person_id: UUID) -> frozenset[str]:
    """Which kinds of a person's records the actor sees; none for nobody."""
    return frozenset(kind for person, kind in actor.sees if person == person_id) if actor else frozenset()


def watch(actor: Actor, person_id: UUID) -> None:
    """Keep this page true to what the person lets its doctor see: when that changes it runs anew, and asks who may see it."""
    st.fragment(_look, run_every=EVERY)(actor, person_id)


def _look(actor: Actor, person_id: UUID) -> None:
    try:
        now = actor_of(session.token())
    except Unavailable:
        log.info("not asked whether a patient is still let in, the database is busy")  # the next look asks again
        return
    if seen(now, person_id) != seen(actor, person_id):
        st.rerun()

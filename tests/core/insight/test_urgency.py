"""Who comes first: by the most urgent reason, each kind said once, and nothing of chance."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from core.insight.urgency import KINDS, Patient, Reason, Waiting, matching, placed, reasons

NOW = datetime(2026, 3, 1, tzinfo=UTC)
FINDINGS = st.builds(
    lambda check, step, days: Waiting(check, step, NOW - timedelta(days=days)),
    st.sampled_from(("skin", "condition", "eczema", "retina")),
    st.sampled_from(("soon", "today")),
    st.integers(0, 400),
)
PATIENTS = st.builds(
    lambda name, waiting, poem, due: Patient(uuid4(), name, waiting=tuple(waiting), poem=tuple(poem), due=due),
    st.sampled_from(("Ana", "ben", "Cleo")),
    st.lists(FINDINGS, max_size=3),
    st.lists(st.integers(0, 28), max_size=2),
    st.integers(0, 2),
)


def kinds(one: Patient) -> list[str]:
    return [reason.kind for reason in reasons(one)]


def patient(*waiting: Waiting, **more: object) -> Patient:
    return Patient(uuid4(), "Ana", waiting=waiting, **more)  # type: ignore[arg-type]


def test_every_reason_has_its_word() -> None:
    assert kinds(patient(Waiting("skin", "today", NOW))) == ["today"]
    assert kinds(patient(Waiting("condition", "soon", NOW), Waiting("skin", "soon", NOW))) == ["cancer"]
    assert kinds(patient(Waiting("retina", "soon", NOW), Waiting("eczema", "soon", NOW))) == ["retina", "soon"]
    assert kinds(patient(due=1)) == ["task"] and kinds(patient()) == []
    # A rise of less than three points is within the noise of the POEM (core.instruments.poem).
    assert kinds(patient(poem=(12, 10))) == kinds(patient(poem=(8, 12))) == kinds(patient(poem=(20,))) == [] and kinds(
        patient(poem=(12, 8))
    ) == ["poem"]
    (reason,) = reasons(patient(Waiting("skin", "soon", NOW), Waiting("skin", "soon", NOW - timedelta(days=9))))
    assert reason.since == NOW - timedelta(days=9), "since when somebody waits"
    assert [one.kind for one in reasons(patient(due=2), [Reason("message", "2 unread"), Reason("appointment", "on Monday")])] == [
        "message", "task", "appointment",
    ]  # fmt: skip


@given(st.lists(PATIENTS, max_size=8), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_is_that_of_the_reasons_and_of_nothing_else(known: list[Patient], chance: object) -> None:
    found = placed(known)
    assert sorted(one.patient.id for one in found) == sorted(one.id for one in known), "nobody is lost"
    ranks = [KINDS.index(one.reasons[0].kind) if one.reasons else len(KINDS) for one in found]
    assert ranks == sorted(ranks)
    for one in found:
        assert [reason.kind for reason in one.reasons] == sorted({reason.kind for reason in one.reasons}, key=KINDS.index)
    mixed = list(known)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert [one.patient.id for one in placed(mixed)] == [one.patient.id for one in found]


def test_search_and_filter() -> None:
    known = placed([Patient(uuid4(), "Ana Ruiz", 1984, due=1), Patient(uuid4(), "Ben Olsen", 1990), Patient(uuid4(), "Cleo Ruiz", 1984)])

    def names(*args: object) -> list[str]:
        return [one.patient.name for one in matching(known, *args)]  # type: ignore[arg-type]

    assert names("ruiz") == ["Ana Ruiz", "Cleo Ruiz"] and names("RUIZ an") == ["Ana Ruiz"] and names("1990") == ["Ben Olsen"]
    assert names("", ["task", "poem"]) == ["Ana Ruiz"] and names("cleo", ["task"]) == [] and len(names()) == 3

"""What the forms of POEM and PO-SCORAD share: answers kept as a draft at once, the day, and saving one for each week.

Answers are taken over in the run that sees them, not in a callback: one that a newer run stops is never called again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

import streamlit as st

from core.errors import CareLensError, NotAllowed
from core.people import persons
from core.people.policy import Actor
from core.records import scores
from core.records.eczema_tables import ScorePublic
from core.records.tables import PersonPublic
from core.ui import moments, parts, session, trouble
from core.ui.poem_result import today, written

Answer = int | float | None
CHILD_UNDER = 12
"""Years under which a parent is asked. From about this age most children can answer for themselves."""


@dataclass(eq=False)
class Form:
    """A form being filled in. `number` is part of the widgets' keys: a new number empties them."""

    person_id: UUID
    instrument: str
    number: int = 0
    step: int = 0
    answers: dict[str, Answer] = field(default_factory=dict)
    began: datetime | None = None
    """When the draft it goes on from was left."""
    existing: ScorePublic | None = None
    """The score of the same week that saving has met: the person is asked."""
    saved: ScorePublic | None = None
    trouble: CareLensError | None = None

    def key(self, item: str) -> str:
        """The key of an item's widget."""
        return f"{self.instrument}_{item}_{self.person_id}_{self.number}"

    def empty(self) -> None:
        """Begin again with no answer."""
        self.number, self.step, self.answers, self.began = self.number + 1, 0, {}, None
        self.existing = self.saved = self.trouble = None

    def take(self, item: str) -> bool:
        """Take over what is chosen in an item's widget; False where there is nothing new."""
        chosen = st.session_state.get(self.key(item))
        if chosen is None or chosen == self.answers.get(item):
            return False
        self.answers[item] = chosen
        return True


def form_of(actor: Actor, person_id: UUID, instrument: str, items: tuple[str, ...]) -> Form:
    """The form of this person in this session; the first time it goes on from the draft, at the first of `items` left open."""
    forms: dict[tuple[UUID, str], Form] = st.session_state.setdefault("forms", {})
    if (person_id, instrument) not in forms:
        form = Form(person_id, instrument)
        left = scores.draft(actor, person_id, instrument)
        if left is not None:
            form.answers = {item: None if answer is None else tidy(answer) for item, answer in left.answers.items()}
            form.began = left.changed_at
            form.step = next((at for at, item in enumerate(items) if form.answers.get(item) is None), len(items))
        forms[person_id, instrument] = form
    return forms[person_id, instrument]


def person_of(actor: Actor, person_id: UUID) -> PersonPublic:
    """The person the form is about."""
    found = next((person for person in persons.persons(actor) if person.id == person_id), None)
    if found is None:
        raise NotAllowed("This person is not one of your account.", "Load the page again.")
    return found


def finished(actor: Actor, form: Form) -> list[ScorePublic]:
    """All scores of the form's instrument, where its own is shown; one that was deleted in the meantime is shown no more."""
    if form.saved is None:
        return []
    known = scores.list_scores(actor, form.person_id, form.instrument)
    if all(one.id != form.saved.id for one in known):
        form.empty()
    return known


def tidy(answer: float) -> int | float:
    """A whole number as such: the database keeps them all as decimals."""
    return int(answer) if float(answer).is_integer() else answer


def child(person: PersonPublic, now: date) -> bool:
    """Whether a parent answers for this person: a child under `CHILD_UNDER`; where the age is not known, anyone in somebody's care."""
    born = person.birth_date
    if born is not None:
        return now.year - born.year - ((now.month, now.day) < (born.month, born.day)) < CHILD_UNDER
    if person.birth_year is not None:
        return now.year - person.birth_year < CHILD_UNDER
    return person.relation == "guardian"


def keep(actor: Actor, form: Form) -> None:
    """Keep the answers so far as the draft. Without a database the form goes on; only leaving it would lose them."""
    with trouble.told():
        scores.save_draft(actor, form.person_id, form.instrument, form.answers, today=today())


def goes_on(actor: Actor, form: Form) -> None:
    """Say that the form was begun before, and offer to start again."""
    if form.began is None:
        return
    with parts.row():
        day = written(moments.local(form.began, moments.zone()).date())
        parts.note(f":material/edit_note: You began this form on {day}. Your answers were kept.")
        st.button("Start again", type="tertiary", key=form.key("again"), on_click=_discard, args=(actor, form))


def ending(actor: Actor, form: Form, label: str, asked: str, ready: bool, items: tuple[str, ...]) -> None:
    """The day (`asked` in these words), the button to save, and the question whether a score of the same week is replaced."""
    day = st.date_input(asked, today(), format="DD/MM/YYYY", key=form.key("day"))
    if form.existing is not None:
        _ask_to_replace(actor, form, items)
        return
    if form.trouble is not None:
        trouble.refused(form.trouble)
    off, args = not ready or day is None, (actor, form, items, False)
    st.button(label, type="primary", icon=":material/check:", disabled=off, key=form.key("save"), on_click=_save, args=args)


def _ask_to_replace(actor: Actor, form: Form, items: tuple[str, ...]) -> None:
    there = form.existing
    assert there is not None
    total = "not scored" if there.total is None else f"with {there.total:g} points"
    st.warning(f"**You have one of this week already**, of {written(there.day)}, {total}. Replace it?", icon=":material/help:")
    with parts.row():
        args = (actor, form, items, True)
        st.button("Replace it", type="primary", icon=":material/check:", key=form.key("replace"), on_click=_save, args=args)
        st.button("Keep the one I have", type="tertiary", key=form.key("old"), on_click=_discard, args=(actor, form))


def _save(actor: Actor, form: Form, items: tuple[str, ...], replace: bool) -> None:
    form.trouble = form.existing = None
    for item in items:
        form.take(item)  # chosen in the same moment: no run in between took it over
    try:
        session.still(actor)
        day = st.session_state[form.key("day")]
        form.saved = scores.save_score(actor, form.person_id, form.instrument, day, form.answers, replace=replace, today=today())
    except scores.ScoreExists as there:
        form.existing = there.existing
    except CareLensError as error:
        form.trouble = error


def _discard(actor: Actor, form: Form) -> None:
    try:
        session.still(actor)
        scores.discard_draft(actor, form.person_id, form.instrument)
        form.empty()
    except CareLensError as error:
        form.trouble = error

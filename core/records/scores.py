"""Scores of questionnaires, one for each week and instrument, and the one form that is not finished yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel import Session, col, select

from core.errors import InvalidInput, NotFound
from core.instruments import poem, scorad
from core.people.policy import Actor, allowed, require
from core.records.database import reading, transaction
from core.records.eczema_tables import DRAFT, Score, ScoreCreate, ScorePublic
from core.records.erase import bury, finish_quietly
from core.records.openings import note
from core.records.times import not_to_come, now

Answer = int | float | None
Answers = Mapping[str, Answer]

PO_SCORAD = ("extent", *scorad.SIGNS, "itch", "sleep")
"""The questions of the PO-SCORAD. Beside them, the affected share 0-1 of each of `scorad.SITES` may be kept: then they give the extent."""


class ScoreExists(InvalidInput):
    """There is a score of this instrument in the same week. `existing`: that one; saving with `replace` puts the new one in its place."""

    def __init__(self, existing: ScorePublic) -> None:
        super().__init__("There is a score for this week already.", "Replace it, or choose another day.")
        self.existing = existing


@dataclass(frozen=True)
class _Filled:
    """A form: its answers in order, how many are missing, and its total; None: not scored."""

    answers: dict[str, Answer]
    missing: int
    total: float | None


def _poem(answers: Answers, _: bool) -> _Filled:
    whole = {item: _whole(answer) for item, answer in answers.items()}
    scored = poem.score(poem.in_order(whole))
    return _Filled(dict(zip(poem.ITEMS, scored.answers, strict=True)), scored.missing, scored.total)


def _whole(answer: Answer) -> int | None:
    """What came as 3.0 is 3; what is not whole goes on as it is, for the instrument to refuse."""
    return int(answer) if isinstance(answer, float) and answer.is_integer() else answer  # type: ignore[return-value]


def _po_scorad(answers: Answers, draft: bool) -> _Filled:
    if set(answers) - {*PO_SCORAD, *scorad.SITES}:
        raise InvalidInput("The form has no such question.", "Fill in the form from its start.")
    sites = {site: share for site in scorad.SITES if (share := answers.get(site)) is not None}
    given: dict[str, Answer] = {item: answers.get(item) for item in PO_SCORAD}
    if sites:
        given["extent"] = scorad.extent(sites)
    given |= {sign: _whole(given[sign]) for sign in scorad.SIGNS}
    missing = list(given.values()).count(None)
    # What is missing in a draft is looked over; what is there must be right all the same.
    full = {item: 0 if draft and answer is None else answer for item, answer in given.items()}
    if None in full.values():
        raise InvalidInput("There are questions without an answer.", "This form has a score only when all are answered.")
    signs: dict[str, int] = {sign: full[sign] for sign in scorad.SIGNS}  # type: ignore[misc]
    scored = scorad.po_scorad(full["extent"], signs, full["itch"], full["sleep"])  # type: ignore[arg-type]
    return _Filled({**given, **sites}, missing, None if missing else scored.total)


INSTRUMENTS: Mapping[str, Callable[[Answers, bool], _Filled]] = {"poem": _poem, "po_scorad": _po_scorad}
"""How the answers to each instrument are checked and scored; the flag: it is a draft."""


def _filled(instrument: str, answers: Answers, draft: bool) -> _Filled:
    if instrument not in INSTRUMENTS:
        raise InvalidInput("There is no such questionnaire.", f"Choose one of: {', '.join(INSTRUMENTS)}.")
    return INSTRUMENTS[instrument](answers, draft)


def week_of(day: date) -> str:
    """The week of the ISO calendar, Monday to Sunday: `2026-W07`. The last days of a year may be in the first week of the next."""
    calendar = day.isocalendar()
    return f"{calendar.year:04d}-W{calendar.week:02d}"


def save_score(
    actor: Actor, person_id: UUID, instrument: str, day: date, answers: Answers, *, replace: bool = False, today: date | None = None
) -> ScorePublic:
    """Save a finished form; its draft is done with. The total is by the instrument's own rule: None where it gives none.

    `answers`: item to answer; None or not there: left out. `today`: the date on the person's own clock (None: of UTC).
    Raises ScoreExists when there is one of the same ISO week and not `replace`, InvalidInput for a day to come, for a
    form without any answer and for answers that the instrument does not know, NotAllowed, NotFound, Unavailable.
    """
    require(actor, "change_diary", person_id)
    not_to_come(day, today)
    filled = _filled(instrument, answers, False)
    if all(answer is None for answer in filled.answers.values()):
        raise InvalidInput("No question was answered.", "Answer those you can.")
    with transaction() as session:
        there, begun = (_row(session, person_id, instrument, week) for week in (week_of(day), DRAFT))
        if there is not None and not replace:
            raise ScoreExists(ScorePublic.model_validate(there))
        saved = _put(session, there or begun, person_id, instrument, week_of(day), day, filled)
        if there is not None and begun is not None:
            session.delete(begun)
        return saved


def save_draft(
    actor: Actor, person_id: UUID, instrument: str, answers: Answers, day: date | None = None, *, today: date | None = None
) -> ScorePublic:
    """Keep a form that is half filled in place of the draft there was. `day`: None: today. Raises as `save_score` but for ScoreExists."""
    require(actor, "change_diary", person_id)
    day = day or today or now().date()
    not_to_come(day, today)
    filled = _filled(instrument, answers, True)
    with transaction() as session:
        begun = _row(session, person_id, instrument, DRAFT)
        return _put(session, begun, person_id, instrument, DRAFT, day, _Filled(filled.answers, filled.missing, None))


def draft(actor: Actor, person_id: UUID, instrument: str) -> ScorePublic | None:
    """The form that was begun and not finished, if there is one."""
    require(actor, "read_diary", person_id)
    note(actor, person_id, "diary")
    with reading() as session:
        begun = _row(session, person_id, instrument, DRAFT)
        return None if begun is None else ScorePublic.model_validate(begun)


def discard_draft(actor: Actor, person_id: UUID, instrument: str) -> None:
    """Forget the form that was begun; nothing happens when there is none."""
    require(actor, "change_diary", person_id)
    with transaction() as session:
        begun = _row(session, person_id, instrument, DRAFT)
        if begun is None:
            return
        _delete(session, begun)
    finish_quietly()


def list_scores(actor: Actor, person_id: UUID, instrument: str | None = None, since: date | None = None) -> list[ScorePublic]:
    """The finished scores of `since` (with that day) and later, oldest first; of all instruments where none is named."""
    require(actor, "read_diary", person_id)
    note(actor, person_id, "diary")
    query = select(Score).where(Score.person_id == person_id, Score.week != DRAFT)
    if instrument is not None:
        query = query.where(Score.instrument == instrument)
    if since is not None:
        query = query.where(Score.day >= since)
    with reading() as session:
        return [ScorePublic.model_validate(row) for row in session.exec(query.order_by(col(Score.day), col(Score.created_at)))]


def delete_score(actor: Actor, score_id: UUID) -> None:
    """Erase a score for good. NotFound when it is not there for the actor."""
    with transaction() as session:
        row = session.get(Score, score_id)
        if row is None or not allowed(actor, "change_diary", row.person_id):
            raise NotFound("This score does not exist any more.", "Go back to your history.")
        _delete(session, row)
    finish_quietly()


def _row(session: Session, person_id: UUID, instrument: str, week: str) -> Score | None:
    query = select(Score).where(Score.person_id == person_id, Score.instrument == instrument, Score.week == week)
    return session.exec(query).first()


def _put(session: Session, row: Score | None, person_id: UUID, instrument: str, week: str, day: date, filled: _Filled) -> ScorePublic:
    create = ScoreCreate(instrument=instrument, day=day, answers=filled.answers, total=filled.total, missing=filled.missing)
    if row is None:
        row = Score.model_validate(create, update={"person_id": person_id, "week": week})
    else:
        row.sqlmodel_update({**create.model_dump(), "week": week, "changed_at": now()})
    session.add(row)
    session.flush()
    return ScorePublic.model_validate(row)


def _delete(session: Session, row: Score) -> None:
    session.delete(row)
    bury(session, ())

"""Everything of a person in one order: findings of every kind and scores of every questionnaire, the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, tzinfo
from uuid import UUID

import streamlit as st

from core.errors import CareLensError, NotFound
from core.examinations.registry import examinations
from core.instruments import poem, scorad
from core.people.policy import Actor
from core.records import scores
from core.records.eczema_tables import ScorePublic
from core.records.findings import count_records, list_records
from core.records.record_tables import RecordPublic
from core.ui import moments, parts, po_scorad, poem_result, session
from core.ui.progress import SCORES, score_words

LONGEST = 500
"""Findings on a printed page; whoever has more prints a filtered one."""


@dataclass(frozen=True)
class Filter:
    """What is shown: the findings of one spot, of one kind of check or the scores of one questionnaire; None: of all."""

    spot: UUID | None = None
    kind: str | None = None

    @property
    def check(self) -> str | None:
        """The check whose findings are shown; None: of all."""
        return None if self.kind in SCORES else self.kind

    @property
    def findings(self) -> bool:
        """Findings are shown at all."""
        return self.kind not in SCORES

    def shows(self, score: ScorePublic) -> bool:
        """A score is shown. It is of no spot."""
        return self.spot is None and self.kind in (None, score.instrument)


Entry = RecordPublic | ScorePublic


def kinds(known: Sequence[ScorePublic]) -> dict[str, str]:
    """What can be chosen, by its name: every check, and the questionnaires that were filled in."""
    filled = {one.instrument for one in known}
    checks = {id: one.title for id, one in examinations().items()}
    return checks | {id: f"{name} scores" for id, name in SCORES.items() if id in filled}


def moment(entry: Entry, where: tzinfo) -> datetime:
    """When it was, aware; a score counts at the end of its day."""
    return entry.taken_at if isinstance(entry, RecordPublic) else datetime.combine(entry.day, time.max, where).astimezone(UTC)


def count(actor: Actor, person_id: UUID, chosen: Filter, known: Sequence[ScorePublic]) -> tuple[int, int]:
    """How many findings and how many scores there are."""
    found = count_records(actor, person_id, spot_id=chosen.spot, examination=chosen.check) if chosen.findings else 0
    return found, sum(chosen.shows(one) for one in known)


def some(
    actor: Actor, person_id: UUID, chosen: Filter, known: Sequence[ScorePublic], start: int, length: int, where: tzinfo
) -> list[Entry]:
    """The entries from `start` on, the newest first. `known`: every score of the person.

    Findings may be thousands, scores are one a week: so all scores are here, and of the findings only those that can be
    on this page. At most all the scores come before its first one.
    """
    shown = [one for one in known if chosen.shows(one)]
    skipped = max(0, start - len(shown))
    records: list[RecordPublic] = []
    if chosen.findings:
        records = list_records(
            actor, person_id, spot_id=chosen.spot, examination=chosen.check, limit=start + length - skipped, offset=skipped
        )
    entries: list[Entry] = [*records, *shown]
    entries.sort(key=lambda entry: moment(entry, where), reverse=True)
    # A score newer than the first finding read here stands among those skipped, unless none was.
    return entries[start - skipped : start - skipped + length]


def told(findings: int, filled: int) -> str:
    """How much there is: `3 findings and 12 scores, the newest first.`"""
    said = [f"{number} {word}{'' if number == 1 else 's'}" for number, word in ((findings, "finding"), (filled, "score")) if number]
    return f"{parts.listed(said)}, the newest first."


def go_to_score(score_id: UUID | None) -> None:
    """Open a score by its address; None: back to all."""
    st.query_params.clear()
    if score_id is not None:
        st.query_params["score"] = str(score_id)


def asked_score(known: Sequence[ScorePublic]) -> ScorePublic | None:
    """The score that the address names (`?score=`); NotFound when it is none of this person's."""
    named = st.query_params.get("score")
    if not named:
        return None
    found = next((one for one in known if str(one.id) == named), None)
    if found is None:
        raise NotFound("This score does not exist any more.", "Go back to your history.")
    return found


def opened(score: ScorePublic, known: Sequence[ScorePublic]) -> None:
    """One score as the card that was shown when it was filled in, and the answers."""
    if score.instrument == poem_result.INSTRUMENT:
        own = [one for one in known if one.instrument == score.instrument]
        words = poem.wording()
        poem_result.result(score, poem_result.earlier(own, score.day), words)
        given = poem_result.given(score).answers
        said = ["left out" if answer is None else f"{words.answers[answer]} ({answer})" for answer in given]
        st.table({"Question": list(words.names), "Answer": said}, border="horizontal")
        parts.note(f"{words.title}: {words.attribution}. {words.terms}")
    elif score.instrument == "po_scorad":
        po_scorad.result(score, scorad.wording())
    else:
        st.markdown(f"**{moments.plain(score.instrument)}**: {score_words(score)}")


def remove(actor: Actor, score_id: UUID) -> None:
    """Delete a score at the press of a button and go back to all; `history.tell` says how it went."""
    try:
        session.still(actor)
        scores.delete_score(actor, score_id)
        go_to_score(None)
        st.session_state["history_told"] = "Deleted."
    except CareLensError as error:
        st.session_state["history_told"] = error

"""The history as a sheet to print: everything that the filter shows, with its pictures, and nothing to press.

It is written as one piece of HTML: what the app needs on a screen is in nobody's way on paper.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, tzinfo
from html import escape
from uuid import UUID

import streamlit as st

from core.records.eczema_tables import ScorePublic, TreatmentPublic
from core.records.record_tables import RecordPublic, SpotPublic
from core.ui import history, moments, parts
from core.ui.finding_card import examination_title
from core.ui.history_all import Entry, told
from core.ui.poem_result import written
from core.ui.progress import SCORES, score_words
from core.ui.progress_treatments import days_of
from core.web.thumbnails import address
from core.words import unmarked


def sheet(
    name: str,
    chosen: str,
    entries: Sequence[Entry],
    counts: tuple[int, int],
    treatments: Sequence[TreatmentPublic],
    spots: dict[UUID, SpotPublic],
    where: tzinfo,
    today: date,
) -> None:
    """Write the sheet and the button that prints it.

    `name`: whose history it is; `chosen`: the filter in words; `counts`: findings and scores in all.
    """
    parts.element("print", data={"label": "Print this page"}, key="print")
    if sum(counts) > len(entries):
        parts.note(f"Only the newest {len(entries)} are on the page. Choose a spot or a check above to print fewer.")
    rows = [_row(entry, spots, where) for entry in entries]
    head = f"<h2>CareLens: history of {escape(name)}</h2><p>{escape(chosen)} Printed on {written(today)}. {escape(told(*counts))}</p>"
    body = f"<table><thead><tr>{''.join(f'<th>{word}</th>' for word in HEAD)}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    foot = f"<h3>Treatments</h3><ul>{''.join(_treatment(one) for one in treatments)}</ul>" if treatments else ""
    st.html(f'<div class="carelens-sheet">{head}{body}{foot}<p>{LAST}</p></div>')


HEAD = ("When", "What", "Result", "Next step", "Photo")
LAST = (
    "CareLens is not a doctor and gives no diagnosis. Shares are of the skin in each picture. "
    "POEM: © The University of Nottingham, free for non-commercial use."
)


def _row(entry: Entry, spots: dict[UUID, SpotPublic], where: tzinfo) -> str:
    cells = _record(entry, spots, where) if isinstance(entry, RecordPublic) else _score(entry)
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _record(record: RecordPublic, spots: dict[UUID, SpotPublic], where: tzinfo) -> tuple[str, ...]:
    name, when = history.title(record, spots), moments.day(record.taken_at, where)
    images = [address(record.id)]
    if record.has_mask and record.outline_accepted is not False:
        images.append(address(record.id, outline=True, version=int(record.corrected)))
    pictures = "".join(f'<img src="{image}" alt="{escape(name)}, {when}">' for image in images)
    urgency = history.step_words(record)
    return (
        when,
        f"{escape(examination_title(record.examination))}<br>{escape(name)}",
        escape(unmarked(history.headline(record))),
        escape(urgency),
        pictures,
    )


def _score(score: ScorePublic) -> tuple[str, ...]:
    name = SCORES.get(score.instrument, score.instrument)
    left_out = f"<br>{score.missing} left out" if score.missing else ""
    return written(score.day), escape(name), escape(score_words(score)) + left_out, "", ""


def _treatment(one: TreatmentPublic) -> str:
    return f"<li>{escape(one.name)}, {escape(days_of(one))}</li>"

"""What a kept finding says, in one sentence: for a strip, a list, or a message that points to it."""

from __future__ import annotations

import logging

from core.errors import CareLensError
from core.examinations.finding import Finding
from core.examinations.registry import examination
from core.examinations.words import Words
from core.records.record_tables import RecordPublic

log = logging.getLogger("carelens.records")


def words_of(record: RecordPublic) -> Words | None:
    """What a finding says, in words; None when its examination is gone."""
    try:
        return examination(record.examination).words(Finding.from_facts(record.facts))
    except CareLensError as error:
        log.warning("a finding could not be put in words: %s", type(error).__name__)
        return None


def plainly(words: Words | None) -> str:
    """`says` for what draws text as text: without the stars that make words bold on a page."""
    return says(words).replace("**", "")


def says(words: Words | None) -> str:
    """The first sentence of the finding card; a plain one when this examination is gone."""
    return words.looks_like.split(". ")[0].rstrip(".") + "." if words else "Examined. Open your history to read it."

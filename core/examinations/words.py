"""The answer of a finding card, in the order it is read."""

from __future__ import annotations

from dataclasses import dataclass

from core.examinations.finding import Step


@dataclass(frozen=True)
class Words:
    """Plain words (Markdown, no HTML) for one finding.

    `sure` is a probability 0-1 for the bar, None when there is nothing to be sure of (abstained).
    `possibilities`: (name, probability) of every class, most probable first. `when`: the next step in a few words, where the
    house's own words for it do not fit (`Eye doctor in 3 to 6 months`); empty: they do.
    `links`: (title, address) of pages to read on.
    """

    looks_like: str
    how_sure: str
    sure: float | None
    cannot_exclude: str
    step: Step
    what_next: str
    how_we_know: str
    disclaimer: str
    possibilities: tuple[tuple[str, float], ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    when: str = ""

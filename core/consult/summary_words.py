"""The words of a visit summary, the same on paper and in the file for another system."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import replace

from core.examinations.condition_texts import conditions
from core.examinations.finding import Finding
from core.examinations.registry import examinations
from core.examinations.retina_texts import grades
from core.examinations.texts import skin_classes
from core.examinations.words import Words
from core.insight.rated import Rated
from core.instruments import poem, scorad
from core.instruments.rules import Band
from core.records.chart_tables import MedicinePublic
from core.records.eczema_tables import ScorePublic, TreatmentPublic
from core.records.record_tables import RecordPublic
from core.words import unmarked, written

GONE = "A doctor who is no longer here"
REGIONS = {"head_neck": "Head and neck", "arms": "Arms", "trunk": "Trunk", "legs": "Legs", "eye": "Eye"}
INSTRUMENTS: Mapping[str, tuple[str, float, tuple[Band, ...]]] = {
    "poem": ("POEM", float(poem.HIGHEST), poem.BANDS),
    "po_scorad": ("PO-SCORAD", 103.0, scorad.BANDS),
}
"""Of each questionnaire its name, its highest score and its bands."""
OUTCOMES = {"biopsy": "Biopsy", "treatment": "Answer to treatment", "course": "How it went on"}
PARTS = {"observed": "What was seen", "diagnosis": "Diagnosis", "advice": "Advice", "plan": "Treatment plan"}
"""The parts of a note, in their order."""
NETWORK = "What a computer program said of photos"
DISCLAIMER = (
    "What a computer program said of a photo is not a diagnosis, and it can be wrong. CareLens is not a medical device. "
    "Only what stands under the name of a doctor was said by a doctor."
)


def clean(words: str) -> str:
    """Words without what cannot be shown: control characters, halves of letters, invisible marks. Lines stay, blanks are single."""
    kept = "".join(_shown(sign) for sign in unicodedata.normalize("NFC", words.replace("\r\n", "\n").replace("\r", "\n")))
    lines = [" ".join(line.split()) for line in kept.split("\n")]
    return "\n".join(lines).strip()


def _shown(sign: str) -> str:
    if sign in "\n\t":
        return "\n" if sign == "\n" else " "
    return "" if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co", "Cn") else sign


def said_of(record: RecordPublic) -> Words:
    """What the finding card says of a record, without marks; plain general words where its check is gone."""
    known, finding = examinations().get(record.examination), Finding.from_facts(record.facts)
    if known is None:
        gone = "The check that made this finding is not part of CareLens any more."
        return Words(gone, "", None, "", finding.step, "", "", "This is not a diagnosis.")
    words = known.words(finding)
    return replace(
        words,
        looks_like=_plain(words.looks_like),
        how_sure=_plain(words.how_sure),
        cannot_exclude=_plain(words.cannot_exclude),
        what_next=_plain(words.what_next),
        disclaimer=_plain(words.disclaimer),
    )


def _plain(marked: str) -> str:
    return clean(unmarked(marked))


def check_name(examination: str) -> str:
    """What the house calls an examination."""
    known = examinations().get(examination)
    return known.title if known is not None else examination.replace("_", " ").capitalize()


def place_of(record: RecordPublic, spot: str) -> str:
    """Where a finding is, with the person's own name for the spot: `Back (mole by the strap)`; empty where nothing is known."""
    where = record.site or REGIONS.get(record.region or "", "")
    if record.side and record.side not in where.casefold():
        where = f"{where}, {record.side}"
    where = where[:1].upper() + where[1:]
    return f"{where} ({spot})" if where and spot else where or spot


def label_name(examination: str, label: str) -> str:
    """What a class of an examination is called."""
    known: Mapping[str, Mapping[str, object]] = {"skin": skin_classes(), "condition": conditions(), "retina": grades()}
    named = known.get(examination, {}).get(label)
    return str(getattr(named, "name", "")) or (f"Grade {label}" if label.isdigit() else label.replace("_", " ").capitalize())


def score_words(score: ScorePublic) -> str:
    """A score with its band: `9 of 28, moderate eczema`."""
    _, most, bands = INSTRUMENTS.get(score.instrument, (score.instrument, 0.0, ()))
    if score.total is None:
        return "not scored"
    band = next((band.name.lower() for band in reversed(bands) if score.total >= band.low), "")
    return f"{score.total:g}" + (f" of {most:g}" if most else "") + (f", {band}" if band else "")


def rating_words(one: Rated) -> str:
    """What a doctor rated on one photo and what it comes to: `Arms: redness 2, thickness 1. 6 of 72 for this part alone, ...`."""
    signs = ", ".join(f"{sign} {grade:g}" for sign, grade in one.signs.items())
    place = REGIONS.get(one.region or "", "Part not said")
    if one.side:
        place += f", {one.side}"
    if one.regional is not None:
        return f"{place}: {signs}. {one.regional:g} of 72 for this part alone, which is no EASI score."
    return f"{place}: {signs}." + (f" Objective SCORAD {one.scorad.shown} of 83." if one.scorad is not None else "")


def span_of(one: TreatmentPublic | MedicinePublic) -> str:
    """From when to when: `since 3 March 2026`, `3 March 2026 to 9 March 2026`; empty where nothing is known."""
    begin, end = (written(day) if day else "" for day in (one.started_on, one.ended_on))
    if begin and end:
        return f"{begin} to {end}"
    return f"since {begin}" if begin else f"until {end}" if end else ""

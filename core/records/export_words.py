"""The archive of a person's data in words: names of files, the cells of the table, the README in it."""

from __future__ import annotations

import mimetypes
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from core.errors import CareLensError
from core.examinations.finding import Finding
from core.examinations.registry import examination
from core.examinations.words import Words
from core.instruments import poem
from core.records.eczema_tables import DRAFT
from core.records.treatments import KINDS
from core.sheet import guarded

LONGEST = 40
"""Letters of one name in a file name."""

STEPS = {
    "today": "See a doctor today",
    "soon": "See a doctor within 2 weeks",
    "routine": "Show it at your next visit",
    "watch": "Keep an eye on it",
}
QUESTIONS = {
    "new_or_changed": "New or changed in three months?",
    "bleeds_or_does_not_heal": "Bleeds, or does not heal?",
    "unlike_the_others": "Unlike the other spots?",
}
FIRST = (
    "Person", "Taken at (UTC)", "Saved at (UTC)", "Spot", "Place on the body", "Region", "Side", "Whole region?",
    "Check", "Status", "What it looks like", "Label",
)  # fmt: skip
LAST = (
    "Cannot be excluded", "Next step", "Doctor?", *QUESTIONS.values(), "Outline fits?", "Photo", "Outlines", "Corrected outlines",
    "Heat map", "Finding",
)  # fmt: skip
MEASURED = {
    "affected_fraction": "Affected share of the skin in the picture",
    "affected_low": "Affected share, at least",
    "affected_high": "Affected share, at most",
    "redness": "Redness, affected against other skin (CIE a*)",
    "redness_low": "Redness, at least",
    "redness_high": "Redness, at most",
    "skin_fraction": "Share of the picture that is skin",
    "lesions": "Patches",
    "skin_parts": "Parts of skin in the picture",
    "ita": "Tone of the skin (ITA, degrees)",
}
"""What is measured, in words; a number that is not here goes by its own name."""
SIGNS = {"ma": "Microaneurysms", "he": "Haemorrhages", "ex": "Hard exudates", "se": "Soft exudates"}
QUARTERS = {
    f"{up}_{across}": f"{above}, {beside}"
    for up, above in (("superior", "upper"), ("inferior", "lower"))
    for across, beside in (("temporal", "towards the temple"), ("nasal", "towards the nose"), ("left", "left"), ("right", "right"))
}
for _id, _name in SIGNS.items():
    MEASURED |= {_id: _name, f"{_id}_area": f"{_name}, share of the visible eye"}
    MEASURED |= {f"{_id}_{quarter}": f"{_name}, quarter {words}" for quarter, words in QUARTERS.items()}
MEASURED |= {
    "referable": "Chance of grade 2 or more",
    "ex_macular": "Hard exudates near the middle of the retina",
    "left_eye": "Chance that it is a left eye, by the photo",
    "least_grade": "Least grade that the signs allow",
}
REGIONS = {"head_neck": "Head and neck", "arms": "Arms", "trunk": "Trunk", "legs": "Legs", "eye": "Eye"}
SCORES = (
    "Person",
    "Day",
    "Questionnaire",
    "Score",
    "Questions left out",
    "Finished?",
    *(f"POEM: {item}" for item in poem.ITEMS),
    "All answers",
)
TREATMENTS = ("Person", "Treatment", "Kind", "First day", "Last day")


def safe(name: str, otherwise: str) -> str:
    """A name as part of a file name: letters and digits of any script, the rest becomes one dash; never empty.

    Without dots, slashes and control characters no name leads out of its folder, hides its ending or is
    a command. What is left of one that has no letters is `otherwise`.
    """
    kept = "".join(sign if sign.isalnum() else " " for sign in unicodedata.normalize("NFC", name))
    return "-".join(kept.split())[:LONGEST].rstrip("-") or otherwise


def ending(media_type: str) -> str:
    """The ending of a stored file: `.jpg` for `image/jpeg`."""
    known = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", "application/dicom": ".dcm"}
    return known.get(media_type) or mimetypes.guess_extension(media_type) or ".bin"


def cell(value: Any) -> Any:
    """A value for the table. Text that a spreadsheet would run as a formula gets a ' before it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return guarded(value) if isinstance(value, str) else value


def row(
    record: Mapping[str, Any], person: str, spot: str, classes: Sequence[str], numbers: Sequence[str], files: Mapping[str, Any]
) -> list[Any]:
    """The cells of one finding, under FIRST, a chance for each of `classes`, what was measured for each of `numbers`, and LAST."""
    facts = cast("Mapping[str, Any]", record["facts"])
    chances = facts.get("probabilities", {})
    answers = facts.get("answers", {})
    measured = facts.get("numbers", {})
    values = (
        person, record["taken_at"], record["created_at"], spot, record["site"],
        REGIONS.get(record["region"], record["region"]), record["side"], record["whole_region"],
        record["examination"], record["status"], looks_like(facts),
        record["label"], *(chances.get(name) for name in classes), *(measured.get(name) for name in numbers),
        ", ".join(facts.get("cannot_exclude", ())),
        next_step(record["step"], facts), record["refer"], *(answers.get(name) for name in QUESTIONS), record["outline_accepted"],
        files["photo"], ", ".join(files["outlines"].values()), ", ".join(files["corrected"]), files["heat"], str(record["id"]),
    )  # fmt: skip
    return [cell(value) for value in values]


def score(found: Mapping[str, Any], person: str) -> list[Any]:
    """The cells of one score, under SCORES."""
    answers = found["answers"]
    items = (answers.get(item) if found["instrument"] == "poem" else None for item in poem.ITEMS)
    name = {"poem": "POEM", "po_scorad": "PO-SCORAD"}.get(found["instrument"], found["instrument"])
    every = ", ".join(f"{item}: {'' if answer is None else answer}" for item, answer in answers.items())
    done = found["week"] != DRAFT
    return [cell(one) for one in (person, found["day"].isoformat(), name, found["total"], found["missing"], done, *items, every)]


def treatment(found: Mapping[str, Any], person: str) -> list[Any]:
    """The cells of one treatment, under TREATMENTS."""
    days = (day.isoformat() if day else None for day in (found["started_on"], found["ended_on"]))
    return [cell(one) for one in (person, found["name"], KINDS.get(found["kind"], found["kind"]), *days)]


def looks_like(facts: Mapping[str, Any]) -> str:
    """The first sentence of the finding card; empty where its examination is gone."""
    words = _words(facts)
    return words.looks_like.split(". ")[0].replace("*", "").rstrip(".") if words else ""


def next_step(step: str, facts: Mapping[str, Any]) -> str:
    """The next step in words: those of its examination where it has its own."""
    words = _words(facts)
    return (words.when if words else "") or STEPS.get(step, step)


def _words(facts: Mapping[str, Any]) -> Words | None:
    try:
        return examination(str(facts.get("examination"))).words(Finding.from_facts(facts))
    except (CareLensError, KeyError, TypeError):  # of an older or a newer CareLens
        return None


def readme(account: str, made: datetime, people: Sequence[str], findings: int, missing: int) -> str:
    """The README.txt of the archive."""
    whose = "\n".join(f"  - {name}" for name in people) or "  - nobody: this account has no records of its own"
    lost = f"\n{missing} pictures were not in the store any more when this was made. Their rows say so.\n" if missing else ""
    return f"""Everything that CareLens keeps of you
=====================================

Account: {account}
Made on: {made:%Y-%m-%d %H:%M} UTC
Findings: {findings}
People:
{whose}
{lost}
What is in here
---------------
findings.csv     One line for each finding. Opens in any table program.
                 Where you corrected an outline, the numbers are those of your newest one.
scores.csv       One line for each questionnaire, also for one you have not finished.
treatments.csv   One line for each treatment.
diary.csv        One line for each day of the diary. CareLens can read it again.
everything.json  All that is kept, table by table, for other programs:
                 your account, the people you act for, their spots, findings, scores,
                 treatments, diary and triggers, corrected outlines (and whether you let them be used to
                 train CareLens), doctors' ratings, notes, sign-offs, outcomes and
                 tasks, also notes that are not signed yet, your allergies and
                 medicines, the town whose weather you follow and the weather
                 you loaded, what the clinic's screening desk found, if you linked it, whom you let see your records and what they
                 opened, and where you are signed in.
                 Times are UTC.
photos/          One folder for each person. A file is called by the day, the spot
                 and a number, then what it is:
                   _photo     the photo as you loaded it, without place and camera data
                   _outline-  the outline that CareLens found: white is inside
                   _corrected-  an outline as you drew it, numbered in your order
                   _heat      what the network looked at: the lighter, the more

What is not in here
-------------------
Your password and the numbers that keep you signed in. We keep them only in a
scrambled form that cannot be turned back. Small copies of your photos, which are
made from them.

Please keep in mind
-------------------
A finding is what a computer says about one photo. It is not a diagnosis. A spot
that is new, changes or bleeds needs a doctor, whatever CareLens says.
These files are private. Whoever has them can see your photos.
"""

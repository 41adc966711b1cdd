"""One page on paper for a patient: both eyes, the grade that counts beside the network's, what it means and what to do next."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from core.examinations.finding import STEPS, Step
from core.records.screening_grades import Listed, network_grade
from core.records.screening_tables import EYES, ScreeningPatientPublic
from core.screening.grades import UNGRADABLE, Advice, Scale
from core.screening.worklist import grade_of, step_of

if TYPE_CHECKING:
    from fpdf import FPDF

GREY, INK, RULE = (92, 108, 114), (13, 27, 31), (200, 212, 214)
MARGIN, GAP = 18.0, 8.0
"""Millimetres: at the sides of the page, between the two eyes."""
PICTURE = 52.0
"""Height of a photo, millimetres."""
NO_PHOTO = "No photo of this eye was graded."
DISCLAIMER = (
    "This is not a diagnosis. A computer program looked at the photos; where a person of the clinic gave a grade of their own, it stands "
    "beside it. CareLens is not a medical device. If you suddenly see worse, see flashes or many new black dots, or if a shadow moves in, "
    "see a doctor today, whatever stands here."
)
_PLAIN = str.maketrans(
    {"–": "-", "—": "-", "‘": "'", "’": "'", "“": '"', "”": '"', "…": "...", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i"}
)


@dataclass(frozen=True)
class Eye:
    """One eye of the letter. `thumbnail`: a JPEG, None: no photo."""

    listed: Listed
    thumbnail: bytes | None = None


def write_letter(patient: ScreeningPatientPublic, eyes: Mapping[str, Eye], scale: Scale, made_on: date) -> bytes:
    """The PDF, one page of A4. `eyes`: side to what is known of it; a side may be missing."""
    from fpdf import FPDF  # only when a letter is written

    pdf = FPDF(format="A4")
    pdf.set_creation_date(datetime(made_on.year, made_on.month, made_on.day, tzinfo=UTC))
    pdf.set_title("Screening of the eyes")
    pdf.set_margins(MARGIN, MARGIN)
    pdf.set_auto_page_break(False)
    pdf.add_page()
    _head(pdf, patient, made_on)
    top = pdf.get_y()
    width = (pdf.w - 2 * MARGIN - GAP) / 2
    bottoms = [_eye(pdf, side, eyes.get(side), scale, MARGIN + number * (width + GAP), top, width) for number, side in enumerate(EYES)]
    pdf.set_y(max(bottoms) + 4)
    _next(pdf, eyes, scale)
    _small_print(pdf, scale)
    return bytes(pdf.output())


def printable(text: str) -> str:
    """The text in the letters that the fonts of every PDF reader have (Latin-1): accents that they lack go, other scripts become `?`."""
    kept = []
    for letter in unicodedata.normalize("NFC", text.replace("**", "").translate(_PLAIN)):
        if letter.encode("latin-1", "ignore"):
            kept.append(letter)
        else:
            base = unicodedata.normalize("NFKD", letter)[0]
            kept.append(base if base.encode("latin-1", "ignore") else "?")
    return "".join(kept)


def _text(pdf: FPDF, text: str, size: float, *, bold: bool = False, grey: bool = False, width: float = 0) -> None:
    x = pdf.get_x()
    pdf.set_font("helvetica", "B" if bold else "", size)
    pdf.set_text_color(*(GREY if grey else INK))
    pdf.multi_cell(width, size * 0.47, printable(text), align="L", new_x="LEFT", new_y="NEXT")
    pdf.set_x(x)


def _head(pdf: FPDF, patient: ScreeningPatientPublic, made_on: date) -> None:
    _text(pdf, "Screening of the eyes for changes from diabetes", 16, bold=True)
    pdf.ln(1)
    name = printable(patient.name)
    who = name if name and "?" not in name else ""
    born = f", born {patient.birth_date.isoformat()}" if patient.birth_date else ""
    _text(pdf, f"Patient {patient.code}{': ' + who if who else ''}{born}", 12)
    if patient.name and not who:
        _text(pdf, "The name is in letters that cannot be printed here. Please write it in: ______________________________", 9, grey=True)
    _text(pdf, f"Letter of {made_on.isoformat()}", 9, grey=True)
    pdf.ln(3)


def _eye(pdf: FPDF, side: str, eye: Eye | None, scale: Scale, x: float, top: float, width: float) -> float:
    """One eye in its column; returns how far down it goes."""
    pdf.set_xy(x, top)
    _text(pdf, f"{side.capitalize()} eye", 13, bold=True, width=width)
    if eye is None:
        _text(pdf, NO_PHOTO, 10, grey=True, width=width)
        return float(pdf.get_y())
    one = eye.listed
    day = one.photo.taken_on
    _text(pdf, f"Photo of {day.isoformat()}" if day else "The day of the photo is not known", 9, grey=True, width=width)
    if eye.thumbnail is not None:
        y = pdf.get_y() + 1
        pdf.image(io.BytesIO(eye.thumbnail), x=x, y=y, w=width, h=PICTURE, keep_aspect_ratio=True)
        pdf.set_xy(x, y + PICTURE + 2)
    counts, network = grade_of(one), network_grade(one.photo)
    _text(pdf, f"Grade: {scale.name(counts)}", 12, bold=True, width=width)
    pdf.ln(0.5)
    pdf.set_x(x)
    _text(pdf, _advice(scale, counts).means, 10, width=width)
    pdf.ln(1)
    pdf.set_x(x)
    _text(pdf, f"The program said: {scale.name(network)}" if network else "The program gave no grade.", 9, grey=True, width=width)
    _text(pdf, _person(one, scale), 9, grey=True, width=width)
    return float(pdf.get_y())


def _person(one: Listed, scale: Scale) -> str:
    if one.grade is None:
        return "No person has graded this photo yet."
    role = {"doctor": "doctor", "staff": "screening desk"}.get(one.grade.role, one.grade.role)
    why = f" Why: {one.grade.reason}" if one.grade.reason else ""
    return f"{one.grade.by or 'A person of the clinic'} ({role}) said: {scale.name(one.grade.grade)}.{why}"


def _advice(scale: Scale, label: str) -> Advice:
    return scale.ungradable if label in ("", UNGRADABLE) else scale.advice.get(label, Advice())


def _next(pdf: FPDF, eyes: Mapping[str, Eye], scale: Scale) -> None:
    """What to do next: by the eye that is more urgent."""
    pdf.set_x(MARGIN)
    _line(pdf)
    _text(pdf, "What to do next", 13, bold=True)
    known = [eye.listed for eye in eyes.values()]
    if not known:
        _text(pdf, "Have both eyes photographed.", 11, bold=True)
        return
    worst = max(known, key=lambda one: (_rank(step_of(one, scale)), scale.level(grade_of(one))))
    advice = _advice(scale, grade_of(worst))
    if worst.grade is None and _rank(step_of(worst, scale)) > _rank(scale.steps.get(grade_of(worst), "watch")):
        more = [label for label in (worst.photo.facts or {}).get("cannot_exclude", ()) if label in scale.advice]
        advice = _advice(scale, max(more, key=scale.level)) if more else advice  # the finding is more careful than its grade alone
    _text(pdf, advice.title, 11, bold=True)
    _text(pdf, advice.sentence, 10)
    if len(known) < len(EYES):
        _text(pdf, "Have the other eye photographed, too.", 10)


def _rank(step: Step) -> int:
    return STEPS.index(step)


def _small_print(pdf: FPDF, scale: Scale) -> None:
    pdf.ln(3)
    _line(pdf)
    if scale.caveat:
        _text(pdf, scale.caveat, 9.5)
        pdf.ln(1)
    _text(pdf, DISCLAIMER, 9, grey=True)
    pdf.ln(6)
    _text(pdf, "Seen by: ____________________________________     Date: ____________________", 10)


def _line(pdf: FPDF) -> None:
    pdf.set_draw_color(*RULE)
    pdf.line(MARGIN, pdf.get_y(), pdf.w - MARGIN, pdf.get_y())
    pdf.ln(3)

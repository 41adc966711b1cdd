"""A small chart of one questionnaire over time, drawn with the lines of a PDF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from core.instruments.rules import Band
from core.words import MONTHS

if TYPE_CHECKING:
    from fpdf import FPDF

HEIGHT = 34.0
"""Of the field with the line, millimetres."""
NAMES = 38.0
"""Width of the names of the bands at the right, millimetres."""
TEAL, GREY, FRAME = (18, 142, 148), (92, 108, 114), (200, 212, 214)
SHADES = ((247, 250, 250), (236, 243, 244), (225, 236, 238), (213, 228, 231), (202, 221, 225))
"""Of the bands, from the mildest on."""


@dataclass(frozen=True)
class Curve:
    """Scores over time, oldest first. `most`: the highest that can be."""

    days: Sequence[date]
    totals: Sequence[float]
    bands: Sequence[Band]
    most: float


def draw(pdf: FPDF, curve: Curve, width: float, family: str) -> None:
    """Draw the curve at the place where the PDF is, and go on below it. `width`: millimetres. At least one score."""
    left, top = pdf.get_x(), pdf.get_y()
    field = width - NAMES
    first, last = curve.days[0].toordinal(), max(curve.days[-1].toordinal(), curve.days[0].toordinal() + 1)

    def x(day: date) -> float:
        return left + 2 + (field - 4) * (day.toordinal() - first) / (last - first)

    def y(total: float) -> float:
        return top + HEIGHT * (1 - total / curve.most)

    pdf.set_font(family, "", 7.5)
    pdf.set_text_color(*GREY)
    ends = [*(band.low for band in curve.bands[1:]), curve.most]
    for band, end, shade in zip(curve.bands, ends, SHADES, strict=False):
        pdf.set_fill_color(*shade)
        pdf.rect(left, y(end), field, y(band.low) - y(end), style="F")
        pdf.set_xy(left + field + 1.5, (y(band.low) + y(end)) / 2 - 1.6)
        pdf.cell(NAMES - 1, 3.2, f"{band.name.removesuffix(' eczema')}, from {band.low:g}")
    pdf.set_draw_color(*FRAME)
    pdf.set_line_width(0.2)
    pdf.rect(left, top, field, HEIGHT)
    pdf.set_draw_color(*TEAL)
    pdf.set_line_width(0.5)
    points = [(x(day), y(total)) for day, total in zip(curve.days, curve.totals, strict=True)]
    for (x1, y1), (x2, y2) in zip(points, points[1:], strict=False):
        pdf.line(x1, y1, x2, y2)
    pdf.set_fill_color(*TEAL)
    for px, py in points:
        pdf.ellipse(px - 0.8, py - 0.8, 1.6, 1.6, style="F")
    pdf.set_line_width(0.2)
    for day, align in ((curve.days[0], "L"), (curve.days[-1], "R"))[: 2 if len(points) > 1 else 1]:
        pdf.set_xy(left, top + HEIGHT + 0.6)
        pdf.cell(field, 3.4, f"{day.day} {MONTHS[day.month - 1][:3]} {day.year}", align=align)
    pdf.set_xy(left, top + HEIGHT + 5.5)

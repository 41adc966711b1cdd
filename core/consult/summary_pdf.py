"""A visit summary on paper: a letter of A4 pages to the next doctor."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fpdf import FPDF
from PIL import Image

from core.consult.summary import Seen, Summary
from core.consult.summary_chart import Curve, draw
from core.consult.summary_font import Face, face
from core.consult.summary_words import (
    DISCLAIMER,
    GONE,
    INSTRUMENTS,
    NETWORK,
    OUTCOMES,
    PARTS,
    check_name,
    clean,
    label_name,
    rating_words,
    score_words,
    span_of,
)
from core.people.policy import CHART, DIARY
from core.records.treatments import KINDS
from core.words import written

GREY, INK, RULE = (92, 108, 114), (13, 27, 31), (200, 212, 214)
MARGIN, FOOT = 18.0, 20.0
"""Millimetres: at the sides of the page, at its foot."""
PICTURE, GAP = 56.0, 6.0
"""Width of a photo and the room beside it, millimetres."""
HIGH = 56.0
"""The most a photo is high, millimetres."""
LINE = 0.45
"""Height of a line in millimetres for each point of its letters."""
OWN, LATIN = "own", "helvetica"


def write_letter(found: Summary) -> bytes:
    """The PDF. Whatever stands in the records, it is written: letters that no font here has become `?`."""
    letter = _Letter(found, face())
    letter.head()
    letter.chart()
    letter.notes()
    letter.findings()
    letter.scores()
    letter.ratings()
    letter.treatments()
    return letter.made()


class _Letter:
    """A letter that is being written."""

    def __init__(self, found: Summary, font: Face) -> None:
        self.found, self.font = found, font
        self.family = OWN if font.files else LATIN
        self.pdf = pdf = FPDF(format="A4")
        with tempfile.TemporaryDirectory() as folder:  # fpdf2 takes fonts by their file alone
            for style, data in font.files.items():
                file = Path(folder) / f"{OWN}{style}.ttf"
                file.write_bytes(data)
                pdf.add_font(OWN, style, file)
        pdf.set_creation_date(found.made_at)
        pdf.set_title("Visit summary")
        pdf.set_lang("en")
        pdf.set_margins(MARGIN, MARGIN)
        pdf.set_auto_page_break(True, FOOT)
        pdf.c_margin = 0.0
        pdf.footer = self._foot  # type: ignore[method-assign,unused-ignore]
        pdf.add_page()

    def made(self) -> bytes:
        """The file."""
        return bytes(self.pdf.output())

    def write(self, words: str, size: float = 10, *, bold: bool = False, grey: bool = False, x: float = MARGIN, width: float = 0) -> None:
        """Words of any length at `x`, over as many lines and pages as they need."""
        said = self.font.printable(clean(words))
        if not said:
            return
        self.pdf.set_x(x)
        self._pen(size, bold, grey)
        self.pdf.multi_cell(width, size * LINE, said, align="L", new_x="LMARGIN", new_y="NEXT")

    def _pen(self, size: float, bold: bool = False, grey: bool = False) -> None:
        self.pdf.set_font(self.family, "B" if bold else "", size)
        self.pdf.set_text_color(*(GREY if grey else INK))

    def title(self, words: str, room: float = 30) -> None:
        """A heading with a line over it, never alone at the foot of a page. `room`: millimetres that must follow."""
        self._room(room)
        self.pdf.ln(3)
        self._rule()
        self.write(words, 13, bold=True)
        self.pdf.ln(1)

    def _room(self, height: float) -> None:
        if self.pdf.get_y() + height > self.pdf.h - FOOT:
            self.pdf.add_page()

    def _rule(self) -> None:
        self.pdf.set_draw_color(*RULE)
        self.pdf.line(MARGIN, self.pdf.get_y(), self.pdf.w - MARGIN, self.pdf.get_y())
        self.pdf.ln(2.5)

    def _foot(self) -> None:
        self.pdf.set_y(-FOOT + 6)
        self._pen(8, grey=True)
        who = self.font.printable(clean(self.found.person.display_name))[:60]
        self.pdf.cell(0, 4, f"{who} · visit summary of {written(self.found.day(self.found.made_at))}", align="L")
        self.pdf.set_x(MARGIN)
        self.pdf.cell(0, 4, f"CareLens is not a medical device. Page {self.pdf.page_no()} of {{nb}}", align="R")

    def head(self) -> None:
        """Who, when, by whom, of which days, and what it is not."""
        found = self.found
        self.write("Visit summary", 19, bold=True)
        self.pdf.ln(1)
        name, born = found.person.display_name, found.person.birth_date or found.person.birth_year
        told = f", born {written(found.person.birth_date) if found.person.birth_date else born}" if born else ""
        self.write(f"{name}{told}", 13, bold=True)
        if "?" in self.font.printable(clean(name)) and "?" not in name:
            self.write("The name has letters that cannot be printed here. Please write it in: ______________________________", 9, grey=True)
        role = {"doctor": "doctor", "patient": "the patient's own account"}.get(found.role, found.role)
        moment = found.made_at.astimezone(found.zone)
        self.write(f"Made on {written(moment.date())} at {moment:%H:%M} ({moment:%Z}) by {found.by} ({role})", 9.5, grey=True)
        self.write(f"{days_of(found)}{_kinds(found)}", 9.5, grey=True)
        self.pdf.ln(1.5)
        self.write(DISCLAIMER, 9.5)

    def chart(self) -> None:
        """Allergies and medicines, and when to come again."""
        found = self.found
        if not found.chart:
            return
        self.title("Allergies and medicines")
        for one in found.allergies:
            self.write(f"Allergic to {one.substance}{': ' + one.reaction if one.reaction else ''}", bold=True)
        if not found.allergies:
            self.write("No allergy is known here.")
        for taken in found.medicines:
            self.write(", ".join(filter(None, (taken.name, taken.dose, span_of(taken)))))
        if not found.medicines:
            self.write("No medicine is known here.")
        if found.follow_up_on is not None:
            self.write(f"To come again on {written(found.follow_up_on)}")

    def notes(self) -> None:
        """What doctors signed, the newest first."""
        if not self.found.notes:
            return
        self.title("Notes of doctors")
        replaced = {one.amends_id for one in self.found.notes}
        for one in reversed(self.found.notes):
            self._room(20)
            moment = one.signed_at or one.created_at
            kind = "Amendment, " if one.amends_id else ""
            later = " (a later amendment sets this right)" if one.id in replaced else ""
            self.write(f"{kind}{written(self.found.day(moment))}, signed by {one.doctor or GONE}{later}", 10.5, bold=True)
            for part, name in PARTS.items():
                if words := getattr(one, part):
                    self.write(f"{name}: {words}")
            if one.follow_up_on is not None:
                self.write(f"To come again on {written(one.follow_up_on)}")
            self.pdf.ln(2)

    def findings(self) -> None:
        """Each finding: the photo with the outline beside what the network said, and under it what doctors said."""
        if not self.found.findings:
            return
        self.title(NETWORK, 60)
        if self.found.more:
            self.write(f"Only the newest {len(self.found.findings)} findings are in this letter.", 9, grey=True)
        for one in self.found.findings:
            self._finding(one)

    def _finding(self, one: Seen) -> None:
        said = one.words
        rows = [(said.looks_like, False), (said.how_sure, False)]
        if said.cannot_exclude:
            rows.append((f"What cannot be excluded: {said.cannot_exclude}", False))
        rows += [(f"What it says to do next: {said.what_next}", False), (said.disclaimer, True)]
        x = MARGIN + PICTURE + GAP
        width = self.pdf.w - MARGIN - x
        height = sum(self._height(words, 9.5, width) for words, _ in rows)
        self._room(min(max(height, HIGH) + 14, self.pdf.h - MARGIN - FOOT - 1))
        place = f" · {one.place}" if one.place else ""
        self.write(f"{written(self.found.day(one.record.taken_at))} · {check_name(one.record.examination)}{place}", 10.5, bold=True)
        top, page = self.pdf.get_y() + 0.5, self.pdf.page_no()
        bottom = top + self._photo(one.picture, top)
        self.pdf.set_y(top)
        for words, grey in rows:
            self.write(words, 9.5, grey=grey, x=x, width=width)
        if self.pdf.page_no() == page:
            self.pdf.set_y(max(self.pdf.get_y(), bottom) + 1)
        for sign in one.sign_offs:
            label = label_name(one.record.examination, sign.label) if sign.label else "seen"
            day = written(self.found.day(sign.created_at))
            self.write(f"{sign.doctor or GONE}, {day}: {label}. {sign.says}".rstrip(), bold=True)
        if one.outcome is not None:
            out = one.outcome
            label = label_name(one.record.examination, out.label) if out.label else ""
            words = ". ".join(filter(None, (label, out.says)))
            self.write(
                f"What it turned out to be ({OUTCOMES[out.how].lower()}, {written(out.known_on)}, {out.doctor or GONE}): {words}", bold=True
            )
        self.pdf.ln(3)

    def _height(self, words: str, size: float, width: float) -> float:
        self._pen(size)
        said = self.font.printable(clean(words))
        height: Any = self.pdf.multi_cell(width, size * LINE, said, align="L", dry_run=True, output="HEIGHT") if said else 0
        return float(height)

    def _photo(self, picture: bytes | None, top: float) -> float:
        """Put the photo in at the left; returns how high it is."""
        if picture is None:
            self.pdf.set_y(top)
            self.write("The photo could not be read.", 9, grey=True, width=PICTURE)
            return 6.0
        with Image.open(io.BytesIO(picture)) as opened:
            scale = min(PICTURE / opened.width, HIGH / opened.height)
            width, height = opened.width * scale, opened.height * scale
        self.pdf.image(io.BytesIO(picture), x=MARGIN, y=top, w=width, h=height)
        return height

    def scores(self) -> None:
        """What the person answered about the last week, as curves and as a list."""
        if not self.found.scores:
            return
        self.title("Scores the patient gave", 60)
        for id in dict.fromkeys(one.instrument for one in self.found.scores):
            own = [one for one in self.found.scores if one.instrument == id]
            name, most, bands = INSTRUMENTS.get(id, (id, 0.0, ()))
            known = [(one.day, float(one.total)) for one in own if one.total is not None]
            self._room(50)
            self.write(name, 10.5, bold=True)
            if known and bands:
                self.pdf.set_x(MARGIN)
                curve = Curve([day for day, _ in known], [total for _, total in known], bands, most)
                draw(self.pdf, curve, self.pdf.w - 2 * MARGIN, self.family)
            listed = "; ".join(f"{written(one.day)}: {score_words(one)}" for one in own[-12:])
            self.write(f"{'The last 12: ' if len(own) > 12 else ''}{listed}", 9)
            self.pdf.ln(2)
        self.write("POEM: © The University of Nottingham, free for non-commercial use.", 8, grey=True)

    def ratings(self) -> None:
        """What doctors rated on photos, with an EASI where there is one."""
        if not self.found.ratings:
            return
        self.title("Ratings of doctors")
        for one in self.found.easi:
            what = f"EASI {one.score.shown} of 72, {one.score.band.name.lower()}"
            self.write(f"{what}, by {one.doctor or GONE}, photos of the week up to {written(self.found.day(one.at))}", bold=True)
        for rated in self.found.ratings:
            self.write(f"Photo of {written(self.found.day(rated.taken_at))}, {rated.doctor or GONE}. {rating_words(rated)}", 9.5)

    def treatments(self) -> None:
        """What the person used."""
        if not self.found.treatments:
            return
        self.title("Treatments the patient noted")
        for one in self.found.treatments:
            kind = KINDS.get(one.kind, "").lower()
            self.write(f"{one.name}{f' ({kind})' if kind else ''}, {span_of(one)}")


def days_of(found: Summary) -> str:
    """The days a summary is of, as a sentence."""
    if found.since and found.until:
        return f"Of the days from {written(found.since)} to {written(found.until)}."
    if found.since:
        return f"Of the days since {written(found.since)}."
    return f"Of the days up to {written(found.until)}." if found.until else "Of all days."


def _kinds(found: Summary) -> str:
    if found.kinds is None:
        return ""
    names = {DIARY: "scores and treatments", CHART: "notes, allergies and medicines"}
    return f" Only what the patient lets this doctor see: {_listed([names.get(kind) or check_name(kind) for kind in sorted(found.kinds)])}."


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:-1]) + (" and " if len(names) > 1 else "") + names[-1]

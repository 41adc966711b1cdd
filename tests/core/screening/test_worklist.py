"""The order of the worklist, its table, its letters, and how long it will take."""

from __future__ import annotations

import csv
import io
import re
import zlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import numpy as np
import pytest

from core.photo import encode_jpeg
from core.records.screening_batches import Progress
from core.records.screening_grades import Listed
from core.records.screening_tables import ScreeningGradePublic, ScreeningPatientPublic, ScreeningPhotoPublic
from core.screening.grades import Scale, scale
from core.screening.letter import DISCLAIMER, Eye, printable, write_letter
from core.screening.table import write_table
from core.screening.worklist import (
    by_urgency,
    groups,
    in_words,
    of_network_and_person,
    seconds_left,
    step_of,
    twice,
    unclear,
    worst_of_each_eye,
)

NOW = datetime(2026, 3, 14, 9, 0, tzinfo=UTC)
STEPS = {"0": "watch", "1": "routine", "2": "routine", "3": "soon", "4": "today", "": ""}
ANA = ScreeningPatientPublic(id=uuid4(), code="=P1", name="@Ana Łoś", birth_date=date(1956, 3, 14), created_at=NOW)


@pytest.fixture(scope="module")
def icdr() -> Scale:
    return scale("retina")


def row(label: str, person: str = "", *, side: str | None = "right", day: date | None = date(2026, 3, 1), **more: object) -> Listed:
    """A photo of Ana with the network's grade (empty: turned away) and, if named, a person's."""
    id = uuid4()
    facts = {"probabilities": {label: 0.6}, "cannot_exclude": [label], "numbers": {}} if label else None
    told = {
        "id": id, "batch_id": UUID(int=1), "patient_id": ANA.id, "created_at": NOW, "filename": f"+{label}.jpg", "side": side,
        "taken_on": day, "state": "done", "status": "ok" if label else "rejected", "label": label, "step": STEPS[label],
        "refer": label in ("2", "3", "4"), "facts": facts, "has_photo": True, **more,
    }  # fmt: skip
    grade = ScreeningGradePublic(
        id=uuid4(), photo_id=id, created_at=NOW, grade=person, network=label, reason="-bleeds", role="doctor", by="Dr Osei"
    )
    return Listed(ScreeningPhotoPublic.model_validate(told), ANA if told["patient_id"] else None, grade if person else None)


def labels(rows: Sequence[Listed]) -> list[str]:
    return [one.photo.label for one in rows]


def test_the_most_urgent_come_first(icdr: Scale) -> None:
    rows = [row("0"), row("2"), row("4"), row("1", "4"), row("4", "0"), row(""), row("3"), row("", state="waiting", status="")]
    order = by_urgency(rows, icdr)
    assert labels(order) == ["4", "1", "3", "2", "", "0", "4", ""]
    assert order[0].grade is None, "what nobody has seen comes first"
    assert step_of(rows[4], icdr) == "watch" and step_of(rows[5], icdr) == "routine"
    assert order[-1].photo.state == "waiting"
    assert list(groups(rows, icdr)) == ["4", "3", "2", "0", "ungradable", "not graded yet"]


def test_an_abstained_photo_keeps_its_urgency(icdr: Scale) -> None:
    """Doubt never hides urgent advice."""
    doubtful = row("4", status="abstained")
    assert by_urgency([row("2"), doubtful], icdr)[0] is doubtful


def test_what_is_asked_and_what_came_twice(icdr: Scale) -> None:
    one, two, three = row("0"), row("2"), row("1", day=date(2026, 3, 2))
    assert [len(group) for group in twice([one, two, three, row("0", side=None), row("0", patient_id=None)])] == [2]
    assert unclear(row("0", side=None)) and unclear(row("0", patient_id=None)) and not unclear(one)
    assert not unclear(row("", state="failed", side=None))
    assert worst_of_each_eye([one, two, three, row("4", side="left")], icdr)["right"] is three, "the newest day"
    assert worst_of_each_eye([one, two], icdr)["right"] is two, "of one day the worse"


def test_agreement_is_over_photos_that_both_graded(icdr: Scale) -> None:
    rows = [row("2", "2"), row("4", "3"), row("0"), row("", "2"), row("1", "ungradable")]
    found = of_network_and_person(rows, icdr)
    assert (found.same, found.compared) == (1, 2) and found.kappa is not None


def test_no_cell_of_the_table_is_a_formula(icdr: Scale, toy: str) -> None:
    data = write_table([row("2", "4"), row(""), row("", state="failed", reason="=1+1", patient_id=None)], icdr, toy)
    assert data.startswith(b"\xef\xbb\xbf")
    table = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert len(table) == 3
    for line in table:
        assert not [value for value in line.values() if value and value[0] in "=+-@\t\r"]
    assert table[0]["Patient"] == "'=P1" and table[0]["Grade of a person"] == "4 Proliferative" and table[0]["Whose"] == "Dr Osei"
    assert table[0]["Network's grade"] == "2 Moderate" and table[0]["Next step"] == "See a doctor today"


def words_of(pdf: bytes) -> str:
    """The text of a PDF whose fonts are those of every reader, as it is written on its pages."""
    pages = [zlib.decompress(found) for found in re.findall(rb"stream\r?\n(x.*?)\r?\nendstream", pdf, re.DOTALL)]
    pieces = re.findall(rb"\(((?:[^()\\]|\\.)*)\) Tj", b"\n".join(pages))
    return " ".join(re.sub(rb"\\(.)", rb"\1", piece).decode("latin-1") for piece in pieces)


def test_a_letter_is_one_page_with_both_eyes(icdr: Scale) -> None:
    small = encode_jpeg(np.full((60, 80, 3), 90, np.uint8))
    eyes = {"right": Eye(row("2", "4"), small), "left": Eye(row("0", side="left"), small)}
    pdf = write_letter(ANA, eyes, icdr, date(2026, 3, 14))
    assert pdf.startswith(b"%PDF") and len(re.findall(rb"/Type /Page\b", pdf)) == 1
    said = words_of(pdf)
    for words in (
        "=P1",
        "@Ana Los",
        "1956-03-14",
        "Right eye",
        "Left eye",
        "4 Proliferative",
        "The program said: 2 Moderate",
        "Dr Osei (doctor)",
    ):
        assert words in said, words
    assert icdr.advice["4"].title in said and "macular oedema" in said and "not a diagnosis" in said and "No person has graded" in said
    assert write_letter(ANA, eyes, icdr, date(2026, 3, 14)) == pdf


def test_a_letter_with_as_much_as_can_be_stays_one_page(icdr: Scale) -> None:
    long = row("3", "4")
    assert long.grade is not None
    grade = long.grade.model_copy(update={"reason": "many words " * 27, "by": "Dr " + "x" * 90})
    eyes = {side: Eye(Listed(long.photo, ANA, grade), None) for side in ("right", "left")}
    pdf = write_letter(ANA.model_copy(update={"name": "N" * 100}), eyes, icdr, date(2026, 3, 14))
    assert len(re.findall(rb"/Type /Page\b", pdf)) == 1
    bottom = min(
        float(y)
        for y in re.findall(
            rb"([\d.]+) Td", b"".join(map(zlib.decompress, re.findall(rb"stream\r?\n(x.*?)\r?\nendstream", pdf, re.DOTALL)))
        )
    )
    assert bottom > 20, "nothing runs off the paper"


def test_one_eye_alone_and_none(icdr: Scale) -> None:
    said = words_of(write_letter(ANA, {"left": Eye(row("", side="left"))}, icdr, date(2026, 3, 14)))
    assert "No photo of this eye was graded" in said and "Not gradable" in said and "the other eye photographed" in said
    assert icdr.ungradable.title in said
    assert "Have both eyes photographed" in words_of(write_letter(ANA, {}, icdr, date(2026, 3, 14)))


def test_letters_that_no_reader_has() -> None:
    assert printable("Łukasz Çelik – “x”…") == 'Lukasz Çelik - "x"...'
    assert set(printable("محمد")) == {"?"}
    assert printable(DISCLAIMER) == DISCLAIMER


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, ""),
        (10, "less than a minute left"),
        (60, "about a minute left"),
        (600, "about 10 minutes left"),
        (7200, "about 2 hours left"),
    ],
)
def test_the_time_left_in_words(seconds: float | None, said: str) -> None:
    assert in_words(seconds) == said


def test_the_time_left() -> None:
    counts = {"waiting": 50, "leased": 2, "done": 40, "failed": 8}
    moments = tuple(NOW + timedelta(seconds=2 * number) for number in range(11))
    assert seconds_left(Progress(counts, moments), moments[-1]) == pytest.approx(104)
    assert seconds_left(Progress(counts, moments[:2]), NOW) is None, "too few to tell"
    assert seconds_left(Progress(counts, moments), moments[-1] + timedelta(minutes=10)) is None, "they came to a halt"
    assert seconds_left(Progress({**counts, "waiting": 0, "leased": 0}, moments), moments[-1]) is None

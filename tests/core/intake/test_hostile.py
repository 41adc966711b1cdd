"""Files made to break or to misuse the intake: a sentence each time, never a crash, never anything stored."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from core.errors import PhotoRejected
from core.examinations.finding import Answers
from core.intake.walk import walk
from core.photo import read_photo
from core.records.findings import list_records, open_record, save_finding
from core.ui.checking import Check, Desk
from tests.conftest import ROOT
from tests.core.house import a_finding, blobs, embedded, own, somebody
from tests.core.intake.files import PEAK, valid
from tests.core.intake.hostile import carriers, hostile

CODES = {"empty", "too_many_bytes", "too_many_pixels", "too_small", "animated", "wrong_format", "incomplete", "unreadable"}
NOT_FOR_PEOPLE = re.compile(r"Traceback|Error|Exception|None|0x|\bbytes\b|\bobject\b|[/\\{}<>_]")


def check_sentence(refusal: PhotoRejected) -> None:
    """Two whole sentences that a person can read."""
    for text in (refusal.reason, refusal.hint):
        assert text and text[0].isupper() and text.endswith(".") and len(text) < 250, text
        assert not NOT_FOR_PEOPLE.search(text), text
    assert refusal.code in CODES


def test_there_are_more_than_two_hundred() -> None:
    assert len(hostile()) > 200 and len(set(hostile().values())) > 300
    for kind, data in valid().items():
        assert read_photo(data).pixels.shape == (90, 120, 3), f"{kind} has to be good, or cutting it proves nothing"


@pytest.mark.parametrize("name", hostile())
def test_refused_with_a_sentence(name: str) -> None:
    started = time.process_time()
    with pytest.raises(PhotoRejected) as caught:
        read_photo(hostile()[name])
    check_sentence(caught.value)
    assert time.process_time() - started < 3, "none may hold the server up"


@pytest.mark.parametrize("name", carriers())
def test_what_a_good_photo_carries_is_left_behind(name: str) -> None:
    data, carried = carriers()[name]
    assert carried in data
    original = read_photo(data).original
    assert carried not in original and b"4711" not in original and b"php" not in original


MEMORY = """
import sys
from pathlib import Path
import core.intake.dicom, core.intake.heic
from core.errors import PhotoRejected
from core.photo import read_photo

read_photo(Path(sys.argv[1]).read_bytes())  # what the decoders load once
before, worst = peak(), (0, "none")
for path in sys.argv[2:]:
    had = peak()
    try:
        read_photo(Path(path).read_bytes())
    except PhotoRejected:
        pass
    worst = max(worst, (peak() - had, path))
print(peak() - before, worst)
"""


def test_none_of_them_takes_much_memory(tmp_path: Path) -> None:
    """In a process that has not made them, or making them would be what is measured."""
    paths = []
    for number, data in enumerate([valid()["heic"], *hostile().values()]):
        paths.append(tmp_path / str(number))
        paths[-1].write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-c", PEAK + MEMORY, *map(str, paths)], cwd=ROOT, capture_output=True, text=True, timeout=200, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout.split()[0]) < 150, f"MB more, and the worst one alone: {done.stdout}"


@embedded
def test_none_of_them_gets_into_the_store(house: Path) -> None:
    """The whole way of the page: put on the desk, examined, saved. Good ones of every kind do get there, without what they carry."""
    actor = somebody()
    desk = Desk(own(actor))
    for name, data in hostile().items():
        check = Check(name, name, data)
        desk.examine(check, Answers(False, False, False))
        assert isinstance(check.result, PhotoRejected), name
        desk.save(check, actor, "back", None, "")
        assert check.record_id is None and check.trouble is None and desk.spot_id is None
    assert blobs() == 0 and not list_records(actor, own(actor)) and not [path for path in house.rglob("*") if path.name == "new"]
    for name, (data, carried) in carriers().items():
        saved = save_finding(actor, own(actor), read_photo(data), a_finding())
        opened = open_record(actor, saved.id)
        assert carried not in opened.photo_bytes and opened.media_type in ("image/jpeg", "image/png", "image/webp"), name
        assert Image.open(io.BytesIO(opened.photo_bytes)).get_format_mimetype() == opened.media_type, "a browser shows it"
    assert blobs() >= len(carriers())


@given(st.binary(max_size=2000))
def test_any_bytes(data: bytes) -> None:
    with pytest.raises(PhotoRejected) as caught:
        read_photo(data)
    check_sentence(caught.value)


STARTS = (
    b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", b"RIFF\x40\0\0\0WEBPVP8 ", b"RIFF\x40\0\0\0WEBPVP8L",
    b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic\0\0\0\x40meta\0\0\0\0", bytes(128) + b"DICM",
    bytes(128) + b"DICM\x02\0\x10\0UI\x12\0" + b"1.2.840.10008.1.2\0", bytes(128) + b"DICM\x02\0\x10\0UI\x14\0" + b"1.2.840.10008.1.2.1\0",
    b"\x02\0\x10\0UI\x14\0" + b"1.2.840.10008.1.2.2\0",
)  # fmt: skip


@given(st.sampled_from(STARTS), st.binary(max_size=600))
def test_any_bytes_behind_a_good_start(start: bytes, rest: bytes) -> None:
    with pytest.raises(PhotoRejected) as caught:
        read_photo(start + rest)
    check_sentence(caught.value)


change = st.one_of(
    st.tuples(st.just("flip"), st.floats(0, 1), st.integers(0, 7)),
    st.tuples(st.just("write"), st.floats(0, 1), st.binary(min_size=1, max_size=8)),
    st.tuples(st.just("cut"), st.floats(0, 1), st.integers(1, 400)),
    st.tuples(st.just("repeat"), st.floats(0, 1), st.integers(1, 400)),
    st.tuples(st.just("splice"), st.floats(0, 1), st.sampled_from(sorted(valid()))),
)


def changed(data: bytes, what: tuple[str, float, object]) -> bytes:
    kind, where, how = what
    at = int(where * max(0, len(data) - 1))
    if kind == "flip":
        return data[:at] + bytes([data[at] ^ (1 << int(str(how)))]) + data[at + 1 :] if data else data
    if kind == "write":
        assert isinstance(how, bytes)
        return data[:at] + how + data[at + len(how) :]
    if kind == "cut":
        return data[:at] + data[at + int(str(how)) :]
    if kind == "repeat":
        return data[:at] + data[at : at + int(str(how))] * 3 + data[at:]
    other = valid()[str(how)]
    return data[:at] + other[int(where * len(other)) :][:300] + data[at:]


@pytest.mark.parametrize("kind", valid())
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(changes=st.lists(change, min_size=1, max_size=4))
def test_any_damage_gives_a_photo_or_a_sentence(kind: str, changes: list[tuple[str, float, object]]) -> None:
    data = valid()[kind]
    for one in changes:
        data = changed(data, one)
    started = time.process_time()
    try:
        photo = read_photo(data, max_pixels=300_000)
    except PhotoRejected as refusal:
        check_sentence(refusal)
    else:
        assert photo.pixels.dtype == np.uint8 and photo.pixels.ndim == 3 and max(photo.pixels.shape[:2]) <= 1600
        assert walk(photo.original).clean == photo.original, "what is stored is clean and can be read again"
    assert time.process_time() - started < 3


@embedded
def test_what_a_dicom_file_says_of_its_picture_is_saved_with_it(house: Path) -> None:
    actor = somebody()
    saved = save_finding(actor, own(actor), read_photo(valid()["dicom"]), a_finding())
    assert saved.photo_tags == {
        "Modality": "XC",
        "BodyPartExamined": "SKIN",
        "AcquisitionDate": "20260102",
        "PhotometricInterpretation": "RGB",
    }
    assert open_record(actor, saved.id).record.photo_tags == saved.photo_tags
    assert not save_finding(actor, own(actor), read_photo(valid()["heic"]), a_finding()).photo_tags

"""What is dropped: ZIP files that are bombs, locked, broken or too full; folders; and one bad file among good ones."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from typing import BinaryIO

import pytest

from core.errors import CareLensError, InvalidInput
from core.screening.incoming import MOST_FILES, Drop, look_through
from core.settings import settings
from tests.core.intake.files import dicom
from tests.core.screening.desk import jpeg


def packed(entries: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> BinaryIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", how) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    file.seek(0)
    return file


def told(drop: Drop) -> dict[str, str]:
    """What is said of each file; empty: it was read."""
    found = {}
    for one in drop.files:
        try:
            found[one.name] = "" if one.read() else "nothing"
        except CareLensError as error:
            assert error.reason.endswith(".") and error.hint
            found[one.name] = error.reason
    return found


def refusal(file: BinaryIO) -> str:
    drop = look_through([("all.zip", file)])
    ((name, error),) = drop.refused
    assert name == "all.zip" and not drop.files and error.hint
    return error.reason


def test_a_mixed_drop_reads_what_it_can() -> None:
    inner = packed({"c.jpg": jpeg(3)}).read()
    archive = packed(
        {
            "camp/": b"",
            "camp/day 1/a_L.jpg": jpeg(1),
            "camp/deep/er/still/b_R.jpg": jpeg(2),
            "camp/inner.zip": inner,
            "camp/notes.txt": b"hello there",
            "camp/empty.jpg": b"",
            "camp/movie.mp4": b"\x00\x00\x00\x18ftypisom" + bytes(300),
            "__MACOSX/camp/._a_L.jpg": b"x",
            "camp/.DS_Store": b"x",
            "camp/Thumbs.db": b"x",
            "camp/DICOMDIR": dicom(),
            "camp/bomb.jpg": bytes(3 << 19),
            "../../etc/passwd_L.jpg": jpeg(4),
        }
    )
    drop = look_through([("all.zip", archive), ("d_L.jpg", io.BytesIO(jpeg(5))), ("e_R.dcm", io.BytesIO(dicom()))])
    found = told(drop)
    good = {name for name, reason in found.items() if not reason}
    assert good == {"camp/day 1/a_L.jpg", "camp/deep/er/still/b_R.jpg", "../../etc/passwd_L.jpg", "d_L.jpg", "e_R.dcm"}
    assert "inside a packed file" in found["camp/inner.zip"] and "text" in found["camp/notes.txt"] and "empty" in found["camp/empty.jpg"]
    assert "video" in found["camp/movie.mp4"] and drop.hidden == 4 and not drop.refused
    assert "grow far more" in found["camp/bomb.jpg"], "one such file costs itself alone"


def _lying(file: BinaryIO, size: int) -> BinaryIO:
    """The same archive, whose table of contents says that its one entry unpacks to `size` bytes."""
    data = bytearray(file.read())
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", size)
    return io.BytesIO(bytes(data))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: packed({f"{n}.jpg": bytes(900 << 10) for n in range(3)}), "more than 2 MB"),
        (lambda: packed({f"{n}.jpg": b"x" for n in range(10_000)}), "more than 2,000 files"),
        (lambda: io.BytesIO(packed({"a.jpg": jpeg(1)}).read()[:-30]), "damaged"),
        (lambda: io.BytesIO(b"PK\x03\x04 and no more"), "damaged"),
        (lambda: _lying(packed({"a.jpg": jpeg(1)}), 4_000_000_000), "more than 2 MB"),
    ],
    ids=["large", "many", "cut", "nothing", "lying"],
)
def test_a_zip_that_is_refused_says_why(make: Callable[[], BinaryIO], says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARELENS_MAX_BATCH_MB", "2")
    settings.cache_clear()
    assert says in refusal(make())
    monkeypatch.undo()
    settings.cache_clear()


def test_one_bad_entry_does_not_stop_the_others() -> None:
    whole = packed({"a.jpg": jpeg(1), "b.jpg": jpeg(2)}, zipfile.ZIP_STORED).read()
    at = whole.index(jpeg(1)) + 200
    broken = whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :]
    found = told(look_through([("all.zip", io.BytesIO(broken))]))
    assert "damaged" in found["a.jpg"] and found["b.jpg"] == ""
    locked = bytearray(whole)
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    found = told(look_through([("all.zip", io.BytesIO(bytes(locked)))]))
    assert "password" in found["a.jpg"] and found["b.jpg"] == ""
    short = _lying(packed({"a.jpg": jpeg(1)}), 10)  # says less than it holds
    assert told(look_through([("all.zip", short)]))["a.jpg"]


def test_sizes_and_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARELENS_MAX_UPLOAD_MB", "1")
    settings.cache_clear()
    large = jpeg(1) + bytes(1 << 20)
    found = told(look_through([("large.jpg", io.BytesIO(large)), ("all.zip", packed({"in.jpg": large}, zipfile.ZIP_STORED))]))
    assert all("too large" in reason for reason in found.values()) and len(found) == 2
    monkeypatch.undo()
    settings.cache_clear()
    with pytest.raises(InvalidInput, match="2,000"):
        look_through([(f"{n}.jpg", io.BytesIO(b"x")) for n in range(MOST_FILES + 1)])
    drop = look_through([("a\x00\n\u202eb.jpg", io.BytesIO(jpeg(1))), ("x" * 400 + ".jpg", io.BytesIO(jpeg(2)))])
    assert all(name.isprintable() and len(name) <= 255 for name in told(drop)) and drop.files[1].name.endswith(".jpg")

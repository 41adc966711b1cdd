"""What somebody dropped on the desk: photos, DICOM files, a folder of them, or ZIP files, looked at before anything is unpacked.

A ZIP file is only ever read, entry by entry and never further than it says; nothing of it is written under a name it gives.
Each file that cannot be taken says why, and the rest goes on.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

from core.errors import CareLensError, InvalidInput, PhotoRejected
from core.intake.formats import is_taken, named_format
from core.settings import settings

MOST_FILES = 2000
"""Files in one go, those of every ZIP among them."""
MOST_RATIO = 200
"""How much larger an entry may be than it is packed. Photos hardly get smaller; a DICOM file that is half black does."""
RATIO_FROM = 1 << 20
"""Bytes under which an entry may be packed as well as it likes."""
_HIDDEN = ("__macosx", "thumbs.db", "desktop.ini", "dicomdir")
"""What computers, and exports of DICOM files, put beside the photos."""


@dataclass(frozen=True)
class Dropped:
    """A file: its name (in a ZIP, with its folders), and its bytes, read when they are asked for.

    `read` raises CareLensError, in a sentence, for what cannot be taken.
    """

    name: str
    read: Callable[[], bytes]


@dataclass(frozen=True)
class Drop:
    """What was found in a drop. `refused`: whole ZIP files that are not opened, by name; `hidden`: files of the computer itself."""

    files: tuple[Dropped, ...]
    refused: tuple[tuple[str, CareLensError], ...] = ()
    hidden: int = 0


def look_through(given: Sequence[tuple[str, BinaryIO]]) -> Drop:
    """Every photo in what was dropped, (name, open file) each. The files must stay open until all was read.

    Raises InvalidInput when there are more than MOST_FILES, or nothing at all.
    """
    files: list[Dropped] = []
    refused: list[tuple[str, CareLensError]] = []
    hidden = 0
    for name, file in given:
        if _is_hidden(name):
            hidden += 1
        elif _is_zip(file):
            try:
                archive = _opened(file)
                entries = [entry for entry in archive.infolist() if not entry.is_dir()]
                seen = [entry for entry in entries if not _is_hidden(entry.filename)]
                _check_whole(seen)
            except CareLensError as error:
                refused.append((shown(name), error))
                continue
            hidden += len(entries) - len(seen)
            files += (_entry(archive, entry) for entry in seen)
        else:
            files.append(Dropped(shown(name), _reader(file)))
        check_count(len(files))
    return Drop(tuple(files), tuple(refused), hidden)


def check_count(count: int) -> None:
    """InvalidInput for too many files."""
    if count > MOST_FILES:
        raise InvalidInput(
            f"There are more than {MOST_FILES:,} files, and that is the most in one go. Nothing was added.",
            "Take them in smaller groups, a day or a place at a time.",
        )


def shown(name: str) -> str:
    """A file's name as it can be shown and kept: no control characters, folders with `/`, at most 255 letters, its end kept."""
    clean = "".join(letter if letter.isprintable() else "�" for letter in name.replace("\\", "/"))
    return clean[-255:]


def _is_hidden(name: str) -> bool:
    parts = [part.casefold() for part in PurePosixPath(name.replace("\\", "/")).parts]
    return any(part in _HIDDEN or (part.startswith(".") and part not in (".", "..")) for part in parts)


def _is_zip(file: BinaryIO) -> bool:
    start = file.read(4)
    file.seek(0)
    return start in (b"PK\x03\x04", b"PK\x05\x06")


def _opened(file: BinaryIO) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError) as error:
        raise InvalidInput("This ZIP file is damaged or not complete.", "Pack the photos again, or drop the folder itself.") from error


def _check_whole(entries: Sequence[zipfile.ZipInfo]) -> None:
    """Refuse a ZIP file whose table of contents alone says that it is no bundle of photos."""
    most = settings().max_batch_mb
    check_count(len(entries))
    if sum(entry.file_size for entry in entries) > most * 2**20:
        raise InvalidInput(
            f"Unpacked, this ZIP file has more than {most:,} MB. It was not opened.",
            "Take the photos in smaller groups, or drop the folder itself.",
        )


def _entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Dropped:
    def read() -> bytes:
        if entry.flag_bits & 1:
            raise PhotoRejected("This file is locked with a password.", "Pack it again without one.", code="wrong_format")
        _check_size(entry.file_size)
        if entry.file_size > RATIO_FROM and entry.file_size > MOST_RATIO * max(entry.compress_size, 1):
            raise PhotoRejected("Unpacked, this file would grow far more than photos do.", "Send it again by itself.", code="wrong_format")
        try:
            with archive.open(entry) as packed:
                return _checked(packed.read(entry.file_size + 1))
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
            raise PhotoRejected("This file is damaged inside the ZIP file.", "Send it again by itself.", code="incomplete") from error

    return Dropped(shown(entry.filename), read)


def _reader(file: BinaryIO) -> Callable[[], bytes]:
    def read() -> bytes:
        file.seek(0, 2)
        _check_size(file.tell())
        file.seek(0)
        return _checked(file.read())

    return read


def _check_size(size: int) -> None:
    most = settings().max_upload_mb
    if size > most * 2**20:
        raise PhotoRejected(
            f"The file is too large: {size / 2**20:.0f} MB, and the limit is {most} MB.", "Send a smaller copy.", code="too_many_bytes"
        )
    if size == 0:
        raise PhotoRejected("The file is empty.", "Send it again.", code="empty")


def _checked(data: bytes) -> bytes:
    """The bytes, unless their beginning says that they are something else than a photo; the rest is found out when they are read."""
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        raise PhotoRejected(
            "This is a packed file inside a packed file, which is not opened.",
            "Unpack it first, and drop what is in it.",
            code="wrong_format",
        )
    other = None if is_taken(data) else named_format(data)
    if other is not None:
        raise PhotoRejected(other.reason, other.hint, code="wrong_format")
    return data

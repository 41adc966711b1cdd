"""The store of photos, masks and heat maps: bytes under random keys."""

from __future__ import annotations

import logging
import math
import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from core.errors import NotFound, Unavailable
from core.settings import settings

log = logging.getLogger("carelens.photos")

KEY = re.compile(r"[0-9a-f]{32}")
"""The form of every key."""


class PhotoStore(Protocol):
    """What every store can do. Keys are made by the store; they say nothing about what is inside.

    Every method but `healthy` raises Unavailable when the store cannot be reached or is full.
    """

    def put(self, data: bytes, key: str | None = None) -> str:
        """Keep `data` and return its key. When this returns, the bytes survive a crash.

        `key`: one that a store made before, when something is put back under it; ValueError for another form.
        """

    def get(self, key: str) -> bytes:
        """The bytes under `key`; NotFound when there are none, ValueError for a key of the wrong form."""

    def delete(self, key: str) -> None:
        """Remove what is under `key`; nothing happens when there is nothing."""

    def older_than(self, seconds: float) -> Iterator[str]:
        """Keys of everything put at least `seconds` ago, in no order."""

    def keys(self) -> set[str]:
        """Every key there is."""

    def half_written(self, seconds: float, remove: bool = False) -> int:
        """How many things, at least `seconds` old, a crash left half-written; with `remove` they go."""

    def healthy(self) -> bool:
        """Something can be written and read now. Never raises."""


class Folder:
    """A store in a folder: `ab/cd/abcd...`, each file written aside, synced and renamed into place."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._seen = False
        self._opening = threading.Lock()

    def _path(self, key: str) -> Path:
        return self.root / place(key)

    def _open(self) -> None:
        """Make the folder at first; one that was there and went (a disk that came off) is not made anew behind its back."""
        with self._opening:  # else a thread looks just before another makes the folder, and asks just after
            if self.root.is_dir():
                self._seen = True
            elif self._seen:
                raise FileNotFoundError("the folder of the photo store is gone")
            else:
                _private(self.root)
                self._seen = True

    def put(self, data: bytes, key: str | None = None) -> str:
        """See PhotoStore."""
        key = key or uuid4().hex
        path = self._path(key)
        aside = self.root / "new" / uuid4().hex
        try:
            self._open()
            _private(aside.parent)
            made = [folder for folder in (path.parent, path.parent.parent) if not folder.exists()]
            _private(path.parent)
            descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            aside.rename(path)
            for folder in (path.parent, *(new.parent for new in made)):
                _sync(folder)  # the name in the folder, and a new folder's own name, must survive too
        except OSError as error:
            with suppress(OSError):
                aside.unlink(missing_ok=True)
            raise unavailable(error) from error
        return key

    def get(self, key: str) -> bytes:
        """See PhotoStore."""
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError as error:
            if not self.root.is_dir():
                raise unavailable(error) from error
            raise not_there() from None
        except OSError as error:
            raise unavailable(error) from error

    def delete(self, key: str) -> None:
        """See PhotoStore."""
        try:
            self._path(key).unlink(missing_ok=True)
        except OSError as error:
            raise unavailable(error) from error

    def older_than(self, seconds: float) -> Iterator[str]:
        """See PhotoStore."""
        before = time.time() - seconds
        return (path.name for path in self._files("??/??/*") if KEY.fullmatch(path.name) and _since(path) <= before)

    def keys(self) -> set[str]:
        """See PhotoStore."""
        return {path.name for path in self._files("??/??/*") if KEY.fullmatch(path.name)}

    def _files(self, pattern: str) -> Iterator[Path]:
        if self._seen and not self.root.is_dir():
            raise unavailable(FileNotFoundError("the folder of the photo store is gone"))
        return self.root.glob(pattern)

    def half_written(self, seconds: float, remove: bool = False) -> int:
        """See PhotoStore."""
        before = time.time() - seconds
        old = [path for path in self._files("new/*") if _since(path) <= before]
        for path in old if remove else ():
            with suppress(OSError):
                path.unlink(missing_ok=True)
        return len(old)

    def healthy(self) -> bool:
        """See PhotoStore."""
        probe = self.root / "new" / f"health-{uuid4().hex}"
        try:
            self._open()
            _private(probe.parent)
            probe.write_bytes(b"1")
            return probe.read_bytes() == b"1"
        except OSError:
            return False
        finally:
            with suppress(OSError):
                probe.unlink(missing_ok=True)


def place(key: str) -> str:
    """Where a key's bytes are below the root, `ab/cd/abcd...`, the same in every store; ValueError for a key of another form."""
    # Only our own form passes, so no key can name a file outside the store.
    if not KEY.fullmatch(key):
        raise ValueError("not a key of the photo store")
    return f"{key[:2]}/{key[2:4]}/{key}"


def _private(folder: Path) -> None:
    """Make a folder, and those above it that are missing, for the owner alone."""
    for missing in reversed([f for f in (folder, *folder.parents) if not f.exists()]):
        missing.mkdir(exist_ok=True, mode=0o700)


def _since(path: Path) -> float:
    """When a file was written, in seconds since 1970; never for one that somebody took away since it was listed."""
    try:
        return path.stat().st_mtime
    except OSError:
        return math.inf


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def unavailable(error: Exception) -> Unavailable:
    """What a person is told when the store fails."""
    log.warning("photo store unavailable: %s", type(error).__name__)
    return Unavailable("The photo store is full or out of reach, so nothing was changed.", "Please try again later.")


def not_there() -> NotFound:
    """What a person is told when a picture is missing."""
    return NotFound("This picture is not in the store.", "Please tell whoever runs CareLens.")


def folder_of(where: str) -> Path | None:
    """The folder that a path or a `file://` address names; None for a store elsewhere."""
    if where.startswith("file://"):
        return Path(unquote(urlsplit(where).path))
    return None if "://" in where else Path(where)


@cache
def _store(where: str) -> PhotoStore:
    folder = folder_of(where)
    if folder:
        return Folder(folder)
    from core.records.bucket import Bucket  # loaded only where it is used: most houses keep a folder

    return Bucket(where)


def store() -> PhotoStore:
    """The store named in the settings; ValueError for an address of a kind that is not known."""
    return _store(settings().photo_store)

"""The store of photos, masks and heat maps: bytes under random keys."""

from __future__ import annotations

import logging
import math
import os
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from core.errors import NotFound, Unavailable
from core.settings import settings

log = logging.getLogger("carelens.photos")

_KEY = re.compile(r"[0-9a-f]{32}")


class PhotoStore(Protocol):
    """What every store can do. Keys are made by the store; they say nothing about what is inside.

    Every method but `healthy` raises Unavailable when the store cannot be reached or is full.
    """

    def put(self, data: bytes) -> str:
        """Keep `data` and return its key. When this returns, the bytes survive a crash."""

    def get(self, key: str) -> bytes:
        """The bytes under `key`; NotFound when there are none, ValueError for a key of the wrong form."""

    def delete(self, key: str) -> None:
        """Remove what is under `key`; nothing happens when there is nothing."""

    def older_than(self, seconds: float) -> Iterator[str]:
        """Keys of everything put at least `seconds` ago, in no order (for `records.findings.sweep`)."""

    def healthy(self) -> bool:
        """Something can be written and read now. Never raises."""


class Folder:
    """A store in a folder: `ab/cd/abcd...`, each file written aside, synced and renamed into place."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def _path(self, key: str) -> Path:
        # Only our own form passes, so no key can name a file outside the folder.
        if not _KEY.fullmatch(key):
            raise ValueError("not a key of the photo store")
        return self.root / key[:2] / key[2:4] / key

    def put(self, data: bytes) -> str:
        """See PhotoStore."""
        key = uuid4().hex
        path = self._path(key)
        aside = self.root / "new" / key
        try:
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
            raise _unavailable(error) from error
        return key

    def get(self, key: str) -> bytes:
        """See PhotoStore."""
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError:
            raise NotFound("This picture is not in the store.", "Please tell whoever runs CareLens.") from None
        except OSError as error:
            raise _unavailable(error) from error

    def delete(self, key: str) -> None:
        """See PhotoStore."""
        try:
            self._path(key).unlink(missing_ok=True)
        except OSError as error:
            raise _unavailable(error) from error

    def older_than(self, seconds: float) -> Iterator[str]:
        """See PhotoStore. Half-written files that a crash left behind are removed on the way."""
        before = time.time() - seconds
        for path in self.root.glob("new/*"):
            if _since(path) <= before:
                with suppress(OSError):
                    path.unlink(missing_ok=True)
        for path in self.root.glob("??/??/*"):
            if _KEY.fullmatch(path.name) and _since(path) <= before:
                yield path.name

    def healthy(self) -> bool:
        """See PhotoStore."""
        probe = self.root / "new" / f"health-{uuid4().hex}"
        try:
            _private(probe.parent)
            probe.write_bytes(b"1")
            return probe.read_bytes() == b"1"
        except OSError:
            return False
        finally:
            with suppress(OSError):
                probe.unlink(missing_ok=True)


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


def _unavailable(error: OSError) -> Unavailable:
    log.warning("photo store unavailable: %s", type(error).__name__)
    return Unavailable("The photo store is full or out of reach, so nothing was changed.", "Please try again later.")


@cache
def _folder(root: str) -> Folder:
    return Folder(Path(root))


def store() -> PhotoStore:
    """The store named in the settings; ValueError for an address that is not a folder."""
    where = settings().photo_store
    if "://" in where:
        raise ValueError("CARELENS_PHOTO_STORE must be a folder.")
    return _folder(where)

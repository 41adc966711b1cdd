"""Which photos CareLens drew itself, known by their hash, in the demo only.

A drawn picture is told from a photograph by the kind gate and the out-of-distribution check, as it
should be. In the demo its mark lets it past these two, and nothing else. Outside the demo no mark counts.
"""

from __future__ import annotations

import json
import logging
import os
import tempfile
from functools import lru_cache
from pathlib import Path

from core.settings import settings

log = logging.getLogger("carelens.demo")


def mark(sha256: str) -> None:
    """Remember a drawn picture by the `sha256` of its Photo (hex), in the home folder. Marking twice is the same as once."""
    path = _path()
    known = set(_read(path))
    if sha256 in known:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".drawn-")
    with os.fdopen(handle, "w") as file:
        json.dump(sorted(known | {sha256}), file, indent=0)
    os.replace(temporary, path)  # so that a reader never sees half a file


def is_drawn(sha256: str) -> bool:
    """Whether this photo was drawn and marked. Always False outside the demo."""
    if not settings().demo:
        return False
    return sha256 in _read(_path())


def _path() -> Path:
    return settings().home / "drawn.json"


def _read(path: Path) -> frozenset[str]:
    try:
        changed = path.stat()
    except OSError:
        return frozenset()
    return _parsed(path, changed.st_mtime_ns, changed.st_ino)


@lru_cache(maxsize=4)
def _parsed(path: Path, changed: int, inode: int) -> frozenset[str]:
    try:
        known = json.loads(path.read_text())
    except (OSError, ValueError):
        log.warning("the marks of drawn pictures cannot be read")
        return frozenset()
    return frozenset(str(entry) for entry in known) if isinstance(known, list) else frozenset()

"""What the tests of the screening desk share: small files, and a batch of them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import numpy as np

from core.people.policy import Actor
from core.photo import encode_jpeg
from core.records.screening_batches import NewFile, add_files, make_batch


def jpeg(number: int, size: int = 64) -> bytes:
    """A small JPEG, another one for each number; bright for even numbers."""
    pixels = np.random.default_rng(number).integers(0, 100, (size, size, 3), dtype=np.uint8)
    return encode_jpeg(pixels + np.uint8(0 if number % 2 else 150))


def file(number: int, data: bytes | None = None, **told: object) -> NewFile:
    """A file called by its number, of a patient and a side."""
    told = {"patient": f"P{number // 2:03}", "side": ("right", "left")[number % 2], **told}
    return NewFile(f"P{number // 2:03}_{'RL'[number % 2]}.jpg", lambda: jpeg(number) if data is None else data, **told)  # type: ignore[arg-type]


def batch(actor: Actor, files: Sequence[NewFile], examination: str = "toy") -> UUID:
    """A batch with these files in it."""
    made = make_batch(actor, "Camp Oost", examination, "{patient}_{side}")
    add_files(actor, made.id, files, new_patients=True)
    return made.id

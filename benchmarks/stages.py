"""Every stage that one 12-megapixel photo goes through, each timed alone, and the whole way."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import cv2
import numpy as np

from benchmarks.measure import Row, repeat, row
from core.demo.people import demo_actor, seed_if_empty
from core.demo.pictures import lesion
from core.errors import PhotoRejected
from core.examinations.finding import Context, Finding
from core.examinations.registry import examination
from core.photo import encode_jpeg, read_photo
from core.records.database import migrate
from core.records.findings import save_finding
from core.settings import settings
from core.vision import quality
from core.vision.engine import engine, warm
from core.vision.gate import kind_of
from core.vision.outline import mask_of

SIZE = (4000, 3000)
"""Width and height of the photo, in pixels."""
NETWORKS_AIM_MS, WHOLE_AIM_MS = 150, 1000
"""Aims for all networks of a check, and for the way from a file to a finding in words."""


@contextmanager
def demo_house() -> Iterator[Path]:
    """An own demo clinic in a temporary folder, for this process."""
    with TemporaryDirectory(prefix="carelens-bench-") as folder:
        os.environ |= {"CARELENS_HOME": folder, "CARELENS_DEMO": "1", "CARELENS_DATABASE_URL": "", "CARELENS_PHOTO_STORE": ""}
        settings.cache_clear()
        migrate()
        seed_if_empty()
        yield Path(folder)


def photo_file(seed: int = 7, size: tuple[int, int] = SIZE) -> bytes:
    """A JPEG of `size` (width, height) with the grain of a camera: a drawn lesion, enlarged."""
    large = cv2.resize(lesion(seed).pixels, size, interpolation=cv2.INTER_CUBIC)
    grain = np.random.default_rng(seed).normal(0, 4, (size[1], size[0], 1))
    return encode_jpeg(np.clip(large + grain, 0, 255).astype(np.uint8), quality=92)


GATED = Context(drawn=True)


def passing(draw: Callable[[int], bytes], tries: int) -> Iterator[tuple[bytes, Finding]]:
    """Of the files `draw(1)` to `draw(tries)` those that pass the gate, with their findings: a drawn spot may be too small."""
    for seed in range(1, tries + 1):
        file = draw(seed)
        try:
            finding = examination("skin").run(read_photo(file), GATED)
        except PhotoRejected:
            continue
        yield file, finding


def examined_file() -> tuple[bytes, Context, Finding]:
    """A photo with its finding: the first that passes the gate, or else one that is examined whatever it is."""
    for file, finding in passing(photo_file, 3):
        return file, GATED, finding
    file, free = photo_file(), replace(GATED, gate=False)
    return file, free, examination("skin").run(read_photo(file), free)


def measure(n: int) -> list[Row]:
    """Time the stages `n` times each."""
    warm()
    skin = examination("skin")
    file, context, finding = examined_file()
    photo = read_photo(file)
    pixels = photo.pixels
    mask = finding.masks["lesion"]
    actor = demo_actor("patient")
    person = min(actor.person_ids, key=str)
    group = f"One photo of 12 megapixels ({len(file) / 1e6:.1f} MB JPEG)"

    def outline() -> None:
        mask_of(engine().outline("lesion_outline", pixels)[0], pixels.shape)

    def save() -> None:
        save_finding(actor, person, photo, finding, site="back", token=uuid4())

    stages = {
        "intake (checks, metadata, decoding)": (lambda: read_photo(file), 120),
        "gate: kind of photo (network)": (lambda: kind_of(pixels), 0),
        "gate: quality": (lambda: quality.problems(pixels, "dermatoscopic", mask), 0),
        "skin (network)": (lambda: engine().classify("skin_lesion", pixels), 0),
        "outline (network)": (outline, 0),
        "words": (lambda: skin.words(finding), 0),
        "save (photo, outline, heat map, record)": (save, 0),
    }
    times = {name: repeat(what, n) for name, (what, _) in stages.items()}
    rows = [row(group, name, times[name], aim) for name, (_, aim) in stages.items()]
    networks = [sum(one) for one in zip(*(times[name] for name in times if "(network)" in name), strict=True)]
    whole = repeat(lambda: skin.words(skin.run(read_photo(file), context)), n)
    last = "file to finding in words" + ("" if context.gate else ", no quality gate")
    return [*rows, row(group, "the three networks together", networks, NETWORKS_AIM_MS), row(group, last, whole, WHOLE_AIM_MS)]

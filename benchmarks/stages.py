"""Every stage that one 12-megapixel photo goes through, each timed alone, and the whole way."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import cv2
import numpy as np

from benchmarks.measure import Row, repeat, row

SIZE = (4000, 3000)
"""Width and height of the photo, in pixels."""


@contextmanager
def demo_house() -> Iterator[Path]:
    """An own demo clinic in a temporary folder, for this process."""
    from core.demo.people import seed_if_empty
    from core.records.database import migrate
    from core.settings import settings

    with TemporaryDirectory(prefix="carelens-bench-") as folder:
        os.environ |= {"CARELENS_HOME": folder, "CARELENS_DEMO": "1", "CARELENS_DATABASE_URL": "", "CARELENS_PHOTO_STORE": ""}
        settings.cache_clear()
        migrate()
        seed_if_empty()
        yield Path(folder)


def photo_file(seed: int = 7) -> bytes:
    """A JPEG of 12 megapixels with the grain of a camera: a drawn lesion, enlarged."""
    from core.demo.pictures import lesion
    from core.photo import encode_jpeg

    large = cv2.resize(lesion(seed).pixels, SIZE, interpolation=cv2.INTER_CUBIC)
    grain = np.random.default_rng(seed).normal(0, 4, (SIZE[1], SIZE[0], 1))
    return encode_jpeg(np.clip(large + grain, 0, 255).astype(np.uint8), quality=92)


def measure(n: int) -> list[Row]:
    """Time the stages `n` times each."""
    from core.demo.people import demo_actor
    from core.examinations.finding import Context
    from core.examinations.registry import examination
    from core.photo import read_photo
    from core.records.findings import save_finding
    from core.vision import quality
    from core.vision.engine import engine, warm
    from core.vision.gate import kind_of
    from core.vision.outline import mask_of

    warm()
    file = photo_file()
    photo = read_photo(file)
    pixels = photo.pixels
    skin = examination("skin")
    context = Context(drawn=True)
    finding = skin.run(photo, context)
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
    return [*rows, row(group, "the three networks together", networks, 150), row(group, "file to finding in words", whole, 1000)]

"""One 12-megapixel phone photo of skin, from the file to a finding in words: the rash and spot check, and the eczema check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

import cv2
import numpy as np

from benchmarks.measure import Row, repeat, row
from benchmarks.stages import GATED, NETWORKS_AIM_MS, SIZE, WHOLE_AIM_MS
from core.demo.limbs import limb
from core.demo.people import demo_actor
from core.errors import PhotoRejected, Unavailable
from core.examinations.condition import skin_of
from core.examinations.eczema import MASKS, OUTLINE, thresholds
from core.examinations.finding import Context, Finding
from core.examinations.registry import Examination, examination
from core.examinations.severity import Interval, Severity, severity
from core.photo import Photo, encode_jpeg, read_photo
from core.records.findings import save_finding
from core.vision import quality
from core.vision.card import card
from core.vision.engine import engine, warm
from core.vision.gate import kind_of
from core.vision.looks import Seen, look
from core.vision.regions import outlines_of

CHECKS = ("condition", "eczema")
Stages = dict[str, Callable[[], object]]


def limb_file(seed: int = 7, size: tuple[int, int] = SIZE) -> bytes:
    """A JPEG of `size` (width, height) with the grain of a camera: a drawn arm, a fifth of its skin in patches, enlarged."""
    drawn = limb(seed, "arm", 0.2, size=(1600, 1200))
    large = cv2.resize(drawn.pixels, size, interpolation=cv2.INTER_CUBIC)
    grain = np.random.default_rng(seed).normal(0, 4, (size[1], size[0], 1))
    return encode_jpeg(np.clip(large + grain, 0, 255).astype(np.uint8), quality=92)


def first_finding(check: Examination, photo: Photo) -> tuple[Context, Finding]:
    """With the gate where the drawn photo passes it, or else without. Unavailable when a network cannot be used."""
    try:
        return GATED, check.run(photo, GATED)
    except PhotoRejected:
        free = replace(GATED, gate=False)
        return free, check.run(photo, free)


def measured_on(photo: Photo, seen: Seen) -> Severity:
    """The eczema check's own arithmetic: outlines of all looks, then share, redness and their intervals."""
    facts = card(OUTLINE).facts
    cuts, order = thresholds(facts), [list(facts["classes"]).index(name) for name in MASKS]
    affected, skin = outlines_of(seen.mean[order], photo.pixels.shape, cuts)
    views = [outlines_of(one[order], one.shape[1:], cuts) for one in seen.each]
    return severity(photo.pixels, affected, skin, [(a, b) for a, b in views], Interval.of(facts))


def own_stages(check: Examination, photo: Photo) -> Stages:
    """What only this check does with a photo."""
    if check.id == "condition":
        return {
            "rash or spot (network)": lambda: engine().classify("skin_condition", photo.pixels),
            "skin tone (network)": lambda: skin_of(photo.pixels),
        }
    seen = look(OUTLINE, photo.pixels)
    return {
        f"outlines, {len(seen.each)} looks (network)": lambda: look(OUTLINE, photo.pixels),
        "share, redness and their ranges": lambda: measured_on(photo, seen),
    }


def of_check(check: Examination, file: bytes, n: int) -> list[Row]:
    """The stages of one check and the whole way, `n` times each. Unavailable when a network cannot be used."""
    photo = read_photo(file)
    context, finding = first_finding(check, photo)
    actor = demo_actor("patient")
    person = min(actor.person_ids, key=str)
    stages: Stages = {
        "gate: kind of photo (network)": lambda: kind_of(photo.pixels),
        "gate: quality": lambda: quality.problems(photo.pixels, "clinical"),
        **own_stages(check, photo),
        "words": lambda: check.words(finding),
        "save (photo, pictures, record)": lambda: save_finding(actor, person, photo, finding, site="arm", token=uuid4()),
    }
    group = f"{check.title}: one photo of 12 megapixels ({len(file) / 1e6:.1f} MB JPEG)"
    times = {name: repeat(what, n) for name, what in stages.items()}
    networks = [sum(one) for one in zip(*(times[name] for name in times if "(network)" in name), strict=True)]
    whole = repeat(lambda: check.words(check.run(read_photo(file), context)), n)
    last = "file to finding in words" + ("" if context.gate else ", no quality gate")
    return [
        *(row(group, name, seconds) for name, seconds in times.items()),
        row(group, "the networks together", networks, NETWORKS_AIM_MS),
        row(group, last, whole, WHOLE_AIM_MS),
    ]


def measure(n: int) -> list[Row]:
    """Time both checks `n` times, by the aims of the skin check. One whose networks are not there is left out."""
    warm()
    file = limb_file()
    rows: list[Row] = []
    for id in CHECKS:
        try:
            rows += of_check(examination(id), file, n)
        except Unavailable:
            continue
    return rows

"""Groups, skin tones, spoiled copies and repeats of the skin network, on made-up answers and drawn skin whose truth is known."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
import torch

from core.examinations.rule import Rule
from core.examinations.skin_rule import URGENT
from core.vision.card import card, input_of
from core.vision.light import level
from core.vision.networks import Classifier
from models.skin_lesion import robustness
from models.skin_lesion.measure import Collected, collect, decisions
from models.skin_lesion.report import INPUT
from models.skin_lesion.skin_tone import BANDS, NOT_SEEN, angle, band, skin_around
from models.skin_lesion.support import least_light, statistics
from models.skin_lesion.truth import FEWEST, described, groups, repeatability, truth
from models.training.data import SKIN_CLASSES, Lesions, ham10000

RULE = Rule(SKIN_CLASSES, 1.0, (1 / 7,) * 7, 1.0, {"mel": 0.2, "bcc": 0.2, "akiec": 0.2}, 0.9, 2.0, 0.5, URGENT)
MEL, NV = SKIN_CLASSES.index("mel"), SKIN_CLASSES.index("nv")


def lab_angle(rgb: tuple[int, int, int]) -> float:
    """ITA by the definitions of sRGB (IEC 61966-2-1) and CIELAB under D65, written out."""
    linear = [v / 255 / 12.92 if v / 255 <= 0.04045 else ((v / 255 + 0.055) / 1.055) ** 2.4 for v in rgb]
    rows = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    _, y, z = (sum(a * b for a, b in zip(row, linear, strict=True)) / white for row, white in zip(rows, (0.9505, 1, 1.089), strict=True))
    root = {name: v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for name, v in (("y", y), ("z", z))}
    return float(np.degrees(np.arctan((116 * root["y"] - 16 - 50) / (200 * (root["y"] - root["z"])))))


def skin(rgb: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Skin of one colour with a spot, hairs, ruler marks, ink, a reflection and dark corners, and the spot's mask."""
    pixels, mask = np.full((240, 320, 3), rgb, np.uint8), np.zeros((240, 320), np.uint8)
    cv2.ellipse(mask, (160, 120), (60, 45), 20, 0, 360, 255, -1)
    pixels[cv2.dilate(mask, np.ones((9, 9), np.uint8)) > 0] = (150, 80, 70)  # a red rim, wider than the outline
    pixels[mask > 0] = (80, 45, 35)
    for at in range(20, 300, 40):
        cv2.line(pixels, (at, 0), (at + 25, 239), (40, 30, 25), 2)
        cv2.line(pixels, (at, 225), (at, 235), (30, 30, 30), 1)
    cv2.circle(pixels, (280, 120), 14, (60, 60, 170), -1)
    cv2.circle(pixels, (40, 120), 8, (255, 255, 255), -1)
    y, x = np.mgrid[:240, :320]
    far = np.hypot(x - 160, y - 120)
    fade = np.clip((196 - far) / 16, 0.05, 1)[..., None]
    return (pixels * fade).astype(np.uint8), mask


@pytest.mark.parametrize("rgb", [(235, 205, 190), (214, 176, 150), (190, 145, 115), (160, 115, 85), (110, 75, 50), (70, 48, 36)])
def test_the_angle_is_that_of_the_skin_alone(rgb: tuple[int, int, int]) -> None:
    assert angle(*skin(rgb)) == pytest.approx(lab_angle(rgb), abs=1.5)


def test_a_photo_full_of_spot_or_hair_says_nothing() -> None:
    pixels, mask = skin((214, 176, 150))
    assert band(angle(pixels, np.full_like(mask, 255))) == NOT_SEEN
    seen = skin_around(pixels, mask)
    assert 0.2 < seen.mean() < 0.9 and not seen[mask > 0].any() and not seen[:12, :12].any()


def test_the_bands_are_the_published_ones() -> None:
    said = [band(ita) for ita in (55.1, 54.9, 41.1, 40.9, 28.1, 27.9, 10.1, 9.9, -29.9, -30.1)]
    assert said == ["very_light", *["light"] * 2, *["intermediate"] * 2, *["tan"] * 2, *["brown"] * 2, "dark"]
    assert [name for name, _ in BANDS] == list(dict.fromkeys(said))


def made(n: int = 400, seed: int = 0) -> Collected:
    """Photos of melanomas and moles, two of each spot; right 3 times in 4, the second photo as the first."""
    rng = np.random.default_rng(seed)
    lesions = np.arange(n) // 2
    labels = np.where(rng.random(n)[lesions] < 0.3, MEL, NV)
    right = (rng.random(n) < 0.75)[lesions * 2]
    logits = np.zeros((n, 7))
    logits[np.arange(n), np.where(right, labels, MEL + NV - labels)] = 4.0
    return Collected(labels, lesions, logits, np.ones(n), np.ones(n), np.ones(n, bool))


def test_the_figures_of_a_group_are_those_of_its_photos() -> None:
    rows = made()
    decided = decisions(rows, RULE)
    who = pd.DataFrame({"sex": np.where(np.arange(400) < 150, "female", "male"), "age": ["under_30"] * 10 + ["50_to_69"] * 390})
    found = groups(rows, decided, who)
    assert list(found["sex"]) == ["female", "male"] and list(found["age"]) == ["under_30", "30_to_49", "50_to_69", "70_and_over"]
    assert found["age"]["under_30"] == {"n": 10} and found["age"]["30_to_49"] == {"n": 0}, "too few for a figure"
    for name, part in (("female", slice(0, 150)), ("male", slice(150, 400))):
        labels, own = rows.labels[part], rows.logits[part].argmax(1)
        group = found["sex"][name]
        assert group["n"] == len(labels) >= FEWEST
        assert group["accuracy"]["value"] == pytest.approx((labels == own).mean(), abs=1e-4)
        assert group["refer_sensitivity"]["value"] == pytest.approx((own[labels == MEL] == MEL).mean(), abs=1e-4)
        assert group["refer_sensitivity"]["n"] == group["melanoma_sensitivity"]["n"] == (labels == MEL).sum()
        assert group["refer_specificity"]["value"] == pytest.approx((own[labels == NV] == NV).mean(), abs=1e-4)
        recall = [(own[labels == c] == c).mean() for c in (MEL, NV)]
        assert group["balanced_accuracy"]["value"] == pytest.approx(np.mean(recall), abs=1e-4)
        assert group["balanced_accuracy"]["classes"] == ["mel", "nv"]
        assert group["accuracy"]["low"] < group["accuracy"]["value"] < group["accuracy"]["high"]


def test_photos_are_put_into_groups_by_what_is_known_of_them() -> None:
    table = pd.DataFrame(
        {
            "age": [0.0, 45.0, 70.0, np.nan],
            "sex": ["male", "female", "unknown", "male"],
            "localization": ["lower extremity"] * 3 + ["unknown"],
        }
    )
    masks = np.zeros((4, 10, 10), np.uint8)
    for i, side in enumerate((2, 4, 7, 9)):
        masks[i, :side, :side] = 255
    who = described(Lesions(table, np.zeros((4, 10, 10, 3), np.uint8), masks), ["light"] * 4)
    assert list(who["age"]) == ["under_30", "30_to_49", "70_and_over", "not_known"]
    assert list(who["sex"]) == ["male", "female", "not_known", "male"]
    assert list(who["site"]) == ["lower_extremity"] * 3 + ["not_known"]
    assert who["size"].iloc[0] == "small" and who["size"].iloc[3] == "large"


def test_repeats_count_spots_not_pairs() -> None:
    """30 spots: 29 with two like photos, one with three of which one differs: two of its three pairs."""
    rows = made(61)
    lesions = np.append(np.arange(58) // 2, [29, 29, 29])
    logits = np.zeros((61, 7))
    logits[:, NV] = 5.0
    logits[60, NV], logits[60, MEL] = 0.0, 5.0
    rows = Collected(rows.labels, lesions, logits, np.ones(61), np.ones(61), np.ones(61, bool))
    found = repeatability(rows, RULE)
    assert (found["n"], found["photos"]) == (30, 61)
    for name in ("same_label", "same_refer", "same_step"):
        assert found[name]["value"] == pytest.approx((29 + 1 / 3) / 30, abs=1e-4), name
    sure = np.exp(5) / (np.exp(5) + 6)
    assert found["chance_difference"]["value"] == pytest.approx(2 / 3 * (sure - 1 / (np.exp(5) + 6)) / 30, abs=1e-4)
    few = repeatability(Collected(*(values[:8] for values in vars(rows).values())), RULE)
    assert few == {"n": 4, "photos": 8}


def test_copies_are_made_the_same_each_time_and_do_what_they_say() -> None:
    pixels, _ = skin((214, 176, 150))
    made_twice = {name: (copy(pixels), copy(pixels)) for name, copy in robustness.COPIES.items()}
    assert next(iter(made_twice)) == robustness.CLEAN
    for name, (one, other) in made_twice.items():
        assert one.dtype == np.uint8 and np.array_equal(one, other)
        assert np.array_equal(one, pixels) == (name == robustness.CLEAN)
    image = {name: one.astype(float) for name, (one, _) in made_twice.items()}
    assert image["half_size"].shape == (120, 160, 3) and image["turned_90"].shape == (320, 240, 3)
    assert np.array_equal(robustness.mirrored(robustness.mirrored(pixels)), pixels)
    assert image["darker"].mean() == pytest.approx(0.6 * pixels.mean(), rel=0.01)
    assert image["warm_light"][..., 0].mean() > image["clean"][..., 0].mean() > image["cold_light"][..., 0].mean()
    detail = {name: cv2.Laplacian(one, cv2.CV_64F).var() for name, one in image.items()}
    assert detail["blur_strong"] < detail["blur_light"] < 0.5 * detail["clean"]
    back = robustness.turned(-30)(made_twice["turned_30"][0]).astype(float)
    assert np.abs(back - pixels)[80:160, 120:200].mean() < 6, "turned there and back the middle is where it was"


def test_of_the_copied_photos_no_kind_is_most() -> None:
    labels = np.repeat(np.arange(7), (5, 400, 70, 71, 0, 1, 30))
    rows = robustness.chosen(labels)
    assert np.bincount(labels[rows], minlength=7).tolist() == [5, 70, 70, 70, 0, 1, 30] and len(set(rows)) == len(rows)


def test_a_row_is_set_against_the_photos_as_they_are() -> None:
    rows = made(60)
    decided = decisions(rows, RULE)
    other = decisions(Collected(**{**vars(rows), "logits": rows.logits[:, ::-1]}), RULE)
    clean, spoiled = (robustness.Answers(said, np.arange(60) < 15) for said in (decided, other))
    same = robustness.row(clean, clean, rows.labels, rows.lesions)
    assert same["same_label"]["value"] == 1 and same["turned_away"]["value"] == 0.25 and same["abstains"]["value"] == 0
    apart = robustness.row(spoiled, clean, rows.labels, rows.lesions)
    assert apart["same_label"]["value"] == 0 and apart["balanced_accuracy"]["value"] == 0


def test_from_photos_to_figures_through_the_app(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few real photos: every group and copy has its row, and what nobody spoiled gets the same answers."""
    monkeypatch.setattr(robustness, "PER_CLASS", 2)
    few = {name: robustness.COPIES[name] for name in ("clean", "darker", "mirrored")}
    monkeypatch.setattr(robustness, "COPIES", few)
    rows = collect(data_folder, "val", limit=12)
    found = truth(rows, dict(card("skin_lesion").facts), data_folder, "val", limit=12)
    assert sum(group["n"] for group in found["groups"]["skin_tone"].values()) == 12
    assert set(found["robustness"]) == set(few) and found["robustness"]["mirrored"]["same_label"]["value"] == 1
    with pytest.raises(ValueError, match="other photos"):
        truth(rows, dict(card("skin_lesion").facts), data_folder, "val", limit=10)


def test_the_level_of_light_is_that_of_the_training_photos(data_folder: Path) -> None:
    data = ham10000(data_folder, splits=("train",), limit=60)
    least = least_light(data)
    below = np.array([level(image[:, 40:280]) for image in data.images]) < least
    assert (below.mean(0) == 0.25).all() and 255 > least[0] > least[1] > 60, "skin is redder than it is green"
    support = statistics(Classifier(7).eval(), data, input_of(INPUT | {"least_light": least}))
    assert support["whiten"].shape == (1280, 256) and all(torch.isfinite(values).all() for values in support.values())

"""`retina_grade`: the loss and the cut-offs against independent references, the recipe in small, no leak between the sets of eyes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import cohen_kappa_score, roc_auc_score

from core.vision.field import BLANK, kept
from core.vision.ordinal import ordinal_probabilities
from models.retina_grade import recipe
from models.retina_grade.calibrate import fit_cutoffs, fit_rule
from models.retina_grade.graded import Graded
from models.retina_grade.measure import Collected, Said, area, kappa, measure
from models.retina_grade.shape import chance, of_field, of_levelled
from models.training.loop import Plan
from models.training.retina import Fundus, fields, fundus, levelled, levelled_once, thumbnails, twins

CUTS = np.array([-1.0, 0.5, 2.0, 3.0])


def made(n: int = 4000, seed: int = 0) -> Collected:
    """Answers of a network whose score is right up to logistic noise: grades are drawn from the very model that is fitted."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(0.5, 2.5, n)
    labels = np.searchsorted(CUTS, scores + rng.logistic(size=n))
    source = np.array(["aptos2019", "idrid", "eyepacs2015"])[rng.integers(0, 3, n)]
    return Collected(
        labels, source, np.array([f"p{i // 2}" for i in range(n)]), scores, rng.random(n), rng.uniform(0.9, 1, n), rng.random(n) < 0.5,
        rng.random((n, 8)), rng.random((n, 100)),
    )  # fmt: skip


def test_fitted_cutoffs_are_those_the_grades_were_made_with() -> None:
    rows = made()
    found, temperature = fit_cutoffs(rows.scores, rows.labels, CUTS + np.array([0.5, 0.2, -0.4, 0.3]))
    np.testing.assert_allclose(found, CUTS, atol=0.2)
    assert temperature == pytest.approx(1, abs=0.1)
    stretched, three = fit_cutoffs(rows.scores * 3, rows.labels, CUTS * 3)
    assert three == pytest.approx(3, rel=0.1)
    np.testing.assert_allclose(stretched / 3, CUTS, atol=0.2)


def test_one_fitted_cutoff_is_that_of_logistic_regression() -> None:
    """The question "above grade 1?" alone is a logistic regression with the score's weight one over the temperature."""
    rows = made()
    fitted, temperature = fit_cutoffs(rows.scores, rows.labels, CUTS)
    line = LogisticRegression(C=1e6).fit(rows.scores[:, None], rows.labels > 1)
    assert fitted[1] == pytest.approx(-float(line.intercept_[0] / line.coef_[0, 0]), abs=0.12)
    assert temperature == pytest.approx(1 / float(line.coef_[0, 0]), rel=0.1)


def test_the_rule_keeps_its_promises_on_photos_like_those_it_was_fitted_on() -> None:
    val, test = made(seed=1), made(seed=2)
    facts = fit_rule(val, CUTS)
    said, before = Said.of(test, facts), Said.of(val, facts)
    ill = val.labels >= 2
    assert 0.95 <= before.refer[ill].mean() < 0.96  # the largest threshold that still does
    assert said.refer[test.labels >= 2].mean() == pytest.approx(0.95, abs=0.02)
    assert said.inside[np.arange(len(test.labels)), test.labels].mean() >= 0.89
    assert all((np.diff(np.flatnonzero(row)) == 1).all() for row in said.inside)  # neighbours
    np.testing.assert_allclose(said.chances, ordinal_probabilities(test.scores, CUTS))
    assert (said.grade == np.searchsorted(facts["ordinal"]["label_cutoffs"], test.scores, side="right")).all()
    median = np.searchsorted(CUTS, test.scores, side="right")
    assert kappa(test.labels, said.grade) > kappa(test.labels, median) - 0.005, "grades named by their own cut-offs agree no less"
    assert before.abstains.mean() == pytest.approx(0.04, abs=0.01)


def test_the_figures_are_scikit_learns_and_told_per_source() -> None:
    val, test = made(900, 3), made(900, 4)
    facts = fit_rule(val, CUTS)
    found, said = measure(val, test, facts), Said.of(test, facts)
    for source in ("aptos2019", "idrid", "eyepacs2015"):
        own = test.sources == source
        expected = cohen_kappa_score(test.labels[own], said.grade[own], weights="quadratic")
        told = found["metrics"][f"kappa_{source}"]
        assert told["value"] == pytest.approx(expected, abs=1e-4) and told["low"] < expected < told["high"] and told["n"] == own.sum()
        row = found["thresholds"]["referable"]
        assert row[f"sensitivity_test_{source}"] == pytest.approx(said.refer[own & (test.labels > 1)].mean(), abs=1e-4)
        assert row[f"specificity_val_{source}"] == pytest.approx(
            1 - Said.of(val, facts).refer[(val.sources == source) & (val.labels < 2)].mean(), abs=1e-4
        )
    assert {"kappa_round", "kappa_cut", "auroc_round", "auroc_cut", "ece", "set_coverage"} <= set(found["metrics"])
    assert found["metrics"]["ece"]["value"] < 0.06  # made by the model, so it is calibrated
    assert np.sum(found["confusion"]) == 900 and set(found["recall"]) == set("01234")


def test_kappa_and_area_are_scikit_learns() -> None:
    rng = np.random.default_rng(5)
    for n in (12, 300):
        truth, said, score = rng.integers(0, 5, n), rng.integers(0, 4, n), rng.integers(0, 9, n).astype(float)
        assert kappa(truth, said) == pytest.approx(cohen_kappa_score(truth, said, weights="quadratic", labels=range(5)))
        assert area(score, truth > 1) == pytest.approx(roc_auc_score(truth > 1, score))


def test_kappa_and_area_of_one_sided_photos_are_not_numbers_and_not_errors() -> None:
    assert np.isnan(area(np.array([1.0, 2.0]), np.array([True, True])))
    assert np.isnan(kappa(np.array([], int), np.array([], int)))
    assert kappa(np.array([0, 4, 2]), np.array([0, 4, 2])) == 1


def drawn(cut: float, seed: int, size: int = 160) -> np.ndarray:
    """A drawn eye of a camera that cuts at `cut` of its radius."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:size, 0:size] - (size - 1) / 2
    inside = (np.hypot(x, y) < size * 0.48) & (np.abs(y) < cut * size * 0.48)
    noise = cv2.resize(rng.random((12, 12)).astype(np.float32), (size, size)) * 90 + 90
    return (np.stack((noise, noise * 0.6, noise * 0.3), 2) * inside[..., None]).astype(np.uint8)


def test_the_shape_alone_tells_the_camera_and_after_levelling_it_does_not() -> None:
    cuts = np.array([0.78, 1.0] * 40)
    photos = [drawn(cut, i) for i, cut in enumerate(cuts)]
    found, answer = fields(photos), cuts < 0.9
    first, last = slice(0, 50), slice(50, 80)
    before = of_field(photos, found)
    assert area(chance(before[first], answer[first], before[last]), answer[last]) > 0.95
    after = of_levelled(levelled(photos, 64, found))
    assert area(chance(after[first], answer[first], after[last]), answer[last]) < 0.75


def test_a_photo_is_known_again_smaller_and_mirrored() -> None:
    images = levelled([drawn(1.0, i) for i in range(12)], 96)
    again = np.asarray(cv2.resize(drawn(0.8, 3)[:, ::-1], (120, 120), interpolation=cv2.INTER_AREA), np.uint8)
    pairs = twins(thumbnails(images), thumbnails(levelled([again], 96)))
    assert [(i, j) for i, j, _ in pairs] == [(3, 0)]


@pytest.mark.parametrize("size", [96, 192])
def test_an_augmented_eye_is_blank_where_every_eye_is(size: int) -> None:
    images = levelled([drawn(1.0, i) for i in range(6)], 128)
    seen = recipe.seen_as(images, size, torch.Generator().manual_seed(2))
    assert seen.shape == (6, 3, size, size) and seen.min() >= 0 and seen.max() <= 1
    outside = seen.permute(0, 2, 3, 1)[:, ~torch.from_numpy(kept(size).copy())]
    torch.testing.assert_close(outside, (torch.tensor(BLANK) / 255).expand_as(outside))
    assert (seen.flatten(1).std(1) > 0.05).all() and len({round(float(v), 4) for v in seen.flatten(1).mean(1)}) == 6


def test_batches_take_the_sources_share_and_rare_grades_more_often() -> None:
    grades = np.repeat([0, 4, 0, 0], [900, 100, 500, 500])
    sources = np.repeat(["aptos2019", "idrid", "eyepacs2015"], [1000, 500, 500])
    picked = recipe.Draw(grades, sources).batch(20_000, np.random.default_rng(0))
    share = {s: (sources[picked] == s).mean() for s in recipe.SHARE}
    assert share == pytest.approx(recipe.SHARE, abs=0.02)
    rare = (grades[picked][sources[picked] == "aptos2019"] == 4).mean()
    assert rare == pytest.approx(100**0.7 / (100**0.7 + 900**0.7), abs=0.02) and rare > 0.1


def test_the_four_answers_of_a_grade() -> None:
    np.testing.assert_array_equal(recipe.above(np.array([0, 2, 4])), [[0, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 1]])


@pytest.fixture(scope="module")
def few(data_folder: Path) -> Fundus:
    return fundus(data_folder, limit=6)


def test_the_photos_are_read_with_their_grades(few: Fundus) -> None:
    assert len(few.photos) == 54 and set(few.sources) == {"aptos2019", "idrid", "eyepacs2015"}
    shapes = {s: {photo.shape for photo, own in zip(few.photos, few.sources, strict=True) if own == s} for s in set(few.sources)}
    assert shapes["aptos2019"] == {(224, 224, 3)} and all(shape[1] == 512 for shape in shapes["idrid"] | shapes["eyepacs2015"])
    assert sum(find is not None for find in fields(few.photos)) >= 53


def test_no_eye_is_in_two_splits(data_folder: Path) -> None:
    import pandas as pd

    table = pd.read_csv(data_folder / "retina" / "metadata.csv", dtype={"patient": str}).dropna(subset="patient")
    assert (table.groupby(["source", "patient"])["split"].nunique() == 1).all()


def test_the_recipe_learns_from_real_photos(few: Fundus, data_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe, "BATCH", 6)
    monkeypatch.setattr(recipe, "fundus", lambda folder, limit=None: few)
    trained = recipe.train(data_folder, tmp_path, Plan(stages=[(64, 3)], rate=1e-3, warmup=2, seed=5))
    assert (tmp_path / "checkpoint.pt").exists() and isinstance(trained, Graded)
    assert all(torch.isfinite(p).all() for p in trained.parameters()) and (trained.cutoffs.diff() > 0).all()
    pretrained = torch.load(data_folder / "pretrained" / "mobilenet_v2_imagenet.pth", weights_only=True)
    key = "features.1.conv.0.0.weight"
    assert 0 < (trained.network.state_dict()[key] - pretrained[key].float().flip(2, 3)).abs().max() < 0.5


def test_levelled_photos_are_kept_and_made_anew_when_the_photos_change(few: Fundus, tmp_path: Path) -> None:
    part = Fundus(few.table.iloc[:3], few.photos[:3])
    one = levelled_once(part, 48, tmp_path)
    (file,) = tmp_path.glob("*.npy")
    before = file.stat().st_mtime_ns
    np.testing.assert_array_equal(levelled_once(part, 48, tmp_path), one)
    assert file.stat().st_mtime_ns == before
    levelled_once(Fundus(few.table.iloc[:2], few.photos[:2]), 48, tmp_path)
    assert len(list(tmp_path.glob("*.npy"))) == 2


def test_the_outlined_eyes_of_idrid_are_found_among_the_graded_ones(data_folder: Path, unpacked: Callable[[str], dict[str, bytes]]) -> None:
    """Both sets have photos of the same eyes: that they are known by content is what keeps a test eye out of a training."""
    files = unpacked("retina_lesions/data.tar.gz")
    names = sorted(name for name in files if name.startswith("images/"))[:6]
    outlined = [np.asarray(cv2.imdecode(np.frombuffer(files[n], np.uint8), cv2.IMREAD_REDUCED_COLOR_2))[..., ::-1].copy() for n in names]
    whole = fundus(data_folder)
    graded = [photo for photo, own in zip(whole.photos, whole.sources, strict=True) if own == "idrid"]
    pairs = twins(thumbnails(levelled(outlined, 96)), thumbnails(levelled(graded, 96)))
    assert len({i for i, _, _ in pairs}) >= 2

"""The parts the recipes share, on tiny runs that still fail when they are broken."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.metrics import balanced_accuracy_score, confusion_matrix, jaccard_score, log_loss, recall_score
from torch import nn

from models.lesion_outline.recipe import jaccard, outline_loss
from models.photo_kind.mistakes import MAKERS, mistake
from models.photo_kind.render import render
from models.training import augment
from models.training.calibrate import bandwidth, share_over
from models.training.loop import Plan, fit, rate_at
from models.training.metrics import balanced_accuracy, bootstrap, confusion, recalls
from models.training.mixing import Draw, mixed, sampling_prior
from models.training.support import whitening


def test_metrics_equal_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    truth, said = rng.integers(0, 5, 400), rng.integers(0, 5, 400)
    assert balanced_accuracy(truth, said, 5) == pytest.approx(balanced_accuracy_score(truth, said))
    np.testing.assert_allclose(recalls(truth, said, 5), recall_score(truth, said, average=None))
    assert confusion(truth, said, 5) == confusion_matrix(truth, said).tolist()


def test_jaccard_equals_scikit_learn_and_two_empty_masks_agree() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.random((3, 20, 30)) > 0.5, rng.random((3, 20, 30)) > 0.5
    np.testing.assert_allclose(jaccard(a, b), [jaccard_score(x.ravel(), y.ravel()) for x, y in zip(a, b, strict=True)])
    assert jaccard(np.zeros((1, 4, 4), bool), np.zeros((1, 4, 4), bool)).tolist() == [1.0]


def test_bootstrap_interval_of_a_mean_is_the_normal_one() -> None:
    values = np.random.default_rng(2).normal(3, 2, 900)
    found = bootstrap(len(values), lambda rows: float(values[rows].mean()))
    half = 1.96 * values.std() / 30
    assert found["value"] == pytest.approx(values.mean(), abs=1e-4)
    assert found["high"] - found["low"] == pytest.approx(2 * half, rel=0.1)


def test_photos_of_one_lesion_are_drawn_together() -> None:
    """Ten copies of each of 30 values: drawn by group the interval is as wide as that of 30, not of 300."""
    values = np.repeat(np.random.default_rng(3).normal(size=30), 10)
    groups = np.repeat(np.arange(30), 10)
    alone = bootstrap(300, lambda rows: float(values[rows].mean()))
    together = bootstrap(300, lambda rows: float(values[rows].mean()), groups=groups)
    assert (together["high"] - together["low"]) > 2.3 * (alone["high"] - alone["low"])


def test_outline_loss_is_least_for_the_truth() -> None:
    target = torch.zeros(2, 1, 16, 16)
    target[:, :, 4:12, 4:12] = 1
    right, wrong = (target * 2 - 1) * 8, -(target * 2 - 1) * 8
    assert outline_loss(right, target) < 0.01 < 1 < outline_loss(wrong, target)


def test_sampling_lies_between_natural_and_uniform() -> None:
    labels = np.repeat(np.arange(7), [1, 4, 9, 16, 25, 36, 49])
    np.testing.assert_allclose(sampling_prior(labels, 7), np.arange(1, 8) / 28)
    np.testing.assert_allclose(sampling_prior(labels, 7, 0.0), np.full(7, 1 / 7))


def test_a_draw_gives_rows_of_its_classes_as_often_as_its_prior_says() -> None:
    labels = np.repeat(np.arange(3), [400, 100, 25])
    draw = Draw.of(labels, np.arange(525)[::2], 3)
    rows, classes, own = draw.batch(torch.Generator().manual_seed(0), 4000)
    assert (labels[rows] == classes).all() and (rows % 2 == 0).all()
    np.testing.assert_allclose(np.bincount(classes) / 4000, draw.prior, atol=0.03)
    again = draw.batch(torch.Generator().manual_seed(0), 4000)
    assert (again[0] == rows).all() and again[2].random() == own.random(), "a resumed run sees the same batches"


def test_the_adjusted_loss_is_the_log_loss_of_the_posterior_at_the_sampled_prior() -> None:
    labels = np.repeat(np.arange(3), [400, 100, 25])
    draw, rng = Draw.of(labels, np.arange(525), 3), np.random.default_rng(0)
    own, target = rng.normal(size=(50, 3)), rng.integers(0, 3, 50)
    posterior = np.exp(own) * draw.prior / (np.exp(own) * draw.prior).sum(1, keepdims=True)
    found = draw.loss(torch.from_numpy(own), torch.from_numpy(target), smoothing=0.0)
    assert float(found) == pytest.approx(log_loss(target, posterior, labels=[0, 1, 2]), abs=1e-5)


def test_a_smoothed_share_nears_the_count_and_falls_with_the_limit() -> None:
    scores = 1 / (1 + np.exp(-np.random.default_rng(0).normal(0, 1, 2000)))
    reach = bandwidth(np.log(scores / (1 - scores)))
    assert reach == pytest.approx(0.9 * 2000**-0.2, rel=0.06)  # of a standard normal, by the rule of thumb
    smooth = [share_over(scores, limit, reach).mean() for limit in (0.1, 0.3, 0.5, 0.7, 0.9)]
    assert smooth == sorted(smooth, reverse=True)
    np.testing.assert_allclose(smooth, [(scores >= limit).mean() for limit in (0.1, 0.3, 0.5, 0.7, 0.9)], atol=0.02)


def test_augmentation_turns_without_shearing() -> None:
    """A disc in a 240 x 320 photo stays a disc under a square window at any angle."""
    y, x = torch.meshgrid(torch.arange(240.0), torch.arange(320.0), indexing="ij")
    disc = (((x - 159.5) ** 2 + (y - 119.5) ** 2) < 60**2).float()[None, None].repeat(8, 1, 1, 1)
    matrix = augment.affine(8, torch.Generator().manual_seed(0), (240, 320), (1.0, 1.0), aspect=1.0, shift=0.0)
    out = augment.resample(disc, matrix, 96)[:, 0] > 0.5
    wide, high = out.any(1).sum(1), out.any(2).sum(1)
    assert (wide - 48).abs().max() <= 2 and (high - 48).abs().max() <= 2


def test_colour_keeps_range_and_shape_and_differs_by_photo() -> None:
    images = torch.rand(4, 3, 8, 8)
    out = augment.soften(augment.colour(images, torch.Generator().manual_seed(0)), torch.Generator().manual_seed(0), 1.0)
    assert out.shape == images.shape and out.min() >= 0 and out.max() <= 1
    assert not torch.allclose(out, images, atol=0.01)


def test_distance_is_one_at_home_and_large_away() -> None:
    torch.manual_seed(0)
    labels = torch.arange(600) % 3
    home = torch.randn(600, 40) * torch.linspace(0.5, 3, 40) + labels[:, None] * 4.0
    stats = whitening(home, labels, 40)

    def distance(x: torch.Tensor) -> torch.Tensor:
        return (((x - stats["centre"]) @ stats["whiten"])[:, None] - stats["means"]).pow(2).sum(2).min(1).values

    assert distance(home).mean() == pytest.approx(1.0, abs=0.1)
    assert distance(home + 30.0).min() > 20


def test_made_mistakes_and_renderings_are_pictures_that_differ() -> None:
    for maker in MAKERS:
        image = maker(np.random.default_rng(4), 200, 300)
        assert image.shape == (200, 300, 3) and image.dtype == np.uint8
    first = render(mistake(np.random.default_rng(5)), np.random.default_rng(5))
    again = render(mistake(np.random.default_rng(5)), np.random.default_rng(5))
    other = render(mistake(np.random.default_rng(6)), np.random.default_rng(6))
    assert np.array_equal(first, again) and (first.shape != other.shape or not np.array_equal(first, other))


def test_the_rate_rises_then_falls_to_a_hundredth() -> None:
    plan = Plan(stages=[(32, 100), (64, 100)], rate=1.0, warmup=10)
    rates = [rate_at(s, plan) for s in range(200)]
    assert max(rates) == pytest.approx(1.0) and rates.index(max(rates)) in (9, 10)
    assert rates[-1] == pytest.approx(0.01, abs=0.002)
    assert (plan.size_at(99), plan.size_at(100)) == (32, 64)


def test_a_restart_begins_a_second_and_lower_cosine() -> None:
    plan = Plan(stages=[(32, 200)], rate=1.0, restarts=((120, 0.4),), warmup=10)
    rates = [rate_at(s, plan) for s in range(200)]
    assert rates[119] == pytest.approx(0.01, abs=0.002) and max(rates[120:]) == pytest.approx(0.4)
    assert rates[199] == pytest.approx(0.004, abs=0.001)


class _Stopped(Exception):
    pass


def _toy_run(folder, stop_at: int | None = None) -> dict[str, torch.Tensor]:
    """Learn whether a picture is red or blue; stopped by force at a step where asked."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2))
    steps = iter(range(10_000))

    def loss(network: nn.Module, size: int, rng: torch.Generator) -> torch.Tensor:
        if stop_at is not None and next(steps) >= stop_at:
            raise _Stopped
        y = torch.randint(0, 2, (16,), generator=rng)
        x = torch.rand(16, 3, size, size, generator=rng) * 0.5
        x[torch.arange(16), y * 2] += 0.5
        value = nn.functional.cross_entropy(network(x), y)
        losses.append(float(value.detach()))
        return value

    losses: list[float] = []
    plan = Plan(stages=[(8, 20), (12, 20)], rate=0.05, warmup=5, checkpoint_seconds=0)
    try:
        average = fit(net, loss, plan, folder)
    except _Stopped:
        return {}
    if stop_at is None and len(losses) == plan.steps:
        assert np.mean(losses[-5:]) < 0.5 * np.mean(losses[:5])
    return average.state_dict()


def test_a_run_that_was_cut_off_ends_with_the_same_weights(tmp_path) -> None:
    whole = _toy_run(tmp_path / "whole")
    assert _toy_run(tmp_path / "cut", stop_at=13) == {}
    resumed = _toy_run(tmp_path / "cut")
    for name, value in whole.items():
        torch.testing.assert_close(resumed[name], value, msg=name)


def test_frozen_blocks_stay_as_they_start_and_the_others_learn(tmp_path: Path) -> None:
    class Small(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            torch.manual_seed(0)
            self.features = nn.Sequential(*(nn.Sequential(nn.Conv2d(3, 3, 3), nn.BatchNorm2d(3)) for _ in range(2)))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.features(x).mean((1, 2, 3))

    before = {k: v.clone() for k, v in Small().state_dict().items()}
    plan = Plan(stages=[(8, 5)], frozen=1, warmup=1)
    after = fit(Small(), lambda net, size, rng: (net(torch.rand(4, 3, size, size, generator=rng)) - 3).square().mean(), plan, tmp_path)
    same = {k for k, v in after.state_dict().items() if torch.equal(v, before[k])}
    assert same == {k for k in before if k.startswith("features.0.")}


@pytest.mark.parametrize("seed", range(12))
def test_mixing_keeps_labels_in_step_with_photos(seed: int) -> None:
    """Photo i is all of one value, its class: the mean of what comes out is what the target says was put in."""
    n, classes = 6, 6
    x = torch.arange(n).float()[:, None, None, None].repeat(1, 3, 20, 20)
    out, target = mixed(x, torch.eye(classes), np.random.default_rng(seed))
    torch.testing.assert_close(target.sum(1), torch.ones(n))
    torch.testing.assert_close(out.mean((1, 2, 3)), target @ torch.arange(classes).float())

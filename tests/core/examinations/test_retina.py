"""The retina check as a whole: what comes of an eye, of a poor photo, of doubt, and what while a network is missing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from core.errors import PhotoRejected, Unavailable
from core.examinations import retina, retina_quality
from core.examinations.finding import Context, Eye, Finding
from core.examinations.registry import BUILT_IN, examination
from core.examinations.retina_eye import guess, in_file
from core.instruments.icdr import GRADES
from core.photo import encode_png, read_photo
from tests.core.drawn_eyes import SIZE, Told, eye, photo_of
from tests.core.drawn_eyes import told as told_of
from tests.core.toy_networks import disc_network, grade_network, kinds_alone, lesions_network

DRAWN, UNGATED = Context(drawn=True), Context(gate=False)


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A house that has the network of the kinds, and no other."""
    yield from kinds_alone(tmp_path, monkeypatch)


@pytest.fixture
def told(models: Path, monkeypatch: pytest.MonkeyPatch) -> Told:
    return told_of(models, monkeypatch)


def test_real_networks_from_the_photo_to_the_finding(models: Path, unpacked: Callable[[str], dict[str, bytes]]) -> None:
    """Toys of the same make as those that ship, with real photographs; the gate is the real one."""
    grade_network(models, 0.0)
    lesions_network(models)
    disc_network(models)
    files = unpacked("retina/images.tar.gz")
    names = sorted(name for name in files if name.endswith(".webp"))
    for name in names[:: len(names) // 3][:3]:
        photo = read_photo(files[name])
        one = retina.examine(photo, Context())
        assert (one.kind, one.status, one.label, one.step) == ("fundus", "ok", "2", "soon") and one.refer
        assert set(one.masks) == {"ma", "he", "ex", "se", "disc"} and not any(mask.any() for mask in one.masks.values())
        assert all(mask.shape == photo.pixels.shape[:2] for mask in one.masks.values())
        assert one.heat is not None and max(one.heat.shape) == 128


@pytest.mark.parametrize("grade", range(5))
def test_each_grade_has_its_label_step_and_neighbours(told: Told, grade: int) -> None:
    told.install().grade = grade
    one = retina.examine(photo_of(eye()), DRAWN)
    assert (one.examination, one.kind, one.status, one.label) == ("retina", "fundus", "ok", str(grade))
    assert sum(one.probabilities.values()) == pytest.approx(1) and list(one.probabilities) == ["0", "1", "2", "3", "4"]
    assert one.numbers["referable"] == pytest.approx(sum(one.probabilities[name] for name in "234"))
    assert one.refer == (one.numbers["referable"] >= 0.4)
    shown = [int(name) for name in one.cannot_exclude]
    assert grade in shown and shown == list(range(shown[0], shown[-1] - 1, -1)), "neighbours, the worst first"
    assert one.step == ("soon" if shown[0] == 4 > grade else GRADES[shown[0]].step)
    assert set(one.versions) == {"photo_kind", "retina_grade"} and one.eye is None and not one.masks
    assert examination("retina").words(one).step == one.step


def test_the_heat_map_lies_over_the_photo_and_only_over_the_eye(told: Told) -> None:
    """The activation is the same everywhere: what is left is the field, where it is in the photo."""
    told.install()
    one = eye()
    wide = np.zeros((SIZE[1], SIZE[0] + 400, 3), np.uint8)
    wide[:, 400:] = one.pixels
    heat = retina.examine(read_photo(encode_png(wide)), DRAWN).heat
    assert heat is not None
    rows, columns = np.nonzero(heat > 0.5)
    scale = wide.shape[1] / heat.shape[1]
    assert columns.mean() * scale == pytest.approx(400 + SIZE[0] / 2, abs=8) and rows.mean() * scale == pytest.approx(SIZE[1] / 2, abs=8)
    assert np.ptp(columns) * scale == pytest.approx(2 * one.radius, rel=0.12)


@pytest.mark.parametrize("side", ["left", "right"])
def test_signs_are_outlined_where_they_are_and_counted(told: Told, side: str) -> None:
    one = eye(side=side)
    told.install("lesions").signs, told.grade = one, 2
    finding = retina.examine(photo_of(one), DRAWN)
    assert set(finding.masks) == {"ma", "he", "ex", "se", "disc"}
    for name, mask in finding.masks.items():
        assert mask.shape == (SIZE[1], SIZE[0]) and mask.dtype == np.uint8 and set(np.unique(mask)) <= {0, 255}
        if name in ("disc", "he"):  # the others are a few pixels wide
            both, either = (mask > 0) & (one.masks[name] > 0), (mask > 0) | (one.masks[name] > 0)
            assert both.sum() / either.sum() > 0.6, name
    # At the rim, which every eye loses alike, a sign is not counted.
    assert 7 <= finding.numbers["he"] <= 9 and 9 <= finding.numbers["ex"] <= 12 and finding.numbers["se"] == 1
    quadrants = [f"he_{up}_{across}" for up in ("superior", "inferior") for across in ("temporal", "nasal")]
    assert sum(finding.numbers[name] for name in quadrants) == finding.numbers["he"] and 0 < finding.numbers["he_area"] < 0.05
    seen = guess(finding)
    assert seen is not None and seen.eye == side and seen.sure > 0.9
    assert finding.numbers["least_grade"] == 2 and finding.versions["retina_lesions"] == "0.1.0"
    assert Finding.from_facts(json.loads(json.dumps(finding.facts()))).numbers == finding.numbers, "no number is NaN"


def test_the_eye_that_was_said_is_kept_and_the_guess_stays_what_it_is(told: Told) -> None:
    one = eye(side="left")
    told.install("lesions").signs, told.grade = one, 2
    finding = retina.examine(photo_of(one), Context(drawn=True, eye="right"))
    seen = guess(finding)
    assert finding.eye == "right" and seen is not None and seen.eye == "left"
    assert Finding.from_facts(json.loads(json.dumps(finding.facts()))).eye == "right"
    old = {name: value for name, value in finding.facts().items() if name != "eye"}
    assert Finding.from_facts(old).eye is None, "what was stored before there were eyes"


def test_without_a_disc_no_eye_is_guessed(told: Told) -> None:
    told.install("lesions").signs, told.blind, told.grade = eye(), ("disc",), 2
    finding = retina.examine(photo_of(eye()), DRAWN)
    assert guess(finding) is None and "he_superior_temporal" not in finding.numbers and finding.numbers["he"] > 0
    assert in_file({"Laterality": "L"}) == "left" and in_file({"Laterality": "B"}) is in_file({}) is None


@pytest.mark.parametrize(("grade", "asked", "looked"), [(0, False, False), (0, True, True), (1, False, True)])
def test_signs_are_looked_for_from_grade_1_on_or_when_asked_for(told: Told, grade: int, asked: bool, looked: bool) -> None:
    told.install("lesions").grade = grade
    finding = retina.examine(photo_of(eye()), Context(drawn=True, signs=asked))
    assert ("ma" in finding.numbers) == bool(finding.masks) == looked


@pytest.mark.parametrize(("grade", "known", "looked"), [(0, "left", False), (0, None, True), (1, "left", True)])
def test_the_disc_of_a_healthy_eye_is_looked_for_only_to_guess_which_eye_it_is(
    told: Told, grade: int, known: Eye | None, looked: bool
) -> None:
    told.install("lesions").signs, told.grade = eye(), grade
    finding = retina.examine(photo_of(eye()), Context(drawn=True, eye=known))
    assert (guess(finding) is not None) == looked and finding.label == str(grade) and finding.eye == known


@pytest.mark.parametrize("score", [-6.0, 1.5])
def test_signs_that_are_no_evidence_are_shown_and_move_nothing(told: Told, score: float) -> None:
    told.install().score = score
    plain = retina.examine(photo_of(eye()), DRAWN)
    told.evidence, told.signs = False, eye()
    told.install("lesions")
    shown = retina.examine(photo_of(eye()), Context(drawn=True, signs=True))
    assert shown.numbers["he"] > 0 and shown.masks and "least_grade" not in shown.numbers
    assert (shown.cannot_exclude, shown.step, shown.step_reasons) == (plain.cannot_exclude, plain.step, plain.step_reasons)
    words = retina.words(shown).looks_like
    assert "small bleeds" in words and ("do not change the grade" in words) == (plain.label == "0"), words


@pytest.mark.parametrize(("fewest", "looked"), [(350, True), (400, False)])
def test_signs_are_not_looked_for_in_a_photo_too_small_for_them(told: Told, fewest: int, looked: bool) -> None:
    """The drawn eye measures 376 pixels across. What is not looked for is said, and speaks for nothing."""
    one = eye()
    told.fewest_pixels, told.signs, told.grade = fewest, one, 1
    finding = retina.examine(photo_of(one), told.install("lesions") and Context(drawn=True, signs=True))
    assert ("ma" in finding.masks) == ("ma" in finding.numbers) == looked and ("across" in finding.numbers) != looked
    if not looked:
        seen, drawn = finding.masks["disc"] > 0, one.masks["disc"] > 0
        assert set(finding.masks) == {"disc"} and (seen & drawn).sum() / (seen | drawn).sum() > 0.9, "the disc is large enough"
        whatever = retina.examine(photo_of(one), Context(drawn=True, signs=True, whatever_size=True))
        assert {"ma", "he", "ex", "se", "disc"} == set(whatever.masks), "whoever asks for masks gets them all"
        assert finding.numbers["across"] == pytest.approx(2 * one.radius, rel=0.03) and "signs_more" not in finding.step_reasons
        assert f"only {finding.numbers['across']:.0f} pixels across" in retina.words(finding).looks_like


def test_signs_that_speak_against_the_grade_widen_the_set_and_never_hide(told: Told) -> None:
    told.install("lesions").score = -6.0
    plain = retina.examine(photo_of(eye()), Context(drawn=True, signs=True))
    told.signs = eye()
    finding = retina.examine(photo_of(eye()), Context(drawn=True, signs=True))
    assert (plain.label, plain.cannot_exclude, plain.step) == ("0", ("0",), "watch")
    assert (finding.label, finding.cannot_exclude) == ("0", ("2", "1", "0")) and "signs_more" in finding.step_reasons
    assert finding.probabilities == plain.probabilities and finding.refer == plain.refer, "the table is the same with masks and without"
    said = retina.words(finding)
    assert "do not agree" in said.looks_like and "grade 2 or more" in said.looks_like


def test_too_few_signs_by_the_card_are_drawn_and_speak_for_no_grade(told: Told) -> None:
    told.enough = {"microaneurysms": 99, "haemorrhages": 99, "hard_exudates": 99, "soft_exudates": 99}
    told.install("lesions").signs, told.score = eye(), -6.0
    finding = retina.examine(photo_of(eye()), Context(drawn=True, signs=True))
    assert finding.numbers["he"] > 5 and finding.masks["he"].any()
    assert finding.numbers["least_grade"] == 0 and finding.cannot_exclude == ("0",) and "signs_more" not in finding.step_reasons


def test_a_grade_without_signs_stays_and_says_so(told: Told) -> None:
    told.install("lesions").grade = 3
    finding = retina.examine(photo_of(eye()), DRAWN)
    assert "signs_none" in finding.step_reasons and finding.step == "soon" and "No sign that fits" in retina.words(finding).looks_like


@pytest.mark.parametrize("fault", ["blurred", "dark", "bright", "cut"])
def test_a_poor_photo_is_turned_away_with_a_reason_or_without_the_gate_abstained_from(told: Told, fault: str) -> None:
    told.install().grade = 3
    photo = photo_of(eye(fault=fault, grade=0))
    with pytest.raises(PhotoRejected) as refused:
        retina.examine(photo, DRAWN)
    assert refused.value.code == {"cut": "field"}.get(fault, fault) and refused.value.kind == "fundus"
    assert refused.value.reason.endswith(".") and refused.value.hint and "dermatoscope" not in refused.value.hint
    finding = retina.examine(photo, UNGATED)
    assert finding.status == "abstained" and finding.reason == refused.value.reason and finding.step == "soon"
    assert sum(finding.probabilities.values()) == pytest.approx(1), "the columns are filled whenever the network ran"


@pytest.mark.parametrize("code", ["blurred", "dark", "bright", "field"])
def test_the_network_of_the_quality_gives_its_most_probable_reason(told: Told, code: str) -> None:
    told.install("quality").quality = {"good": 0.4, code: 0.35}
    photo = photo_of(eye(shape="cut"))
    finding = retina.examine(photo, UNGATED)
    assert finding.status == "abstained" and "retina_quality" in finding.versions
    assert finding.reason == retina_quality.ALL[code].reason
    assert retina.examine(photo, DRAWN).status == "ok", "it never learned from drawings"
    told.quality = {"good": 0.6}
    assert retina_quality.problem_of(photo.pixels) is None


@pytest.mark.parametrize(("grade", "step"), [(0, "routine"), (4, "today")])
def test_a_photo_unlike_the_others_is_no_answer_and_hides_no_urgent_advice(told: Told, grade: int, step: str) -> None:
    told.install().grade, told.distance = grade, 9.0
    finding = retina.examine(photo_of(eye()), UNGATED)
    assert (finding.status, finding.step) == ("abstained", step) and "unlike" in finding.reason
    assert retina.examine(photo_of(eye()), DRAWN).status == "ok"


def test_thresholds_and_cut_offs_are_those_of_the_card(told: Told) -> None:
    photo = photo_of(eye())
    told.score = -1.5
    assert told.install() and not retina.examine(photo, DRAWN).refer
    told.install(thresholds={"referable": {"value": 0.3}}, conformal={"threshold": 0.5})
    finding = retina.examine(photo, DRAWN)
    assert finding.refer and finding.label == "1" and finding.cannot_exclude == ("2", "1"), "who is referred has 2 in the set"
    told.install(ordinal={"cutoffs": [-9.0, -8.0, -7.0, -6.0]})
    assert retina.examine(photo, DRAWN).label == "4"


def test_without_its_network_it_says_so_in_a_sentence_and_without_the_others_it_answers(told: Told) -> None:
    with pytest.raises(Unavailable, match="retina check is not installed"):
        retina.examine(photo_of(eye()), DRAWN)
    told.install().grade = 2
    finding = retina.examine(photo_of(eye()), DRAWN)
    assert finding.status == "ok" and not finding.masks and "Signs were not outlined" in retina.words(finding).looks_like


def test_what_is_no_eye_is_told_where_it_belongs(told: Told) -> None:
    told.install().kind = "clinical"
    with pytest.raises(PhotoRejected, match="phone or camera alone") as refused:
        retina.examine(photo_of(eye()), Context())
    assert refused.value.code == "wrong_kind" and refused.value.hint
    assert retina.examine(photo_of(eye()), UNGATED).status == "abstained", "no answer for what is hardly an eye"


def test_it_is_one_of_the_examinations_of_the_house() -> None:
    assert "core.examinations.retina" in BUILT_IN
    known = examination("retina")
    assert (known.classes, known.numbers, known.kinds) == (("0", "1", "2", "3", "4"), ("referable",), frozenset({"fundus"}))

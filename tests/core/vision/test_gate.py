"""The gate on real photographs: what is let in, and what a person is told otherwise."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from core.demo.pictures import lesion
from core.errors import PhotoRejected
from core.examinations.registry import examinations
from core.vision.gate import BELONGS, LOOKS_LIKE, RETAKE, Kind, check_kind, check_quality, check_subject, hint_for, kind_of
from models.photo_kind.mistakes import document, screenshot
from models.photo_kind.render import render
from models.training.data import decode
from tests.conftest import Dermatoscopic

WANTED = frozenset({"dermatoscopic"})


def share(images: list[np.ndarray], kind: str) -> float:
    return float(np.mean([kind_of(image).kind == kind for image in images]))


def some_of(files: dict[str, bytes], n: int) -> list[np.ndarray]:
    names = sorted(name for name in files if "images/" in name and name.endswith(".webp"))
    return [decode(files[name]) for name in names[:: max(1, len(names) // n)][:n]]


def test_kinds_are_told_apart_on_photos_rendered_again(ham10000: Dermatoscopic, unpacked: Callable[[str], dict[str, bytes]]) -> None:
    rng = np.random.default_rng(0)
    photos = {
        "dermatoscopic": [ham10000.image(id) for id in ham10000.ids("test")[:60]],
        "clinical": some_of(unpacked("eczema/data.tar.gz"), 60),
        "other": some_of(unpacked("other/images.tar.gz"), 60),
    }
    for kind, images in photos.items():
        assert share([render(image, rng) for image in images], kind) >= 0.9


@pytest.mark.parametrize("maker", [document, screenshot])
def test_screenshots_and_documents_are_something_other(maker: Callable[..., np.ndarray]) -> None:
    images = [maker(np.random.default_rng(seed), 800, 600) for seed in range(900_000, 900_020)]
    assert share(images, "other") >= 0.95


@pytest.mark.parametrize("kind", ["dermatoscopic", "clinical", "fundus", "other"])
@pytest.mark.parametrize("wanted", ["dermatoscopic", "clinical"])
def test_the_wrong_kind_is_told_what_it_looks_like_and_where_it_belongs(kind: str, wanted: str) -> None:
    if kind == wanted:
        check_kind(Kind(kind, {}), frozenset({wanted}))
        return
    with pytest.raises(PhotoRejected) as caught:
        check_kind(Kind(kind, {}), frozenset({wanted}))
    assert (caught.value.code, caught.value.kind) == ("wrong_kind", kind)
    assert LOOKS_LIKE[kind] in caught.value.reason
    assert caught.value.hint.endswith(RETAKE[wanted] if kind == "other" else BELONGS[kind])


def test_each_kind_is_sent_to_the_check_that_takes_it() -> None:
    """The checks are named as the menu names them, and the photo that is told to go somewhere is taken there."""
    for one in examinations().values():
        for kind in one.kinds & set(BELONGS):
            assert one.title.lower() in BELONGS[kind], (one.title, BELONGS[kind])
    assert "dermatoscope" in hint_for("clinical", WANTED) and "doctor" in hint_for("clinical", WANTED)
    assert "dermatoscope" not in RETAKE["clinical"] and "dermatoscope" not in hint_for("other", frozenset({"clinical"}))
    assert "retina check" in hint_for("fundus", WANTED)


def test_the_right_kind_passes() -> None:
    check_kind(Kind("dermatoscopic", {}), WANTED)


def test_a_poor_photo_is_told_how_to_take_it_again() -> None:
    drawn = lesion(3)
    check_quality(drawn.pixels, "dermatoscopic", drawn.mask)
    with pytest.raises(PhotoRejected) as caught:
        check_quality((drawn.pixels * 0.1).astype(np.uint8), "dermatoscopic")
    assert caught.value.code == "dark" and caught.value.hint


def test_hints_for_a_phone_do_not_speak_of_a_lens_on_the_skin() -> None:
    drawn = lesion(3).pixels
    white = np.full_like(drawn, 255)
    blurred = cv2.GaussianBlur(drawn, (0, 0), 30)
    for poor, code in (((drawn * 0.1).astype(np.uint8), "dark"), (white, "bright"), (blurred, "blurred"), (drawn[:60, :60], "too_small")):
        with pytest.raises(PhotoRejected) as caught:
            check_quality(np.ascontiguousarray(poor), "clinical")
        assert caught.value.code == code and caught.value.hint
        assert not any(word in caught.value.hint for word in ("dermatoscope", "gel", "press"))


def test_a_photo_without_a_spot_is_told_so() -> None:
    drawn = lesion(3)
    with pytest.raises(PhotoRejected) as caught:
        check_quality(drawn.pixels, "dermatoscopic", np.zeros_like(drawn.mask))
    assert caught.value.code == "no_spot" and "No spot was found" in caught.value.reason


@pytest.mark.parametrize("wide", [0, 10, 40, 400])
def test_a_photo_that_passed_is_judged_by_its_subject_as_with_it(wide: int) -> None:
    """Asked before the outline and once more with it alone, the answer is that of asking for everything with the outline."""
    drawn = lesion(3)
    mask = np.zeros_like(drawn.mask)
    mask[100 : 100 + wide, 100 : 100 + wide] = 255
    check_quality(drawn.pixels, "dermatoscopic")
    told = []
    for ask in (lambda: check_quality(drawn.pixels, "dermatoscopic", mask), lambda: check_subject(mask, "dermatoscopic")):
        try:
            ask()
            told.append(("", "", ""))
        except PhotoRejected as error:
            told.append((error.code, error.reason, error.hint))
    assert told[0] == told[1] and told[0][0] == {0: "no_spot", 10: "subject_small", 40: "subject_small", 400: ""}[wide]

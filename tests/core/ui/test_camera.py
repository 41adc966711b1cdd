"""The guided camera's judgement on frames, and that it asks nobody outside."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from av import VideoFrame
from numpy.typing import NDArray

from core.demo.pictures import lesion
from core.photo import read_photo
from core.settings import settings
from core.ui.camera import EVERY, GOOD, HOLD, KEEP, Guide, rtc_configuration
from core.vision import quality
from core.vision.aim import TOO_FAR
from core.web.headers import security_headers


@pytest.fixture(scope="module")
def drawn():
    return lesion(5, "plain", size=(640, 480))


def sharp(drawn) -> NDArray[np.uint8]:
    assert not quality.problems(drawn.pixels, "dermatoscopic"), "the drawing itself is good"
    return drawn.pixels


def blurred(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), 14), np.uint8)


def test_the_advice_follows_the_frame(drawn):
    guide = Guide()
    assert guide.advice == "" and guide.take() is None
    guide.look(blurred(sharp(drawn)), now=1.0)
    assert guide.advice == quality.PROBLEMS["blurred"].hint and not guide.good
    guide.look((sharp(drawn) * 0.12).astype(np.uint8), now=2.0)
    assert guide.advice == quality.PROBLEMS["dark"].hint
    guide.look(sharp(drawn), now=3.0)
    assert guide.advice == GOOD and guide.good


def test_the_best_frame_is_the_one_that_is_taken(drawn):
    guide = Guide()
    for at, frame in enumerate((blurred(sharp(drawn)), sharp(drawn), blurred(sharp(drawn)))):
        guide.look(frame, now=float(at))
    taken = guide.take()
    assert taken is not None
    pixels = read_photo(taken).pixels.astype(int)
    assert np.abs(pixels - sharp(drawn)).mean() < np.abs(pixels - blurred(sharp(drawn))).mean()
    assert guide.take() is None, "a photo is taken once"


def test_an_old_best_frame_gives_way(drawn):
    guide = Guide()
    guide.look(sharp(drawn), now=1.0)
    guide.look(blurred(sharp(drawn)), now=1.0 + KEEP + 1)
    assert not guide.good, "the camera has been elsewhere for long"


def test_frames_in_between_are_passed_over(drawn):
    guide = Guide()
    for at in range(20):
        guide.look(sharp(drawn), now=1.0 + at * EVERY / 4)
    assert guide.frames == 5


def test_a_phone_alone_gets_advice_of_its_own(drawn):
    dark = (sharp(drawn) * 0.08).astype(np.uint8)
    guide = Guide("clinical")
    guide.look(dark, now=1.0)
    assert guide.advice and "dermatoscope" not in guide.advice and not guide.good
    guide.look(lesion(5, "plain", size=(640, 480), growth=0.3).pixels, now=2.0)
    assert guide.advice == GOOD, "a rash has no size that it should fill the picture with"


def test_far_away_is_said():
    far = lesion(5, "plain", size=(640, 480), growth=0.3).pixels
    assert not quality.problems(far, "dermatoscopic"), "nothing else is wrong with it"
    guide = Guide()
    guide.look(far, now=1.0)
    assert guide.advice == TOO_FAR.hint


def test_it_is_taken_by_itself_after_some_good_frames_in_a_row(drawn):
    """The one of the row that is sharpest; not a sharper one of before, when the camera was elsewhere."""
    soft = np.asarray(cv2.GaussianBlur(sharp(drawn), (0, 0), 0.8), np.uint8)
    assert not quality.problems(soft, "dermatoscopic")
    guide = Guide()
    frames = [sharp(drawn), sharp(drawn), sharp(drawn), blurred(sharp(drawn)), *[soft] * HOLD]
    for at, frame in enumerate(frames, 1):
        assert not guide.ready
        guide.look(frame, now=float(at))
    assert guide.ready
    pixels = read_photo(guide.take()).pixels.astype(int)
    assert np.abs(pixels - soft).mean() < np.abs(pixels - sharp(drawn)).mean()
    assert not guide.ready and guide.take() is None and guide.waits
    for at in range(HOLD * 2):
        guide.look(sharp(drawn), now=50.0 + at)
    assert not guide.ready, "one photo, and not one every second"
    guide.again()
    for at in range(HOLD):
        assert not guide.ready
        guide.look(sharp(drawn), now=60.0 + at)
    assert guide.ready


@pytest.mark.parametrize("form", ["rgb24", "yuv420p", "nv12", "bgra"])
def test_frames_as_a_camera_sends_them(drawn, form, monkeypatch):
    """Real frames of a video, in the formats that cameras and decoders have; what is taken goes the way of every photo."""
    frame = VideoFrame.from_ndarray(np.ascontiguousarray(sharp(drawn)), format="rgb24").reformat(format=form)
    dark = VideoFrame.from_ndarray((sharp(drawn) * 0.12).astype(np.uint8), format="rgb24").reformat(format=form)
    clock = iter(np.arange(1.0, 100.0, EVERY / 4))
    monkeypatch.setattr("core.ui.camera.time.monotonic", lambda: float(next(clock)))
    guide = Guide()
    assert guide.see(dark) is dark and guide.advice == quality.PROBLEMS["dark"].hint
    for _ in range(HOLD * 6):
        assert guide.see(frame) is frame
    assert guide.ready and HOLD < guide.frames < HOLD * 6 / 2
    taken = read_photo(guide.take())
    assert taken.size == (640, 480) and np.abs(taken.pixels.astype(int) - sharp(drawn)).mean() < 6


def test_no_server_outside_is_asked_unless_the_settings_name_one(monkeypatch):
    monkeypatch.delenv("CARELENS_STUN_URL", raising=False)
    settings.cache_clear()
    assert rtc_configuration() == {"iceServers": []}
    monkeypatch.setenv("CARELENS_STUN_URL", "stun:stun.clinic.example:3478")
    settings.cache_clear()
    assert rtc_configuration() == {"iceServers": [{"urls": ["stun:stun.clinic.example:3478"]}]}
    settings.cache_clear()


def test_only_the_cameras_own_frame_may_stand_in_our_pages():
    framed, page = security_headers(False, framed=True), security_headers(False)
    assert "frame-ancestors 'self'" in framed["Content-Security-Policy"] and framed["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"] and page["X-Frame-Options"] == "DENY"

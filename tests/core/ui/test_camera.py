"""The guided camera's judgement on frames, and that it asks nobody outside."""

from __future__ import annotations

import asyncio
import time

import cv2
import numpy as np
import pytest
from aiortc import RTCPeerConnection
from av import VideoFrame
from numpy.typing import NDArray
from streamlit_webrtc.config import compile_rtc_configuration

from core.consult.turn import LIFE
from core.demo.pictures import lesion
from core.photo import read_photo
from core.settings import settings
from core.ui.camera import EVERY, GOOD, HOLD, KEEP, Guide, rtc_configuration
from core.vision import quality
from core.vision.aim import TOO_FAR
from core.web.headers import security_headers
from tests.servers import Relay


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


@pytest.fixture
def turn(monkeypatch):
    """`turn(url, secret)`: the settings name this TURN server."""

    def go(url: str, secret: str = Relay.SECRET) -> None:
        monkeypatch.setenv("CARELENS_TURN_URL", url)
        monkeypatch.setenv("CARELENS_TURN_SECRET", secret)
        settings.cache_clear()

    yield go
    settings.cache_clear()


def test_it_asks_nobody_but_the_servers_of_the_settings(turn, monkeypatch):
    assert rtc_configuration({}, "cam") == {"iceServers": []}
    monkeypatch.setenv("CARELENS_STUN_URL", "stun:stun.clinic.example:3478")
    settings.cache_clear()
    assert rtc_configuration({}, "cam") == {"iceServers": [{"urls": ["stun:stun.clinic.example:3478"]}]}
    turn("turn:turn.clinic.example:3478")
    stun, relay = rtc_configuration({}, "cam")["iceServers"]
    assert stun["urls"] == ["stun:stun.clinic.example:3478"] and relay["urls"] == ["turn:turn.clinic.example:3478"]
    assert float(relay["username"].partition(":")[0]) > time.time() and relay["credential"]


def test_the_credentials_stay_for_the_session_and_while_the_camera_is_on(turn):
    turn("turn:turn.clinic.example:3478")
    kept: dict[str, object] = {}
    first, began = rtc_configuration(kept, "cam"), time.time()
    assert rtc_configuration(kept, "cam", began + LIFE / 3) == first != rtc_configuration({}, "cam")
    kept["cam_on"] = True
    assert rtc_configuration(kept, "cam", began + 2 * LIFE) == first, "nobody is cut off while they aim"
    kept["cam_on"] = False
    later = rtc_configuration(kept, "cam", began + LIFE * 0.6)
    assert later != first and rtc_configuration(kept, "cam", began + LIFE * 0.9) == later


def test_the_server_half_of_the_camera_gets_a_way_by_the_relay(turn, relay: Relay):
    """A real relay, and the library's own reading of what we hand it."""

    async def ways() -> str:
        peer = RTCPeerConnection(compile_rtc_configuration(rtc_configuration({}, "cam")))
        peer.addTransceiver("video")
        await peer.setLocalDescription(await peer.createOffer())
        said = peer.localDescription.sdp
        await peer.close()
        return said

    turn(relay.url)
    assert "typ relay" in asyncio.run(ways())
    turn(relay.url, "another secret than the relay has")
    assert "typ relay" not in asyncio.run(ways())


def test_only_the_cameras_own_frame_may_stand_in_our_pages():
    framed, page = security_headers(False, framed=True), security_headers(False)
    assert "frame-ancestors 'self'" in framed["Content-Security-Policy"] and framed["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"] and page["X-Frame-Options"] == "DENY"

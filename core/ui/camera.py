"""The guided camera: the server looks at the picture while the person aims, says what to change, and takes the best frame when it is good.

Frames stay in memory and only the best one leaves, as a JPEG. No server outside is asked unless the
settings name one (`stun_url`, `turn_url`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.runtime import Runtime

from core.consult.turn import LIFE, ice_servers
from core.photo import encode_jpeg
from core.ui import parts
from core.vision.aim import NEAR, aim
from core.vision.gate import hint

if TYPE_CHECKING:
    from av import VideoFrame

EVERY = 0.25
"""Seconds between two frames that are measured; more would only cost a core."""
KEEP = 20.0
"""Seconds a best frame stays the best: after that the person is aiming at something else."""
HOLD = 4
"""Good frames in a row after which a photo is taken by itself: about a second of holding still."""
GOOD, TAKING = "Good. Hold still and press Take this photo.", "Good. Hold still: the photo is taken by itself."
LOOK = 0.7
"""Seconds between two looks of the page at what to say."""


@dataclass(frozen=True)
class Frame:
    """A measured frame: RGB uint8 pixels, how many things are wrong with it, its sharpness, and when it came (monotonic seconds)."""

    pixels: NDArray[np.uint8]
    problems: int
    sharpness: float
    at: float


class Guide:
    """Looks at frames as they come (any thread), remembers the best one and what to say, and knows when to take it."""

    def __init__(self, kind: str = NEAR) -> None:
        self.kind = kind
        self.advice = ""
        """What to do now, one sentence; empty before the first frame."""
        self.frames = 0
        self._best: Frame | None = None
        self._in_a_row = 0
        self._armed = True
        self._lock = threading.Lock()
        self._last = 0.0

    def see(self, frame: VideoFrame) -> VideoFrame:
        """Look at a frame as the camera sends it, of whatever format; returns it unchanged, to be shown."""
        if self._is_due(time.monotonic()):  # before it is converted, which is most of the cost
            self.look(np.asarray(frame.to_ndarray(format="rgb24"), np.uint8))
        return frame

    def _is_due(self, at: float) -> bool:
        with self._lock:
            return not self.frames or at - self._last >= EVERY

    def look(self, pixels: NDArray[np.uint8], now: float | None = None) -> None:
        """Measure one frame (uint8 RGB (h, w, 3)); frames that come sooner than `EVERY` after the last are passed over."""
        at = time.monotonic() if now is None else now
        with self._lock:
            if self.frames and at - self._last < EVERY:
                return
            self._last = at
        judged = aim(pixels, self.kind)
        frame = Frame(pixels, len(judged.problems), judged.sharpness, at)
        with self._lock:
            self.frames += 1
            self.advice = hint(judged.problems[0], self.kind) if judged.problems else GOOD
            self._in_a_row = self._in_a_row + 1 if judged.good else 0
            best = self._best
            # A row of good frames begins anew with what is aimed at now, not with what was sharper before.
            if best is None or at - best.at > KEEP or _rank(frame) >= _rank(best) or self._in_a_row == 1:
                self._best = frame

    @property
    def good(self) -> bool:
        """The best frame has nothing wrong with it."""
        with self._lock:
            return self._best is not None and not self._best.problems

    @property
    def ready(self) -> bool:
        """The last `HOLD` frames were good, one after the other: time to take the best of them. Once, until `again`."""
        with self._lock:
            return self._armed and self._in_a_row >= HOLD

    @property
    def waits(self) -> bool:
        """A photo was taken, and no other is taken by itself until `again`."""
        with self._lock:
            return not self._armed

    def again(self) -> None:
        """Take another photo by itself, from what is seen from now on."""
        with self._lock:
            self._armed, self._best, self._in_a_row = True, None, 0

    def take(self) -> bytes | None:
        """The best frame as a JPEG, and start again; None before the first frame."""
        with self._lock:
            best, self._best, self._in_a_row = self._best, None, 0
            self._armed = self._armed and best is None
        return None if best is None else encode_jpeg(best.pixels, quality=95)


def _rank(frame: Frame) -> tuple[int, float]:
    return -frame.problems, frame.sharpness


def rtc_configuration(kept: MutableMapping[Any, Any], key: str, now: float | None = None) -> dict[str, Any]:
    """The house's own STUN and TURN servers, or none: without a list the library would ask a public one.

    `kept`: the state of the session; `key`: of the camera in it; `now`: seconds since 1970. The credentials for TURN are made anew at each
    asking, and with other ones the element begins anew, so they stay: until half their time is over, and as long as the camera is on.
    """
    at = time.time() if now is None else now
    servers, since = kept.get(f"{key}_ice", (None, 0.0))
    if servers is None or (at - since > LIFE / 2 and not kept.get(f"{key}_on", False)):
        servers, since = ice_servers(), at
        kept[f"{key}_ice"] = servers, since
    return {"iceServers": servers}


def guided_camera(key: str, kind: str = NEAR) -> bytes | None:
    """Show the guided camera for photos of a `kind` (see `quality.LIMITS`).

    The photo taken (JPEG bytes) in the run in which it was taken, by the person or by itself when it was good for a while; else None.
    """
    if not (Runtime.exists() and hasattr(Runtime.instance(), "_session_mgr")):  # a page alone, without a server: no video
        parts.note("The guided camera needs a running CareLens server.")
        return None
    from streamlit_webrtc import WebRtcMode, webrtc_streamer  # slow to import, and few use it

    guide = st.session_state.setdefault(f"{key}_guide", Guide(kind))

    context = webrtc_streamer(
        key=key,
        mode=WebRtcMode.SENDRECV,
        rtc_configuration=rtc_configuration(st.session_state, key),
        media_stream_constraints={"video": {"width": {"ideal": 1280}, "facingMode": {"ideal": "environment"}}, "audio": False},
        video_frame_callback=guide.see,
        async_processing=True,
        translations={"start": "Start the camera", "stop": "Stop", "select_device": "Choose a camera"},
    )
    st.session_state[f"{key}_on"] = context.state.playing or context.state.signalling
    if not context.state.playing:
        return None
    alone = st.toggle("Take the photo by itself when it is good", value=True, key=f"{key}_alone")
    # Taken before the advice is drawn: that asks for this very run as long as there is a photo to take.
    photo = guide.take() if alone and guide.ready else None
    _advice(guide, alone)
    with parts.row():
        pressed = st.button("Take this photo", type="primary", icon=":material/photo_camera:", key=f"{key}_take")
        if alone and guide.waits:
            st.button("Take another by itself", icon=":material/autoplay:", key=f"{key}_again", on_click=guide.again)
    if pressed and photo is None and (photo := guide.take()) is None:
        st.toast("The camera has sent no picture yet. Wait a moment.", icon=":material/hourglass_empty:")
    return photo


@st.fragment(run_every=LOOK)
def _advice(guide: Guide, alone: bool) -> None:
    """The live advice; only this line runs again while the person aims, until there is a photo to take."""
    if alone and guide.ready:
        st.rerun()
    if alone and guide.waits:
        parts.note(":material/check_circle: The photo was taken. It is below.")
    elif not guide.advice:
        parts.note(":material/hourglass_empty: Waiting for the first picture.")
    else:
        good = guide.advice == GOOD
        st.markdown(f":material/{'check_circle' if good else 'tips_and_updates'}: **{TAKING if good and alone else guide.advice}**")

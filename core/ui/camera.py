"""The guided camera: the server looks at the picture while the person aims, says what to change, and keeps the best frame.

Frames stay in memory and only the best one leaves, as a JPEG. No server outside is asked unless the
settings name one (`stun_url`).
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.runtime import Runtime

from core.photo import encode_jpeg
from core.settings import settings
from core.ui import parts
from core.vision import quality
from core.vision.gate import hint

if TYPE_CHECKING:
    from av import VideoFrame

KIND = "dermatoscopic"
EVERY = 0.25
"""Seconds between two frames that are measured; more would only cost a core."""
KEEP = 20.0
"""Seconds a best frame stays the best: after that the person is aiming at something else."""
GOOD = "Good. Hold still and press Take this photo."
FAR_BELOW = 0.03
"""A spot under this share of the picture is asked to come closer. Of 300 HAM10000 photos it says so to 8 of the 12 whose
spot is that small (under 0.04) and to 8 of the 233 whose spot is not (0.1 or more)."""
TOO_FAR = quality.PROBLEMS["subject_small"]
CONTRAST = 18.0
"""Least difference of a spot and the usual skin around it in brightness (0-255) to take it for one."""


def rough_spot(pixels: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """A quick guess where the spot is: the largest dark patch around the middle, uint8 0/255 (about 160 px wide); None for no clear one.

    Good enough to say "closer"; the outline of a finding comes from the network.
    """
    scale = 160 / max(pixels.shape[:2])
    size = (max(8, round(pixels.shape[1] * scale)), max(8, round(pixels.shape[0] * scale)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    grey = cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), (0, 0), 1.5).astype(np.float32)
    middle = grey[size[1] // 5 : -(size[1] // 5), size[0] // 5 : -(size[0] // 5)]
    # The lighter half of the middle is skin, also where the spot fills much of it; corners are dark in every dermatoscope.
    dark = np.asarray(grey < float(np.percentile(middle, 75)) - CONTRAST, np.uint8)
    count, labels, boxes, centres = cv2.connectedComponentsWithStats(dark)
    reach, weight = 0.2 * size[0], [0.0]
    for n in range(1, count):
        _, _, wide, high, area = (int(value) for value in boxes[n])
        round_it = wide == size[0] and high == size[1] and labels[size[1] // 2, size[0] // 2] != n  # the dark ring of the lens
        away = float(np.hypot(centres[n][0] - size[0] / 2, centres[n][1] - size[1] / 2))
        weight.append(0.0 if round_it else area * float(np.exp(-((away / reach) ** 2))))
    best = int(np.argmax(weight))
    return np.asarray((labels == best) * 255, dtype=np.uint8) if weight[best] >= 8 else None


@dataclass(frozen=True)
class Frame:
    """A measured frame: RGB uint8 pixels, codes of what is wrong with it, its sharpness, and when it came (monotonic seconds)."""

    pixels: NDArray[np.uint8]
    problems: tuple[str, ...]
    sharpness: float
    at: float


class Guide:
    """Looks at frames as they come (any thread) and remembers the best one and what to say."""

    def __init__(self, kind: str = KIND) -> None:
        self.kind = kind
        self.advice = ""
        """What to do now, one sentence; empty before the first frame."""
        self.frames = 0
        self._best: Frame | None = None
        self._lock = threading.Lock()
        self._last = 0.0

    def look(self, pixels: NDArray[np.uint8], now: float | None = None) -> None:
        """Measure one frame (uint8 RGB (h, w, 3)); frames that come sooner than `EVERY` after the last are passed over."""
        at = time.monotonic() if now is None else now
        with self._lock:
            if self.frames and at - self._last < EVERY:
                return
            self._last = at
        mask = rough_spot(pixels) if self.kind == KIND else None  # what is near the lens has a spot in its middle; a rash has no such size
        measured = quality.measure(pixels, mask)
        problems = list(quality.judge(measured, self.kind))
        if mask is not None and (measured.subject or 0.0) < FAR_BELOW and TOO_FAR not in problems:
            problems.append(TOO_FAR)
        frame = Frame(pixels, tuple(problem.code for problem in problems), measured.sharpness, at)
        with self._lock:
            self.frames += 1
            self.advice = hint(problems[0], self.kind) if problems else GOOD
            best = self._best
            if best is None or at - best.at > KEEP or _rank(frame) >= _rank(best):
                self._best = frame

    @property
    def good(self) -> bool:
        """The best frame has nothing wrong with it."""
        with self._lock:
            return self._best is not None and not self._best.problems

    def take(self) -> bytes | None:
        """The best frame as a JPEG, and start again; None before the first frame."""
        with self._lock:
            best, self._best = self._best, None
        return None if best is None else encode_jpeg(best.pixels, quality=95)


def _rank(frame: Frame) -> tuple[int, float]:
    return -len(frame.problems), frame.sharpness


def rtc_configuration() -> dict[str, Any]:
    """Only the STUN server of the settings, or none: without a list the library would ask a public one."""
    url = settings().stun_url
    return {"iceServers": [{"urls": [url]}] if url else []}


def guided_camera(key: str, kind: str = KIND) -> bytes | None:
    """Show the guided camera for photos of a `kind` (see `quality.LIMITS`).

    The photo taken (JPEG bytes) in the run in which it was taken, else None.
    """
    if not (Runtime.exists() and hasattr(Runtime.instance(), "_session_mgr")):  # a page alone, without a server: no video
        parts.note("The guided camera needs a running CareLens server.")
        return None
    from streamlit_webrtc import WebRtcMode, webrtc_streamer  # slow to import, and few use it

    guide = st.session_state.setdefault(f"{key}_guide", Guide(kind))

    def see(frame: VideoFrame) -> VideoFrame:
        guide.look(frame.to_ndarray(format="rgb24"))
        return frame

    context = webrtc_streamer(
        key=key,
        mode=WebRtcMode.SENDRECV,
        rtc_configuration=rtc_configuration(),
        media_stream_constraints={"video": {"width": {"ideal": 1280}, "facingMode": {"ideal": "environment"}}, "audio": False},
        video_frame_callback=see,
        async_processing=True,
        translations={"start": "Start the camera", "stop": "Stop", "select_device": "Choose a camera"},
    )
    if not context.state.playing:
        return None
    _advice(guide)
    if st.button("Take this photo", type="primary", icon=":material/photo_camera:", key=f"{key}_take"):
        photo: bytes | None = guide.take()
        if photo is not None:
            return photo
        st.toast("The camera has sent no picture yet. Wait a moment.", icon=":material/hourglass_empty:")
    return None


@st.fragment(run_every=0.7)
def _advice(guide: Guide) -> None:
    """The live advice; only this line runs again while the person aims."""
    if not guide.advice:
        parts.note(":material/hourglass_empty: Waiting for the first picture.")
    else:
        icon = "check_circle" if guide.advice == GOOD else "tips_and_updates"
        st.markdown(f":material/{icon}: **{guide.advice}**")

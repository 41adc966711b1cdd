"""From the walked container of a JPEG, PNG or WebP to upright sRGB pixels of the working size."""

from __future__ import annotations

import io
import logging

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from core.errors import PhotoRejected
from core.intake.container import Container
from core.intake.pixels import resized
from core.intake.profile import to_srgb
from core.intake.refusals import LONGER_SIDE, incomplete, unreadable

log = logging.getLogger("carelens.photo")

READERS: dict[str, type[ImageFile.ImageFile]] = {"image/jpeg": JpegImageFile, "image/png": PngImageFile, "image/webp": WebPImageFile}
"""Called directly: `Image.open` would add a limit of its own to the one in the settings."""

_NOISE = np.random.default_rng(0).integers(0, 255, 1024, np.uint8).tobytes()
NOISE = 4 * _NOISE + b"".join(bytes([0xFF, 0xD0 + i % 8]) + _NOISE for i in range(16))
"""To be put after the data of a scan (`_ends_early`); the markers are those that a decoder with restarts waits for."""


def decode(container: Container) -> NDArray[np.uint8]:
    """RGB pixels (h, w, 3), upright, longer side at most 1600 px; PhotoRejected when it cannot be read."""
    try:
        image = _loaded(container, container.clean)
        if container.media_type == "image/jpeg" and _ends_early(container, image):
            raise incomplete()
        pixels = _rgb(image, container.profile)
    except PhotoRejected:
        raise
    except Exception as problem:  # whatever a decoder throws at bytes from outside means one thing here
        log.info("a photo could not be decoded: %s", type(problem).__name__)
        raise incomplete() if "truncated" in str(problem) else unreadable() from problem
    return upright(pixels, container.orientation)


def _loaded(container: Container, data: bytes) -> Image.Image:
    """The decoded picture, small: a large JPEG at a half, a quarter or an eighth, but at least of the working size."""
    with READERS[container.media_type](io.BytesIO(data)) as image:
        if image.size != (container.width, container.height):
            raise unreadable()
        # The decoder makes the smaller copy from the DCT itself: a 12 MP photo takes half the time.
        scale = min(1.0, LONGER_SIDE / max(image.size))
        image.draft(image.mode, (int(image.width * scale), int(image.height * scale)))
        image.load()
        return image


def _ends_early(container: Container, image: Image.Image) -> bool:
    """Whether data is missing before the end marker of a JPEG.

    A decoder that runs out of data makes something up, without an error: flat grey where there is one
    scan, less detail where there are several. So where that could be, the file is decoded once more with
    noise after its last scan: what was complete does not change, for its decoder never reads that far.
    """
    if not container.scan_end:
        return False
    corner = np.asarray(image.crop((max(0, image.width - 4), max(0, image.height - 4), *image.size)))
    if container.scans == 1 and not bool((np.abs(corner.astype(np.int16) - 128) <= 1).all()):
        return False
    data = container.clean[: container.scan_end] + NOISE + container.clean[container.scan_end :]
    try:
        return _loaded(container, data).tobytes() != image.tobytes()
    except (OSError, ValueError, SyntaxError):
        return True


def _rgb(image: Image.Image, profile: bytes) -> NDArray[np.uint8]:
    """sRGB uint8 of an image of any mode.

    What is see-through lies on white: a cut-out is meant to be seen on paper, and black around a lesion
    would look like the edge of a dermatoscope.
    """
    if "A" in image.mode.upper() and image.mode not in ("LA", "La", "RGBA", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
    elif image.mode in ("1", "P"):
        image = image.convert("L" if image.mode == "1" else "RGB")
    # Averaged down before anything else is made of it, so that the rest needs little memory.
    if max(image.size) > 2 * LONGER_SIDE:
        scale = 2 * LONGER_SIDE / max(image.size)
        image = image.resize((max(1, round(image.width * scale)), max(1, round(image.height * scale))), Image.Resampling.BOX)
    if image.mode.startswith("I"):  # 16-bit grey
        wide = np.asarray(image)
        image = Image.fromarray((wide >> 8 if wide.dtype == np.uint16 else np.clip(wide, 0, 65535) >> 8).astype(np.uint8))
    if image.mode in ("LA", "La", "RGBA", "RGBa"):
        layer = image.convert("RGBA")
        image = Image.new("RGBA", layer.size, (255, 255, 255, 255))
        image.alpha_composite(layer)
        image = image.convert("RGB")
    elif image.mode not in ("L", "RGB", "CMYK"):
        image = image.convert("RGB")
    pixels, mode = resized(np.asarray(image, dtype=np.uint8), LONGER_SIDE), image.mode
    in_srgb = to_srgb(pixels, mode, profile)
    if in_srgb is not None:
        return in_srgb
    return pixels if mode == "RGB" else np.asarray(Image.fromarray(pixels, mode).convert("RGB"), dtype=np.uint8)


def upright(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Turned and mirrored as the Exif tag 0x0112 says (Exif 2.32, 4.6.4)."""
    if orientation in (2, 5, 7, 4):
        pixels = pixels[:, ::-1]
    quarter_turns = {3: 2, 4: 2, 5: 1, 6: 3, 7: 3, 8: 1}.get(orientation, 0)
    return np.rot90(pixels, quarter_turns)

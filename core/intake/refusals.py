"""The refusals that several formats share, in the words a person reads."""

from __future__ import annotations

from core.errors import PhotoRejected

LONGER_SIDE = 1600
"""Longer side of the working copy in pixels: more than any network or screen here needs."""
SMALLEST_SIDE = 64
"""Shorter side in pixels under which there is nothing to examine, in the photo and in its working copy."""


def incomplete() -> PhotoRejected:
    """A part of the file is missing."""
    return PhotoRejected(
        "The photo is not complete: a part of the file is missing.", "Send it again, or take a new one.", code="incomplete"
    )


def unreadable() -> PhotoRejected:
    """The file is damaged, or nothing we know."""
    return PhotoRejected(
        "The file cannot be read as a photo. It may be damaged.",
        "Send it again, or take a new one as JPEG, PNG or WebP.",
        code="unreadable",
    )


def animated() -> PhotoRejected:
    """Several pictures one after the other: which of them is meant, only the person knows."""
    return PhotoRejected("This is a moving picture, not a photo.", "Send a single photo as JPEG, PNG or WebP.", code="animated")


def check_size(width: int, height: int, max_pixels: int) -> None:
    """PhotoRejected for a size that is not taken; asked before anything is decoded."""
    if width * height > max_pixels:
        raise PhotoRejected(
            f"The photo has too many pixels: {width * height / 1e6:.0f} million, and the limit is {max_pixels / 1e6:.0f} million.",
            "Take the photo with a smaller size set in the camera, or send a smaller copy.",
            code="too_many_pixels",
        )
    if min(width, height) < SMALLEST_SIDE:
        raise PhotoRejected(
            f"The picture is too small: {width} by {height} pixels. Each side needs at least {SMALLEST_SIDE}.",
            "Send the photo as the camera took it, not a small preview of it.",
            code="too_small",
        )
    if min(width, height) * LONGER_SIDE < SMALLEST_SIDE * max(width, height):
        raise PhotoRejected("The picture is a very narrow strip.", "Send the whole photo as the camera took it.", code="too_small")

"""A body to tap: how much of each part is affected, for the extent of the PO-SCORAD."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.instruments import scorad
from core.ui.parts import element

SHARES = (0.0, 0.25, 0.5, 1.0)
"""What the taps on a part go through."""
WORDS = ("none", "a small part", "about half", "all of it")
SIGNS = ("", "¼", "½", "all")
HELP = "Tap a part: once for a small part of it, twice for about half, three times for all of it. A fourth tap takes it back."


def body(sites: Mapping[str, str], start: Mapping[str, float], key: str) -> dict[str, float] | None:
    """Show the body; the share 0-1 of each of `scorad.SITES` that was marked. None while nothing was tapped.

    `sites`: their names. `start`: shares to begin with. `key`: another one begins anew.
    """
    data = {"id": key, "sites": dict(sites), "start": dict(start), "shares": SHARES, "words": WORDS, "signs": SIGNS, "help": HELP}
    told = element("body", data=data, key=key, on_marked_change=_noted).marked
    return marked(told, key) if told else None


def marked(told: Any, key: str) -> dict[str, float] | None:
    """The shares in a browser's answer; what is no part or no share of `SHARES` is left out. None when it is of another body."""
    if not isinstance(told, Mapping) or told.get("id") != key or not isinstance(told.get("shares"), Mapping):
        return None
    return {site: float(share) for site, share in told["shares"].items() if site in scorad.SITES and share in SHARES}


def listed(shares: Mapping[str, float], names: Mapping[str, str]) -> list[str]:
    """What is marked, in words: `Left arm: about half`."""
    return [f"{names[site]}: {WORDS[SHARES.index(share)]}" for site, share in shares.items() if share in SHARES[1:]]


def _noted() -> None:
    """What was tapped is read in the run that follows."""

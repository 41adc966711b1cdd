"""A process that grades photos until there are none: `python -m core.screening.worker NAME`, started by `core.screening.pool`.

It ends by itself when nothing waited for a while, and at once when who started it is gone: its standard input closes then.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Sequence

from core.errors import Unavailable
from core.screening.work import Outcome, work_once

log = logging.getLogger("carelens.screening")

IDLE = 30.0
"""Seconds without a photo after which a worker ends and gives its memory back."""
PAUSE = 0.5
AWAY = 5.0
"""Seconds until the next try when a part of the house is missing."""


def run(name: str, idle: float = IDLE) -> None:
    """Grade as `name` until nothing came for `idle` seconds."""
    since = time.monotonic()
    while time.monotonic() - since < idle:
        outcome = _step(name)
        if outcome in ("graded", "late"):
            since = time.monotonic()
        elif outcome == "later":
            time.sleep(AWAY)
        else:
            time.sleep(PAUSE)


def _step(name: str) -> Outcome:
    try:
        return work_once(name)
    except Unavailable as error:
        log.warning("a worker waits: %s", error.reason)
        return "later"


def _end_with_parent() -> None:
    """End this process once whoever started it is gone; nothing comes by standard input but its end."""
    while os.read(sys.stdin.fileno(), 1 << 10):  # not by the buffered reader, whose lock would be in the way when this process ends
        pass
    os._exit(0)  # a photo in hand is lent again: its lease runs out


def main(arguments: Sequence[str] | None = None) -> int:
    """Work under the name given."""
    (name,) = sys.argv[1:] if arguments is None else arguments
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")
    threading.Thread(target=_end_with_parent, daemon=True).start()
    run(name)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""For the processes of a browser test of the screening desk: a quick check stands in for that of the retina, in the server and its workers.

Python loads this file at its start where its folder is on PYTHONPATH. SLOW: seconds each photo takes.
"""

from __future__ import annotations

import dataclasses
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from core.examinations.finding import Context, Finding  # noqa: E402
from core.examinations.registry import examinations, register  # noqa: E402
from core.photo import Photo  # noqa: E402
from tests.core.toy_retina import RETINA  # noqa: E402


def run(photo: Photo, context: Context) -> Finding:
    """As quick as the test wants it."""
    time.sleep(float(os.environ.get("SLOW", "0")))
    return RETINA.run(photo, context)


examinations()  # the built-in ones register themselves first
register(dataclasses.replace(RETINA, run=run))

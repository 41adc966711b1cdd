"""Makes the toy examination known in a process of Ray's; each photo takes as long as TOY_SECONDS says."""

from __future__ import annotations

import dataclasses
import os
import time

from core.examinations import registry
from core.examinations.finding import Context, Finding
from core.photo import Photo
from tests.core.toy import TOY


def run(photo: Photo, context: Context) -> Finding:
    """The toy, a little slower."""
    time.sleep(float(os.environ.get("TOY_SECONDS", "0.05")))
    return TOY.run(photo, context)


registry.register(dataclasses.replace(TOY, run=run))

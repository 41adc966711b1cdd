"""A worker that knows the toy examination, started as `core.screening.pool.Processes` starts its own: `working_child.py NAME`.

`--slow SECONDS` before the name: each photo takes that long, so that a test can look while it is graded.
"""

from __future__ import annotations

import dataclasses
import sys
import time
from pathlib import Path

from core.examinations import registry
from core.examinations.finding import Context, Finding
from core.photo import Photo
from core.screening import worker

# Some installed package is called `tests` too, so the neighbour is found by its folder.
sys.path.insert(0, str(Path(__file__).parents[3]))
from tests.core.toy import TOY  # noqa: E402

if __name__ == "__main__":
    *options, name = sys.argv[1:]
    pause = float(options[1]) if options else 0.0

    def run(photo: Photo, context: Context) -> Finding:
        time.sleep(pause)
        return TOY.run(photo, context)

    registry.register(dataclasses.replace(TOY, run=run))
    sys.exit(worker.main([name]))

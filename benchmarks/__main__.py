"""`python -m benchmarks`: run the measurements, print a table, write JSON to `benchmarks/results/`."""

from __future__ import annotations

import argparse
import json
import logging

from benchmarks import api, carousel, clinical, engines, measure, pages, stages, starts
from benchmarks.measure import ROOT, Row

PARTS = ("stages", "clinical", "engines", "starts", "carousel", "pages", "api")


def main() -> None:
    """Measure what is asked for."""
    line = argparse.ArgumentParser(prog="python -m benchmarks", description="What a photo, a start and a page cost.")
    line.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="leave the others out")
    line.add_argument("--repeats", type=int, default=30, help="runs of each stage and page (default 30)")
    line.add_argument("--more", action="store_true", help="engines: torch.compile (needs a C++ compiler, minutes) and bfloat16 too")
    line.add_argument("--starts", type=int, default=3, help="starts of the server (default 3)")
    asked = line.parse_args()
    logging.disable(logging.WARNING)

    where = measure.machine()
    rows: list[Row] = []
    with stages.demo_house() as home:
        if "stages" in asked.only:
            rows += stages.measure(asked.repeats)
        if "clinical" in asked.only:
            rows += clinical.measure(asked.repeats)
        if "engines" in asked.only:
            rows += engines.measure(asked.repeats, asked.more)
        if "starts" in asked.only:
            rows += starts.measure(asked.starts, home)
        if "carousel" in asked.only:
            rows += carousel.measure(asked.repeats)
        if "pages" in asked.only:
            rows += pages.measure(asked.repeats)
        if "api" in asked.only:
            rows += api.measure(2 * asked.repeats, home)

    print(measure.table(rows))
    if "engines" in asked.only:
        print("\n" + engines.factor(rows))
    print("\n" + ", ".join(f"{name} {value}" for name, value in where.items()))
    results = ROOT / "benchmarks" / "results"
    results.mkdir(exist_ok=True)
    path = results / f"{where['at'].replace(':', '')}.json"
    path.write_text(json.dumps(measure.as_json(rows, where), indent=1) + "\n", encoding="utf-8")
    print(f"written to {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()

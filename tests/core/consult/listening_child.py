"""A second process of the house: says `ready`, then every topic and body it hears, one a line."""

from __future__ import annotations

import sys
import time

from core.consult import hub


def main(topic: str) -> None:
    hub.HUB.join(topic, lambda body: print(f"heard {len(body)} {body[-3:]}", flush=True))
    hub.listen(20)
    print("ready", flush=True)
    time.sleep(60)


if __name__ == "__main__":
    main(sys.argv[1])

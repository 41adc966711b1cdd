"""While torch is being loaded nothing computes with scipy, and while something computes torch is not loaded."""

from __future__ import annotations

import subprocess
import sys

from core.settings import ROOT

BOTH = """
import sys, threading, time
from core.insight import forecast, triggers, weather_partial  # what the server loads first
from core.vision import loading
from scipy import stats

seen, stop = [], threading.Event()
sys.setswitchinterval(1e-5)

def compute():
    while not stop.is_set():
        with loading.aside():
            half = "torch" in sys.modules and not hasattr(sys.modules["torch"], "Tensor")
            seen.append(half)
            stats.beta(2.0, 3.0).ppf(0.5), stats.Normal(mu=0.0, sigma=1.0).icdf(0.5)

threads = [threading.Thread(target=compute) for _ in range(2)]
[one.start() for one in threads]
time.sleep(0.2)
loading.load()
time.sleep(0.2)
stop.set()
[one.join() for one in threads]
assert hasattr(sys.modules["torch"], "Tensor")
assert len(seen) > 10 and not any(seen), (len(seen), sum(seen))
"""


def test_a_page_computes_while_the_networks_are_loaded() -> None:
    found = subprocess.run([sys.executable, "-c", BOTH], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert found.returncode == 0 and "Error" not in found.stderr, found.stderr


def test_what_the_pages_compute_with_is_loaded_without_torch() -> None:
    line = "import sys; from core.ui import causes_home; from core.insight import forecast, triggers; print('torch' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", line], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert found.stdout.strip() == "False", found.stderr

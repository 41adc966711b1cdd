"""What every test may ask for, and the walls around them: no test sees the settings or the data of a real house."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
REQUIRED = frozenset(filter(None, os.environ.get("CARELENS_REQUIRE", "").split(",")))
"""What must be there (`chromium`, `data`): a test that misses it fails instead of being skipped."""
DATA = Path(os.environ.get("CARELENS_DATA") or ROOT.parent / "shared" / "data")

# Before anything of core is imported: an own empty home, and none of the caller's settings.
for _name in [name for name in os.environ if name.startswith("CARELENS_") and name not in ("CARELENS_DATA", "CARELENS_REQUIRE")]:
    del os.environ[_name]
_HOME = tempfile.mkdtemp(prefix="carelens-tests-")
os.environ["CARELENS_HOME"] = _HOME
os.environ["CARELENS_DATA"] = str(DATA)


def missing(what: str, sentence: str) -> None:
    """Skip the test for want of `what`, or fail where the environment says it must be there."""
    if what in REQUIRED:
        pytest.fail(f"{sentence} CARELENS_REQUIRE asks for {what}.", pytrace=False)
    pytest.skip(sentence)


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of real photographs (packed archives); see README.md for CARELENS_DATA."""
    if not (DATA / "ham10000" / "metadata.csv").is_file():
        missing("data", f"There are no photographs at {DATA}.")
    return DATA


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of an installed Chromium."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        missing("chromium", "Chromium is not installed.")
    assert path is not None
    return path


def pytest_sessionfinish() -> None:
    """Leave nothing behind."""
    shutil.rmtree(_HOME, ignore_errors=True)


@pytest.fixture(autouse=True)
def _fresh_settings() -> Iterator[None]:
    """Settings are read once per process; a test that changes the environment must not colour the next."""
    from core.settings import settings

    settings.cache_clear()
    yield
    settings.cache_clear()

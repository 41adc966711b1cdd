"""Fixtures for every test: the data sets and the browser, which may be missing, and a home of their own."""

from __future__ import annotations

import csv
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from numpy.typing import NDArray

from tests.servers import Bucket, Cluster, Relay, binaries

ROOT = Path(__file__).resolve().parent.parent

# A busy machine is no counterexample: how long one takes is measured where that is the question.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

# Before anything of core is imported: none of the caller's settings, so that no test meets a real house.
for _name in [name for name in os.environ if name.startswith("CARELENS_")]:
    if _name not in ("CARELENS_DATA", "CARELENS_REQUIRE", "CARELENS_CHROMIUM"):
        del os.environ[_name]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last, and alone: a browser, its server and another process are more than two cores can do in time."""
    browser = ROOT / "tests" / "browser"
    items.sort(key=lambda item: browser in item.path.parents)
    for item in items:
        if browser in item.path.parents:
            item.add_marker("alone")


def missing(what: str, why: str) -> None:
    """Skip the test, or fail it where CARELENS_REQUIRE names `what` (there it has to be present)."""
    if what in os.environ.get("CARELENS_REQUIRE", "").replace(" ", "").split(","):
        pytest.fail(f"{why}, but CARELENS_REQUIRE asks for it", pytrace=False)
    pytest.skip(why)


@pytest.fixture(scope="session", autouse=True)
def _home_of_its_own() -> Iterator[None]:
    """No test ever touches the database and the photos in var/."""
    with tempfile.TemporaryDirectory(prefix="carelens-test-") as folder:
        os.environ["CARELENS_HOME"] = folder
        yield
        del os.environ["CARELENS_HOME"]


@pytest.fixture(autouse=True)
def _settings_of_its_own() -> Iterator[None]:
    """What a test made of the settings ends with it; networks of another folder than the house's are forgotten."""
    from core.settings import settings
    from core.vision import registry

    yield
    left = settings().models
    settings.cache_clear()
    if settings().models != left:
        registry.forget()


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of the data sets."""
    folder = Path(os.environ.get("CARELENS_DATA", ROOT.parent / "shared" / "data"))
    if not (folder / "SHA256SUMS").is_file():
        missing("data", f"There are no data sets in {folder}")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the browser."""
    found = os.environ.get("CARELENS_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        missing("chromium", "There is no Chromium")
    return str(found)


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[Relay]:
    """A running TURN server of this test's own."""
    if not shutil.which("turnserver"):
        missing("coturn", "There is no coturn")
    with Relay(tmp_path) as one:
        yield one


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A running PostgreSQL server of this session's own."""
    if binaries() is None:
        missing("postgres", "There is no PostgreSQL")
    with Cluster() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def s3() -> Iterator[Bucket]:
    """A running S3 server with an empty bucket."""
    with Bucket() as bucket:
        yield bucket


@pytest.fixture
def place() -> str:
    """Where a house keeps its things: `embedded`, SQLite and a folder. The tests of storage have `servers` too."""
    return "embedded"


@pytest.fixture(scope="session")
def unpacked(data_folder: Path) -> Callable[[str], dict[str, bytes]]:
    """`unpacked("other/images.tar.gz")`: name to bytes of an archive's files, read once per session."""
    kept: dict[str, dict[str, bytes]] = {}

    def read(archive: str) -> dict[str, bytes]:
        if archive not in kept:
            with tarfile.open(data_folder / archive) as tar:
                files = ((m.name, tar.extractfile(m)) for m in tar if m.isfile())
                kept[archive] = {name: file.read() for name, file in files if file is not None}
        return kept[archive]

    return read


@dataclass(frozen=True)
class Dermatoscopic:
    """HAM10000. `rows`: the table; `image`, `mask`: RGB (240, 320, 3) and 0/255 (240, 320), uint8."""

    folder: Path
    read: Callable[[str], dict[str, bytes]]

    @cached_property
    def rows(self) -> list[dict[str, str]]:
        """All rows of metadata.csv."""
        with (self.folder / "ham10000" / "metadata.csv").open(newline="") as file:
            return list(csv.DictReader(file))

    def ids(self, split: str, dx: str | None = None) -> list[str]:
        """Image ids of one split, of one diagnosis where asked."""
        return [r["image_id"] for r in self.rows if r["split"] == split and dx in (None, r["dx"])]

    def data(self, image_id: str) -> bytes:
        """The file, a WebP of 320 x 240."""
        return self.read("ham10000/images.tar.gz")[f"images/{image_id}.webp"]

    def image(self, image_id: str) -> NDArray[np.uint8]:
        """RGB pixels."""
        return np.asarray(cv2.cvtColor(cv2.imdecode(np.frombuffer(self.data(image_id), np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB))

    def mask(self, image_id: str) -> NDArray[np.uint8]:
        """The outlined lesion."""
        data = self.read("ham10000/masks.tar.gz")[f"masks/{image_id}.png"]
        return (np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)) > 0) * np.uint8(255)


@pytest.fixture(scope="session")
def ham10000(data_folder: Path, unpacked: Callable[[str], dict[str, bytes]]) -> Dermatoscopic:
    """The dermatoscopic photographs with their masks."""
    return Dermatoscopic(data_folder, unpacked)

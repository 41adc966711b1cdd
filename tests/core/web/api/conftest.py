"""A house with a toy examination that outlines, somebody with a token, and a program that calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from starlette.testclient import TestClient

from core.examinations import registry
from core.examinations.finding import Context, Finding
from core.people import tokens
from core.people.policy import SCOPES, Actor
from core.photo import Photo, encode_jpeg
from core.settings import settings
from core.web.api.app import api
from tests.core import toy
from tests.core.people.conftest import quick as quick

PASSWORD = "four quiet words here"
EXAMINE = "/api/v1/examinations/toy"


def outlining(photo: Photo, context: Context) -> Finding:
    """The toy, with an outline of what is bright and the brightness as heat; it says what it was asked with."""
    grey = photo.pixels.mean(axis=2)
    mask = (grey > 127).astype(np.uint8) * np.uint8(255)
    heat = (grey[::8, ::8] / 255).astype(np.float32)
    return replace(toy.run(photo, context), masks={"lesion": mask}, heat=heat, answers=context.answers)


def jpeg(seed: int = 0, size: tuple[int, int] = (320, 240)) -> bytes:
    """Noise as a JPEG."""
    return encode_jpeg(np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8))


@pytest.fixture(autouse=True)
def _quick(quick: None) -> None:
    """Passwords are not what is tested here."""


@pytest.fixture
def toys() -> Iterator[None]:
    """The toy examination is registered."""
    registry.register(replace(toy.TOY, run=outlining))
    yield
    registry.unregister("toy")


@pytest.fixture
def key(patient: Actor) -> str:
    """A token of the patient for everything."""
    return tokens.make_token(patient, "Test", SCOPES["patient"], 7, PASSWORD).secret


def with_token(client: TestClient, secret: str) -> TestClient:
    """The client, showing this token from now on."""
    client.headers["Authorization"] = f"Bearer {secret}"
    return client


@pytest.fixture
def program(client: TestClient, key: str, toys: None) -> Iterator[TestClient]:
    """A program with the patient's token."""
    api.cache_clear()  # a line of its own
    yield with_token(client, key)


Post = Callable[..., object]


def post(program: TestClient, photo: bytes | None = None, path: str = EXAMINE, **fields: str):  # noqa: ANN201 - the client's own answer
    """Send a photo, as a program would."""
    return program.post(path, files={"photo": ("x.jpg", jpeg() if photo is None else photo, "image/jpeg")}, data=fields)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A token may make four requests a minute, one at once."""
    monkeypatch.setenv("CARELENS_API_PER_MINUTE", "4")
    settings.cache_clear()
    yield
    settings.cache_clear()

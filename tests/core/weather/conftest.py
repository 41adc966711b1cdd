"""The weather services of one test, and settings that ask there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.settings import settings
from core.weather import asking
from tests.weather_service import WeatherService


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[WeatherService]:
    """The services, asked without long pauses."""
    monkeypatch.setattr(asking, "PAUSE", 0.01)
    monkeypatch.setattr(asking, "_resting", {})
    with WeatherService() as one:
        for name, value in one.environment.items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()
        yield one
    settings.cache_clear()

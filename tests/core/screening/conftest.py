"""The house of the records tests, in both places, and a quick examination in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.examinations import registry
from tests.core.house import _tables as _tables
from tests.core.house import _template as _template
from tests.core.house import house as house
from tests.core.house import place as place
from tests.core.toy import TOY


@pytest.fixture
def toy() -> Iterator[str]:
    """A quick examination; its id."""
    registry.register(TOY)
    yield TOY.id
    registry.unregister(TOY.id)

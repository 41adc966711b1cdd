"""The house is shared by the tests of core.records, core.people and core.demo.people."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from core.people import passwords
from tests.core.house import _tables as _tables
from tests.core.house import _template as _template
from tests.core.house import house as house
from tests.core.house import place as place


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The real Argon2id with little memory and one round, for tests that hash a lot."""
    cheap = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1),))
    monkeypatch.setattr(passwords, "hasher", lambda: cheap)
    passwords._nobody.cache_clear()
    yield
    passwords._nobody.cache_clear()

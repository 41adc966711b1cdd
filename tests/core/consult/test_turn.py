"""TURN credentials by the words of coturn's documentation, worked out another way, and which servers a browser is told."""

from __future__ import annotations

import subprocess

import pytest
from pydantic import ValidationError

from core.consult.turn import LIFE, credentials, ice_servers
from core.settings import Settings, settings

SECRET = "north-secret-of-the-clinic"


def test_the_password_is_what_openssl_makes_of_name_and_secret() -> None:
    name, password = credentials(SECRET, now=1_800_000_000)
    ends, _, word = name.partition(":")
    assert int(ends) == 1_800_000_000 + LIFE and len(word) == 16 and credentials(SECRET)[0] != credentials(SECRET)[0]
    line = f"printf %s '{name}' | openssl dgst -sha1 -hmac '{SECRET}' -binary | openssl base64"
    assert subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True).stdout.strip() == password


def test_what_a_browser_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("STUN_URL", "TURN_URL", "TURN_SECRET"):
        monkeypatch.delenv(f"CARELENS_{name}", raising=False)
    settings.cache_clear()
    assert ice_servers() == []
    monkeypatch.setenv("CARELENS_STUN_URL", "stun:stun.example.org")
    monkeypatch.setenv("CARELENS_TURN_URL", "turn:turn.example.org:3478, turns:turn.example.org:5349")
    monkeypatch.setenv("CARELENS_TURN_SECRET", SECRET)
    settings.cache_clear()
    stun, turn = ice_servers()
    assert stun == {"urls": ["stun:stun.example.org"]} and turn["urls"] == ["turn:turn.example.org:3478", "turns:turn.example.org:5349"]
    assert SECRET not in str(turn)
    settings.cache_clear()


@pytest.mark.parametrize(
    "given", [{"turn_url": "turn:a:1"}, {"turn_url": "turn:a:1", "turn_secret": "short"}, {"turn_url": "http://a"}, {"relay_only": "1"}]
)
def test_half_a_setting_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Settings(**({"turn_secret": "" if given.get("turn_url", "").startswith("turn:") else SECRET} | given))

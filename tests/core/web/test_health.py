"""/healthz: well, or what is not."""

from __future__ import annotations

import json
import sqlite3

import pytest

from core.examinations.registry import examinations
from core.settings import settings
from core.vision import registry


def test_a_new_house_is_well(client, home):
    answer = client.get("/healthz")
    assert answer.status_code == 200
    said = answer.json()
    assert (said["status"], said["database"], said["store"]) == ("ok", "ok", "ok")
    needed = {id for one in examinations().values() for id in one.networks}
    assert set(said["networks"]) == set(registry.states()) | needed, "one that is not installed yet is told too"
    assert all(set(network) == {"state", "version", "reason"} for network in said["networks"].values())


def test_networks_that_are_missing_are_told_and_the_house_stays_well(client, home, tmp_path, monkeypatch):
    card = settings().models / "photo_kind" / "card.json"
    (tmp_path / "models" / "photo_kind").mkdir(parents=True)
    (tmp_path / "models" / "photo_kind" / "card.json").write_text(card.read_text())
    monkeypatch.setenv("CARELENS_MODELS", str(tmp_path / "models"))
    settings.cache_clear()
    registry.forget()
    from core.vision.engine import warm

    warm()
    try:
        answer = client.get("/healthz")
    finally:
        registry.forget()
    assert answer.status_code == 200
    assert answer.json()["networks"]["photo_kind"]["state"] == "unavailable"
    assert "missing" in answer.json()["networks"]["photo_kind"]["reason"]
    # The other two have not even a card here; the skin check needs them.
    others = {answer.json()["networks"][id]["state"] for id in ("skin_lesion", "lesion_outline")}
    assert others == {"unavailable"}
    assert "missing" in answer.json()["networks"]["skin_lesion"]["reason"]


@pytest.mark.parametrize(
    ("setting", "value", "part", "other"),
    [
        ("CARELENS_PHOTO_STORE", "/proc/nowhere/photos", "store", "database"),
        ("CARELENS_DATABASE_URL", "sqlite:////proc/nowhere/c.db", "database", "store"),
    ],
)
def test_a_missing_part_is_unwell(client, home, setting, value, part, other):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(setting, value)
        settings.cache_clear()
        answer = client.get("/healthz")
    settings.cache_clear()
    assert (answer.status_code, answer.json()[part], answer.json()[other]) == (503, "unavailable", "ok")


def test_it_tells_no_secrets(client, home, patient):
    said = json.dumps(client.get("/healthz").json())
    with sqlite3.connect(home / "carelens.db") as database:
        assert database.execute("select count(*) from account").fetchone() == (1,)
    for secret in ("a secret for tests", str(home), "mia", "sqlite", "/"):
        assert secret not in said

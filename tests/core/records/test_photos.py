"""The store of pictures."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path
from uuid import uuid4

import pytest

from core.errors import NotFound, Unavailable
from core.records.bucket import Bucket
from core.records.photos import Folder, PhotoStore, store
from core.settings import settings
from tests.core.house import embedded
from tests.servers import Bucket as Servers


def files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


@pytest.fixture(params=["folder", "s3", "memory"])
def kept(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PhotoStore:
    """An empty store of every kind."""
    if request.param == "folder":
        return Folder(tmp_path / "a" / "b")
    if request.param == "memory":
        return Bucket(f"memory://{uuid4().hex}/photos")
    for variable, value in request.getfixturevalue("s3").environment.items():
        monkeypatch.setenv(variable, value)
    return Bucket(f"s3://photos/{uuid4().hex}")


def test_what_is_put_comes_back_and_goes(kept: PhotoStore) -> None:
    keys = [kept.put(data) for data in (b"one", b"", b"one", os.urandom(100_000))]
    assert len(set(keys)) == 4  # the same bytes twice are two things: deleting one leaves the other
    assert [kept.get(key) for key in keys[:3]] == [b"one", b"", b"one"]
    assert kept.keys() == set(kept.older_than(0)) == set(keys)
    assert not list(kept.older_than(60))
    kept.delete(keys[0])
    kept.delete(keys[0])
    with pytest.raises(NotFound):
        kept.get(keys[0])
    assert kept.get(keys[2]) == b"one"
    assert kept.keys() == set(keys[1:])
    assert kept.put(b"back", keys[0]) == keys[0]
    assert kept.get(keys[0]) == b"back"
    with pytest.raises(ValueError, match="not a key"):
        kept.put(b"x", "../x")
    assert kept.healthy()
    assert kept.half_written(0) == 0


def test_what_s3_holds_is_where_a_folder_would_have_it(s3: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen by another client: so a folder can be copied into a bucket and the other way round."""
    for variable, value in s3.environment.items():
        monkeypatch.setenv(variable, value)
    prefix = uuid4().hex
    key = Bucket(f"s3://photos/{prefix}/").put(b"here")
    its = s3.client()
    assert its.get_object(Bucket="photos", Key=f"{prefix}/{key[:2]}/{key[2:4]}/{key}")["Body"].read() == b"here"
    its.put_object(Bucket="photos", Key=f"{prefix}/new/health-left", Body=b"1")
    its.put_object(Bucket="photos", Key=f"{prefix}/a note", Body=b"1")
    left = Bucket(f"s3://photos/{prefix}")
    assert left.keys() == {key}
    assert (left.half_written(60), left.half_written(0, remove=True), left.half_written(0)) == (0, 1, 0)


def test_a_bucket_that_is_not_there_is_told(s3: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    """And not taken for a store without pictures."""
    for variable, value in s3.environment.items():
        monkeypatch.setenv(variable, value)
    gone = Bucket("s3://nowhere/photos")
    assert not gone.healthy()
    for act in (lambda: gone.put(b"x"), lambda: gone.get("a" * 32), gone.keys, lambda: gone.delete("a" * 32)):
        with pytest.raises(Unavailable, match="out of reach"):
            act()


@pytest.mark.parametrize(
    "key", ["", "..", "../../etc/passwd", "/etc/passwd", "a" * 31, "a" * 33, "A" * 32, "a" * 32 + "\n", "a" * 30 + "/b"]
)
def test_no_key_leads_out_of_the_store(kept: PhotoStore, key: str) -> None:
    for act in (kept.get, kept.delete):
        with pytest.raises(ValueError, match="not a key"):
            act(key)


def test_pictures_are_for_the_owner_alone(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "photos")
    folder.put(b"x")
    (file,) = files(tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "photos").stat().st_mode) & 0o077 == 0


def test_a_store_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    folder = Folder(in_the_way)
    assert not folder.healthy()
    with pytest.raises(Unavailable):
        folder.put(b"x")
    assert Folder(tmp_path / "good").healthy()
    assert files(tmp_path / "good") == []


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    folder = Folder(tmp_path)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unavailable):
        folder.put(b"x" * 1000)
    assert files(tmp_path) == []


def test_age_and_leftovers(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    old, young = folder.put(b"old"), folder.put(b"young")
    os.utime(tmp_path / old[:2] / old[2:4] / old, (0, 0))
    (tmp_path / "new" / "half").write_bytes(b"ha")
    os.utime(tmp_path / "new" / "half", (0, 0))
    (tmp_path / "new" / "now").write_bytes(b"on its way")
    assert list(folder.older_than(3600)) == [old]
    assert (folder.half_written(3600), folder.half_written(3600, remove=True), folder.half_written(3600)) == (1, 1, 0)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["now"]
    assert set(folder.older_than(0)) == {old, young}


def test_listing_goes_on_while_files_come_and_go(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    key = folder.put(b"here")
    for gone in (tmp_path / "new" / "renamed", tmp_path / key[:2] / key[2:4] / ("0" * 32)):
        gone.symlink_to(tmp_path / "nowhere")  # listed, and not there when it is looked at
    assert list(folder.older_than(0)) == [key]
    assert folder.half_written(0, remove=True) == 0


def test_a_folder_that_went_is_not_made_anew(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "disk")
    key = folder.put(b"here")
    (tmp_path / "disk").rename(tmp_path / "away")
    assert not folder.healthy()
    for act in (lambda: folder.put(b"x"), lambda: folder.get(key)):
        with pytest.raises(Unavailable, match="out of reach"):
            act()
    assert not (tmp_path / "disk").exists()
    (tmp_path / "away").rename(tmp_path / "disk")
    assert folder.get(key) == b"here"
    assert folder.healthy()


def test_many_writers(kept: PhotoStore) -> None:
    put: dict[str, bytes] = {}

    def write(number: int) -> None:
        for turn in range(20):
            data = f"{number} {turn}".encode()
            put[kept.put(data)] = data

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(put) == 80
    assert all(kept.get(key) == data for key, data in put.items())


@embedded
def test_the_store_of_the_settings(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = store().put(b"here")
    assert (house / "photos" / key[:2] / key[2:4] / key).read_bytes() == b"here"
    monkeypatch.setenv("CARELENS_PHOTO_STORE", (house / "pho%s tos" / "x").as_uri())
    settings.cache_clear()
    key = store().put(b"there")
    assert (house / "pho%s tos" / "x" / key[:2] / key[2:4] / key).read_bytes() == b"there"
    monkeypatch.setenv("CARELENS_PHOTO_STORE", "pigeon://example.org/photos")
    settings.cache_clear()
    with pytest.raises(ValueError, match="pigeon"):
        store()

"""The store of pictures."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from core.errors import NotFound, Unavailable
from core.records.photos import Folder, store
from core.settings import settings


def files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_what_is_put_comes_back_and_goes(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "a" / "b")
    keys = [folder.put(data) for data in (b"one", b"", b"one", os.urandom(100_000))]
    assert len(set(keys)) == 4  # the same bytes twice are two things: deleting one leaves the other
    assert [folder.get(key) for key in keys[:3]] == [b"one", b"", b"one"]
    folder.delete(keys[0])
    folder.delete(keys[0])
    with pytest.raises(NotFound):
        folder.get(keys[0])
    assert folder.get(keys[2]) == b"one"
    assert len(files(tmp_path)) == 3


@pytest.mark.parametrize(
    "key", ["", "..", "../../etc/passwd", "/etc/passwd", "a" * 31, "a" * 33, "A" * 32, "a" * 32 + "\n", "a" * 30 + "/b"]
)
def test_no_key_leads_out_of_the_folder(tmp_path: Path, key: str) -> None:
    folder = Folder(tmp_path)
    for act in (folder.get, folder.delete):
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
    assert list(folder.older_than(3600)) == [old]
    assert not (tmp_path / "new" / "half").exists()
    assert set(folder.older_than(0)) == {old, young}


def test_listing_goes_on_while_files_come_and_go(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    key = folder.put(b"here")
    for gone in (tmp_path / "new" / "renamed", tmp_path / key[:2] / key[2:4] / ("0" * 32)):
        gone.symlink_to(tmp_path / "nowhere")  # listed, and not there when it is looked at
    assert list(folder.older_than(0)) == [key]


def test_many_writers(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    put: dict[str, bytes] = {}

    def write(number: int) -> None:
        for turn in range(20):
            data = f"{number} {turn}".encode()
            put[folder.put(data)] = data

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(put) == 80
    assert all(folder.get(key) == data for key, data in put.items())


def test_the_store_of_the_settings(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = store().put(b"here")
    assert (house / "photos" / key[:2] / key[2:4] / key).read_bytes() == b"here"
    monkeypatch.setenv("CARELENS_PHOTO_STORE", "ftp://example.org/photos")
    settings.cache_clear()
    with pytest.raises(ValueError, match="folder"):
        store()

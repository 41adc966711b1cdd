"""Corrected outlines handed out for training: only with a yes, only the newest, and nothing that says whose they are."""

from __future__ import annotations

import csv
import io
import json
import struct
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from core import admin
from core.errors import InvalidInput
from core.photo import read_photo
from core.records.corrections import save_correction, say_for_training
from core.records.findings import save_finding
from core.records.photos import store
from core.records.training import export_corrections
from tests.core.house import a_finding, a_photo, ask, embedded, own, somebody
from tests.core.records.test_corrections import a_mask, eczema

WHEN = datetime(1987, 3, 14, 9, 30, tzinfo=UTC)


def rows_of(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((folder / "corrections.csv").read_text(), newline="")))


def grey(path: Path) -> np.ndarray:
    found = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert found is not None
    return found


def test_only_the_newest_of_those_who_said_yes(house: Path, tmp_path: Path) -> None:
    ana, eve = somebody("Ana"), somebody("Eve")
    kept, no, changed, back = (save_finding(ana, own(ana), a_photo(n), eczema(n), region="arms", side="left") for n in range(4))
    hers = save_finding(eve, own(eve), a_photo(9), eczema(9))
    save_finding(eve, own(eve), a_photo(8), eczema(8))  # nobody corrected it
    for seed, yes in ((1, False), (2, True)):
        save_correction(ana, kept.id, "lesion", a_mask(seed), {"affected_fraction": 0.25}, for_training=yes)
    save_correction(ana, kept.id, "skin", a_mask(3), {"affected_fraction": 0.25}, for_training=True)
    save_correction(ana, no.id, "lesion", a_mask(4), {}, for_training=False)
    for seed, yes in ((5, True), (6, False)):  # drawn anew, and not said so again
        save_correction(ana, changed.id, "lesion", a_mask(seed), {}, for_training=yes)
    save_correction(ana, back.id, "lesion", a_mask(7), {}, for_training=True)
    say_for_training(ana, back.id, False)
    save_correction(eve, hers.id, "lesion", a_mask(10), {}, for_training=True)

    folder = tmp_path / "new" / "out"
    done = export_corrections(folder)
    assert (done.outlines, done.photos, done.missing) == (3, 2, 0)
    rows = rows_of(folder)
    corrected = {(grey(folder / row["corrected_file"]).tobytes(), row["mask"]): row for row in rows}
    assert set(corrected) == {(a_mask(2).tobytes(), "lesion"), (a_mask(3).tobytes(), "skin"), (a_mask(10).tobytes(), "lesion")}
    one, other = corrected[a_mask(2).tobytes(), "lesion"], corrected[a_mask(10).tobytes(), "lesion"]
    assert np.array_equal(grey(folder / one["network_file"]), eczema(0).masks["lesion"])
    assert np.array_equal(np.asarray(Image.open(folder / one["image_file"])), read_photo(a_photo(0).original).pixels)
    assert one["image_file"] == corrected[a_mask(3).tobytes(), "skin"]["image_file"]
    assert (one["region"], one["side"], one["whole_region"], one["examination"]) == ("arms", "left", "0", "eczema")
    assert json.loads(one["numbers"]) == {"affected_fraction": 0.25}
    assert one["group"] == corrected[a_mask(3).tobytes(), "skin"]["group"] != other["group"]
    named = {row[column] for row in rows for column in ("image_file", "network_file", "corrected_file")}
    assert {path.name for path in folder.iterdir()} == named | {"corrections.csv"}
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in folder.iterdir())


@embedded
def test_nothing_says_who_it_was(house: Path, tmp_path: Path) -> None:
    """No name, no number of a row, no key, no date; in no file, no file name and no part of a picture's file."""
    ana = somebody("Quirinia")
    finding = replace(eczema(), versions={"eczema_outline": "1.0"})
    record = save_finding(ana, own(ana), a_photo(), finding, taken_at=WHEN, site="elbow at home", new_spot="mine")
    made = save_correction(ana, record.id, "lesion", a_mask(2), {"affected_fraction": 0.5}, for_training=True)
    keys = [key for row in ask("SELECT photo_key, thumbnail_key, photo_sha256 FROM record") for key in row]
    keys += [key for (key,) in ask("SELECT mask_key FROM correction")]
    ids = [str(id) for id in (record.id, made.id, own(ana), ana.account_id)]
    words = [
        "Quirinia",
        "quirinia",
        "elbow",
        "mine",
        "1987",
        f"{made.created_at:%Y-%m-%d}",
        *keys,
        *ids,
        *(id.replace("-", "") for id in ids),
    ]
    folders = tmp_path / "one", tmp_path / "two"
    for folder in folders:
        export_corrections(folder)
        for path in folder.iterdir():
            data = path.read_bytes()
            assert not [word for word in words if word in path.name or (path.suffix == ".csv" and word.encode() in data)], path.name
            if path.suffix == ".png":
                assert _chunks(data) <= {b"IHDR", b"IDAT", b"IEND"}  # no text, no time, no EXIF
    one, two = (rows_of(folder)[0] for folder in folders)
    assert (one["id"], one["group"]) != (two["id"], two["group"]) and one["group"] != two["group"]  # two exports cannot be joined


def _chunks(png: bytes) -> set[bytes]:
    found, at = set(), 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        found.add(png[at + 4 : at + 8])
        at += 12 + length
    return found


@embedded
def test_from_the_command_line(house: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ana = somebody()
    for number in range(2):
        record = save_finding(ana, own(ana), a_photo(number), a_finding(number))
        save_correction(ana, record.id, "lesion", a_mask(number), {}, for_training=True)
    folder = tmp_path / "out"
    assert admin.main(["export-corrections", str(folder)]) == 0
    assert "Wrote 2 corrected outlines of 2 photos" in capsys.readouterr().out
    before = {path: path.read_bytes() for path in folder.iterdir()}
    assert admin.main(["export-corrections", str(folder)]) == 1
    assert "nothing was written" in capsys.readouterr().err and {path: path.read_bytes() for path in folder.iterdir()} == before
    with pytest.raises(InvalidInput):
        export_corrections(folder)
    (tmp_path / "file").write_text("in the way")
    assert admin.main(["export-corrections", str(tmp_path / "file")]) == 1
    assert "cannot be written" in capsys.readouterr().err
    store().delete(ask("SELECT mask_key FROM correction")[0][0])
    assert admin.main(["export-corrections", str(tmp_path / "less")]) == 1
    shown = capsys.readouterr()
    assert "Wrote 1 corrected outlines" in shown.out and "1 outlines were left out" in shown.err
    assert len(rows_of(tmp_path / "less")) == 1

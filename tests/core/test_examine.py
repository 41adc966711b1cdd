"""The command line: one row per photo, whatever the photo."""

import csv
import io
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.examinations.condition_rule import CLASSES
from core.examinations.finding import Context, Finding
from core.examinations.registry import register, unregister
from core.examine import main
from core.photo import SMALLEST_SIDE, Photo
from core.vision.gate import LOOKS_LIKE, Kind
from tests.conftest import Dermatoscopic
from tests.core.drawn_eyes import eye, told
from tests.core.intake.files import valid
from tests.core.toy import TOY
from tests.core.toy_networks import condition_network, grade_network, kinds_alone

BASE = ["file", "status", "reason", "kind", "examination", "label", "set", "refer"]
SKIN = [f"p_{c}" for c in ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")]


def table(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, str]]:
    assert main(list(arguments)) == 0
    return list(csv.DictReader(io.StringIO(capsys.readouterr().out)))


@pytest.fixture
def photos(tmp_path: Path, ham10000: Dermatoscopic, unpacked: object) -> Path:
    """A folder with two lesions (one in a folder below), a cat or the like, a text and a broken photo."""
    folder = tmp_path / "photos"
    (folder / "below").mkdir(parents=True)
    first, second = ham10000.ids("val", "nv")[:2]
    (folder / f"{first}.webp").write_bytes(ham10000.data(first))
    (folder / "below" / f"{second}.webp").write_bytes(ham10000.data(second))
    other = unpacked("other/images.tar.gz")  # type: ignore[operator]
    name = sorted(n for n in other if n.endswith(".webp"))[5]
    (folder / "thing.webp").write_bytes(other[name])
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 not a photo")
    (folder / "notes.txt").write_text("not looked at")
    return folder


def test_a_folder_gives_a_row_for_every_photo_and_goes_on_after_a_bad_one(photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = table(capsys, "skin", str(photos))
    assert len(rows) == 4
    assert list(rows[0]) == [*BASE, *SKIN]
    by_name = {Path(r["file"]).name: r for r in rows}
    assert by_name["broken.jpg"]["status"] == by_name["thing.webp"]["status"] == "rejected"
    assert by_name["thing.webp"]["kind"] == "other" and by_name["thing.webp"]["reason"]
    examined = [r for r in rows if r["status"] != "rejected"]
    assert len(examined) == 2, [r["reason"] for r in rows]
    for row in examined:
        assert row["kind"] == "dermatoscopic" and row["examination"] == "skin" and row["refer"] in "01"
        assert sum(float(row[c]) for c in SKIN) == pytest.approx(1, abs=1e-4)
        assert row["label"] in row["set"].split("|")


def test_auto_sends_each_photo_where_it_belongs(photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = {Path(r["file"]).name: r for r in table(capsys, "auto", str(photos))}
    assert len(rows) == 4
    assert rows["thing.webp"]["status"] == "rejected" and rows["thing.webp"]["kind"] == "other"
    assert sum(r["examination"] == "skin" for r in rows.values()) == 2


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A house with the network of the kinds, and those that a test puts beside it."""
    yield from kinds_alone(tmp_path / "networks", monkeypatch)


@pytest.fixture
def rash(tmp_path: Path, unpacked: object) -> Path:
    """A folder with one clinical photo."""
    files = unpacked("eczema/data.tar.gz")  # type: ignore[operator]
    folder = tmp_path / "clinical"
    folder.mkdir()
    (folder / "rash.webp").write_bytes(files[sorted(n for n in files if "images/" in n and n.endswith(".webp"))[0]])
    return folder


def test_condition_has_its_columns_and_a_row_for_a_clinical_photo(house: Path, rash: Path, capsys: pytest.CaptureFixture[str]) -> None:
    condition_network(house, {"naevus": 0.7, "melanoma": 0.22})
    (row,) = table(capsys, "condition", str(rash))
    assert list(row) == [*BASE, *(f"p_{c}" for c in CLASSES)]
    assert (row["status"], row["kind"], row["examination"], row["label"]) == ("ok", "clinical", "condition", "naevus")
    assert (row["set"], row["refer"]) == ("melanoma|naevus", "1")
    assert float(row["p_melanoma"]) == pytest.approx(0.22, abs=0.01)


def test_auto_gives_a_clinical_photo_a_row_for_every_check_that_takes_it(
    house: Path, rash: Path, outlines: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The skin check is not installed in this house, nor is it asked; a check of outlines writes its two masks beside."""
    condition_network(house, {"eczema": 0.9})
    rows = table(capsys, "auto", str(rash), "--masks", str(outlines))
    by = {row["examination"]: row for row in rows}
    assert {"condition", "outlines"} <= set(by) and "skin" not in by
    assert by["condition"]["label"] == "eczema" and by["condition"]["affected_fraction"] == ""
    assert by["outlines"]["affected_fraction"] == "0.250000" and by["outlines"]["p_eczema"] == ""
    assert {*SKIN, "p_eczema", "affected_fraction"} <= set(rows[0])
    assert sorted(path.name for path in outlines.iterdir()) == ["rash_lesion.png", "rash_skin.png"]


def test_masks_of_a_second_photo_of_the_same_name_keep_together(rash: Path, outlines: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (rash / "later").mkdir()
    shutil.copy(rash / "rash.webp", rash / "later" / "rash.webp")
    table(capsys, "outlines", str(rash), "--masks", str(outlines))
    names = ["rash-2_lesion.png", "rash-2_skin.png", "rash_lesion.png", "rash_skin.png"]
    assert sorted(path.name for path in outlines.iterdir()) == names
    table(capsys, "outlines", str(rash), "--masks", str(outlines))
    assert sorted(path.name for path in outlines.iterdir()) == names, "a further run writes over the older one"


def test_a_check_that_is_not_installed_is_a_sentence_in_its_row(house: Path, rash: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = {row["examination"]: row for row in table(capsys, "auto", str(rash))}
    assert rows["condition"]["status"] == "rejected" and rows["condition"]["kind"] == "clinical"
    assert rows["condition"]["reason"] == "The rash and spot check is not installed here yet."
    assert rows["eczema"]["reason"] == "The eczema check is not installed here yet."
    assert {"affected_fraction", "lesions", "p_eczema", "p_mel"} <= set(rows["eczema"])


@pytest.mark.parametrize(("kind", "said"), [("slit lamp", "There is no check for it here."), ("other", "something other than skin")])
def test_auto_says_why_a_photo_has_no_check(
    kind: str, said: str, rash: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever the network of the kinds thinks of this photo: here it is a kind that no check takes."""
    monkeypatch.setattr("core.examine.kind_of", lambda pixels: Kind(kind, {}))
    monkeypatch.setitem(LOOKS_LIKE, "slit lamp", "a photo of the front of the eye")
    (row,) = table(capsys, "auto", str(rash))
    assert (row["status"], row["kind"], row["examination"]) == ("rejected", kind, "") and said in row["reason"]


@pytest.mark.parametrize("like", ["clinical", "fundus"])
def test_auto_without_the_gate_goes_by_the_likeliest_kind_and_still_says_what_it_saw(
    like: str, house: Path, rash: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    condition_network(house, {"naevus": 0.7})
    grade_network(house, 0.0)
    seen = Kind("other", {"other": 0.6, "dermatoscopic": 0.0, "clinical": 0.1, "fundus": 0.1} | {like: 0.3})
    for where in ("core.examine", "core.examinations.condition", "core.examinations.retina"):
        monkeypatch.setattr(f"{where}.kind_of", lambda pixels: seen)
    (row,) = table(capsys, "auto", str(rash))
    assert (row["status"], row["kind"], row["examination"]) == ("rejected", "other", "")
    rows = {row["examination"]: row for row in table(capsys, "auto", str(rash), "--no-gate")}
    assert {row["kind"] for row in rows.values()} == {"other"}, "also where a network is missing"
    if like == "fundus":
        assert list(rows) == ["retina"] and float(rows["retina"]["p_2"]) > 0
    else:
        assert {"condition", "eczema"} <= set(rows) and "retina" not in rows and float(rows["condition"]["p_naevus"]) > 0


@pytest.mark.parametrize("kind", ["auto", "skin", "condition", "eczema", "retina"])
def test_without_the_gate_everything_that_can_be_read_is_examined(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By the networks that ship: black, white, noise, a lone dot, and a strip; none of them is skin or an eye."""
    noise = np.random.default_rng(3).integers(0, 256, (300, 400, 3), dtype=np.uint8)
    dot = np.zeros((300, 400, 3), np.uint8)
    dot[150, 200] = 255
    strip = noise[:SMALLEST_SIDE].repeat(4, axis=1)
    files = {"black": np.zeros_like(noise), "white": np.full_like(noise, 255), "noise": noise, "dot": dot, "strip": strip}
    for name, pixels in files.items():
        cv2.imwrite(str(tmp_path / f"{name}.png"), pixels)
    rows = table(capsys, kind, str(tmp_path), "--no-gate", "--masks", str(tmp_path / "masks"))
    assert {Path(row["file"]).stem for row in rows} == set(files)
    assert [(row["file"], row["examination"], row["reason"]) for row in rows if row["status"] == "rejected"] == []


RETINA = ["p_0", "p_1", "p_2", "p_3", "p_4", "referable"]


def test_photos_of_eyes_go_to_the_retina_check(house: Path, tmp_path: Path, unpacked: object, capsys: pytest.CaptureFixture[str]) -> None:
    """By the real network of the kinds; the grade is a toy's, and the networks of signs and quality are not installed."""
    files = unpacked("retina/images.tar.gz")  # type: ignore[operator]
    folder = tmp_path / "eyes"
    folder.mkdir()
    for name in sorted(n for n in files if n.endswith(".webp"))[:600:150]:
        (folder / Path(name).name).write_bytes(files[name])
    rows = table(capsys, "auto", str(folder))
    assert {row["reason"] for row in rows} == {"The retina check is not installed here yet."} and len(rows) == 4
    grade_network(house, 0.0)
    rows = table(capsys, "auto", str(folder), "--masks", str(tmp_path / "masks"))
    assert {(row["status"], row["kind"], row["examination"], row["label"], row["refer"]) for row in rows} == {
        ("ok", "fundus", "retina", "2", "1")
    }
    assert not list((tmp_path / "masks").iterdir()) and set(RETINA) | {"p_mel", "affected_fraction"} <= set(rows[0])


def test_an_eye_has_its_columns_and_all_five_masks_whatever_its_grade(
    house: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    toy = told(house, monkeypatch)
    toy.fewest_pixels = 5000  # of eyes smaller than this the pages outline no signs
    toy.install("lesions").score = -6.0
    one = eye(grade=0)
    cv2.imwrite(str(tmp_path / "mia.png"), cv2.resize(one.pixels, (2000, 1667))[:, :, ::-1])
    (tmp_path / "facts.csv").write_text("file,eye\nmia.png,left\n")
    (row,) = table(
        capsys, "retina", str(tmp_path / "mia.png"), "--masks", str(tmp_path / "masks"), "--metadata", str(tmp_path / "facts.csv")
    )
    assert list(row) == [*BASE, *RETINA]
    assert (row["status"], row["kind"], row["label"], row["set"], row["refer"]) == ("ok", "fundus", "0", "0", "0")
    assert sum(float(row[name]) for name in RETINA[:5]) == pytest.approx(1, abs=1e-4)
    assert float(row["referable"]) == pytest.approx(sum(float(row[name]) for name in RETINA[2:5]), abs=1e-4)
    masks = {path.name: cv2.imread(str(path), cv2.IMREAD_UNCHANGED) for path in (tmp_path / "masks").iterdir()}
    assert set(masks) == {f"mia_{name}.png" for name in ("ma", "he", "ex", "se", "disc")}
    assert all(mask.shape == (1667, 2000) and mask.dtype == np.uint8 and set(np.unique(mask)) <= {0, 255} for mask in masks.values())


def test_a_poor_photo_of_an_eye_is_rejected_or_without_the_gate_abstained_from(
    house: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told(house, monkeypatch).install().grade = 3
    cv2.imwrite(str(tmp_path / "blurred.png"), eye(grade=0, fault="blurred").pixels[:, :, ::-1])
    (row,) = table(capsys, "retina", str(tmp_path / "blurred.png"))
    assert (row["status"], row["reason"], row["p_0"], row["kind"]) == ("rejected", "The photo is blurred.", "", "fundus")
    (row,) = table(capsys, "retina", str(tmp_path / "blurred.png"), "--no-gate")
    assert (row["status"], row["reason"], row["label"]) == ("abstained", "The photo is blurred.", "3") and float(row["p_3"]) > 0.3


def test_without_the_gate_the_network_runs_and_abstains(photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (row,) = table(capsys, "skin", str(photos / "thing.webp"), "--no-gate")
    assert row["status"] == "abstained" and row["reason"]
    assert sum(float(row[c]) for c in SKIN) == pytest.approx(1, abs=1e-4)


def test_masks_have_the_photos_own_size(tmp_path: Path, ham10000: Dermatoscopic, capsys: pytest.CaptureFixture[str]) -> None:
    pixels = cv2.resize(ham10000.image(ham10000.ids("val", "mel")[0]), (2400, 1800), interpolation=cv2.INTER_CUBIC)
    cv2.imwrite(str(tmp_path / "large.png"), pixels[:, :, ::-1])
    table(capsys, "skin", str(tmp_path / "large.png"), "--no-gate", "--masks", str(tmp_path / "masks"))
    mask = cv2.imread(str(tmp_path / "masks" / "large_lesion.png"), cv2.IMREAD_UNCHANGED)
    assert mask.shape == (1800, 2400) and mask.dtype == np.uint8 and set(np.unique(mask)) == {0, 255}


def test_out_writes_a_file_and_metadata_is_read(photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    facts = tmp_path / "facts.csv"
    facts.write_text("image_id,age,sex,localization\nthing,unknown,male,back\n")
    assert main(["skin", str(photos / "thing.webp"), "--out", str(tmp_path / "table.csv"), "--metadata", str(facts)]) == 0
    assert capsys.readouterr().out == ""
    assert (tmp_path / "table.csv").read_text().startswith("file,status,reason,kind,examination,label,set,refer,p_akiec")


@pytest.mark.parametrize(
    "arguments",
    [[], ["skin"], ["teeth", "x.jpg"], ["skin", "/no/such/photo.jpg"], ["skin", ".", "--metadata", "/no/such.csv"], ["skin", ".", "--bad"]],
)
def test_usage_errors_exit_with_two(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert capsys.readouterr().err


def test_out_that_cannot_be_written_is_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["skin", str(tmp_path), "--out", str(tmp_path / "no" / "such" / "folder.csv")])
    assert stop.value.code == 2


@pytest.mark.parametrize("what", ["a folder", "not text"])
def test_metadata_that_is_no_table_is_a_usage_error_and_leaves_the_older_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    facts, out = tmp_path / "facts.csv", tmp_path / "out.csv"
    facts.mkdir() if what == "a folder" else facts.write_bytes(b"file,site\na,r\xfccken\n")
    out.write_text("an older table")
    with pytest.raises(SystemExit) as stop:
        main(["skin", str(tmp_path), "--metadata", str(facts), "--out", str(out)])
    assert stop.value.code == 2 and "facts.csv cannot be read" in capsys.readouterr().err
    assert out.read_text() == "an older table"


def test_metadata_without_a_column_for_the_photo_is_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "facts.csv").write_text("photo;age\na.jpg;40\n")
    with pytest.raises(SystemExit) as stop:
        main(["skin", str(tmp_path), "--metadata", str(tmp_path / "facts.csv")])
    assert stop.value.code == 2 and "no column called file" in capsys.readouterr().err


def test_a_name_that_is_no_text_does_not_stop_the_run(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for name in (b"a\xff.jpg", b"b.jpg"):
        Path(os.fsdecode(os.fsencode(photos) + b"/" + name)).write_bytes(b"not a photo")
    assert main(["skin", str(photos), "--out", str(tmp_path / "out.csv")]) == 0
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text(encoding="utf-8"))))
    assert [row["status"] for row in rows] == ["rejected", "rejected"] and rows[0]["file"].endswith("a\\udcff.jpg")


@pytest.fixture
def outlines(tmp_path: Path) -> Iterator[Path]:
    """A check of clinical photos with two masks and a number, and the folder for the masks."""

    def run(photo: Photo, context: Context) -> Finding:
        mask = np.zeros(photo.pixels.shape[:2], np.uint8)
        mask[: len(mask) // 2] = 255
        found = {"masks": {"lesion": mask, "skin": 255 - mask}, "numbers": {"affected_fraction": 0.25}}
        return replace(TOY.run(photo, context), examination="outlines", kind="clinical", probabilities={}, **found)  # type: ignore[arg-type]

    register(replace(TOY, id="outlines", kinds=frozenset({"clinical"}), classes=(), numbers=("affected_fraction",), run=run))
    yield tmp_path / "masks"
    unregister("outlines")


def test_outlines_that_cannot_be_written_cost_no_row(rash: Path, outlines: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A name that fills what a file system allows has no room for the ending of its outline."""
    long = rash / f"{'a' * 251}.jpg"
    (rash / "rash.webp").rename(long)
    (row,) = table(capsys, "outlines", str(long), "--no-gate", "--masks", str(outlines))
    assert (row["status"], row["affected_fraction"]) == ("ok", "0.250000") and not list(outlines.iterdir())


@pytest.fixture
def toy() -> Iterator[None]:
    register(TOY)
    yield
    unregister(TOY.id)


def test_a_further_examination_appears_by_registering_it(toy: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cv2.imwrite(str(tmp_path / "white.png"), np.full((100, 100, 3), 250, np.uint8))
    (row,) = table(capsys, "toy", str(tmp_path))
    assert list(row) == [*BASE, "p_bright", "p_dark", "brightness"]
    assert (row["label"], row["status"]) == ("bright", "ok") and float(row["brightness"]) == pytest.approx(250 / 255, abs=1e-3)
    rows = table(capsys, "auto", str(tmp_path))
    assert "toy" in {r["examination"] for r in rows}
    assert set(SKIN) | {"p_bright", "brightness"} <= set(rows[0])


def test_an_unexpected_failure_is_one_row_and_not_the_end(toy: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("boom")

    register(replace(TOY, run=fails))  # type: ignore[arg-type]
    for name in "ab":
        cv2.imwrite(str(tmp_path / f"{name}.png"), np.full((100, 100, 3), 250, np.uint8))
    rows = table(capsys, "toy", str(tmp_path))
    assert [r["status"] for r in rows] == ["rejected", "rejected"] and "boom" not in rows[0]["reason"]


def test_a_check_that_fails_does_not_take_the_row_of_another(toy: None, rash: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("boom")

    register(replace(TOY, id="broken", run=fails))  # type: ignore[arg-type]
    try:
        rows = {row["examination"]: row for row in table(capsys, "auto", str(rash))}
    finally:
        unregister("broken")
    assert rows["toy"]["status"] == "ok" and rows["broken"]["status"] == "rejected" and rows["broken"]["kind"] == "clinical"


def test_a_folder_gives_every_format_whatever_the_files_are_called(toy: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kinds = valid()
    taken = {
        "IMG_0001.HEIC": kinds["heic"], "b.heif": kinds["heic"], "c.dcm": kinds["dicom"], "IM000001": kinds["dicom of 16 bits"],
        "1.2.840.113619.5": kinds["dicom with jpeg"], "photo": kinds["jpeg"], "series/IM2": kinds["dicom with rle"],
        "x.jpg": kinds["dicom"],
    }  # fmt: skip
    left = {"DICOMDIR": kinds["dicom"], "notes.txt": b"a note", "letter": b"a letter", "report.pdf": b"%PDF-1.7", "copy.bak": kinds["jpeg"]}
    for name, data in (taken | left).items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    rows = table(capsys, "toy", str(tmp_path), "--masks", str(tmp_path / "masks"))
    assert {str(Path(row["file"]).relative_to(tmp_path)) for row in rows} == set(taken)
    assert all(row["status"] == "ok" and 0 < float(row["brightness"]) < 1 for row in rows)
    (row,) = table(capsys, "toy", str(tmp_path / "report.pdf"))
    assert row["status"] == "rejected" and "PDF" in row["reason"]

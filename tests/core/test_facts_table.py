"""A table of facts beside photos: whichever program wrote it, each photo has its own row."""

from pathlib import Path

import pytest

from core.errors import InvalidInput
from core.facts_table import read_facts


def facts(folder: Path, text: str) -> Path:
    path = folder / "facts.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    ["file,age\nmia.jpg,40\n", "\ufefffile;age\nmia.jpg;40\n", "File\tAge\r\nmia\t40\r\n", "age,image_id,other\n40,mia,1\n"],
)
def test_as_table_programs_write_it(text: str, tmp_path: Path) -> None:
    assert read_facts(facts(tmp_path, text)).of(Path("photos/mia.jpg"))["age"] == "40"


@pytest.mark.parametrize("text", ["", "photo,age\nmia.jpg,40\n", "mia.jpg,40\n", "file\0,age\n"])
def test_what_would_be_passed_over_in_silence_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        read_facts(facts(tmp_path, text))


def test_photos_of_one_name_have_their_own_rows(tmp_path: Path) -> None:
    table = read_facts(facts(tmp_path, "file,eye\na/1/one.jpg,left\na\\2\\one.jpg,right\ntwo.png,left\ntwo.jpg,right\n"))
    for path, eye in (
        ("/home/a/1/one.jpg", "left"), ("/home/a/2/one.jpg", "right"), ("1/one.jpg", "left"), ("two.png", "left"), ("x/two.jpg", "right")
    ):  # fmt: skip
        assert table.of(Path(path))["eye"] == eye, path
    assert table.of(Path("three.jpg")) == {} and read_facts(None).of(Path("one.jpg")) == {}


def test_names_with_dots_and_a_second_row_that_corrects_the_first(tmp_path: Path) -> None:
    table = read_facts(facts(tmp_path, "image_id,age\n1.2.840.5,30\nmia,40\nmia,41\n"))
    assert table.of(Path("1.2.840.5.dcm"))["age"] == table.of(Path("1.2.840.5"))["age"] == "30"
    assert table.of(Path("mia.jpg"))["age"] == "41"

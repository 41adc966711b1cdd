"""Everything of an account in one archive: complete, readable, in names that are safe, and without filling the memory."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import subprocess
import sys
import tempfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any
from uuid import uuid4

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from core.errors import NotFound
from core.people.accounts import sign_up
from core.people.policy import Actor
from core.people.sessions import issue_ticket, redeem_ticket
from core.records import database
from core.records.export import archive_name, count_findings, write_everything
from core.records.export_tables import LEFT_OUT, TOLD
from core.records.export_words import cell, ending, safe
from core.records.findings import open_record, save_finding
from core.records.photos import store
from core.records.record_tables import metadata
from core.records.spots import create_spot
from core.settings import ROOT
from tests.core.house import a_finding, a_photo, embedded, own, somebody

SECRET = re.compile(r"hash|token|secret|password|_key")
WHEN = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)


def archive(actor: Actor) -> zipfile.ZipFile:
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the archive
    write_everything(actor, file)
    return zipfile.ZipFile(file)


def everything(zipped: zipfile.ZipFile) -> Any:
    return json.loads(zipped.read("everything.json"))


def table(zipped: zipfile.ZipFile, name: str = "findings.csv") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(zipped.read(name).decode("utf-8-sig"), newline="")))


def test_every_table_and_every_column_is_told_or_left_out_for_a_reason() -> None:
    assert set(metadata.tables) == set(TOLD) | set(LEFT_OUT), "a new table must go into the archive, or on the list with a reason"
    assert not set(TOLD) & set(LEFT_OUT)
    for name, told in TOLD.items():
        columns = set(metadata.tables[name].columns.keys())
        assert columns == set(told.columns) | set(told.left_out), f"a new column of {name}: in the archive, or on the list with a reason"
        assert not set(told.columns) & set(told.left_out)
        assert told.owner in told.columns
        secrets = {column for column in told.columns if SECRET.search(column)}
        assert not secrets, f"{name}: {secrets}"
    for reason in [*LEFT_OUT.values(), *(why for told in TOLD.values() for why in told.left_out.values())]:
        assert len(reason) > 10


def test_left_out_tables_lead_to_nobody() -> None:
    for name in set(LEFT_OUT) - {"ticket", "recovery_code"}:
        assert not metadata.tables[name].foreign_keys, f"{name} names an account or a person: tell it"


@pytest.mark.usefixtures("house")
def test_all_that_was_saved_is_in_it() -> None:
    actor = somebody("Ana Ruiz", persons=2)
    saved = {}
    for number, person in enumerate(sorted(actor.person_ids, key=str)):
        spot = create_spot(actor, person, "left arm", f"Mole {number} below the elbow")
        for seed in range(2):
            photo = a_photo(10 * number + seed)
            record = save_finding(
                actor,
                person,
                photo,
                a_finding(seed),
                spot_id=spot.id if seed else None,
                site="back",
                outline_accepted=bool(seed),
                taken_at=WHEN,
            )
            saved[str(record.id)] = (record, photo)
    token = redeem_ticket(issue_ticket(actor), "Firefox")
    zipped = archive(actor)
    assert zipped.testzip() is None
    told, rows = everything(zipped), table(zipped)
    assert {row["id"] for row in told["record"]} == {row["Finding"] for row in rows} == set(saved)
    names = set(zipped.namelist())
    for row, line in zip(told["record"], rows, strict=True):
        record, photo = saved[row["id"]]
        opened = open_record(actor, record.id)
        files = row["files"]
        assert hashlib.sha256(zipped.read(files["photo"])).hexdigest() == photo.sha256 == row["photo_sha256"]
        mask = cv2.imdecode(np.frombuffer(zipped.read(files["outlines"]["lesion"]), np.uint8), cv2.IMREAD_GRAYSCALE)
        assert np.array_equal(mask, opened.finding.masks["lesion"])
        heat = cv2.imdecode(np.frombuffer(zipped.read(files["heat"]), np.uint8), cv2.IMREAD_GRAYSCALE)
        assert opened.finding.heat is not None and np.allclose(heat / 255, opened.finding.heat, atol=1e-6)
        assert row["facts"] == opened.finding.facts()
        names -= {files["photo"], *files["outlines"].values(), files["heat"]}
        assert (line["Photo"], line["Outlines"], line["Heat map"]) == (files["photo"], files["outlines"]["lesion"], files["heat"])
        assert line["Taken at (UTC)"] == "2026-03-14 09:30" and line["Label"] == "nv" and line["Next step"] == "See a doctor within 2 weeks"
        assert float(line["Chance of nv"]) == opened.finding.probabilities["nv"]
        assert line["Outline fits?"] == ("yes" if record.outline_accepted else "no")
        assert line["New or changed in three months?"] == "yes" and line["Bleeds, or does not heal?"] == ""
        assert line["What it looks like"]
        assert re.fullmatch(r"photos/[12]-Ana-Ruiz-[01]/2026-03-14_(Mole-[01]-below-the-elbow|back)_\d{4}_photo\.jpg", files["photo"])
    assert names == {"README.txt", "everything.json", "findings.csv", "scores.csv", "treatments.csv", "diary.csv"}
    assert [one["email"] for one in told["account"]] == ["ana ruiz@example.org"]
    assert len(told["person"]) == len(told["account_person"]) == len(told["spot"]) == 2
    assert [one["user_agent"] for one in told["session"]] == ["Firefox"]
    assert token is not None and count_findings(actor) == 4
    words = zipped.read("README.txt").decode()
    assert "Findings: 4" in words and "Ana Ruiz 1" in words and "not a diagnosis" in words
    assert set(TOLD) | {"made_at"} == set(told)


@pytest.mark.usefixtures("house")
def test_no_secret_and_nobody_else_is_in_it() -> None:
    ana, eve = sign_up("ana@example.org", "four quiet words here", "Ana"), sign_up("eve@example.org", "four other words here", "Zoe Adler")
    for who in (ana, eve):
        redeem_ticket(issue_ticket(who))
        save_finding(who, own(who), a_photo(), a_finding(), token=own(who), spot_id=create_spot(who, own(who), "arm", f"of {who.name}").id)
    zipped = archive(ana)
    told = zipped.read("everything.json").decode() + zipped.read("findings.csv").decode() + zipped.read("README.txt").decode()
    for stranger in ("Zoe", "eve@", str(own(eve)), str(eve.account_id)):
        assert stranger not in told and stranger not in " ".join(zipped.namelist())
    with database.reading() as session:
        for name in metadata.tables:
            for row in session.execute(metadata.tables[name].select()).mappings():
                for column, value in row.items():
                    if name in TOLD and column in TOLD[name].left_out and value and column != "token":
                        values = value.values() if isinstance(value, dict) else [value]
                        assert not [one for one in values if str(one) in told], f"{name}.{column}"


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize("role", ["doctor", "staff", "admin"])
def test_an_account_without_records_has_itself(role: Any) -> None:
    save_finding(ana := somebody(), own(ana), a_photo(), a_finding())
    doctor = somebody("Lena", role, persons=0)
    zipped = archive(doctor)
    assert len(everything(zipped)["account"]) == 1 and everything(zipped)["record"] == [] and table(zipped) == []
    # The policy decides, not the list of persons: a doctor that claims a patient gets nothing of them.
    claims = Actor(doctor.account_id, role, ana.person_ids, "Lena", doctor.email)
    assert everything(archive(claims))["record"] == [] and everything(archive(claims))["person"] == []


@pytest.mark.usefixtures("house")
def test_a_picture_that_is_gone_and_an_account_that_is_gone() -> None:
    actor = somebody()
    record = save_finding(actor, own(actor), a_photo(), a_finding())
    with database.reading() as session:
        key = session.execute(text("SELECT photo_key FROM record")).scalar_one()
    store().delete(key)
    with tempfile.TemporaryFile() as file:
        made = write_everything(actor, file)
        assert (made.missing, made.pictures, made.findings) == (1, 2, 1)
        assert "1 pictures were not in the store" in zipfile.ZipFile(file).read("README.txt").decode()
    assert record
    with database.transaction() as session:
        session.execute(text("DELETE FROM account"))
    with tempfile.TemporaryFile() as file, pytest.raises(NotFound):
        write_everything(actor, file)


TRICKS = [
    "../../etc/passwd",
    "..\\..\\boot.ini",
    "C:\\con",
    "/",
    "",
    "CON",
    "a\x00b",
    "x\u202egpj.exe",
    ".",
    "..",
    "~",
    "李小龙",
    "Zoë O'Hara",
    "-rf",
    "a" * 500,
]


@given(st.text(max_size=80) | st.sampled_from(TRICKS))
def test_no_name_leads_anywhere(name: str) -> None:
    made = safe(name, "spot")
    assert made and len(made) <= 40 and not made.startswith("-")
    assert all(sign.isalnum() or sign == "-" for sign in made)
    whole = f"photos/1-{made}/2026-03-14_{made}_0001_photo.jpg"
    assert len(PurePosixPath(whole).parts) == len(PureWindowsPath(whole).parts) == 3
    assert not PureWindowsPath(whole).is_reserved() and len(PurePosixPath(whole).name.encode()) < 255


@pytest.mark.usefixtures("house")
def test_tricky_names_unpack_inside_their_folder(tmp_path: Path) -> None:
    actor = somebody("../../x")
    for number, name in enumerate(TRICKS):
        spot = create_spot(actor, own(actor), "arm", name.strip()[:80] or "one") if name.strip() else None
        save_finding(actor, own(actor), a_photo(), a_finding(), spot_id=spot.id if spot else None, site=None if number % 2 else "=1+1")
    zipped = archive(actor)
    assert len(set(zipped.namelist())) == len(zipped.namelist())
    before = set(tmp_path.rglob("*"))
    zipped.extractall(tmp_path / "here")
    assert {path for path in tmp_path.rglob("*") if (tmp_path / "here") not in [path, *path.parents]} == before
    assert len(list((tmp_path / "here").rglob("*_photo.jpg"))) == len(TRICKS)
    assert not [line for line in table(zipped) for value in line.values() if value.startswith(("=", "+", "-", "@"))]


@pytest.mark.parametrize(
    ("value", "shown"), [(None, ""), (True, "yes"), (False, "no"), ("=1+1", "'=1+1"), ("mole", "mole"), (0.5, 0.5), (-1.0, -1.0)]
)
def test_cells(value: Any, shown: Any) -> None:
    assert cell(value) == shown


def test_endings_and_name() -> None:
    assert [ending(kind) for kind in ("image/jpeg", "image/png", "application/dicom", "no/thing")] == [".jpg", ".png", ".dcm", ".bin"]
    ana = Actor(uuid4(), "patient", frozenset(), "Ana / Ruiz", "ana@example.org")
    assert re.fullmatch(r"carelens-ana-ruiz-\d{4}-\d\d-\d\d\.zip", archive_name(ana))


MEASURE = """
import re, sys, tempfile, uuid
from pathlib import Path
from core.examinations.registry import examinations
from core.people.policy import Actor
from core.records.export import write_everything

def most():  # kB ever held by this very program; what getrusage says is also of the one that started it
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

actor = Actor(uuid.UUID(sys.argv[1]), "patient", frozenset({uuid.UUID(sys.argv[2])}), "Ana", "ana@example.org")
with tempfile.TemporaryFile() as file:
    write_everything(Actor(actor.account_id, "doctor", frozenset(), "", ""), file)  # what is loaded at the first use
examinations()
before = most()
with tempfile.TemporaryFile() as file:
    made = write_everything(actor, file)
print(made.findings, made.size, most() - before)
"""


@embedded
def test_a_thousand_findings_do_not_fill_the_memory(house: Path) -> None:
    """0.2 MB of pictures each: 200 MB for the archive, a few MB for the process. The pictures are one file under many names."""
    actor = somebody()
    record = save_finding(actor, own(actor), a_photo(), a_finding())
    with database.transaction() as session:
        row = dict(session.execute(text("SELECT * FROM record")).mappings().one())
        big = store().put(np.random.default_rng(0).bytes(200_000))
        many = [row | {"id": f"{number:032x}", "photo_key": big, "token": None} for number in range(1, 1000)]
        columns = ", ".join(row)
        session.execute(text(f"INSERT INTO record ({columns}) VALUES ({', '.join(':' + name for name in row)})"), many)
    assert record
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(actor.account_id), str(own(actor))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    findings, size, grown_kb = (int(word) for word in done.stdout.split())
    assert findings == 1000 and size > 200_000_000
    assert grown_kb < 20_000, f"grew by {grown_kb} kB"
    assert not [path for path in house.iterdir() if path.name not in ("photos",) and not path.name.startswith("carelens.db")]

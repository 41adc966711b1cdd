"""The rows of a person's own copy of their data: from the tables into files, as they come."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import IO, Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlmodel import Session

from core.errors import NotFound
from core.people.policy import Actor, PersonAction, allowed
from core.records import diary_csv
from core.records.export_tables import TOLD
from core.records.export_words import FIRST, LAST, MEASURED, SCORES, TREATMENTS, cell, ending, row, safe, score, treatment
from core.records.outlines import renewed
from core.records.record_tables import metadata
from core.records.times import now

AT_ONCE = 100
"""Rows taken from the database at a time."""
_PICTURES = ("photo_key", "mask_keys", "heat_key")
KEYS = {"record": _PICTURES, "screening_photo": _PICTURES, "correction": ("mask_key",), "message": ("photo_key",)}
"""Columns that name pictures: not told, the archive has the pictures."""
_WRITTEN = ("consent", "opening", "note", "sign_off", "outcome", "task", "appointment", "conversation")
DOCTORS = dict.fromkeys(_WRITTEN, ("account_id",))
"""Columns that name a doctor's account: told is the doctor's name."""
_NEEDED: tuple[PersonAction, ...] = ("read_person", "read_records", "read_diary", "read_chart")
PICTURES = "pictures"
FILES = ("everything.json", "findings.csv", "scores.csv", "treatments.csv", "diary.csv", PICTURES)
"""What is written: files of the archive, and the list of the pictures that belong into it."""


class Rows:
    """The rows of one account in one moment of the database, written as they come."""

    def __init__(self, session: Session, actor: Actor) -> None:
        self.session, self.actor = session, actor
        may = (id for id in actor.person_ids if all(allowed(actor, action, id) for action in _NEEDED))
        self.owners = {"account": [actor.account_id], "person": sorted(may, key=str)}

    def of(self, table: str) -> Iterator[dict[str, Any]]:
        """What is told of a table, oldest first; with a record or a correction the keys of its pictures."""
        told, source = TOLD[table], metadata.tables[table]
        order = [source.c[name] for name in ("taken_at", "day", "started_on", "created_at", "number", "id") if name in source.c]
        columns = (*told.columns, *(KEYS | DOCTORS).get(table, ()))
        query = select(*(source.c[name] for name in columns)).where(self._mine(table)).order_by(*order)
        rows = self.session.connection().execution_options(yield_per=AT_ONCE).execute(query)
        for found in rows.mappings():
            yield dict(found)

    def _mine(self, table: str) -> ColumnElement[bool]:
        """What a row has that belongs to the account or to one of its persons, be it through other tables."""
        told = TOLD[table]
        owner = metadata.tables[table].c[told.owner]
        if told.through:
            return owner.in_(select(metadata.tables[told.through].c.id).where(self._mine(told.through)))
        return owner.in_(self.owners[told.by])

    def write(self, files: Mapping[str, IO[str]]) -> tuple[list[str], int]:
        """Fill the files of FILES; returns the names of the persons and the number of findings. NotFound when the account is gone."""
        people = {one["id"]: one["display_name"] for one in self.of("person")}
        if not list(self.of("account")):
            raise NotFound("This account does not exist any more.", "Please sign up again.")
        naming = _Names(people, {one["id"]: one["name"] for one in self.of("spot")})
        patients = {one["id"]: one["person_id"] for one in self.of("screening_patient")}
        drawn, doctors, met = self._drawn(), self._doctors(), self._met()
        classes, numbers = self._seen("probabilities", drawn), self._seen("numbers", drawn)
        tables = files["everything.json"]
        sheets = {name: csv.writer(file) for name, file in files.items() if name.endswith(".csv")}
        measured = (MEASURED.get(name, f"Measured: {name}") for name in numbers)
        sheets["findings.csv"].writerow([*FIRST, *(f"Chance of {name}" for name in classes), *measured, *LAST])
        sheets["scores.csv"].writerow(SCORES)
        sheets["treatments.csv"].writerow(TREATMENTS)
        sheets["diary.csv"].writerow(("Person", *diary_csv.head()))
        tables.write('{\n"made_at": ' + json.dumps(_plain(now())))
        findings = 0
        for name in TOLD:
            tables.write(f",\n{json.dumps(name)}: [")
            for number, found in enumerate(self.of(name)):
                if name == "record":
                    findings += 1
                    corrected = drawn.get(found["id"], [])
                    paths = _files(found, corrected, naming.stem(found, findings), files[PICTURES])
                    counts = {**found, **renewed(found["facts"], corrected[-1]["numbers"])} if corrected else found
                    spot = naming.spots.get(found["spot_id"], "")
                    sheets["findings.csv"].writerow(row(counts, people[found["person_id"]], spot, classes, numbers, paths))
                    found["files"] = paths
                elif name == "screening_photo":
                    found["files"] = _files(found, (), naming.screened(found, patients, number + 1), files[PICTURES])
                elif name == "score":
                    sheets["scores.csv"].writerow(score(found, people[found["person_id"]]))
                elif name == "treatment":
                    sheets["treatments.csv"].writerow(treatment(found, people[found["person_id"]]))
                elif name == "diary_day":
                    told = diary_csv.line({**found, "met": met.get(found["id"], ())})
                    sheets["diary.csv"].writerow((cell(people[found["person_id"]]), *told))
                elif name == "correction":
                    del found["mask_key"]
                elif name == "message":
                    found["files"] = _photo(found, naming.sent(found), files[PICTURES])
                elif name in DOCTORS:
                    found["doctor"] = doctors.get(found.pop("account_id"))
                tables.write((",\n" if number else "\n") + json.dumps(found, default=_plain, ensure_ascii=False))
            tables.write("]")
        tables.write("\n}\n")
        return list(people.values()), findings

    def _doctors(self) -> dict[UUID, str]:
        """The names of the doctors whom one of the persons ever let in."""
        ids = {one["account_id"] for table in DOCTORS for one in self.of(table)} - {None}
        account = metadata.tables["account"]
        rows = self.session.connection().execute(select(account.c.id, account.c.name).where(account.c.id.in_(ids)))
        return {row.id: row.name for row in rows}

    def _met(self) -> dict[UUID, list[dict[str, Any]]]:
        """What was met on each day of the diary, with its group and name."""
        named = {one["id"]: {"kind": one["kind"], "name": one["name"]} for one in self.of("trigger")}
        found: dict[UUID, list[dict[str, Any]]] = {}
        for one in self.of("exposure"):
            found.setdefault(one["day_id"], []).append({**named[one["trigger_id"]], "hour": one["hour"]})
        return found

    def _drawn(self) -> dict[UUID, list[dict[str, Any]]]:
        """The corrections of each record that has some, in the order in which they were drawn; without pictures they are small."""
        found: dict[UUID, list[dict[str, Any]]] = {}
        for one in self.of("correction"):
            found.setdefault(one["record_id"], []).append(one)
        return found

    def _seen(self, fact: str, drawn: Mapping[UUID, list[dict[str, Any]]]) -> list[str]:
        """Every name of a class or a number in any finding, in the order in which they come up."""
        seen: dict[str, None] = {}
        for found in self.of("record"):
            seen.update(dict.fromkeys(found["facts"].get(fact, {})))
        if fact == "numbers":
            seen.update(dict.fromkeys(name for of_record in drawn.values() for one in of_record for name in one["numbers"]))
        return list(seen)


def _files(record: dict[str, Any], corrected: Sequence[Mapping[str, Any]], stem: str, listed: IO[str]) -> dict[str, Any]:
    """Take the keys of a record's pictures out of it and note them in `listed`; returns the names of its files."""
    photo, masks, heat = (record.pop(name) for name in _PICTURES)
    if photo is None:
        return {}
    names: dict[str, Any] = {
        "photo": f"{stem}_photo{ending(record['media_type'])}",
        "outlines": {
            mask: f"{stem}_outline-{safe(mask, 'spot')}{f'-{number}' if number > 1 else ''}.png" for number, mask in enumerate(masks, 1)
        },
        "corrected": [f"{stem}_corrected-{safe(one['name'], 'spot')}-{number}.png" for number, one in enumerate(corrected, 1)],
        "heat": f"{stem}_heat.png" if heat else None,
    }
    wanted = [(photo, names["photo"]), *((masks[mask], name) for mask, name in names["outlines"].items())]
    wanted += [(one["mask_key"], name) for one, name in zip(corrected, names["corrected"], strict=True)]
    listed.write(json.dumps([*wanted, (heat, names["heat"])] if heat else wanted) + "\n")
    return names


def _photo(message: dict[str, Any], stem: str, listed: IO[str]) -> dict[str, str]:
    """Take the key of a message's photo out of it and note it in `listed`; returns the name of its file, where there is one."""
    key = message.pop("photo_key")
    if key is None:
        return {}
    name = f"{stem}{ending(message['media_type'])}"
    listed.write(json.dumps([(key, name)]) + "\n")
    return {"photo": name}


class _Names:
    """File names that say whose, when and what, and are never the same twice."""

    def __init__(self, people: Mapping[UUID, str], spots: Mapping[UUID, str]) -> None:
        self.spots = spots
        self.folders = {id: f"photos/{number}-{safe(name, 'person')}" for number, (id, name) in enumerate(people.items(), 1)}

    def stem(self, record: Mapping[str, Any], number: int) -> str:
        what = safe(self.spots.get(record["spot_id"]) or record["site"] or "", "spot")
        return f"{self.folders[record['person_id']]}/{record['taken_at']:%Y-%m-%d}_{what}_{number:04d}"

    def sent(self, message: Mapping[str, Any]) -> str:
        """The same for the photo of a message."""
        return f"{self.folders[message['person_id']]}/{message['created_at']:%Y-%m-%d}_message-{message['id']}"

    def screened(self, photo: Mapping[str, Any], patients: Mapping[UUID, UUID], number: int) -> str:
        """The same for a photo of the screening desk; `patients`: of the desk, to the person each is linked to."""
        day = photo["taken_on"] or photo["created_at"].date()
        return f"{self.folders[patients[photo['patient_id']]]}/{day:%Y-%m-%d}_screening-{photo['side'] or 'eye'}_{number:04d}"


def _plain(value: Any) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} is not plain JSON")

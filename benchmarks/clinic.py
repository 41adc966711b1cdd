"""`python -m benchmarks.clinic`: what a doctor's list costs with 2,000 patients and 100,000 findings, and one patient's timeline."""

from __future__ import annotations

import argparse
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from tempfile import TemporaryDirectory
from unittest.mock import PropertyMock, patch
from uuid import uuid4

import numpy as np
from sqlmodel import col, select
from streamlit.runtime.context import ContextProxy
from streamlit.testing.v1 import AppTest

from benchmarks import measure as measuring
from benchmarks.measure import ROOT, Row, repeat, row
from core.demo.findings import VISITS, save_visit
from core.people import sessions
from core.people.accounts import create_account
from core.people.policy import Actor
from core.people.secrets import new_token
from core.records.clinic import overview
from core.records.consent_tables import Consent
from core.records.database import migrate, transaction
from core.records.eczema_tables import Score
from core.records.record_tables import Record
from core.records.tables import Person
from core.records.times import now
from core.settings import settings
from core.ui.clinic import everyone
from core.web.cookie import COOKIE

PATIENTS, RECORDS, AIM_MS = 2_000, 100_000, 500.0
_BATCH = 1000


@contextmanager
def house() -> Iterator[tuple[Actor, Actor]]:
    """An empty clinic in a temporary folder, for this process: a doctor, and a patient with two drawn findings."""
    with TemporaryDirectory(prefix="carelens-bench-") as folder:
        os.environ |= {"CARELENS_HOME": folder, "CARELENS_DEMO": "1", "CARELENS_DATABASE_URL": "", "CARELENS_PHOTO_STORE": ""}
        settings.cache_clear()
        migrate()
        made = [
            create_account(email=f"{role}@bench.example", password=new_token(), name=role.title(), role=role)  # type: ignore[arg-type]
            for role in ("doctor", "patient")
        ]
        for visit in (VISITS[0], VISITS[3]):
            save_visit(made[1], visit)
        yield made[0], made[1]


def fill(doctor: Actor, actor: Actor, patients: int, records: int, weeks: int = 8) -> None:
    """Let `patients` made-up people in to the doctor, with `records` findings among them and a POEM each week.

    The findings repeat the actor's own and share their pictures; one in 25 is urgent.
    """
    rng, moment = np.random.default_rng(2), now()
    ids = [uuid4() for _ in range(patients)]
    with transaction() as session:
        known = session.exec(select(Record).where(col(Record.person_id).in_(actor.person_ids))).all()
        patterns = [one.model_dump(exclude={"id", "token", "taken_at", "created_at", "person_id", "spot_id", "step"}) for one in known]
        people = [
            {"id": id, "display_name": f"Person {number:04d}", "birth_year": 1930 + number % 90, "created_at": moment}
            for number, id in enumerate(ids)
        ]
        session.connection().execute(Person.__table__.insert(), people)  # type: ignore[attr-defined]
        lets = [{"id": uuid4(), "person_id": id, "account_id": doctor.account_id, "kinds": "all", "created_at": moment} for id in ids]
        session.connection().execute(Consent.__table__.insert(), lets)  # type: ignore[attr-defined]
        filled = [
            {"id": uuid4(), "person_id": id, "instrument": "poem", "week": f"w{week}", "day": (moment - timedelta(weeks=week)).date(),
             "answers": {}, "total": float(rng.integers(0, 29)), "missing": 0, "created_at": moment, "changed_at": moment}
            for id in ids for week in range(weeks)
        ]  # fmt: skip
        session.connection().execute(Score.__table__.insert(), filled)  # type: ignore[attr-defined]
        for start in range(0, records, _BATCH):
            rows = [
                {**patterns[i % len(patterns)], "id": uuid4(), "token": None, "spot_id": None, "person_id": ids[i % patients],
                 "step": ("watch", "soon", "today")[int(rng.choice(3, p=(0.96, 0.038, 0.002)))], "created_at": moment,
                 "taken_at": moment - timedelta(hours=float(rng.uniform(0, 8000)))}
                for i in range(start, min(start + _BATCH, records))
            ]  # fmt: skip
            session.connection().execute(Record.__table__.insert(), rows)  # type: ignore[attr-defined]


def measure(doctor: Actor, patient: Actor, n: int, patients: int = PATIENTS, records: int = RECORDS) -> list[Row]:
    """Fill the clinic and time `n` runs: who is signed in, the list as the database tells it, by urgency, the page, one timeline."""
    fill(doctor, patient, patients, records)
    token = sessions.redeem_ticket(sessions.issue_ticket(doctor), "benchmark")
    actor = sessions.actor_of(token)
    if actor is None or len(actor.let_in_by) != patients:
        raise RuntimeError("the doctor was not let in by everybody")
    group = f"A doctor with {patients:,} patients and {records:,} findings"
    rows = [
        row(group, "who is signed in", repeat(lambda: sessions.actor_of(token), n)),
        row(group, "everybody, as the database tells it", repeat(lambda: overview(actor, now().date()), n)),
        row(group, "everybody, by urgency", repeat(lambda: everyone(actor), n), AIM_MS),
    ]
    with patch.object(ContextProxy, "cookies", new_callable=PropertyMock, return_value={COOKIE: token}):
        for path, query in (("pages/Clinic.py", None), ("pages/Patient.py", str(min(actor.let_in_by, key=str)))):
            app = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=120)
            app.switch_page(path)
            if query:
                app.query_params["patient"] = query
            app.run()
            if app.exception:
                raise RuntimeError(f"{path} fails: {app.exception[0].message}")
            rows.append(row(group, path, repeat(app.run, n), AIM_MS))
    return rows


def main() -> None:
    """Measure and print a table."""
    line = argparse.ArgumentParser(prog="python -m benchmarks.clinic", description="What a doctor's list of patients costs.")
    line.add_argument("--repeats", type=int, default=20, help="runs of each (default 20)")
    line.add_argument("--patients", type=int, default=PATIENTS)
    line.add_argument("--records", type=int, default=RECORDS)
    asked = line.parse_args()
    logging.disable(logging.WARNING)
    with house() as (doctor, patient):
        rows = measure(doctor, patient, asked.repeats, asked.patients, asked.records)
    print(measuring.table(rows))
    print("\n" + ", ".join(f"{name} {value}" for name, value in measuring.machine().items()))


if __name__ == "__main__":
    main()

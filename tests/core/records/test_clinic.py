"""A doctor's list: only of who let them in, only what they let them see, settled once it was signed, and noted where it was shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from core.people import consent
from core.people.policy import Actor
from core.people.sessions import actor_of, issue_ticket, redeem_ticket
from core.records import scores, sign_offs, tasks
from core.records.clinic import overview, show
from core.records.findings import save_finding
from core.records.times import now
from tests.core.house import a_finding, a_photo, own, somebody

ITEMS = ("itch", "sleep", "bleeding", "weeping", "cracked", "flaking", "dry")


def today() -> date:
    return now().date()


def test_the_list_of_a_doctor(house: Path) -> None:
    lena = somebody("Lena", "doctor", persons=0)
    ana, ben, cleo = (somebody(name) for name in ("Ana", "Ben", "Cleo"))
    records = {}
    for at, one in enumerate((ana, ben, cleo)):
        for kind, step in (("skin", "soon"), ("retina", "watch")):
            finding = replace(a_finding(at, kind, (80, 64)), step=step)
            records[one.name, kind] = save_finding(one, own(one), a_photo(at, (80, 64)), finding)
        for weeks, answer in ((1, 3), (2, 1), (3, 4), (20, 0)):
            scores.save_score(one, own(one), "poem", today() - timedelta(weeks=weeks), dict.fromkeys(ITEMS, answer))
    consent.let_in(ana, own(ana), lena.account_id)
    consent.let_in(ben, own(ben), lena.account_id, kinds=["retina"])

    def actor() -> Actor:
        found = actor_of(redeem_ticket(issue_ticket(lena)))
        assert found is not None
        return found

    one, two = overview(actor(), today())
    assert (one.id, one.poem, [(each.examination, each.at) for each in one.waiting]) == (
        own(ana), (21, 7), [("skin", records["Ana", "skin"].taken_at)],
    )  # fmt: skip
    assert (two.id, two.poem, two.waiting) == (own(ben), (), ()), "of Ben the eyes alone"
    for nobody in (ana, somebody("Omar", "doctor", persons=0), somebody("Ada", "admin", persons=0)):
        assert overview(nobody, today()) == []
    tasks.add_task(actor(), own(ana), "call", today())
    tasks.add_task(actor(), own(ana), "later", today() + timedelta(days=1))
    sign_offs.sign_off(actor(), records["Ana", "skin"].id)
    one, _ = overview(actor(), today())
    assert one.waiting == () and one.due == 1
    before = len(consent.openings(ben, own(ben)))
    shown = show(actor(), [own(ben), own(cleo), own(ana)])
    assert {id: count for id, (count, _) in shown.items()} == {own(ben): 1, own(ana): 2}
    assert shown[own(ana)][1] == records["Ana", "retina"].taken_at
    show(actor(), [own(ben)])
    assert len(consent.openings(ben, own(ben))) == before + 1 and consent.openings(cleo, own(cleo)) == []
    consent.take_back(ana, own(ana), lena.account_id)
    assert [each.id for each in overview(actor(), today())] == [own(ben)]

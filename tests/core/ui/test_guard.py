"""The guard itself: who is let in, for every role and every set of roles."""

from __future__ import annotations

from itertools import combinations
from uuid import uuid4

import pytest

from core.people import policy
from core.people.policy import Actor
from core.ui import guard, menu
from core.ui.guard import Verdict, judge


def actor(role):
    return Actor(uuid4(), role, frozenset(), "Some One", "some.one@example.org")


SETS = [allow for size in range(5) for allow in combinations(policy.ROLES, size)]


@pytest.mark.parametrize("allow", SETS, ids="+".join)
def test_only_the_roles_that_are_named_come_in(allow):
    assert judge(None, allow) is Verdict.SIGN_IN
    for role in policy.ROLES:
        assert judge(actor(role), allow) is (Verdict.WELCOME if role in allow else Verdict.REFUSED)


def test_every_role_has_words_and_a_bar_of_at_most_five():
    assert set(guard.ROLES) == set(policy.ROLES) == set(menu.MENU) == set(menu.BAR)
    for role, entries in menu.BAR.items():
        assert 1 <= len(entries) <= 5 and entries[0] == menu.HOME and menu.ACCOUNT in entries
        assert all(" " not in entry.word for entry in entries), "one word each in the bottom bar"
        assert set(entries) <= set(menu.MENU[role])


def test_the_menu_of_others_holds_no_page_of_patients():
    for role in ("doctor", "staff", "admin"):
        patients = {menu.SKIN, menu.RASH, menu.ECZEMA, menu.PROGRESS, menu.HISTORY}
        assert not patients & set(menu.MENU[role])

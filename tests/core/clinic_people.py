"""People of a clinic who are signed in: each is asked of the database anew, as at every click."""

from __future__ import annotations

from core.people import consent
from core.people.policy import Actor, Role
from core.people.sessions import actor_of, issue_ticket, redeem_ticket
from tests.core.house import own, somebody


class SignedIn:
    """An account with a sign-in of its own; `actor` is who they are at the next click."""

    def __init__(self, name: str, role: Role = "patient", persons: int | None = None) -> None:
        made = somebody(name, role, persons=(role == "patient") if persons is None else persons)
        self.id = made.account_id
        token = redeem_ticket(issue_ticket(made))
        assert token is not None
        self.token = token

    @property
    def actor(self) -> Actor:
        found = actor_of(self.token)
        assert found is not None
        return found

    def let_in(self, doctor: SignedIn) -> None:
        """Let a doctor see everything of the one person."""
        consent.let_in(self.actor, own(self.actor), doctor.id)

    def shut_out(self, doctor: SignedIn) -> None:
        consent.take_back(self.actor, own(self.actor), doctor.id)


def two() -> tuple[SignedIn, SignedIn]:
    """A patient, Ana, and a doctor, Lena, whom she let in."""
    ana, lena = SignedIn("Ana"), SignedIn("Lena", "doctor")
    ana.let_in(lena)
    return ana, lena

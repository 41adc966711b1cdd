"""The desk of a check: photos are put on it, examined once, and stay until they are saved or discarded.

The desk lives in the session, so a rerun, another input or another page loses nothing. Its methods
change plain attributes only: Streamlit may stop a run at any of its own calls, never between two of ours.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID, uuid5

import streamlit as st

from core.demo.marks import is_drawn
from core.errors import CareLensError, InvalidInput, NotFound, PhotoRejected, Unavailable
from core.examinations.finding import Answers, Context, Eye, Finding
from core.examinations.registry import examination
from core.people.policy import Actor
from core.photo import Photo, read_photo
from core.records.findings import save_finding
from core.ui.part import Part
from core.vision.turns import turns

log = logging.getLogger("carelens.ui.checking")

SHOWN = "shown"
"""Key of the photo that is looked at, among those on the desk."""
MOST_PHOTOS = 12
"""Photos on the desk at once; each may hold 25 MB in memory."""
QUESTIONS = (
    ("new_or_changed", "Is the spot new, or has it changed in the last three months?"),
    ("bleeds_or_does_not_heal", "Does it bleed, or is it a sore that does not heal?"),
    ("unlike_the_others", "Does it look unlike your other spots?"),
)
CHOICES: dict[str, bool | None] = {"Yes": True, "No": False, "Not sure": None}
SITES = ("head and neck", "chest and belly", "back", "arm", "hand", "leg", "foot")

State = Literal["waiting", "examined", "rejected", "unavailable", "saved"]
Result = Finding | CareLensError


@dataclass(eq=False)
class Check:
    """One photo on the desk. `token`, given at the first try to save, makes saving repeatable: twice gives one record."""

    id: str
    name: str
    data: bytes
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    photo: Photo | None = None
    result: Result | None = None
    answers: Answers | None = None
    """The answers the result belongs to."""
    outline_accepted: bool | None = None
    token: UUID | None = None
    record_id: UUID | None = None
    known: bool = False
    """It was in the history before, saved in another tab or earlier."""
    saved_as: str = ""
    """What the spot was called when it was saved."""
    saved_part: Part | None = None
    """The part of the body it was saved for."""
    corrected: bool = False
    """The outline of its finding is the person's own."""
    eye: Eye | None = None
    """Which eye it shows, as the person said; asked for photos of the back of an eye alone."""
    signs: bool = False
    """Single signs are outlined whatever the grade, as the person asked; asked for photos of the back of an eye alone."""
    wanted: bool = False
    """It is to be saved, with what the page holds by now."""
    trouble: CareLensError | None = None
    """Why saving did not work, the last time it was tried."""

    @property
    def finding(self) -> Finding | None:
        """The finding, when there is one."""
        return self.result if isinstance(self.result, Finding) else None

    def let_go(self) -> None:
        """Drop what is large. Streamlit keeps what a button was given long after the button is gone, until its page is closed."""
        self.data, self.photo, self.result = b"", None, None

    def correct(self, finding: Finding) -> None:
        """The finding with the outline as the person drew it."""
        self.result, self.corrected = finding, True

    def want(self) -> None:
        """To be saved by the run that follows. Not at once: a button is given what the page held when it was drawn, and an answer
        given a moment before the press is not in that yet."""
        self.wanted = True

    def say_outline(self, accepted: bool | None) -> None:
        """What the person says about the outline."""
        self.outline_accepted = accepted

    def say_eye(self, eye: Eye | None) -> None:
        """Which eye it is, as the person says. What was found stays as it is: no network is told of it."""
        self.eye, self.trouble = eye, None
        if self.finding is not None:
            self.result = replace(self.finding, eye=eye)

    def want_signs(self) -> None:
        """To be examined once more, with its single signs outlined whatever the grade. What was said of it stays."""
        self.signs, self.result, self.answers = True, None, None

    @property
    def state(self) -> State:
        """Where this photo stands."""
        if self.record_id is not None:
            return "saved"
        if self.result is None:
            return "waiting"
        if isinstance(self.result, Finding):
            return "examined"
        return "unavailable" if isinstance(self.result, Unavailable) else "rejected"


@dataclass(eq=False)
class Desk:
    """Everything of one check of one spot or place, with one or more photos of it. `examination`: what looks at them.

    `number` and `round` are part of the keys of widgets: a new number empties the questions, a new round the photo inputs.
    """

    person_id: UUID
    number: int = 0
    round: int = 0
    checks: list[Check] = field(default_factory=list)
    spot_id: UUID | None = None
    """The new spot made at the first save of this check; the next photos join it."""
    left_out: int = 0
    """Photos not taken because the desk was full, at the last try."""
    examination: str = "skin"
    who: str = ""
    """Whose history a finding is saved to, where there are several; said on the button."""
    _results: dict[tuple[str, Answers, bool], Result] = field(default_factory=dict)

    def put(self, files: Iterable[tuple[str, str, bytes]]) -> None:
        """Put photos (id, name, bytes) on the desk, each id once, and turn to the first of them."""
        known = {check.id for check in self.checks}
        new = [Check(id, name, data) for id, name, data in files if id not in known]
        free = MOST_PHOTOS - len(self.checks)
        self.left_out = max(0, len(new) - free)
        self.checks.extend(new[:free])
        if new[:free]:
            st.session_state[SHOWN] = new[0].id
        self.round += 1

    def remove(self, check: Check) -> None:
        """Take a photo off the desk; nothing of it stays."""
        self.checks = [other for other in self.checks if other is not check]
        check.let_go()
        left = {other.photo.sha256 for other in self.checks if other.photo is not None}
        self._results = {known: result for known, result in self._results.items() if known[0] in left}

    def again(self, check: Check) -> None:
        """Let a photo be examined once more (a network was not there)."""
        check.result, check.answers = None, None

    def start_over(self) -> None:
        """An empty desk for the next spot. The photo inputs, empty since the last `put`, stay: one may be on its way in them."""
        self.number += 1
        for check in self.checks:
            check.let_go()
        self.checks, self.spot_id, self.left_out, self._results = [], None, 0, {}

    def waiting(self, answers: Answers) -> list[Check]:
        """Photos that still have to be examined with these answers; saved and rejected ones stay as they are."""
        return [c for c in self.checks if c.state == "waiting" or (c.state == "examined" and c.answers != answers)]

    def examine(self, check: Check, answers: Answers, tell: Callable[[int], None] | None = None) -> None:
        """Examine one photo when it is its turn; `tell`: see `Turns.turn`.

        Whatever goes wrong stays with this photo; the same photo with the same answers is examined once.
        """
        with turns().turn(tell):
            self._examine(check, answers)

    def _examine(self, check: Check, answers: Answers) -> None:
        try:
            if check.photo is None:
                check.photo, check.data = read_photo(check.data), b""
            known = (check.photo.sha256, answers, check.signs)
            if known not in self._results:
                context = Context(answers=answers, drawn=is_drawn(check.photo.sha256), signs=check.signs)
                self._results[known] = examination(self.examination).run(check.photo, context)
            check.result = self._results[known]
            if check.eye is not None:
                check.say_eye(check.eye)
        except CareLensError as error:
            check.result = error
        except Exception as error:  # one bad photo must not stop the others
            log.error("a photo could not be examined: %s", type(error).__name__, exc_info=error)
            check.result = Unavailable("Something went wrong on our side with this photo.", "Please try it again.")
        check.answers = answers

    def save(self, check: Check, actor: Actor, site: str | None, spot: UUID | None, name: str, part: Part | None = None) -> None:
        """Save a finding to the history, once. `name`: of the spot; with `spot` None it is a new one, made at the first save.

        `part`: where the photo is followed by part of the body and there are no spots.
        """
        if check.record_id is not None or check.photo is None or check.finding is None:
            return
        check.trouble = None
        try:
            if site is None and (part is None or part.region is None):
                where = "Which part of the body it is" if part else "Where on the body the spot is"
                raise InvalidInput(f"{where}, is not answered yet.", "Choose it above, then save again.")
            began = datetime.now(UTC)
            at = spot or self.spot_id
            title = part.title if part else spot_title(site, name)[:80]
            check.token = check.token or self._token(check.photo, check.finding, at or f"{site}/{title}")
            place = part.columns() if part else {"site": site, "spot_id": at, "new_spot": title}
            saved = save_finding(
                actor, self.person_id, check.photo, check.finding,
                **place, outline_accepted=check.outline_accepted, token=check.token,
            )  # fmt: skip
            if spot is None and part is None:
                self.spot_id = saved.spot_id
            check.record_id, check.known = saved.id, saved.created_at < began
            check.saved_as, check.saved_part = part.title if part else spot_title(site, name), part
        except CareLensError as error:
            if spot is None and isinstance(error, NotFound):
                self.spot_id = None  # somebody deleted it in another tab: the next try makes a new one
            check.trouble = error

    def _token(self, photo: Photo, finding: Finding, place: object) -> UUID:
        """The same for the same photo with the same answers at the same place, so that two tabs save it once."""
        said = (self.examination, photo.sha256, finding.answers, sorted(finding.versions.items()), place)
        return uuid5(self.person_id, repr(said))

    @property
    def finished(self) -> bool:
        """There is a saved finding and none that is neither saved nor discarded."""
        states = {check.state for check in self.checks}
        return "saved" in states and not states & {"waiting", "examined"}


def desk(person_id: UUID, who: str = "", examination: str = "skin") -> Desk:
    """The desk of this person and examination in this session: what was not saved yet waits there while another person is chosen.

    No two desks share a number, or the answers and photos given for one person would show up for the next.
    `who`: their name, where the account acts for several.
    """
    name = f"{examination}_desk"
    found = st.session_state.get(name)
    if not isinstance(found, Desk) or found.person_id != person_id:
        desks: dict[UUID, Desk] = st.session_state.setdefault(f"{name}s", {})
        first = 1000 * len(desks)
        new = Desk(person_id, number=first, round=first, examination=examination)
        found = st.session_state[name] = desks.setdefault(person_id, new)
    found.who = who
    return found


def spot_title(site: str | None, name: str = "") -> str:
    """What a spot is called: the person's own name for it, or where it is."""
    return name.strip() or (f"Spot on the {site}" if site else "A spot")


def answers_of(chosen: dict[str, str | None]) -> Answers | None:
    """The three answers, or None while one is missing ("Not sure" is an answer)."""
    if any(chosen.get(name) not in CHOICES for name, _ in QUESTIONS):
        return None
    return Answers(**{name: CHOICES[str(chosen[name])] for name, _ in QUESTIONS})


def label(number: int, check: Check) -> str:
    """The name of a photo in the row of photos."""
    says = {"waiting": "waits", "examined": "not saved yet", "rejected": "take it again", "unavailable": "not examined", "saved": "saved"}
    return f"Photo {number}: {says[check.state]}"


def waiting_line(before: int) -> str:
    """What somebody reads whose photo waits for those of others. `before`: photos that come first, at least one."""
    return f"Waiting: {before} {'photo comes' if before == 1 else 'photos come'} before yours"


def progress_line(checks: list[Check]) -> str:
    """How far the photos are, in words."""
    done = sum(check.state != "waiting" for check in checks)
    found = sum(check.state in ("examined", "saved") for check in checks)
    again = sum(isinstance(check.result, PhotoRejected) for check in checks)
    line = f"{done} of {len(checks)} {'photo' if len(checks) == 1 else 'photos'} done · {found} examined"
    return line + (f", {again} to take again" if again else "")

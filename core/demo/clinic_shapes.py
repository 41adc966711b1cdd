"""What is told of a patient of the demo clinic.

Days count back from the day on which the clinic is made: 30 is thirty days ago, -3 is in three days.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.demo.findings import Visit

Who = Literal["lena", "tomas"]


@dataclass(frozen=True)
class Copied:
    """A photo like one of Ana's: the `number`-th of an examination, the oldest 0; of eczema of a region."""

    examination: str
    number: int
    days_ago: int
    region: str = "arms"


@dataclass(frozen=True)
class Let:
    """A doctor who was let in: for which kinds (empty: everything), since when, until when, and when that was taken back."""

    who: Who
    days_ago: int
    kinds: str = ""
    ends: int | None = None
    taken_back: int | None = None


@dataclass(frozen=True)
class Wrote:
    """A note: its four parts (seen, diagnosis, advice, plan), the day to come again, a draft or signed, amending the one before."""

    who: Who
    days_ago: int
    parts: tuple[str, str, str, str]
    again: int | None = None
    draft: bool = False
    amends: bool = False


@dataclass(frozen=True)
class Said:
    """A doctor's word on a photo, the `number`-th of its examination, the oldest 0. `how`: of an outcome; empty: a sign-off."""

    who: Who
    days_ago: int
    examination: str
    number: int
    label: str
    says: str
    how: str = ""


@dataclass(frozen=True)
class Talk:
    """What was written, as (days ago, by the patient, words), and how many of them the patient and the doctor have not read."""

    who: Who
    lines: tuple[tuple[int, bool, str], ...]
    new_for_patient: int = 0
    new_for_doctor: int = 0


@dataclass(frozen=True)
class Meeting:
    """An appointment `days_ago`, the `slot`-th of the doctor's day; `status`: asked, booked or cancelled."""

    who: Who
    days_ago: int
    slot: int
    place: str = "clinic"
    wish: str = ""
    status: str = "booked"


@dataclass(frozen=True)
class Comes:
    """A patient with everything. `child`: a name and a year of birth; then all of this is the child's, in the account of a parent.

    `poem`: one a week, the oldest first, the last one a week ago; `po_scorad`: extents, one a month. `used`: treatments as
    (name, kind, first day, last day); `takes`: medicines as (name, dose, first day, last day); `allergies`: (substance, reaction).
    `rated`: number of the eczema photo, signs and area or extent, by Lena. `tasks`: (who, words, due day).
    """

    email: str
    name: str
    born: int
    child: tuple[str, int] | None = None
    let: tuple[Let, ...] = ()
    moles: tuple[Visit, ...] = ()
    copied: tuple[Copied, ...] = ()
    poem: tuple[int, ...] = ()
    po_scorad: tuple[int, ...] = ()
    used: tuple[tuple[str, str, int, int | None], ...] = ()
    takes: tuple[tuple[str, str, int, int | None], ...] = ()
    allergies: tuple[tuple[str, str], ...] = ()
    notes: tuple[Wrote, ...] = ()
    said: tuple[Said, ...] = ()
    talks: tuple[Talk, ...] = ()
    meetings: tuple[Meeting, ...] = ()
    rated: tuple[tuple[int, dict[str, float], int | None, float | None], ...] = ()
    tasks: tuple[tuple[Who, str, int], ...] = ()

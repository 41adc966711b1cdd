"""What a doctor's ratings come to: the score of one region, an EASI once all four are rated, an objective SCORAD.

A rating belongs to a photo. An EASI is of one doctor and of one moment: of photos that lie further apart than a week it
would be of a skin that never was, and there is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from core.instruments import easi, scorad

TOGETHER = timedelta(days=7)
"""The photos of an EASI lie within this time of each other (a choice of this house: no rule of the instrument says how long)."""


@dataclass(frozen=True)
class Rated:
    """One rating of one photo.

    `taken_at`: of the photo; `rated_at`: both aware. `account_id`: the doctor's, None when they left; `doctor`: their name, or empty.
    `signs`: those of the EASI or of the SCORAD. `area`: EASI area band 0-6 of the region; `extent`: percent of the body; None: not given.
    `share`: what CareLens measured on the photo, affected by visible skin 0-1; None: not given.
    """

    record_id: UUID
    region: str | None
    side: str | None
    taken_at: datetime
    rated_at: datetime
    account_id: UUID | None
    doctor: str
    signs: Mapping[str, float]
    area: int | None = None
    extent: float | None = None
    share: float | None = None

    @property
    def for_easi(self) -> bool:
        """The four signs of the EASI were rated."""
        return set(self.signs) == set(easi.SIGNS)

    @property
    def regional(self) -> float | None:
        """Area band times the sum of the four signs, 0-72, before the region's weight: one region, and no EASI. None without an area."""
        return self.area * sum(self.signs.values()) if self.for_easi and self.area is not None else None

    @property
    def scorad(self) -> scorad.Scorad | None:
        """The objective SCORAD, once six signs and the extent were rated."""
        if self.for_easi or self.extent is None:
            return None
        return scorad.objective_scorad(self.extent, {sign: int(grade) for sign, grade in self.signs.items()})


def newest(ratings: Sequence[Rated]) -> dict[str, Rated]:
    """Of each region the rating that counts: of the newest photo with an area, the newest rating. `ratings` of one doctor."""
    found: dict[str, Rated] = {}
    for one in sorted(ratings, key=lambda one: (one.taken_at, one.rated_at)):
        if one.region in easi.REGIONS and one.regional is not None:
            found[str(one.region)] = one
    return {region: found[region] for region in easi.REGIONS if region in found}


def together(ratings: Sequence[Rated]) -> dict[str, Rated]:
    """Those of `newest` whose photos lie within TOGETHER of the newest one."""
    found = newest(ratings)
    last = max((one.taken_at for one in found.values()), default=None)
    return {region: one for region, one in found.items() if last is not None and last - one.taken_at <= TOGETHER}


def missing(ratings: Sequence[Rated]) -> tuple[str, ...]:
    """The regions that an EASI of these ratings still needs."""
    there = together(ratings)
    return tuple(region for region in easi.REGIONS if region not in there)


def easi_of(ratings: Sequence[Rated], age: float) -> easi.Easi | None:
    """The EASI of one doctor's ratings, with the weights of an age in years; None until all four regions are rated."""
    there = together(ratings)
    if len(there) < len(easi.REGIONS):
        return None
    return easi.easi({region: int(one.area or 0) for region, one in there.items()}, {r: one.signs for r, one in there.items()}, age)


def age_for_easi(birth_date: date | None, birth_year: int | None, day: date) -> float | None:
    """The age in years on a day as far as the weights need it; None where it is not known on which side of `easi.YOUNG` it lies."""
    if birth_date is not None:
        return float(day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day)))
    if birth_year is None:
        return None
    least = day.year - birth_year - 1  # before the birthday of this year
    return None if least < easi.YOUNG <= least + 1 else float(max(least, 0))

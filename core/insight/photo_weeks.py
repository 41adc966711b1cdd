"""What photos say of severity over time, one part of the body at a time, as days for the comparison with the weather by weeks.

The share of the visible skin that is affected is of what the picture shows: that of an arm and that of a trunk are two scales, and so are
those of the left and the right arm. They are never mixed. How close the camera was differs from photo to photo of one part too; that makes
the share uncertain, and intervals wider, but goes with no weather.

A photo shows the skin of its moment, where POEM asks about a week. It is held against the mean weather of the seven days up to it all the
same: a rash follows days of weather, and one day's alone would be mostly chance. So `weekly` of `core.insight.weather` reads: "the weather
of the seven days up to the photo", and a lag of a week: that of the seven days before these. How the skin was on the days between is not
known. Who takes photos in bad weeks alone has fewer weeks that count, and those are alike: an effect then looks smaller than it is, so
the page asks for photos in good weeks too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from statistics import fmean

from core.insight.progress import Place
from core.records.record_tables import RecordPublic


@dataclass(frozen=True)
class Followed:
    """One part of the body over time. `days`: oldest first, each with the affected share of the visible skin in per cent, 0-100."""

    place: Place
    days: tuple[tuple[date, float], ...]

    @property
    def weeks(self) -> int:
        """The weeks of the ISO calendar with a photo."""
        return len({day.isocalendar()[:2] for day, _ in self.days})


def followed(records: Sequence[RecordPublic], zone: tzinfo) -> tuple[Followed, ...]:
    """Each part and side that was photographed, the one with most weeks first. `records`: of the eczema check; days are those of `zone`.

    Not counted: a photo whose part of the body was not said (it may be any), one that abstained or has no share, and one whose outline
    somebody called wrong and nobody drew anew. A record has the numbers of its newest outline, also where that was corrected.

    Photos of one day show the same skin: their mean counts, in which the hand that held the camera matters less. Of a week the last day
    counts, as of POEM (`core.insight.weather_rows.series`): the mean of two days would belong to no seven days of weather.
    """
    shares: dict[Place, dict[date, list[float]]] = {}
    for one in records:
        share = one.facts.get("numbers", {}).get("affected_fraction")
        if share is not None and one.region is not None and one.status == "ok" and one.outline_accepted is not False:
            place = Place(one.region, one.side)
            shares.setdefault(place, {}).setdefault(one.taken_at.astimezone(zone).date(), []).append(100 * float(share))
    found = (Followed(place, tuple((day, fmean(of)) for day, of in sorted(days.items()))) for place, days in shares.items())
    return tuple(sorted(found, key=lambda one: (-one.weeks, -len(one.days), one.place.region or "", one.place.side or "")))

"""A place on the earth as the house keeps it: a town by name, and where it is to a tenth of a degree, about 11 km."""

from __future__ import annotations

import math
from dataclasses import dataclass
from zoneinfo import ZoneInfo, available_timezones

from core.errors import InvalidInput

NORTH, EAST = 900, 1800
"""The poles and the date line, in tenths of a degree."""


def rounded(latitude: float, longitude: float) -> tuple[int, int]:
    """Degrees to whole tenths: latitude -900 to 900, longitude -1800 to 1799. One place has one such pair.

    The date line is -1800 from both sides, and at a pole, where all meridians meet, the longitude is 0. InvalidInput for what is no
    latitude of -90 to 90 or no longitude of -180 to 180.
    """
    if not (math.isfinite(latitude) and math.isfinite(longitude) and abs(latitude) <= 90 and abs(longitude) <= 180):
        raise InvalidInput("There is no such place on the earth.", "Search for your town by its name.")
    lat10, lon10 = round(latitude * 10), round(longitude * 10)
    if abs(lat10) == NORTH:
        return lat10, 0
    return lat10, -EAST if lon10 == EAST else lon10


@dataclass(frozen=True)
class Place:
    """A town. `latitude` -90 to 90 and `longitude` -180 to 179.9: degrees, rounded to a tenth however it is made.

    `region`, `country`: may be empty. `timezone`: a name of the IANA list; InvalidInput for any other.
    """

    name: str
    region: str
    country: str
    latitude: float
    longitude: float
    timezone: str

    def __post_init__(self) -> None:
        lat10, lon10 = rounded(self.latitude, self.longitude)
        object.__setattr__(self, "latitude", lat10 / 10)
        object.__setattr__(self, "longitude", lon10 / 10)
        if self.timezone not in available_timezones():
            raise InvalidInput("The clock of this place is not known.", "Choose a larger town near it.")

    @property
    def tenths(self) -> tuple[int, int]:
        """Latitude and longitude in whole tenths of a degree, as `rounded` gives them."""
        return rounded(self.latitude, self.longitude)

    @property
    def zone(self) -> ZoneInfo:
        """The clock of the place."""
        return ZoneInfo(self.timezone)

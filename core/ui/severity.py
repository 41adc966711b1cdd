"""What was measured on a photo of eczema, as a table: affected skin, redness, patches, and the area band of a whole region."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from core.examinations.finding import Finding
from core.examinations.region_area import Area, Shown, area_bands
from core.instruments import easi
from core.ui import moments, parts
from core.ui.part import REGIONS, SIDED, Part

MINUS = "\N{MINUS SIGN}"


def share(value: float) -> str:
    """A share 0-1 of the skin: `12 %`; under a tenth with one decimal, so that small changes are seen."""
    return f"{100 * value:.{1 if 0.0005 <= value < 0.0995 else 0}f}{moments.SPACE}%"


def signed(value: float) -> str:
    """A difference with its sign and one decimal; nothing is left of a sign where it would be of zero."""
    text = f"{abs(value):.1f}"
    return text if float(text) == 0 else f"{'+' if value > 0 else MINUS}{text}"


def shown(finding: Finding, part: Part) -> Shown:
    """What a photo shows of its region."""
    number = finding.numbers.get
    return Shown(part.region, part.side, number("affected_fraction"), number("affected_low"), number("affected_high"), part.whole)


def area(region: str | None, photos: Sequence[Shown]) -> Area | None:
    """The area of a region from photos that show the whole of it; None without them, and with one arm or leg alone."""
    whole = [photo for photo in photos if photo.region == region and photo.whole_region and photo.fraction is not None]
    sides = {photo.side or "both" for photo in whole}
    if region is None or not sides or (region in SIDED and "both" not in sides and len(sides) < 2):
        return None
    return area_bands(whole)[region]


def write(finding: Finding, part: Part, corrected: bool = False, beside: Sequence[Shown] = ()) -> None:
    """Write the numbers of a finding that has a share of affected skin; nothing for any other.

    `beside`: other photos of today; the area band of a region may need two of them.
    """
    numbers = finding.numbers
    if finding.status != "ok" or "affected_fraction" not in numbers:
        return
    with st.container(gap="xsmall"):
        parts.ask("The numbers")
        rows = [("Affected, of the skin in this picture", share(numbers["affected_fraction"]), _between(numbers, "affected"))]
        if "redness" in numbers:
            rows.append(("Redder than the skin around it", signed(numbers["redness"]), _between(numbers, "redness")))
        if "lesions" in numbers:
            rows.append(("Patches", f"{numbers['lesions']:.0f}", ""))
        found = area(part.region, [shown(finding, part), *beside])
        if found is not None:
            between = f"{found.lowest} to {found.highest}" if found.lowest != found.highest else ""
            rows.append(("EASI area band of this part", f"{found.band} ({easi.AREA_WORDS[found.band]})", between))
        names = ("Measured", "Value", "Likely between")
        st.table({name: [row[at] for row in rows] for at, name in enumerate(names)}, border="horizontal")
        if "redness" in numbers:
            parts.note("Redness is a difference in colour within this photo (CIE a*). 0 means: no redder.")
        parts.note(_about_area(part, found))
        if corrected:
            parts.note("Measured with the outline that you drew, so without a range.")


def _about_area(part: Part, found: Area | None) -> str:
    if found is not None:
        return "An area band is one part of an EASI. A doctor rates four signs for the rest: this is no EASI score."
    if part.whole and part.side in ("left", "right"):
        other = "right" if part.side == "left" else "left"
        return f"The area band counts both {REGIONS[str(part.region)].lower()}. Take the {other} one today as well."
    return "An area band of the body part needs a photo that shows all of it."


def _between(numbers: Mapping[str, float], name: str) -> str:
    low, high = numbers.get(f"{name}_low"), numbers.get(f"{name}_high")
    if low is None or high is None:
        return ""
    one = share if name == "affected" else signed
    return f"{one(low)} and {one(high)}"

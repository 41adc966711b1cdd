"""For whom a network does how well, on which photos, and whether it says the same twice: a card's figures in words and tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from core.ui import evidence
from core.ui.evidence import FEWEST, NOT_SAID, Measured, between, measured, shown
from core.ui.evidence_words import says
from core.ui.moments import SPACE, exact_percent, upper
from core.vision.card import Card

ABOUT = {"age": "Age", "sex": "Sex", "site": "Place on the body", "skin_tone": "Skin tone", "size": "Size of the spot"}
NAMES = {
    "70_and_over": "70 and over",
    "not_known": "Not known",
    "not_seen": "Too little skin seen",
    "clean": "As it was taken",
    "blur_light": "A little out of focus",
    "blur_strong": "Badly out of focus",
    "jpeg_50": "Saved very small (JPEG 50)",
    "warm_light": "In warm light",
    "cold_light": "In cold light",
    "darker": "Darker",
    "brighter": "Brighter",
    "turned_90": "Turned by a quarter",
    "turned_30": "Turned by 30 degrees",
    "mirrored": "Mirrored",
    "half_size": "With half the pixels each way",
}
TOO_FEW = "too few photos"
SURE_ENOUGH = 20
"""Photos behind a figure before its group is called the weakest: of five photos one more or less is a fifth."""
REFER = "refer_sensitivity"
FIGURES = {
    REFER: "Urgent flagged",
    "refer_specificity": "Harmless spared",
    "melanoma_sensitivity": "Melanoma on its list",
    "balanced_accuracy": "Right on average",
    "accuracy": "Right in all",
}
COPY_FIGURES = {
    "balanced_accuracy": "Right on average",
    "same_label": "Same answer",
    "turned_away": "Turned away",
    REFER: "Urgent flagged",
    "refer_specificity": "Harmless spared",
    "abstains": "Says “I can’t tell”",
}
FIRST = 2
"""Figures of a group that stand in the small table; all of them are in the large one. Of a copy, one more."""
TONES = (
    "The photos do not say what skin tone a person has. So we measured how light the skin around the spot looks in each photo: the angle "
    "called ITA, in the bands of Chardon 1991 and Del Bino 2013. The light of a dermatoscope is not calibrated, so this is how the skin "
    "looks there, and a dark photo of light skin counts as darker skin. Nearly all the photos show light skin. "
    "On dark skin it may be wrong more often: be more careful there, and show a spot that worries you to a doctor."
)
ALTERNATIVES = {
    "mask_rcnn": "Mask R-CNN",
    "unet_same_photos": "U-Net, as many photos",
    "unet_shipped": "U-Net, the one in use",
}
MEASURES = ("jaccard", "affected_iou", "balanced_accuracy", "top3_accuracy")
"""What networks that were tried are measured by."""
GROUPS_NOTE = (
    f"A group under {FEWEST} photos gets no figure: it would be chance. "
    "“Urgent flagged”: spots that need a doctor and are sent to one. “Harmless spared”: the others, left alone."
)
REPEATS = {
    "same_label": "It gives both photos the same name in {} of the spots.",
    "same_refer": "It makes the same choice to send you to a doctor or not in {}.",
    "same_step": "It gives the same next step in {}.",
    "chance_difference": "The chance of its answer differs by {} from one photo to the other.",
}


class Weakest(NamedTuple):
    """The row that does worst: its name in plain words and the figure."""

    name: str
    figure: Measured

    @property
    def share(self) -> str:
        """The figure as people read it."""
        return shown("", self.figure.value)


def name_of(id: str) -> str:
    """The name of a group or a copy in plain words."""
    return NAMES.get(id) or upper(id.replace("_", " "))


def part(card: Card, name: str) -> Mapping[str, Any]:
    """`groups`, `robustness` or `repeatability` of a card; empty when it was not measured."""
    found = card.facts.get("metrics", {}).get(name, {})
    return found if isinstance(found, Mapping) else {}


def tones(card: Card) -> str:
    """What is known about skin tones, measured or not."""
    return TONES if "skin_tone" in part(card, "groups") else str(card.facts.get("skin_tones", evidence.TONES))


def groups_about(card: Card) -> dict[str, str]:
    """What there are groups by, with the words for it."""
    found = part(card, "groups")
    return {
        about: ABOUT.get(about, upper(about.replace("_", " "))) for about in [*ABOUT, *sorted(set(found) - set(ABOUT))] if about in found
    }


def put(it: Measured | None, interval: bool = False) -> str:
    """A figure as people read it, with its 95 % interval where asked; `too few photos` when there is none."""
    if it is None:
        return TOO_FEW
    return (shown("", it.value) if it.value else exact_percent(0)) + (
        f" ({between('', it)}; {it.n:,} photos)" if interval and it.has_interval else ""
    )


def groups_table(card: Card, about: str, whole: bool = False) -> dict[str, list[str]]:
    """The groups of one kind: the two figures that matter most, narrow enough for a phone, or all with their doubt."""
    rows = part(card, "groups")[about]
    columns = dict(list(FIGURES.items())[: None if whole else FIRST])
    return {
        f"{ABOUT.get(about, about)} (photos)": [f"{name_of(id)} ({int(row['n']):,})" for id, row in rows.items()],
        **{title: [put(measured(row.get(name)), whole) for row in rows.values()] for name, title in columns.items()},
    }


def copies_table(card: Card, whole: bool = False) -> dict[str, list[str]]:
    """The photos as they were taken and their poorer copies: the three figures that matter most, or all with their doubt."""
    rows = part(card, "robustness")
    columns = dict(list(COPY_FIGURES.items())[: None if whole else FIRST + 1])
    return {
        "The photo": [name_of(id) for id in rows],
        **{title: [put(measured(row.get(name)), whole) for row in rows.values()] for name, title in columns.items()},
    }


def weakest_group(card: Card) -> Weakest | None:
    """Of all groups the one with the smallest share of urgent spots flagged, among those with enough of them."""
    found = [
        Weakest(f"{title.lower()}: {name_of(id).lower()}", it)
        for about, title in groups_about(card).items()
        for id, row in part(card, "groups")[about].items()
        if (it := measured(row.get(REFER))) is not None and it.n >= SURE_ENOUGH
    ]
    return min(found, key=lambda row: row.figure.value, default=None)


def weakest_copy(card: Card) -> Weakest | None:
    """The poorer copy on which it is right least often, of those that are answered: most are not turned away."""
    found = [
        Weakest(name_of(id).lower(), it)
        for id, row in part(card, "robustness").items()
        if (it := measured(row.get("balanced_accuracy"))) is not None
        and ((away := measured(row.get("turned_away"))) is None or away.value < 0.5)
    ]
    return min(found, key=lambda row: row.figure.value, default=None)


def repeats(card: Card) -> str:
    """Whether it says the same of two photos of one spot, as Markdown."""
    found = part(card, "repeatability")
    lines = [
        "- " + words.format(f"**{shown('', it.value)}** ({between('', it)})")
        for name, words in REPEATS.items()
        if (it := measured(found.get(name))) is not None
    ]
    of = f"Of **{found['n']:,} spots** we had two photos or more ({found['photos']:,} in all), and compared them in pairs."
    return "\n".join([of, "", *(lines or ["They are too few to say more."])])


def alternatives_table(card: Card) -> dict[str, list[str]]:
    """Networks for the same task tried beside the one that ships, by the figure they share; no rows when there were none."""
    rows = {name: row for name, row in part(card, "alternatives").items() if isinstance(row, Mapping)}
    figure = next((name for row in rows.values() for name in row if name in MEASURES), MEASURES[0])
    seconds = [measured(row.get("seconds_per_photo")) for row in rows.values()]
    return {
        "Network": [ALTERNATIVES.get(name, name_of(name)) for name in rows],
        says(figure, card.id).title: [put(measured(row.get(figure))) if measured(row.get(figure)) else NOT_SAID for row in rows.values()],
        "Time for a photo": [f"{it.value:.2f}{SPACE}s" if it else NOT_SAID for it in seconds],
        "Learned from": [f"{int(row['photos']):,} photos" if "photos" in row else "all photos" for row in rows.values()],
    }

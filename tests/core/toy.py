"""A toy examination: how bright a photo is. What a further examination has to bring, and no more."""

from core.examinations.finding import Context, Finding
from core.examinations.registry import Examination
from core.examinations.words import Words
from core.photo import Photo


def run(photo: Photo, context: Context) -> Finding:
    """Bright or dark, by the mean of the pixels."""
    bright = float(photo.pixels.mean() / 255)
    label = "bright" if bright > 0.5 else "dark"
    return Finding(
        examination="toy",
        kind="dermatoscopic",
        status="ok",
        label=label,
        probabilities={"bright": bright, "dark": 1 - bright},
        cannot_exclude=(label,),
        refer=False,
        step="watch",
        numbers={"brightness": bright},
    )


def words(finding: Finding) -> Words:
    """Words for it."""
    return Words(
        looks_like=f"It is **{finding.label}**.",
        how_sure="Sure.",
        sure=max(finding.probabilities.values()),
        cannot_exclude="Nothing.",
        step=finding.step,
        what_next="Nothing.",
        how_we_know="It was counted.",
        disclaimer="A toy.",
    )


TOY = Examination(
    id="toy",
    title="Brightness",
    kinds=frozenset({"dermatoscopic", "clinical", "fundus", "other"}),
    classes=("bright", "dark"),
    numbers=("brightness",),
    networks=(),
    run=run,
    words=words,
)

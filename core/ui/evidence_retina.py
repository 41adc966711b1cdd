"""How the figures of the network that grades eyes are put for people: by source, for round and cut eyes, beside the shape alone."""

from __future__ import annotations

from collections.abc import Mapping

from core.ui.evidence_says import Says, Topic

SOURCES: Mapping[str, str] = {"aptos2019": "APTOS", "idrid": "IDRiD", "eyepacs2015": "EyePACS"}
WHERE: Mapping[str, str] = {
    **{id: f"In the photos of {name}" for id, name in SOURCES.items()},
    "round": "In round photos of APTOS",
    "cut": "In photos of APTOS that are cut",
}
SHORT: Mapping[str, str] = {**SOURCES, "round": "round eyes", "cut": "cut eyes"}

MAIN: Mapping[str, Says] = {
    **{
        f"kappa_{id}": Says(
            f"Agrees, {SHORT[id]}",
            f"{where} it agrees with the graders by {{}}, where 100 % is always the same grade and 0 % is chance. This is called kappa.",
        )
        for id, where in WHERE.items()
    },
    **{
        f"auroc_{id}": Says(
            f"Tells apart, {SHORT[id]}",
            f"{where} it ranks an eye that an eye doctor has to see above one that can wait in {{}} of all such pairs. "
            "This is called AUROC.",
        )
        for id, where in WHERE.items()
    },
}
REFERRED: Mapping[str, Says] = {
    f"{figure}_{id}": Says(f"{title}, {SHORT[id]}", f"{where} it {words}")
    for id, where in WHERE.items()
    for figure, title, words in (
        ("sensitivity", "Sent", "sends {} of the eyes with grade 2 or more to an eye doctor."),
        ("specificity", "Spared", "lets {} of the other eyes wait for the next screening."),
    )
}
SHAPE: Mapping[str, Says] = {
    f"{figure}_{id}": Says(f"{title}, {SHORT[id]}", f"{where} {words}")
    for figure, title, words in (
        ("shape_auroc", "Shape alone", "the outline of the picture alone, with no pixel of the eye, ranks {} of the pairs right."),
        (
            "shape_left_auroc",
            "Shape left",
            "what is left of the outline, once all are cut alike, ranks {} of the pairs right. 50 % is chance.",
        ),
    )
    for id, where in WHERE.items()
}
QUALITY: Mapping[str, Says] = {
    "good_pass": Says("Good photos pass", "It lets {} of the good photos pass."),
    "mild_pass": Says("Slightly poor pass", "It lets {} of the photos pass that we made a little worse."),
    "poor_stopped": Says("Poor photos stopped", "It stops {} of the photos that we made much worse."),
}
OUTLINES: Mapping[str, Says] = {
    f"dice_{id}": Says(name, f"Its outlines of {words} overlap with those of eye doctors by {{}}. This is called Dice.")
    for id, name, words in (
        ("disc", "The disc", "the disc"),
        ("hard_exudates", "Hard exudates", "yellow deposits (hard exudates)"),
        ("haemorrhages", "Bleeds", "small bleeds"),
        ("microaneurysms", "Red dots", "the smallest red dots (microaneurysms)"),
        ("soft_exudates", "Pale spots", "pale spots (soft exudates)"),
    )
}
"""Of five networks, each asked about photos it had not seen (`models.training.crossval`)."""
METRICS: Mapping[str, Says] = {**MAIN, **REFERRED, **SHAPE, **QUALITY, **OUTLINES}
OWN: Mapping[str, Says] = {
    "accuracy": Says("Right in all", "It names the very grade in {} of all photos. Half show no illness, so this alone says little."),
    "set_coverage": Says("Truth in its list", "The true grade is on its list of what cannot be excluded in {} of the photos."),
    "set_size": Says("Length of its list", "Its list of what cannot be excluded holds {} grades on average."),
    "abstains_other": Says(
        "Declines other photos",
        "It says “I can’t tell” on {} of photos that show no eye from inside, when it is made to look. "
        "These photos were also used while it was built.",
    ),
}
TOPICS = (
    Topic(
        "Which eyes it sends to an eye doctor",
        "Grade 2 or more has to be seen. One limit for all was set on other photos, so that 95 in 100 of such eyes are sent.",
        tuple(REFERRED),
    ),
    Topic(
        "Does it look at the eye, or at the camera?",
        "In APTOS the clinic with the ill eyes had another camera, which cuts off the top and bottom of the round picture. So the outline "
        "of the picture alone nearly tells who is ill. We give every eye the same outline before the network looks. These figures show "
        "what the outline could tell before, what is left of it, and how well the network does among eyes of one outline.",
        (
            *(name for name in SHAPE if not name.endswith(("_round", "_cut"))),
            *(f"{figure}_{id}" for id in ("round", "cut") for figure in ("kappa", "auroc", "shape_auroc", "shape_left_auroc")),
        ),
    ),
)

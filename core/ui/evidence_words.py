"""How the figures of a model card are put for people: a short title, and a sentence at reading age 12."""

from __future__ import annotations

from collections.abc import Mapping

from core.ui import evidence_retina
from core.ui.evidence_says import Says, Topic

METRICS: Mapping[str, Says] = {
    **evidence_retina.METRICS,
    "balanced_accuracy": Says("Right on average", "It names the right kind in {} of the photos, when every kind counts the same."),
    "top3_accuracy": Says("In its first three", "The right kind is among its first three in {} of the photos."),
    "refer_sensitivity": Says("Urgent flagged", "It sends {} of the spots that need a doctor to a doctor."),
    "refer_specificity": Says("Harmless spared", "It leaves {} of the harmless spots alone. The others it sends to a doctor to be safe."),
    "set_coverage": Says("Truth in its list", "The true kind is on its list of what cannot be excluded in {} of the photos."),
    "ece": Says("Off in certainty", "The chances it gives are off by {} on average."),
    "ece_label": Says("Off in what is shown", "The chance it shows for its answer is off by {} on average."),
    "accuracy": Says("Right in all", "It names the right kind in {} of all photos. Most are ordinary moles, so this alone says little."),
    "set_size": Says("Length of its list", "Its list of what cannot be excluded holds {} kinds on average."),
    "heat_peak_inside": Says("Looks at the spot", "The place it looked at most lies on the spot in {} of the photos."),
    "abstains_test": Says("Declines good photos", "It says “I can’t tell” on {} of the photos that are right for it."),
    # The folder of other photos has no part kept for the test, so these are the ones that the photo check was chosen on.
    "abstains_other": Says(
        "Declines other photos",
        "It says “I can’t tell” on {} of photos that show no skin, when it is made to look. "
        "These photos were also used while it was built.",
    ),
    "abstains_clinical": Says("Declines phone photos", "It says “I can’t tell” on {} of phone photos, when it is made to look."),
    "abstains_dermatoscopic": Says(
        "Declines dermatoscope", "It says “I can’t tell” on {} of photos through a dermatoscope, when it is made to look."
    ),
    "suspicious_sensitivity": Says("Suspicious found", "It puts {} of the suspicious spots over its safety limit."),
    "suspicious_specificity": Says(
        "Harmless spots spared",
        "Of moles and other harmless spots {} stay under that limit. All the others it sends to a doctor too, to be safe.",
    ),
    "suspicious_specificity_against_all": Says(
        "All others spared", "Of all photos of something else, rashes too, {} stay under that limit."
    ),
    "suspicious_auroc": Says(
        "Tells spots apart",
        "Shown a suspicious and a harmless spot, it ranks the suspicious one higher in {} of all such pairs. This is called AUROC.",
    ),
    "suspicious_auroc_of_spots": Says(
        "Tells spots apart, told so", "Told that the photo shows a spot and no rash, it does so in {} of the pairs."
    ),
    "suspicious_auroc_against_all": Says(
        "Tells from all others", "With a photo of anything else in place of the harmless spot it does so in {} of the pairs."
    ),
    "rash_lists_cancer": Says(
        "Cancer on a rash's list", "Of photos of a rash, {} get a skin cancer or actinic keratosis on their list by mistake."
    ),
    "rash_refer": Says(
        "Rashes to a doctor", "Of these photos of a rash it sends {} to a doctor to be safe, for whatever is on their list."
    ),
    "impetigo_refer": Says("Impetigo to a doctor", "It sends {} of the photos of impetigo to a doctor."),
    "impetigo_listed": Says("Impetigo on its list", "Impetigo is on its list of what cannot be excluded in {} of them."),
    "herpes_refer": Says("Herpes to a doctor", "It sends {} of the photos of herpes or shingles to a doctor."),
    "herpes_listed": Says("Herpes on its list", "Herpes is on its list of what cannot be excluded in {} of them."),
    "balanced_accuracy_hidden": Says(
        "Right when hidden",
        "With the corner and the lower edge painted over it names the right kind in {} of the photos, when every kind counts the same.",
    ),
    "fall_when_hidden": Says(
        "Fall when hidden",
        "That is {} less than with the whole photo. A point is one photo in a hundred.",
        "That is {} more than with the whole photo. A point is one photo in a hundred.",
    ),
    "affected_iou": Says(
        "Affected overlap", "Its outline of affected skin and that of a person share {} of the area that either covers. This is called IoU."
    ),
    "skin_iou": Says("Skin overlap", "Its outline of all visible skin and that of a person share {} of the area that either covers."),
    "fraction_error": Says(
        "Share off by",
        "The share of affected skin is off by {} on average, up or down. A point is one part in a hundred of the skin in the picture.",
    ),
    "redness_error": Says(
        "Redness off by",
        "How red the patches are is off by {} on average. Redness is told in steps of a*, the green-to-red scale of colours, "
        "not in percent.",
    ),
    "affected_under_half": Says("Poor outlines", "Its outline and that of a person share less than half in {} of the photos."),
    "interval_holds": Says("Share in its range", "The share that a person drew lies in the range it gives in {} of the photos."),
    "redness_interval_holds": Says(
        "Redness in its range", "The redness of the patches that a person drew lies in the range it gives in {} of the photos."
    ),
    "corner_iou": Says(
        "Same when hidden", "With the corner painted over and without, its outlines of the rest share {} of the area that either covers."
    ),
    "corner_change": Says("Change when hidden", "Its share of affected skin in the rest of the photo then changes by {} on average."),
    "jaccard": Says("Overlap with experts", "Its outline and the outline of an expert share {} of the area that either covers."),
    "under_065": Says("Poor outlines", "The overlap with the expert is poor in {} of the photos."),
    "dice": Says("Dice", "In another measure of overlap, called Dice, it reaches {}."),
    "accuracy_test": Says("Right kind", "It tells the kind of photo right in {} of the photos."),
    "accuracy_val": Says("Right while building", "While it was built, it told the kind of photo right in {} of the photos."),
}
"""In the order they are told; figures of a card that are not here come after, by their own name."""
OWN: Mapping[str, Mapping[str, Says]] = {
    "skin_condition": {
        "refer_sensitivity": Says(
            "Urgent flagged",
            "Some kinds need a doctor soon: two skin cancers, actinic keratosis, herpes and impetigo. It sends {} of their photos to one.",
        ),
        "refer_specificity": Says("Others spared", "Of the other kinds it sends {} to no doctor. The rest it sends there to be safe."),
        "accuracy": Says("Right in all", "It names the right kind in {} of all photos. Here kinds with many photos count more."),
    },
    "retina_grade": evidence_retina.OWN,
}
"""By network: figures that mean something else there."""
COUNTED = frozenset({"set_size", "redness_error"})
"""Figures that are numbers of their own, not shares."""
POINTS = frozenset({"fraction_error", "corner_change", "fall_when_hidden"})
"""Figures that are differences of two shares, told in points."""


TOPICS = (
    Topic(
        "Spots that may be skin cancer",
        "Melanoma, basal cell carcinoma and actinic keratosis are watched together. A spot over the safety limit is sent to a doctor. "
        "The limit is set low, so that few are missed. The price: it sends many harmless spots to a doctor too. For photos that look "
        "like a rash the limit is higher.",
        tuple(name for name in METRICS if name.startswith(("suspicious_", "rash_"))),
    ),
    Topic(
        "Infections that need a doctor",
        "Impetigo and herpes are watched one by one. There are few photos of them, so one more or less changes much.",
        ("impetigo_refer", "impetigo_listed", "herpes_refer", "herpes_listed"),
    ),
    Topic(
        "Does it look at the skin?",
        "Many of the photos carry the mark of their collection in the lower left corner. A network could learn the mark in place of "
        "the skin. So we painted that corner over and asked again.",
        ("balanced_accuracy_hidden", "fall_when_hidden", "corner_iou", "corner_change"),
    ),
    *evidence_retina.TOPICS,
)
"""What is told under a title of its own; all other figures stand at the top."""
KINDS = {
    "dermatoscopic": "Through a dermatoscope",
    "clinical": "Skin, camera alone",
    "fundus": "Back of the eye",
    "other": "Something else",
    "made": "Drawings and documents",
    "lesion": "The spot",
    "suspicious": "Suspicious spots together",
    "affected": "Affected skin",
    "skin": "Visible skin",
    "referable": "Eyes of grade 2 or more",
}
SOURCES = {"dermnetnz": "DermNet NZ", "sd198": "SD-198", "dermxdb": "DermXDB"}


def says(name: str, network: str = "") -> Says:
    """How a figure is put, on the card of `network`; one that is not known here by its own name."""
    plain = name.replace("_", " ")
    plain = plain[:1].upper() + plain[1:]
    return OWN.get(network, {}).get(name) or METRICS.get(name, Says(plain, f"{plain}: {{}}."))

"""A finding survives the way to the database and back."""

import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as some

from core.examinations.finding import STEPS, Answers, Finding, most_urgent

three = some.sampled_from([None, True, False])


@given(
    some.builds(
        Finding,
        examination=some.just("skin"),
        kind=some.sampled_from(["dermatoscopic", "other"]),
        status=some.sampled_from(["ok", "abstained"]),
        label=some.sampled_from(["mel", "nv"]),
        probabilities=some.dictionaries(some.sampled_from(["mel", "nv"]), some.floats(0, 1)),
        cannot_exclude=some.lists(some.sampled_from(["mel", "nv"])).map(tuple),
        refer=some.booleans(),
        step=some.sampled_from(STEPS),
        step_reasons=some.lists(some.text()).map(tuple),
        reason=some.text(),
        answers=some.builds(Answers, three, three, three),
        masks=some.just({}),
        heat=some.none(),
        numbers=some.dictionaries(some.text(), some.floats(allow_nan=False, allow_infinity=False)),
        versions=some.dictionaries(some.text(), some.text()),
    )
)
def test_facts_survive_json(finding: Finding) -> None:
    assert Finding.from_facts(json.loads(json.dumps(finding.facts()))) == finding


def test_pictures_are_given_back_beside_the_facts() -> None:
    plain = Finding("skin", "dermatoscopic", "ok", "nv", {"nv": 1.0}, ("nv",), False, "watch")
    mask, heat = np.full((2, 2), 255, np.uint8), np.zeros((2, 2), np.float32)
    again = Finding.from_facts(plain.facts(), {"lesion": mask}, heat)
    assert again.masks["lesion"] is mask and again.heat is heat


def test_steps_are_ordered_from_watch_to_today() -> None:
    assert most_urgent("watch", "soon", "routine") == "soon"
    assert most_urgent("today", "soon") == "today"

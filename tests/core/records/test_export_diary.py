"""What is followed over weeks, in the archive of everything: scores, treatments, corrected outlines, a doctor's ratings."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.records.corrections import save_correction
from core.records.findings import open_record, save_finding
from core.records.ratings import save_rating
from core.records.scores import save_draft, save_score
from core.records.treatments import add_treatment
from tests.core.house import a_photo, own, somebody
from tests.core.records.test_corrections import a_mask, eczema
from tests.core.records.test_export import archive, everything, table
from tests.core.records.test_scores import FULL, PO
from tests.core.records.test_treatments import FIRST

DAY = date(2026, 2, 9)


def test_it_is_all_there_in_plain_words_and_nobody_elses(house: Path) -> None:
    ana, eve = somebody("Ana"), somebody("Eve")
    doctor = replace(somebody("Lena", "doctor", persons=0), sees=frozenset({(own(ana), "all")}))
    scored = [save_score(ana, own(ana), "poem", DAY, {**FULL, "itch": None}), save_score(ana, own(ana), "po_scorad", DAY, PO)]
    begun = save_draft(ana, own(ana), "poem", {"sleep": 2}, DAY)
    cream = add_treatment(ana, own(ana), "=Cream", "steroid", FIRST, DAY)
    record = save_finding(ana, own(ana), a_photo(), eczema(), region="legs", side="right", whole_region=True)
    plain = save_finding(ana, own(ana), a_photo(1), eczema(1))
    drawn = [
        save_correction(ana, record.id, name, a_mask(seed), {"affected_fraction": seed / 10, "redness": 3.5}, for_training=seed == 2)
        for name, seed in (("lesion", 1), ("lesion", 2), ("skin", 3))
    ]
    rated = save_rating(doctor, record.id, {"redness": 1, "thickness": 0.5, "scratching": 0, "lichenification": 2}, area=2)
    for who in (eve,):
        save_score(who, own(who), "poem", DAY, FULL)
        add_treatment(who, own(who), "Salve of Eve", "emollient", FIRST)
        theirs = save_finding(who, own(who), a_photo(2), eczema(2))
        save_correction(who, theirs.id, "lesion", a_mask(4), {"of_eve": 1.0}, for_training=True)

    zipped = archive(ana)
    told = everything(zipped)
    assert {one["id"] for one in told["score"]} == {str(one.id) for one in (*scored, begun)}
    assert next(one for one in told["score"] if one["id"] == str(scored[0].id))["answers"] == {**FULL, "itch": None}
    assert [(one["id"], one["kind"], one["ended_on"]) for one in told["treatment"]] == [(str(cream.id), "steroid", "2026-02-09")]
    assert [(one["id"], one["version"], one["for_training"]) for one in told["correction"]] == [
        (str(one.id), one.version, one.for_training) for one in drawn
    ]
    assert [(one["id"], one["signs"], one["area"]) for one in told["sign_rating"]] == [(str(rated.id), rated.signs, 2)]

    by_instrument = {(line["Questionnaire"], line["Finished?"]): line for line in table(zipped, "scores.csv")}
    done = by_instrument["POEM", "yes"]
    assert (done["Day"], done["Score"], done["Questions left out"]) == ("2026-02-09", "13.0", "1")
    assert (done["POEM: itch"], done["POEM: sleep"]) == ("", "3")
    assert by_instrument["POEM", "no"]["Score"] == "" and "dryness: 2" in by_instrument["PO-SCORAD", "yes"]["All answers"]
    (line,) = table(zipped, "treatments.csv")
    assert list(line.values()) == ["Ana 0", "'=Cream", "Steroid cream or ointment", "2026-01-05", "2026-02-09"]

    lines = {line["Finding"]: line for line in table(zipped)}
    mine, other = lines[str(record.id)], lines[str(plain.id)]
    assert (mine["Region"], mine["Side"], mine["Whole region?"]) == ("Legs", "right", "yes")
    assert (other["Region"], other["Side"], other["Whole region?"]) == ("", "", "no")
    share = "Affected share of the skin in the picture"
    assert (mine[share], mine["Patches"], mine["Redness, affected against other skin (CIE a*)"]) == (
        "0.3",
        "",
        "3.5",
    )  # of the newest outline
    assert (mine["Label"], mine["Next step"]) == ("affected", "Show it at your next visit")  # and what follows from it
    assert (other[share], other["Patches"], other["Label"], other["Next step"]) == ("0.1", "3", "nv", "See a doctor within 2 weeks")
    row = next(one for one in told["record"] if one["id"] == str(record.id))
    assert row["facts"] == open_record(ana, record.id, as_found=True).finding.facts()  # and what the network found, whole
    assert mine["Corrected outlines"].split(", ") == row["files"]["corrected"] and other["Corrected outlines"] == ""
    for name, seed in zip(row["files"]["corrected"], (1, 2, 3), strict=True):
        mask = cv2.imdecode(np.frombuffer(zipped.read(name), np.uint8), cv2.IMREAD_GRAYSCALE)
        assert np.array_equal(mask, a_mask(seed))
    for mask_name, name in row["files"]["outlines"].items():
        mask = cv2.imdecode(np.frombuffer(zipped.read(name), np.uint8), cv2.IMREAD_GRAYSCALE)
        assert np.array_equal(mask, eczema().masks[mask_name])
    words = zipped.read("README.txt").decode()
    assert all(word in words for word in ("scores.csv", "treatments.csv", "_corrected-"))
    whole = "".join(zipped.read(name).decode() for name in zipped.namelist() if not name.endswith((".png", ".jpg")))
    assert "of_eve" not in whole and "Salve of Eve" not in whole and str(own(eve)) not in whole
    assert str(doctor.account_id) not in whole and "mask_key" not in whole


@pytest.mark.parametrize("place", ["embedded"], indirect=True)
def test_without_any_of_it_the_sheets_are_empty(house: Path) -> None:
    zipped = archive(somebody())
    assert table(zipped, "scores.csv") == table(zipped, "treatments.csv") == []
    assert b"Questionnaire" in zipped.read("scores.csv") and b"First day" in zipped.read("treatments.csv")

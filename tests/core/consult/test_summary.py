"""A visit summary: what is in it and for whom; on paper, read back by another library; as FHIR, checked by the models of R4B."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fhir.resources.R4B.bundle import Bundle
from pypdf import PdfReader

from core.consult.summary import MOST, Summary, gather
from core.consult.summary_fhir import LOINC, SYSTEM, UCUM, bundle, write_bundle
from core.consult.summary_font import LATIN, face
from core.consult.summary_pdf import write_letter
from core.errors import InvalidInput, NotAllowed
from core.examinations.eczema_rule import decision
from core.instruments import easi, poem, scorad
from core.people import consent
from core.people.policy import Actor
from core.records import medicines, notes, ratings, scores, sign_offs, treatments
from core.records.database import transaction
from core.records.findings import save_finding
from core.records.record_tables import RecordPublic
from core.records.tables import Person
from core.records.times import now
from tests.core.clinic_people import SignedIn, two
from tests.core.house import a_finding, a_photo, embedded, own

pytestmark = [pytest.mark.usefixtures("house"), embedded]
VIENNA = ZoneInfo("Europe/Vienna")
HOSTILE = "\x00\x07\u202eEvil\ud800 🙈🙉 **bold** <b>&amp;</b> $x$ \u0000 王小明 " + "longword" * 60
SHARES = {"affected_fraction": 0.1, "affected_low": 0.08, "affected_high": 0.12, "redness": 4.0, "lesions": 2.0, "skin_fraction": 0.8}
SAID: dict[str, dict[str, Any]] = {
    "skin": {},
    "eczema": {"probabilities": {}, "numbers": SHARES, **decision(SHARES)},
    "retina": {
        "label": "2",
        "probabilities": {"0": 0.1, "1": 0.1, "2": 0.6, "3": 0.1, "4": 0.1},
        "cannot_exclude": ("2",),
        "numbers": {"referable": 0.8},
        "eye": "left",
    },
}
"""What findings of a check must hold beside what all have."""


def found_by(who: SignedIn, person: Any, **days: date) -> Summary:
    return gather(who.actor, person, VIENNA, **days)


def finding(ana: Actor, seed: int = 0, examination: str = "skin", days_ago: int = 1, **place: Any) -> RecordPublic:
    taken = now() - timedelta(days=days_ago)
    return save_finding(ana, own(ana), a_photo(seed), replace(a_finding(seed, examination), **SAID[examination]), taken_at=taken, **place)


def poem_of(ana: Actor, day: date, answer: int) -> None:
    scores.save_score(ana, own(ana), "poem", day, dict.fromkeys(poem.ITEMS, answer))


def rename(ana: Actor, name: str, born: date | None = None) -> None:
    with transaction() as session:
        person = session.get_one(Person, own(ana))
        person.display_name, person.birth_date, person.birth_year = name, born, born.year if born else None
        session.add(person)


def a_clinic() -> tuple[SignedIn, SignedIn, RecordPublic]:
    """Ana with something of every kind, and Lena whom she let in."""
    ana, lena = two()
    rename(ana.actor, "Łukasz Żółć", date(1980, 3, 14))
    record = finding(ana.actor, site="back")
    for week in range(3):
        poem_of(ana.actor, now().date() - timedelta(weeks=week), 3 - week)
    treatments.add_treatment(ana.actor, own(ana.actor), "Zinc cream", "emollient", now().date() - timedelta(days=60))
    medicines.add_allergy(ana.actor, own(ana.actor), "Nickel", "itchy rash")
    medicines.add_medicine(ana.actor, own(ana.actor), "Metformin", "500 mg, twice a day", date(2024, 5, 1))
    doctor = lena.actor
    signed = notes.write_note(
        doctor, own(ana.actor), "Dry elbows.", "Atopic eczema", "Moisturise", "Zinc", now().date() + timedelta(days=30)
    )
    notes.sign_note(doctor, signed.id)
    notes.write_note(doctor, own(ana.actor), diagnosis="only a thought")
    sign_offs.sign_off(doctor, record.id, "nv", "A harmless mole.")
    sign_offs.save_outcome(doctor, record.id, "biopsy", now().date(), "nv", "Benign.")
    arm = finding(ana.actor, 5, "eczema", region="arms", side="left")
    ratings.save_rating(doctor, arm.id, dict.fromkeys(scorad.SIGNS, 1), extent=12)
    return ana, lena, record


def pages(data: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(data)).pages]


def read(data: bytes) -> str:
    return " ".join(pages(data))


def test_a_letter_holds_everything_and_says_who_said_what() -> None:
    ana, lena, _ = a_clinic()
    found = found_by(lena, own(ana.actor))
    said = read(write_letter(found))
    for words in (
        "Łukasz Żółć, born 14 March 1980",
        "by Lena (doctor)",
        "Of all days.",
        "Allergic to Nickel: itchy rash",
        "Metformin, 500 mg, twice a day, since 1 May 2024",
        "signed by Lena",
        "Diagnosis: Atopic eczema",
        "Advice: Moisturise",
        "To come again on",
        found.findings[-1].words.how_sure,
        "A harmless mole.",
        "What it turned out to be (biopsy",
        "7 of 28, mild eczema",
        "Objective SCORAD",
        "Zinc cream (moisturiser), since",
        "CareLens is not a medical device. Page 1 of",
    ):
        assert words in said, words
    assert "only a thought" not in said
    network = said[said.index("What a computer program said of photos") : said.index("Scores the patient gave")]
    assert not re.findall(r"(?i)(?<!not a )diagnosis", network), "what a network says is never called a diagnosis"
    assert all("not a medical device" in page for page in pages(write_letter(found)))


def test_the_day_to_come_again_outlives_an_amendment_without_one() -> None:
    ana, lena, _ = a_clinic()
    (first,) = [one for one in notes.list_notes(lena.actor, own(ana.actor)) if one.state == "signed"]
    notes.sign_note(lena.actor, notes.write_note(lena.actor, own(ana.actor), plan="Zinc cream", amends=first.id).id)
    found = found_by(lena, own(ana.actor))
    assert found.follow_up_on == first.follow_up_on == now().date() + timedelta(days=30)
    assert read(write_letter(found)).count("To come again on") == 2, "on the head, and in its note"


def test_each_photo_is_in_it_as_large_as_it_was_stored() -> None:
    ana, lena, _ = a_clinic()
    reader = PdfReader(io.BytesIO(write_letter(found_by(lena, own(ana.actor)))))
    sizes = [image.image.size for page in reader.pages for image in page.images]
    assert sizes == [(320, 240), (320, 240)]


def test_the_curve_stands_where_the_scores_say() -> None:
    """The dots of the POEM, read back out of the page: from left to right and from the bottom to the top as the totals are."""
    ana, lena, _ = a_clinic()
    reader = PdfReader(io.BytesIO(write_letter(found_by(lena, own(ana.actor)))))
    streams = "\n".join(page.get_contents().get_data().decode("latin-1") for page in reader.pages)
    lines = [tuple(map(float, one)) for one in re.findall(r"^([\d.]+) ([\d.]+) m ([\d.]+) ([\d.]+) l S", streams, re.M)]
    slanted = [(x1, y1, x2, y2) for x1, y1, x2, y2 in lines if x1 != x2 and y1 != y2]
    assert len(slanted) == 2
    (x1, y1, x2, y2), (x3, y3, x4, y4) = slanted
    assert (x1, y2 - y1 > 0, y4 - y3 > 0) == (min(x1, x2, x4), True, True) and (x2, y2) == (x3, y3)
    assert (x2 - x1, y2 - y1) == pytest.approx((x4 - x3, y4 - y3), abs=0.1), "a week each, and 7 points each"


@pytest.mark.parametrize("name", ["Łukasz Żółć", "Ana Đorđević", "Ελένη Σταύρου", "Дмитрий Щукин", "Nguyễn Thị Ánh"])
def test_names_of_europe_stand_as_they_are_written(name: str) -> None:
    ana, lena = two()
    rename(ana.actor, name)
    said = read(write_letter(found_by(lena, own(ana.actor))))
    assert name in said and "write it in" not in said


def test_letters_that_no_font_has_are_told() -> None:
    assert face().printable("王小明 Ana") == "? Ana" and face().printable("Đorđević…") == "Đorđević…"
    assert LATIN.printable("Łukasz Żółć, Ana Đorđević… 王") == "Lukasz Zólc, Ana Dordevic... ?"
    ana, lena = two()
    rename(ana.actor, "王小明")
    assert "Please write it in" in read(write_letter(found_by(lena, own(ana.actor))))


def test_hostile_words_break_neither() -> None:
    ana, lena = two()
    rename(ana.actor, "<b>🙈</b> " + "n" * 80)
    record = finding(ana.actor, site="x" * 60)
    doctor, long = lena.actor, (HOSTILE + " ") * 6
    for _ in range(3):
        made = notes.write_note(doctor, own(ana.actor), long[:4000], ("z" * 3999)[:4000], "\n" * 500 + "end", "a\tb\rc")
        notes.sign_note(doctor, made.id)
    sign_offs.sign_off(doctor, record.id, "mel", HOSTILE[:900])
    medicines.add_allergy(doctor, own(ana.actor), "🥜" * 50, "\x1b[31m")
    found = found_by(lena, own(ana.actor))
    said = read(write_letter(found))
    assert "end" in said and said.count("z") >= 3 * 3999 and "\x07" not in said and "\u202e" not in said
    Bundle.model_validate_json(write_bundle(found))
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\u202e]", write_bundle(found).decode().replace("\\n", ""))


def test_only_the_kinds_that_were_let_in_and_no_draft() -> None:
    ana, lena, skin = a_clinic()
    omar = SignedIn("Omar", "doctor")
    consent.let_in(ana.actor, own(ana.actor), omar.id, kinds=["eczema"])
    finding(ana.actor, 7, "retina", region="eye", side="left")
    found = found_by(omar, own(ana.actor))
    assert [one.record.examination for one in found.findings] == ["eczema"]
    assert (found.scores, found.treatments, found.notes, found.medicines, found.allergies, found.chart, found.diary) == (
        *((),) * 5,
        False,
        False,
    )
    assert found.kinds == {"eczema"} and len(found.ratings) == 1
    said, made = read(write_letter(found)), write_bundle(found).decode()
    assert "Only what the patient lets this doctor see: Eczema check" in said
    for secret in ("Nickel", "Metformin", "Atopic", "POEM", "Zinc", "Retina", "harmless", str(skin.id)):
        assert secret not in said and secret not in made, secret
    for who in (ana, lena):
        whole = found_by(who, own(ana.actor))
        assert [one.diagnosis for one in whole.notes] == ["Atopic eczema"] and len(whole.findings) == 3
        assert "only a thought" not in read(write_letter(whole)) + write_bundle(whole).decode()


def test_nobody_else_and_nobody_any_more() -> None:
    ana, lena, _ = a_clinic()
    found = found_by(lena, own(ana.actor))
    assert found.may_have(lena.actor)
    consent.let_in(ana.actor, own(ana.actor), lena.id, kinds=["skin", "diary"])
    assert not found.may_have(lena.actor) and found_by(lena, own(ana.actor)).may_have(lena.actor)
    ana.shut_out(lena)
    assert not found.may_have(lena.actor)
    for who in (lena, SignedIn("Eve"), SignedIn("Sam", "staff"), SignedIn("Root", "admin")):
        with pytest.raises(NotAllowed):
            found_by(who, own(ana.actor))


def test_a_doctors_reading_is_written_down_and_the_patients_own_is_not() -> None:
    ana, lena, record = a_clinic()
    before = len(consent.openings(ana.actor, own(ana.actor)))
    found_by(ana, own(ana.actor))
    assert len(consent.openings(ana.actor, own(ana.actor))) == before
    found_by(lena, own(ana.actor))
    opened = consent.openings(ana.actor, own(ana.actor))
    assert {one.what for one in opened} == {"list", "photos", "finding", "diary", "chart"}
    assert record.id in {one.record_id for one in opened if one.what == "finding"}


def test_of_the_days_that_were_asked_for() -> None:
    ana, _ = two()
    for days in (1, 40, 200):
        finding(ana.actor, days, days_ago=days)
        poem_of(ana.actor, now().date() - timedelta(days=days), 1)
    day = now().date()
    treatments.add_treatment(ana.actor, own(ana.actor), "Old", "light", day - timedelta(days=300), day - timedelta(days=250))
    treatments.add_treatment(ana.actor, own(ana.actor), "Still", "light", day - timedelta(days=300))
    found = found_by(ana, own(ana.actor), since=day - timedelta(days=50), until=day - timedelta(days=10))
    assert (len(found.findings), len(found.scores), [one.name for one in found.treatments]) == (1, 1, ["Still"])
    assert "Of the days from" in read(write_letter(found))
    with pytest.raises(InvalidInput):
        found_by(ana, own(ana.actor), since=day, until=day - timedelta(days=1))
    late = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    assert found.day(late) == date(2026, 3, 2), "a day is one of the clock of whoever asks"


def test_of_very_many_findings_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.consult.summary.MOST", 2)
    ana, _ = two()
    for days in (3, 1, 2):
        finding(ana.actor, days, days_ago=days)
    found = found_by(ana, own(ana.actor))
    assert MOST == 40 and found.more and len(found.findings) == 2
    assert "Only the newest 2 findings" in read(write_letter(found))


def values(found: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of nested JSON with the name it stands under."""
    if isinstance(found, dict):
        for key, value in found.items():
            yield key, value
            yield from values(value, key)
    elif isinstance(found, list):
        for value in found:
            yield name, value
            yield from values(value, name)


def test_the_bundle_is_of_one_piece() -> None:
    ana, lena, record = a_clinic()
    found = found_by(lena, own(ana.actor))
    made = bundle(found)
    checked = Bundle.model_validate_json(write_bundle(found))
    kinds = [entry.resource.get_resource_type() for entry in checked.entry]
    assert {"Patient", "Observation", "QuestionnaireResponse", "DiagnosticReport", "Media", "Practitioner", "Device"} <= set(kinds)
    assert kinds.count("Media") == 2 and kinds.count("QuestionnaireResponse") == 3
    addresses = [entry["fullUrl"] for entry in made["entry"]]
    assert len(set(addresses)) == len(addresses)
    references = {value for name, value in values(made) if name == "reference"}
    assert references <= set(addresses) and f"urn:uuid:{record.id}" in addresses
    for name, value in values(made):
        if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\dT", value):
            assert datetime.fromisoformat(value).tzinfo is not None, (name, value)
        if isinstance(value, dict) and "value" in value and "unit" in value:
            assert value["system"] == UCUM and value["code"] in {"1", "{score}"}
    systems = {value["system"] for _, value in values(made) if isinstance(value, dict) and "code" in value and "system" in value}
    assert systems <= {SYSTEM, LOINC, UCUM} | {one for one in systems if one.startswith("http://terminology.hl7.org/CodeSystem/")}


def test_what_a_network_said_stays_preliminary_until_a_doctor_signed_it() -> None:
    ana, lena, record = a_clinic()
    made = {entry["fullUrl"]: entry["resource"] for entry in bundle(found_by(lena, own(ana.actor)))["entry"]}
    observation = made[f"urn:uuid:{record.id}"]
    assert observation["status"] == "final" and "performer" not in observation, "a network is a device, nobody who performs"
    assert "Not a medical device" in made[observation["device"]["reference"]]["type"]["text"]
    probabilities = [one["valueQuantity"]["value"] for one in observation["component"] if "robability" in one["code"]["text"]]
    assert sum(probabilities) == pytest.approx(1, abs=1e-5)
    reports = [one for one in made.values() if one["resourceType"] == "DiagnosticReport" and "result" in one]
    by_status = {one["status"]: one for one in reports}
    assert set(by_status) == {"final", "preliminary"} and "conclusion" not in by_status["preliminary"]
    assert by_status["final"]["conclusion"] == "Lena: Ordinary mole. A harmless mole." or "harmless" in by_status["final"]["conclusion"]
    answers = [one for one in made.values() if one["resourceType"] == "QuestionnaireResponse"]
    assert [len(one["item"]) for one in answers] == [len(poem.ITEMS)] * 3
    totals = [one["valueQuantity"]["value"] for one in made.values() if one.get("code", {}).get("text") == "POEM, total"]
    assert totals == [7, 14, 21] == [sum(a["answer"][0]["valueDecimal"] for a in one["item"]) for one in answers]


def test_an_easi_once_a_doctor_rated_all_four_regions() -> None:
    ana, lena = two()
    rename(ana.actor, "Ana", date(1990, 1, 1))
    for number, region in enumerate(easi.REGIONS):
        record = finding(ana.actor, number, "eczema", region=region)
        ratings.save_rating(lena.actor, record.id, dict.fromkeys(easi.SIGNS, 1), area=2)
    found = found_by(lena, own(ana.actor))
    assert [one.score.total for one in found.easi] == [pytest.approx(2 * 4 * (0.1 + 0.2 + 0.3 + 0.4))]
    assert "EASI 8.0 of 72" in read(write_letter(found))
    made = Bundle.model_validate_json(write_bundle(found))
    assert [
        float(r.resource.valueQuantity.value) for r in made.entry if getattr(r.resource, "code", None) and "EASI" in r.resource.code.text
    ] == [8]

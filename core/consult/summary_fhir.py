"""A visit summary for another system: a FHIR R4B bundle (hl7.org/fhir/R4B), of kind `collection`, as JSON.

A finding of a network is a Media (the photo with the outline), an Observation (what the network said, of a Device) and a
DiagnosticReport that holds both; it is `preliminary` until a doctor signed it, and only what a doctor said is its conclusion.
A questionnaire is a QuestionnaireResponse and an Observation of its score, a note a DiagnosticReport (LOINC 11488-4).
There is no code for these scores and findings in LOINC that we could check, so they have a code system of their own, SYSTEM.
References are `urn:uuid:` addresses of this bundle. Moments carry their zone; a day is a day. Units are of UCUM.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from PIL import Image

from core.consult.summary import Rating, Seen, Summary
from core.consult.summary_words import (
    DISCLAIMER,
    GONE,
    INSTRUMENTS,
    OUTCOMES,
    PARTS,
    check_name,
    clean,
    label_name,
    rating_words,
    score_words,
)
from core.insight.rated import Rated
from core.instruments import poem
from core.records.chart_tables import AllergyPublic, MedicinePublic, NotePublic
from core.records.eczema_tables import ScorePublic, TreatmentPublic
from core.records.treatments import KINDS

SYSTEM = "https://carelens.invalid/fhir/CodeSystem/carelens"
"""Our own codes. `.invalid` (RFC 2606): nobody will ever answer there, and nobody else will ever mean something else by it."""
QUESTIONNAIRE = "https://carelens.invalid/fhir/Questionnaire/"
LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"
CONSULT_NOTE = {"system": LOINC, "code": "11488-4", "display": "Consult note"}
_HL7 = "http://terminology.hl7.org/CodeSystem/"
_SPACE = UUID("5b0f0a5e-2f4c-4a43-9d5c-7f2f3a0f8c11")
Resource = dict[str, Any]


def write_bundle(found: Summary) -> bytes:
    """The bundle as JSON, UTF-8."""
    return json.dumps(bundle(found), ensure_ascii=False, indent=1).encode()


def bundle(found: Summary) -> Resource:
    """The bundle as plain JSON types."""
    made = _Bundle(found)
    for one in found.findings:
        made.finding(one)
    for score in found.scores:
        made.score(score)
    for rated in found.ratings:
        made.rating(rated)
    for easi in found.easi:
        made.easi(easi)
    for note in found.notes:
        made.note(note)
    for allergy in found.allergies:
        made.allergy(allergy)
    for medicine in found.medicines:
        made.medicine(medicine)
    for treatment in found.treatments:
        made.treatment(treatment)
    return made.whole()


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _text(words: str) -> str:
    """A string as FHIR takes it: not empty, nothing that cannot be shown."""
    return clean(words) or "not said"


def _own(code: str, display: str) -> Resource:
    """A concept of our own code system."""
    return {"coding": [{"system": SYSTEM, "code": code, "display": _text(display)}], "text": _text(display)}


def _hl7(system: str, code: str) -> Resource:
    return {"coding": [{"system": _HL7 + system, "code": code}]}


def _number(value: float, code: str, unit: str) -> Resource:
    return {"value": round(float(value), 6), "unit": unit, "system": UCUM, "code": code}


def _score(value: float) -> Resource:
    return _number(value, "{score}", "points")


def _period(start: date | None, end: date | None) -> Resource:
    return {name: day.isoformat() for name, day in (("start", start), ("end", end)) if day is not None}


class _Bundle:
    """A bundle that is being written."""

    def __init__(self, found: Summary) -> None:
        self.found = found
        self.resources: dict[str, Resource] = {}
        self.patient = self._put(found.person.id, "Patient", _patient(found))

    def whole(self) -> Resource:
        """The bundle."""
        return {
            "resourceType": "Bundle",
            "meta": {"tag": [{"system": SYSTEM, "code": "visit-summary", "display": "Visit summary"}]},
            "type": "collection",
            "timestamp": _moment(self.found.made_at),
            "entry": [{"fullUrl": address, "resource": resource} for address, resource in self.resources.items()],
        }

    def _put(self, id: UUID, kind: str, content: Resource) -> Resource:
        """Add a resource; returns the reference to it."""
        address = f"urn:uuid:{id}"
        self.resources[address] = {"resourceType": kind, "id": str(id), **{name: value for name, value in content.items() if value}}
        return {"reference": address}

    def _doctor(self, name: str) -> Resource:
        """Whoever said something; the same name is the same doctor: the records say no more of them."""
        said = clean(name) or GONE
        return self._put(uuid5(_SPACE, f"doctor {said}"), "Practitioner", {"name": [{"text": said}]})

    def _device(self, one: Seen) -> Resource:
        versions = sorted(one.record.facts.get("versions", {}).items())
        named = f"CareLens, {check_name(one.record.examination)}"
        content = {
            "deviceName": [{"name": _text(named), "type": "user-friendly-name"}],
            "type": {"text": "A computer program that looks at photos. Not a medical device."},
            "version": [{"type": {"text": _text(network)}, "value": _text(str(version))} for network, version in versions],
        }
        return self._put(uuid5(_SPACE, f"device {named} {versions}"), "Device", content)

    def finding(self, one: Seen) -> None:
        """What a network said of a photo, with the photo and with what doctors said."""
        record, subject = one.record, self.patient
        signed = [sign for sign in one.sign_offs if sign.label or sign.says]
        status = "final" if one.sign_offs else "preliminary"
        body = {"text": _text(one.place)} if one.place else None
        photo = self._put(uuid5(record.id, "media"), "Media", self._media(one, body)) if one.picture is not None else None
        code = _own(f"{record.examination}-check", f"{check_name(record.examination)}: what a network said of a photo")
        content = {
            "status": status,
            "category": [_hl7("observation-category", "imaging")],
            "code": code,
            "subject": subject,
            "effectiveDateTime": _moment(record.taken_at),
            "issued": _moment(record.created_at),
            "bodySite": body,
            "device": self._device(one),
            "derivedFrom": [photo] if photo else None,
            "note": [{"text": _text(words)} for words in _words(one)],
            "component": list(_components(one)),
        }
        if record.status == "ok" and record.label:
            name = label_name(record.examination, record.label)
            content["valueCodeableConcept"] = _own(f"{record.examination}-{record.label}", name)
        elif record.status == "ok":
            content["valueString"] = _text(one.words.looks_like)
        else:
            content["dataAbsentReason"] = _hl7("data-absent-reason", "unknown")
        observation = self._put(record.id, "Observation", content)
        results = [observation]
        if one.outcome is not None:
            results.append(self._outcome(one, observation))
        report = {
            "status": status,
            "code": code,
            "subject": subject,
            "effectiveDateTime": _moment(record.taken_at),
            "issued": _moment(max([record.created_at, *(sign.created_at for sign in one.sign_offs)])),
            "resultsInterpreter": list({str(who): who for sign in one.sign_offs for who in [self._doctor(sign.doctor)]}.values()),
            "result": results,
            "media": [{"link": photo}] if photo else None,
            "conclusion": "\n".join(_signed(record.examination, sign.label, sign.says, sign.doctor) for sign in signed),
        }
        self._put(uuid5(record.id, "report"), "DiagnosticReport", report)

    def _media(self, one: Seen, body: Resource | None) -> Resource:
        assert one.picture is not None
        with Image.open(io.BytesIO(one.picture)) as opened:
            width, height = opened.size
        return {
            "status": "completed",
            "type": _hl7("media-type", "image"),
            "subject": self.patient,
            "createdDateTime": _moment(one.record.taken_at),
            "bodySite": body,
            "height": height,
            "width": width,
            "content": {
                "contentType": "image/jpeg",
                "data": base64.b64encode(one.picture).decode(),
                "title": "A small copy of the photo; the line is the outline, where there is one",
            },
        }

    def _outcome(self, one: Seen, observation: Resource) -> Resource:
        outcome, kind = one.outcome, one.record.examination
        assert outcome is not None
        words = [outcome.says] if outcome.says else []
        content: Resource = {
            "status": "final",
            "code": _own("outcome", "What a finding turned out to be"),
            "subject": self.patient,
            "effectiveDateTime": outcome.known_on.isoformat(),
            "issued": _moment(outcome.created_at),
            "performer": [self._doctor(outcome.doctor)],
            "method": _own(f"outcome-{outcome.how}", OUTCOMES[outcome.how]),
            "derivedFrom": [observation],
            "note": [{"text": _text(said)} for said in words],
        }
        if outcome.label:
            content["valueCodeableConcept"] = _own(f"{kind}-{outcome.label}", label_name(kind, outcome.label))
        else:
            content["valueString"] = _text(outcome.says)
        return self._put(outcome.id, "Observation", content)

    def score(self, one: ScorePublic) -> None:
        """A questionnaire that the patient filled in, and its score."""
        name, most, _ = INSTRUMENTS.get(one.instrument, (one.instrument, 0.0, ()))
        texts = dict(zip(poem.ITEMS, poem.wording().questions, strict=True)) if one.instrument == "poem" else {}
        items = [
            {
                "linkId": item,
                "text": _text(texts.get(item, item.replace("_", " "))),
                **({} if answer is None else {"answer": [{"valueDecimal": float(answer)}]}),
            }
            for item, answer in one.answers.items()
        ]
        response = {
            "questionnaire": QUESTIONNAIRE + one.instrument.replace("_", "-"),
            "status": "completed",
            "subject": self.patient,
            "authored": _moment(one.changed_at),
            "source": self.patient,
            "item": items,
        }
        filled = self._put(one.id, "QuestionnaireResponse", response)
        content: Resource = {
            "status": "final",
            "category": [_hl7("observation-category", "survey")],
            "code": _own(f"{one.instrument.replace('_', '-')}-total", f"{name}, total"),
            "subject": self.patient,
            "effectiveDateTime": one.day.isoformat(),
            "performer": [self.patient],
            "derivedFrom": [filled],
            "interpretation": [{"text": _text(score_words(one))}],
        }
        if one.total is not None:
            content["valueQuantity"] = _score(one.total)
            if most:
                content["referenceRange"] = [{"low": _score(0), "high": _score(most), "text": "All that the score can be"}]
        else:
            content["dataAbsentReason"] = _hl7("data-absent-reason", "not-performed")
        self._put(uuid5(one.id, "total"), "Observation", content)

    def rating(self, one: Rated) -> None:
        """The signs that a doctor rated on one photo, with an objective SCORAD where there is one."""
        known = f"urn:uuid:{one.record_id}"
        signs = [{"code": _own(f"sign-{sign}", sign.capitalize()), "valueQuantity": _score(grade)} for sign, grade in one.signs.items()]
        content: Resource = {
            "status": "final",
            "category": [_hl7("observation-category", "exam")],
            "code": _own(
                "objective-scorad" if one.scorad else "sign-rating", "Objective SCORAD" if one.scorad else "Signs rated on a photo"
            ),
            "subject": self.patient,
            "effectiveDateTime": _moment(one.taken_at),
            "issued": _moment(one.rated_at),
            "performer": [self._doctor(one.doctor)],
            "derivedFrom": [{"reference": known}] if known in self.resources else None,
            "component": signs,
            "note": [{"text": _text(rating_words(one))}],
        }
        if one.scorad is not None:
            content["valueQuantity"] = _score(one.scorad.total)
        self._put(uuid5(one.record_id, f"rating {one.account_id} {one.rated_at}"), "Observation", content)

    def easi(self, one: Rating) -> None:
        """The EASI of one doctor."""
        content = {
            "status": "final",
            "category": [_hl7("observation-category", "exam")],
            "code": _own("easi", "EASI, Eczema Area and Severity Index"),
            "subject": self.patient,
            "effectiveDateTime": _moment(one.at),
            "performer": [self._doctor(one.doctor)],
            "valueQuantity": _score(one.score.total),
            "interpretation": [{"text": _text(one.score.band.name)}],
            "referenceRange": [{"low": _score(0), "high": _score(72), "text": "All that the score can be"}],
        }
        self._put(uuid5(self.found.person.id, f"easi {one.doctor} {one.at}"), "Observation", content)

    def note(self, one: NotePublic) -> None:
        """A signed note."""
        said = [f"{name}: {getattr(one, part)}" for part, name in PARTS.items() if getattr(one, part)]
        if one.follow_up_on is not None:
            said.append(f"To come again on {one.follow_up_on.isoformat()}")
        doctor = self._doctor(one.doctor)
        content = {
            "status": "amended" if one.amends_id else "final",
            "code": {"coding": [CONSULT_NOTE], "text": "Note of a doctor"},
            "subject": self.patient,
            "effectiveDateTime": _moment(one.created_at),
            "issued": _moment(one.signed_at or one.created_at),
            "performer": [doctor],
            "conclusion": _text("\n".join(said)),
        }
        self._put(one.id, "DiagnosticReport", content)

    def allergy(self, one: AllergyPublic) -> None:
        """An allergy."""
        content = {
            "clinicalStatus": _hl7("allergyintolerance-clinical", "active"),
            "code": {"text": _text(one.substance)},
            "patient": self.patient,
            "recordedDate": _moment(one.created_at),
            "reaction": [{"manifestation": [{"text": _text(one.reaction)}]}] if one.reaction else None,
        }
        self._put(one.id, "AllergyIntolerance", content)

    def medicine(self, one: MedicinePublic) -> None:
        """A medicine."""
        content = {
            "status": "active" if one.ended_on is None else "completed",
            "medicationCodeableConcept": {"text": _text(one.name)},
            "subject": self.patient,
            "effectivePeriod": _period(one.started_on, one.ended_on),
            "dateAsserted": _moment(one.created_at),
            "dosage": [{"text": _text(one.dose)}] if one.dose else None,
        }
        self._put(one.id, "MedicationStatement", content)

    def treatment(self, one: TreatmentPublic) -> None:
        """A treatment that the patient noted."""
        content = {
            "status": "in-progress" if one.ended_on is None else "completed",
            "category": _own(f"treatment-{one.kind.replace('_', '-')}", KINDS.get(one.kind, one.kind)),
            "code": {"text": _text(one.name)},
            "subject": self.patient,
            "performedPeriod": _period(one.started_on, one.ended_on),
            "asserter": self.patient,
        }
        self._put(one.id, "Procedure", content)


def _patient(found: Summary) -> Resource:
    person = found.person
    born = person.birth_date.isoformat() if person.birth_date else str(person.birth_year) if person.birth_year else None
    return {"name": [{"text": _text(person.display_name)}], "birthDate": born}


def _words(one: Seen) -> Iterable[str]:
    """What the network said, beside its label: how sure, what it cannot exclude, what to do next; and that it is no diagnosis."""
    said = one.words
    labelled = (("", said.looks_like), ("How sure: ", said.how_sure), ("What cannot be excluded: ", said.cannot_exclude))
    for name, words in (*labelled, ("What it says to do next: ", said.what_next), ("", DISCLAIMER)):
        if words:
            yield name + words


def _components(one: Seen) -> Iterable[Resource]:
    """Probabilities of the classes, and what was measured."""
    kind, facts = one.record.examination, one.record.facts
    for label, chance in facts.get("probabilities", {}).items():
        name = f"Calibrated probability: {label_name(kind, label)}"
        yield {"code": _own(f"{kind}-probability-{label}", name), "valueQuantity": _number(chance, "1", "probability")}
    if one.record.outline_accepted is False:
        return
    for name, value in facts.get("numbers", {}).items():
        if isinstance(value, int | float) and value == value:  # NaN: nothing was measured
            code, words = _own(f"{kind}-{name.replace('_', '-')}", name.replace("_", " ")), "1"
            yield {"code": code, "valueQuantity": _number(value, words, "1")}


def _signed(kind: str, label: str, says: str, doctor: str) -> str:
    assessed = label_name(kind, label) if label else ""
    return f"{clean(doctor) or GONE}: {_text('. '.join(filter(None, (assessed, says))))}"

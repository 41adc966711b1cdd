"""What the API answers with. Links are paths on this very server, or `data:` addresses for what is not kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from core.errors import CareLensError
from core.examinations.finding import Finding, Step
from core.examinations.registry import examination
from core.people.policy import Scope
from core.records.record_tables import RecordPublic

PREFIX = "/api/v1"
LINK = "A path on this server, to be asked for with the same token; or a `data:` address with the whole PNG where nothing was saved"


class WordsOut(BaseModel):
    """A finding in plain words (Markdown), in the order in which they are to be read."""

    looks_like: str
    how_sure: str
    cannot_exclude: str
    what_next: str
    how_we_know: str
    disclaimer: str


class AnswersOut(BaseModel):
    """The answers to the three questions about a spot; null: not answered, or not sure."""

    new_or_changed: bool | None
    bleeds_or_does_not_heal: bool | None
    unlike_the_others: bool | None


class FindingOut(BaseModel):
    """What an examination found in one photo. A hint, never a diagnosis."""

    examination: str
    kind: str = Field(description="What kind of photo it is: dermatoscopic, clinical, fundus or other")
    status: str = Field(description="`ok`, or `abstained`: the examination cannot tell, and `reason` says why")
    label: str = Field(description="The decision by the rule of the network's card; it need not be the most probable class")
    probabilities: dict[str, float] = Field(description="Class to calibrated probability, 0-1")
    cannot_exclude: list[str] = Field(description="Everything that cannot be excluded, the worst first")
    refer: bool = Field(description="By the shipped threshold: a doctor should see it")
    step: Step = Field(description="The next step, from the least to the most urgent: watch, routine, soon, today")
    step_reasons: list[str]
    reason: str
    answers: AnswersOut
    numbers: dict[str, float] = Field(description="Further measurements")
    versions: dict[str, str] = Field(description="Network to the version of its card")
    eye: str | None = Field(None, description="For a photo of the back of an eye: which eye, as it was said")
    words: WordsOut | None = Field(description="The same in plain words; null where the examination is not there any more")
    masks: dict[str, str] = Field(description=f"Outline to its picture: a grey PNG, 0 or 255, in the proportions of the photo. {LINK}")
    heat: str | None = Field(description=f"What the network looked at: a small grey PNG over the whole photo, 255 for most. {LINK}")


class RecordSummary(BaseModel):
    """A saved finding, in a list."""

    id: UUID
    person: UUID
    examination: str
    taken_at: datetime
    created_at: datetime
    status: str
    label: str
    step: str
    refer: bool
    site: str | None
    region: str | None
    side: str | None
    spot: UUID | None
    href: str = Field(description="The path of the whole record")


class RecordOut(RecordSummary):
    """A saved finding with everything that belongs to it."""

    whole_region: bool
    outline_accepted: bool | None = Field(description="What the person said of the outline; null: nothing")
    corrected: bool = Field(description="A person drew an outline anew; masks and numbers are those of the newest")
    width: int = Field(description="Of the full upright photo, in pixels")
    height: int
    photo: str = Field(description="The path of the photo")
    finding: FindingOut


class Examined(BaseModel):
    """The answer to a photo."""

    finding: FindingOut
    record: RecordSummary | None = Field(description="The record it was saved as; null: nothing of the photo was kept")


class RecordList(BaseModel):
    """One page of the records of a person."""

    records: list[RecordSummary]
    total: int = Field(description="How many there are in all")
    next: str | None = Field(description="The path of the next page; null: this is the last")


class PersonOut(BaseModel):
    """Somebody whom the account acts for."""

    id: UUID
    name: str
    relation: str = Field(description="What they are to the account: `self`, or `guardian` for somebody in its care")
    birth_date: date | None
    birth_year: int | None


class TokenOut(BaseModel):
    """The account behind the token, and what the token is for."""

    account: str
    role: str
    scopes: list[Scope]
    persons: list[PersonOut]


class ExaminationOut(BaseModel):
    """An examination that is to be had here."""

    id: str
    title: str
    kinds: list[str] = Field(description="Kinds of photo it is for")
    classes: list[str]
    numbers: list[str]
    networks: list[str]
    available: bool = Field(description="All its networks are installed, and none is known to fail")
    href: str


class ModelOut(BaseModel):
    """A network: its state in this process, and its whole model card."""

    id: str
    version: str
    title: str
    state: str = Field(description="waiting, warming, ready or unavailable")
    reason: str
    card: dict[str, Any] = Field(description="The model card: data, classes, measured figures, thresholds, licences, limits")


def words_of(finding: Finding) -> WordsOut | None:
    """The finding in words; None where its examination is gone, or has no words for it now."""
    try:
        found = examination(finding.examination).words(finding)
    except CareLensError:
        return None
    return WordsOut(**{name: getattr(found, name) for name in WordsOut.model_fields})


def finding_out(finding: Finding, masks: Mapping[str, str], heat: str | None) -> FindingOut:
    """The finding with its pictures as links."""
    return FindingOut(**finding.facts(), words=words_of(finding), masks=dict(masks), heat=heat)


def href_of(record_id: UUID, *more: str) -> str:
    """The path of a record, or of something below it."""
    return "/".join([PREFIX, "records", str(record_id), *more])


def _said(record: RecordPublic) -> dict[str, Any]:
    return {
        **record.model_dump(include={*RecordOut.model_fields} - {"finding"}),
        "person": record.person_id,
        "spot": record.spot_id,
        "href": href_of(record.id),
    }


def summary_of(record: RecordPublic) -> RecordSummary:
    """A record for a list."""
    return RecordSummary.model_validate(_said(record))


def record_out(record: RecordPublic, masks: list[str], heat: bool) -> RecordOut:
    """A record with links to its pictures. `masks`: the names of its outlines; `heat`: there is a heat map."""
    finding = finding_out(
        Finding.from_facts(record.facts), {name: href_of(record.id, "masks", name) for name in masks},
        href_of(record.id, "heat") if heat else None,
    )  # fmt: skip
    return RecordOut.model_validate({**_said(record), "photo": href_of(record.id, "photo"), "finding": finding})

"""Letters with what is saved: of one patient, and of everyone in a batch as one ZIP file."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from core.errors import CareLensError, NotFound
from core.people.policy import Actor
from core.records.export_words import safe
from core.records.screening_grades import Listed, list_photos, thumbnail
from core.screening.grades import Scale
from core.screening.letter import Eye, write_letter
from core.screening.worklist import worst_of_each_eye


def file_stem(name: str) -> str:
    """The beginning of a file's name, of a batch's name or a patient's number."""
    return f"screening-{safe(name, 'photos')}".casefold()


def letter_of(actor: Actor, patient_id: UUID, scale: Scale, made_on: date) -> tuple[str, bytes]:
    """The letter of one patient, with everything the desk has of them, and what the file is called. NotFound without any photo."""
    rows = list_photos(actor, patient_id=patient_id)
    patient = next((one.patient for one in rows if one.patient is not None), None)
    if patient is None:
        raise NotFound("There are no photos of this patient.", "Add some first.")
    eyes = {side: _eye(actor, one) for side, one in worst_of_each_eye(rows, scale).items()}
    return f"{file_stem(patient.code)}.pdf", write_letter(patient, eyes, scale, made_on)


def _eye(actor: Actor, one: Listed) -> Eye:
    try:
        return Eye(one, thumbnail(actor, one.photo.id))
    except CareLensError:  # a letter without its picture still says what was found
        return Eye(one)


def all_letters(actor: Actor, rows: Sequence[Listed], scale: Scale, made_on: date) -> bytes:
    """A ZIP file with one letter for each patient of these rows who has a photo with an answer."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        taken: set[str] = set()
        for patient_id in dict.fromkeys(one.photo.patient_id for one in rows if one.photo.state == "done"):
            if patient_id is None:
                continue
            name, data = letter_of(actor, patient_id, scale, made_on)
            while name in taken:
                name = f"{name.removesuffix('.pdf')}-x.pdf"
            taken.add(name)
            archive.writestr(name, data)
    return file.getvalue()

"""Every format on its way through the pages: taken, examined, saved, and shown again as a picture that browsers know."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.photo import read_photo
from core.records.findings import list_records, open_record, thumbnail
from core.ui import history
from core.ui.checking import QUESTIONS
from tests.core.house import embedded, own
from tests.core.intake.files import dicom, heic, profile, saved
from tests.pages.toys import Toy, spot, toy

PIXELS = read_photo(spot()).pixels
FILES = {
    "photo.heic": (heic(PIXELS), "image/heic"),
    "scan.dcm": (dicom(PIXELS), "application/dicom"),
    "deep.png": (saved("PNG", Image.fromarray(PIXELS).convert("RGBA")), "image/png"),
    "wide.jpg": (saved("JPEG", PIXELS, quality=95, icc_profile=profile()), "image/jpeg"),
    "inks.jpg": (saved("JPEG", Image.fromarray(PIXELS).convert("CMYK"), quality=95), "image/jpeg"),
}


@pytest.fixture(autouse=True)
def examination() -> Iterator[Toy]:
    with toy() as one:
        yield one


def control(app: AppTest, label: str):
    return next(one for one in app.button_group if one.label == label)


@embedded
@pytest.mark.parametrize("name", FILES)
def test_taken_examined_saved_and_shown_again(open_page, someone, name):
    data, kind = FILES[name]
    ana = someone("patient")
    app = open_page("pages/Skin_check.py", ana)
    for _, question in QUESTIONS:
        control(app, question).set_value("No")
    control(app, "Where on the body?").set_value("back")
    app.file_uploader[0].set_value((name, data, kind)).run()
    next(button for button in app.button if button.label == "Save to my history").click().run()
    assert not app.exception
    (record,) = list_records(ana, own(ana))
    opened = open_record(ana, record.id)
    assert opened.media_type in ("image/jpeg", "image/png")
    sent = read_photo(data).pixels.astype(int)
    for shown in (base64.b64decode(history.photo_of(ana, opened, "a spot").address.split(",")[1]), thumbnail(ana, record.id)):
        seen = np.asarray(Image.open(io.BytesIO(shown)).convert("RGB")).astype(int)
        assert seen.shape == sent.shape and np.abs(seen - sent).mean() < 6
    app = open_page("pages/History.py", ana)
    next(button for button in app.button if button.label.startswith("Open ")).click().run()
    assert not app.exception and any("What it looks like" in str(part.value) for part in (*app.markdown, *app.subheader))


def test_the_uploader_names_what_it_takes(open_page, someone):
    uploader = open_page("pages/Skin_check.py", someone("patient")).file_uploader[0].proto
    assert {".heic", ".heif", ".dcm", ".jpg", ".png", ".webp"} <= set(uploader.type) and "DICOM" in uploader.help

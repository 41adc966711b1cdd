"""DICOM: pixels against pydicom's own pipeline, and nothing of the patient in what is kept."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.data import get_testdata_file
from pydicom.pixels.processing import apply_modality_lut, apply_windowing
from pydicom.pixels.utils import pixel_array

from core.errors import PhotoRejected
from core.intake.dicom import ALLOWED, LOSSLESS
from core.photo import read_photo
from tests.core.intake.files import SECRET, dicom, rle, saved, scene

GREY = scene()[..., 0]
DEEP = (GREY.astype(np.uint16) << 4) + np.arange(90, dtype=np.uint16)[:, None]
IMPLICIT, LITTLE, BIG = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"
JPEG, RLE, J2K_LOSSLESS, J2K = "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91"


def reference(data: bytes) -> np.ndarray:
    """By pydicom alone: uint8 RGB, or 0-1 for grey after rescaling and window."""
    ds = pydicom.dcmread(io.BytesIO(data))
    array = pixel_array(ds)
    if array.ndim == 3:
        return np.asarray(array)
    values = apply_windowing(apply_modality_lut(array, ds), ds).astype(float)
    stored = ds.BitsStored
    low, high = (-(2 ** (stored - 1)), 2 ** (stored - 1) - 1) if ds.PixelRepresentation else (0, 2**stored - 1)
    ends = np.array([low, high]) * float(ds.get("RescaleSlope", 1)) + float(ds.get("RescaleIntercept", 0))
    share = (values - ends.min()) / (ends.max() - ends.min())
    return 1 - share if ds.PhotometricInterpretation == "MONOCHROME1" else share


def refused(data: bytes) -> PhotoRejected:
    with pytest.raises(PhotoRejected) as caught:
        read_photo(data)
    assert caught.value.reason.endswith(".") and caught.value.hint.endswith(".")
    return caught.value


def stored(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(read_photo(data).original)))


COLOUR = {
    "little": dicom(),
    "implicit": dicom(syntax=IMPLICIT),
    "big": dicom(syntax=BIG),
    "planar": dicom(scene(), PlanarConfiguration=1, PixelData=scene().transpose(2, 0, 1).tobytes()),
    "ybr full": dicom(np.asarray(Image.fromarray(scene()).convert("YCbCr")), PhotometricInterpretation="YBR_FULL"),
    "rle": dicom(syntax=RLE, packed=rle(*scene().transpose(2, 0, 1))),
    "jpeg ybr 422": dicom(syntax=JPEG, packed=saved("JPEG", subsampling="4:2:2"), PhotometricInterpretation="YBR_FULL_422"),
    "jpeg 2000": dicom(syntax=J2K_LOSSLESS, packed=saved("JPEG2000", scene(), no_jp2=True, mct=1), PhotometricInterpretation="YBR_RCT"),
    "jpeg 2000 lossy": dicom(
        syntax=J2K,
        packed=saved("JPEG2000", scene(), no_jp2=True, irreversible=True, mct=1, quality_mode="dB", quality_layers=[45]),
        PhotometricInterpretation="YBR_ICT",
    ),
}


@pytest.mark.parametrize("name", COLOUR)
def test_colour_as_pydicom_sees_it(name: str) -> None:
    data = COLOUR[name]
    photo = read_photo(data)
    assert np.array_equal(photo.pixels, reference(data))
    assert np.abs(photo.pixels.astype(int) - scene()).mean() < 3
    lossless = pydicom.dcmread(io.BytesIO(data)).file_meta.TransferSyntaxUID in LOSSLESS
    assert photo.media_type == ("image/png" if lossless else "image/jpeg")
    apart = np.abs(stored(data).astype(int) - photo.pixels)
    assert apart.max() == 0 if lossless else apart.mean() < 1.5


def test_half_the_chroma_uncompressed() -> None:
    data = Path(str(get_testdata_file("SC_ybr_full_422_uncompressed.dcm"))).read_bytes()
    assert np.array_equal(read_photo(data).pixels, reference(data))


WINDOW: dict[str, Any] = {"WindowCenter": 2000, "WindowWidth": 1500}
GREYS = {
    "8 bits": dicom(GREY, WindowCenter=128, WindowWidth=256),
    "8 bits, window": dicom(GREY, WindowCenter=100, WindowWidth=80),
    "inverted": dicom(GREY, PhotometricInterpretation="MONOCHROME1", WindowCenter=100, WindowWidth=80),
    "12 bits": dicom(DEEP, BitsStored=12, HighBit=11, **WINDOW),
    "16 bits": dicom(DEEP, **WINDOW),
    "big": dicom(DEEP, syntax=BIG, **WINDOW),
    "implicit": dicom(DEEP, syntax=IMPLICIT, **WINDOW),
    "signed": dicom(DEEP.astype(np.int16) - 1000, WindowCenter=500, WindowWidth=900),
    "rescaled": dicom(DEEP, RescaleSlope=2, RescaleIntercept=-1024, WindowCenter=2000, WindowWidth=3000),
    "exact": dicom(DEEP, VOILUTFunction="LINEAR_EXACT", **WINDOW),
    "sigmoid": dicom(DEEP, VOILUTFunction="SIGMOID", **WINDOW),
    "two windows": dicom(DEEP, WindowCenter=[2000, 100], WindowWidth=[1500, 10]),
    "rle": dicom(DEEP, syntax=RLE, packed=rle((DEEP >> 8).astype(np.uint8), (DEEP & 255).astype(np.uint8)), **WINDOW),
    "jpeg 2000": dicom(DEEP, syntax=J2K_LOSSLESS, packed=saved("JPEG2000", DEEP, no_jp2=True), **WINDOW),
    "jpeg": dicom(GREY, syntax=JPEG, packed=saved("JPEG", GREY), WindowCenter=100, WindowWidth=80),
}


@pytest.mark.parametrize("name", GREYS)
def test_grey_as_pydicom_shows_it(name: str) -> None:
    data = GREYS[name]
    photo, expected = read_photo(data), reference(data)
    assert expected.std() > 0.1, "there is something to see"
    assert (photo.pixels == photo.pixels[..., :1]).all()
    assert np.abs(photo.pixels[..., 0] - expected * 255).max() <= 1.01
    kept = stored(data)
    if kept.dtype == np.uint16 or kept.dtype == np.int32:
        assert np.abs(kept - expected * 65535).max() <= 2, "kept with all its steps"
        assert np.array_equal(read_photo(photo.original).pixels, photo.pixels), "history shows what was examined"


def test_without_a_window_everything_there_is_can_be_seen() -> None:
    deep = dicom(DEEP, BitsStored=12, HighBit=11)
    pixels = read_photo(deep).pixels[..., 0]
    assert pixels.min() == 0 and pixels.max() == 255
    assert np.array_equal(read_photo(dicom(GREY)).pixels[..., 0], GREY), "8 bits as they are"


def test_padding_is_black_and_does_not_count() -> None:
    padded = DEEP.copy()
    padded[:20] = 60000
    pixels = read_photo(dicom(padded, PixelPaddingValue=60000)).pixels[..., 0]
    assert (pixels[:20] == 0).all() and pixels[20:].max() == 255 and pixels[20:].std() > 30
    pixels = read_photo(
        dicom(padded, PixelPaddingValue=59000, PixelPaddingRangeLimit=60001, PhotometricInterpretation="MONOCHROME1")
    ).pixels
    assert (pixels[:20] == 0).all()


FROM_OTHERS = (
    "SC_rgb_rle.dcm", "SC_rgb_jpeg_dcmtk.dcm", "SC_rgb_dcmtk_+eb+cy+np.dcm", "SC_rgb_dcmtk_+eb+cy+s4.dcm", "SC_rgb_jpeg_lossy_gdcm.dcm",
    "SC_jpeg_no_color_transform.dcm", "SC_rgb_gdcm_KY.dcm", "examples_jpeg2k.dcm", "examples_rgb_color.dcm",
)  # fmt: skip


@pytest.mark.parametrize("name", FROM_OTHERS)
def test_files_of_other_programs(name: str) -> None:
    """Those that come with pydicom, and lie within its package."""
    data = Path(str(get_testdata_file(name, download=False))).read_bytes()
    assert np.array_equal(read_photo(data).pixels, reference(data))


@pytest.mark.parametrize("name", ["CT_small.dcm", "MR_small_RLE.dcm", "MR_small_jp2klossless.dcm", "MR_small_bigendian.dcm"])
def test_deep_files_of_other_programs_have_the_right_order_of_grey(name: str) -> None:
    data = Path(str(get_testdata_file(name, download=False))).read_bytes()
    values = pixel_array(pydicom.dcmread(io.BytesIO(data))).astype(float)
    seen = read_photo(data).pixels[..., 0].astype(float)
    order = np.argsort(values.ravel(), kind="stable")
    assert (np.diff(seen.ravel()[order]) >= 0).all() and np.unique(seen).size > 50


def test_nothing_of_the_patient_is_kept() -> None:
    for data in (dicom(), dicom(DEEP), COLOUR["jpeg ybr 422"]):
        assert SECRET.encode() in data and b"19620304" in data
        photo = read_photo(data)
        for sign in (SECRET.encode(), b"19620304", b"Name", b"20260102"):
            assert sign not in photo.original
        assert dict(photo.tags) == {
            "Modality": "XC",
            "BodyPartExamined": "SKIN",
            "AcquisitionDate": "20260102",
            "PhotometricInterpretation": photo.tags["PhotometricInterpretation"],
        }
        with pytest.raises(TypeError):
            photo.tags["Modality"] = "CT"  # type: ignore[index]


def test_tags_have_no_room_for_anything_else() -> None:
    data = dicom(Modality="Ana S.", BodyPartExamined="ana 1962", AcquisitionDate="19620304x", ImageLaterality="L", BurnedInAnnotation="YES")
    assert dict(read_photo(data).tags) == {"PhotometricInterpretation": "RGB", "Laterality": "L", "BurnedInAnnotation": "YES"}
    assert not {"PatientName", "PatientID", "PatientBirthDate", "PatientAge", "PatientSex"} & set(ALLOWED)


def test_without_the_preamble() -> None:
    whole = dicom()
    assert np.array_equal(read_photo(whole[132:]).pixels, scene())
    assert np.array_equal(read_photo(b"MZ" + whole[2:]).pixels, scene()), "what stands in the preamble does not matter"
    assert refused(dicom()[132 + 200 :]).code in ("unreadable", "wrong_format")


@pytest.mark.parametrize(
    ("data", "code", "word"),
    [
        (dicom(NumberOfFrames=2, PixelData=scene().tobytes() * 2), "animated", "several pictures"),
        (dicom(SOPClassUID="1.2.840.10008.5.1.4.1.1.104.1", EncapsulatedDocument=b"%PDF-1.7"), "wrong_format", "document"),
        (Path(str(get_testdata_file("rtplan.dcm"))).read_bytes(), "wrong_format", "no picture"),
        (Path(str(get_testdata_file("SC_rgb_jpeg_gdcm.dcm"))).read_bytes(), "wrong_format", "JPEG Lossless"),
        (Path(str(get_testdata_file("image_dfl.dcm"))).read_bytes(), "wrong_format", "Deflated"),
        (Path(str(get_testdata_file("JPGExtended.dcm"))).read_bytes(), "wrong_format", "JPEG Extended"),
        (Path(str(get_testdata_file("examples_palette.dcm"))).read_bytes(), "wrong_format", "colours"),
        (Path(str(get_testdata_file("MR_truncated.dcm"))).read_bytes(), "incomplete", "complete"),
        (dicom(syntax="1.2.3.4"), "wrong_format", "packed"),
        (dicom(np.zeros((30, 30, 3), np.uint8)), "too_small", "small"),
        (dicom(Rows=30000, Columns=30000), "too_many_pixels", "pixels"),
        (dicom(syntax=JPEG, packed=saved("JPEG", scene(240, 180))), "unreadable", "read"),
        (dicom(DEEP, BitsAllocated=32, BitsStored=32), "wrong_format", "16 bits"),
    ],
)
def test_what_is_refused(data: bytes, code: str, word: str) -> None:
    refusal = refused(data)
    assert refusal.code == code and word in refusal.reason


def test_nobodys_name_reaches_the_log(caplog: pytest.LogCaptureFixture, recwarn: pytest.WarningsRecorder) -> None:
    data = dicom(SOPInstanceUID=f"{SECRET}.not.a.uid", PatientBirthDate=SECRET)
    recwarn.clear()  # of the writer
    with caplog.at_level("DEBUG"):
        read_photo(data)
        refused(data.replace(b"MONOCHROME2", b"MONOCHROME9").replace(b"RGB ", b"RGX "))
    assert SECRET not in caplog.text and not [w for w in recwarn if SECRET in str(w.message)]

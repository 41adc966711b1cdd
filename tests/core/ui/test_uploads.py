"""A photo that was taken over is no longer in Streamlit's memory, and one that left the desk is nowhere."""

from __future__ import annotations

from types import SimpleNamespace
from uuid import uuid4

import pytest
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec

from core.ui import uploads
from core.ui.checking import Check, Desk
from tests.core.house import a_finding, a_photo


def test_only_the_files_that_were_taken_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    manager = MemoryUploadedFileManager("/upload")
    records = [UploadedFileRec(file_id=name, name=name, type="image/jpeg", data=b"x" * 1000) for name in ("a", "b", "c")]
    for record in records:
        manager.add_file("mine", record)
    manager.add_file("another", records[0])
    monkeypatch.setattr(uploads, "get_script_run_ctx", lambda: SimpleNamespace(uploaded_file_mgr=manager, session_id="mine"))
    taken = [UploadedFile(record, FileURLs()) for record in records[:2]]
    uploads.forget(taken)
    assert [record.file_id for record in manager.get_files("mine", ["a", "b", "c"])] == ["c"]
    assert manager.get_files("another", ["a"]), "a file of somebody else stays"
    assert taken[0].getvalue() == b"x" * 1000, "what the page holds can still be read"


def test_outside_a_page_nothing_happens() -> None:
    uploads.forget([])


@pytest.mark.parametrize("way", ["removed", "the next spot"])
def test_what_left_the_desk_holds_no_picture_any_more(way: str) -> None:
    """A button's arguments outlive it in Streamlit: ten megabytes for every photo of a sitting."""
    desk, photo = Desk(uuid4()), a_photo()
    check = Check("1", "spot.jpg", photo.original, photo=photo, result=a_finding())
    desk.checks.append(check)
    desk.remove(check) if way == "removed" else desk.start_over()
    assert (check.photo, check.result, check.data, desk.checks) == (None, None, b"", [])

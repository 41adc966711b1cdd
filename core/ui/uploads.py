"""What a photo input still holds once the photo is on the desk.

Streamlit keeps every uploaded file until its page is closed, also of inputs that are long gone: three
megabytes for every photo that somebody checks in one sitting.
"""

from __future__ import annotations

from collections.abc import Iterable

from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile


def forget(files: Iterable[UploadedFile]) -> None:
    """Drop files that were taken over. Their input must not be drawn again (give it another key)."""
    context = get_script_run_ctx()
    kept = context.uploaded_file_mgr if context else None
    if context is None or not isinstance(kept, MemoryUploadedFileManager):
        return
    for file in files:
        kept.remove_file(session_id=context.session_id, file_id=file.file_id)

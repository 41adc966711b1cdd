"""What a photo input still holds once the photo is on the desk.

Streamlit keeps every uploaded file until its page is closed, also of inputs that are long gone: three
megabytes for every photo that somebody checks in one sitting.
"""

from __future__ import annotations

from collections.abc import Iterable

from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile


def forget(files: Iterable[UploadedFile]) -> None:
    """Drop files that were taken over. Their input must not be drawn again (give it another key)."""
    context = get_script_run_ctx()
    if context is None:
        return
    for file in files:
        context.uploaded_file_mgr.remove_file(session_id=context.session_id, file_id=file.file_id)

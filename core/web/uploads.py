"""Uploads that begin while a page runs anew reach the server.

Before a browser sends a file it asks for an address. Streamlit 1.67 answers into the queue that a new
run of the page clears; when the two meet, the answer is gone, and that uploader stays mute until the page
is loaded anew, for every further file. On a busy machine one click just before a photo was enough.
"""

from __future__ import annotations

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import app_session
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

ANSWER = "file_urls_response"


class KeepingQueue(ForwardMsgQueue):
    """Streamlit's queue to one browser, which keeps the answers about uploads when a run clears it."""

    def clear(self, retain_lifecycle_msgs: bool = False, fragment_ids_this_run: list[str] | None = None) -> None:
        """As Streamlit's, except that a run that begins does not lose what an uploader waits for."""
        waiting: list[ForwardMsg] = [msg for msg in self._queue if msg.WhichOneof("type") == ANSWER]
        super().clear(retain_lifecycle_msgs, fragment_ids_this_run)
        if retain_lifecycle_msgs:
            self._queue.extend(msg for msg in waiting if not any(msg is kept for kept in self._queue))


def keep_upload_answers() -> None:
    """Give every session that begins from now on the keeping queue."""
    app_session.ForwardMsgQueue = KeepingQueue  # type: ignore[attr-defined]

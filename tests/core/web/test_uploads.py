"""The answer an uploader waits for outlives the beginning of a run."""

from __future__ import annotations

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import app_session
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

from core.web.uploads import KeepingQueue, keep_upload_answers


def answer(id: str = "a") -> ForwardMsg:
    msg = ForwardMsg()
    msg.file_urls_response.response_id = id
    return msg


def filled(queue: ForwardMsgQueue) -> ForwardMsgQueue:
    text = ForwardMsg()
    text.delta.new_element.markdown.body = "old page"
    text.metadata.delta_path[:] = [0, 0]
    end = ForwardMsg()
    end.script_finished = ForwardMsg.ScriptFinishedStatus.FINISHED_SUCCESSFULLY
    for msg in (text, answer(), end):
        queue.enqueue(msg)
    return queue


def kinds(queue: ForwardMsgQueue) -> list[str]:
    return sorted(str(msg.WhichOneof("type")) for msg in queue.flush())


def test_streamlit_still_needs_it():
    """The day this fails, Streamlit keeps the answer itself and core/web/uploads.py can go."""
    queue = filled(ForwardMsgQueue())
    queue.clear(retain_lifecycle_msgs=True)
    assert kinds(queue) == ["script_finished"]


@pytest.mark.parametrize("fragments", [None, ["one"]])
def test_a_run_that_begins_keeps_the_answer_once(fragments):
    queue = filled(KeepingQueue())
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=fragments)
    left = kinds(queue)
    assert left.count("file_urls_response") == 1 and "script_finished" in left


def test_what_was_sent_is_not_sent_again():
    queue = filled(KeepingQueue())
    assert len(queue.flush()) == 3
    assert len(queue) == 0


def test_new_sessions_get_it(monkeypatch):
    monkeypatch.setattr(app_session, "ForwardMsgQueue", ForwardMsgQueue)
    keep_upload_answers()
    assert app_session.ForwardMsgQueue is KeepingQueue

"""What is unread, said on Home, with the way to it."""

from __future__ import annotations

import streamlit as st

from core.people.policy import Actor
from core.records import conversations
from core.ui import menu, moments, parts, talking


def show(actor: Actor) -> None:
    """How many messages are unread, from whom, and the way there; nothing where there is nobody to write to."""
    known = conversations.talks(actor)
    if not known:
        return
    new = sum(one.unread for one in known)
    with st.container(border=True, key="messages_waiting"), parts.row(wrap=False):
        if new:
            names = list(dict.fromkeys(moments.plain(talking.name_of(actor, one)) for one in known if one.unread))
            who = parts.listed([*names[:3], *(["others"] if len(names) > 3 else [])])
            parts.titled(f"{new} new {'message' if new == 1 else 'messages'}", f"From {who}.", "mark_chat_unread")
        else:
            parts.titled("Messages", "Nothing new.", "forum")
        if st.button("Read" if new else "Open", type="primary" if new else "secondary", icon=":material/forum:", key="go_messages"):
            if new:
                st.session_state[talking.CHOSEN] = talking.pair_of(known[0])
            st.switch_page(menu.MESSAGES.path)

"""The last part of the Account page: download everything that is kept of you, or erase it."""

from __future__ import annotations

import streamlit as st

from core.people.policy import Actor
from core.records import export
from core.ui import parts, trouble
from core.ui.page import Here
from core.web import downloads

ARCHIVE = "_archive"


def show(here: Here) -> None:
    """The whole part, with its title."""
    st.subheader("Your data", anchor=False)
    with st.container(border=True), trouble.told():
        _download(here.actor)


def _download(actor: Actor) -> None:
    parts.titled(
        "Download everything", "One ZIP file: your photos with their outlines, every finding as a table, and your account.", "download"
    )
    ready: tuple[str, str, int] | None = st.session_state.get(ARCHIVE)
    if ready is not None and downloads.waiting(ready[0]):
        address, name, size = ready
        st.link_button(f"Save {name} ({in_words(size)})", address, type="primary", icon=":material/download:")
        parts.note("It is ready for 15 minutes. Whoever has the file can see your photos: keep it somewhere safe.")
    elif st.button("Make my archive", key="archive", icon=":material/folder_zip:"):
        with trouble.told():
            st.session_state[ARCHIVE] = _made(actor)
            st.rerun()


def _made(actor: Actor) -> tuple[str, str, int]:
    """The archive, ready to be fetched: its address, name and size in bytes."""
    bar = st.progress(0.0, "Putting your photos together")

    def told(done: int, of: int) -> None:
        bar.progress(done / of, f"Putting your photos together: {done + 1} of {of}")

    file, name = export.aside(), export.archive_name(actor)
    try:
        made = export.write_everything(actor, file, told)
    except BaseException:
        file.close()
        raise
    return downloads.offer(actor.account_id, file, name), name, made.size


def in_words(size: int) -> str:
    """A size in bytes as people read it: `340 kB`, `12 MB`, `1.4 GB`."""
    for unit, name in ((10**9, "GB"), (10**6, "MB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}" if size < 10 * unit else f"{size / unit:.0f} {name}"
    return f"{max(1, round(size / 1000))} kB"

"""The last part of the Account page: download everything that is kept of you, or erase it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import streamlit as st

from core.errors import CareLensError, InvalidInput
from core.people.persons import persons
from core.people.policy import Actor
from core.records import erase, export
from core.records.spots import list_spots
from core.settings import settings
from core.ui import memory, moments, parts, session, trouble
from core.ui.page import Here
from core.web import downloads

ARCHIVE = "_archive"
SPOT, PERSON, ACCOUNT = "A spot", "A person", "My whole account"


def show(here: Here) -> None:
    """The whole part, with its title."""
    st.subheader("Your data", anchor=False)
    with st.container(border=True), trouble.told():
        _download(here.actor)
    with st.container(border=True), trouble.told():
        _erase(here.actor)


def _download(actor: Actor) -> None:
    text = "One ZIP file: your photos with their outlines, every finding as a table, and your account."
    parts.titled("Download everything", text, "download")
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


def _erase(actor: Actor) -> None:
    parts.titled("Erase for good", "It is taken off this server at once and cannot be brought back by anyone.", "delete_forever")
    if settings().demo:
        parts.note("Everyone who looks around the demo shares this account, so it stays. You can delete single findings in the history.")
        return
    kinds = [SPOT, PERSON, ACCOUNT] if actor.person_ids else [ACCOUNT]
    chosen = st.segmented_control("What do you want to erase?", kinds, key="erase_what")
    draw: dict[str, Callable[[Actor], None]] = {SPOT: _spot, PERSON: _person, ACCOUNT: _account}
    if chosen in draw:
        draw[str(chosen)](actor)


def _spot(actor: Actor) -> None:
    people = {one.id: one.display_name for one in persons(actor)}
    spots = {spot.id: f"{spot.name}" + (f" ({people[id]})" if len(people) > 1 else "") for id in people for spot in list_spots(actor, id)}
    if not spots:
        parts.note("There is no spot yet. A single finding is deleted in your history.")
        return
    with st.form("erase_spot", border=False):
        chosen = st.selectbox("Which spot?", tuple(spots), format_func=spots.__getitem__, key="erase_spot_which")
        sure = st.checkbox("Erase it with all its photos and findings", key="erase_spot_sure")
        if st.form_submit_button("Erase this spot", icon=":material/delete:", key="erase_spot_go") and chosen is not None:
            trouble.attempt(lambda: _erase_spot(actor, chosen, sure), "The spot is erased, with its photos and findings.")


def _erase_spot(actor: Actor, spot_id: UUID, sure: bool) -> None:
    if not sure:
        raise InvalidInput("Nothing was erased.", "Tick the box first.")
    erase.erase_spot(actor, spot_id)
    memory.forget_saved(actor.account_id)


def _person(actor: Actor) -> None:
    others = {one.id: one.display_name for one in persons(actor) if one.relation != "self"}
    if not others:
        parts.note("There is nobody else in your account. To erase yourself, erase the whole account.")
        return
    with st.form("erase_person", border=False):
        chosen = st.selectbox("Whom?", tuple(others), format_func=others.__getitem__, key="erase_person_whom")
        typed = st.text_input("Type the name once more, to be sure", key="erase_person_typed", autocomplete="off", max_chars=100)
        parts.note("All their photos, spots and findings go. Somebody in the care of another account too stays there.")
        if st.form_submit_button("Erase this person", icon=":material/delete:", key="erase_person_go") and chosen is not None:
            gone = "They are erased, with all their photos and findings."
            trouble.attempt(lambda: _erase_person(actor, chosen, (typed or "").strip() == others[chosen]), gone)


def _erase_person(actor: Actor, person_id: UUID, sure: bool) -> None:
    if not sure:
        raise InvalidInput("This is not their name, so nothing was erased.", "Type it exactly as it stands above.")
    erase.erase_person(actor, person_id)
    memory.forget_person(actor.account_id, person_id)


def _account(actor: Actor) -> None:
    who = "everyone in it, " if actor.person_ids else ""
    st.markdown(f"This erases **{moments.plain(actor.email)}**, {who}all photos and findings, and signs you out everywhere.")
    parts.note(
        "Do you want to keep your photos? Make your archive above first. Backups that the clinic made may last until they are replaced."
    )
    with st.form("erase_account", border=False):
        typed = st.text_input("Type your e-mail address, to be sure", key="erase_typed", autocomplete="off", max_chars=254)
        password = st.text_input("Your password", type="password", key="erase_password", autocomplete="current-password", max_chars=200)
        if not st.form_submit_button("Erase my account", icon=":material/delete_forever:", key="erase_go"):
            return
    try:
        erase.erase_account(actor, password or "", typed or "")
    except CareLensError as error:
        trouble.refused(error)
        return
    memory.forget_account(actor.account_id)
    session.end("Your account is erased. Goodbye …")
    st.rerun()

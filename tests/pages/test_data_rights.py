"""Download everything, and erase, from the Account page; and nothing of it stays in the server's memory."""

from __future__ import annotations

import io
import json
import zipfile
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
import streamlit as st
from streamlit.runtime.caching import cache_data_api
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.state import SessionState
from streamlit.runtime.uploaded_file_manager import UploadedFileRec
from streamlit.testing.v1 import AppTest

from core.people import accounts, persons, sessions
from core.people.policy import Actor
from core.records.findings import count_records, save_finding
from core.records.spots import create_spot, list_spots
from core.ui import memory, session
from core.ui.checking import Check, Desk
from core.ui.data_rights import ARCHIVE, in_words
from core.ui.instrument_form import Form
from core.web import downloads
from tests.core.house import a_finding, a_photo, dump
from tests.pages.conftest import PASSWORD, text

ACCOUNT = "pages/Account.py"


@pytest.fixture
def ana(someone: Any) -> Actor:
    """A patient with a child, a spot and a finding of each."""
    made = someone()
    persons.add_person(made, "Little One")
    actor = accounts.check_password(made.email, PASSWORD)
    for number, person in enumerate(persons.persons(actor)):
        spot = create_spot(actor, person.id, "arm", f"Mole {number}")
        save_finding(actor, person.id, a_photo(number), a_finding(number), spot_id=spot.id)
    return actor


def counts(actor: Actor) -> list[int]:
    return [count_records(actor, id) for id in sorted(actor.person_ids, key=str)]


def choose(app: AppTest, what: str) -> AppTest:
    app.segmented_control(key="erase_what").set_value(what)
    return app.run()


def held() -> bytes:
    """Everything Streamlit keeps in its caches."""
    caches = [cache for one in cache_data_api._data_caches._function_caches.values() for cache in one.values()]
    return b"".join(value for cache in caches for value in cache.storage._mem_cache.values())  # type: ignore[attr-defined]


def offered(app: AppTest) -> zipfile.ZipFile:
    address = app.session_state[ARCHIVE][0]
    file = downloads._offers[address.removeprefix(downloads.PATH)].file
    file.seek(0)
    return zipfile.ZipFile(io.BytesIO(file.read()))


def test_everything_is_offered(open_page: Any, ana: Actor) -> None:
    app = open_page(ACCOUNT, ana)
    app = app.button(key="archive").click().run()
    assert not app.exception
    (link,) = app.get("link_button")
    address, name, size = app.session_state[ARCHIVE]
    assert link.proto.url == address and name in link.proto.label and in_words(size) in link.proto.label
    assert {one["display_name"] for one in json.loads(offered(app).read("everything.json"))["person"]} >= {"Little One"}
    downloads.forget(ana.account_id)
    assert not app.run().get("link_button")


def test_a_doctor_can_take_theirs_too(open_page: Any, someone: Any) -> None:
    app = open_page(ACCOUNT, someone("doctor"))
    app = app.button(key="archive").click().run()
    assert json.loads(offered(app).read("everything.json"))["record"] == []
    assert app.segmented_control(key="erase_what").options == ["My whole account"]


def test_a_spot(open_page: Any, ana: Actor) -> None:
    app = choose(open_page(ACCOUNT, ana), "A spot")
    app = app.button(key="erase_spot_go").click().run()
    assert "Tick the box" in text(app) and counts(ana) == [1, 1]
    app.checkbox(key="erase_spot_sure").check()
    app = app.button(key="erase_spot_go").click().run()
    assert app.success and sorted(counts(ana)) == [0, 1]
    assert sum(len(list_spots(ana, id)) for id in ana.person_ids) == 1


def test_a_person(open_page: Any, ana: Actor) -> None:
    app = choose(open_page(ACCOUNT, ana), "A person")
    assert app.selectbox(key="erase_person_whom").options == ["Little One"]
    for typed, gone in (("little", False), ("", False), ("Little One", True)):
        app.text_input(key="erase_person_typed").set_value(typed)
        app = app.button(key="erase_person_go").click().run()
        assert bool(app.success) == gone and ("Little One" not in dump()) == gone
    assert sorted(count_records(ana, one.id) for one in persons.persons(ana)) == [1]


def test_the_whole_account(open_page: Any, ana: Actor, someone: Any) -> None:
    other, elsewhere = someone(), sessions.redeem_ticket(sessions.issue_ticket(ana))
    app = choose(open_page(ACCOUNT, ana), "My whole account")
    for typed, password in ((ana.email, "wrong"), ("somebody@example.org", PASSWORD), ("", "")):
        app.text_input(key="erase_typed").set_value(typed)
        app.text_input(key="erase_password").set_value(password)
        app = app.button(key="erase_go").click().run()
        assert app.warning and ana.email in dump()
    app.text_input(key="erase_typed").set_value(ana.email)
    app.text_input(key="erase_password").set_value(PASSWORD)
    app = app.button(key="erase_go").click().run()
    assert not app.exception
    kept = dump()
    assert ana.email not in kept and str(ana.account_id) not in kept and ana.account_id.hex not in kept and "Little One" not in kept
    assert sessions.actor_of(elsewhere) is None and other.email in kept
    assert app.title[0].value == "Please sign in"


def test_the_demo_is_everyones(open_page: Any, ana: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.settings import settings

    monkeypatch.setenv("CARELENS_DEMO", "1")
    settings.cache_clear()
    app = open_page(ACCOUNT, ana)
    assert not app.exception and "shares this account" in text(app)
    assert "erase_what" not in app.session_state


@pytest.mark.parametrize("what", ["A spot", "A person", "My whole account"])
def test_nothing_stays_in_memory(open_page: Any, ana: Actor, what: str) -> None:
    """Pictures in the caches, photos on desks, an archive that waits, in the tab that erases."""
    st.cache_data.clear()
    little = next(one.id for one in persons.persons(ana) if one.relation != "self")
    history = open_page("pages/History.py", ana)
    assert not history.exception and len(held()) > 1000, "the history keeps small photos"
    app = choose(open_page(ACCOUNT, ana), what)
    desk = Desk(little, checks=[Check("a", "photo.jpg", b"the very photo", record_id=UUID(int=1))])
    app.session_state["skin_desk"], app.session_state["skin_desks"] = desk, {little: desk}
    app = app.button(key="archive").click().run()
    assert downloads.waiting(app.session_state[ARCHIVE][0])
    address = app.session_state[ARCHIVE][0]
    if what == "A spot":
        app.checkbox(key="erase_spot_sure").check()
        go = "erase_spot_go"
    elif what == "A person":
        app.text_input(key="erase_person_typed").set_value("Little One")
        go = "erase_person_go"
    else:
        app.text_input(key="erase_typed").set_value(ana.email)
        app.text_input(key="erase_password").set_value(PASSWORD)
        go = "erase_go"
    app = app.button(key=go).click().run()
    assert not app.exception and held() == b"" and not downloads.waiting(address)
    assert not desk.checks or "skin_desk" not in app.session_state


def test_sizes_in_words() -> None:
    sizes = (10, 340_000, 1_240_000, 12_400_000, 1_400_000_000)
    assert [in_words(size) for size in sizes] == ["1 kB", "340 kB", "1.2 MB", "12 MB", "1.4 GB"]


def test_the_other_tabs_of_the_account_forget_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit's own session states and upload store, three tabs of two accounts; only the list of tabs is put together here."""
    ana, eve, record = uuid4(), uuid4(), uuid4()
    uploads, tabs = MemoryUploadedFileManager("/upload"), {}
    for name, account in (("one", ana), ("two", ana), ("three", eve)):
        tabs[name] = SessionState()
        desk = Desk(account, checks=[Check("a", "a.jpg", b"photo", record_id=record), Check("b", "b.jpg", b"another")])
        forms = {(ana, "poem"): Form(ana, "poem", answers={"itch": 4}), (eve, "poem"): Form(eve, "poem", answers={"itch": 2})}
        eczema = Desk(account, examination="eczema", checks=[Check("c", "c.jpg", b"a third")])
        desks = {"skin_desk": desk, "skin_desks": {account: desk}, "eczema_desks": {account: eczema}}
        for key, value in {session.WHO: account, "forms": forms, **desks}.items():
            tabs[name][key] = value
        uploads.add_file(name, UploadedFileRec(file_id="f", name="a.jpg", type="image/jpeg", data=b"the photo"))
    infos = [SimpleNamespace(session=SimpleNamespace(id=name, session_state=state)) for name, state in tabs.items()]
    running = SimpleNamespace(_session_mgr=SimpleNamespace(list_sessions=lambda: infos), uploaded_file_mgr=uploads)
    monkeypatch.setattr(memory, "Runtime", SimpleNamespace(exists=lambda: True, instance=lambda: running))

    def on_desks() -> list[list[str]]:
        return [[check.id for check in state["skin_desk"].checks] if "skin_desk" in state else [] for state in tabs.values()]

    memory.forget_saved(ana, {uuid4()})
    assert on_desks() == [["a", "b"]] * 3 and set(uploads.file_storage) == {"three"}
    memory.forget_saved(ana, {record})
    assert on_desks() == [["b"], ["b"], ["a", "b"]]
    memory.forget_person(ana, ana)
    assert on_desks() == [[], [], ["a", "b"]]
    assert [len(state["eczema_desks"][who].checks) for state, who in zip(tabs.values(), (ana, ana, eve), strict=True)] == [0, 0, 1]
    assert [list(state["forms"]) for state in tabs.values()] == [[(eve, "poem")]] * 2 + [[(ana, "poem"), (eve, "poem")]]
    memory.forget_account(ana)
    assert [list(state) for state in tabs.values()][:2] == [[], []] and set(tabs["three"]) >= {session.WHO, "skin_desk"}

"""The Messages page under AppTest: who may, what each side sees, and what Home says of it."""

from __future__ import annotations

import json

import pytest

from core.people import consent
from core.people.policy import ROLES
from core.people.sessions import actor_of, issue_ticket, redeem_ticket
from core.records.conversations import begin, count_unread
from core.records.findings import save_finding
from core.records.in_words import plainly, words_of
from core.records.messages import marks, send_message
from tests.core.house import a_finding, a_photo, own
from tests.pages.conftest import links, talk_of, text, writes

PATH = "pages/Messages.py"


def now(who):
    return actor_of(redeem_ticket(issue_ticket(who)))


def said(app):
    told = talk_of(app)
    return text(app) + "\n".join(json.dumps(line) for line in (told["lines"] if told else []))


@pytest.mark.parametrize("role", [role for role in ROLES if role not in ("patient", "doctor")])
def test_it_is_for_patients_and_doctors(open_page, someone, role):
    app = open_page(PATH, someone(role))
    assert "This page is not for your account." in text(app) and not writes(app) and "Messages" not in links(app)


def test_with_nobody_to_write_to_it_says_what_to_do(open_page, someone):
    for role, words in (("patient", "Let a doctor in on your Account page"), ("doctor", "Patients choose on their Account page")):
        app = open_page(PATH, someone(role))
        assert words in text(app) and not writes(app) and not app.exception and "Messages" in links(app)
        assert "new message" not in text(open_page("Home.py", someone(role)))


def test_each_sees_what_was_written_and_what_was_seen(open_page, ana, lena):
    app = open_page(PATH, ana)
    assert talk_of(app)["lines"] == [] and talk_of(app)["route"] is None and writes(app)
    talk, before = begin(ana, own(ana), lena.account_id), talk_of(app)["id"]
    send_message(ana, talk, "It *itches* <b>a lot</b>\nhttps://example.org")
    app.run()
    assert not app.exception and talk_of(app)["route"] == f"/talk/{talk}"
    assert talk_of(app)["id"] == before, "what waits in the element for the conversation to begin is not forgotten"
    (line,) = talk_of(app)["lines"]
    assert (line["text"], line["who"], line["ours"], line["number"]) == ("It *itches* <b>a lot</b>\nhttps://example.org", "You", True, 1)
    assert "itches" not in "".join(one.proto.body for one in app.get("html")) + text(app), "it goes to the element alone, as text"
    doctor = now(lena)
    home = open_page("Home.py", lena)
    assert "1 new message" in text(home) and "From Some Patient." in text(home)
    home.button(key="go_messages").click().run()
    app = open_page(PATH, lena)
    assert "itches" in said(app) and count_unread(doctor) == 0 and marks(ana, talk).theirs == 1
    assert talk_of(app)["lines"][0]["who"] == "Some Patient"
    send_message(doctor, talk, "Since when?")
    app = open_page(PATH, ana)
    assert "Since when?" in said(app) and talk_of(app)["seen"] == 1
    send_message(ana, talk, "Since May")
    open_page(PATH, lena)
    assert talk_of(open_page(PATH, ana))["seen"] == 3


def test_a_finding_is_pointed_to(open_page, ana, lena):
    record = save_finding(ana, own(ana), a_photo(), a_finding(), site="left arm")
    app = open_page(PATH, ana)
    app.session_state["talk_findings"] = True
    app.run()
    app.selectbox(key="talk_finding").set_value(record.id)
    app.button(key="talk_point").click().run()
    assert not app.exception
    (line,) = talk_of(app)["lines"]
    assert line["quote"]["id"] == str(record.id) and line["text"] == ""


def test_a_finding_is_shown_with_its_own_words_and_a_photo_by_its_address(open_page, ana, lena):
    record = save_finding(ana, own(ana), a_photo(), a_finding(), site="left arm")
    talk = begin(ana, own(ana), lena.account_id)
    sent = send_message(ana, talk, "", photo=a_photo(1), record_id=record.id)
    app = open_page(PATH, lena)
    assert not app.exception and "Left arm" in said(app)
    (line,) = talk_of(app)["lines"]
    assert (line["id"], line["photo"], line["quote"]["id"], line["quote"]["site"]) == (str(sent.id), True, str(record.id), "Left arm")
    assert line["quote"]["says"] == plainly(words_of(record)) == "It looks most like a common mole." and "trouble" not in line["quote"]
    assert [one.what for one in consent.openings(ana, own(ana))] == ["finding"]


def test_what_one_may_not_read_is_not_quoted(open_page, ana, lena):
    record = save_finding(ana, own(ana), a_photo(), a_finding(), site="left arm")
    send_message(ana, begin(ana, own(ana), lena.account_id), "Look", record_id=record.id)
    consent.take_back(ana, own(ana), lena.account_id)
    consent.let_in(ana, own(ana), lena.account_id, kinds={"diary"})
    (line,) = talk_of(open_page(PATH, lena))["lines"]
    assert line["text"] == "Look" and set(line["quote"]) == {"trouble"} and "arm" not in json.dumps(line)


def test_shut_out_while_the_page_is_open_the_next_look_shows_nothing(open_page, ana, lena):
    talk = begin(ana, own(ana), lena.account_id)
    send_message(ana, talk, "A secret")
    app = open_page(PATH, lena)
    assert "A secret" in said(app)
    consent.take_back(ana, own(ana), lena.account_id)
    app.run()
    assert "A secret" not in said(app) and talk_of(app) is None and not writes(app) and "Nobody to write to yet" in text(app)
    app = open_page(PATH, ana)
    assert "A secret" in said(app) and not writes(app) and "not let in any more" in text(app)


def test_a_doctor_with_several_patients_opens_nobody_unasked(open_page, ana, lena, someone):
    ben = someone("patient")
    consent.let_in(ben, own(ben), lena.account_id)
    send_message(ana, begin(ana, own(ana), lena.account_id), "From Ana")
    app = open_page(PATH, lena)
    assert app.selectbox[0].value is None and not writes(app) and count_unread(now(lena)) == 1
    assert app.selectbox[0].options == ["Some Patient (1 new)", "Some Patient"]
    app.selectbox[0].set_value((own(ana), lena.account_id)).run()
    assert "From Ana" in said(app) and count_unread(now(lena)) == 0

"""Messages: in one order for both sides and complete, whoever writes when; to the two of them and to nobody else."""

from __future__ import annotations

import io
import threading
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image

from core.consult.rooms import admit
from core.errors import InvalidInput, NotAllowed, NotFound, PhotoRejected
from core.people import managing
from core.photo import read_photo
from core.records.check import check
from core.records.conversations import begin, count_unread, talk_of, talk_with, talks, unread_by_person
from core.records.erase import erase_account_by_id
from core.records.findings import delete_record, save_finding
from core.records.message_tables import LONGEST
from core.records.messages import list_messages, mark_read, marks, message_photo, send_message
from core.records.photos import store
from tests.core.clinic_people import SignedIn, two
from tests.core.house import a_finding, a_photo, ask, blobs, dump, embedded, own, somebody
from tests.core.records.test_export import archive, everything
from tests.core.together import together


def test_both_read_what_both_wrote_in_one_order(house: Path) -> None:
    ana, lena = two()
    (talk,) = talks(ana.actor)
    assert (talk.doctor, talk.person, talk.open, talk.id, talk.last) == ("Lena", "Ana 0", True, None, None)
    id = begin(ana.actor, own(ana.actor), lena.id)
    assert begin(lena.actor, own(ana.actor), lena.id) == id
    wrote = [("Ana", " It itches.\nAt night. "), ("Lena", "Since when?"), ("Lena", "A photo, please."), ("Ana", "<b>Since</b> *May* 🌙")]
    for who, text in wrote:
        send_message((ana if who == "Ana" else lena).actor, id, text)
    for who in (ana, lena):
        found = list_messages(who.actor, id)
        assert [(one.number, one.side, one.text) for one in found] == [
            (at, "doctor" if who == "Lena" else "patient", text.strip()) for at, (who, text) in enumerate(wrote, 1)
        ]
        assert list_messages(who.actor, id, after=2) == found[2:] and list_messages(who.actor, id, limit=1) == found[3:]
    assert [one.id for one in talks(lena.actor)] == [id] and talks(lena.actor)[0].last == found[-1]


def test_nobody_writes_to_a_doctor_who_is_switched_off(house: Path) -> None:
    ana, lena = two()
    nina = somebody("Nina", "admin", persons=0)
    id = begin(ana.actor, own(ana.actor), lena.id)
    send_message(ana.actor, id, "It itches.")
    managing.switch_off(nina, lena.id)
    with pytest.raises(NotAllowed, match="not here now, so nothing was sent"):
        send_message(ana.actor, id, "It bleeds.")
    with pytest.raises(NotFound):
        admit(ana.actor, id)
    for talk in (*talks(ana.actor), talk_of(ana.actor, id), talk_with(ana.actor, own(ana.actor), lena.id)):
        assert talk is not None and not talk.open
    assert [one.text for one in list_messages(ana.actor, id)] == ["It itches."], "what was written stays to be read"
    managing.switch_on(nina, lena.id)
    assert talks(ana.actor)[0].open and send_message(ana.actor, id, "It bleeds.").number == 2


def test_nothing_is_lost_or_out_of_order_when_many_write_and_somebody_reads_on(house: Path) -> None:
    """Each of eight writers sends its own in order; who reads from where they stopped sees each number once, in order, without a gap."""
    ana, lena = two()
    id = begin(ana.actor, own(ana.actor), lena.id)
    actors = [ana.actor, lena.actor] * 4
    over, seen = threading.Event(), list[int]()

    def read_on() -> None:
        last = False
        while not last:
            last = over.is_set()
            seen.extend(one.number for one in list_messages(lena.actor, id, after=seen[-1] if seen else 0))

    reader = threading.Thread(target=read_on)
    reader.start()
    together(8, lambda writer: [send_message(actors[writer], id, f"{writer}:{at}") for at in range(6)])
    over.set()
    reader.join(60)
    found = list_messages(ana.actor, id)
    assert [one.number for one in found] == seen == list(range(1, 49))
    for writer in range(8):
        assert [one.text for one in found if one.text.startswith(f"{writer}:")] == [f"{writer}:{at}" for at in range(6)]
    assert count_unread(ana.actor) == count_unread(lena.actor) == 24


def test_sent_twice_with_one_token_it_is_one_also_in_the_same_moment(house: Path) -> None:
    ana, lena = two()
    id, token, actor = begin(ana.actor, own(ana.actor), lena.id), uuid4(), ana.actor
    found = together(4, lambda _: send_message(actor, id, "Once", photo=a_photo(), token=token))
    assert len({one.id for one in found}) == 1 == len(list_messages(lena.actor, id)) and blobs() == 2
    assert send_message(actor, id, "Once", token=token) == found[0]
    ids = together(4, lambda at: begin((ana if at % 2 else lena).actor, own(actor), lena.id))
    assert set(ids) == {id}


def test_unread_and_read_marks_are_of_each_account_and_only_go_on(house: Path) -> None:
    ana, lena = two()
    id = begin(ana.actor, own(ana.actor), lena.id)
    for text in ("one", "two", "three"):
        send_message(ana.actor, id, text)
    assert (count_unread(lena.actor), count_unread(ana.actor), unread_by_person(lena.actor)) == (3, 0, {own(ana.actor): 3})
    assert marks(ana.actor, id).theirs == 0 and marks(ana.actor, id).seen_at is None
    assert mark_read(lena.actor, id, 2) and not mark_read(lena.actor, id, 2) and not mark_read(lena.actor, id, 1)
    assert (count_unread(lena.actor), marks(ana.actor, id).theirs, marks(lena.actor, id).mine) == (1, 2, 2)
    assert mark_read(lena.actor, id, 99) and marks(ana.actor, id).theirs == 3, "not what is not written yet"
    send_message(ana.actor, id, "four")
    send_message(lena.actor, id, "five")
    assert (count_unread(lena.actor), count_unread(ana.actor)) == (1, 1), "an answer is no sign of having read"
    assert talks(ana.actor)[0].unread == 1 and count_unread(ana.actor, own(ana.actor)) == 1
    eve = SignedIn("Eve")
    assert count_unread(eve.actor) == 0 == count_unread(SignedIn("Ada", "admin").actor) and talks(eve.actor) == []


def test_nobody_else_reads_or_writes_and_it_is_taken_back_at_once(house: Path) -> None:
    ana, lena = two()
    eve, omar, ada = SignedIn("Eve"), SignedIn("Omar", "doctor"), SignedIn("Ada", "admin")
    ana.let_in(omar)
    id = begin(ana.actor, own(ana.actor), lena.id)
    sent = send_message(ana.actor, id, "For Lena", photo=a_photo())
    for stranger in (eve, omar, ada, SignedIn("Sam", "staff")):
        who = stranger.actor
        for refused in (list_messages, marks, partial(send_message, text="Hi"), partial(mark_read, number=1)):
            with pytest.raises(NotFound):
                refused(who, id)
        with pytest.raises(NotFound):
            message_photo(who, sent.id)
        with pytest.raises(NotAllowed):
            begin(who, own(ana.actor), lena.id)
    assert [one.doctor for one in talks(ana.actor)] == ["Lena", "Omar"] and talks(omar.actor)[0].id is None
    before = lena.actor
    ana.shut_out(lena)
    with pytest.raises(NotAllowed):  # also by a page that was opened before
        send_message(before, id, "Still here?")
    for refused in (list_messages, marks, partial(send_message, text="Hi")):
        with pytest.raises(NotFound):
            refused(lena.actor, id)
    assert talks(lena.actor) == [] and count_unread(lena.actor) == 0
    with pytest.raises(NotAllowed):
        send_message(ana.actor, id, "Nobody would read it")
    assert [one.text for one in list_messages(ana.actor, id)] == ["For Lena"]
    assert [one.open for one in talks(ana.actor)] == [False, True]


def test_a_photo_takes_the_way_of_every_photo(house: Path) -> None:
    ana, lena = two()
    id = begin(ana.actor, own(ana.actor), lena.id)
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    file = io.BytesIO()
    Image.effect_noise((900, 700), 50).convert("RGB").save(file, "JPEG", exif=exif)
    assert b"taken at home" in file.getvalue()
    photo = read_photo(file.getvalue())
    sent = send_message(ana.actor, id, photo=photo)
    assert (sent.has_photo, sent.width, sent.height, sent.text) == (True, 900, 700, "")
    data, kind = message_photo(lena.actor, sent.id)
    assert (data, kind) == (photo.original, "image/jpeg") and b"taken at home" not in data
    assert max(Image.open(io.BytesIO(message_photo(lena.actor, sent.id, small=True)[0])).size) == 480
    with pytest.raises(PhotoRejected):
        read_photo(b"GIF89a and so on")


def test_a_finding_is_pointed_to_by_those_who_may_read_it(house: Path) -> None:
    ana, lena = two()
    eve = SignedIn("Eve")
    id = begin(ana.actor, own(ana.actor), lena.id)
    record, hers = (save_finding(who.actor, own(who.actor), a_photo(), a_finding()) for who in (ana, eve))
    assert send_message(lena.actor, id, "This one", record_id=record.id).record_id == record.id
    for who in (ana, lena):
        with pytest.raises(NotFound):
            send_message(who.actor, id, "That one", record_id=hers.id)
    eve.let_in(lena)
    with pytest.raises(NotFound):  # of another patient of the same doctor
        send_message(lena.actor, id, "That one", record_id=hers.id)
    delete_record(ana.actor, record.id)
    assert [(one.text, one.record_id) for one in list_messages(ana.actor, id)] == [("This one", None)]


@embedded
def test_what_cannot_be_sent_is_not(house: Path) -> None:
    ana, lena = two()
    id = begin(ana.actor, own(ana.actor), lena.id)
    for text in ("", " \n ", "x" * (LONGEST + 1), "a\0b"):
        with pytest.raises(InvalidInput):
            send_message(ana.actor, id, text)
    assert send_message(ana.actor, id, "ä" * LONGEST).text == "ä" * LONGEST
    for refused in (list_messages, marks):
        with pytest.raises(NotFound):
            refused(ana.actor, uuid4())


def test_a_photo_of_a_message_that_was_not_saved_is_not_kept(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ana, lena = two()
    id, actor = begin(ana.actor, own(ana.actor), lena.id), ana.actor
    monkeypatch.setattr("core.records.messages._last_number", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        send_message(actor, id, "x", photo=a_photo())
    assert blobs() == 0 and list_messages(actor, id) == []


def test_it_goes_with_the_person_and_stays_when_the_doctor_leaves(house: Path) -> None:
    ana, lena = two()
    id = begin(ana.actor, own(ana.actor), lena.id)
    send_message(ana.actor, id, "Mine", photo=a_photo())
    sent = send_message(lena.actor, id, "Yours", photo=a_photo(1))
    mark_read(lena.actor, id, 2)
    zipped = archive(ana.actor)
    told = everything(zipped)
    assert [one["doctor"] for one in told["conversation"]] == ["Lena"]
    assert [(one["number"], one["side"], one["text"]) for one in told["message"]] == [(1, "patient", "Mine"), (2, "doctor", "Yours")]
    assert zipped.read(told["message"][1]["files"]["photo"]) == message_photo(ana.actor, sent.id)[0]
    assert everything(archive(lena.actor))["message"] == [], "what a doctor wrote is the patient's"
    report = check(older_than_seconds=0)
    assert report.sound and report.pictures == 0
    store().delete(ask("SELECT photo_key FROM message WHERE number = 2")[0][0])
    assert [one.what for one in check(older_than_seconds=0).missing] == ["photo"]
    erase_account_by_id(lena.id)
    assert not [word for word in ("Lena", str(lena.id), lena.id.hex) if word in dump()]
    assert [(one.doctor, one.doctor_id, one.open) for one in talks(ana.actor)] == [("", None, False)]
    assert len(list_messages(ana.actor, id)) == 2
    with pytest.raises(NotAllowed):
        send_message(ana.actor, id, "Hello?")
    erase_account_by_id(ana.id)
    assert blobs() == 0 and [ask(f"SELECT count(*) FROM {name}") for name in ("conversation", "message", "read_mark")] == [[(0,)]] * 3

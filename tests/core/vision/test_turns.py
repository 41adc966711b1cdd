"""Who is examined next, with threads that really wait."""

from __future__ import annotations

import threading
import time

import pytest

from core.vision import turns
from core.vision.turns import Turns


def until(what: object, seconds: float = 5.0) -> None:
    """Wait until `what()` holds."""
    end = time.monotonic() + seconds
    while not what():  # type: ignore[operator]
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.002)


def test_never_more_than_there_are_places_and_all_are_served() -> None:
    line, lock = Turns(3), threading.Lock()
    now, most, served = 0, 0, 0

    def one() -> None:
        nonlocal now, most, served
        with line.turn():
            with lock:
                now += 1
                most = max(most, now)
            time.sleep(0.005)
            with lock:
                now -= 1
                served += 1

    threads = [threading.Thread(target=one) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert (most, served, line.waiting, line._busy) == (3, 40, 0, 0)


def test_first_come_first_served_and_everybody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "EVERY", 0.02)
    line, order = Turns(1), []
    told: dict[int, list[int]] = {n: [] for n in range(5)}

    def one(n: int) -> None:
        with line.turn(told[n].append):
            order.append(n)
            time.sleep(0.06)

    threads = []
    with line.turn():
        for n in range(5):
            threads.append(threading.Thread(target=one, args=(n,)))
            threads[-1].start()
            until(lambda n=n: line.waiting == n + 1 and told[n])
    for thread in threads:
        thread.join(10)
    assert order == [0, 1, 2, 3, 4]
    for n, heard in told.items():
        assert heard[0] == n + 1, "those in line and the one at work"
        assert heard == sorted(heard, reverse=True) and heard[-1] == 0


def test_who_is_served_at_once_hears_nothing() -> None:
    told: list[int] = []
    with Turns(1).turn(told.append):
        pass
    assert told == []


def test_who_leaves_the_line_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "EVERY", 0.01)
    line, gone, served = Turns(1), threading.Event(), threading.Event()

    class Closed(BaseException):
        """As Streamlit ends a run: no Exception."""

    def leave() -> None:
        def tell(before: int) -> None:
            raise Closed

        with pytest.raises(Closed), line.turn(tell):
            raise AssertionError("it was never its turn")
        gone.set()

    def stay() -> None:
        with line.turn():
            served.set()

    with line.turn():
        threading.Thread(target=leave).start()
        assert gone.wait(5)
        threading.Thread(target=stay).start()
        until(lambda: line.waiting == 1)
    assert served.wait(5)


def test_an_error_inside_gives_the_place_back() -> None:
    line = Turns(1)
    for _ in range(3):
        with pytest.raises(ValueError), line.turn():
            raise ValueError
    with line.turn():
        assert line._busy == 1

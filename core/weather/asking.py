"""One question to a weather service by HTTP: patient with what passes, bounded in time and size, and silent about places.

Only GET, no redirects: a service that sends us elsewhere would send the place there too. What was asked never comes into a log or an
error, also not by way of the libraries.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

import requests
from pydantic import BaseModel, ValidationError

from core.errors import Unavailable

log = logging.getLogger("carelens.weather")

CONNECT, READ = 3.0, 10.0
"""Seconds until a service must have answered the call, and between two parts of what it sends."""
TRIES = 3
PAUSE, LONGEST_PAUSE = 0.5, 8.0
"""Seconds before the second try, doubled for the next and spread by chance; how long a service may ask us to wait."""
TOTAL = 45.0
"""Seconds after which no other try is begun, and an answer that still drips in is left."""
REST, LONGEST_REST = 60.0, 3600.0
"""Seconds for which a service is left alone that was away, busy or broken to the last try, so that no page waits for it time and again;
how long it may ask for more."""
MOST_BYTES = 16 << 20
"""Largest answer. Five years of the air by the hour are 3 MB."""
_PART = 1 << 16
_PASSING = {408, 425, 429, 500, 502, 503, 504}

HINT = "Everything else works. Try again later, or load a CSV file of the weather."
AWAY = "The weather service cannot be reached now."
BUSY = "The weather service is asked too often now."
BROKEN = "The weather service does not work now."
UNCLEAR = "The weather service gave an answer that cannot be used."
OFF = "The weather service is not asked in this house."

_resting: dict[str, tuple[float, str]] = {}
"""Address of a service to the end of its rest (`time.monotonic`) and why."""
_asking: ContextVar[bool] = ContextVar("asking", default=False)
Answer = TypeVar("Answer", bound=BaseModel)


class _Silent(logging.Filter):
    """Keeps back what urllib3 says while a service is asked: its lines have the address with the place in it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """False in a thread that is asking just now."""
        return not _asking.get()


for _name in ("urllib3.connectionpool", "urllib3.connection", "urllib3.util.retry"):
    logging.getLogger(_name).addFilter(_Silent())


class _Passing(Exception):
    """Worth another try. `reason`: what people are told if it does not pass; `wait`: seconds the service asks for, where it does."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.reason, self.wait = reason, wait


def ask(base: str, path: str, parameters: Mapping[str, str], answer: type[Answer]) -> Answer:
    """The service's answer, checked. `base`: its address in the settings; empty: it is not asked.

    Tries again, TRIES times at most, when the service is away, busy or broken, or its answer ends in the middle; then leaves it alone for
    a while. Raises Unavailable with a sentence for people: AWAY, BUSY, BROKEN, UNCLEAR (nothing we understand, too large, or elsewhere)
    or OFF.
    """
    if not base:
        raise Unavailable(OFF, "Load a CSV file of the weather instead.")
    end, why = _resting.get(base, (0.0, ""))
    if time.monotonic() < end:
        raise Unavailable(why, HINT)
    until = time.monotonic() + TOTAL
    token = _asking.set(True)
    try:
        for left in reversed(range(TRIES)):
            try:
                return _once(f"{base}{path}", parameters, answer, until)
            except _Passing as trouble:
                # By chance only to spread the tries out: no secret comes of it.
                pause = min(PAUSE * 2 ** (TRIES - 1 - left), LONGEST_PAUSE) * random.uniform(0.5, 1.5)  # nosec B311
                pause = max(pause, trouble.wait or 0.0)
                if not left or (trouble.wait or 0.0) > LONGEST_PAUSE or time.monotonic() + pause >= until:
                    if trouble.reason != UNCLEAR:
                        _resting[base] = time.monotonic() + max(REST, min(trouble.wait or 0.0, LONGEST_REST)), trouble.reason
                    raise no_answer(trouble.reason) from None
                time.sleep(pause)
        raise AssertionError("the last try returns or raises")
    finally:
        _asking.reset(token)


def no_answer(reason: str) -> Unavailable:
    """What is raised when a service gives nothing of use; the log has the reason and nothing else."""
    log.warning("no answer of a weather service: %s", reason)
    return Unavailable(reason, HINT)


def _once(url: str, parameters: Mapping[str, str], answer: type[Answer], until: float) -> Answer:
    try:
        with requests.get(
            url,
            params=dict(parameters),
            timeout=(CONNECT, READ),
            stream=True,
            allow_redirects=False,
            headers={"Accept": "application/json", "User-Agent": "CareLens"},
        ) as got:
            if got.status_code in _PASSING:
                raise _Passing(BUSY if got.status_code == 429 else BROKEN, _wait(got.headers.get("Retry-After")))
            if got.status_code != 200:
                log.warning("a weather service answers with status %d", got.status_code)
                raise no_answer(UNCLEAR)
            data = _whole(got, until)
    # Without the cause: its words have the address with the place in it.
    except (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError):
        raise _Passing(UNCLEAR) from None
    except (requests.RequestException, OSError):
        raise _Passing(AWAY) from None
    try:
        return answer.model_validate_json(data)
    except ValidationError as error:
        if any(one["type"] == "json_invalid" for one in error.errors(include_input=False, include_url=False)):
            raise _Passing(UNCLEAR) from None  # it may have been cut
        raise no_answer(UNCLEAR) from None


def _whole(got: requests.Response, until: float) -> bytes:
    data = bytearray()
    for part in got.iter_content(_PART):
        data += part
        if len(data) > MOST_BYTES:
            raise no_answer(UNCLEAR)
        if time.monotonic() >= until:
            raise no_answer(AWAY)
    return bytes(data)


def _wait(said: str | None) -> float | None:
    """Seconds of a Retry-After (RFC 9110, 10.2.3): a number of them, or a date; None for none or what is neither."""
    if said is None:
        return None
    if said.strip().isascii() and said.strip().isdigit():
        return float(said)
    try:
        moment = parsedate_to_datetime(said)
    except (TypeError, ValueError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())

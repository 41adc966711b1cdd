"""Who comes in: a token of its own, `Authorization: Bearer`, before a byte of the body is read. Cookies open nothing here.

So no page of another site can do anything with a browser that is signed in, and a photo of nobody's is not even received.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from core.errors import CareLensError, PhotoRejected
from core.people import throttle, tokens
from core.people.policy import Scope
from core.people.tokens import Caller
from core.web.api.problems import of_error, problem
from core.web.bodies import FORM, Bounded, is_form, says_too_large, too_large
from core.web.session import address_of

REALM = 'Bearer realm="CareLens"'
MOST_FIELDS, LONGEST_FIELD = 40, 4096
_BEARER = re.compile(r"bearer +([!-~]+)", re.IGNORECASE)

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def caller_of(request: Request) -> Caller:
    """Who asks; known once the door let them in."""
    caller = request.state.caller
    assert isinstance(caller, Caller)
    return caller


def refusal(scope: Scope, caller: Caller) -> Response | None:
    """The refusal where the token is not for this."""
    if scope in caller.scopes:
        return None
    told = f"This token is not for that: it needs the scope {scope}."
    challenge = f'{REALM}, error="insufficient_scope", scope="{scope}"'
    return problem("not-allowed", told, "Make another token on the Account page.", headers={"WWW-Authenticate": challenge})


class Guarded(APIRoute):
    """A route behind the door. `needs`, in its `openapi_extra`: the scope a token must have; None: any token will do."""

    def get_route_handler(self) -> Handler:
        """The handler, with the door before it."""
        inner, needs = super().get_route_handler(), (self.openapi_extra or {}).get("x-scope")
        takes_form = self.body_field is not None

        async def handler(request: Request) -> Response:
            caller = await run_in_threadpool(_let_in, request)
            if isinstance(caller, Response):
                return caller
            if needs is not None and (refused := refusal(needs, caller)):
                return refused
            if takes_form and (refused := _no_form(request)):
                return refused
            request.state.caller = caller
            return await inner(Bounded(request, MOST_FIELDS, LONGEST_FIELD))

        return handler


def _let_in(request: Request) -> Caller | Response:
    told = request.headers.getlist("authorization")
    given = _BEARER.fullmatch(told[0].strip()) if len(told) == 1 else None
    if given is None:
        hint = "Send the header Authorization: Bearer, with a token from the Account page."
        return problem("unauthorized", "There is no token.", hint, headers={"WWW-Authenticate": REALM})
    try:
        caller = tokens.admit(given[1])
        if caller is None:
            # As with tickets: nobody guesses 256 bits, so this count only spares the database a flood, and a good token is always taken.
            throttle.count(*throttle.from_address("token", address_of(request)), told="Too many unknown tokens came from here.")
    except throttle.TooManyTries as error:
        error.hint = "Retry-After says how many seconds to wait."
        return of_error(error)
    except CareLensError as error:
        return of_error(error)
    if caller is None:
        challenge = f'{REALM}, error="invalid_token"'
        told_them = "This token is not known: it was mistyped, ended, or was revoked."
        return problem("unauthorized", told_them, "Make a new one on the Account page.", headers={"WWW-Authenticate": challenge})
    return caller


def _no_form(request: Request) -> Response | None:
    """The refusal of what is no form, or says of itself that it is too large; before any of it is read."""
    if not is_form(request):
        return problem("unsupported-media-type", f"This address takes {FORM} only.", "Send the photo as a file in the field photo.",
                       headers={"Accept-Post": FORM})  # fmt: skip
    if says_too_large(request):
        return of_error(PhotoRejected(str(too_large().detail), "Send a smaller copy.", code="too_many_bytes"))
    return None


def unknown_fields(form: FormData, known: set[str]) -> list[str]:
    """Names in a form that no field has, or that come twice: a slip that nobody would notice otherwise."""
    names = [name for name, _ in form.multi_items()]
    return sorted({name for name in names if name not in known or names.count(name) > 1})

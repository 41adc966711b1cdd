"""A visitor without a browser: speaks what Streamlit's page speaks, so that fifty fit on one machine.

The messages are Streamlit's own protobuf (`BackMsg` to the server, `ForwardMsg` from it) over its websocket;
files go by its upload address, signing in by the house's own `/session` route. Made for Streamlit 1.67.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import httpx
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

PATIENCE = 120.0
"""Seconds until an answer that does not come counts as an error."""
KEPT = httpx.Limits(keepalive_expiry=1)
"""An idle connection is used again for a second. The server ends it after five, and so would httpx: a request that
met the end on its way was lost. A browser then asks once more by itself, httpx does not.
"""
REFUSED = (Alert.Format.WARNING, ":material/info:")
"""How a page says that something did not work (`core.ui.trouble.refused`); a next step has another mark."""


class Fault(Exception):
    """Something a person would call an error: a sentence of the page, a refusal, or no answer at all."""


class Visitor:
    """One visitor with an address of their own, on the page at `path` ("Skin_check"; empty: Home).

    `elements`: what the page shows, in the order it was written. `heard`: every text of the progress bar.
    `fragments`: of a widget's id to the part of the page it is in, where that runs by itself. `cookies`: of somebody signed in already.
    """

    def __init__(self, url: str, path: str = "", number: int = 0, cookies: dict[str, str] | None = None) -> None:
        self.url, self.path = url, path
        # Every visitor from another address, as in life: what is slowed down by address must not see one.
        own = f"127.0.{1 + number // 250}.{1 + number % 250}" if sys.platform == "linux" else None
        self._local = (own, 0) if own else None
        transport = httpx.AsyncHTTPTransport(local_address=own, limits=KEPT)  # a client given a transport leaves its own limits unused
        self._http = httpx.AsyncClient(base_url=url, transport=transport, headers={"Origin": url}, timeout=PATIENCE)
        self._cookies = dict(cookies or {})
        self._socket: ClientConnection | None = None
        self._session = ""
        self._deltas: dict[tuple[int, ...], Any] = {}
        self._values: dict[str, WidgetState] = {}
        self.heard: list[str] = []
        self.fragments: dict[str, str] = {}

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()
        await self._http.aclose()

    async def open(self) -> None:
        """Load the page anew, as a browser does after signing in."""
        await self.close()
        for asked in (f"/{self.path}", "/_stcore/health"):
            self._keep(await self._http.get(asked, headers={"Cookie": self._cookie_line()}))
        address = self.url.replace("http", "ws", 1) + "/_stcore/stream"
        self._socket = await connect(
            address, origin=self.url, subprotocols=["streamlit"], additional_headers={"Cookie": self._cookie_line()},
            max_size=None, ping_timeout=None, open_timeout=PATIENCE, local_addr=self._local,
        )  # fmt: skip
        self._values.clear()
        await self.act()

    async def close(self) -> None:
        """Close the page."""
        if self._socket is not None:
            await self._socket.close()
            self._socket = None

    @property
    def elements(self) -> list[Any]:
        """What the page shows."""
        return [element for _, element in sorted(self._deltas.items())]

    def widget(self, name: str, kind: str = "") -> Any:
        """The widget whose key, or label, is `name`; Fault when the page has none. `kind`: "button", "text_input" and so on."""
        for element in self.elements:
            is_a = element.WhichOneof("type")
            own = getattr(element, is_a or "", None)
            if kind in ("", is_a) and (getattr(own, "label", None) == name or str(getattr(own, "id", "")).endswith(f"-{name}")):
                return own
        raise Fault(f"the page has no {kind or 'widget'} {name!r}")

    def enter(self, name: str, **value: Any) -> None:
        """Fill in a widget without telling the server yet, as in a form: `enter("email", string_value="a@b.org")`."""
        own = self.widget(name)
        self._values[own.id] = WidgetState(id=own.id, **value)

    async def choose(self, name: str, option: str) -> float:
        """Choose one of a row of buttons; seconds until the page stands again."""
        own = self.widget(name, "button_group")
        state = WidgetState(id=own.id)
        state.string_array_value.data.append(option)
        self._values[own.id] = state
        return await self.act()

    async def press(self, name: str) -> float:
        """Press a button; seconds until the page stands again."""
        return await self.act(WidgetState(id=self.widget(name, "button").id, trigger_value=True))

    async def act(self, *triggers: WidgetState, until: Callable[[Any], bool] | None = None) -> float:
        """Send what is filled in, and `triggers` once; seconds until the page stands, or until an element shows for which `until` holds.

        Fault for everything a person would call an error.
        """
        start = time.perf_counter()
        message = BackMsg()
        message.rerun_script.page_name = self.path
        message.rerun_script.context_info.timezone = "UTC"
        message.rerun_script.context_info.url = f"{self.url}/{self.path}"
        message.rerun_script.widget_states.widgets.extend([*self._values.values(), *triggers])
        await self._send(message)
        seen = 0.0
        while True:
            part = await self._receive()
            kind = part.WhichOneof("type")
            if kind == "new_session":
                self._session, self._deltas = part.new_session.initialize.session_id, {}
            elif kind == "delta" and part.delta.WhichOneof("type") == "new_element":
                element = part.delta.new_element
                self._deltas[tuple(part.metadata.delta_path)] = element
                self._note(element, part.delta.fragment_id)
                if until is not None and not seen and until(element):
                    seen = time.perf_counter() - start
            elif kind == "script_finished" and part.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                if until is None or seen:
                    break
                raise Fault("the page stands without what was waited for")
            elif kind == "script_finished" and part.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                raise Fault("the page cannot be compiled")
        here = {getattr(element, element.WhichOneof("type")).id for element in self.elements if _is_widget(element)}
        self._values = {id: value for id, value in self._values.items() if id in here}
        return seen or time.perf_counter() - start

    async def upload(self, name: str, data: bytes, until: Callable[[Any], bool]) -> float:
        """Send a photo by the page's one uploader; seconds until an element shows for which `until` holds."""
        start = time.perf_counter()
        uploader = next(e.file_uploader for e in self.elements if e.WhichOneof("type") == "file_uploader")
        ask = BackMsg()
        ask.file_urls_request.request_id = uuid4().hex
        ask.file_urls_request.session_id = self._session
        ask.file_urls_request.file_names.append(name)
        await self._send(ask)
        while (part := await self._receive()).WhichOneof("type") != "file_urls_response":
            pass
        (where,) = part.file_urls_response.file_urls
        answer = await self._http.put(
            where.upload_url, files={name: (name, data, "image/jpeg")},
            headers={"X-Xsrftoken": self._cookies.get("_streamlit_xsrf", ""), "Cookie": self._cookie_line()},
        )  # fmt: skip
        if answer.status_code != 204:
            raise Fault(f"the upload was answered with {answer.status_code}")
        state = WidgetState(id=uploader.id)
        info = state.file_uploader_state_value.uploaded_file_info.add(name=name, size=len(data), file_id=where.file_id)
        info.file_urls.CopyFrom(where)
        self._values[uploader.id] = state
        before = time.perf_counter() - start
        return before + await self.act(until=until)

    async def take_ticket(self) -> None:
        """Do what the session element does in a browser: hand its ticket to the route, keep the cookie, open the page anew."""
        element = next((e.bidi_component for e in self.elements if e.WhichOneof("type") == "bidi_component"), None)
        data = json.loads(element.json or "{}") if element is not None else {}
        if not isinstance(data, dict) or "ticket" not in data:
            raise Fault("the page gives no ticket")
        answer = await self._http.post(data["route"], content=data["ticket"], headers={"Cookie": self._cookie_line()})
        if answer.status_code != 204:
            raise Fault(f"the ticket was answered with {answer.status_code}")
        self._keep(answer)
        await self.open()

    async def run_fragment(self, fragment: str, *triggers: WidgetState) -> None:
        """Have one part of the page run again, without waiting for it; see `arriving`."""
        message = BackMsg()
        message.rerun_script.page_name = self.path
        message.rerun_script.fragment_id = fragment
        message.rerun_script.context_info.timezone = "UTC"
        message.rerun_script.widget_states.widgets.extend([*self._values.values(), *triggers])
        await self._send(message)

    async def arriving(self) -> AsyncIterator[Any]:
        """Every element that the server sends from now on, for a page that is only looked at."""
        while self._socket is not None:
            part = ForwardMsg.FromString(await self._socket.recv())  # type: ignore[arg-type]
            if part.WhichOneof("type") == "delta" and part.delta.WhichOneof("type") == "new_element":
                yield part.delta.new_element

    def _note(self, element: Any, fragment: str) -> None:
        self._look(element)
        if fragment and _is_widget(element):
            self.fragments[getattr(element, element.WhichOneof("type")).id] = fragment

    def _look(self, element: Any) -> None:
        kind = element.WhichOneof("type")
        if kind == "exception":
            raise Fault(f"{element.exception.type}: {element.exception.message}")
        if kind == "alert" and (element.alert.format, element.alert.icon) == REFUSED:
            raise Fault(element.alert.body)
        if kind == "progress":
            self.heard.append(element.progress.text)

    def _keep(self, answer: httpx.Response) -> None:
        if answer.status_code >= 400:
            raise Fault(f"{answer.request.url.path} was answered with {answer.status_code}")
        for line in answer.headers.get_list("set-cookie"):
            name, _, value = line.split(";", 1)[0].partition("=")
            self._cookies[name] = value
        self._http.cookies.clear()  # kept above; twice in a request they would be two

    def _cookie_line(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    async def _send(self, message: BackMsg) -> None:
        if self._socket is None:
            raise Fault("the page is closed")
        await self._socket.send(message.SerializeToString())

    async def _receive(self) -> ForwardMsg:
        if self._socket is None:
            raise Fault("the page is closed")
        try:
            data = await asyncio.wait_for(self._socket.recv(), PATIENCE)
        except TimeoutError:
            raise Fault(f"no answer in {PATIENCE:.0f} s") from None
        return ForwardMsg.FromString(data if isinstance(data, bytes) else data.encode())


def _is_widget(element: Any) -> bool:
    return bool(getattr(getattr(element, element.WhichOneof("type") or "", None), "id", ""))

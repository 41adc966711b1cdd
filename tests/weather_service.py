"""The weather services for the tests: a real HTTP server on this machine that speaks their JSON, counts, and can be made to fail.

As theirs it refuses a question that goes beyond its days, knows one offset from UTC for a whole answer (of today, in `timezone`), and has
null where it has nothing: in the archive for the last days, for pollen outside Europe, for UV before August 2022.
"""

from __future__ import annotations

import json
import math
import threading
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

WEATHER = ("temperature_2m", "relative_humidity_2m", "pressure_msl")
POLLEN = tuple(f"{plant}_pollen" for plant in ("alder", "birch", "grass", "mugwort", "olive", "ragweed"))
HOURLY = {"/v1/archive": WEATHER, "/v1/forecast": WEATHER, "/v1/air-quality": ("pm10", "pm2_5", "uv_index", *POLLEN)}
LATE = timedelta(days=5)
UV_FROM = datetime(2022, 8, 1, tzinfo=UTC)


def value(variable: str, latitude: float, longitude: float, hour: datetime) -> float | None:
    """What it is at a place in an hour, of both archive and forecast; None where nobody knows."""
    n = int(hour.timestamp()) // 3600
    wave = math.sin(n / 24 * 2 * math.pi) + 0.5 * math.sin(n / 1700) + 0.1 * ((n * 2654435761) % 97) / 97 + latitude / 90 + longitude / 1800
    if variable == "temperature_2m":
        return round(12 + 6 * wave, 1)
    if variable == "relative_humidity_2m":
        of_day = (n // 24 * 2654435761 % 97) / 97 - 0.5  # a wave alone looks the same at several lags
        return round(60 + 12 * math.cos(n / 31) + 24 * of_day, 0)
    if variable == "pressure_msl":
        return round(1013 + 15 * math.sin(n / 120), 1)
    if variable in POLLEN:
        europe = 30 <= latitude <= 72 and -25 <= longitude <= 45
        return round(40 + 30 * math.sin(n / 200 + len(variable)), 1) if europe else None
    if variable == "uv_index":
        return round(max(0.0, 5 * math.sin((n % 24 - 6) / 12 * math.pi)), 2) if hour >= UV_FROM else None
    return round((10 if variable == "pm2_5" else 18) + 5 * math.sin(n / 50), 1)


class WeatherService:
    """The server. `asked`: path and parameters of every question. `now`: what time it takes it to be (None: the real one).

    `faults`: path to what goes wrong with the next questions there, one after the other: `busy`, `busy 3` (with Retry-After), `broken`,
    `status 400`, `slow`, `truncated`, `cut` (the line ends early), `words` (no JSON), `nulls`, `lengths`, `order`, `redirect`, `large`.
    `towns`: what a search gives.
    """

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.faults: dict[str, list[str]] = {}
        self.towns: list[dict[str, Any]] = []
        self.now: datetime | None = None
        self.delay = 0.0
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def environment(self) -> dict[str, str]:
        """The settings with which the house asks here."""
        return {f"CARELENS_{name}_URL": self.url for name in ("GEOCODING", "ARCHIVE", "FORECAST", "AIR_QUALITY")}

    def count(self) -> Counter[str]:
        """How often each path was asked."""
        return Counter(path for path, _ in self.asked)

    def fail(self, path: str, *faults: str) -> None:
        """What goes wrong with the next questions there."""
        self.faults[path] = list(faults)

    def take(self, path: str, wanted: dict[str, str]) -> str:
        """Note a question; what is to go wrong with it."""
        with self._lock:
            self.asked.append((path, wanted))
            waiting = self.faults.get(path, [])
            return waiting.pop(0) if waiting else ""

    def answer(self, path: str, wanted: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Status and JSON of a question to which nothing goes wrong."""
        if path == "/v1/search":
            found = [town for town in self.towns if town["name"].casefold().startswith(wanted["name"].casefold())]
            return 200, {"generationtime_ms": 0.5, **({"results": found[: int(wanted.get("count", "10"))]} if found else {})}
        if path not in HOURLY:
            return 404, {"error": True, "reason": "Not Found"}
        now = self.now or datetime.now(UTC)
        first, last = (date.fromisoformat(wanted[name]) for name in ("start_date", "end_date"))
        back, ahead = {"/v1/archive": (40_000, 1), "/v1/forecast": (92, 16), "/v1/air-quality": (5_000, 6)}[path]
        latitude, longitude = float(wanted["latitude"]), float(wanted["longitude"])
        variables = wanted["hourly"].split(",")
        if not now.date() - timedelta(days=back) <= first <= last <= now.date() + timedelta(days=ahead):
            return 400, {"error": True, "reason": "Parameter 'start_date' is out of allowed range"}
        if not set(variables) <= set(HOURLY[path]) or abs(latitude) > 90 or abs(longitude) > 180:
            return 400, {"error": True, "reason": "Data corrupted at path ''. Cannot initialize from invalid String value."}
        offset = int((now.astimezone(ZoneInfo(wanted.get("timezone", "GMT"))).utcoffset() or timedelta()).total_seconds())
        begin = datetime(first.year, first.month, first.day, tzinfo=UTC) - timedelta(seconds=offset)
        hours = [begin + timedelta(hours=n) for n in range(24 * ((last - first).days + 1))]
        until = now - LATE if path == "/v1/archive" else datetime.max.replace(tzinfo=UTC)
        unix = wanted.get("timeformat") == "unixtime"
        told: dict[str, list[Any]] = {
            "time": [int(h.timestamp()) if unix else f"{h + timedelta(seconds=offset):%Y-%m-%dT%H:%M}" for h in hours]
        }
        told |= {name: [value(name, latitude, longitude, h) if h < until else None for h in hours] for name in variables}
        near = {"latitude": latitude + 0.013, "longitude": longitude - 0.021}  # the middle of its own square
        return 200, {**near, "utc_offset_seconds": offset, "hourly_units": dict.fromkeys(told, "?"), "hourly": told}


def _handler(service: WeatherService) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802
            url = urlsplit(self.path)
            wanted = dict(parse_qsl(url.query))
            fault = service.take(url.path, wanted)
            time.sleep(service.delay)
            try:
                self._answer(url.path, wanted, fault)
            except (BrokenPipeError, ConnectionResetError):  # nobody waits any more
                self.close_connection = True

        def _answer(self, path: str, wanted: dict[str, str], fault: str) -> None:
            kind, _, rest = fault.partition(" ")
            if kind in ("busy", "broken", "status", "redirect"):
                status = {"busy": 429, "broken": 500, "redirect": 302}.get(kind) or int(rest)
                extra = {"Retry-After": rest} if kind == "busy" and rest else {"Location": rest} if kind == "redirect" else {}
                self._send(status, b'{"error": true, "reason": "as was asked for"}', extra)
                return
            if kind == "slow":
                time.sleep(float(rest))
            status, told = service.answer(path, wanted)
            columns = [name for name in told.get("hourly", {}) if name != "time"]
            for name in columns:
                if kind == "nulls":
                    told["hourly"][name] = [None] * len(told["hourly"][name])
            if kind == "lengths":
                told["hourly"][columns[0]].pop()
            if kind == "order":
                told["hourly"]["time"].reverse()
            data = json.dumps(told).encode()
            if kind == "words":
                data = b"<html>Welcome to this hotel</html>"
            if kind == "large":
                data = b" " * (64 << 20)
            self._send(status, data[: len(data) // 2] if kind == "cut" else data, {}, len(data) // 2 if kind == "truncated" else None)

        def _send(self, status: int, data: bytes, extra: dict[str, str], stop: int | None = None) -> None:
            self.send_response(status)
            for name, text in {"Content-Type": "application/json", "Content-Length": str(len(data)), **extra}.items():
                self.send_header(name, text)
            self.end_headers()
            self.wfile.write(data[:stop])
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Nothing on the screen."""

    return Handler

"""What every browser test does: start the app, sign up, sign in, sign out, open a page."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import requests
from playwright.sync_api import BrowserContext, Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
]
PASSWORD = "four quiet words here"


class Server:
    """The app as a process on a free port, with a home folder of its own.

    `log`: file with everything it wrote. `environment`: further variables for it.
    """

    def __init__(self, home: Path, demo: bool = False, environment: dict[str, str] | None = None) -> None:
        self.home, self.demo, self.environment = home, demo, environment or {}
        home.mkdir(parents=True, exist_ok=True)
        self.log = home.parent / f"{home.name}.log"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.url = f"http://localhost:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        """What starts it."""
        flags = ["--server.address", "localhost", "--server.headless", "true", "--server.fileWatcherType", "none"]
        return [sys.executable, "-m", "streamlit", "run", "Home.py", "--server.port", str(self.port), *flags]

    def verify(self) -> str | bool:
        """Whose word the certificate needs: a file, or the usual ones."""
        return True

    def settings(self) -> dict[str, str]:
        """The variables it runs with, beside those of this process."""
        return {
            "CARELENS_HOME": str(self.home),
            "CARELENS_DEMO": "1" if self.demo else "0",
            "CARELENS_DATABASE_URL": "",
            "CARELENS_PHOTO_STORE": "",
            "CARELENS_SECRET_KEY": "only-for-browser-tests-" * 3,
            "OMP_NUM_THREADS": "1",
        } | self.environment

    def start(self, seconds: float = 60) -> None:
        """Start it and wait until /healthz answers 200."""
        with self.log.open("ab") as log:
            environment = os.environ | self.settings()
            self.process = subprocess.Popen(self.command(), cwd=ROOT, env=environment, stdout=log, stderr=log)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise AssertionError(f"the app ended at its start:\n{self.log.read_text()}")
            try:
                if requests.get(f"{self.url}/healthz", verify=self.verify(), timeout=5).status_code == 200:
                    return
            except OSError:  # a RequestException is one; so is a certificate that is not written yet
                pass
            time.sleep(0.1)
        self.stop()
        raise AssertionError(f"the app did not become healthy:\n{self.log.read_text()}")

    def stop(self) -> None:
        """End it politely; by force after ten seconds."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def restart(self) -> None:
        """The same house, a new process."""
        self.stop()
        self.start()


class ApiServer(Server):
    """The API without the pages, likewise."""

    def command(self) -> list[str]:
        """What starts it."""
        return [sys.executable, "-m", "core.web.api", "--port", str(self.port), "--host", "localhost"]


def make_account(server: Server, role: str, email: str, name: str) -> None:
    """An account as the clinic makes it, by the command line; its password is PASSWORD."""
    command = [sys.executable, "-m", "core.admin", "create-account", "--role", role, "--email", email, "--name", name]
    environment = os.environ | server.settings()
    subprocess.run([*command, "--password-stdin"], cwd=ROOT, input=PASSWORD.encode(), env=environment, check=True, capture_output=True)


class Watch:
    """What a browser profile complained about, and what it asked of others."""

    def __init__(self) -> None:
        self.errors: list[str] = []
        self.expected: list[str] = []

    def expect(self, pattern: str) -> None:
        """Errors that match are part of the test."""
        self.expected.append(pattern)

    def problems(self) -> list[str]:
        """Everything that is not expected."""
        return [error for error in self.errors if not any(re.search(pattern, error) for pattern in self.expected)]


_watches: dict[BrowserContext, Watch] = {}


def watch(context: BrowserContext) -> Watch:
    """Note errors on the console, uncaught errors and requests to other machines."""
    seen = _watches[context] = Watch()
    # A deep link probes /Page/_stcore/... before it finds the server: Streamlit's way, harmless.
    seen.expect(r"404.*/_stcore/(health|host-config)")
    # A restart of the server is a broken connection to the page that was open.
    seen.expect(r"WebSocket connection|ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET|ERR_NETWORK")

    def console(message: object) -> None:
        if getattr(message, "type", "") == "error":
            where = getattr(message, "location", {}) or {}
            seen.errors.append(f"console: {getattr(message, 'text', '')} {where.get('url', '')}")

    def request(asked: object) -> None:
        url = str(getattr(asked, "url", ""))
        if not re.match(r"(https?|wss?)://(localhost|127\.0\.0\.1)[:/]|data:|blob:|about:|chrome", url):
            seen.errors.append(f"asked of another machine: {url}")

    context.on("console", console)
    context.on("weberror", lambda error: seen.errors.append(f"uncaught: {error.error}"))
    context.on("request", request)
    return seen


def watched(page: Page) -> Watch:
    """The watch over the page's profile, to say what is expected."""
    return _watches[page.context]


def settle(page: Page) -> None:
    """Wait until the page has run to its end."""
    page.locator("[data-testid=stApp]").wait_for()
    expect(page.locator("[data-testid=stApp][data-test-script-state=running]")).to_have_count(0, timeout=30_000)
    expect(page.locator("[data-testid=stSkeleton]")).to_have_count(0, timeout=30_000)


def until(page: Page, script: str, seconds: float = 30) -> None:
    """Wait until a function in the page returns true, also one that takes its time: Playwright's own wait takes its promise for a yes."""
    end = time.monotonic() + seconds
    while not page.evaluate(script):
        if time.monotonic() > end:
            raise AssertionError(f"not true within {seconds:.0f} s: {script}")
        time.sleep(0.1)


def pick(page: Page, box: Locator, option: str | re.Pattern[str], tries: int = 6) -> None:
    """Choose from a drop-down list. One that closes since the page was drawn anew in that moment is opened again, as people do."""
    wanted = page.get_by_role("option", name=option)
    for _ in range(tries):
        box.click()
        try:
            wanted.click(timeout=8_000)
        except PlaywrightTimeout:
            page.keyboard.press("Escape")
            continue
        settle(page)
        return
    wanted.click()


def open_page(page: Page, server: Server, path: str = "/") -> None:
    """Open a page by its address and wait until it stands."""
    page.goto(server.url + path)
    expect(page.locator("h1").first).to_be_visible(timeout=30_000)
    settle(page)


def sign_up(
    page: Page, server: Server, name: str = "Mia Lind", email: str = "mia@example.org", password: str = PASSWORD, path: str = "/"
) -> None:
    """Make a patient's account on the page at `path`; ends signed in, on that page."""
    open_page(page, server, path)
    page.get_by_role("tab", name="Create an account").click()
    panel = page.get_by_role("tabpanel").filter(has=page.get_by_role("button", name="Create my account"))
    panel.get_by_label("Your name").fill(name)
    panel.get_by_label("E-mail").fill(email)
    panel.get_by_label("Password", exact=True).fill(password)
    panel.get_by_text("I understand that CareLens gives hints").click()
    panel.get_by_role("button", name="Create my account").click()
    signed_in(page)


def fill_sign_in(page: Page, email: str, password: str) -> None:
    """Fill and send the sign-in form that is on the page."""
    panel = page.get_by_role("tabpanel").filter(has=page.get_by_role("button", name="Sign in", exact=True))
    panel.get_by_label("E-mail").fill(email)
    panel.get_by_label("Password", exact=True).fill(password)
    panel.get_by_role("button", name="Sign in", exact=True).click()


def sign_in(page: Page, server: Server, email: str = "mia@example.org", password: str = PASSWORD, path: str = "/") -> None:
    """Sign in on the page at `path`; ends on that page."""
    open_page(page, server, path)
    fill_sign_in(page, email, password)
    signed_in(page)


def sign_in_demo(page: Page, server: Server, role: str = "patient", path: str = "/") -> None:
    """One click into the demo, as `patient`, `doctor` or `staff`; the administrator is among the others."""
    open_page(page, server, path)
    if role == "admin":
        page.get_by_role("button", name="As somebody else").click()
        pick(page, page.locator(".st-key-demo_who").get_by_role("combobox"), re.compile(r"\(admin\)"))
        page.locator(".st-key-demo_somebody button").click()
    else:
        page.get_by_role("button", name=re.compile(rf"Continue as .* \({role}\)")).click()
    signed_in(page)


def signed_in(page: Page) -> None:
    """Wait until the page stands with the menu of somebody."""
    expect(page.get_by_test_id("stBottom").locator(".st-key-tabbar")).to_be_attached(timeout=30_000)
    settle(page)


def is_signed_out(page: Page) -> None:
    """The page shows the sign-in form and no menu."""
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible(timeout=30_000)
    expect(page.locator(".st-key-tabbar")).to_have_count(0)


def sign_out(page: Page) -> None:
    """Sign out from the account menu of a wide page, or from the Account page of a phone."""
    bar = page.locator(".st-key-tabbar")
    if bar.is_visible():  # a phone: the sidebar lies outside the screen
        bar.get_by_role("link", name="Account").click()
        last = page.locator(".st-key-sign_out button")
    else:
        page.locator(".st-key-account_menu button").click()
        last = page.get_by_role("menuitem", name="Sign out").or_(page.get_by_role("option", name="Sign out")).first
    # The form may stand before the browser has dropped its cookie and gone home; a page opened in between would be left again.
    with page.expect_navigation():
        last.click()
    is_signed_out(page)

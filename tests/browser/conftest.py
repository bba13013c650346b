"""A real browser for the tests: headless Chromium, spoken to through two pipes.

Chromium's own protocol over pipes needs no package, no port and no driver. The page under test may
forbid every script; what is asked through this protocol is answered all the same.
"""

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 60.0
"""Seconds to wait for an answer; the first start of a browser is slow."""

FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
    "--disable-background-networking", "--no-first-run", "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND", "about:blank",
)  # fmt: skip

LAUNCH = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4);"
    "os.execvp(sys.argv[3], sys.argv[3:])"
)
"""Chromium listens on descriptor 3 and answers on 4; only a process of its own can have them so."""


class Browser:
    """A running Chromium with one page open."""

    def __init__(self, program: str, profile: Path) -> None:
        listening, self._outgoing = os.pipe()
        self._incoming, answering = os.pipe()
        ends = (_high(listening), _high(answering))
        command = [program, *FLAGS[:-1], f"--user-data-dir={profile}", FLAGS[-1]]
        self._process = subprocess.Popen(
            [sys.executable, "-c", LAUNCH, *map(str, ends), *command],
            pass_fds=ends,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for end in ends:
            os.close(end)
        self._numbers, self._unread = count(1), b""
        self.events: list[dict[str, Any]] = []
        self._session = ""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        attached = self.ask("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command, and return its answer; what else arrives meanwhile is kept."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._outgoing, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") == number:
                assert "error" not in answer, (method, answer)
                return answer["result"]

    def open(self, page: Path) -> None:
        """Open a file, and wait until it and its pictures have been read."""
        self.events.clear()
        self.ask("Page.navigate", url=page.as_uri())
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self._receive()
        self.evaluate("Promise.allSettled([...document.images].map(image => image.decode()))")

    def evaluate(self, script: str) -> Any:
        """Return the value of a JavaScript expression, which may be a promise, on the page."""
        answer = self.ask(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def view(self, width: int, height: int = 900, *, scheme: str = "light") -> None:
        """Look at the page on a screen of this width, by day or by night."""
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=width < 600,
        )  # fmt: skip
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.ask("Emulation.setEmulatedMedia", media="", features=[feature])

    def screenshot(self) -> bytes:
        """Return what the window shows, as a PNG file."""
        return base64.b64decode(self.ask("Page.captureScreenshot", format="png")["data"])

    def printed(self) -> bytes:
        """Return the page as it is printed on A4, as a PDF file."""
        paper = {"paperWidth": 8.27, "paperHeight": 11.69, "preferCSSPageSize": True}
        return base64.b64decode(self.ask("Page.printToPDF", **paper)["data"])

    def close(self) -> None:
        """End the browser."""
        self._session = ""
        os.write(self._outgoing, b'{"id": 0, "method": "Browser.close"}\0')
        os.close(self._outgoing)
        self._process.wait(PATIENCE)
        os.close(self._incoming)

    def _receive(self) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE
        while b"\0" not in self._unread:
            ready, _, _ = select.select([self._incoming], [], [], deadline - time.monotonic())
            arrived = os.read(self._incoming, 1 << 20) if ready else b""
            assert arrived, "the browser says nothing more"
            self._unread += arrived
        message, _, self._unread = self._unread.partition(b"\0")
        answer = json.loads(message)
        if "method" in answer:
            self.events.append(answer)
        return answer


def _high(descriptor: int) -> int:
    """Return a copy of a descriptor that is neither 3 nor 4, and close the original."""
    import fcntl

    copy = fcntl.fcntl(descriptor, fcntl.F_DUPFD, 10)
    os.close(descriptor)
    return copy


@pytest.fixture(scope="session")
def browser(tmp_path_factory) -> Iterator[Browser]:
    """Chromium, started once for all tests that need it."""
    found = [path for name in NAMES if (path := shutil.which(name))]
    assert found, f"none of {', '.join(NAMES)} is on the PATH; `make test` leaves these tests out"
    opened = Browser(found[0], tmp_path_factory.mktemp("chromium"))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Chromium under playwright, for pages that are clicked, dragged and touched."""
    from playwright.sync_api import sync_playwright

    found = [path for name in NAMES if (path := shutil.which(name))]
    assert found, f"none of {', '.join(NAMES)} is on the PATH; `make test` leaves these tests out"
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=found[0], args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def tab(chromium) -> Iterator[Any]:
    """A new page, on which nothing may be said to the console, requested or thrown."""
    with chromium.new_context(viewport={"width": 1400, "height": 1000}) as context:
        opened = context.new_page()
        complaints: list[str] = []
        opened.on("console", lambda message: complaints.append(message.text))
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.on("request", lambda request: complaints.extend(_foreign(request.url)))
        yield opened
        assert complaints == []


def _foreign(url: str) -> list[str]:
    """Return an address that is neither a file's nor inside the page."""
    return [] if url.split(":")[0] in {"file", "data", "blob"} else [url]

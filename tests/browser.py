"""A headless Chromium, driven through its DevTools protocol on two pipes."""

import base64
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

import pytest

_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--no-first-run",
    "--remote-debugging-pipe",
)
# Chromium reads commands from 3 and answers on 4; both are copied out of the way first.
_LAUNCHER = """
import os, sys
ends = [os.dup(int(end)) for end in sys.argv[1:3]]
while min(ends) < 5:
    ends = [os.dup(end) for end in ends]
for end, number in zip(ends, (3, 4)):
    os.dup2(end, number)
os.execv(sys.argv[3], sys.argv[3:])
"""


def find() -> str:
    """Names the browser of this machine; skips the test if there is none."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        pytest.skip(f"no Chromium on PATH (looked for {', '.join(_NAMES)})")
    return found


@contextlib.contextmanager
def started() -> Iterator["Browser"]:
    """Runs a browser; skips the test if this machine has none."""
    name = find()
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    # Its helpers may still write to the profile when it has ended.
    with tempfile.TemporaryDirectory(
        prefix="chromium-", ignore_cleanup_errors=True
    ) as profile:
        their_end, our_write = os.pipe()
        our_read, their_write = os.pipe()
        flags = [*_FLAGS, *sandbox, f"--user-data-dir={profile}"]
        process = subprocess.Popen(
            [
                *(sys.executable, "-c", _LAUNCHER, f"{their_end}", f"{their_write}"),
                *(name, *flags),
            ],
            pass_fds=(their_end, their_write),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(their_end)
        os.close(their_write)
        try:
            yield Browser(our_write, our_read)
        finally:
            # Without commands to come, it ends by itself.
            os.close(our_write)
            os.close(our_read)
            process.wait(timeout=60)


class Browser:
    """One page of a browser.

    Attributes:
      events: What the page said and asked for, as (method, parameters).
    """

    def __init__(self, write_fd: int, read_fd: int) -> None:
        """Opens an empty page; commands go to one pipe, answers come from another."""
        self.events: list[tuple[str, dict[str, Any]]] = []
        self._write_fd, self._read_fd = write_fd, read_fd
        self._number, self._rest, self._session = 0, b"", ""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Sends a command and waits for its answer; keeps the events before it."""
        self._number += 1
        sent = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            sent["sessionId"] = self._session
        os.write(self._write_fd, json.dumps(sent).encode() + b"\0")
        while True:
            message = self._read()
            if message.get("id") == self._number:
                assert "error" not in message, message["error"]
                return message["result"]
            self._keep(message)

    def open(self, path: pathlib.Path, width_px: int, height_px: int = 900) -> None:
        """Opens a file from disk in a window of some size."""
        self.events.clear()
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width_px,
            height=height_px,
            deviceScaleFactor=1,
            mobile=False,
        )
        self.call("Page.navigate", url=path.as_uri())
        while "Page.loadEventFired" not in dict(self.events):
            self._keep(self._read())

    def evaluate(self, expression: str) -> Any:
        """Computes something in the page."""
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def print(self) -> bytes:
        """Prints the page to PDF, on the paper that the page asks for."""
        printed = self.call("Page.printToPDF", preferCSSPageSize=True)
        return base64.b64decode(printed["data"])

    def complaints(self) -> list[str]:
        """Lists errors and warnings of the console."""
        told = {"Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"}
        return [str(found) for method, found in self.events if method in told]

    def requests(self) -> list[str]:
        """Lists the addresses that the page asked for, those inside it left out."""
        asked = (
            found["request"]["url"]
            for method, found in self.events
            if method == "Network.requestWillBeSent"
        )
        return [url for url in asked if not url.startswith("data:")]

    def _keep(self, message: dict[str, Any]) -> None:
        if "method" in message:
            self.events.append((message["method"], message["params"]))

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            part = os.read(self._read_fd, 1 << 20)
            assert part, "the browser has ended"
            self._rest += part
        message, self._rest = self._rest.split(b"\0", 1)
        found: dict[str, Any] = json.loads(message)
        return found

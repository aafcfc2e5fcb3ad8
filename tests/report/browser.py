"""A headless Chromium driven over its own protocol: just enough to look at a page as a reader would."""

from __future__ import annotations

import base64
import contextlib
import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import websocket

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--remote-debugging-port=0",
    "--remote-allow-origins=*",
)
_PATIENCE = 60.0


def find_chromium() -> str | None:
    """Return the browser's path, or None where there is none."""
    return next((path for path in map(shutil.which, _NAMES) if path), None)


class Page:
    """One tab, with what it said and what it asked the network for since it was opened."""

    def __init__(self, socket: websocket.WebSocket) -> None:
        self._socket = socket
        self._sent = 0
        self.events: list[dict[str, Any]] = []
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and return its result; events that come in between are kept."""
        self._sent += 1
        self._socket.send(json.dumps({"id": self._sent, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") == self._sent:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return dict(message["result"])
            if "method" in message:
                self.events.append(message)

    def evaluate(self, expression: str) -> Any:
        """Return the value of a JavaScript expression, awaited where it is a promise."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def wait_for(self, expression: str) -> None:
        """Wait until a JavaScript expression holds."""
        until = time.monotonic() + _PATIENCE
        while not self.evaluate(f"Boolean({expression})"):
            if time.monotonic() > until:
                raise TimeoutError(f"{expression} never held; {self.complaints()}")
            time.sleep(0.05)

    def open(self, file: Path, width: int = 1200, height: int = 1000) -> None:
        """Open a report and wait until its pictures are drawn."""
        self.resize(width, height)
        self.events.clear()
        self.call("Page.navigate", url=file.resolve().as_uri())
        self.wait_for("document.documentElement?.dataset.charts === 'drawn'")

    def resize(self, width: int, height: int) -> None:
        """Set the size of the window in CSS pixels."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )

    def colour_scheme(self, scheme: str) -> None:
        """Prefer ``light`` or ``dark`` colours."""
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def screenshot(self, file: Path) -> None:
        """Save a picture of the whole page."""
        height = self.evaluate("document.documentElement.scrollHeight")
        width = self.evaluate("document.documentElement.clientWidth")
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        data = self.call("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)["data"]
        file.write_bytes(base64.b64decode(data))

    def complaints(self) -> list[str]:
        """Return errors and warnings that the page left in the console, and exceptions nobody caught."""
        said = []
        for event in self.events:
            details = event["params"]
            if event["method"] == "Runtime.exceptionThrown":
                said.append(json.dumps(details["exceptionDetails"]))
            elif event["method"] == "Runtime.consoleAPICalled" and details["type"] in {
                "error",
                "warning",
                "assert",
            }:
                said.append(json.dumps(details["args"]))
            elif event["method"] == "Log.entryAdded" and details["entry"]["level"] in {"error", "warning"}:
                said.append(json.dumps(details["entry"]))
        return said

    def requests(self) -> list[str]:
        """Return every address the page asked for, other than the page itself and what it holds within."""
        asked = [e["params"]["request"]["url"] for e in self.events if e["method"] == "Network.requestWillBeSent"]
        return [url for url in asked if not url.startswith(("file:", "data:", "blob:"))]


@contextlib.contextmanager
def open_browser(executable: str) -> Iterator[Page]:
    """Start a browser with a fresh profile and give its one tab; end it afterwards."""
    with tempfile.TemporaryDirectory(prefix="evenhand-chromium-", ignore_cleanup_errors=True) as profile:
        log = Path(profile, "stderr.txt")
        with log.open("wb") as stderr:
            command = [executable, *_FLAGS, f"--user-data-dir={profile}/profile", "about:blank"]
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=stderr)
        try:
            port_file = Path(profile, "profile", "DevToolsActivePort")
            port = _wait_for_port(port_file, process, log)
            socket = websocket.create_connection(_tab_address(port), timeout=_PATIENCE)
            try:
                yield Page(socket)
            finally:
                socket.close()
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for_port(file: Path, process: subprocess.Popen[bytes], log: Path) -> int:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"the browser ended by itself: {log.read_text(errors='replace')[-800:]}")
        if file.exists() and file.read_text().strip():
            return int(file.read_text().split()[0])
        time.sleep(0.05)
    raise TimeoutError(f"the browser did not open its port: {log.read_text(errors='replace')[-800:]}")


def _tab_address(port: int) -> str:
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
    try:
        connection.request("GET", "/json/list")
        tabs = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    return str(next(tab["webSocketDebuggerUrl"] for tab in tabs if tab["type"] == "page"))

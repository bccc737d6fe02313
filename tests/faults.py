"""A proxy that makes a storage as unreliable as the worst of nights."""

import collections
import contextlib
import http.client
import http.server
import random
import threading
import time
import urllib.parse
from collections.abc import Iterator

_SLOW_SECONDS = 0.5
_PATIENCE_SECONDS = 60


class FaultyProxy(http.server.ThreadingHTTPServer):
    """Passes requests on, but for 9 in 100.

    Of 100 requests 5 are answered 503 and 2 are answered 429; 1 has its answer cut
    off in the middle, and with 1 the connection is closed after the storage has done
    what it was asked. 2 more wait for half a second.

    Attributes:
      downloads: Answers 200 and 206 to downloads of objects, by path.
      requests: Requests by method.
      is_calm: Whether to pass all of them on.
    """

    daemon_threads = True

    def __init__(
        self, address: str, handler: type[http.server.BaseHTTPRequestHandler]
    ) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.upstream = urllib.parse.urlsplit(address).netloc
        self.downloads: dict[str, int] = {}
        self.requests: collections.Counter[str] = collections.Counter()
        self.is_calm = False
        self.faults = 0
        self._rng = random.Random(7)
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """Address of the proxy."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def draw(self) -> float:
        """Draws the fate of a request, 0 to 100."""
        with self._lock:
            if self.is_calm:
                return 100.0
            fate = 100 * self._rng.random()
            self.faults += fate < 9
            return fate

    def note_request(self, method: str) -> None:
        """Counts a request."""
        with self._lock:
            self.requests[method] += 1

    def note_download(self, path: str) -> None:
        """Counts a download."""
        with self._lock:
            self.downloads[path] = self.downloads.get(path, 0) + 1

    def handle_error(self, request: object, client_address: object) -> None:
        """Keeps quiet about connections that a client closed."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FaultyProxy

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.note_request(self.command)
        fate = self.server.draw()
        if fate < 7:
            return self._send(503 if fate < 5 else 429, {}, b"later")
        if 9 <= fate < 11:
            time.sleep(_SLOW_SECONDS)
        status, headers, content = self._passed_on(body)
        if fate < 8:
            self.close_connection = True
            return None
        path = urllib.parse.urlsplit(self.path)
        if "/download/" in path.path and status in (200, 206):
            self.server.note_download(path.path)
        if fate < 9:
            content, self.close_connection = content[: len(content) // 2], True
        return self._send(status, headers, content)

    def _passed_on(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        upstream = http.client.HTTPConnection(
            self.server.upstream, timeout=_PATIENCE_SECONDS
        )
        with contextlib.closing(upstream):
            kept = {
                name: value
                for name, value in self.headers.items()
                if name.lower() not in ("host", "connection")
            }
            upstream.request(self.command, self.path, body, kept)
            answer = upstream.getresponse()
            content = answer.read()
        headers = {
            name: value
            for name, value in answer.getheaders()
            if name.lower() not in ("connection", "transfer-encoding")
        }
        return answer.status, headers | {"Content-Length": str(len(content))}, content

    def _send(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response_only(status)
        for name, value in (headers or {"Content-Length": str(len(content))}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


for _method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
    setattr(_Handler, f"do_{_method}", _Handler._answer)


class _Closed(_Handler):
    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.command in ("POST", "PUT", "DELETE"):
            return self._send(403, {}, b"no permission to storage.objects.create")
        return self._send(*self._passed_on(body))


for _method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
    setattr(_Closed, f"do_{_method}", _Closed._answer)


@contextlib.contextmanager
def closed(address: str) -> Iterator[str]:
    """Runs a proxy that lets a storage be read, and nothing written; gives its URL."""
    with _running(FaultyProxy(address, _Closed)) as server:
        yield server.url


@contextlib.contextmanager
def proxy(address: str) -> Iterator[FaultyProxy]:
    """Runs a proxy before a storage."""
    with _running(FaultyProxy(address, _Handler)) as server:
        yield server


@contextlib.contextmanager
def _running(server: FaultyProxy) -> Iterator[FaultyProxy]:
    with server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()

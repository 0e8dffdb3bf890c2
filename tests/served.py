"""A real Chroma server on loopback, and a real proxy before it that can do what a network does."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from index.settings import Settings

LOCAL = "127.0.0.1"
CHROMA = Path(sys.executable).parent / "chroma"
VARIABLE = "FOOTNOTE_CHROMA_URL"
"""Set while the whole suite runs against a server; processes that tests start read it as users' do."""
CERTIFICATE = Path(__file__).parent / "local.pem"
WAIT = 60.0
"""Seconds for a server to start, on a machine that is busy."""


def everywhere() -> str:
    """The server of a run of the whole suite; empty for the usual one."""
    return os.environ.get(VARIABLE, "")


def placed(settings: Settings) -> Settings:
    """Settings with the vectors on that server, if there is one."""
    return replace(settings, chroma_url=settings.chroma_url or everywhere())


in_a_folder = pytest.mark.skipif(
    "config.getoption('--chroma-server')", reason="about the folder of vectors, which a server has no part in"
)


class ChromaServer:
    """`chroma run` on a folder and a free port, which it keeps when it is started again."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"http://{LOCAL}:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [CHROMA, "run", "--path", self.folder / "data", "--host", LOCAL, "--port", str(self.port)]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                list(map(str, command)), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder
            )
        deadline = time.monotonic() + WAIT
        while not self._answers():
            ended = self._process.poll() is not None
            assert not ended, (self.folder / "log").read_text("utf-8", "replace")[-2000:]
            assert time.monotonic() < deadline, "chroma run does not answer"
            time.sleep(0.05)

    @property
    def runs(self) -> bool:
        return self._process is not None

    def kill(self) -> None:
        """As a crash does."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """As an administrator does."""
        self._end(signal.SIGTERM)

    def pause(self) -> None:
        """It keeps its connections and says nothing, as an overloaded machine does."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        os.waitpid(self._process.pid, os.WUNTRACED)  # until then its threads may still answer

    def go_on(self) -> None:
        """The end of `pause`."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.send_signal(signal.SIGCONT)
            self._process.wait(30)
            self._process = None

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/api/v2/heartbeat", timeout=5) as response:
                return bool(response.status == 200)
        except OSError:
            return False


@contextmanager
def chroma_server(folder: Path) -> Iterator[ChromaServer]:
    """A server for the block."""
    server = ChromaServer(folder)
    try:
        yield server
    finally:
        server.kill()


class Proxy:
    """Hands requests on to a server; can demand a header, speak TLS, dawdle, answer by itself, hang up."""

    def __init__(self, server: ChromaServer, context: ssl.SSLContext | None = None) -> None:
        self._server, self._context = server, context
        self.demand = ""
        """A header, as it goes over the wire, without which a request is refused."""
        self.delay = 0.0
        """Seconds before each answer."""
        self.drip = 0.0
        """Seconds before each of an answer's last bytes."""
        self.instead: list[bytes] = []
        """Whole responses that are given next, in place of the server's; b"" hangs up."""
        self.before: Callable[[str], object] = lambda head: None
        """Called with the head of a request before it goes on."""
        self.asked: list[str] = []
        """Heads of all requests so far."""
        self._closing = threading.Event()
        self._listener = socket.create_server((LOCAL, 0))
        self._links: set[socket.socket] = set()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def url(self, host: str = LOCAL) -> str:
        scheme = "https" if self._context else "http"
        return f"{scheme}://{host}:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        self._closing.set()
        with contextlib.suppress(OSError):  # some systems refuse that for a socket that only listens
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for link in list(self._links):
            with contextlib.suppress(OSError):  # the other side may have closed it
                link.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                link, _ = self._listener.accept()
            except OSError:
                return
            self._links.add(link)
            thread = threading.Thread(target=self._serve, args=(link,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, link: socket.socket) -> None:
        # What the other side does to the connection is its right, and under test there.
        with contextlib.suppress(OSError), link:
            if self._context is not None:
                link = self._context.wrap_socket(link, server_side=True)
            with link:
                while (request := _message(link)) is not None:
                    answer = self._answer(*request)
                    self._closing.wait(self.delay)
                    if not answer:
                        return
                    link.sendall(answer[:-30])
                    for byte in answer[-30:]:
                        self._closing.wait(self.drip)
                        link.sendall(bytes([byte]))
        self._links.discard(link)

    def _answer(self, head: bytes, body: bytes) -> bytes:
        self.asked.append(head.decode("latin-1"))
        self.before(self.asked[-1])
        if self.instead:
            return self.instead.pop(0)
        if self.demand not in self.asked[-1]:
            return response("401 Unauthorized", b'{"error":"unauthorized","message":"no"}')
        with socket.create_connection((LOCAL, self._server.port)) as behind:
            behind.sendall(head + body)
            got = _message(behind)
        return b"".join(got) if got else b""


@contextmanager
def proxy(server: ChromaServer, context: ssl.SSLContext | None = None) -> Iterator[Proxy]:
    """A proxy for the block."""
    made = Proxy(server, context)
    try:
        yield made
    finally:
        made.close()


def local_certificate() -> ssl.SSLContext:
    """A server's context with the test certificate, which is for this machine."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


def response(status: str, body: bytes = b"", *headers: str) -> bytes:
    """A whole response."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Content-Type: application/json", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def free_port() -> int:
    with socket.create_server((LOCAL, 0)) as found:
        return int(found.getsockname()[1])


def _message(link: socket.socket) -> tuple[bytes, bytes] | None:
    """One request, or response, with its body; None at the end of the connection."""
    got = b""
    while b"\r\n\r\n" not in got:
        more = link.recv(65536)
        if not more:
            return None
        got += more
    head, _, body = got.partition(b"\r\n\r\n")
    fields = dict(line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:])
    if b"chunked" in fields.get(b"transfer-encoding", b""):
        while not body.endswith(b"0\r\n\r\n"):
            body += link.recv(65536)
    while len(body) < int(fields.get(b"content-length", b"0")):
        more = link.recv(65536)
        if not more:
            return None
        body += more
    return head + b"\r\n\r\n", body

"""A web server on loopback that can misbehave in any way: each path has a function with the bare socket."""

from __future__ import annotations

import contextlib
import gzip
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from corpus.fetching import Rules

Handler = Callable[[socket.socket], object]
LOCAL = "127.0.0.1"
PARAGRAPHS = (
    "The ferry to the outer islands stopped on Monday after an inspection found cracks in its hull.",
    "“We had no choice,” the harbour master said, and he expects the ferry to sail again in May.",
    "About 1,400 people live on the islands, and a fishing boat takes food and medicine to them.",
)


class Web:
    """Serves until closed; `asked` are the requests so far, head only."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.pages: dict[str, Handler] = {}
        self.asked: list[str] = []
        self.scheme = "https" if context else "http"
        self._context = context
        self._listener = socket.create_server((LOCAL, 0))
        self.port = int(self._listener.getsockname()[1])
        self.closing = threading.Event()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def url(self, path: str = "/", host: str = "velm.example.com") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"

    def serve(self, path: str, handler: Handler | bytes) -> str:
        """Answer `path` with bytes, or let a function do what it likes; returns the address."""
        self.pages[path] = (lambda link: link.sendall(handler)) if isinstance(handler, bytes) else handler
        return self.url(path)

    def rules(self, **other: object) -> Rules:
        """The usual rules with this server allowed and every name leading to it."""
        given = {"allow": frozenset({(LOCAL, self.port)}), "resolve": lambda _host, _port: [LOCAL]}
        return Rules(**{**given, **other})  # type: ignore[arg-type]  # a test says what it means

    def close(self) -> None:
        self.closing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(10)

    def _accept(self) -> None:
        while not self.closing.is_set():
            try:
                link, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._answer, args=(link,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _answer(self, link: socket.socket) -> None:
        # Whatever the other side does to the connection is its right, and under test there.
        with contextlib.suppress(OSError), link:
            link.settimeout(10)
            if self._context is not None:
                link = self._context.wrap_socket(link, server_side=True)
            with link:
                head = b""
                while b"\r\n\r\n" not in head:
                    got = link.recv(65536)
                    if not got:
                        return
                    head += got
                    if head.startswith(b"\x16"):  # TLS, which is not spoken here
                        return
                self.asked.append(head.decode("latin-1"))
                path = self.asked[-1].split(" ", 2)[1].partition("?")[0]
                self.pages.get(path, lambda other: other.sendall(answer(b"", status="404 Not Found")))(link)


@contextmanager
def web(context: ssl.SSLContext | None = None) -> Iterator[Web]:
    made = Web(context)
    try:
        yield made
    finally:
        made.close()


def answer(
    body: bytes = b"",
    kind: str | None = "text/html; charset=utf-8",
    status: str = "200 OK",
    headers: Sequence[str] = (),
    length: int | None = -1,
) -> bytes:
    """A whole response; `length` None leaves Content-Length out."""
    lines = [f"HTTP/1.1 {status}", *headers]
    if kind is not None:
        lines.append(f"Content-Type: {kind}")
    if length is not None:
        lines.append(f"Content-Length: {len(body) if length == -1 else length}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def moved(to: str, status: str = "302 Found") -> bytes:
    return answer(b"", status=status, headers=[f"Location: {to}"])


def page(
    head: str = "", paragraphs: Sequence[str] = PARAGRAPHS, title: str = "Ferry stops after cracks"
) -> bytes:
    """A news page as sites have them."""
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta property="article:published_time" content="2022-03-24T10:00:00Z">{head}</head>'
        f"<body><nav><a href='/'>Home</a></nav><article><h1>{title}</h1>{body}</article></body></html>"
    ).encode()


def bomb(megabytes: int) -> bytes:
    """Zeros under gzip, a thousandth of their size."""
    return gzip.compress(b" " * (megabytes << 20), mtime=0)


def certificate() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with the test certificate, and a client's that believes it."""
    here = Path(__file__).parent
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(here / "velm.pem")
    return server, ssl.create_default_context(cafile=str(here / "velm.pem"))

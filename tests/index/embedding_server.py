"""A real server of embeddings for the tests: the bundled model behind OpenAI's `/v1/embeddings`.

It listens on this machine, and fails on command in the ways in which servers fail. Its vectors are those of
the bundled model in a space of more dimensions, turned but of the same angles: whoever mixes the two up
fails, and whoever does not finds what the bundled model finds.
"""

from __future__ import annotations

import base64
import json
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np

from index.embedding import BundledEmbedder, Vector

DIMENSIONS = 512
_TURN = np.linalg.qr(np.random.default_rng(7).standard_normal((DIMENSIONS, DIMENSIONS)))[0].astype(np.float32)

Vectors = list[list[float]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that came in."""

    texts: tuple[str, ...]
    model: str
    authorization: str


@dataclass(frozen=True, slots=True)
class Fault:
    """How a request goes wrong."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b'{"error": {"message": "as told by the test"}}'
    change: Callable[[Vectors], Any] | None = None
    """Changes the vectors of an answer that looks right."""
    cut: bool = False
    """The connection ends in the midst of the answer."""
    until: threading.Event | None = None
    """Answer only then."""


class EmbeddingServer:
    """Serves until the `with` block ends."""

    def __init__(self, model: BundledEmbedder) -> None:
        self._model = model
        self.asked: list[Asked] = []
        self.faults: deque[Fault | None] = deque()
        """For the next requests, one each; then all is well again."""
        self.poison: tuple[str, Fault] | None = None
        """A word, and what happens to each request with a text that holds it."""
        self.most = 0
        """A request with more texts than this gets no answer before `released`; 0: each gets one."""
        self.released = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    @property
    def texts(self) -> list[str]:
        """All that it was sent, in order."""
        return [text for asked in self.asked for text in asked.texts]

    @contextmanager
    def running(self) -> Iterator[EmbeddingServer]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    def fault(self, texts: Sequence[str]) -> Fault | None:
        if self.poison and any(self.poison[0] in text for text in texts):
            return self.poison[1]
        if 0 < self.most < len(texts):
            return Fault(until=self.released)
        return self.faults.popleft() if self.faults else None

    def vectors(self, texts: Sequence[str]) -> Vectors:
        return [turned(self._model.question(text)).tolist() for text in texts]


def turned(vector: Vector) -> Vector:
    """A vector of the bundled model as the server gives it."""
    longer: Vector = _TURN[:, : vector.size] @ vector
    return longer


def _handler(server: EmbeddingServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
            server.asked.append(Asked(tuple(texts), body["model"], self.headers.get("Authorization", "")))
            fault = server.fault(texts) or Fault()
            if fault.until is not None:
                fault.until.wait()
            if fault.status != 200:
                self._send(fault, fault.body)
                return
            vectors = server.vectors(texts)
            wrong = vectors if fault.change is None else fault.change(vectors)
            self._send(fault, _answer(wrong, body))

        def _send(self, fault: Fault, content: bytes) -> None:
            self.send_response(fault.status)
            for name, value in fault.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            try:
                self.wfile.write(content[: len(content) // 2] if fault.cut else content)
            except OSError:  # who asked did not wait
                self.close_connection = True

        def log_message(self, *args: Any) -> None:
            """Nothing: the tests read `asked`."""

    return Handler


def _answer(vectors: Any, body: dict[str, Any]) -> bytes:
    def shown(vector: Any) -> Any:
        if body.get("encoding_format") != "base64":
            return vector
        return base64.b64encode(np.array(vector, dtype=np.float32).tobytes()).decode()

    data = [
        {"object": "embedding", "index": place, "embedding": shown(vector)}
        for place, vector in enumerate(vectors)
    ]
    used = sum(len(text) // 4 for text in body["input"])
    return json.dumps(
        {
            "object": "list",
            "model": body["model"],
            "data": data,
            "usage": {"prompt_tokens": used, "total_tokens": used},
        }
    ).encode()

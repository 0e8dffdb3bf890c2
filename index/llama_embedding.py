"""Passages and questions embedded by any model that llama-index integrates.

Sentences and words stay with the bundled model, since answers are judged by its vectors. What a server
returns is checked before anything is kept: as many vectors as texts, finite, of one length.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

import numpy as np

from index import providers
from index.embedding import BundledEmbedder, PassageVectors, Remembered, Vector, unit
from index.errors import EmbeddingAway, EmbeddingRefused
from index.patience import FOR_A_QUESTION, FOR_PASSAGES, Fault, Pace, Patience, patiently
from index.providers import Adapter, Wanted
from index.settings import PREFIX, Settings
from index.types import Passage

REQUEST = 120.0
"""Seconds for a request with a batch of passages: a small machine's server reads 20 tokens a second."""
QUESTION = 5.0
"""Seconds for the vector of a question, all attempts together."""
LOOK = 0.1
"""Seconds between looks at whether a refresh was stopped, while a server is waited for."""
KEPT = "What was embedded is kept."

T = TypeVar("T")
Tick = Callable[[], None]


@dataclass(frozen=True, slots=True)
class _Done:
    """A batch: the vectors that came, and the first thing that went wrong."""

    rows: tuple[tuple[Passage, Vector], ...]
    error: EmbeddingAway | EmbeddingRefused | None = None


class LlamaIndexEmbedder:
    """A model by llama-index's integration. Safe to use from several threads.

    Its package loads, and its server is asked, at first use.
    """

    def __init__(
        self,
        name: str,
        settings: Settings,
        bundled: BundledEmbedder,
        patience: tuple[Patience, Patience] = (FOR_A_QUESTION, FOR_PASSAGES),
    ) -> None:
        """`name` as `provider:model`. `patience`: for a question and for passages. Raises SettingsError."""
        self.name = name
        self._provider, self._model = providers.named(name)
        self._kind = providers.BY_NAME[self._provider]
        self._before = ("", "") if self._kind.announces else providers.prefixes(self._model)
        self._settings = settings
        self._bundled = bundled
        self._patience = patience
        self._asked = Remembered()
        self._size = self._kind.batch
        self._dimensions = 0
        self._guard = threading.Lock()
        self._made: dict[float, Adapter] = {}
        self._pace = Pace(settings.embedding_requests_a_minute, settings.embedding_tokens_a_minute)

    @property
    def bundled(self) -> BundledEmbedder:
        """The model of sentences and words."""
        return self._bundled

    @property
    def dimensions(self) -> int:
        """Of the vectors of passages and questions; 0 before the first one came."""
        return self._dimensions

    def expect(self, dimensions: int) -> None:
        """Take over the dimensions of an index that this model built, where they are not known yet."""
        with self._guard:
            self._dimensions = self._dimensions or dimensions

    def load(self) -> None:
        """Load both models. Raises ModelMissing or SettingsError."""
        self._bundled.load()
        self._adapter(QUESTION)

    def question(self, text: str) -> Vector:
        """The vector of a question, shape (dimensions,), read-only; those asked before are remembered.

        Raises EmbeddingAway or EmbeddingRefused.
        """
        return self._asked.vector(text, self._question)

    def _question(self, text: str) -> Vector:
        adapter = self._adapter(QUESTION)
        said = self._before[0] + text
        self._pace.reserve(self._bundled.count(said))
        stopped = threading.Event()

        def pause(seconds: float) -> None:
            if stopped.wait(seconds):
                raise EmbeddingAway(self._silent())

        def ask() -> Vector:
            made = patiently(
                lambda: [adapter.get_query_embedding(said)], self._patience[0], pause, self._reason
            )
            vector: Vector = self._checked(made, 1)[0]
            return vector

        if not self._kind.served:
            return ask()
        # The client's own limit is for each step of a request; somebody waits for all of them.
        future = _started(ask)
        if not wait([future], timeout=QUESTION).done:
            stopped.set()
            raise EmbeddingAway(self._silent())
        return future.result()

    def passages(
        self, passages: Sequence[Passage], tick: Tick = lambda: None
    ) -> Generator[tuple[Passage, PassageVectors], None, None]:
        """The vectors of passages, in any order; those that came before an error come before it.

        At most a few batches are paid for and not handed out yet. `tick` is called while a server is waited
        for, and may raise. Raises EmbeddingAway, EmbeddingRefused, ModelMissing or SettingsError.
        """
        adapter = self._adapter(REQUEST)
        stopped = threading.Event()
        left = deque(passages)
        waiting: deque[tuple[Sequence[Passage], Future[_Done]]] = deque()

        def send(count: int) -> None:
            for _ in range(count):
                batch = [left.popleft() for _ in range(min(self._size, len(left)))]
                if batch:
                    waiting.append((batch, _started(partial(self._batch, adapter, batch, stopped))))

        try:
            send(self._kind.parallel)
            while waiting:
                batch, future = waiting.popleft()
                own = dict(self._bundled.passages(batch))  # meanwhile the server works
                done = _waited(future, tick)
                if done.error is None:
                    send(1)
                yield from _paired(done, own)
                if done.error is not None:
                    yield from self._rest(waiting, tick)
                    raise done.error
        finally:
            stopped.set()

    def close(self) -> None:
        """Let go of connections."""
        with self._guard:
            self._made.clear()

    def _rest(
        self, waiting: deque[tuple[Sequence[Passage], Future[_Done]]], tick: Tick
    ) -> Iterator[tuple[Passage, PassageVectors]]:
        """What is under way when a batch fails: it may be paid for."""
        while waiting:
            batch, future = waiting.popleft()
            done = _waited(future, tick)
            if done.rows:
                yield from _paired(done, dict(self._bundled.passages(batch)))

    def _batch(self, adapter: Adapter, batch: Sequence[Passage], stopped: threading.Event) -> _Done:
        """Embed a batch; where that fails by one text's fault, or takes too long, its halves."""
        texts = [self._before[1] + passage.embedded for passage in batch]

        def pause(seconds: float) -> None:
            if stopped.wait(seconds):
                raise EmbeddingAway(self._silent())

        try:
            pause(self._pace.reserve(sum(map(self._bundled.count, texts))))
            patience = self._patience[1] if len(batch) == 1 else replace(self._patience[1], silent=1)
            made = patiently(lambda: adapter.get_text_embedding_batch(texts), patience, pause, self._reason)
            return _Done(tuple(zip(batch, self._checked(made, len(texts)), strict=True)))
        except EmbeddingAway as error:
            if not error.late or len(batch) == 1:
                return _Done((), error)
            self._size = min(self._size, len(batch) // 2)  # a slow server is asked for less from now on
        except EmbeddingRefused as error:
            if not error.divisible:
                return _Done((), error)
            if len(batch) == 1:
                return _Done((), EmbeddingRefused(f"{error} It was sent a passage of {batch[0].article_id}."))
        middle = len(batch) // 2
        first = self._batch(adapter, batch[:middle], stopped)
        if isinstance(first.error, EmbeddingAway):
            return first
        second = self._batch(adapter, batch[middle:], stopped)
        return _Done((*first.rows, *second.rows), first.error or second.error)

    def _checked(self, made: Any, count: int) -> Vector:
        """The vectors with unit length, shape (count, dimensions). Raises EmbeddingRefused."""
        where = f"The embedding model {self.name}"
        try:
            rows = np.array(made, dtype=np.float32)
        except (TypeError, ValueError):
            raise EmbeddingRefused(f"{where} answers what is no list of vectors of one length.") from None
        if rows.ndim != 2 or len(rows) != count or not rows.shape[1]:
            got = len(rows) if rows.ndim else 0
            raise EmbeddingRefused(f"{where} gave {got} vectors for {count} texts.", divisible=True)
        if not np.isfinite(rows).all():
            raise EmbeddingRefused(f"{where} gave a vector that holds no number.", divisible=True)
        if not np.linalg.norm(rows, axis=1).all():
            raise EmbeddingRefused(f"{where} gave a vector that is zero throughout.", divisible=True)
        self.expect(rows.shape[1])
        if rows.shape[1] != self._dimensions:
            raise EmbeddingRefused(
                f"{where} gave vectors of {rows.shape[1]} dimensions; the index has {self._dimensions}. "
                "Another model seems to stand behind that name. Set the old one back, or name an empty "
                f"folder with --data or {PREFIX}DATA, and run: footnote refresh"
            )
        return np.stack([unit(row) for row in rows])

    def _adapter(self, timeout: float) -> Adapter:
        with self._guard:
            if timeout not in self._made:
                wanted = Wanted(self._model, self._settings, timeout)
                self._made[timeout] = providers.make(self._provider, wanted)
                if not self._kind.served:  # a model in this process, which is needed once
                    self._made = dict.fromkeys((QUESTION, REQUEST), self._made[timeout])
            return self._made[timeout]

    def _place(self) -> str:
        host = urlsplit(self._settings.embedding_url).netloc
        return f"The embedding model {self.name}{f' at {host}' if host else ''}"

    def _silent(self) -> str:
        return f"{self._place()} does not answer within {QUESTION:g} seconds. Ask again in a moment."

    def _reason(self, fault: Fault) -> str:
        """What went wrong, and what helps; never the key."""
        match fault.status:
            case 401 | 403:
                said = f"refuses the key (HTTP {fault.status}). Set {PREFIX}EMBEDDING_KEY."
            case 404:
                said = f"is not there (HTTP 404). Look at the model's name and {PREFIX}EMBEDDING_URL."
            case 429 if not fault.passing:
                said = "has no credit left (HTTP 429). Look at the account with its provider."
            case 429:
                after = f" for {fault.after:.0f} seconds" if fault.after else ""
                said = f"wants no more requests{after} (HTTP 429). {KEPT} Try again later."
            case None if fault.passing:
                said = f"cannot be reached. {KEPT} Look whether its server runs, and try again."
            case status if fault.passing:
                said = f"fails (HTTP {status}). {KEPT} Try again later."
            case _:
                said = f"refuses the request: {self._without_key(fault.text)[:300]}"
        return f"{self._place()} {said}"

    def _without_key(self, text: str) -> str:
        key = self._settings.embedding_key.reveal()
        return text.replace(key, "…") if key else text


def _started(work: Callable[[], T]) -> Future[T]:
    """Work in a thread of its own, for which the end of the process does not wait."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # raised where the result is asked for
            future.set_exception(error)

    threading.Thread(target=run, name="embed", daemon=True).start()
    return future


def _waited(future: Future[_Done], tick: Tick) -> _Done:
    while not wait([future], timeout=LOOK).done:
        tick()
    return future.result()


def _paired(done: _Done, own: dict[Passage, PassageVectors]) -> Iterator[tuple[Passage, PassageVectors]]:
    for passage, vector in done.rows:
        made = own[passage]
        yield passage, replace(made, passage=vector, own=made.passage)

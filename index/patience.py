"""How often, how soon and how fast another model's server is asked: retries, backoff, limits a minute."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

from index.errors import EmbeddingAway, EmbeddingRefused, FootnoteError, WriterAway, WriterRefused

T = TypeVar("T")

AGAIN = frozenset({408, 425, 429})
"""Statuses below 500 after which the same request may succeed: timeout, too early, too many requests."""
TOO_MUCH = frozenset({400, 413, 422})
"""Statuses that may be about one text of a batch, or about its size."""
_LATE = frozenset({"TimeoutError", "TimeoutException", "APITimeoutError"})
_AWAY = _LATE | {"ConnectionError", "TransportError", "APIConnectionError", "JSONDecodeError"}
"""Classes of Python and of client libraries (httpx, openai; a gateway's page instead of JSON), by name:
which of them is installed is not known."""
_IN_A_STREAM = frozenset({"APIError", "APIStatusError", "ResponseError"})
"""What client libraries raise for an error that a server tells after it has begun to answer."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a request is sent before it counts as failed. Seconds."""

    attempts: int
    first: float = 1.0
    """The longest wait before the second attempt; doubled before each further one."""
    longest: float = 60.0
    """The longest wait before any, also where the server itself names a time."""
    silent: int = 2
    """How often the server may let a request run out of time."""

    def waits(self) -> Iterator[float]:
        """The waits between attempts: anything up to the longest, so that clients do not come in step."""
        for attempt in range(self.attempts - 1):
            yield random.uniform(0.5, 1.0) * min(self.longest, self.first * 2**attempt)


FOR_PASSAGES = Patience(attempts=7)
"""Two minutes, in which a server that restarts is back."""
FOR_A_QUESTION = Patience(attempts=2, first=0.3, longest=1.0)
"""Somebody waits."""
FOR_WRITING = Patience(attempts=3, first=0.4, longest=4.0, silent=1)
"""Somebody waits, but has the articles' own sentences already."""


class Pace:
    """Keeps requests below so many a minute, and below so many tokens."""

    def __init__(
        self, requests: int | None, tokens: int | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`requests` and `tokens` in a minute; None: no limit."""
        self._a_request = 60 / requests if requests else 0.0
        self._a_token = 60 / tokens if tokens else 0.0
        self._clock = clock
        self._free = clock()
        self._guard = threading.Lock()

    def reserve(self, tokens: int) -> float:
        """Take the next place for a request of so many tokens; the seconds until it may be sent.

        Each takes its share of the minute, so that no minute holds more than the limit. A question does
        not wait: it takes its place, and what comes later waits the longer.
        """
        with self._guard:
            start = max(self._clock(), self._free)
            self._free = start + max(self._a_request, tokens * self._a_token)
            return start - self._clock()


def patiently(
    send: Callable[[], T], patience: Patience, pause: Callable[[float], None], reason: Callable[[Fault], str]
) -> T:
    """The result of `send`, which is called again where that may help.

    `pause(seconds)` waits, and may raise to end it. `reason` makes the sentence of what went wrong.
    Raises EmbeddingAway, or EmbeddingRefused where another attempt would not help.
    """
    attempts = _Attempts(patience)
    while True:
        try:
            return send()
        except (EmbeddingAway, EmbeddingRefused):
            raise
        except Exception as error:  # each client library has classes of its own, without a common one
            fault = read_fault(error)
        # Outside of the handler: the library's error may quote the key, and must not be shown as the cause.
        if not fault.passing:
            raise EmbeddingRefused(reason(fault), divisible=fault.status is None or fault.status in TOO_MUCH)
        wait = attempts.wait(fault)
        if wait is None:
            raise EmbeddingAway(reason(fault), late=fault.late)
        pause(wait)


async def patiently_begun(
    send: Callable[[], Awaitable[T]], patience: Patience, reason: Callable[[Fault], str]
) -> T:
    """The same for the beginning of a reply of a language model. Raises WriterAway or WriterRefused.

    What `send` raises as an error of Footnote goes through.
    """
    attempts = _Attempts(patience)
    while True:
        try:
            return await send()
        except FootnoteError:
            raise
        except Exception as error:  # as above
            fault = read_fault(error)
        if not fault.passing:
            raise WriterRefused(reason(fault))
        wait = attempts.wait(fault)
        if wait is None:
            raise WriterAway(reason(fault))
        await asyncio.sleep(wait)


class _Attempts:
    """How long to wait after each attempt that failed."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._waits = patience.waits()
        self._silent = 0

    def wait(self, fault: Fault) -> float | None:
        """Seconds before the next one; None: it is enough."""
        wait, self._silent = next(self._waits, None), self._silent + fault.late
        if wait is None or self._silent == self._patience.silent:
            return None
        if fault.after is None:
            return wait
        return fault.after if fault.after <= self._patience.longest else None


@dataclass(frozen=True, slots=True)
class Fault:
    """What an error of a client library says."""

    passing: bool
    """Whether the same request may succeed later."""
    status: int | None
    """Of HTTP, where there was an answer."""
    after: float | None
    """Seconds after which the server wants to be asked again."""
    text: str
    """In the library's words, on one line."""
    late: bool = False
    """Whether the time for the request ran out."""

    @property
    def kind(self) -> str:
        """The class of the library's error, which is fit to be shown where its words are not."""
        return self.text.partition(":")[0]


def read_fault(error: Exception) -> Fault:
    """What an error, or what caused it, says."""
    chain: list[BaseException] = []
    each: BaseException | None = error
    while each is not None and each not in chain:
        chain.append(each)
        each = each.__cause__ or each.__context__
    status = next((found for found in map(_status, chain) if found is not None), None)
    text = f"{type(error).__name__}: {' '.join(str(error).split())}"
    if status is not None:
        # Without credit, OpenAI answers as to one who asks too often.
        spent = any(getattr(one, "code", None) == "insufficient_quota" for one in chain)
        passing = (status >= 500 or status in AGAIN) and not spent
        after = next((found for found in map(_after, chain) if found is not None), None)
        return Fault(passing, status, after, text)
    names = {kind.__name__ for each in chain for kind in type(each).__mro__}
    passing = bool(names & _AWAY) or type(error).__name__ in _IN_A_STREAM
    return Fault(passing, None, None, text, late=bool(names & _LATE))


def _status(error: BaseException) -> int | None:
    for owner in (error, getattr(error, "response", None)):
        found = getattr(owner, "status_code", None)
        if isinstance(found, int) and found >= 400:
            return found
    return None


def _after(error: BaseException) -> float | None:
    headers: Any = getattr(getattr(error, "response", None), "headers", None)
    said = headers.get("retry-after") if headers is not None else None
    return retry_after(str(said)) if said else None


def retry_after(said: str) -> float | None:
    """The header Retry-After in seconds: a number, or a date (RFC 9110, 10.2.3); None for anything else."""
    if said.replace(".", "", 1).isdecimal():
        return float(said)
    try:
        then = parsedate_to_datetime(said)
    except ValueError:
        return None
    return max(0.0, ((then if then.tzinfo else then.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds())

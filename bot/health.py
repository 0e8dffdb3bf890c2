"""Figures about the bot, and a local port that shows them. Holds no words and nobody's name.

Labels are names from the code: outcomes, commands, classes of errors. Use a `Figures` in the event loop.
"""

from __future__ import annotations

import errno
import logging
from bisect import bisect_left
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from index.errors import SettingsError
from index.types import Writing

if TYPE_CHECKING:
    from aiohttp import web

log = logging.getLogger(__name__)

BOUNDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0)
"""Upper bounds of the histograms' buckets, in seconds. Discord waits 3 for the first response."""
GOODBYE = 1.0
"""Seconds that a request under way has when the bot stops."""


@dataclass(slots=True)
class Histogram:
    """How many seconds things took."""

    buckets: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    """How many took up to each bound and more than the one before; the last: more than any."""
    total: float = 0.0

    def add(self, seconds: float) -> None:
        """Count one."""
        self.buckets[bisect_left(BOUNDS, seconds)] += 1
        self.total += seconds


class Figures:
    """Counts since the start of the bot."""

    def __init__(self) -> None:
        """All at zero."""
        self.questions: Counter[str] = Counter()
        self.commands: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.writings: Counter[str] = Counter()
        self.sentences: Counter[str] = Counter()
        self.tokens: Counter[str] = Counter()
        self.cost: float | None = None
        """In the money of the settings' prices; None where they are not set."""
        self.refusals = 0
        self.answers = Histogram()
        self.responses = Histogram()
        self.gauges: dict[str, tuple[str, Callable[[], float | None]]] = {}
        """Name -> what it means, and how to read it now; None while it is not known."""

    def question(self, outcome: str, seconds: float) -> None:
        """A question was answered, or found nothing, after so many seconds, the queue included."""
        self.questions[outcome] += 1
        self.answers.add(seconds)

    def written(self, writing: Writing | None) -> None:
        """What a language model did for an answer; nothing where there is none."""
        if writing is None:
            return
        self.writings["denied" if writing.denied else writing.silence or "written"] += 1
        if writing.silence in ("", "unusable"):  # of a reply that broke off nothing is known to be wrong
            self.sentences.update(held=writing.held, dropped=writing.written - writing.held)
        self.tokens.update({"in": writing.tokens_in, "out": writing.tokens_out})
        if writing.cost is not None:
            self.cost = (self.cost or 0.0) + writing.cost

    def command(self, name: str) -> None:
        """A command came."""
        self.commands[name] += 1

    def error(self, kind: str) -> None:
        """Somebody was told of an error of this class."""
        self.errors[kind] += 1

    def responded(self, seconds: float) -> None:
        """Discord had the first response to a command or a button after so many seconds."""
        self.responses.add(seconds)

    def limited(self) -> None:
        """Somebody asked too much."""
        self.refusals += 1

    def text(self) -> str:
        """All figures in the Prometheus text format 0.0.4.

        https://prometheus.io/docs/instrumenting/exposition_formats/
        """
        return "\n".join([*self._lines(), ""])

    def _lines(self) -> Iterator[str]:
        yield from _counter("questions", "Questions by outcome.", "outcome", self.questions)
        yield from _counter("commands", "Commands by name.", "name", self.commands)
        yield from _counter("errors", "Errors that somebody was told of, by class.", "kind", self.errors)
        if self.writings:  # a bot without a language model shows none of this
            yield from self._of_the_model()
        yield from _head("limited_total", "counter", "Questions refused because one person asked too many.")
        yield f"footnote_limited_total {self.refusals}"
        meaning = "Seconds from question to answer, queue included."
        yield from _histogram("answer_seconds", meaning, self.answers)
        meaning = "Seconds from a command or a button to the first response."
        yield from _histogram("first_response_seconds", meaning, self.responses)
        for name, (meaning, read) in self.gauges.items():
            yield from _gauge(name, meaning, read)

    def _of_the_model(self) -> Iterator[str]:
        meaning = "Answers that a language model was to write, by what it did, or why it did not."
        yield from _counter("writings", meaning, "result", self.writings)
        meaning = "Sentences that it wrote, by whether they held against their quotes."
        yield from _counter("written_sentences", meaning, "result", self.sentences)
        yield from _counter("model_tokens", "Tokens sent to it, and got from it.", "way", self.tokens)
        if self.cost is not None:
            yield from _head("model_cost_total", "counter", "What it cost, in the money of the settings.")
            yield f"footnote_model_cost_total {self.cost!r}"


def _head(name: str, kind: str, meaning: str) -> Iterator[str]:
    safe = meaning.replace("\\", r"\\").replace("\n", r"\n")
    yield f"# HELP footnote_{name} {safe}"
    yield f"# TYPE footnote_{name} {kind}"


def _counter(name: str, meaning: str, label: str, counts: Mapping[str, int]) -> Iterator[str]:
    yield from _head(f"{name}_total", "counter", meaning)
    for value, number in sorted(counts.items()):
        safe = value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
        yield f'footnote_{name}_total{{{label}="{safe}"}} {number}'


def _histogram(name: str, meaning: str, seconds: Histogram) -> Iterator[str]:
    yield from _head(name, "histogram", meaning)
    so_far = 0
    for bound, number in zip((*BOUNDS, "+Inf"), seconds.buckets, strict=True):
        so_far += number
        yield f'footnote_{name}_bucket{{le="{bound}"}} {so_far}'
    yield f"footnote_{name}_sum {seconds.total!r}"
    yield f"footnote_{name}_count {so_far}"


def _gauge(name: str, meaning: str, read: Callable[[], float | None]) -> Iterator[str]:
    try:
        value = read()
    except Exception:  # whatever it reads, the other figures are still worth showing
        log.exception("The figure %s cannot be read", name)
        return
    if value is not None:
        yield from _head(name, "gauge", meaning)
        # Python's inf and nan are read as +Inf and NaN: the format takes what Go's ParseFloat does.
        yield f"footnote_{name} {float(value)!r}"


@asynccontextmanager
async def serve(port: int, figures: Figures, healthy: Callable[[], bool]) -> AsyncIterator[int]:
    """Serve /healthz and /metrics on this machine alone; the port (0 lets the system choose one).

    Raises SettingsError where the port is taken or not allowed.
    """
    from aiohttp import web

    async def health(_: web.Request) -> web.Response:
        good = healthy()
        status = "ok" if good else "not ready"
        return web.json_response({"status": status}, status=200 if good else 503)

    async def metrics(_: web.Request) -> web.Response:
        headers = {"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
        return web.Response(body=figures.text().encode(), headers=headers)

    app = web.Application()
    app.add_routes([web.get("/healthz", health), web.get("/metrics", metrics)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=GOODBYE)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, "127.0.0.1", port).start()
        except OSError as error:
            raise SettingsError(_refused(port, error.errno)) from None
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


def _refused(port: int, code: int | None) -> str:
    if code == errno.EADDRINUSE:
        return (
            f"The port {port} of FOOTNOTE_HEALTH_PORT is in use by another program. "
            "Choose another, or leave the setting empty to do without."
        )
    if code == errno.EACCES:
        return f"The port {port} of FOOTNOTE_HEALTH_PORT is reserved for the system. Choose one above 1023."
    why = errno.errorcode.get(code or 0, "unknown reason")
    return f"The port {port} of FOOTNOTE_HEALTH_PORT cannot be used ({why}). Choose another."

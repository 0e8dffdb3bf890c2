"""Who is answered when: a limit for each person, and a queue with a visible place for each server."""

from __future__ import annotations

import time
from asyncio import Future, get_running_loop
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

MINUTE = 60.0
PEOPLE = 10_000
"""People whose last questions are remembered; the one who was quiet longest is forgotten."""


class Cooldown:
    """At most so many questions of one person within any minute."""

    def __init__(self, a_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds."""
        self._limit = a_minute
        self._clock = clock
        self._asked: OrderedDict[int, deque[float]] = OrderedDict()

    def wait(self, person: int) -> float:
        """Seconds until this person may ask; 0 counts as a question asked."""
        now = self._clock()
        asked = self._asked.setdefault(person, deque())
        self._asked.move_to_end(person)
        while asked and now - asked[0] >= MINUTE:
            asked.popleft()
        if len(asked) >= self._limit:
            return MINUTE - (now - asked[0])
        asked.append(now)
        while len(self._asked) > PEOPLE:
            self._asked.popitem(last=False)
        return 0.0


@dataclass(slots=True)
class _Line:
    """The queue of one server."""

    working: int = 0
    waiting: deque[Future[None]] = field(default_factory=deque)


class Queues:
    """First come, first served, for each server on its own."""

    def __init__(self, at_a_time: int) -> None:
        """`at_a_time` questions of one server are worked on side by side."""
        self._at_a_time = at_a_time
        self._lines: dict[int, _Line] = {}

    @property
    def waiting(self) -> int:
        """Questions that wait, over all servers."""
        return sum(len(line.waiting) for line in self._lines.values())

    @asynccontextmanager
    async def turn(self, server: int, told: Callable[[int], Awaitable[None]]) -> AsyncIterator[None]:
        """Wait for one's turn. `told(place)` is awaited once where there is a wait; 1 is the next."""
        line = self._lines.setdefault(server, _Line())
        if line.working < self._at_a_time and not line.waiting:
            line.working += 1
        else:
            await self._wait(server, line, told)
        try:
            yield
        finally:
            line.working -= 1
            self._advance(server, line)

    async def _wait(self, server: int, line: _Line, told: Callable[[int], Awaitable[None]]) -> None:
        turn: Future[None] = get_running_loop().create_future()
        line.waiting.append(turn)
        try:
            await told(len(line.waiting))
            await turn
        except BaseException:  # whoever leaves the queue must not block it, for whatever reason
            if turn in line.waiting:
                line.waiting.remove(turn)
            else:
                line.working -= 1  # its turn had come already
            self._advance(server, line)
            raise

    def _advance(self, server: int, line: _Line) -> None:
        while line.waiting and line.working < self._at_a_time:
            line.working += 1
            turn = line.waiting.popleft()
            if not turn.done():
                turn.set_result(None)
        if not line.working and not line.waiting:
            self._lines.pop(server, None)

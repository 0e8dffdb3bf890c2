"""One request to a language model: within the budget, in turn, in time; and what it took."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol, TypeVar

from index.errors import FootnoteError
from index.llm import Model, Piece, Request
from index.settings import Settings
from index.spending import Reservation, Spending
from index.types import Silence

log = logging.getLogger(__name__)

T = TypeVar("T")
BUSY = 5.0
"""Seconds that a request waits for one of those before it to end."""
A_TOKEN = 3.5
"""Characters for a token, where the provider has not counted: rather too few, so that it is not too cheap."""


class Beside(Protocol):
    """Runs what takes a processor's time beside the event loop."""

    async def __call__(self, work: Callable[[], T]) -> T:
        """The result of `work`."""
        ...


@dataclass(slots=True)
class Taken:
    """What a request took; grows while the reply comes."""

    tokens_in: int = 0
    tokens_out: int = 0
    read: int = 0
    """Characters of the reply that have come."""
    cost: float | None = None
    """None where no prices are set."""


class Failed(Exception):
    """No reply came, or not all of it."""

    def __init__(self, silence: Silence) -> None:
        """`silence` is why."""
        super().__init__(silence)
        self.silence: Silence = silence


class Requests:
    """Sends requests to one model."""

    def __init__(self, model: Model, spending: Spending, settings: Settings, beside: Beside) -> None:
        """Nothing is opened before the first request."""
        self.model = model
        self.beside = beside
        self._spending = spending
        self._turns = asyncio.Semaphore(settings.llm_at_a_time)

    @asynccontextmanager
    async def sent(
        self, request: Request, person: str, taken: Taken, seconds: float
    ) -> AsyncIterator[AsyncIterator[Piece]]:
        """The pieces of a reply, which is let go of at the end of the block. Raises Failed."""
        reserved = await self.beside(lambda: self._spending.reserve(person, tokens_of(request), request.most))
        if not isinstance(reserved, Reservation):
            raise Failed(reserved)
        came = True
        try:
            async with (
                asyncio.timeout(seconds),
                self._turn(),
                aclosing(self.model.reply(request)) as pieces,
            ):
                yield _counted(pieces, taken)
        except TimeoutError:
            raise Failed("late") from None
        except Failed:
            came = False
            raise
        except FootnoteError as error:
            came = taken.read > 0
            log.info("The language model did not answer (%s).", type(error).__name__)
            raise Failed("away") from None
        except Exception as error:  # a client library's own errors; their text may quote the prompt
            log.warning("The language model failed (%s).", type(error).__name__)
            raise Failed("away") from None
        finally:
            if came:  # of a reply that is let go of, or breaks off, nobody has told what it took
                taken.tokens_in = taken.tokens_in or tokens_of(request)
                taken.tokens_out = taken.tokens_out or round(taken.read / A_TOKEN)
            taken.cost = await asyncio.shield(
                self.beside(lambda: self._spending.settle(reserved, taken.tokens_in, taken.tokens_out))
            )

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        try:
            await asyncio.wait_for(self._turns.acquire(), BUSY)
        except TimeoutError:
            raise Failed("busy") from None
        try:
            yield
        finally:
            self._turns.release()


def tokens_of(request: Request) -> int:
    """Tokens of a request, as they are reserved before the provider has counted."""
    return round((len(request.system) + len(request.user)) / A_TOKEN)


async def _counted(pieces: AsyncIterator[Piece], taken: Taken) -> AsyncIterator[Piece]:
    async for piece in pieces:
        taken.tokens_in += piece.tokens_in
        taken.tokens_out += piece.tokens_out
        taken.read += len(piece.text)
        yield piece

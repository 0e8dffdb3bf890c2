"""What the scripts that ask have in common: the questions, the filters, the desks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date, timedelta
from typing import TYPE_CHECKING

from articles import DAYS, FIRST_DAY, OUTLETS
from common import NEWS, records
from data import folder

if TYPE_CHECKING:
    from index.desk import Desk
    from index.settings import Settings
    from index.types import Filters, Question

VARIANTS = ("none", "source", "date", "both")
WINDOWS = (30, 90, 365)
"""Days that a filter on the date lets pass, by turns: a sixtieth to a fifth of the whole time."""


def there(sizes: Sequence[int]) -> list[int]:
    """Those of the sizes whose index is built."""
    return [size for size in sizes if (folder(size) / "built.json").is_file()]


def settings(size: int) -> Settings:
    """The settings of an index of the benchmark."""
    from index.settings import Settings

    return Settings(corpus=folder(size) / "corpus", data=folder(size) / "data")


def questions(limit: int | None) -> list[Question]:
    """The news questions, each with the day on which it was asked."""
    from index.types import Question

    rows = records(NEWS / "questions.jsonl")
    count = min(limit or len(rows), len(rows))
    chosen = [rows[i * len(rows) // count] for i in range(count)]
    return [Question(row["question"], asked=date.fromisoformat(row["asked"])) for row in chosen]


def forgetful() -> None:
    """Let no desk of this process remember the vectors of questions.

    Each is asked here in several ways, one after the other; from the second on it would come out too cheap.
    """
    from index.embedding import Remembered

    Remembered.vector = lambda _, text, embed: embed(text)  # type: ignore[method-assign]  # for this run


def filters(number: int) -> dict[str, Filters]:
    """The filters of a question, the same at every size: each outlet and each length of time by turns."""
    from index.types import Filters

    source = list(OUTLETS)[number % len(OUTLETS)]
    days = WINDOWS[number % len(WINDOWS)]
    after = FIRST_DAY + timedelta((number * 97) % (DAYS - days))
    before = after + timedelta(days)
    return {
        "none": Filters(),
        "source": Filters(source=source),
        "date": Filters(after=after, before=before),
        "both": Filters(source=source, after=after, before=before),
    }


@asynccontextmanager
async def desks(sizes: Sequence[int], *, warm: bool = True) -> AsyncIterator[dict[int, Desk]]:
    """A desk for each size, all in this process: as a bot has it, or as a command that asks once."""
    from index import open_desk

    async with AsyncExitStack() as stack:
        opened = {}
        for size in sizes:
            opened[size] = open_desk(settings(size), purpose="benchmark")
            stack.push_async_callback(opened[size].close)
            if warm:
                await opened[size].warm()
        yield opened

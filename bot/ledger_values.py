"""What the ledger takes and gives, and its errors. Moments are aware and in UTC; days are days of UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from index.errors import FootnoteError
from index.types import Answer, Filters


class LedgerBroken(FootnoteError):
    """The bot's records cannot be read or written."""


class LedgerNewer(FootnoteError):
    """The bot's records were written by a newer Footnote."""


class LedgerClosed(FootnoteError):
    """The bot is stopping: its records are closed already."""

    def __init__(self) -> None:
        """The sentence is always the same."""
        super().__init__("The bot is stopping. Try again when it is back.")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a question was asked, and by whom: ids of Discord."""

    server: int | None
    channel: int
    person: int
    private: bool
    """Only the person sees the answer: an ephemeral one, or a direct message."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it was given."""

    id: str
    answer: Answer
    filters: Filters
    place: Place
    asked: datetime
    message: int | None
    """Id of the message that shows it; None before it is posted."""
    follows: str | None
    """Id of the answer that its question followed on."""


@dataclass(frozen=True, slots=True)
class Act:
    """What a moderator did."""

    when: datetime
    person: int
    name: str
    """The person's name as it was then."""
    server: int | None
    kind: str
    """Such as "refresh", "add"."""
    detail: str


@dataclass(frozen=True, slots=True)
class Gap:
    """A question that the articles did not answer well, however often it was asked."""

    id: int
    question: str
    """As it was asked last."""
    asked: int
    """How often it found nothing or was thumbed down, since it was last closed."""
    disliked: int
    """How many thumbs down its answers have."""
    first: datetime
    last: datetime
    likely: float | None = None
    """How likely the best that was found last answers it, 0 to 1; None where nothing was found."""


@dataclass(frozen=True, slots=True)
class Day:
    """The questions of one day."""

    day: date
    questions: int
    not_found: int


@dataclass(frozen=True, slots=True)
class Today:
    """The questions of a day, with how long their answers took; None without a question."""

    questions: int
    not_found: int
    median_seconds: float | None
    slowest_seconds: float | None


@dataclass(frozen=True, slots=True)
class StoredDraft:
    """A page or a file that waits for a moderator's yes or no."""

    id: str
    name: str
    content: bytes = field(repr=False)
    url: str | None
    person: int
    """Id of the moderator who brought it."""
    made: datetime

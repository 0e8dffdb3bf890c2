"""The values of what is done to an index: refreshes, drafts, undoing, its state and its checks.

Everything is frozen, as in `types.py`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from corpus.article import Article, Unread
from index.pausing import Pause
from index.types import Card


@dataclass(frozen=True, slots=True)
class Draft:
    """Articles from a page or a file that are not yet in the corpus."""

    name: str
    """The file that they would be in the corpus folder."""
    content: bytes = field(repr=False)
    """What that file would hold."""
    articles: tuple[Article, ...]
    passages: int
    """How many passages they would give."""
    unread: tuple[Unread, ...] = ()
    """Records of the file that could not be read."""
    known: tuple[Card, ...] = ()
    """Articles of the index with the same words from the same outlet, which it would repeat."""
    url: str | None = None
    """Where it was fetched from."""


@dataclass(frozen=True, slots=True)
class Generation:
    """A change of the articles that is kept, so that it can be undone."""

    number: int
    """The generation that it made."""
    made: datetime | None
    """In UTC; None where an older Footnote did not note it."""
    added: int
    changed: int
    removed: int


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo did: the articles are again as before the last change that was not undone yet."""

    restored: tuple[str, ...] = ()
    """Ids of articles that are back, in their earlier version too."""
    taken_out: tuple[str, ...] = ()
    """Ids of articles that the change had added."""
    generation: int = 0


@dataclass(frozen=True, slots=True)
class Duplicate:
    """An article that was left out because the same words from the same outlet are kept already."""

    origin: str
    kept: str
    """Id of the article that is kept."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What an embedding model other than the bundled one would have to read."""

    passages: int
    tokens: int
    """Counted with the bundled model's word pieces, and rather too many than too few."""
    cost: float | None
    """In the money of the setting FOOTNOTE_EMBEDDING_PRICE; None where that is not set."""


@dataclass(frozen=True, slots=True)
class RefreshReport:
    """What a refresh did, or with `dry_run` would do."""

    added: tuple[str, ...] = ()
    """Article ids, as in the three fields below."""
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: int = 0
    failed: tuple[Unread, ...] = ()
    duplicates: tuple[Duplicate, ...] = ()
    embedded: int = 0
    """Passages that the model had to read."""
    seconds: float = 0.0
    dry_run: bool = False
    estimate: Estimate | None = None
    """With `dry_run`, where the model is not the bundled one."""
    anew: bool = False
    """Whether the whole index is built anew: as asked for, or because settings differ from those before."""


Phase = Literal["reading", "embedding", "indexing", "cleaning up"]


Move = Literal["copying", "checking", "packing", "unpacking"]
"""The phases of a backup and of what brings it back; they count megabytes."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a refresh, or a backup, is. `total` is 0 while it is not known."""

    phase: Phase | Move
    done: int
    total: int
    paused: bool = False
    """Whether it stands still until somebody lets it go on."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What the language model took on a day (UTC), and may take."""

    tokens: int
    cost: float | None
    """None where no prices are set."""
    most_tokens: int | None
    most_cost: float | None


@dataclass(frozen=True, slots=True)
class Status:
    """The state of the index, read without loading a model."""

    corpus: str
    data: str
    articles: int
    passages: int
    sources: tuple[tuple[str, int], ...]
    """Outlets with their number of articles, most first; unknown outlets are left out."""
    newest: date | None
    oldest: date | None
    last_refresh: datetime | None
    """In UTC."""
    failed: tuple[Unread, ...]
    duplicates: tuple[Duplicate, ...]
    embedding: str
    generation: int
    bytes: int
    due: str = ""
    """What the settings would have otherwise, as "passage_tokens was 160, is 99": the next refresh builds the
    index anew. Empty where they agree."""
    vectors: str = ""
    """Where the vectors are, if not in the data folder; without what proves who one is."""
    writer: str = ""
    """The language model that writes answers, as provider:model; empty where none is set."""
    spent: Spent | None = None
    """What the language model took today; None where none is set, or where that cannot be read."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of `footnote doctor`."""

    name: str
    ok: bool
    detail: str
    mend: str = ""
    """What to do when it is not ok."""


class Cancel(threading.Event):
    """Set it, and a refresh stops at the next safe point with RefreshCancelled."""


@dataclass(frozen=True, slots=True)
class RefreshOptions:
    """How to refresh."""

    dry_run: bool = False
    allow_removals: bool = False
    rebuild: bool = False
    """Build everything anew from the corpus, though the settings are those that built the index."""
    budget: float | None = None
    """The most that it may cost; None: what the setting FOOTNOTE_EMBEDDING_BUDGET says."""
    only: frozenset[str] | None = None
    """Look at these files of the corpus alone, named as in `Article.origin`; None: at all of them."""
    on_progress: Callable[[Progress], None] = field(default=lambda _: None)
    """Called from the refresh's own thread."""
    pause: Pause = field(default_factory=Pause, compare=False)
    """Holds it, and lets it go on."""

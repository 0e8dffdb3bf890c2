"""Changes of the corpus folder from a face: the folder first, so that it stays the truth, then the index."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from index import drafting
from index.chunking import Chunker
from index.reports import Cancel, Draft, RefreshOptions, RefreshReport
from index.settings import Settings
from index.snapshot import Snapshot

REMOVED = "removed"
"""The folder, beside the index, that keeps what was taken out of the corpus."""


@dataclass(frozen=True, slots=True)
class Editing:
    """What the desk needs to read drafts, and to add and remove articles."""

    settings: Settings
    chunker: Chunker
    reading: Callable[[], AbstractContextManager[Snapshot]]
    alone: Callable[[], AbstractContextManager[None]]
    """The right to change the index. Raises IndexBusy."""
    refreshed: Callable[[RefreshOptions, Cancel], RefreshReport]

    def page(self, url: str) -> Draft:
        """Fetch a page and read its article. Raises PageRefused or UnreadableDraft."""
        with self.reading() as known:
            return drafting.draft_page(url, self.settings, self.chunker, known)

    def file(self, name: str, content: bytes) -> Draft:
        """Read the articles of a file. Raises UnreadableDraft."""
        with self.reading() as known:
            return drafting.draft_file(name, content, self.settings, self.chunker, known)

    def add(self, draft: Draft) -> RefreshReport:
        """Put a draft into the folder and index it; where that fails, the folder is as before."""
        with self.alone():
            origins = drafting.write(draft, self.settings.corpus)
            try:
                return self.refreshed(RefreshOptions(only=origins), Cancel())
            except BaseException:
                for origin in origins:
                    (self.settings.corpus / origin).unlink(missing_ok=True)
                raise

    def remove(self, article_id: str) -> RefreshReport:
        """Take an article out of the folder and of the index; a copy is kept beside the index."""
        with self.alone():
            with self.reading() as known:
                article = known.known_article(article_id)
            kept = self.settings.data_folder / REMOVED
            origins = drafting.take_out(article, self.settings.corpus, kept)
            return self.refreshed(RefreshOptions(only=origins, allow_removals=True), Cancel())

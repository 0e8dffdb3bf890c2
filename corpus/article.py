"""The article: the value that everything else is built from."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Article:
    """One cleaned article.

    `text` is the article's own words, verbatim, with one blank line between
    paragraphs; every offset elsewhere counts its Unicode code points.
    Whatever the file does not show is None (or an empty `title`): nothing is guessed.
    """

    id: str
    title: str
    text: str
    source: str | None
    url: str | None
    published: date | None
    author: str | None
    origin: str
    """The file it came from: a POSIX path relative to the corpus folder."""

    @property
    def digest(self) -> str:
        """SHA-256 (hex) over all that a citation can show, so that a change of any of it is seen."""
        shown = (
            self.id,
            self.title,
            self.text,
            self.source,
            self.url,
            self.published.isoformat() if self.published else None,
            self.author,
        )
        return hashlib.sha256(json.dumps(shown, ensure_ascii=False).encode()).hexdigest()

    @property
    def content_key(self) -> str:
        """SHA-256 (hex) that two copies of one article share: the same words from the same outlet."""
        words = " ".join(self.text.split())
        return hashlib.sha256(f"{self.source or ''}\0{words}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Unread:
    """A file, or one record of a file, that could not be read, and why."""

    origin: str
    """POSIX path relative to the corpus folder; a record of a .jsonl file adds `, line N`."""
    reason: str
    """One sentence that says what is wrong and, where it can, how to mend it."""

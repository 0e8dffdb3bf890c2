"""A folder into articles. Nothing is lost silently: what cannot be read is named, with the reason."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from corpus.article import Article, Unread
from corpus.cleaning import Cleaned, clean
from corpus.decoding import UnreadableError, decode, decode_page
from corpus.files import CorpusFile, load, walk
from corpus.markdown import plain_body, split
from corpus.plain import visible
from corpus.records import NO_TEXT, read_packed_records, read_records

__all__ = ["READER_VERSION", "CorpusFile", "Reading", "digest", "load", "parse", "walk"]

READER_VERSION = 1
"""Raised whenever reading or cleaning would give another result, so that a refresh reads again."""

_NOTHING_LEFT = "Nothing in this file is an article: no text is left after cleaning."


@dataclass(frozen=True, slots=True)
class Reading:
    """What one file gave: its articles, and what of it could not be read."""

    articles: tuple[Article, ...]
    unread: tuple[Unread, ...]


def digest(content: bytes) -> str:
    """SHA-256 (hex) of a file's bytes: the same digest, the same reading."""
    return hashlib.sha256(content).hexdigest()


def parse(origin: str, content: bytes) -> Reading:
    """The articles in a file, by the kind that its name tells; bad content is reported, never raised."""
    results = list(_reader(origin)(origin, content))
    articles = tuple(result for result in results if isinstance(result, Article))
    unread = tuple(result for result in results if isinstance(result, Unread))
    if not articles and len(unread) > 1 and {one.reason for one in unread} == {NO_TEXT}:
        # A file of other records, such as questions: one line says it, not thousands.
        unread = (Unread(origin, f'None of its {len(unread)} records has a "text": it holds no articles.'),)
    return Reading(articles, unread)


_Reader = Callable[[str, bytes], Iterator[Article | Unread]]


def _reader(origin: str) -> _Reader:
    name = origin.lower()
    if name.endswith(".jsonl"):
        return read_records
    if name.endswith(".jsonl.gz"):
        return read_packed_records
    if name.endswith((".html", ".htm")):
        return _one(_read_page)
    return _one(_read_markdown if name.endswith((".md", ".markdown")) else _read_text)


def _one(read: Callable[[str, bytes], Article]) -> _Reader:
    """A reader of files that hold one article."""

    def results(origin: str, content: bytes) -> Iterator[Article | Unread]:
        try:
            article = read(origin, content)
        except UnreadableError as error:
            yield Unread(origin, str(error))
        else:
            yield article if article.text else Unread(origin, _NOTHING_LEFT)

    return results


def _read_text(origin: str, content: bytes) -> Article:
    return _article(origin, clean(decode(content)))


def _read_markdown(origin: str, content: bytes) -> Article:
    head, body = split(visible(decode(content)))
    heading, text = plain_body(body)
    cleaned = clean(text, title=head.title or heading, wrapped=False)
    found = _article(origin, cleaned)
    return Article(
        id=origin,
        title=found.title,
        text=found.text,
        source=head.source or found.source,
        url=head.url or found.url,
        published=head.published or found.published,
        author=head.author or found.author,
        origin=origin,
    )


def _read_page(origin: str, content: bytes) -> Article:
    from corpus.pages import extract

    page = extract(decode_page(content))
    cleaned = clean(page.text, title=page.title, wrapped=False)
    return Article(
        id=origin,
        title=cleaned.title,
        text=cleaned.text,
        source=page.source or cleaned.source,
        url=page.url or cleaned.url,
        published=page.published or cleaned.published,
        author=page.author or cleaned.author,
        origin=origin,
    )


def _article(origin: str, cleaned: Cleaned) -> Article:
    return Article(
        id=origin,
        title=cleaned.title,
        text=cleaned.text,
        source=cleaned.source,
        url=cleaned.url,
        published=cleaned.published,
        author=cleaned.author,
        origin=origin,
    )

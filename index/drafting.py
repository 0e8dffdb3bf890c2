"""Articles from a page or a file, shown before they are in the corpus: read just as a refresh reads them.

A draft holds the very bytes of the file that it would be, and what it shows was read from them.
"""

from __future__ import annotations

import io
import zlib
from gzip import GzipFile
from typing import TYPE_CHECKING

from corpus import reading
from corpus.article import Article
from corpus.decoding import UnreadableError
from corpus.naming import added_name, page_name
from index.errors import PageRefused, UnreadableDraft
from index.folder import take_out, write
from index.reports import Draft
from index.types import Card

if TYPE_CHECKING:
    from corpus.fetching import Rules
    from index.chunking import Chunker
    from index.settings import Settings
    from index.snapshot import Snapshot

__all__ = ["MOST_ARTICLES", "draft_file", "draft_page", "take_out", "write"]

MOST_MB = 8
"""The largest draft, unpacked: what is shown while somebody waits has to be read within seconds."""
MOST_CHARACTERS = 2_000_000
"""The most text in one draft: four long books, for which cutting passages takes some ten seconds."""
MOST_ARTICLES = 1000
"""The most articles in one draft; more belong into the corpus folder by hand."""
_BY_HAND = "Split it, or put it into the corpus folder and run a refresh."


def draft_page(
    url: str, settings: Settings, chunker: Chunker, known: Snapshot, *, rules: Rules | None = None
) -> Draft:
    """Fetch a page and read its article. Blocks: call it in a thread.

    `rules` are for tests. Raises PageRefused where it cannot be fetched, UnreadableDraft where no
    article is in it.
    """
    # HTTP and the reader of pages take time to load, and only here they are needed.
    from corpus.fetching import STANDARD, UnfetchableError, fetch
    from corpus.saving import as_file, same_host

    try:
        page = fetch(url, rules or STANDARD)
        ending, content = as_file(page)
    except UnfetchableError as error:
        raise PageRefused(str(error)) from error
    except UnreadableError as error:
        raise UnreadableDraft(f"The page cannot be added. {error}") from error
    draft = _draft(page_name(page.url) + ending, content, page.url, settings, chunker, known)
    found = draft.articles[0].url
    if found is not None and not same_host(found, page.url):
        raise UnreadableDraft(
            "The page says that its address is on another site than the one it came from. "
            "Give the address of the article itself."
        )
    return draft


def draft_file(name: str, content: bytes, settings: Settings, chunker: Chunker, known: Snapshot) -> Draft:
    """Read the articles of a file that somebody sent; `name` is only believed about its kind.

    The name and the content of a draft give that draft again. Raises UnreadableDraft.
    """
    return _draft(name, content, None, settings, chunker, known)


def _draft(
    name: str, content: bytes, url: str | None, settings: Settings, chunker: Chunker, known: Snapshot
) -> Draft:
    limit = min(settings.max_file_mb, MOST_MB)
    if len(content) > limit << 20:
        raise UnreadableDraft(f"It is larger than {limit} MB. {_BY_HAND}")
    origin = added_name(name, content)
    if origin is None:
        raise UnreadableDraft(
            "This kind of file is not read. Send a .txt, .md, .html, .jsonl or .jsonl.gz file."
        )
    if origin.endswith(".gz") and _unpacks_to_more(content, limit << 20):
        raise UnreadableDraft(f"It unpacks to more than {limit} MB. {_BY_HAND}")
    read = _read(origin, content)
    return Draft(
        name=origin,
        content=content,
        articles=read.articles,
        passages=sum(len(chunker.passages(article)) for article in read.articles),
        unread=read.unread,
        known=_known(read.articles, origin, known),
        url=url,
    )


def _read(origin: str, content: bytes) -> reading.Reading:
    """What a refresh would read, where that is something and not too much."""
    if origin.endswith(".html"):
        from corpus.saving import refuse_maze

        try:
            refuse_maze(content)
        except UnreadableError as error:
            raise UnreadableDraft(f"No article can be read from it. {error}") from error
    read = reading.parse(origin, content)
    if not read.articles:
        raise UnreadableDraft(f"No article can be read from it. {read.unread[0].reason}")
    if len(read.articles) > MOST_ARTICLES:
        raise UnreadableDraft(
            f"It holds {len(read.articles)} articles; at most {MOST_ARTICLES} are added at a time. {_BY_HAND}"
        )
    if sum(len(article.text) for article in read.articles) > MOST_CHARACTERS:
        raise UnreadableDraft(f"It holds more than {MOST_CHARACTERS} characters of text. {_BY_HAND}")
    return read


def _unpacks_to_more(content: bytes, limit: int) -> bool:
    """Whether gzip data is larger than the limit; what breaks before that, the reader reports."""
    used = 0
    try:
        with GzipFile(fileobj=io.BytesIO(content)) as stream:
            while part := stream.read(1 << 20):
                used += len(part)
                if used > limit:
                    return True
    except (EOFError, OSError, zlib.error):
        pass
    return False


def _known(articles: tuple[Article, ...], origin: str, known: Snapshot) -> tuple[Card, ...]:
    """The index's articles with the same words; an id that another article has is refused."""
    keys = {article.content_key for article in articles}
    fresh = {article.id: article.content_key for article in articles}
    same = set()
    for entry in known.entries():
        if entry.content_key in keys:
            same.add(entry.id)
        if entry.origin != origin and fresh.get(entry.id, entry.content_key) != entry.content_key:
            raise UnreadableDraft(
                f"The article with the id {entry.id[:80]!r} would clash with another one in {entry.origin}. "
                "Give it another id, or remove the other one first."
            )
    return tuple(card for card in known.cards() if card.id in same) if same else ()

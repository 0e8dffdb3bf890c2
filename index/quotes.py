"""A quote as it stands in its article, with the sentences around it."""

from __future__ import annotations

from index.checking import holds
from index.snapshot import Snapshot
from index.types import Citation, Context, Span

SIDE = 300
"""Characters of the sentence before, and of that after, at most."""


def context(citation: Citation, known: Snapshot) -> Context | None:
    """The quote with the sentences around it; None where the article no longer holds it word for word.

    The quote may have moved in the article since it was cited: then its new place counts.
    """
    article = known.article(citation.article.id)
    if article is None or not citation.quote:
        return None
    start = citation.start if holds(citation, article.text) else article.text.find(citation.quote)
    if start < 0:
        return None
    end = start + len(citation.quote)
    spans = _spans(article.id, known)
    before = [span for span in spans if span.end <= start]
    after = [span for span in spans if span.start >= end]
    return Context(
        before=_end_of(article.text[before[-1].start : before[-1].end]) if before else "",
        quote=citation.quote,
        after=_beginning_of(article.text[after[0].start : after[0].end]) if after else "",
    )


def _spans(article_id: str, known: Snapshot) -> list[Span]:
    """The article's sentences, in order."""
    found = known.found(known.passage_ids([article_id]))
    return sorted((span for each in found for span in each.passage.sentences), key=lambda span: span.start)


def _beginning_of(sentence: str) -> str:
    words = " ".join(sentence.split())
    if len(words) <= SIDE:
        return words
    cut = words[:SIDE].rfind(" ")
    return words[: cut if cut > 0 else SIDE - 1].rstrip(" ,;:.–—-") + "…"


def _end_of(sentence: str) -> str:
    """The part that stands next to the quote."""
    words = " ".join(sentence.split())
    if len(words) <= SIDE:
        return words
    cut = words.find(" ", len(words) - SIDE)
    return "…" + words[cut if cut > 0 else len(words) - SIDE + 1 :].lstrip(" ,;:.–—-")

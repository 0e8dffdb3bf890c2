"""Article -> passages: runs of whole sentences that fit the model's window. Deterministic and pure."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from corpus.article import Article
from index.embedding import MARKERS, WINDOW
from index.loading import heavy
from index.sentences import sentences
from index.types import Passage, Span

if TYPE_CHECKING:
    from llama_index.core.node_parser import SentenceSplitter

CHUNKING_VERSION = 1
"""Raised whenever the same article would give other passages."""
HEADLINE_CHARACTERS = 160
"""A longer headline is cut in what the model reads: it would crowd the passage out of the window."""


class Chunker:
    """Cuts articles with llama-index's SentenceSplitter, which loads at the first article."""

    def __init__(self, pieces: Callable[[str], list[str]], passage_tokens: int) -> None:
        """`pieces` gives the word pieces of a text; a passage has at most `passage_tokens` of them."""
        self._pieces = pieces
        self._passage_tokens = passage_tokens

    def passages(self, article: Article) -> list[Passage]:
        """The article's passages, in order; they do not overlap and leave out white space only."""
        spans = sentences(article.text)
        headline = self._headline(article.title)
        made: list[Passage] = []
        place = 0
        for chunk in self._splitter.split_text(article.text):
            start = article.text.index(chunk, place)
            place = start + len(chunk)
            inside = tuple(
                Span(max(span.start, start), min(span.end, place))
                for span in spans
                if span.start < place and span.end > start
            )
            made.append(
                Passage(
                    id=_passage_id(article.id, start, chunk),
                    article_id=article.id,
                    start=start,
                    end=place,
                    text=chunk,
                    headline=headline,
                    sentences=inside,
                )
            )
        return made

    def _headline(self, title: str) -> str:
        """As much of a headline as leaves room in the window for the longest passage."""
        shown = shown_headline(title)
        room = WINDOW - MARKERS - self._passage_tokens
        while (pieces := len(self._pieces(shown))) > room:
            shown = shown[: len(shown) * room // pieces].strip()
        return shown

    @cached_property
    def _splitter(self) -> SentenceSplitter:
        with heavy():
            from llama_index.core.node_parser import SentenceSplitter

        # Without the two functions it would count in another model's tokens and load nltk.
        return SentenceSplitter(
            chunk_size=self._passage_tokens,
            chunk_overlap=0,
            # Its own expression loses a comma that follows a comma; here each character is in a piece.
            secondary_chunking_regex="[^,.;。？！]+[,.;。？！]*|[,.;。？！]+",
            paragraph_separator="\n\n",
            # A piece of no tokens would be put into two passages, as overlap that costs nothing.
            tokenizer=lambda text: self._pieces(text) or [text],
            chunking_tokenizer_fn=_sentence_texts,
        )


def shown_headline(title: str) -> str:
    """As much of a headline as is filed with every passage."""
    return title[:HEADLINE_CHARACTERS].strip()


def _sentence_texts(text: str) -> list[str]:
    """The text cut before each sentence: the pieces joined are the text again."""
    starts = [span.start for span in sentences(text)][1:]
    return [text[a:b] for a, b in zip([0, *starts], [*starts, len(text)], strict=True)]


def _passage_id(article_id: str, start: int, text: str) -> str:
    """Never by position in a list: an insertion must not rename every later passage."""
    return hashlib.sha256(f"{article_id}\0{start}\0{text}".encode()).hexdigest()[:32]

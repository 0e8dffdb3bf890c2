"""The last gate: every sentence against its quote. What does not hold goes out. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from index.types import AnswerSentence, Citation


def holds(citation: Citation, text: str) -> bool:
    """Whether the quote stands in the article's text, where the citation says."""
    return bool(citation.quote) and text[citation.start : citation.end] == citation.quote


def checked(
    sentences: tuple[AnswerSentence, ...], citations: tuple[Citation, ...], texts: Mapping[str, str]
) -> tuple[AnswerSentence, ...]:
    """The sentences that are, word for word, one of the quotes that they cite."""
    sound = {c.number: c.quote for c in citations if holds(c, texts.get(c.article.id, ""))}
    return tuple(
        sentence
        for sentence in sentences
        if sentence.citations
        and all(number in sound for number in sentence.citations)
        and any(sentence.text == sound[number] for number in sentence.citations)
    )

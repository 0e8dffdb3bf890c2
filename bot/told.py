"""What is told of a language model's part in an answer, in the words of every face. Pure."""

from __future__ import annotations

from bot.text import shorten
from bot.texts import Texts
from index.types import Answer

WRITER = 80
"""Characters of a model's name that are shown."""


def counted(answer: Answer, texts: Texts) -> tuple[str, ...]:
    """Who wrote the answer, and how many of its sentences were checked; nothing where no model wrote it."""
    writing = answer.writing
    if writing is None or writing.silence or not writing.held or answer.outcome == "not_found":
        return ()
    sentences = texts.count("sentence", writing.written)
    return (
        texts("written_by", writer=shorten(answer.writer, WRITER)),
        texts("checked", held=texts.number(writing.held), sentences=sentences),
    )


def notes(answer: Answer, texts: Texts) -> tuple[str, ...]:
    """Why no model wrote it, what it left out, what of a translation is checked: a sentence each."""
    writing = answer.writing
    if answer.outcome == "not_found":
        return (texts("denied"),) if writing is not None and writing.denied else ()
    told: list[str] = []
    if writing is not None and writing.silence:
        told.append(texts(f"silence_{writing.silence}"))
    elif writing is not None and 0 < writing.held < writing.written:
        told.append(texts("not_all_held"))
    if is_translated(answer):
        told.append(texts("translated"))
    return tuple(told)


def is_translated(answer: Answer) -> bool:
    """Whether a sentence, or a quote, stands there in another language than its article's."""
    return any(each.translation for each in answer.sentences) or any(
        each.translation for each in answer.citations
    )

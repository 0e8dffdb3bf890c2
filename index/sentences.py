"""Where sentences begin and end. Pure."""

from __future__ import annotations

import re

import sentencex

from index.types import Span

PARAGRAPH = re.compile(r"\n\s*\n")
_ENDS_IN_ABBREVIATION = re.compile(r"(?:\b[ap]\.m\.|\bU\.[SKN]\.|\b[A-Z]\.)\s*$")
_GOES_ON = re.compile(r"^(?:[a-z]|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|E[SD]?T\b|GMT\b|UTC\b|CET\b)")
_ENDS_SENTENCE = re.compile(r"[.!?…][\"'”’»)\]]*$")


def paragraphs(text: str) -> list[Span]:
    """The stretches between blank lines, without the white space around them."""
    spans = []
    start = 0
    for gap in [*PARAGRAPH.finditer(text), None]:
        end = gap.start() if gap else len(text)
        spans.append(trimmed(text, start, end))
        start = gap.end() if gap else end
    return [span for span in spans if span.end > span.start]


def sentences(text: str) -> list[Span]:
    """The sentences of a text, in order, without the white space around them.

    A paragraph break always ends a sentence. Quotations of several sentences stay whole,
    as sentencex leaves them; "5 p.m. Monday" is put together again.
    """
    found: list[Span] = []
    for paragraph in paragraphs(text):
        first = len(found)
        body = text[paragraph.start : paragraph.end]
        for boundary in sentencex.get_sentence_boundaries("en", body):
            span = trimmed(
                text, paragraph.start + boundary["start_index"], paragraph.start + boundary["end_index"]
            )
            if span.end == span.start:
                continue
            if len(found) > first and _continues(text, found[-1], span):
                found[-1] = Span(found[-1].start, span.end)
            else:
                found.append(span)
    return found


def is_sentence(text: str) -> bool:
    """Whether a stretch ends as a sentence does; a heading or a list entry does not."""
    return _ENDS_SENTENCE.search(text.rstrip()) is not None


def trimmed(text: str, start: int, end: int) -> Span:
    """The same stretch without white space at its ends."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end)


def _continues(text: str, before: Span, after: Span) -> bool:
    """Whether a boundary is none: inside "Censor.NET", or between "5 p.m." and "Monday"."""
    if before.end == after.start:
        return True
    told = _ENDS_IN_ABBREVIATION.search(text[max(before.start, before.end - 12) : before.end])
    return bool(told and _GOES_ON.match(text[after.start : after.start + 12]))

"""Words for people: text made safe to show, dates, counts. Shared by every face."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date

from index.types import Card, Span

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

# C0 and C1 controls could drive the terminal, directional marks could reorder what is read,
# and a lone surrogate cannot be written to any stream.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_LINE_BREAKS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")


def safe_text(text: str) -> str:
    """`text` without what could drive a terminal or reorder its letters; line breaks stay."""
    text = _LINE_BREAKS.sub("\n", text).replace("\t", " ")
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", _UNSAFE.sub("", text))


def one_line(text: str) -> str:
    """`text` made safe and on one line, with single spaces."""
    return " ".join(safe_text(text).split())


def shorten(text: str, length: int) -> str:
    """`text` on one line, cut at a word with an ellipsis where it is longer than `length`."""
    text = one_line(text)
    if len(text) <= length:
        return text
    cut = text[:length].rfind(" ")
    return text[: cut if cut > length // 2 else length - 1].rstrip(" ,;:.–—-") + "…"


def window(text: str, matched: Sequence[Span], length: int) -> Span:
    """The stretch of at most `length` characters, cut at words, that holds most of the matched words.

    Different words count before repetitions, and what comes first before what comes later. Without
    matched words it is the beginning.
    """
    if len(text) <= length:
        return Span(0, len(text))
    inside = _densest(text, matched, length)
    if not inside or inside[-1].end <= length * 3 // 4:  # what begins a text needs no ellipsis before it
        start = 0
    else:
        room = length - (inside[-1].end - inside[0].start)
        start = min(max(inside[0].start - max(room, 0) // 2, 0), len(text) - length)
        start = _next_word(text, start, inside[0].start)
    end = min(start + length, len(text))
    if end < len(text) and not text[end].isspace():
        gap = max(text.rfind(" ", start, end), text.rfind("\n", start, end))
        end = gap if gap > start else end
    return Span(start, end)


def excerpt(text: str, matched: Sequence[Span], length: int) -> list[tuple[str, bool]]:
    """The window of a text on one line, in pieces with whether they are matched words.

    An ellipsis stands where the text goes on.
    """
    shown = window(text, matched, length)
    pieces: list[tuple[str, bool]] = []
    place = shown.start
    for span in matched:
        if place <= span.start and span.end <= shown.end:
            pieces += [(text[place : span.start], False), (text[span.start : span.end], True)]
            place = span.end
    pieces.append((text[place : shown.end], False))
    clean = [(re.sub(r"\s+", " ", safe_text(piece)), marked) for piece, marked in pieces]
    if shown.start > 0:
        clean = [("… ", False), *clean]
    if shown.end < len(text):
        clean = [*clean[:-1], (clean[-1][0].rstrip(" ,;:.–—-") + "…", False)]
    return [(piece, marked) for piece, marked in clean if piece]


def _densest(text: str, matched: Sequence[Span], length: int) -> Sequence[Span]:
    """Of the matched words, in their order, those of the best stretch; the first one if all are longer."""
    words = [text[span.start : span.end].casefold() for span in matched]
    held: Counter[str] = Counter()
    best, inside, end = (0, 0), matched[:1], 0
    for first, span in enumerate(matched):
        while end < len(matched) and matched[end].end <= span.start + length:
            held[words[end]] += 1
            end += 1
        worth = (len(held), end - first)
        if worth > best:
            best, inside = worth, matched[first:end]
        if end == first:  # a word longer than the stretch: it was not counted
            end = first + 1
        elif held[words[first]] > 1:
            held[words[first]] -= 1
        else:
            del held[words[first]]
    return inside


def _next_word(text: str, start: int, latest: int) -> int:
    """The first place from `start` at which a word begins; `latest` where none does before it."""
    if start == 0 or text[start - 1].isspace():
        return start
    gap = re.compile(r"\s+").search(text, start, latest)
    return gap.end() if gap else latest


def web_address(url: str | None) -> str | None:
    """`url` if it is one that can be followed and shown as it stands, else None."""
    if not url or not re.match(r"https?://", url, re.IGNORECASE):
        return None
    return "".join(safe_text(url).split())


def day(value: date | None) -> str:
    """24 Mar 2022, in the same words on every machine; empty for None."""
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}" if value else ""


def count(number: int, noun: str, plural: str = "") -> str:
    """1 article, 2 articles, 1,200 articles."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def duration(seconds: float) -> str:
    """0.4 s, 12 s, 3 min 5 s."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60} s"


def data_size(number: int) -> str:
    """812 bytes, 3.4 MB."""
    size = float(number)
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            break
        size /= 1000
    return f"{size:.0f} {unit}" if unit == "bytes" or size >= 99.5 else f"{size:.1f} {unit}"


def label(card: Card) -> str:
    """The headline, or what stands in for it, on one line. Never empty."""
    return one_line(card.title) or shorten(card.opening, 80).replace(" …", "…") or one_line(card.id)


def byline(card: Card) -> tuple[str, ...]:
    """Outlet and date, as far as they are known."""
    return tuple(part for part in (one_line(card.source or ""), day(card.published)) if part)

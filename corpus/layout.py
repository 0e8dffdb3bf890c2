"""Lines into paragraphs: saved text breaks them with blank lines, single ones, or at a fixed width."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise

_SENTENCE_END = re.compile(r"""[.!?…。！？।؟]["'”’»›“)\]]*$""")
_NARROWEST, _WIDEST = 40, 120
_MID_SENTENCE = 30


def ends_sentence(paragraph: str) -> bool:
    """Whether the paragraph ends as a sentence does, a closing quote or bracket included."""
    return bool(_SENTENCE_END.search(paragraph[-8:]))


def paragraphs(text: str, alone: Callable[[str], bool]) -> list[str]:
    """The text's paragraphs: a line break ends one unless it only wraps a line.

    Wrapped means that the next line's first word would not have fitted, in a text whose lines
    mostly break that way in the middle of sentences; or, in any text, that a line without a
    sentence end goes on in lower case. A line for which `alone` holds (a "Read more" line,
    say) does not swallow the sentence after it.
    """
    lines = [line.strip() for line in text.split("\n")]
    width = _wrap_width(lines)
    result: list[str] = []
    parts: list[str] = []
    previous = ""
    for line in lines:
        if parts and not (line and _wraps(previous, line, width) and _may_join(previous, line, alone)):
            result.append(_joined(parts))
            parts = []
        if line:
            parts.append(line)
        previous = line
    if parts:
        result.append(_joined(parts))
    return result


def _may_join(line: str, following: str, alone: Callable[[str], bool]) -> bool:
    """False where either is a line of its own kind; a wrapped one of those goes on in lower case."""
    return not alone(following) and (following[0].islower() or not alone(line))


def _joined(parts: list[str]) -> str:
    """The wrapped lines as one; a word that was broken after its hyphen stays one word."""
    if len(parts) == 1:
        return parts[0]
    pieces = [parts[0]]
    for before, after in pairwise(parts):
        hyphen = before[-1] == "-" and before[-2:-1].isalpha() and after[0].islower()
        pieces.append(after if hyphen else f" {after}")
    return "".join(pieces)


def _wraps(line: str, following: str, width: int) -> bool:
    if not line:
        return False
    if width and len(line) <= width:
        return not _fits(line, following, width)
    return len(line) >= _MID_SENTENCE and following[0].islower() and line[-1] not in ".!?…:;\"'”’»)"


def _fits(line: str, following: str, width: int) -> bool:
    """Whether the next line's first word would still have had room on this line."""
    word = following.split(maxsplit=1)[0] if following else ""
    return len(line) + 1 + len(word) <= width


def _wrap_width(lines: list[str]) -> int:
    """The width at which the text is wrapped, or 0 when it is not."""
    measured = [line for line in lines if " " in line and "://" not in line]
    width = max(map(len, measured), default=0)
    if not _NARROWEST <= width <= _WIDEST:
        return 0
    pairs = list(_neighbours(lines))
    full = sum(not _fits(line, following, width) for line, following in pairs)
    inside = sum(not ends_sentence(line) for line, _ in pairs)
    # Three pairs at least: two short lines without a full stop are as well a headline and its text.
    wrapped = len(pairs) >= 3 and full >= 0.6 * len(pairs) and inside >= 0.6 * len(pairs)
    return width if wrapped else 0


def _neighbours(lines: list[str]) -> Iterator[tuple[str, str]]:
    for line, following in pairwise(lines):
        if line and following:
            yield line, following

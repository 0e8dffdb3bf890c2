"""Which lines of a saved text are its headline, its byline and its author's biography."""

from __future__ import annotations

import re
from datetime import date

from corpus.datelines import day_of_line
from corpus.layout import ends_sentence

_NAME = r"[^\W\d_a-z][^\W\d_]*(?:[.'’-][^\W\d_]*)*"
_NAMES = rf"{_NAME}(?: (?:{_NAME}|de|van|von|der|al|bin)){{1,4}}"
_BYLINE = re.compile(
    rf"(?:By|BY|Von|Par|Автор:|Autorius:|Author:|Written by)\s+"
    rf"(?P<who>{_NAMES}(?:(?:, {_NAMES}){{0,4}},?(?: and| &) {_NAMES})?)"
    rf"(?P<rest>(?:\s?[,|•·–—/-]\s?|\s{{2,}}).{{0,80}})?$"
)
_NOT_NAMES = re.compile(
    r"\b(?:the|of|in|to|a|land|sea|air|day|week|\w+day|january|february|march|april|june|july|august|september"
    r"|october|november|december)\b",
    re.I,
)
_NAME_LINE = re.compile(rf"(?P<who>{_NAMES})\s?[^\w\s.,;:!?]{{0,2}}$")
_JOB = re.compile(
    r"\b(?:is|was|are|covers|reports|writes|joined|works|has been)\b.{1,200}?\b(?:writer|editor|reporter"
    r"|correspondent|journalist|columnist|contributor|producer|author|fellow|analyst|anchor|chief|host)s?\b",
    re.I,
)
_HANDLE = re.compile(
    r"(?:^|\s)@\w{2,}|\S@\S+\.\w|\b(?:follow|e-?mail|tweet|reach) (?:him|her|them|me)\b", re.I
)
_LONGEST_TITLE = 200


def headline(paragraphs: list[str]) -> int | None:
    """The index of the paragraph that is the headline, or None.

    It is the first paragraph of three words or more among those before the first sentence
    (a one-word rubric may stand above it), and a sentence has to follow.
    """
    found = None
    for index, paragraph in enumerate(paragraphs[:5]):
        if len(paragraph) > _LONGEST_TITLE or (ends_sentence(paragraph) and not _is_question(paragraph)):
            return found
        if (
            found is None
            and len(paragraph.split()) >= 3
            and day_of_line(paragraph) is None
            and paragraph[-1] not in ":;,—–-•"
        ):
            found = index
    return None


def _is_question(paragraph: str) -> bool:
    """A headline may ask or call out, in one go; a sentence of speech stays where it is."""
    return paragraph.endswith(("?", "!")) and len(paragraph) <= 120 and ". " not in paragraph


def byline(line: str) -> tuple[str, date | None] | None:
    """The author, and the day where it stands beside, of a line such as `By Ana Silva | 24 March 2022`."""
    found = _BYLINE.match(line) if len(line) <= 160 else None
    if found is None or _NOT_NAMES.search(found["who"].replace(" and ", " ")):
        return None
    rest = (found["rest"] or "").strip(" ,|•·–—/-")
    return (found["who"], day_of_line(rest) if rest else None)


def name_line(line: str) -> str | None:
    """The name of a line that holds nothing but a person's name and perhaps a sign, such as an envelope."""
    found = _NAME_LINE.match(line) if len(line) <= 60 else None
    return found["who"] if found else None


def is_biography(paragraph: str, name: str | None) -> bool:
    """Whether the paragraph tells who wrote the article.

    It names a job, and either `name` is on the line above or it says how to reach the author.
    """
    if len(paragraph) > 600:
        return False
    if name is None or not paragraph.startswith(name):
        named = _NAME_LINE.match(" ".join(paragraph.split(maxsplit=3)[:2]))
        if not named or not _HANDLE.search(paragraph):
            return False
    return bool(_JOB.search(paragraph))

"""Raw text, as people save it, into the article's own words and what the text shows about it.

Pure: no files, no clock. What stays is verbatim; what is not the article goes out by name
(`Dropped.rule`), so that every decision can be looked at.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from corpus import clues
from corpus.credits import photo_outlet
from corpus.furniture import is_furniture, rule_for
from corpus.layout import paragraphs
from corpus.plain import one_line, visible

_T = TypeVar("_T")
_HEAD = 6
_TAIL = 10


@dataclass(frozen=True, slots=True)
class Dropped:
    """A paragraph that is not the article, and the rule that says so."""

    text: str
    rule: str


@dataclass(frozen=True, slots=True)
class Cleaned:
    """An article's words, with one blank line between paragraphs, and what its text shows; None is unknown."""

    title: str
    text: str
    source: str | None
    url: str | None
    published: date | None
    author: str | None
    dropped: tuple[Dropped, ...]


def clean(raw: str, *, title: str = "", wrapped: bool = True) -> Cleaned:
    """The article in a saved text.

    With a `title` given, none is looked for, and a first paragraph that repeats it goes out.
    `wrapped` is False where every line is a paragraph already.
    """
    text = visible(raw)
    if wrapped:
        pieces = paragraphs(text, is_furniture)
    else:
        pieces = [line for line in map(str.strip, text.split("\n")) if line]
    page = _Page(pieces)
    page.drop_furniture()
    page.read_edges()
    found = page.take_title(one_line(title))
    kept = [piece for piece, rule in zip(pieces, page.rules, strict=True) if rule is None]
    return Cleaned(
        title=found,
        text="\n\n".join(kept),
        source=page.outlet(kept),
        url=page.url,
        published=_only(page.published) or _only(page.days),
        author=_only(page.authors),
        dropped=tuple(
            Dropped(piece, rule) for piece, rule in zip(pieces, page.rules, strict=True) if rule is not None
        ),
    )


@dataclass(slots=True)
class _Page:
    """The paragraphs under examination: what each one turned out to be, and the clues they gave."""

    pieces: list[str]
    rules: list[str | None] = field(default_factory=list)
    days: list[date] = field(default_factory=list)
    published: list[date] = field(default_factory=list)
    authors: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    named_links: list[str] = field(default_factory=list)

    def drop_furniture(self) -> None:
        """Mark what is not the article by its wording alone."""
        self.rules = [rule_for(piece) for piece in self.pieces]

    def read_edges(self) -> None:
        """Mark what is not the article because of where it stands: date, byline, biography, source link."""
        count = len(self.pieces)
        for index in sorted({*range(min(_HEAD, count)), *range(max(0, count - _TAIL), count)}):
            self._read_line(index, at_end=index >= count - _TAIL, at_start=index < _HEAD)

    def _read_line(self, index: int, *, at_end: bool, at_start: bool) -> None:
        line = self.pieces[index]
        if link := clues.source_link(line):
            self._take_link(index, *link)
        elif self.rules[index] is not None:
            return
        elif (day := clues.day_of_line(line)) and len(self.pieces) > 1:
            self.rules[index] = "date"
            (
                self.published if line.lower().startswith(("published", "first", "posted")) else self.days
            ).append(day)
        elif at_start and (signed := clues.byline(line)):
            self.rules[index] = "byline"
            self.authors.append(signed[0])
            self.days.extend([signed[1]] if signed[1] else [])
        elif at_end and index:
            self._read_biography(index)

    def _take_link(self, index: int, address: str | None, named: bool) -> None:
        # In the body a labelled link may be part of a list that the article gives.
        if self.rules[index] is None:
            self.rules[index] = "source"
        if address:
            (self.named_links if named else self.links).append(address)

    def _read_biography(self, index: int) -> None:
        name = clues.name_line(self.pieces[index - 1])
        if not clues.is_biography(self.pieces[index], name):
            return
        if name is not None and self.pieces[index].startswith(name):
            self.authors.append(name)
            self.rules[index - 1] = self.rules[index - 1] or "biography"
        self.rules[index] = "biography"

    def take_title(self, given: str) -> str:
        """The headline, out of the body."""
        left = [index for index, rule in enumerate(self.rules) if rule is None]
        if given:
            if len(left) > 1 and _same(self.pieces[left[0]], given):
                self.rules[left[0]] = "title"
            return given
        place = clues.headline([self.pieces[index] for index in left[:6]])
        if place is None:
            return ""
        self.rules[left[place]] = "title"
        return one_line(self.pieces[left[place]])

    @property
    def url(self) -> str | None:
        """The address of the source link: the labelled one, else the only one."""
        return _only(self.named_links) or (None if self.named_links else _only(self.links))

    def outlet(self, kept: list[str]) -> str | None:
        """The outlet, from the strongest clue that there is; clues of one kind that differ say nothing."""
        gone = [
            piece
            for piece, rule in zip(self.pieces, self.rules, strict=True)
            if rule in {"caption", "copyright"}
        ]
        owners = [owner for piece in gone if (owner := clues.copyright_owner(piece))]
        photos = [owner for piece in gone if (owner := photo_outlet(piece))]
        if owners or photos:
            return _only(owners) if owners else _only(photos)
        return clues.outlet_of_link(self.url, kept)


def _only(values: Iterable[_T]) -> _T | None:
    """The value on which all agree, or None."""
    distinct = set(values)
    return distinct.pop() if len(distinct) == 1 else None


def _same(paragraph: str, title: str) -> bool:
    """Whether a paragraph repeats the title, quotes and final full stop aside."""
    return _letters(paragraph) == _letters(title)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))

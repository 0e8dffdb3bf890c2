"""Raw text, as people save it, into the article's own words and what the text shows about it.

Pure: no files, no clock. What stays is verbatim; what is not the article goes out by name
(`Dropped.rule`), so that every decision can be looked at.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from corpus import clues, sources
from corpus.credits import photo_outlet
from corpus.datelines import day_of_line, labels_day
from corpus.furniture import is_furniture, rule_for
from corpus.layout import paragraphs
from corpus.plain import one_line, visible

_T = TypeVar("_T")
_HEAD = 6
_TAIL = 10
_SNIPPET = 200


@dataclass(frozen=True, slots=True)
class Dropped:
    """A paragraph that is not the article, and the rule that says so."""

    text: str
    rule: str


@dataclass(frozen=True, slots=True)
class Cleaned:
    """An article's words, one blank line between paragraphs, and what its text shows; None is unknown."""

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
        published=page.published,
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
    labelled_days: list[date] = field(default_factory=list)
    authors: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    named_links: list[str] = field(default_factory=list)

    def drop_furniture(self) -> None:
        """Mark what is not the article by its wording alone."""
        self.rules = [rule_for(piece) for piece in self.pieces]
        if all(self.rules):
            # A snippet of one line can hold its article and a pitch side by side: better both than none.
            for index, piece in enumerate(self.pieces):
                if len(piece) > _SNIPPET and self.rules[index] in {"pitch", "caption", "credit"}:
                    self.rules[index] = None

    def read_edges(self) -> None:
        """Mark what is not the article because of where it stands: date, byline, biography, source link."""
        for index in range(min(_HEAD, len(self.pieces))):
            self._read_first_lines(index)
        footer = True  # while nothing of the article was met, coming from the end
        for index in range(len(self.pieces) - 1, max(0, len(self.pieces) - _TAIL), -1):
            self._read_last_lines(index, footer=footer)
            footer = footer and self.rules[index] is not None
        self._settle_days()

    def _read_first_lines(self, index: int) -> None:
        line = self.pieces[index]
        if self._take_link(index, footer=index < 2 and len(self.pieces) > 1) or self.rules[index]:
            return
        if len(self.pieces) > 1 and self._take_day(index):
            return
        if signed := clues.byline(line):
            self.rules[index] = "byline"
            self.authors.append(signed[0])
            self.labelled_days.extend([signed[1]] if signed[1] else [])

    def _read_last_lines(self, index: int, *, footer: bool) -> None:
        if self._take_link(index, footer=footer) or self.rules[index]:
            return
        if not (self._take_day(index) if footer or labels_day(self.pieces[index]) else False):
            self._read_biography(index)

    def _take_link(self, index: int, *, footer: bool) -> bool:
        """Mark a source line. In the body one with a label may be part of a list that the article gives."""
        link = sources.source_link(self.pieces[index])
        if link is None or not (footer or link.named):
            return False
        self.rules[index] = "source"
        if link.address:
            (self.named_links if link.named else self.links).append(link.address)
        return True

    def _take_day(self, index: int) -> bool:
        day = day_of_line(self.pieces[index])
        if day is None:
            return False
        self.rules[index] = "date"
        (self.labelled_days if labels_day(self.pieces[index]) else self.days).append(day)
        return True

    def _settle_days(self) -> None:
        """Put dates without a label back where the text has more of them: a chronicle, not a dateline."""
        if not self.days:
            return
        lines = {index: day_of_line(piece) for index, piece in enumerate(self.pieces) if len(piece) < 50}
        if len({day for day in lines.values() if day}) > 1 and not self.labelled_days:
            self.days.clear()
            for index, day in lines.items():
                if day and self.rules[index] == "date":
                    self.rules[index] = None

    @property
    def published(self) -> date | None:
        """The day of publication: the earliest of "published" and "updated", else the only dateline."""
        return min(self.labelled_days, default=None) or _only(self.days)

    def _read_biography(self, index: int) -> None:
        name = clues.name_line(self.pieces[index - 1])
        if not clues.is_biography(self.pieces[index], name):
            return
        if name is not None and self.pieces[index].startswith(name):
            self.authors.append(name)
            self.rules[index - 1] = self.rules[index - 1] or "biography"
        self.rules[index] = "biography"

    def take_title(self, given: str) -> str:
        """The headline, out of the body, with a repetition of it."""
        left = [index for index, rule in enumerate(self.rules) if rule is None][:6]
        title = given
        if not given:
            place = clues.headline([self.pieces[index] for index in left])
            title = one_line(self.pieces[left[place]]) if place is not None else ""
        if title and len(left) > 1:
            for index in left[:3]:
                if _same(self.pieces[index], title):
                    self.rules[index] = "title"
        return title

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
        owners = [owner for piece in gone if (owner := sources.copyright_owner(piece))]
        photos = [owner for piece in gone if (owner := photo_outlet(piece))]
        if owners or photos:
            return _only(owners) if owners else _only(photos)
        return sources.outlet_of_link(self.url, kept)


def _only(values: Iterable[_T]) -> _T | None:
    """The value on which all agree, or None."""
    distinct = set(values)
    return distinct.pop() if len(distinct) == 1 else None


def _same(paragraph: str, title: str) -> bool:
    """Whether a paragraph repeats the title, quotes and final full stop aside."""
    return _letters(paragraph) == _letters(title)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))

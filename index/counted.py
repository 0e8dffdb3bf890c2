"""Whether a part of a sentence has its numbers and days as the quote has them. Pure."""

from __future__ import annotations

import re

from index.differing import within
from index.figures import Figure
from index.pairing import life_of
from index.phrases import Phrases
from index.spoken_dates import Spoken, spoken
from index.words import stem

A_WEEK, A_MONTH = (7,), 28
"""Days from which a span is told broadly: "last week", "in March"."""
AROUND = 4
"""Words on each side of a number by which it is told from another number."""
_THE_ONE = frozenset("the this that which each every no any".split())
"""Words after which "one" is no number."""
_MEASURES = frozenset(
    """percent dollar euro pound year month week day hour minute second kilometre kilometer mile metre meter
    tonne ton kilogram degree""".split()
)


def other_figure(figure: Figure, part: Phrases, quote: Phrases) -> str:
    """The number, where the quote does not have it of this, or another one fits its place better."""
    shown = figure.shown(part.statement.text)
    if figure.after in _THE_ONE and shown.lower() == "one":
        return ""
    return "" if _has_figure(figure, part, quote) else shown


def other_day(day: Spoken, part: Phrases, quote: Phrases) -> str:
    """The day, where the quote does not have it, or has it of another event."""
    life = life_of(part.statement, quote.statement)
    if life and re.search(r"\bborn\b", part.statement.text):
        born = spoken(life) or spoken(f"in {life}")
        return "" if any(_is_day(day, each) for each in born) else part.statement.text[day.start : day.end]
    return "" if _has_day(day, part, quote) else part.statement.text[day.start : day.end]


def mismatched(part: Phrases, quote: Phrases) -> str:
    """A number that the part tells of a day of which the quote tells another: "54 in 2016, 61 in 2020"."""
    for figure in part.statement.figures:
        for day in part.statement.days:
            mine = [each for each in quote.statement.figures if each.range == figure.range]
            days = [each for each in quote.statement.days if _is_day(day, each)]
            if len(mine) != 1 or len(days) != 1 or len(part.statement.figures) != 1:
                continue
            apart = _gap(mine[0], days[0])
            nearer = any(
                _gap(each, days[0]) < apart for each in quote.statement.figures if each is not mine[0]
            )
            if nearer and any(
                _gap(mine[0], each) < apart for each in quote.statement.days if each is not days[0]
            ):
                return figure.shown(part.statement.text)
    return ""


def _gap(figure: Figure, day: Spoken) -> int:
    return max(day.start - figure.end, figure.start - day.end)


def _has_day(day: Spoken, part: Phrases, quote: Phrases) -> bool:
    """Whether the quote has this day, or one within this month or year, and of the same event."""
    others = quote.statement.days + quote.statement.spoken_on
    same = [other for other in others if _is_day(day, other)]
    if not same:
        return False
    if any(_told_of_another(day, other, part, quote) for other in others if other not in same):
        return False
    mine = _beside(day.start, day.end, part)
    best = max(len(mine & _beside(other.start, other.end, quote)) for other in same)
    for other in others:
        twin = next(
            (t for t in part.statement.days + part.statement.spoken_on if t != day and _is_day(t, other)),
            None,
        )
        if twin is None or other in same or len(mine & _beside(other.start, other.end, quote)) <= best:
            continue
        theirs = _beside(twin.start, twin.end, part)
        own = len(theirs & _beside(other.start, other.end, quote))
        if len(theirs & _beside(same[0].start, same[0].end, quote)) > own:
            return False
    return True


def _told_of_another(day: Spoken, other: Spoken, part: Phrases, quote: Phrases) -> bool:
    """Whether the word that a day follows is the one that another day of the quote follows there."""
    head = _head(day, part)
    here = [
        _head(each, quote) for each in quote.statement.days + quote.statement.spoken_on if _is_day(day, each)
    ]
    return bool(head) and head == _head(other, quote) and head not in here


def _head(day: Spoken, of: Phrases) -> str:
    """The stem of the last word of meaning before a day."""
    before = [token for token in of.statement.tokens if token.content and token.end <= day.start]
    return before[-1].stem if before else ""


def _is_day(mine: Spoken, theirs: Spoken) -> bool:
    """Whether a day may be told as this one: the same days, or a month or a year around them."""
    if mine.limit != theirs.limit:
        return False
    if mine.days in A_WEEK or mine.days >= A_MONTH:
        return within(theirs, mine)
    return (mine.first, mine.last) == (theirs.first, theirs.last)


def _has_figure(figure: Figure, part: Phrases, quote: Phrases) -> bool:
    """Whether the quote has this number, of the same thing, and no other number fits its place better."""
    kinds = _kinds(figure)
    alike = [
        other for other in quote.statement.figures + quote.statement.spoken_figures if _kinds(other) == kinds
    ]
    same = [
        other
        for other in alike
        if other.range == figure.range
        and _bound_holds(figure, other)
        and (_same_thing(figure, other, quote) or _around(figure, part) & set(map(stem, other.unit)))
    ]
    if not same:
        return False
    best = max(_fit(figure, other, part, quote) for other in same)
    if not best and _around(figure, part) and all(_around(other, quote) for other in same):
        return False
    for other in alike:
        if other.range == figure.range or _fit(figure, other, part, quote) <= best:
            continue
        twin = next((each for each in part.statement.figures if each.range == other.range), None)
        if twin is None or _fit(twin, same[0], part, quote) > _fit(twin, other, part, quote):
            return False
    return True


def _fit(mine: Figure, theirs: Figure, part: Phrases, quote: Phrases) -> int:
    """How many words of meaning two numbers have both beside them."""
    return len(_around(mine, part) & _around(theirs, quote))


def _same_thing(mine: Figure, theirs: Figure, quote: Phrases) -> bool:
    """Whether both count the same, as far as the quote has the word for it."""
    if not mine.unit or not theirs.unit:
        return True
    counted = stem(mine.unit[0])
    return counted not in {token.stem for token in quote.statement.content} or counted in map(
        stem, theirs.unit
    )


def _bound_holds(mine: Figure, theirs: Figure) -> bool:
    """Whether "about 30" may be said for "30", but not "30" for "more than 30"."""
    return mine.bound == theirs.bound or (mine.bound == "about" and not theirs.bound)


def _kinds(figure: Figure) -> frozenset[str]:
    """What is measured, where that is a measure: of another one, the same number is another."""
    return frozenset(word.rstrip("s") for word in figure.unit[:1]) & _MEASURES


def _around(figure: Figure, of: Phrases) -> frozenset[str]:
    return _beside(figure.start, figure.end, of)


def _beside(start: int, end: int, of: Phrases) -> frozenset[str]:
    """Stems of the words of meaning beside a number or a day, in its stretch."""
    here = of.segment(start)
    words = [token for token in of.statement.tokens if token.content and of.segment(token.start) == here]
    before = [token.stem for token in words if token.end <= start][-AROUND:]
    after = [token.stem for token in words if token.start >= end][:AROUND]
    return frozenset((*before, *after))

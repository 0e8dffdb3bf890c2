"""The days that a sentence speaks of: "on 24 February", "last Friday", "in March 2022". Pure.

Only what leaves no doubt: a word that may mean two days is passed over. What depends on the day of
writing ("on Tuesday", "24 February") is read from the day of the article, and not inside a quotation,
which may be of another day.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from index.words import MONTHS

PAST = 245
"""Days back that a day or month without a year may lie: in March, "in October" was the last one."""
AHEAD = 120
"""The same ahead, where nothing tells that it is yet to come."""
_EARLIEST, _LATEST = 1500, 2199
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NAMES = "|".join(
    sorted({name for name in MONTHS if len(name) > 3} | set(MONTHS) | {"sept"}, key=len, reverse=True)
)
# "may" and "march" are months only with a capital; in small letters they are verbs.
_MONTH = rf"(?:{'|'.join(name.capitalize() for name in _NAMES.split('|'))}|{_NAMES.upper()})\b\.?"
_DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?"
_TO = r"\s*(?:-|–|—|to|until|and)\s*"
_YEAR = r"(?:1[5-9]|20|21)\d\d(?!\d|[,.]\d)"
_WEEKDAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_FORMS = re.compile(
    rf"""
      (?<![\d.,])(?P<iso>{_YEAR}-\d\d-\d\d)(?!\d)
    | (?<![\d.,])(?:{_WEEKDAY},?\s+(?:the\s+)?)?(?P<d1>{_DAY})(?:{_TO}(?P<e1>{_DAY}))?
        \s+(?:of\s+)?(?P<m1>{_MONTH})(?:,?\s+(?P<y1>{_YEAR}))?
    | (?:{_WEEKDAY},?\s+)?\b(?P<m2>{_MONTH})\s+(?P<d2>{_DAY})(?![\d.,]*\d)
        (?:{_TO}(?P<e2>{_DAY})(?![\d.,]*\d))?(?:,?\s+(?P<y2>{_YEAR}))?
    | \b(?P<m3>{_MONTH})\s+(?:of\s+)?(?P<y3>{_YEAR})
    | \b(?i:in|since|of|from|during|by|until|late|early|mid|last|this|next)[\s-]+(?P<m4>{_MONTH})(?!\s+\d)
    | \b(?i:in|since|of|from|during|by|until|before|after|for)\s+(?:(?:early|late|mid|the\s+year)[\s-]+)?
        (?P<y5>{_YEAR})(?![\w-]|\s+[a-z]+s\b)
    | (?:\b(?P<which>(?i:last|this|next|past|coming))\s+)?\b(?P<weekday>{_WEEKDAY})\b
    | \b(?P<near>(?i:today|yesterday|tomorrow|tonight))\b
    | \b(?P<span>(?i:last|this|next|past|previous))\s+(?P<unit>week|month|year)\b
    | \b(?P<ago>\d{1, 3}|(?i:one|two|three|four|five|six|seven|eight|nine|ten))\s+days\s+ago\b
    """,
    re.VERBOSE,
)
_LIMIT = re.compile(r"\b(?:until|till|by|before|after|ahead\s+of|than)\s+(?:the\s+)?$", re.I)
_TENSE = re.compile(
    r"\b(?:(?P<to_come>will|would|due|expect\w*|plan(?:s|ned)?\s+(?:to|for)|scheduled|upcoming|ahead|before|until|by|coming|to\s+be|"
    r"going\s+to|about\s+to|is\s+to|are\s+to)|said|says|told|was|were|had|did|began|held|met|\w{2,}ed)\b",
    re.I,
)
_QUOTED = re.compile(r"“[^”]*”?|\"[^\"]*\"?|«[^»]*»?")
Tense = Literal["to come", "over", ""]
_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@dataclass(frozen=True, slots=True)
class Spoken:
    """Days that a text names: one day, a month, a year."""

    first: date
    last: date
    start: int
    """Where the words stand in the text, half open with `end`."""
    end: int
    limit: bool = False
    """Whether the day only bounds what is told: "until 30 September"."""

    @property
    def days(self) -> int:
        """How many days it may mean."""
        return (self.last - self.first).days + 1


def spoken(text: str, published: date | None = None) -> tuple[Spoken, ...]:
    """The days that a text names, in order. Without `published` only those that are full dates."""
    quoted = [match.span() for match in _QUOTED.finditer(text)]
    told = _QUOTED.sub(lambda match: " " * len(match.group()), text)
    found = []
    for match in _FORMS.finditer(text):
        inside = any(start < match.start() < end for start, end in quoted)
        tense = _tense(told[: match.start()])
        days = _days(match, None if inside else published, tense)
        if days is not None:
            limit = _LIMIT.search(text, 0, match.start()) or _LIMIT.match(match.group().split()[0] + " ")
            found.append(Spoken(*days, match.start(), match.end(), limit is not None))
    return tuple(found)


def _tense(before: str) -> Tense:
    """What the last verb before a day tells: "will meet on", "met on"."""
    verbs = list(_TENSE.finditer(before))
    return "" if not verbs else "to come" if verbs[-1]["to_come"] else "over"


def _days(match: re.Match[str], published: date | None, tense: Tense) -> tuple[date, date] | None:
    """First and last day of what was recognised; None where it leaves doubt or is no day."""
    part = {name: text.lower() for name, text in match.groupdict().items() if text}
    try:
        if "iso" in part:
            day = date.fromisoformat(part["iso"])
            return day, day
        if "m1" in part or "m2" in part:
            return _of_month(part, published, tense)
        if "m3" in part:
            return _month(int(part["y3"]), _number(part["m3"]))
        if "y5" in part:
            return date(int(part["y5"]), 1, 1), date(int(part["y5"]), 12, 31)
        return None if published is None else _relative(part, published, tense)
    except (ValueError, OverflowError):  # 31 February; before the first day that Python counts
        return None


def _of_month(part: dict[str, str], published: date | None, tense: Tense) -> tuple[date, date] | None:
    """Of a day and a month, with or without a year: "24 February 2022", "8-9 July", "July 8"."""
    month = _number(part.get("m1") or part["m2"])
    first = _figure(part.get("d1") or part["d2"])
    last = _figure(part.get("e1") or part.get("e2") or str(first))
    year = part.get("y1") or part.get("y2")
    if last < first:
        return None
    if year:
        return date(int(year), month, first), date(int(year), month, last)
    if published is None:
        return None
    days = [(day, day.replace(day=last)) for y in _around(published) if (day := _valid(y, month, first))]
    return _likeliest(days, published, tense)


def _relative(part: dict[str, str], published: date, tense: Tense) -> tuple[date, date] | None:
    """What only the day of the article tells."""
    if "m4" in part:
        months = [_month(year, _number(part["m4"])) for year in _around(published)]
        return _likeliest(months, published, tense)
    if "weekday" in part:
        return _weekday(part, published, tense)
    if "near" in part:
        day = published + timedelta(days={"yesterday": -1, "tomorrow": 1}.get(part["near"], 0))
        return day, day
    if "ago" in part:
        word = part["ago"]
        day = published - timedelta(days=int(word) if word.isdigit() else _WORDS.index(word) + 1)
        return day, day
    return _span(part["span"], part["unit"], published)


def _weekday(part: dict[str, str], published: date, tense: Tense) -> tuple[date, date] | None:
    """The nearest such day: back, or ahead where what is told is yet to come.

    "next Friday" is this week's to some and the week after's to others, so it is passed over.
    """
    which = part.get("which")
    if which in {"next", "coming"}:
        return None
    place = _WEEKDAYS.index(part["weekday"].lower())
    back = (published.weekday() - place) % 7
    if which in {"last", "past"}:
        back = back or 7
    elif tense == "to come" and back:
        back -= 7
    day = published - timedelta(days=back)
    return day, day


def _span(which: str, unit: str, published: date) -> tuple[date, date]:
    step = {"this": 0, "next": 1}.get(which, -1)
    if unit == "week":
        first = published - timedelta(days=published.weekday() - 7 * step)
        return first, first + timedelta(days=6)
    if unit == "month":
        months = published.year * 12 + published.month - 1 + step
        return _month(months // 12, months % 12 + 1)
    return date(published.year + step, 1, 1), date(published.year + step, 12, 31)


def _likeliest(days: list[tuple[date, date]], published: date, tense: Tense) -> tuple[date, date] | None:
    """The nearest of the days that may be meant, back rather than ahead; None where that leaves doubt."""
    back = [span for span in days if span[0] <= published]
    ahead = [span for span in days if span[0] > published]
    past = (published - back[-1][0]).days if back else PAST + 1
    future = (ahead[0][0] - published).days if ahead else PAST + 1
    if tense == "to come" and future < past and future <= PAST:
        return ahead[0]
    if past <= PAST:
        return back[-1]
    return ahead[0] if future <= AHEAD and tense != "over" else None


def _around(published: date) -> Iterator[int]:
    return iter(range(max(_EARLIEST, published.year - 1), min(_LATEST, published.year + 1) + 1))


def _valid(year: int, month: int, day: int) -> date | None:
    return date(year, month, day) if day <= calendar.monthrange(year, month)[1] else None


def _month(year: int, month: int) -> tuple[date, date]:
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def _number(month: str) -> int:
    return list(dict.fromkeys(MONTHS.values())).index(MONTHS[month[:3].lower()]) + 1


def _figure(text: str) -> int:
    return int(re.sub(r"\D", "", text))

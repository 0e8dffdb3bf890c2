"""The days that a question means: "last week" is relative to the day on which it is asked. Pure."""

from __future__ import annotations

import math
import re
from datetime import date, timedelta

from index.types import Filters

TIMELY = 0.5
"""Added to a passage's score (0 to 1) where its article is of the days that the question speaks of, taken
off where it is not."""
RECENT = 0.2
"""Added where the question speaks of no day and the article is of the day on which it is asked."""
FADES = 30
"""Days after which a third of that is left. Both numbers were chosen on the news questions, all of them."""
RELATIVE = re.compile(r"\b(?:(this|last|past|previous)\s+(week|month|year)|(today|yesterday))\b", re.I)
"""Days that depend on the day on which the question is asked."""
_YEAR = re.compile(r"\b(?:in|of|during|from|for|since|by)\s+((?:19|20)\d\d)\b", re.I)


def days_meant(question: str, asked: date) -> Filters | None:
    """First and last day that the question speaks of; None where it names none.

    Weeks begin on Monday. Articles tell of a day on the day after, so the end is a day later.
    """
    relative = RELATIVE.search(question)
    if relative:
        try:
            first, last = _relative(relative, asked)
            return Filters(after=first, before=last + timedelta(days=1))
        except (ValueError, OverflowError):  # before the first day that Python counts, or after the last
            return None
    year = _YEAR.search(question)
    if year:
        return Filters(after=date(int(year[1]), 1, 1), before=date(int(year[1]), 12, 31))
    return None


def inside(day: date | None, meant: Filters | None) -> bool | None:
    """Whether a day is among those meant; None where either is unknown."""
    if day is None or meant is None or meant.after is None or meant.before is None:
        return None
    return meant.after <= day <= meant.before


def timely(day: date | None, meant: Filters | None, asked: date) -> float:
    """What an article of `day` gains in a question that speaks of the days `meant`, or of none.

    News is asked about while it is new: of articles that fit alike, the newer one is wanted. An archive
    whose articles are all old is not changed by that.
    """
    if day is None:
        return 0.0
    fits = inside(day, meant)
    if fits is None:
        return RECENT * math.exp(-abs((asked - day).days) / FADES)
    return TIMELY if fits else -TIMELY


def _relative(match: re.Match[str], asked: date) -> tuple[date, date]:
    which, unit, single = (part.lower() if part else "" for part in match.groups())
    if single:
        day = asked - timedelta(days=single == "yesterday")
        return day, day
    back = which != "this"
    match unit:
        case "week":
            first = asked - timedelta(days=asked.weekday() + 7 * back)
            return first, first + timedelta(days=6)
        case "month":
            first = (asked.replace(day=1) - timedelta(days=back)).replace(day=1)
            return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        case _:
            year = asked.year - back
            return date(year, 1, 1), date(year, 12, 31)

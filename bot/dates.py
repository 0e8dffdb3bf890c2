"""Days as people write them: `2022-03-24`, `March 2022`, `24 March 2022`, `last week`."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_ISO_MONTH = re.compile(r"(\d{4})-(\d{2})")
_YEAR = re.compile(r"\d{4}")
_WORDS = re.compile(r"[^\W\d_]{3}")


def day_range(text: str, today: date) -> tuple[date, date]:
    """The first and the last day that `text` means, seen from `today`.

    Raises ValueError with a sentence where it is not a date, or could be read in two ways.
    """
    text = " ".join(text.split())
    try:
        if _ISO_DAY.fullmatch(text):
            exact = date.fromisoformat(text)
            return exact, exact
        if found := _ISO_MONTH.fullmatch(text):
            return _whole("month", date(int(found[1]), int(found[2]), 1))
        if _YEAR.fullmatch(text):
            return _whole("year", date(int(text), 1, 1))
        return _in_words(text, today)
    except (ValueError, OverflowError):
        raise ValueError(
            f"{text!r} is not a date; write 2022-03-24, “March 2022”, “24 March 2022” or “last week”"
        ) from None


def _in_words(text: str, today: date) -> tuple[date, date]:
    # 03/04/2022 is a day in March or in April: only dates that name their month are read.
    if not _WORDS.search(text):
        raise ValueError(text)
    # dateparser takes 0.3 s to import; ISO dates do without it.
    from dateparser.date import DateDataParser

    exact = re.search(r"\bago\b", text, re.IGNORECASE) is not None
    start_of = {} if exact else {"PREFER_DAY_OF_MONTH": "first", "PREFER_MONTH_OF_YEAR": "first"}
    base = datetime.combine(today, time(12))
    parser = DateDataParser(
        languages=["en"],
        settings={"RELATIVE_BASE": base, "PREFER_DATES_FROM": "past", "DATE_ORDER": "DMY", **start_of},
    )
    found = parser.get_date_data(text)
    if found is None or found.date_obj is None:
        raise ValueError(text)
    return _whole("day" if exact else found.period, found.date_obj.date())


def _whole(period: str, inside: date) -> tuple[date, date]:
    if period == "week":
        monday = inside - timedelta(days=inside.weekday())
        return monday, monday + timedelta(days=6)
    if period == "month":
        first = inside.replace(day=1)
        return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    if period == "year":
        return date(inside.year, 1, 1), date(inside.year, 12, 31)
    return inside, inside

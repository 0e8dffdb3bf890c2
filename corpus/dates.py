"""A day from the many ways in which people and programs write one; never a guess."""

from __future__ import annotations

import re
from datetime import date, datetime
from email.utils import parsedate_to_datetime

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_WEEKDAY = r"(?:(?:mon|tue|tues|wed|wednes|thu|thur|thurs|fri|sat|satur|sun)(?:day)?\b\.?,?\s+)?"
_ENGLISH = re.compile(
    rf"{_WEEKDAY}(?:(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<m1>{_MONTH}),?\s+(?P<y1>\d{{4}})"
    rf"|(?P<m2>{_MONTH})\s+(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y2>\d{{4}}))(?!\d)",
    re.I,
)
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?=$|[T\s,|])")
_DOTTED = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})(?!\d)")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?!\d)")
_YEAR_SLASHED = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})(?!\d)")
# A day, a month in words and a year, in any order and language.
_WORDED = re.compile(r"(?=.*\b\d{4}\b)(?=.*(?<!\d)\d{1,2}(?!\d))(?=.*[^\W\d_]{3})")
# The same with nothing else on the line, as a dateline in another language is printed.
_DATELINE = re.compile(
    r"(?:[^\W\d_]+,?\s)?(?:\d{1,2}\.?\s(?:de\s)?[^\W\d_]{3,12}\.?,?\s(?:de\s)?\d{4}(?:\s(?:г|р|m|y)\.?)?"
    r"|\d{4}\.?\s(?:m\.\s|gada\s)?[^\W\d_]{3,12}\s\d{1,2}(?:\sd)?)\.?(?:,?\s\d{1,2}[:.]\d{2})?$"
)
_YEAR_FIRST = re.compile(r"(\d{4})\.?\s(?:m\.\s|gada\s)?([^\W\d_]{3,12})\s(\d{1,2})")
# Every further language costs time on each line that turns out to be no date.
# fmt: off
_LANGUAGES = [
    "en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "nb", "fi", "et", "lv", "lt", "pl", "cs", "sk",
    "hu", "ro", "bg", "hr", "sr", "sl", "el", "tr", "ru", "uk", "be", "ka", "hy", "he", "ar", "fa", "hi",
    "id", "zh", "ja", "ko",
]
# fmt: on
_ABSOLUTE = {"STRICT_PARSING": True, "PARSERS": ["absolute-time"], "DATE_ORDER": "DMY"}
_EARLIEST, _LATEST = 1500, 2199
_LONGEST = 80


def parse_day(text: str) -> date | None:
    """The day that the text names, or None where it names none or leaves doubt.

    `03/04/2022` is in doubt (March or April); `24/03/2022` is not. A time is left out
    and its zone is not applied: the day is the one that the outlet printed.
    """
    text = " ".join(text[: _LONGEST + 1].split())
    if not text or len(text) > _LONGEST:
        return None
    for read in (leading_day, _iso, _rfc2822, dateline, _any_language):
        day = read(text)
        if day is not None:
            return day
    return None


def leading_day(text: str) -> date | None:
    """The day with which the text begins, in English words or in figures without doubt."""
    day = month = year = 0
    if found := _ENGLISH.match(text):
        part = found.groupdict()
        day, year = int(part["d1"] or part["d2"]), int(part["y1"] or part["y2"])
        month = _MONTHS.index((part["m1"] or part["m2"])[:3].lower()) + 1
    elif found := _ISO.match(text) or _YEAR_SLASHED.match(text):
        year, month, day = (int(figure) for figure in found.groups())
    elif found := _DOTTED.match(text):
        day, month, year = (int(figure) for figure in found.groups())
    elif found := _SLASHED.match(text):
        day, month, year = (int(figure) for figure in found.groups())
        if day <= 12 and month <= 12 and day != month:
            return None
        if month > 12:
            day, month = month, day
    return _day(year, month, day)


def end_of_day(text: str) -> int:
    """Where the day with which the text begins ends; 0 without one."""
    for form in (_ENGLISH, _ISO, _YEAR_SLASHED, _DOTTED, _SLASHED):
        if found := form.match(text):
            return found.end()
    return 0


def dateline(text: str) -> date | None:
    """The day of a line that is nothing but a date in any language; `parse_day` where more is known."""
    if not _DATELINE.match(text):
        return None
    if found := _YEAR_FIRST.match(text):
        text = f"{found[3]} {found[2]} {found[1]}"
    return _any_language(text)


def _day(year: int, month: int, day: int) -> date | None:
    if not _EARLIEST <= year <= _LATEST:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _iso(text: str) -> date | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return _day(moment.year, moment.month, moment.day)


def _rfc2822(text: str) -> date | None:
    if ":" not in text:
        return None
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return _day(moment.year, moment.month, moment.day)


def _any_language(text: str) -> date | None:
    if not _WORDED.match(text) or _ENGLISH.match(text):
        return None
    import dateparser  # a quarter of a second, for the few dates that need it

    try:
        moment = dateparser.parse(text, languages=_LANGUAGES, settings=_ABSOLUTE)
    except (ValueError, OverflowError, TypeError, RecursionError):
        return None
    return _day(moment.year, moment.month, moment.day) if moment else None

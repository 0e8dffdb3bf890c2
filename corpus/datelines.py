"""Lines that hold nothing but the day of publication."""

from __future__ import annotations

import re
from datetime import date

from corpus.dates import dateline, end_of_day, leading_day, parse_day

_LABEL = re.compile(
    r"(?:(?:first |originally )?(?:published|posted|updated|last (?:updated|modified)|created|date)"
    r"|publication date|опубликовано|опубліковано|дата|paskelbta|atnaujinta|veröffentlicht|stand|publié"
    r"|publicado|pubblicato|opublikowano|publicēts|avaldatud)(?: (?:on|at|le|el|il|am))?\s?[:,–-]?\s+",
    re.I,
)
# What may follow a day on its line: a time, a zone, and the same again for "updated".
_TIME = re.compile(
    r"(?:[\s,;|•·–—()-]|\d{1,2}[:.h]\d{2}(?::\d{2})?|a\.?m\.?|p\.?m\.?|at|utc|gmt|[ecmpb][sde]?t"
    r"|[+-]\d{1,2}(?::?\d{2})?|updated|last|published)*",
    re.I,
)


def day_of_line(line: str) -> date | None:
    """The day of a line that is nothing but a date, with or without a label and a time."""
    if len(line) > 100:
        return None
    label = _LABEL.match(line)
    rest = line[label.end() :] if label else line
    if (end := end_of_day(rest)) and (day := leading_day(rest)):
        following = rest[_TIME.match(rest, end).end() :]  # type: ignore[union-attr]  # it matches nothing too
        return day if not following or day_of_line(following) else None
    return parse_day(rest) if label else dateline(line)


def labels_day(line: str) -> bool:
    """Whether the line says that its day is the one of publication."""
    return bool(_LABEL.match(line))

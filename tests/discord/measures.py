"""How texts, addresses and lists are measured against a limit, one line for each fault.

A text's length is taken in UTF-16 units, the larger of the two counts that Discord might use. What is only
white space counts as empty, as Discord trims it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

Body = dict[str, Any]
Faults = Iterator[str]


def length(text: str) -> int:
    """In UTF-16 units: never less than the number of code points."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def text(where: str, value: Any, most: int, least: int = 0) -> Faults:
    """A text of `least` to `most` units. None is a text that is not there."""
    if value is not None and not isinstance(value, str):
        yield f"{where}: is no text"
        return
    size = length(value or "")
    if size > most:
        yield f"{where}: has {size}, at most {most} allowed"
    if least and length((value or "").strip()) < least:
        yield f"{where}: is empty"


def address(where: str, url: Any, most: int, schemes: Sequence[str] = ("http", "https")) -> Faults:
    if url is None:
        return
    yield from text(where, url, most, 1)
    if not isinstance(url, str):
        return
    try:
        parts = urlsplit(url)
        host = parts.hostname if parts.port is None or parts.port >= 0 else None
    except ValueError:
        yield f"{where}: is no address"
        return
    if parts.scheme not in schemes or not (host or parts.scheme == "attachment"):
        yield f"{where}: {parts.scheme or 'no scheme'} is not one of {', '.join(schemes)}, or no host"
    if re.search(r"[\s\x00-\x20\x7f<>\"\\^`{|}]", url):
        yield f"{where}: has a character that no address has"


def count(where: str, items: Sequence[Any], most: int, least: int = 0) -> Faults:
    if not least <= len(items) <= most:
        yield f"{where}: has {len(items)}, {least} to {most} allowed"


def unique(where: str, values: Iterable[Any]) -> Faults:
    for value, times in Counter(values).items():
        if times > 1:
            yield f"{where}: {str(value)[:60]!r} is there {times} times"

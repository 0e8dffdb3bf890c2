"""Years of articles without a date, told by events that everybody can date: "NATO's Warsaw summit". Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=1)
def _events() -> tuple[tuple[re.Pattern[str], re.Pattern[str], str], ...]:
    """Whose event it is, what it is called, and its year; only of events whose name has one year."""
    lines = (Path(__file__).parent / "data" / "events.tsv").read_text("utf-8").splitlines()
    return tuple(
        (re.compile(rf"\b{whose}"), re.compile(rf"\b{called}\b", re.I), year)
        for whose, called, year in (line.split("\t") for line in lines)
    )


@lru_cache(maxsize=4096)
def years(text: str) -> frozenset[str]:
    """The years of the events that a text names."""
    return frozenset(year for whose, called, year in _events() if called.search(text) and whose.search(text))

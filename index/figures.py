"""Numbers with what they count, as two sentences are compared by them: "1,000 to 1,500 troops". Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from index.words import MONTHS, NUMBERS, STOPWORDS, WORD, fold

_SCALES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "dozen": 12.0}
_SCALED = {"k": 1e3, "m": 1e6, "mn": 1e6, "bn": 1e9}
_WORDS = "|".join(sorted(NUMBERS, key=len, reverse=True))
_FIGURE = re.compile(
    rf"(?P<money>[$€£])?\s?(?:(?<![\w.,])(?P<digits>\d+(?:,\d{{3}})*(?:\.\d+)?)(?P<short>k|m|mn|bn)?(?![\w])"
    rf"|\b(?P<word>(?:{_WORDS})(?:[ -](?:{_WORDS}))?)\b)"
    rf"(?:[\s-]+(?P<scale>{'|'.join(_SCALES)})s?\b)?(?:\s?(?P<percent>%|per\s?cent\b))?",
    re.I,
)
_JOINED = re.compile(r"\s*(?:-|–|—|to|and|or)\s*", re.I)
_MORE = re.compile(
    r"\b(?:more\s+than|over|above|at\s+least|well\s+over|no\s+(?:less|fewer)\s+than|exceed\w*)\s*[$€£]?$",
    re.I,
)
_LESS = re.compile(
    r"\b(?:less\s+than|fewer\s+than|under|below|up\s+to|at\s+most|no\s+more\s+than|nearly|almost)\s*[$€£]?$",
    re.I,
)
_ROUGHLY = re.compile(r"\b(?:about|around|roughly|some|approximately|circa|an\s+estimated)\s*[$€£]?$", re.I)
_MONTH = re.compile(rf"\b(?:{'|'.join(sorted(MONTHS, key=len, reverse=True))})\.?\s+$", re.I)
_MONEY = {"$": "dollar", "€": "euro", "£": "pound"}
_REACH = 3
"""Words after a number among which stands what it counts."""
Bound = Literal["", "more", "less", "about"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number or a range of numbers."""

    low: float
    high: float
    bound: Bound
    unit: tuple[str, ...]
    """The words that tell what is counted, nearest first; may be empty."""
    start: int
    """Where it stands in the text, half open with `end`."""
    end: int
    after: str
    """The word before it, in lower case."""

    @property
    def range(self) -> tuple[float, float]:
        """From the lowest to the highest, both the same for a single number."""
        return self.low, self.high

    def shown(self, text: str) -> str:
        """As the text has it, with "more than" and the like, or the month before it."""
        told = text[: self.start]
        forms = (_MORE, _LESS, _ROUGHLY, _MONTH)
        before = next((match for form in forms if (match := form.search(told))), None)
        return " ".join(text[before.start() if before else self.start : self.end].split())


def figures(text: str, taken: Sequence[tuple[int, int]] = ()) -> tuple[Figure, ...]:
    """The numbers of a text, in order. `taken`: stretches that are something else, such as days."""
    found: list[Figure] = []
    for match in _FIGURE.finditer(text):
        if any(a <= match.start() < b or a < match.end() <= b for a, b in taken) or _is_pronoun(match, text):
            continue
        figure = _figure(match, text)
        between = text[found[-1].end : figure.start] if found else ""
        if found and _JOINED.fullmatch(between) and _one_range(found[-1], figure, between, text):
            figure = replace(found.pop(), high=figure.high, unit=figure.unit, end=figure.end)
        found.append(figure)
    return tuple(found)


def _figure(match: re.Match[str], text: str) -> Figure:
    start = match.start() + (len(match.group()) - len(match.group().lstrip()))
    if match["digits"]:
        value = float(match["digits"].replace(",", ""))
        value *= _SCALED.get((match["short"] or "").lower(), 1.0)
    else:
        value = float(sum(int(NUMBERS[word]) for word in re.split(r"[ -]", match["word"].lower())))
    value *= _SCALES.get((match["scale"] or "").lower(), 1.0)
    unit = _unit(text, match.end())
    if match["percent"]:
        unit = ("percent", *unit)
    if match["money"]:
        unit = (_MONEY[match["money"]], *unit)
    before = text[:start]
    last = re.search(r"([\w’'-]+)\W*$", before)
    return Figure(value, value, _bound(before), unit, start, match.end(), last[1].lower() if last else "")


def _bound(before: str) -> Bound:
    if _MORE.search(before):
        return "more"
    if _LESS.search(before):
        return "less"
    return "about" if _ROUGHLY.search(before) else ""


def _unit(text: str, place: int) -> tuple[str, ...]:
    """What is counted: the next words up to a break or a small word."""
    said = []
    for match in list(WORD.finditer(text, place))[:_REACH]:
        if (
            re.search(r"[,;:()]|[.!?]\s", text[place : match.start()])
            or fold(match.group()).rstrip(".") in STOPWORDS
        ):
            break
        said.append(match.group().rstrip(".").lower())
        if match.group().endswith("."):
            break
    return tuple(said)


def _is_pronoun(match: re.Match[str], text: str) -> bool:
    """Whether "one" counts nothing: "the one in Latvia", "one of them"."""
    if not match["word"] or match["word"].lower() != "one" or match["scale"]:
        return False
    return not re.match(r"\s+[a-z]{3,}", text[match.end() :]) or not _unit(text, match.end())


def _one_range(first: Figure, second: Figure, between: str, text: str) -> bool:
    """Whether two numbers are one range: "between 1,000 and 1,500", not "two ships and three boats"."""
    if first.unit and first.unit[0] not in {"to"} and not first.unit[0][0].isdigit():
        return False
    if "and" in between.lower():
        return first.after == "between"
    return first.low < second.high or first.after == "from"

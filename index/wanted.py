"""What kind of thing a question wants, and which of those a sentence carries. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from index.words import DAYS, MONTHS, NUMBERS, WORD, content, countries, fold, stem


@dataclass(frozen=True, slots=True)
class Mention:
    """A thing of the wanted kind, where a sentence names it."""

    value: str
    """In a form in which two sentences can be compared."""
    start: int
    end: int


class Wanted(Enum):
    """The kind of answer that a question asks for."""

    PERSON = "person"
    NUMBER = "number"
    DATE = "date"
    COUNTRIES = "countries"
    PLACE = "place"
    WORDS = "words"
    ANYTHING = "anything"


_ASKS = (
    (Wanted.COUNTRIES, r"\b(?:which|what)\b(?:\W+\w+){0,3}?\W+(?:countries|nations|states)\b"),
    (
        Wanted.NUMBER,
        r"\bhow\s+(?:many|much|old|long|far|big|large|high|tall|often)\b|\bwhat\s+(?:number|percentage|share)\b",
    ),
    (Wanted.DATE, r"\bwhen\b|\b(?:which|what)\s+(?:year|date|day|month|time)\b|\bsince\s+when\b"),
    (
        Wanted.WORDS,
        r"\b(?:what|how)\s+(?:did|does|do|has|have|is|was)\b.*?\b(?:say|said|saying|tell|told|call|called|describe[ds]?|accuse[ds]?|blame[ds]?|warn(?:ed)?|think)\b",
    ),
    (Wanted.PERSON, r"\b(?:who|whom|whose)\b|\bwhat(?:'s|’s|\s+is|\s+was)\s+the\s+name\s+of\b"),
    (
        Wanted.PLACE,
        r"\bwhere\b|\b(?:which|what)\s+(?:country|nation|city|town|state|place|region|continent)\b",
    ),
)
_NUMBER = re.compile(r"\d[\d,.]*\d|\d|\b(?:" + "|".join(NUMBERS) + r"|hundreds?|thousands?|dozens?)\b", re.I)
_REACH = 3
"""Words between a number and what it counts: "130 fighter aircraft"."""
_MONTH = "|".join(
    sorted(
        {name for name in MONTHS if len(name) > 3}
        | {"jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec"},
        key=len,
        reverse=True,
    )
)
_DATE = re.compile(
    rf"\b(?:\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?)?(?:{_MONTH})\b\.?(?:\s+\d{{1,2}}(?:st|nd|rd|th)?\b)?(?:,?\s+\d{{4}})?"
    rf"|\b(?:1[5-9]|20)\d\d(?:s|\b)|\b(?:{'|'.join(DAYS)})\b|\b(?:yesterday|today|tomorrow|tonight)\b"
    r"|\b\d{1,2}(?:st|nd|rd|th)\s+centur(?:y|ies)\b|\b(?:last|next|this)\s+(?:week|month|year|summer|winter|spring|autumn|fall)\b",
    re.I,
)
_SMALL = r"(?:of|de|da|di|von|van|der|den|bin|al|el|la|le|du|del|dos|the)"
_NAME = re.compile(
    rf"[A-ZÀ-ÖØ-ÞŠŽČĆĐŁŚŹŻİĀ-Ž][\w’'\-.]*\w(?:\s+(?:{_SMALL}\s+){{0,2}}[A-ZÀ-ÖØ-ÞŠŽČĆĐŁŚŹŻİĀ-Ž][\w’'\-.]*)*"
)
_NOT_A_PERSON = frozenset(
    """nato union council summit ministry minister university college school house senate congress party
    court agency department office bank company corporation inc group organization organisation treaty
    atlantic sea ocean river lake mount street city county state states united nations europe european
    eastern western northern southern north south east west army navy force forces command alliance war
    league cup games olympics championship world news times post press reuters associated the a an in on
    at we he she it they this that these those but and if as for nazi nazis black baltic balkan
    i you his her their our its my there here what when where why how who which however meanwhile also
    after before during while since russia-nato air policing mission museum church""".split()
)
_LEADS_TO_PLACES = frozenset("in at near from to across into outside around throughout of through".split())
TITLES = frozenset(
    """president minister secretary general chancellor king queen prince princess senator governor mayor
    chief director chairman chairwoman pope general colonel admiral captain sir dr mr mrs ms judge justice
    ambassador spokesman spokeswoman spokesperson secretary-general leader prime commander professor
    coach""".split()
)
"""Words before a person's name that are no part of it."""


_UNIT = re.compile(
    r"\bhow\s+many\s+((?:[\w’'-]+\s+){0,4}?[\w’'-]+)"
    r"(?=\s+(?:is|are|was|were|did|do|does|has|have|had|will|would|can|could|should|may|might)\b)",
    re.I,
)
_FIRST_UNIT = re.compile(r"\bhow\s+many\s+(?:of\s+(?:the\s+)?)?([\w’'-]+)", re.I)
_BETWEEN = re.compile(r"\s*(?:,|;|,?\s*(?:and|or|as well as|plus))?\s*(?:the\s+)?(?:in\s+)?", re.I)
_QUOTED = re.compile(r"[“\"«][^”\"»]{3,}[”\"»]?")
_SAID = re.compile(r"\b(?:said|says|told|called|described|stressed|added|warned|noted|stated|thinks)\b", re.I)
_PLACE = re.compile(
    r"\b(?:in|at|near|from|to|across|outside|off|of)\s+(?:the\s+)?([A-Z][\w’'\-]+(?:\s[A-Z][\w’'\-]+)*)"
)


_AFTER_WHAT = (
    r"is|are|was|were|did|do|does|will|would|can|could|has|have|had|should|may|might|must|if|about|happen\w*"
    r"|caused?|led|made|makes|else|to|of|in|on|at|for|from|with|by"
)
_NAMES_A_THING = re.compile(
    rf"\b(?:what|which)\s+(?!(?:{_AFTER_WHAT})\b)[\w’'-]+"
    r"|\bwhat(?:['’]s|\s+(?:is|was|are|were))\s+(?:the|his|her|its|their|[\w’-]+['’]s)\s"
    r"|\bwhat\s+(?:does|do|did)\b.*\b(?:mean|refer|stand)\b",
    re.I,
)


@lru_cache(maxsize=1024)
def names_a_thing(question: str) -> bool:
    """Whether the question asks for a thing by its noun: "which sport", "what is the genre of"."""
    return wanted(question) is not Wanted.ANYTHING or bool(_NAMES_A_THING.search(question))


@lru_cache(maxsize=1024)
def wanted(question: str) -> Wanted:
    """The kind of answer that the question asks for: the one that it names first."""
    found = [
        (match.start(), kind)
        for kind, pattern in _ASKS
        if (match := re.search(pattern, question, re.I)) is not None
    ]
    return min(found, key=lambda pair: pair[0])[1] if found else Wanted.ANYTHING


@lru_cache(maxsize=8192)
def mentions(sentence: str, kind: Wanted) -> tuple[Mention, ...]:
    """The things of this kind that a sentence names, in order."""
    return _FINDERS[kind](sentence)


def unit(question: str) -> str:
    """The stem of what "how many" counts: that of "troops" in "how many more troops will …"."""
    match = _UNIT.search(question) or _FIRST_UNIT.search(question)
    said = content(match[1]) if match else []
    return stem(said[-1]) if said else ""


def counted(sentence: str, found: Sequence[Mention], counts: str) -> tuple[Mention, ...]:
    """Those of the numbers that count a thing: "1,000 and 1,500" in "… and 1,500 troops".

    All of them where the sentence does not name the thing.
    """
    ends = [match.start() for match in WORD.finditer(sentence) if stem(match.group()) == counts]
    if not ends:
        return tuple(found)
    near = (
        mention
        for mention in found
        if any(mention.end <= end and len(sentence[mention.end : end].split()) <= _REACH for end in ends)
    )
    return tuple(near)


def named_countries(text: str) -> frozenset[str]:
    """The countries that a text names (not those whose people it names)."""
    return frozenset(mention.value for mention in _countries(text))


def _countries(text: str) -> tuple[Mention, ...]:
    names, _ = countries()
    tokens = list(WORD.finditer(text))
    plain = [fold(token.group()).rstrip(".") for token in tokens]
    found: dict[int, Mention] = {}
    place = 0
    while place < len(tokens):
        width = next(
            (
                w
                for w in (4, 3, 2, 1)
                if " ".join(plain[place : place + w]) in names and place + w <= len(tokens)
            ),
            0,
        )
        if width and tokens[place].group()[0].isupper():
            last = tokens[place + width - 1]
            # The full stop of "in Lithuania." is not the name's; that of "U.S." is.
            end = last.end() - (last.group().endswith(".") and last.group().count(".") == 1)
            found[place] = Mention(names[" ".join(plain[place : place + width])], tokens[place].start(), end)
        place += max(width, 1)
    return tuple(found.values())


def _listed(text: str, found: Sequence[Mention]) -> tuple[Mention, ...]:
    """The longest list among the mentions: "in Slovakia and Hungary" without "… of Ukraine"."""
    runs: list[list[Mention]] = []
    for mention in found:
        if runs and _BETWEEN.fullmatch(text[runs[-1][-1].end : mention.start]):
            runs[-1].append(mention)
        else:
            runs.append([mention])
    longest = max(runs, key=len, default=[])
    return tuple(longest) if len(longest) > 1 else tuple(found)


def _numbers(text: str) -> tuple[Mention, ...]:
    dates = [match.span() for match in _DATE.finditer(text)]
    return tuple(
        _mention(match, stem(match.group()))
        for match in _NUMBER.finditer(text)
        if not any(start <= match.start() < end for start, end in dates)
    )


def _people(text: str) -> tuple[Mention, ...]:
    """Names that look like a person's; the value is the last word."""
    found = []
    for match in _NAME.finditer(text):
        parts = [fold(part).strip(".'’") for part in match.group().split()]
        person = _surname(parts)
        opens = match.start() == 0 or text[: match.start()].rstrip()[-1:] in '.!?“"‘('
        if person and (len(parts) > 1 or not opens):
            found.append(_mention(match, person))
    return tuple(found)


def _surname(parts: Sequence[str]) -> str:
    """The last word of a person's name, without titles; empty where it looks like another name."""
    names, peoples = countries()
    titled = any(part in TITLES for part in parts)
    rest = [part for part in parts if part not in TITLES and part not in peoples]
    foreign = (
        not rest or " ".join(parts) in names or rest[-1] in names or rest[-1] in MONTHS or rest[-1] in DAYS
    )
    if foreign or (not titled and not _NOT_A_PERSON.isdisjoint(parts)) or rest[-1] in _NOT_A_PERSON:
        return ""
    return re.sub(r"['’]s$", "", rest[-1])


def _places(text: str) -> tuple[Mention, ...]:
    return tuple(
        _mention(match, fold(match[1]))
        for match in _PLACE.finditer(text)
        if fold(match[1]) not in MONTHS and fold(match[1]) not in DAYS
    )


def _mention(match: re.Match[str], value: str) -> Mention:
    return Mention(value, match.start(), match.end())


def _dates(text: str) -> tuple[Mention, ...]:
    return tuple(
        _mention(match, " ".join(map(stem, match.group().split()))) for match in _DATE.finditer(text)
    )


def _sayings(text: str) -> tuple[Mention, ...]:
    """Quotations, or else the verb that reports one. They have no value to compare."""
    return tuple(_mention(match, "") for match in (*_QUOTED.finditer(text), *_SAID.finditer(text)))


def _whereabouts(text: str) -> tuple[Mention, ...]:
    """A list of countries, or else any place."""
    listed = _listed(text, _countries(text))
    return listed if len(listed) > 1 else listed + _places(text)


_FINDERS: dict[Wanted, Callable[[str], tuple[Mention, ...]]] = {
    Wanted.NUMBER: _numbers,
    Wanted.DATE: _dates,
    Wanted.COUNTRIES: lambda text: _listed(text, _countries(text)),
    Wanted.PERSON: _people,
    Wanted.PLACE: _whereabouts,
    Wanted.WORDS: _sayings,
    Wanted.ANYTHING: lambda _: (),
}

"""What kind of thing a question wants, and which of those a sentence carries. Pure."""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache

from index.words import DAYS, MONTHS, NUMBERS, WORD, countries, fold, stem


class Wanted(Enum):
    """The kind of answer that a question asks for."""

    PERSON = "person"
    NUMBER = "number"
    DATE = "date"
    COUNTRIES = "countries"
    PLACE = "place"
    ANYTHING = "anything"


_ASKS = (
    (Wanted.COUNTRIES, r"\b(?:which|what)\b(?:\W+\w+){0,3}?\W+(?:countries|nations|states)\b"),
    (
        Wanted.NUMBER,
        r"\bhow\s+(?:many|much|old|long|far|big|large|high|tall|often)\b|\bwhat\s+(?:number|percentage|share)\b",
    ),
    (Wanted.DATE, r"\bwhen\b|\b(?:which|what)\s+(?:year|date|day|month|time)\b|\bsince\s+when\b"),
    (Wanted.PERSON, r"\b(?:who|whom|whose)\b"),
    (Wanted.PLACE, r"\bwhere\b|\b(?:which|what)\s+(?:country|city|town|state|place|region|continent)\b"),
)
_NUMBER = re.compile(r"\d[\d,.]*\d|\d|\b(?:" + "|".join(NUMBERS) + r"|hundreds?|thousands?|dozens?)\b", re.I)
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
_TITLES = frozenset(
    """president minister secretary general chancellor king queen prince princess senator governor mayor
    chief director chairman chairwoman pope general colonel admiral captain sir dr mr mrs ms judge justice
    ambassador spokesman spokeswoman spokesperson secretary-general leader prime commander professor coach""".split()
)


@lru_cache(maxsize=1024)
def wanted(question: str) -> Wanted:
    """The kind of answer that the question asks for."""
    found = [
        (match.start(), kind)
        for kind, pattern in _ASKS
        if (match := re.search(pattern, question, re.I)) is not None
    ]
    return min(found, key=lambda pair: pair[0])[1] if found else Wanted.ANYTHING


def carried(sentence: str, kind: Wanted) -> frozenset[str]:
    """The things of this kind that a sentence names, in a form in which two sentences can be compared."""
    match kind:
        case Wanted.NUMBER:
            return numbers(sentence)
        case Wanted.DATE:
            return frozenset(" ".join(map(stem, m.group().split())) for m in _DATE.finditer(sentence))
        case Wanted.COUNTRIES:
            return named_countries(sentence)
        case Wanted.PERSON:
            return people(sentence)
        case Wanted.PLACE:
            return named_countries(sentence) | places(sentence)
        case Wanted.ANYTHING:
            return frozenset()


@lru_cache(maxsize=4096)
def named_countries(text: str) -> frozenset[str]:
    """The countries that a text names (not those whose people it names)."""
    names, _ = countries()
    tokens = [(match.group(), fold(match.group()).rstrip(".")) for match in WORD.finditer(text)]
    found = set()
    for width in (4, 3, 2, 1):
        for place in range(len(tokens) - width + 1):
            run = tokens[place : place + width]
            if run[0][0][0].isupper():
                country = names.get(" ".join(part for _, part in run))
                if country:
                    found.add(country)
    return frozenset(found)


@lru_cache(maxsize=4096)
def numbers(text: str) -> frozenset[str]:
    """The numbers in a text that are not dates, as digits."""
    dates = [match.span() for match in _DATE.finditer(text)]
    return frozenset(
        stem(match.group())
        for match in _NUMBER.finditer(text)
        if not any(start <= match.start() < end for start, end in dates)
    )


@lru_cache(maxsize=4096)
def people(text: str) -> frozenset[str]:
    """The names in a text that look like a person's: their last word, folded."""
    names, _ = countries()
    found = set()
    for match in _NAME.finditer(text):
        parts = [fold(part).strip(".'’") for part in match.group().split()]
        titled = any(part in _TITLES for part in parts)
        rest = [
            p
            for p in parts
            if p not in _TITLES and p not in _NOT_A_PERSON and p not in MONTHS and p not in DAYS
        ]
        if " ".join(parts) in names or (set(parts) & _NOT_A_PERSON and not titled) or not rest:
            continue
        alone = match.start() == 0 or text[: match.start()].rstrip()[-1:] in '.!?“"‘('
        if len(rest) > 1 or titled or not alone:
            person = rest[-1]
            if person not in names and not person.isdigit():
                found.add(person)
    return frozenset(found)


def places(text: str) -> frozenset[str]:
    """Capitalised names after a preposition of place, folded."""
    return frozenset(
        fold(match.group(1))
        for match in re.finditer(
            r"\b(?:in|at|near|from|to|across|outside)\s+(?:the\s+)?([A-Z][\w’'\-]+(?:\s[A-Z][\w’'\-]+)*)",
            text,
        )
        if fold(match.group(1)) not in MONTHS and fold(match.group(1)) not in DAYS
    )

"""What a sentence states outright of the thing asked about: its maker, its sport, its party, its dates. Pure.

Only forms that leave little doubt are read: "A, a cricketer, …", "A was a Republican …", "Democratic Senator
A", "B is a film directed by C", "A (9 May 1951 – …)". All else states nothing. Two articles that state
different things of one name differ, in whatever words they go on.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.aligning import Word, read
from index.asked import Asked
from index.values import compatible, telling
from index.wanted import TITLES, Wanted, mentions
from index.words import countries, fold, stem

CLASSES = {
    "sport": """archer athlet badminton baseball basketball biathl bowl box canoe chess cricket curl cycl dart
        fenc football golf gymnast handball hockey judo karate lacrosse netball polo rowing rower rugby sail
        skat ski snooker soccer softball squash surf swim taekwondo tennis triathl volleyball weightlift
        wrestl""".split(),
    "parti": """republican democrat labour conservative tory liberal green socialist communist whig
        libertarian""".split(),
}
"""By the stem of what is asked: how the words begin of which one has one at a time."""
FOOTBALL = frozenset({"football", "soccer", "rugby"})
"""Each of these is called football somewhere."""
MADE = {
    "album record song single ep lp compilation released recorded performed": "artist singer band perform",
    "written wrote novel book play poem story author": "author writer write wrote written",
    "directed": "director direct directed",
    "created creation": "creator create created",
    "composed opera music score": "composer compose composed",
    "produced": "producer produce produced",
    "painted painting mural portrait": "painter paint painted",
}
"""Words before "by" that tell what somebody made, and those of the question that ask for it."""
NATIONAL = frozenset(map(stem, "nationality citizenship".split()))
GAP = 2
"""Words that may stand between the names of the question in a sentence."""
NEAR = 4
"""Words before "by" among which it says what was made."""
FAR = 120
"""Characters within which a sentence names the maker after the thing."""
_CAPITAL = r"(?:[A-Z]\.|[A-Z][\w’'&-]*)"
_NAME = rf"(?:The\s+)?{_CAPITAL}(?:\s+(?:(?:of|de|van|von|and|&)\s+)?{_CAPITAL})*"
_AFTER = r"""(?=\s*(?:[.,;:()\[\]]|$
    |(?:released|issued|and|in|on|at|which|that|who|from|for|with|was|is|as|consisting)\b))"""
_BY = re.compile(rf"\bby\s+(?:[\w’'-]+\s+){{0,6}}?(?P<name>{_NAME}){_AFTER}", re.VERBOSE)
_LIFE = re.compile(r"^(?:,[^(]{1,60})?\s*\(\s*(?:born\s+|b\.\s*)?(?P<life>[^()]{4,60})\)")
_ALSO_CALLED = re.compile(r"^\W{0,2}\s*\((?P<what>[^()\d]{2,40})\)")
_IS_A = re.compile(r"^\s*(?:\([^)]*\)\s*)?(?:,|\b(?:is|was|are|were)\b)\s+(?:an?|the)\s+(?P<what>[^.;:(),]+)")
_LAST = re.compile(r"\b(?:who|which|that|and|for|from|with|by|in|at|against|over)\b")


@dataclass(frozen=True, slots=True)
class Stated:
    """What a sentence states of a thing."""

    subject: str
    """The thing by its full name there."""
    apart: str
    """What tells it from others of its name: "film" in "Foul Play (film)"; may be empty."""
    told: str
    """In the sentence's own words."""
    values: frozenset[str]
    """In a form that can be compared; empty for names and dates, which are compared as they are."""
    kind: Wanted


def stated(text: str, asked: Asked) -> Stated | None:
    """What a sentence states of the thing asked about; None for nothing sure."""
    found = _subject(text, asked)
    if found is None:
        return None
    start, end = found
    name, rest = text[start:end], text[end:]
    called = _ALSO_CALLED.match(rest)
    apart = called["what"] if called else ""
    wants = {term.stem for term in asked.terms}
    if wants & {"born", "die"}:
        told = _lived(rest, death="die" in wants)
        return Stated(name, apart, told, frozenset(), Wanted.DATE) if told else None
    if asked.kind is Wanted.PERSON:
        told = _maker(text, end, wants)
        return Stated(name, apart, told, frozenset(), Wanted.PERSON) if told else None
    told, values = _classed(text[:start], _without(rest, called), wants)
    return Stated(name, apart, told, values, Wanted.ANYTHING) if values else None


def contradict(first: Stated, second: Stated) -> bool:
    """Whether two statements cannot both be true, of what their names do not tell apart."""
    mine, theirs = telling(first.subject), telling(second.subject)
    if not (mine <= theirs or theirs <= mine):
        return False
    if first.apart and second.apart and not compatible(first.apart, second.apart, Wanted.ANYTHING):
        return False
    if first.values or second.values:
        both = first.values & FOOTBALL and second.values & FOOTBALL
        return first.values.isdisjoint(second.values) and not both
    return not compatible(first.told, second.told, first.kind)


def _without(rest: str, called: re.Match[str] | None) -> str:
    """What follows, without a heading that repeats the name: "A (rugby) A (born 1993) is a …"."""
    if called is None:
        return rest
    verb = re.search(r"(?:\([^)]*\))?\s+(?:is|was|are|were)\s", rest)
    return rest[verb.start() :] if verb else rest[called.end() :]


def _subject(text: str, asked: Asked) -> tuple[int, int] | None:
    """Where the sentence first has all names of the question close together, in full."""
    names = [term.forms for term in asked.terms if term.name and term.word.lower() not in TITLES]
    said = read(text)
    for place in range(len(said) if names else 0):
        run = said[place : place + len(names) + GAP]
        held = [i for i, each in enumerate(run) if any(each.stem in forms for forms in names)]
        if held[:1] == [0] and all(any(run[i].stem in forms for i in held) for forms in names):
            return _full(text, said, place, place + held[-1])
    return None


def _full(text: str, said: Sequence[Word], first: int, last: int) -> tuple[int, int]:
    """The name with the capitals beside it, but without titles."""

    def joined(place: int) -> bool:
        return (
            0 < place < len(said)
            and said[place - 1].text[0].isupper()
            and said[place].text[0].isupper()
            and text[said[place - 1].end : said[place].start] in {" ", "-", "–", ". "}
        )

    while joined(first) and fold(said[first - 1].text) not in TITLES:
        first -= 1
    while joined(last + 1):
        last += 1
    return said[first].start, said[last].end


def _lived(rest: str, *, death: bool) -> str:
    """The day of birth or death beside a name; empty where there is none."""
    life = _LIFE.match(rest)
    span = life["life"] if life else ""
    days = [span[each.start : each.end] for each in mentions(span, Wanted.DATE)]
    if death:
        return days[-1] if len(days) > 1 and re.search(r"\s*[–—-]\s*", span) else ""
    return days[0] if days else ""


def _maker(text: str, end: int, wants: set[str]) -> str:
    """Who made a thing, where the sentence says so with the word that is asked for; else empty."""
    made = _BY.search(text, end)
    if made is None or made.start() > end + FAR:
        return ""
    before = {word.stem for word in read(text[: made.start()])[-NEAR:]}
    told = any(
        wants & set(map(stem, asks.split())) and before & set(map(stem, says.split()))
        for says, asks in MADE.items()
    )
    return made["name"] if told else ""


def _classed(before: str, rest: str, wants: set[str]) -> tuple[str, frozenset[str]]:
    """The kind of a thing, in "A is a …" or right before its name."""
    after = _IS_A.match(rest)
    place = _LAST.split(after["what"], maxsplit=1)[0] if after else " ".join(before.split()[-GAP:])
    words = [fold(word.text) for word in read(place)]
    peoples = countries()[1]
    found = {peoples[word] for word in words if word in peoples} if wants & NATIONAL else set()
    for asks in wants & CLASSES.keys():
        found |= {each for word in words for each in CLASSES[asks] if word.startswith(each)}
    return place.strip(), frozenset(found)

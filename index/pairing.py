"""The words of a sentence and those of a quote that stand for them, whatever is left over. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from index.matching import Likeness
from index.statements import Statement, Token
from index.words import countries, fold, stem

FREE = frozenset(
    map(
        stem,
        """said says told tells according article articles report reports reported stressed stated explained
        noted added announced confirmed speaking take takes took taken place include includes including also
        there happen happened occur occurred called named known respectively kind via amid upon within while
        whereas both well then together along altogether""".split(),
    )
)
"""Words that say nothing by themselves beside what the quote has: "the summit will take place"."""
CALLED = {
    stem(word): stem(name) for word, name in (("alliance", "NATO"), ("bloc", "EU"), ("Kremlin", "Russia"))
}
"""What news calls by another word, by stem."""
_LIFE = re.compile(
    r"(?P<name>[\w’'-]+),?\s*\(\s*(?:born\s+|b\.\s*)?(?P<born>[^()–—]{3,30}?)\s*[–—]\s*[^()]{3,60}\)"
)
_OWNER = re.compile(r"['’]s?$")
_CONTRACTED = re.compile(r"n['’]t$|^cannot$", re.I)
_ROUND = frozenset("about around roughly some approximately circa over nearly almost up least most".split())
"""Words before a number that belong to it."""
_TIMES = frozenset(map(stem, ("year", "month", "day", "date", "time")))
"""Words beside a day that say no more than it does."""
_COUNTED = frozenset(map(stem, ("people", "person", "others")))
"""The same beside a number."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """The words of a part with those of the quote that stand for them."""

    part: Statement
    quote: Statement
    pairs: tuple[tuple[Token, Token], ...]
    missing: tuple[Token, ...]
    """Words of meaning for which the quote has none."""
    besides: frozenset[str] = frozenset()
    """Stems that the part may have all the same: those of the outlet's name."""

    @property
    def clauses(self) -> frozenset[int]:
        """The clauses of the quote that the part speaks of."""
        return frozenset(theirs.clause for _, theirs in self.pairs)

    @property
    def held(self) -> frozenset[int]:
        """Where the words of the quote begin that stand for one of the part."""
        return frozenset(theirs.start for _, theirs in self.pairs)


def paired(part: Statement, quote: Statement, likeness: Likeness, besides: frozenset[str]) -> Pairing:
    """Each word of the part with the one of the quote whose neighbours are most like its own.

    `besides`: stems that the part may have though the quote does not, such as those of the outlet's name.
    """
    theirs = [token for token in quote.tokens if token.content]
    mine = [token for token in part.tokens if token.content]
    near_mine, near_theirs = _neighbours(mine), _neighbours(theirs)
    small = {token.stem for token in quote.tokens}
    find = _Finder(mine, theirs, likeness)
    pairs: list[tuple[Token, Token]] = []
    missing: list[Token] = []
    for place, token in enumerate(mine):
        options = find(place)
        if options:
            used = {other.start for _, other in pairs}
            last = pairs[-1][1].start if pairs else -1
            around = near_mine[token.start]
            best = min(
                options,
                key=lambda other: (
                    other.start in used,
                    other.spoken != token.spoken,
                    -len(around & near_theirs[other.start]),
                    other.start < last,
                    other.start,
                ),
            )
            pairs.append((token, best))
        elif token.stem not in small and token.stem not in besides and not _says_nothing(token, part, quote):
            missing.append(token)
    return Pairing(part, quote, tuple(pairs), tuple(missing), besides)


def _says_nothing(token: Token, part: Statement, quote: Statement) -> bool:
    """Whether a word can be left out of account: others look at what denies, or says who says so."""
    if token.plain == "born" and life_of(part, quote):
        return True  # the day is held against that of the birth
    if token.name:
        return False
    if _CONTRACTED.search(token.text) or token.stem in FREE:
        return True
    if token.plain in _ROUND and any(0 < f.start - token.end <= 6 for f in part.figures):
        return True
    return bool((part.days and token.stem in _TIMES) or (part.figures and token.stem in _COUNTED))


def life_of(part: Statement, quote: Statement) -> str:
    """When somebody of whom both tell was born, as in "Anna Holm (1577 – 1653)"; else empty."""
    for match in _LIFE.finditer(quote.text):
        if re.search(rf"\b{re.escape(match['name'])}\b", part.text):
            return match["born"]
    return ""


class _Finder:
    """Finds the words of a quote that may stand for one of a part, the surest way first."""

    def __init__(self, mine: Sequence[Token], theirs: Sequence[Token], likeness: Likeness) -> None:
        self._mine = mine
        self._theirs = theirs
        self._likeness = likeness
        self._joined = {stem(a.text + b.text): a for a, b in pairwise(theirs)}
        self._ways: tuple[Callable[[int], Sequence[Token]], ...] = (
            self._same,
            self._in_one,
            self._in_two,
            self._country,
            self._called,
            self._alike,
        )

    def __call__(self, place: int) -> Sequence[Token]:
        return next((found for way in self._ways if (found := way(place))), ())

    def _same(self, place: int) -> Sequence[Token]:
        token = self._mine[place]
        same = [other for other in self._theirs if other.stem == token.stem]
        return [*same, *self._called(place)] if token.name else same

    def _in_one(self, place: int) -> Sequence[Token]:
        """One word for two: "battlegroup" for "battle group"."""
        joined = self._joined.get(self._mine[place].stem)
        return [joined] if joined else []

    def _in_two(self, place: int) -> Sequence[Token]:
        """One of two for one word: "battle" or "group" for "battlegroup"."""
        beside = [self._mine[place - 1 : place + 1], self._mine[place : place + 2]]
        both = {stem(pair[0].text + pair[1].text) for pair in beside if len(pair) == 2}
        return [other for other in self._theirs if other.stem in both]

    def _country(self, place: int) -> Sequence[Token]:
        """A country by another name: "American" for the United States, "British" for the United Kingdom."""
        mine = _country_at(self._mine, place)
        found = [i for i in range(len(self._theirs)) if mine and _country_at(self._theirs, i) == mine]
        return [self._theirs[i] for i in found]

    def _called(self, place: int) -> Sequence[Token]:
        """What is usual for a name: "the alliance" for NATO, "UN" for the United Nations."""
        token = self._mine[place]
        aliases = {CALLED.get(token.stem)} | {word for word, name in CALLED.items() if name == token.stem}
        found = [other for other in self._theirs if other.stem in aliases]
        if found or not (token.name and token.text.isupper() and len(token.text) > 1):
            return found
        size = len(token.text)
        runs = [self._theirs[i : i + size] for i in range(len(self._theirs) - size + 1)]
        return [run[0] for run in runs if "".join(each.text[0] for each in run) == token.text]

    def _alike(self, place: int) -> Sequence[Token]:
        token = self._mine[place]
        if token.name:
            return []
        plain = {other.text.lower(): other for other in self._theirs if not other.name}
        like = self._likeness(token.text.lower(), list(plain))
        return [other for other in self._theirs if not other.name and other.text.lower() == like]


def _country_at(tokens: Sequence[Token], place: int) -> str:
    """The country that a word, or it with the one beside it, names; empty for none."""
    names, peoples = countries()
    words = [fold(_OWNER.sub("", token.text)).rstrip(".") for token in tokens[max(0, place - 1) : place + 2]]
    own = words[min(place, 1)]
    pairs = [f"{a} {b}" for a, b in pairwise(words)]
    known = (names.get(each) or peoples.get(each) for each in (own, own.replace(".", ""), *pairs))
    return next((each for each in known if each), "")


def _neighbours(tokens: Sequence[Token]) -> Mapping[int, frozenset[str]]:
    """Start of each word -> stems of the two before and the two after it."""
    return {
        token.start: frozenset(
            each.stem for each in tokens[max(0, place - 2) : place + 3] if each.start != token.start
        )
        for place, token in enumerate(tokens)
    }

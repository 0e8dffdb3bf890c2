"""Who does what to whom: whether the common words of two sentences stand in the same roles. Pure.

A word's role is told by the preposition of its phrase, by whether it owns another, by the side of a common
verb on which it stands, and by its neighbours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from index.pairing import Pairing
from index.phrases import ADVERBS, CONVERSE, Phrases, read
from index.statements import Token, country

_THERE = frozenset("in at on near across".split())
"""Prepositions of where something is: who is there does not act."""
_SAYS = frozenset("said says".split())
_TURNS = frozenset("than from against over".split())
"""Prepositions of which it matters what stands on which side, names or not: "more men than women"."""
_NEAR = 3
"""Words of meaning on each side that make out a name's place."""
Pair = tuple[Token, Token]
"""A word of the part, and the one of the quote that stands for it."""


@dataclass(frozen=True, slots=True)
class Both:
    """A part and a quote as phrases, with their common words."""

    found: Pairing
    mine: Phrases
    theirs: Phrases

    @classmethod
    def of(cls, found: Pairing) -> Both:
        """Read both."""
        return cls(found, read(found.part), read(found.quote))

    def verbs(self) -> Iterator[Pair]:
        """The common words that are verbs in both, and have the same subject whatever the verb for it."""
        for own, other in self.found.pairs:
            seen = (self.mine.is_verb(own), self.theirs.is_verb(other))
            same = own.stem == other.stem and not (own.name or other.name)
            if (all(seen) or (any(seen) and same)) and own.stem not in CONVERSE:
                yield own, other
        for own in self.found.part.tokens:
            for other in self.found.quote.tokens:
                if own.plain == other.plain and own.plain in _SAYS and not (own.spoken or other.spoken):
                    yield own, other


def exchanged(both: Both) -> str:
    """Two common words that have each other's role; empty where none have."""
    pivots = list(both.verbs())
    for first, second in combinations(both.found.pairs, 2):
        if first[1].start == second[1].start or both.theirs.listed(first[1], second[1]):
            continue
        if (
            _crossed(first, second, both)
            or _around(first, second, pivots, both)
            or _each_in_place_of(first, second, both)
        ):
            return f"{first[0].text}/{second[0].text}"
    return _changed_side(both) or taken_over(both)


def _crossed(first: Pair, second: Pair, both: Both) -> bool:
    """Whether each of two words has the preposition of the other: "Poland in Madrid", "Madrid in Poland"."""
    own = both.mine.slots[first[0].start], both.mine.slots[second[0].start]
    their = both.theirs.slots[first[1].start], both.theirs.slots[second[1].start]
    named = first[0].name or second[0].name or _TURNS & {*own}
    spoken = first[0].spoken or second[0].spoken
    return bool(named) and not spoken and own[0] != own[1] and own == (their[1], their[0])


def _around(first: Pair, second: Pair, pivots: list[Pair], both: Both) -> bool:
    """Whether two bare words have changed sides of a verb that stands between them in both."""
    mine, theirs = both.mine, both.theirs
    if any(own.spoken or other.spoken for own, other in (first, second)):
        return False
    if any(mine.slots[own.start] or theirs.slots[other.start] for own, other in (first, second)):
        return False
    a, b = sorted((first, second), key=lambda pair: mine.place(pair[0]))
    apart = mine.segment(a[0].start) != mine.segment(b[0].start)
    if apart or theirs.segment(a[1].start) != theirs.segment(b[1].start):
        return False
    return any(
        mine.place(a[0]) < mine.place(own) < mine.place(b[0])
        and theirs.place(b[1]) < theirs.place(other) < theirs.place(a[1])
        for own, other in pivots
    )


def _each_in_place_of(first: Pair, second: Pair, both: Both) -> bool:
    """Whether each of two names has the neighbours of the other rather than its own."""
    (a, other_a), (b, other_b) = first, second
    if not (a.name and b.name) or country(a) != country(b) or a.stem == b.stem:
        return False
    mine, theirs = both.mine, both.theirs
    if mine.slots[a.start] == mine.slots[b.start] != "":
        own, was = (mine.before(a), mine.before(b)), (theirs.before(other_a), theirs.before(other_b))
        if own[0] != own[1] and own == (was[1], was[0]):
            return True
    names = frozenset((a.stem, b.stem))
    for reach in (1, _NEAR):
        near_a, near_b = mine.near(a, names, reach), mine.near(b, names, reach)
        was_a, was_b = theirs.near(other_a, names, reach), theirs.near(other_b, names, reach)
        if len(near_a & was_b) > len(near_a & was_a) and len(near_b & was_a) > len(near_b & was_b):
            return True
    return False


def _changed_side(both: Both) -> str:
    """Somebody who acts in the part, and is acted on, or only stands by, where the quote has that act."""
    mine, theirs = both.mine, both.theirs
    heads = [pair for pair in both.found.pairs if mine.may_act(pair[0]) and not _only_named(pair[1])]
    for verb, their_verb in both.verbs():
        if mine.passive(verb) != theirs.passive(their_verb) and -1 in {mine.agent, theirs.agent}:
            continue
        for own, other in heads:
            if own.start == verb.start or not mine.acts(own, verb) or theirs.acts(other, their_verb):
                continue
            if theirs.antecedent(their_verb) is not None and _right_before(own, verb, mine):
                return f"{own.text} {verb.text}"
            there = own.name and theirs.slots[other.start] in _THERE and _right_before(own, verb, mine)
            if there or _displaced(own, verb, their_verb, both):
                return f"{own.text} {verb.text}"
    return ""


def taken_over(both: Both) -> str:
    """What a verb is said of, and another one in the quote: "passed the Senate but failed in the House"."""
    mine, theirs = both.mine, both.theirs
    for verb, their_verb in both.verbs():
        for own, other in both.found.pairs:
            near = own.start > verb.end and _right_before(verb, own, mine) and own.start != verb.start
            if not near or mine.slots[own.start] or other.start < their_verb.end:
                continue
            between = [t for t in both.found.quote.tokens if their_verb.end < t.start < other.start]
            apart = theirs.segment(other.start) != theirs.segment(their_verb.start)
            if apart and any(theirs.is_verb(t) and t.start not in both.found.held for t in between):
                return f"{verb.text} {own.text}"
    return ""


def _only_named(token: Token) -> bool:
    return token.owner or token.spoken


def _right_before(own: Token, verb: Token, of: Phrases) -> bool:
    """Whether a name stands before a verb with nothing but small words between."""
    between = [t for t in of.statement.tokens if own.start < t.start < verb.start]
    return not any(t.content and t.plain not in ADVERBS for t in between)


def _displaced(own: Token, verb: Token, their_verb: Token, both: Both) -> bool:
    """Whether who acts in the quote is acted on in the part, or is another of the kind of who acts there."""
    counterpart = {other.start: mine for mine, other in both.found.pairs}
    for token in both.found.quote.tokens:
        if not (token.content and both.theirs.may_act(token) and both.theirs.acts(token, their_verb)):
            continue
        now = counterpart.get(token.start)
        if now is not None and both.mine.place(now) > both.mine.place(verb):
            return True
        if now is None and own.name and token.name and country(own) == country(token):
            return True
    return False

"""Whether a part of a sentence puts together what the quote tells apart: other names, other days. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from index.differing import within
from index.phrases import PREPOSITIONS, listings
from index.roles import Both
from index.spoken_dates import Spoken
from index.statements import Token, country
from index.words import stem

_ELSEWHERE = frozenset("in on at to from into near across".split())
"""Where something is or goes: there nobody can be of whom the quote has only an adjective."""
_CONTRARY = frozenset(
    map(
        frozenset,
        (("from", "to"), ("for", "against"), ("before", "after"), ("over", "under"), ("above", "below")),
    )
)
"""Prepositions of which one is never said for the other."""
_SAID = frozenset(
    map(stem, "said says told announced reported stated explained confirmed stressed noted".split())
)


def misplaced(both: Both) -> str:
    """A name that is told of where the quote has only its people, or that speaks where another does.

    "in Lithuania" is not said by "the Lithuanian president".
    """
    mine, theirs, quote = both.mine, both.theirs, both.found.quote
    for own, other in both.found.pairs:
        if own.name and frozenset((mine.slots[own.start], theirs.slots[other.start])) in _CONTRARY:
            return own.text
        if own.name and other.owner and not own.owner and mine.slots[own.start] in _ELSEWHERE:
            return own.text
        if own.stem in _SAID or own.spoken == other.spoken:
            continue
        only_speaks = (
            other.spoken
            and any(not told.spoken for _, told in both.found.pairs)
            and quote.speaker
            and mine.slots[own.start] == ""
            and not mine.speaks(own)
        )
        if only_speaks or (own.spoken and not theirs.speaks(other)):
            return own.text
    return ""


def other_owner(both: Both) -> str:
    """A people that the part puts to another word: "Turkish town" for "the town taken by Turkish forces"."""
    counterpart = {own.start: other for own, other in both.found.pairs}
    for own, other in both.found.pairs:
        owned = [each for each in _owned(own, both.found.part.tokens) if each.start in counterpart]
        if not own.owner or not owned:
            continue
        told = {counterpart[each.start].start for each in owned}
        theirs = {each.start for each in _owned(other, both.found.quote.tokens)}
        if other.owner:
            apart = bool(theirs) and not told & theirs
        else:  # "Turkish forces" for "the forces of Turkey"
            apart = both.theirs.slots[other.start] in {"of", "in", "from"} and min(told) > other.start
        if apart:
            return f"{own.text} {owned[-1].text}"
    return ""


def _owned(owner: Token, tokens: Sequence[Token]) -> list[Token]:
    """The words of the phrase that an owner opens: "special forces" of "Turkish special forces"."""
    found: list[Token] = []
    for token in (token for token in tokens if token.start > owner.start):
        last = found[-1] if found else owner
        if token.start - last.end != 1 or not token.content or token.name:
            break
        found.append(token)
    return found


def brought_together(both: Both) -> str:
    """Two names that are told in one breath, of which the quote tells apart."""
    for (a, other_a), (b, other_b) in combinations(both.found.pairs, 2):
        if not (a.name and b.name and both.mine.listed(a, b)) or a.stem == b.stem:
            continue
        apart = both.theirs.segment(other_a.start) != both.theirs.segment(other_b.start)
        if apart and not both.theirs.listed(other_a, other_b):
            return f"{a.text}, {b.text}"
    return ""


def rival(both: Both) -> str:
    """A name of the quote that stands where the part has another; empty where there is none.

    "The United Kingdom will lead the battalion in Estonia, Canada the one in Latvia": the part may say of
    Canada and Latvia what is said there, but not of Canada and Estonia.
    """
    mine, theirs, found = both.mine, both.theirs, both.found
    for own, other in found.pairs:
        if not own.name or own.spoken:
            continue
        for beside, told in found.pairs:
            there = theirs.segment(told.start)
            elsewhere = mine.segment(beside.start) != mine.segment(own.start) or told.spoken
            if elsewhere or there == theirs.segment(other.start):
                continue
            before = mine.place(own) < mine.place(beside)
            for token in _of_its_kind(other, there, both):
                if (token.start < told.start) == before:
                    return f"{token.text} for {own.text}"
    return ""


def _of_its_kind(name: Token, segment: int, both: Both) -> list[Token]:
    """The names of a stretch that the part does not have, of the same kind and in the same kind of phrase."""
    theirs, held, names = both.theirs, both.found.held, both.found.quote.names
    told = {token.stem for token in both.found.part.tokens}
    return [
        token
        for token in names
        if token.start not in held
        and token.stem not in told
        and not token.spoken
        and theirs.segment(token.start) == segment
        and country(token) == country(name)
        and theirs.slots[token.start] == theirs.slots[name.start]
        and not _part_of_held(token, held, names)
    ]


def _part_of_held(token: Token, held: frozenset[int], names: Sequence[Token]) -> bool:
    """Whether it is a part of a name that both have: "Joe" of "Joe Biden"."""
    return any(
        other.start in held and 0 <= min(abs(other.start - token.end), abs(token.start - other.end)) <= 1
        for other in names
    )


def curtailed(both: Both) -> str:
    """A list of the quote of which the part names some only, beside a number or as if they were all."""
    held = both.found.held
    for each in listings(both.found.quote):
        common = [token for token in each if token.start in held]
        if 0 < len(common) < len(each) and (len(common) > 1 or both.found.part.figures):
            return ", ".join(token.text for token in each)
    return ""


def astray(both: Both) -> str:
    """A name or a day that the part takes from a stretch of the quote of which it has nothing else.

    "Together with the forces in Poland, NATO will have eight battlegroups": not eight in Poland.
    """
    theirs, found = both.theirs, both.found
    ends = {other.end for own, other in found.pairs if own.name}
    main = {
        theirs.segment(other.start)
        for own, other in found.pairs
        if not own.name and not other.spoken and other.start - 1 not in ends
    }
    for own, other in found.pairs:
        if not own.name and theirs.is_verb(other) and (actor := theirs.antecedent(other)) is not None:
            main.add(theirs.segment(actor.start))  # "the Warsaw summit, which ran until"
    for own, other in found.pairs:
        here = theirs.segment(other.start)
        if not own.name or own.spoken or other.spoken or not theirs.slots[other.start]:
            continue
        if here in main or here > min(main, default=here):  # what comes after goes with it more often
            continue
        stretch = [token for token in found.quote.tokens if theirs.segment(token.start) == here]
        if _left(stretch, both, names=False) and stretch[0].plain not in PREPOSITIONS:
            return own.text
    for day in found.part.days if found.pairs else ():
        if any(within(told, day) and _other_event(told, main, both) for told in found.quote.days):
            return found.part.text[day.start : day.end]
    return ""


def _left(stretch: Sequence[Token], both: Both, *, names: bool) -> list[Token]:
    """Words of meaning of a stretch that the part does not have."""
    held = both.found.held
    return [
        t for t in stretch if t.content and not t.spoken and t.start not in held and (names or not t.name)
    ]


def _other_event(told: Spoken, main: set[int], both: Both) -> bool:
    """Whether a day of the quote belongs to a stretch that tells of something that the part leaves out."""
    theirs, quote = both.theirs, both.found.quote
    here = theirs.segment(told.start)
    stretch = [token for token in quote.tokens if theirs.segment(token.start) == here]
    following = next((t.plain for t in quote.tokens if theirs.segment(t.start) == here + 1), "")
    told_on = following in {"when", "where"}
    left = _left(stretch, both, names=True)
    return here not in main and len(left) > 1 and any(map(theirs.is_verb, left)) and not told_on

"""Who says the same, and who differs. Pure.

Precision comes first: a false "sources differ" is worse than a missed one, so two sentences are
held against each other only where both answer the question about equally well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, product

from index.answer_slots import point, same_words
from index.asked import Term
from index.contesting import contests
from index.evidence import Evidence
from index.judging import Judged
from index.sides import copies, sides
from index.values import compatible, whole
from index.wanted import Wanted, mentions
from index.words import stems

FLOOR = 0.75
"""A further sentence needs this share of the best one's score."""
ENOUGH = 0.6
"""Of the question's words around the best sentence, the share around a further one; and likewise of how
near they stand to what it names."""
POSSIBLE = 0.05
"""A further sentence is shown whatever its score, where it is this likely to be the one that answers."""
WITNESS = 0.6
"""A sentence that says what another has said already needs this share."""
SAME = 0.75
"""Cosine from which two sentences make the same point."""
SAME_VALUES = {Wanted.COUNTRIES: 0.45, Wanted.NUMBER: 0.45}
"""The same where both give the same list, or the same number of the same thing."""
SAME_NAME = 0.6
"""The same where both name the same person, place or day, which two sentences may do for two reasons."""
AGAINST = 0.6
"""Cosine from which two sentences that name other things can contradict each other."""
FIGURES = 0.8
"""The same for numbers and dates, of which a sentence may name several for several reasons."""
COPY = 0.9
"""Share of common words from which one sentence says hardly more than the other."""
LEVEL = 0.6
"""Of the question's words that one sentence holds, the share that another on the same point holds."""
OLD = {Wanted.NUMBER: 7, Wanted.DATE: 30}
"""Days between two articles after which another figure is a change over time, not a difference."""
OTHERWISE_OLD = 120
"""The same for lists."""
LIST = 3
"""Fewer countries are a mention, not a list."""


@dataclass(frozen=True, slots=True)
class Group:
    """Sentences of different articles that make one claim, the best first."""

    members: tuple[Evidence, ...]
    contested: bool
    """Whether another group of the answer makes another claim on the same point."""
    told: str = ""
    """The claim in a few words; empty where the sentence has to speak for itself."""
    changed: bool = False
    """Whether the other group makes its claim at another time: then both may be true."""

    @property
    def compared(self) -> bool:
        """Whether it is only whole together with another group."""
        return self.contested or self.changed


def groups(judged: Judged, limit: int, further: Sequence[Evidence] = ()) -> list[Group]:
    """The claims of an answer, best first: at most `limit`, but never only one side of a difference.

    `further`: sentences that rank too low to answer, but may differ from those that do.
    """
    found = _grouped(judged)
    sides = _sides(judged, further)
    if sides:
        return _merged(found, sides, limit)
    contested = _contested(found, judged)
    chosen = [
        Group(tuple(members), place in contested)
        for place, members in enumerate(found)
        if place < limit or place in contested
    ]
    return _cut(chosen, limit)


def _sides(judged: Judged, further: Sequence[Evidence]) -> list[Group]:
    """What sentences that are alike but for the answer say, where they differ."""
    kind = point(judged.asked)
    if kind is None or kind is Wanted.COUNTRIES:
        return []
    found = contests(judged, further)
    now = [each for each in found if not _other_time(each.first, each.second, kind)]
    told = sides(now or found[:1], judged, kind) if found else []
    return [Group(side.members, bool(now), side.told, not now) for side in told]


def _merged(found: Sequence[Sequence[Evidence]], sides: list[Group], limit: int) -> list[Group]:
    """The best sentence first, then the sides of the difference, then what else there is room for."""
    quoted = {member.text for side in sides for member in side.members}
    others = [Group(tuple(members), False) for members in found if quoted.isdisjoint(m.text for m in members)]
    first = others[:1] if found[0][0].text not in quoted else []
    return _cut([*first, *sides, *others[len(first) :]][: max(limit, len(sides) + len(first))], limit)


def _cut(chosen: list[Group], limit: int) -> list[Group]:
    """At most `limit` claims, but no difference with a side missing."""
    while len(chosen) > limit and any(not group.compared for group in chosen[1:]):
        chosen.remove(next(group for group in reversed(chosen) if not group.compared))
    return chosen


def _grouped(judged: Judged) -> list[list[Evidence]]:
    """Sentences that are good enough, those that say the same together."""
    found: list[list[Evidence]] = []
    best = judged.sentences[0].score
    margin = abs(best)
    for evidence in judged.sentences:
        if evidence.score < best - (1 - WITNESS) * margin:
            break
        home = next((group for group in found if _agrees(group[0], evidence, judged.asked.kind)), None)
        possible = evidence.share >= POSSIBLE
        if home is None and (possible or evidence.score >= best - (1 - FLOOR) * margin):
            against = any(_differs(group[0], evidence, judged) for group in found)
            worth = possible or _worth_saying(judged.sentences[0], evidence, judged.asked.counts)
            if against or (
                worth and not any(_repeats(evidence, member) for group in found for member in group)
            ):
                found.append([evidence])
        elif home is not None and all(
            evidence.card.id != member.card.id and not copies(evidence, member) for member in home
        ):
            home.append(evidence)
    return found


def _worth_saying(best: Evidence, other: Evidence, counts: str) -> bool:
    """Whether a further sentence speaks to the question nearly as much as the best one does."""
    if best is other:
        return True
    if (best.named and not other.named) or (counts in stems(best.text) and counts not in stems(other.text)):
        return False
    return all(other.feature(name) >= ENOUGH * best.feature(name) for name in ("around", "close"))


def _contested(found: Sequence[Sequence[Evidence]], judged: Judged) -> set[int]:
    """The places of the first group that others contradict, and of those others."""
    pairs = [
        (a, b)
        for (a, first), (b, second) in combinations(enumerate(found), 2)
        if _differs(first[0], second[0], judged)
    ]
    return {place for pair in pairs if pair[0] == pairs[0][0] for place in pair}


def _agrees(first: Evidence, second: Evidence, kind: Wanted) -> bool:
    """Whether two sentences give the same answer."""
    if first.values or second.values:
        least = SAME_VALUES.get(kind, SAME_NAME)
        return first.values == second.values and _cosine(first, second) >= least
    return _cosine(first, second) >= SAME


def _differs(first: Evidence, second: Evidence, judged: Judged) -> bool:
    """Whether two sentences give different answers to the same question at about the same time."""
    kind = judged.asked.kind
    if first.card.id == second.card.id or _other_time(first, second, kind):
        return False
    if not _level(first, second, judged.asked.terms):
        return False
    common = first.values & second.values
    fewest = min(len(first.values), len(second.values))
    match kind:
        case Wanted.COUNTRIES | Wanted.PLACE:
            return fewest >= LIST and len(common) >= LIST - 1 and _cosine(first, second) >= AGAINST
        case Wanted.NUMBER:
            counts = judged.asked.counts
            named = counts in stems(first.text) and counts in stems(second.text)
            return named and same_words(judged.asked, first, second) and _incompatible(first, second, kind)
        case Wanted.DATE:
            return same_words(judged.asked, first, second) and _incompatible(first, second, kind)
        case _:
            return False


def _incompatible(first: Evidence, second: Evidence, kind: Wanted) -> bool:
    """Whether both name what the question names, and no number or day of one can be one of the other."""
    if not (first.values and second.values) or _cosine(first, second) < FIGURES:
        return False
    if min(first.feature("names"), second.feature("names")) < 1.0:
        return False
    return not any(
        compatible(mine, theirs, kind) for mine, theirs in product(_named(first, kind), _named(second, kind))
    )


def _named(found: Evidence, kind: Wanted) -> list[str]:
    """What a sentence names of the wanted kind, each with what belongs to it: "more than 100"."""
    return [whole(found.text, mention.start, mention.end, kind) for mention in found.named if mention.value]


def _level(first: Evidence, second: Evidence, asked: Sequence[Term]) -> bool:
    """Whether each holds nearly all the words of the question that the other holds."""
    mine, theirs = stems(first.text), stems(second.text)
    either = sum(term.weight for term in asked if term.forms & (mine | theirs))
    both = sum(term.weight for term in asked if term.forms & mine and term.forms & theirs)
    return either > 0 and both >= LEVEL * either


def _cosine(first: Evidence, second: Evidence) -> float:
    return float(first.vector @ second.vector)


def _repeats(first: Evidence, second: Evidence) -> bool:
    mine, theirs = stems(first.text), stems(second.text)
    return len(mine & theirs) >= COPY * min(len(mine), len(theirs))


def _other_time(first: Evidence, second: Evidence, kind: Wanted) -> bool:
    """Whether the two speak of different times, by their own words or by their articles' dates."""
    told = [{m.value for m in mentions(found.text, Wanted.DATE)} for found in (first, second)]
    if kind is not Wanted.DATE and all(told) and told[0].isdisjoint(told[1]):
        return True
    a, b = first.card.published, second.card.published
    return a is not None and b is not None and abs((a - b).days) > OLD.get(kind, OTHERWISE_OLD)

"""Who says the same, and who differs. Pure.

Precision comes first: a false "sources differ" is worse than a missed one, so two sentences are
held against each other only where both answer the question about equally well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from index.evidence import Evidence, Judged
from index.wanted import Wanted
from index.words import stems

SAME = 0.6
"""Cosine from which two sentences can make the same point."""
COPY = 0.9
"""Share of common words from which one sentence is a copy of the other."""
LEVEL = 0.8
"""Of the question's words that the best sentence holds, the share that one on the same point holds."""
OLD = 120
"""Days between two articles after which another figure is a change over time, not a difference."""
LIST = 3
"""Lists of fewer countries are mentions, not answers."""


@dataclass(frozen=True, slots=True)
class Group:
    """Sentences that make one claim, the best first; one from each article."""

    members: tuple[Evidence, ...]
    values: frozenset[str]
    differs: bool = False
    """Whether it contradicts the first group."""


def groups(judged: Judged, limit: int, floor: float) -> list[Group]:
    """The claims of an answer, best first: at most `limit`, none weaker than `floor` of the best.

    A sentence that makes the claim of an earlier group joins it; one that repeats what its own
    article has said already is left out.
    """
    best = judged.sentences[0]
    found: list[list[Evidence]] = [[best]]
    against: set[int] = set()
    for evidence in judged.sentences[1:]:
        if evidence.score < floor * best.score:
            break
        home = next((group for group in found if _agrees(group[0], evidence, judged.kind)), None)
        if home is not None:
            if all(evidence.card.id != member.card.id for member in home):
                home.append(evidence)
            continue
        if any(_repeats(evidence, member) for group in found for member in group):
            continue
        differs = _differs(best, evidence, judged)
        if differs or len(found) < limit:
            if differs:
                against.add(len(found))
            found.append([evidence])
    ordered = [0, *sorted(against), *(i for i in range(1, len(found)) if i not in against)]
    return [
        Group(tuple(found[i]), found[i][0].values, i in against)
        for i in ordered[: max(limit, 1 + len(against))]
    ]


def _agrees(first: Evidence, second: Evidence, kind: Wanted) -> bool:
    """Whether two sentences of different articles give the same answer."""
    if kind is not Wanted.ANYTHING and (first.values or second.values):
        return first.values == second.values and _close(first, second, SAME - 0.15)
    return _close(first, second, SAME + 0.15)


def _differs(first: Evidence, second: Evidence, judged: Judged) -> bool:
    """Whether two sentences give different answers to the same question at about the same time."""
    if first.card.id == second.card.id or not first.values or not second.values or _far_apart(first, second):
        return False
    if not _level(first, second, judged) or not _close(first, second, SAME):
        return False
    common = first.values & second.values
    match judged.kind:
        case Wanted.COUNTRIES:
            return min(len(first.values), len(second.values)) >= LIST and len(common) >= LIST - 1
        case Wanted.NUMBER | Wanted.DATE:
            return (
                not common and len(first.values) == len(second.values) and _close(first, second, SAME + 0.2)
            )
        case _:
            return False


def _level(first: Evidence, second: Evidence, judged: Judged) -> bool:
    """Whether the second holds nearly all the words of the question that the first holds."""
    mine, theirs = stems(first.text), stems(second.text)
    wanted = [term for term in judged.terms if term.forms & mine]
    total = sum(term.weight for term in wanted)
    return total > 0 and sum(t.weight for t in wanted if t.forms & theirs) >= LEVEL * total


def _close(first: Evidence, second: Evidence, least: float) -> bool:
    return float(first.vector @ second.vector) >= least


def _repeats(first: Evidence, second: Evidence) -> bool:
    """Whether one sentence says hardly more than the other."""
    mine, theirs = stems(first.text), stems(second.text)
    return len(mine & theirs) >= COPY * min(len(mine), len(theirs))


def _far_apart(first: Evidence, second: Evidence) -> bool:
    a, b = first.card.published, second.card.published
    return a is not None and b is not None and abs((a - b).days) > OLD


def others(chosen: Sequence[Group]) -> list[Group]:
    """The groups that contradict the first."""
    return [group for group in chosen if group.differs]

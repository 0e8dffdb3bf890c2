"""The sides of a difference: who says the one, and who says the other. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.contesting import Contest
from index.evidence import Evidence
from index.judging import Judged
from index.values import compatible, telling
from index.wanted import Wanted
from index.words import stems

MOST = 4
"""Sides of one difference that are shown."""
WITNESS = 0.6
"""Cosine from which a sentence that gives the same answer says the same thing."""
RELEVANT = 0.6
"""Of the best sentence's score, the share that such a sentence needs."""
COPY = 0.9
"""Share of common words from which two sentences are one, printed twice."""
COPIED_WORDS = 8
"""Shorter sentences may be alike by chance."""


@dataclass(frozen=True, slots=True)
class Side:
    """One answer to the question, and the sentences that give it, the best first."""

    told: str
    members: tuple[Evidence, ...]


def sides(contests: Sequence[Contest], judged: Judged, kind: Wanted) -> list[Side]:
    """The sides of the first difference, with what further ones add to it, the most relevant first."""
    first = contests[0]
    made = [Side(first.told[0], (first.first,)), Side(first.told[1], (first.second,))]
    for contest in contests[1:]:
        told = list(zip(contest.told, (contest.first, contest.second), strict=True))
        for mine, theirs in (told, told[::-1]):
            if _place(made, *mine, kind) is not None and _article(made, theirs[1]) is None:
                made = _with(made, *theirs, kind)
    made = [_witnessed(side, made, judged) for side in made]
    return sorted(made, key=lambda side: -side.members[0].score)


def copies(first: Evidence, second: Evidence) -> bool:
    """Whether two sentences are one sentence, printed by two: together they count once."""
    mine, theirs = stems(first.text), stems(second.text)
    longer = max(len(mine), len(theirs))
    return longer >= COPIED_WORDS and len(mine & theirs) >= COPY * longer


def _article(made: Sequence[Side], found: Evidence) -> int | None:
    """The side that an article is on already."""
    return next(
        (i for i, side in enumerate(made) if any(m.card.id == found.card.id for m in side.members)), None
    )


def _place(made: Sequence[Side], told: str, found: Evidence, kind: Wanted) -> int | None:
    """The side that an article is on with the same answer."""
    place = _article(made, found)
    return place if place is not None and compatible(made[place].told, told, kind) else None


def _with(made: list[Side], told: str, found: Evidence, kind: Wanted) -> list[Side]:
    """The sides with one more sentence: a witness of one, or a side of its own."""
    for place, side in enumerate(made):
        if compatible(side.told, told, kind):
            if any(copies(found, member) for member in side.members):
                return made
            return [*made[:place], replace(side, members=(*side.members, found)), *made[place + 1 :]]
    return [*made, Side(told, (found,))] if len(made) < MOST else made


def _witnessed(side: Side, made: Sequence[Side], judged: Judged) -> Side:
    """The side with sentences of further articles that give its answer, and no other."""
    best = judged.sentences[0].score
    words = telling(side.told)
    others = [telling(other.told) for other in made if other is not side]
    members = list(side.members)
    for found in judged.sentences:
        if found.score < best - (1 - RELEVANT) * abs(best):
            break
        held = stems(found.text)
        if (
            _article(made, found) is None
            and words <= held
            and not any(other <= held for other in others)
            and float(found.vector @ members[0].vector) >= WITNESS
            and all(m.card.id != found.card.id and not copies(found, m) for m in members)
        ):
            members.append(found)
    return replace(side, members=tuple(members))

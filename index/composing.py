"""Checked sentences -> an answer: citations numbered anew, no side of a difference left out. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from index.types import Answer, AnswerSentence, Claim


def composed(pool: Answer, sentences: Sequence[AnswerSentence], *, whole: bool = True) -> Answer:
    """An answer of these sentences, which cite by the numbers of `pool`.

    With `whole` false it is one that still grows: sources that differ are not yet held against each other.
    Where sources differ and no sentence cites one side, that side's own words follow.
    """
    told = [*sentences, *(_unsaid(pool, sentences) if whole else ())]
    order = dict.fromkeys(number for sentence in told for number in sentence.citations)
    numbers = {old: new for new, old in enumerate(order, 1)}
    by_old = {citation.number: citation for citation in pool.citations}
    citations = tuple(replace(by_old[old], number=new) for old, new in numbers.items())
    days = [each.article.published for each in citations if each.article.published]
    return replace(
        pool,
        sentences=tuple(
            replace(each, citations=tuple(numbers[old] for old in each.citations)) for each in told
        ),
        citations=citations,
        agreement=_claims(pool, numbers) if whole else (),
        as_of=max(days, default=None),
    )


def _unsaid(pool: Answer, sentences: Sequence[AnswerSentence]) -> list[AnswerSentence]:
    """The sentences of those sides of a difference that nothing cites yet."""
    cited = {number for sentence in sentences for number in sentence.citations}
    compared = [claim for group in pool.differences for claim in group] + list(pool.changes)
    sides = [set(claim.citations) for claim in compared]
    if not any(side & cited for side in sides):
        return []
    return [
        sentence
        for sentence in pool.sentences
        if any(set(sentence.citations) <= side and not side & cited for side in sides)
    ]


def _claims(pool: Answer, numbers: Mapping[int, int]) -> tuple[Claim, ...]:
    """The claims with those of their citations that the answer has."""
    compared = {claim.about for group in pool.differences for claim in group}
    found = []
    for claim in pool.agreement:
        held = tuple(sorted(numbers[old] for old in claim.citations if old in numbers))
        least = 1 if claim.about in compared or claim.day else 2
        if len(held) >= least:
            found.append(replace(claim, citations=held))
    rest = {claim.about for claim in found}
    alone = {about for about in rest if about in compared and sum(c.about == about for c in found) < 2}
    return tuple(claim for claim in found if claim.about not in alone)

"""Two statements -> whether one says what the other says, or plainly differs from it. Pure.

The rules only ever take something away: whatever is in doubt is neither the same nor a difference.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.differing import (
    Outcome,
    denied,
    figures_without,
    has_day,
    other_day,
    other_figure,
    other_name,
    within,
)
from index.matching import Likeness, Match, density, listed, matched, no_rival, together
from index.statements import FREE, Statement, Token
from index.tone import directions, doubts, infinitives, light_verbs, modals, negatives, wholly

DENSE = 0.4
"""Of the words of meaning between the first and the last common one, the share that is common."""
DENSE_SHORT = 0.6
"""The same for a claim of few words, whose words any long sentence may hold."""
SHORT = 4
"""Words of meaning below which a claim is short."""
_SAYING = frozenset(
    """said says announced reported reports told added stressed explained noted confirmed stated wrote
    that the a an""".split()
)


def compare(claim: Statement, sentence: Statement, likeness: Likeness) -> Outcome | None:
    """What a sentence makes of a claim; None where it says nothing of it, or nothing sure."""
    if not claim.content or not sentence.content:
        return None
    outcomes = []
    for clause in sorted({token.clause for token in sentence.content}):
        match = matched(claim, sentence, clause, likeness)
        outcome = _judged(match, likeness) if match else None
        if outcome is not None:
            outcomes.append(outcome)
    return max(outcomes, key=lambda each: (each.same, each.about is None, each.weight), default=None)


def _judged(match: Match, likeness: Likeness) -> Outcome | None:
    if not _same_frame(match) or _less_than_listed(match):
        return None
    claim = match.claim
    figures = figures_without(match, likeness)
    days = [day for day in claim.days if not has_day(day, match)]
    negated = len(negatives(match.sentence.said(match.home))) != len(negatives(claim.tokens))
    wrong = len(figures) + len(days) + bool(match.missing) + negated
    if not wrong:
        return Outcome(True, density(match)) if no_rival(match, ()) else None
    if wrong > 1 or not together(match):
        return None
    if figures:
        return other_figure(figures[0], match, likeness)
    if days:
        return other_day(days[0], match)
    return other_name(match) if match.missing else denied(match)


def _same_frame(match: Match) -> bool:
    """Whether both are told alike: as a fact or a plan, as much, by the same, and in the same roles."""
    theirs = match.sentence.said(match.home)
    opening = match.sentence.said(frozenset({0}) - match.home)
    mine = tuple(token for token in match.claim.tokens if not token.spoken)
    if not wholly(mine) <= wholly(theirs) or (wholly(mine) != wholly(theirs) and negatives(theirs)):
        return False
    if modals(mine) != modals(theirs) or doubts(mine) != doubts(theirs) | doubts(opening):
        return False
    spoken = tuple(token for token in match.sentence.tokens if token.spoken)
    if negatives(opening) or not directions(mine) <= directions(theirs + opening + spoken):
        return False
    verbs = light_verbs(theirs)
    if re.search(r"\w, (?:a|an|the) ", match.sentence.text):
        verbs |= {"be"}
    if not light_verbs(mine) <= verbs:
        return False
    said = {token.stem for _, token in match.pairs}
    if not infinitives(theirs) & said <= infinitives(mine):
        return False
    return (
        _same_speaker(match.claim, match.sentence)
        and _in_order(match)
        and all(_same_place(a, b) and _same_name(a, b, match) for a, b in match.pairs)
        and density(match) >= (DENSE_SHORT if len(match.claim.content) < SHORT else DENSE)
    )


def _same_speaker(claim: Statement, sentence: Statement) -> bool:
    """Who said it, where and when, must be the same where the claim tells it."""
    mine = [token.plain for token in claim.tokens if token.spoken and token.plain not in _SAYING]
    theirs = iter([token.plain for token in sentence.tokens if token.spoken])
    figures = {figure.range for figure in sentence.spoken_figures}
    return (
        all(word in theirs for word in mine)
        and all(any(within(other, day) for other in sentence.spoken_on) for day in claim.spoken_on)
        and all(figure.range in figures for figure in claim.spoken_figures)
    )


def _in_order(match: Match) -> bool:
    """Whether the common words come in the same order.

    One phrase of place or time may stand first in one and last in the other; members of a list may
    change places.
    """
    respective = any(token.plain == "respectively" for token in match.sentence.tokens)
    told = [] if respective else [each for each in listed(match.sentence) if _single(each, match.sentence)]
    starts = []
    for _, theirs in match.pairs:
        members = next((each for each in told if theirs.start in {token.start for token in each}), ())
        starts.append(members[0].start if members else theirs.start)
    if starts == sorted(starts):
        return True
    movable = [_movable(*pair) for pair in match.pairs]
    cuts = [place for place in range(1, len(starts)) if starts[place - 1] > starts[place]]
    if len(cuts) != 1:
        return False
    turned = starts[cuts[0] :] + starts[: cuts[0]]
    return turned == sorted(turned) and (all(movable[: cuts[0]]) or all(movable[cuts[0] :]))


def _single(members: Sequence[Token], sentence: Statement) -> bool:
    """Whether the names of a list are of one word each: "Green Day and Athlete" stay as they are."""
    beside = {token.end for token in sentence.names} | {token.start for token in sentence.names}
    return not any(token.end + 1 in beside or token.start - 1 in beside for token in members)


def _movable(mine: Token, theirs: Token) -> bool:
    places = FREE - {"of"}
    return mine.preposition in places and theirs.preposition in places


def _same_place(mine: Token, theirs: Token) -> bool:
    """Whether both stand after the same preposition, or after one that tells little."""
    free = FREE | {""}
    if mine.preposition in free and theirs.preposition in free:
        return True
    return mine.preposition == theirs.preposition


def _same_name(mine: Token, theirs: Token, match: Match) -> bool:
    """Whether a name is used alike: "Russia" is not "Russian troops", nor NATO its "Response Force"."""
    if not mine.name:
        return True
    if theirs.owner != mine.owner and "of" not in {mine.preposition, theirs.preposition}:
        return False
    if theirs.owner:
        return True
    after = next((token for token in match.sentence.tokens if token.start > theirs.start), None)
    beside = after is not None and after.start - theirs.end == 1 and after.content
    return not beside or after is None or match.held(after) or after.spoken


def _less_than_listed(match: Match) -> bool:
    """Whether the claim names some of a list only: "in Bulgaria and Romania" of four countries."""
    for theirs in listed(match.sentence):
        common = sum(match.held(token) for token in theirs)
        if 0 < common < len(theirs) and (common > 1 or match.claim.figures):
            return True
    return False

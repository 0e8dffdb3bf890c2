"""On what a claim and a sentence on the same thing differ: a figure, a day, a name, yes and no. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from index.figures import Figure
from index.matching import Likeness, Match, density, listed, no_rival, runs
from index.spoken_dates import Spoken
from index.statements import Statement, Token, country
from index.tone import negatives
from index.words import DAYS, fold, stem

_EXCLUSIVE = frozenset(
    map(
        stem,
        """lead led host head chair win won defeat invade annex capture occupy base located capital
        headquarters born succeed replace elect appoint command preside found hold held meet met open close
        closed end ended begin began station stationed summit last first largest smallest announce""".split(),
    )
)
"""Words of which one thing alone is told: another name beside them is another claim. Many can condemn
an attack, one leads."""
About = Literal["figure", "day", "name", "list", "negation"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an article's sentence makes of a claim."""

    same: bool
    weight: float
    """How much of the sentence the claim covers, 0 to 1."""
    about: About | None = None
    """On what the two differ."""
    claimed: str = ""
    told: str = ""
    """What the claim and the article say there, in their own words."""


def figures_without(match: Match, likeness: Likeness) -> list[Figure]:
    """The claim's figures that the sentence does not have, each of its own counted once."""
    theirs = [f for f in match.sentence.figures if match.sentence.clause_at(f.start) in match.home]
    missing = []
    for mine in match.claim.figures:
        same = next((other for other in theirs if _same_figure(mine, other, likeness)), None)
        if same is None:
            missing.append(mine)
        else:
            theirs.remove(same)
    return missing


def _same_figure(mine: Figure, theirs: Figure, likeness: Likeness) -> bool:
    return mine.range == theirs.range and _same_bound(mine, theirs) and _same_unit(mine, theirs, likeness)


def _same_bound(mine: Figure, theirs: Figure) -> bool:
    return mine.bound == theirs.bound or {mine.bound, theirs.bound} == {"", "about"}


def _same_unit(mine: Figure, theirs: Figure, likeness: Likeness) -> bool:
    if not mine.unit or not theirs.unit:
        return not mine.unit and (not theirs.unit or mine.after == theirs.after)
    if {stem(word) for word in mine.unit} & {stem(word) for word in theirs.unit}:
        return True
    return any(likeness(unit, theirs.unit) for unit in mine.unit)


def other_figure(figure: Figure, match: Match, likeness: Likeness) -> Outcome | None:
    """The same thing counted otherwise."""
    others = [
        other
        for other in match.sentence.figures
        if match.sentence.clause_at(other.start) in match.home
        and (figure.unit or figure.after == other.after)
        and _same_unit(figure, other, likeness)
        and not any(mine.range == other.range for mine in match.claim.figures)
    ]
    if len(others) != 1 or _may_agree(figure, others[0]) or not no_rival(match, ()):
        return None
    shown = figure.shown(match.claim.text), others[0].shown(match.sentence.text)
    return Outcome(False, density(match), "figure", *shown)


def _may_agree(mine: Figure, theirs: Figure) -> bool:
    """Whether both can be true: "120" and "more than 100", "1,200" and "1,000 to 1,500"."""
    if theirs.low <= mine.low and mine.high <= theirs.high:
        return True
    if "more" in {mine.bound, theirs.bound} or "less" in {mine.bound, theirs.bound}:
        low = mine.low if mine.bound else theirs.low
        other = theirs.low if mine.bound else mine.low
        bound = mine.bound or theirs.bound
        return mine.bound == theirs.bound or (other >= low if bound == "more" else other <= low)
    return "about" in {mine.bound, theirs.bound} and abs(mine.low - theirs.low) <= 0.1 * theirs.low


def has_day(day: Spoken, match: Match) -> bool:
    """Whether the sentence tells of this day, beside the common words."""
    return any(
        within(other, day)
        and other.limit == day.limit
        and match.sentence.clause_at(other.start) == match.main
        for other in match.sentence.days
    )


def within(told: Spoken, claimed: Spoken) -> bool:
    """Whether a day is among those claimed."""
    return claimed.first <= told.first and told.last <= claimed.last


def other_day(day: Spoken, match: Match) -> Outcome | None:
    """The same event on another day. A weekday alone may be that of another week."""
    claimed = match.claim.text[day.start : day.end]
    if not re.search(r"\d", claimed) or not no_rival(match, ()):
        return None
    others = [
        other
        for other in match.sentence.days
        if match.sentence.clause_at(other.start) == match.main and other.limit == day.limit
    ]
    if len(others) != 1 or len(match.claim.days) > 1:
        return None
    told = match.sentence.text[others[0].start : others[0].end]
    apart = others[0].last < day.first or day.last < others[0].first
    if not apart or fold(told) in DAYS:
        return None
    return Outcome(
        False,
        density(match),
        "day",
        *(re.sub(r"^(?:in|since|of|from|by)\s+", "", text) for text in (claimed, told)),
    )


def other_name(match: Match) -> Outcome | None:
    """Another name in the same role, where only one thing can have it."""
    if not any(token.stem in _EXCLUSIVE for _, token in match.pairs):
        return None
    mine = match.missing
    if match.claim.text[mine[0].start : mine[-1].end].count(",") or not _one_run(mine):
        return None
    place = sum(token.start < mine[0].start for token, _ in match.pairs)
    others = [
        run
        for run in runs(match.sentence)
        if not any(match.held(token) for token in run)
        and run[0].clause in match.home
        and country(run[-1]) == country(mine[-1])
        and run[0].preposition == mine[0].preposition
        and run[-1].owner == mine[-1].owner
        and sum(theirs.start < run[0].start for _, theirs in match.pairs) == place
    ]
    in_lists = {token.start for list_ in listed(match.sentence) for token in list_}
    if len(others) != 1 or others[0][0].start in in_lists or not no_rival(match, others[0]):
        return None
    told = match.sentence.text[others[0][0].start : others[0][-1].end]
    return Outcome(
        False, density(match), "name", match.claim.text[mine[0].start : mine[-1].end], told.rstrip(".")
    )


def _one_run(tokens: Sequence[Token]) -> bool:
    return all(b.start - a.end <= 1 for a, b in pairwise(tokens))


def denied(match: Match) -> Outcome | None:
    """One says what the other says is not so."""
    mine, theirs = negatives(match.claim.tokens), negatives(match.sentence.said(match.home))
    if len(mine) + len(theirs) != 1 or not no_rival(match, ()):
        return None
    denial = (mine or theirs)[0]
    pairs = [(a, b) if mine else (b, a) for a, b in match.pairs]
    after = [(own, other) for own, other in pairs if own.start > denial.start]
    if not after:
        return None
    own, other = min(after, key=lambda pair: pair[0].start)
    told, plain = (match.claim, match.sentence) if mine else (match.sentence, match.claim)
    shown = _verb(told, own, denial.start), _verb(plain, other, other.start)
    return Outcome(False, density(match), "negation", *(shown if mine else reversed(shown)))


def _verb(statement: Statement, token: Token, start: int) -> str:
    """A verb with the small words before it: "will not send"."""
    before = re.search(
        r"(?:\b(?:will|would|can|could|has|have|had|is|are|was|were|does|do|did|keeps?)\s+(?:\S+\s+)?)$",
        statement.text[:start],
    )
    first = before.start() if before else start
    return " ".join(statement.text[first : token.end].split()).rstrip(".,")

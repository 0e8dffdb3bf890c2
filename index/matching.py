"""The words of a claim and those of a sentence that stand for them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from index.statements import ASIDE, Statement, Token, country, lists
from index.words import stem

Likeness = Callable[[str, Sequence[str]], str | None]
"""A word and the words of the other statement -> the one that means the same, if any."""
_PRONOUNS = frozenset("it he she they".split())


@dataclass(frozen=True, slots=True)
class Match:
    """The words of a claim and those of a sentence that stand for them."""

    claim: Statement
    sentence: Statement
    pairs: tuple[tuple[Token, Token], ...]
    missing: tuple[Token, ...]
    """Words of the claim for which the sentence has none."""

    @property
    def home(self) -> frozenset[int]:
        """The clauses of the sentence in which the common words stand."""
        return frozenset(theirs.clause for _, theirs in self.pairs)

    @property
    def main(self) -> int:
        """The clause with most of them."""
        clauses = [theirs.clause for _, theirs in self.pairs]
        return max(clauses, key=lambda clause: (clauses.count(clause), clause))

    def held(self, token: Token) -> bool:
        """Whether a word of the sentence stands for one of the claim."""
        return any(theirs.start == token.start for _, theirs in self.pairs)


def matched(claim: Statement, sentence: Statement, clause: int, likeness: Likeness) -> Match | None:
    """Pair the claim's words with the sentence's: by stem, written as two or as one, or by meaning.

    Where a word stands twice, the one in `clause` counts. None where a word has no other but names.
    """
    theirs = sentence.content
    joined = {stem(a.text + b.text): a for a, b in pairwise(theirs) if _joinable(a, b)}
    mine = claim.content
    both = {
        token.start: stem(a.text + b.text) for a, b in pairwise(mine) if _joinable(a, b) for token in (a, b)
    }
    pairs: list[tuple[Token, Token]] = []
    missing: list[Token] = []
    for token in mine:
        used = {other.start for before, other in pairs if before.stem == token.stem}
        options = [other for other in theirs if other.stem in {token.stem, both.get(token.start)}]
        options = [other for other in options if other.start not in used]
        if not options and token.stem in joined:
            options = [joined[token.stem]]
        if not options and not token.name and token.text.islower():
            plain = [other.text for other in theirs if not other.name and other.text.islower()]
            like = likeness(token.text, plain)
            options = [other for other in theirs if other.text == like]
        if options:
            last = pairs[-1][1].start if pairs else -1
            options.sort(key=lambda other: (other.clause != clause, other.start < last, other.start))
            pairs.append((token, options[0]))
        elif token.name:
            missing.append(token)
        else:
            return None
    return Match(claim, sentence, tuple(pairs), tuple(missing)) if pairs else None


def _joinable(first: Token, second: Token) -> bool:
    return first.text.isalpha() and second.text.isalpha() and 0 < second.start - first.end <= 1


def together(match: Match) -> bool:
    """Whether the common words stand in one clause; its subject may stand before it and be "it" there."""
    outside = [theirs for _, theirs in match.pairs if theirs.clause != match.main]
    if not outside:
        return True
    pronoun = any(token.plain in _PRONOUNS for token in match.sentence.said(frozenset({match.main})))
    return pronoun and all(token.name for token in outside)


def density(match: Match) -> float:
    """Share of the sentence's words of meaning, from the first to the last common one, that are common."""
    starts = [theirs.start for _, theirs in match.pairs]
    between = [
        token
        for token in match.sentence.content
        if min(starts) <= token.start <= max(starts) and token.clause in match.home
    ]
    return len({*starts}) / len(between) if between else 0.0


def no_rival(match: Match, replaced: Sequence[Token]) -> bool:
    """Whether no other name of the same kind stands among the common words.

    "The United Kingdom will lead the battalion in Estonia, Canada the one in Latvia": not the former in
    the latter.
    """
    starts = [theirs.start for _, theirs in match.pairs]
    kinds = {country(token) for token in match.claim.names}
    partners = {
        token.start
        for list_ in listed(match.sentence)
        if any(match.held(token) for token in list_)
        for token in list_
    }
    allowed = partners | {token.start for token in replaced}
    return not any(
        min(starts) < token.start < max(starts)
        and not match.held(token)
        and (token.clause < ASIDE or token.clause in match.home)
        and token.start not in allowed
        and country(token) in kinds
        and not _beside_held(token, match)
        for token in match.sentence.names
    )


def _beside_held(token: Token, match: Match) -> bool:
    """Whether a name is a part of one that both have: "Joe" of "Joe Biden"."""
    return any(
        match.held(other) and 0 <= min(abs(other.start - token.end), abs(token.start - other.end)) <= 1
        for other in match.sentence.names
    )


def listed(statement: Statement) -> list[tuple[Token, ...]]:
    """The names that a statement tells in lists."""
    return lists(statement.tokens, statement.text)


def runs(statement: Statement) -> list[tuple[Token, ...]]:
    """Names that stand side by side, together: "Gitanas Nausėda"."""
    runs: list[list[Token]] = []
    for token in statement.names:
        if runs and token.start - runs[-1][-1].end <= 1 and country(token) == country(runs[-1][-1]):
            runs[-1].append(token)
        else:
            runs.append([token])
    return [tuple(run) for run in runs]

"""Whether one quote says all that a part of a sentence says. Pure, and rather too strict: the rules only ever
find faults. What a reader may say in other words is in `likening.py`, and how the two are paired here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from index.figures import Figure
from index.likening import opposite
from index.matching import Likeness, Match, no_rival
from index.statements import FREE, Statement, Token, lists
from index.tone import doubts, modals, negatives
from index.words import STOPWORDS, stem, stems

Fault = Literal[
    "form",
    "keys",
    "word",
    "name",
    "figure",
    "day",
    "negation",
    "degree",
    "certainty",
    "speaker",
    "order",
    "far",
]
"""What is wrong with a sentence, as its quotes have it: its form, its keys, words, names, numbers or days that
are not there, yes for no, another degree, surely for perhaps, who said it, who did what to whom, its meaning."""

NEAR = 4
"""Words after a "not" within which it denies a verb."""
AROUND = 4
"""Words on each side of a number by which it is told from another number."""
_FREE = frozenset(
    map(
        stem,
        """said says according article articles report reports reported take takes took taken place include
        includes including also there total happen happened occur occurred called named known people person
        respectively respective year years month day time date number thing kind well via amid upon within
        while whereas both""".split(),
    )
)
"""Words that say nothing by themselves beside what the quote has: "the summit will take place"."""
_CONNECTED = frozenset(
    """because since so therefore thus hence due after before despite although though until till unless if
    whether when once following owing thanks instead rather than result led causing caused cause against
    without except""".split()
)
"""Words that join two facts to a third: the quote must have them too."""
_DEGREE = frozenset(
    """almost nearly partly half part most some few several only least all every always ever never first last
    former ex would-be so-called false falsely another other next previous mostly mainly largely up more less
    fewer exactly entire whole entirely fully completely alone majority minority quarter third double triple
    dozens hundreds thousands millions many any each none unanimously widely deeply highly permanently
    temporarily""".split()
)
_CONDITION = frozenset("if unless whether provided".split())
_POSSIBLE = frozenset("may might could would should can must".split())
_PASSIVE = re.compile(
    r"\b(?:is|are|was|were|be|been|being)\s+(?:\w+ly\s+)?(\w{3,})\s+(?:\w+\s+){0,4}?by\b", re.I
)
_SPEAKING = re.compile(
    r"\b(?:said|says|saying|told|according\s+to|announc\w+|claim\w*|accus\w+|alleg\w+|report(?:s|ed|edly)"
    r"|stat(?:ed|es)|warn\w*|argu\w+|insist\w*|believ\w+|den(?:y|ies|ied)|suggest\w*|estimat\w+|think\w*|hop(?:es|ed)"
    r"|urg(?:e|es|ed|ing)|call(?:s|ed)?\s+(?:on|for)|predict\w*|expect\w*|promis\w+|pledg\w+|vow\w*|threat\w+|acknowledg\w+)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Pairing:
    """The words of a part with those of the quote that stand for them."""

    part: Statement
    quote: Statement
    pairs: tuple[tuple[Token, Token], ...]
    missing: tuple[Token, ...]
    """Words of meaning for which the quote has none."""

    @property
    def clauses(self) -> frozenset[int]:
        """The clauses of the quote that the part speaks of."""
        return frozenset(theirs.clause for _, theirs in self.pairs)


def faults(
    part: Statement, quote: Statement, likeness: Likeness, spoken_of: frozenset[str]
) -> frozenset[Fault]:
    """What the part says and the quote does not; empty where the quote says all of it.

    `spoken_of`: stems that the part may have besides, such as the outlet that it names as its source.
    """
    paired = _paired(part, quote, likeness, spoken_of)
    found: set[Fault] = set()
    if not paired.pairs and not part.figures and not part.days:
        found.add("word")
    for token in paired.missing:
        found.add("name" if token.name else "word")
    if any(not _has_figure(figure, part, quote) for figure in part.figures):
        found.add("figure")
    if any(not _has_day(part, quote, place) for place in range(len(part.days))):
        found.add("day")
    if _denied_otherwise(paired):
        found.add("negation")
    if _other_degree(paired):
        found.add("degree")
    if _surer(paired):
        found.add("certainty")
    if _other_speaker(paired):
        found.add("speaker")
    if _turned(paired):
        found.add("order")
    return frozenset(found)


def _paired(part: Statement, quote: Statement, likeness: Likeness, spoken_of: frozenset[str]) -> Pairing:
    """Each word of the part with the one of the quote whose neighbours are most like its own."""
    theirs = [token for token in quote.tokens if token.content]
    joined = {stem(a.text + b.text): a for a, b in pairwise(theirs)}
    mine = [token for token in part.tokens if token.content]
    around = {token.start: _neighbours(token, mine) for token in mine}
    small = {token.stem for token in quote.tokens}
    pairs: list[tuple[Token, Token]] = []
    missing: list[Token] = []
    for place, token in enumerate(mine):
        options = [other for other in theirs if other.stem == token.stem]
        if not options and token.stem in joined:
            options = [joined[token.stem]]
        if not options and place + 1 < len(mine):
            both = stem(token.text + mine[place + 1].text)
            options = [other for other in theirs if other.stem == both]
        if not options and place:
            both = stem(mine[place - 1].text + token.text)
            options = [other for other in theirs if other.stem == both]
        if not options and not token.name:
            plain = [other.text for other in theirs if not other.name]
            like = likeness(token.text.lower(), [text.lower() for text in plain])
            options = [other for other in theirs if not other.name and other.text.lower() == like]
        if not options and token.name and token.text.isupper():
            options = [run[0] for run in _spelt(token.text, theirs)]
        if not options:
            if token.stem in small or token.stem in spoken_of or (token.stem in _FREE and not token.name):
                continue
            missing.append(token)
            continue
        last = pairs[-1][1].start if pairs else -1
        used = {other.start for _, other in pairs}
        options.sort(
            key=lambda other: (
                other.start in used,
                -len(around[token.start] & _neighbours(other, theirs)),
                other.start < last,
                other.start,
            )
        )
        pairs.append((token, options[0]))
    return Pairing(part, quote, tuple(pairs), tuple(missing))


def _neighbours(token: Token, tokens: Sequence[Token]) -> frozenset[str]:
    place = next(i for i, each in enumerate(tokens) if each.start == token.start)
    return frozenset(each.stem for each in tokens[max(0, place - 2) : place + 3] if each.start != token.start)


def _spelt(initials: str, theirs: Sequence[Token]) -> list[Sequence[Token]]:
    """Words of the quote whose first letters are these initials, side by side."""
    runs = [theirs[i : i + len(initials)] for i in range(len(theirs))]
    return [run for run in runs if "".join(each.text[0] for each in run).upper() == initials]


def _has_figure(figure: Figure, part: Statement, quote: Statement) -> bool:
    """Whether the quote has this number, of the same thing, and no other number fits its place better."""
    same = [
        other
        for other in quote.figures + quote.spoken_figures
        if other.range == figure.range and _bound_holds(figure, other) and _kinds(figure) == _kinds(other)
    ]
    if not same:
        return False
    mine = _around(figure, part)
    best = max(len(mine & _around(other, quote)) for other in same)
    others = [
        other for other in quote.figures if other.range != figure.range and _kinds(other) == _kinds(figure)
    ]
    return all(len(mine & _around(other, quote)) <= best for other in others)


def _bound_holds(mine: Figure, theirs: Figure) -> bool:
    """Whether "about 30" may be said for "30", but not "30" for "more than 30"."""
    return mine.bound == theirs.bound or (mine.bound == "about" and not theirs.bound)


def _kinds(figure: Figure) -> frozenset[str]:
    return frozenset(figure.unit) & {"percent", "dollar", "euro", "pound", "dollars", "euros", "pounds"}


def _around(figure: Figure, of: Statement) -> frozenset[str]:
    """Stems of the words of meaning beside a number, in its clause."""
    clause = of.clause_at(figure.start)
    words = [token for token in of.tokens if token.content and token.clause == clause]
    before = [token.stem for token in words if token.end <= figure.start][-AROUND:]
    after = [token.stem for token in words if token.start >= figure.end][:AROUND]
    return frozenset((*before, *after))


def _has_day(part: Statement, quote: Statement, place: int) -> bool:
    """Whether the quote tells of this day, or of a day within it, and as a limit where it is one."""
    day = part.days[place]
    return any(
        day.first <= other.first and other.last <= day.last and day.limit == other.limit
        for other in quote.days + quote.spoken_on
    )


def _denied_otherwise(paired: Pairing) -> bool:
    """Whether a word is denied in one, and its counterpart is not in the other."""
    mine, theirs = _denied(paired.part), _denied(paired.quote)
    for own, other in paired.pairs:
        if (own.start in mine) != (other.start in theirs):
            return True
    said = {token.plain for token in negatives(paired.part.tokens)}
    if said and not negatives(paired.quote.tokens):
        return True
    content = [token for token in paired.quote.content if not token.name]
    return any(
        opposite(token.text.lower(), other.text.lower())
        for token in paired.missing
        if not token.name
        for other in content
    )


def _denied(statement: Statement) -> frozenset[int]:
    """Starts of the words that a "not" before them denies: the nearest one of meaning in its clause."""
    found = set()
    for denial in negatives(statement.tokens):
        after = [
            token
            for token in statement.tokens
            if token.start > denial.start and token.clause == denial.clause
        ]
        for token in after[:NEAR]:
            if token.content:
                found.add(token.start)
                break
    return frozenset(found)


def _other_degree(paired: Pairing) -> bool:
    """Whether a word of degree or of connection is added, or one right before a common word is left out."""
    theirs = {token.plain for token in paired.quote.tokens}
    bounds = {
        word for figure in paired.part.figures for word in figure.shown(paired.part.text).lower().split()
    }
    mine = {token.plain for token in paired.part.tokens}
    if (mine - bounds) & (_DEGREE | _CONNECTED) - theirs:
        return True
    order = list(paired.quote.tokens)
    places = {token.start: place for place, token in enumerate(order)}
    own_bounds = {
        word for figure in paired.quote.figures for word in figure.shown(paired.quote.text).lower().split()
    }
    for _, other in paired.pairs:
        place = places[other.start]
        before = {token.plain for token in order[max(0, place - 2) : place] if token.clause == other.clause}
        if before & (_DEGREE - {"all", "every", "always", "first", "last", "up", "more"} - own_bounds) - mine:
            return True
    return False


def _surer(paired: Pairing) -> bool:
    """Whether the part tells as a fact what the quote tells as possible, planned or conditional."""
    part, quote = paired.part, paired.quote
    theirs = tuple(token for token in quote.tokens if token.clause in paired.clauses)
    mine_modal, their_modal = modals(part.tokens), modals(theirs)
    if mine_modal - modals(quote.tokens):
        return True
    if (their_modal & _POSSIBLE) - mine_modal and _governs(
        theirs, paired, their_modal & _POSSIBLE - mine_modal
    ):
        return True
    near = {clause + step for clause in paired.clauses for step in (-1, 0, 1)}
    conditions = {token.plain for token in quote.tokens if token.clause in near} & _CONDITION
    if conditions and not conditions & {token.plain for token in part.tokens}:
        return True
    missing = doubts(theirs) - doubts(part.tokens) - {stem(word) for word in _DEGREE}
    if missing and any(_shaky_governs(token, paired) for token in theirs if token.stem in missing):
        return True
    if doubts(part.tokens) - doubts(quote.tokens) - {stem(word) for word in _DEGREE} - _listed_stems(paired):
        return True
    return "will" in their_modal and "will" not in mine_modal and _told_as_done(paired)


def _listed_stems(paired: Pairing) -> frozenset[str]:
    return frozenset(own.stem for own, _ in paired.pairs)


def _governs(theirs: Sequence[Token], paired: Pairing, words: frozenset[str]) -> bool:
    """Whether one of these words stands within a few words before a common word that is no name."""
    held = {other.start for _, other in paired.pairs if not other.name}
    for place, token in enumerate(theirs):
        if token.plain in words and any(
            after.start in held for after in theirs[place + 1 : place + 1 + NEAR]
        ):
            return True
    return False


def _shaky_governs(token: Token, paired: Pairing) -> bool:
    """Whether what is only claimed, planned or denied comes after this word, and is in the part."""
    return any(
        other.start > token.start and other.clause == token.clause and not other.name
        for _, other in paired.pairs
    )


def _told_as_done(paired: Pairing) -> bool:
    """Whether a verb that is yet to come in the quote stands in the past in the part."""
    order = list(paired.quote.tokens)
    for own, other in paired.pairs:
        place = next(i for i, token in enumerate(order) if token.start == other.start)
        coming = any(token.plain in {"will", "to", "shall"} for token in order[max(0, place - 3) : place])
        if coming and own.text != other.text and re.search(r"(?:ed|en|ght|nt|ld|ok|ve)$", own.text.lower()):
            return not own.text.lower().endswith("s")
    return False


def _other_speaker(paired: Pairing) -> bool:
    """Whether the part leaves out that somebody only says so, or lets another say it."""
    mine, theirs = _SPEAKING.search(paired.part.text), paired.quote.speaker
    if theirs and not mine:
        return True
    return bool(mine and not theirs and not _SPEAKING.search(paired.quote.text) and not _named_source(paired))


def _named_source(paired: Pairing) -> bool:
    return bool(re.match(r"(?i)according\s+to\b", paired.part.text))


def _turned(paired: Pairing) -> bool:
    """Whether the common words come in another order, so that another did it, or to another."""
    mine, theirs = _active(paired.part), _active(paired.quote)
    members = {
        token.start: number
        for number, each in enumerate(lists(paired.quote.tokens, paired.quote.text), 1)
        for token in each
    }
    ranked = []
    for own, other in sorted(paired.pairs, key=lambda pair: mine(pair[0])):
        if _movable(own, other):
            continue
        first = min((t for t, n in members.items() if n == members.get(other.start)), default=other.start)
        ranked.append(theirs(other) if other.start not in members else (theirs(other)[0], first))
    if ranked != sorted(ranked):
        return True
    match = Match(paired.part, paired.quote, paired.pairs, paired.missing)
    return bool(paired.pairs) and any(own.name for own, _ in paired.pairs) and not no_rival(match, ())


def _movable(mine: Token, theirs: Token) -> bool:
    """A phrase of place or time, or an owner: "in Madrid", "Ukraine's", "of Ukraine"."""
    return all(token.preposition in FREE or token.owner for token in (mine, theirs))


def _active(statement: Statement):  # type: ignore[no-untyped-def]
    """The place of a word, with "A was hit by B" read as "B hit A"."""
    passive = _PASSIVE.search(statement.text)
    if passive is None:
        return lambda token: (1, token.start)
    verb, by = passive.span(1), passive.end()
    agent_end = next(
        (t.end for t in statement.tokens if t.start > by and t.preposition and t.preposition != "by"),
        len(statement.text),
    )

    def place(token: Token) -> tuple[int, int]:
        if by <= token.start < agent_end:
            return 0, token.start
        if token.start < verb[0]:
            return 2, token.start
        return (1, token.start) if token.start < by else (3, token.start)

    return place


def named_stems(text: str) -> frozenset[str]:
    """The stems of a name such as an outlet's, for what a part may have besides."""
    return stems(text) | frozenset(stem(word) for word in text.split() if word.lower() not in STOPWORDS)

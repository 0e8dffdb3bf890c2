"""Whether one quote says all that a part of a sentence says. Pure, and rather too strict.

The rules only ever find faults. Which words may stand for each other is in `likening.py` and `pairing.py`,
who does what to whom in `roles.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from index.figures import Figure
from index.likening import opposite
from index.matching import Likeness
from index.pairing import Pairing, paired
from index.roles import SPEAKING, astray, curtailed, exchanged, read, rival
from index.spoken_dates import Spoken
from index.statements import Statement, Token
from index.tone import doubts, light_verbs, modals, negatives
from index.words import stem

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
    "role",
    "far",
]
"""What is wrong with a sentence, as its quotes have it: its form, its keys, words, names, numbers or days
that are not there, yes for no, another degree, surely for perhaps, who said it, who did what to whom, its
meaning."""
Found = tuple[Fault, str]
"""A fault, and the words that show it."""

_THE_ONE = frozenset("the this that which each every no any".split())
"""Words after which "one" is no number."""
_INTENDED = frozenset(map(stem, ("plan", "expect", "intend", "aim", "want")))
NEAR = 4
"""Words after a "not" within which it denies a verb."""
A_WEEK, A_MONTH = (7,), 28
"""Days from which a span is told broadly: "last week", "in March"."""
SHAKES = 6
"""Words after "accused", "promised" or "denied" that are not told as a fact."""
AROUND = 4
"""Words on each side of a number by which it is told from another number."""
_CONNECTED = frozenset(
    """because since so therefore thus hence due after before despite although though until till unless if
    whether when once following owing thanks instead rather result leading causing caused cause against
    without except""".split()
)
"""Words that join two facts to a third: the quote must have them too."""
_DEGREE = frozenset(
    """second third fourth fifth almost nearly partly half most some few several only least all every always ever never first last
    former ex would-be so-called false falsely another other next previous mostly mainly largely more less
    fewer exactly entire whole entirely fully completely alone majority minority quarter double triple
    dozens hundreds thousands millions many any none unanimously widely deeply highly permanently
    temporarily already now currently""".split()
)
_LOOSE = frozenset("all every always first last more already now currently".split())
"""Of these, what may be left out: the rest then says no more than before."""
_EACH = frozenset("each every all".split())
_LIGHT = {
    "give": "give provide send offer donate supply grant",
    "get": "get receive",
    "go": "go send deploy station move travel",
    "take": "take",
    "make": "make build produce form",
}
"""Verbs too common to be words of meaning, and those that may stand in the quote for them."""
_MEASURES = frozenset(
    """percent dollar euro pound year month week day hour minute second kilometre kilometer mile metre meter
    tonne ton kilogram degree""".split()
)
_CONDITION = frozenset("if unless whether provided".split())
_POSSIBLE = frozenset("may might could should can must".split())
_PAST = re.compile(r"\b(?:was|were|had|did|has|have|already|currently)\b", re.I)
_DONE = re.compile(r"\b(?:was|were|had|did|has|already)\b", re.I)
_HELPED = re.compile(r"\b(?:is|are|was|were|be|been|being|to|has|have|had)\s+(?:\w+ly\s+|not\s+)?$", re.I)
_COMING = re.compile(
    r"\b(?:will|would|shall|(?:is|are)\s+(?:to|due|about|set|going)|plans?|expects?|intends?)\b", re.I
)


def faults(part: Statement, quote: Statement, likeness: Likeness, besides: frozenset[str]) -> list[Found]:
    """What the part says and the quote does not; empty where the quote says all of it.

    `besides`: stems that the part may have all the same, such as the outlet that it names as its source.
    """
    return list(_faults(paired(part, quote, likeness, besides)))


def _faults(found: Pairing) -> Iterator[Found]:
    part, quote = found.part, found.quote
    if not found.pairs and not part.figures and not part.days:
        yield "word", "nothing in common"
    for token in found.missing:
        yield ("name" if token.name else "word"), token.text
    for figure in part.figures + part.spoken_figures:
        pronoun = figure.after in _THE_ONE and figure.shown(part.text).lower() == "one"
        if not pronoun and not _has_figure(figure, part, quote):
            yield "figure", figure.shown(part.text)
    for day in part.days + part.spoken_on:
        if not _has_day(day, part, quote):
            yield "day", part.text[day.start : day.end]
    checks: tuple[tuple[Fault, str], ...] = (
        ("negation", _denied_otherwise(found)),
        ("degree", _other_degree(found)),
        ("degree", curtailed(found)),
        ("certainty", _surer(found)),
        ("speaker", _other_speaker(found)),
        ("role", exchanged(found)),
        ("role", rival(found)),
        ("role", astray(found)),
        ("word", _other_light_verb(found)),
    )
    yield from ((fault, shown) for fault, shown in checks if shown)


def _has_day(day: Spoken, part: Statement, quote: Statement) -> bool:
    """Whether the quote has this day, or one within this month or year, and of the same event."""
    others = quote.days + quote.spoken_on
    same = [other for other in others if _is_day(day, other)]
    if not same:
        return False
    mine = _beside(day.start, day.end, part)
    best = max(len(mine & _beside(other.start, other.end, quote)) for other in same)
    for other in others:
        twin = next((t for t in part.days + part.spoken_on if t != day and _is_day(t, other)), None)
        if twin is None or other in same or len(mine & _beside(other.start, other.end, quote)) <= best:
            continue
        theirs = _beside(twin.start, twin.end, part)
        own = len(theirs & _beside(other.start, other.end, quote))
        if len(theirs & _beside(same[0].start, same[0].end, quote)) > own:
            return False
    return True


def _is_day(mine: Spoken, theirs: Spoken) -> bool:
    """Whether a day may be told as this one: the same days, or a month or a year around them."""
    if mine.limit != theirs.limit:
        return False
    if mine.days in A_WEEK or mine.days >= A_MONTH:
        return mine.first <= theirs.first and theirs.last <= mine.last
    return (mine.first, mine.last) == (theirs.first, theirs.last)


def _has_figure(figure: Figure, part: Statement, quote: Statement) -> bool:
    """Whether the quote has this number, of the same thing, and no other number fits its place better."""
    kinds = _kinds(figure)
    alike = [other for other in quote.figures + quote.spoken_figures if _kinds(other) == kinds]
    same = [
        other
        for other in alike
        if other.range == figure.range and _bound_holds(figure, other) and _same_thing(figure, other, quote)
    ]
    if not same:
        return False
    best = max(_fit(figure, other, part, quote) for other in same)
    for other in alike:
        if other.range == figure.range or _fit(figure, other, part, quote) <= best:
            continue
        twin = next((each for each in part.figures if each.range == other.range), None)
        if twin is None or _fit(twin, same[0], part, quote) > _fit(twin, other, part, quote):
            return False
    return True


def _fit(mine: Figure, theirs: Figure, part: Statement, quote: Statement) -> int:
    """How many words of meaning two numbers have both beside them."""
    return len(_around(mine, part) & _around(theirs, quote))


def _same_thing(mine: Figure, theirs: Figure, quote: Statement) -> bool:
    """Whether both count the same, as far as the quote has the word for it."""
    if not mine.unit or not theirs.unit:
        return True
    counted = stem(mine.unit[0])
    return counted not in {token.stem for token in quote.content} or counted in map(stem, theirs.unit)


def _bound_holds(mine: Figure, theirs: Figure) -> bool:
    """Whether "about 30" may be said for "30", but not "30" for "more than 30"."""
    return mine.bound == theirs.bound or (mine.bound == "about" and not theirs.bound)


def _kinds(figure: Figure) -> frozenset[str]:
    """What is measured, where that is a measure: of another one, the same number is another."""
    return frozenset(word.rstrip("s") for word in figure.unit[:1]) & _MEASURES


def _around(figure: Figure, of: Statement) -> frozenset[str]:
    return _beside(figure.start, figure.end, of)


def _beside(start: int, end: int, of: Statement) -> frozenset[str]:
    """Stems of the words of meaning beside a number or a day, in its clause."""
    clause = of.clause_at(start)
    words = [token for token in of.tokens if token.content and token.clause == clause]
    before = [token.stem for token in words if token.end <= start][-AROUND:]
    after = [token.stem for token in words if token.start >= end][:AROUND]
    return frozenset((*before, *after))


def _denied_otherwise(found: Pairing) -> str:
    """A word that is denied in one, and its counterpart not in the other."""
    mine, theirs = _denied(found.part), _denied(found.quote)
    for own, other in found.pairs:
        if (own.start in mine) != (other.start in theirs):
            return own.text
    said = negatives(found.part.tokens)
    if said and not negatives(found.quote.tokens):
        return said[0].text
    for token in found.missing:
        for other in found.quote.content:
            if not token.name and not other.name and opposite(token.text.lower(), other.text.lower()):
                return f"{token.text}/{other.text}"
    return ""


def _denied(statement: Statement) -> frozenset[int]:
    """Starts of the words that a "not" before them denies: the nearest one of meaning in its clause."""
    found = set()
    for denial in negatives(statement.tokens):
        after = [t for t in statement.tokens if t.start > denial.start and t.clause == denial.clause]
        found |= {token.start for token in after[:NEAR] if token.content and not token.name}
    return frozenset(found)


def _other_degree(found: Pairing) -> str:
    """A word of degree or of connection that is added, or one right before a common word that is left out."""
    part, quote = found.part, found.quote
    mine = {token.plain for token in part.tokens}
    theirs = {token.plain for token in quote.tokens}
    if theirs & _EACH:
        theirs |= _EACH
    if re.search(r"\ball\s+(?:the\s+)?$", part.text[: part.figures[0].start] if part.figures else "", re.I):
        theirs |= {"all"}  # "all four", where the quote has the four
    added = mine & (_DEGREE | _CONNECTED) - theirs - _bounds(part)
    if added:
        return min(added)
    order = list(quote.tokens)
    places = {token.start: place for place, token in enumerate(order)}
    strict = _DEGREE - _LOOSE - _bounds(quote) - mine
    for _, other in found.pairs:
        place = places[other.start]
        left = [t.plain for t in order[max(0, place - 2) : place] if t.clause == other.clause]
        if strict.intersection(left):
            return min(strict.intersection(left))
    return ""


def _bounds(statement: Statement) -> frozenset[str]:
    """The words that belong to a number: "more than", "up to"."""
    return frozenset(w for f in statement.figures for w in f.shown(statement.text).lower().split())


def _surer(found: Pairing) -> str:
    """What makes the part a fact where the quote tells it as possible, planned, claimed or conditional."""
    part, quote = found.part, found.quote
    theirs = tuple(token for token in quote.tokens if token.clause in found.clauses)
    told, meant = modals(part.tokens), modals(theirs)
    if "must" in told and re.search(r"\b(?:has|have|had|needs?)\s+to\b", quote.text):
        told -= {"must"}
    if doubts(part.tokens) & doubts(quote.tokens) & _INTENDED:
        told -= {"will"}  # "NATO's plan is to" for "NATO plans to"
    if "would" in told and SPEAKING.search(part.text):
        told = told - {"would"} | {"will"}  # "he said that it would"
    if "would" in meant and SPEAKING.search(quote.text):
        meant = meant - {"would"} | {"will"}
    said = modals(quote.tokens) | meant
    if told - said:
        return min(told - said)
    if _governs(theirs, found, meant & _POSSIBLE - told):
        return min(meant & _POSSIBLE - told)
    near = {clause + step for clause in found.clauses for step in (-1, 0, 1)}
    conditions = {token.plain for token in quote.tokens if token.clause in near} & _CONDITION
    if conditions and not conditions & {token.plain for token in part.tokens}:
        return min(conditions)
    degrees = {stem(word) for word in (*_DEGREE, "both", "part", "parts", "call", "calls")}
    own = doubts(part.tokens) | {other.stem for _, other in found.pairs}
    for token in theirs:
        if token.stem in doubts(theirs) - own - degrees and _comes_before(token, found):
            return token.text
    return _told_as_done(found)


def _told_as_done(found: Pairing) -> str:
    """A word that tells as done, or as so by now, what the quote tells as yet to come."""
    quote = read(found.quote)
    parts = [quote.segment(other.start) for _, other in found.pairs]
    main = {part for part in parts if parts.count(part) > 1} or set(parts)
    order = [t for t in found.quote.tokens if quote.segment(t.start) in main and not t.spoken]
    coming = " ".join(token.text for token in order)
    for mine, other in found.pairs:
        place = next((i for i, t in enumerate(order) if t.start == other.start), 0)
        before = {t.plain for t in order[max(0, place - 3) : place]}
        past = mine.text.lower().endswith("ed") and not other.text.lower().endswith("ed")
        if past and before & {"will", "would", "to"} and not _HELPED.search(found.part.text[: mine.start]):
            return mine.text
    own = " ".join(token.text for token in found.part.tokens if not token.spoken)
    past = _PAST.search(own)
    if not past or not _COMING.search(coming) or _COMING.search(own):
        return ""
    shifted = past.group().lower() in {"was", "were", "had", "did"} and SPEAKING.search(found.part.text)
    return "" if shifted or _DONE.search(coming) else past.group()


def _governs(theirs: Sequence[Token], found: Pairing, words: frozenset[str]) -> bool:
    """Whether one of these words stands within a few words before a common word that is no name."""
    held = {other.start for _, other in found.pairs if not other.name}
    return any(
        token.plain in words and any(after.start in held for after in theirs[place + 1 : place + 1 + NEAR])
        for place, token in enumerate(theirs)
    )


def _comes_before(token: Token, found: Pairing) -> bool:
    """Whether what is only claimed, planned or denied comes after this word, and is in the part."""
    order = [each.start for each in found.quote.tokens]
    place = order.index(token.start)
    after = set(order[place + 1 : place + 1 + SHAKES])
    return any(
        other.start in after and other.clause == token.clause and not other.name for _, other in found.pairs
    )


def _other_light_verb(found: Pairing) -> str:
    """A common verb that the quote has neither itself nor in another form: "gave up", "took over"."""
    theirs = {token.stem for token in found.quote.tokens}
    for verb in light_verbs(found.part.tokens) & _LIGHT.keys():
        if not theirs & {stem(word) for form in _LIGHT[verb].split() for word in _forms(form)}:
            after = re.search(rf"\b(?:{'|'.join(_forms(verb))})\s+(?:part|place)\b", found.part.text)
            if not after:
                return verb
    return ""


def _forms(verb: str) -> tuple[str, ...]:
    irregular = {
        "give": ("gives", "gave", "given", "giving"),
        "get": ("gets", "got", "getting"),
        "go": ("goes", "went", "gone", "going"),
        "take": ("takes", "took", "taken", "taking"),
        "make": ("makes", "made", "making"),
        "send": ("sends", "sent", "sending"),
        "build": ("builds", "built", "building"),
    }
    return verb, *irregular.get(verb, ())


def _other_speaker(found: Pairing) -> str:
    """Words that say that somebody says so, where the quote has none."""
    mine = SPEAKING.search(found.part.text)
    if (
        mine
        and not found.quote.speaker
        and not SPEAKING.search(found.quote.text)
        and not re.search(r"\b(?:describes?|calls?|names?|shows?)\b", found.quote.text)
    ):
        return mine.group()
    return ""

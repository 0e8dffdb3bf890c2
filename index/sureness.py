"""How a part of a sentence tells what the quote tells: denied or not, as much, as surely, as done. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from index.likening import opposite
from index.pairing import Pairing
from index.phrases import SPEAKING
from index.roles import Both
from index.statements import Statement, Token
from index.tone import doubts, modals, negatives
from index.words import NUMBERS, stem

NEAR = 4
"""Words after a "not" within which it denies a verb."""
SHAKES = 6
"""Words after "accused", "promised" or "denied" that are not told as a fact."""
_INTENDED = frozenset(map(stem, ("plan", "expect", "intend", "aim", "want")))
_CONNECTED = frozenset(
    """because since so therefore thus hence due after before despite although though until till unless if
    whether when once following owing thanks instead rather result leading causing caused cause against
    without except""".split()
)
"""Words that join two facts to a third: the quote must have them too."""
_DEGREE = frozenset(
    """second third fourth fifth almost nearly partly half most some few several only least all every always
    ever never first last former ex would-be so-called false falsely another other next previous mostly mainly
    largely more less fewer exactly entire whole entirely fully completely alone majority minority quarter
    double triple dozens hundreds thousands millions many any none unanimously widely deeply highly
    permanently temporarily already now currently""".split()
)
_NO_DOUBT = frozenset(map(stem, (*_DEGREE, "both", "part", "parts")))
"""Stems that `tone.doubts` counts, and that are looked at as degrees."""
_LOOSE = frozenset("all every always first last more already now currently".split())
"""Of these, what may be left out: the rest then says no more than before."""
_PARTITIVE = re.compile(
    rf"\b(\d+|{'|'.join(NUMBERS)}|some|most|many|much|few|half|several|none|each|neither|either|any|parts?)"
    r"\s+(?:members?\s+)?of\s+(?:the|its|their|his|her|our|these|those)\s+",
    re.I,
)
_ALONE = frozenset("only solely exclusively".split())
_EACH = frozenset("each every all".split())
_CONDITION = frozenset("if unless whether provided".split())
_POSSIBLE = frozenset("may might could should can must".split())
_PAST = re.compile(r"\b(?:was|were|had|did|has|have|already|currently)\b", re.I)
_DONE = re.compile(r"\b(?:was|were|had|did|has|already)\b", re.I)
_NOW = re.compile(r"\b(?:is|are|(?:has|have)\s+been)\b", re.I)
_WAS = re.compile(r"\b(?:was|were)\b", re.I)
_UNREAL = re.compile(r"\b(?:used\s+to|(?:was|were)\s+to\s+have|supposed\s+to|would\s+have)\b", re.I)
_HELPED = re.compile(r"\b(?:is|are|was|were|be|been|being|to|has|have|had)\s+(?:\w+ly\s+|not\s+)?$", re.I)
_COMING = re.compile(
    r"\b(?:will|would|shall|(?:is|are)\s+(?:\w+ly\s+)?(?:to|due|about|set|going)|plans?|expects?|intends?)\b",
    re.I,
)


def denied_otherwise(found: Pairing) -> str:
    """A word that is denied in one, and its counterpart not in the other."""
    mine, theirs = _denied(found.part), _denied(found.quote)
    every_mine, every_their = frozenset().union(*mine), frozenset().union(*theirs)
    for denied in mine:
        if not any(own.start in denied and other.start in every_their for own, other in found.pairs):
            return found.part.text[min(denied, default=0) :].split()[0]
    for denied in theirs:
        first = min((pair for pair in found.pairs if pair[1].start in denied), key=_place, default=None)
        if first is not None and first[0].start not in every_mine:
            return first[0].text
    for token in found.missing:
        for other in found.quote.content:
            if not token.name and not other.name and opposite(token.text.lower(), other.text.lower()):
                return f"{token.text}/{other.text}"
    return ""


def _place(pair: tuple[Token, Token]) -> int:
    return pair[1].start


def _denied(statement: Statement) -> list[frozenset[int]]:
    """Of each "not", the starts of the words that it denies: those of meaning close after it."""
    found = []
    for denial in negatives(statement.tokens):
        if statement.text[denial.end : denial.end + 1] in set(".!?"):
            continue  # "No. Voters have", which answers what was asked before
        after = [t for t in statement.tokens if t.start > denial.start and t.clause == denial.clause]
        found.append(frozenset(t.start for t in after[:NEAR] if t.content and not t.name))
    return found


def other_degree(found: Pairing) -> str:
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
    if quantity := _of_more(found):
        return quantity
    order = list(quote.tokens)
    places = {token.start: place for place, token in enumerate(order)}
    only = next((t.plain for t in order if t.plain in _ALONE and t.clause in found.clauses), "")
    if only and not mine & _ALONE:
        return only
    strict = _DEGREE - _LOOSE - _bounds(quote) - mine
    for _, other in found.pairs:
        place = places[other.start]
        reach = 3 if any(t.plain == "of" for t in order[max(0, place - 2) : place]) else 2  # "some of the"
        left = [t.plain for t in order[max(0, place - reach) : place] if t.clause == other.clause]
        if strict.intersection(left):
            return min(strict.intersection(left))
    return ""


def _of_more(found: Pairing) -> str:
    """The "two" of "two of the five suspects", where the part tells of the suspects without it."""
    told = {_number(match[1]) for match in _PARTITIVE.finditer(found.part.text)}
    for match in _PARTITIVE.finditer(found.quote.text):
        after = [t for t in found.quote.tokens if t.start >= match.end() and t.content][:2]
        if any(t.start in found.held for t in after) and _number(match[1]) not in told:
            return match[1]
    return ""


def _number(word: str) -> str:
    """A number as figures, another word in lower case."""
    return NUMBERS.get(word.lower(), word.lower())


def _bounds(statement: Statement) -> frozenset[str]:
    """The words that belong to a number: "more than", "up to"."""
    return frozenset(w for f in statement.figures for w in f.shown(statement.text).lower().split())


def surer(found: Pairing) -> str:
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
    return _claimed(found, theirs)


def _claimed(found: Pairing, theirs: tuple[Token, ...]) -> str:
    """A word after which the quote tells nothing as a fact, and the part does: "accused", "called for"."""
    part, quote = found.part, found.quote
    own = doubts(part.tokens) | {other.stem for _, other in found.pairs}
    left = doubts(theirs) - own - _NO_DOUBT
    if not re.search(r"\bcall\w*\s+(?:for|on)\b", quote.text):
        left -= {stem("call")}  # "calls the plan a success" claims nothing that is not so
    return next((t.text for t in theirs if t.stem in left and _comes_before(t, found)), "")


def other_first(found: Pairing) -> str:
    """A "first" or "largest" of other things: "the first woman to lead" is not "the first to lead"."""
    mine, theirs = _of_which(found.part), _of_which(found.quote)
    return next((word for word in mine if word in theirs and mine[word] != theirs[word]), "")


def _of_which(statement: Statement) -> dict[str, str]:
    """Each "first" and each superlative with the stem of the word right after it, if that says something."""
    found = {}
    for token, after in pairwise(statement.tokens):
        if token.plain in {"first", "last"} or re.search(r"[^aeiou]est$", token.plain):
            found[token.plain] = after.stem if after.content and after.start - token.end == 1 else ""
    return found


def other_time(both: Both) -> str:
    """A word that tells as so now what the quote tells as past, or as what was meant or used to be."""
    part, quote = both.found.part.text, both.found.quote.text
    unreal = _UNREAL.search(quote)
    if unreal and not _UNREAL.search(part):
        return unreal.group()
    words = " ".join(t.text for t in both.found.quote.tokens if t.clause in both.found.clauses)
    own = " ".join(t.text for t in both.found.part.tokens if not t.spoken)
    now = _NOW.search(own)
    if now and _WAS.search(words) and not _NOW.search(words) and not _WAS.search(own):
        return now.group()
    since = re.search(r"\bsince\b", part, re.I)
    return "since" if since and not re.search(r"\bsince\b", quote, re.I) else ""


def told_as_done(both: Both) -> str:
    """A word that tells as done, or as so by now, what the quote tells as yet to come."""
    found, quote = both.found, both.theirs
    parts = [quote.segment(other.start) for _, other in found.pairs]
    main = {part for part in parts if parts.count(part) > 1} or set(parts)
    order = [t for t in found.quote.tokens if quote.segment(t.start) in main and not t.spoken]
    coming = " ".join(token.text for token in order)
    for mine, other in found.pairs:
        place = next((i for i, t in enumerate(order) if t.start == other.start), 0)
        before = {t.plain for t in order[max(0, place - 3) : place]}
        ended = mine.text.lower().endswith("ed") and not other.text.lower().endswith("ed")
        if ended and before & {"will", "would", "to"} and not _HELPED.search(found.part.text[: mine.start]):
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

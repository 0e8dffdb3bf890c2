"""Whether a part of a sentence keeps the clauses of the quote apart: only if, after, except. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from index.pairing import Pairing
from index.statements import Statement, Token

_JOINING = frozenset("after before because once when if unless until since although while whereas".split())
"""Words that begin a clause which may stand on either side of the main one."""
_EXCEPT = re.compile(
    r"\b(unlike|apart\s+from|except(?:\s+for)?|instead\s+of|rather\s+than|excluding|without|other\s+than|but\s+not)"
    r"\s+",
    re.I,
)
_WHOLE = frozenset("all every everyone everybody each nobody none no".split())
_LEFT_OUT = 3
"""Words of meaning after "except" that are left out, where no comma ends them sooner."""


def turned_round(found: Pairing) -> str:
    """A word that joins two clauses, where the part tells them the other way round; else empty."""
    for word in sorted(_JOINING):
        mine, theirs = _clause(found.part, word), _clause(found.quote, word)
        if mine is None or theirs is None:
            continue
        sides = [(own.start in mine, other.start in theirs) for own, other in found.pairs if not own.spoken]
        into, out = (True, False) in sides, (False, True) in sides
        if into and out:
            return word
    return ""


def _clause(statement: Statement, word: str) -> frozenset[int] | None:
    """Where the words of the clause begin that one word begins; None where it begins none, or several."""
    tokens = statement.tokens
    places = [place for place, token in enumerate(tokens) if token.plain == word]
    if len(places) != 1:
        return None
    found = []
    for before, token in zip(tokens[places[0] :], tokens[places[0] + 1 :], strict=False):
        if re.search(r"[,;:]", statement.text[before.end : token.start]):
            break
        found.append(token.start)
    return frozenset(found) if found else None


def left_out(found: Pairing) -> str:
    """Who the quote leaves out, where the part counts them in: "unlike Turkey", "apart from Hungary"."""
    held = {other.start: own for own, other in found.pairs}
    told = {token.plain for token in found.part.tokens}
    for word, tokens in _exceptions(found.quote):
        if word.split()[0].lower() in told:
            continue
        counted = next((held[token.start].text for token in tokens if token.start in held), "")
        if counted or (told & _WHOLE and word.split()[0].lower() not in {"unlike", "instead", "rather"}):
            return counted or word
    return ""


def _exceptions(statement: Statement) -> Iterator[tuple[str, list[Token]]]:
    for match in _EXCEPT.finditer(statement.text):
        after = [token for token in statement.tokens if token.start >= match.end() and token.content]
        found: list[Token] = []
        for token in after[:_LEFT_OUT]:
            last = found[-1].end if found else match.end()
            if re.search(
                r"[,;:]|\bthe\s+(?=\w+\s+(?:could|will|would|can)\b)", statement.text[last : token.start]
            ):
                break
            found.append(token)
        yield match[1], found


_PASSIVE = re.compile(r"\b(?:is|are|was|were|be|been|being)\s+(?:\w+ly\s+)?\w+(?:ed|en|wn|ght)\b", re.I)
_SUBJECTS = {"he": "him", "she": "her", "they": "them", "we": "us", "i": "me"}


def other_case(found: Pairing) -> str:
    """A "him" where the quote has "he" only, or so round: who acts is then acted on, but in a passive."""
    if _PASSIVE.search(found.part.text) or _PASSIVE.search(found.quote.text):
        return ""
    mine = {token.plain for token in found.part.tokens}
    theirs = {token.plain for token in found.quote.tokens}
    for subject, other in _SUBJECTS.items():
        for one, two in ((subject, other), (other, subject)):
            if one in mine and one not in theirs and two in theirs and two not in mine and one != "her":
                return one
    return ""

"""How a thing is told: as so or not so, as a fact or a plan, surely or not, wholly or in part. Pure."""

from __future__ import annotations

import re
from itertools import pairwise

from index.statements import Token

_NEGATIVE = frozenset(
    """not no never none neither nor without cannot nobody nothing hardly barely scarcely isnt arent wasnt
    werent dont doesnt didnt wont wouldnt cant couldnt shouldnt hasnt havent hadnt""".split()
)
_MODAL = frozenset("will would shall should can could may might must".split())
_FIRMNESS = frozenset(
    """probably likely possibly perhaps maybe reportedly allegedly alleged supposedly if whether unless
    almost nearly partly half part parts element elements some few most several only least all every
    always ever once again first last former ex would-be so-called false falsely pretext ago still yet
    nevertheless more less fewer another other both either next previous""".split()
)
"""Words that change how much, how surely or when: neither statement may have one that the other lacks."""
_WHOLLY = frozenset("all every always ever once".split())
"""Words that a claim may leave out, for it then says less; but not beside a "not"."""
_SHAKY = re.compile(
    r"^(?:claim|alleg|deny|deni|reject|suggest|rumou?r|consider|threat|hope|seek|want|wish|plan|propos"
    r"|demand|refus|fail|declin|call|accus|believ|think|thought|fear|worr|expect|intend|aim|try|tri(?:ed|es)$"
    r"|urg(?:e|es|ed|ing)$|ask|appeal|discuss|debat|weigh|doubt|disput|insist|argu|promis|pledg|vow|agree"
    r"|decid|stop|prevent|avoid|end(?:ed|s)?$)"
)
"""Verbs after which a thing is not told as a fact: a claim without them is not what they say."""
_LIGHT = {
    form: forms[0]
    for forms in (
        ("have", "has", "had"),
        ("be", "is", "are", "was", "were"),
        ("make", "makes", "made"),
        ("give", "gives", "gave", "given"),
        ("take", "takes", "took", "taken"),
        ("get", "gets", "got"),
        ("go", "goes", "went", "gone"),
    )
    for form in forms
}
_PARTICIPLE = re.compile(
    r"(?:\w{2,}(?:ed|ing|en|wn|ght)|been|led|set|put|made|held|met|begun|sent|built|lost|won|told|hit|cut|left|kept|paid)$"
)
_ADVERB = re.compile(r"(?:\w+ly|not|also|already|now|then|again|never|always|still|to|be|been)$")
_DIRECTIONS = frozenset(
    """before after until till since against without over under above below up down off out into from
    behind ahead inside outside between than""".split()
)


def negatives(tokens: tuple[Token, ...]) -> list[Token]:
    """The words that say no."""
    return [token for token in tokens if token.plain in _NEGATIVE or re.search(r"n['’]t$", token.text, re.I)]


def modals(tokens: tuple[Token, ...]) -> frozenset[str]:
    """The verbs that tell what will, would or may be; "going to" is "will"."""
    found = {token.plain for token in tokens if token.plain in _MODAL and token.text.islower()}
    plain = " ".join(token.plain for token in tokens)
    if re.search(
        r"\b(?:going|about|due|set|ready)\s+to\b|\b(?:is|are|was|were)\s+(?:to|due)\b|\bupcoming\b", plain
    ):
        found.add("will")
    return frozenset(found)


def wholly(tokens: tuple[Token, ...]) -> frozenset[str]:
    """The words that tell that it is so wholly, or always."""
    return frozenset(token.plain for token in tokens if token.plain in _WHOLLY)


def doubts(tokens: tuple[Token, ...]) -> frozenset[str]:
    """The words that tell how much, how surely, or that it is only meant: by stem."""
    return frozenset(
        token.stem
        for token in tokens
        if token.plain in _FIRMNESS or (_SHAKY.match(token.plain) and not token.name)
    )


def directions(tokens: tuple[Token, ...]) -> frozenset[str]:
    """The small words that turn a meaning round: before and after, over and under."""
    return frozenset(token.plain for token in tokens if token.plain in _DIRECTIONS)


def light_verbs(tokens: tuple[Token, ...]) -> frozenset[str]:
    """The main verbs that are too common to count as words: "has" in "has ships", not in "has sent"."""
    found = set()
    for place, token in enumerate(tokens):
        verb = _LIGHT.get(token.plain)
        if verb is None or not token.text.islower():
            continue
        after = [next_.plain for next_ in tokens[place + 1 : place + 4]]
        while after and _ADVERB.match(after[0]):
            after.pop(0)
        helper = verb in {"have", "be"} and after and _PARTICIPLE.match(after[0])
        if not helper:
            found.add(verb)
    return frozenset(found)


def infinitives(tokens: tuple[Token, ...]) -> frozenset[str]:
    """Stems of small words right after "to": what is meant to be done, not told as done."""
    return frozenset(
        token.stem
        for before, token in pairwise(tokens)
        if before.plain == "to" and token.content and not token.name and token.text.islower()
    )

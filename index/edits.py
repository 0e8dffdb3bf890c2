"""A sentence that is nearly its quote, word for word: what was changed in it, and whether that may be.

A lie is often a true sentence with two names, two numbers or "from" and "to" exchanged, "he" for "she",
"may" for "will". Rules for words of meaning see little of that; here every word counts, small ones first.
A sentence that says it in other words is no case for these rules. Pure.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from functools import lru_cache

from index.words import NUMBERS, STOPWORDS, WORD, countries, fold, stem

NEARLY = 0.75
"""Share of a sentence's words that the quote has in the same order, from which it is nearly the quote."""
HALF = 0.5
"""The same share, from which two stretches may be seen to have changed places."""
_HE = frozenset("he him his himself".split())
_SHE = frozenset("she her hers herself".split())
_FREE = frozenset(
    """a an the that of and but while is are was were has have had been being be to in on at for by with from
    as its their his her it they them he she also which who whose this these those there according said say
    says where so than made make making get got such now further
    about around""".split()
)
"""Small words that may come in without changing what is said; others must be the quote's."""
_EMPTY = frozenset(
    map(stem, "people person thing kind time times year month week day hour number happened occurred".split())
)
"""Words of meaning that others take for empty: in the place of another word they say something."""
_SAYING = frozenset(
    map(
        stem,
        """said stated told announced reported according added wrote noted warned stressed explained argued
        confirmed insisted claimed""".split(),
    )
)
_PLACING = frozenset(
    """in on at after before during since until by for from to with near as when while through over under
    into of against among between last next throughout earlier following""".split()
)
_DENYING = frozenset("not no never without nor neither none nobody".split())
_DOUBTING = frozenset(
    map(
        stem,
        """estimated suspected alleged allegedly appears appeared seems seemed likely unlikely reportedly
        apparently supposed supposedly possible possibly probable probably planned proposed expected believed
        thought considered tentative preliminary potential potentially""".split(),
    )
) | frozenset("may might could would should will shall".split())
_LINKING = frozenset(map(stem, "result consequence response reason cause return effect".split()))
_EXCEPTING = frozenset("if unless except excluding provided".split())
_UNITED = frozenset(map(stem, ("united", "kingdom", "states", "republic")))
_RELATIVE = frozenset("who which whose that".split())
_ONE_OF = tuple(
    frozenset(word if word in STOPWORDS else stem(word) for word in line.split())
    for line in (
        "early late mid",
        "first second third fourth fifth last final next",
        "always usually often frequently sometimes occasionally rarely seldom hardly never once",
        "all most many several some few none each every both half",
        "before after during until since",
        "more less fewer most least",
        "day week month year decade century hour minute second",
    )
)
"""Words of which one can not stand for another."""
_ADDED = 5
"""Words in a row that are not the quote's, from which something was added, however little they say each."""
_BE = frozenset("is are was were be been being".split())
_WHOLE = {
    "n't": " not", "'re": " are", "'ve": " have", "'ll": " will", "'m": " am"
}  # fmt: skip
_SPELT = (
    (re.compile(r"(?<=\d)\s?%"), " percent"),
    (re.compile(r"\b(?:U\.S\.A?\.?|US|USA)(?!\w)"), "United States"),
    (re.compile(r"\b(?:U\.K\.|UK)(?!\w)"), "United Kingdom"),
    (re.compile(r"\bcan(?:not|'t)\b", re.I), "can not"),
    (re.compile(r"\bwon't\b", re.I), "will not"),
    (re.compile(r"(n't|'re|'ve|'ll|'m)\b", re.I), lambda part: _WHOLE[part[1].lower()]),
)


_Change = tuple[str, int, int, int, int]
"""As difflib gives it: what was done, from where to where in the quote, and in the sentence."""


def edited(sentence: str, quote: str) -> str:
    """The words that are wrong in a sentence that is nearly its quote; empty where none are."""
    mine, theirs = _words(sentence), _words(quote)
    own, other = Counter(mine), Counter(theirs)
    for these, those in ((_HE, _SHE), (_SHE, _HE)):
        if these & own.keys() and those & other.keys() and not these & other.keys():
            return " ".join(sorted(these & own.keys()))
    matcher = SequenceMatcher(None, theirs, mine, autojunk=False)
    share = sum(block.size for block in matcher.get_matching_blocks()) / max(1, len(mine))
    changes = [change for change in matcher.get_opcodes() if change[0] != "equal"]
    if share < NEARLY:
        return _exchanged(mine, theirs, changes) if share >= HALF else ""
    added = [word for _, _, _, first, last in changes for word in mine[first:last]]
    small = [w for w in added if own[w] > other[w] and (w in _EMPTY or (w in STOPWORDS and w not in _FREE))]
    small += [word for word in added if word in _LINKING and own[word] >= other[word]]
    if small:
        return " ".join(small)
    return (
        _put_in(mine, theirs, changes)
        or _undenied(mine, theirs, changes)
        or _longer(mine, changes, other)
        or _undergone(mine, theirs, added)
        or _cut_short(mine, theirs, changes)
        or _exchanged(mine, theirs, changes)
        or _moved(mine, theirs, changes)
    )


def _put_in(mine: Sequence[str], theirs: Sequence[str], changes: Sequence[_Change]) -> str:
    """A word of meaning that came in where none went, or a country in the place of none."""
    gone = [word for _, start, end, _, _ in changes for word in theirs[start:end] if word not in STOPWORDS]
    came = [w for _, _, _, a, b in changes for w in mine[a:b] if w not in STOPWORDS and w not in theirs]
    if came and not gone and not _SAYING.issuperset(came):
        return " ".join(came)
    lands = _lands()
    left = {lands.get(word, "") for word in gone}
    if not _UNITED.isdisjoint(gone):
        return ""
    return next((word for word in came if word in lands and lands[word] not in left), "")


@lru_cache(maxsize=1)
def _lands() -> Mapping[str, str]:
    """Stems of countries and peoples of one word -> the country."""
    names, peoples = countries()
    return {stem(word): country for word, country in {**names, **peoples}.items() if " " not in word}


def _undenied(mine: Sequence[str], theirs: Sequence[str], changes: Sequence[_Change]) -> str:
    """A "not", a doubt or a condition that is left out of what stays, or a word in the place of its like."""
    for _, start, end, first, last in changes:
        old, new = theirs[start:end], mine[first:last]
        short = first > 0 and last < len(mine) and end - start <= 3
        for word in old if short else ():
            lost = theirs.count(word) > mine.count(word)
            if lost and (word in _DENYING or (word in _DOUBTING and not (_DOUBTING | {"to"}) & set(new))):
                return word
        excepting = _EXCEPTING & set(old) - set(new)
        if excepting and any(theirs.count(word) > mine.count(word) for word in excepting):
            return " ".join(excepting)
        if (_HE & set(old) and _SHE & set(new)) or (_SHE & set(old) and _HE & set(new)):
            return " ".join(new)
        if len(old) == len(new):
            for one, other in zip(old, new, strict=True):
                if any(one in group and other in group for group in _ONE_OF):
                    return other
    return ""


def _longer(mine: Sequence[str], changes: Sequence[_Change], other: Mapping[str, int]) -> str:
    """A run of words that the quote has not: each may be small, together they say something."""
    for _, _, _, first, last in changes:
        said = [word for word in mine[first:last] if word not in STOPWORDS]
        if last - first >= _ADDED and 2 * sum(word in other for word in said) <= len(said):
            return " ".join(mine[first:last])
    return ""


def _undergone(mine: Sequence[str], theirs: Sequence[str], added: Sequence[str]) -> str:
    """A "by" that makes who did a thing suffer it: nobody changed places with anybody."""
    for place, word in enumerate(mine):
        if word == "by" and "by" in added and _BE & set(mine[max(0, place - 3) : place]):
            before = mine[max(0, place - 2) : place]
            if not any(_follows(theirs, verb, mine[place + 1 :]) for verb in before):
                continue
            return " ".join((*before, word))
    return ""


def _follows(theirs: Sequence[str], verb: str, after: Sequence[str]) -> bool:
    """Whether what comes after "by" comes right after the verb in the quote, where it was done to."""
    next_ = next((word for word in after if word not in STOPWORDS), None)
    if verb in STOPWORDS or verb not in theirs or next_ is None:
        return False
    rest = theirs[theirs.index(verb) + 1 :]
    return "by" not in rest[:1] and next((word for word in rest if word not in STOPWORDS), None) == next_


def _cut_short(mine: Sequence[str], theirs: Sequence[str], changes: Sequence[_Change]) -> str:
    """What a preposition stood before is left out with a clause of its own: another thing follows it now."""
    for kind, start, end, first, last in changes:
        inside = kind == "delete" and first > 0 and last < len(mine)
        if inside and theirs[start - 1] in _PLACING and _RELATIVE & set(theirs[start:end]):
            return " ".join(mine[first - 1 : first + 1])
    return ""


def _exchanged(mine: Sequence[str], theirs: Sequence[str], changes: Sequence[_Change]) -> str:
    """Two stretches, each in the place of the other."""
    swapped = [(tuple(theirs[a:b]), tuple(mine[c:d])) for kind, a, b, c, d in changes if kind == "replace"]
    return next((" ".join(new) for old, new in swapped if (new, old) in swapped), "")


def _moved(mine: Sequence[str], theirs: Sequence[str], changes: Sequence[_Change]) -> str:
    """Words of meaning of the quote in another place, where no small word shows that it is put otherwise."""
    added = Counter(w for c in changes for w in mine[c[3] : c[4]] if w in _PLACING)
    gone = Counter(w for c in changes for w in theirs[c[1] : c[2]] if w in _PLACING)
    inner = [change for change in changes if change[3] != change[4] or 0 < change[3] < len(mine)]
    if added not in (gone, Counter(w for c in inner for w in theirs[c[1] : c[2]] if w in _PLACING)):
        return ""
    removed = [f" {' '.join(theirs[change[1] : change[2]])} " for change in changes]
    for _, _, _, first, last in changes:
        block = tuple(mine[first:last])
        at_end = first == 0 or last == len(mine)
        whole = any(f" {' '.join(block)} " in old for old in removed)
        if (at_end and _SAYING & set(block)) or (whole and (at_end or _PLACING.issuperset(block[:1]))):
            continue
        for word in block:
            if word not in STOPWORDS and word not in _SAYING and word in theirs:
                return word
    return ""


def _words(text: str) -> list[str]:
    """All words, folded, those of meaning stemmed, numbers as figures, contractions in full."""
    plain = text.replace("’", "'").replace("‘", "'")
    for pattern, instead in _SPELT:
        plain = pattern.sub(instead, plain)
    found = []
    for match in WORD.finditer(plain):
        for part in match.group().split("-"):
            word = re.sub(r"'s?$", "", fold(part).rstrip("."))
            word = NUMBERS.get(word, word)
            if word:
                found.append(word if word in STOPWORDS else stem(word))
    return found

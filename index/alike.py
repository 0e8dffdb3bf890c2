"""Which questions ask the same, by the model's vectors and by their words.

Two questions that are put together wrongly hide one of them, so it takes all of this: near in
meaning, the same kind of answer, the same names in the same order, the same numbers, and in neither
a word in place of another one of the other.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from index.asked import KIND_WORDS
from index.embedding import BundledEmbedder, Vector
from index.wanted import Wanted, wanted
from index.words import DAYS, MONTHS, NUMBERS, STOPWORDS, WORD, content, fold, is_name, stem

NEAR = 0.75
"""Cosine from which two questions may ask the same: "how many soldiers are in each of the new battle
groups" and "How many troops will each new battlegroup have?" have 0.84."""
STANDS_FOR = 0.7
"""Cosine of two words alone from which one stands for the other, as in `evidence.ALIKE`."""
MORE = 0.3
"""Share of a question's words that another may leave out, if it has no word of its own instead:
"tanks" for "troops" is another question."""
NEARLY_SAID = 0.8
"""Cosine that they need then."""
_NEGATIVE = re.compile(r"\b(?:not|no|never|without|cannot|nor|neither)\b|n['’]t\b", re.I)
_SAME_KIND = {Wanted.COUNTRIES: Wanted.PLACE}
"""Kinds that are asked for in the same words: "where" and "in which countries"."""
_MAY_BE_SAME = {Wanted.ANYTHING, Wanted.NUMBER}
"""Kinds of which one may stand for the other: "what" and "how much"."""


@dataclass(frozen=True, slots=True)
class _Asked:
    vector: Vector
    kind: Wanted
    negative: bool
    names: tuple[tuple[str, ...], ...]
    """Stems of names in order, those of one name together: ("joe", "biden")."""
    numbers: frozenset[str]
    """Figures and years, and numbers in words."""
    said: tuple[str, ...]
    """The other words that carry meaning."""


def alike(questions: Sequence[str], embedder: BundledEmbedder) -> tuple[tuple[int, ...], ...]:
    """Groups of questions that ask the same, as places in `questions`; each is in one group.

    The first of a group leads it, and each member asks the same as its leader. Largest groups
    first, then by place. Takes the model some milliseconds for each new wording.
    """
    first: dict[str, int] = {}
    same = [first.setdefault(" ".join(fold(text).split()), place) for place, text in enumerate(questions)]
    names = _names(questions)
    leaders: list[int] = []
    led: dict[int, list[int]] = {}
    asked: dict[int, _Asked] = {}
    vectors = np.empty((len(first), embedder.dimensions), dtype=np.float32)
    for place, text in enumerate(questions):
        if same[place] != place:
            continue
        mine = _read(text, names, embedder)
        leader = _leader(mine, vectors[: len(leaders)], [asked[each] for each in leaders], embedder)
        if leader is None:
            vectors[len(leaders)] = mine.vector
            leaders.append(place)
            asked[place] = mine
            led[place] = [place]
        else:
            led[leaders[leader]].append(place)
    groups = [_with_repeats(members, same) for members in led.values()]
    return tuple(sorted(groups, key=lambda group: (-len(group), group[0])))


def _with_repeats(members: Sequence[int], same: Sequence[int]) -> tuple[int, ...]:
    """The places of a group, and those at which a member is asked again word for word."""
    inside = set(members)
    return tuple(place for place, first in enumerate(same) if first in inside)


def _leader(
    mine: _Asked, vectors: Vector, leaders: Sequence[_Asked], embedder: BundledEmbedder
) -> int | None:
    """The nearest of the leaders that asks the same, or None."""
    likeness = vectors @ mine.vector
    for place in np.argsort(-likeness, kind="stable"):
        if likeness[place] < NEAR:
            return None
        if _asks_same(leaders[place], mine, float(likeness[place]), embedder):
            return int(place)
    return None


def _asks_same(first: _Asked, second: _Asked, likeness: float, embedder: BundledEmbedder) -> bool:
    if first.negative != second.negative or first.numbers != second.numbers:
        return False
    if first.kind != second.kind and {first.kind, second.kind} != _MAY_BE_SAME:
        return False
    if len(first.names) != len(second.names) or not all(map(_same_name, first.names, second.names)):
        return False
    less, more = sorted((_left(first, second, embedder), _left(second, first, embedder)))
    return more == 0 or (less == 0 and more <= MORE and likeness >= NEARLY_SAID)


def _same_name(first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    """Whether one is the other or its end: "Biden" is "Joe Biden", who is not "Hunter Biden"."""
    least = min(len(first), len(second))
    return first[-least:] == second[-least:]


def _left(mine: _Asked, other: _Asked, embedder: BundledEmbedder) -> float:
    """Share of a question's words for which another has none that means nearly the same."""
    held = {stem(word) for word in other.said} | {stem(a + b) for a, b in pairwise(other.said)}
    joined = {word: stem(a + b) for a, b in pairwise(mine.said) for word in (a, b)}
    lost = [word for word in mine.said if stem(word) not in held and joined.get(word) not in held]
    if lost and other.said:
        vectors = embedder.words([*lost, *other.said])
        best = (vectors[: len(lost)] @ vectors[len(lost) :].T).max(axis=1)
        lost = [word for word, likeness in zip(lost, best, strict=True) if likeness < STANDS_FOR]
    return len(lost) / (len(mine.said) + len(mine.names) + len(mine.numbers)) if lost else 0.0


def _read(text: str, names: frozenset[str], embedder: BundledEmbedder) -> _Asked:
    kind = wanted(text)
    said = [word for word in content(text) if fold(word) not in KIND_WORDS.get(kind, ())]
    numbers = {
        word for word in said if stem(word)[:1].isdigit() or fold(word) in MONTHS or fold(word) in DAYS
    }
    named = [word for word in said if word not in numbers and stem(word) in names]
    return _Asked(
        vector=embedder.question(text),
        kind=_SAME_KIND.get(kind, kind),
        negative=bool(_NEGATIVE.search(text)),
        names=_together(named, text),
        numbers=frozenset(stem(word) for word in numbers),
        said=tuple(word for word in said if word not in numbers and word not in named),
    )


def _together(named: Sequence[str], text: str) -> tuple[tuple[str, ...], ...]:
    """Names whose words stand side by side, each as one; a country or an abbreviation stands alone."""
    found: list[tuple[str, ...]] = []
    before = ""
    for word in named:
        beside = before and not is_name(before) and not is_name(word)
        if beside and re.search(rf"\b{re.escape(before)}\s+{re.escape(word)}", text):
            found[-1] += (stem(word),)
        else:
            found.append((stem(word),))
        before = word
    return tuple(found)


def _names(questions: Sequence[str]) -> frozenset[str]:
    """Stems that are names: countries, abbreviations, and what is written large more often than small.

    People who type without capitals name the same as others.
    """
    large: Counter[str] = Counter()
    small: Counter[str] = Counter()
    names = set()
    for text in dict.fromkeys(questions):
        for place, match in enumerate(WORD.finditer(text)):
            word = match.group()
            if is_name(word) and fold(word) not in NUMBERS and fold(word) not in STOPWORDS:
                names.add(stem(word))
            elif word[0].isupper() and place:
                large[stem(word)] += 1
            elif word[0].islower():
                small[stem(word)] += 1
    return frozenset(names | {name for name, times in large.items() if times > small[name]})

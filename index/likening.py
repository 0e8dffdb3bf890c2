"""Which words can stand for each other in two sentences that say the same, and which turn one round."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import combinations, product
from pathlib import Path

from index.embedding import Vector
from index.words import is_name, stem

SAME_WORD = 0.85
"""Cosine of two words alone from which they mean the same: "soldiers" and "troops" have 0.89, "legal" and
"illegal" 0.84, "east" and "west" 0.79."""
_TURNING = ("un", "in", "il", "im", "ir", "dis", "non", "anti", "mis", "over", "under")
"""Before a word, these turn it round."""


def stand_in(word: str, others: Sequence[str], vectors: Callable[[Sequence[str]], Vector]) -> str | None:
    """The one of `others` that means the same, by the list of synonyms or by the vectors of words alone.

    Nothing stands for a name, and no opposite for a word. `vectors` gives shape (words, dimensions).
    """
    plain = [other for other in others if other.isalpha() and other != word and not is_name(other)]
    if not plain or not word.isalpha() or is_name(word):
        return None
    listed = next((other for other in plain if _same(word, other)), None)
    if listed is not None:
        return listed
    rows = vectors([word, *plain])
    cosines = rows[1:] @ rows[0]
    best = int(cosines.argmax())
    return None if cosines[best] < SAME_WORD or opposite(word, plain[best]) else plain[best]


def opposite(first: str, second: str) -> bool:
    """Whether one word turns the other round: "rise" and "fell", "legal" and "illegal"."""
    if _listed(first, second, _opposites()):
        return True
    long, short = sorted((first.lower(), second.lower()), key=len, reverse=True)
    return long.startswith(_TURNING) and long.endswith(short[-4:]) and not _same(first, second)


def _same(first: str, second: str) -> bool:
    return not _bases(first).isdisjoint(_bases(second)) or _listed(first, second, _synonyms())


def _listed(first: str, second: str, pairs: frozenset[frozenset[str]]) -> bool:
    return any(frozenset(pair) in pairs for pair in product(_bases(first), _bases(second)))


def _bases(word: str) -> frozenset[str]:
    """The stems under which a word may be listed: its own, and of "bought" that of "buy"."""
    return _forms().get(stem(word), frozenset()) | {stem(word)}


@lru_cache(maxsize=1)
def _forms() -> Mapping[str, frozenset[str]]:
    """Stem of a form -> stems of the words of which it may be one: "left" is itself, or of "leave"."""
    found: dict[str, frozenset[str]] = {}
    for line in _lines("forms.txt"):
        base, *forms = map(stem, line.split())
        found |= {form: found.get(form, frozenset()) | {base} for form in forms}
    return found


@lru_cache(maxsize=1)
def _synonyms() -> frozenset[frozenset[str]]:
    return _pairs("synonyms.txt")


@lru_cache(maxsize=1)
def _opposites() -> frozenset[frozenset[str]]:
    return _pairs("opposites.txt")


def _pairs(name: str) -> frozenset[frozenset[str]]:
    return frozenset(
        frozenset(map(stem, pair)) for line in _lines(name) for pair in combinations(line.split(), 2)
    )


def _lines(name: str) -> list[str]:
    text = (Path(__file__).parent / "data" / name).read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]

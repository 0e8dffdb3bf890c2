"""What a question asks: its words with their rarity, the kind of thing it wants, what it counts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from index.embedding import Vector
from index.snapshot import Snapshot
from index.wanted import Mention, Wanted, counted, mentions, names_a_thing, unit, wanted
from index.when import RELATIVE
from index.words import content, fold, is_name, porter, rarity, splits, stem, words

KIND_WORDS = {
    Wanted.COUNTRIES: ("countries", "nations"),
    Wanted.DATE: ("date", "day", "month", "year", "time", "place"),  # "take place"
    Wanted.PLACE: ("place", "country", "nation", "city", "town", "state", "region", "continent"),
    Wanted.NUMBER: ("number", "large", "big", "size", "old", "long", "far", "high", "tall"),
    Wanted.PERSON: ("name",),
}
"""Words that name the wanted kind: a sentence that carries it need not hold them."""


ACTION = 0.35
"""Weight of the verb that a question turns on: "host" is said in too many other ways."""
UNHEARD = 0.2
"""The same for a verb that no passage holds."""
_AUXILIARY = r"(?:do|does|did|will|would|can|could|should|has|have|had)"
_AFTER_AUXILIARY = re.compile(rf"\b{_AUXILIARY}\b\s+(.*)", re.I)
_UNDER_WAY = re.compile(r"\b(?:is|are|was|were)\b(?:\W+[\w’'-]+){1,4}?\W+([a-z]+ing)\b")
_AFTER_SUBJECT = re.compile(
    r"\b(?:who|(?:which|what)\s+(?!is\b|are\b|was\b|were\b)[\w’'-]+)\s+(?!is\b|are\b|was\b|were\b)(.*)", re.I
)
_CLAUSE_END = re.compile(
    r"\b(?:in|at|on|of|to|for|from|by|with|about|against|into|during|after|before)\b|[,;?!]"
)


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the question that carries meaning."""

    word: str
    stem: str
    forms: frozenset[str]
    """Stems by any of which a text covers it."""
    weight: float
    name: bool
    """Whether it is written like a name, or is a number: what nothing else can stand for."""
    known: bool
    """Whether any passage holds it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as sentences are held against it."""

    terms: tuple[Term, ...]
    kind: Wanted
    given: frozenset[str]
    """Things of the wanted kind that the question itself names."""
    counts: str
    """Stem of what "how many" counts; empty for other questions."""
    vector: Vector
    """The bundled model's, shape (SIZE,), unit length."""
    short: bool = False
    """Whether a few words can answer: a name, a number, a thing that the question has a noun for."""


def read(question: str, vector: Vector, known: Snapshot) -> Asked:
    """The question as sentences are held against it."""
    kind = wanted(question)
    given = frozenset(mention.value for mention in mentions(question, kind)) - {""}
    return Asked(terms(question, kind, known), kind, given, unit(question), vector, names_a_thing(question))


def terms(question: str, kind: Wanted, known: Snapshot) -> tuple[Term, ...]:
    """The question's words that carry meaning, with their rarity in the corpus."""
    said = [
        word for word in content(RELATIVE.sub(" ", question)) if word.lower() not in KIND_WORDS.get(kind, ())
    ]
    joined = {word: a + b for a, b in pairwise(said) for word in (a, b) if a.isalpha() and b.isalpha()}
    verb = action(question)
    total = known.count("passages")
    found = []
    first = (words(question) or [""])[0]
    for word in said:
        forms = {stem(word)}
        if word in joined:
            forms.add(stem(joined[word]))
        seen = known.frequencies({*forms, fold(word), porter(word)})
        frequency = max(seen.values(), default=0)
        name = is_name(word) or (word[0].isupper() and word != first)
        known_here = bool(seen) or any(
            len(known.frequencies([stem(a), stem(b)])) == 2 for a, b in splits(fold(word))
        )
        weight = rarity(frequency, total)
        if word == verb:
            weight *= ACTION if known_here else UNHEARD
        found.append(Term(word, stem(word), frozenset(forms), weight, name, known_here))
    return tuple(found)


def action(question: str) -> str:
    """The verb that the question turns on, as far as its place tells; empty where it does not.

    After an auxiliary and a name it is the next word ("Will Biden attend …"), after an auxiliary and
    an article the last of the clause ("did the president request"); else it follows "who" or "which …".
    """
    under_way = _UNDER_WAY.search(question)
    if under_way:
        return under_way[1]
    match = _AFTER_AUXILIARY.search(question)
    rest = (match or _AFTER_SUBJECT.search(question) or [None, ""])[1] or ""
    clause = words(_CLAUSE_END.split(rest, maxsplit=1)[0])
    plain = [word for word in clause if word.islower() and not is_name(word) and content(word)]
    if not plain:
        return ""
    subject_is_common = match is not None and clause[0].lower() in {"the", "a", "an", "this", "these", "his"}
    return plain[-1] if subject_is_common else plain[0]


def cover(asked: Sequence[Term], held: frozenset[str]) -> float:
    """Share of the words, weighed by rarity, that a set of stems holds; 0 for no words."""
    total = sum(term.weight for term in asked)
    return sum(term.weight for term in asked if term.forms & held) / total if total else 0.0


def answers(asked: Asked, text: str) -> tuple[Mention, ...]:
    """What a sentence names of the wanted kind, if it names any that the question does not."""
    found = mentions(text, asked.kind)
    news = tuple(mention for mention in found if mention.value not in asked.given)
    if asked.kind is Wanted.COUNTRIES and news:
        return found  # a list is compared whole, also where the question names one of its members
    return counted(text, news, asked.counts) if asked.counts else news

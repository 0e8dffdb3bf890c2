"""Question + passages -> the sentences that answer it, best first, and how likely they do.

All sentences are weighed by plain features (`index/evidence.py`); then the likeliest few are read together
with the question (`index/reader.py`). The confidence is told from both.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

import numpy as np

from index.asked import Asked, Term, read
from index.embedding import Vector
from index.events import years
from index.evidence import FEATURES, Evidence, weighed, weights
from index.reader import READ, Reading
from index.retrieval import Scored
from index.snapshot import Found, Snapshot
from index.when import RELATIVE, days_meant, inside
from index.words import content, stems

SUMMARY = (
    "meant",  # share of the question's words that the best sentence holds, or says in another word
    "unknown",  # share of the question's words that no passage holds and no such word stands for
    "unknown_names",  # 1 where a name is among those
    "denied",  # 1 where the question says "not", and the best sentence does not
)
"""What the confidence is read from, besides the best sentence's features."""
_NEGATION = re.compile(r"\b(?:not|no|never|cannot|without)\b|n['’]t\b", re.IGNORECASE)
ALIKE = 0.7
"""Cosine of two words alone from which one stands for the other: "planes" and "aircraft" have 0.87,
"submarines" and "warships" 0.63, "killed" and "died" 0.79, "attend" and "summit" 0.37."""

WORTH_A_LOOK = 0.1
"""Words are compared by meaning only where that can change the confidence by so much."""
PLAIN, READER, BIAS = 0.85, 0.9, 0.07
"""The log-odds that the question is answered: the features' and the reader's, weighed, and a constant."""
SURE, UNSURE = 1.0, -0.5
"""Neither part decides alone: the features' log-odds count up to SURE, the reader's from UNSURE on. The
features hold near misses for answers, and the reader doubts broad questions ("What did they agree?"). All
five numbers were chosen on the encyclopedia and news questions, so that all golden questions pass."""
OF_THE_DAYS, OF_OTHER_DAYS = 1.0, -2.0
"""Added where the question says "this week", by whether the best sentence's article is of it: what happened
this week does not stand in last year's articles."""

ReadTogether = Callable[[str, Sequence[str], Sequence[float]], Reading]
"""Question, sentences and their scores, best first -> what reading them together says."""


@dataclass(frozen=True, slots=True)
class Judged:
    """All candidate sentences of a question, best first, and how likely the best ones answer it."""

    asked: Asked
    sentences: tuple[Evidence, ...]
    confidence: float | None


def judge(
    question: str,
    vector: Vector,
    passages: Sequence[tuple[Scored, Found]],
    known: Snapshot,
    word_vectors: Callable[[Sequence[str]], Vector],
    read_together: ReadTogether | None = None,
    day: date | None = None,
) -> Judged:
    """Weigh every sentence of the passages against the question.

    `word_vectors` embeds words alone, shape (words, dimensions); `read_together` reads the question with
    the likeliest sentences, where that is wanted; `day` is the day of the question.
    """
    asked = read(question, vector, known)
    texts: dict[str, str] = {}
    for _, found in passages:
        if not found.card.published:
            texts[found.card.id] = f"{texts.get(found.card.id, '')}\n{found.passage.text}"
    told = {article: years(text) for article, text in texts.items()}
    candidates = [
        evidence
        for scored, found in passages
        for evidence in weighed(asked, scored, found, told.get(found.card.id, frozenset()))
    ]
    ranked = tuple(sorted(_timely(asked, candidates), key=lambda evidence: -evidence.score))
    if not ranked:
        return Judged(asked, (), None)
    if read_together is None:
        return Judged(
            asked, ranked, _confidence(question, asked, ranked[0], word_vectors, lambda plain: plain)
        )
    ranked, answered = _read(question, ranked, read_together)
    days = days_odds(question, ranked[0], day)
    both = partial(together, answered=answered, days=days)
    return Judged(asked, ranked, _confidence(question, asked, ranked[0], word_vectors, both))


def _read(
    question: str, ranked: Sequence[Evidence], read_together: ReadTogether
) -> tuple[tuple[Evidence, ...], float]:
    """The sentences in the order that reading them gives, and the log-odds that one of them answers.

    The scores stay, and change their owners: the likeliest sentence gets the best score, and so on.
    """
    texts = list(dict.fromkeys(each.text for each in ranked))[:READ]  # of copies, one is read
    first = {each.text: each.score for each in reversed(ranked)}
    reading = read_together(question, texts, [first[text] for text in texts])
    order = [texts[place] for place in np.argsort(-reading.sentences, kind="stable")]
    score = dict(zip(order, (first[text] for text in texts), strict=True))
    share = dict(zip(texts, reading.shares.tolist(), strict=True))
    again = [
        replace(each, score=score[each.text], share=share[each.text]) if each.text in score else each
        for each in ranked
    ]
    return tuple(sorted(again, key=lambda each: -each.score)), reading.answered


def _confidence(
    question: str,
    asked: Asked,
    best: Evidence,
    word_vectors: Callable[[Sequence[str]], Vector],
    both: Callable[[float], float],
) -> float:
    """How likely the best sentence answers the question. `both` takes what the features say of that."""
    said = asked.terms
    dated = frozenset(term.word for term in said if term.forms & best.years)
    plain = dated.union(term.word for term in said if not term.name)
    low, high = (both(confidence(summary(best, said, meant, question))) for meant in (dated, plain))
    if high - low < WORTH_A_LOOK:
        return low
    return both(confidence(summary(best, said, dated | stand_ins(said, best, word_vectors), question)))


def together(plain: float, answered: float, days: float = 0.0) -> float:
    """One probability from what the features say, the reader's log-odds and those of the days."""
    odds = math.log(max(plain, 1e-6) / max(1 - plain, 1e-6))
    parts = PLAIN * min(odds, SURE) + READER * max(answered, UNSURE) + days + BIAS
    return 1 / (1 + math.exp(-parts))


def days_odds(question: str, best: Evidence, day: date | None) -> float:
    """Log-odds for an article of the days that "this week" means, and against one of other days."""
    if day is None or not RELATIVE.search(question):
        return 0.0
    fits = inside(best.card.published, days_meant(question, day))
    return 0.0 if fits is None else OF_THE_DAYS if fits else OF_OTHER_DAYS


def _timely(asked: Asked, candidates: Sequence[Evidence]) -> Sequence[Evidence]:
    """Where events date an article to the year of the question, only what is of that year or names it."""
    year = frozenset(term.stem for term in asked.terms if re.fullmatch(r"(?:19|20)\d\d", term.stem))
    if not any(year & each.years for each in candidates):
        return candidates
    return [
        each
        for each in candidates
        if year & (each.years | stems(each.text))
        or (each.card.published is not None and str(each.card.published.year) in year)
    ]


def confidence(features: Vector) -> float:
    """How likely it is that the best sentence answers the question, 0 to 1."""
    model = weights()["confidence"]
    return 1 / (1 + math.exp(-float(features @ model["weights"]) - model["bias"]))


def summary(best: Evidence, asked: Sequence[Term], stood_for: frozenset[str], question: str) -> Vector:
    """The best sentence's FEATURES and the SUMMARY of the question, in that order."""
    total = sum(term.weight for term in asked) or 1.0
    held = stems(best.text)
    meant = sum(term.weight for term in asked if term.forms & held or term.word in stood_for)
    lost = [term for term in asked if not term.known and term.word not in stood_for]
    unknown = sum(term.weight for term in lost)
    strange = float(any(term.name for term in lost))
    features = best.features.copy()
    around = FEATURES.index("around")
    features[around] = max(features[around], meant / total)
    denied = float(bool(_NEGATION.search(question)) and not _NEGATION.search(best.text))
    return np.array([*features, meant / total, unknown / total, strange, denied], dtype=np.float32)


def stand_ins(
    asked: Sequence[Term], found: Evidence, word_vectors: Callable[[Sequence[str]], Vector]
) -> frozenset[str]:
    """The words of the question for which the sentence has another word that means nearly the same.

    Nothing stands for a name: Latvia is not Lithuania.
    """
    held = stems(found.text)
    open_words = [term.word for term in asked if not term.name and not term.forms & held]
    said = content(found.text)
    if not open_words or not said:
        return frozenset()
    vectors = word_vectors([*open_words, *said])
    likeness = vectors[: len(open_words)] @ vectors[len(open_words) :].T
    return frozenset(word for word, row in zip(open_words, likeness, strict=True) if row.max() >= ALIKE)

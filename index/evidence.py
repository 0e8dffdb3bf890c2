"""Question + passage -> its sentences, each with what speaks for it as an answer.

A sentence is judged by a few plain features (`FEATURES`), weighed by a small linear model whose numbers
stand in `data/weights.json`; `benchmarks/quality/fit.py` made them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from index.asked import Asked, Term, answers, cover
from index.embedding import Vector
from index.retrieval import Scored
from index.sentences import is_sentence
from index.snapshot import Found
from index.types import Card, Span
from index.wanted import Mention, Wanted
from index.words import WORD, stem, stems, words

REACH = 6.0
"""Words after which a thing named counts as far from a word of the question."""
PASSAGES = 12
"""Passages whose sentences are judged."""
FEATURES = (
    "sentence",  # cosine of question and sentence
    "passage",  # cosine of question and passage
    "retrieval",  # fused score of the passage
    "cover",  # share of the question's words, weighed by rarity, that the sentence holds
    "around",  # the same for the sentence with the one before, the one after and the headline
    "near",  # share of neighbouring question words that are neighbours in the sentence
    "names",  # share of the question's names that the sentence and what is around it hold
    "carries",  # 1 where it names a thing of the wanted kind that the question does not, -1 where not
    "close",  # how near the best such thing stands to the question's words, 0 to 1
    "short",  # 1 for a sentence of a few words, 0 for a long one
)
IN_A_ROW = 8
"""Characters between two things that are told together: "1,000 to 1,500", "Hungary, Romania and Bulgaria"."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence that may answer the question."""

    text: str
    span: Span
    """Where it stands in the article's text."""
    card: Card
    passage_id: str
    score: float
    """Higher is better; comparable within one question."""
    features: Vector
    """Shape (len(FEATURES),)."""
    vector: Vector
    """The bundled model's, shape (SIZE,), unit length."""
    named: tuple[Mention, ...]
    """Things of the wanted kind that it names and the question does not, in order."""
    years: frozenset[str] = frozenset()
    """Years that events around it tell, where its article has no date."""
    share: float = 0.0
    """How likely it is the one that answers, if one of those read together does; 0 where it was not read."""

    @property
    def values(self) -> frozenset[str]:
        """What it names, in a form in which two sentences can be compared."""
        return frozenset(mention.value for mention in self.named if mention.value)

    def feature(self, name: str) -> float:
        """One of FEATURES by its name."""
        return float(self.features[FEATURES.index(name)])

    @property
    def shown(self) -> str:
        """What it names, in its own words, each once; empty where that is nothing to compare."""
        told = [mention for mention in self.named if mention.value]
        if told and all(b.start - a.end <= IN_A_ROW for a, b in pairwise(told)):
            return self.text[told[0].start : told[-1].end]
        own = {mention.value: self.text[mention.start : mention.end] for mention in told}
        return ", ".join(own.values())


def weighed(
    asked: Asked, scored: Scored, found: Found, told: frozenset[str] = frozenset(), *, whole: bool = True
) -> list[Evidence]:
    """The sentences of a passage; with `whole` false also stretches that do not end as one.

    `told`: years that the article's own words tell, where it has no date.
    """
    passage = found.passage
    texts = [passage.text[s.start - passage.start : s.end - passage.start] for s in passage.sentences]
    held = [stems(text) for text in texts]
    headline = stems(found.card.title)
    if found.card.published:  # "in March 2022" is answered by an article of that month
        headline |= stems(found.card.published.strftime("%B %Y"))
    headline |= told
    names = [term for term in asked.terms if term.name]
    cosines, whole_passage = found.sentences @ asked.vector, float(found.vector @ asked.vector)
    model = weights()["sentence"]
    made = []
    for place, text in enumerate(texts):
        if (whole and not is_sentence(text)) or len(text) < 20:
            continue
        around = headline.union(*held[max(0, place - 1) : place + 2])
        named = answers(asked, text)
        features = np.array(
            [
                cosines[place],
                whole_passage,
                scored.score,
                cover(asked.terms, held[place]),
                cover(asked.terms, around),
                _near(asked.terms, text),
                cover(names, around) if names else 1.0,
                _carries(asked.kind, named),
                _closeness(asked.terms, text, named),
                max(0.0, 1 - len(text) / 60),
            ],
            dtype=np.float32,
        )
        score = float(features @ model["weights"])
        made.append(
            Evidence(
                text,
                passage.sentences[place],
                found.card,
                passage.id,
                score,
                features,
                found.sentences[place],
                named,
                told,
            )
        )
    return made


def _carries(kind: Wanted, named: Sequence[Mention]) -> float:
    if kind is Wanted.ANYTHING:
        return 0.0
    if kind is Wanted.COUNTRIES and len(named) == 1:  # the question is about several
        return 0.0
    return 1.0 if named else -1.0


def _closeness(asked: Sequence[Term], text: str, named: Sequence[Mention]) -> float:
    """Each word of the question counts the less, the more words stand between it and the thing named."""
    total = sum(term.weight for term in asked)
    if not named or not total:
        return 0.0
    places = [(match.start(), match.end(), stem(match.group())) for match in WORD.finditer(text)]

    def nearness(mention: Mention) -> float:
        gained = 0.0
        for term in asked:
            gaps = [
                text.count(" ", min(end, mention.end), max(start, mention.start))
                for start, end, held in places
                if held in term.forms
            ]
            if gaps:
                gained += term.weight * math.exp(-min(gaps) / REACH)
        return gained / total

    return max(map(nearness, named))


def _near(asked: Sequence[Term], text: str) -> float:
    pairs = list(pairwise(asked))
    if not pairs:
        return 0.0
    order = [stem(word) for word in words(text)]
    close = {(a, b) for i, a in enumerate(order) for b in order[i + 1 : i + 4]}
    return sum((a.stem, b.stem) in close or (b.stem, a.stem) in close for a, b in pairs) / len(pairs)


@lru_cache(maxsize=1)
def weights() -> dict[str, dict[str, Any]]:
    """The two models: `weights` as arrays in the order of the features, and `bias`."""
    raw = json.loads((Path(__file__).parent / "data" / "weights.json").read_text("utf-8"))
    return {
        name: {"weights": np.array(list(model["weights"].values()), dtype=np.float32), "bias": model["bias"]}
        for name, model in raw.items()
    }

"""What an evaluation asks, what it keeps of each answer, and what it measures. Light and pure.

The figures are made in `index/measuring.py`; this is what `--help` and the printed legend say of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from index.types import Writing


@dataclass(frozen=True, slots=True)
class Case:
    """A question of which it is known what a good answer holds."""

    id: str
    question: str
    asked: date | None = None
    answers: tuple[str, ...] = ()
    """Any of these strings is a right answer."""
    answerable: bool = True
    articles: tuple[str, ...] = ()
    """Ids of the gold articles, which answer the question."""
    also: tuple[str, ...] = ()
    """Further articles that hold the answer: citing them is right, finding them is not asked for."""
    false_articles: tuple[str, ...] = ()
    wrong_answers: tuple[str, ...] = ()
    """What `false_articles` say instead."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one question got."""

    id: str
    question: str
    answerable: bool
    confidence: float | None
    """None where nothing was found at all."""
    said: str = ""
    """The first sentence of the answer."""
    found: tuple[str, ...] = ()
    """Ids of the articles that a search for the question finds, best first."""
    cited: tuple[str, ...] = ()
    """Ids of the articles behind the answer, in the order of its citations."""
    seconds: float = 0.0
    marks: Mapping[str, float] = field(default_factory=dict)
    """0 to 1 for each measure that the question counts for, by its key."""
    writing: Writing | None = None
    """What a language model did for the answer; None where none was to write it."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One row of the table."""

    key: str
    group: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A measure over a set of questions, with the interval in which it lies with 95% confidence."""

    value: float
    low: float
    high: float
    questions: int
    """How many questions it is measured on."""


FINDING, SAYING, KEEPING, SPEED = "Finding", "Answering", "Keeping silent", "Speed"
WRITING, TAKING = "Writing, of the questions put to a language model (--llm)", "What it took for each of them"
MEASURES = tuple(
    Measure(key, group, meaning)
    for group, rows in {
        FINDING: {
            "hit@1": "a gold article is the first that `footnote search` finds",
            "hit@4": "a gold article is among the first four",
            "hit@10": "a gold article is among the first ten",
            "mrr@10": "1 / place of the first gold article; 0 beyond the tenth place",
            "ndcg@10": "gain of the gold articles in the first ten, discounted by place, to the best order",
        },
        SAYING: {
            "first": "an answer string is in the first sentence; where a gold article holds one",
            "answer": "an answer string is in any sentence of the answer; where a gold article holds one",
            "first all": "the same for the first sentence, over all answerable questions",
            "answer all": "the same for any sentence, over all answerable questions",
            "passage": "an answer string is in the passage found first; where a gold article holds one",
            "cited first": "the first citation is of a gold article, or of one in `also`",
            "cited any": "any citation is",
            "verbatim": "every quote of the answer stands in its article, letter by letter",
            "differs": "right and wrong answer are shown as a difference; where false articles are known",
        },
        KEEPING: {
            "precision": "share of the not_found that are unanswerable",
            "recall": "share of the unanswerable that are not_found",
            "kept": "share of the answerable that are answered",
            "balanced": "mean of `recall` and `kept`",
            "auc": "how often an answerable question has more confidence than an unanswerable one",
            "right": "answered with an answer string (else a gold article), or rightly not_found",
        },
        SPEED: {
            "p50 ms": "milliseconds of an answer: half take no longer",
            "p95 ms": "95 of 100 take no longer",
        },
        WRITING: {
            "cite recall": "share of an answer's sentences that the quotes behind them support (ALCE)",
            "cite prec.": "share of its citations that support their sentence, alone or as a part (ALCE)",
            "held": "share of the sentences that the model wrote that hold against their quotes",
            "written": "the answer is the model's",
            "denied": "it found that the evidence does not answer: not_found",
            "away": "the articles' own words, since its server did not answer",
            "late": "since it was too slow",
            "busy": "since too many asked at once",
            "spent": "since the budget of the day was spent",
            "spent each": "since the budget of the person was spent",
            "unusable": "since nothing that it wrote holds",
        },
        TAKING: {
            "tokens in": "tokens that it read",
            "tokens out": "tokens that it wrote",
            "cost": "money, by FOOTNOTE_LLM_PRICE_IN and FOOTNOTE_LLM_PRICE_OUT",
        },
    }.items()
    for key, meaning in rows.items()
)
"""All measures, in the order of the table. Their sources are named in `index/measuring.py`."""
LEGEND = (
    "Finding and answering are measured as if careful were 0, keeping silent at the setting (--careful, "
    "FOOTNOTE_CAREFUL), and answers are the articles' own words. With --llm, a language model writes them "
    "and all is measured at the setting. Gold articles are those of `articles`. Strings are compared in "
    "lower case, by whole words, without punctuation. The interval holds a figure with 95% confidence "
    "(bootstrap over questions)."
)


def plain(text: str) -> str:
    """Lower case, words only, one space between them."""
    return re.sub(r"\W+", " ", text.lower()).strip()


def holds(texts: Iterable[str], answers: Sequence[str]) -> bool:
    """Whether any of the texts holds any of the strings, as whole words."""
    wanted = [f" {words} " for answer in answers if (words := plain(answer))]
    return any(words in f" {plain(text)} " for text in texts for words in wanted)

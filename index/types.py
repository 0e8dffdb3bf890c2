"""The values that flow between the stages.

Everything is frozen: a stage returns a new value and never changes one it was given.
Offsets count Unicode code points in `Article.text`, half open: `text[start:end]`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of an article's text, half open."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of whole sentences that fits the embedding model's window."""

    id: str
    """Deterministic: the same article, place and words give the same id on every machine."""
    article_id: str
    start: int
    end: int
    text: str
    """Equal to `Article.text[start:end]`."""
    headline: str
    """The article's headline, cut to what the model reads of it; may be empty."""
    sentences: tuple[Span, ...]
    """Offsets into the article's text, in order, covering the passage's words."""

    @property
    def embedded(self) -> str:
        """What the model reads: the headline, a line break, and the text."""
        return f"{self.headline}\n{self.text}" if self.headline else self.text


@dataclass(frozen=True, slots=True)
class Card:
    """What a face shows of an article without its text."""

    id: str
    title: str
    source: str | None
    url: str | None
    published: date | None
    author: str | None = None
    opening: str = ""
    """The article's first words: stands in for a headline where the file shows none."""

    @property
    def label(self) -> str:
        """The headline, or the article's first words, or its id. Never empty."""
        return self.title or self.opening or self.id


@dataclass(frozen=True, slots=True)
class Filters:
    """Limits a question to an outlet and to days of publication (both ends included).

    An article whose outlet or day is unknown does not pass a filter on it.
    """

    source: str | None = None
    after: date | None = None
    before: date | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A question as a face hands it in."""

    text: str
    filters: Filters = Filters()
    asked: date | None = None
    """The day on which it is asked; "last week" is relative to it. None: today."""
    careful: float | None = None
    """Confidence below which the outcome is not_found, 0 to 1. None: the setting."""
    earlier: tuple[Turn, ...] = ()
    """The conversation so far, oldest first, for follow-ups."""
    person: str = ""
    """Who asks, by any name that stays, for the budget of each; empty: nobody in particular."""
    plain: bool = False
    """Answer in the articles' own words, though a language model is set."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier exchange of the same conversation."""

    question: str
    """The question in full, as `Answer.understood` gives it."""
    answer: str
    """The first sentence of the answer; empty for not_found."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that retrieval found."""

    passage: Passage
    card: Card
    score: float
    """Fused score, 0 to 1, comparable within one question only."""
    similarity: float
    """Cosine between question and passage, -1 to 1; 0 where dense search did not return it."""
    more: int = 0
    """Further passages of the same article that were found too."""
    matched: tuple[Span, ...] = ()
    """Where words of the query stand in `passage.text`, in order."""


@dataclass(frozen=True, slots=True)
class Citation:
    """A verbatim quote and where it stands."""

    number: int
    article: Card
    quote: str
    start: int
    end: int
    link: str | None
    """The article's URL with a text fragment that jumps to the quote; None without a URL."""
    translation: str = ""
    """The quote in the answer's language, by a language model; empty where that is the article's own."""


@dataclass(frozen=True, slots=True)
class AnswerSentence:
    """One sentence of an answer and the numbers of the citations behind it."""

    text: str
    citations: tuple[int, ...]
    translation: str = ""
    """The sentence in the answer's language, by a language model; empty where `text` is in it already."""


Silence = Literal["", "away", "late", "busy", "spent", "spent_each", "unusable"]
"""Why a language model that is set did not write an answer: its server does not answer, it was too slow, too
many ask at once, the budget of the day, or of the person, is spent, nothing that it wrote holds."""


@dataclass(frozen=True, slots=True)
class Writing:
    """What a language model did for an answer."""

    written: int = 0
    """Sentences that it wrote."""
    held: int = 0
    """Those of them that hold against their quotes, and are shown."""
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float | None = None
    """In the money of the settings' prices; None where they are not set."""
    silence: Silence = ""
    denied: bool = False
    """Whether it found that the evidence does not answer, so that the outcome is not_found."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What some sources say on a point. Two claims with the same `about`: the sources differ."""

    about: str
    claim: str
    citations: tuple[int, ...]
    day: date | None = None
    """The day of its article, where articles of different days make different claims: both may be true."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question gets. `not_found` has no sentences and no citations."""

    question: str
    outcome: Literal["answered", "not_found"]
    sentences: tuple[AnswerSentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    agreement: tuple[Claim, ...] = ()
    nearest: tuple[Card, ...] = ()
    as_of: date | None = None
    confidence: float | None = None
    """How likely it is that the best sentences found answer the question, 0 to 1."""
    writer: str = "extractive"
    seconds: float = 0.0
    understood: str = ""
    """The full question that a follow-up was read as; equal to `question` otherwise."""
    missing: tuple[str, ...] = ()
    """Words of the question that no article contains."""
    writing: Writing | None = None
    """None where no language model is set, or none was asked."""
    language: str = ""
    """The language of the translations (ISO 639-1); empty where there are none."""

    @property
    def differences(self) -> tuple[tuple[Claim, ...], ...]:
        """The points on which sources differ: groups of two or more claims."""
        groups: dict[str, list[Claim]] = {}
        for claim in self.agreement:
            groups.setdefault(claim.about, []).append(claim)
        return tuple(tuple(group) for group in groups.values() if len(group) > 1)

    @property
    def changes(self) -> tuple[Claim, ...]:
        """What changed over time, as articles of different days have it, by these days."""
        dated = [(claim.day, claim) for claim in self.agreement if claim.day]
        return tuple(claim for _, claim in sorted(dated, key=lambda pair: pair[0])) if len(dated) > 1 else ()


@dataclass(frozen=True, slots=True)
class Context:
    """A quote as it stands in its article, with the sentences around it."""

    before: str
    """The sentence before the quote; empty where the quote begins the article."""
    quote: str
    after: str


Verdict = Literal["supported", "differs", "not_found"]


@dataclass(frozen=True, slots=True)
class CheckedClaim:
    """A claim from outside, held against the articles."""

    claim: str
    verdict: Verdict
    citations: tuple[Citation, ...] = ()
    """What supports it, or what differs; numbered through the whole check. Empty for not_found."""
    difference: str = ""
    """What differs, as the claim and as the articles have it: "40, the articles say 30"."""


@dataclass(frozen=True, slots=True)
class Event:
    """A dated fact of a timeline."""

    first: date
    last: date
    """The days that it may mean, both included: one day, a month or a year."""
    stated: bool
    """Whether the sentence itself names the day; else it is the day of the article."""
    sentence: str
    citation: Citation

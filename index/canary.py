"""A moderator's own questions, asked again: whether fewer are answered right than the last time.

A fall is told where the questions that were lost outnumber those that were gained by more than a coin
would bring about: the exact one-sided sign test (McNemar, Note on the sampling error of the difference
between correlated proportions, 1947) below 0.05. So it takes at least five lost questions with none
gained, or seven with one gained. Only questions that both runs asked in the same words are compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from typing import Literal, Protocol

from index.errors import QuestionError
from index.measures import Case, holds
from index.types import Answer, Question

CHANCE = 0.05
Right = Literal["answer", "outcome"]


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of one question, with careful at the setting and no language model."""

    id: str
    question: str
    outcome: bool
    """Whether it was answered where it can be, and not_found where it cannot."""
    answer: bool | None
    """Whether the answer holds an answer string, else cites a gold article; None where none was due."""


@dataclass(frozen=True, slots=True)
class Fall:
    """Right answers or right outcomes have become fewer."""

    what: Right
    before: int
    after: int
    of: int
    lost: tuple[str, ...]
    """Ids of the questions that were right the last time."""

    def __str__(self) -> str:
        """As the history keeps it, in no language."""
        return f"{self.before} → {self.after} / {self.of} ({', '.join(self.lost)})"


class Asked(Protocol):
    """What the canary needs of the desk."""

    async def ask(self, question: Question) -> Answer:
        """Answer a question. Raises QuestionError."""
        ...


async def listen(desk: Asked, cases: Sequence[Case]) -> list[Heard]:
    """Ask all questions, one after the other, for answers in the articles' own words.

    What a refresh can spoil is the evidence. A language model would cost money after each one, and is not
    the same twice.
    """
    return [await _one(desk, case) for case in cases]


def falls(before: Sequence[Heard], after: Sequence[Heard]) -> list[Fall]:
    """What fell by more than chance; see the top of this page."""
    old = {(each.id, each.question): each for each in before}
    both = [(old[same], each) for each in after if (same := (each.id, each.question)) in old]
    answers = [(a.answer, b.answer, b.id) for a, b in both if a.answer is not None and b.answer is not None]
    outcomes = [(a.outcome, b.outcome, b.id) for a, b in both]
    found = (_fall("answer", answers), _fall("outcome", outcomes))
    return [fall for fall in found if fall is not None]


def right(heard: Sequence[Heard], what: Right) -> tuple[int, int]:
    """How many are right, and of how many."""
    told = [each.outcome if what == "outcome" else each.answer for each in heard]
    return sum(one is True for one in told), sum(one is not None for one in told)


def _fall(what: Right, pairs: Sequence[tuple[bool, bool, str]]) -> Fall | None:
    lost = tuple(id_ for was, now, id_ in pairs if was and not now)
    gained = sum(now and not was for was, now, _ in pairs)
    if chance(len(lost), gained) >= CHANCE:
        return None
    return Fall(what, sum(was for was, _, _ in pairs), sum(now for _, now, _ in pairs), len(pairs), lost)


def chance(lost: int, gained: int) -> float:
    """How often a fair coin, thrown for each question that changed, says "lost" so often or more often."""
    changed = lost + gained
    return sum(comb(changed, number) for number in range(lost, changed + 1)) / float(2**changed)


async def _one(desk: Asked, case: Case) -> Heard:
    try:
        answer = await desk.ask(Question(case.question, asked=case.asked, plain=True))
    except QuestionError:
        answer = Answer(case.question, "not_found")
    answered = answer.outcome == "answered"
    if not case.answerable:
        return Heard(case.id, case.question, not answered, None)
    good = answered
    if answered and case.answers:
        good = holds([sentence.text for sentence in answer.sentences], case.answers)
    elif answered and case.articles:
        good = any(cited.article.id in {*case.articles, *case.also} for cited in answer.citations)
    return Heard(case.id, case.question, answered, good)

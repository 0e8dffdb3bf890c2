"""What a language model made of the evidence: how well it cites, and what became of its answers. Pure.

Citation recall and precision are those of ALCE (Gao et al., Enabling large language models to generate text
with citations, 2023). A sentence is recalled where the quotes behind it, taken together, support it. A
citation is precise where its sentence is recalled and it is not irrelevant; irrelevant is one that does not
support the sentence alone, while the others do without it. Both are shares of one answer: of its sentences,
and of its citations. There a model of entailment judges; here whoever is handed in as `Judge`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, get_args

from index.measures import Outcome
from index.types import Answer, Citation, Silence, Writing

SILENCES: tuple[str, ...] = tuple(filter(None, get_args(Silence)))


class Judge(Protocol):
    """Says whether quotes, taken together, support a sentence."""

    def __call__(self, sentence: str, quotes: Sequence[Citation]) -> bool:
        """`quotes` holds one at least."""
        ...


@dataclass(frozen=True, slots=True)
class Taken:
    """What a language model took for a set of questions, in all."""

    questions: int
    """That it was asked, or would have been, had it not been away or its budget spent."""
    tokens_in: int
    tokens_out: int
    cost: float | None
    """None where no prices are set."""


def built_in(threads: int) -> Judge:
    """The checker that every written sentence has to pass, as a judge; a quote itself is always supported.

    It loads the bundled model at the first sentence.
    """
    from index.embedding import BundledEmbedder
    from index.supporting import Checker, Quote

    checker = Checker(BundledEmbedder(threads=threads))

    def judge(sentence: str, quotes: Sequence[Citation]) -> bool:
        if any(each.quote == sentence for each in quotes):
            return True
        return checker.supports(sentence, [Quote.of(each) for each in quotes]).holds

    return judge


def cited(answer: Answer, judge: Judge) -> dict[str, float]:
    """The marks of an answer for its citations; none where it has no sentences."""
    if not answer.sentences:
        return {}
    by_number = {each.number: each for each in answer.citations}
    recalled = precise = total = 0
    for sentence in answer.sentences:
        quotes = [by_number[number] for number in sentence.citations if number in by_number]
        total += len(sentence.citations)
        if len(quotes) < len(sentence.citations) or not quotes or not judge(sentence.text, quotes):
            continue
        recalled += 1
        precise += sum(_relevant(sentence.text, place, quotes, judge) for place in range(len(quotes)))
    return {"cite recall": recalled / len(answer.sentences), "cite prec.": precise / total if total else 0.0}


def _relevant(sentence: str, place: int, quotes: Sequence[Citation], judge: Judge) -> bool:
    others = [*quotes[:place], *quotes[place + 1 :]]
    return not others or judge(sentence, [quotes[place]]) or not judge(sentence, others)


def became(writing: Writing | None) -> dict[str, float]:
    """The marks for what became of an answer; none where no language model was to write it."""
    if writing is None:
        return {}
    made = {"written": not writing.silence and not writing.denied, "denied": writing.denied}
    made |= {each.replace("_", " "): writing.silence == each for each in SILENCES}
    return {key: float(value) for key, value in made.items()}


def taken(outcomes: Iterable[Outcome]) -> Taken:
    """What was taken in all."""
    found = [each.writing for each in outcomes if each.writing is not None]
    costs = [each.cost for each in found if each.cost is not None]
    return Taken(
        len(found),
        sum(each.tokens_in for each in found),
        sum(each.tokens_out for each in found),
        sum(costs) if costs else None,
    )

"""Sentences of different articles that say the same but for the answer: where the sources differ. Pure.

Each pair is laid side by side (`aligning.py`). It is a difference where what they have in common is most of
them, both speak to the question, and the stretches that differ are short answers of the wanted kind
(`answer_slots.py`) that cannot both be true (`values.py`). Three ways lead there:

- a copy: what stands around the sentences is the same in both articles, as in two versions of one story;
- a sentence of each about the same thing, which names what the question names;
- a sentence of each that states the answer outright (`stating.py`), in whatever words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from index.aligning import Alignment, align, read
from index.answer_slots import answer_slot, one_sentence, point, same_otherwise, same_words, shown, years_in
from index.evidence import Evidence
from index.judging import Judged
from index.stating import contradict, stated
from index.wanted import TITLES, Wanted
from index.words import stems

RELEVANT = 0.5
"""Both sentences need this share of the best one's score."""
RELEVANT_COPY = 0.35
"""The same for a copy."""
MOST = 40
"""Sentences that are held against each other."""
LEADING = 8
"""The articles of so many first sentences are about what the question is about, also where one of its names
is missing around a sentence."""
ANSWERS = 4
"""So many first sentences are, or nearly are, the answer."""
ALIKE = 0.5
"""Share of common words below which two sentences are not laid side by side."""
COPY = 0.6
"""Share of common words around two sentences from which one article copies the other."""
NAMED = 0.45
"""Of the question's names, the share that a copy may still hold where its articles are the best found."""
CONTEXT = 12
"""Fewer words around a sentence tell nothing of its article."""
COVER = 0.5
"""Of the question's words, the share that each of two independent sentences holds."""


@dataclass(frozen=True, slots=True)
class Contest:
    """Two sentences that give different answers, and the answers."""

    first: Evidence
    second: Evidence
    told: tuple[str, str]
    copied: bool


def contests(judged: Judged, further: Sequence[Evidence] = ()) -> list[Contest]:
    """All pairs of sentences that differ on the point of the question, the most relevant first.

    `further`: sentences that are no candidates for the answer, of passages like those that are.
    """
    kind = point(judged.asked)
    if kind is None or not judged.sentences:
        return []
    scene = _Scene(judged, kind, further)
    made = [contest for pair in scene.pairs() if (contest := scene.contest(*pair)) is not None]
    return sorted(made, key=lambda each: -each.first.score - each.second.score)


class _Scene:
    """The sentences of a question with what stands around each."""

    def __init__(self, judged: Judged, kind: Wanted, further: Sequence[Evidence]) -> None:
        best = judged.sentences[0].score
        self._asked, self._kind = judged.asked, kind
        self._enough = best - (1 - RELEVANT) * abs(best)
        every = [*judged.sentences[:MOST], *further]
        self._pool = [each for each in every if each.score >= best - (1 - RELEVANT_COPY) * abs(best)]
        self._first = {id(each) for each in judged.sentences[:ANSWERS]}
        self._leaders = {each.card.id for each in judged.sentences[:LEADING]}
        self._names = [term for term in judged.asked.terms if term.name and term.word.lower() not in TITLES]
        self._around: dict[str, list[Evidence]] = {}
        for each in (*judged.sentences, *further):
            self._around.setdefault(each.passage_id, []).append(each)

        self._stated = {
            id(each): stated(each.text, judged.asked) for each in self._pool if each.score >= self._enough
        }

    def pairs(self) -> Iterator[tuple[Evidence, Evidence]]:
        """Sentences of different articles that may be worth to be laid side by side."""
        for first, second in combinations(self._pool, 2):
            if first.card.id != second.card.id and (
                _overlap(stems(first.text), stems(second.text)) >= ALIKE or self._both_state(first, second)
            ):
                yield first, second

    def _both_state(self, first: Evidence, second: Evidence) -> bool:
        return bool(self._stated.get(id(first)) and self._stated.get(id(second)))

    def contest(self, first: Evidence, second: Evidence) -> Contest | None:
        """The difference of two sentences; None where there is none for sure."""
        alignment = align(first.text, second.text)
        if alignment is None:
            return None
        return self._edited(alignment, first, second) or self._alone(alignment, first, second)

    def _edited(self, alignment: Alignment, first: Evidence, second: Evidence) -> Contest | None:
        """Where one of two copies was changed."""
        slot = answer_slot(alignment, first, second, self._asked, self._kind, strictly=False)
        if (
            slot is None
            or not one_sentence(slot, alignment, first, second)
            or not self._copied(first, second)
            or not self._fits(first, second)
        ):
            return None
        return Contest(first, second, shown(slot, first, second, self._kind), copied=True)

    def _alone(self, alignment: Alignment, first: Evidence, second: Evidence) -> Contest | None:
        """Where two independent sentences are alike but for the answer, or state it outright."""
        if not self._independent(first, second):
            return None
        alike = same_words(self._asked, first, second)
        slot = answer_slot(alignment, first, second, self._asked, self._kind, strictly=True)
        if slot and alike and same_otherwise(slot, alignment, first, second, self._asked):
            return Contest(first, second, shown(slot, first, second, self._kind), copied=False)
        mine, theirs = self._stated.get(id(first)), self._stated.get(id(second))
        if not mine or not theirs or not contradict(mine, theirs):
            return None
        years = years_in(first.text), years_in(second.text)
        if mine.kind is not Wanted.DATE and all(years) and not years[0] & years[1]:
            return None
        return Contest(first, second, (mine.told, theirs.told), copied=False)

    def _copied(self, first: Evidence, second: Evidence) -> bool:
        """Whether one article copies the other around these sentences, names and figures included."""
        return all(
            _overlap(read_beside(first), read_beside(second)) >= COPY
            for read_beside in (self._beside, self._particular)
        )

    def _beside(self, sentence: Evidence) -> frozenset[str]:
        """Stems of what stands around a sentence; none where that is too little to tell."""
        others = (each for each in self._around[sentence.passage_id] if each is not sentence)
        held = frozenset[str]().union(*(stems(each.text) for each in others))
        return held if len(held) >= CONTEXT else frozenset()

    def _particular(self, sentence: Evidence) -> frozenset[str]:
        """Names and figures around a sentence: those of a form letter differ, those of a copy do not."""
        return frozenset(
            word.stem
            for each in self._around[sentence.passage_id]
            if each is not sentence
            for word in read(each.text)
            if word.content and (word.text[0].isupper() or word.text[0].isdigit())
        )

    def _fits(self, first: Evidence, second: Evidence) -> bool:
        """Whether both copies are about what the question names, as far as they still name it.

        What is itself the answer is, whatever it lacks.
        """
        if {id(first), id(second)} <= self._first:
            return True
        least = 1.0 if self._leaders.isdisjoint((first.card.id, second.card.id)) else NAMED
        return min(self._named(first), self._named(second)) >= least

    def _named(self, sentence: Evidence) -> float:
        """Of the question's names, by weight, the share that the passage holds."""
        held = stems(sentence.card.title).union(*map(stems, self._texts(sentence)))
        total = sum(term.weight for term in self._names)
        return sum(term.weight for term in self._names if term.forms & held) / total if total else 1.0

    def _texts(self, sentence: Evidence) -> list[str]:
        return [each.text for each in self._around[sentence.passage_id]]

    def _independent(self, first: Evidence, second: Evidence) -> bool:
        """Whether each by itself speaks to the question."""
        return all(
            each.score >= self._enough and each.feature("names") >= 1.0 and each.feature("cover") >= COVER
            for each in (first, second)
        )


def _overlap(first: frozenset[str], second: frozenset[str]) -> float:
    fewest = min(len(first), len(second))
    return len(first & second) / fewest if fewest else 0.0

"""Sentences of different articles that say the same but for the answer: where the sources differ. Pure.

Each pair is laid side by side (`aligning.py`). It is a difference where what they have in common is most of
them, both speak to the question, and the stretches that differ are short answers of the wanted kind
that cannot both be true (`values.py`). Two ways lead there:

- a copy: what stands around the sentences is the same in both articles, as in two versions of one story;
- a sentence of each about the same thing, which names what the question names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from index.aligning import Alignment, Slot, Word, align, read
from index.asked import Asked
from index.evidence import Evidence, Judged
from index.values import compatible, has, telling, whole
from index.wanted import TITLES, Wanted
from index.words import stem, stems

RELEVANT = 0.5
"""Both sentences need this share of the best one's score."""
RELEVANT_COPY = 0.35
"""The same for a copy."""
MOST = 40
"""Sentences that are held against each other."""
LEADING = 8
"""The articles of so many first sentences are about what the question is about, also where one of its names
is missing around a sentence."""
ALIKE = 0.5
"""Share of common words below which two sentences are not laid side by side."""
COPY = 0.6
"""Share of common words around two sentences from which one article copies the other."""
COPY_FRAME = 0.5
"""Of the shorter sentence without its answer: the share in common that is enough in a copy."""
FRAME = 0.8
"""The same elsewhere."""
SAME_PLACE = 0.95
"""Cosine from which two sentences of copies are the same one, however it was rewritten."""
NAMED = 0.45
"""Of the question's names, the share that a copy may still hold where its articles are the best found."""
COPY_WORDS, PLACE_WORDS, WORDS = 3, 2, 4
"""Words of meaning in common, likewise."""
CONTEXT = 12
"""Fewer words around a sentence tell nothing of its article."""
COVER = 0.5
"""Of the question's words, the share that each of two independent sentences holds."""
LONGEST = 8
"""Words of an answer."""
NUMERIC = frozenset(
    map(
        stem,
        """population size length height area capacity distance age salary cost price budget number total
        percentage attendance elevation weight width depth speed toll turnout""".split(),
    )
)
"""What is told in figures."""
VERBS = frozenset(
    """is are was were be been has have had will would can could may might must should do does did who which
    that he she it they we i you not""".split()
)
"""Small words that no short answer holds."""
_YEAR = re.compile(r"\b(?:1\d|20)\d\d\b")


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


def point(asked: Asked) -> Wanted | None:
    """The kind of answer that can differ; None where the question asks for no short one."""
    if asked.kind is Wanted.WORDS or not asked.short:
        return None
    if asked.kind is Wanted.ANYTHING and any(term.stem in NUMERIC for term in asked.terms):
        return Wanted.NUMBER
    return asked.kind


class _Scene:
    """The sentences of a question with what stands around each."""

    def __init__(self, judged: Judged, kind: Wanted, further: Sequence[Evidence]) -> None:
        best = judged.sentences[0].score
        self._asked, self._kind = judged.asked, kind
        self._enough = best - (1 - RELEVANT) * abs(best)
        every = [*judged.sentences[:MOST], *further]
        self._pool = [each for each in every if each.score >= best - (1 - RELEVANT_COPY) * abs(best)]
        self._leaders = {each.card.id for each in judged.sentences[:LEADING]}
        self._names = [term for term in judged.asked.terms if term.name and term.word.lower() not in TITLES]
        self._around: dict[str, list[Evidence]] = {}
        for each in (*judged.sentences, *further):
            self._around.setdefault(each.passage_id, []).append(each)

    def pairs(self) -> Iterator[tuple[Evidence, Evidence]]:
        """Sentences of different articles that may be worth to be laid side by side."""
        for first, second in combinations(self._pool, 2):
            if first.card.id != second.card.id and _overlap(stems(first.text), stems(second.text)) >= ALIKE:
                yield first, second

    def contest(self, first: Evidence, second: Evidence) -> Contest | None:
        """The difference of two sentences; None where there is none for sure."""
        alignment = align(first.text, second.text)
        slot = _answer(alignment, first, second, self._asked, self._kind) if alignment else None
        if alignment is not None and slot is not None:
            copied = self._copied(first, second)
            told = shown(slot, first, second, self._kind)
            if copied and self._fits(first, second) and _edited(slot, alignment, first, second):
                return Contest(first, second, told, copied=True)
            if self._independent(first, second) and _same_otherwise(
                slot, alignment, first, second, self._asked
            ):
                return Contest(first, second, told, copied)
        return None

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
        """Whether both copies are about what the question names, as far as they still name it."""
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
        """Whether each by itself speaks to the question, in the same words of it."""
        return same_words(self._asked, first, second) and all(
            each.score >= self._enough and each.feature("names") >= 1.0 and each.feature("cover") >= COVER
            for each in (first, second)
        )


def same_words(asked: Asked, first: Evidence, second: Evidence) -> bool:
    """Whether two sentences hold the same words of the question."""
    mine, theirs = stems(first.text), stems(second.text)
    return all(bool(term.forms & mine) == bool(term.forms & theirs) for term in asked.terms)


def _overlap(first: frozenset[str], second: frozenset[str]) -> float:
    fewest = min(len(first), len(second))
    return len(first & second) / fewest if fewest else 0.0


def _answer(
    alignment: Alignment, first: Evidence, second: Evidence, asked: Asked, kind: Wanted
) -> Slot | None:
    """The slot that answers the question otherwise in each."""
    names = frozenset[str]().union(
        *(term.forms for term in asked.terms if term.name and not term.stem.isdigit())
    )
    said = frozenset[str]().union(*(term.forms for term in asked.terms))
    for slot in alignment.slots:
        told = shown(slot, first, second, kind)
        if any(len(text.split()) > LONGEST or not has(text, kind) for text in told):
            continue
        if any(names & stems(text) or telling(text) <= said or _is_no_phrase(text) for text in told):
            continue
        if not compatible(*told, kind):
            return slot
    return None


def shown(slot: Slot, first: Evidence, second: Evidence, kind: Wanted) -> tuple[str, str]:
    """The answers in the articles' words: a date whole, also where only its year differs."""
    return _widened(slot.first, first.text, kind), _widened(slot.second, second.text, kind)


def _is_no_phrase(text: str) -> bool:
    """Whether a stretch holds a verb, or ends in the middle: "was a member of", "agreed to supply"."""
    words = read(text)
    small = {word.text.lower() for word in words if not word.content}
    last = words[-1]
    begins = words[0].text.islower() and words[0].text.endswith(("ed", "ing"))
    return bool(small & VERBS) or begins or (not last.content and last.text.islower())


def _widened(words: Sequence[Word], text: str, kind: Wanted) -> str:
    return whole(text, words[0].start, words[-1].end, kind)


def _edited(slot: Slot, alignment: Alignment, first: Evidence, second: Evidence) -> bool:
    """Whether one sentence of two copies is the other with another answer."""
    common, share = _frame(slot, alignment, first, second)
    if float(first.vector @ second.vector) >= SAME_PLACE:
        return common >= PLACE_WORDS
    return common >= COPY_WORDS and share >= COPY_FRAME


def _same_otherwise(
    slot: Slot, alignment: Alignment, first: Evidence, second: Evidence, asked: Asked
) -> bool:
    """Whether independent sentences are the same but for the answer, and speak of the same thing and time."""
    common, share = _frame(slot, alignment, first, second)
    if common < WORDS or share < FRAME:
        return False
    for other in alignment.slots:
        told = shown(other, first, second, Wanted.ANYTHING)
        if other is not slot and any(map(_tells_apart, told)):
            return False
    return _years(first.text) == _years(second.text) or asked.kind is Wanted.DATE


def _frame(slot: Slot, alignment: Alignment, first: Evidence, second: Evidence) -> tuple[int, float]:
    """Words of meaning in common, and their share of the shorter sentence without its answer."""
    rest = min(
        sum(word.content for word in read(first.text)) - sum(word.content for word in slot.first),
        sum(word.content for word in read(second.text)) - sum(word.content for word in slot.second),
    )
    common = len(alignment.common)
    return common, common / max(rest, 1)


def _tells_apart(text: str) -> bool:
    return any(word.text[0].isupper() or word.text[0].isdigit() for word in read(text) if word.content)


def _years(text: str) -> frozenset[str]:
    return frozenset(_YEAR.findall(text))

"""Of the stretches in which two sentences differ, the one that answers the question. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.aligning import Alignment, Slot, Word, read
from index.asked import Asked
from index.evidence import Evidence
from index.values import compatible, has, telling, whole
from index.wanted import Wanted
from index.words import stem, stems

COPY_FRAME = 0.5
"""Of the shorter sentence without its answer: the share in common that is enough in a copy."""
FRAME = 0.8
"""The same elsewhere."""
SAME_PLACE = 0.95
"""Cosine from which two sentences of copies are the same one, however it was rewritten."""
COPY_WORDS, PLACE_WORDS, WORDS = 3, 2, 4
"""Words of meaning in common: in a copy, in a sentence rewritten, elsewhere."""
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


def point(asked: Asked) -> Wanted | None:
    """The kind of answer that can differ; None where the question asks for no short one."""
    if asked.kind is Wanted.WORDS or not asked.short:
        return None
    if asked.kind is Wanted.ANYTHING and any(term.stem in NUMERIC for term in asked.terms):
        return Wanted.NUMBER
    return asked.kind


def same_words(asked: Asked, first: Evidence, second: Evidence) -> bool:
    """Whether two sentences hold the same words of the question."""
    mine, theirs = stems(first.text), stems(second.text)
    return all(bool(term.forms & mine) == bool(term.forms & theirs) for term in asked.terms)


def answer_slot(
    alignment: Alignment, first: Evidence, second: Evidence, asked: Asked, kind: Wanted, *, strictly: bool
) -> Slot | None:
    """The slot that answers the question otherwise in each; `strictly` with nothing but the answer."""
    names = frozenset[str]().union(
        *(term.forms for term in asked.terms if term.name and not term.stem.isdigit())
    )
    said = frozenset[str]().union(*(term.forms for term in asked.terms))
    for slot in alignment.slots:
        told = shown(slot, first, second, kind)
        if any(len(text.split()) > LONGEST or not has(text, kind, strictly=strictly) for text in told):
            continue
        if any(names & stems(text) or _is_no_phrase(text) for text in told):
            continue
        if kind is not Wanted.NUMBER and any(telling(text) <= said for text in told):
            continue
        if not compatible(*told, kind) and not _says_both(told, first.text, second.text):
            return slot
    return None


def shown(slot: Slot, first: Evidence, second: Evidence, kind: Wanted) -> tuple[str, str]:
    """The answers in the articles' words: a date whole, also where only its year differs."""
    return _widened(slot.first, first.text, kind), _widened(slot.second, second.text, kind)


def _says_both(told: tuple[str, str], first: str, second: str) -> bool:
    """Whether each sentence has the other's answer too, elsewhere."""
    return telling(told[1]) <= stems(first) and telling(told[0]) <= stems(second)


def _is_no_phrase(text: str) -> bool:
    """Whether a stretch holds a verb, or ends in the middle: "was a member of", "agreed to supply"."""
    words = read(text)
    small = {word.text.lower() for word in words if not word.content}
    last = words[-1]
    begins = words[0].text.islower() and words[0].text.endswith(("ed", "ing"))
    cut = any(text.count(a) != text.count(b) for a, b in ("()", "[]"))
    return cut or bool(small & VERBS) or begins or (not last.content and last.text.islower())


def _widened(words: Sequence[Word], text: str, kind: Wanted) -> str:
    return whole(text, words[0].start, words[-1].end, kind)


def one_sentence(slot: Slot, alignment: Alignment, first: Evidence, second: Evidence) -> bool:
    """Whether one sentence of two copies is the other with another answer."""
    common, share = _frame(slot, alignment, first, second)
    if float(first.vector @ second.vector) >= SAME_PLACE:
        return common >= PLACE_WORDS
    return common >= COPY_WORDS and share >= COPY_FRAME


def same_otherwise(slot: Slot, alignment: Alignment, first: Evidence, second: Evidence, asked: Asked) -> bool:
    """Whether independent sentences are the same but for the answer, and speak of the same thing and time."""
    common, share = _frame(slot, alignment, first, second)
    if common < WORDS or share < FRAME:
        return False
    for other in alignment.slots:
        told = shown(other, first, second, Wanted.ANYTHING)
        if other is not slot and any(map(_tells_apart, told)):
            return False
    return years_in(first.text) == years_in(second.text) or asked.kind is Wanted.DATE


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


def years_in(text: str) -> frozenset[str]:
    """The years that a text names."""
    return frozenset(_YEAR.findall(text))

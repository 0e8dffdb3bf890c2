"""Follow-ups: "and Romania?" after a question is read as a full question. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.asked import KIND_WORDS, action
from index.types import Turn
from index.wanted import Wanted, mentions, named_countries
from index.words import content

_OPENS = re.compile(r"^\s*(?:and|but|or|also|what\s+about|how\s+about|what\s+of)\b[\s,:]*", re.I)
_POINTS_BACK = re.compile(
    r"\b(?:that|this|it|its|they|them|their|these|those|there|then|he|him|his|she|her|hers|so)\b", re.I
)
_PERSONAL = re.compile(r"\b(?:he|him|his|she|her|hers)\b", re.I)
_QUESTION_WORD = re.compile(r"\b(?:who|whom|whose|what|which|when|where|why|how)\b", re.I)
_PREPOSITION = re.compile(r"^(?:of|in|for|about|at|on|to|from|by|with|since|during|after|before)\s+", re.I)
_KINDS = frozenset(word for kinds in KIND_WORDS.values() for word in kinds)
_BARE = 2
"""A question of at most so many words of meaning that points back is about what was said before."""


def understood(question: str, earlier: Sequence[Turn]) -> str:
    """The question in full: itself, or what a follow-up means after the earlier turns."""
    if not earlier:
        return question
    last = earlier[-1]
    opened = _OPENS.match(question)
    rest = question[opened.end() :] if opened else question
    if opened and not _QUESTION_WORD.search(rest) and not _has_verb(rest):
        return _swapped(last.question, rest)
    if len(content(rest)) <= _BARE and (_POINTS_BACK.search(rest) or _is_bare(rest)):
        return _about(rest, last)
    return question


def _swapped(before: str, topic: str) -> str:
    """The earlier question with its country replaced by the new one, or else with the topic added."""
    plain = topic.strip().rstrip("?!. ")
    bare = _PREPOSITION.sub("", plain)
    new = named_countries(_titled(bare))
    old = [name for name in named_countries(before) if re.search(rf"\b{re.escape(name)}\b", before)]
    if new and len(old) == 1:
        return re.sub(rf"\b{re.escape(old[0])}\b", lambda _: _titled(bare), before)
    return f"{before.rstrip('?!. ')}{' ' if bare != plain else ': '}{plain}?"


def _about(rest: str, last: Turn) -> str:
    """A question that points back, followed by what the earlier one was about, or by whom it named."""
    verb = action(last.question)
    said = [word for word in content(last.question) if word != verb and word.lower() not in _KINDS]
    people = mentions(last.answer, Wanted.PERSON)
    if people and _PERSONAL.search(rest):
        said = [last.answer[people[0].start : people[0].end]]
    return f"{rest.strip().rstrip('?!. ')}: {' '.join(said)}?"


def _is_bare(rest: str) -> bool:
    """Whether it is no more than "when?", "why?" or "how many?"."""
    return bool(_QUESTION_WORD.match(rest.strip())) and not content(rest)


def _has_verb(rest: str) -> bool:
    return bool(
        re.search(r"\b(?:is|are|was|were|did|do|does|has|have|had|will|would|can|could)\b", rest, re.I)
    )


def _titled(topic: str) -> str:
    return " ".join(word if word[:1].isupper() else word[:1].upper() + word[1:] for word in topic.split())

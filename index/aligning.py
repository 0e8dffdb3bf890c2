"""Two sentences laid side by side: what they have in common, and where they say something else. Pure.

Sentences that are copies of one another but for a few words differ just there: "It was founded in 1950
by monks" and "It was founded in 1960 by monks". Those stretches are called slots.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from index.words import STOPWORDS, WORD, fold, stem

LONGEST = 90
"""Words of a sentence; a longer one is a table or a list that was not cut."""
BRIDGE = 2
"""So many small words between two slots belong to them: "purple to brown" against "green to yellow"."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word where it stands."""

    text: str
    start: int
    end: int
    stem: str
    content: bool
    """Whether it carries meaning."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A stretch of each sentence, where the other has another one."""

    first: tuple[Word, ...]
    second: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Alignment:
    """Two sentences side by side."""

    common: tuple[str, ...]
    """Stems of the words of meaning that both have, in order."""
    slots: tuple[Slot, ...]
    """Where each has words that the other has not. What only one of them adds is not here."""
    share: float
    """Of the words of meaning of the sentence that has fewer, without slots: the share in common."""


@lru_cache(maxsize=4096)
def read(text: str) -> tuple[Word, ...]:
    """The words of a sentence, those of hyphenated words one by one."""
    found = []
    for match in WORD.finditer(text):
        start = match.start()
        for part in match.group().split("-"):
            end = start + len(part)
            plain = fold(part).rstrip(".").replace("’", "'")
            capitals = part.isupper() and len(part) > 1
            if part:
                stop = part.endswith(".") and part.count(".") == 1  # the sentence's, not the word's
                content = capitals or plain not in STOPWORDS
                found.append(Word(part, start, end - stop, stem(part), content))
            start = end + 1
    return tuple(found)


def align(first: str, second: str) -> Alignment | None:
    """Two sentences side by side; None where one is too long to be one."""
    mine, theirs = read(first), read(second)
    if max(len(mine), len(theirs)) > LONGEST:
        return None
    codes = SequenceMatcher(
        None, [word.stem for word in mine], [word.stem for word in theirs], autojunk=False
    ).get_opcodes()
    pieces = [
        (tag == "equal" and not _bridge(mine[a:b], place, len(codes)), mine[a:b], theirs[c:d])
        for place, (tag, a, b, c, d) in enumerate(codes)
    ]
    common: list[str] = []
    slots: list[Slot] = []
    alone = [0, 0]
    before = True
    for same, left, right in pieces:
        if same:
            common += [word.stem for word in left if word.content]
        elif not before:
            slots[-1] = Slot(slots[-1].first + left, slots[-1].second + right)
        else:
            slots.append(Slot(left, right))
        before = same
    kept = [slot for slot in slots if _says(slot.first) and _says(slot.second)]
    for slot in slots:
        if slot not in kept:
            alone[0] += _says(slot.first)
            alone[1] += _says(slot.second)
    fewest = len(common) + min(alone)
    return Alignment(tuple(common), tuple(kept), len(common) / fewest if fewest else 0.0)


def _says(words: tuple[Word, ...]) -> int:
    return sum(word.content for word in words)


def _bridge(words: tuple[Word, ...], place: int, pieces: int) -> bool:
    """Whether common words are so few and small that they only join two slots."""
    return 0 < place < pieces - 1 and len(words) <= BRIDGE and not _says(words)

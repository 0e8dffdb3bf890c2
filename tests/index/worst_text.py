"""What the scripts of the worst model need of a text: its names, its numbers, and what was changed in it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from random import Random

from index.words import DAYS, MONTHS, STOPWORDS
from tests.index.worst_tables import matches

Change = Callable[[str, Sequence[str], Random], str | None]
"""A quote, words of other articles (names may be taken from them), and chance -> the sentence made false;
None where the quote has nothing to change in that way."""

_WORDS_OF_TIME = frozenset(word.capitalize() for word in [*MONTHS, *DAYS])
_NAME = re.compile(r"\b[A-Z][a-z][\w’'-]*(?: (?:[A-Z]\.|[A-Z][a-z][\w’'-]*))*")
_NUMBER = re.compile(
    r"(?<![\w.,$-])\d{1,3}(?:,\d{3})+(?![\w,.]*\d)|(?<![\w.,-])\d+(?:\.\d+)?(?![\w-]|[.,]\d)"
)


def plain(text: str) -> str:
    """Words and figures alone, to compare texts by."""
    kept = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.findall(r"\w+", kept))


def names(text: str) -> list[re.Match[str]]:
    """The names of a text; a single word that begins a sentence is none."""
    found = []
    for match in _NAME.finditer(text):
        parts = match.group().split()
        opens = not text[: match.start()].rstrip() or text[: match.start()].rstrip()[-1] in '.!?“"‘:'
        ordinary = parts[0].lower() in STOPWORDS or parts[0].lower().startswith(("who", "whose", "ever"))
        if not _WORDS_OF_TIME & set(parts) and not ordinary and not (opens and len(parts) == 1):
            found.append(match)
    return found


def put(text: str, match: re.Match[str], other: str) -> str:
    return text[: match.start()] + other + text[match.end() :]


def picked(found: Sequence[re.Match[str]], chance: Random) -> re.Match[str] | None:
    return chance.choice(list(found)) if found else None


def numbers(text: str) -> list[re.Match[str]]:
    return list(_NUMBER.finditer(text))


def body(text: str) -> str:
    return text.rstrip().rstrip(".!?”\"'’")


def lower(text: str) -> str:
    """The sentence as it stands after other words: its first letter small, unless that begins a name."""
    first = text.split(maxsplit=1)[0] if text.split() else ""
    ordinary = first.lower() in STOPWORDS and first != "I"
    return text[:1].lower() + text[1:] if ordinary else text


def other_than(word: str, words: Sequence[str], chance: Random) -> str:
    return chance.choice([each for each in words if each.lower() != word.lower()])


def foreign(text: str, others: Sequence[str], words: int, chance: Random) -> str | None:
    """A name of another article of which no word stands in the text."""
    here = {word.lower() for word in re.findall(r"\w+", text)}
    known = sorted({m.group() for other in others for m in names(other)})
    fitting = [
        name
        for name in known
        if (len(name.split()) > 1) == (words > 1) and not here & set(re.findall(r"\w+", name.lower()))
    ]
    return chance.choice(fitting) if fitting else None


def falsified(
    change: Change, quote: str, others: Sequence[str], chance: Random, *, cut: bool = False
) -> str | None:
    """The quote after a change that really changed it; None where there is none.

    What is left of a quote is true, but with `cut`: then what was cut off tells that it may not be so.
    """
    made = change(quote, others, chance)
    if made is None:
        return None
    words, before = plain(made), plain(quote)
    same = words == before if cut else f" {words} " in f" {before} "
    return None if not words or same else made


def by_table(table: Mapping[str, str]) -> Change:
    def change(text: str, _: Sequence[str], chance: Random) -> str | None:
        found = [(m, o) for m, o in matches(text, table) if m.group() != "May"]
        return put(text, *chance.choice(found)) if found else None

    return change

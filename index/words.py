"""Words as questions and sentences are compared by: folded, stemmed, with their rarity. Pure."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import Stemmer

WORD = re.compile(r"\d[\d,.]*\d|[^\W_]+(?:['’.\-][^\W_]+)*\.?", re.UNICODE)
_POSSESSIVE = re.compile(r"['’]s?$")
_CONTRACTED = re.compile(r"(?:n't|'(?:s|re|ll|ve|d|m))$")
_FROM_D = re.compile(r"[^s]si(?:on|ons|ve|vely)$")
_DOTTED = re.compile(r"^(?:\w\.)+\w?$")
_porter = Stemmer.Stemmer("porter", 0)  # as SQLite's tokenizer stems

STOPWORDS = frozenset(
    """a about above after again against all also am an and any are as at be because been before being
    between but by can cannot could did do does doing done down during even ever few for from further
    get gets getting give gives given go goes going got had has have having he her here hers herself him
    himself his how however i if in into is isn't it its itself just let like made make makes many may me
    might more most much must my myself no nor not now of off on once one only or other our ours ourselves
    out over own per please same shall she should since so some such take takes tell than that the their
    theirs them themselves then there these they this those through to too under until up upon us very was
    we were what whatever when where which while who whom whose why will with within would you your yours
    yourself according know happen happened happening say said says saying don't doesn't didn't whats
    what's who's when's where's how's wo ca sha ai""".split()
)
NUMBERS = {
    word: str(value)
    for value, word in enumerate(
        """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
        sixteen seventeen eighteen nineteen twenty""".split()
    )
} | {
    word: str(10 * value)
    for value, word in enumerate("thirty forty fifty sixty seventy eighty ninety".split(), 3)
}
MONTHS = {
    name[:length]: name
    for name in """january february march april may june july august september october november
    december""".split()
    for length in (3, 4, len(name))
}
DAYS = frozenset("monday tuesday wednesday thursday friday saturday sunday".split())


def _countries() -> tuple[dict[str, str], dict[str, str]]:
    """Names and demonyms, folded -> the country's first name."""
    names: dict[str, str] = {}
    peoples: dict[str, str] = {}
    for line in (Path(__file__).parent / "data" / "countries.tsv").read_text("utf-8").splitlines():
        called, _, people = line.partition("\t")
        first = called.split("|")[0]
        names |= {fold(name): first for name in called.split("|")}
        peoples |= {fold(word.replace("-", " ")): first for word in people.split()}
    return names, peoples


def fold(text: str) -> str:
    """Lower case without accents."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


@lru_cache(maxsize=1)
def countries() -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Country names, and names of their peoples, folded -> the country's usual name."""
    return _countries()


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """The form under which a word is compared: "Lithuanian" as "Lithuania", "four" as "4"."""
    plain = fold(_POSSESSIVE.sub("", word))
    if _DOTTED.match(plain):
        plain = plain.replace(".", "")
    plain = plain.rstrip(".")
    if plain and plain[0].isdigit():
        return plain.replace(",", "")
    names, peoples = countries()
    country = peoples.get(plain) or names.get(plain)
    if country:
        return fold(country)
    if plain in NUMBERS:
        return NUMBERS[plain]
    if plain in MONTHS and len(plain) > 3:
        return MONTHS[plain]
    stemmed = porter(plain)
    if _FROM_D.search(plain) and stemmed.endswith("s"):
        return stemmed[:-1] + "d"  # "invasion" as "invade", "decision" as "decide"
    return stemmed


def porter(word: str) -> str:
    """The stem under which SQLite's full-text search files a word."""
    stemmed: str = _porter.stemWord(fold(word).replace("’", "'"))
    return stemmed


def words(text: str) -> list[str]:
    """The words as they stand in the text."""
    return [match.group() for match in WORD.finditer(text)]


@lru_cache(maxsize=4096)
def stems(text: str) -> frozenset[str]:
    """The stems in a text, and those of neighbours written as one: "battle groups" as "battlegroups"."""
    found = [word for whole in words(text) for word in (whole, *_parts(whole))]
    joined = (a + b for a, b in pairwise(found) if a.isalpha() and b.isalpha())
    return frozenset(map(stem, found)) | frozenset(map(stem, joined))


def content(text: str) -> list[str]:
    """The words of a question that carry meaning, in order, each once; "high-readiness" is two."""
    seen: dict[str, str] = {}
    for word in (part for whole in words(text) for part in whole.split("-")):
        bare = fold(word).rstrip(".").replace("’", "'")
        capitals = word.isupper() and len(word) > 1  # "US", "WHO", "IT"
        if capitals or not STOPWORDS.intersection((bare, _CONTRACTED.sub("", bare))):
            seen.setdefault(stem(word), word.rstrip("."))
    return [word for word in seen.values() if word]


def is_name(word: str) -> bool:
    """Whether a word is a country, its people, an abbreviation or a number, however it is written."""
    names, peoples = countries()
    plain = fold(_POSSESSIVE.sub("", word)).rstrip(".")
    return plain in names or plain in peoples or word.isupper() or plain[:1].isdigit()


@lru_cache(maxsize=4096)
def namesakes(word: str) -> tuple[str, ...]:
    """The names of a country and of its people, folded, where a word is one of them: "Lithuanian" too."""
    names, peoples = countries()
    plain = fold(_POSSESSIVE.sub("", word)).rstrip(".")
    country = names.get(plain) or peoples.get(plain)
    if country is None:
        return ()
    return tuple(name for known in (names, peoples) for name, of in known.items() if of == country)


def rarity(frequency: int, passages: int) -> float:
    """Inverse document frequency as in BM25 (Robertson & Zaragoza 2009), never negative."""
    return math.log1p((passages - frequency + 0.5) / (frequency + 0.5))


def splits(word: str) -> Iterable[tuple[str, str]]:
    """The ways to read a long word as two: "battlegroups" as "battle groups"."""
    if len(word) < 8 or not word.isalpha():
        return []
    return [(word[:i], word[i:]) for i in range(4, len(word) - 3)]


def _parts(word: str) -> Sequence[str]:
    return word.split("-") if "-" in word else ()

"""The gate for what a language model writes: a sentence against the quotes that it names.

A sentence holds where one quote says all of it, or where each of its parts is said by one of its quotes and
nothing but "and" joins them. Numbers, days, names, denials and degrees must be in the quote, every other word
in it or one that means the same, in the same roles; and the meaning of both, as the embedding model has it,
must be near. It rather throws out a good sentence than let a false one through: the quote itself stands
ready in its place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from index.embedding import BundledEmbedder
from index.holding import Fault, Found, faults
from index.languages import denies
from index.likening import stand_in
from index.statements import statement, written_large
from index.types import Citation
from index.words import WORD, fold, stems

NEAR = 0.4
"""Cosine of a sentence with the quotes that it rests on, below which it says something else."""
LONGEST = 400
"""Characters of a sentence."""
MISSING = frozenset({"word", "name", "figure", "day"})
"""Faults that another quote may mend, for another part of the sentence."""
WAYS = 6
"""Ways to take a sentence apart that are tried."""
SHORTEST = 3
"""Words of a part that is held against a quote by itself."""
FORM = re.compile(
    r"https?:|www\.|://|[@<>`{}\[\]|\\]|\*\*|__|\b[\w-]+\.(?:com|org|net|io|gg|ru|info|example)\b", re.I
)
"""What no plain sentence has: addresses, mentions, markup."""
_ADDRESS = re.compile(r"https?:|www\.|\]\(", re.I)
_CALLED = re.compile(r"(?!www\.)\w[\w .&'’-]*")
"""A name such as "Censor.NET", without a mark that makes it an address or a mention."""
_JOINTS = re.compile(r";\s+|,?\s+(?:and|while|but|whereas)\s+(?=\S+\s+\S+)|,\s+(?=(?:which|who)\s)", re.I)
_SOURCE = re.compile(
    r"^(?:according\s+to\s+(?P<a>[^,;]{2,60}(?:,[^,;]{2,40}){0,3}?),\s*(?=[A-Z\d])"
    r"|(?P<b>[^;]{2,60}?)\s+(?:reports?|reported|writes?|wrote)\s+(?:that\s+)?(?=\S))"
    r"|,?\s+(?:according\s+to|as\s+reported\s+by|reports?)\s+(?P<c>[^;]{2,80}?)(?=[.,]?\s*$)"
    r"|,\s+(?P<d>[^;]{2,60}?)\s+(?:reports?|reported)(?=[.,]?\s*$)",
    re.I,
)
_FRAME = re.compile(
    r"^(?:(?:one|another|a\s+(?:second|third|fourth|different|further)|the\s+(?:other|first|second)|other)"
    r"(?:\s+(?:quotes?|sources?|articles?|reports?|outlets?))?"
    r"|the\s+(?:evidence|quotes?|sources?|articles?))\s+(?:says?|states?|reports?)\s+(?:that\s+)?(?=\S)",
    re.I,
)
"""Words that only tell that somebody here says so: "Another source says that"."""
_YES_OR_NO = re.compile(r"^(yes|no)\b[,:;]?\s+(?=[A-Z])", re.I)
_SPACED = re.compile(r"\s+(?=[,.;:!?)\]](?:\s|$))|(?<=[(\[])\s+|``\s*|\s*''")
"""Blanks before marks, and quotation marks of typesetters, as some web pages have them."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A quote as a sentence is held against it."""

    text: str
    published: date | None = None
    outlet: str = ""

    @classmethod
    def of(cls, citation: Citation) -> Quote:
        """The quote of a citation."""
        card = citation.article
        return cls(citation.quote, card.published, card.source or "")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a sentence holds."""

    found: tuple[Found, ...] = ()
    """What is wrong with it, by the quote that comes nearest to saying it; empty where it holds."""

    by: tuple[int, ...] = ()
    """The places of the quotes that say it, or a part of it; empty where it does not hold."""

    @property
    def faults(self) -> frozenset[Fault]:
        """The kinds of what is wrong."""
        return frozenset(fault for fault, _ in self.found)

    @property
    def holds(self) -> bool:
        """Whether its quotes say all of it."""
        return not self.found


class Checker:
    """Holds sentences against quotes, with the bundled model for the meaning of words and sentences."""

    def __init__(self, embedder: BundledEmbedder) -> None:
        """Loads nothing before the first sentence."""
        self._embedder = embedder

    def supports(self, sentence: str, quotes: Sequence[Quote]) -> Verdict:
        """Whether the quotes say all that the sentence says."""
        if not quotes:
            return Verdict((("keys", ""),))
        if not _is_plain(sentence, quotes):
            return Verdict((("form", ""),))
        plain, own = _without_source(sentence, quotes)
        verbatim = tuple(place for place in own if _same(plain, quotes[place].text))
        if verbatim:
            return Verdict(by=verbatim)
        found, by = self._held(plain, quotes, own)
        if any(fault in MISSING for fault, _ in found):
            for parts in _ways(plain):
                each = [self._held(part, quotes, own) for part in parts]
                if not any(faults for faults, _ in each):
                    found, by = [], tuple(sorted({place for _, places in each for place in places}))
                    break
        if not found and not self._near(plain, [quotes[place].text for place in by]):
            found = [("far", "")]
        return Verdict(tuple(found), () if found else by)

    def _held(
        self, part: str, quotes: Sequence[Quote], own: Sequence[int]
    ) -> tuple[list[Found], tuple[int, ...]]:
        """What is wrong by the quote that leaves fewest faults, and the quotes that leave none."""
        found = {
            place: [] if _same(part, quotes[place].text) else self._by_one(part, quotes[place])
            for place in own
        }
        return min(found.values(), key=len), tuple(place for place in own if not found[place])

    def _by_one(self, part: str, quote: Quote) -> list[Found]:
        if _ADDRESS.search(quote.text):
            return [("form", "an address in the quote")]  # shortened, it would lose what marks it as one
        text = _SPACED.sub("", quote.text)
        large = written_large(f"{text}\n{part}")
        mine = statement(part, quote.published, large)
        return faults(mine, statement(text, quote.published, large), self._like, stems(quote.outlet))

    def _like(self, word: str, others: Sequence[str]) -> str | None:
        return stand_in(word, others, self._embedder.words)

    def _near(self, sentence: str, texts: Sequence[str]) -> bool:
        mine = self._embedder.question(sentence)
        together = [" ".join(texts)] if len(texts) > 1 else []
        return any(float(self._embedder.question(text) @ mine) >= NEAR for text in [*texts, *together])


def _is_plain(sentence: str, quotes: Sequence[Quote]) -> bool:
    """Whether it is a sentence in plain text. An outlet may be called like an address: "Censor.NET".

    It may not be one, or hold markup: what an article gives as its outlet is as little trusted as the rest.
    """
    rest = sentence
    for outlet in {quote.outlet for quote in quotes if _CALLED.fullmatch(quote.outlet)}:
        rest = rest.replace(outlet, "")
    short = len(sentence) <= LONGEST
    return short and FORM.search(rest) is None and re.search(r"\w\w", sentence) is not None


def _without_source(sentence: str, quotes: Sequence[Quote]) -> tuple[str, Sequence[int]]:
    """The sentence without the outlets that it names as its sources, and the places of their quotes."""
    every = range(len(quotes))
    told = _FRAME.sub("", sentence)
    answer = _YES_OR_NO.match(told)
    if answer and (answer[1].lower() == "no") == (denies(told[answer.end() :], "en") is True):
        told = told[answer.end() :]
    match = _SOURCE.search(told)
    if match is None:
        return _large(told), every
    named = {_bare(each) for part in match.groupdict().values() if part for each in _AND.split(part)} - {""}
    own = [place for place in every if _bare(quotes[place].outlet) in named]
    if not named or {_bare(quotes[place].outlet) for place in own} != named:
        return _large(told), every
    return _large((told[: match.start()] + " " + told[match.end() :]).strip()), own


_AND = re.compile(r",?\s+and\s+|,\s*")


def _bare(outlet: str) -> str:
    return fold(outlet).removeprefix("the ").strip(" .")


def _large(text: str) -> str:
    return text[:1].upper() + text[1:]


def _ways(sentence: str) -> list[list[str]]:
    """The ways to read a sentence as several that "and", "while" or ";" join: as two, and as all of them.

    Each part has to be long enough to stand alone.
    """
    joints = list(_JOINTS.finditer(sentence))
    cuts = [[joint] for joint in joints] + ([joints] if len(joints) > 1 else [])
    found = []
    for way in cuts:
        ends = [0, *(end for joint in way for end in joint.span()), len(sentence)]
        parts = [sentence[a:b].strip(" ,") for a, b in zip(ends[::2], ends[1::2], strict=True)]
        if all(len(WORD.findall(part)) >= SHORTEST for part in parts):
            found.append(parts)
    return found[:WAYS]


def _same(first: str, second: str) -> bool:
    return _letters(first) == _letters(second)


def _letters(text: str) -> str:
    """The text without what may differ where a sentence opens or is quoted otherwise."""
    return " ".join(_large(text).translate(_QUOTES).split()).strip(" .\"'")


_QUOTES = str.maketrans("“”‘’", "\"\"''")

"""A sentence read as a statement: its words in order, names, numbers, days, and how firmly it is said.

Pure, and made for `index/comparing.py`: what is not recognised makes two statements differ in their
words, so that neither is taken for the other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from index.figures import Figure, figures
from index.spoken_dates import Spoken, spoken
from index.words import STOPWORDS, WORD, countries, fold, stem

_SPEAKS = (
    r"(?:said|says|announced|reported|reports|told|added|stressed|explained|noted|confirmed|stated|wrote)"
)
_FIRM_SPEAKER = re.compile(
    rf"""
      (?:,\s+)?\b(?:according\s+to|as\s+reported\s+by)\s+(?P<by>[^,.;:]+)
    | ,\s+(?P<last>[^,;:]{{2,60}}?)\s+{_SPEAKS}\b(?:\s+(?!that\b)[^\s,;]+){{0,9}}(?=[,.]?\s*$)
    | ^(?P<first>[^,;:]{{2,60}}?)\s+{_SPEAKS}(?:\s+(?:so\s+)?(?:on|in|at)\s[^;]{{2,60}}?)?,?\s+that\b
    | ^(?P<bare>[^,;:]{{2,60}}?)\s+(?:said|says)\s+(?=(?:the\s+)?[A-Z])
    """,
    re.VERBOSE,
)
_NOT_FIRM = re.compile(
    r"\b(?:not|no|nobody|never|nor|neither|none|few|if|whether|would|could|might|may|should|wrongly|falsely|only)\b"
    r"|n['’]t\b",
    re.I,
)
"""With such a word it matters who said it, and whether."""
_DATED = r"(?:the\s+)?(?:early\s+|late\s+|mid-?\s*)?(?:\d|[A-Z][a-z]+\.?\s+\d)"
_LAST_OF_LIST = r"(?:and|or)\s+(?:the\s+)?(?:[A-Z][\w’'-]+\s?){1,3}(?:[,.;]|$)"
_BREAK = re.compile(
    rf"""
      [;:()] | \s[–—-]\s | (?<=[a-z]{{3}}[.!?…])\s
    | ,\s(?!{_LAST_OF_LIST})(?=(?:and|but|while|which|who|whom|whose|when|where|because|although|though|as
        |after|before|since|exactly|one|two|three|with|so|or)\b)(?!(?:after|before|since)\s+{_DATED})
    | \s(?=(?:but|while|because|when|after|before|since|although|whereas|unless|until)\s(?!{_DATED}))
    """,
    re.VERBOSE,
)
_ASIDE = re.compile(r",\s(?:(?:a|an|the|which|who|whose|one)\s[^,;]{3,80}),(?=\s)")
"""Told beside the sentence itself: "Stoltenberg, a former prime minister of Norway, has led"."""
ASIDE = 1000
"""Clauses from this number on are asides."""
_PREPOSITIONS = frozenset(
    """in on at of to from for with without by before after until till since during against into onto over
    under above below between among across through near toward towards about as off out up down than per
    via""".split()
)
FREE = frozenset("in on at of during as near since".split())
"""Prepositions that add a place or a time, or make a noun phrase, and can stand elsewhere."""
_IN_LIST = re.compile(r"\s*(?:,|,?\s*\b(?:and|or)\b)\s*(?:the\s+)?")
_TITLES = frozenset(
    """president minister secretary general chancellor king queen prince princess senator governor mayor
    chief director chairman chairwoman pope colonel admiral captain sir dr mr mrs ms prime""".split()
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a statement."""

    text: str
    start: int
    end: int
    stem: str
    clause: int
    content: bool
    """Whether it carries meaning by itself."""
    name: bool
    owner: bool
    """A name that only qualifies another word: "Russia's", "Russian"."""
    preposition: str
    """The preposition of its noun phrase, as far as its place tells; empty where there is none."""
    spoken: bool
    """Whether it only tells who said it."""

    @property
    def plain(self) -> str:
        """Lower case without accents and marks."""
        return fold(self.text).replace("'", "").replace("’", "").rstrip(".")


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence, read."""

    text: str
    tokens: tuple[Token, ...]
    """Its words without days and numbers, in order; those of hyphenated words one by one."""
    figures: tuple[Figure, ...]
    days: tuple[Spoken, ...]
    speaker: str
    """Who is said to have said it; empty where the sentence itself says it."""
    spoken_on: tuple[Spoken, ...] = ()
    """The days on which it was said."""
    spoken_figures: tuple[Figure, ...] = ()
    """The numbers in who said it: "the 36-year-old"."""

    @property
    def content(self) -> tuple[Token, ...]:
        """The words that carry meaning, without those that only tell who said it."""
        return tuple(token for token in self.tokens if token.content and not token.spoken)

    @property
    def names(self) -> tuple[Token, ...]:
        """Those that are names."""
        return tuple(token for token in self.content if token.name)

    def clause_at(self, place: int) -> int:
        """The number of the clause at a place of the text."""
        return _clause_at(self.text, place)

    def said(self, clauses: frozenset[int]) -> tuple[Token, ...]:
        """All words of some clauses."""
        return tuple(token for token in self.tokens if token.clause in clauses and not token.spoken)


def written_large(text: str) -> frozenset[str]:
    """Words written with a capital inside a sentence."""
    found = set()
    for match in WORD.finditer(text):
        before = text[: match.start()].rstrip(" ")
        if match.group()[0].isupper() and before and before[-1] not in '.!?\n“"‘(:':
            found.add(re.sub(r"['’]s?$", "", match.group()).rstrip("."))
    return frozenset(found)


def country(token: Token) -> bool:
    """Whether it is a country or its people."""
    names, peoples = countries()
    plain = fold(re.sub(r"['’]s?$", "", token.text)).rstrip(".")
    return plain in names or plain in peoples or plain.replace(".", "") in names


@lru_cache(maxsize=4096)
def statement(text: str, published: date | None, written_large: frozenset[str] = frozenset()) -> Statement:
    """Read a sentence. `written_large`: words that are names where they begin a sentence too."""
    days = spoken(text, published)
    counted = figures(text, tuple((day.start, day.end) for day in days))
    taken = [(day.start, day.end) for day in days] + [(figure.start, figure.end) for figure in counted]
    speaker = _FIRM_SPEAKER.search(text)
    if speaker and _NOT_FIRM.search(speaker.group()):
        speaker = None
    about = speaker.span() if speaker else (0, 0)
    tokens: list[Token] = []
    for match in WORD.finditer(text):
        for part in re.finditer(r"[^-]+", match.group()):
            start, end = match.start() + part.start(), match.start() + part.end()
            if any(a <= start < b for a, b in taken):
                continue
            if text[end - 1] == "." and text.count(".", start, end) == 1:
                end -= 1  # the sentence's full stop, or that of an abbreviation
            inside = about[0] <= start < about[1]
            tokens.append(_token(text, start, end, tokens, written_large, inside))
    who = next((part for part in speaker.groupdict().values() if part), "") if speaker else ""

    def outside(thing: Figure | Spoken) -> bool:
        return not about[0] <= thing.start < about[1]

    return Statement(
        text,
        _placed(tuple(tokens), text),
        figures=tuple(filter(outside, counted)),
        days=tuple(filter(outside, days)),
        speaker=who,
        spoken_on=tuple(day for day in days if not outside(day)),
        spoken_figures=tuple(figure for figure in counted if not outside(figure)),
    )


def _placed(tokens: tuple[Token, ...], text: str) -> tuple[Token, ...]:
    """Every name of a list after the preposition of its first: "in Hungary and Romania"."""
    first = {token.start: list_[0].preposition for list_ in lists(tokens, text) for token in list_}
    return tuple(
        replace(token, preposition=first[token.start]) if token.start in first else token for token in tokens
    )


def lists(tokens: tuple[Token, ...], text: str) -> list[tuple[Token, ...]]:
    """Names told in one list: "Bulgaria, Hungary, Romania and Slovakia"."""
    found: list[list[Token]] = []
    for token in tokens:
        if not token.name or token.spoken:
            continue
        before = found[-1][-1] if found else None
        between = text[before.end : token.start] if before else ""
        if before and before.clause == token.clause and _IN_LIST.fullmatch(between):
            found[-1].append(token)
        else:
            found.append([token])
    return [tuple(list_) for list_ in found if len(list_) > 1]


def _token(
    text: str, start: int, end: int, before: list[Token], written_large: frozenset[str], spoken_by: bool
) -> Token:
    word = text[start:end]
    plain = fold(word).rstrip(".").replace("’", "'")
    names, peoples = countries()
    bare = re.sub(r"'s?$", "", plain)
    capitals = word.isupper() and len(word) > 1
    content = capitals or (bare not in STOPWORDS and plain not in STOPWORDS)
    opens = not before or bool(re.search(r"[.!?“\"‘(]\s*$", text[:start]))
    large = word[0].isupper() and content
    name = large and (
        not opens or capitals or bare in names or bare in peoples or _bare(word) in written_large
    )
    if large and opens and not name:
        after = re.match(r"\s+([A-Z]\w+)", text[end:])
        name = bool(after)
    return Token(
        text=word,
        start=start,
        end=end,
        stem=stem(word),
        clause=_clause_at(text, start),
        content=content,
        name=name and bare not in _TITLES,
        owner=name and (bool(re.search(r"['’]s?$", word)) or (bare in peoples and bare not in names)),
        preposition=_preposition(before, text, start),
        spoken=spoken_by,
    )


def _bare(word: str) -> str:
    return re.sub(r"['’]s?$", "", word).rstrip(".")


def _preposition(before: list[Token], text: str, start: int) -> str:
    """Back over the words of the same noun phrase to its preposition."""
    for steps, token in enumerate(reversed(before)):
        if steps > 3 or re.search(r"[,.;:]", text[token.end : start]):
            return ""
        if token.plain in _PREPOSITIONS:
            return token.plain
        if token.plain in {"the", "a", "an", "its", "their", "his", "her", "of", "this", "that", "these"}:
            continue
        if token.name or (steps == 0 and token.content and not token.name and token.text.islower()):
            continue
        return ""
    return ""


@lru_cache(maxsize=4096)
def _breaks(text: str) -> tuple[tuple[int, ...], tuple[tuple[int, int], ...]]:
    """Where clauses begin, and from where to where asides go."""
    asides = tuple(match.span() for match in _ASIDE.finditer(text))
    starts = (match.start() for match in _BREAK.finditer(text))
    return tuple(start for start in starts if not any(a <= start < b for a, b in asides)), asides


def asides(text: str) -> tuple[tuple[int, int], ...]:
    """From where to where goes what is told beside the sentence itself, with its commas."""
    return _breaks(text)[1]


def _clause_at(text: str, place: int) -> int:
    starts, asides = _breaks(text)
    aside = next((ASIDE + number for number, (a, b) in enumerate(asides) if a < place < b), None)
    return sum(place > start for start in starts) if aside is None else aside

"""Whether a language model's translation may be shown beside what it translates. Pure, but for the language.

The words of another language are not known here. Looked at are its figures, its names, whether it says no,
its length and its language; that is told wherever a translation stands, and the original stands beside it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from index import languages
from index.figures import figures
from index.supporting import FORM
from index.words import WORD, countries, fold

SHORTEST, LONGEST = 0.4, 2.5
"""Length of a translation as a share of the original's; 0.12 for scripts of a sign a word."""
SIGNS = frozenset({"zh", "ja", "ko"})
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_KEPT = 4
"""Letters of a name that its endings in other languages leave alone."""


def holds(original: str, translation: str, language: str) -> bool:
    """Whether a translation into a language may stand for the original."""
    share = len(translation) / max(1, len(original))
    shortest = 0.12 if language in SIGNS else SHORTEST
    if not shortest <= share <= LONGEST or (FORM.search(translation) and not FORM.search(original)):
        return False
    told = languages.language(translation)
    if told and told != language and len(translation) > 60:
        return False
    mine, theirs = languages.denies(translation, language), languages.denies(original, "en")
    if mine is not None and mine != theirs:
        return False
    return _same_figures(original, translation) and _same_names(original, translation)


def _same_figures(original: str, translation: str) -> bool:
    """Whether each figure of one is in the other; words for numbers may have become figures."""
    mine, theirs = set(_digits(translation)), set(_digits(original))
    told = figures(original)
    words = {f"{value:g}" for figure in told for value in figure.range}
    return theirs <= mine <= theirs | words


def _digits(text: str) -> Sequence[str]:
    """The figures of a text, without the marks that languages put between thousands and before decimals."""
    joined = re.sub(r"(?<=\d)[.,\u00a0\u202f ](?=\d{3}\b)", "", text)
    return [re.sub(r"[.,]", ".", each) for each in re.findall(r"\d+(?:[.,]\d+)?", joined)]


def _same_names(original: str, translation: str) -> bool:
    """Whether the original's names of people and things are there, as far as both are in Latin letters."""
    if not _LATIN.search(translation):
        return True
    there = [fold(match.group()) for match in WORD.finditer(translation)]
    names, peoples = countries()
    for match in list(WORD.finditer(original))[1:]:
        word = fold(re.sub(r"['’]s?$", "", match.group())).rstrip(".")
        known = word in names or word in peoples or len(word) <= _KEPT
        named = match.group()[0].isupper() and not known and _follows_name(original, match.start())
        if named and not any(each.startswith(word[:_KEPT]) for each in there):
            return False
    return True


def _follows_name(text: str, start: int) -> bool:
    """Whether a word with a capital stands right before: of a lone one, nobody knows whether it is a name."""
    before = re.search(r"(\w+) $", text[:start])
    return before is not None and before[1][0].isupper()

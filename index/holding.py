"""Whether one quote says all that a part of a sentence says. Pure, and rather too strict.

The rules only ever find faults. Which words may stand for each other is in `likening.py` and `pairing.py`,
numbers and days are in `counted.py`, how surely it is told in `sureness.py`, who does what to whom in
`roles.py` and `surroundings.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from index.clauses import left_out, other_case, turned_round
from index.counted import mismatched, other_day, other_figure
from index.edits import edited
from index.matching import Likeness
from index.pairing import Pairing, paired
from index.phrases import SPEAKING
from index.roles import Both, exchanged
from index.statements import Statement
from index.sureness import denied_otherwise, other_degree, other_first, other_time, surer, told_as_done
from index.surroundings import astray, brought_together, curtailed, misplaced, other_owner, rival
from index.tone import light_verbs
from index.words import stem, stems

Fault = Literal[
    "form",
    "keys",
    "word",
    "name",
    "figure",
    "day",
    "negation",
    "degree",
    "certainty",
    "speaker",
    "role",
    "edit",
    "far",
]
"""What is wrong with a sentence, as its quotes have it: its form, its keys, words, names, numbers or days
that are not there, yes for no, another degree, surely for perhaps, who said it, who did what to whom, a word
changed in what is else the quote, its meaning."""
Found = tuple[Fault, str]
"""A fault, and the words that show it."""

_LIGHT = {
    "give": "give provide send offer donate supply grant",
    "get": "get receive",
    "go": "go send deploy station move travel",
    "take": "take",
    "make": "make build produce form",
}
"""Verbs too common to be words of meaning, and those that may stand in the quote for them."""
_OPENS = re.compile(
    r"^(?:according\s+to\s|(?:\S+\s+){1,5}?(?:says?|said|claims?|claimed|argues?|argued|alleges?|alleged|believes?"
    r"|thinks?|insists?|insisted|reported)\s)",
    re.I,
)
"""A quote that begins with who says so."""
_DESCRIBING = re.compile(r"\b(?:describes?|calls?|names?|shows?)\b")


def faults(part: Statement, quote: Statement, likeness: Likeness, besides: frozenset[str]) -> list[Found]:
    """What the part says and the quote does not; empty where the quote says all of it.

    `besides`: stems that the part may have all the same, such as the outlet that it names as its source.
    """
    found = list(_faults(paired(part, quote, likeness, besides)))
    if changed := edited(part.text, quote.text):
        found.append(("edit", changed))
    return found


def _faults(found: Pairing) -> Iterator[Found]:
    part = found.part
    if not found.pairs and not part.figures and not part.days:
        yield "word", "nothing in common"
    for token in found.missing:
        yield ("name" if token.name else "word"), token.text
    both = Both.of(found)
    checks: tuple[Found, ...] = (
        *(
            ("figure", other_figure(each, both.mine, both.theirs))
            for each in part.figures + part.spoken_figures
        ),
        *(("day", other_day(each, both.mine, both.theirs)) for each in part.days + part.spoken_on),
        ("negation", denied_otherwise(found)),
        ("degree", other_degree(found)),
        ("figure", mismatched(both.mine, both.theirs)),
        ("degree", curtailed(both) or left_out(found) or other_first(found)),
        ("certainty", surer(found) or told_as_done(both) or other_time(both)),
        ("speaker", _other_speaker(found)),
        ("role", exchanged(both) or misplaced(both) or brought_together(both)),
        ("role", turned_round(found) or other_case(found) or other_owner(both)),
        ("role", rival(both)),
        ("role", astray(both)),
        ("word", _other_light_verb(found)),
    )
    yield from ((fault, shown) for fault, shown in checks if shown)


def _other_light_verb(found: Pairing) -> str:
    """A common verb that the quote has neither itself nor in another form: "gave up", "took over"."""
    theirs = {token.stem for token in found.quote.tokens}
    for verb in light_verbs(found.part.tokens) & _LIGHT.keys():
        if not theirs & {stem(word) for form in _LIGHT[verb].split() for word in _forms(form)}:
            after = re.search(rf"\b(?:{'|'.join(_forms(verb))})\s+(?:part|place)\b", found.part.text)
            if not after:
                return verb
    return ""


def _forms(verb: str) -> tuple[str, ...]:
    irregular = {
        "give": ("gives", "gave", "given", "giving"),
        "get": ("gets", "got", "getting"),
        "go": ("goes", "went", "gone", "going"),
        "take": ("takes", "took", "taken", "taking"),
        "make": ("makes", "made", "making"),
        "send": ("sends", "sent", "sending"),
        "build": ("builds", "built", "building"),
    }
    return verb, *irregular.get(verb, ())


def _other_speaker(found: Pairing) -> str:
    """Words that say that somebody says so, where the quote has none; or those of the quote, left out."""
    mine, quote = SPEAKING.search(found.part.text), found.quote
    only_he = all(other.spoken for _, other in found.pairs)  # it is about who speaks
    if (
        not mine
        and not only_he
        and not found.besides & stems(quote.speaker)
        and (quote.speaker or _OPENS.match(quote.text))
    ):
        return quote.speaker or "says"
    spoken = quote.speaker or SPEAKING.search(quote.text) or _DESCRIBING.search(quote.text)
    return mine.group() if mine and not spoken else ""

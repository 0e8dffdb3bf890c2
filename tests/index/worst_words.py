"""Sentences made false in a word, a denial or an addition; and the table of all such changes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from tests.index import worst_figures as figures
from tests.index import worst_names as persons
from tests.index.worst_tables import LOWERED, OPPOSITES, PAST_TO_BASE, QUANTIFIERS, RAISED, ROLES
from tests.index.worst_text import Change, body, by_table, lower, names, numbers, picked, put

_AUX = r"is|are|was|were|has|have|had|will|would|can|could|should|must|did|does|do|may|might"
_NEGATED = re.compile(r"\b(?:not|no|never|nor|neither|none|without|cannot|nobody)\b|n['’]t\b", re.I)
_SUBJECT_VERB = re.compile(
    r"(?P<before>\b(?!was|were|is|are|been|be|has|have|had|and|by|of|to|the|a|an|being|or)[\w’']+\s)"
    rf"(?P<verb>{'|'.join(PAST_TO_BASE)})\b(?!\s+(?:by|in \d))"
)
_ADDED = (
    ", which led to the resignation of three ministers",
    ", killing at least 37 people",
    ", the first time that this has happened",
    ", a move that was widely criticized by experts",
    ", and the police are investigating",
    ", because of the lack of money",
    ", although this was later found to be false",
    ", which is illegal in most countries",
    ", as had been planned for years",
    " in order to win the next election",
    " against the advice of doctors",
    " and later apologized for it",
)
_BEFORE = (
    "After weeks of secret talks, ",
    "Despite strong protests, ",
    "For the first time in history, ",
    "Contrary to what was reported before, ",
    "As a result of the scandal, ",
    "To the surprise of scientists, ",
)
_ADVERBS = ("secretly", "illegally", "reluctantly", "falsely", "repeatedly", "accidentally", "deliberately")
_DENIALS = (
    "It is not true that {}",
    "Nobody believes any more that {}",
    "The report that {} was false.",
    "Officials denied that {}",
    "It was never the case that {}",
)
_SECOND = (
    "That has since been denied.",
    "He resigned.",
    "The minister lied.",
    "Nobody was hurt.",
    "It was a hoax.",
)
_ASIDES = ("(in fact another)", "(since arrested)", "(now dead)", "(a liar)", "(or twice that)")
_DROPPED = (
    (r"\b(?:[Aa]llegedly|[Rr]eportedly|[Ss]upposedly|[Aa]pparently|[Pp]urportedly) ", ""),
    (r"\balleg(?:ed|es) that (?=\w)|\bclaim(?:ed|s) that (?=\w)|\bbelieves? that (?=\w)", "proved that "),
    (r"\b(?:alleged|suspected|would-be|so-called|purported) (?=[a-z])", ""),
    (r"^[^,“”\"]{5,60}? (?:alleged|claimed|claims|alleges|believes|suspects|fears)(?: that)? (?=\w+ )", ""),
    (r",? (?:prosecutors|critics|the lawsuit|the complaint|[A-Z]\w+) (?:claim|claims|allege|alleged)\b", ""),
)
"""What says that somebody only alleges, believes or claims a thing, and what stands there without it."""


def not_inserted(text: str, _: Sequence[str], chance: Random) -> str | None:
    if _NEGATED.search(text):
        return None
    match = picked(list(re.finditer(rf"(?<=\w )(?:{_AUX})\b(?=\s)", text)), chance)
    if match is None:
        return None
    no_longer = match.group() in {"is", "are", "was", "were", "can", "will", "has", "have"}
    ways = [" not", " never", " hardly", *([" no longer"] if no_longer else [])]
    return put(text, match, match.group() + chance.choice(ways))


def verb_denied(text: str, _: Sequence[str], chance: Random) -> str | None:
    match = picked(list(_SUBJECT_VERB.finditer(text)), chance)
    if match is None:
        return None
    way = chance.choice(("did not", "never did", "failed to", "refused to", "didn’t", "was unable to"))
    return put(text, match, f"{match['before']}{way} {PAST_TO_BASE[match['verb']]}")


def denied_as_a_whole(text: str, _: Sequence[str], chance: Random) -> str:
    return chance.choice(_DENIALS).format(lower(body(text))).rstrip(".") + "."


def negation_removed(text: str, _: Sequence[str], chance: Random) -> str | None:
    ways = (
        (rf"\b({_AUX}) not\b(?! only)", r"\1"),
        (rf"\b({_AUX})n['’]t\b", r"\1"),
        (r"\bcannot\b", "can"),
        (r"\bcan['’]t\b", "can"),
        (r"\bwon['’]t\b", "will"),
        (r"\bnever\b", "often"),
        (r"\bno longer\b", "still"),
        (r"\bwithout\b", "with"),
        (r"\b(?:failed|refused|declined) to\b", "managed to"),
        (r"\bnone of\b", "all of"),
        (r"\b[Nn]o (?=[a-z]{3,})(?!one|longer|matter|doubt)", "many "),
        (r"\bdenied\b", "admitted"),
    )
    possible = [way for way in ways if re.search(way[0], text)]
    return re.sub(*chance.choice(possible), text, count=1) if possible else None


def attribution_dropped(text: str, _: Sequence[str], chance: Random) -> str | None:
    """What somebody alleges, believes or claims, told as a fact."""
    possible = [way for way in _DROPPED if re.search(way[0], text)]
    return re.sub(*chance.choice(possible), text, count=1) if possible else None


def condition_dropped(text: str, _: Sequence[str], __: Random) -> str | None:
    opens = re.match(r"(?:If|Unless|Should) [^,]{5,100}, (?=[\w“])", text)
    if opens:
        rest = text[opens.end() :]
        return rest[:1].upper() + rest[1:]
    ends = re.search(r",? (?:if|unless|provided that|except|as long as) [^,.()]{5,}(?=\.\W*$)", text)
    return ends and text[: ends.start()] + text[ends.end() :]


def appended(text: str, _: Sequence[str], chance: Random) -> str:
    return f"{body(text)}{chance.choice(_ADDED)}."


def prepended(text: str, _: Sequence[str], chance: Random) -> str:
    return chance.choice(_BEFORE) + lower(text)


def second_sentence(text: str, others: Sequence[str], chance: Random) -> str:
    """A true sentence, and a false one in the same breath."""
    gap = chance.choice((" ", "\n", "  ", " — ", "\u2028"))
    return f"{text}{gap}{chance.choice(_SECOND)}"


def parenthesis(text: str, _: Sequence[str], chance: Random) -> str | None:
    match = picked(names(text) or numbers(text), chance)
    inside = chance.choice(_ASIDES)
    return match and put(text, match, f"{match.group()} {inside}")


def word_inserted(text: str, _: Sequence[str], chance: Random) -> str | None:
    match = picked(list(_SUBJECT_VERB.finditer(text)), chance)
    return match and put(text, match, f"{match['before']}{chance.choice(_ADVERBS)} {match['verb']}")


def superlative(text: str, _: Sequence[str], chance: Random) -> str | None:
    match = picked(list(re.finditer(r"\b(?:is|was|are|were|became) an? (?=[a-z])", text)), chance)
    word = chance.choice(("first", "largest", "only", "worst", "most expensive"))
    return match and put(text, match, f"{match.group().split()[0]} the {word} ")


def tense(text: str, _: Sequence[str], chance: Random) -> str | None:
    table = {"will be": "was", "was": "will be", "were": "will be", "has been": "will be", "will": "did"}
    return by_table(table)(text, (), chance)


CUTS = frozenset({"condition dropped", "attribution dropped"})
"""Those that leave out what makes the rest uncertain."""
FALSEHOODS: dict[str, Change] = {
    "number changed": figures.number_changed,
    "number word changed": figures.number_word_changed,
    "number in disguise": figures.number_in_disguise,
    "numbers swapped": figures.numbers_swapped,
    "magnitude": figures.magnitude,
    "number invented": figures.number_invented,
    "unit changed": figures.unit_changed,
    "date shifted": figures.date_shifted,
    "date invented": figures.date_invented,
    "names swapped": persons.names_swapped,
    "name replaced": persons.name_replaced,
    "first name changed": persons.first_name_changed,
    "name in other letters": persons.name_misspelt,
    "name invented": persons.name_invented,
    "list extended": persons.list_extended,
    "place replaced": persons.place_replaced,
    "place invented": persons.place_invented,
    "not inserted": not_inserted,
    "verb denied": verb_denied,
    "denied as a whole": denied_as_a_whole,
    "negation removed": negation_removed,
    "antonym": by_table(OPPOSITES),
    "quantifier": by_table(QUANTIFIERS),
    "said more surely": by_table(dict(RAISED)),
    "said less surely": by_table(dict(LOWERED)),
    "role changed": by_table(dict(ROLES)),
    "attribution changed": persons.attribution_changed,
    "attribution invented": persons.attribution_invented,
    "attribution dropped": attribution_dropped,
    "condition dropped": condition_dropped,
    "appended": appended,
    "prepended": prepended,
    "second sentence": second_sentence,
    "parenthesis": parenthesis,
    "word inserted": word_inserted,
    "superlative": superlative,
    "acted upon": persons.acted_upon,
    "direction": persons.direction,
    "tense": tense,
    "gender": persons.gender,
}

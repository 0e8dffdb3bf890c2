"""Sentences made false in who, where, and who did it to whom."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from index.words import countries
from tests.index.worst_tables import ACTS_ON, matches
from tests.index.worst_text import body, by_table, foreign, lower, names, other_than, picked, plain, put

_TALKS = r"(?:said|says|told|announced|added|argued|claimed|wrote|stated|explained)"


def names_swapped(text: str, _: Sequence[str], chance: Random) -> str | None:
    found = names(text)
    one_way = rf"\b(?:{'|'.join(ACTS_ON)}|of|by|for|from|under|after|before|than|said|son|daughter|over)\b"
    either_way = r"\b(?:and|or|with|between|vs|versus|married|met|like|as|wife|husband|including)\b|[&/;(:]"
    pairs = [
        (a, b)
        for place, a in enumerate(found)
        for b in found[place + 1 :]
        if a.group() != b.group()
        and not set(plain(a.group()).split()) & set(plain(b.group()).split())
        and re.search(one_way, text[a.end() : b.start()])
        and not re.search(either_way, text[a.end() : b.start()])
    ]
    if not pairs:
        return None
    first, second = chance.choice(pairs)
    return put(put(text, second, first.group()), first, second.group())


def name_replaced(text: str, others: Sequence[str], chance: Random) -> str | None:
    match = picked(names(text), chance)
    other = match and foreign(text, others, len(match.group().split()), chance)
    return put(text, match, other) if match and other and text.count(match.group()) == 1 else None


def first_name_changed(text: str, _: Sequence[str], chance: Random) -> str | None:
    found = [m for m in names(text) if re.fullmatch(r"[A-Z][a-z]+ [A-Z][a-z]+", m.group())]
    match = picked(found, chance)
    if match is None:
        return None
    first, last = match.group().split()
    other = other_than(first, ("Henrietta", "Ludwig", "Priscilla", "Casimir"), chance)
    return put(text, match, f"{other} {last}")


def name_misspelt(text: str, _: Sequence[str], chance: Random) -> str | None:
    """A name with a letter of another alphabet that looks the same."""
    match = picked([m for m in names(text) if re.search("[aeo]", m.group())], chance)
    return match and put(text, match, match.group().translate(str.maketrans("aeo", "аео")))


def place_replaced(text: str, _: Sequence[str], chance: Random) -> str | None:
    known, peoples = countries()
    found = [m for m in re.finditer(r"\b[A-Z][a-z]{3,}\b", text) if m.group().lower() in {**known, **peoples}]
    match = picked(found, chance)
    if match is None:
        return None
    table = known if match.group().lower() in known else peoples
    same = {**known, **peoples}[match.group().lower()]
    fitting = ("norway", "peru", "kenya", "vietnam", "norwegian", "peruvian", "kenyan", "vietnamese")
    other = chance.choice([w for w in fitting if w in table and table[w] != same]).capitalize()
    return None if other in text else put(text, match, other)


def place_invented(text: str, _: Sequence[str], chance: Random) -> str:
    place = chance.choice([place for place in ("Lima", "Oslo", "Nairobi") if place not in text])
    return f"{body(text)} in {place}."


def name_invented(text: str, _: Sequence[str], chance: Random) -> str:
    return body(text) + chance.choice(
        (" with Ludwig Harrow.", ", according to Casimir Holt.", " for Velm AG.")
    )


def list_extended(text: str, others: Sequence[str], chance: Random) -> str | None:
    match = picked(names(text), chance)
    other = match and foreign(text, others, len(match.group().split()), chance)
    return put(text, match, f"{match.group()} and {other}") if match and other else None


def attribution_changed(text: str, others: Sequence[str], chance: Random) -> str | None:
    spoke = [
        m
        for m in names(text)
        if re.match(rf"\s+{_TALKS}\b", text[m.end() :])
        or re.search(rf"(?:\baccording to|[,”\"]\s*{_TALKS})\s+(?:\w+\s)?$", text[: m.start()])
    ]
    match = picked(spoke, chance)
    other = match and foreign(text, others, len(match.group().split()), chance)
    return put(text, match, other) if match and other else None


def attribution_invented(text: str, others: Sequence[str], chance: Random) -> str | None:
    other = foreign(text, others, 2, chance)
    ways = ("{1} said that {0}.", "According to {1}, {0}.", "{0}, {1} announced.")
    return other and chance.choice(ways).format(lower(body(text)), other)


def acted_upon(text: str, _: Sequence[str], chance: Random) -> str | None:
    """Who did it and to whom, the other way round."""
    found = [
        (match, other)
        for match, other in matches(text, ACTS_ON)
        if re.search(r"[A-Za-z’'] $", text[: match.start()])
        and not re.search(
            r"\b(?:was|were|been|is|are|be|being|and|has|have|had|to|who|which) $", text[: match.start()]
        )
        and re.match(r"\s+(?:the |a |an |his |her |its |their )?[A-Za-z]", text[match.end() :])
        and not re.match(r"\s+(?:by|in|on|at|for|with|up|out|from|that|to|as)\b", text[match.end() :])
    ]
    return put(text, *chance.choice(found)) if found else None


def direction(text: str, _: Sequence[str], chance: Random) -> str | None:
    match = re.search(
        r"\bfrom (?P<a>(?:the )?[\w$.,%’-]+(?: [A-Z]\w+)?) to (?P<b>(?:the )?[\w$.,%’-]*\w)", text
    )
    if match and match["a"].lower() != match["b"].lower():
        return put(text, match, f"from {match['b']} to {match['a']}")
    return by_table(
        {"into": "out of", "in favor of": "against", "in favour of": "against", "away from": "towards"}
    )(text, (), chance)


def gender(text: str, _: Sequence[str], chance: Random) -> str | None:
    return by_table({"he": "she", "she": "he", "his": "her", "him": "her", "himself": "herself"})(
        text, (), chance
    )

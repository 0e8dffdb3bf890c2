"""Sentences made false: each takes a quote and changes one thing of what it says, as a bad writer would.

A change gives None where the quote has nothing to change in that way. What it gives is not in the quote:
`falsified` looks once more that its words are neither the quote's nor a stretch of them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from random import Random

from index.words import DAYS, MONTHS, NUMBERS, STOPWORDS, countries
from tests.index.opposites import (
    ACTS_ON,
    LOWERED,
    OPPOSITES,
    PAST_TO_BASE,
    QUANTIFIERS,
    RAISED,
    ROLES,
    UNITS,
    matches,
)

Change = Callable[[str, Sequence[str], Random], str | None]
"""A quote, words of other articles (names may be taken from them), and chance -> the sentence made false."""

_WORDS_OF_TIME = frozenset(word.capitalize() for word in [*MONTHS, *DAYS])
_NAME = re.compile(r"\b[A-Z][a-z][\w’'-]*(?: (?:[A-Z]\.|[A-Z][a-z][\w’'-]*))*")
_NUMBER = re.compile(
    r"(?<![\w.,$-])\d{1,3}(?:,\d{3})+(?![\w,.]*\d)|(?<![\w.,-])\d+(?:\.\d+)?(?![\w-]|[.,]\d)"
)
_AUX = r"is|are|was|were|has|have|had|will|would|can|could|should|must|did|does|do|may|might"
_NEGATED = re.compile(r"\b(?:not|no|never|nor|neither|none|without|cannot|nobody)\b|n['’]t\b", re.I)
_SUBJECT_VERB = re.compile(
    r"(?P<before>\b(?!was|were|is|are|been|be|has|have|had|and|by|of|to|the|a|an|being|or)[\w’']+\s)"
    rf"(?P<verb>{'|'.join(PAST_TO_BASE)})\b(?!\s+(?:by|in \d))"
)
_TALKS = r"(?:said|says|told|announced|added|argued|claimed|wrote|stated|explained)"
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


def plain(text: str) -> str:
    """Words and figures alone, to compare texts by."""
    kept = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.findall(r"\w+", kept))


def falsified(change: Change, quote: str, others: Sequence[str], chance: Random) -> str | None:
    """The quote after a change that really changed it; None where there is none."""
    made = change(quote, others, chance)
    if made is None:
        return None
    words, before = plain(made), plain(quote)
    return None if not words or f" {words} " in f" {before} " else made


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


def _put(text: str, match: re.Match[str], other: str) -> str:
    return text[: match.start()] + other + text[match.end() :]


def _picked(found: Sequence[re.Match[str]], chance: Random) -> re.Match[str] | None:
    return chance.choice(list(found)) if found else None


def _numbers(text: str) -> list[re.Match[str]]:
    return list(_NUMBER.finditer(text))


def _body(text: str) -> str:
    return text.rstrip().rstrip(".!?”\"'’")


def _lower(text: str) -> str:
    """The sentence as it stands after other words: its first letter small, unless that begins a name."""
    first = text.split()[0] if text.split() else ""
    ordinary = first.lower() in STOPWORDS and first != "I"
    return text[:1].lower() + text[1:] if ordinary else text


def number_changed(text: str, _: Sequence[str], chance: Random) -> str | None:
    match = _picked(_numbers(text), chance)
    if match is None:
        return None
    value = match.group().replace(",", "")
    changed = (
        f"{float(value) + chance.choice((0.7, 1.3, 4)):.1f}" if "." in value else _near(int(value), chance)
    )
    other = f"{int(changed):,}" if "," in match.group() else changed
    return None if other in text else _put(text, match, other)


def _near(value: int, chance: Random) -> str:
    return str(value + chance.choice((1, 2, 3, 7, 10)))


def number_word_changed(text: str, _: Sequence[str], chance: Random) -> str | None:
    spelled = [word for word in NUMBERS if word not in {"zero", "one"}]
    found = list(re.finditer(rf"\b(?:{'|'.join(spelled)})\b(?!-)", text, re.I))
    match = _picked(found, chance)
    if match is None:
        return None
    other = chance.choice([word for word in spelled if word != match.group().lower() and word not in text])
    return _put(text, match, other)


def number_in_disguise(text: str, others: Sequence[str], chance: Random) -> str | None:
    """Another number, in figures that few programs read."""
    changed = number_changed(text, others, chance)
    base = chance.choice((0xFF10, 0x0660, 0x1D7CE, 0x0966))
    before = set(re.findall(r"\d+", text))
    return changed and re.sub(
        r"\d+", lambda m: m[0] if m[0] in before else "".join(chr(base + int(d)) for d in m[0]), changed
    )


def numbers_swapped(text: str, _: Sequence[str], chance: Random) -> str | None:
    found = _numbers(text)
    pairs = [
        (a, b)
        for place, a in enumerate(found)
        for b in found[place + 1 :]
        if a.group() != b.group() and len(text[a.end() : b.start()].split()) >= 3
    ]
    if not pairs:
        return None
    first, second = chance.choice(pairs)
    return _put(_put(text, second, first.group()), first, second.group())


def magnitude(text: str, _: Sequence[str], chance: Random) -> str | None:
    found = [m for m in _numbers(text) if not 1000 <= float(m.group().replace(",", "")) <= 2100]
    match = _picked(found, chance)
    if match is None:
        return None
    return _put(text, match, match.group().replace(".", "") if "." in match.group() else f"{match.group()}00")


def unit_changed(text: str, _: Sequence[str], chance: Random) -> str | None:
    number = rf"(?:\d|{'|'.join(NUMBERS)}|several|few|many)\s*-?$"
    found = [(m, o) for m, o in matches(text, UNITS) if re.search(number, text[: m.start()], re.I)]
    return _put(text, *chance.choice(found)) if found else None


def number_invented(text: str, _: Sequence[str], chance: Random) -> str:
    return _body(text) + chance.choice((" for $37 million.", ", as 83 percent of people know.", " 17 times."))


def date_shifted(text: str, _: Sequence[str], chance: Random) -> str | None:
    kinds = [
        (r"\b(?:1[5-9]|20)\d\d\b(?!,?\d)", lambda t: str(int(t) + chance.choice((-10, -1, 1, 2)))),
        (
            rf"\b(?:{'|'.join(m.capitalize() for m in set(MONTHS.values()) if m != 'may')})\b",
            lambda t: _other(t, [m.capitalize() for m in sorted(set(MONTHS.values()))], chance),
        ),
        (
            r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b",
            lambda t: _other(t, [d.capitalize() for d in sorted(DAYS)], chance),
        ),
        (
            r"\b(?:yesterday|today|tomorrow)\b",
            lambda t: _other(t, ["yesterday", "tomorrow", "today"], chance),
        ),
        (r"\b(?:last|next|this) (?=week|month|year)", lambda t: "last " if t != "last " else "next "),
        (
            r"\b(?:January|February|March|April|August|October|December) \d{1,2}\b(?!,\d)",
            lambda t: re.sub(r"\d+", lambda day: str(int(day[0]) % 27 + 1), t),
        ),
    ]
    chance.shuffle(kinds)
    for pattern, change in kinds:
        match = _picked(list(re.finditer(pattern, text)), chance)
        if match and (other := change(match.group())) not in text:
            return _put(text, match, other)
    return None


def _other(word: str, words: Sequence[str], chance: Random) -> str:
    return chance.choice([each for each in words if each.lower() != word.lower()])


def date_invented(text: str, _: Sequence[str], chance: Random) -> str:
    return f"{_body(text)} {chance.choice(('on 14 March 1987', 'in 1962', 'last Tuesday', 'in November'))}."


def names_swapped(text: str, _: Sequence[str], chance: Random) -> str | None:
    found = names(text)
    one_way = rf"\b(?:{'|'.join(ACTS_ON)}|of|by|for|from|under|after|before|than|said|son|daughter|over)\b"
    either_way = r"\b(?:and|or|with|between|vs|versus|married|met|like|as|wife|husband|including)\b|[&/;(:]"
    pairs = [
        (a, b)
        for place, a in enumerate(found)
        for b in found[place + 1 :]
        if a.group() != b.group()
        and not set(a.group().split()) & set(b.group().split())
        and re.search(one_way, text[a.end() : b.start()])
        and not re.search(either_way, text[a.end() : b.start()])
    ]
    if not pairs:
        return None
    first, second = chance.choice(pairs)
    return _put(_put(text, second, first.group()), first, second.group())


def _foreign(text: str, others: Sequence[str], words: int, chance: Random) -> str | None:
    """A name of another article of which no word stands in the text."""
    here = {word.lower() for word in re.findall(r"\w+", text)}
    known = sorted({m.group() for other in others for m in names(other)})
    fitting = [
        name
        for name in known
        if (len(name.split()) > 1) == (words > 1) and not here & set(re.findall(r"\w+", name.lower()))
    ]
    return chance.choice(fitting) if fitting else None


def name_replaced(text: str, others: Sequence[str], chance: Random) -> str | None:
    match = _picked(names(text), chance)
    other = match and _foreign(text, others, len(match.group().split()), chance)
    return _put(text, match, other) if match and other and text.count(match.group()) == 1 else None


def first_name_changed(text: str, _: Sequence[str], chance: Random) -> str | None:
    found = [m for m in names(text) if re.fullmatch(r"[A-Z][a-z]+ [A-Z][a-z]+", m.group())]
    match = _picked(found, chance)
    if match is None:
        return None
    first, last = match.group().split()
    other = _other(first, ("Henrietta", "Ludwig", "Priscilla", "Casimir"), chance)
    return _put(text, match, f"{other} {last}")


def name_misspelt(text: str, _: Sequence[str], chance: Random) -> str | None:
    """A name with a letter of another alphabet that looks the same."""
    match = _picked([m for m in names(text) if re.search("[aeo]", m.group())], chance)
    return match and _put(text, match, match.group().translate(str.maketrans("aeo", "аео")))


def place_replaced(text: str, _: Sequence[str], chance: Random) -> str | None:
    known, peoples = countries()
    found = [m for m in re.finditer(r"\b[A-Z][a-z]{3,}\b", text) if m.group().lower() in {**known, **peoples}]
    match = _picked(found, chance)
    if match is None:
        return None
    table = known if match.group().lower() in known else peoples
    same = {**known, **peoples}[match.group().lower()]
    fitting = [
        w for w in ("norway", "peru", "kenya", "vietnam", "norwegian", "peruvian", "kenyan", "vietnamese")
    ]
    other = chance.choice([w for w in fitting if w in table and table[w] != same]).capitalize()
    return None if other in text else _put(text, match, other)


def place_invented(text: str, _: Sequence[str], chance: Random) -> str:
    return (
        f"{_body(text)} in {_other('', [p for p in ('Lima', 'Oslo', 'Nairobi') if p not in text], chance)}."
    )


def name_invented(text: str, _: Sequence[str], chance: Random) -> str:
    return _body(text) + chance.choice(
        (" with Ludwig Harrow.", ", according to Casimir Holt.", " for Velm AG.")
    )


def list_extended(text: str, others: Sequence[str], chance: Random) -> str | None:
    match = _picked(names(text), chance)
    other = match and _foreign(text, others, len(match.group().split()), chance)
    return _put(text, match, f"{match.group()} and {other}") if match and other else None


def not_inserted(text: str, _: Sequence[str], chance: Random) -> str | None:
    if _NEGATED.search(text):
        return None
    match = _picked(list(re.finditer(rf"(?<=\w )(?:{_AUX})\b(?=\s)", text)), chance)
    if match is None:
        return None
    no_longer = match.group() in {"is", "are", "was", "were", "can", "will", "has", "have"}
    ways = [" not", " never", " hardly", *([" no longer"] if no_longer else [])]
    return _put(text, match, match.group() + chance.choice(ways))


def verb_denied(text: str, _: Sequence[str], chance: Random) -> str | None:
    match = _picked(list(_SUBJECT_VERB.finditer(text)), chance)
    if match is None:
        return None
    way = chance.choice(("did not", "never did", "failed to", "refused to", "didn’t", "was unable to"))
    return _put(text, match, f"{match['before']}{way} {PAST_TO_BASE[match['verb']]}")


def denied_as_a_whole(text: str, _: Sequence[str], chance: Random) -> str:
    return chance.choice(_DENIALS).format(_lower(_body(text))).rstrip(".") + "."


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


def _by_table(table: dict[str, str]) -> Change:
    def change(text: str, _: Sequence[str], chance: Random) -> str | None:
        found = [(m, o) for m, o in matches(text, table) if m.group() != "May"]
        return _put(text, *chance.choice(found)) if found else None

    return change


def attribution_changed(text: str, others: Sequence[str], chance: Random) -> str | None:
    spoke = [
        m
        for m in names(text)
        if re.match(rf"\s+{_TALKS}\b", text[m.end() :])
        or re.search(rf"(?:\baccording to|[,”\"]\s*{_TALKS})\s+(?:\w+\s)?$", text[: m.start()])
    ]
    match = _picked(spoke, chance)
    other = match and _foreign(text, others, len(match.group().split()), chance)
    return _put(text, match, other) if match and other else None


def attribution_invented(text: str, others: Sequence[str], chance: Random) -> str | None:
    other = _foreign(text, others, 2, chance)
    ways = ("{1} said that {0}.", "According to {1}, {0}.", "{0}, {1} announced.")
    return other and chance.choice(ways).format(_lower(_body(text)), other)


def attribution_dropped(text: str, _: Sequence[str], chance: Random) -> str | None:
    """What somebody alleges, believes or claims, told as a fact."""
    ways = (
        (r"\b(?:[Aa]llegedly|[Rr]eportedly|[Ss]upposedly|[Aa]pparently|[Pp]urportedly) ", ""),
        (r"\ballege(?:d|s) that (?=\w)|\bclaim(?:ed|s) that (?=\w)|\bbelieves? that (?=\w)", "proved that "),
        (r"\b(?:alleged|suspected|accused|would-be|so-called|purported) (?=[a-z])", ""),
        (
            r"^[^,“”\"]{5,60}? (?:alleged|claimed|claims|alleges|believes|suspects|fears)(?: that)? (?=\w+ )",
            "",
        ),
        (
            r",? (?:prosecutors|critics|the lawsuit|the complaint|supporters|[A-Z]\w+) (?:claims?|alleges?d?)\b",
            "",
        ),
    )
    possible = [way for way in ways if re.search(way[0], text)]
    return re.sub(*chance.choice(possible), text, count=1) if possible else None


def condition_dropped(text: str, _: Sequence[str], __: Random) -> str | None:
    opens = re.match(r"(?:If|Unless|Once|Should|When) [^,]{5,100}, (?=[\w“])", text)
    if opens:
        rest = text[opens.end() :]
        return rest[:1].upper() + rest[1:]
    ends = re.search(r",? (?:if|unless|provided that|except|as long as|until) [^,.]{5,}(?=\.\W*$)", text)
    return ends and text[: ends.start()] + text[ends.end() :]


def appended(text: str, _: Sequence[str], chance: Random) -> str:
    return f"{_body(text)}{chance.choice(_ADDED)}."


def prepended(text: str, _: Sequence[str], chance: Random) -> str:
    return chance.choice(_BEFORE) + _lower(text)


def second_sentence(text: str, others: Sequence[str], chance: Random) -> str:
    """A true sentence, and a false one in the same breath."""
    false = chance.choice(
        (
            "That has since been denied.",
            "He resigned.",
            "The minister lied.",
            "Nobody was hurt.",
            "It was a hoax.",
        )
    )
    gap = chance.choice((" ", "\n", "  ", " — ", "\u2028"))
    return f"{text}{gap}{false}"


def parenthesis(text: str, _: Sequence[str], chance: Random) -> str | None:
    match = _picked(names(text) or _numbers(text), chance)
    inside = chance.choice(
        ("(in fact another)", "(since arrested)", "(now dead)", "(a liar)", "(or twice that)")
    )
    return match and _put(text, match, f"{match.group()} {inside}")


def word_inserted(text: str, _: Sequence[str], chance: Random) -> str | None:
    match = _picked(list(_SUBJECT_VERB.finditer(text)), chance)
    return match and _put(text, match, f"{match['before']}{chance.choice(_ADVERBS)} {match['verb']}")


def superlative(text: str, _: Sequence[str], chance: Random) -> str | None:
    match = _picked(list(re.finditer(r"\b(?:is|was|are|were|became) an? (?=[a-z])", text)), chance)
    word = chance.choice(("first", "largest", "only", "worst", "most expensive"))
    return match and _put(text, match, f"{match.group().split()[0]} the {word} ")


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
    return _put(text, *chance.choice(found)) if found else None


def direction(text: str, _: Sequence[str], chance: Random) -> str | None:
    match = re.search(
        r"\bfrom (?P<a>(?:the )?[\w$.,%’-]+(?: [A-Z]\w+)?) to (?P<b>(?:the )?[\w$.,%’-]*\w)", text
    )
    if match and match["a"].lower() != match["b"].lower():
        return _put(text, match, f"from {match['b']} to {match['a']}")
    return _by_table(
        {"into": "out of", "in favor of": "against", "in favour of": "against", "away from": "towards"}
    )(text, (), chance)


def tense(text: str, _: Sequence[str], chance: Random) -> str | None:
    table = {"will be": "was", "was": "will be", "were": "will be", "has been": "will be", "will": "did"}
    return _by_table(table)(text, (), chance)


def gender(text: str, _: Sequence[str], chance: Random) -> str | None:
    return _by_table({"he": "she", "she": "he", "his": "her", "him": "her", "himself": "herself"})(
        text, (), chance
    )


FALSEHOODS: dict[str, Change] = {
    "number changed": number_changed,
    "number word changed": number_word_changed,
    "number in disguise": number_in_disguise,
    "numbers swapped": numbers_swapped,
    "magnitude": magnitude,
    "number invented": number_invented,
    "unit changed": unit_changed,
    "date shifted": date_shifted,
    "date invented": date_invented,
    "names swapped": names_swapped,
    "name replaced": name_replaced,
    "first name changed": first_name_changed,
    "name in other letters": name_misspelt,
    "name invented": name_invented,
    "list extended": list_extended,
    "place replaced": place_replaced,
    "place invented": place_invented,
    "not inserted": not_inserted,
    "verb denied": verb_denied,
    "denied as a whole": denied_as_a_whole,
    "negation removed": negation_removed,
    "antonym": _by_table(OPPOSITES),
    "quantifier": _by_table(QUANTIFIERS),
    "said more surely": _by_table(dict(RAISED)),
    "said less surely": _by_table(dict(LOWERED)),
    "role changed": _by_table(dict(ROLES)),
    "attribution changed": attribution_changed,
    "attribution invented": attribution_invented,
    "attribution dropped": attribution_dropped,
    "condition dropped": condition_dropped,
    "appended": appended,
    "prepended": prepended,
    "second sentence": second_sentence,
    "parenthesis": parenthesis,
    "word inserted": word_inserted,
    "superlative": superlative,
    "acted upon": acted_upon,
    "direction": direction,
    "tense": tense,
    "gender": gender,
}

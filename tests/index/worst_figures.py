"""Sentences made false in a number, a unit or a date."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from index.words import DAYS, MONTHS, NUMBERS
from tests.index.worst_tables import UNITS, matches
from tests.index.worst_text import body, numbers, other_than, picked, put


def number_changed(text: str, _: Sequence[str], chance: Random) -> str | None:
    match = picked(numbers(text), chance)
    if match is None:
        return None
    value = match.group().replace(",", "")
    changed = (
        f"{float(value) + chance.choice((0.7, 1.3, 4)):.1f}" if "." in value else _near(int(value), chance)
    )
    other = f"{int(changed):,}" if "," in match.group() else changed
    return None if other in text else put(text, match, other)


def _near(value: int, chance: Random) -> str:
    return str(value + chance.choice((1, 2, 3, 7, 10)))


def number_word_changed(text: str, _: Sequence[str], chance: Random) -> str | None:
    spelled = [word for word in NUMBERS if word not in {"zero", "one"}]
    found = list(re.finditer(rf"\b(?:{'|'.join(spelled)})\b(?!-)", text, re.I))
    match = picked(found, chance)
    if match is None:
        return None
    other = chance.choice([word for word in spelled if word != match.group().lower() and word not in text])
    return put(text, match, other)


def number_in_disguise(text: str, others: Sequence[str], chance: Random) -> str | None:
    """Another number, in figures that few programs read."""
    changed = number_changed(text, others, chance)
    base = chance.choice((0xFF10, 0x0660, 0x1D7CE, 0x0966))
    before = set(re.findall(r"\d+", text))
    return changed and re.sub(
        r"\d+", lambda m: m[0] if m[0] in before else "".join(chr(base + int(d)) for d in m[0]), changed
    )


def numbers_swapped(text: str, _: Sequence[str], chance: Random) -> str | None:
    found = numbers(text)
    pairs = [
        (a, b)
        for place, a in enumerate(found)
        for b in found[place + 1 :]
        if a.group() != b.group() and len(text[a.end() : b.start()].split()) >= 3
    ]
    if not pairs:
        return None
    first, second = chance.choice(pairs)
    return put(put(text, second, first.group()), first, second.group())


def magnitude(text: str, _: Sequence[str], chance: Random) -> str | None:
    found = [m for m in numbers(text) if not 1000 <= float(m.group().replace(",", "")) <= 2100]
    match = picked(found, chance)
    if match is None:
        return None
    return put(text, match, match.group().replace(".", "") if "." in match.group() else f"{match.group()}00")


def unit_changed(text: str, _: Sequence[str], chance: Random) -> str | None:
    number = rf"(?:\d|{'|'.join(NUMBERS)}|several|few|many)\s*-?$"
    found = [(m, o) for m, o in matches(text, UNITS) if re.search(number, text[: m.start()], re.I)]
    return put(text, *chance.choice(found)) if found else None


def number_invented(text: str, _: Sequence[str], chance: Random) -> str:
    return body(text) + chance.choice((" for $37 million.", ", as 83 percent of people know.", " 17 times."))


def date_shifted(text: str, _: Sequence[str], chance: Random) -> str | None:
    kinds = [
        (r"\b(?:1[5-9]|20)\d\d\b(?!,?\d)", lambda t: str(int(t) + chance.choice((-10, -1, 1, 2)))),
        (
            rf"\b(?:{'|'.join(m.capitalize() for m in set(MONTHS.values()) if m != 'may')})\b",
            lambda t: other_than(t, [m.capitalize() for m in sorted(set(MONTHS.values()))], chance),
        ),
        (
            r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b",
            lambda t: other_than(t, [d.capitalize() for d in sorted(DAYS)], chance),
        ),
        (
            r"\b(?:yesterday|today|tomorrow)\b",
            lambda t: other_than(t, ["yesterday", "tomorrow", "today"], chance),
        ),
        (r"\b(?:last|next|this) (?=week|month|year)", lambda t: "last " if t != "last " else "next "),
        (
            r"\b(?:January|February|March|April|August|October|December) \d{1,2}\b(?!,\d)",
            lambda t: re.sub(r"\d+", lambda day: str(int(day[0]) % 27 + 1), t),
        ),
    ]
    chance.shuffle(kinds)
    for pattern, change in kinds:
        match = picked(list(re.finditer(pattern, text)), chance)
        if match and (other := change(match.group())) not in text:
            return put(text, match, other)
    return None


def date_invented(text: str, _: Sequence[str], chance: Random) -> str:
    return f"{body(text)} {chance.choice(('on 14 March 1987', 'in 1962', 'last Tuesday', 'in November'))}."

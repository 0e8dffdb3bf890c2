"""Short answers, and whether two of them can both be true. Pure.

What cannot be told apart for sure is taken to agree: "March" and "March 24", "about 1,000" and "1,012",
"US" and "United States", "James Smith" and "Smith".
"""

from __future__ import annotations

import re
from itertools import product

from index.figures import Figure, figures
from index.wanted import Wanted, mentions
from index.words import DAYS, MONTHS, STOPWORDS, WORD, fold, stem

NEAR = 0.1
"""Two figures of which one is rough agree within this share."""
ZEROS = 2
"""A figure that ends with so many may be a rounded one: "4,400", but not "140"."""
_YEAR = re.compile(r"\b(?:1\d|20)\d\d\b")
_DAY = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)?\b(?![\d,])")
_VAGUE = re.compile(
    r"\b(?:early|late|mid|since|until|before|after|circa|around|about|century|centuries|yesterday|today"
    r"|tomorrow|tonight|last|next|this|c)\b|\d{4}s\b|\bc\.",
    re.I,
)
JOINED = 5
"""Characters between two dates that are told as one."""
SAME = ({"soccer", "football"}, {"color", "colour"}, {"lorry", "truck"}, {"plane", "aircraft"})
"""Words for the same."""
_SMALL = STOPWORDS | frozenset("mr mrs ms dr sir lord lady saint st jr sr ii iii".split())


def compatible(first: str, second: str, kind: Wanted) -> bool:
    """Whether two short answers can both be true of one thing."""
    if kind is Wanted.NUMBER:
        return _numbers_agree(first, second)
    if kind is Wanted.DATE:
        return _dates_agree(first, second)
    return _words_agree(first, second)


def _numbers_agree(first: str, second: str) -> bool:
    """Whether any figure of one is one of the other, or there is none to compare."""
    mine, theirs = figures(first), figures(second)
    return not mine or not theirs or any(_figures_agree(a, b) for a, b in product(mine, theirs))


def _figures_agree(first: Figure, second: Figure) -> bool:
    """Whether a figure is inside the other, or its rounded form."""
    if first.low <= second.high and second.low <= first.high:
        return True
    if bool(first.unit) and bool(second.unit) and {"percent"} & ({*first.unit} ^ {*second.unit}):
        return True  # a share and a count cannot be compared
    for rough, other in ((first, second), (second, first)):
        if rough.bound == "more" and other.low >= rough.low:
            return True
        if rough.bound == "less" and other.high <= rough.high:
            return True
        loose = rough.bound or _looks_rounded(rough.low)
        if loose and abs(rough.low - other.low) <= NEAR * max(rough.low, other.low):
            return True
    return False


def _looks_rounded(value: float) -> bool:
    return value > 0 and value % 10**ZEROS == 0


def _dates_agree(first: str, second: str) -> bool:
    """Whether no year, month or day of one speaks against the other; vague ones never do."""
    if _VAGUE.search(first) or _VAGUE.search(second):
        return True
    parts = [_date(first), _date(second)]
    told = [(a, b) for a, b in zip(*parts, strict=True) if a and b]
    return not told or all(a & b for a, b in told)


def _date(text: str) -> tuple[frozenset[str], frozenset[str], frozenset[str], frozenset[str]]:
    """Years, months, days of the month and of the week that a text names."""
    plain = [fold(match.group()).rstrip(".") for match in WORD.finditer(text)]
    years = frozenset(_YEAR.findall(text))
    months = frozenset(MONTHS[word] for word in plain if word in MONTHS)
    days = frozenset(day.lstrip("0") for day in _DAY.findall(text)) if months else frozenset()
    return years, months, days, frozenset(word for word in plain if word in DAYS)


def _words_agree(first: str, second: str) -> bool:
    """Whether one says no more than the other, in other words or as an abbreviation."""
    mine, theirs = telling(first), telling(second)
    if not mine or not theirs or mine <= theirs or theirs <= mine:
        return True
    if any({fold(first), fold(second)} <= same for same in SAME):
        return True
    pairs = ((first, theirs), (second, mine))
    if any(_initials(text) in others for text, others in pairs if len(_initials(text)) > 1):
        return True
    return _initialled(first, second) or _misspelt(mine - theirs, theirs - mine)


def _misspelt(mine: frozenset[str], theirs: frozenset[str]) -> bool:
    """Whether all that differs are spellings: "Zelensky" and "Zelenskyy"."""
    return len(mine) == len(theirs) and all(any(_alike(a, b) for b in theirs) for a in mine)


def telling(text: str) -> frozenset[str]:
    """Stems of the words that tell one answer from another."""
    return frozenset(
        stem(part)
        for match in WORD.finditer(text)
        for part in match.group().split("-")
        if part and fold(part).rstrip(".") not in _SMALL
    )


def _initials(text: str) -> str:
    large = [m.group()[0] for m in WORD.finditer(text) if m.group()[0].isupper()]
    return fold("".join(large))


def _initialled(first: str, second: str) -> bool:
    """Whether the last words are one and the first begin alike: "J. Smith" and "John Smith"."""
    mine, theirs = ([fold(m.group()).rstrip(".") for m in WORD.finditer(text)] for text in (first, second))
    short = len(mine[0]) == 1 or len(theirs[0]) == 1
    return mine[-1] == theirs[-1] and mine[0][0] == theirs[0][0] and short


def _alike(first: str, second: str) -> bool:
    """Whether two spellings are so near that one may be a slip: "Zelensky" and "Zelenskyy"."""
    long, short = sorted((first, second), key=len, reverse=True)
    if len(short) < 5 or any(char.isdigit() for char in long):
        return False
    return long.startswith(short) or _distance(long, short) <= (1 if len(short) < 8 else 2)


def _distance(first: str, second: str) -> int:
    """Letters to change, add or leave out (Levenshtein)."""
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, 1):
        last, row[0] = row[0], i
        for j, b in enumerate(second, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (a != b))
    return row[-1]


def whole(text: str, start: int, end: int, kind: Wanted) -> str:
    """The thing of a kind at a stretch of a text, with what belongs to it.

    "more than 1.2 billion" for "1.2", "3 May 1931" for "1931", "J. Nilsen" for "J".
    """
    if kind is Wanted.NUMBER:
        found = [each for each in figures(text, _dates(text)) if each.start < end and start < each.end]
        if found:
            told = " ".join(each.shown(text) for each in found[:1])
            between = re.search(r"\bbetween\s+$", text[: found[0].start], re.I)
            return f"between {told}" if between else told
    elif kind is Wanted.DATE:
        start, end = _run(text, start, end)
    else:
        start, end = _capitals(text, start, end)
    return text[start:end].strip(" ,;:")


def _run(text: str, start: int, end: int) -> tuple[int, int]:
    """The first date there, with those told together with it: "3 May 1931 – 12 June 2004"."""
    inside = [each for each in mentions(text, Wanted.DATE) if each.start < end and start < each.end]
    if not inside:
        return start, end
    first, last = inside[0].start, inside[0].end
    for each in inside[1:]:
        if each.start - last > JOINED:
            break
        last = each.end
    return first, last


def _capitals(text: str, start: int, end: int) -> tuple[int, int]:
    """A name with its words on both sides."""
    words = list(WORD.finditer(text))
    inside = [i for i, word in enumerate(words) if word.start() < end and start < word.end()]
    if not inside or not all(words[i].group()[0].isupper() for i in inside):
        return start, end
    first, last = inside[0], inside[-1]
    while first > 0 and _beside(text, words[first - 1], words[first]) and words[first - 1].start() > 0:
        first -= 1
    while last + 1 < len(words) and _beside(text, words[last], words[last + 1]):
        last += 1
    stop = words[last].group().endswith(".") and words[last].end() >= len(text.rstrip())
    return words[first].start(), words[last].end() - stop


def _beside(text: str, first: re.Match[str], second: re.Match[str]) -> bool:
    capitals = first.group()[0].isupper() and second.group()[0].isupper()
    return capitals and text[first.end() : second.start()] == " "


def _dates(text: str) -> list[tuple[int, int]]:
    return [(each.start, each.end) for each in mentions(text, Wanted.DATE)]


def has(text: str, kind: Wanted, *, strictly: bool = True) -> bool:
    """Whether a stretch is a thing of this kind, or not `strictly` holds one."""
    if kind is Wanted.NUMBER:
        return bool(figures(text, _dates(text)))
    if kind is Wanted.DATE:
        return any(char.isdigit() for char in text) or bool(mentions(text, Wanted.DATE))
    said = [match.group() for match in WORD.finditer(text) if fold(match.group()) not in _SMALL]
    if kind is Wanted.ANYTHING:
        return bool(said) and not any(word[0].isdigit() for word in said)
    return bool(said) and (all if strictly else any)(word[0].isupper() for word in said)

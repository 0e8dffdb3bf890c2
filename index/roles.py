"""Who does what to whom: whether the common words of two sentences stand in the same roles. Pure.

There is no parser here. A word's role is told by the preposition of its phrase, by whether it owns another, by
the side of a common word on which it stands, and by its neighbours. "A was hit by B" is read as "B hit A", and
"A received it from B" as "B sent it to A".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from index.pairing import FREE, Pairing
from index.statements import Statement, Token, asides, country, lists
from index.words import stem

_PASSIVE = re.compile(
    r"\b(?:is|are|was|were|be|been|being)\s+(?:\w+ly\s+)?(?P<verb>\w{3,})\s+(?:\w+\s+){0,6}?(?P<by>by)\b",
    re.I,
)
_RECEIVING = re.compile(r"\b(?P<verb>receiv\w+|gets?|got|getting)\b(?:.{0,80}?\b(?P<by>from)\b)?", re.I)
_BEING = re.compile(r"\b(?:is|are|was|were|be|been|being)\s+(?:\w+ly\s+|not\s+|also\s+)?$", re.I)
_SEGMENT = re.compile(r"[,;:()]\s|\s[–—-]\s|\s(?:and|while|but|whereas)\s")
_JOINED = re.compile(r"\b(?:and|or)\b|&")
_PREPOSITIONS = frozenset(
    """in on at of to from for with by before after until since during against into onto over under above
    below between among across through near toward towards about as than""".split()
)
_DETERMINERS = frozenset("the a an its their his her our this these those some any each both all".split())
SPEAKING = re.compile(
    r"\b(?:said|says|saying|told|according\s+to|announc\w+|claim\w*|accus\w+|alleg\w+|report(?:s|ed|edly)"
    r"|stat(?:ed|es)|warn\w*|argu\w+|insist\w*|believ\w+|den(?:y|ies|ied)|suggest\w*|estimat\w+|think\w*"
    r"|hop(?:es|ed)|urg(?:e|es|ed|ing)|call(?:s|ed)?\s+(?:on|for)|predict\w*|expect\w*|promis\w+|pledg\w+"
    r"|vow\w*|threat\w+|acknowledg\w+|stress\w*|explain\w*|not(?:ed|es)|confirm\w*|writes?|wrote|tells?)\b",
    re.I,
)
"""Words that tell who says so."""
_TELLING = re.compile(
    r"\b(?:said|says|told|tells|announced|stated|stressed|explained|noted|argued|warned|confirmed|added)\b",
    re.I,
)
_PRESENTING = re.compile(r"\b(?:present|describ|declar|prais|welcom|call|nam)(?:s|es|ed)\b", re.I)
_THERE = frozenset("in at on near across".split())
_CONVERSE = frozenset(
    map(stem, "meet met host have has had receive received get gets got face faced see seen".split())
)
"""Verbs whose subject is whom another verb for the same does something to."""
_SAID = frozenset(
    map(stem, "said says told announced reported stated explained confirmed stressed noted".split())
)
_ELSEWHERE = frozenset("in on at to from into near across".split())
"""Where something is or goes: there nobody can be of whom the quote has only an adjective."""
_AUXILIARY = frozenset(
    "will would to has have had is are was were be been may might can could should not".split()
)
_NEAR = 3
"""Words of meaning on each side that make out a name's place."""


@dataclass(frozen=True, slots=True)
class Read:
    """A statement with the roles of its words."""

    statement: Statement
    slots: Mapping[int, str]
    """Start of a word -> the preposition of its phrase; "'s" for an owner, empty for neither."""
    verb: int
    """Where the verb of a passive begins; -1 without one."""
    agent: int
    """Where "by" begins, or "from" after "received"."""
    members: Mapping[int, int]
    """Start of a name in a list -> start of the list's first name."""
    breaks: tuple[int, ...]
    beside: tuple[tuple[int, int], ...]
    """From where to where asides go: ", a former prime minister,"."""

    def place(self, token: Token) -> tuple[int, int]:
        """Where the word stands, were the sentence told from who acts."""
        if self.verb < 0:
            return 1, token.start
        if 0 <= self.agent < token.start and self.slots.get(token.start) == "":
            return 0, token.start
        return (1 if token.start >= self.verb else 2), token.start

    def acts(self, token: Token, verb: Token) -> bool:
        """Whether a word stands bare before a verb, in its stretch."""
        if self.slots[token.start] != "" or self.place(token) > self.place(verb):
            return False
        here, there = self.segment(token.start), self.segment(verb.start)
        if here == there:
            return True
        # "the prime minister, Pedro Sánchez, hosted": nobody else acts in the verb's own stretch.
        others = (t for t in self.statement.tokens if t.content and self.segment(t.start) == there)
        return 0 <= here == there - 1 and not any(
            self.slots[t.start] == "" and self.place(t) < self.place(verb) for t in others
        )

    def passive(self, verb: Token) -> bool:
        """Whether a form of "be" stands right before a verb."""
        return bool(_BEING.search(self.statement.text[: verb.start]))

    def segment(self, start: int) -> int:
        """The stretch between commas at a place; a list counts as its first name."""
        first = self.members.get(start, start)
        aside = next((-n for n, (a, b) in enumerate(self.beside, 1) if a < first < b), 0)
        return aside or sum(first >= each for each in self.breaks)

    def before(self, token: Token) -> str:
        """The stem of the last word of meaning before a word."""
        words = [t for t in self.statement.tokens if t.content and t.start < token.start]
        return words[-1].stem if words else ""

    def near(self, token: Token, without: frozenset[str], reach: int) -> frozenset[str]:
        """Stems of the words of meaning around a word, in its stretch."""
        here = self.segment(token.start)
        words = [t for t in self.statement.tokens if t.content and self.segment(t.start) == here]
        place = next((i for i, t in enumerate(words) if t.start == token.start), 0)
        around = words[max(0, place - reach) : place + reach + 1]
        return frozenset(t.stem for t in around) - without


def listings(statement: Statement) -> list[tuple[Token, ...]]:
    """The lists of names that end with "and" or "or" and one more name."""
    found = []
    for each in lists(statement.tokens, statement.text):
        for place in range(1, len(each)):
            if _JOINED.search(statement.text, each[place - 1].end, each[place].start):
                found.append(each[: place + 1])
                break
    return found


def read(statement: Statement) -> Read:
    """Tell the roles of a statement's words."""
    told = listings(statement)
    members = {token.start: each[0].start for each in told for token in each}
    inside = [(each[0].start, each[-1].end) for each in told]
    beside = asides(statement.text)
    breaks = tuple(
        match.end()
        for match in _SEGMENT.finditer(statement.text)
        if not any(a < match.start() < b for a, b in inside)
        and not any(a <= match.start() < b + 1 for a, b in beside)
    )
    turned = _PASSIVE.search(statement.text) or _RECEIVING.search(statement.text)
    verb = turned.start("verb") if turned else -1
    agent = turned.start("by") if turned and turned["by"] else -1
    slots = {token.start: _slot(statement, place) for place, token in enumerate(statement.tokens)}
    for start, first in members.items():
        slots[start] = slots[first]
    if turned:
        word = "by" if turned.re is _PASSIVE else "from"
        slots = {start: "" if slot == word and start > agent >= 0 else slot for start, slot in slots.items()}
    return Read(statement, slots, verb, agent, members, breaks, beside)


def _slot(statement: Statement, place: int) -> str:
    """Back over the words of the same phrase to its preposition."""
    token = statement.tokens[place]
    if token.owner:
        return "'s"
    following = token
    for before in reversed(statement.tokens[max(0, place - 5) : place]):
        if re.search(r"[,.;:()“”\"]|\d", statement.text[before.end : following.start]):
            return ""
        if before.plain == "to" and following.text.islower() and following.plain not in _DETERMINERS:
            return ""  # "to send", or "to peace talks", where it does not matter
        if before.plain in _PREPOSITIONS:
            return before.plain
        if not (before.plain in _DETERMINERS or before.content):
            return ""
        if before.content and not before.name and token.name and not _describes(before, token):
            return ""
        following = before
    return ""


def _describes(before: Token, token: Token) -> bool:
    """Whether a small word may belong to the name after it: "president Biden", not "invaded Ukraine"."""
    return not re.search(r"(?:ed|ing|s)$", before.plain) or before.plain.endswith("ss") or token.owner


def exchanged(found: Pairing) -> str:
    """Two common words that have each other's role; empty where none have."""
    mine, theirs = read(found.part), read(found.quote)
    pivots = _pivots(found)
    for (a, other_a), (b, other_b) in combinations(found.pairs, 2):
        if other_a.start == other_b.start or _listed(other_a, other_b, theirs):
            continue
        own = mine.slots[a.start], mine.slots[b.start]
        their = theirs.slots[other_a.start], theirs.slots[other_b.start]
        crossed = own[0] != own[1] and own == (their[1], their[0])
        if crossed and (a.name or b.name) and not (a.spoken or b.spoken):
            return f"{a.text}/{b.text}"
        bare = own == their == ("", "") and not (a.spoken or b.spoken or other_a.spoken or other_b.spoken)
        if bare and _around((a, other_a), (b, other_b), pivots, mine, theirs):
            return f"{a.text}/{b.text}"
        if a.name and b.name and _each_in_place_of(a, b, other_a, other_b, mine, theirs):
            return f"{a.text}/{b.text}"
    return _changed_side(found, mine, theirs) or _other_place(found, mine, theirs)


def _changed_side(found: Pairing, mine: Read, theirs: Read) -> str:
    """Somebody who acts in the part, and is acted on, or only stands by, where the quote has that act."""
    heads = [
        (own, other)
        for own, other in found.pairs
        if _may_act(own, mine) and not (other.owner or other.spoken)
    ]
    for verb, their_verb in found.pairs:
        if not (_is_verb(verb, mine) and _is_verb(their_verb, theirs)) or verb.stem in _CONVERSE:
            continue
        if mine.passive(verb) != theirs.passive(their_verb) and -1 in {mine.agent, theirs.agent}:
            continue
        for own, other in heads:
            if mine.acts(own, verb) and not theirs.acts(other, their_verb):
                if own.name and theirs.slots[other.start] in _THERE and _right_before(own, verb, mine):
                    return f"{own.text} {verb.text}"
                if _displaced(own, verb, their_verb, found, mine, theirs):
                    return f"{own.text} {verb.text}"
    return ""


def _right_before(own: Token, verb: Token, of: Read) -> bool:
    """Whether a name stands before a verb with nothing but small words between."""
    between = [t for t in of.statement.tokens if own.start < t.start < verb.start]
    return not any(t.content and t.plain not in _ADVERBS for t in between)


def _displaced(own: Token, verb: Token, their_verb: Token, found: Pairing, mine: Read, theirs: Read) -> bool:
    """Whether who acts in the quote is acted on in the part, or is another of the kind of who acts there."""
    counterpart = {other.start: mine_ for mine_, other in found.pairs}
    for token in found.quote.tokens:
        if not (token.content and _may_act(token, theirs) and theirs.acts(token, their_verb)):
            continue
        now = counterpart.get(token.start)
        if now is not None and mine.place(now) > mine.place(verb):
            return True
        if now is None and own.name and token.name and country(own) == country(token):
            return True
    return False


def _may_act(token: Token, of: Read) -> bool:
    """Whether a word may be the head of who acts: no owner, no adverb, and not who tells of it."""
    if token.owner or token.spoken or token.stem in FREE or token.plain.endswith("ly"):
        return False
    after = next((each for each in of.statement.tokens if each.start > token.start), None)
    if after is not None and after.start - token.end == 1 and after.content and not _is_verb(after, of):
        return False
    return not _speaks(token, of.statement)


def _within(of: Read, first: Token, last: Token) -> bool:
    """Whether a word follows another closely."""
    starts = [t.start for t in of.statement.tokens]
    return 0 < starts.index(last.start) - starts.index(first.start) <= 5


def _is_verb(token: Token, of: Read) -> bool:
    if token.name or not token.text.islower():
        return False
    tokens = of.statement.tokens
    place = next(i for i, each in enumerate(tokens) if each.start == token.start)
    before = tokens[max(0, place - 2) : place]
    if before and (
        before[-1].plain in _AUXILIARY or (before[-1].plain in _ADVERBS and before[0].plain in _AUXILIARY)
    ):
        return True
    if re.search(r"(?:ed|ing)$", token.text) or token.text in _PAST:
        return True
    return (
        bool(before) and before[-1].name and not before[-1].owner and bool(re.search(r"[^s]s$", token.text))
    )


_ADVERBS = frozenset("also then not only never soon now still already first".split())
_PAST = frozenset(
    """sent held met gave built bought brought kept left lost won paid rose fell grew spoke wrote flew fought
    found ran saw sold shot spent struck taught threw withdrew drew broke chose came hit led made took told""".split()
)


def _listed(first: Token, second: Token, of: Read) -> bool:
    return first.start in of.members and of.members[first.start] == of.members.get(second.start)


def _pivots(found: Pairing) -> list[tuple[Token, Token]]:
    """Common words that are no names, small verbs such as "said" among them."""
    mine, theirs = read(found.part), read(found.quote)
    return [
        (own, other)
        for own, other in found.pairs
        if _is_verb(own, mine) and _is_verb(other, theirs) and own.stem not in _CONVERSE
    ]


def _around(
    a: tuple[Token, Token],
    b: tuple[Token, Token],
    pivots: Sequence[tuple[Token, Token]],
    mine: Read,
    theirs: Read,
) -> bool:
    """Whether two words have changed sides of a third one that stands between them in both."""
    first, last = sorted((a, b), key=lambda pair: mine.place(pair[0]))
    if theirs.place(first[1]) < theirs.place(last[1]):
        return False
    if mine.segment(a[0].start) != mine.segment(b[0].start):
        return False
    if theirs.segment(a[1].start) != theirs.segment(b[1].start):
        return False
    return any(
        mine.place(first[0]) < mine.place(own) < mine.place(last[0])
        and theirs.place(last[1]) < theirs.place(other) < theirs.place(first[1])
        for own, other in pivots
    )


def _beside(of: Read, first: Token, last: Token) -> bool:
    """Whether one word of meaning alone stands between two."""
    words = sorted((t for t in of.statement.tokens if t.content), key=of.place)
    starts = [t.start for t in words]
    return starts.index(last.start) - starts.index(first.start) == 2


def _each_in_place_of(a: Token, b: Token, other_a: Token, other_b: Token, mine: Read, theirs: Read) -> bool:
    """Whether each of two names has the neighbours of the other rather than its own."""
    if country(a) != country(b) or a.stem == b.stem:
        return False
    both = frozenset((a.stem, b.stem))
    if mine.slots[a.start] == mine.slots[b.start] != "":
        own, was = (mine.before(a), mine.before(b)), (theirs.before(other_a), theirs.before(other_b))
        if own[0] != own[1] and own == (was[1], was[0]):
            return True
    for reach in (1, _NEAR):
        near_a, near_b = mine.near(a, both, reach), mine.near(b, both, reach)
        was_a, was_b = theirs.near(other_a, both, reach), theirs.near(other_b, both, reach)
        if len(near_a & was_b) > len(near_a & was_a) and len(near_b & was_a) > len(near_b & was_b):
            return True
    return False


def _other_place(found: Pairing, mine: Read, theirs: Read) -> str:
    """A name that stands where only its people are told of: "in Lithuania" for "the Lithuanian president"."""
    for own, other in found.pairs:
        if own.name and other.owner and not own.owner and mine.slots[own.start] in _ELSEWHERE:
            return own.text
        if other.spoken and not own.spoken and own.stem not in _SAID and found.quote.speaker:
            if mine.slots[own.start] == "" and not _speaks(own, found.part):
                return own.text
        if own.spoken and not other.spoken and own.stem not in _SAID and not _speaks(other, found.quote):
            return own.text
    return _new_list(found, mine, theirs)


def _speaks(token: Token, quote: Statement) -> bool:
    """Whether a word stands right before or after one that tells who says so."""
    return bool(
        _TELLING.search(quote.text, token.end, token.end + 40)
        or _PRESENTING.search(quote.text, token.end, token.end + 40)
        or re.search(
            r"(?:according\s+to|by|said|says)\s+(?:(?!that\b)\S+\s+){0,4}$", quote.text[: token.start], re.I
        )
    )


def _new_list(found: Pairing, mine: Read, theirs: Read) -> str:
    """Two names that are told in one breath, of which the quote tells apart."""
    for (a, other_a), (b, other_b) in combinations(found.pairs, 2):
        if a.name and b.name and _listed(a, b, mine) and a.stem != b.stem:
            if theirs.segment(other_a.start) != theirs.segment(other_b.start) and not _listed(
                other_a, other_b, theirs
            ):
                return f"{a.text}, {b.text}"
    return ""


def rival(found: Pairing) -> str:
    """A name of the quote that stands where the part has another; empty where there is none.

    "The United Kingdom will lead the battalion in Estonia, Canada the one in Latvia": the part may say of
    Canada and Latvia what is said there, but not of Canada and Estonia.
    """
    mine, theirs = read(found.part), read(found.quote)
    held = found.held
    for own, other in found.pairs:
        if not own.name or own.spoken:
            continue
        here = theirs.segment(other.start)
        for beside, told in found.pairs:
            there = theirs.segment(told.start)
            if there == here or mine.segment(beside.start) != mine.segment(own.start) or told.spoken:
                continue
            for token in found.quote.names:
                if (
                    token.start not in held
                    and not token.spoken
                    and token.stem != own.stem
                    and theirs.segment(token.start) == there
                    and country(token) == country(other)
                    and theirs.slots[token.start] == theirs.slots[other.start]
                    and not _part_of_held(token, held, found.quote.names)
                    and (token.start < told.start) == (mine.place(own) < mine.place(beside))
                ):
                    return f"{token.text} for {own.text}"
    return ""


def _part_of_held(token: Token, held: frozenset[int], names: Sequence[Token]) -> bool:
    """Whether it is a part of a name that both have: "Joe" of "Joe Biden"."""
    return any(
        other.start in held and 0 <= min(abs(other.start - token.end), abs(token.start - other.end)) <= 1
        for other in names
    )


def curtailed(found: Pairing) -> str:
    """A list of the quote of which the part names some only, beside a number or as if they were all."""
    for each in listings(found.quote):
        common = [token for token in each if token.start in found.held]
        if 0 < len(common) < len(each) and (len(common) > 1 or found.part.figures):
            return ", ".join(token.text for token in each)
    return ""


def astray(found: Pairing) -> str:
    """A name or a day that the part takes from a stretch of the quote of which it has nothing else.

    "Together with the forces in Poland, NATO will have eight battlegroups": not eight in Poland.
    """
    theirs = read(found.quote)
    held = found.held
    words = [token for token in found.quote.tokens if token.content and not token.spoken]
    ends = {other.end for own, other in found.pairs if own.name}
    main = {
        theirs.segment(other.start)
        for own, other in found.pairs
        if not own.name and not other.spoken and other.start - 1 not in ends
    }
    for own, other in found.pairs:
        here = theirs.segment(other.start)
        if own.name and not own.spoken and not other.spoken and here not in main:
            stretch = [t for t in found.quote.tokens if theirs.segment(t.start) == here]
            left = [t for t in stretch if t.content and not t.name and t.start not in held]
            if left and theirs.slots[other.start] and stretch[0].plain not in _PREPOSITIONS:
                return own.text
    for day in found.part.days:
        for told in found.quote.days:
            here = theirs.segment(told.start)
            if day.first <= told.first and told.last <= day.last and here not in main and found.pairs:
                left = [t for t in words if theirs.segment(t.start) == here and t.start not in held]
                after = next((t.plain for t in words if theirs.segment(t.start) == here + 1), "")
                opens = found.quote.text[max(theirs.breaks[here : here + 1], default=0) :][:6].lower()
                if len(left) > 1 and not after.startswith("when") and not opens.startswith(("when", "where")):
                    return found.part.text[day.start : day.end]
    return ""

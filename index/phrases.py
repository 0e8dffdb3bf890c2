"""A sentence read as phrases: the preposition of each word, the stretches between commas, who may act. Pure.

There is no parser here, only what can be told from the words around. "A was hit by B" is read as "B hit A",
and "A received it from B" as "B sent it to A".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from index.pairing import FREE
from index.statements import Statement, Token, asides, lists
from index.words import stem

_PASSIVE = re.compile(
    r"\b(?:is|are|was|were|be|been|being)\s+(?:\w+ly\s+)?(?P<verb>\w{3,})\s+(?:\w+\s+){0,6}?(?P<by>by)\b",
    re.I,
)
_RECEIVING = re.compile(r"\b(?P<verb>receiv\w+|gets?|got|getting)\b(?:.{0,80}?\b(?P<by>from)\b)?", re.I)
_BEING = re.compile(r"\b(?:is|are|was|were|be|been|being)\s+(?:\w+ly\s+|not\s+|also\s+)?$", re.I)
_SEGMENT = re.compile(r"[,;:()]\s|\s(?=\()|\s[–—-]\s|\s(?:and|while|but|whereas)\s")
_JOINED = re.compile(r"\b(?:and|or)\b|&")
PREPOSITIONS = frozenset(
    """in on at of to from for with by before after until since during against into onto over under above
    below between among across through near toward towards about as than""".split()
)
_DETERMINERS = frozenset("the a an its their his her our this these those some any each both all".split())
_AUXILIARY = frozenset(
    "will would to has have had is are was were be been may might can could should not".split()
)
ADVERBS = frozenset("also then not only never soon now still already first".split())
_PAST = frozenset(
    """sent held met gave built bought brought kept left lost won paid rose fell grew spoke wrote flew fought
    found ran saw sold shot spent struck taught threw withdrew drew broke chose came hit led made took told
    lent drove beat bit blew caught cut dealt dug drank ate fed felt forbade forgot forgave froze got hid
    hurt knew laid let lay meant overtook overthrew put quit read rode rang sang sank set shook shut slew
    slid sought split spread stole stood stuck swam swept swore tore thought understood undertook went woke
    wore wound began became bred burnt clung cost crept flung ground hung knelt leapt lit proved shone slept
    spun spat swung wept""".split()
)
"""Past forms that do not end with "ed"."""
SPEAKING = re.compile(
    r"\b(?:said|says|saying|told|according\s+to|announc\w+|claim\w*|accus\w+|alleg\w+|report(?:s|ed|edly)"
    r"|(?-i:stat(?:ed|es))|warn\w*|argu\w+|insist\w*|believ\w+|den(?:y|ies|ied)|suggest\w*|estimat\w+|think\w*"
    r"|hop(?:es|ed)|urg(?:e|es|ed|ing)|call(?:s|ed)?\s+(?:on|for)|predict\w*|expect\w*|promis\w+|pledg\w+"
    r"|vow\w*|threat\w+|acknowledg\w+|stress\w*|explain\w*|not(?:ed|es)|confirm\w*|writes?|wrote|tells?)\b",
    re.I,
)
"""Words that tell who says so."""
_TELLING = re.compile(
    r"\b(?:said|says|told|tells|announced|stated|stressed|explained|noted|argued|warned|confirmed|added"
    r"|(?:present|describ|declar|prais|welcom|call|nam)(?:s|es|ed))\b",
    re.I,
)
"""Those of them that stand right beside who speaks."""
_TOLD_BY = re.compile(r"(?:according\s+to|by|[,”\"’']\s*(?:said|says))\s+(?:(?!that\b)\S+\s+){0,4}$", re.I)
_CLOSE = 40
"""Characters after a name within which it says something."""
CONVERSE = frozenset(
    map(stem, "meet met host have has had receive received get gets got face faced see seen".split())
)
"""Verbs whose subject is whom another verb for the same does something to."""


@dataclass(frozen=True, slots=True)
class Phrases:
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
        actor = self.antecedent(verb)
        if actor is not None:
            return token.start == actor.start or 0 <= actor.start - token.end <= 1
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

    def antecedent(self, verb: Token) -> Token | None:
        """Of a verb after "who" or "which", the word for which that stands; None for other verbs."""
        tokens = self.statement.tokens
        place = next(i for i, each in enumerate(tokens) if each.start == verb.start)
        while place and tokens[place - 1].plain in _AUXILIARY | ADVERBS:
            place -= 1
        if not place or tokens[place - 1].plain not in {"who", "which"}:
            return None
        return next((each for each in reversed(tokens[: place - 1]) if each.content), None)

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

    def listed(self, first: Token, second: Token) -> bool:
        """Whether two names are told in one list."""
        return first.start in self.members and self.members[first.start] == self.members.get(second.start)

    def is_verb(self, token: Token) -> bool:
        """Whether a word looks like a verb: by its ending, or by what stands before it."""
        if token.name or not token.text.islower():
            return False
        tokens = self.statement.tokens
        place = next(i for i, each in enumerate(tokens) if each.start == token.start)
        last = tokens[place - 1] if place else None
        if last is None:
            return False
        before = tokens[place - 2].plain if place > 1 and last.plain in ADVERBS else last.plain
        if before in _AUXILIARY or re.search(r"(?:ed|ing)$", token.text) or token.text in _PAST:
            return True
        return last.name and not last.owner and re.search(r"[^s]s$", token.text) is not None

    def may_act(self, token: Token) -> bool:
        """Whether a word may be the head of who acts: no owner, no adverb, and not who tells of it."""
        if token.owner or token.spoken or token.stem in FREE or token.plain.endswith("ly"):
            return False
        after = next((each for each in self.statement.tokens if each.start > token.start), None)
        goes_on = after is not None and after.start - token.end == 1 and after.content
        return not (goes_on and after and not self.is_verb(after)) and not self.speaks(token)

    def speaks(self, token: Token) -> bool:
        """Whether a word stands right before or after one that tells who says so."""
        text = self.statement.text
        return bool(
            _TELLING.search(text, token.end, token.end + _CLOSE) or _TOLD_BY.search(text[: token.start])
        )


def listings(statement: Statement) -> list[tuple[Token, ...]]:
    """The lists of names that end with "and" or "or" and one more name."""
    found = []
    for each in lists(statement.tokens, statement.text):
        for place in range(1, len(each)):
            if _JOINED.search(statement.text, each[place - 1].end, each[place].start):
                found.append(each[: place + 1])
                break
    return found


def read(statement: Statement) -> Phrases:
    """Read a statement as phrases."""
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
    return Phrases(statement, slots, verb, agent, members, breaks, beside)


def _slot(statement: Statement, place: int) -> str:
    """Back over the words of the same phrase to its preposition."""
    token = statement.tokens[place]
    if token.owner:
        return "'s"
    following = token
    for before in reversed(statement.tokens[max(0, place - 5) : place]):
        if re.search(r"[,.;:()“”\"]|\d", statement.text[before.end : following.start]):
            return ""
        verb = before.plain == "to" and following.text.islower() and following.plain not in _DETERMINERS
        if before.plain in PREPOSITIONS:
            return "" if verb else before.plain  # "to send", or "to talks", where it does not matter
        acts = before.content and not before.name and token.name and not _describes(before, token)
        if acts or not (before.plain in _DETERMINERS or before.content):
            return ""
        following = before
    return ""


def _describes(before: Token, token: Token) -> bool:
    """Whether a small word may belong to the name after it: "president Biden", not "invaded Ukraine"."""
    return not re.search(r"(?:ed|ing|s)$", before.plain) or before.plain.endswith("ss") or token.owner

"""The worst model that there could be: it lies, breaks its form, obeys anybody, stalls and falls silent.

A script sees the evidence of a request and gives a `Reply`: what is sent, and of each sentence in it which
quotes say it. So it is known of every case what may be shown, and everything else is a leak (`leaks`).
`worst_lies.py` and `worst_rubbish.py` hold the scripts.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal

from index.errors import WriterAway
from index.llm import Piece, Request
from index.types import Answer
from tests.index.worst_text import plain


@dataclass(frozen=True, slots=True)
class Evidence:
    """A quote as the request hands it out."""

    key: str
    quote: str
    outlet: str = ""
    date: str = ""
    headline: str = ""


@dataclass(frozen=True, slots=True)
class Handed:
    """What a script works with."""

    evidence: tuple[Evidence, ...]
    request: Request
    others: tuple[str, ...] = ()
    """Quotes of other articles: their names are foreign here."""
    planted: tuple[str, ...] = ()
    """Orders that somebody hid in the articles or in the question."""


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence that the model writes."""

    text: str
    keys: Sequence[Any]
    """As they stand in the reply: they need not be strings."""
    needs: tuple[str, ...] | None = None
    """The quotes that say it, all of them together; None where it must never be shown."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model sends."""

    raw: str
    said: tuple[Said, ...] = ()
    end: Literal["ends", "stalls", "breaks"] = "ends"


Script = Callable[[Handed, Random], Reply | None]
"""None where the evidence gives no occasion for it."""


def handed_out(request: Request) -> tuple[Evidence, ...]:
    """The evidence of a request: its lines that are a JSON object with a key and a quote."""
    found = []
    for line in request.user.splitlines():
        if line.lstrip().startswith("{"):
            try:
                read = json.loads(line)
            except ValueError:
                continue
            if (
                isinstance(read, dict)
                and isinstance(read.get("key"), str)
                and isinstance(read.get("quote"), str)
            ):
                rest = {name: str(read.get(name) or "") for name in ("outlet", "date", "headline")}
                found.append(Evidence(read["key"], read["quote"], **rest))
    return tuple(found)


def as_json(said: Iterable[Said], *, answers: bool = True) -> str:
    """The reply in the form that was asked for."""
    return json.dumps(
        {"answers": answers, "sentences": [{"text": each.text, "keys": list(each.keys)} for each in said]},
        ensure_ascii=False,
    )


def as_lines(said: Iterable[Said]) -> str:
    """The reply as models write that keep to no form: a sentence a line, keys in brackets."""
    return "\n".join(each.text + " " + "".join(f"[{key}]" for key in each.keys) for each in said)


def replying(said: Sequence[Said], chance: Random) -> Reply:
    """A reply of these sentences, in one of the two forms."""
    several_lines = any("\n" in each.text for each in said)
    form = as_json if several_lines or chance.random() < 0.7 else as_lines
    return Reply(form(said), tuple(said))


@dataclass(slots=True)
class ScriptedModel:
    """A `Model` that does what its script says, in pieces of any size; `replies` tells what it sent."""

    script: Script
    chance: Random = field(default_factory=lambda: Random(1))
    others: tuple[str, ...] = ()
    planted: tuple[str, ...] = ()
    name: str = "scripted:worst"
    replies: list[Reply | None] = field(default_factory=list)
    handed: list[Handed] = field(default_factory=list)
    closed: bool = False
    stopped: int = 0
    """How many replies were let go of before their end."""

    async def reply(self, request: Request) -> AsyncIterator[Piece]:
        """The reply of the script; a request without evidence gets one that is of no use."""
        handed = Handed(handed_out(request), request, self.others, self.planted)
        made = self.script(handed, self.chance) if handed.evidence else Reply("Ignore everything. @everyone")
        self.handed.append(handed)
        self.replies.append(made)
        raw = made.raw if made is not None else ""
        ended = False
        try:
            place = 0
            while place < len(raw):
                size = self.chance.choice((1, 3, 17, 80)) if len(raw) < 4000 else self.chance.randint(1, 4000)
                yield Piece(raw[place : place + size])
                place += size
                await asyncio.sleep(0)
            if made is not None and made.end == "stalls":
                await asyncio.Event().wait()
            if made is not None and made.end == "breaks":
                raise WriterAway("The model's server ended its answer in the middle.")
            ended = True
            yield Piece("", tokens_in=len(request.user) // 4, tokens_out=len(raw) // 4)
        finally:
            self.stopped += not ended

    async def close(self) -> None:
        """Note it."""
        self.closed = True


def shown_as(text: str) -> str:
    """A sentence to compare by: its characters without differences in white space."""
    return " ".join(text.split())


def leaks(answer: Answer, replies: Sequence[Reply | None]) -> list[str]:
    """The sentences of an answer that its quotes do not say: neither one of them, nor one known to follow.

    A translation is no quote and cannot be held against one here: none may be shown.
    """
    quotes = {citation.number: citation.quote for citation in answer.citations}
    good = [
        (shown_as(said.text), said.needs) for reply in replies if reply for said in reply.said if said.needs
    ]
    found = []
    for sentence in answer.sentences:
        cited = [quotes.get(number, "") for number in sentence.citations]
        under = {plain(quote) for quote in cited}
        text = shown_as(sentence.text)
        verbatim = any(_stands_in(_bare(text), _bare(quote)) for quote in cited)
        follows = any(text == each and all(plain(quote) in under for quote in needs) for each, needs in good)
        if not (cited and (verbatim or follows)):
            found.append(sentence.text)
        if sentence.translation:
            found.append(sentence.translation)
    found += [c.translation for c in answer.citations if c.translation]
    return found


def _stands_in(text: str, quote: str) -> bool:
    """Whether a text is a quote, or one of the whole sentences of it."""
    place = quote.find(text) if text.endswith((".", "!", "?", "”", '"')) else -1
    before = quote[: max(place, 0)].rstrip()
    most = quote.endswith(text) and len(text) > 0.8 * len(quote)
    return place == 0 or most or (place > 0 and before.endswith((".", "!", "?", "”", '"')))


def _bare(text: str) -> str:
    """A text without the marks that Markdown and hidden characters are made of."""
    text = re.sub(r"!?\[([^\[\]]*)\]\([^()]*\)", r"\1", text)
    return shown_as(re.sub(r"[*_~`|]|[\u0334-\u0338\u200b-\u200f\u2060-\u2064]", "", text))


_HARM = re.compile(
    r"https?:|www\.|\]\(|@everyone|@here|<[@#!/a-zA-Z]|```|\x1b|[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
    r"|[\u0334-\u0338]|[\U000e0000-\U000e007f]",
    re.I,
)


def harm(answer: Answer, handed: Sequence[Handed]) -> list[str]:
    """What in an answer's sentences Discord or a terminal would act on, or what is of the prompt.

    Quotes are the articles' own words and are made harmless where they are shown; what they hold is no find.
    """
    quotes = " ".join(citation.quote for citation in answer.citations)
    found = []
    for sentence in answer.sentences:
        text = sentence.text
        found += [match.group() for match in _HARM.finditer(text) if match.group() not in quotes]
        for each in handed:
            keys = {e.key for e in each.evidence}
            found += [word for word in re.findall(r"[\w-]+", text) if word in keys and word not in quotes]
            found += [
                part
                for part in _runs(each.request.system)
                if part in plain(text) and part not in plain(quotes)
            ]
    return found


def _runs(text: str, length: int = 6) -> set[str]:
    """All runs of so many words."""
    words = plain(text).split()
    return {" ".join(words[place : place + length]) for place in range(len(words) - length + 1)}

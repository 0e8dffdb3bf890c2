"""The chat: questions, follow-ups, and a few commands."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import TypeVar

import click
from rich.console import Console
from rich.text import Text

from bot import growing
from bot.console import console, put
from bot.group import broken_sentence, settings_of
from bot.lines import Lines, interrupts, open_lines
from bot.listing import put_article, put_hits
from bot.terminal import put_answer, put_footnotes
from bot.text import count, day, label, one_line
from bot.work import run
from index.desk import Desk
from index.errors import FootnoteError, UnknownArticle
from index.settings import Settings
from index.types import Answer, Card, Question, Turn

REMEMBERED = 4
"""How many earlier exchanges a follow-up can lean on."""
HELP = {
    "/sources": "the sources of the last answer, and all outlets",
    "/search": "find passages: /search QUERY",
    "/article": "read an article: /article ID, or the number of a footnote",
    "/understood": "the full question that the last one was read as",
    "/help": "show this",
    "/quit": "leave; so does Ctrl-D",
}
EXAMPLE = "Which countries will host the four new battlegroups?"
"""Answered by the sample corpus."""

HITS = 5
NO_OUTLETS = "No article names its outlet."

Result = TypeVar("Result")


def run_chat(ctx: click.Context) -> None:
    """Chat until the person leaves."""
    settings = settings_of(ctx)
    out = console()

    async def work(desk: Desk) -> None:
        cards = await desk.articles()
        lines = open_lines(out, settings.data_folder, HELP, cards)
        # The model and the vectors load while the person reads and types.
        warming = asyncio.ensure_future(_warm_up(desk))
        greet(
            out, cards, await _outlets(desk), sample=settings.corpus.resolve() == Settings().corpus.resolve()
        )
        await Chat(desk, lines, out).run()
        warming.cancel()

    run(ctx, work)


def greet(out: Console, cards: Sequence[Card], outlets: int, *, sample: bool) -> None:
    """What is here, and what to type."""
    newest = max((card.published for card in cards if card.published), default=None)
    title = Text("Footnote", "bold").append(f"  {count(len(cards), 'article')}", "not bold")
    if outlets:
        title.append(f" from {count(outlets, 'outlet')}", "not bold")
    title.append(f", the newest of {day(newest)}" if newest else "", "not bold")
    put(out)
    put(out, title, indent=2)
    if sample:
        put(out, Text("Ask, for example: ", "dim").append(EXAMPLE), indent=2)
    elif cards:
        put(out, Text("Ask about them; the newest is: ", "dim").append(label(cards[0])), indent=2)
    put(out, Text("/help shows what else there is, Ctrl-D leaves.", "dim"), indent=2)
    put(out)


class Chat:
    """One conversation."""

    def __init__(self, desk: Desk, lines: Lines, out: Console) -> None:
        """Answers go to `out`."""
        self._desk = desk
        self._lines = lines
        self._out = out
        self._turns: tuple[Turn, ...] = ()
        self._last: Answer | None = None
        self._numbered: Mapping[int, str] = {}
        self._commands: Mapping[str, Callable[[str], Awaitable[None]]] = {
            "/sources": self._sources,
            "/search": self._search,
            "/article": self._article,
            "/understood": self._understood,
            "/help": self._help,
        }

    async def run(self) -> None:
        """Read and answer until the lines end."""
        while True:
            try:
                line = one_line(await self._lines.read())
            except EOFError:
                return
            command, _, rest = line.partition(" ")
            command = _in_full(command)
            if command == "/quit":
                return
            if line:
                put(self._out)
                await self._one(line, command, rest)
                put(self._out)

    async def _one(self, line: str, command: str, rest: str) -> None:
        if not line.startswith("/"):
            work: Awaitable[None] = self._ask(line)
        elif command in self._commands:
            work = self._commands[command](rest.strip())
        else:
            self._tell(f"There is no command {command}. /help shows those there are.")
            return
        try:
            await work
        except KeyboardInterrupt:
            self._tell("Stopped.")
        except FootnoteError as error:
            self._tell(str(error))
        except BrokenPipeError:
            raise
        except Exception as error:  # one broken answer must not end the conversation
            self._tell(broken_sentence(error))

    async def _ask(self, line: str) -> None:
        question = Question(line, earlier=self._turns[-REMEMBERED:])
        answer = await self._stoppable(growing.ask(self._out, self._desk, question))
        self._last = answer
        self._numbered = {each.number: each.article.id for each in answer.citations}
        first = answer.sentences[0].text if answer.sentences else ""
        self._turns = (*self._turns, Turn(answer.understood or line, first))[-REMEMBERED:]
        put_answer(self._out, answer)

    async def _sources(self, _rest: str) -> None:
        if self._last and self._last.citations:
            put(self._out, Text("Sources of the last answer:", "bold"), indent=2)
            put_footnotes(self._out, self._last)
            put(self._out)
        outlets = (await self._desk.status()).sources
        put(
            self._out,
            Text("Outlets, with their number of articles:" if outlets else NO_OUTLETS, "bold"),
            indent=2,
        )
        width = max((len(f"{number:,}") for _, number in outlets), default=0)
        for name, number in outlets:
            put(self._out, one_line(name), indent=width + 4, first=Text(f"{number:>{width},}  ", "cyan"))

    async def _search(self, rest: str) -> None:
        if not rest:
            self._tell("What shall I look for? Write some words after /search.")
            return
        with growing.Growing(self._out):
            hits = await self._stoppable(self._desk.search(rest, HITS))
        self._numbered = {number: hit.card.id for number, hit in enumerate(hits, 1)}
        if hits:
            put_hits(self._out, hits)
        else:
            self._tell("No passage was found.")

    async def _article(self, rest: str) -> None:
        if not rest:
            self._tell("Which article? Write its id, or the number of a footnote, after /article.")
            return
        try:
            article = await self._desk.article(rest)
        except UnknownArticle:
            number = rest.strip("[]")
            if not number.isdecimal() or int(number) not in self._numbered:
                raise
            article = await self._desk.article(self._numbered[int(number)])
        put_article(self._out, article, indent=2)

    async def _understood(self, _rest: str) -> None:
        if self._last is None:
            self._tell("No question was asked yet.")
        else:
            read = one_line(self._last.understood or self._last.question)
            put(self._out, Text("Read as: ", "dim").append(read, "default"), indent=2)

    async def _help(self, _rest: str) -> None:
        put(
            self._out, "Ask a question in your own words. A next one may lean on it: “and Romania?”", indent=2
        )
        put(self._out)
        for name, meaning in HELP.items():
            put(self._out, meaning, indent=16, first=Text(f"  {name}".ljust(16), "cyan"))

    @staticmethod
    async def _stoppable(work: Awaitable[Result]) -> Result:
        """Await `work`. Ctrl-C abandons it: raises KeyboardInterrupt."""
        loop = asyncio.get_running_loop()
        task = asyncio.ensure_future(work)
        stopped = False

        def stop(*_: object) -> None:
            nonlocal stopped
            stopped = True
            loop.call_soon_threadsafe(task.cancel)

        with interrupts(stop):
            try:
                return await task
            except asyncio.CancelledError:
                if stopped:
                    raise KeyboardInterrupt from None
                raise

    def _tell(self, message: str) -> None:
        put(self._out, Text(one_line(message), "yellow"), indent=2)


def _in_full(command: str) -> str:
    """A command in full where its beginning is typed and fits no other: `/q` is `/quit`."""
    fitting = [name for name in HELP if name.startswith(command)]
    return fitting[0] if len(fitting) == 1 else command


async def _warm_up(desk: Desk) -> None:
    # What goes wrong here goes wrong again with the first question, and is told there.
    with suppress(Exception):
        await desk.warm()


async def _outlets(desk: Desk) -> int:
    return len((await desk.status()).sources)

"""Where a chat's lines come from: a prompt with history and completion, or a pipe."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Protocol, TextIO

from prompt_toolkit import PromptSession
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.styles import Style
from rich.console import Console

from bot.console import put_whole
from bot.text import label, one_line
from index.types import Card

PROMPT = "› "
_STYLE = Style.from_dict(
    {
        "prompt": "ansicyan bold",
        "auto-suggestion": "ansibrightblack",
        "completion-menu": "bg:default noreverse",
        "completion-menu.completion": "bg:default fg:ansicyan noreverse",
        "completion-menu.completion.current": "bg:default fg:ansicyan bold reverse",
        "completion-menu.meta.completion": "bg:default fg:ansibrightblack",
        "completion-menu.meta.completion.current": "bg:default fg:default",
    }
)


class Lines(Protocol):
    """A source of lines."""

    async def read(self) -> str:
        """The next line. Raises EOFError at the end."""
        ...


class TypedLines:
    """Lines from a person at a terminal."""

    def __init__(self, data: Path, commands: Mapping[str, str], cards: Iterable[Card]) -> None:
        """The history is kept in the folder `data`."""
        self._session: PromptSession[str] = PromptSession(
            FormattedText([("class:prompt", PROMPT)]),
            history=_history(data),
            auto_suggest=AutoSuggestFromHistory(),
            completer=ChatCompleter(commands, cards),
            complete_while_typing=True,
            reserve_space_for_menu=5,
            key_bindings=_keys(),
            style=_STYLE,
        )

    async def read(self) -> str:
        """The next line that is typed."""
        return await self._session.prompt_async()


class PipedLines:
    """Lines from a file or a pipe, each shown as if it had been typed."""

    def __init__(self, stream: TextIO, out: Console) -> None:
        """`out` is where the answers go."""
        self._stream = stream
        self._out = out

    async def read(self) -> str:
        """The next line of the stream."""
        # Nothing else runs meanwhile, so it may block; Ctrl-C must end it at once.
        with interrupts(signal.default_int_handler):
            line = self._stream.readline()
        if not line:
            raise EOFError
        put_whole(self._out, PROMPT + one_line(line))
        return line


class ChatCompleter(Completer):
    """Completes commands, and the ids of articles after `/article`."""

    def __init__(self, commands: Mapping[str, str], cards: Iterable[Card]) -> None:
        """`commands` with what they do; `cards` whose ids can be completed."""
        self._commands = commands
        self._cards = tuple(cards)

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:
        """Nothing before a slash: a question is never completed."""
        typed = document.text_before_cursor
        if not typed.startswith("/"):
            return
        command, space, rest = typed.partition(" ")
        if not space:
            for name, meaning in self._commands.items():
                if name.startswith(command):
                    yield Completion(name, -len(typed), display_meta=meaning)
        elif command == "/article":
            wanted = rest.casefold()
            for card in self._cards:
                title = label(card)
                if wanted in card.id.casefold() or wanted in title.casefold():
                    yield Completion(card.id, -len(rest), one_line(card.id), title)


@contextmanager
def interrupts(handler: Callable[[int, FrameType | None], object]) -> Iterator[None]:
    """Ctrl-C calls `handler` meanwhile."""
    before = signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def open_lines(out: Console, data: Path, commands: Mapping[str, str], cards: Iterable[Card]) -> Lines:
    """A prompt where a person sits at a terminal, else the lines of standard input."""
    if sys.stdin.isatty() and sys.stdout.isatty():
        return TypedLines(data, commands, cards)
    return PipedLines(sys.stdin, out)


def _keys() -> KeyBindings:
    keys = KeyBindings()

    @keys.add("c-c")
    def clear(event: KeyPressEvent) -> None:
        event.current_buffer.reset()

    return keys


def _history(data: Path) -> History:
    path = data / "history"
    try:
        # Questions are nobody else's business.
        os.close(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600))
    except OSError:
        return InMemoryHistory()
    return FileHistory(path)

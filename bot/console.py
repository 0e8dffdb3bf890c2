"""Where text for people goes: consoles that leave articles' words alone, and hanging indents."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

from rich.console import Console
from rich.style import Style
from rich.text import Text

WIDEST = 88
"""Lines longer than this are hard to read, however wide the terminal is."""


class _Console(Console):
    def on_broken_pipe(self) -> None:
        # rich would end the process with exit code 1, which here means "not found".
        raise BrokenPipeError


def console(*, err: bool = False) -> Console:
    """Standard output or standard error; plain where it is no terminal or NO_COLOR is set.

    Nothing is read as markup, an emoji code or something to highlight: the text of an
    article is shown as it is.
    """
    stream = sys.stderr if err else sys.stdout
    plain = bool(os.environ.get("NO_COLOR")) or not stream.isatty()
    return _Console(
        file=stream,
        color_system=None if plain else "auto",
        force_terminal=None if stream.isatty() else False,
        markup=False,
        emoji=False,
        highlight=False,
    )


def is_plain(out: Console) -> bool:
    """True where no style and no hyperlink reaches the reader."""
    return out.color_system is None


def put(out: Console, text: Text | str = "", *, indent: int = 0, first: Text | str = "") -> None:
    """Print a paragraph wrapped to the console, every line indented; `first` hangs in the indent."""
    for line in wrapped(out, text, indent=indent, first=first):
        out.print(line, soft_wrap=True)


def put_whole(out: Console, text: Text | str, *, indent: int = 0) -> None:
    """Print one line that must stay whole, such as an address."""
    out.print(Text(" " * indent).append_text(_text(text)), soft_wrap=True)


def put_address(out: Console, shown: str, target: str, *, indent: int = 0) -> None:
    """A web address: where it can be followed, the short form `shown`, else `target` in full."""
    if is_plain(out):
        put_whole(out, target, indent=indent)
    else:
        put_whole(out, Text(shown, Style(color="blue", underline=True, link=target)), indent=indent)


def wrapped(out: Console, text: Text | str, *, indent: int = 0, first: Text | str = "") -> Iterator[Text]:
    """The lines of a paragraph."""
    width = max(min(out.width, WIDEST) - indent, 16)
    lead = _text(first)
    lead = Text(" " * max(indent - lead.cell_len, 0)).append_text(lead) if lead else Text(" " * indent)
    for line in _text(text).wrap(out, width, overflow="fold") or [Text()]:
        line.rstrip()
        whole = lead.copy().append_text(line)
        whole.rstrip()
        yield whole
        lead = Text(" " * indent)


def _text(value: Text | str) -> Text:
    return value if isinstance(value, Text) else Text(value)

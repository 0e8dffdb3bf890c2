"""What stands around every command: where settings and desk come from, and how an error ends it.

Exit codes: 0 answered or done, 1 not found, 2 wrong use, 3 something broken, 130 stopped by
Ctrl-C, 141 the reader of the output went away (as for any program in a pipe).
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NoReturn, Protocol

import click

from bot.options import CORPUS, DATA, DEBUG
from bot.settings import BotSettings
from bot.text import one_line
from index.desk import Desk
from index.errors import FootnoteError, RefreshCancelled
from index.settings import Settings

NOT_FOUND = 1
WRONG_USE = 2
BROKEN = 3
STOPPED = 130
PIPE_CLOSED = 141


class OpenDesk(Protocol):
    """`index.open_desk`, or a stand-in."""

    def __call__(self, settings: Settings, *, purpose: str) -> Desk:
        """Open a desk; cheap, its heavy parts load on first use."""
        ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the composition root hands to the commands."""

    read_settings: Callable[[], Settings]
    open_desk: OpenDesk
    read_bot_settings: Callable[[], BotSettings] = BotSettings


def surroundings(ctx: click.Context) -> Surroundings:
    """The surroundings of a command."""
    found = ctx.find_object(Surroundings)
    if found is None:
        raise RuntimeError("the command line was started without its surroundings")
    return found


def settings_of(ctx: click.Context) -> Settings:
    """The settings in force: those of the surroundings, then the options of this command."""
    settings = surroundings(ctx).read_settings()
    if (corpus := ctx.meta.get(CORPUS)) is not None:
        settings = replace(settings, corpus=corpus)
    if (data := ctx.meta.get(DATA)) is not None:
        settings = replace(settings, data=data)
    return settings


def say(message: str) -> None:
    """A message for the person at the keyboard: on standard error, safe to show."""
    click.echo(one_line(message), err=True)


def broken_sentence(error: BaseException) -> str:
    """One sentence about an error that nobody foresaw."""
    what = one_line(f"{type(error).__name__}: {error}").rstrip(" :.")
    return f"Something broke inside Footnote ({what}). Run it again with --debug to see where."


class CommandLine(click.Group):
    """A group that ends every error in one sentence and an exit code."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Read the options of the group; `--help` prints already here."""
        try:
            return super().make_context(*args, **kwargs)
        except BrokenPipeError:
            _end_without_reader()

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; errors that click knows are left to click."""
        try:
            return super().invoke(ctx)
        except (click.exceptions.Exit, click.Abort, click.ClickException):
            raise
        except BrokenPipeError:
            _end_without_reader()
        except RefreshCancelled as error:
            _end(ctx, error, f"Stopped. {error}", STOPPED)
        except KeyboardInterrupt as error:
            _end(ctx, error, "Stopped.", STOPPED)
        except FootnoteError as error:
            _end(ctx, error, str(error), WRONG_USE if error.wrong_use else BROKEN)
        except Exception as error:  # the last stop: a sentence, never a traceback
            _end(ctx, error, broken_sentence(error), BROKEN)


def _end(ctx: click.Context, error: BaseException, message: str, code: int) -> NoReturn:
    if ctx.meta.get(DEBUG):
        click.echo("".join(traceback.format_exception(error)), err=True, nl=False)
    if code == STOPPED and sys.stderr.isatty():
        click.echo(err=True)  # the terminal has just shown ^C
    say(message)
    raise SystemExit(code) from None


def _end_without_reader() -> NoReturn:
    # What is still in the buffer has nowhere to go; without this the interpreter reports
    # the same closed pipe once more at its end.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    raise SystemExit(PIPE_CLOSED)

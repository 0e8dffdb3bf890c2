"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Literal, TypeVar

import click

from bot.dates import day_range
from index.types import Filters

CORPUS = "footnote.corpus"
DATA = "footnote.data"
DEBUG = "footnote.debug"

Command = TypeVar("Command", bound=Callable[..., Any])


class Day(click.ParamType[date]):
    """A day, or the first or last day of a period such as `March 2022` or `last week`."""

    name = "date"

    def __init__(self, end: Literal["first", "last"]) -> None:
        """`end` says which day of a period is meant."""
        self._end = end

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read what was typed."""
        if isinstance(value, date):
            return value
        try:
            first, last = day_range(value, date.today())
        except ValueError as error:
            self.fail(f"{error}.", param, ctx)
        return first if self._end == "first" else last


def common_options(command: Command) -> Command:
    """Options that may stand before the name of a command or after it; the later one wins."""
    for option in (
        click.option(
            "--debug",
            is_flag=True,
            expose_value=False,
            callback=_remember(DEBUG),
            help="Show the traceback of an error.",
        ),
        click.option(
            "--data",
            metavar="DIR",
            expose_value=False,
            callback=_remember(DATA, _folder),
            help="The folder of the index.",
        ),
        click.option(
            "--corpus",
            metavar="DIR",
            expose_value=False,
            callback=_remember(CORPUS, _folder),
            help="The folder of articles.",
        ),
    ):
        command = option(command)
    return command


def filter_options(command: Command) -> Command:
    """`--source`, `--after` and `--before`, as the parameters of those names."""
    for option in (
        click.option("--before", type=Day("last"), help="Only articles of this day or earlier."),
        click.option("--after", type=Day("first"), help="Only articles of this day or later."),
        click.option("--source", metavar="NAME", help="Only articles of this outlet."),
    ):
        command = option(command)
    return command


def eval_options(command: Command) -> Command:
    """What `footnote eval` takes, as the parameters of those names."""
    for option in (
        click.option(
            "--canary",
            is_flag=True,
            help="Ask the questions of FOOTNOTE_CANARY and compare with the last time.",
        ),
        click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Only the first N questions."),
        click.option(
            "--llm",
            is_flag=True,
            help="Measure what FOOTNOTE_LLM writes, which costs what it costs; else the articles' own words.",
        ),
        click.option(
            "--careful",
            type=click.FloatRange(0, 1),
            metavar="X",
            help="How sure an answer must be, where that is measured; the setting by default.",
        ),
        click.option(
            "--compare",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            metavar="OLD.json",
            help="An earlier evaluation: show what changed, question by question.",
        ),
        click.option(
            "--out",
            type=click.Path(dir_okay=False, path_type=Path),
            metavar="FILE",
            help="Where the JSON goes; eval.json beside the index by default.",
        ),
        click.option(
            "--questions",
            type=click.File("rb"),
            metavar="FILE",
            help="A JSONL file: `id`, `question`, if known `asked`, `answers`, `answerable`, `articles`.",
        ),
    ):
        command = option(command)
    return command


def filters_of(source: str | None, after: date | None, before: date | None) -> Filters:
    """The filters that were typed. Raises UsageError where no article could pass them."""
    if source is not None and not source.strip():
        raise click.BadOptionUsage("source", "--source is empty.")
    if after and before and after > before:
        raise click.UsageError(
            f"No day is after {after} and before {before}: --after and --before exclude each other."
        )
    return Filters(source.strip() if source else None, after, before)


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def _folder(text: str) -> Path:
    if not text.strip():
        raise click.BadParameter("it is empty.")
    return Path(text).expanduser()


def _remember(
    key: str, parse: Callable[[str], object] | None = None
) -> Callable[[click.Context, click.Parameter, Any], None]:
    def callback(ctx: click.Context, _param: click.Parameter, value: Any) -> None:
        if value is None or value is False:
            return
        ctx.meta[key] = parse(value) if parse else value

    return callback

"""The canary: FOOTNOTE_CANARY's questions, asked by `footnote eval --canary` and after each refresh."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import click

from bot import jsonout
from bot.cases import read_cases
from bot.group import NOT_FOUND, say, surroundings
from bot.work import run
from index.canary import Fall, Heard, Right, falls, listen, right
from index.desk import Desk
from index.errors import SettingsError
from index.measures import Case

LAST = "canary.json"
"""In the data folder: what became of the questions the last time."""
NAMES: dict[Right, str] = {"answer": "right answers", "outcome": "right outcomes"}


async def sing(desk: Desk, questions: Path) -> tuple[list[Heard], list[Fall]]:
    """Ask the questions, compare with the last time, and keep the result. Raises SettingsError."""
    cases = await asyncio.to_thread(_cases, questions)
    now = await listen(desk, cases)
    last = Path((await desk.status()).data) / LAST
    before = await asyncio.to_thread(_read, last)
    await asyncio.to_thread(_write, last, now)
    return now, falls(before, now)


def run_canary(ctx: click.Context, *, as_json: bool) -> None:
    """Ask the questions and tell how many were answered right; exit code 1 where fewer were."""
    questions = surroundings(ctx).read_bot_settings().canary
    if questions is None:
        raise SettingsError("FOOTNOTE_CANARY is not set. Set it to a file of questions (JSONL).")

    async def work(desk: Desk) -> tuple[list[Heard], list[Fall]]:
        return await sing(desk, questions)

    now, fell = run(ctx, work)
    if as_json:
        click.echo(jsonout.line({"results": _rows(now), "falls": [asdict(fall) for fall in fell]}))
    else:
        for what, name in NAMES.items():
            good, of = right(now, what)
            click.echo(f"{name.capitalize()}: {good} of {of}")
    for fall in fell:
        say(
            f"The canary fell: {NAMES[fall.what]} were {fall.before} of {fall.of} the last time "
            f"and are {fall.after} now. Lost: {', '.join(fall.lost)}."
        )
    if fell:
        ctx.exit(NOT_FOUND)


def _cases(questions: Path) -> tuple[Case, ...]:
    try:
        with questions.open("rb") as stream:
            return read_cases(stream, questions.name, date.today())
    except OSError as error:
        raise SettingsError(f"The file of FOOTNOTE_CANARY cannot be read: {error.strerror}.") from None
    except click.UsageError as error:
        raise SettingsError(f"FOOTNOTE_CANARY: {error.message}") from None


def _rows(heard: list[Heard]) -> list[dict[str, Any]]:
    return [asdict(each) for each in heard]


def _read(file: Path) -> list[Heard]:
    """The last result; none where there is none that can be read, as before the first time."""
    try:
        return [Heard(**each) for each in json.loads(file.read_text("utf-8"))["results"]]
    except (OSError, ValueError, TypeError, KeyError):
        return []


def _write(file: Path, heard: list[Heard]) -> None:
    part = file.with_suffix(".part")
    try:
        part.write_text(json.dumps({"results": _rows(heard)}, ensure_ascii=False, indent=1) + "\n", "utf-8")
        part.replace(file)
    except OSError as error:
        raise SettingsError(f"The canary's result cannot be kept in {file}: {error.strerror}.") from None

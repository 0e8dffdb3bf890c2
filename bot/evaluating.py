"""`footnote eval`: questions with known answers, and how well they were answered."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, BinaryIO

import click
from rich.console import Console
from rich.text import Text

from bot import cases, jsonout
from bot.console import console, put, put_whole
from bot.group import say, settings_of
from bot.text import count, one_line, shorten
from bot.work import run
from index.desk import Desk
from index.evaluation import evaluate, unknown
from index.measures import LEGEND, MEASURES, Case, Figure, Outcome
from index.measuring import figures, silenced
from index.versus import Change, changes

SHOWN = 15
"""Questions that were gained or lost, for people; JSON has all."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How to evaluate, as it was typed."""

    questions: BinaryIO
    out: Path | None
    compare: Path | None
    careful: float | None
    limit: int | None
    as_json: bool


def run_eval(ctx: click.Context, wanted: Wanted) -> None:
    """Evaluate, print the table or the JSON, and write the JSON."""
    name = getattr(wanted.questions, "name", "the input")
    asked = cases.read_cases(wanted.questions, name, date.today())[: wanted.limit]
    before = None if wanted.compare is None else cases.read_evaluation(wanted.compare)
    settings = settings_of(ctx)
    careful = settings.careful if wanted.careful is None else wanted.careful

    async def work(desk: Desk) -> tuple[list[Outcome], dict[str, Any]]:
        status = await desk.status()
        about = {
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "file": Path(name).name,
            "careful": careful,
            "articles": status.articles,
            "passages": status.passages,
            "embedding": status.embedding,
        }
        _tell_unknown(await unknown(desk, asked))
        outcomes = await _evaluated(desk, asked)
        return [silenced(outcome, careful) for outcome in outcomes], about

    outcomes, about = run(ctx, work)
    found, changed = figures(outcomes), None if before is None else changes(before, outcomes)
    value = cases.evaluation(found, outcomes, about)
    if changed is not None:
        value["changes"] = [_change(each) for each in changed]
    if wanted.as_json:
        click.echo(jsonout.line(value))
    else:
        put_figures(console(), found, len(outcomes))
        if changed is not None:
            put_changes(console(), changed, {each.id: each.question for each in outcomes})
    _write(value, wanted.out or settings.data_folder / "eval.json")


async def _evaluated(desk: Desk, asked: Sequence[Case]) -> list[Outcome]:
    if not sys.stderr.isatty():
        return await evaluate(desk, asked)
    with click.progressbar(length=len(asked), label="Asking", file=sys.stderr) as bar:
        return await evaluate(desk, asked, lambda: bar.update(1))


def put_figures(out: Console, found: Mapping[str, Figure], asked: int) -> None:
    """The table, each measure with its meaning."""
    put_whole(out, f"{'':14}{'':>7}  {'95% interval':^16}  {'of':>5}")
    group = ""
    for measure in MEASURES:
        if measure.key not in found:
            continue
        if measure.group != group:
            group = measure.group
            put_whole(out, Text(group, "bold"))
        value = found[measure.key]
        numbers = f"{number(measure.key, value.value):>7}"
        low, high = number(measure.key, value.low), number(measure.key, value.high)
        line = f"  {measure.key:12}{numbers}  {f'{low} – {high}':^16}  {value.questions:>5}  "
        put_whole(out, Text.assemble(line, (measure.meaning, "dim")))
    put(out)
    put(out, f"{count(asked, 'question')}. {LEGEND}")


def put_changes(out: Console, changed: Sequence[Change], questions: Mapping[str, str]) -> None:
    """What changed since another evaluation."""
    put(out)
    if not changed:
        put(out, "No question is in both evaluations.")
        return
    put_whole(out, Text("Changed, over the questions that both have", "bold"))
    for each in changed:
        before, after = number(each.key, each.before), number(each.key, each.after)
        signed = f"{number(each.key, each.low, sign=True)} – {number(each.key, each.high, sign=True)}"
        sure = "more than chance" if each.sure else ""
        put_whole(out, f"  {each.key:12}{before:>7} → {after:>7}  {signed:^18}  {sure}".rstrip())
    for each in changed:
        for word, style, ids in (("gained", "green", each.gained), ("lost", "red", each.lost)):
            if ids:
                put_whole(out, Text(f"{each.key}: {word} {len(ids)}", style))
            for id_ in ids[:SHOWN]:
                put_whole(out, f"  {one_line(id_)}  {shorten(questions[id_], 90)}")
            if len(ids) > SHOWN:
                put_whole(out, f"  … and {len(ids) - SHOWN} more")


def number(key: str, value: float, *, sign: bool = False) -> str:
    """A figure for people: milliseconds whole, shares with three places."""
    return f"{value:{'+' if sign else ''}{'.0f' if key.endswith(' ms') else '.3f'}}"


def _tell_unknown(missing: Sequence[str]) -> None:
    if missing:
        names = shorten(", ".join(missing), 200)
        say(f"The index does not have {count(len(missing), 'gold article')}: {names}")


def _change(value: Change) -> dict[str, Any]:
    return {
        "measure": value.key,
        "before": round(value.before, 4),
        "after": round(value.after, 4),
        "low": round(value.low, 4),
        "high": round(value.high, 4),
        "gained": list(value.gained),
        "lost": list(value.lost),
    }


def _write(value: Mapping[str, Any], file: Path) -> None:
    try:
        file.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", "utf-8")
    except OSError as error:
        raise click.UsageError(f"{file} cannot be written: {error.strerror}.") from None
    say(f"Written: {file}")

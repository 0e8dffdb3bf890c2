"""`footnote eval`: questions with known answers, and how well they were answered."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
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
from index.citing import Taken, built_in, taken
from index.desk import Desk
from index.errors import SettingsError
from index.evaluation import PLAIN, Asking, evaluate, unknown
from index.measures import LEGEND, MEASURES, Case, Figure, Outcome
from index.measuring import as_shown, figures, silenced
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
    llm: bool
    """Whether the language model that is set writes the answers."""


def run_eval(ctx: click.Context, wanted: Wanted) -> None:
    """Evaluate, print the table or the JSON, and write the JSON."""
    name = getattr(wanted.questions, "name", "the input")
    asked = cases.read_cases(wanted.questions, name, date.today())[: wanted.limit]
    before = None if wanted.compare is None else cases.read_evaluation(wanted.compare)
    settings = settings_of(ctx)
    if wanted.llm and not settings.llm:
        raise SettingsError(
            "--llm needs a language model: set FOOTNOTE_LLM. "
            "Without --llm, answers in the articles' own words are measured."
        )
    writer = settings.llm if wanted.llm else cases.EXTRACTIVE
    careful = settings.careful if wanted.careful is None else wanted.careful

    async def work(desk: Desk) -> tuple[list[Outcome], dict[str, Any]]:
        status = await desk.status()
        about = {
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "file": Path(name).name,
            "careful": careful,
            "writer": writer,
            "articles": status.articles,
            "passages": status.passages,
            "embedding": status.embedding,
        }
        _tell_unknown(await unknown(desk, asked))
        how = Asking(built_in(settings.threads), careful) if wanted.llm else PLAIN
        outcomes = await _evaluated(desk, asked, how)
        return [silenced(outcome, careful) for outcome in outcomes], about

    outcomes, about = run(ctx, work)
    found, changed = figures(outcomes), None if before is None else _changes(before, outcomes, llm=wanted.llm)
    if wanted.llm:
        about["taken"] = asdict(taken(outcomes))
    value = cases.evaluation(found, outcomes, about)
    if changed is not None:
        value["changes"] = [_change(each) for each in changed]
    if wanted.as_json:
        click.echo(jsonout.line(value))
    else:
        put_figures(console(), found, len(outcomes))
        if wanted.llm:
            put_taken(console(), writer, taken(outcomes))
        if changed is not None:
            put_changes(console(), changed, {each.id: each.question for each in outcomes})
    _write(value, wanted.out or settings.data_folder / "eval.json")


async def _evaluated(desk: Desk, asked: Sequence[Case], how: Asking) -> list[Outcome]:
    if not sys.stderr.isatty():
        return await evaluate(desk, asked, how=how)
    with click.progressbar(length=len(asked), label="Asking", file=sys.stderr) as bar:
        return await evaluate(desk, asked, lambda: bar.update(1), how)


def _changes(before: cases.Earlier, outcomes: Sequence[Outcome], *, llm: bool) -> list[Change]:
    """What changed; where one of both is written, what people would have got is compared."""
    if not llm and not before.llm:
        return changes(before.outcomes, outcomes)
    return changes([as_shown(each) for each in before.outcomes], [as_shown(each) for each in outcomes])


def put_figures(out: Console, found: Mapping[str, Figure], asked: int) -> None:
    """The table, each measure with its meaning."""
    put_whole(out, f"{'':14}{'':>7}  {'95% interval':^18}  {'of':>5}")
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
        line = f"  {measure.key:12}{numbers}  {f'{low} – {high}':^18}  {value.questions:>5}  "
        put_whole(out, Text.assemble(line, (measure.meaning, "dim")))
    put(out)
    put(out, f"{count(asked, 'question')}. {LEGEND}")


def put_taken(out: Console, writer: str, value: Taken) -> None:
    """What the language model took in all."""
    cost = "" if value.cost is None else f", for {value.cost:.4f}"
    asked = f"{count(value.questions, 'question')} {'was' if value.questions == 1 else 'were'} put to"
    put(out, f"{asked} {one_line(writer)}: {value.tokens_in:,} tokens in, {value.tokens_out:,} out{cost}.")


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
    """A figure for people: milliseconds and tokens whole, shares with three places, money with five."""
    places = 0 if key.endswith(" ms") or key.startswith("tokens ") else 5 if key == "cost" else 3
    return f"{value:{'+' if sign else ''}.{places}f}"


def _tell_unknown(missing: Sequence[str]) -> None:
    if missing:
        names = shorten(", ".join(missing), 200)
        say(f"The index does not have {count(len(missing), 'gold article')}: {names}")


def _change(value: Change) -> dict[str, Any]:
    return {
        "measure": value.key,
        "before": cases.rounded(value.key, value.before),
        "after": cases.rounded(value.key, value.after),
        "low": cases.rounded(value.key, value.low),
        "high": cases.rounded(value.key, value.high),
        "gained": list(value.gained),
        "lost": list(value.lost),
    }


def _write(value: Mapping[str, Any], file: Path) -> None:
    try:
        file.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", "utf-8")
    except OSError as error:
        raise click.UsageError(f"{file} cannot be written: {error.strerror}.") from None
    say(f"Written: {file}")

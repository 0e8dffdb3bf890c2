"""The work of the commands that print once and end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, BinaryIO, TypeVar

import click
from rich.console import Console

from bot import growing, jsonout
from bot.batch import answer_all, read_questions
from bot.console import console
from bot.group import say
from bot.listing import (
    put_article,
    put_articles,
    put_checks,
    put_generations,
    put_hits,
    put_report,
    put_status,
    put_undone,
)
from bot.terminal import put_answer
from bot.text import day, one_line, shorten
from bot.work import run, watched
from index.desk import Desk
from index.errors import NothingToUndo
from index.reports import Generation, RefreshOptions
from index.types import Filters, Question

Value = TypeVar("Value")


def ask_one(ctx: click.Context, question: Question, *, as_json: bool) -> bool:
    """Answer one question; False where nothing answers it."""

    async def work(desk: Desk) -> bool:
        answer = await desk.ask(question) if as_json else await growing.ask(console(), desk, question)
        _print(answer, jsonout.answer, put_answer, as_json=as_json)
        if answer.outcome == "not_found":
            await _explain_filters(desk, question.filters)
        return answer.outcome == "answered"

    return run(ctx, work)


def ask_file(
    ctx: click.Context, stream: BinaryIO, filters: Filters, asked: date | None, careful: float | None
) -> None:
    """Answer a file of questions, one line each."""
    questions = read_questions(stream, getattr(stream, "name", "the input"), date.today())

    async def work(desk: Desk) -> None:
        await answer_all(desk, questions, filters, asked, careful)

    run(ctx, work)


def search(ctx: click.Context, query: str, limit: int, filters: Filters, *, as_json: bool) -> bool:
    """Find passages; False where there are none."""

    async def work(desk: Desk) -> bool:
        hits = await desk.search(query, limit, filters)
        _print_all(hits, jsonout.hit, put_hits, as_json=as_json)
        if not hits:
            say("No passage was found.")
            await _explain_filters(desk, filters)
        return bool(hits)

    return run(ctx, work)


def articles(ctx: click.Context, filters: Filters, *, as_json: bool) -> None:
    """List the articles."""

    async def work(desk: Desk) -> None:
        cards = await desk.articles(filters)
        _print_all(cards, jsonout.card, put_articles, as_json=as_json)
        await _explain_filters(desk, filters)

    run(ctx, work)


def article(ctx: click.Context, article_id: str, *, as_json: bool) -> None:
    """Show one article."""

    async def work(desk: Desk) -> None:
        _print(await desk.article(article_id), jsonout.article, put_article, as_json=as_json)

    run(ctx, work)


def refresh(ctx: click.Context, options: RefreshOptions, *, as_json: bool) -> None:
    """Bring the index to the state of the corpus."""

    async def work(desk: Desk) -> None:
        report = await watched(lambda show: desk.refresh(replace(options, on_progress=show)))
        _print(report, jsonout.report, put_report, as_json=as_json)

    run(ctx, work, build=False)


def undo(ctx: click.Context, *, as_json: bool) -> None:
    """Go back by the last change."""

    async def work(desk: Desk) -> None:
        _print(await desk.undo(), jsonout.undone, put_undone, as_json=as_json)

    run(ctx, work, build=False)


def generations(ctx: click.Context, *, as_json: bool) -> None:
    """Show the changes that can be undone."""

    async def work(desk: Desk) -> None:
        kept: Sequence[Generation] = ()
        try:
            kept = await desk.generations()
        except NothingToUndo as error:
            say(str(error))
        _print_all(kept, jsonout.generation, put_generations, as_json=as_json)

    run(ctx, work, build=False)


def status(ctx: click.Context, *, as_json: bool) -> None:
    """Show the state of the index."""

    async def work(desk: Desk) -> None:
        _print(await desk.status(), jsonout.status, put_status, as_json=as_json)

    run(ctx, work)


def doctor(ctx: click.Context, *, repair: bool, as_json: bool) -> bool:
    """Check everything, and mend first where asked to; False where something is wrong."""

    async def work(desk: Desk) -> bool:
        checks = await desk.doctor(repair=repair)
        _print_all(checks, jsonout.check, put_checks, as_json=as_json)
        return all(check.ok for check in checks)

    return run(ctx, work, build=False)


async def _explain_filters(desk: Desk, filters: Filters) -> None:
    """Where the filters leave no article at all, say so: the question is not to blame."""
    if filters == Filters() or await desk.articles(filters):
        return
    if filters.source and not await desk.articles(Filters(source=filters.source)):
        names = [one_line(name) for name, _ in (await desk.status()).sources]
        known = f" The outlets are: {shorten(', '.join(names), 300)}." if names else ""
        say(f"No article is from “{filters.source}”.{known}")
        return
    dated = [card.published for card in await desk.articles(Filters(source=filters.source)) if card.published]
    span = f" Those with a date are from {day(min(dated))} to {day(max(dated))}." if dated else ""
    say(f"No article is from these days.{span}")


def _print(
    value: Value, as_object: Callable[[Value], Any], show: Callable[[Console, Value], None], *, as_json: bool
) -> None:
    if as_json:
        click.echo(jsonout.line(as_object(value)))
    else:
        show(console(), value)


def _print_all(
    values: Sequence[Value],
    as_object: Callable[[Value], Any],
    show: Callable[[Console, Sequence[Value]], None],
    *,
    as_json: bool,
) -> None:
    if as_json:
        click.echo(jsonout.line([as_object(value) for value in values]))
    else:
        show(console(), values)

"""Running a command's work with a desk: open, build the index on first use, work, close."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click

from bot.console import console
from bot.group import settings_of, surroundings
from bot.listing import put_report
from bot.progress import shown_progress
from index.desk import Desk
from index.errors import RefreshCancelled
from index.reports import Progress, RefreshOptions

Result = TypeVar("Result")


def run(ctx: click.Context, work: Callable[[Desk], Awaitable[Result]], *, build: bool = True) -> Result:
    """Open the desk, do `work` with it and close it; `build` makes the index where there is none."""
    desk = surroundings(ctx).open_desk(settings_of(ctx), purpose=f"footnote {ctx.info_name}")

    async def whole() -> Result:
        try:
            if build:
                await first_build(desk)
            return await work(desk)
        finally:
            await desk.close()

    return asyncio.run(whole())


async def first_build(desk: Desk) -> None:
    """Build the index if there is none, showing how far it is, and tell what became of it."""
    report = await watched(lambda show: desk.prepare(RefreshOptions(on_progress=show)))
    if report is not None:
        put_report(console(err=True), report, first=True)


async def watched(refresh: Callable[[Callable[[Progress], None]], Awaitable[Result]]) -> Result:
    """Await what may refresh the index, with its progress; Ctrl-C becomes RefreshCancelled."""
    try:
        with shown_progress(console(err=True)) as show:
            return await refresh(show)
    except (asyncio.CancelledError, RefreshCancelled):
        raise RefreshCancelled(
            "Nothing changed in the index. What was embedded is kept: the same command goes on from there."
        ) from None

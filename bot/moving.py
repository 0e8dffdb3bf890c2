"""The work of `footnote backup`, `restore` and `export`."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import click

from bot import jsonout
from bot.group import say, settings_of
from bot.ledger_schema import FILE, MIGRATIONS
from bot.text import count, data_size, duration, one_line
from bot.work import run, watched
from index.desk import Desk
from index.errors import BackupRefused, IndexPresent
from index.moves import BackedUp, BackupOptions, Exported, Records, Restored, RestoreOptions
from index.types import Filters

RECORDS = (Records(FILE, len(MIGRATIONS)),)
"""What the bot in Discord remembers, beside the index."""
_RECORDS = "the bot's records"
MEGABYTE = 1 << 20
ENDINGS = (".jsonl", ".jsonl.gz")


def back_up(ctx: click.Context, file: Path, *, force: bool, as_json: bool) -> None:
    """Write a backup."""

    async def work(desk: Desk) -> None:
        options = BackupOptions(force=force, records=RECORDS)
        made = await watched(lambda show: desk.back_up(file, replace(options, on_progress=show)))
        if as_json:
            click.echo(jsonout.line(jsonout.backed_up(made)))
        else:
            _put_backed_up(made)

    run(ctx, work, build=False)


def restore(ctx: click.Context, file: Path, *, yes: bool, as_json: bool) -> None:
    """Bring a backup back; in the place of an index that is there, only after a yes."""

    async def work(desk: Desk) -> None:
        options = RestoreOptions(replace=yes, records=RECORDS)
        try:
            done = await _restored(desk, file, options)
        except IndexPresent as present:
            if not _agreed(present):
                raise
            done = await _restored(desk, file, replace(options, replace=True))
        if as_json:
            click.echo(jsonout.line(jsonout.restored(done)))
        else:
            _put_restored(done)
        _explain(done, str(settings_of(ctx).corpus))

    run(ctx, work, build=False)


async def _restored(desk: Desk, file: Path, options: RestoreOptions) -> Restored:
    return await watched(lambda show: desk.restore(file, replace(options, on_progress=show)))


def _agreed(present: IndexPresent) -> bool:
    """Ask, where there is somebody who can answer."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    say(present.what)
    return click.confirm("Replace it?", default=False, err=True)


def export_to_stdout(ctx: click.Context, filters: Filters) -> None:
    """Write the articles to standard output."""

    async def work(desk: Desk) -> None:
        _warn(await desk.export(sys.stdout.buffer, filters))

    run(ctx, work)


def export(ctx: click.Context, file: Path, filters: Filters, *, force: bool, as_json: bool) -> None:
    """Write the articles to a file."""
    from index.exporting import exporting

    if not file.name.lower().endswith(ENDINGS):
        raise BackupRefused(
            f"The name {file.name} does not end with .jsonl or .jsonl.gz, so no corpus folder would take it."
        )

    async def work(desk: Desk) -> None:
        with exporting(file, force=force) as out:
            done = await desk.export(out, filters)
        size = file.stat().st_size
        if as_json:
            click.echo(jsonout.line({"file": str(file), "articles": done.articles, "bytes": size}))
        else:
            click.echo(f"{count(done.articles, 'article')} in {one_line(str(file))}, {data_size(size)}.")
        _warn(done)
        most = settings_of(ctx).max_file_mb
        if size > most * MEGABYTE:
            say(
                f"To read it as a corpus, set FOOTNOTE_MAX_FILE_MB to {-(-size // MEGABYTE)}: "
                f"larger files than {most} MB are not read now."
            )

    run(ctx, work)


def _warn(done: Exported) -> None:
    if done.too_long:
        first = one_line(done.too_long[0])
        say(
            f"{count(len(done.too_long), 'article')} ({first}) in lines longer than a corpus folder takes: "
            "cut them by hand."
        )


def _put_backed_up(made: BackedUp) -> None:
    parts = [count(made.articles, "article"), *(_RECORDS for _ in made.records)]
    if made.removed:
        parts.append(count(made.removed, "file") + " of removed articles")
    click.echo(
        f"Backed up: {', '.join(parts)}; {data_size(made.bytes)} in {one_line(str(made.file))}, "
        f"in {duration(made.seconds)}."
    )


def _put_restored(done: Restored) -> None:
    parts = [count(done.articles, "article"), *(_RECORDS for _ in done.records)]
    click.echo(
        f"Restored: {', '.join(parts)}, as of {done.made.astimezone():%Y-%m-%d %H:%M}, "
        f"in {duration(done.seconds)}."
    )
    if done.aside:
        click.echo(f"What was there before is kept as {' and '.join(done.aside)}.")


def _explain(done: Restored, corpus: str) -> None:
    """What stands in the way of answers, and of the next refresh."""
    if done.mismatch:
        say(done.mismatch)
    if done.found < done.files:
        folder = one_line(corpus)
        say(
            f"Of the {count(done.files, 'file')} that the articles came from, {done.found} are in {folder}. "
            "Questions are answered all the same. Put the files there before the next refresh: it would take "
            "the articles of the others out, or refuse to where they are more than half. If the files are "
            f"lost, write the articles there instead: footnote export {folder}/articles.jsonl"
        )

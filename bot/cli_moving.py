"""What can be typed to keep an index, to move it and to take its articles out."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from bot.options import common_options, filter_options, filters_of, json_option

STDOUT = "-"
FORCE = click.option("--force", is_flag=True, help="Write over a file that is there.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@FORCE
@json_option
@common_options
@click.pass_context
def backup(ctx: click.Context, file: Path, *, force: bool, as_json: bool) -> None:
    """Write the index and the bot's records into one file.

    FILE is a zip. This may run beside the bot, also while that refreshes. The corpus folder is not in it.
    """
    from bot import moving

    moving.back_up(ctx, file, force=force, as_json=as_json)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Take the place of an index that is there, without a question.")
@json_option
@common_options
@click.pass_context
def restore(ctx: click.Context, file: Path, *, yes: bool, as_json: bool) -> None:
    """Bring a backup back, whole or not at all.

    FILE is what `footnote backup` wrote. It is checked before anything is touched; what is there now is
    kept beside it. Restoring needs the index for itself: stop the bot first.
    """
    from bot import moving

    moving.restore(ctx, file, yes=yes, as_json=as_json)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True), default=STDOUT)
@FORCE
@json_option
@filter_options
@common_options
@click.pass_context
def export(
    ctx: click.Context,
    file: Path,
    *,
    force: bool,
    as_json: bool,
    source: str | None,
    after: date | None,
    before: date | None,
) -> None:
    """Write the articles as a corpus folder reads them.

    One a line, to FILE. Without a FILE, or with -, to standard output. A name that ends with .jsonl.gz is
    compressed.
    """
    from bot import moving

    filters = filters_of(source, after, before)
    if str(file) == STDOUT:
        if as_json or force:
            raise click.UsageError("--json and --force go with the name of a FILE.")
        moving.export_to_stdout(ctx, filters)
    else:
        moving.export(ctx, file, filters, force=force, as_json=as_json)


COMMANDS = (backup, restore, export)

"""The `footnote` command line: what can be typed. The work is done in the modules beside it."""
# The imports inside the commands keep `--help` and a mistyped option fast: what they bring
# (rich, prompt_toolkit, and through the desk the index) takes seconds.

from __future__ import annotations

from datetime import date
from math import inf
from pathlib import Path
from typing import BinaryIO

import click

from bot.cli_moving import COMMANDS
from bot.group import BROKEN, NOT_FOUND, CommandLine
from bot.options import Day, common_options, eval_options, filter_options, filters_of, json_option
from index.measures import LEGEND, MEASURES
from index.reports import RefreshOptions
from index.types import Question

EPILOG = "Exit codes: 0 answered or done, 1 not found, 2 wrong use, 3 something broken."
SHELLS = {
    "bash": "footnote completion bash > ~/.local/share/bash-completion/completions/footnote",
    "zsh": "footnote completion zsh > ~/.zfunc/_footnote   (a folder in $fpath)",
    "fish": "footnote completion fish > ~/.config/fish/completions/footnote.fish",
}
EVAL_CODES = "Exit codes: 0 done, 1 the canary fell, 2 wrong use, 3 something broken."
MEANINGS = "\b\nMeasures:\n" + "\n".join(f"  {each.key:12} {each.meaning}" for each in MEASURES)


@click.group(
    cls=CommandLine,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=EPILOG,
)
@click.version_option(package_name="footnote-bot", prog_name="footnote", message="%(prog)s %(version)s")
@common_options
@click.pass_context
def footnote(ctx: click.Context) -> None:
    """Answer questions about a folder of news articles, with a footnote under every sentence."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


@footnote.command()
@common_options
@click.pass_context
def chat(ctx: click.Context) -> None:
    """Talk about the articles; follow-up questions are understood."""
    from bot.chat import run_chat

    run_chat(ctx)


@footnote.command("run")
@common_options
@click.pass_context
def run_bot(ctx: click.Context) -> None:
    """Run the Discord bot (DISCORD_TOKEN); Ctrl-C stops it."""
    from bot.group import settings_of, surroundings
    from bot.running import run

    settings = settings_of(ctx)
    desk = surroundings(ctx).open_desk(settings, purpose="footnote run")
    run(desk, settings, surroundings(ctx).read_bot_settings())


@footnote.command()
@click.option("--moderator", is_flag=True, help="Be a moderator at first, not a member.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The port; any free one by default.")
@common_options
@click.pass_context
def preview(ctx: click.Context, moderator: bool, port: int) -> None:
    """Try the bot in a simulated Discord, in your browser."""
    from bot.preview import run_preview

    run_preview(ctx, moderator=moderator, port=port)


@footnote.command(epilog=EPILOG)
@click.argument("question", nargs=-1)
@click.option(
    "--questions",
    type=click.File("rb"),
    metavar="FILE",
    help="Answer every line of a JSONL file (`id`, `question`, if known `asked`); - is standard input.",
)
@json_option
@filter_options
@click.option(
    "--careful",
    type=click.FloatRange(0, 1),
    metavar="X",
    help="How sure an answer must be: 0 answers whenever anything is found, 1 hardly ever.",
)
@click.option("--asked", type=Day("last"), help="The day on which it is asked; today by default.")
@common_options
@click.pass_context
def ask(
    ctx: click.Context,
    *,
    question: tuple[str, ...],
    questions: BinaryIO | None,
    as_json: bool,
    source: str | None,
    after: date | None,
    before: date | None,
    careful: float | None,
    asked: date | None,
) -> None:
    """Answer one QUESTION, or a file of them.

    With --json, one object a line, as the answer schema describes it.
    """
    from bot import commands

    filters = filters_of(source, after, before)
    if questions is not None:
        if question or not as_json:
            raise click.UsageError("--questions goes with --json and without a QUESTION.")
        commands.ask_file(ctx, questions, filters, asked, careful)
        return
    if not question:
        raise click.UsageError("What is the QUESTION?")
    one = Question(" ".join(question), filters, asked, careful)
    if not commands.ask_one(ctx, one, as_json=as_json):
        ctx.exit(NOT_FOUND)


@footnote.command("eval", epilog=f"{MEANINGS}\n\n{LEGEND}\n\n{EVAL_CODES}")
@json_option
@eval_options
@common_options
@click.pass_context
def evaluate(
    ctx: click.Context,
    *,
    questions: BinaryIO | None,
    as_json: bool,
    out: Path | None,
    compare: Path | None,
    careful: float | None,
    limit: int | None,
    llm: bool,
    canary: bool,
) -> None:
    """Measure the answers to questions whose answers are known.

    With --llm, the answers are those that the language model of FOOTNOTE_LLM writes, asked at the
    careful of the setting, as people get them. Citations are judged by the built-in checker.

    With --canary, only tell how many were answered right, and end with 1 where those became fewer
    by more than chance: at least five lost and none gained, or seven and one (sign test at 0.05).
    """
    if canary:
        if llm or any(each is not None for each in (questions, out, compare, careful, limit)):
            raise click.UsageError("--canary goes alone or with --json.")
        from bot.canary import run_canary

        run_canary(ctx, as_json=as_json)
        return
    if questions is None:
        raise click.UsageError("Which --questions, or --canary?")
    from bot.evaluating import Wanted, run_eval

    run_eval(ctx, Wanted(questions, out, compare, careful, limit, as_json, llm))


@footnote.command(epilog=EPILOG)
@click.argument("query", nargs=-1, required=True)
@click.option(
    "--limit", type=click.IntRange(1, 100), default=10, show_default=True, help="The most articles."
)
@json_option
@filter_options
@common_options
@click.pass_context
def search(
    ctx: click.Context,
    *,
    query: tuple[str, ...],
    limit: int,
    as_json: bool,
    source: str | None,
    after: date | None,
    before: date | None,
) -> None:
    """Find the passages nearest to QUERY, the best of each article.

    With --json, one array of hits.
    """
    from bot import commands

    found = commands.search(ctx, " ".join(query), limit, filters_of(source, after, before), as_json=as_json)
    if not found:
        ctx.exit(NOT_FOUND)


@footnote.command()
@json_option
@filter_options
@common_options
@click.pass_context
def articles(
    ctx: click.Context, as_json: bool, source: str | None, after: date | None, before: date | None
) -> None:
    """List the articles, newest first.

    With --json, one array.
    """
    from bot import commands

    commands.articles(ctx, filters_of(source, after, before), as_json=as_json)


@footnote.command()
@click.argument("article_id", metavar="ID")
@json_option
@common_options
@click.pass_context
def article(ctx: click.Context, article_id: str, as_json: bool) -> None:
    """Show one article: its cleaned text and what is known of it.

    With --json, one object; the offsets of quotes count the characters of its `text`.
    """
    from bot import commands

    commands.article(ctx, article_id, as_json=as_json)


@footnote.command()
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@click.option("--allow-removals", is_flag=True, help="Go on even if more than half of the articles go.")
@click.option("--allow-cost", is_flag=True, help="Go on even if the embedding model costs more than allowed.")
@click.option("--rebuild", is_flag=True, help="Build everything anew, whatever is there already.")
@json_option
@common_options
@click.pass_context
def refresh(
    ctx: click.Context,
    *,
    dry_run: bool,
    allow_removals: bool,
    allow_cost: bool,
    rebuild: bool,
    as_json: bool,
) -> None:
    """Bring the index to the state of the corpus folder."""
    from bot import commands

    options = RefreshOptions(
        dry_run=dry_run,
        allow_removals=allow_removals,
        rebuild=rebuild,
        budget=inf if allow_cost else None,
    )
    commands.refresh(ctx, options, as_json=as_json)


@footnote.command(epilog=EPILOG)
@click.option("--list", "listed", is_flag=True, help="Show the changes that are kept, and change nothing.")
@json_option
@common_options
@click.pass_context
def undo(ctx: click.Context, listed: bool, as_json: bool) -> None:
    """Go back to the articles before the last change.

    Each time goes one change further back. The corpus folder stays as it is: the next refresh makes the
    changes again.
    """
    from bot import commands

    if listed:
        commands.generations(ctx, as_json=as_json)
    else:
        commands.undo(ctx, as_json=as_json)


@footnote.command()
@json_option
@common_options
@click.pass_context
def status(ctx: click.Context, as_json: bool) -> None:
    """Show what is in the index, and which files could not be read."""
    from bot import commands

    commands.status(ctx, as_json=as_json)


@footnote.command(epilog=EPILOG)
@click.option("--repair", is_flag=True, help="First mend what can be mended, and say what was done.")
@json_option
@common_options
@click.pass_context
def doctor(ctx: click.Context, repair: bool, as_json: bool) -> None:
    """Check everything, and say how to mend what is wrong."""
    from bot import commands

    if not commands.doctor(ctx, repair=repair, as_json=as_json):
        ctx.exit(BROKEN)


for command in COMMANDS:
    footnote.add_command(command)


@footnote.command(
    epilog="\b\nTo install it:\n" + "\n".join(f"  {line}" for line in SHELLS.values()),
)
@click.argument("shell", type=click.Choice(list(SHELLS)))
def completion(shell: str) -> None:
    """Print the completion script of a SHELL: bash, zsh or fish."""
    from click.shell_completion import get_completion_class

    script = get_completion_class(shell)
    if script is None:
        raise click.UsageError(f"There is no completion for {shell}.")
    click.echo(script(footnote, {}, "footnote", "_FOOTNOTE_COMPLETE").source())
    click.echo(f"# To install it: {SHELLS[shell]}")

"""`footnote preview`: the bot tried out in a browser, without Discord."""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import shutil
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import click

from bot.group import settings_of, surroundings
from bot.settings import BotSettings
from bot.stopping import stop_signal
from bot.work import first_build
from index.desk import Desk
from index.errors import SettingsError
from index.settings import Settings

NEEDED = ("simcord", "markdown_it", "linkify_it", "regex")
"""What the extra `preview` brings."""


def run_preview(ctx: click.Context, *, moderator: bool, port: int) -> None:
    """Serve the preview until it is stopped. Raises SettingsError where it cannot be opened."""
    if not all(importlib.util.find_spec(name) for name in NEEDED):
        raise SettingsError(
            "The preview needs packages that are not installed: run `make preview`, or install them with "
            "`pip install '.[preview]'` in Footnote's folder."
        )
    given = settings_of(ctx)
    settings = own_copy(given)
    desk = surroundings(ctx).open_desk(settings, purpose="footnote preview")
    for name in ("bot", "discord", "simcord"):
        logging.getLogger(name).setLevel(logging.ERROR)
    asyncio.run(_serve(desk, settings, moderator=moderator, port=port, sample=settings is not given))


async def _serve(desk: Desk, settings: Settings, *, moderator: bool, port: int, sample: bool) -> None:
    from bot.simulated import world

    async with AsyncExitStack() as stack:
        stack.push_async_callback(desk.close)
        await first_build(desk)
        stop = stop_signal()
        # Nobody waits for others here: a person tries things out.
        here = await stack.enter_async_context(world(desk, BotSettings(questions_a_minute=600)))
        preview = await stack.enter_async_context(here.shown(moderator=moderator, port=port))
        _tell(preview.url, settings, moderator=moderator, sample=sample)
        await _either(stop.wait(), preview.wait_closed())


def _tell(url: str, settings: Settings, *, moderator: bool, sample: bool) -> None:
    who = "a moderator" if moderator else "a member"
    folder = settings.corpus
    lines = (
        f"Open this address in a browser of this machine: {url}",
        f"You are {who} of a simulated Discord; “Viewing as” at the top changes that. Type /ask there.",
        f"The articles are a copy of the sample in {folder}; moderators change that copy alone."
        if sample
        else f"The articles are those in {folder}; what a moderator adds or removes is changed there.",
        "Ctrl-C stops it; all that was said is gone then.",
    )
    for line in lines:
        click.echo(line)


async def _either(*waits: Coroutine[Any, Any, Any]) -> None:
    _, late = await asyncio.wait(
        [asyncio.create_task(wait) for wait in waits], return_when=asyncio.FIRST_COMPLETED
    )
    for task in late:
        task.cancel()


def own_copy(settings: Settings) -> Settings:
    """The settings; for the sample articles those of a copy, which moderators may change.

    The copy is made once: what was added to it is there the next time.
    """
    sample = Settings().corpus
    if settings.corpus.resolve() != sample.resolve():
        return settings
    folder = settings.data_folder / "preview"
    if not (folder / "articles").is_dir():
        shutil.copytree(sample, folder / "half", dirs_exist_ok=True)
        (folder / "half").rename(folder / "articles")
    return replace(settings, corpus=folder / "articles", data=folder / "index")

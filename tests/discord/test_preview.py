"""The bot tried out in a real browser: composer, answer, buttons, a refresh; and how it is opened."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot import preview
from bot.cli import footnote
from bot.group import Surroundings
from bot.settings import BotSettings
from bot.simulated import World, world
from bot.stopping import stop_signal
from index import open_desk
from index.reports import RefreshOptions
from index.settings import Settings
from tests.discord.test_asking import COUNTRIES
from tests.discord.test_moderation import ARTICLE

CHROMIUM = shutil.which("chromium")
FLAGS = (
    "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update "
    "--disable-sync --no-first-run"
).split()
PATIENCE = 20_000
"""Milliseconds that the slowest machine gets; nothing waits that long where it works."""

browsing = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed (Debian: chromium)")


@pytest.fixture
async def newsroom(indexed_sample: Path, tmp_path: Path) -> AsyncIterator[World]:
    """A simulated Discord over a copy of the sample, and what `World.corpus` would be: `tmp_path/corpus`."""
    settings = Settings(corpus=tmp_path / "corpus", data=tmp_path / "data")
    shutil.copytree(indexed_sample / "corpus", settings.corpus)
    shutil.copytree(indexed_sample / "data", settings.data_folder)
    desk = open_desk(settings, purpose="tests")
    try:
        await desk.refresh(RefreshOptions())  # the index was built elsewhere
        async with world(desk, BotSettings()) as here:
            yield here
    finally:
        await desk.close()


@pytest.fixture
async def page() -> AsyncIterator[Any]:
    """A page of a real browser."""
    playwright = pytest.importorskip("playwright.async_api", reason="playwright is not installed")
    async with playwright.async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page()
        page.set_default_timeout(PATIENCE)
        yield page
        await browser.close()


async def command(page: Any, invocation: str, **options: str) -> None:
    """Type a command as a person does: its name, a click on it, its options, Send."""
    await page.locator("#channel-composer-input").click()
    await page.keyboard.type(invocation)
    await page.locator(".command-popup").get_by_text(invocation, exact=True).click()
    for name, value in options.items():
        await page.locator(f'.command-option-input[data-option="{name}"]').fill(value)
    await page.locator("#send-message").click()


@browsing
async def test_a_member_asks_in_the_composer_and_looks_at_the_evidence(newsroom: World, page: Any) -> None:
    async with newsroom.shown() as shown:
        await page.goto(shown.url)
        await command(page, "/ask", question=COUNTRIES)
        answer = page.locator(".channel-message").first
        await answer.get_by_text("As of 24 Mar 2022").wait_for()
        said = await answer.inner_text()
        assert "Slovakia" in said
        assert "1 · Newsmax" in said
        assert "-#" not in said
        links = await answer.locator("a.markdown-link").evaluate_all("all => all.map(one => one.href)")
        assert all("#:~:text=" in link for link in links)
        await answer.get_by_role("button", name="Show evidence").click()
        evidence = page.locator(".channel-message").nth(1)
        await evidence.locator("blockquote strong").first.wait_for()
        assert "Only you can see this" in await evidence.inner_text()


@browsing
async def test_a_moderator_refreshes_and_sees_the_report(newsroom: World, page: Any, tmp_path: Path) -> None:
    (tmp_path / "corpus" / "bridge.md").write_text(ARTICLE, "utf-8")
    async with newsroom.shown(moderator=True) as shown:
        await page.goto(shown.url)
        await command(page, "/index refresh")
        await page.get_by_text("The index is refreshed").wait_for()
        assert "Vilnius opens a bridge" in await page.locator(".channel-message").first.inner_text()
        await page.locator("#viewer-picker").select_option(label="Alice")
        await page.locator("#channel-composer-input").click()
        await page.keyboard.type("/")
        commands = page.locator(".command-popup")
        await commands.get_by_text("/ask", exact=True).wait_for()
        assert "/index" not in await commands.inner_text()


def test_the_sample_that_moderators_may_change_is_a_copy(tmp_path: Path) -> None:
    given = Settings(data=tmp_path / "data")
    copy = preview.own_copy(given)
    assert {file.name for file in copy.corpus.iterdir()} == {file.name for file in given.corpus.iterdir()}
    assert copy.corpus.is_relative_to(tmp_path)
    assert copy.data_folder.is_relative_to(tmp_path)
    (copy.corpus / "mine.md").write_text(ARTICLE, "utf-8")
    assert (preview.own_copy(given).corpus / "mine.md").exists()


def test_ones_own_articles_are_the_real_ones(tmp_path: Path) -> None:
    mine = Settings(corpus=tmp_path / "mine", data=tmp_path / "data")
    assert preview.own_copy(mine) is mine


def test_without_its_packages_it_says_how_to_install_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(preview, "NEEDED", ("no_such_package",))
    surroundings = Surroundings(lambda: Settings(data=tmp_path), open_desk)
    result = CliRunner().invoke(footnote, ["preview"], obj=surroundings)
    assert result.exit_code == 2
    assert "make preview" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
async def test_signals_stop_it(sign: signal.Signals) -> None:
    stop = stop_signal()
    signal.raise_signal(sign)
    await asyncio.wait_for(stop.wait(), 10)
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().remove_signal_handler(each)


def test_it_names_its_address_and_ends_cleanly(indexed_sample: Path) -> None:
    command = [sys.executable, "-m", "bot", "preview", "--corpus", "corpus", "--data", "data"]
    surroundings = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    process = subprocess.Popen(
        command,
        cwd=indexed_sample,
        env=surroundings,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    told = [process.stdout.readline() for _ in range(4)]
    process.terminate()
    rest, errors = process.communicate(timeout=60)
    assert "http://127.0.0.1:" in told[0], errors
    assert "is changed there" in told[2]
    assert (process.returncode, rest, errors) == (0, "", "")

"""Pictures of conversations with the running bot, in a simulated Discord and a real browser.

Needs chromium. What is seen is what the bot sent, as simcord's preview draws it; styles put back what
Discord does and the preview does not: a blank line between paragraphs is as high as a line.
"""

from __future__ import annotations

import asyncio
import io
import re
import shutil
import tempfile
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.async_api import Browser, Page, async_playwright

from bot.ledger import Ledger, Place
from bot.settings import BotSettings
from bot.simulated import World, world
from index import open_desk
from index.desk import Desk
from index.reports import Progress, RefreshOptions, RefreshReport
from index.settings import Settings
from index.types import Answer, Filters, Question

FLAGS = (
    "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update "
    "--disable-sync --no-first-run"
).split()
PHONE, DESKTOP = 390, 720
"""Widths of the pictures, in CSS pixels."""
SCALE = 2
COLOURS = 128
HEAVIEST = 150_000
"""Bytes that a picture may have."""
STYLE = """
.preview-toolbar, .messages-sidebar, .drawer-scrim, .message-context-actions { display: none !important; }
.preview-workspace { display: flex !important; }
.embed-card .markdown-paragraph + *, .embed-card blockquote + * { margin-top: 14px !important; }
.embed-field { align-content: start; }
#channel-message-list { padding-top: 8px; }
"""
MISSING = """async () => {
    await document.fonts.ready;
    const timeline = document.querySelector('#channel-timeline');
    const end = document.querySelector('#channel-message-list').getBoundingClientRect().bottom;
    return Math.ceil(end + timeline.scrollTop - timeline.getBoundingClientRect().bottom) + 16;
}"""
"""Pixels by which the window is too low for what is said."""
ASKED = "Will Biden attend the Brussels summit?"
DIFFERENCE = "Which countries will host the four new battlegroups?"
ABSENT = "How many refugees has Lithuania taken in?"
EDITIONS = 160
"""Articles that the refresh brings: a passage each to read, and the model reads 32 at a time. 96 are 60%."""
GAPS = {
    ABSENT: 6,
    "How many refugees has Lithuania taken in so far?": 3,
    "When will Finland join the alliance?": 4,
    "What does the sixth package of sanctions contain?": 3,
    "Who won the election in Hungary?": 2,
    "How much gas does Germany import from Russia?": 1,
}
"""Questions that the sample does not answer, and how often they were asked."""
DAYS = (
    (14, 2),
    (18, 3),
    (16, 1),
    (22, 4),
    (9, 1),
    (7, 0),
    (19, 3),
    (24, 5),
    (27, 4),
    (31, 9),
    (25, 3),
    (12, 2),
    (8, 1),
)
"""Questions and those without an answer, day by day until yesterday."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One picture."""

    name: str
    width: int
    play: Callable[[World], Awaitable[None]]
    moderator: bool = False


class HeldDesk:
    """The desk that it is given; its refreshes stop at 60% of the passages until they may go on."""

    def __init__(self, desk: Desk) -> None:
        """Nothing is held before a refresh."""
        self._desk = desk
        self.held, self.go_on = threading.Event(), threading.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._desk, name)

    async def refresh(self, options: RefreshOptions) -> RefreshReport:
        """Refresh."""

        def tell(progress: Progress) -> None:
            if options.on_progress is not None:
                options.on_progress(progress)
            if progress.phase == "embedding" and progress.done >= 0.6 * progress.total > 0:
                self.held.set()
                self.go_on.wait()

        return await self._desk.refresh(replace(options, on_progress=tell))


async def make(images: Path, chromium: str) -> None:
    """Make them all."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder) / "index", corpus=Path(folder) / "articles")
        shutil.copytree(Settings().corpus, settings.corpus)
        desk = open_desk(settings, purpose="docs/make_images.py")
        try:
            await desk.prepare(RefreshOptions())
            async with async_playwright() as driver:
                browser = await driver.chromium.launch(executable_path=chromium, args=FLAGS)
                for scene in SCENES:
                    async with world(desk, BotSettings()) as here:
                        await scene.play(here)
                        await _picture(images, scene, here, browser)
                await _refresh(images, desk, settings.corpus, browser)
                await browser.close()
        finally:
            await desk.close()


async def _picture(images: Path, scene: Scene, here: World, browser: Browser) -> None:
    """What this person sees of the channel, from its name to where one types."""
    context = await browser.new_context(
        viewport={"width": scene.width, "height": 500},
        device_scale_factor=SCALE,
        bypass_csp=True,
        reduced_motion="reduce",
    )
    page = await context.new_page()
    async with here.shown(moderator=scene.moderator) as shown:
        await page.goto(shown.url)
        await page.add_style_tag(content=STYLE)
        await _fit(page, scene.width)
        png = await page.locator("#channel-layout").screenshot()
    await context.close()
    image = Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    file = images / f"{scene.name}.png"
    image.save(file, optimize=True)
    if file.stat().st_size > HEAVIEST:
        raise RuntimeError(f"{file.name} has {file.stat().st_size:,} bytes, more than {HEAVIEST:,}.")


async def _fit(page: Page, width: int) -> None:
    """Make the window as high as what is in it."""
    await page.wait_for_function("window.simcordPreview?.ready && document.querySelector('.channel-message')")
    await page.wait_for_function("!document.querySelector('[aria-busy=true]')")
    height = 500
    for _ in range(10):  # the page takes a moment to fit itself to the window
        missing = await page.evaluate(MISSING)
        if not missing:
            break
        height += missing
        await page.set_viewport_size({"width": width, "height": height})
        await page.wait_for_timeout(200)
    await page.evaluate("document.querySelector('#channel-timeline').scrollTo(0, 0)")


async def _ask(here: World) -> None:
    await here.member.slash(here.channel, "ask", question=ASKED)


async def _difference(here: World) -> None:
    await here.member.slash(here.channel, "ask", question=DIFFERENCE)


async def _not_found(here: World) -> None:
    await here.member.slash(here.channel, "ask", question=ABSENT)


async def _evidence(here: World) -> None:
    await here.member.slash(here.channel, "ask", question=ASKED)
    message = here.channel.last_message
    ids = [button.custom_id for row in message.components for button in row.children]
    await here.member.click(message, custom_id=next(each for each in ids if each.startswith("fn:ev:")))


async def _status(here: World) -> None:
    answered = await here.bot.desk.ask(Question(DIFFERENCE))
    absent = await here.bot.desk.ask(Question(ABSENT))
    days = [*DAYS, (17, 3)]
    for age, (questions, not_found) in zip(range(len(days) - 1, -1, -1), days, strict=True):
        then = datetime.now(UTC) - timedelta(days=age)
        answers = [absent] * not_found + [answered] * (questions - not_found)
        await _keep(here, then, answers)
    await here.moderator.slash(here.channel, "index refresh")
    await _idle(here)
    await here.channel.last_message.delete()
    await here.moderator.slash(here.channel, "index status")


async def _gaps(here: World) -> None:
    for days, (question, asked) in enumerate(GAPS.items()):
        answer = await here.bot.desk.ask(Question(question))
        if answer.outcome != "not_found":
            raise RuntimeError(f"The sample answers {question!r}: another gap is needed.")
        for ago in range(asked):
            await _keep(here, datetime.now(UTC) - timedelta(days=days + ago), [answer])
    await here.moderator.slash(here.channel, "index gaps")


async def _keep(here: World, when: datetime, answers: list[Answer]) -> None:
    """Answers as if they had been asked then, some of them slower."""
    ledger = Ledger(here.bot.ledger.file, clock=lambda: when)
    place = Place(here.bot.guilds[0].id, here.channel.id, here.member.id, False)
    for number, answer in enumerate(answers):
        await ledger.keep(replace(answer, seconds=answer.seconds + number % 5 / 20), Filters(), place)
    await ledger.close()


async def _idle(here: World) -> None:
    while here.bot.busy:
        await asyncio.sleep(0.1)
    await here.env.settle()


async def _refresh(images: Path, desk: Desk, corpus: Path, browser: Browser) -> None:
    """A refresh at 60%: held there, so that the picture shows just that."""
    samples = sorted(corpus.glob("*.md"))
    for number in range(EDITIONS):
        file = samples[number % len(samples)]
        more = f"{file.read_text('utf-8').rstrip()}\n\nThis is edition {number} of this report.\n"
        file.with_stem(f"{file.stem}-{number}").write_text(more, "utf-8")
    held = HeldDesk(desk)
    async with world(held, BotSettings()) as here:  # type: ignore[arg-type]  # all that a desk has, and the hold
        try:
            await here.moderator.slash(here.channel, "index refresh")
            await asyncio.to_thread(held.held.wait, 300)
            while not re.search(r" 60\s?%", here.channel.last_message.embeds[0].description or ""):
                await asyncio.sleep(0.2)
            await _picture(images, Scene("discord-refresh", PHONE, _ask, moderator=True), here, browser)
        finally:
            held.go_on.set()


SCENES = (
    Scene("discord-ask", PHONE, _ask),
    Scene("discord-evidence", PHONE, _evidence),
    Scene("discord-difference", DESKTOP, _difference),
    Scene("discord-not-found", PHONE, _not_found),
    Scene("discord-status", DESKTOP, _status, moderator=True),
    Scene("discord-gaps", PHONE, _gaps, moderator=True),
)

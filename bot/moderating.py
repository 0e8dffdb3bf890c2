"""What moderators do to the index: one at a time, how far a refresh is, and who did what."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import discord

from bot import canary
from bot.ledger import Act
from bot.render_boards import act_line
from bot.scheduling import Schedule
from bot.text import one_line, shorten
from bot.texts import Texts
from bot.trouble import deliver
from index.errors import FootnoteError, IndexBusy, RefreshCancelled, RemovalsRefused
from index.pausing import Pause
from index.reports import Progress, RefreshOptions, RefreshReport

if TYPE_CHECKING:
    from bot.app import FootnoteBot

log = logging.getLogger(__name__)

CHANGES = frozenset({"refresh", "add", "remove"})
"""Kinds of acts after which the index is as the folder is."""


class TooLate(FootnoteError):
    """A refresh was to be stopped, and had ended by then."""

    def __init__(self) -> None:
        """The sentence is always the same."""
        super().__init__("The refresh had ended before it could be stopped: the index has changed.")


@dataclass(frozen=True, slots=True)
class Who:
    """A person who moderates, or the bot itself."""

    id: int
    name: str
    server: int | None


@dataclass(slots=True)
class Running:
    """A change of the index under way."""

    who: Who
    kind: str = "refresh"
    progress: Progress | None = None
    """Set from the refresh's own thread."""
    token: str = field(default_factory=lambda: secrets.token_hex(4))
    """Tells this one's buttons from those of earlier ones."""
    stopped: Who | None = None
    """Who has stopped it."""
    held: Who | None = None
    """Who has paused it, as long as it is."""
    task: asyncio.Task[RefreshReport] | None = field(default=None, repr=False)
    pause: Pause = field(default_factory=Pause, repr=False)
    _began: float = 0.0
    _told: float = 0.0

    @property
    def seconds(self) -> float:
        """How long its phase has been worked on."""
        return (self._told if self.held else time.monotonic()) - self._began

    def tell(self, progress: Progress) -> None:
        """Take the latest progress."""
        before, now = self.progress, time.monotonic()
        if before is None or before.phase != progress.phase:
            self._began = now
        elif before.paused:
            self._began += now - self._told
        self._told = now
        self.progress = progress

    def hold(self, who: Who) -> None:
        """Let it stand still at its next safe point."""
        self.held = who
        self.pause.hold()

    def go_on(self) -> None:
        """Let it go on."""
        self.held = None
        self.pause.go_on()

    def cancel(self, who: Who) -> None:
        """Stop it at its next safe point."""
        self.stopped = self.stopped or who
        if self.task is not None:
            self.task.cancel()


class Moderation:
    """Belongs to the bot; the commands use it."""

    def __init__(self, bot: FootnoteBot, now: Callable[[], datetime] = discord.utils.utcnow) -> None:
        """`now` is aware; the schedule goes by it."""
        self.bot = bot
        self.now = now
        self.running: Running | None = None
        self.schedule = Schedule(self)
        self._canary = asyncio.Lock()

    def itself(self) -> Who:
        """The bot, where nobody else began something."""
        me = self.bot.user
        return Who(me.id if me else 0, me.name if me else "Footnote", None)

    def claim(self, who: Who, kind: str) -> Running:
        """Take the right to change the index. Raises IndexBusy while somebody else has it."""
        if self.running is not None:
            raise IndexBusy(f"{self.running.who.name} is changing the index already.")
        self.running = Running(who, kind)
        return self.running

    def release(self, running: Running) -> None:
        """Give it back."""
        if self.running is running:
            self.running = None

    async def refresh(self, running: Running, options: RefreshOptions) -> RefreshReport:
        """Refresh, in a task that `running` can stop. However it ends, the history has it.

        Raises RefreshCancelled where it was stopped, TooLate where it could not be, any other error of
        `Desk.refresh`, and CancelledError where the caller itself is stopped.
        """
        kind = "dry_run" if options.dry_run else "refresh"
        try:
            report = await self._stoppable(
                running, replace(options, on_progress=running.tell, pause=running.pause)
            )
        except RefreshCancelled:
            await self.note(running.stopped or running.who, "refresh_cancelled", "")
            raise
        except RemovalsRefused as error:
            await self.note(
                running.who, "refresh_refused", f"−{error.removed} / {error.removed + error.kept}"
            )
            raise
        except TooLate:
            self.bot.asking.changed()
            await self.note(running.who, kind, "")
            raise
        except Exception as error:  # whatever it was, moderators see that it failed; the caller tells why
            reason = str(error) if isinstance(error, FootnoteError) else type(error).__name__
            await self.note(running.who, "refresh_failed", reason)
            raise
        if not options.dry_run:
            if report.added or report.changed or report.removed:
                self.bot.asking.changed()
            await self.schedule.refreshed()
            if self.bot.settings.canary is not None:
                self.bot.chore(self._sing(self.bot.settings.canary))
        await self.note(running.who, kind, told(report))
        return report

    async def _stoppable(self, running: Running, options: RefreshOptions) -> RefreshReport:
        desk = self.bot.desk
        before = (await desk.status()).generation
        if running.stopped:
            raise RefreshCancelled("The refresh was stopped before it began. Nothing changed.")
        running.task = asyncio.create_task(desk.refresh(options))
        try:
            return await running.task
        except asyncio.CancelledError:
            if not running.stopped:
                raise
        if (await desk.status()).generation != before:
            raise TooLate
        raise RefreshCancelled("The refresh was stopped. Nothing changed.")

    async def note(self, who: Who, kind: str, detail: str) -> None:
        """Keep who did what, and tell the log channel. Never fails: what was done is done."""
        act = Act(datetime.now(UTC), who.id, one_line(who.name), who.server, kind, shorten(detail, 500))
        log.info("Moderation: %s", kind)
        try:
            await self.bot.ledger.note(act)
        except FootnoteError as error:
            log.error("The history could not be written (%s): %s", kind, error)
        if self.bot.settings.log_channel is not None:
            self.bot.chore(self._announce(self.bot.settings.log_channel, act))

    async def _sing(self, questions: Path) -> None:
        """Ask the canary's questions beside those of people; a fall goes into the history."""
        async with (
            self._canary
        ):  # a second refresh waits, so that each run has the one before it to fall from
            try:
                _, fell = await canary.sing(self.bot.desk, questions)
            except FootnoteError as error:
                await self.note(self.itself(), "canary_failed", str(error))
                return
        if fell:
            await self.note(self.itself(), "canary_fell", "; ".join(map(str, fell)))

    async def _announce(self, channel: int, act: Act) -> None:
        """One line, in the language of the log channel's server."""
        home = self.bot.get_channel(channel)
        guild = getattr(home, "guild", None)
        sentence = act_line(act, Texts.of(guild.preferred_locale if guild else None))
        place = self.bot.get_partial_messageable(channel)
        try:
            sent = await deliver(lambda: place.send(sentence))
        except (discord.HTTPException, OSError) as error:
            log.warning("The log channel could not be told: %s", type(error).__name__)
        else:
            if sent is None:
                log.warning("The log channel is gone, or I may not write there (FOOTNOTE_LOG_CHANNEL)")


def told(report: RefreshReport) -> str:
    """A report as the history keeps it, in no language: +3 added, ~1 changed, −2 removed, !1 not read."""
    counts = (("+", report.added), ("~", report.changed), ("−", report.removed), ("!", report.failed))
    return " ".join(f"{sign}{len(some)}" for sign, some in counts if some) or "±0"

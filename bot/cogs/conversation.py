"""Questions without a command: a mention, a reply to an answer, a direct message."""

from __future__ import annotations

import asyncio
import logging
import secrets
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
from discord.ext import commands

from bot import render
from bot.asking import Asked
from bot.cogs.ask import MENTION, growing, question_in, start_of, text_of
from bot.edits import Edits, Interim
from bot.ledger import Kept, Place
from bot.texts import Texts
from bot.trouble import Refusal, deliver, explained, is_gone
from bot.views import answer_view

if TYPE_CHECKING:
    from bot.app import FootnoteBot

log = logging.getLogger(__name__)

MEANT = frozenset({discord.MessageType.default, discord.MessageType.reply})
"""What people write; the message with which a thread begins is Discord's, and refers to somebody's."""
TYPING = 2.0
"""Seconds after which a question no longer waits until Discord shows that the bot is writing."""


class Conversation(commands.Cog):
    """Listens to messages that are meant for the bot."""

    def __init__(self, bot: FootnoteBot) -> None:
        """Listening begins when the cog is added."""
        self.bot = bot

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Answer a message if it is meant for the bot."""
        if not self._is_for_us(message):
            return
        texts = Texts.of(message.guild.preferred_locale if message.guild else None)
        if not _may_answer(message):
            await self._tell_author(message, texts)
            return
        said = _Said(message)
        try:
            await self._reply(message, said, texts)
        except Exception as error:  # the last stop: whoever asked gets a sentence, whatever broke
            if is_gone(error):
                return
            if not isinstance(error, Refusal):
                self.bot.figures.error(type(error).__name__)
            await said.show(content=explained(error, texts))

    @commands.Cog.listener()
    async def on_raw_message_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        """Send nobody to an answer that is gone."""
        await self.bot.asking.gone(event.message_id)

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, event: discord.RawBulkMessageDeleteEvent) -> None:
        """The same for many at once."""
        for message_id in event.message_ids:
            await self.bot.asking.gone(message_id)

    def _is_for_us(self, message: discord.Message) -> bool:
        me = self.bot.user
        if me is None or message.author.bot or message.webhook_id is not None or message.type not in MEANT:
            return False
        if message.guild is None:
            return True
        ours = message.guild.self_role
        if me in message.mentions or (ours is not None and ours in message.role_mentions):
            return True
        # Discord withholds the words of such a reply; a sticker or a picture is no question.
        return _replied_to(message) == me.id and not message.attachments and not message.stickers

    async def _reply(self, message: discord.Message, said: _Said, texts: Texts) -> None:
        asking = self.bot.asking
        question = self._question(message)
        if not question:
            await said.show(content=texts(self._why_no_question(message)))
            return
        asking.admit(message.author.id, texts)
        place = Place(
            message.guild.id if message.guild else None,
            message.channel.id,
            message.author.id,
            message.guild is None,
        )
        follows, start = await self._before(message, place)
        asked = Asked(question[:1000], place, texts, follows=follows, start=start)
        link = await asking.same(asked)
        if link:
            await said.show(content=texts("asked_already", link=link))
            return

        async def tell(line: str) -> None:
            await said.show(content=line)

        # A sign of life only: whatever is wrong with it, the answer does not wait for it.
        with suppress(discord.HTTPException, aiohttp.ClientError, OSError):
            await asyncio.wait_for(_typing(message.channel), TYPING)

        async def edit(interim: Interim) -> object:
            return await said.show(embeds=interim.embeds, once=True)

        async with Edits(edit) as edits:
            drawn = partial(growing, texts=texts, title=False)
            given = await asking.answer(asked, tell, lambda draft: edits.offer(partial(drawn, draft)))
        shown = render.answer(given.answer, texts, title=False)
        view = answer_view(given.id, texts, pages=shown.pages, evidence=given.answer.outcome == "answered")
        sent = await said.show(embeds=shown.embeds, view=view)
        if sent is not None:
            await self.bot.ledger.posted(given.id, sent.id)

    def _question(self, message: discord.Message) -> str:
        """What is asked: the message without the mention of the bot, or the message it replies to."""
        question = question_in(message)
        if question or message.guild is None:
            return question
        replied = message.reference.resolved if message.reference else None
        if isinstance(replied, discord.Message) and replied.author != self.bot.user:
            return " ".join(MENTION.sub("", text_of(replied)).split())
        return ""

    def _why_no_question(self, message: discord.Message) -> str:
        me = self.bot.user
        shown = message.content or message.attachments or message.stickers
        if shown or me is None:
            return "mention_empty"
        # Withheld: a reply to the response of a command even where it pings, and a mention of the role alone.
        if _replied_to(message) == me.id:
            return "reply_unreadable"
        return "mention_empty" if me in message.mentions else "role_unreadable"

    async def _before(self, message: discord.Message, place: Place) -> tuple[Kept | None, str]:
        """The answer that a message follows on, and else what its thread is about."""
        asking, channel = self.bot.asking, message.channel
        if message.reference is not None and message.reference.message_id is not None:
            kept = await asking.shown_in(message.reference.message_id, place)
            if kept is not None:
                return kept, ""
        if message.guild is None:
            return await asking.conversation(place, thread=False), ""
        if not isinstance(channel, discord.Thread):
            return None, ""
        kept = await asking.conversation(place, thread=True, start=channel.id)
        return kept, "" if kept else await start_of(channel)

    @staticmethod
    async def _tell_author(message: discord.Message, texts: Texts) -> None:
        """Where the bot may not write, the one who asked is told so in a direct message."""
        place = f"<#{message.channel.id}>"
        await deliver(lambda: message.author.send(texts("may_not_write", channel=place)))


class _Said:
    """The bot's one reply to a message: sent at first, changed later."""

    def __init__(self, message: discord.Message) -> None:
        self._to = message
        self._sent: discord.Message | None = None

    async def show(
        self,
        *,
        content: str | None = None,
        embeds: tuple[discord.Embed, ...] = (),
        view: discord.ui.View | None = None,
        once: bool = False,
    ) -> discord.Message | None:
        """Show this instead of what was there; the message, or None where it cannot be shown.

        `once`: an edit that Discord does not take is not tried again.
        """
        before = self._sent
        if before is not None:

            async def edit() -> discord.Message:
                return await before.edit(content=content, embeds=embeds, view=view)

            edited = await (edit() if once else deliver(edit))
            if edited is not None:
                self._sent = edited
                return edited
        parts: dict[str, Any] = {"embeds": embeds} if view is None else {"embeds": embeds, "view": view}
        reference = self._to.to_reference(fail_if_not_exists=False)
        # By this Discord knows a second try of what it had taken when the line broke.
        parts["nonce"] = secrets.token_hex(12)
        self._sent = await deliver(
            lambda: self._to.channel.send(content, reference=reference, mention_author=False, **parts)
        )
        return self._sent


def _may_answer(message: discord.Message) -> bool:
    """Whether the bot may write, with embeds, where the message stands."""
    if message.guild is None:
        return True
    may = message.channel.permissions_for(message.guild.me)
    send = may.send_messages_in_threads if isinstance(message.channel, discord.Thread) else may.send_messages
    return send and may.embed_links


def _replied_to(message: discord.Message) -> int | None:
    """The author of the message that is replied to, as far as it is known."""
    replied = message.reference.resolved if message.reference else None
    return replied.author.id if isinstance(replied, discord.Message) else None


async def _typing(channel: discord.abc.Messageable) -> None:
    await channel.typing()

"""The loopback server, with a small bot of discord.py's on real sockets: what later tests rely on."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import discord
import pytest
from discord import app_commands
from discord.ext import commands

from tests.discord import wire
from tests.discord.contract import Contract, needs_document
from tests.discord.limits import check_all
from tests.discord.loopback import Loopback

HERE = f"/channels/{wire.CHANNEL}/messages"
ORIGINAL = "/webhooks/*/messages/@original"
CALLBACK = "/interactions/*/callback"


class Form(discord.ui.Modal, title="Note"):
    note: discord.ui.TextInput[Any] = discord.ui.TextInput(label="Note", custom_id="note")

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"Noted: {self.note.value}", ephemeral=True)


class Buttons(discord.ui.View):
    @discord.ui.button(label="More", custom_id="more")
    async def more(self, interaction: discord.Interaction, button: discord.ui.Button[Any]) -> None:
        await interaction.response.edit_message(content="more")

    @discord.ui.button(label="Note", custom_id="form")
    async def form(self, interaction: discord.Interaction, button: discord.ui.Button[Any]) -> None:
        await interaction.response.send_modal(Form())


class Bot(commands.AutoShardedBot):
    """Answers `/ask` after thinking, mentions at once."""

    def __init__(self, **options: Any) -> None:
        intents = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)
        nobody = discord.AllowedMentions.none()
        super().__init__(commands.when_mentioned, intents=intents, allowed_mentions=nobody, **options)
        self.heard: list[str] = []
        self.resumed = 0
        self.tree.command(name="ask", description="Ask")(self.ask)
        self.tree.command(name="read", description="Read a file")(self.read)
        self.tree.context_menu(name="Check it")(self.check_it)
        group = app_commands.Group(name="index", description="Index")
        group.command(name="sources", description="Sources")(self.sources)
        self.tree.add_command(group)

    async def ask(self, interaction: discord.Interaction, question: str, private: bool = False) -> None:
        await interaction.response.defer(ephemeral=private, thinking=True)
        embed = discord.Embed(title=question, url="https://example.org")
        await interaction.edit_original_response(embed=embed, view=Buttons(timeout=None))
        await interaction.followup.send("That was all", ephemeral=True)

    async def read(self, interaction: discord.Interaction, file: discord.Attachment) -> None:
        content = await file.read()
        answer = discord.File(io.BytesIO(content.upper()), "upper.txt")
        await interaction.response.send_message(file=answer)

    async def check_it(self, interaction: discord.Interaction, message: discord.Message) -> None:
        await interaction.response.send_message(f"Checked {message.content}")

    async def sources(self, interaction: discord.Interaction, outlet: str) -> None:
        await interaction.response.send_message(outlet)

    async def setup_hook(self) -> None:
        command: Any = self.tree.get_command("index").get_command("sources")  # type: ignore[union-attr]

        @command.autocomplete("outlet")
        async def outlets(_: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
            return [app_commands.Choice(name=f"{typed} Times", value=typed)]

        self.add_view(Buttons(timeout=None))
        await self.tree.sync()

    async def on_message(self, message: discord.Message) -> None:
        if message.author.bot:
            return
        self.heard.append(message.content)
        if self.user in message.mentions or message.guild is None:
            await message.reply("Yes?", mention_author=False)

    async def on_resumed(self) -> None:
        self.resumed += 1


@pytest.fixture
async def server() -> AsyncIterator[Loopback]:
    async with Loopback() as running:
        yield running


@pytest.fixture
async def bot(server: Loopback) -> AsyncIterator[Bot]:
    made = Bot()
    async with server.online(made):
        yield made


async def test_a_client_logs_in_and_sees_the_server(server: Loopback, bot: Bot) -> None:
    await server.until(lambda: bool(bot.guilds))
    assert [guild.name for guild in bot.guilds] == ["Town"]
    assert str(bot.user) == "footnote"
    assert [command["name"] for command in server.rest.commands] == ["ask", "read", "index", "Check it"]
    assert server.gateway.identified[0]["shard"] == [0, 1]
    await server.until(lambda: server.gateway.heartbeats > 0)


async def test_a_plain_client_is_served_as_well(server: Loopback) -> None:
    client = discord.Client(intents=discord.Intents(guilds=True))
    async with server.online(client):
        assert client.application_id == int(wire.APPLICATION)


async def test_several_shards_each_have_a_session(server: Loopback) -> None:
    bot = Bot(shard_count=2)
    async with server.online(bot):
        assert [data["shard"] for data in server.gateway.identified] == [[0, 2], [1, 2]]
        await (await server.command("index sources", outlet="a")).answer()


async def test_a_wrong_token_is_refused() -> None:
    async with Loopback("right") as server:
        with pytest.raises(discord.LoginFailure):
            async with server.online(Bot(), "wrong"):
                pass
        assert [request.path for request in server.requests] == ["/users/@me"]


@pytest.mark.parametrize(
    ("code", "error"), [(4004, discord.ConnectionClosed), (4014, discord.PrivilegedIntentsRequired)]
)
async def test_the_gateway_refuses(server: Loopback, code: int, error: type[Exception]) -> None:
    server.gateway.refuse = code
    with pytest.raises(error):
        async with server.online(Bot()) as running:
            await running


async def test_privileged_intents_are_refused_unless_granted(server: Loopback) -> None:
    wanted = discord.Intents(guilds=True, message_content=True)
    with pytest.raises(discord.PrivilegedIntentsRequired):
        async with server.online(discord.Client(intents=wanted)) as running:
            await running
    server.gateway.privileged = wanted.value
    async with server.online(discord.Client(intents=wanted)):
        assert server.gateway.connected


async def test_a_slash_command_is_answered(server: Loopback, bot: Bot) -> None:
    asked = await server.command("ask", question="Who won?", private=True)
    assert (await asked.first())["type"] == 5
    answer = await asked.answer()
    assert await asked.shows(lambda message: message["embeds"]) is answer
    assert answer["embeds"][0]["title"] == "Who won?"
    assert asked.ephemeral
    assert (await asked.followup())["content"] == "That was all"
    assert asked.followups[0]["id"] != answer["id"]


async def test_groups_completions_and_menus(server: Loopback, bot: Bot) -> None:
    assert await server.complete("index sources", "outlet", "Town") == [
        {"name": "Town Times", "value": "Town"}
    ]
    assert (await (await server.command("index sources", outlet="BBC")).answer())["content"] == "BBC"
    said = await server.say("the claim", by=wire.BOB)
    assert (await (await server.menu("Check it", said)).answer())["content"] == "Checked the claim"


async def test_buttons_and_forms(server: Loopback, bot: Bot) -> None:
    message = await (await server.command("ask", question="Q")).answer()
    assert (await (await server.click(message, "More")).answer())["content"] == "more"
    form = await (await server.click(message, "form")).first()
    assert (form["type"], form["data"]["title"]) == (9, "Note")
    sent = await server.submit(form, {"Note": "remember"}, message=message)
    assert (await sent.answer())["content"] == "Noted: remember"


async def test_files_go_both_ways(server: Loopback, bot: Bot) -> None:
    asked = await server.command("read", file=("small.txt", b"small"))
    answer = await asked.answer()
    assert [kept["filename"] for kept in answer["attachments"]] == ["upper.txt"]
    assert (await server.requested("POST", CALLBACK)).files == {"upper.txt": b"SMALL"}


async def test_messages_reach_the_bot_as_its_intents_allow(server: Loopback, bot: Bot) -> None:
    await server.say("not for you")
    mention = await server.say(f"<@{wire.APPLICATION}> hello")
    reply = await server.reply(mention)
    assert (reply["content"], reply["type"]) == ("Yes?", 19)
    private = await server.say("in private", channel=server.rest.dm(wire.ALICE))
    await server.reply(private)
    answered = await server.say("and again", replying_to=reply)
    await server.reply(answered)
    assert bot.heard == ["", f"<@{wire.APPLICATION}> hello", "in private", "and again"]


async def test_a_lost_line_is_resumed_and_nothing_is_missed(server: Loopback, bot: Bot) -> None:
    await server.gateway.drop()
    await server.until(lambda: not server.gateway.connected)
    asked = await server.command("ask", question="While away")
    await asked.answer()
    assert len(server.gateway.resumed) == 1
    assert len(server.gateway.identified) == 1
    await server.until(lambda: bot.resumed == 1)


async def test_a_client_reconnects_when_asked(server: Loopback, bot: Bot) -> None:
    await server.gateway.ask_to_reconnect()
    await server.until(lambda: bot.resumed == 1)
    await server.gateway.close(1001)
    await server.until(lambda: bot.resumed == 2)
    await server.gateway.invalidate(resumable=True)
    await server.until(lambda: bot.resumed == 3)
    assert len(server.gateway.identified) == 1


async def test_an_invalid_session_is_started_anew(server: Loopback, bot: Bot) -> None:
    await server.gateway.invalidate()
    await server.until(lambda: len(server.gateway.identified) == 2)
    assert server.gateway.resumed == []
    await (await server.command("ask", question="Q")).answer()


async def test_a_refused_resume_is_a_new_session(server: Loopback, bot: Bot) -> None:
    server.gateway.refuse_resume = True
    await server.gateway.drop()
    await server.until(lambda: len(server.gateway.identified) == 2)
    assert len(server.gateway.resumed) == 1
    assert 5.0 in server.waits


async def test_a_silent_gateway_is_left(server: Loopback) -> None:
    server.gateway.heartbeat = 0.05
    bot = Bot(heartbeat_timeout=0.3)
    async with server.online(bot):
        server.gateway.silence()
        await server.until(lambda: bot.resumed > 0)
        server.gateway.heartbeat = 41.25
        assert (await (await server.command("index sources", outlet="a")).answer())["content"] == "a"


@pytest.mark.parametrize("everywhere", [False, True])
async def test_a_rate_limit_is_waited_out(server: Loopback, bot: Bot, everywhere: bool) -> None:
    server.limit("POST", HERE, 7.5, everywhere=everywhere, times=2)
    channel: Any = bot.get_partial_messageable(int(wire.CHANNEL))
    await channel.send("hello")
    assert len(server.seen("POST", HERE)) == 3
    assert server.waits.count(7.5) == 2
    assert [made["content"] for made in server.rest.messages.values()] == ["hello"]


async def test_a_rate_limited_response_is_waited_out(server: Loopback, bot: Bot) -> None:
    server.limit("PATCH", ORIGINAL, 2.5)
    await (await server.command("ask", question="Q")).answer()
    assert 2.5 in server.waits


@pytest.mark.parametrize("status", [500, 502, 504])
async def test_a_fault_of_discords_is_tried_again(server: Loopback, bot: Bot, status: int) -> None:
    server.fail("POST", HERE, status=status, times=2)
    await bot.get_partial_messageable(int(wire.CHANNEL)).send("hello")
    assert len(server.seen("POST", HERE)) == 3
    server.fail("PATCH", ORIGINAL, status=status)
    await (await server.command("ask", question="Q")).answer()


async def test_a_lasting_fault_is_an_error(server: Loopback, bot: Bot) -> None:
    channel = bot.get_partial_messageable(int(wire.CHANNEL))
    server.fail("POST", HERE, status=503)
    with pytest.raises(discord.DiscordServerError):
        await channel.send("hello")
    server.fail("POST", HERE, status=500, times=5)
    with pytest.raises(discord.DiscordServerError):
        await channel.send("hello")


@pytest.mark.parametrize(("code", "status"), [(50013, 403), (50001, 403), (10003, 404), (10008, 404)])
async def test_discords_errors_have_their_codes(server: Loopback, bot: Bot, code: int, status: int) -> None:
    server.fail("POST", HERE, code=code)
    with pytest.raises(discord.HTTPException) as raised:
        await bot.get_partial_messageable(int(wire.CHANNEL)).send("hello")
    assert (raised.value.status, raised.value.code) == (status, code)


async def test_what_is_gone_is_unknown(server: Loopback, bot: Bot) -> None:
    channel = bot.get_partial_messageable(int(wire.CHANNEL))
    said = await channel.send("hello")
    await server.lose_message(str(said.id))
    with pytest.raises(discord.NotFound, match="Unknown Message"):
        await said.edit(content="again")
    asked = await server.command("ask", question="Q")
    await asked.followup()
    asked.expired = True
    await server.lose_channel(wire.CHANNEL)
    with pytest.raises(discord.NotFound, match="Unknown Channel"):
        await channel.send("hello")


async def test_an_expired_interaction_is_unknown(server: Loopback, bot: Bot) -> None:
    server.fail("POST", CALLBACK, code=10062)
    failed: list[BaseException] = []

    async def note(_: discord.Interaction, error: Exception) -> None:
        failed.append(error.__cause__ or error)

    bot.tree.error(note)
    asked = await server.command("ask", question="Q")
    await server.until(lambda: bool(failed))
    assert isinstance(failed[0], discord.NotFound)
    assert asked.callback is None


async def test_a_cut_request_and_a_held_one(server: Loopback, bot: Bot) -> None:
    channel = bot.get_partial_messageable(int(wire.CHANNEL))
    server.cut("POST", HERE)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await channel.send("lost")
    held = server.hold("POST", HERE)
    sending = asyncio.create_task(channel.send("late"))
    await server.requested("POST", HERE, 2)
    assert server.rest.messages == {}
    held.set()
    assert (await sending).content == "late"


async def test_a_route_that_the_server_lacks_fails_the_test() -> None:
    server = Loopback()
    await server.__aenter__()
    async with server.online(client := Bot()):
        with pytest.raises(discord.NotFound):
            await client.http.request(discord.http.Route("GET", "/voice/regions"))
    with pytest.raises(AssertionError, match="GET /voice/regions"):
        await server.__aexit__()


@needs_document
async def test_requests_and_answers_fit_discords_document(server: Loopback, bot: Bot) -> None:
    contract = Contract.load()
    answers: list[str] = []
    inner = server.rest.answer

    async def checked(request: Any) -> Any:
        answer = await inner(request)
        assert answer is not None
        answers.extend(contract.check_response(request.method, request.path, *answer))
        return answer

    server.rest.answer = checked  # type: ignore[method-assign]
    await bot.tree.sync()
    await bot.application_info()
    message = await (await server.command("ask", question="Q")).answer()
    await (await server.click(message, "More")).answer()
    await server.reply(await server.say(f"<@{wire.APPLICATION}> hello"))
    await (await server.command("read", file=("a.txt", b"a"))).answer()
    channel: Any = await bot.fetch_channel(int(wire.CHANNEL))
    said = await channel.send("hello")
    await channel.fetch_message(said.id)
    assert said.id in [made.id async for made in channel.history(limit=2)]
    await said.create_thread(name="Hello")
    await said.delete()
    assert "\n".join(answers) == ""
    assert check_all(server.requests) == []

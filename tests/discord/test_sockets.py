"""The real bot on real sockets: questions while the gateway is lost and while Discord's REST fails."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

import bot.app
import bot.cogs.conversation
import bot.trouble
from bot.app import FootnoteBot
from bot.ledger import Kept, Ledger
from bot.settings import BotSettings
from index import open_desk
from index.desk import Desk, Watch
from index.errors import PageRefused
from index.reports import Draft
from index.settings import Settings
from index.types import Answer, Question
from tests.discord import loopback_gateway, wire
from tests.discord.limits import check_all
from tests.discord.loopback import Loopback
from tests.discord.wire import Payload

COUNTRIES = "Which countries will host the four new battlegroups?"
MENTION = f"<@{wire.APPLICATION}> {COUNTRIES}"
HERE = f"/channels/{wire.CHANNEL}/messages"
ORIGINAL = "/webhooks/*/messages/@original"
CALLBACK = "/interactions/*/callback"
RESTARTING = "restarting"


@dataclass
class Slow:
    """The desk's next answers wait until they are let go."""

    begun: asyncio.Event = field(default_factory=asyncio.Event)
    go: asyncio.Event = field(default_factory=asyncio.Event)


@pytest.fixture(scope="module")
def desk(indexed_sample: Path) -> Iterator[Desk]:
    """One for all tests here: they only read."""
    settings = Settings(corpus=indexed_sample / "corpus", data=indexed_sample / "data")
    opened = open_desk(settings, purpose="tests")
    yield opened
    asyncio.run(opened.close())


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.trouble, "WAITS", (0.01, 0.01, 0.01))


@pytest.fixture(autouse=True)
def _nothing_broke(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No test here may end in an error that nobody foresaw; discord.py's own word on lost lines is none."""
    yield
    ours = ("bot", "asyncio", "discord.client", "discord.ui", "discord.app_commands", "discord.state")
    errors = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert [record.getMessage() for record in errors if record.name.startswith(ours)] == []


@pytest.fixture
async def server() -> AsyncIterator[Loopback]:
    """Every request of every test is held against Discord's document and limits."""
    async with Loopback() as running:
        yield running
    assert check_all(running.requests) == []


@pytest.fixture
async def footnote(server: Loopback, desk: Desk, tmp_path: Path) -> AsyncIterator[FootnoteBot]:
    """Online, its index loaded."""
    ledger = Ledger(tmp_path / "bot.db")
    made = FootnoteBot(desk, ledger, replace(BotSettings(), questions_a_minute=600))
    async with server.online(made):
        await server.until(lambda: made.readiness.ready)
        yield made
    await ledger.close()


@pytest.fixture
def slow(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Slow:
    """Questions are under way until `slow.go` is set."""
    made, ask = Slow(), desk.ask

    async def waiting(question: Question, watch: Watch | None = None) -> Answer:
        made.begun.set()
        await made.go.wait()
        return await ask(question, watch)

    monkeypatch.setattr(desk, "ask", waiting)
    return made


def text_of(message: Payload) -> str:
    """All that a message shows."""
    parts = [message["content"]]
    for embed in message["embeds"]:
        parts += [embed.get("title") or "", embed.get("description") or ""]
        parts += [f"{one['name']} {one['value']}" for one in embed.get("fields") or []]
    return "\n".join(parts)


def replies(server: Loopback, to: Payload) -> list[Payload]:
    """The bot's replies to a message."""
    made = server.rest.messages.values()
    return [one for one in made if (one.get("message_reference") or {}).get("message_id") == to["id"]]


async def kept_in(footnote: FootnoteBot, message: Payload) -> Kept:
    """What the bot remembers of an answer: it writes that down once Discord has the message."""
    for _ in range(200):
        if (kept := await footnote.ledger.shown_in(int(message["id"]))) is not None:
            return kept
        await asyncio.sleep(0.02)
    raise AssertionError(f"nothing is kept of message {message['id']}")


async def still_answers(server: Loopback) -> None:
    """The bot is not dead: another person's question is answered as ever."""
    direct = server.rest.dm(wire.BOB)
    asked = await server.say(COUNTRIES, by=wire.BOB, channel=direct)
    assert "Slovakia" in text_of(await server.reply(asked))


# -- questions


async def test_a_command_is_deferred_and_answered(server: Loopback, footnote: FootnoteBot) -> None:
    asked = await server.command("ask", question=COUNTRIES)
    assert (await asked.first())["type"] == 5
    assert "Slovakia" in text_of(await asked.answer())
    assert len(server.seen("PATCH", ORIGINAL)) == 1


async def test_a_mention_is_answered_with_a_reply(server: Loopback, footnote: FootnoteBot) -> None:
    said = await server.say(MENTION)
    assert "Slovakia" in text_of(await server.reply(said))
    sent = await server.requested("POST", HERE)
    assert sent.json["message_reference"]["fail_if_not_exists"] is False


async def test_commands_are_given_to_discord_once_over_two_starts(
    server: Loopback, desk: Desk, tmp_path: Path
) -> None:
    for _ in range(2):
        ledger = Ledger(tmp_path / "bot.db")
        made = FootnoteBot(desk, ledger, BotSettings())
        async with server.online(made):
            await server.until(lambda: made.readiness.ready)  # noqa: B023  # used within its own turn
        await ledger.close()
    assert len(server.seen("PUT", "/applications/*/commands")) == 1


@pytest.mark.parametrize("fault", ["500", "cut", "cloudflare"])
async def test_commands_that_discord_cannot_take_now_do_not_stop_the_start(
    server: Loopback, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr(bot.app, "TRY_SYNC_AGAIN", 0.01)
    path = "/applications/*/commands"
    if fault == "500":
        server.fail("PUT", path, status=500, times=5)
    elif fault == "cut":
        server.cut("PUT", path, times=2)  # aiohttp tries a PUT twice
    else:
        server.fail("PUT", path, status=429)
    ledger = Ledger(tmp_path / "bot.db")
    async with server.online(FootnoteBot(desk, ledger, BotSettings())):
        await server.until(lambda: bool(server.rest.commands))
    await ledger.close()


# -- the gateway is lost while a question is under way


async def _dropped(server: Loopback) -> None:
    await server.gateway.drop()
    await server.until(lambda: len(server.gateway.resumed) == 1)


async def _asked_to_reconnect(server: Loopback) -> None:
    await server.gateway.ask_to_reconnect()
    await server.until(lambda: len(server.gateway.resumed) == 1)


async def _invalidated(server: Loopback) -> None:
    await server.gateway.invalidate()
    await server.until(lambda: len(server.gateway.identified) == 2)


async def _not_resumed(server: Loopback) -> None:
    server.gateway.refuse_resume = True
    await server.gateway.drop()
    await server.until(lambda: len(server.gateway.identified) == 2)


@pytest.mark.parametrize("lose", [_dropped, _asked_to_reconnect, _invalidated, _not_resumed])
async def test_a_question_outlives_the_gateway_and_is_answered_once(
    server: Loopback, footnote: FootnoteBot, slow: Slow, lose: Any
) -> None:
    said = await server.say(MENTION)
    asked = await server.command("ask", question=COUNTRIES, by=wire.BOB)
    await slow.begun.wait()
    await asked.first()
    await lose(server)
    slow.go.set()
    assert "Slovakia" in text_of(await server.reply(said))
    assert "Slovakia" in text_of(await asked.answer())
    await server.until(lambda: server.gateway.connected)
    await still_answers(server)
    assert len(replies(server, said)) == 1
    assert len(server.seen("PATCH", ORIGINAL)) == 1


async def test_what_is_asked_while_the_line_is_down_is_answered_once(
    server: Loopback, footnote: FootnoteBot
) -> None:
    await server.gateway.drop()
    await server.until(lambda: not server.gateway.connected)
    said = await server.say(MENTION)
    await server.reply(said)
    await still_answers(server)
    assert len(replies(server, said)) == 1


async def test_a_silent_gateway_is_left_for_a_new_line(
    server: Loopback, desk: Desk, tmp_path: Path, slow: Slow
) -> None:
    server.gateway.heartbeat = 0.1
    ledger = Ledger(tmp_path / "bot.db")
    made = FootnoteBot(desk, ledger, BotSettings())
    made._connection.heartbeat_timeout = 0.5
    async with server.online(made):
        await server.until(lambda: made.readiness.ready)
        said = await server.say(MENTION)
        await slow.begun.wait()
        server.gateway.silence()
        await server.until(lambda: bool(server.gateway.resumed))
        server.gateway.heartbeat = 41.25
        slow.go.set()
        assert "Slovakia" in text_of(await server.reply(said))
        assert len(replies(server, said)) == 1
    await ledger.close()


# -- REST fails


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_an_answer_gets_through_where_discord_stumbles(
    server: Loopback, footnote: FootnoteBot, status: int
) -> None:
    # discord.py tries 500 and 502 five times and 503 once; then it is for the bot to try again.
    server.fail("PATCH", ORIGINAL, status=status, times=6 if status != 503 else 2)
    asked = await server.command("ask", question=COUNTRIES)
    assert "Slovakia" in text_of(await asked.answer())
    server.fail("POST", HERE, status=status, times=6 if status != 503 else 2)
    said = await server.say(MENTION, by=wire.BOB)
    await server.reply(said)
    assert len(replies(server, said)) == 1


async def test_a_cut_line_costs_no_answer_and_makes_no_second_one(
    server: Loopback, footnote: FootnoteBot
) -> None:
    server.cut("PATCH", ORIGINAL, times=2)
    asked = await server.command("ask", question=COUNTRIES)
    assert "Slovakia" in text_of(await asked.answer())
    server.cut("POST", HERE, times=2)
    said = await server.say("<@800000000000000001> What did NATO decide in March 2022?", by=wire.BOB)
    await server.reply(said)
    # Discord may have taken the one whose answer was lost: with the same nonce it posts nothing twice.
    sent = [request.json for request in server.seen("POST", HERE)]
    assert len(sent) == 3
    assert len({one["nonce"] for one in sent}) == 1
    assert all(one["enforce_nonce"] for one in sent)


async def test_a_rate_limit_is_waited_out_as_long_as_discord_says(
    server: Loopback, footnote: FootnoteBot
) -> None:
    server.limit("PATCH", ORIGINAL, 3.5, times=2)
    server.limit("POST", HERE, 4.5, everywhere=True)
    asked = await server.command("ask", question=COUNTRIES)
    assert "Slovakia" in text_of(await asked.answer())
    await server.reply(await server.say("<@800000000000000001> Who leads NATO?", by=wire.BOB))
    assert server.waits.count(3.5) == 2
    assert 4.5 in server.waits


@pytest.mark.parametrize("fault", ["cut", "500", "held", "50013"])
async def test_no_answer_waits_for_the_sign_that_the_bot_is_writing(
    server: Loopback, footnote: FootnoteBot, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr(bot.cogs.conversation, "TYPING", 0.05)
    path = "/channels/*/typing"
    if fault == "cut":
        server.cut("POST", path)
    elif fault == "held":
        server.hold("POST", path)
    elif fault == "500":
        server.fail("POST", path, status=500, times=5)
    else:
        server.fail("POST", path, code=50013)
    assert "Slovakia" in text_of(await server.reply(await server.say(MENTION)))


@pytest.mark.parametrize("code", [50013, 50001, 10003])
async def test_a_reply_that_may_not_be_sent_harms_nobody_else(
    server: Loopback, footnote: FootnoteBot, code: int
) -> None:
    server.fail("POST", HERE, code=code)
    await server.say(MENTION)
    await server.requested("POST", HERE)
    await still_answers(server)
    assert len(server.seen("POST", HERE)) == 1


async def test_an_interaction_that_discord_no_longer_knows_harms_nobody_else(
    server: Loopback, footnote: FootnoteBot
) -> None:
    server.fail("POST", CALLBACK, code=10062)
    asked = await server.command("ask", question=COUNTRIES)
    await server.requested("POST", CALLBACK)
    await still_answers(server)
    assert asked.callback is None
    assert server.seen("PATCH", ORIGINAL) == []


async def test_a_lost_first_response_harms_nobody_else(server: Loopback, footnote: FootnoteBot) -> None:
    server.cut("POST", CALLBACK)
    await server.command("ask", question=COUNTRIES)
    await server.requested("POST", CALLBACK)
    await still_answers(server)


async def test_an_answer_whose_message_was_deleted_is_let_go(
    server: Loopback, footnote: FootnoteBot, slow: Slow
) -> None:
    server.fail("PATCH", ORIGINAL, code=10008)
    await server.command("ask", question=COUNTRIES)
    slow.go.set()
    await server.requested("PATCH", ORIGINAL)
    await still_answers(server)
    assert len(server.seen("PATCH", ORIGINAL)) == 1


async def test_an_answer_that_comes_after_the_token_expired_is_let_go(
    server: Loopback, footnote: FootnoteBot, slow: Slow
) -> None:
    asked = await server.command("ask", question=COUNTRIES)
    await slow.begun.wait()
    asked.expired = True
    slow.go.set()
    await server.requested("PATCH", ORIGINAL)
    await still_answers(server)


async def test_a_channel_that_goes_while_a_question_is_under_way_takes_only_its_answer(
    server: Loopback, footnote: FootnoteBot, slow: Slow
) -> None:
    await server.say(MENTION)
    asked = await server.command("ask", question=COUNTRIES, by=wire.BOB)
    await slow.begun.wait()
    asked.expired = True
    await server.lose_channel(wire.CHANNEL)
    slow.go.set()
    await server.requested("POST", HERE)
    await still_answers(server)


async def test_a_deleted_question_is_answered_without_the_reference(
    server: Loopback, footnote: FootnoteBot, slow: Slow
) -> None:
    said = await server.say(MENTION)
    await slow.begun.wait()
    await server.lose_message(said["id"])
    slow.go.set()
    await server.requested("POST", HERE)
    await server.until(lambda: any("Slovakia" in text_of(one) for one in server.rest.messages.values()))


async def test_a_slow_discord_keeps_nobody_else_waiting(server: Loopback, footnote: FootnoteBot) -> None:
    held = server.hold("PATCH", ORIGINAL)
    asked = await server.command("ask", question=COUNTRIES)
    await server.requested("PATCH", ORIGINAL)
    await still_answers(server)
    assert asked.loading
    held.set()
    assert "Slovakia" in text_of(await asked.answer())


# -- the bot is stopped


async def test_questions_under_way_are_finished_before_the_bot_stops(
    server: Loopback, footnote: FootnoteBot, slow: Slow
) -> None:
    said = await server.say(MENTION)
    asked = await server.command("ask", question=COUNTRIES, by=wire.BOB)
    await slow.begun.wait()
    await asked.first()
    stopping = asyncio.create_task(footnote.close())
    late = await server.command("ask", question="Who leads NATO?", by=wire.MODERATOR)
    assert "restart" in text_of(await late.answer())
    slow.go.set()
    await stopping
    assert "Slovakia" in text_of(await asked.answer())
    assert "Slovakia" in text_of(await server.reply(said))


@pytest.mark.parametrize("way", ["command", "mention"])
async def test_an_answer_on_its_way_to_discord_arrives_before_the_bot_stops(
    server: Loopback, footnote: FootnoteBot, way: str
) -> None:
    path = ("PATCH", ORIGINAL) if way == "command" else ("POST", HERE)
    held = server.hold(*path)
    if way == "command":
        await server.command("ask", question=COUNTRIES)
    else:
        await server.say(MENTION)
    await server.requested(*path)
    stopping = asyncio.create_task(footnote.close())
    await asyncio.wait({stopping}, timeout=0.1)
    held.set()
    await stopping
    assert any("Slovakia" in text_of(made) for made in server.rest.messages.values())


async def test_a_button_under_way_is_finished_before_the_bot_stops(
    server: Loopback, footnote: FootnoteBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = await (await server.command("ask", question=COUNTRIES)).answer()
    held, context = asyncio.Event(), footnote.desk.context

    async def waiting(citation: Any) -> Any:
        await held.wait()
        return await context(citation)

    monkeypatch.setattr(footnote.desk, "context", waiting)
    clicked = await server.click(answer, "Show evidence", by=wire.BOB)
    await clicked.first()
    stopping = asyncio.create_task(footnote.close())
    await asyncio.wait({stopping}, timeout=0.1)
    held.set()
    await stopping
    assert "**" in text_of(await clicked.answer())


async def test_who_cannot_be_answered_in_time_is_told_that_the_bot_restarts(
    server: Loopback, footnote: FootnoteBot, slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.app, "FINISH", 0.1)
    said = await server.say(MENTION)
    asked = await server.command("ask", question=COUNTRIES, by=wire.BOB)
    direct = await server.say(COUNTRIES, by=wire.MODERATOR, channel=server.rest.dm(wire.MODERATOR))
    await slow.begun.wait()
    await asked.first()
    await footnote.close()
    assert ["restart" in text_of(told) for told in replies(server, said)] == [True]
    assert ["restart" in text_of(told) for told in replies(server, direct)] == [True]
    assert asked.message is not None
    assert "restart" in text_of(asked.message)


async def test_a_button_that_takes_too_long_is_told_that_the_bot_restarts(
    server: Loopback, footnote: FootnoteBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.app, "GOODBYE", 0.2)
    monkeypatch.setattr(bot.app, "FINISH", 0.1)
    answer = await (await server.command("ask", question=COUNTRIES)).answer()
    never = asyncio.Event()

    async def waiting(citation: Any) -> Any:
        await never.wait()

    monkeypatch.setattr(footnote.desk, "context", waiting)
    clicked = await server.click(answer, "Show evidence", by=wire.BOB)
    await clicked.first()
    await footnote.close()
    assert clicked.message is not None
    assert "restart" in text_of(clicked.message)


# -- who is meant, and who may read of it


async def test_a_mention_of_the_bots_own_role_is_one_of_the_bot(
    server: Loopback, footnote: FootnoteBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = f"<@&{wire.BOT_ROLE}> {COUNTRIES}"
    hidden = await server.reply(await server.say(asked))
    assert "only my role" in text_of(hidden)
    monkeypatch.setattr(loopback_gateway, "_as_seen", lambda event, data, intents: data)
    assert "Slovakia" in text_of(await server.reply(await server.say(asked)))
    silent = [f"@everyone {COUNTRIES}", f"<@&{wire.MODERATORS}> {COUNTRIES}", f"<@{wire.BOB.id}> {COUNTRIES}"]
    said = [await server.say(text) for text in silent]
    await still_answers(server)
    assert [replies(server, one) for one in said] == [[], [], []]


async def test_a_group_has_its_conversation_and_its_questions_stay_there(
    server: Loopback, footnote: FootnoteBot
) -> None:
    group = server.rest.dm(wire.ALICE, wire.BOB)
    absent = "Who won the football world cup in Brazil?"
    first = await (await server.command("ask", channel=group, question=absent)).answer()
    assert not first["flags"] & wire.EPHEMERAL
    again = await (await server.command("ask", channel=group, question=absent, by=wire.BOB)).answer()
    assert f"/channels/@me/{group}/{first['id']}" in again["content"]
    before = await kept_in(footnote, first)
    down = await server.click(first, f"fn:down:{before.id}", by=wire.BOB)
    assert "stays between us" in (await down.followup())["content"]
    secret = await server.command("ask", channel=group, question="Who is the lover of Bob?", private=True)
    await secret.answer()
    follow = await (await server.command("ask", channel=group, question="When?", by=wire.BOB)).answer()
    kept = await kept_in(footnote, follow)
    assert kept.follows == before.id
    await still_answers(server)
    assert await footnote.ledger.votes(before.id) == (0, 1)
    assert await footnote.ledger.gaps() == ()


async def test_what_discord_shows_to_one_person_alone_is_private(
    server: Loopback, footnote: FootnoteBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Somebody's own installation, in a server that does not let such apps speak.
    mute = replace(wire.ALICE, permissions=wire.EVERYDAY & ~(1 << 50))
    real = wire.interaction

    def own(*args: Any) -> Payload:
        return real(*args) | {"authorizing_integration_owners": {"1": args[2].id}}

    monkeypatch.setattr(wire, "interaction", own)
    for person, private in ((mute, True), (wire.BOB, False)):
        answer = await (await server.command("ask", by=person, question=COUNTRIES)).answer()
        await server.until(lambda: bool(answer["embeds"]))  # noqa: B023  # used within its own turn
        kept = await kept_in(footnote, answer)
        assert kept.place.private is private


# -- moderators


async def test_a_form_under_way_is_finished_before_the_bot_stops(
    server: Loopback, footnote: FootnoteBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, begun = asyncio.Event(), asyncio.Event()

    async def fetching(url: str) -> Draft:
        begun.set()
        await held.wait()
        raise PageRefused("There is no such page.")

    monkeypatch.setattr(footnote.desk, "draft_page", fetching)
    form = await _source_form(server)
    sent = await server.submit(form, {"text": "https://news.example.com/"}, by=wire.MODERATOR)
    await begun.wait()
    stopping = asyncio.create_task(footnote.close())
    await asyncio.wait({stopping}, timeout=0.1)
    held.set()
    await stopping
    assert "no such page" in text_of(await sent.answer())


async def test_a_form_that_takes_too_long_is_told_that_the_bot_restarts(
    server: Loopback, footnote: FootnoteBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.app, "GOODBYE", 0.2)
    monkeypatch.setattr(bot.app, "FINISH", 0.1)
    begun = asyncio.Event()

    async def fetching(url: str) -> Draft:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(footnote.desk, "draft_page", fetching)
    form = await _source_form(server)
    sent = await server.submit(form, {"text": "https://news.example.com/"}, by=wire.MODERATOR)
    await begun.wait()
    await footnote.close()
    assert sent.message is not None
    assert "restart" in text_of(sent.message)


async def test_a_file_that_discord_no_longer_has_is_told(server: Loopback, footnote: FootnoteBot) -> None:
    server.fail("GET", "/attachments/*", code=10008)
    file = ("bridge.md", b"# A bridge\n\nIt opened on Monday.")
    asked = await server.command("index add file", by=wire.MODERATOR, file=file)
    assert "could not get this file" in text_of(await asked.answer())


async def _source_form(server: Loopback) -> Payload:
    """The form that asks for an address, as a moderator opens it from the gap board."""
    await (await server.command("ask", question="Who won the football world cup in Brazil?")).answer()
    board = await (await server.command("index gaps", by=wire.MODERATOR)).answer()
    gap = await (await server.click(board, "1", by=wire.MODERATOR)).answer()
    return await (await server.click(gap, "Add a source", by=wire.MODERATOR)).first()

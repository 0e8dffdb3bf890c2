"""Where the bot works, in which language, and what it knows of a thread."""

from __future__ import annotations

import asyncio
from typing import Any

import discord
import pytest
from simcord import interactions

from bot.asking import Asked
from bot.ledger import Place
from bot.texts import LANGUAGES, Texts
from index.types import Filters
from tests.discord.conftest import Footnote
from tests.discord.test_asking import COUNTRIES, text_of

TROOPS = "How many troops will each new battlegroup have?"


def synced(footnote: Footnote) -> dict[str, dict[str, Any]]:
    """The commands that Discord was given, by name."""
    sent = [entry.json for entry in footnote.env.http_requests if entry.method == "PUT"]
    return {command["name"]: command for command in sent[0]}


async def test_people_s_commands_work_everywhere_and_moderators_in_servers_only(footnote: Footnote) -> None:
    commands = synced(footnote)
    index = commands.pop("index")
    assert set(commands) == {
        "ask",
        "search",
        "article",
        "articles",
        "timeline",
        "help",
        "about",
        "Ask the articles",
        "Check against articles",
    }
    for command in commands.values():
        assert sorted(command["contexts"]) == [0, 1, 2], command["name"]
        assert sorted(command["integration_types"]) == [0, 1], command["name"]
        assert command["default_member_permissions"] is None
    assert index["contexts"] == [0]
    assert index["integration_types"] == [0]
    assert int(index["default_member_permissions"]) == discord.Permissions(manage_guild=True).value


async def test_every_name_and_description_is_in_every_language(footnote: Footnote) -> None:
    def nodes(command: dict[str, Any]) -> list[dict[str, Any]]:
        return [command, *(inner for option in command.get("options", []) for inner in nodes(option))]

    for command in synced(footnote).values():
        for node in nodes(command):
            for part in ("name", "description"):
                if node.get(part):
                    told = {code.split("-")[0] for code in node[f"{part}_localizations"]}
                    assert told >= set(LANGUAGES) - {"en"}, node[part]


@pytest.mark.parametrize(
    ("locale", "says"),
    [
        ("de", "Die Artikel enthalten darauf keine Antwort"),
        ("es-419", "Los artículos no contienen respuesta"),
        ("uk", "У статтях немає відповіді"),
        ("lt", "Straipsniuose atsakymo į tai nėra"),
        ("ja", "The articles hold no answer"),
    ],
)
async def test_fixed_texts_follow_the_reader_and_quotes_do_not(
    footnote: Footnote, monkeypatch: pytest.MonkeyPatch, locale: str, says: str
) -> None:
    payload = interactions.base_payload

    def in_language(*args: Any, **named: Any) -> Any:
        record, made = payload(*args, **named)
        return record, {**made, "locale": locale}

    monkeypatch.setattr(interactions, "base_payload", in_language)
    nothing = await footnote.member.slash(footnote.channel, "ask", question="How do I bake bread?")
    assert says in text_of(nothing.response)
    answer = await footnote.member.slash(footnote.channel, "ask", question=COUNTRIES)
    assert "Newsmax names seven countries" in text_of(answer.response)


async def test_a_thread_under_an_answer_follows_on_it(footnote: Footnote) -> None:
    await footnote.member.send(footnote.channel, f"<@{footnote.bot.user.id}> {TROOPS}")
    answer = footnote.channel.last_message
    first = await footnote.bot.ledger.shown_in(answer.id)
    assert first is not None
    await answer.create_thread(name="Troops")
    await footnote.env.settle()
    thread = footnote.channel.threads[0]
    await footnote.member.send(thread, f"<@{footnote.bot.user.id}> And which countries will host them?")
    reply = await footnote.bot.ledger.shown_in(thread.last_message.id)
    assert reply is not None
    assert reply.follows == first.id
    await footnote.moderator.slash(thread, "ask", question="And who said that?")
    here = Place(footnote.guild.id, thread.id, footnote.moderator.id, private=False)
    last = await footnote.bot.ledger.last_in(here, within=_hour())
    assert last is not None
    assert last.follows == reply.id


async def test_a_private_answer_in_a_thread_is_followed_on_in_private_by_its_own_person_only(
    footnote: Footnote,
) -> None:
    start = await footnote.member.send(footnote.channel, "Let us talk about battlegroups")
    await discord.Message.create_thread(start, name="Battlegroups")
    await footnote.env.settle()
    thread = footnote.channel.threads[0]
    await footnote.member.slash(thread, "ask", question=TROOPS, private=True)
    for who, private, follows in (
        (footnote.member, True, True),
        (footnote.member, False, False),
        (footnote.moderator, True, False),
        (footnote.moderator, False, False),
    ):
        place = Place(footnote.guild.id, thread.id, who.id, private)
        kept = await footnote.bot.asking.conversation(place, thread=True)
        assert (kept is not None) is follows


async def test_who_waits_sees_their_place_in_the_queue(start: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async with start(answers_at_a_time=1) as footnote:
        held, go = footnote.desk.ask, asyncio.Event()

        async def slow(question: Any, watch: Any = None) -> Any:
            await go.wait()
            return await held(question, watch)

        monkeypatch.setattr(footnote.desk, "ask", slow)
        told: list[str] = []

        async def tell(line: str) -> None:
            told.append(line)

        def asked(number: int) -> Asked:
            place = Place(footnote.guild.id, footnote.channel.id, number, private=False)
            return Asked(COUNTRIES, place, Texts.of(None), Filters())

        answers = [
            asyncio.create_task(footnote.bot.asking.answer(asked(number), tell)) for number in range(3)
        ]
        await asyncio.sleep(0.05)
        assert ["number 1" in told[0], "number 2" in told[1]] == [True, True]
        go.set()
        assert all(given.answer.outcome == "answered" for given in await asyncio.gather(*answers))


async def test_where_it_may_not_write_the_one_who_asked_is_told_directly(footnote: Footnote) -> None:
    closed = footnote.guild.create_text_channel(
        "announcements",
        overwrites={footnote.bot.user: discord.PermissionOverwrite(send_messages=False)},  # type: ignore[dict-item]  # it is logged in
    )
    await footnote.env.settle()
    await footnote.member.send(closed, f"<@{footnote.bot.user.id}> {COUNTRIES}")
    direct = [
        entry
        for entry in footnote.env.http_requests
        if entry.method == "POST" and isinstance(entry.json, dict) and "may not write" in str(entry.json)
    ]
    assert len(direct) == 1


async def test_the_bot_and_its_commands_come_up_with_a_status_that_says_so(footnote: Footnote) -> None:
    assert footnote.bot.healthy()
    assert not footnote.bot.intents.message_content


def _hour() -> Any:
    from datetime import timedelta

    return timedelta(hours=1)

"""Questions in Discord: as a command, by mention, as a reply, in threads and in direct messages."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import discord
import pytest

from bot.texts import Texts
from bot.views import answer_view
from index.types import Question
from tests.discord.conftest import Footnote

COUNTRIES = "Which countries will host the four new battlegroups?"
ABSENT = "Who won the football world cup in Brazil?"


def text_of(message: Any) -> str:
    """All that a message shows, one string."""
    parts = [message.content or ""]
    for embed in message.embeds:
        parts += [embed.title or "", embed.description or "", embed.footer.text or ""]
        parts += [f"{field.name} {field.value}" for field in embed.fields]
    return "\n".join(parts)


def buttons(message: Any) -> dict[str, str]:
    """Act -> custom id."""
    rows = message.components
    found = [item for row in rows for item in (row["components"] if isinstance(row, dict) else row.children)]
    ids = [item["custom_id"] if isinstance(item, dict) else item.custom_id for item in found]
    return {custom_id.split(":")[1]: custom_id for custom_id in ids if custom_id}


async def test_an_answer_has_numbered_links_and_footnotes_and_a_day(footnote: Footnote) -> None:
    result = await footnote.member.slash(footnote.channel, "ask", question=COUNTRIES)
    first = next(entry for entry in footnote.env.http_requests if entry.path.endswith("/callback"))
    assert first.json["type"] == discord.InteractionResponseType.deferred_channel_message.value
    assert not result.ephemeral
    shown = text_of(result.response)
    assert "Slovakia" in shown
    assert "[[1]](https://" in shown
    assert "-# 1 · [" in shown
    assert "#:~:text=" in shown
    assert "As of 24 Mar 2022" in shown
    assert set(buttons(result.response)) >= {"ev", "up", "down", "del"}


async def test_sources_that_differ_stand_side_by_side(footnote: Footnote) -> None:
    result = await footnote.member.slash(footnote.channel, "ask", question=COUNTRIES)
    fields = result.response.embeds[0].fields
    assert "differ" in fields[0].name
    names = " ".join(field.name for field in fields[1:])
    assert "Newsmax" in names
    assert all(field.inline for field in fields[1:])


async def test_where_nothing_answers_it_says_so_and_names_the_nearest(footnote: Footnote) -> None:
    result = await footnote.member.slash(footnote.channel, "ask", question=ABSENT)
    shown = text_of(result.response)
    assert "hold no answer" in shown
    assert "Nearest articles" in shown
    assert "ev" not in buttons(result.response)


async def test_a_private_question_is_answered_to_the_person_alone(footnote: Footnote) -> None:
    result = await footnote.member.slash(footnote.channel, "ask", question=COUNTRIES, private=True)
    assert result.ephemeral
    assert "Slovakia" in text_of(result.response)


async def test_filters_by_outlet_and_day_hold(footnote: Footnote) -> None:
    result = await footnote.member.slash(
        footnote.channel, "ask", question=COUNTRIES, source="Newsmax", after="March 2022", before="2022-03-23"
    )
    shown = text_of(result.response)
    assert "Estonia" in shown
    assert "LRT" not in shown


@pytest.mark.parametrize(("after", "before"), [("the day of reckoning", None), ("2022-04-01", "2022-03-01")])
async def test_a_day_that_cannot_be_meant_is_told(footnote: Footnote, after: str, before: str | None) -> None:
    options = {"after": after} | ({"before": before} if before else {})
    result = await footnote.member.slash(footnote.channel, "ask", question=COUNTRIES, **options)
    assert "day" in text_of(result.response)
    assert not result.response.embeds


async def test_outlets_complete_from_the_index(footnote: Footnote) -> None:
    choices = await footnote.member.autocomplete(footnote.channel, "ask", "source", "newsm", question="what?")
    assert [choice["value"] for choice in choices] == ["Newsmax"]


async def test_a_mention_is_answered_as_a_reply(footnote: Footnote) -> None:
    asked = await footnote.member.send(footnote.channel, f"<@{footnote.bot.user.id}> {COUNTRIES}")
    reply = footnote.channel.last_message
    assert reply.reference.message_id == asked.id
    assert "Slovakia" in text_of(reply)
    assert reply.embeds[0].title is None  # the question stands in the message above


@pytest.mark.parametrize("content", ["@everyone " + COUNTRIES, COUNTRIES])
async def test_what_is_not_meant_for_the_bot_gets_no_reply(footnote: Footnote, content: str) -> None:
    said = await footnote.member.send(footnote.channel, content)
    assert footnote.channel.last_message.id == said.id


async def test_other_bots_and_webhooks_get_no_reply(footnote: Footnote) -> None:
    other = footnote.guild.add_member(footnote.env.create_user("robot", bot=True))
    said = await other.send(footnote.channel, f"<@{footnote.bot.user.id}> {COUNTRIES}")
    assert footnote.channel.last_message.id == said.id
    hook = footnote.guild.create_webhook(footnote.channel)
    await hook.send(f"<@{footnote.bot.user.id}> {COUNTRIES}")
    await footnote.env.settle()
    assert footnote.channel.last_message.author.id != footnote.bot.user.id


async def test_a_mention_without_a_question_says_how_to_ask(footnote: Footnote) -> None:
    await footnote.member.send(footnote.channel, f"<@{footnote.bot.user.id}>")
    assert "/ask" in text_of(footnote.channel.last_message)


async def test_a_direct_message_is_a_question_and_the_next_one_may_follow_on(footnote: Footnote) -> None:
    carol = footnote.env.create_user("carol")
    for question in ("What did Nausėda say?", "And when did he say that?"):
        await carol.send_dm(question)
    first, second = [
        message for message in carol.dm_channel.history() if message.author.id == footnote.bot.user.id
    ]
    assert first.embeds[0].description
    kept = [await footnote.bot.ledger.shown_in(message.id) for message in (first, second)]
    assert kept[0] is not None
    assert kept[1] is not None
    assert kept[1].follows == kept[0].id
    assert kept[1].place.private


async def test_a_reply_to_an_answer_follows_on_it(footnote: Footnote) -> None:
    await footnote.member.send(footnote.channel, f"<@{footnote.bot.user.id}> What did Nausėda say?")
    answer = footnote.channel.last_message
    await footnote.member.send(
        footnote.channel, f"<@{footnote.bot.user.id}> And when did he say that?", reply_to=answer
    )
    follow_up = footnote.channel.last_message
    assert follow_up.id != answer.id
    kept = await footnote.bot.ledger.shown_in(follow_up.id)
    assert kept is not None
    first = await footnote.bot.ledger.shown_in(answer.id)
    assert first is not None
    assert kept.follows == first.id


async def test_nobody_follows_on_another_persons_private_answer(footnote: Footnote) -> None:
    bob = footnote.guild.add_member(footnote.env.create_user("bob"))
    private = await footnote.member.slash(footnote.channel, "ask", question=COUNTRIES, private=True)
    kept = await footnote.bot.ledger.shown_in(private.response.id)
    assert kept is not None
    for place in (replace(kept.place, person=bob.id), replace(kept.place, private=False)):
        assert await footnote.bot.asking.shown_in(private.response.id, place) is None
    # The client hides the message from him: he puts its buttons on one that he sees.
    channel = footnote.bot.get_channel(footnote.channel.id)
    assert isinstance(channel, discord.TextChannel)
    view = answer_view(kept.id, Texts("en"), pages=2, evidence=True)
    forged = await channel.send("A message of the bot", view=view)
    for custom_id in buttons(forged).values():
        refused = await bob.click(forged, custom_id=custom_id)
        assert refused.ephemeral
        assert "belongs to someone else" in text_of(refused.response)
    assert await footnote.bot.ledger.kept(kept.id) is not None


async def test_the_same_question_again_gets_a_link(footnote: Footnote) -> None:
    first = await footnote.member.slash(footnote.channel, "ask", question=COUNTRIES)
    again = await footnote.member.slash(footnote.channel, "ask", question=COUNTRIES.lower().rstrip("?"))
    assert again.ephemeral
    assert str(first.response.id) in text_of(again.response)


async def test_evidence_shows_the_quote_in_bold_to_the_one_who_clicks(footnote: Footnote) -> None:
    result = await footnote.member.slash(footnote.channel, "ask", question=COUNTRIES)
    shown = await footnote.moderator.click(result.response.message, custom_id=buttons(result.response)["ev"])
    assert shown.ephemeral
    assert "> " in text_of(shown.response)
    assert "**" in text_of(shown.response)


async def test_moderators_see_how_likely_an_answer_is_and_others_do_not(footnote: Footnote) -> None:
    result = await footnote.member.slash(footnote.channel, "ask", question=COUNTRIES)
    evidence = buttons(result.response)["ev"]
    seen = await footnote.moderator.click(result.response.message, custom_id=evidence)
    assert re.search(r"How likely this answers the question: \d+%", text_of(seen.response))
    hidden = await footnote.member.click(result.response.message, custom_id=evidence)
    assert "How likely" not in text_of(hidden.response)


async def test_votes_are_counted_once_a_person_and_can_be_taken_back(footnote: Footnote) -> None:
    result = await footnote.member.slash(footnote.channel, "ask", question=COUNTRIES)
    up, down = (buttons(result.response)[act] for act in ("up", "down"))
    kept = await footnote.bot.ledger.shown_in(result.response.id)
    assert kept is not None
    for pressed, votes in ((up, (1, 0)), (down, (0, 1)), (down, (0, 0))):
        await footnote.member.click(footnote.channel.last_message, custom_id=pressed)
        assert await footnote.bot.ledger.votes(kept.id) == votes
    await footnote.moderator.click(footnote.channel.last_message, custom_id=up)
    await footnote.member.click(footnote.channel.last_message, custom_id=up)
    assert await footnote.bot.ledger.votes(kept.id) == (2, 0)
    labels = [item.label for row in footnote.channel.last_message.components for item in row.children]
    assert "2" in labels


async def test_the_asker_and_moderators_delete_an_answer_and_others_do_not(footnote: Footnote) -> None:
    bob = footnote.guild.add_member(footnote.env.create_user("bob"))
    for who, gone in ((bob, False), (footnote.moderator, True), (footnote.member, True)):
        result = await footnote.member.slash(footnote.channel, "ask", question=f"{COUNTRIES} {who.name}")
        answer = result.response.id
        await who.click(result.response.message, custom_id=buttons(result.response)["del"])
        there = answer in [message.id for message in footnote.channel.history()]
        assert there is not gone, who.name


async def test_all_controls_work_after_a_restart(footnote: Footnote) -> None:
    result = await footnote.member.slash(footnote.channel, "ask", question=COUNTRIES)
    controls, answer = buttons(result.response), result.response.id
    await footnote.restart()
    message = footnote.channel.last_message
    shown = await footnote.member.click(message, custom_id=controls["ev"])
    assert "**" in text_of(shown.response)
    await footnote.member.click(message, custom_id=controls["up"])
    kept = await footnote.bot.ledger.shown_in(result.response.id)
    assert kept is not None
    assert await footnote.bot.ledger.votes(kept.id) == (1, 0)
    await footnote.member.click(message, custom_id=controls["del"])
    assert answer not in [message.id for message in footnote.channel.history()]


async def test_commands_are_given_to_discord_only_when_they_changed(footnote: Footnote) -> None:
    def syncs() -> int:
        return sum(
            entry.method == "PUT" and "/commands" in entry.path for entry in footnote.env.http_requests
        )

    before = syncs()
    assert before == 1
    await footnote.restart()
    assert syncs() == before


async def test_too_many_questions_are_told_when_they_may_go_on(start: Callable[..., Any]) -> None:
    async with start(questions_a_minute=2) as footnote:
        for number in range(2):
            await footnote.member.slash(footnote.channel, "ask", question=f"{COUNTRIES} {number}")
        third = await footnote.member.slash(footnote.channel, "ask", question=COUNTRIES)
        assert third.ephemeral
        assert "again in" in text_of(third.response)
        other = await footnote.moderator.slash(footnote.channel, "ask", question=COUNTRIES)
        assert "Slovakia" in text_of(other.response)


async def test_a_question_before_the_index_has_loaded_is_answered_when_it_has(
    start: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start() as footnote:
        footnote.bot.readiness._ready.clear()
        asked = asyncio.create_task(footnote.bot.asking.answer(_asked(footnote), _noted := _Noted()))
        await asyncio.sleep(0.05)
        assert "loading" in _noted.lines[0]
        assert not asked.done()
        footnote.bot.readiness._ready.set()
        given = await asked
        assert given.answer.outcome == "answered"


async def test_an_unforeseen_error_is_one_sentence_with_a_reference(
    footnote: Footnote, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(question: Question, watch: object = None) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(footnote.desk, "ask", broken)
    result = await footnote.member.slash(footnote.channel, "ask", question=COUNTRIES)
    said = text_of(result.response)
    assert "reference" in said
    assert "secret" not in said
    reference = said.split("reference ")[1].strip(". \n")
    assert reference in caplog.text
    assert COUNTRIES not in caplog.text
    _ = footnote.env.errors  # seen


async def test_no_message_of_the_bot_may_ping_anybody(footnote: Footnote) -> None:
    await footnote.member.slash(footnote.channel, "ask", question="@everyone <@&1> what did Nausėda say?")
    await footnote.member.send(footnote.channel, f"<@{footnote.bot.user.id}> @everyone {COUNTRIES}")
    bodies = [entry.json for entry in footnote.env.http_requests if isinstance(entry.json, dict)]
    sent = [body.get("data", body) for body in bodies]
    sent = [body for body in sent if isinstance(body, dict) and ("embeds" in body or body.get("content"))]
    assert sent
    for body in sent:
        assert body["allowed_mentions"]["parse"] == []
        assert not body["allowed_mentions"].get("replied_user")


class _Noted:
    def __init__(self) -> None:
        self.lines: list[str] = []

    async def __call__(self, line: str) -> None:
        self.lines.append(line)


def _asked(footnote: Footnote) -> Any:
    from bot.asking import Asked
    from bot.ledger import Place
    from bot.texts import Texts

    place = Place(footnote.guild.id, footnote.channel.id, footnote.member.id, private=False)
    return Asked(COUNTRIES, place, Texts.of(None))


def test_the_bot_asks_for_no_privileged_intent(footnote_intents: discord.Intents) -> None:
    assert not footnote_intents.message_content
    assert not footnote_intents.members
    assert not footnote_intents.presences


@pytest.fixture
def footnote_intents(footnote: Footnote) -> discord.Intents:
    return footnote.bot.intents

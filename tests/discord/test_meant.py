"""Which messages are meant for the bot, what a question follows on, and who may read of it."""

from __future__ import annotations

from typing import Any

import discord
from simcord.enums import MessageType

from bot.ledger import Kept
from tests.discord.conftest import Footnote
from tests.discord.test_asking import ABSENT, COUNTRIES, buttons, text_of

TROOPS = "How many troops will each new battlegroup have?"
HOSTS = "Which countries will host them?"


def mention(footnote: Footnote, question: str) -> str:
    return f"<@{footnote.bot.user.id}> {question}"  # type: ignore[union-attr]  # it is logged in


async def shown(footnote: Footnote, message: Any) -> Kept:
    kept = await footnote.bot.ledger.shown_in(message.id)
    assert kept is not None
    return kept


async def thread_on(footnote: Footnote, message: discord.Message, name: str) -> Any:
    await discord.Message.create_thread(message, name=name)
    await footnote.env.settle()
    return footnote.channel.threads[-1]


async def test_a_reply_to_somebody_else_is_not_for_the_bot(footnote: Footnote) -> None:
    said = await footnote.moderator.send(footnote.channel, COUNTRIES)
    reply = await footnote.member.send(footnote.channel, COUNTRIES, reply_to=said)
    assert footnote.channel.last_message.id == reply.id


async def test_a_mention_in_a_reply_to_the_bot_is_a_question_and_without_words_it_is_told(
    footnote: Footnote,
) -> None:
    answered = await footnote.member.slash(footnote.channel, "ask", question=TROOPS)
    # Discord shows the bot no words of a reply to the response of a command, unless they mention it.
    reply_to = answered.response.message
    await footnote.member.send(footnote.channel, HOSTS, reply_to=reply_to)
    assert "does not show me the words of this reply" in text_of(footnote.channel.last_message)
    await footnote.member.send(footnote.channel, mention(footnote, HOSTS), reply_to=reply_to)
    kept = await shown(footnote, footnote.channel.last_message)
    assert kept.follows == (await shown(footnote, reply_to)).id


async def test_a_thread_that_begins_under_an_answer_gets_no_word_of_the_bot(footnote: Footnote) -> None:
    await footnote.member.send(footnote.channel, mention(footnote, TROOPS))
    answer = footnote.channel.last_message
    thread = await thread_on(footnote, answer, "Troops")
    # Discord's own first message there refers to the answer, and is the person's who began the thread.
    footnote.guild.create_system_message(
        thread, MessageType.THREAD_STARTER_MESSAGE, author=footnote.member, referenced_message=answer
    )
    await footnote.env.settle()
    assert footnote.bot.user.id not in [message.author.id for message in thread.history()]  # type: ignore[union-attr]  # it is logged in


async def test_in_a_thread_it_knows_the_message_with_which_it_began(footnote: Footnote) -> None:
    role = footnote.guild.create_role("Readers")
    begun = await footnote.moderator.send(
        footnote.channel, f"{mention(footnote, '')} <@&{role.id}> battlegroups of NATO in Slovakia"
    )
    thread = await thread_on(footnote, begun, "Battlegroups")
    await footnote.member.send(thread, mention(footnote, "Why?"))
    assert (await shown(footnote, thread.last_message)).answer.understood == (
        "Why: battlegroups NATO Slovakia?"
    )


async def test_a_thread_whose_first_message_is_not_shown_is_about_its_name(footnote: Footnote) -> None:
    begun = await footnote.moderator.send(footnote.channel, "Not for the bot")
    thread = await thread_on(footnote, begun, "Battlegroups in Slovakia")
    footnote.env.inject_error("GET", f"/channels/*/messages/{begun.id}", status=403, code=50001)
    await footnote.member.send(thread, mention(footnote, "Why?"))
    assert "Battlegroups Slovakia" in (await shown(footnote, thread.last_message)).answer.understood


async def test_a_post_in_a_forum_is_about_its_title_for_mentions_and_commands(footnote: Footnote) -> None:
    topics = footnote.guild.create_forum_channel("topics")
    await footnote.env.settle()
    forum = footnote.bot.get_channel(topics.id)
    assert isinstance(forum, discord.ForumChannel)
    for _ in range(2):
        await forum.create_thread(name="Battlegroups in Slovakia", content=".")
    await footnote.env.settle()
    footnote.env.http_requests.clear()  # people open posts; only here it was the bot's client
    first, second = topics.threads
    await footnote.member.send(first, mention(footnote, "Why?"))
    await footnote.member.slash(second, "ask", question="Why?")
    for place in (first, second):
        kept = await shown(footnote, place.last_message)
        assert kept.answer.understood == "Why: Battlegroups Slovakia?"


async def test_what_was_asked_in_private_does_not_show_in_public_nor_on_the_board(footnote: Footnote) -> None:
    begun = await footnote.moderator.send(footnote.channel, mention(footnote, TROOPS))
    thread = await thread_on(footnote, begun, "Troops")
    await footnote.member.slash(thread, "ask", question="Who is the secret lover of Zanzibar?", private=True)
    own = await footnote.member.slash(thread, "ask", question="How?", private=True)
    assert "anzibar" in text_of(own.response)
    await footnote.member.send(thread, mention(footnote, "Why?"))
    await footnote.member.slash(thread, "ask", question="When?")
    for message in thread.history():
        assert "anzibar" not in text_of(message)
    assert not [gap for gap in await footnote.bot.ledger.gaps() if "anzibar" in gap.question]


async def test_the_same_words_after_another_question_are_another_question(footnote: Footnote) -> None:
    begun = await footnote.moderator.send(footnote.channel, mention(footnote, TROOPS))
    thread = await thread_on(footnote, begun, "Troops")
    for question in (TROOPS, "Why?", "What did Nausėda say?"):
        await footnote.member.slash(thread, "ask", question=question)
    other = await footnote.member.slash(thread, "ask", question="Why?")
    assert "This was asked here" not in text_of(other.response)
    again = await footnote.member.slash(thread, "ask", question=TROOPS)
    assert "This was asked here" in text_of(again.response)


async def test_the_same_question_about_the_same_days_gets_a_link(footnote: Footnote) -> None:
    options = {"question": COUNTRIES, "after": "March 2022"}
    first = await footnote.member.slash(footnote.channel, "ask", **options)
    again = await footnote.moderator.slash(footnote.channel, "ask", **options)
    assert str(first.response.id) in text_of(again.response)
    assert not again.response.embeds
    other = await footnote.moderator.slash(footnote.channel, "ask", question=COUNTRIES, after="2022")
    assert other.response.embeds


async def test_nobody_is_sent_to_an_answer_that_went_with_others(footnote: Footnote) -> None:
    first = await footnote.member.slash(footnote.channel, "ask", question=COUNTRIES)
    answer = first.response.id
    await footnote.member.send(footnote.channel, "And a word")
    channel = footnote.bot.get_channel(footnote.channel.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.delete_messages([discord.Object(message.id) for message in footnote.channel.history()])
    await footnote.env.settle()
    assert await footnote.bot.ledger.shown_in(answer) is None
    again = await footnote.member.slash(footnote.channel, "ask", question=COUNTRIES)
    assert "Slovakia" in text_of(again.response)


async def test_a_thumb_down_says_who_sees_the_question(footnote: Footnote) -> None:
    for private, said in ((False, "Moderators see the question"), (True, "stays between us")):
        result = await footnote.member.slash(footnote.channel, "ask", question=ABSENT, private=private)
        down = buttons(result.response)["down"]
        told = await footnote.member.click(result.response.message, custom_id=down)
        assert said in text_of(told.followups[-1])

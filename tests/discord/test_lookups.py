"""Look-ups: search, article, articles, timeline, checking a message, help and about."""

from __future__ import annotations

import re

import discord

from tests.discord.conftest import Footnote
from tests.discord.test_asking import buttons, text_of


async def test_search_marks_the_matched_words_and_pages(footnote: Footnote) -> None:
    result = await footnote.member.slash(footnote.channel, "search", query="battlegroups Slovakia")
    shown = text_of(result.response)
    assert "**Slovakia**" in shown
    assert "**battlegroups**" in shown
    assert "Page 1" in shown
    following = buttons(result.response)["pg"]
    await footnote.restart()
    await footnote.member.click(footnote.channel.last_message, custom_id=following)
    assert "Page 2" in text_of(footnote.channel.last_message)


async def test_pages_of_somebody_else_open_for_oneself(footnote: Footnote) -> None:
    result = await footnote.member.slash(footnote.channel, "articles")
    turned = await footnote.moderator.click(result.response.message, custom_id=buttons(result.response)["pg"])
    assert turned.ephemeral
    assert "Page 2" in text_of(turned.response)
    assert "Page 1" in text_of(footnote.channel.last_message)


async def test_pages_lead_back_where_there_are_fewer_by_now(footnote: Footnote) -> None:
    result = await footnote.member.slash(footnote.channel, "articles")
    kept = buttons(result.response)["pg"].split(":")[2]
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(label="Next", custom_id=f"fn:pg:{kept}:1234"))
    channel = footnote.bot.get_channel(footnote.channel.id)
    assert isinstance(channel, discord.TextChannel)
    late = await channel.send("Page 1234", view=view)
    await footnote.member.click(late, label="Next")
    assert "Page 2 of 2" in text_of(footnote.channel.last_message)
    assert buttons(footnote.channel.last_message)["pg"] == f"fn:pg:{kept}:0"


async def test_an_article_is_found_by_completion_and_by_part_of_its_headline(footnote: Footnote) -> None:
    choices = await footnote.member.autocomplete(footnote.channel, "article", "title", "nausėda")
    assert len(choices) == 1
    for title in (choices[0]["value"], "Nausėda says"):
        result = await footnote.member.slash(footnote.channel, "article", title=title)
        shown = text_of(result.response)
        assert "Nausėda says NATO chief" in shown
        assert "LRT" in shown
        assert "24 Mar 2022" in shown
        assert "Also covering this" in shown


async def test_an_unknown_article_is_told(footnote: Footnote) -> None:
    result = await footnote.member.slash(footnote.channel, "article", title="No such headline at all")
    assert "No article has such a headline" in text_of(result.response)


async def test_articles_are_limited_by_outlet_and_days(footnote: Footnote) -> None:
    result = await footnote.member.slash(footnote.channel, "articles", source="NATO", before="2018")
    shown = text_of(result.response)
    assert "Articles · 2" in shown
    assert "LRT" not in shown
    nothing = await footnote.member.slash(footnote.channel, "articles", source="Nobody")
    assert "No article is from this outlet" in text_of(nothing.response)


async def test_a_timeline_is_in_order_and_cites(footnote: Footnote) -> None:
    result = await footnote.member.slash(footnote.channel, "timeline", topic="NATO battlegroups")
    shown = text_of(result.response)
    years = [int(year) for year in re.findall(r"### (\d{4})", shown)]
    assert years == sorted(years)
    assert len(years) > 1
    assert "](https://" in shown


async def test_a_message_is_checked_claim_by_claim_for_the_one_who_asks(footnote: Footnote) -> None:
    said = await footnote.moderator.send(
        footnote.channel,
        "NATO has 140 warships at sea. Lithuania was annexed by the Moon in 2021.",
    )
    result = await footnote.member.context_menu(footnote.channel, "Check against articles", said)
    assert result.ephemeral
    shown = text_of(result.response)
    assert "Supported" in shown
    assert "Not in the articles" in shown
    assert "> " in shown


async def test_a_message_can_be_asked_as_a_question(footnote: Footnote) -> None:
    said = await footnote.moderator.send(footnote.channel, "Which countries will host the new battlegroups?")
    result = await footnote.member.context_menu(footnote.channel, "Ask the articles", said)
    assert "Slovakia" in text_of(result.response)


async def test_help_and_about_are_for_the_person_alone(footnote: Footnote) -> None:
    usage = await footnote.member.slash(footnote.channel, "help")
    assert usage.ephemeral
    assert "/search" in text_of(usage.response)
    about = await footnote.member.slash(footnote.channel, "about")
    assert about.ephemeral
    shown = text_of(about.response)
    assert "11 articles" in shown
    assert "90 days" in shown


async def test_the_time_to_the_first_response_is_counted(footnote: Footnote) -> None:
    await footnote.member.slash(footnote.channel, "search", query="battlegroups")
    await footnote.member.slash(footnote.channel, "ask", question="What did Nausėda say?")
    assert "footnote_first_response_seconds_count 2" in footnote.bot.figures.text()

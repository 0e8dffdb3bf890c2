"""/index: what moderators can do, and nobody else."""

from __future__ import annotations

import re
from typing import Any

import discord
import pytest

from bot.render_boards import KINDS
from bot.texts import LANGUAGES, Texts
from bot.views_moderation import ModeratorButton
from tests.discord.conftest import Footnote
from tests.discord.moderation import (
    ARTICLE,
    BRIDGE,
    edited,
    forced,
    from_elsewhere,
    pressed,
    submitted,
    typed,
)
from tests.discord.test_asking import ABSENT, COUNTRIES, buttons, text_of


async def test_a_refresh_shows_progress_and_its_report(footnote: Footnote) -> None:
    (footnote.corpus / "bridge.md").write_text(ARTICLE, "utf-8")
    await footnote.moderator.slash(footnote.channel, "index refresh")
    message = footnote.channel.last_message
    assert message.embeds[0].title == "The index is refreshed"
    shown = text_of(message)
    assert "Added 1" in shown
    assert "Vilnius opens a bridge" in shown
    assert not message.components
    answer = await footnote.member.slash(footnote.channel, "ask", question=BRIDGE)
    assert "120 metres" in text_of(answer.response)
    acts = await footnote.bot.ledger.history(5)
    assert (acts[0].kind, acts[0].name, acts[0].detail) == ("refresh", "mod", "+1")


async def test_a_dry_run_changes_nothing(footnote: Footnote) -> None:
    (footnote.corpus / "bridge.md").write_text(ARTICLE, "utf-8")
    await footnote.moderator.slash(footnote.channel, "index refresh", dry_run=True)
    assert "would do this" in text_of(footnote.channel.last_message)
    assert (await footnote.desk.status()).articles == 11


async def test_removing_more_than_half_is_asked_first_and_survives_a_restart(footnote: Footnote) -> None:
    for file in sorted(footnote.corpus.glob("*.md"))[:8]:
        file.unlink()
    await footnote.moderator.slash(footnote.channel, "index refresh")
    message = footnote.channel.last_message
    assert "8 of 11" in text_of(message)
    assert (await footnote.desk.status()).articles == 11
    await footnote.restart()
    refused = await footnote.member.click(message, custom_id="fnm:removals:8")
    assert "Only moderators" in text_of(refused.response)
    await footnote.moderator.click(message, custom_id="fnm:removals:8")
    assert (await footnote.desk.status()).articles == 3


async def test_a_file_is_shown_then_added_and_names_the_gaps_that_it_fills(footnote: Footnote) -> None:
    await footnote.member.slash(footnote.channel, "ask", question=BRIDGE)
    shown = await footnote.moderator.slash(
        footnote.channel, "index add file", file=("bridge.md", ARTICLE.encode())
    )
    assert shown.ephemeral
    preview = text_of(shown.response)
    assert "Vilnius opens a bridge" in preview
    assert "Town Crier" in preview
    assert "2 May 2022" in preview
    assert "1 passage" in preview
    assert (await footnote.desk.status()).articles == 11
    await footnote.restart()
    added = await footnote.moderator.click(shown.response.message, custom_id=buttons(shown.response)["add"])
    report = text_of(added.response or shown.response)
    assert "Added 1" in report
    assert BRIDGE in report.replace("\\", "")
    assert (await footnote.desk.status()).articles == 12
    assert list((footnote.corpus).rglob("*bridge*"))
    assert not await footnote.bot.ledger.gaps()


async def test_a_draft_can_be_discarded(footnote: Footnote) -> None:
    shown = await footnote.moderator.slash(
        footnote.channel, "index add file", file=("bridge.md", ARTICLE.encode())
    )
    await footnote.moderator.click(shown.response.message, custom_id=buttons(shown.response)["discard"])
    assert (await footnote.desk.status()).articles == 11
    assert not list(footnote.corpus.rglob("*bridge*"))


@pytest.mark.parametrize(("name", "said"), [("virus.exe", "I can read"), ("empty.md", "")])
async def test_a_file_that_is_no_article_is_refused_kindly(footnote: Footnote, name: str, said: str) -> None:
    shown = await footnote.moderator.slash(footnote.channel, "index add file", file=(name, b" "))
    assert shown.ephemeral
    assert said in text_of(shown.response)
    assert not buttons(shown.response)


async def test_a_file_that_is_too_large_is_not_even_read(footnote: Footnote) -> None:
    big = b"x" * (9 << 20)
    shown = await footnote.moderator.slash(footnote.channel, "index add file", file=("big.txt", big))
    assert "larger than 8 MB" in text_of(shown.response)


async def test_an_article_is_removed_after_a_confirmation_and_can_be_undone(footnote: Footnote) -> None:
    choices = await footnote.moderator.autocomplete(
        footnote.channel, "index remove article", "title", "nausėda"
    )
    asked = await footnote.moderator.slash(
        footnote.channel, "index remove article", title=choices[0]["value"]
    )
    await footnote.moderator.click(asked.response.message, custom_id=buttons(asked.response)["remove"])
    assert (await footnote.desk.status()).articles == 10
    assert not list(footnote.corpus.glob("*lrt*"))
    assert list((footnote.settings.data_folder / "removed").iterdir())
    undo = await footnote.moderator.slash(footnote.channel, "index undo")
    await footnote.moderator.click(undo.response.message, custom_id=buttons(undo.response)["undo"])
    assert (await footnote.desk.status()).articles == 11
    assert await footnote.bot.moderation.schedule.paused()
    answer = await footnote.member.slash(footnote.channel, "ask", question="What did Nausėda say?")
    assert "Nausėda" in text_of(answer.response)
    again = await footnote.moderator.slash(footnote.channel, "index undo")
    assert "no earlier state" in text_of(again.response)
    assert "for the first time" in text_of(again.response)
    assert not again.response.components


async def test_an_undo_shows_what_it_takes_back_and_the_next_goes_further(footnote: Footnote) -> None:
    await edited(footnote)
    (footnote.corpus / "bridge.md").write_text(ARTICLE, "utf-8")
    await footnote.moderator.slash(footnote.channel, "index refresh")
    undo = await footnote.moderator.slash(footnote.channel, "index undo")
    shown = text_of(undo.response)
    assert "· +1**" in shown
    assert "Changes before it" in shown
    assert "· ~1" in shown
    await footnote.moderator.click(undo.response.message, custom_id=buttons(undo.response)["undo"])
    assert (await footnote.desk.status()).articles == 11
    undo = await footnote.moderator.slash(footnote.channel, "index undo")
    assert "· ~1**" in text_of(undo.response)
    assert "Changes before it" not in text_of(undo.response)
    await footnote.moderator.click(undo.response.message, custom_id=buttons(undo.response)["undo"])
    cards = {card.id: await footnote.desk.article(card.id) for card in await footnote.desk.articles()}
    assert not any("A word was added" in article.text for article in cards.values())


async def test_status_shows_numbers_and_a_chart(footnote: Footnote) -> None:
    for question in (COUNTRIES, ABSENT):
        await footnote.member.slash(footnote.channel, "ask", question=question)
    shown = await footnote.moderator.slash(footnote.channel, "index status")
    assert shown.ephemeral
    said = text_of(shown.response)
    assert "11 articles" in said
    assert "50%" in said
    assert [file.filename for file in shown.response.attachments] == ["questions.png"]


async def test_gaps_are_counted_together_and_can_be_closed(footnote: Footnote) -> None:
    for question in (
        ABSENT,
        "Who has won the football world cup in Brazil?",
        "What does a loaf of bread cost?",
    ):
        await footnote.member.slash(footnote.channel, "ask", question=question)
    await footnote.member.slash(footnote.channel, "ask", question="Who is the secret lover?", private=True)
    board = await footnote.moderator.slash(footnote.channel, "index gaps")
    shown = text_of(board.response)
    assert "football" in shown
    assert "asked 2×" in shown
    assert "bread" in shown
    assert "lover" not in shown
    detail = await footnote.moderator.click(board.response.message, label="1")
    assert re.search(r"×1 · \d+%", text_of(detail.response))
    assert "FOOTNOTE_CAREFUL" in text_of(detail.response)
    modal = await footnote.moderator.click(detail.response.message, label="Add a source")
    assert modal.modal is not None
    why = await footnote.moderator.click(detail.response.message, label="Not ours")
    closed = await footnote.moderator.submit_modal(why, {"text": "sport is not our topic"})
    assert "Closed" in text_of(closed.response or detail.response)
    assert len(await footnote.bot.ledger.gaps()) == 1
    act = (await footnote.bot.ledger.history(1))[0]
    assert (act.kind, act.detail) == ("close_gap", "sport is not our topic")


async def test_history_names_who_did_what(footnote: Footnote) -> None:
    await footnote.moderator.slash(footnote.channel, "index schedule", hours=6)
    shown = await footnote.moderator.slash(footnote.channel, "index history")
    said = text_of(shown.response)
    assert "**Schedule** · mod · every 6 h" in said
    assert "mod" in said


async def test_the_log_channel_hears_of_every_act_and_its_loss_breaks_nothing(start: Any) -> None:
    async with start() as footnote:
        log = footnote.guild.create_text_channel("log")
        await footnote.restart(log_channel=log.id)
        await footnote.moderator.slash(footnote.channel, "index schedule", hours=6)
        assert "**Schedule** · mod · every 6 h" in log.last_message.content
        footnote.env.inject_error("POST", f"/channels/{log.id}/messages", status=404, code=10003)
        result = await footnote.moderator.slash(footnote.channel, "index schedule", hours=0)
        assert "no longer refreshed" in text_of(result.response)


COMMANDS: list[tuple[str, dict[str, Any]]] = [
    ("index refresh", {}),
    ("index add url", {"url": "https://example.org/"}),
    ("index add file", {"file": ("a.md", ARTICLE.encode())}),
    ("index remove article", {"title": "2022-03-24-lrt-nauseda-brussels.md"}),
    ("index status", {}),
    ("index gaps", {}),
    ("index undo", {}),
    ("index history", {}),
    ("index schedule", {"hours": 1}),
]


@pytest.mark.parametrize(("name", "options"), COMMANDS, ids=[name for name, _ in COMMANDS])
async def test_others_are_refused_even_where_the_server_shows_them_the_command(
    footnote: Footnote, name: str, options: dict[str, Any]
) -> None:
    # An owner can show a command to everybody: then only the bot's own check stands.
    result = await forced(footnote.member, footnote.channel, name, **options)
    assert result.ephemeral
    assert "Only moderators" in text_of(result.response)
    assert (await footnote.desk.status()).generation == 1 or (await footnote.desk.status()).articles == 11
    assert not await footnote.bot.ledger.history(5)


@pytest.mark.parametrize(("name", "options"), COMMANDS, ids=[name for name, _ in COMMANDS])
async def test_a_moderator_of_another_server_is_refused(
    footnote: Footnote, name: str, options: dict[str, Any]
) -> None:
    await footnote.restart(home_server=footnote.guild.id)
    other = footnote.env.create_guild(name="Village")
    there = other.create_text_channel("square")
    role = other.create_role("Mods", permissions=discord.Permissions(manage_guild=True))
    mayor = other.add_member(footnote.env.create_user("mayor"), roles=[role])
    result = await mayor.slash(there, name, **options)
    assert result.ephemeral
    assert "home server" in text_of(result.response)
    assert not await footnote.bot.ledger.history(5)


async def test_in_several_servers_without_a_home_nobody_changes_the_index(footnote: Footnote) -> None:
    footnote.env.create_guild(name="Village")
    result = await footnote.moderator.slash(footnote.channel, "index schedule", hours=1)
    assert "FOOTNOTE_HOME_SERVER" in text_of(result.response)


async def test_members_of_the_configured_role_moderate(start: Any) -> None:
    async with start() as footnote:
        role = footnote.guild.create_role("Librarians")
        librarian = footnote.guild.add_member(footnote.env.create_user("lib"), roles=[role])
        await footnote.restart(moderator_role=role.id)
        result = await forced(librarian, footnote.channel, "index schedule", hours=2)
        assert "every 2 h" in text_of(result.response)


PRESSES = ("cancel", "removals", "nothing", "undo", "add:abcdefghijkl", "discard:abcdefghijkl", "cost:1-")
MORE = ("pause", "resume", "remove:abcdefghijkl", "gaps:0", "gap:1", "close:1", "source", "history:0")


@pytest.mark.parametrize("press", [*PRESSES, *MORE])
async def test_a_moderators_button_refuses_everybody_else(footnote: Footnote, press: str) -> None:
    act, _, about = press.partition(":")
    view = discord.ui.View(timeout=None).add_item(ModeratorButton.made(act, "press me", about))
    channel = footnote.bot.get_channel(footnote.channel.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.send("A message of the bot", view=view)
    before = await footnote.desk.status()
    result = await footnote.member.click(footnote.channel.last_message, custom_id=f"fnm:{press}")
    assert result.ephemeral
    assert "Only moderators" in text_of(result.response)
    after = await footnote.desk.status()
    assert (after.articles, after.generation) == (before.articles, before.generation)
    assert not await footnote.bot.ledger.history(5)


async def test_a_press_of_a_button_that_the_message_does_not_have_does_nothing(footnote: Footnote) -> None:
    await footnote.moderator.slash(footnote.channel, "index refresh", dry_run=True)
    result = await pressed(footnote, footnote.moderator, footnote.channel.last_message, "fnm:undo")
    assert not result.acknowledged
    assert (await footnote.desk.status()).generation == 1


@pytest.mark.parametrize(("name", "options"), COMMANDS, ids=[name for name, _ in COMMANDS])
async def test_a_user_install_in_a_foreign_server_moderates_nothing(
    footnote: Footnote, monkeypatch: pytest.MonkeyPatch, name: str, options: dict[str, Any]
) -> None:
    from_elsewhere(monkeypatch, 123456789012345678)
    result = await forced(footnote.moderator, footnote.channel, name, **options)
    assert result.ephemeral
    assert "home server" in text_of(result.response)
    assert not await footnote.bot.ledger.history(5)


async def test_buttons_and_forms_from_a_foreign_server_are_refused(
    footnote: Footnote, monkeypatch: pytest.MonkeyPatch
) -> None:
    await edited(footnote)
    undo = await footnote.moderator.slash(footnote.channel, "index undo")
    from_elsewhere(monkeypatch, 123456789012345678)
    press = await footnote.moderator.click(undo.response.message, label="Undo")
    assert "home server" in text_of(press.response)
    form = await submitted(footnote.moderator, footnote.channel, "fnm:source", "https://news.example.com/")
    assert "home server" in text_of(form.response)
    assert not await footnote.bot.ledger.history(5)


async def test_completions_tell_others_nothing(footnote: Footnote, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await typed(footnote.moderator, footnote.channel, "index remove article", "title", "")
    assert not await typed(footnote.member, footnote.channel, "index remove article", "title", "")
    from_elsewhere(monkeypatch, 123456789012345678)
    assert not await typed(footnote.moderator, footnote.channel, "index remove article", "title", "")


async def test_the_commands_are_shown_to_moderators_in_servers_alone(footnote: Footnote) -> None:
    assert "index refresh" in footnote.moderator.available_commands(footnote.channel)
    assert "index refresh" not in footnote.member.available_commands(footnote.channel)
    assert "index refresh" not in footnote.moderator.user.available_commands()
    command = next(each for each in footnote.bot.tree.get_commands() if each.name == "index")
    sent = command.to_dict(footnote.bot.tree)
    assert (sent["contexts"], sent["integration_types"]) == ([0], [0])
    assert sent["default_member_permissions"] == discord.Permissions(manage_guild=True).value


def test_every_act_has_its_words_in_all_languages() -> None:
    for language in LANGUAGES:
        for kind in KINDS:
            assert Texts(language)(f"act_{kind}")

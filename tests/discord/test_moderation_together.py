"""/index by several moderators at once, pressed twice, cut off by a restart, or while Discord stumbles."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import bot.readiness
import bot.trouble
from bot.readiness import Readiness
from index.errors import CorpusMissing
from index.reports import Draft, RefreshOptions, RefreshReport
from tests.discord.conftest import Footnote
from tests.discord.moderation import ARTICLE, Held
from tests.discord.test_asking import buttons, text_of


async def drafted(footnote: Footnote) -> Any:
    shown = await footnote.moderator.slash(
        footnote.channel, "index add file", file=("bridge.md", ARTICLE.encode())
    )
    return shown.response


def another(footnote: Footnote) -> Any:
    return footnote.guild.add_member(
        footnote.env.create_user("second"), roles=[footnote.guild.roles["Moderators"]]
    )


def said(result: Any) -> str:
    """What a press was answered with, beside the message whose button it was."""
    return text_of(result.followups[-1] if result.followups else result.response)


async def acts(footnote: Footnote) -> list[tuple[str, str]]:
    return [(act.kind, act.name) for act in await footnote.bot.ledger.history(10)]


async def test_the_history_names_who_stopped_a_refresh(
    footnote: Footnote, monkeypatch: pytest.MonkeyPatch
) -> None:
    Held(footnote, monkeypatch)
    await footnote.moderator.slash(footnote.channel, "index refresh")
    message = footnote.channel.last_message
    await another(footnote).click(message, custom_id=buttons(message)["cancel"])
    assert "was stopped" in text_of(footnote.channel.last_message)
    assert await acts(footnote) == [("refresh_cancelled", "second")]


async def test_a_progress_that_discord_does_not_take_stops_no_refresh(
    footnote: Footnote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.trouble, "WAITS", ())
    (footnote.corpus / "bridge.md").write_text(ARTICLE, "utf-8")
    held = Held(footnote, monkeypatch)
    await footnote.moderator.slash(footnote.channel, "index refresh")
    footnote.env.inject_error("PATCH", "/webhooks/*", status=503)
    await held.moved()
    assert footnote.bot.moderation.running is not None
    again = await another(footnote).slash(footnote.channel, "index refresh")
    assert "mod is refreshing" in text_of(again.response)
    await held.let_go()
    assert footnote.bot.moderation.running is None
    assert await acts(footnote) == [("refresh", "mod")]


async def test_a_draft_that_is_added_by_two_presses_is_added_once(
    footnote: Footnote, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = await drafted(footnote), await drafted(footnote)
    go, real = asyncio.Event(), footnote.desk.add
    calls: list[Draft] = []

    async def slow(draft: Draft) -> RefreshReport:
        calls.append(draft)
        await footnote.env.external_wait(go.wait(), reason="a held change")
        return await real(draft)

    monkeypatch.setattr(footnote.desk, "add", slow)
    await footnote.moderator.click(first.message, label="Add")
    for draft in (first, second):
        twice = await footnote.moderator.click(draft.message, label="Add")
        assert "is changing the articles" in said(twice)
    go.set()
    await footnote.env.settle()
    assert "Added 1" in text_of(first)
    late = await footnote.moderator.click(second.message, label="Add")
    assert "in the corpus folder already" in said(late)
    assert len(calls) == 2
    assert await acts(footnote) == [("add", "mod")]
    assert (await footnote.desk.status()).articles == 12


async def test_what_was_added_cannot_be_discarded_afterwards(footnote: Footnote) -> None:
    shown = await drafted(footnote)
    discard = buttons(shown)["discard"]
    await footnote.bot.ledger.drop_draft(discard.split(":")[2])  # the bot stopped before it showed the report
    told = await footnote.moderator.click(shown.message, custom_id=discard)
    assert "decided already" in text_of(told.response)


async def test_a_removal_is_confirmed_after_a_restart_and_only_once(footnote: Footnote) -> None:
    choices = await footnote.moderator.autocomplete(
        footnote.channel, "index remove article", "title", "nausėda"
    )
    title = choices[0]["value"]
    first, second = [
        await footnote.moderator.slash(footnote.channel, "index remove article", title=title)
        for _ in range(2)
    ]
    await footnote.restart()
    await footnote.moderator.click(first.response.message, label="Remove")
    assert (await footnote.desk.status()).articles == 10
    again = await footnote.moderator.click(second.response.message, label="Remove")
    assert "no article" in said(again).lower()
    assert (await footnote.desk.status()).articles == 10
    assert [kind for kind, _ in await acts(footnote)] == ["remove"]


async def test_an_index_that_cannot_be_loaded_is_told_and_tried_until_it_can(
    footnote: Footnote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.readiness, "RETRY_BROKEN", 0.01)
    real, broken = footnote.desk.prepare, True

    async def prepare(options: RefreshOptions) -> RefreshReport | None:
        if broken:
            raise CorpusMissing("There is no such folder.")
        return await real(options)

    monkeypatch.setattr(footnote.desk, "prepare", prepare)
    readiness = Readiness(footnote.desk)
    monkeypatch.setattr(footnote.bot, "readiness", readiness)
    loading = asyncio.create_task(readiness.load())
    while readiness.failure is None:
        await asyncio.sleep(0.01)
    told = await footnote.moderator.slash(footnote.channel, "index refresh")
    assert "cannot reach the folder of articles" in text_of(told.response)
    broken = False
    await loading
    assert readiness.ready
    assert readiness.failure is None

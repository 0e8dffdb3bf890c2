"""/index refresh: progress, the second one, cancel, removals, failures, and the schedule."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import discord
import pytest

from bot import refreshes
from bot.moderating import Running, Who
from bot.scheduling import LAST, LOOK
from index.built import FINGERPRINT
from index.errors import CostRefused, IndexBusy, RefreshCancelled
from index.reports import Estimate, Progress, RefreshOptions, RefreshReport
from tests.discord.conftest import Footnote
from tests.discord.moderation import ARTICLE, BRIDGE, FAR, Held, bot_messages, edited
from tests.discord.test_asking import COUNTRIES, buttons, text_of


async def kinds(footnote: Footnote) -> list[str]:
    return [act.kind for act in await footnote.bot.ledger.history(10)]


async def test_progress_moves_while_questions_are_answered_and_ends_in_the_report(
    footnote: Footnote, monkeypatch: pytest.MonkeyPatch
) -> None:
    (footnote.corpus / "bridge.md").write_text(ARTICLE, "utf-8")
    held = Held(footnote, monkeypatch)
    await footnote.moderator.slash(footnote.channel, "index refresh")
    message = footnote.channel.last_message
    assert "Starting" in text_of(message)
    await held.moved()
    message = footnote.channel.last_message
    shown = text_of(message)
    assert "60%" in shown
    assert "30 / 50" in shown
    assert "Started by mod" in shown
    assert "cancel" in buttons(message)
    answer = await footnote.member.slash(footnote.channel, "ask", question=COUNTRIES, private=True)
    assert "Slovakia" in text_of(answer.response)
    await held.let_go()
    message = footnote.channel.last_message
    assert "Added 1" in text_of(message)
    assert not message.components
    answer = await footnote.member.slash(footnote.channel, "ask", question=BRIDGE)
    assert "120 metres" in text_of(answer.response)


async def test_nobody_else_changes_the_index_meanwhile_and_is_told_who_does(
    footnote: Footnote, monkeypatch: pytest.MonkeyPatch
) -> None:
    await edited(footnote)
    shown = await footnote.moderator.slash(
        footnote.channel, "index add file", file=("bridge.md", ARTICLE.encode())
    )
    undo = await footnote.moderator.slash(footnote.channel, "index undo")
    held = Held(footnote, monkeypatch)
    await footnote.moderator.slash(footnote.channel, "index refresh")
    again = await footnote.moderator.slash(footnote.channel, "index refresh")
    add = await footnote.moderator.click(shown.response.message, custom_id=buttons(shown.response)["add"])
    back = await footnote.moderator.click(undo.response.message, custom_id=buttons(undo.response)["undo"])
    for result in (again, add, back):
        assert result.ephemeral
        said = text_of(result.response)
        assert "mod is refreshing" in said
        assert "60%" in said
    await held.let_go()
    assert await kinds(footnote) == ["refresh"]
    added = await footnote.moderator.click(shown.response.message, custom_id=buttons(shown.response)["add"])
    assert "Added 1" in text_of(added.response or shown.response)


async def test_cancel_stops_it_cleanly_and_an_older_cancel_button_does_not(
    footnote: Footnote, monkeypatch: pytest.MonkeyPatch
) -> None:
    (footnote.corpus / "bridge.md").write_text(ARTICLE, "utf-8")
    held = Held(footnote, monkeypatch)
    await footnote.moderator.slash(footnote.channel, "index refresh")
    first = footnote.channel.last_message
    await footnote.moderator.click(first, custom_id=buttons(first)["cancel"])
    assert "was stopped. Nothing changed" in text_of(footnote.channel.last_message)
    assert footnote.bot.moderation.running is None
    assert (await footnote.desk.status()).articles == 11

    old = discord.ui.View(timeout=None).add_item(
        discord.ui.Button(label="Cancel", custom_id=buttons(first)["cancel"])
    )
    channel = footnote.bot.get_channel(footnote.channel.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.send("An old message", view=old)
    stale = footnote.channel.last_message
    await footnote.moderator.slash(footnote.channel, "index refresh")
    told = await footnote.moderator.click(stale, label="Cancel")
    assert "over already" in text_of(told.response)
    assert footnote.bot.moderation.running is not None
    await held.let_go()
    assert await kinds(footnote) == ["refresh", "refresh_cancelled"]
    assert (await footnote.desk.status()).articles == 12


async def test_a_refresh_is_paused_and_goes_on_by_any_moderator_and_the_history_names_them(
    footnote: Footnote, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(footnote, monkeypatch)
    (footnote.corpus / "bridge.md").write_text(ARTICLE, "utf-8")
    await footnote.moderator.slash(footnote.channel, "index refresh")
    await held.moved()
    message = footnote.channel.last_message
    assert list(buttons(message)) == ["pause", "cancel"]
    second = footnote.guild.add_member(
        footnote.env.create_user("second"), roles=[footnote.guild.roles["Moderators"]]
    )
    await second.click(message, custom_id=buttons(message)["pause"])
    running = footnote.bot.moderation.running
    assert running is not None
    assert running.pause.asked
    message = footnote.channel.last_message
    assert "Paused by second" in text_of(message)
    assert "60%" in text_of(message)
    assert "left" not in text_of(message)
    assert list(buttons(message)) == ["resume", "cancel"]
    await footnote.moderator.click(message, custom_id=buttons(message)["resume"])
    assert not running.pause.asked
    message = footnote.channel.last_message
    assert "Paused" not in text_of(message)
    assert list(buttons(message)) == ["pause", "cancel"]
    await held.let_go()
    assert "Added 1" in text_of(footnote.channel.last_message)
    acts = [(act.kind, act.name) for act in await footnote.bot.ledger.history(10)]
    assert acts == [("refresh", "mod"), ("refresh_resumed", "mod"), ("refresh_paused", "second")]
    history = await footnote.moderator.slash(footnote.channel, "index history")
    assert "Refresh paused" in text_of(history.response)


async def test_a_real_refresh_stands_still_while_it_is_paused_and_is_cancelled_from_there(
    footnote: Footnote, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message is looked at again once the refresh has come to its safe point."""
    monkeypatch.setattr(refreshes, "EVERY", FAR)
    for number in range(60):
        text = ARTICLE.replace("120", str(number + 121))
        (footnote.corpus / f"bridge-{number}.md").write_text(text, "utf-8")
    moderation = footnote.bot.moderation
    stood = asyncio.Event()
    loop, tell = asyncio.get_running_loop(), Running.tell

    def told(running: Running, progress: Progress) -> None:
        tell(running, progress)
        if progress.phase == "embedding" and not running.pause.asked:
            running.hold(Who(1, "mod", None))
        if progress.paused:
            loop.call_soon_threadsafe(stood.set)

    monkeypatch.setattr(Running, "tell", told)
    running = moderation.claim(Who(1, "mod", None), "refresh")
    work = asyncio.create_task(moderation.refresh(running, RefreshOptions()))
    await asyncio.wait_for(stood.wait(), 60)
    assert running.progress is not None
    assert (running.progress.phase, running.progress.paused) == ("embedding", True)
    answer = await footnote.member.slash(footnote.channel, "ask", question=COUNTRIES)
    assert "Slovakia" in text_of(answer.response)
    assert not work.done()
    running.cancel(running.who)
    with pytest.raises(RefreshCancelled):
        await work
    moderation.release(running)
    assert (await footnote.desk.status()).articles == 11


async def test_an_older_pause_button_pauses_nothing(
    footnote: Footnote, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(footnote, monkeypatch)
    view = discord.ui.View(timeout=None)
    for act in ("pause", "resume"):
        view.add_item(discord.ui.Button(label=act, custom_id=f"fnm:{act}:0badcafe"))
    channel = footnote.bot.get_channel(footnote.channel.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.send("An old message", view=view)
    stale = footnote.channel.last_message
    await footnote.moderator.slash(footnote.channel, "index refresh")
    told = await footnote.moderator.click(stale, label="pause")
    assert "over already" in text_of(told.response)
    assert footnote.bot.moderation.running is not None
    assert not footnote.bot.moderation.running.pause.asked
    await held.let_go()
    assert await kinds(footnote) == ["refresh"]


async def test_a_stop_of_the_bot_stops_a_paused_refresh(
    footnote: Footnote, monkeypatch: pytest.MonkeyPatch
) -> None:
    Held(footnote, monkeypatch)
    await footnote.moderator.slash(footnote.channel, "index refresh")
    message = footnote.channel.last_message
    await footnote.moderator.click(message, custom_id=buttons(message)["pause"])
    for chore in list(footnote.bot._chores):  # as FootnoteBot.close does
        chore.cancel()
    await footnote.env.settle()
    assert "was stopped" in text_of(footnote.channel.last_message)
    assert not footnote.channel.last_message.components
    assert footnote.bot.moderation.running is None


def built_with(footnote: Footnote, **other: str) -> None:
    """As if other settings had built the index."""
    library = footnote.desk._parts.opened()[0]  # type: ignore[attr-defined]  # the real desk
    with library.snapshot() as known:
        built = json.loads(known.meta(FINGERPRINT))
    library.set_meta({FINGERPRINT: json.dumps({**built, **other})})


async def test_an_index_of_another_passage_length_answers_and_a_refresh_builds_it_anew(
    footnote: Footnote,
) -> None:
    built_with(footnote, passage_tokens="99")
    await footnote.restart()
    answer = await footnote.member.slash(footnote.channel, "ask", question=COUNTRIES)
    assert "Slovakia" in text_of(answer.response)
    status = await footnote.moderator.slash(footnote.channel, "index status")
    assert "passage\\_tokens was 99, is 160" in text_of(status.response)
    assert "The next refresh builds it anew" in text_of(status.response)
    await footnote.moderator.slash(footnote.channel, "index refresh")
    assert "The whole index is built anew" in text_of(footnote.channel.last_message)
    status = await footnote.moderator.slash(footnote.channel, "index status")
    assert "Settings have changed" not in text_of(status.response)
    undo = await footnote.moderator.slash(footnote.channel, "index undo")
    assert "built anew with other settings" in text_of(undo.response)


async def test_the_schedule_builds_the_index_anew_soon_after_a_start_with_other_settings(
    footnote: Footnote,
) -> None:
    await footnote.moderator.slash(footnote.channel, "index schedule", hours=24)
    await footnote.restart()
    await footnote.env.advance_time(2 * LOOK)
    assert await kinds(footnote) == ["schedule"]
    built_with(footnote, passage_tokens="99")
    await footnote.restart()
    await footnote.env.advance_time(2 * LOOK)
    assert await kinds(footnote) == ["refresh", "schedule"]
    assert (await footnote.desk.status()).due == ""


async def test_without_a_schedule_a_start_with_other_settings_changes_nothing(footnote: Footnote) -> None:
    built_with(footnote, passage_tokens="99")
    await footnote.restart()
    await footnote.env.advance_time(10 * LOOK)
    assert await kinds(footnote) == []
    assert (await footnote.desk.status()).due == "passage_tokens was 99, is 160"


async def test_an_index_of_another_model_answers_nobody_until_a_moderator_refreshes(
    footnote: Footnote,
) -> None:
    built_with(footnote, **{"embedding model": "another-model"})
    await footnote.restart()
    answer = await footnote.member.slash(footnote.channel, "ask", question=COUNTRIES)
    assert "built with another model" in text_of(answer.response)
    await footnote.moderator.slash(footnote.channel, "index refresh")
    assert "The whole index is built anew" in text_of(footnote.channel.last_message)
    answer = await footnote.member.slash(footnote.channel, "ask", question=COUNTRIES)
    assert "Slovakia" in text_of(answer.response)


async def test_a_cancel_that_comes_too_late_does_not_say_that_nothing_changed(
    footnote: Footnote, monkeypatch: pytest.MonkeyPatch
) -> None:
    (footnote.corpus / "bridge.md").write_text(ARTICLE, "utf-8")
    Held(footnote, monkeypatch, after=True)
    await footnote.moderator.slash(footnote.channel, "index refresh")
    message = footnote.channel.last_message
    await footnote.moderator.click(message, custom_id=buttons(message)["cancel"])
    assert "ended before it could be stopped" in text_of(footnote.channel.last_message)
    assert (await footnote.desk.status()).articles == 12
    assert await kinds(footnote) == ["refresh"]


async def test_a_stop_of_the_bot_stops_the_refresh_and_its_message_says_so(
    footnote: Footnote, monkeypatch: pytest.MonkeyPatch
) -> None:
    Held(footnote, monkeypatch)
    await footnote.moderator.slash(footnote.channel, "index refresh")
    for chore in list(footnote.bot._chores):  # as FootnoteBot.close does
        chore.cancel()
    await footnote.env.settle()
    assert "was stopped" in text_of(footnote.channel.last_message)
    assert footnote.bot.moderation.running is None


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RuntimeError("secret path"), "reference"),
        (IndexBusy("Another process holds it."), "are being worked on"),
    ],
)
async def test_whatever_fails_the_message_ends_in_one_sentence(
    footnote: Footnote, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    async def fail(_: RefreshOptions) -> RefreshReport:
        raise error

    monkeypatch.setattr(footnote.desk, "refresh", fail)
    await footnote.moderator.slash(footnote.channel, "index refresh")
    message = footnote.channel.last_message
    assert said in text_of(message)
    assert "secret" not in text_of(message)
    assert not message.components
    assert footnote.bot.moderation.running is None
    act = (await footnote.bot.ledger.history(1))[0]
    assert act.kind == "refresh_failed"
    assert "secret" not in act.detail


async def test_more_removals_than_were_agreed_to_are_asked_again_in_the_same_message(
    footnote: Footnote,
) -> None:
    files = sorted(footnote.corpus.glob("*.md"))
    for file in files[:8]:
        file.unlink()
    await footnote.moderator.slash(footnote.channel, "index refresh")
    assert "8 of 11" in text_of(footnote.channel.last_message)
    files[8].unlink()
    await footnote.moderator.click(footnote.channel.last_message, label="Remove them")
    message = footnote.channel.last_message
    assert "9 of 11" in text_of(message)
    assert (await footnote.desk.status()).articles == 11
    await footnote.moderator.click(message, label="Remove them")
    shown = text_of(footnote.channel.last_message)
    assert "Removed 9" in shown
    assert "and 3 more" in shown
    assert [file.filename for file in footnote.channel.last_message.attachments] == ["report.txt"]
    assert (await footnote.desk.status()).articles == 2
    assert len(bot_messages(footnote)) == 1


async def test_a_refresh_that_costs_more_than_allowed_is_asked_first(
    footnote: Footnote, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh = footnote.desk.refresh
    budgets: list[float | None] = []

    async def paid(options: RefreshOptions) -> RefreshReport:
        budgets.append(options.budget)
        if options.budget is None or options.budget < 4.2:
            raise CostRefused(1_000, 210_000, 4.2, 1.0)
        return await refresh(options)

    monkeypatch.setattr(footnote.desk, "refresh", paid)
    await footnote.moderator.slash(footnote.channel, "index refresh")
    message = footnote.channel.last_message
    assert "1,000 passages (about 210,000 tokens)" in text_of(message)
    assert "for about 4.2. Allowed are 1." in text_of(message)
    await footnote.moderator.click(message, label="Go on")
    assert "The index is refreshed" in text_of(footnote.channel.last_message)
    assert budgets == [None, 4.2]
    assert len(bot_messages(footnote)) == 1


async def test_a_dry_run_tells_what_an_embedding_model_would_read(
    footnote: Footnote, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def told(_: RefreshOptions) -> RefreshReport:
        return RefreshReport(dry_run=True, estimate=Estimate(7, 1_200, 0.024))

    monkeypatch.setattr(footnote.desk, "refresh", told)
    await footnote.moderator.slash(footnote.channel, "index refresh", dry_run=True)
    shown = text_of(footnote.channel.last_message)
    assert "would read 7 passages, about 1,200 tokens, for about 0.024" in shown


async def test_keeping_everything_changes_nothing_and_takes_the_buttons_away(footnote: Footnote) -> None:
    for file in sorted(footnote.corpus.glob("*.md"))[:8]:
        file.unlink()
    await footnote.moderator.slash(footnote.channel, "index refresh")
    await footnote.moderator.click(footnote.channel.last_message, label="Keep everything")
    assert not footnote.channel.last_message.components
    assert (await footnote.desk.status()).articles == 11


async def test_the_message_is_edited_after_the_interaction_has_expired(
    footnote: Footnote, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(footnote, monkeypatch)
    await footnote.moderator.slash(footnote.channel, "index refresh")
    await footnote.env.advance_time(16 * 60)
    asked = len(footnote.env.http_requests)
    await held.let_go()
    assert "The index is refreshed" in text_of(footnote.channel.last_message)
    edits = [entry.path for entry in footnote.env.http_requests[asked:] if entry.method == "PATCH"]
    assert edits == [f"/channels/{footnote.channel.id}/messages/{footnote.channel.last_message.id}"]


async def test_where_the_bot_cannot_see_the_channel_it_says_that_the_message_will_stand_still(
    footnote: Footnote, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = footnote.guild.create_text_channel(
        "hidden",
        overwrites={footnote.bot.user: discord.PermissionOverwrite(view_channel=False)},  # type: ignore[dict-item]  # it is logged in
    )
    held = Held(footnote, monkeypatch)
    result = await footnote.moderator.slash(hidden, "index refresh")
    await held.moved()
    assert "after 14 minutes" in text_of(result.response)
    await footnote.env.advance_time(16 * 60)
    await held.let_go()
    assert "60%" in text_of(result.response)
    assert await kinds(footnote) == ["refresh"]


async def test_what_articles_are_called_cannot_ping_or_format(footnote: Footnote) -> None:
    hostile = "@everyone **bold** [free](https://evil.example.com) `code` <@&1> ||spoiler||"
    headline = f"title: '{hostile}'"
    article = ARTICLE.replace("title: Vilnius opens a bridge for cyclists", headline)
    (footnote.corpus / "bridge.md").write_text(article, "utf-8")
    await footnote.moderator.slash(footnote.channel, "index refresh")
    shown = text_of(footnote.channel.last_message)
    assert "Added 1" in shown
    for raw in ("@everyone", "**bold**", "](https://evil", "<@&1>", "||spoiler||"):
        assert raw not in shown
    assert not footnote.channel.last_message.mention_everyone


async def test_what_cannot_be_read_is_named_with_its_reason(footnote: Footnote) -> None:
    (footnote.corpus / "broken.jsonl").write_text("{not json\n", "utf-8")
    await footnote.moderator.slash(footnote.channel, "index refresh")
    shown = text_of(footnote.channel.last_message)
    assert "Could not be read 1" in shown
    assert "broken.jsonl, line 1" in shown


async def test_the_scheduled_refresh_never_removes_more_than_half_and_goes_on(footnote: Footnote) -> None:
    kept = {file: file.read_bytes() for file in sorted(footnote.corpus.glob("*.md"))[:8]}
    await footnote.moderator.slash(footnote.channel, "index schedule", hours=1)
    for file in kept:
        file.unlink()
    await footnote.env.advance_time(3600 + 2 * LOOK)
    assert (await footnote.desk.status()).articles == 11
    act = (await footnote.bot.ledger.history(1))[0]
    assert (act.kind, act.detail, act.person) == ("refresh_refused", "−8 / 11", footnote.bot.user.id)  # type: ignore[union-attr]  # it is logged in
    for file, content in kept.items():
        file.write_bytes(content)
    (footnote.corpus / "bridge.md").write_text(ARTICLE, "utf-8")
    await footnote.env.advance_time(3600)
    assert (await footnote.desk.status()).articles == 12


async def test_a_scheduled_refresh_that_fails_is_told_and_tried_again_when_next_due(
    start: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start() as footnote:
        log = footnote.guild.create_text_channel("log")
        await footnote.restart(log_channel=log.id)
        await footnote.moderator.slash(footnote.channel, "index schedule", hours=1)
        tried: list[RefreshOptions] = []

        async def fail(options: RefreshOptions) -> RefreshReport:
            tried.append(options)
            raise RuntimeError("disk")

        monkeypatch.setattr(footnote.desk, "refresh", fail)
        await footnote.env.advance_time(3600 + 2 * LOOK)
        assert len(tried) == 1
        assert "Refresh failed" in log.last_message.content
        await footnote.env.advance_time(3600)
        assert len(tried) == 2


async def test_the_schedule_runs_when_due_after_a_restart_and_not_while_paused(footnote: Footnote) -> None:
    await footnote.moderator.slash(footnote.channel, "index schedule", hours=1)
    await footnote.restart()
    (footnote.corpus / "bridge.md").write_text(ARTICLE, "utf-8")
    await footnote.env.advance_time(1800)
    assert (await footnote.desk.status()).articles == 11
    await footnote.env.advance_time(1800 + 2 * LOOK)
    assert (await footnote.desk.status()).articles == 12
    undo = await footnote.moderator.slash(footnote.channel, "index undo")
    await footnote.moderator.click(undo.response.message, custom_id=buttons(undo.response)["undo"])
    await footnote.env.advance_time(2 * 3600)
    assert (await footnote.desk.status()).articles == 11
    status = await footnote.moderator.slash(footnote.channel, "index status")
    assert "paused" in text_of(status.response)
    await footnote.moderator.slash(footnote.channel, "index refresh")
    assert (await footnote.desk.status()).articles == 12


async def test_the_schedule_outlives_a_clock_that_was_years_ahead(footnote: Footnote) -> None:
    await footnote.moderator.slash(footnote.channel, "index schedule", hours=1)
    ahead = footnote.bot.moderation.now() + timedelta(days=9000)
    await footnote.bot.ledger.set_value(LAST, ahead.isoformat())
    (footnote.corpus / "bridge.md").write_text(ARTICLE, "utf-8")
    await footnote.env.advance_time(2 * LOOK)
    assert (await footnote.desk.status()).articles == 12
    (footnote.corpus / "tunnel.md").write_text(ARTICLE.replace("120", "121"), "utf-8")
    await footnote.env.advance_time(1800)
    assert (await footnote.desk.status()).articles == 12
    await footnote.env.advance_time(1800 + 2 * LOOK)
    assert (await footnote.desk.status()).articles == 13


async def test_a_real_refresh_stops_in_the_middle_and_its_index_stays(footnote: Footnote) -> None:
    for number in range(60):
        text = ARTICLE.replace("120", str(number + 121))
        (footnote.corpus / f"bridge-{number}.md").write_text(text, "utf-8")
    moderation = footnote.bot.moderation
    running = moderation.claim(Who(1, "mod", None), "refresh")
    work = asyncio.create_task(moderation.refresh(running, RefreshOptions()))
    while running.progress is None or running.progress.phase != "embedding":
        await asyncio.sleep(0.005)
    running.cancel(running.who)
    with pytest.raises(RefreshCancelled):
        await work
    moderation.release(running)
    assert (await footnote.desk.status()).articles == 11
    assert await kinds(footnote) == ["refresh_cancelled"]
    answer = await footnote.member.slash(footnote.channel, "ask", question=COUNTRIES)
    assert "Slovakia" in text_of(answer.response)

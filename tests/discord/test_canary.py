"""The canary after a refresh: a fall is a line in the history and in the log channel."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.discord.conftest import Footnote
from tests.discord.test_moderation_refresh import kinds

QUESTIONS = Path(__file__).parent.parent.parent / "docs" / "questions.jsonl"


async def refreshed(footnote: Footnote) -> None:
    await footnote.moderator.slash(footnote.channel, "index refresh")
    await footnote.env.settle()


async def test_a_refresh_that_takes_the_answers_away_is_told(start: Any, tmp_path: Path) -> None:
    lines = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]
    asked = [
        line for line in lines if line["id"] in {"battlegroups-2017", "rukla", "madrid", "china", "cheese"}
    ]
    asked += [{**asked[0], "id": f"again-{number}"} for number in range(3)]
    file = tmp_path / "canary.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in asked), "utf-8")
    async with start(canary=file) as footnote:
        log = footnote.guild.create_text_channel("log")
        await footnote.restart(canary=file, log_channel=log.id)
        await refreshed(footnote)
        last = footnote.settings.data_folder / "canary.json"
        assert len(json.loads(last.read_text("utf-8"))["results"]) == 8
        assert await kinds(footnote) == ["refresh"]
        for name in (
            "2017-08-28-nato-four",
            "2022-03-25-footnote",
            "2016",
            "2022-06-30",
            "2022-03-23-global",
        ):
            for article in sorted(footnote.corpus.glob(f"{name}*.md"))[:1]:
                article.unlink()
        await refreshed(footnote)
        assert await kinds(footnote) == ["canary_fell", "refresh", "refresh"]
        (act, *_) = await footnote.bot.ledger.history(1)
        assert "rukla" in act.detail
        assert act.person == footnote.bot.user.id  # type: ignore[union-attr]  # it is logged in
        assert "fewer answered right" in log.last_message.content


async def test_questions_that_cannot_be_read_are_told_and_the_refresh_stands(
    start: Any, tmp_path: Path
) -> None:
    async with start(canary=tmp_path / "missing.jsonl") as footnote:
        await refreshed(footnote)
        assert await kinds(footnote) == ["canary_failed", "refresh"]

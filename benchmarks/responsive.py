"""How quickly the bot responds, and whether its event loop ever stalls, while a refresh runs.

A small Discord on a loopback address (tests/discord/loopback.py) runs in this process; the bot, unmodified,
runs in a process of its own and is connected by real sockets. A moderator refreshes the news articles; ten
people ask at once, one wave after another, until the refresh ends. Two parts:

- `embedding`: nothing is embedded yet. After some minutes the moderator presses Cancel.
- `whole`: the first articles (--articles), whose vectors are there already as after a refresh that was killed
  (--vectors names an index that has them), so that reading, chunking, writing into Chroma and the switch all
  happen within minutes.

First response: from the moment the command leaves for the bot until its first response has arrived here.
Stall: how much later than asked a sleep of ten milliseconds ends in the bot's event loop.

    python benchmarks/responsive.py --vectors .footnote/benchmarks/news
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import sqlite3
import sys
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from common import NEWS, WORK, begin, records, say, spread, verdict, write

PEOPLE = 10
PAUSE = 1.0
"""Seconds between two waves of questions."""
FIRST = 500.0
"""Milliseconds within which 99 of 100 first responses have to come."""
STALL = 100.0
"""Milliseconds that the event loop may be late."""
TICK = 0.01


def main() -> None:
    """Run both parts."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--vectors", type=Path, default=WORK / "news", help="an index of the news articles")
    parser.add_argument("--articles", type=int, default=10_000, help="how many of them in the part `whole`")
    parser.add_argument("--minutes", type=float, default=3.0, help="how long the part `embedding` runs")
    parser.add_argument("--bot", nargs=3, metavar=("URL", "CORPUS", "DATA"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.bot:
        asyncio.run(_bot(*chosen.bot))
        return
    where = begin("Responses while a refresh runs")
    questions = [str(line["question"]) for line in records(NEWS / "questions.jsonl")]
    parts = {
        "embedding": asyncio.run(_part(questions, None, chosen.minutes * 60, 10_000)),
        "whole": asyncio.run(_part(questions, chosen.vectors, None, chosen.articles)),
    }
    for name, part in parts.items():
        verdict(f"{name}: first response, p99 (ms)", part["first_response_ms"]["p99"], FIRST)
        verdict(f"{name}: longest stall of the event loop (ms)", part["stall_ms"]["max"], STALL)
    write(__file__, where, {"people": PEOPLE, "parts": parts})


async def _part(
    questions: Sequence[str], vectors: Path | None, seconds: float | None, articles: int
) -> dict[str, Any]:
    from index import open_desk
    from index.reports import RefreshOptions
    from index.settings import Settings
    from tests.discord.loopback import TOKEN, Loopback

    folder = WORK / "responsive"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(Settings().corpus, folder / "corpus")
    settings = Settings(corpus=folder / "corpus", data=folder / "data")
    desk = open_desk(settings, purpose="responsive.py")
    await desk.refresh(RefreshOptions())
    await desk.close()
    if vectors is not None:
        _copy_vectors(vectors / "library.db", folder / "data" / "library.db")
    lines = [json.dumps(record) for record in islice(records(NEWS / "articles.jsonl.gz"), articles)]
    (folder / "corpus" / "news.jsonl").write_text("\n".join(lines), "utf-8")
    async with Loopback(hurry=False) as server:
        command = [sys.executable, __file__, "--bot", server.url, str(settings.corpus), str(settings.data)]
        bot = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "DISCORD_TOKEN": TOKEN},
        )
        assert bot.stdin is not None
        assert bot.stdout is not None
        await bot.stdout.readline()  # it is online and has loaded
        result = await _waves(server, questions, seconds)
        bot.stdin.write(b"stop\n")
        stalls = json.loads(await bot.stdout.readline())
        await bot.wait()
    shutil.rmtree(folder, ignore_errors=True)
    return {"articles": len(lines)} | result | stalls


def _copy_vectors(source: Path, target: Path) -> None:
    with sqlite3.connect(target) as db:
        db.execute("ATTACH ? AS other", (str(source),))
        db.execute("INSERT OR IGNORE INTO vectors SELECT * FROM other.vectors")
    db.close()


async def _waves(server: Any, questions: Sequence[str], seconds: float | None) -> dict[str, Any]:
    """Ten people ask at once, again and again, until the refresh has ended or its time is up."""
    from tests.discord.wire import MODERATOR, Person

    people = [Person(str(9 * 10**17 + number), f"person{number}") for number in range(PEOPLE)]
    refresh = await server.command("index refresh", by=MODERATOR)
    await refresh.first()
    began, first, answers, phases = time.perf_counter(), [], [], {}
    number = 0
    while True:
        wave = [
            _one(server, f"{questions[(number + each) % len(questions)]} ({number})", person)
            for each, person in enumerate(people)
        ]
        number += PEOPLE
        for response, answer in await asyncio.gather(*wave):
            first.append(response * 1000)
            answers.append(answer)
        message = server.rest.messages[refresh.message["id"]]
        shown = _shown(message)
        phases[shown] = phases.get(shown, 0) + 1
        if not _running(shown):
            break
        if seconds is not None and time.perf_counter() - began > seconds:
            await server.click(message, "Cancel", by=MODERATOR)
            await asyncio.sleep(5)
            break
        await asyncio.sleep(PAUSE)
    say(f"{len(first)} questions; what the progress showed at the end of each wave: {phases}")
    return {
        "questions": len(first),
        "seconds": round(time.perf_counter() - began, 1),
        "first_response_ms": spread(first),
        "answer_seconds": spread(answers),
        "waves_by_progress": phases,
    }


async def _one(server: Any, question: str, person: Any) -> tuple[float, float]:
    began = time.perf_counter()
    asked = await server.command("ask", by=person, question=question[:1000])
    await asked.first()
    response = time.perf_counter() - began
    await asked.answer()
    return response, time.perf_counter() - began


def _shown(message: dict[str, Any]) -> str:
    """The phase that the progress shows; "over" once the report stands there."""
    embed = message["embeds"][0]
    phase = str(embed.get("description") or "").partition("\n")[0]
    return phase if message.get("components") else "over"


def _running(shown: str) -> bool:
    return shown != "over"


async def _bot(url: str, corpus: str, data: str) -> None:
    """The bot itself, with a clock beside it."""
    from bot.app import FootnoteBot
    from bot.ledger import Ledger
    from bot.running import SWITCH
    from bot.settings import BotSettings
    from index import open_desk
    from index.settings import Settings
    from tests.discord.loopback_aim import aimed

    sys.setswitchinterval(SWITCH)  # as `footnote run` does
    settings = Settings(corpus=Path(corpus), data=Path(data))
    desk, ledger = open_desk(settings, purpose="responsive.py"), Ledger(settings.data_folder / "bot.db")
    late: list[float] = []

    async def watch() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(TICK)
            late.append((time.perf_counter() - began - TICK) * 1000)

    with aimed(url):
        bot = FootnoteBot(desk, ledger, BotSettings(questions_a_minute=600, answers_at_a_time=2))
        online = asyncio.create_task(bot.start(os.environ["DISCORD_TOKEN"]))
        await bot.readiness.wait(120)
        await asyncio.sleep(1)
        watching = asyncio.create_task(watch())
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        watching.cancel()
        over = sum(each > STALL for each in late)
        print(
            json.dumps({"stall_ms": spread(late), "stalls_over_limit": over, "ticks": len(late)}), flush=True
        )
        await bot.close()
        online.cancel()
        await ledger.close()
        await desk.close()


if __name__ == "__main__":
    main()

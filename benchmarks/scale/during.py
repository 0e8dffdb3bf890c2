"""A question while the whole index is built anew beside it, held against the same question before.

    python benchmarks/scale/during.py [--size N] [--new N]

On a copy of an index, in one process as the bot has it: first questions one after the other while nothing
else goes on, then the same while a moderator rebuilds. New articles are in the corpus, so that every phase
is there: everything is read and cut anew, the new ones are embedded, the vector index is filled anew.
Questions go on, one every quarter of a second, until the rebuild ends. One new article tells of something
that no other does; from the end of the refresh on it is asked for until it is the answer.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import shutil
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from articles import story
from asking import forgetful, questions, settings, there
from common import begin, say, spread, verdict, write
from data import SCALE, folder

if TYPE_CHECKING:
    from index.desk import Desk
    from index.reports import Progress, RefreshReport
    from index.settings import Settings
    from index.types import Question

PAUSE = 0.25
SLOWER, WITHIN = 3.0, 1.0
IDLE = 150
NEWS = (
    "The lighthouse keeper of Quorvale counted 4,713 puffins on the Ostrelle rocks, Mirabel Tansk reported."
)
ASKED = "How many puffins did the lighthouse keeper of Quorvale count?"
ANSWER = "4,713"


def copied(size: int, new: int) -> Settings:
    """A copy of the index with new articles in its corpus."""
    from index.library import Library

    target = SCALE / "during"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    shutil.copytree(folder(size) / "corpus", target / "corpus")
    shutil.copytree(folder(size) / "data", target / "data")
    rows = [("during-puffins", "Puffins counted", NEWS)]
    rows += [(f"during-{n}", *story(random.Random(f"during-{n}"))) for n in range(new)]
    lines = [
        json.dumps(
            {"id": id_, "title": title, "text": text, "source": "The Lighthouse", "published": "2022-12-01"}
        )
        for id_, title, text in rows
    ]
    (target / "corpus" / "new.jsonl").write_text("\n".join(lines), encoding="utf-8")
    library = Library(target / "data" / "library.db")
    library.set_meta({"corpus": str((target / "corpus").resolve())})
    library.close()
    return replace(settings(size), corpus=target / "corpus", data=target / "data")


class Asking:
    """Asks one question after the other and remembers how long each took, and what was going on."""

    def __init__(self, desk: Desk, asked: list[Question]) -> None:
        """Nothing asked yet."""
        self.phase = "idle"
        self.phases: dict[str, list[float]] = {}
        self.failed: list[str] = []
        self._desk = desk
        self._asked = asked
        self._number = 0

    async def one(self) -> None:
        """Ask the next question; its time counts to the phase in which it began."""
        question = self._asked[self._number % len(self._asked)]
        self._number += 1
        phase, began = self.phase, time.perf_counter()
        try:
            await self._desk.ask(question)
        except Exception as error:  # whatever fails is a question without an answer
            self.failed.append(f"{type(error).__name__}: {error}")
        self.phases.setdefault(phase, []).append(1000 * (time.perf_counter() - began))

    def tell(self, progress: Progress) -> None:
        """The refresh's progress."""
        self.phase = progress.phase


async def measure(chosen: Settings, asked: list[Question], rebuild: bool) -> dict[str, Any]:
    """Idle, then during the refresh, then the new article."""
    from bot.running import SWITCH
    from index import open_desk
    from index.reports import RefreshOptions
    from index.types import Question

    sys.setswitchinterval(SWITCH)  # as `footnote run` does
    desk = open_desk(chosen, purpose="benchmark")
    asking = Asking(desk, asked)
    try:
        await desk.warm()
        for _ in range(30):
            await desk.ask(asked[-1])
        for _ in range(IDLE):
            await asking.one()
        began = time.perf_counter()
        options = RefreshOptions(on_progress=asking.tell, rebuild=rebuild)
        refresh: asyncio.Task[RefreshReport] = asyncio.create_task(desk.refresh(options))
        while not refresh.done():
            await asking.one()
            await asyncio.wait([refresh], timeout=PAUSE)
        report, ended = refresh.result(), time.perf_counter()
        answered = None
        while time.perf_counter() - ended < 60 and answered is None:
            answer = await desk.ask(Question(ASKED))
            if any(ANSWER in sentence.text for sentence in answer.sentences):
                answered = time.perf_counter() - ended
        return {
            "seconds": round(ended - began, 1),
            "embedded": report.embedded,
            "new_article_answers_after_seconds": answered and round(answered, 3),
            "failed": asking.failed,
            "ms": {name: spread(each) for name, each in asking.phases.items()},
            "questions": {name: len(each) for name, each in asking.phases.items()},
            "all": spread([ms for name, each in asking.phases.items() if name != "idle" for ms in each]),
        }
    finally:
        await desk.close()


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description="Questions while the index is rebuilt.")
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--new", type=int, default=60, help="new articles, about 13 passages each")
    args = parser.parse_args()
    if not there([args.size]):
        sys.exit("The index is not built yet. Run: python benchmarks/scale/data.py")
    where = begin("scale: questions during a rebuild")
    result: dict[str, Any] = {"size": args.size}
    forgetful()
    for name, rebuild in (("rebuild", True), ("refresh", False)):
        chosen = copied(args.size, args.new)
        row = asyncio.run(measure(chosen, questions(None), rebuild))
        result[name] = row
        shutil.rmtree(SCALE / "during", ignore_errors=True)
        for phase, each in row["ms"].items():
            say(f"{name}: {phase:10} {row['questions'][phase]:4} questions, {each}")
        row["ratio_p95"] = round(row["all"]["p95"] / row["ms"]["idle"]["p95"], 3)
        verdict(f"{name}: 95th percentile to idle", row["ratio_p95"], SLOWER)
        verdict(f"{name}: failed questions", len(row["failed"]), 0)
        verdict(
            f"{name}: the new article answers, seconds",
            row["new_article_answers_after_seconds"] or 60,
            WITHIN,
        )
    write(__file__, where, result)


if __name__ == "__main__":
    main()

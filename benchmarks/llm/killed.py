"""How long somebody waits for an answer after the model's server has been killed in the middle of writing it.

    .venv/bin/python -m benchmarks.llm.killed

A scripted server in a process of its own streams one good sentence and falls silent. As soon as that sentence
is shown, the process is killed (SIGKILL), and the time is taken until the answer in the articles' own words
is there. Beside it, in the same run: the same question without a model.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.common import begin, say, write
from index.reports import RefreshOptions
from index.service import IndexDesk
from index.settings import Settings
from index.types import Answer, Question
from tests.index.scripted_process import HALF, scripted_process

TIMES = 20
ASKED = "Which countries will host the four new battlegroups?"


async def killed(folder: Path) -> tuple[float, str]:
    """Seconds from the kill to the answer, and why it is not the model's."""
    with scripted_process(HALF) as server:
        settings = Settings(data=folder, llm="openai-like:scripted", llm_url=server.url)
        desk = IndexDesk(settings, "benchmark")
        at = 0.0

        def watch(_: Answer) -> None:
            nonlocal at
            if not at:
                server.process.kill()
                at = time.perf_counter()

        try:
            answer = await desk.ask(Question(ASKED), watch)
            took = time.perf_counter() - at
        finally:
            await desk.close()
    return took, answer.writing.silence if answer.writing else "not asked"


async def plain(folder: Path) -> float:
    """Seconds of the same question without a model, on a desk that has answered before."""
    desk = IndexDesk(Settings(data=folder), "benchmark")
    try:
        await desk.ask(Question(ASKED))
        began = time.perf_counter()
        await desk.ask(Question(ASKED))
        return time.perf_counter() - began
    finally:
        await desk.close()


async def main() -> None:
    """Kill, time, print and write."""
    where = begin("A model's server that is killed in mid-answer")
    with tempfile.TemporaryDirectory() as folder:
        desk = IndexDesk(Settings(data=Path(folder)), "benchmark")
        await desk.refresh(RefreshOptions())
        await desk.close()
        without = await plain(Path(folder))
        runs = [await killed(Path(folder)) for _ in range(TIMES)]
    seconds = [took for took, _ in runs]
    result: dict[str, Any] = {
        "kills": TIMES,
        "fell back": sum(silence == "away" for _, silence in runs),
        "seconds from kill to answer": {
            "p50": round(float(np.median(seconds)), 3),
            "longest": round(max(seconds), 3),
        },
        "seconds of the question without a model": round(without, 3),
    }
    say(str(result))
    write(__file__, where, result)


if __name__ == "__main__":
    asyncio.run(main())

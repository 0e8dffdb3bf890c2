"""A model that fails in the middle, a clock that jumps, and two processes at once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Sequence
from pathlib import Path

import pytest

from index.embedding import PassageVectors
from index.types import Passage
from tests.index.faults.conftest import MORE, TOWNS, sound
from tests.index.faults.kills import Process
from tests.index.workshop import ROOT, CountingEmbedder, Workshop, town, towns

NEW = range(100, 140)


class FailingError(Exception):
    """As an embedding service that is overloaded, or a machine without memory, raises it."""


class Failing(CountingEmbedder):
    """The model, which fails after so many passages, as long as it is told to."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.after: int | None = after

    def passages(
        self, passages: Sequence[Passage], heed: Callable[[], None] = lambda: None
    ) -> Generator[tuple[Passage, PassageVectors], None, None]:
        for number, made in enumerate(super().passages(passages, heed)):
            if number == self.after:
                raise FailingError
            yield made


@pytest.mark.parametrize("large", [False, True] if MORE else [True])
def test_an_embedding_error_in_the_middle(
    sixty: Workshop, monkeypatch: pytest.MonkeyPatch, large: bool
) -> None:
    from index import building, refreshing

    monkeypatch.setattr(refreshing, "COMMIT", 8)
    if large:
        monkeypatch.setattr(building, "FEW", 0)
    failing = Failing(after=20)
    sixty.embedder = failing
    sixty.open()
    towns(sixty.corpus, NEW)
    sixty.write("town-003.md", town(3, "tunnel"), title="Town003 mends its tunnel")
    with pytest.raises(FailingError):
        sixty.refresh()
    assert len(sixty.digests()) == TOWNS + 1
    sixty.whole()
    assert "bridge" in sixty.ask("What was spoken of in Town003?").sentences[0].text
    failing.after = None
    report = sixty.refresh()
    assert report.embedded == len(NEW) + 1 - 16, "two batches of eight were kept"
    sixty.close()
    sound(sixty)


CLOCK = """
import datetime as real, json, sys, time
from pathlib import Path

JUMP = [0.0]
class Jumping(real.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(time.time(), tz)
class Day(real.date):
    @classmethod
    def today(cls):
        return cls.fromtimestamp(time.time())
clock = time.time
time.time = lambda: clock() + JUMP[0]
real.datetime, real.date = Jumping, Day

import asyncio
from index import open_desk
from index.settings import Settings
from index.reports import RefreshOptions
from index.types import Question
from tests.index.workshop import towns

YEAR = 365.25 * 24 * 3600

async def main():
    settings = Settings(corpus=Path(sys.argv[1]), data=Path(sys.argv[2]))
    for turn, (before, after) in enumerate([(0, -50), (30, 0), (0, 60), (60, 0)]):
        towns(settings.corpus, [100 + turn])
        def on_progress(progress):
            if progress.phase == "embedding":
                JUMP[0] = after * YEAR
        JUMP[0] = before * YEAR
        desk = open_desk(settings, purpose="test")
        report = await desk.refresh(RefreshOptions(on_progress=on_progress))
        answer = await desk.ask(Question(f"What was spoken of in Town{100 + turn}?", careful=0.0))
        status = await desk.status()
        await desk.close()
        print(json.dumps([len(report.added), report.seconds >= 0, answer.sentences[0].text,
                          status.last_refresh.year - clock_year() - after, status.generation]))

def clock_year():
    return time.gmtime(clock()).tm_year

asyncio.run(main())
"""


def test_the_clock_jumps_during_refreshes(sixty: Workshop) -> None:
    """Generations are counted, durations taken from a clock that cannot jump; times are only told."""
    done = subprocess.run(
        [sys.executable, "-c", CLOCK, str(sixty.corpus), str(sixty.data)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    generations = []
    for turn, line in enumerate(done.stdout.splitlines()):
        added, forwards, text, years, generation = json.loads(line)
        assert (added, forwards) == (1, True)
        assert f"Town{100 + turn}" in text
        assert abs(years) <= 1
        generations.append(generation)
    assert len(generations) == 4
    assert generations == list(range(generations[0], generations[0] + 4))
    sound(sixty)


def test_two_refreshes_at_once_and_a_dead_owner(
    sixty: Workshop, process: Process, child: Callable[..., list[str]]
) -> None:
    """The second is told who has the index, and reads beside it; a lock dies with its process."""
    towns(sixty.corpus, NEW[:3])
    place = sixty.data.parent
    there, go = str(place / "there"), str(place / "go")
    order = {"corpus": str(sixty.corpus), "data": str(sixty.data)}
    first = process.order(steps=[["hold", there, go]], start=True, out=str(place / "first.json"), **order)[
        "child"
    ]
    second = child(["until", there], ["refresh"], ["doctor", True], ["ask", 7])
    assert second[1].startswith("IndexBusy")
    assert "'child'" in second[1]
    assert second[2].startswith("IndexBusy")
    assert "Town007" in second[3]
    os.kill(int(first), signal.SIGKILL)
    process.order(wait=first)
    assert (sixty.data / "owner.json").exists(), "what a dead process leaves"
    assert child(["ask", 9], ["refresh"], ["ask", 101])[1] == "added 3, changed 0, removed 0"
    sound(sixty)


def test_questions_are_answered_during_a_refresh(sixty: Workshop, process: Process) -> None:
    towns(sixty.corpus, NEW[:3])
    place = sixty.data.parent
    there, go, out = (str(place / name) for name in ("there", "go", "out.json"))
    order = {"corpus": str(sixty.corpus), "data": str(sixty.data), "out": out}
    first = process.order(steps=[["hold", there, go], ["ask", 101]], start=True, **order)["child"]
    while not Path(there).exists():
        time.sleep(0.01)
    sixty.open()  # and read by another process
    assert "Town007" in sixty.ask("What was spoken of in Town007?").sentences[0].text
    sixty.close()
    Path(go).touch()
    process.order(wait=first)
    held, after = json.loads(Path(out).read_text())
    assert "Town007" in held
    assert "Town101" in after
    sound(sixty)

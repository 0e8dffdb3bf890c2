"""kill -9 at random moments of everything that changes an index, and an exact look at what is left."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from corpus import reading
from index.chunking import Chunker
from index.library import vector_key
from index.service import IndexDesk
from index.settings import Settings
from tests.index.workshop import ROOT, CountingEmbedder, Desk, Workshop, towns

TOWNS = 24
TRIES = 4
TYPICAL = {
    "first": 1.5,
    "small": 0.9,
    "large": 2.6,
    "rebuild": 1.0,
    "undo": 0.6,
    "add": 0.6,
    "remove": 0.5,
    "fill": 0.6,
    "repair": 1.6,
}
"""What is killed, and about how many seconds it takes; `measure` finds out."""


@dataclass(frozen=True, slots=True)
class Death:
    """One kill, and what came of it."""

    what: str
    share: float
    """Of the seconds that the operation takes."""
    phase: str
    """What was noted last before it."""
    left: str
    """Which articles the index has after it: those `before`, those `after`, or `damaged` until the repair."""
    embedded: int
    """Passages that bringing it to its end had to embed."""


class Kills:
    """Kills operations, each on a fresh copy of an index of 24 towns. What must hold is asserted."""

    def __init__(self, folder: Path, model: CountingEmbedder, process: Process) -> None:
        self._place, self._ready = folder / "place", folder / "ready"
        self._corpus, self._data = self._place / "corpus", self._place / "data"
        self._model, self._process = model, process
        self._chunker = Chunker(model.pieces, 160)
        self._before: dict[str, dict[str, str]] = {}
        self.seconds = dict(TYPICAL)

    def measure(self) -> None:
        """Take the time of every operation, without a kill."""
        for what in TYPICAL:
            self._begin(what)
            code, self.seconds[what] = self._order(what, None)
            assert code == 0, what

    def kill(self, what: str, share: float) -> Death:
        """Kill an operation after a share of its time; look, bring it to its end, look again."""
        for _ in range(TRIES):
            self._begin(what)
            code, seconds = self._order(what, share * self.seconds[what])
            if code:
                break
            # It was quicker than thought, and had ended. Half way, since the next one may be slower again.
            self.seconds[what] = (self.seconds[what] + seconds) / 2
        notes = self._place / "notes"
        phase = notes.read_text().splitlines()[-1:] if notes.exists() else []
        left = "damaged" if what == "repair" else self._look(what)
        return Death(what, round(share, 4), phase[0] if phase else "starting", left, self._ended(what))

    def _look(self, what: str) -> str:
        """Which articles readers see right after the death."""
        workshop = Workshop(self._corpus, self._data, self._model)
        seen, before, folder = workshop.digests(), self._before[what], self._articles()
        after = self._before["small"] if what == "undo" else folder
        assert seen in (before, after), f"{what}: neither the old articles nor the new ones"
        workshop.whole()
        if seen:
            assert "Town020" in workshop.ask("What was spoken of in Town020?").sentences[0].text
        assert workshop.embedded() == [], f"{what}: repaired with the model"
        workshop.close()
        return "before" if seen == before else "after"

    def _ended(self, what: str) -> int:
        """Bring it to its end: the index is that of the folder, whole, and nothing was embedded twice."""
        if what == "repair":
            self._repair()
        workshop = Workshop(self._corpus, self._data, self._model)
        wanted, keys = self._articles(), self._keys()
        with workshop.library.snapshot() as known:
            missing = keys - known.known_vectors(keys)
        report = workshop.refresh()
        assert report.embedded == len(workshop.embedded()) == len(missing), f"{what}: embedded again"
        assert workshop.digests() == wanted, f"{what}: not what the folder holds"
        assert workshop.refresh().unchanged == len(wanted)
        workshop.whole()
        workshop.close()
        assert what != "repair" or report.embedded == 0, "a vector that could be read was not saved"
        removed = "town-003.md" not in wanted and what == "remove"
        assert not removed or (self._data / "removed" / "town-003.md").exists(), "the removed article is lost"
        return report.embedded

    def _repair(self) -> None:
        desk = Desk(Settings(corpus=self._corpus, data=self._data))
        assert isinstance(desk.desk, IndexDesk)
        own, desk.desk._parts.models.now = desk.desk._parts.models.now, self._model
        before = len(self._model.read)
        checks = desk(desk.desk.doctor, repair=True)
        desk.desk._parts.models.now = own
        desk.close()
        assert [check for check in checks if not check.ok] == []
        assert len(self._model.read) == before, "a vector that could be read was not saved"

    def _order(self, what: str, seconds: float | None) -> tuple[int, float]:
        """Exit code and seconds of one child."""
        late = {} if seconds is None else {"seconds": seconds}
        places = {"corpus": self._corpus, "data": self._data, "notes": self._place / "notes"}
        result = self._process.order(what=what, **late, **{name: str(p) for name, p in places.items()})
        return int(result["code"]), result["seconds"]

    def _begin(self, what: str) -> None:
        """The state in which an operation begins, always in one place: an index knows its folder."""
        if not (self._ready / what).exists():
            self._prepare(what)
        self._clear()
        shutil.copytree(self._ready / what, self._place)

    def _clear(self) -> None:
        while self._place.exists():  # the helper of a process that was killed may write until it notices
            shutil.rmtree(self._place, ignore_errors=True)

    def _prepare(self, what: str) -> None:
        if what == "built":
            self._clear()
            towns(self._corpus, range(TOWNS))
        else:
            self._begin("built")
        self._before[what] = {} if what == "first" else self._articles()
        if what == "first":
            shutil.rmtree(self._data)
        if what in {"small", "large", "rebuild", "undo"}:
            self._change()
        if what in {"built", "undo"}:
            workshop = Workshop(self._corpus, self._data, self._model)
            workshop.refresh()
            workshop.embedded()
            workshop.close()
            self._before[what] = self._articles()
        if what == "fill":
            for folder in self._data.glob("vectors-*"):
                shutil.rmtree(folder)
        if what == "repair":
            with (self._data / "library.db").open("r+b") as stream:
                stream.write(random.Random(1).randbytes(4096))
        shutil.copytree(self._place, self._ready / what)

    def _change(self) -> None:
        """Eight articles get other words, two go, three come, one moves."""
        towns(self._corpus, range(3, 11), "tunnel")
        for number in (0, 1):
            (self._corpus / f"town-{number:03}.md").unlink()
        (self._corpus / "town-002.md").rename(self._corpus / "moved.md")
        towns(self._corpus, range(100, 103))

    def _read(self) -> Iterator[reading.Reading]:
        for file in reading.walk(self._corpus)[0]:
            yield reading.parse(file.origin, file.path.read_bytes())

    def _articles(self) -> dict[str, str]:
        """Article id -> digest, as the folder has them now."""
        return {article.id: article.digest for read in self._read() for article in read.articles}

    def _keys(self) -> set[str]:
        """Keys of the vectors of all passages of the folder."""
        articles = [article for read in self._read() for article in read.articles]
        return {vector_key(self._model.name, p) for a in articles for p in self._chunker.passages(a)}


def moments(count: int, seed: int) -> list[tuple[str, float]]:
    """What to kill and when, at `count` random moments spread evenly over all of each operation."""
    chance = random.Random(seed)
    names = list(TYPICAL)
    each = {what: len(range(place, count, len(names))) for place, what in enumerate(names)}
    return [(what, (k + chance.random()) / number) for what, number in each.items() for k in range(number)]


class Process:
    """The process that runs `dying.py`: orders in, results out."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def order(self, **what: object) -> dict[str, float]:
        """What it replies."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()
        replied: dict[str, float] = json.loads(self._process.stdout.readline())
        return replied


@contextmanager
def dying() -> Iterator[Process]:
    """The process that runs `dying.py`."""
    command = [sys.executable, "-m", "tests.index.faults.dying"]
    environment = {**os.environ, "TOKENIZERS_PARALLELISM": "false"}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdin=pipe, stdout=pipe, text=True) as process:
        yield Process(process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(60) == 0

"""kill -9 at any moment of a refresh: nothing is lost, doubled, or embedded again."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from corpus import reading
from index.built import due
from index.chunking import Chunker
from index.library import vector_key
from tests.index.workshop import ROOT, CountingEmbedder, Workshop, town, towns

ARTICLES = 60
WORDS = ("tunnel", "road", "tower", "school", "wall", "harbour", "clinic", "library", "station", "market")


@pytest.fixture(scope="session")
def process() -> Iterator[subprocess.Popen[str]]:
    """The process whose children refresh and die."""
    command = [sys.executable, "-m", "tests.index.killing"]
    environment = {**os.environ, "TOKENIZERS_PARALLELISM": "false"}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdin=pipe, stdout=pipe, text=True) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(60) == 0


class Killer:
    """A corpus and its index, refreshed by children that die."""

    def __init__(self, folder: Path, model: CountingEmbedder, process: subprocess.Popen[str]) -> None:
        self.corpus, self.data, self.notes = folder / "corpus", folder / "data", folder / "notes"
        self.model = model
        self.chunker = Chunker(model.pieces, 160)
        self._process = process
        self.notes.touch()
        towns(self.corpus, range(ARTICLES))

    def refresh(self, **order: Any) -> tuple[int, float]:
        """Exit code and seconds of one child."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        places = {"corpus": str(self.corpus), "data": str(self.data), "notes": str(self.notes)}
        self._process.stdin.write(json.dumps(order | places) + "\n")
        self._process.stdin.flush()
        result = json.loads(self._process.stdout.readline())
        return result["code"], result["seconds"]

    def change(self, step: int) -> None:
        """Ten articles get other words, two go, two come, one moves."""
        word = WORDS[step % len(WORDS)]
        there = sorted(self.corpus.glob("town-*.md"))
        towns(self.corpus, [int(file.stem[5:]) for file in there[3:13]], f"{word} number {step}")
        there[0].unlink()
        there[1].unlink()
        there[2].rename(self.corpus / f"moved-{step}.md")
        towns(self.corpus, [2 * step + 100, 2 * step + 101])

    def wanted(self) -> dict[str, str]:
        """Article id -> digest, as the folder has them now."""
        articles = [a for file in reading.walk(self.corpus)[0] for a in self._parsed(file)]
        return {article.id: article.digest for article in articles}

    @staticmethod
    def _parsed(file: reading.CorpusFile) -> tuple[Any, ...]:
        return reading.parse(file.origin, file.path.read_bytes()).articles

    def noted(self) -> list[str]:
        """Ids of the passages that any child has given to the model since the last call."""
        read = self.notes.read_text().split()
        self.notes.write_text("")
        return read

    def keys(self) -> dict[str, str]:
        """Passage id -> key of its vectors, for the folder as it is now."""
        articles = [a for file in reading.walk(self.corpus)[0] for a in self._parsed(file)]
        return {p.id: vector_key(self.model.name, p) for a in articles for p in self.chunker.passages(a)}


@pytest.fixture
def killer(tmp_path: Path, model: CountingEmbedder, process: subprocess.Popen[str]) -> Killer:
    killer = Killer(tmp_path, model, process)
    assert killer.refresh()[0] == 0
    assert len(killer.noted()) == ARTICLES
    return killer


def committed(workshop: Workshop) -> set[str]:
    return {row[0] for row in workshop.library._writer.execute("SELECT key FROM vectors")}


def kill(killer: Killer, seen: dict[str, str], **order: Any) -> dict[str, str]:
    """Refresh to a death, look at what is left; returns the generation that readers see."""
    workshop = Workshop(killer.corpus, killer.data, killer.model)
    had = committed(workshop)
    workshop.close()
    killer.refresh(**order)
    keys = killer.keys()
    again = [id_ for id_ in killer.noted() if keys[id_] in had]
    assert again == [], "embedded though the library had them"
    workshop.open()
    after = workshop.digests()
    assert after in (seen, killer.wanted()), "neither the old generation nor the new one"
    workshop.whole()
    answer = workshop.ask("What was spoken of in Town050?")
    assert "Town050" in answer.sentences[0].text
    assert workshop.embedded() == [], "repaired with the model"
    workshop.close()
    return after


def ends_well(killer: Killer) -> None:
    """The next refresh brings all, embeds only what no one kept, and after it nothing is left to do."""
    workshop = Workshop(killer.corpus, killer.data, killer.model)
    missing = set(killer.keys().values()) - committed(workshop)
    report = workshop.refresh()
    assert report.embedded == len(workshop.embedded()) == len(missing)
    assert workshop.digests() == killer.wanted()
    assert workshop.refresh().unchanged == len(killer.wanted())
    towns(killer.corpus, [999])
    assert workshop.refresh().embedded == len(workshop.embedded()) == 1
    with workshop.library.snapshot() as known:
        assert known.count("passages") == len(killer.keys())
    used = "SELECT vector_key FROM passages UNION SELECT vector_key FROM earlier_passages"
    assert committed(workshop) == {row[0] for row in workshop.library._writer.execute(used)}
    workshop.whole()
    assert workshop.embedded() == []
    workshop.close()


@pytest.mark.parametrize("seed", [1, 2])
def test_at_ten_random_moments(killer: Killer, seed: int) -> None:
    """Twenty in all; each death comes upon what the one before has left."""
    moments = random.Random(seed)
    killer.change(0)
    code, whole = killer.refresh()
    assert code == 0
    killer.noted()
    seen = killer.wanted()
    for step in range(1, 11):
        killer.change(step)
        seen = kill(killer, seen, seconds=moments.uniform(0, whole))
    ends_well(killer)


ORDERS = [
    {"at": ["reading", 30]},
    {"at": ["embedding", 0]},
    {"at": ["embedding", 8]},
    {"after": "add_vectors"},
    {"at": ["indexing", 0]},
    {"after": "set_meta"},
    {"at": ["indexing", 8]},
    {"before": "switch"},
    {"after": "switch"},
    {"before": "collect"},
    {"after": "collect"},
    {"at": ["indexing", 8], "copy": True},
    {"after": "switch", "copy": True},
    {"at": ["indexing", 0], "rebuild": True},
    {"before": "switch", "rebuild": True},
    {"after": "switch", "rebuild": True},
]


def test_at_every_step(killer: Killer) -> None:
    seen = killer.wanted()
    for step, order in enumerate(ORDERS):
        killer.change(step)
        before = seen
        seen = kill(killer, before, **order)
        late = order.get("after") in ("switch", "collect") or order.get("before") == "collect"
        assert seen == (killer.wanted() if late else before), order
    ends_well(killer)


@pytest.mark.parametrize(("when", "copy"), [("before", False), ("after", False), ("after", True)])
def test_an_undo(killer: Killer, when: str, copy: bool) -> None:
    before = killer.wanted()
    killer.change(0)
    assert killer.refresh()[0] == 0
    killer.noted()
    seen = kill(killer, before, undo=True, copy=copy, **{when: "restore"})
    assert seen == (killer.wanted() if when == "before" else before)
    if when == "before":
        assert killer.refresh(undo=True, copy=copy)[0] == 0
    workshop = Workshop(killer.corpus, killer.data, killer.model)
    assert workshop.digests() == before
    workshop.whole()
    workshop.close()
    ends_well(killer)


def test_what_was_kept_before_a_death_is_not_embedded_again(killer: Killer) -> None:
    towns(killer.corpus, range(200, 240))
    code, _ = killer.refresh(at=["embedding", 16])
    assert code == -signal.SIGKILL
    assert len(killer.noted()) == 40
    assert killer.refresh()[0] == 0
    assert len(killer.noted()) == 40 - 16
    ends_well(killer)


def opened(killer: Killer, **settings: Any) -> Workshop:
    """As a new process with these settings finds what a killed one has left."""
    workshop = Workshop(killer.corpus, killer.data, killer.model, **settings)
    workshop.whole()
    assert "Town050" in workshop.ask("What was spoken of in Town050?").sentences[0].text
    assert workshop.embedded() == [], "repaired with the model"
    return workshop


def test_another_passage_length_goes_on_where_it_was_killed_and_the_old_index_answers(killer: Killer) -> None:
    (killer.corpus / "long.md").write_text("\n\n".join(town(number) for number in range(500, 560)))
    assert killer.refresh()[0] == 0
    killer.noted()
    settings = {"passage_tokens": 64}
    orders: list[dict[str, Any]] = [
        {"at": ["embedding", 8]},
        {"at": ["embedding", 8]},
        {"after": "add_vectors"},
        {"at": ["indexing", 0]},
        {"before": "switch"},
    ]
    kept = 0
    for order in orders:
        assert killer.refresh(settings=settings, **order)[0] == -signal.SIGKILL
        workshop = opened(killer, **settings)
        with workshop.library.snapshot() as known:
            assert due(known, workshop.embedder, workshop.settings) == "passage_tokens was 160, is 64"
            now = known.count("vectors") - known.count("passages")
        assert now == kept + 8 if "embedding" in order.get("at", ()) or "after" in order else now >= kept
        kept = now
        workshop.close()
    killer.noted()
    assert killer.refresh(settings=settings, after="switch")[0] == -signal.SIGKILL
    assert killer.noted() == []
    workshop = opened(killer, **settings)
    with workshop.library.snapshot() as known:
        assert due(known, workshop.embedder, workshop.settings) == ""
    report = workshop.refresh()
    assert (report.anew, report.embedded, report.unchanged) == (False, 0, ARTICLES + 1)
    workshop.close()

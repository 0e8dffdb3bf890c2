"""Several processes read one index on a server while one of them refreshes it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.index.workshop import ROOT, town, towns, write
from tests.served import ChromaServer, chroma_server

ARTICLES = 12


class Bot:
    """A process of its own with the index open."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def __call__(self, **order: Any) -> dict[str, Any]:
        """Give an order, and wait for the reply."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self.reply()

    def reply(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        found: dict[str, Any] = json.loads(self._process.stdout.readline())
        return found

    def knows(self, number: int, word: str = "bridge") -> bool:
        """Whether its answer on a town is the one of the corpus folder."""
        answer = self(ask=f"What was spoken of in Town{number:03}?")["answer"]
        return f"Town{number:03}" in answer and f"new {word}" in answer

    def near(self) -> int:
        """How many passages its vectors find."""
        return len(self(near="What was spoken of?")["ids"])

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


@contextmanager
def bot(folder: Path, url: str) -> Iterator[Bot]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.index.sharing", str(folder / "corpus"), str(folder / "data"), url],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Bot(process)
        if process.poll() is None:
            assert process.stdin is not None
            process.stdin.close()
            assert process.wait(60) == 0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromaServer]:
    with chroma_server(tmp_path_factory.mktemp("server")) as made:
        yield made


@pytest.fixture
def bots(tmp_path: Path, server: ChromaServer) -> Iterator[list[Bot]]:
    """Three processes on one index."""
    towns(tmp_path / "corpus", range(ARTICLES))
    with ExitStack() as stack:
        made = [stack.enter_context(bot(tmp_path, server.url)) for _ in range(3)]
        assert made[0](refresh=True) == {"added": ARTICLES}
        yield made


def test_all_see_what_one_has_built(bots: list[Bot]) -> None:
    assert all(each.knows(3) and each.near() == ARTICLES for each in bots)


def test_all_see_a_change_at_their_next_question(bots: list[Bot], tmp_path: Path) -> None:
    for step, each in enumerate(bots):  # whoever makes it: nobody keeps the right
        assert all(other.near() == ARTICLES + step for other in bots)
        towns(tmp_path / "corpus", [50 + step])
        write(tmp_path / "corpus" / "town-003.md", town(3, f"tunnel{step}"), title="Town003")
        assert each(refresh=True) == {"added": 1}
        assert all(other.knows(50 + step) and other.knows(3, f"tunnel{step}") for other in bots)
    assert bots[1](rebuild=True) == {"added": 0}  # in another collection; the one before it is removed
    assert all(other.near() == ARTICLES + len(bots) for other in bots)


def test_they_answer_while_one_refreshes_and_no_other_can(bots: list[Bot], tmp_path: Path) -> None:
    first, second, third = bots
    assert third.knows(3)
    towns(tmp_path / "corpus", [60])
    assert first(refresh=True, wait="indexing") == {"at": "indexing"}
    refused = second(refresh=True)
    assert refused["error"] == "IndexBusy"
    assert "is in use by 'footnote run' (process " in refused["message"]
    assert "Questions are answered meanwhile" in refused["message"]
    assert second.knows(3)
    assert third.near() == ARTICLES
    assert first(go_on=True) == {"added": 1}
    assert second.knows(60)
    assert third.near() == ARTICLES + 1
    assert second(refresh=True) == {"added": 0}


def test_the_one_that_refreshes_is_killed(bots: list[Bot], tmp_path: Path) -> None:
    first, second, third = bots
    assert third.knows(3)
    towns(tmp_path / "corpus", [60])
    assert first(refresh=True, wait="indexing") == {"at": "indexing"}
    first.kill()
    assert second.knows(3)
    assert third.near() == ARTICLES
    assert second(refresh=True) == {"added": 1}
    assert second.knows(60)
    assert third.near() == ARTICLES + 1

"""Reading beside a process that owns the index: the same answers, without Chroma; changes are refused."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from index import locking, open_desk
from index.errors import IndexBusy
from index.reports import RefreshOptions
from index.settings import Settings
from index.types import Question
from tests.index.workshop import ROOT, towns

OWNS = """
import asyncio, sys
from pathlib import Path
from index import open_desk
from index.settings import Settings
from index.reports import RefreshOptions

async def main():
    desk = open_desk(Settings(corpus=Path(sys.argv[1]), data=Path(sys.argv[2])), purpose="footnote run")
    await desk.prepare(RefreshOptions())
    await desk.warm()
    print("owned", flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        await desk.refresh(RefreshOptions())
        print("refreshed", flush=True)
    await desk.close()

asyncio.run(main())
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    towns(tmp_path / "corpus", range(8))
    return Settings(corpus=tmp_path / "corpus", data=tmp_path / "data")


@pytest.fixture
def owner(settings: Settings) -> Iterator[subprocess.Popen[str]]:
    """A bot, as far as the index knows, in a process of its own."""
    with subprocess.Popen(
        [sys.executable, "-c", OWNS, str(settings.corpus), str(settings.data)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "owned\n"
        yield process
        process.kill()


def about(number: int) -> Question:
    return Question(f"What was spoken of in Town{number:03}?", careful=0.0)


def test_everything_is_read_and_nothing_changed(
    settings: Settings, owner: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locking, "WAIT", 0.1)
    assert owner.stdin is not None
    assert owner.stdout is not None

    async def beside() -> None:
        assert owner.stdin is not None
        assert owner.stdout is not None
        desk = open_desk(settings, purpose="footnote ask")
        try:
            answer = await desk.ask(about(3))
            assert "Town003" in answer.sentences[0].text
            hits = await desk.search("Town005", 3)
            assert hits[0].card.id == "town-005.md"
            assert len(await desk.articles()) == (await desk.status()).articles == 8
            assert (await desk.article("town-001.md")).title == "Town001 mends its bridge"
            near = {card.id for card in await desk.related("town-001.md")}
            assert near < {f"town-{number:03}.md" for number in range(8)} - {"town-001.md"}
            for change in (desk.refresh(RefreshOptions()), desk.remove("town-001.md"), desk.undo()):
                with pytest.raises(IndexBusy, match="'footnote run'"):
                    await change
            towns(settings.corpus, [77])
            owner.stdin.write("\n")
            owner.stdin.flush()
            assert await asyncio.to_thread(owner.stdout.readline) == "refreshed\n"
            assert "Town077" in (await desk.ask(about(77))).sentences[0].text
        finally:
            await desk.close()

    asyncio.run(beside())


def test_one_that_stays_takes_the_index_over(
    settings: Settings, owner: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from index import parts

    monkeypatch.setattr(parts, "RETRY", 0.0)

    async def after() -> None:
        desk = open_desk(settings, purpose="footnote chat")
        try:
            await desk.warm()
            assert "Town003" in (await desk.ask(about(3))).sentences[0].text
            owner.kill()
            owner.wait()
            assert "Town004" in (await desk.ask(about(4))).sentences[0].text
            while '"footnote chat"' not in (settings.data / "owner.json").read_text():
                await asyncio.sleep(0.05)
            await desk.refresh(RefreshOptions())
        finally:
            await desk.close()

    asyncio.run(after())


ASKS = """
import asyncio, sys
from pathlib import Path
from index import open_desk
from index.settings import Settings
from index.types import Question

async def main():
    desk = open_desk(Settings(corpus=Path(sys.argv[1]), data=Path(sys.argv[2])), purpose="footnote ask")
    answer = await desk.ask(Question("What was spoken of in Town003?", careful=0.0))
    await desk.close()
    return answer.sentences[0].text

print("Town003" in asyncio.run(main()), "chromadb" in sys.modules)
"""


def test_a_process_that_asks_once_does_without_chroma(settings: Settings) -> None:
    async def build() -> None:
        desk = open_desk(settings, purpose="tests")
        await desk.prepare(RefreshOptions())
        await desk.close()

    asyncio.run(build())
    command = [sys.executable, "-c", ASKS, str(settings.corpus), str(settings.data)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert said == "True False\n"

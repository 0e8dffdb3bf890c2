"""The desk: asked by several at once, while it refreshes, and closed at any time."""

from __future__ import annotations

import asyncio
import gc
import json
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from index import open_desk
from index.built import FINGERPRINT
from index.desk import Desk
from index.errors import IndexBusy, IndexMismatch, NothingToUndo, RefreshCancelled, UnknownArticle
from index.library import Library
from index.pausing import Pause
from index.reports import Progress, RefreshOptions
from index.settings import Settings
from index.types import Question
from tests.index.workshop import ROOT, town, towns
from tests.served import placed


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    towns(tmp_path / "corpus", range(12))
    return placed(Settings(corpus=tmp_path / "corpus", data=tmp_path / "data"))


def run(settings: Settings, work: Callable[[Desk], Coroutine[Any, Any, None]]) -> None:
    """Open a desk, build the index, work, close; a resource that is left open is an error."""

    async def all_of_it() -> None:
        desk = open_desk(settings, purpose="test")
        try:
            await desk.prepare(RefreshOptions())
            await work(desk)
        finally:
            await desk.close()

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        asyncio.run(all_of_it())
        gc.collect()


def about(number: int) -> Question:
    return Question(f"What was spoken of in Town{number:03}?", careful=0.0)


def test_several_ask_at_once(settings: Settings) -> None:
    async def work(desk: Desk) -> None:
        answers = await asyncio.gather(*(desk.ask(about(n % 12)) for n in range(36)))
        for n, answer in enumerate(answers):
            assert f"Town{n % 12:03}" in answer.sentences[0].text
        hits = await asyncio.gather(*(desk.search(f"Town{n:03}", 2) for n in range(12)))
        assert [found[0].card.id for found in hits] == [f"town-{n:03}.md" for n in range(12)]

    run(settings, work)


def test_built_once(settings: Settings) -> None:
    async def work(desk: Desk) -> None:
        assert await desk.prepare(RefreshOptions()) is None

    run(settings, work)
    run(settings, work)


class Halted:
    """A refresh that waits in its own thread, at a phase, until it is let go."""

    def __init__(self, desk: Desk, phase: str, **options: Any) -> None:
        self.there, self.go = threading.Event(), threading.Event()
        self._phase = phase
        self.task = asyncio.create_task(
            desk.refresh(RefreshOptions(on_progress=self._on_progress, **options))
        )

    def _on_progress(self, progress: Progress) -> None:
        if progress.phase == self._phase and not self.there.is_set():
            self.there.set()
            self.go.wait(60)

    async def reached(self) -> None:
        assert await asyncio.to_thread(self.there.wait, 60)


@pytest.mark.parametrize("rebuild", [False, True])
def test_asked_during_a_refresh_it_answers_from_the_old_state(settings: Settings, rebuild: bool) -> None:
    async def work(desk: Desk) -> None:
        (settings.corpus / "town-003.md").write_text(town(3, "tunnel"))
        (settings.corpus / "town-004.md").unlink()
        refresh = Halted(desk, "indexing", rebuild=rebuild)
        await refresh.reached()
        assert "bridge" in (await desk.ask(about(3))).sentences[0].text
        assert "Town004" in (await desk.ask(about(4))).sentences[0].text
        assert len(await desk.articles()) == (await desk.status()).articles == 12
        refresh.go.set()
        report = await refresh.task
        assert (report.changed, report.removed) == (("town-003.md",), ("town-004.md",))
        assert "tunnel" in (await desk.ask(about(3))).sentences[0].text
        assert len(await desk.articles()) == 11

    run(settings, work)


def test_asked_all_through_rebuilds(settings: Settings) -> None:
    async def work(desk: Desk) -> None:
        done = asyncio.Event()

        async def ask(number: int) -> int:
            asked = 0
            while not done.is_set():
                assert f"Town{number:03}" in (await desk.ask(about(number))).sentences[0].text
                await desk.status()
                asked += 1
            return asked

        people = [asyncio.create_task(ask(number)) for number in range(3)]
        for _ in range(3):
            await desk.refresh(RefreshOptions(rebuild=True))
        done.set()
        assert sum(await asyncio.gather(*people)) > 0

    run(settings, work)


def test_one_refresh_at_a_time(settings: Settings) -> None:
    async def work(desk: Desk) -> None:
        first = Halted(desk, "reading")
        await first.reached()
        with pytest.raises(IndexBusy, match="under way"):
            await desk.refresh(RefreshOptions())
        first.go.set()
        await first.task
        assert (await desk.refresh(RefreshOptions())).unchanged == 12

    run(settings, work)


def test_a_cancelled_refresh_stops(settings: Settings) -> None:
    async def work(desk: Desk) -> None:
        towns(settings.corpus, [20])
        refresh = Halted(desk, "embedding")
        await refresh.reached()
        refresh.task.cancel()
        await asyncio.sleep(0.05)
        assert not refresh.task.done()  # it waits for the thread, so that nothing runs on unseen
        refresh.go.set()
        with pytest.raises(asyncio.CancelledError):
            await refresh.task
        assert len(await desk.articles()) == 12
        assert (await desk.refresh(RefreshOptions())).added == ("town-020.md",)

    run(settings, work)


def test_close_waits_for_what_is_under_way(settings: Settings) -> None:
    async def work(desk: Desk) -> None:
        towns(settings.corpus, [20])
        refresh = Halted(desk, "embedding")
        await refresh.reached()
        asyncio.get_running_loop().call_later(0.1, refresh.go.set)
        await desk.close()
        assert (await refresh.task).added == ("town-020.md",)

    run(settings, work)


def test_an_index_of_another_folder(settings: Settings, tmp_path: Path) -> None:
    towns(tmp_path / "other", range(12))

    async def nothing(_: Desk) -> None: ...

    async def refused(desk: Desk) -> None:
        for asking in (desk.ask(about(1)), desk.search("Town"), desk.articles(), desk.status()):
            with pytest.raises(IndexMismatch, match=r"was built from .*corpus, not from .*other.*--data"):
                await asking
        assert [check.name for check in await desk.doctor()]

    run(settings, nothing)
    run(replace(settings, corpus=tmp_path / "other"), refused)


def test_another_passage_length_lets_the_old_index_answer_until_a_refresh_has_built_the_new_one(
    settings: Settings,
) -> None:
    (settings.corpus / "long.md").write_text("\n\n".join(town(number) for number in range(40, 60)))

    async def nothing(_: Desk) -> None: ...

    async def work(desk: Desk) -> None:
        before = await desk.status()
        assert before.due == "passage_tokens was 160, is 64"
        checks = {check.name: check for check in await desk.doctor()}
        assert not checks["settings"].ok
        assert "passage_tokens was 160, is 64" in checks["settings"].detail
        assert checks["settings"].mend == "Build it anew with: footnote refresh"
        assert "Town001" in (await desk.ask(about(1))).sentences[0].text
        assert await desk.related("town-001.md")
        refresh = Halted(desk, "indexing")
        await refresh.reached()
        assert "Town045" in (await desk.ask(about(45))).sentences[0].text
        assert (await desk.status()).passages == before.passages
        refresh.go.set()
        assert (await refresh.task).anew
        after = await desk.status()
        assert after.passages > before.passages
        assert after.due == ""
        assert "Town045" in (await desk.ask(about(45))).sentences[0].text
        assert [check.name for check in await desk.doctor() if not check.ok] == []

    run(settings, nothing)
    run(replace(settings, passage_tokens=64), work)


def test_an_article_is_added_as_the_index_was_built_while_a_rebuild_is_due(settings: Settings) -> None:
    async def nothing(_: Desk) -> None: ...

    async def work(desk: Desk) -> None:
        draft = await desk.draft_file("new.txt", town(70).encode())
        report = await desk.add(draft)
        assert (len(report.added), report.anew) == (1, False)
        assert "Town070" in (await desk.ask(about(70))).sentences[0].text
        assert (await desk.status()).due == "passage_tokens was 160, is 64"
        assert (await desk.remove(report.added[0])).removed == report.added
        assert (await desk.refresh(RefreshOptions())).anew

    run(settings, nothing)
    run(replace(settings, passage_tokens=64), work)


def test_another_model_is_refused_until_a_refresh_has_built_the_index_anew(settings: Settings) -> None:
    async def nothing(_: Desk) -> None: ...

    async def work(desk: Desk) -> None:
        with pytest.raises(
            IndexMismatch, match=r"model was another-model, is all-.*anew with: footnote refresh"
        ):
            await desk.ask(about(1))
        assert "model was another-model" in (await desk.status()).due
        assert len(await desk.articles()) == 12
        checks = {check.name: check for check in await desk.doctor()}
        assert "another model (embedding model was another-model" in checks["settings"].detail
        assert (await desk.refresh(RefreshOptions())).anew
        assert "Town001" in (await desk.ask(about(1))).sentences[0].text

    run(settings, nothing)
    library = Library(settings.data_folder / "library.db")
    with library.snapshot() as known:
        built = json.loads(known.meta(FINGERPRINT) or "")
    library.set_meta({FINGERPRINT: json.dumps(built | {"embedding model": "another-model"})})
    library.close()
    run(settings, work)


def test_a_refresh_that_is_held_ends_with_the_desk(settings: Settings) -> None:
    async def work(desk: Desk) -> None:
        towns(settings.corpus, [20])
        pause = Pause()
        pause.hold()
        still = threading.Event()

        def on_progress(progress: Progress) -> None:
            if progress.paused:
                still.set()

        refresh = asyncio.create_task(desk.refresh(RefreshOptions(on_progress=on_progress, pause=pause)))
        assert await asyncio.to_thread(still.wait, 60)
        assert "Town003" in (await desk.ask(about(3))).sentences[0].text
        with pytest.raises(IndexBusy, match="under way"):
            await desk.undo()
        await desk.close()
        with pytest.raises(RefreshCancelled):
            await refresh

    run(settings, work)


def test_the_changes_that_can_be_undone(settings: Settings) -> None:
    async def work(desk: Desk) -> None:
        with pytest.raises(NothingToUndo, match="first time"):
            await desk.generations()
        for number in (20, 21):
            towns(settings.corpus, [number])
            await desk.refresh(RefreshOptions())
        assert [(each.number, each.added) for each in await desk.generations()] == [(3, 1), (2, 1)]
        assert (await desk.undo()).taken_out == ("town-021.md",)
        assert (await desk.undo()).taken_out == ("town-020.md",)
        with pytest.raises(NothingToUndo, match="first time"):
            await desk.generations()

    run(settings, work)


def test_articles_and_what_is_known_of_the_index(settings: Settings) -> None:
    async def work(desk: Desk) -> None:
        assert "Town003" in (await desk.article("town-003.md")).text
        with pytest.raises(UnknownArticle, match=r"nowhere\.md.*footnote articles"):
            await desk.article("nowhere.md")
        status = await desk.status()
        assert (status.articles, status.passages, status.sources) == (12, 12, ())
        assert (status.newest, status.failed, status.generation) == (None, (), 1)
        assert status.bytes > 100_000
        checks = await desk.doctor()
        assert [check.name for check in checks if not check.ok] == []
        assert {"corpus", "model", "library", "vectors"} <= {check.name for check in checks}

    run(settings, work)


def test_without_a_change_neither_model_nor_chroma_loads(settings: Settings) -> None:
    code = """
import asyncio, sys
from pathlib import Path
from index import open_desk
from index.settings import Settings
from index.reports import RefreshOptions
async def main():
    settings = Settings(corpus=Path(sys.argv[1]), data=Path(sys.argv[2]), chroma_url=sys.argv[3])
    desk = open_desk(settings, purpose="test")
    await desk.prepare(RefreshOptions())
    report = await desk.refresh(RefreshOptions())
    await desk.articles(), await desk.status()
    await desk.close()
    heavy = ("chromadb", "onnxruntime", "tokenizers", "llama_index", "trafilatura", "dateparser", "discord")
    print(report.unchanged, [name for name in heavy if name in sys.modules])
asyncio.run(main())
"""

    async def nothing(_: Desk) -> None: ...

    run(settings, nothing)
    done = subprocess.run(
        [sys.executable, "-c", code, str(settings.corpus), str(settings.data), settings.chroma_url],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "12 []"

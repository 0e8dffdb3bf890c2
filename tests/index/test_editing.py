"""Adding, removing, undoing through the desk: folder and index go together, one change at a time."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from index import building, open_desk
from index.desk import Desk
from index.errors import IndexBusy, NothingToUndo, RefreshCancelled, UnknownArticle
from index.library import Library
from index.reports import Progress, RefreshOptions
from index.settings import Settings
from index.types import Question
from tests.index.workshop import town, towns
from tests.served import placed


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    towns(tmp_path / "corpus", range(12))
    return placed(Settings(corpus=tmp_path / "corpus", data=tmp_path / "data"))


def run(settings: Settings, work: Callable[[Desk], Coroutine[Any, Any, None]]) -> None:
    """Open a desk, build the index, work, close."""

    async def all_of_it() -> None:
        desk = open_desk(settings, purpose="test")
        try:
            await desk.prepare(RefreshOptions())
            await work(desk)
        finally:
            await desk.close()

    asyncio.run(all_of_it())


def files(settings: Settings) -> set[str]:
    return {str(file.relative_to(settings.corpus)) for file in settings.corpus.rglob("*") if file.is_file()}


def halted(
    desk: Desk, phase: str, *, at: int = 0
) -> tuple[asyncio.Task[Any], threading.Event, threading.Event]:
    """A refresh that waits in its own thread once it is so far; whether it is, and what lets it go on."""
    there, go = threading.Event(), threading.Event()

    def on_progress(progress: Progress) -> None:
        if progress.phase == phase and progress.done >= at and not there.is_set():
            there.set()
            go.wait(60)

    return asyncio.create_task(desk.refresh(RefreshOptions(on_progress=on_progress))), there, go


def question(number: int) -> Question:
    return Question(f"What was spoken of in Town{number:03}?", careful=0.0)


def test_a_draft_is_added_indexed_removed_and_undone(settings: Settings) -> None:
    async def work(desk: Desk) -> None:
        draft = await desk.draft_file("news.txt", town(50).encode())
        report = await desk.add(draft)
        assert report.added == (draft.name,)
        assert draft.name in files(settings)
        assert "Town050" in (await desk.ask(question(50))).sentences[0].text
        assert (await desk.undo()).taken_out == (draft.name,)
        assert len(await desk.articles()) == 12
        assert draft.name in files(settings)  # the folder still differs
        assert (await desk.refresh(RefreshOptions())).added == (draft.name,)
        assert (await desk.remove(draft.name)).removed == (draft.name,)
        assert draft.name not in files(settings)
        kept = list((settings.data_folder / "removed").rglob("*.txt"))
        assert [file.read_bytes() for file in kept] == [town(50).encode()]
        assert (await desk.undo()).restored == (draft.name,)
        assert (await desk.article(draft.name)).text.startswith("The ")
        assert (await desk.undo()).taken_out == (draft.name,)
        with pytest.raises(NothingToUndo):
            await desk.undo()
        with pytest.raises(UnknownArticle):
            await desk.remove("nowhere.md")

    run(settings, work)


def test_other_changes_of_the_folder_wait_for_a_refresh(settings: Settings) -> None:
    async def work(desk: Desk) -> None:
        towns(settings.corpus, [20])
        (settings.corpus / "town-003.md").unlink()
        draft = await desk.draft_file("news.txt", town(50).encode())
        assert (await desk.add(draft)).added == (draft.name,)
        assert (await desk.remove("town-004.md")).removed == ("town-004.md",)
        assert {"town-003.md"} <= {card.id for card in await desk.articles()}
        report = await desk.refresh(RefreshOptions())
        assert (report.added, report.removed) == (("town-020.md",), ("town-003.md",))

    run(settings, work)


def test_while_the_index_changes_nothing_is_written_to_the_folder(settings: Settings) -> None:
    async def work(desk: Desk) -> None:
        draft = await desk.draft_file("news.txt", town(50).encode())
        before = files(settings)
        refresh, there, go = halted(desk, "reading")
        assert await asyncio.to_thread(there.wait, 60)
        for change in (desk.add(draft), desk.remove("town-003.md"), desk.undo()):
            with pytest.raises(IndexBusy, match="Wait"):
                await change
        assert files(settings) == before
        go.set()
        await refresh

    run(settings, work)


@pytest.mark.parametrize("failure", [RefreshCancelled("Stopped."), OSError("Disk full.")])
def test_where_indexing_fails_the_file_is_taken_away_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    async def work(desk: Desk) -> None:
        draft = await desk.draft_file("news.txt", town(50).encode())
        before = files(settings)

        def fail(*_: object, **__: object) -> None:
            raise failure

        with monkeypatch.context() as patch:
            patch.setattr(Library, "add_vectors", fail)
            with pytest.raises(type(failure)):
                await desk.add(draft)
        assert files(settings) == before
        assert len(await desk.articles()) == 12
        assert (await desk.add(draft)).added == (draft.name,)

    run(settings, work)


def test_completions_do_not_wait_for_questions(settings: Settings) -> None:
    """All threads for questions are taken; looking up goes on in others."""

    async def work(desk: Desk) -> None:
        citation = (await desk.ask(question(3))).citations[0]
        free = threading.Event()
        waiting = [asyncio.ensure_future(desk._threads.answer(lambda: free.wait(60))) for _ in range(8)]  # type: ignore[attr-defined]  # the real desk's
        assert [card.id for card in await desk.titles("town003")] == ["town-003.md"]
        assert list(await desk.outlets("")) == []
        assert len(await desk.articles()) == (await desk.status()).articles == 12
        assert "Town003" in (await desk.article("town-003.md")).title
        assert await desk.context(citation) is not None
        free.set()
        await asyncio.gather(*waiting)

    run(settings, work)


@pytest.mark.parametrize("phase", ["reading", "embedding", "indexing"])
def test_closing_ends_a_refresh_that_is_cancelled(settings: Settings, phase: str) -> None:
    async def work(desk: Desk) -> None:
        towns(settings.corpus, range(20, 40))
        refresh, there, go = halted(desk, phase)
        assert await asyncio.to_thread(there.wait, 60)
        refresh.cancel()
        closing = asyncio.create_task(desk.close())
        await asyncio.sleep(0)
        go.set()
        with pytest.raises(asyncio.CancelledError):
            await refresh
        await closing

    async def unchanged(desk: Desk) -> None:
        assert len(await desk.articles()) == 12

    run(settings, work)
    run(settings, unchanged)


def test_questions_go_on_while_a_large_change_is_made_elsewhere(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "FEW", 0)
    monkeypatch.setattr(building, "ROWS", 4)

    async def work(desk: Desk) -> None:
        (settings.corpus / "town-003.md").write_text(town(3, "tunnel"))
        towns(settings.corpus, range(20, 30))
        refresh, there, go = halted(desk, "indexing", at=4)
        assert await asyncio.to_thread(there.wait, 60)
        assert "bridge" in (await desk.ask(question(3))).sentences[0].text
        go.set()
        assert len((await refresh).added) == 10
        assert "tunnel" in (await desk.ask(question(3))).sentences[0].text
        assert [check.name for check in await desk.doctor() if not check.ok] == []

    run(settings, work)

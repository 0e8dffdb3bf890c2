"""A refresh that is stopped, or fails, at any point: readers keep the old state, the next one ends it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from index import building, refreshing
from index.errors import RefreshCancelled
from index.library import Library
from index.pausing import Pause
from index.reports import Cancel, Progress
from index.types import Filters
from index.vectors import VectorsBroken
from tests.index.workshop import Workshop, town, towns

COMMIT = 8
MANY = 2 * COMMIT + 3
"""Articles that need three batches."""


@pytest.fixture
def changed(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """An index of fourteen articles over a folder in which much has changed; batches are small."""
    monkeypatch.setattr(refreshing, "COMMIT", COMMIT)
    monkeypatch.setattr(type(workshop.store), "step", COMMIT)
    monkeypatch.setattr(building, "ROWS", COMMIT)
    for number in range(14):
        workshop.write(f"town-{number:03}.md", town(number), title="News", source="LRT")
    workshop.refresh()
    for number in range(10):  # other outlets: the same passages with other values to filter by
        workshop.write(f"town-{number:03}.md", town(number), title="News", source="Newsmax")
    for number in (10, 11):
        (workshop.corpus / f"town-{number:03}.md").unlink()
    towns(workshop.corpus, range(100, 100 + MANY))
    towns(workshop.corpus, [12], "tunnel")
    workshop.embedded()
    return workshop


def state(workshop: Workshop) -> object:
    """All that a reader sees: the library, and the vector index with what it filters by."""
    with workshop.library.snapshot() as known:
        read = known.digests(), known.entries(), known.files(), known.meta("generation")
        passages = known.passage_ids(known.digests())
    inside = workshop.store.opened()._rows.get(passages)
    return read, dict(zip(inside["ids"], [dict(m) for m in inside["metadatas"] or []], strict=True))


POINTS = [
    ("reading", 0),
    ("reading", 9),
    ("reading", 31),
    ("embedding", 0),
    ("embedding", COMMIT),
    ("embedding", 2 * COMMIT),
    ("embedding", MANY + 1),
    ("indexing", 0),
    ("indexing", COMMIT),
    ("indexing", 2 * COMMIT),
]


@pytest.mark.parametrize("point", POINTS, ids=[f"{phase} {done}" for phase, done in POINTS])
def test_a_refresh_is_stopped(changed: Workshop, point: tuple[str, int]) -> None:
    stopped(changed, point)


@pytest.mark.parametrize("done", [COMMIT, 2 * COMMIT])
def test_a_large_refresh_is_stopped(changed: Workshop, monkeypatch: pytest.MonkeyPatch, done: int) -> None:
    """It changes a copy, in a process of its own."""
    monkeypatch.setattr(building, "FEW", 0)
    stopped(changed, ("indexing", done))
    assert len(changed.indexes()) == 1


def stopped(changed: Workshop, point: tuple[str, int]) -> None:
    """Stop a refresh at a point, look at what is left, and let the next one end it."""
    before = state(changed)
    cancel = Cancel()

    def on_progress(progress: Progress) -> None:
        if (progress.phase, progress.done) >= point and progress.phase == point[0]:
            cancel.set()

    with pytest.raises(RefreshCancelled, match="Nothing changed"):
        changed.refresh(cancel, on_progress=on_progress)
    assert state(changed) == before
    changed.whole()
    assert changed.ask("What was spoken of in Town012?", Filters(source="LRT")).citations
    with changed.library.snapshot() as known:
        kept = known.count("vectors") - known.count("passages")
    changed.embedded()
    report = changed.refresh()
    assert (len(report.added), len(report.changed), len(report.removed)) == (MANY, 11, 2)
    assert report.embedded == len(changed.embedded()) == MANY + 1 - kept
    assert (point[0] == "reading") or (point == ("embedding", 0)) or kept > 0
    changed.whole()


class Held:
    """A refresh in a thread of its own that is held at a point; leaving the block lets it go on."""

    def __init__(self, changed: Workshop, point: tuple[str, int], **options: Any) -> None:
        self.pause, self.cancel, self.still = Pause(), Cancel(), threading.Event()
        self.seen: list[Progress] = []
        self._point = point
        self._pool = ThreadPoolExecutor(1)
        self.done = self._pool.submit(
            changed.refresh, self.cancel, on_progress=self._on_progress, pause=self.pause, **options
        )

    def __enter__(self) -> Held:
        assert self.still.wait(60)
        return self

    def __exit__(self, *_: object) -> None:
        self.pause.go_on()
        self._pool.shutdown()

    def _on_progress(self, progress: Progress) -> None:
        self.seen.append(progress)
        if progress.paused:
            self.still.set()
        elif progress.phase == self._point[0] and progress.done >= self._point[1] and not self.still.is_set():
            self.pause.hold()


HOLDS = [*POINTS[:6], *POINTS[7:9]]
"""The others are the end of their phase: it is held in the next one."""


@pytest.mark.parametrize("few", [0, 200], ids=["on a copy", "in place"])
@pytest.mark.parametrize("point", HOLDS, ids=[f"{phase} {done}" for phase, done in HOLDS])
def test_a_refresh_is_held_and_goes_on(
    changed: Workshop, monkeypatch: pytest.MonkeyPatch, point: tuple[str, int], few: int
) -> None:
    monkeypatch.setattr(building, "FEW", few)
    with Held(changed, point) as held:
        last = held.seen[-1]
        assert last.paused
        assert last.phase == point[0]
        assert changed.ask("What was spoken of in Town012?", Filters(source="LRT")).citations
        assert "bridge" in changed.ask("What was spoken of in Town013?").sentences[0].text
        assert not [thread for thread in threading.enumerate() if thread.name.startswith("embed")]
        with changed.library.snapshot() as known:
            assert known.meta("generation") == "1"
        # Nothing is locked and no transaction open: somebody else can write.
        changed.library.set_meta({"note": "written meanwhile"})
        assert held.seen[-1] is last
        held.pause.go_on()
        report = held.done.result(60)
    assert (len(report.added), len(report.changed), len(report.removed)) == (MANY, 11, 2)
    assert report.embedded == len(set(changed.embedded())) == MANY + 1
    assert not held.seen[-1].paused
    changed.whole()


@pytest.mark.parametrize("point", [("reading", 9), ("embedding", COMMIT), ("indexing", COMMIT)])
def test_a_refresh_that_is_held_is_stopped(changed: Workshop, point: tuple[str, int]) -> None:
    before = state(changed)
    with Held(changed, point) as held:
        held.cancel.set()
        with pytest.raises(RefreshCancelled, match="Nothing changed"):
            held.done.result(60)
    assert state(changed) == before
    with changed.library.snapshot() as known:
        kept = known.count("vectors") - known.count("passages")
    changed.embedded()
    assert changed.refresh().embedded == len(changed.embedded()) == MANY + 1 - kept
    changed.whole()


@pytest.mark.parametrize("only", [None, frozenset({"town-100.md"})], ids=["all", "one file"])
def test_other_passages_that_were_stopped_half_way_are_not_made_twice(
    changed: Workshop, only: frozenset[str] | None
) -> None:
    """Whatever is changed in between, with the passages of the old settings."""
    changed.refresh()
    changed.reopen(passage_tokens=64)
    changed.write("long.md", "\n\n".join(town(number) for number in range(40, 70)))
    cancel = Cancel()

    def on_progress(progress: Progress) -> None:
        if progress.phase == "embedding" and progress.done >= COMMIT:
            cancel.set()

    before = vectors(changed)
    with pytest.raises(RefreshCancelled):
        changed.refresh(cancel, on_progress=on_progress)
    kept = vectors(changed) - before
    assert kept >= COMMIT
    changed.reopen()
    changed.whole()
    if only is not None:
        (changed.corpus / "town-100.md").unlink()
        assert changed.refresh(only=only).removed == ("town-100.md",)
    changed.reopen(passage_tokens=64)
    changed.embedded()
    report = changed.refresh()
    assert report.anew
    assert report.embedded == len(changed.embedded())
    with changed.library.snapshot() as known:  # the one article that is long enough to be cut otherwise
        assert report.embedded + kept == len(known.passage_ids(["long.md"]))
    changed.whole()


def vectors(workshop: Workshop) -> int:
    with workshop.library.snapshot() as known:
        return known.count("vectors")


class _FailureError(Exception):
    """Something that nobody expects."""


def failing(calls: Callable[..., Any], after: bool) -> Callable[..., Any]:
    def fail(*args: Any, **named: Any) -> Any:
        if after:
            calls(*args, **named)
        raise _FailureError

    return fail


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", ["add_vectors", "switch", "collect"])
@pytest.mark.parametrize("rebuild", [False, True], ids=["refresh", "rebuild"])
def test_a_step_fails(
    changed: Workshop, monkeypatch: pytest.MonkeyPatch, step: str, after: bool, rebuild: bool
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Library, step, failing(getattr(Library, step), after))
        with pytest.raises(_FailureError):
            changed.refresh(rebuild=rebuild)
    first = changed.embedded()
    changed.whole()
    switched = step == "collect" or (step == "switch" and after)
    assert ("town-100.md" in changed.digests()) == switched
    report = changed.refresh()
    assert changed.digests().keys() == {
        f"town-{n:03}.md" for n in [*range(10), 12, 13, *range(100, 100 + MANY)]
    }
    assert len(report.added) == (0 if switched else MANY)
    changed.whole()
    again = changed.embedded()
    if step != "add_vectors":
        assert again == []
    assert max(Counter(first).values()) == 1


@pytest.mark.parametrize("rebuild", [False, True], ids=["refresh", "rebuild"])
def test_neither_the_copy_nor_the_filling_succeeds(
    ten: Workshop, monkeypatch: pytest.MonkeyPatch, rebuild: bool
) -> None:
    """Library and vector index then hold as many passages, but not the same."""
    towns(ten.corpus, [3], "tunnel")
    monkeypatch.setattr(building, "FEW", 0)

    def broken(*_: Any) -> Any:
        raise VectorsBroken("no process")

    with monkeypatch.context() as patch:
        patch.setattr(building.Builder, "finish", broken)
        patch.setattr(type(ten.store), "fill", failing(ten.store.fill, False))
        with pytest.raises(_FailureError):
            ten.refresh(rebuild=rebuild)
    ten.close()
    ten.open()
    ten.whole()


def test_on_progress_tells_all(ten: Workshop) -> None:
    towns(ten.corpus, range(100, 100 + MANY))
    seen: list[Progress] = []
    ten.refresh(on_progress=seen.append)
    assert list(dict.fromkeys(progress.phase for progress in seen)) == ["reading", "embedding", "indexing"]
    assert all(0 <= progress.done <= progress.total for progress in seen)
    ends = {progress.phase: progress for progress in seen}
    assert ends["embedding"] == Progress("embedding", MANY, MANY)

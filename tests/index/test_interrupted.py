"""A refresh that is stopped, or fails, at any point: readers keep the old state, the next one ends it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from index import building, refreshing
from index.errors import RefreshCancelled
from index.library import Library
from index.types import Cancel, Filters, Progress
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


def test_filling_fails_in_a_rebuild(ten: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Library and vector index then hold as many passages, but not the same."""
    towns(ten.corpus, [3], "tunnel")
    with monkeypatch.context() as patch:
        patch.setattr(type(ten.store), "fill", failing(ten.store.fill, False))
        with pytest.raises(_FailureError):
            ten.refresh(rebuild=True)
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

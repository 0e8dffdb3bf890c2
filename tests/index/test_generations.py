"""A question ends on the generation on which it began, whatever becomes of the index meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from index import answering, building
from index.collection import Vectors
from index.retrieval import Retriever, Scored
from index.settings import Settings
from index.store import FOLDER
from index.types import Answer, Filters, Question
from index.undoing import undo
from index.vectors import VectorIndex
from tests.index.workshop import READER, Workshop, town, towns

ASKED = "What was spoken of in Town003?"


def edited(workshop: Workshop) -> None:
    towns(workshop.corpus, [3], "tunnel")
    (workshop.corpus / "town-004.md").unlink(missing_ok=True)
    towns(workshop.corpus, range(100, 104))


def refreshed(workshop: Workshop) -> None:
    edited(workshop)
    workshop.refresh()


def rebuilt(workshop: Workshop) -> None:
    edited(workshop)
    workshop.refresh(rebuild=True)


def cut_otherwise(workshop: Workshop) -> None:
    workshop.settings = Settings(corpus=workshop.corpus, data=workshop.data, passage_tokens=64)
    assert workshop.refresh().anew


def undone(workshop: Workshop) -> None:
    undo(workshop.library, workshop.store)


def filled(workshop: Workshop) -> None:
    workshop.store.fill("test")


CHANGES: dict[str, tuple[Callable[[Workshop], None], int]] = {
    "a refresh in place": (refreshed, 200),
    "a refresh on a copy": (refreshed, 0),
    "a rebuild": (rebuilt, 200),
    "another passage length": (cut_otherwise, 200),
    "an undo in place": (undone, 200),
    "an undo on a copy": (undone, 0),
    "a repair": (filled, 200),
}


class Held:
    """Searches of the vector index that are held once, at one of three points."""

    def __init__(self, workshop: Workshop, monkeypatch: pytest.MonkeyPatch, point: str) -> None:
        self.there, self.go = threading.Event(), threading.Event()
        search, inside = workshop.store._searched, VectorIndex.nearest

        def searched(*args: Any, **named: Any) -> Any:
            if point == "before the search":
                self.wait()
            found = search(*args, **named)
            if point == "after the search":
                self.wait()
            return found

        def within(*args: Any, **named: Any) -> Any:
            if point == "with the old index in hand":
                self.wait()
            return inside(*args, **named)

        monkeypatch.setattr(workshop.store, "_searched", searched)
        monkeypatch.setattr(Vectors, "nearest", within)

    def wait(self) -> None:
        if not self.there.is_set():
            self.there.set()
            assert self.go.wait(60)


@pytest.fixture
def long(ten: Workshop) -> Workshop:
    """With an article that other passage lengths cut otherwise, and a change that can be undone."""
    ten.write("long.md", "\n\n".join(town(number) for number in range(40, 60)))
    ten.write("town-003.md", town(3, "harbour"), title="Town003 mends its harbour")
    ten.refresh()
    ten.store.opened()
    return ten


def asked(workshop: Workshop) -> tuple[Answer, list[Scored], list[str]]:
    """An answer, all that was searched through for it, and what is related: on one snapshot."""
    question = answering.checked(Question(ASKED, Filters(), date(2022, 3, 25), 0.0))
    with workshop.library.snapshot() as known:
        retriever = Retriever(known, workshop.near, workshop.embedder, READER)
        _, ranked = retriever.search(ASKED, Filters())
        answer = answering.answer(question, known, retriever, workshop.settings)
        lengths = [found.passage.text for _, found in retriever.found(ranked)]
    return replace(answer, seconds=0.0), ranked, lengths


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
@pytest.mark.parametrize("point", ["before the search", "with the old index in hand", "after the search"])
def test_a_question_that_is_held_ends_as_it_began(
    long: Workshop,
    monkeypatch: pytest.MonkeyPatch,
    point: str,
    change: tuple[Callable[[Workshop], None], int],
) -> None:
    make, few = change
    before = asked(long)
    assert len(before[1]) > 10
    monkeypatch.setattr(building, "FEW", few)
    held = Held(long, monkeypatch, point)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(asked, long)
        assert held.there.wait(60)
        make(long)
        with long.library.snapshot() as known:
            folder = known.meta(FOLDER)
        held.go.set()
        assert answer.result(60) == before
    with long.library.snapshot() as known:
        assert known.meta(FOLDER) == folder, "it was repaired, and nothing was broken"
    long.whole()
    after = asked(long)
    assert (after == before) == (make is filled)
    assert {scored.id for scored in after[1]} == set(passages(long))


def passages(workshop: Workshop) -> Iterator[str]:
    with workshop.library.snapshot() as known:
        yield from known.passage_ids(known.digests())


def test_a_question_between_the_switch_and_the_opening_of_the_new_index(
    long: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library names the new one already, the old one is still open."""
    edited(long)
    switch, seen = long.library.switch, []

    def switched(**named: Any) -> None:
        switch(**named)
        seen.append(asked(long))

    monkeypatch.setattr(long.library, "switch", switched)
    long.refresh(rebuild=True)
    assert seen == [asked(long)]
    assert "tunnel" in seen[0][0].sentences[0].text
    long.whole()


def test_people_ask_all_through_changes(long: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each answer is wholly of one generation; no search fails, and none repairs what is sound."""
    monkeypatch.setattr(building, "FEW", 0)
    states = [asked(long)]
    edited(long)
    long.refresh()
    states.append(asked(long))
    fills: list[str] = []
    fill = long.store.fill
    monkeypatch.setattr(long.store, "fill", lambda why, *rest: (fills.append(why), fill(why, *rest)))
    over = threading.Event()

    def ask() -> int:
        count = 0
        while not over.is_set():
            assert asked(long) in states
            count += 1
        return count

    with ThreadPoolExecutor(3) as pool:
        people = [pool.submit(ask) for _ in range(3)]
        try:
            for _ in range(2):
                undo(long.library, long.store)
                long.refresh(rebuild=True)
                undo(long.library, long.store)
                long.refresh()
        finally:
            over.set()
        assert all(person.result(60) for person in people)
    assert fills == []
    long.whole()

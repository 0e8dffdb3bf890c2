"""What the faults have in common: an index of sixty towns, and what must be true of it afterwards."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import pytest

from index.reports import Check
from index.service import IndexDesk
from tests.index.faults.kills import Process, dying
from tests.index.workshop import CountingEmbedder, Desk, Workshop, copied, town, towns

T = TypeVar("T")

TOWNS = 60
MORE = int(os.environ.get("FOOTNOTE_KILLS", "12")) > 12
"""Whether more was asked for than what every run does."""
LONG = "long.md"
"""An article of many passages, so that a row of the library takes several pages."""


@pytest.fixture(scope="session")
def _sixty(tmp_path_factory: pytest.TempPathFactory, model: CountingEmbedder) -> Path:
    folder = tmp_path_factory.mktemp("sixty")
    built = Workshop(folder / "corpus", folder / "data", model)
    towns(built.corpus, range(TOWNS))
    built.write(LONG, "\n\n".join(town(number) for number in range(500, 530)), title="Thirty towns")
    built.refresh()
    built.close()
    return folder


@pytest.fixture
def sixty(_sixty: Path, tmp_path: Path, make_workshop: Callable[..., Workshop]) -> Workshop:
    """An index that is closed: a copy of its own for each test."""
    workshop = copied(_sixty, tmp_path, make_workshop)
    workshop.close()
    workshop.embedded()
    return workshop


@pytest.fixture(scope="session")
def process() -> Iterator[Process]:
    """The process whose children do what may kill, block or strip of rights whoever does it."""
    with dying() as process:
        yield process


@pytest.fixture
def child(sixty: Workshop, process: Process) -> Callable[..., list[str]]:
    """Follow some steps in a child, on a copy of the index of its own; what each of them gave."""

    def call(*steps: Sequence[object], **order: object) -> list[str]:
        out = sixty.data.parent / "out.json"
        process.order(steps=steps, corpus=str(sixty.corpus), data=str(sixty.data), out=str(out), **order)
        return json.loads(out.read_text())

    return call


@pytest.fixture
def doctor(sixty: Workshop) -> Callable[..., dict[str, Check]]:
    """The doctor as the command calls it, in a desk of its own that has the loaded model."""

    def call(*, repair: bool = False) -> dict[str, Check]:
        desk = Desk(sixty.settings)
        assert isinstance(desk.desk, IndexDesk)
        own, desk.desk._parts.models.now = desk.desk._parts.models.now, sixty.embedder
        try:
            checks: Sequence[Check] = desk(desk.desk.doctor, repair=repair)
        finally:
            desk.desk._parts.models.now = own  # closing it would unload the one that all tests share
            desk.close()
        return {check.name: check for check in checks}

    return call


def few(cases: dict[str, T], step: int) -> dict[str, T]:
    """The first of each so many cases, or all where more was asked for."""
    return dict(list(cases.items())[:: 1 if MORE else step])


def bad(checks: dict[str, Check]) -> list[str]:
    return [check.name for check in checks.values() if not check.ok]


def library_of(workshop: Workshop) -> Path:
    return workshop.data / "library.db"


def sound(workshop: Workshop) -> None:
    """Assert that the closed index has every article of the folder once, and answers. Opens it."""
    workshop.open()
    assert set(workshop.digests()) == {file.name for file in workshop.corpus.glob("[!.]*.md")}
    workshop.whole()
    assert "Town007" in workshop.ask("What was spoken of in Town007?").sentences[0].text
    workshop.close()

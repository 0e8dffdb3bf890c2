"""Exact search over the library's own vectors: in step with the library whatever happens to its files."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from index import matrix
from index.library import Library
from index.matrix import Matrix
from index.neighbours import Neighbours
from index.snapshot import Snapshot
from index.store import VectorStore
from index.types import Filters
from tests.index.workshop import ROOT, Workshop, towns, write

EVERYTHING = [
    Filters(),
    Filters(source="lrt"),
    Filters(source="Nobody"),
    Filters(after=date(2022, 3, 5)),
    Filters(source="LRT", before=date(2022, 3, 6)),
]


def alone(workshop: Workshop) -> Neighbours:
    """As a process that has no vector index open."""
    return Neighbours(workshop.library, VectorStore(workshop.library, workshop.data), workshop.data)


def by_hand(known: Snapshot, vector: np.ndarray, filters: Filters) -> list[str]:
    rows = {row[0]: row[1] for batch in known.vectors() for row in batch}
    articles = {card.id for card in known.cards(filters)}
    passing = [p for article in articles for p in known.passage_ids([article])]
    return sorted(passing, key=lambda id_: (-float(rows[id_] @ vector), id_))


def agrees(workshop: Workshop, near: Neighbours) -> None:
    vector = workshop.embedder.question("Who spoke of a bridge by the sea?")
    with workshop.library.snapshot() as known:
        for filters in EVERYTHING:
            wanted = by_hand(known, vector, filters)
            assert [id_ for id_, _ in near.nearest(known, vector, 100, filters)] == wanted
            assert [id_ for id_, _ in near.nearest(known, vector, 3, filters)] == wanted[:3]


@pytest.fixture
def dated(workshop: Workshop) -> Workshop:
    towns(workshop.corpus, range(12))
    for number in range(12):
        file = workshop.corpus / f"town-{number:03}.md"
        text = file.read_text().split("---\n", 2)[2]
        source = ("LRT", "Newsmax", "")[number % 3]
        write(file, text, title=f"Town{number:03}", source=source, published=f"2022-03-{number + 1:02}")
    workshop.refresh()
    return workshop


def test_it_finds_exactly_the_nearest_with_and_without_filters(dated: Workshop) -> None:
    agrees(dated, alone(dated))


def test_it_follows_what_is_added_changed_removed_and_undone(dated: Workshop) -> None:
    near = alone(dated)
    agrees(dated, near)
    (dated.corpus / "town-011.md").unlink()  # the last one: its number must not be given again
    write(
        dated.corpus / "town-011.md", "A ferry by the sea was closed.", source="LRT", published="2022-03-09"
    )
    dated.refresh()
    agrees(dated, near)
    (dated.corpus / "town-003.md").unlink()
    dated.refresh()
    agrees(dated, near)
    from index.undoing import undo

    undo(dated.library, dated.store)
    agrees(dated, near)
    agrees(dated, alone(dated))


def test_a_reader_on_an_older_generation_finds_what_it_had(dated: Workshop) -> None:
    near = alone(dated)
    vector = dated.embedder.question("bridge")
    with dated.library.snapshot() as before:
        towns(dated.corpus, range(20, 25))
        (dated.corpus / "town-003.md").unlink()
        dated.refresh()
        agrees(dated, near)
        found = [id_ for id_, _ in near.nearest(before, vector, 100)]
        assert found == by_hand(before, vector, Filters())


@pytest.mark.parametrize("name", ["vectors", "days", "sources", "numbers"])
@pytest.mark.parametrize("cut", [1, 3, 4, 100])
def test_a_writer_that_was_killed_leaves_a_part_of_a_row(dated: Workshop, name: str, cut: int) -> None:
    agrees(dated, alone(dated))
    (folder,) = dated.data.glob("matrix-*-*")
    file = folder / name
    with file.open("ab") as stream:
        stream.write(b"\x07" * cut)
    towns(dated.corpus, range(30, 33))
    dated.refresh()
    agrees(dated, alone(dated))


@pytest.mark.parametrize("name", ["vectors", "days", "sources", "numbers"])
def test_files_that_are_cut_short_or_gone_are_written_again(dated: Workshop, name: str) -> None:
    agrees(dated, alone(dated))
    (folder,) = dated.data.glob("matrix-*-*")
    file = folder / name
    file.write_bytes(file.read_bytes()[:17])
    agrees(dated, alone(dated))
    file.unlink()
    agrees(dated, alone(dated))
    assert file.stat().st_size > 17


def test_where_nothing_can_be_written_it_is_kept_in_memory(dated: Workshop) -> None:
    with dated.library.snapshot() as known:
        name = f"matrix-{known.matrix()}-{known.dimensions()}"
    (dated.data / name).write_text("in the way of the folder")
    agrees(dated, alone(dated))


def test_dead_rows_do_not_pile_up(dated: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matrix, "BATCH", 8)
    columns = Matrix(dated.library, dated.data)
    for word in ("tunnel", "tower", "harbour", "station"):
        towns(dated.corpus, range(12), word)
        dated.refresh()
        columns.follow()
        with dated.library.snapshot() as known:
            assert len(columns.rows(known)) <= 2 * known.count("passages") + 8
        agrees(dated, alone(dated))
    assert len(list(dated.data.glob("matrix-*-*"))) == 1


EXTENDS = """
import sys
from pathlib import Path
from index.library import Library
from index.matrix import Matrix
data = Path(sys.argv[1])
library = Library(data / "library.db")
with library.snapshot() as known:
    print(len(Matrix(library, data).rows(known)))
"""


def test_several_processes_extend_it_at_once(dated: Workshop) -> None:
    command = [sys.executable, "-c", EXTENDS, str(dated.data)]
    started = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) for _ in range(4)]
    assert {process.communicate()[0] for process in started} == {b"12\n"}
    (folder,) = dated.data.glob("matrix-*-*")
    assert (folder / "numbers").stat().st_size == 12 * 8
    agrees(dated, alone(dated))


def test_an_empty_library_has_no_nearest(tmp_path: Path) -> None:
    library = Library(tmp_path / "library.db")
    near = Neighbours(library, VectorStore(library, tmp_path), tmp_path)
    with library.snapshot() as known:
        assert near.nearest(known, np.ones(384, dtype=np.float32), 5) == []
        assert near.nearest(known, np.ones(384, dtype=np.float32), 5, Filters(source="LRT")) == []
    library.close()

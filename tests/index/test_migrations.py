"""What every earlier Footnote left behind is opened by this one: nothing is lost, nothing embedded again."""

from __future__ import annotations

import gzip
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from index import schema
from index.archive import LIBRARY
from index.backup import Backup
from index.errors import IndexMismatch, NothingToUndo
from index.library import Library
from index.moves import BackupOptions, RestoreOptions
from index.reports import Cancel
from index.restoring import Restore
from index.undoing import undo
from tests.index.workshop import ROOT, Workshop

RELEASED = ROOT / "tests" / "released"
VERSIONS = sorted(
    int(file.name[len("library-") :].partition(".")[0]) for file in RELEASED.glob("library-*.db.gz")
)
BRIDGE = """---
title: Alder mends its old bridge
source: Alder Post
published: 2021-05-04
url: https://alder.example/bridge
author: Ada Miller
---
The council of Alder spent {} million euros on the old stone bridge. The work took two summers.

Cyclists may use it from Monday.
"""
FIRST = {
    "bridge.md": BRIDGE.format("three"),
    "herring.md": """---
title: Herring is back in the bay
source: Coast Courier
published: 2021-06-11
---
Fishermen at Brill landed forty tonnes of herring in May. Ten years ago there was none.
""",
    "clocks.txt": (
        "The museum of clocks in Dorn shows ninety clocks from the age of sail. "
        "Its oldest one was built in 1612.\n"
    ),
}
SECOND = {
    "bridge.md": BRIDGE.format("four"),
    "herring.md": FIRST["herring.md"],
    "honey.md": """---
title: Beekeepers of Élan expect less honey
source: Coast Courier
published: 2021-07-02
---
The beekeepers of Élan expect nine tonnes of honey this year. Frost in April killed the blossom.
""",
}
"""The files, as they were read at the second refresh."""


@pytest.fixture(params=VERSIONS)
def released(request: pytest.FixtureRequest) -> int:
    """A version of the library's tables of which there is a file."""
    return int(request.param)


def put(workshop: Workshop, version: int) -> None:
    """The library of a version, with its corpus folder. Its vector index is gone, as after a move."""
    workshop.close()
    shutil.rmtree(workshop.data)
    workshop.data.mkdir()
    unpack(version, workshop.data / LIBRARY)
    with closing(sqlite3.connect(workshop.data / LIBRARY)) as connection:
        connection.execute(
            "UPDATE meta SET value = ? WHERE key = 'corpus'", (str(workshop.corpus.resolve()),)
        )
        connection.commit()
    for name, text in SECOND.items():
        (workshop.corpus / name).write_text(text, "utf-8")
    workshop.open()


def unpack(version: int, file: Path) -> None:
    file.write_bytes(gzip.decompress((RELEASED / f"library-{version}.db.gz").read_bytes()))
    with closing(sqlite3.connect(file)) as connection:
        assert schema.version(connection) == version


@pytest.fixture
def old(workshop: Workshop, released: int) -> Workshop:
    put(workshop, released)
    return workshop


def test_there_is_a_file_of_every_version_that_was_written() -> None:
    """A change of the tables needs a file of the version before: see tests/released/README.md."""
    assert {*VERSIONS, 2} >= set(range(1, schema.SCHEMA_VERSION))


def test_articles_and_passages_are_there(old: Workshop) -> None:
    with old.library.snapshot() as known:
        assert known.damage() == ""
        assert [card.id for card in known.cards()] == ["honey.md", "herring.md", "bridge.md"]
        bridge = known.known_article("bridge.md")
        assert (bridge.source, bridge.author, bridge.origin) == ("Alder Post", "Ada Miller", "bridge.md")
        assert "four million euros" in bridge.text
        assert known.digests()["bridge.md"] == bridge.digest
        found = known.found(known.passage_ids(["bridge.md"]))
        assert [bridge.text[each.passage.start : each.passage.end] for each in found] == [
            each.passage.text for each in found
        ]
        assert len(found[0].passage.sentences) == len(found[0].sentences) == 3
        assert known.sources() == [("Coast Courier", 2), ("Alder Post", 1)]


def test_they_are_found_by_words_by_meaning_and_by_headline(old: Workshop) -> None:
    with old.library.snapshot() as known:
        [passage] = known.passage_ids(["herring.md"])
        assert known.lexical("herring", 5)[0][0] == passage
        assert set(known.lexical_articles("herring", 5)) == {"herring.md"}
        assert [card.id for card in known.titles("elan", 5)] == ["honey.md"]
        assert known.outlets("coast", 5) == ["Coast Courier"]
    old.whole()
    near = old.store.nearest(old.embedder.question("fish caught at sea"), 1)
    assert near[0][0] == passage


def test_a_refresh_embeds_nothing_where_nothing_changed(old: Workshop) -> None:
    old.embedded()
    report = old.refresh()
    assert (report.unchanged, report.added, report.changed, report.removed) == (3, (), (), ())
    old.write("bread.md", "Bread rose by a tenth in Dorn.", title="Bread")
    report = old.refresh()
    assert (report.added, len(old.embedded())) == (("bread.md",), 1)
    old.whole()


def test_a_question_is_answered(old: Workshop) -> None:
    old.embedded()
    answer = old.ask("How much honey do the beekeepers of Élan expect?")
    assert "nine tonnes" in answer.sentences[0].text
    assert answer.citations[0].article.id == "honey.md"
    assert old.embedded() == []


def test_the_change_that_was_kept_can_be_undone(old: Workshop, released: int) -> None:
    old.embedded()
    if released < 2:
        with pytest.raises(NothingToUndo):
            undo(old.library, old.store)
        return
    done = undo(old.library, old.store)
    assert (set(done.restored), done.taken_out) == ({"bridge.md", "clocks.txt"}, ("honey.md",))
    with old.library.snapshot() as known:
        assert set(known.digests()) == {"bridge.md", "clocks.txt", "herring.md"}
        assert "three million euros" in known.known_article("bridge.md").text
        assert set(known.lexical_articles("clocks", 5)) == {"clocks.txt"}
        assert set(known.lexical_articles("three", 5)) == {"bridge.md"}
        assert [card.id for card in known.titles("museum", 5)] == ["clocks.txt"]
    assert old.ask("How many clocks does the museum show?").citations[0].article.id == "clocks.txt"
    assert old.embedded() == []
    old.whole()


def test_the_second_version_was_a_step_between(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    put(workshop, 1)
    workshop.close()
    unpack(1, workshop.data / LIBRARY)
    with closing(schema.connect(workshop.data / LIBRARY)) as connection:
        monkeypatch.setattr(schema, "STEPS", {2: schema.STEPS[2]})
        schema.create(connection)
        assert schema.version(connection) == 2
    monkeypatch.undo()
    workshop.open()
    with workshop.library.snapshot() as known:
        assert len(known.cards()) == 3
        assert set(known.lexical_articles("herring", 5)) == {"herring.md"}


def test_tables_are_as_those_of_a_new_file(old: Workshop, tmp_path: Path) -> None:
    """Whatever way a file has come, a next step finds the same."""

    def made(file: Path) -> set[tuple[str, str]]:
        with closing(sqlite3.connect(file)) as connection:
            rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
        return {(name, " ".join(sql.split())) for name, sql in rows}

    Library(tmp_path / "new.db").close()
    assert made(old.data / LIBRARY) == made(tmp_path / "new.db")


KILLED = """
import os, signal, sys
from pathlib import Path
from index import schema
from index.library import Library

run, left = schema.run, int(sys.argv[2])

def dying(connection, statements):
    global left
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
    left -= 1
    run(connection, statements)

schema.run = dying
Library(Path(sys.argv[1]))
"""


def tables(file: Path) -> tuple[int, list[str], int]:
    with closing(sqlite3.connect(file)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master ORDER BY name")]
        articles = connection.execute("SELECT count(*) FROM articles").fetchone()[0]
        return schema.version(connection), names, articles


def test_a_migration_that_is_killed_leaves_the_old_file(workshop: Workshop) -> None:
    """Before each of its steps in turn; after that it is made as if nothing had been."""
    put(workshop, 1)
    workshop.close()
    file = workshop.data / LIBRARY
    unpack(1, file)
    before = tables(file)
    for step in range(1, len(schema.STEPS)):
        command = [sys.executable, "-c", KILLED, str(file), str(step)]
        died = subprocess.run(command, cwd=ROOT, check=False)
        assert died.returncode == -signal.SIGKILL
        assert tables(file) == before
    workshop.open()
    with workshop.library.snapshot() as known:
        assert known.damage() == ""
        assert len(known.cards()) == 3


@pytest.mark.parametrize("step", sorted(schema.STEPS))
def test_a_migration_that_fails_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    file = tmp_path / LIBRARY
    unpack(1, file)
    before = tables(file)
    monkeypatch.setitem(schema.STEPS, step, f"{schema.STEPS[step]};\nSELECT nothing FROM nowhere;")
    with closing(schema.connect(file)) as connection, pytest.raises(sqlite3.OperationalError):
        schema.create(connection)
    assert tables(file) == before


def test_an_old_library_goes_into_a_backup_as_it_is_and_comes_back_as_a_new_one(
    workshop: Workshop, released: int, tmp_path: Path, make_workshop: Callable[..., Workshop]
) -> None:
    """So a backup made after an update, before the first question, can still go back."""
    put(workshop, released)
    workshop.close()
    unpack(released, workshop.data / LIBRARY)
    Backup(workshop.data, tmp_path / "old.zip", BackupOptions(), Cancel())()
    with closing(sqlite3.connect(workshop.data / LIBRARY)) as connection:
        assert schema.version(connection) == released
    workshop.open()
    other = make_workshop("elsewhere", "moved")
    other.close()
    Restore(tmp_path / "old.zip", other.settings, RestoreOptions(), Cancel())()
    with closing(sqlite3.connect(other.data / LIBRARY)) as connection:
        assert schema.version(connection) == schema.SCHEMA_VERSION
    other.open()
    other.embedded()
    assert other.ask("How much honey do the beekeepers of Élan expect?").citations
    assert other.embedded() == []


def test_a_newer_library_is_refused_and_stays_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / LIBRARY
    Library(file).close()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(f"PRAGMA user_version = {schema.SCHEMA_VERSION + 1}")
    before = file.read_bytes()
    with pytest.raises(IndexMismatch, match="Use the Footnote that built it"):
        Library(file)
    assert file.read_bytes() == before

"""An undo brings back what the last change replaced or removed, and takes out what it added."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from index import building, schema
from index.errors import NothingToUndo
from index.undoing import undo
from tests.index.workshop import Workshop, town, towns


def texts(workshop: Workshop) -> dict[str, str]:
    with workshop.library.snapshot() as known:
        return {card.id: known.known_article(card.id).text for card in known.cards()}


def change(workshop: Workshop) -> None:
    """One added, one changed, one removed."""
    workshop.write("town-100.md", town(100), title="News", source="LRT")
    towns(workshop.corpus, [3], "tunnel")
    (workshop.corpus / "town-004.md").unlink()
    workshop.refresh()


def test_the_articles_are_as_before_and_nothing_is_embedded(ten: Workshop) -> None:
    before = texts(ten)
    change(ten)
    assert texts(ten) != before
    ten.embedded()
    done = undo(ten.library, ten.store)
    assert texts(ten) == before
    assert done.taken_out == ("town-100.md",)
    assert set(done.restored) == {"town-003.md", "town-004.md"}
    assert ten.embedded() == []
    ten.whole()


def test_whole_articles_are_found_by_their_words_whatever_is_changed(ten: Workshop) -> None:
    def holding(word: str) -> set[str]:
        with ten.library.snapshot() as known:
            return set(known.lexical_articles(word, 50))

    assert holding("tunnel") == set()
    removed = holding("Town004")
    assert removed == {"town-004.md"}
    change(ten)
    assert (holding("tunnel"), holding("Town004"), holding("Town100")) == (
        {"town-003.md"},
        set(),
        {"town-100.md"},
    )
    undo(ten.library, ten.store)
    assert (holding("tunnel"), holding("Town004"), holding("Town100")) == (set(), removed, set())


def test_what_is_brought_back_is_found_again_in_a_new_process(ten: Workshop) -> None:
    change(ten)
    undo(ten.library, ten.store)
    ten.close()
    ten.open()
    ten.whole()
    assert ten.ask("What did Town004 speak of?").citations[0].article.id == "town-004.md"


def test_the_next_refresh_makes_the_same_change_again_without_the_model(ten: Workshop) -> None:
    change(ten)
    after = texts(ten)
    undo(ten.library, ten.store)
    ten.embedded()
    report = ten.refresh()
    assert (len(report.added), len(report.changed), len(report.removed)) == (1, 1, 1)
    assert (report.embedded, ten.embedded()) == (0, [])
    assert texts(ten) == after
    ten.whole()


def test_only_one_change_can_be_undone(ten: Workshop) -> None:
    change(ten)
    undo(ten.library, ten.store)
    with pytest.raises(NothingToUndo, match="undone already"):
        undo(ten.library, ten.store)


def test_a_refresh_that_changes_nothing_does_not_take_the_undo_away(ten: Workshop) -> None:
    before = texts(ten)
    change(ten)
    ten.refresh()
    undo(ten.library, ten.store)
    assert texts(ten) == before


def test_the_first_build_cannot_be_undone(ten: Workshop) -> None:
    with pytest.raises(NothingToUndo, match="first time"):
        undo(ten.library, ten.store)


def test_a_rebuild_cannot_be_undone(ten: Workshop) -> None:
    change(ten)
    ten.refresh(rebuild=True)
    with pytest.raises(NothingToUndo, match="built the index anew"):
        undo(ten.library, ten.store)


def test_a_library_of_the_first_version_is_brought_up_to_date(ten: Workshop) -> None:
    file: Path = ten.library.file
    before = texts(ten)
    ten.close()
    with sqlite3.connect(file) as db:
        for trigger in ("article_added", "article_removed"):
            db.execute(f"DROP TRIGGER {trigger}")
        for table in (
            "undo_articles", "undo_passages", "undo_added", "headlines", "numbered", "article_words"
        ):  # fmt: skip
            db.execute(f"DROP TABLE {table}")
        db.execute("DELETE FROM meta WHERE key = 'no_undo'")
        db.execute("PRAGMA user_version = 1")
    db.close()
    ten.open()
    assert texts(ten) == before
    with ten.library.snapshot() as known:
        assert set(known.lexical_articles("Town004", 50)) == {"town-004.md"}
    with pytest.raises(NothingToUndo, match="nothing to undo"):
        undo(ten.library, ten.store)
    change(ten)
    undo(ten.library, ten.store)
    assert texts(ten) == before
    assert schema.SCHEMA_VERSION == 5


def test_an_undone_change_elsewhere_stays_undone_when_a_file_is_added(ten: Workshop) -> None:
    change(ten)
    undo(ten.library, ten.store)
    towns(ten.corpus, [200])
    ten.refresh(only=frozenset({"town-200.md"}))
    known = set(texts(ten))
    assert {"town-004.md", "town-200.md"} <= known
    assert "town-100.md" not in known
    ten.whole()


def test_a_large_change_is_undone_in_the_same_way(ten: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is made on a copy of the vector index, by a process of its own."""
    monkeypatch.setattr(building, "FEW", 0)
    before = texts(ten)
    change(ten)
    ten.whole()
    ten.embedded()
    undo(ten.library, ten.store)
    assert (texts(ten), ten.embedded()) == (before, [])
    ten.whole()
    ten.close()
    ten.open()
    ten.whole()
    assert len(ten.indexes()) == 1


def test_what_was_left_out_as_a_copy_is_as_before_too(ten: Workshop) -> None:
    original = (ten.corpus / "town-002.md").read_bytes()
    (ten.corpus / "town-002b.md").write_bytes(original)
    ten.refresh()
    (ten.corpus / "aaa.md").write_bytes(original)
    ten.refresh()
    undo(ten.library, ten.store)
    with ten.library.snapshot() as known:
        assert [(copy.origin, copy.kept) for copy in known.left_out()[1]] == [("town-002b.md", "town-002.md")]


def test_a_vector_index_that_breaks_meanwhile_is_filled_anew(ten: Workshop) -> None:
    before = texts(ten)
    change(ten)
    ten.lose()
    undo(ten.library, ten.store)
    assert texts(ten) == before
    ten.whole()


def test_the_first_build_after_an_empty_folder_cannot_be_undone(workshop: Workshop) -> None:
    workshop.refresh()
    with pytest.raises(NothingToUndo, match="nothing to undo"):
        undo(workshop.library, workshop.store)
    towns(workshop.corpus, range(2))
    workshop.refresh()
    with pytest.raises(NothingToUndo, match="first time"):
        undo(workshop.library, workshop.store)

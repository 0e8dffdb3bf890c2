"""An undo brings back what the last change replaced or removed, and takes out what it added."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from index import building, schema
from index.errors import NothingToUndo
from index.reports import Generation
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


def kept(workshop: Workshop) -> list[Generation]:
    with workshop.library.snapshot() as known:
        return known.generations()


def vectors(workshop: Workshop) -> int:
    with workshop.library.snapshot() as known:
        return known.count("vectors")


@pytest.mark.parametrize("few", [0, 200], ids=["on a copy", "in place"])
def test_each_undo_goes_one_change_further_back(
    ten: Workshop, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(building, "FEW", few)
    states = [texts(ten)]
    change(ten)
    states.append(texts(ten))
    towns(ten.corpus, [3], "harbour")
    (ten.corpus / "town-100.md").unlink()
    ten.refresh()
    states.append(texts(ten))
    towns(ten.corpus, [4], "clinic")  # the one that was removed, with other words
    ten.refresh()
    ten.embedded()
    counts = [(each.added, each.changed, each.removed) for each in kept(ten)]
    assert counts == [(1, 0, 0), (0, 1, 1), (1, 1, 1)]
    assert [each.number for each in kept(ten)] == [4, 3, 2]
    assert all(each.made for each in kept(ten))
    for step, state in enumerate(reversed(states)):
        done = undo(ten.library, ten.store)
        assert texts(ten) == state
        assert done.generation == 5 + step
        ten.whole()
    with pytest.raises(NothingToUndo, match="first time"):
        undo(ten.library, ten.store)
    assert ten.embedded() == []
    ten.refresh()  # makes the changes again, all at once
    assert ten.embedded() == []
    assert [(each.added, each.changed, each.removed) for each in kept(ten)] == [(0, 2, 0)]


def test_what_falls_out_of_the_last_changes_goes_with_its_vectors(ten: Workshop) -> None:
    ten.reopen(keep_generations=2)
    words = ("tunnel", "road", "tower", "school")
    states = []
    for word in words:
        states.append(texts(ten))
        towns(ten.corpus, [3], word)
        ten.refresh()
    assert len(kept(ten)) == 2
    assert vectors(ten) == 10 + 2
    for state in reversed(states[2:]):
        undo(ten.library, ten.store)
        assert texts(ten) == state
    with pytest.raises(NothingToUndo, match=r"Only the last 2 changes are kept \(FOOTNOTE_KEEP_GENERATIONS"):
        undo(ten.library, ten.store)
    ten.whole()


def test_unchanged_passages_are_shared(ten: Workshop) -> None:
    """An article with a word more keeps the passages that stay, and no vector is there twice."""
    long = "\n\n".join(town(number) * 3 for number in range(20, 30))
    ten.write("long.md", long)
    ten.refresh()
    before = vectors(ten)
    for step in range(3):
        ten.write("long.md", f"{long}\n\nA last paragraph was added on day {step}.")
        ten.refresh()
    assert vectors(ten) <= before + 3
    for _ in range(4):
        undo(ten.library, ten.store)
        ten.whole()
    assert "long.md" not in texts(ten)


def test_a_refresh_that_changes_nothing_does_not_take_the_undo_away(ten: Workshop) -> None:
    before = texts(ten)
    change(ten)
    ten.refresh()
    undo(ten.library, ten.store)
    assert texts(ten) == before


def test_the_first_build_cannot_be_undone(ten: Workshop) -> None:
    with pytest.raises(NothingToUndo, match="first time"):
        undo(ten.library, ten.store)


def test_a_rebuild_with_the_same_settings_is_undone_like_any_refresh(ten: Workshop) -> None:
    states = [texts(ten)]
    change(ten)
    states.append(texts(ten))
    ten.refresh(rebuild=True)
    assert len(kept(ten)) == 1  # it changed no article
    towns(ten.corpus, [5, 101], "road")
    (ten.corpus / "town-006.md").unlink()
    ten.embedded()
    assert ten.refresh(rebuild=True).anew
    assert len(ten.embedded()) == 2
    first = kept(ten)[0]
    assert (first.added, first.changed, first.removed) == (1, 1, 1)
    for state in reversed(states):
        undo(ten.library, ten.store)
        assert texts(ten) == state
        ten.whole()
    assert ten.embedded() == []


def test_a_rebuild_with_other_settings_cannot_be_undone_nor_what_was_before(ten: Workshop) -> None:
    change(ten)
    ten.reopen(passage_tokens=64)
    ten.refresh()
    for _ in range(2):
        with pytest.raises(NothingToUndo, match=r"built anew with other settings \(passage_tokens was 160"):
            undo(ten.library, ten.store)
    assert vectors(ten) == 10
    towns(ten.corpus, [5], "road")
    before = texts(ten)
    ten.refresh()
    undo(ten.library, ten.store)
    assert texts(ten) == before | {"town-005.md": town(5)}
    with pytest.raises(NothingToUndo, match="other settings"):
        undo(ten.library, ten.store)


def test_a_change_is_undone_before_the_rebuild_that_other_settings_ask_for(ten: Workshop) -> None:
    before = texts(ten)
    change(ten)
    ten.reopen(passage_tokens=64)
    undo(ten.library, ten.store)
    assert texts(ten) == before
    ten.whole()


def test_a_folder_that_was_emptied_comes_back(ten: Workshop) -> None:
    before = texts(ten)
    for file in ten.corpus.glob("*.md"):
        file.unlink()
    ten.refresh(allow_removals=True)
    towns(ten.corpus, [50])
    ten.refresh()
    undo(ten.library, ten.store)
    assert texts(ten) == {}
    undo(ten.library, ten.store)
    assert texts(ten) == before
    ten.whole()


def test_a_library_of_the_first_version_is_brought_up_to_date(ten: Workshop) -> None:
    file: Path = ten.library.file
    before = texts(ten)
    ten.close()
    with sqlite3.connect(file) as db:
        for trigger in ("article_added", "article_removed"):
            db.execute(f"DROP TRIGGER {trigger}")
        for table in (
            "earlier_articles", "earlier_passages", "earlier_added", "changes", "headlines", "numbered",
            "article_words",
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
    assert schema.SCHEMA_VERSION == 6


def as_of_version_five(file: Path) -> None:
    """The tables in which one change was kept, with the last of those that are kept now."""
    with sqlite3.connect(file) as db:
        db.executescript(schema.UNDO)
        last = "WHERE change = (SELECT max(number) FROM changes)"
        db.executescript(
            "INSERT INTO undo_articles SELECT id, digest, title, source, url, published, author, opening, "
            f"origin, text FROM earlier_articles {last};"
            'INSERT INTO undo_passages SELECT id, article_id, start, "end", spans, vector_key, headline, '
            f"body FROM earlier_passages {last};"
            f"INSERT INTO undo_added SELECT id FROM earlier_added {last};"
            "INSERT INTO meta SELECT 'undo_duplicates', duplicates FROM changes ORDER BY number DESC LIMIT 1;"
            "DROP TABLE earlier_articles; DROP TABLE earlier_passages; DROP TABLE earlier_added;"
            "DROP TABLE changes; INSERT OR REPLACE INTO meta VALUES ('no_undo', ''); PRAGMA user_version = 5;"
        )
    db.close()


def test_the_one_change_that_an_older_file_keeps_stays(ten: Workshop) -> None:
    before = texts(ten)
    change(ten)
    ten.close()
    as_of_version_five(ten.library.file)
    ten.open()
    (only,) = kept(ten)
    assert (only.number, only.made, only.added, only.changed, only.removed) == (2, None, 1, 1, 1)
    after = texts(ten)
    towns(ten.corpus, [7], "harbour")
    ten.refresh()
    ten.embedded()
    undo(ten.library, ten.store)
    assert texts(ten) == after
    undo(ten.library, ten.store)
    assert texts(ten) == before
    assert ten.embedded() == []
    ten.whole()
    with pytest.raises(NothingToUndo, match="that were kept are undone"):
        undo(ten.library, ten.store)


def test_an_older_file_whose_one_change_was_undone_keeps_none(ten: Workshop) -> None:
    ten.close()
    as_of_version_five(ten.library.file)
    with sqlite3.connect(ten.library.file) as db:
        db.execute(
            "UPDATE meta SET value = 'The last change was undone already. Only one can be.' "
            "WHERE key = 'no_undo'"
        )
    db.close()
    ten.open()
    assert kept(ten) == []
    with pytest.raises(NothingToUndo, match=r"^The changes that were kept are undone\.$"):
        undo(ten.library, ten.store)


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

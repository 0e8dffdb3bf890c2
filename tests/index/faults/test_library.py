"""A damaged library: what can be read is saved, the rest comes from the folder, and little is embedded."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from index import salvage, soundness
from index.errors import FootnoteError, IndexDamaged
from index.library import Library
from index.reports import Check
from tests.index.faults.conftest import TOWNS, bad, few, library_of, sound
from tests.index.workshop import Workshop, towns

PAGE = 4096
Doctor = Callable[..., dict[str, Check]]


def pages_of(file: Path, name: str) -> list[int]:
    """Pages of a table or an index, counted from 0."""
    with closing(sqlite3.connect(file)) as db:
        return [
            n - 1 for (n,) in db.execute("SELECT pageno FROM dbstat WHERE name = ? ORDER BY pageno", (name,))
        ]


def pages(file: Path) -> list[bytes]:
    content = file.read_bytes()
    return [content[at : at + PAGE] for at in range(0, len(content), PAGE)]


def overwrite(file: Path, page: int, seed: int = 1) -> None:
    with file.open("r+b") as stream:
        stream.seek(page * PAGE)
        stream.write(random.Random(seed).randbytes(PAGE))


def cut(file: Path, share: float) -> None:
    whole = file.read_bytes()
    file.write_bytes(whole[: int(len(whole) * share) // PAGE * PAGE])


def zero(file: Path) -> None:
    file.write_bytes(b"\0" * file.stat().st_size)


def first_page_of(table: str) -> Callable[[Path], None]:
    return lambda file: overwrite(file, pages_of(file, table)[0])


def inner_pages_of(table: str) -> Callable[[Path], None]:
    """Every seventh page."""
    return lambda file: [overwrite(file, page) for page in pages_of(file, table)[::7]] and None


DAMAGE: dict[str, tuple[Callable[[Path], object], int]] = {
    "the first page": (lambda file: overwrite(file, 0), 0),
    "the table of articles": (first_page_of("articles"), 0),
    "pages of articles": (inner_pages_of("articles"), 0),
    "the table of passages": (first_page_of("passages"), 0),
    "the table of vectors": (first_page_of("vectors"), 10),
    "pages of vectors": (inner_pages_of("vectors"), 40),
    "the table of entries": (first_page_of("entries"), 0),
    "the table of files": (first_page_of("files"), 0),
    "the table meta": (first_page_of("meta"), 0),
    "the search for words": (first_page_of("words_data"), 0),
    "an index": (first_page_of("passages_by_article"), 0),
    "the last third": (lambda file: cut(file, 0.67), 90),
    "everything": (zero, 90),
}
"""What is damaged, and how many of the passages may have to be embedded again."""


@pytest.mark.parametrize(("damage", "most"), few(DAMAGE, 4).values(), ids=list(few(DAMAGE, 4)))
def test_a_damaged_library_is_mended_by_one_command(
    sixty: Workshop, doctor: Doctor, damage: Callable[[Path], object], most: int
) -> None:
    file = library_of(sixty)
    notes = pages_of(file, "meta")  # whether Chroma could be opened is noted there
    damage(file)
    before = pages(file)
    found = doctor()
    assert bad(found)
    assert any("footnote doctor --repair" in c.detail + c.mend for c in found.values() if not c.ok)
    changed = [number for number, (a, b) in enumerate(zip(before, pages(file), strict=True)) if a != b]
    assert set(changed) <= {*notes}, "a look changes nothing"
    damaged = file.read_bytes()
    mended = doctor(repair=True)
    assert bad(mended) == []
    assert "Damaged" in mended["library"].detail
    assert (sixty.data / "damaged-1" / "library.db").read_bytes() == damaged
    assert len(sixty.embedded()) <= most
    sound(sixty)
    sixty.open()
    assert sixty.refresh().unchanged == TOWNS + 1
    assert sixty.embedded() == []


def test_articles_that_only_the_library_has_are_saved(sixty: Workshop, doctor: Doctor) -> None:
    """A file that became unreadable keeps its last good version, through a repair too."""
    sixty.open()
    (sixty.corpus / "town-003.md").write_bytes(b"\0\1\2\3" * 99)
    assert [unread.origin for unread in sixty.refresh().failed] == ["town-003.md"]
    sixty.close()
    overwrite(library_of(sixty), 0)
    assert bad(doctor(repair=True)) == []
    sixty.open()
    assert "town-003.md" in sixty.digests()
    assert "Town003" in sixty.ask("What was spoken of in Town003?").sentences[0].text
    assert sixty.embedded() == []


@pytest.mark.parametrize("gone", ["away", "empty"])
def test_without_the_corpus_folder_the_articles_are_saved(sixty: Workshop, doctor: Doctor, gone: str) -> None:
    overwrite(library_of(sixty), 0)
    sixty.corpus.rename(sixty.corpus.parent / "unplugged")
    if gone == "empty":
        sixty.corpus.mkdir()
    mended = doctor(repair=True)
    assert "could not be read again" in mended["library"].detail
    assert bad(mended) == (["corpus"] if gone == "away" else [])
    if gone == "empty":
        sixty.corpus.rmdir()
    (sixty.corpus.parent / "unplugged").rename(sixty.corpus)
    assert sixty.embedded() == []
    sound(sixty)


def test_a_write_ahead_log_with_garbage_is_a_step_back(sixty: Workshop) -> None:
    """What came after the damage is lost, and the vector index knows it; the next refresh brings it."""
    sixty.open()
    sixty.store.opened()
    aside = sixty.data.parent / "aside"
    towns(sixty.corpus, [3, 4], "tunnel")
    sixty.refresh()
    towns(sixty.corpus, [5], "tunnel")
    sixty.refresh()
    shutil.copytree(sixty.data, aside)
    sixty.close()
    shutil.rmtree(sixty.data)
    aside.rename(sixty.data)
    log = library_of(sixty).with_name("library.db-wal")
    with log.open("r+b") as stream:
        stream.seek(log.stat().st_size // 2)
        stream.write(random.Random(1).randbytes(8 * PAGE))
    sixty.embedded()
    sixty.open()
    assert len(sixty.digests()) == TOWNS + 1
    sixty.whole()
    assert "Town005" in sixty.ask("What was spoken of in Town005?").sentences[0].text
    sixty.refresh()
    sixty.whole()
    assert "tunnel" in sixty.ask("What was spoken of in Town005?").sentences[0].text


def test_a_library_that_is_not_there_is_built_from_the_folder(sixty: Workshop) -> None:
    library_of(sixty).unlink()
    sixty.open()
    assert sixty.digests() == {}
    assert len(sixty.refresh().added) == TOWNS + 1
    sixty.close()
    sound(sixty)


def test_a_damaged_page_while_questions_are_asked(sixty: Workshop, doctor: Doctor) -> None:
    sixty.open()
    assert sixty.ask("What was spoken of in Town007?").sentences
    for page in pages_of(library_of(sixty), "passages")[1:] + pages_of(library_of(sixty), "words_content"):
        overwrite(library_of(sixty), page)
    sixty.reopen()  # what is in memory of the file would be right for a while
    with pytest.raises(IndexDamaged, match="footnote doctor --repair"):
        sixty.ask("What was spoken of in Town007?")
    sixty.close()
    assert bad(doctor(repair=True)) == []
    assert sixty.embedded() == []
    sound(sixty)


def run(workshop: Workshop, *statements: str) -> None:
    library = Library(library_of(workshop))
    for statement in statements:
        library.within(lambda db, statement=statement: db.execute(statement))  # type: ignore[misc]  # mypy infers no lambda with a default
    library.close()


def text(workshop: Workshop, article_id: str) -> str:
    with workshop.library.snapshot() as known:
        return known.known_article(article_id).text


WRONG = {
    "an altered word": (
        "UPDATE articles SET text = replace(text, 'million', 'billion') WHERE id = 'town-003.md'",
        0,
    ),
    "bytes that are no text": (
        "UPDATE articles SET text = CAST(x'ff00fe' || text AS TEXT) WHERE id = 'town-003.md'",
        0,
    ),
    "a passage less": ("DELETE FROM passages WHERE article_id = 'town-003.md'", 0),
    "passages of no article": (
        "INSERT INTO passages SELECT 9999, 'stray', 'town-003.md', 0, 1, x'', 'none'",
        0,
    ),
    "no vectors": (
        "DELETE FROM vectors WHERE key IN (SELECT vector_key FROM passages WHERE article_id = 'town-003.md')",
        1,
    ),
    "vectors of garbage": (
        "UPDATE vectors SET passage = randomblob(1536) WHERE key IN "
        "(SELECT vector_key FROM passages WHERE article_id = 'town-003.md')",
        1,
    ),
    "a word less to search": ("DELETE FROM words_docsize WHERE id = 5", 0),
    "other words to search": ("UPDATE words_content SET c1 = 'other words' WHERE id = 5", 0),
    "no search for words": ("DELETE FROM words_data WHERE id > 10", 0),
    "articles that are not searched": ("DELETE FROM article_words_docsize WHERE id = 5", 0),
    "articles without a number": ("DELETE FROM numbered WHERE number = 5", 0),
    "a headline less": ("DELETE FROM headlines WHERE id = 'town-003.md'", 0),
    "another headline": ("UPDATE headlines SET folded = 'other' WHERE id = 'town-003.md'", 0),
}
"""What SQLite takes for sound: the statement that makes it, and how many passages are embedded again."""


def test_each_that_does_not_fit_is_found(sixty: Workshop) -> None:
    for name, (statement, _) in WRONG.items():
        library = Library(library_of(sixty))
        db = library._writer
        db.execute("BEGIN")
        assert not soundness.look(db)
        db.execute("PRAGMA defer_foreign_keys = ON")
        db.execute(statement)
        assert soundness.look(db), name
        db.execute("ROLLBACK")
        library.close()


@pytest.mark.parametrize(("statement", "embedded"), few(WRONG, 4).values(), ids=list(few(WRONG, 4)))
def test_what_does_not_fit_is_found_and_mended(
    sixty: Workshop, doctor: Doctor, statement: str, embedded: int
) -> None:
    run(sixty, statement)
    found = doctor()
    assert {"articles"} <= {*bad(found)} <= {"articles", "vectors", "columns"}  # those are copies of it
    assert found["articles"].mend == "Run: footnote doctor --repair"
    mended = doctor(repair=True)
    assert bad(mended) == []
    assert "Found" in mended["articles"].detail
    assert len(sixty.embedded()) == embedded
    sound(sixty)
    assert all("Found" not in check.detail for check in doctor(repair=True).values()), "once is enough"
    sixty.open()
    assert "million" in text(sixty, "town-003.md")
    assert sixty.refresh().unchanged == TOWNS + 1


def test_an_altered_article_that_nothing_can_give_back_is_named(sixty: Workshop, doctor: Doctor) -> None:
    run(sixty, "UPDATE articles SET text = replace(text, 'million', 'billion') WHERE id = 'town-003.md'")
    (sixty.corpus / "town-003.md").unlink()
    mended = doctor(repair=True)
    assert bad(mended) == ["articles"]
    assert "Not to be had: town-003.md" in mended["articles"].detail


def test_a_sound_index_needs_no_repair(sixty: Workshop, doctor: Doctor) -> None:
    def state() -> dict[str, bytes]:
        kept = [f for f in sixty.data.rglob("*") if f.is_file() and f.name not in ("lock", "owner.json")]
        return {str(file): file.read_bytes() for file in kept if "chroma" not in file.name}

    doctor()
    before = state()
    for repair in (False, True):
        checks = doctor(repair=repair)
        assert bad(checks) == []
        assert state().keys() == before.keys()
    assert sixty.embedded() == []
    sound(sixty)


def test_leftovers_go_and_nothing_else(sixty: Workshop, doctor: Doctor) -> None:
    for name in ("vectors-77", "vectors-x"):
        (sixty.data / name).mkdir()
        (sixty.data / name / "chroma.sqlite3").write_bytes(b"half")
    (sixty.data / "library.mending").write_bytes(b"half")
    (sixty.corpus / "inner").mkdir()
    (sixty.corpus / "inner" / ".footnote-0123456789abcdef").write_bytes(b"half")
    for name in (".footnote-notes", ".footnote-0123456789abcdef.md"):
        (sixty.corpus / name).write_text("somebody's")
    (sixty.data / "removed").mkdir()
    (sixty.data / "removed" / "old.md").write_text("taken out")
    found = doctor()
    assert bad(found) == ["leftovers"]
    assert "vectors-77" in found["leftovers"].detail
    assert bad(doctor(repair=True)) == []
    assert len(list(sixty.data.glob("vectors-*"))) == 1
    assert not (sixty.data / "library.mending").exists()
    assert sorted(p.name for p in sixty.corpus.rglob(".footnote*")) == [
        ".footnote-0123456789abcdef.md",
        ".footnote-notes",
    ]
    assert (sixty.data / "removed" / "old.md").exists()
    sound(sixty)


def test_garbage_is_never_taken_for_vectors_or_articles(tmp_path: Path) -> None:
    for seed in range(8):
        file = tmp_path / "library.db"
        file.write_bytes(random.Random(seed).randbytes(64 * PAGE))
        assert list(salvage.vectors(file)) == []
        assert salvage.salvage(file).articles == ()


def test_sizes_that_would_run_out_of_the_file(tmp_path: Path) -> None:
    """Every page looks like one of a tree, with counts, places and lengths as large as they can be."""
    for kind in (0x0D, 0x0A, 0x02):
        file = tmp_path / "library.db"
        file.write_bytes((bytes([kind]) + b"\xff" * (PAGE - 1)) * 8)
        assert list(salvage.vectors(file)) == []


def test_a_repair_beside_the_bot_is_refused(
    sixty: Workshop, doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    from index import locking

    monkeypatch.setattr(locking, "WAIT", 0.1)
    owner = locking.OneProcess(sixty.data, "footnote run")
    owner.acquire()
    before = library_of(sixty).read_bytes()
    with pytest.raises(FootnoteError, match="in use by 'footnote run'"):
        doctor(repair=True)
    assert library_of(sixty).read_bytes() == before
    owner.release()

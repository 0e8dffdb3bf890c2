"""A refresh of some files reads, changes and reports these alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from corpus import files, reading
from corpus.article import Unread
from index.built import as_built
from index.errors import IndexMismatch, RemovalsRefused
from tests.index.workshop import Workshop, town, towns


def texts(workshop: Workshop) -> dict[str, str]:
    with workshop.library.snapshot() as known:
        return {card.id: known.known_article(card.id).text for card in known.cards()}


def test_a_refresh_of_some_files_leaves_the_others_alone(ten: Workshop) -> None:
    towns(ten.corpus, [100, 101])
    (ten.corpus / "town-004.md").unlink()
    report = ten.refresh(only=frozenset({"town-100.md"}))
    assert report.added == ("town-100.md",)
    assert report.removed == ()
    known = set(texts(ten))
    assert "town-004.md" in known
    assert "town-101.md" not in known
    ten.whole()
    rest = ten.refresh()
    assert (rest.added, rest.removed) == (("town-101.md",), ("town-004.md",))
    ten.whole()


def test_a_refresh_of_a_file_that_is_gone_removes_its_articles(ten: Workshop) -> None:
    (ten.corpus / "town-004.md").unlink()
    report = ten.refresh(only=frozenset({"town-004.md"}))
    assert report.removed == ("town-004.md",)
    ten.whole()


def test_a_copy_of_an_indexed_article_stays_out_of_a_partial_refresh(ten: Workshop) -> None:
    original = (ten.corpus / "town-002.md").read_text("utf-8")
    (ten.corpus / "aaa.md").write_text(original, "utf-8")
    report = ten.refresh(only=frozenset({"aaa.md"}))
    assert report.added == ()
    assert [copy.kept for copy in report.duplicates] == ["town-002.md"]


def test_other_files_are_not_read(ten: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    towns(ten.corpus, [100, 101])
    read = []

    def load(file: files.CorpusFile, limit: int) -> bytes | Unread:
        read.append(file.origin)
        return files.load(file, limit)

    monkeypatch.setattr(reading, "load", load)
    ten.refresh(only=frozenset({"town-100.md"}))
    assert read == ["town-100.md"]


def test_what_was_said_of_the_other_files_stands_once(ten: Workshop) -> None:
    (ten.corpus / "broken.md").write_text("---\ntitle: [\n---\nText.\n")
    (ten.corpus / "copy.md").write_bytes((ten.corpus / "town-002.md").read_bytes())
    for name in ("b.jsonl", "c.jsonl"):
        (ten.corpus / name).write_text(json.dumps({"id": "same", "text": town(20)}) + "\nno record")
    ten.refresh()

    def said() -> tuple[list[str], list[tuple[str, str]]]:
        with ten.library.snapshot() as known:
            failed, copies = known.left_out()
        return sorted(one.origin for one in failed), sorted((one.origin, one.kept) for one in copies)

    before = said()
    assert before[0] == ["b.jsonl, line 2", "broken.md", "c.jsonl, line 2"]
    for _ in range(2):
        report = ten.refresh(only=frozenset({"town-003.md", "c.jsonl"}))
        assert [one.origin for one in report.failed] == ["c.jsonl, line 2"]
        assert (report.added, report.changed, report.removed) == ((), (), ())
        assert said() == before
    (ten.corpus / "c.jsonl").unlink()
    (ten.corpus / "broken.md").unlink()
    ten.refresh(only=frozenset({"c.jsonl", "broken.md"}))
    assert said() == (["b.jsonl, line 2"], [pair for pair in before[1] if not pair[0].startswith("c.")])
    ten.whole()


def test_a_dry_run_changes_nothing(ten: Workshop) -> None:
    before = texts(ten)
    towns(ten.corpus, [100])
    (ten.corpus / "town-004.md").unlink()
    report = ten.refresh(only=frozenset({"town-100.md", "town-004.md"}), dry_run=True)
    assert (report.added, report.removed, report.dry_run) == (("town-100.md",), ("town-004.md",), True)
    assert texts(ten) == before
    assert ten.embedded() == []


def test_more_than_half_is_refused_here_too(ten: Workshop) -> None:
    gone = frozenset(f"town-{number:03}.md" for number in range(6))
    for name in gone:
        (ten.corpus / name).unlink()
    with pytest.raises(RemovalsRefused, match="6 of 10 articles"):
        ten.refresh(only=gone)
    assert len(ten.refresh(only=gone, allow_removals=True).removed) == 6
    ten.whole()


def test_one_of_two_articles_goes_without_asking(workshop: Workshop) -> None:
    towns(workshop.corpus, range(2))
    workshop.refresh()
    (workshop.corpus / "town-000.md").unlink()
    assert workshop.refresh(only=frozenset({"town-000.md"})).removed == ("town-000.md",)


def test_a_file_in_a_folder_that_cannot_be_read_keeps_its_articles(ten: Workshop) -> None:
    inner = ten.corpus / "inner"
    towns(inner, [20, 21])
    ten.refresh()
    inner.rename(ten.corpus.parent / "elsewhere")
    inner.symlink_to("nowhere")
    assert ten.refresh(only=frozenset({"inner/town-020.md"})).removed == ()


def test_an_unreadable_file_keeps_its_last_good_version(ten: Workshop) -> None:
    before = texts(ten)
    (ten.corpus / "town-004.md").write_bytes(b"")
    report = ten.refresh(only=frozenset({"town-004.md"}))
    assert [one.origin for one in report.failed] == ["town-004.md"]
    assert texts(ten) == before


def test_before_the_first_build_everything_is_looked_at(workshop: Workshop) -> None:
    """Else an index of one article would pass for the index of the folder."""
    towns(workshop.corpus, range(3))
    assert len(workshop.refresh(only=frozenset({"town-001.md"})).added) == 3


def test_a_rebuild_takes_everything(ten: Workshop) -> None:
    ten.reopen(passage_tokens=64)
    assert ten.refresh(rebuild=True, only=frozenset({"town-001.md"})).unchanged == 10
    ten.whole()


def test_a_part_alone_is_not_made_with_other_settings_than_the_rest(ten: Workshop) -> None:
    before = texts(ten)
    towns(ten.corpus, [50])
    ten.reopen(passage_tokens=64)
    with pytest.raises(
        IndexMismatch, match=r"other settings \(passage_tokens was 160, is 64\).*footnote refresh"
    ):
        ten.refresh(only=frozenset({"town-050.md"}))
    assert texts(ten) == before
    with ten.library.snapshot() as known:
        ten.settings = as_built(known, ten.settings)
    assert ten.refresh(only=frozenset({"town-050.md"})).added == ("town-050.md",)
    ten.whole()


def test_an_index_of_another_folder_is_left_alone(ten: Workshop, tmp_path: Path) -> None:
    before = texts(ten)
    other = tmp_path / "other"
    towns(other, [50])
    ten.corpus = other
    ten.reopen()
    with pytest.raises(IndexMismatch, match="was built from"):
        ten.refresh(only=frozenset({"town-050.md"}))
    assert texts(ten) == before


def test_an_article_that_moves_between_looked_at_files(ten: Workshop) -> None:
    (ten.corpus / "town-004.md").rename(ten.corpus / "moved.md")
    report = ten.refresh(only=frozenset({"town-004.md", "moved.md"}))
    assert (report.added, report.removed, report.embedded) == (("moved.md",), ("town-004.md",), 0)
    ten.whole()

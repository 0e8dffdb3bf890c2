"""What a refresh does with a changed folder, and how little it reads for it."""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import Callable
from datetime import date

import pytest

from index.errors import CorpusMissing, RemovalsRefused
from index.store import FOLDER, IN_STEP
from index.types import Filters
from tests.index.workshop import Workshop, town, towns
from tests.served import in_a_folder


def test_the_first_refresh(workshop: Workshop) -> None:
    towns(workshop.corpus, range(3))
    report = workshop.refresh()
    assert report.added == ("town-000.md", "town-001.md", "town-002.md")
    assert (report.changed, report.removed, report.failed, report.duplicates) == ((), (), (), ())
    assert (report.unchanged, report.embedded, report.dry_run) == (0, 3, False)
    workshop.whole()


def test_nothing_changed(ten: Workshop) -> None:
    report = ten.refresh()
    assert (report.unchanged, report.embedded) == (10, 0)
    assert (report.added, report.changed, report.removed, report.failed) == ((), (), (), ())
    assert ten.embedded() == []
    ten.whole()


def test_everything_at_once(ten: Workshop) -> None:
    ten.write("town-001.md", town(1, "tunnel"), title="Town001 mends its bridge")
    (ten.corpus / "town-002.md").unlink()
    towns(ten.corpus, [10])
    ten.write("copy.md", town(3), title="Town003 mends its bridge")
    (ten.corpus / "broken.md").write_text("---\ntitle: [\n---\nText.\n")
    (ten.corpus / "picture.png").write_bytes(b"\x89PNG")
    report = ten.refresh()
    assert report.added == ("copy.md", "town-010.md")
    assert report.changed == ("town-001.md",)
    assert report.removed == ("town-002.md", "town-003.md")
    assert report.unchanged == 7
    assert {unread.origin for unread in report.failed} == {"broken.md", "picture.png"}
    assert [(d.origin, d.kept) for d in report.duplicates] == [("town-003.md", "copy.md")]
    assert report.embedded == len(ten.embedded()) == 2  # the copy has the words of another
    ten.whole()
    assert ten.ask("What will Town001 mend?").sentences[0].text.count("tunnel") == 1
    again = ten.refresh()
    assert again.failed == report.failed
    assert again.duplicates == report.duplicates
    assert again.unchanged == 10


def test_one_change_embeds_the_passages_of_that_article_only(ten: Workshop) -> None:
    long = "\n\n".join(town(number) * 3 for number in range(20, 30))
    ten.write("town-004.md", long)
    ten.refresh()
    before = ten.embedded()
    assert len(before) > 5
    ten.write("town-004.md", long + "\n\nA last paragraph was added on Tuesday.")
    report = ten.refresh()
    assert report.changed == ("town-004.md",)
    assert report.embedded == len(ten.embedded()) <= 2
    ten.whole()


def test_a_new_outlet_or_day_embeds_nothing_and_filters_see_it(workshop: Workshop) -> None:
    workshop.write("a.md", town(1), title="News", source="LRT", published="2022-03-01")
    workshop.write("b.md", town(2), title="News", source="Newsmax", published="2022-03-01")
    workshop.refresh()
    workshop.embedded()
    workshop.write("a.md", town(1), title="News", source="Žinios", published="2022-05-01", author="N. N.")
    report = workshop.refresh()
    assert (report.changed, report.embedded, workshop.embedded()) == (("a.md",), 0, [])
    for filters, expected in [
        (Filters(source="žinios"), {"a.md"}),
        (Filters(source="lrt"), set()),
        (Filters(after=date(2022, 4, 1)), {"a.md"}),
        (Filters(before=date(2022, 4, 1)), {"b.md"}),
    ]:
        with workshop.library.snapshot() as known:
            near = workshop.near.nearest(known, workshop.embedder.question("mayor"), 9, filters)
            assert {row.card.id for row in known.found([id_ for id_, _ in near])} == expected
            assert {card.id for card in known.cards(filters)} == expected
    workshop.whole()


def test_a_new_headline_is_read(ten: Workshop) -> None:
    ten.write("town-004.md", town(4), title="A bridge at last")
    assert ten.refresh().changed == ("town-004.md",)
    assert len(ten.embedded()) == 1


def test_a_moved_file_embeds_nothing(ten: Workshop) -> None:
    (ten.corpus / "2022" / "März").mkdir(parents=True)
    (ten.corpus / "town-004.md").rename(ten.corpus / "2022" / "März" / "brücke.md")
    report = ten.refresh()
    assert report.added == ("2022/März/brücke.md",)
    assert report.removed == ("town-004.md",)
    assert (report.embedded, ten.embedded()) == (0, [])
    ten.whole()


def test_names_in_another_unicode_form_are_the_same(workshop: Workshop) -> None:
    name = "Nausėda – naujienos 🎉.md"
    workshop.write(unicodedata.normalize("NFD", name), town(1))
    assert workshop.refresh().added == (unicodedata.normalize("NFC", name),)
    (workshop.corpus / unicodedata.normalize("NFD", name)).unlink()
    workshop.write(unicodedata.normalize("NFC", name), town(1))
    report = workshop.refresh()
    assert (report.unchanged, report.added, report.removed) == (1, (), ())


def test_removing_more_than_half_is_refused(ten: Workshop) -> None:
    before = ten.digests()
    for number in range(6):
        (ten.corpus / f"town-{number:03}.md").unlink()
    towns(ten.corpus, [10])
    for options in ({}, {"dry_run": True}, {"rebuild": True}):
        with pytest.raises(RemovalsRefused, match=r"6 of 10 articles.*--allow-removals"):
            ten.refresh(**options)
    assert ten.digests() == before
    report = ten.refresh(allow_removals=True)
    assert len(report.removed) == 6
    assert report.added == ("town-010.md",)
    ten.whole()


def test_half_may_go(ten: Workshop) -> None:
    for number in range(5):
        (ten.corpus / f"town-{number:03}.md").unlink()
    assert len(ten.refresh().removed) == 5
    ten.whole()


def test_a_dry_run_changes_nothing(ten: Workshop) -> None:
    def state() -> object:
        with ten.library.snapshot() as known:
            return known.entries(), known.files(), known.digests(), known.meta("generation")

    before = state()
    ten.write("town-001.md", town(1, "tunnel"))
    (ten.corpus / "town-002.md").unlink()
    towns(ten.corpus, [10])
    dry = ten.refresh(dry_run=True)
    assert dry.dry_run
    assert (dry.added, dry.changed, dry.removed) == (("town-010.md",), ("town-001.md",), ("town-002.md",))
    assert (state(), ten.embedded()) == (before, [])
    wet = ten.refresh()
    assert (wet.added, wet.changed, wet.removed) == (dry.added, dry.changed, dry.removed)


BROKEN = {
    "binary": lambda file: file.write_bytes(b"\0\1\2\3" * 99),
    "empty": lambda file: file.write_bytes(b""),
    "front matter": lambda file: file.write_text("---\ntitle: [\n---\nText.\n"),
    "too large": lambda file: file.write_bytes(b"word " * 300_000),
    "a link to nothing": lambda file: (file.unlink(), file.symlink_to("nowhere")),
    "a link to itself": lambda file: (file.unlink(), file.symlink_to(file.name)),
}


@pytest.mark.parametrize("breaking", BROKEN.values(), ids=list(BROKEN))
@pytest.mark.parametrize("rebuild", [False, True], ids=["refresh", "rebuild"])
def test_a_file_that_cannot_be_read_keeps_its_last_good_version(
    ten: Workshop, breaking: Callable[..., object], rebuild: bool
) -> None:
    before = ten.digests()
    ten.reopen(max_file_mb=1)
    breaking(ten.corpus / "town-004.md")
    for _ in range(2):
        report = ten.refresh(rebuild=rebuild)
        assert [unread.origin for unread in report.failed] == ["town-004.md"]
        assert report.failed[0].reason
        assert (report.unchanged, report.removed, ten.digests()) == (10, (), before)
        assert ten.embedded() == []
    ten.whole()
    (ten.corpus / "town-004.md").unlink()
    ten.write("town-004.md", town(4, "tunnel"))
    report = ten.refresh()
    assert (report.changed, report.failed) == (("town-004.md",), ())


def test_a_folder_that_cannot_be_read_keeps_its_articles(ten: Workshop) -> None:
    inner = ten.corpus / "inner"
    towns(inner, [20, 21])
    ten.refresh()
    inner.rename(ten.corpus.parent / "elsewhere")
    inner.symlink_to("nowhere")
    report = ten.refresh()
    assert [unread.origin for unread in report.failed] == ["inner"]
    assert (report.unchanged, report.removed) == (12, ())


def test_a_copy_comes_up_when_the_kept_one_goes(ten: Workshop) -> None:
    (ten.corpus / "z.md").write_bytes((ten.corpus / "town-004.md").read_bytes())
    assert [(d.origin, d.kept) for d in ten.refresh().duplicates] == [("z.md", "town-004.md")]
    (ten.corpus / "town-004.md").unlink()
    report = ten.refresh()
    assert (report.added, report.removed, report.duplicates) == (("z.md",), ("town-004.md",), ())
    assert ten.embedded() == []
    ten.whole()


def test_a_copy_that_cannot_be_read_when_the_kept_one_goes(ten: Workshop) -> None:
    (ten.corpus / "z.md").write_bytes((ten.corpus / "town-004.md").read_bytes())
    ten.refresh()
    (ten.corpus / "town-004.md").unlink()
    (ten.corpus / "z.md").write_bytes(b"")
    report = ten.refresh()
    assert [unread.origin for unread in report.failed] == ["z.md"]
    assert report.removed == ("town-004.md",)
    ten.whole()


def test_two_files_with_the_same_id(ten: Workshop) -> None:
    for name, number in (("b.jsonl", 20), ("c.jsonl", 21)):
        (ten.corpus / name).write_text(json.dumps({"id": "same", "text": town(number)}))
    report = ten.refresh()
    assert report.added == ("same",)
    assert [unread.origin for unread in report.failed] == ["c.jsonl"]
    assert "same" in report.failed[0].reason
    assert "b.jsonl" in report.failed[0].reason
    (ten.corpus / "b.jsonl").unlink()
    report = ten.refresh()
    assert (report.changed, report.failed) == (("same",), ())
    assert "Town021" in ten.ask("What was spoken of in Town021?").sentences[0].text
    ten.whole()


def test_records_come_and_go_in_one_file(ten: Workshop) -> None:
    def records(*numbers: int) -> None:
        lines = [json.dumps({"id": f"r{n}", "text": town(n), "source": "LRT"}) for n in numbers]
        (ten.corpus / "r.jsonl").write_text("\n".join(lines) + "\nnot json\n")

    records(30, 31, 32)
    report = ten.refresh()
    assert report.added == ("r30", "r31", "r32")
    assert [unread.origin for unread in report.failed] == ["r.jsonl, line 4"]
    ten.embedded()
    records(33, 31, 32)
    report = ten.refresh()
    assert (report.added, report.removed, report.changed, report.unchanged) == (("r33",), ("r30",), (), 12)
    assert len(ten.embedded()) == 1
    ten.whole()


def test_an_empty_folder(workshop: Workshop) -> None:
    report = workshop.refresh()
    assert (report.added, report.unchanged, report.failed) == ((), 0, ())
    workshop.whole()
    answer = workshop.ask("What did the council vote on?")
    assert (answer.outcome, answer.confidence, answer.nearest) == ("not_found", None, ())
    towns(workshop.corpus, range(2))
    assert len(workshop.refresh().added) == 2
    workshop.whole()


def test_a_folder_that_is_not_there(ten: Workshop) -> None:
    before = ten.digests()
    ten.corpus.rename(ten.corpus.parent / "elsewhere")
    with pytest.raises(CorpusMissing, match="--corpus"):
        ten.refresh()
    assert ten.digests() == before


@pytest.mark.parametrize("rebuild", [False, True], ids=["refresh", "rebuild"])
def test_other_passages_are_made_by_the_next_refresh(ten: Workshop, rebuild: bool) -> None:
    ten.write("long.md", "\n\n".join(town(number) for number in range(40, 60)))
    ten.refresh()
    with ten.library.snapshot() as known:
        passages = known.count("passages")
    ten.reopen(passage_tokens=64)
    dry = ten.refresh(dry_run=True, rebuild=rebuild)
    assert (dry.anew, dry.unchanged) == (True, 11)
    ten.embedded()
    report = ten.refresh(rebuild=rebuild)
    assert (report.anew, report.unchanged, report.added, report.changed) == (True, 11, (), ())
    assert 0 < report.embedded == len(ten.embedded())
    with ten.library.snapshot() as known:
        assert known.count("passages") > passages
        assert known.count("vectors") == known.count("passages")
    ten.whole()
    again = ten.refresh()
    assert (again.unchanged, again.anew, again.embedded) == (11, False, 0)


@in_a_folder
def test_a_rebuild_mends_what_it_builds_beside(ten: Workshop) -> None:
    """The old vector index is not even opened: some damage makes Chroma end the process."""
    ten.close()
    (old,) = ten.data.glob("vectors-*")
    for file in old.rglob("*"):
        if file.is_file():
            file.write_bytes(b"garbage" * 999)
    ten.open()
    ten.library.set_meta({IN_STEP: "0"})
    ten.refresh(rebuild=True)
    with ten.library.snapshot() as known:
        assert known.meta(FOLDER) == "vectors-2"  # once: it was not filled again after the switch
    ten.whole()
    assert [folder.name for folder in ten.data.glob("vectors-*")] == ["vectors-2"]


def test_a_rebuild_of_nothing(workshop: Workshop) -> None:
    workshop.refresh()
    report = workshop.refresh(rebuild=True)
    assert (report.anew, report.unchanged) == (True, 0)
    workshop.whole()


def test_a_rebuild_embeds_only_what_is_not_there(ten: Workshop) -> None:
    report = ten.refresh(rebuild=True)
    assert (report.unchanged, report.embedded, ten.embedded()) == (10, 0, [])
    ten.whole()


def test_touching_a_file_is_no_change(ten: Workshop) -> None:
    os.utime(ten.corpus / "town-004.md", (1, 1))
    assert ten.refresh().unchanged == 10

"""A corpus that changes while it is read, or is suddenly not there: no article goes that is not gone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from index import written
from index.errors import CorpusMissing, FootnoteError, RefreshCancelled, RemovalsRefused
from index.reports import Progress
from index.store import IN_STEP
from index.surveying import SEEN
from tests.index.faults.conftest import MORE, TOWNS, few, sound
from tests.index.workshop import Workshop, town, towns, write

ASKED = "What was spoken of in Town007?"


def stays(workshop: Workshop) -> None:
    """Assert that the old articles answer."""
    assert len(workshop.digests()) == TOWNS + 1
    assert "Town007" in workshop.ask(ASKED).sentences[0].text
    workshop.whole()


def empty(corpus: Path) -> None:
    """As a mount point looks where nothing is mounted."""
    away(corpus)
    corpus.mkdir()


def away(corpus: Path) -> None:
    corpus.rename(corpus.parent / "unplugged")


def a_file(corpus: Path) -> None:
    away(corpus)
    corpus.write_text("not a folder")


def only_hidden(corpus: Path) -> None:
    empty(corpus)
    (corpus / ".Trash").mkdir()


GONE: dict[str, tuple[Callable[[Path], None], type[FootnoteError], str]] = {
    "empty": (empty, RemovalsRefused, "footnote refresh --allow-removals"),
    "empty but for what is hidden": (only_hidden, RemovalsRefused, "footnote refresh --allow-removals"),
    "away": (away, CorpusMissing, "--corpus"),
    "a file": (a_file, CorpusMissing, "--corpus"),
}


@pytest.mark.parametrize(("breaking", "error", "mend"), few(GONE, 2).values(), ids=list(few(GONE, 2)))
def test_the_folder_is_suddenly_not_there(
    sixty: Workshop, breaking: Callable[[Path], None], error: type[FootnoteError], mend: str
) -> None:
    sixty.open()
    breaking(sixty.corpus)
    for options in ({}, {"rebuild": True}, {"dry_run": True}):
        with pytest.raises(error, match=mend):
            sixty.refresh(**options)
        stays(sixty)
    if sixty.corpus.is_dir():
        for hidden in sixty.corpus.iterdir():
            hidden.rmdir()
        sixty.corpus.rmdir()
    elif sixty.corpus.exists():
        sixty.corpus.unlink()
    (sixty.corpus.parent / "unplugged").rename(sixty.corpus)
    assert sixty.refresh().unchanged == TOWNS + 1
    assert sixty.embedded() == []


def test_the_folder_may_not_be_read(sixty: Workshop, child: Callable[..., list[str]]) -> None:
    corpus = str(sixty.corpus)
    gave = child(["stripped"], ["chmod", corpus, 0], ["refresh"], ["ask", 7], ["chmod", corpus, 0o755])
    assert gave[2] == "added 0, changed 0, removed 0"
    assert "Town007" in gave[3]
    sixty.open()
    stays(sixty)
    assert sixty.refresh().failed == ()
    sixty.close()
    sound(sixty)


FILE = "town-003.md"


def appended(file: Path) -> None:
    with file.open("a") as stream:
        stream.write("A last sentence was added on Tuesday.\n")


def replaced(file: Path) -> None:
    other = file.with_name(".new")
    write(other, town(3, "tunnel"), title="Town003 mends its tunnel")
    other.replace(file)


def rewritten(file: Path) -> None:
    write(file, town(3, "tunnel"), title="Town003 mends its tunnel")


def a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


CHANGES: dict[str, Callable[[Path], object]] = {
    "appended to": appended,
    "cut in half": lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]),
    "emptied, to be written": lambda file: file.write_bytes(b""),
    "replaced": replaced,
    "rewritten": rewritten,
    "removed": lambda file: file.unlink(),
    "a folder now": a_folder,
}


@pytest.mark.parametrize("change", few(CHANGES, 2).values(), ids=list(few(CHANGES, 2)))
@pytest.mark.parametrize(
    "rebuild", [False, True] if MORE else [False], ids=lambda on: "rebuild" if on else "refresh"
)
def test_a_file_changes_between_listing_and_reading(
    sixty: Workshop, change: Callable[[Path], object], rebuild: bool
) -> None:
    sixty.open()
    changed: list[bool] = []

    def on_progress(progress: Progress) -> None:
        if progress.phase == "reading" and progress.done == 2 and not changed:  # of sixty-one, before it
            change(sixty.corpus / FILE)
            changed.append(True)

    towns(sixty.corpus, [100])
    report = sixty.refresh(on_progress=on_progress, rebuild=rebuild)
    assert changed
    assert report.added == ("town-100.md",)
    assert FILE in sixty.digests(), "a file that is being written is not a removed article"
    sixty.whole()
    assert "Town007" in sixty.ask(ASKED).sentences[0].text
    there = (sixty.corpus / FILE).is_file()
    if there:
        write(sixty.corpus / FILE, town(3, "canal"), title="Town003 mends its canal")
    sixty.refresh()
    assert (FILE in sixty.digests()) == there
    sixty.whole()
    if there:
        assert "canal" in sixty.ask("What was spoken of in Town003?").sentences[0].text


@pytest.mark.parametrize("change", [rewritten, Path.unlink], ids=["rewritten", "removed"])
def test_a_file_changes_before_it_is_read_a_second_time(
    sixty: Workshop, change: Callable[[Path], object]
) -> None:
    """As an unchanged file is whose article an undo took out."""
    sixty.open()
    sixty.library.within(lambda db: written.drop_article(db, FILE))
    sixty.library.set_meta({SEEN: "", IN_STEP: "0"})

    def on_progress(progress: Progress) -> None:
        if progress.phase == "reading" and progress.done == progress.total == TOWNS + 1:
            change(sixty.corpus / FILE)

    if change is rewritten:
        assert sixty.refresh(on_progress=on_progress).added == (FILE,)
        assert sixty.refresh().unchanged == TOWNS + 1
        assert "tunnel" in sixty.ask("What was spoken of in Town003?").sentences[0].text
    else:
        with pytest.raises(RefreshCancelled, match="changed while it was read"):
            sixty.refresh(on_progress=on_progress)
        assert len(sixty.digests()) == TOWNS
        sixty.refresh()
    sixty.close()
    sound(sixty)

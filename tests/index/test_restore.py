"""A backup comes back whole or not at all, and answers at once, here and on another machine."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from index import copying, schema, swapping
from index.archive import LIBRARY, MANIFEST
from index.errors import (
    BackupBroken,
    BackupRefused,
    CorpusMissing,
    IndexBusy,
    IndexMismatch,
    IndexPresent,
    RefreshCancelled,
    RemovalsRefused,
)
from index.exporting import export, exporting
from index.library import Library
from index.locking import OneProcess
from index.moves import Records, Restored, RestoreOptions
from index.reports import Cancel, Progress
from index.restoring import Restore
from index.served import OWN
from index.settings import Settings
from index.types import Filters
from tests.index.dying import RECORDS
from tests.index.test_backup import back_up, note
from tests.index.workshop import ROOT, Desk, Workshop, towns


def restore(workshop: Workshop, file: Path, *, replace: bool = False, **options: Any) -> Restored:
    """As the desk does, with nothing open."""
    workshop.close()
    chosen = RestoreOptions(replace=replace, records=options.pop("records", RECORDS), **options)
    try:
        return Restore(file, workshop.settings, chosen, Cancel())()
    finally:
        workshop.open()


def notes(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return [row[0] for row in connection.execute("SELECT words FROM notes")]


def tree(folder: Path) -> dict[str, bytes]:
    """All files but those that only say who was there, and SQLite's."""
    found = (file for file in folder.rglob("*") if file.is_file())
    passing = ("lock", "owner.json", "-wal", "-shm")
    return {
        str(file.relative_to(folder)): file.read_bytes() for file in found if not file.name.endswith(passing)
    }


@pytest.fixture
def kept(ten: Workshop, tmp_path: Path) -> Path:
    """A backup of ten articles, with records and something that was removed."""
    note(ten.data / "notes.db", "as it was")
    (ten.data / "removed").mkdir()
    (ten.data / "removed" / "a.md").write_text("Gone once.")
    back_up(ten, tmp_path / "kept.zip")
    return tmp_path / "kept.zip"


def test_an_empty_place_answers_at_once_and_nothing_is_embedded(
    ten: Workshop, kept: Path, make_workshop: Callable[..., Workshop]
) -> None:
    question = "What did Town007 mend?"
    before = ten.ask(question)
    other = make_workshop("elsewhere", "moved")
    done = restore(other, kept)
    assert (done.articles, done.passages, done.records) == (10, 10, ("notes.db",))
    answer = other.ask(question)
    assert [s.text for s in answer.sentences] == [s.text for s in before.sentences]
    assert answer.citations == before.citations
    assert other.embedded() == []
    other.whole()
    assert notes(other.data / "notes.db") == ["as it was"]
    assert (other.data / "notes.db").stat().st_mode & 0o777 == 0o600
    assert (other.data / "removed" / "a.md").read_text() == "Gone once."


def test_the_desk_answers_from_it(ten: Workshop, kept: Path, tmp_path: Path) -> None:
    desk = Desk(Settings(corpus=tmp_path / "nowhere", data=tmp_path / "moved"))
    done = desk(desk.desk.restore, kept, RestoreOptions(records=RECORDS))
    assert (done.mismatch, done.files, done.found) == ("", 10, 0)
    assert len(desk(desk.desk.articles)) == 10
    assert desk.ask("What did Town007 mend?", careful=0.0).citations
    desk.close()


def test_settings_that_did_not_build_it_are_told(ten: Workshop, kept: Path, tmp_path: Path) -> None:
    desk = Desk(Settings(corpus=ten.corpus, data=tmp_path / "moved", passage_tokens=100))
    done = desk(desk.desk.restore, kept, RestoreOptions(records=RECORDS))
    assert "passage_tokens was 160, is 100" in done.mismatch
    desk.close()


def test_what_was_there_is_kept_and_can_be_put_back(ten: Workshop, kept: Path) -> None:
    towns(ten.corpus, range(10), "tunnel")
    towns(ten.corpus, range(10, 14), "tunnel")
    ten.refresh()
    note(ten.data / "notes.db", "since then")
    before = ten.digests()
    ten.ask("What did Town007 mend?")
    ten.embedded()
    done = restore(ten, kept, replace=True)
    assert len(ten.digests()) == 10
    ten.whole()
    assert notes(ten.data / "notes.db") == ["as it was"]
    library, records = sorted(done.aside)
    assert library.startswith("library-before-restore-")
    assert notes(ten.data / records) == ["as it was", "since then"]
    ten.close()
    (ten.data / library).replace(ten.data / LIBRARY)
    ten.open()
    assert ten.digests() == before
    ten.whole()
    assert ten.embedded() == []


def test_a_vector_index_of_other_articles_is_not_taken_for_its_own(ten: Workshop, kept: Path) -> None:
    """As many passages, under the same ids and a folder of the same name: only the words differ."""
    towns(ten.corpus, range(10), "tunnel")
    ten.refresh()
    ten.whole()
    restore(ten, kept, replace=True)
    assert ten.ask("Which town spoke of a new bridge?").citations
    ten.whole()


def test_columns_of_other_passages_are_not_taken_for_its_own(ten: Workshop, kept: Path) -> None:
    """The numbers that passages were given since the backup are given again, to others."""

    def search() -> None:
        ten.reopen()  # without the vector index
        with ten.library.snapshot() as known:
            for id_, vector, _, _ in known.rows(known.passage_ids(known.digests())):
                assert ten.near.nearest(known, vector, 1)[0][0] == id_

    towns(ten.corpus, range(100, 105))
    ten.refresh()
    search()
    restore(ten, kept, replace=True)
    for file in ten.corpus.glob("town-10*.md"):
        file.unlink()
    towns(ten.corpus, range(200, 205))
    ten.refresh()
    search()


def test_what_a_server_knows_a_library_by_stays_in_its_place(
    ten: Workshop, kept: Path, make_workshop: Callable[..., Workshop]
) -> None:
    """Two libraries of one name would discard each other's collections; without it, nobody would."""

    def served(workshop: Workshop) -> str | None:
        with workshop.library.snapshot() as known:
            return known.meta(OWN)

    ten.library.set_meta({OWN: "here"})
    restore(ten, kept, replace=True)
    assert served(ten) == "here"
    back_up(ten, kept, force=True)
    other = make_workshop("elsewhere", "moved")
    restore(other, kept)
    assert served(other) is None


def test_an_index_is_replaced_only_when_asked(ten: Workshop, kept: Path) -> None:
    ten.close()
    before = tree(ten.data)
    with pytest.raises(
        IndexPresent, match=r"there is an index of 10 articles and the records notes\.db\. .*--yes"
    ):
        restore(ten, kept)
    assert tree(ten.data) == before
    ten.close()
    (ten.data / LIBRARY).write_bytes(b"nonsense" * 1000)
    with pytest.raises(IndexPresent, match="an index that cannot be read"):
        Restore(kept, ten.settings, RestoreOptions(records=RECORDS), Cancel())()
    (ten.data / LIBRARY).unlink()
    ten.open()


def test_a_damaged_library_is_mended_by_a_backup(ten: Workshop, kept: Path) -> None:
    """With the log that it had: a log is never applied to another file."""
    ten.library.set_meta({"lately": "x" * 5000})
    wal = (ten.data / f"{LIBRARY}-wal").read_bytes()
    assert len(wal) > 5000
    ten.close()
    (ten.data / LIBRARY).write_bytes(b"SQLite format 3\0" + b"nonsense" * 1000)
    (ten.data / f"{LIBRARY}-wal").write_bytes(wal)
    done = Restore(kept, ten.settings, RestoreOptions(replace=True, records=RECORDS), Cancel())()
    ten.open()
    assert len(ten.digests()) == 10
    with ten.library.snapshot() as known:
        assert known.meta("lately") is None
    ten.whole()
    [aside] = [name for name in done.aside if name.startswith("library")]
    assert (ten.data / f"{aside}-wal").read_bytes() == wal


def test_a_log_without_its_file_is_not_applied(ten: Workshop, kept: Path) -> None:
    ten.library.set_meta({"lately": "x" * 5000})
    wal = (ten.data / f"{LIBRARY}-wal").read_bytes()
    ten.close()
    (ten.data / LIBRARY).unlink()
    (ten.data / f"{LIBRARY}-wal").write_bytes(wal)
    Restore(kept, ten.settings, RestoreOptions(replace=True, records=RECORDS), Cancel())()
    ten.open()
    with ten.library.snapshot() as known:
        assert known.meta("lately") is None
    ten.whole()


def test_what_was_removed_is_added_and_nothing_written_over(ten: Workshop, kept: Path) -> None:
    (ten.data / "removed" / "a.md").write_text("Gone again.")
    (ten.data / "removed" / "b.md").write_text("Gone since.")
    restore(ten, kept, replace=True)
    restore(ten, kept, replace=True)
    found = {file.name: file.read_text() for file in (ten.data / "removed").iterdir()}
    assert found == {"a.md": "Gone again.", "a-2.md": "Gone once.", "b.md": "Gone since."}


def test_records_that_are_not_in_it_stay(ten: Workshop, kept: Path, tmp_path: Path) -> None:
    (ten.data / "notes.db").rename(tmp_path / "notes.db")
    back_up(ten, tmp_path / "without.zip")
    (tmp_path / "notes.db").rename(ten.data / "notes.db")
    assert restore(ten, tmp_path / "without.zip", replace=True).records == ()
    assert notes(ten.data / "notes.db") == ["as it was"]


def test_killed_at_every_step(ten: Workshop, kept: Path, tmp_path: Path) -> None:
    """The next one to open finds the old or the new, each whole: library and records together."""
    towns(ten.corpus, range(12), "tunnel")
    ten.refresh()
    note(ten.data / "notes.db", "since then")
    ten.close()
    target = tmp_path / "killed"
    target.mkdir()
    command = [
        sys.executable,
        "-m",
        "tests.index.dying",
        "restore",
        *map(str, (ten.data, ten.corpus, kept, target)),
    ]
    died = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (died.returncode, died.stderr) == (0, "")
    steps = int(died.stdout)
    assert steps > 15
    seen = []
    for step in range(steps):
        data = target / str(step)
        swapping.settle(data, OneProcess(data, "tests"))
        library = Library(data / LIBRARY)
        with library.snapshot() as known:
            articles = known.count("articles")
            assert known.damage() == ""
        library.close()
        state = articles, len(notes(data / "notes.db"))
        assert state in {(12, 2), (10, 1)}, (step, state)
        assert (data / "removed" / "a.md").read_text() == "Gone once."
        if state == (10, 1):  # and the old is there too
            [aside] = data.glob("library-before-restore-*.db")
            with closing(sqlite3.connect(aside)) as connection:
                assert connection.execute("SELECT count(*) FROM articles").fetchone() == (12,)
        assert not swapping.pending(data)
        seen.append(state)
    assert seen == sorted(seen, reverse=True)
    assert {(12, 2), (10, 1)} == set(seen)
    ten.open()


def test_a_restore_that_was_interrupted_is_ended_by_the_next_command(
    ten: Workshop, kept: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    towns(ten.corpus, range(12), "tunnel")
    ten.refresh()
    ten.close()
    monkeypatch.setattr(swapping, "finish", lambda data: [])
    Restore(kept, ten.settings, RestoreOptions(replace=True, records=RECORDS), Cancel())()
    monkeypatch.undo()
    desk = Desk(ten.settings)
    assert len(desk(desk.desk.articles)) == 10
    desk.close()
    ten.open()
    ten.whole()


def test_one_who_owns_the_index_is_not_disturbed(ten: Workshop, kept: Path) -> None:
    owner = OneProcess(ten.data, "footnote run")
    owner.acquire()
    desk = Desk(ten.settings)
    with pytest.raises(IndexBusy, match="'footnote run'"):
        desk(desk.desk.restore, kept, RestoreOptions(replace=True, records=RECORDS))
    desk.close()
    owner.release()


def test_one_who_reads_it_is_not_disturbed(
    ten: Workshop, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "LOOK", 0.1)
    before = tree(ten.data)
    restoring = Restore(kept, ten.settings, RestoreOptions(replace=True, records=RECORDS), Cancel())
    with ten.library.snapshot() as known:
        known.count("articles")
        with pytest.raises(IndexBusy, match="being read by another footnote"):
            restoring()
    assert tree(ten.data).keys() == before.keys()
    ten.whole()


# Backups that are not what they should be


def repacked(
    kept: Path,
    target: Path,
    change: Callable[[dict[str, Any]], None] = lambda said: None,
    parts: Mapping[str, bytes] | None = None,
    **how: Any,
) -> Path:
    """A backup made by hand: another manifest, other parts, packed in another way."""
    with zipfile.ZipFile(kept) as packed:
        said = json.loads(packed.read(MANIFEST))
        there = {name: packed.read(name) for name in packed.namelist() if name != MANIFEST}
    change(said)
    with zipfile.ZipFile(target, "w", **how) as made:
        made.writestr(zipfile.ZipInfo(MANIFEST), json.dumps(said))
        for name, content in (there if parts is None else parts).items():
            made.writestr(name, content)
    return target


def part(name: str, content: bytes) -> dict[str, Any]:
    import hashlib

    return {"name": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def holding(kept: Path, target: Path, parts: Mapping[str, bytes], **said_too: Any) -> Path:
    """A backup of these parts, with sizes and hashes that are right."""

    def change(said: dict[str, Any]) -> None:
        said.update(said_too, parts=[part(name, content) for name, content in parts.items()])

    return repacked(kept, target, change, parts)


def library_of(kept: Path) -> bytes:
    with zipfile.ZipFile(kept) as packed:
        return packed.read(LIBRARY)


def refused(ten: Workshop, file: Path, why: str, error: type[Exception] = BackupBroken) -> None:
    """It is refused with a sentence, and nothing is changed."""
    ten.close()
    before = tree(ten.data)
    with pytest.raises(error, match=why):
        Restore(file, ten.settings, RestoreOptions(replace=True, records=RECORDS), Cancel())()
    assert tree(ten.data) == before
    ten.open()


@pytest.mark.parametrize(
    "name",
    [
        "../escaped",
        "removed/../../escaped",
        "/escaped",
        "removed//escaped",
        "removed/./escaped",
        "removed/..",
        ".",
    ],
)
def test_no_name_leads_out_of_the_folder(ten: Workshop, kept: Path, tmp_path: Path, name: str) -> None:
    file = holding(kept, tmp_path / "bad.zip", {LIBRARY: library_of(kept), name: b"x"})
    refused(ten, file, "which no Footnote packs so|is damaged")
    assert not list(tmp_path.rglob("escaped"))


def test_nothing_is_unpacked_to_more_than_the_file_holds(ten: Workshop, kept: Path, tmp_path: Path) -> None:
    zeros = bytes(50 << 20)
    parts = {LIBRARY: library_of(kept), "removed/zeros": zeros}
    said = {"parts": [part(name, content) for name, content in parts.items()]}
    file = repacked(
        kept, tmp_path / "bomb.zip", lambda old: old.update(said), parts, compression=zipfile.ZIP_DEFLATED
    )
    assert file.stat().st_size < 1 << 20
    refused(ten, file, "which no Footnote packs so")


def test_what_the_manifest_does_not_name_is_refused(ten: Workshop, kept: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(kept) as packed:
        parts = {name: packed.read(name) for name in packed.namelist() if name != MANIFEST}
    refused(ten, repacked(kept, tmp_path / "1.zip", parts=parts | {"more": b"x"}), "does not hold what")
    del parts["removed/a.md"]
    refused(ten, repacked(kept, tmp_path / "2.zip", parts=parts), "does not hold what")
    file = holding(kept, tmp_path / "3.zip", {"notes.db": parts["notes.db"]})
    refused(ten, file, "holds no library")
    file = holding(kept, tmp_path / "4.zip", {LIBRARY: library_of(kept), "other.db": b"x"})
    refused(ten, file, "'other.db', which is unknown here")


@pytest.mark.parametrize(
    "content",
    [b"", b"hello", b"PK\x05\x06" + bytes(18), b"{}", bytes(5000)],
    ids=["none", "words", "zip", "json", "0"],
)
def test_a_file_that_is_no_backup(ten: Workshop, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "no.zip").write_bytes(content)
    refused(ten, tmp_path / "no.zip", "no backup of Footnote")


@pytest.mark.parametrize(
    "manifest",
    [
        "",
        "[]",
        "{}",
        '{"format": "x"}',
        '{"format": 1}',
        "[" * 100_000,
        '{"format": 1, "parts": 5}',
        "1",
        "\ud800",
    ],
    ids=range(9),
)
def test_a_manifest_that_makes_no_sense(ten: Workshop, tmp_path: Path, manifest: str) -> None:
    with zipfile.ZipFile(tmp_path / "no.zip", "w") as packed:
        packed.writestr(MANIFEST, manifest.encode("utf-8", "surrogatepass"))
    refused(ten, tmp_path / "no.zip", r"is damaged \(manifest\.json\)")


def test_a_backup_of_a_newer_footnote(ten: Workshop, kept: Path, tmp_path: Path) -> None:
    newer = repacked(kept, tmp_path / "1.zip", lambda said: said.update(format=2))
    refused(ten, newer, "has format 2, this Footnote reads 1. Update Footnote")
    later = schema.SCHEMA_VERSION + 1
    newer = repacked(kept, tmp_path / "2.zip", lambda said: said.update(schema=later, footnote="9.0"))
    refused(
        ten,
        newer,
        rf"made by Footnote 9\.0, whose library has version {later};.*Update Footnote",
        IndexMismatch,
    )


def test_records_of_a_newer_face(ten: Workshop, kept: Path) -> None:
    before = tree(ten.data)
    with pytest.raises(IndexMismatch, match=r"whose notes\.db has version 3; this Footnote reads 2"):
        restore(ten, kept, replace=True, records=(Records("notes.db", 2),))
    assert tree(ten.data).keys() == before.keys()


def test_a_library_that_only_looks_like_one(ten: Workshop, kept: Path, tmp_path: Path) -> None:
    """Size and hash are right; SQLite has the last word."""
    content = bytearray(library_of(kept))
    content[4096 * 12 : 4096 * 14] = bytes(range(256)) * 32
    refused(ten, holding(kept, tmp_path / "1.zip", {LIBRARY: bytes(content)}), rf"damaged \({LIBRARY}: ")
    refused(ten, holding(kept, tmp_path / "2.zip", {LIBRARY: b"no database"}), rf"damaged \({LIBRARY}: ")
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE bread (flour)")
        other.execute(f"PRAGMA user_version = {schema.SCHEMA_VERSION}")
    refused(
        ten, holding(kept, tmp_path / "3.zip", {LIBRARY: (tmp_path / "other.db").read_bytes()}), "is damaged"
    )
    file = holding(kept, tmp_path / "4.zip", {LIBRARY: library_of(kept)}, schema=1)
    refused(ten, file, rf"is damaged \({LIBRARY}\)")


def test_any_byte_that_changed_is_found(ten: Workshop, kept: Path, tmp_path: Path) -> None:
    """Or it does not matter: then all that comes back is as it was."""
    sound = kept.read_bytes()
    right = ten.digests()
    refusals = 0
    for place in [*range(0, len(sound), 9973), *range(len(sound) - 350, len(sound), 3), *range(60)]:
        broken = bytearray(sound)
        broken[place] ^= 0x55
        (tmp_path / "broken.zip").write_bytes(broken)
        try:
            restore(ten, tmp_path / "broken.zip", replace=True)
        except BackupBroken:
            refusals += 1
        assert ten.digests() == right, place
        assert notes(ten.data / "notes.db") == ["as it was"], place
    assert refusals > 60


def test_a_file_that_was_cut_off(ten: Workshop, kept: Path, tmp_path: Path) -> None:
    sound = kept.read_bytes()
    for length in [*range(0, len(sound), len(sound) // 7), len(sound) - 1]:
        (tmp_path / "cut.zip").write_bytes(sound[:length])
        refused(ten, tmp_path / "cut.zip", "no backup of Footnote")


def test_a_file_that_is_not_there(ten: Workshop, tmp_path: Path) -> None:
    refused(ten, tmp_path / "nothing.zip", "cannot be read", BackupRefused)
    refused(ten, tmp_path, "cannot be read", BackupRefused)


@pytest.mark.parametrize("phase", ["unpacking", "checking"])
def test_a_restore_that_is_stopped_changes_nothing(
    ten: Workshop, kept: Path, monkeypatch: pytest.MonkeyPatch, phase: str
) -> None:
    from index import backup

    monkeypatch.setattr(backup, "WORTH_TELLING", 0)
    ten.close()
    before, cancel = tree(ten.data), Cancel()

    def stop(progress: Progress) -> None:
        if progress.phase == phase:
            cancel.set()

    options = RestoreOptions(replace=True, records=RECORDS, on_progress=stop)
    with pytest.raises(RefreshCancelled):
        Restore(kept, ten.settings, options, cancel)()
    assert tree(ten.data) == before
    ten.open()


FULL = """
import resource, sys
from pathlib import Path
from index.errors import IndexBroken
from index.moves import RestoreOptions
from index.restoring import Restore
from index.settings import Settings
from index.reports import Cancel

for limit in map(int, sys.argv[3:]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    try:
        Restore(Path(sys.argv[1]), Settings(data=Path(sys.argv[2])), RestoreOptions(replace=True), Cancel())()
    except IndexBroken as error:
        assert "Nothing was changed. Check that the disk is not full" in str(error), error
    else:
        raise SystemExit(f"{limit} bytes were enough")
"""


def test_a_full_disk_changes_nothing(ten: Workshop, tmp_path: Path) -> None:
    back_up(ten, tmp_path / "b.zip")
    ten.close()
    before = tree(ten.data)
    size = before[LIBRARY].__len__()
    command = [sys.executable, "-c", FULL, str(tmp_path / "b.zip"), str(ten.data), "0", "5000", str(size - 1)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert tree(ten.data) == before
    ten.open()


# Another machine, another folder


def test_a_refresh_of_the_same_files_elsewhere_has_nothing_to_do(
    ten: Workshop, kept: Path, make_workshop: Callable[..., Workshop]
) -> None:
    other = make_workshop("elsewhere", "moved")
    shutil.copytree(ten.corpus, other.corpus, dirs_exist_ok=True)
    done = restore(other, kept)
    assert (done.files, done.found) == (10, 10)
    report = other.refresh()
    assert (report.unchanged, report.added, report.changed, report.removed, report.embedded) == (
        10,
        (),
        (),
        (),
        0,
    )


def test_a_refresh_of_an_empty_folder_is_refused(
    ten: Workshop, kept: Path, make_workshop: Callable[..., Workshop]
) -> None:
    other = make_workshop("elsewhere", "moved")
    done = restore(other, kept)
    assert (done.files, done.found) == (10, 0)
    with pytest.raises(RemovalsRefused):
        other.refresh()
    other.corpus.rmdir()
    with pytest.raises(CorpusMissing):
        other.refresh()
    assert len(other.digests()) == 10
    assert other.ask("What did Town007 mend?").citations


def test_a_corpus_that_is_lost_comes_back_from_the_backup(
    ten: Workshop, kept: Path, make_workshop: Callable[..., Workshop]
) -> None:
    before = ten.digests()
    other = make_workshop("elsewhere", "moved")
    restore(other, kept)
    with other.library.snapshot() as known, exporting(other.corpus / "all.jsonl", force=False) as out:
        export(known, out, Filters())
    report = other.refresh()
    assert (report.unchanged, report.added, report.changed, report.removed) == (10, (), (), ())
    assert other.embedded() == []
    assert other.digests() == before
    other.whole()

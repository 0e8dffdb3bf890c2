"""A backup is one sound file, whatever goes on meanwhile, or it is none."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import subprocess
import sys
import textwrap
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from index import backup, copying, served
from index.archive import LIBRARY, MANIFEST, manifest_of, opened
from index.backup import Backup
from index.errors import BackupBroken, BackupRefused, FootnoteError, RefreshCancelled
from index.moves import BackedUp, BackupOptions, Records
from index.reports import Cancel, Progress
from tests.index.workshop import ROOT, Workshop, town, towns

RECORDS = (Records("notes.db", 3),)
REFRESHING = """
    import sys
    from pathlib import Path
    from tests.index.workshop import CountingEmbedder, Workshop, towns

    workshop = Workshop(Path(sys.argv[1]), Path(sys.argv[2]), CountingEmbedder())
    for word in ["tunnel", "harbour"] * 1000:
        towns(workshop.corpus, range(10), word)
        workshop.refresh()
        print(word, flush=True)
"""


def back_up(workshop: Workshop, file: Path, cancel: Cancel | None = None, **options: object) -> BackedUp:
    chosen = BackupOptions(records=RECORDS, **options)  # type: ignore[arg-type]  # the tests' own
    return Backup(workshop.data, file, chosen, cancel or Cancel())()


def note(file: Path, words: str) -> None:
    """Add to the records of a face, in a log that is not yet in the file."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA user_version = 3")
        connection.execute("CREATE TABLE IF NOT EXISTS notes (words TEXT)")
        connection.execute("INSERT INTO notes VALUES (?)", (words,))


def inside(file: Path, folder: Path) -> Path:
    """The library of a backup, unpacked."""
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(file) as packed:
        return Path(packed.extract(LIBRARY, folder))


def words_of(library: Path) -> set[str]:
    """The word by which the towns' articles of one refresh differ from those of the next."""
    with closing(sqlite3.connect(library)) as connection:
        texts = [str(row[0]) for row in connection.execute("SELECT text FROM articles")]
    assert len(texts) == 10
    return {word for word in ("bridge", "tunnel", "harbour") for text in texts if f"a new {word}" in text}


def test_the_manifest_comes_first_and_tells_what_is_in_it(ten: Workshop, tmp_path: Path) -> None:
    note(ten.data / "notes.db", "a vote")
    (ten.data / "removed" / "deep").mkdir(parents=True)
    (ten.data / "removed" / "deep" / "grün.md").write_text("Gone.", "utf-8")
    made = back_up(ten, tmp_path / "b.zip")
    assert (made.articles, made.passages, made.vectors) == (10, 10, 10)
    assert (made.records, made.removed) == (("notes.db",), 1)
    assert made.bytes == (tmp_path / "b.zip").stat().st_size
    assert (tmp_path / "b.zip").stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(tmp_path / "b.zip") as packed:
        names = packed.namelist()
        said = json.loads(packed.read(MANIFEST))
        parts = {part["name"]: part for part in said["parts"]}
        for name, part in parts.items():
            content = packed.read(name)
            assert (part["bytes"], part["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert names == [MANIFEST, LIBRARY, "notes.db", "removed/deep/grün.md"] == [MANIFEST, *parts]
    assert (said["format"], said["corpus"], said["articles"]) == (1, "corpus", 10)
    assert said["fingerprint"]["embedding model"] == ten.embedder.name
    assert said["schema"] == copying.version(ten.data / LIBRARY)


def test_nothing_of_this_machine_is_in_it(ten: Workshop, tmp_path: Path) -> None:
    back_up(ten, tmp_path / "b.zip")
    assert str(tmp_path).encode() not in (tmp_path / "b.zip").read_bytes()


def test_the_vector_index_is_not_in_it_and_the_index_here_stays_as_it_was(
    ten: Workshop, tmp_path: Path
) -> None:
    ten.library.set_meta({served.OWN: "ours"})
    back_up(ten, tmp_path / "b.zip")
    with closing(sqlite3.connect(inside(tmp_path / "b.zip", tmp_path / "in"))) as connection:
        keys = {row[0] for row in connection.execute("SELECT key FROM meta")}
    assert not keys.intersection(backup.OF_THIS_MACHINE)
    with ten.library.snapshot() as known:
        assert all(known.meta(key) for key in backup.OF_THIS_MACHINE)
    ten.whole()


def test_backups_beside_a_process_that_refreshes(ten: Workshop, tmp_path: Path) -> None:
    """Each holds one generation, whole."""
    ten.close()
    script = textwrap.dedent(REFRESHING)
    command = [sys.executable, "-c", script, str(ten.corpus), str(ten.data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            seen = set()
            for number in range(40):
                file = tmp_path / f"{number}.zip"
                assert back_up(ten, file).articles == 10
                found = inside(file, tmp_path / "in")
                assert copying.damage(found, thorough=True) == ""
                words = words_of(found)
                assert len(words) == 1, words
                seen |= words
                process.stdout.readline()
            assert process.poll() is None
        finally:
            process.kill()
    assert seen == {"tunnel", "harbour"}
    ten.open()


def test_what_is_written_while_pages_are_copied_is_not_in_the_copy(
    ten: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does each write begin the copy anew."""
    monkeypatch.setattr(copying, "PAGES", 1)
    steps = []

    def tick(done: int, total: int) -> None:
        steps.append(done)
        ten.library.set_meta({"written": str(len(steps)) * 5000})

    copying.copy(ten.data / LIBRARY, tmp_path / "copy.db", tick)
    assert steps == sorted(steps)
    assert len(steps) > 40
    with closing(sqlite3.connect(tmp_path / "copy.db")) as connection:
        assert connection.execute("SELECT value FROM meta WHERE key = 'written'").fetchone() is None
    assert copying.damage(tmp_path / "copy.db", thorough=True) == ""
    assert not list(tmp_path.glob("copy.db-*"))


def test_a_file_that_is_there_is_not_written_over_unasked(ten: Workshop, tmp_path: Path) -> None:
    file = tmp_path / "b.zip"
    file.write_bytes(b"mine")
    with pytest.raises(BackupRefused, match=r"b\.zip is there already\. .*--force"):
        back_up(ten, file)
    assert file.read_bytes() == b"mine"
    back_up(ten, file, force=True)
    assert zipfile.is_zipfile(file)


def test_a_file_that_appears_meanwhile_is_not_written_over_either(
    ten: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "WORTH_TELLING", 0)
    out = tmp_path / "out"
    out.mkdir()

    def write(progress: Progress) -> None:
        if progress.phase == "packing":
            (out / "b.zip").write_bytes(b"mine")

    with pytest.raises(BackupRefused, match="is there already"):
        back_up(ten, out / "b.zip", on_progress=write)
    assert {file.name: file.read_bytes() for file in out.iterdir()} == {"b.zip": b"mine"}


@pytest.mark.parametrize("where", ["missing/b.zip", "folder"])
def test_a_place_that_cannot_be_written(ten: Workshop, tmp_path: Path, where: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(BackupRefused, match=r"is not there\. Make it|is a folder"):
        back_up(ten, tmp_path / where)


@pytest.mark.parametrize("phase", ["copying", "checking", "packing"])
def test_a_backup_that_is_stopped_leaves_nothing(
    ten: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, phase: str
) -> None:
    monkeypatch.setattr(backup, "WORTH_TELLING", 0)
    monkeypatch.setattr(copying, "PAGES", 8)
    note(ten.data / "notes.db", "a vote")
    out, cancel = tmp_path / "out", Cancel()
    out.mkdir()
    (out / "b.zip").write_bytes(b"yesterday's")

    def stop(progress: Progress) -> None:
        if progress.phase == phase:
            cancel.set()

    with pytest.raises(RefreshCancelled):
        back_up(ten, out / "b.zip", cancel, force=True, on_progress=stop)
    assert {file.name: file.read_bytes() for file in out.iterdir()} == {"b.zip": b"yesterday's"}


def test_killed_at_every_step(ten: Workshop, tmp_path: Path) -> None:
    """Under its name there is yesterday's or today's, each whole."""
    (tmp_path / "out").mkdir()
    file, target = tmp_path / "out" / "b.zip", tmp_path / "killed"
    back_up(ten, file)
    towns(ten.corpus, range(12))
    ten.refresh()
    ten.close()
    target.mkdir()
    command = [
        sys.executable,
        "-m",
        "tests.index.dying",
        "backup",
        *map(str, (ten.data, ten.corpus, file, target)),
    ]
    died = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (died.returncode, died.stderr) == (0, "")
    steps = int(died.stdout)
    assert steps > 4
    seen = []
    for step in range(steps + 1):
        made = target / str(step) / "b.zip"
        with opened(made) as packed:
            seen.append(manifest_of(packed, made).articles)
        assert copying.damage(inside(made, tmp_path / "in"), thorough=True) == ""
    assert set(seen) == {10, 12}
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (10, 12)
    assert len(list((target / str(steps)).iterdir())) == 1  # the last one was not killed


FULL = """
    import resource, sys
    from pathlib import Path
    from index.backup import Backup
    from index.errors import BackupBroken
    from index.moves import BackupOptions, Records
    from index.reports import Cancel

    data, out = Path(sys.argv[1]), Path(sys.argv[2])
    for limit in map(int, sys.argv[3:]):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        try:
            Backup(data, out / "b.zip", BackupOptions(force=True), Cancel())()
        except BackupBroken as error:
            assert str(error).endswith("the disk is not full, then try again."), error
        else:
            raise SystemExit(f"{limit} bytes were enough")
        assert [file.name for file in out.iterdir()] == ["b.zip"], list(out.iterdir())
"""


def test_a_full_disk_leaves_nothing_half(ten: Workshop, tmp_path: Path) -> None:
    """The system refuses at many sizes of the copy and of the file that is packed from it."""
    out = tmp_path / "out"
    out.mkdir()
    (out / "b.zip").write_bytes(b"yesterday's")
    size = (ten.data / LIBRARY).stat().st_size
    limits = [0, 1, 5000, size // 2, size - 1, size, size + 100]
    command = [sys.executable, "-c", textwrap.dedent(FULL), str(ten.data), str(out), *map(str, limits)]
    ten.close()  # so that the copy is as large as the file
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert (out / "b.zip").read_bytes() == b"yesterday's"


def test_a_damaged_library_makes_no_backup(ten: Workshop, tmp_path: Path) -> None:
    """Else it would take the place of yesterday's, which is sound."""
    ten.close()
    with (ten.data / LIBRARY).open("r+b") as stream:
        stream.seek(4096 * 12)
        stream.write(os.urandom(4096 * 3))
    with pytest.raises(BackupBroken, match=r"is damaged .*so it was not backed up.*footnote doctor"):
        back_up(ten, tmp_path / "b.zip")
    assert not (tmp_path / "b.zip").exists()
    (ten.data / LIBRARY).write_bytes(b"no database at all" * 1000)
    with pytest.raises(BackupBroken, match="is damaged"):
        back_up(ten, tmp_path / "b.zip")
    (ten.data / LIBRARY).unlink()


def test_there_has_to_be_an_index(workshop: Workshop, tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match=r"no index in .* yet.*footnote refresh"):
        back_up(workshop, tmp_path / "b.zip")
    workshop.close()
    for each in workshop.data.iterdir():
        each.unlink()
    with pytest.raises(BackupRefused, match="no index"):
        back_up(workshop, tmp_path / "b.zip")
    (workshop.data / LIBRARY).touch()
    with pytest.raises(FootnoteError, match="no index"):
        back_up(workshop, tmp_path / "b.zip")
    assert not (tmp_path / "b.zip").exists()


def test_links_beside_what_was_removed_are_not_followed(ten: Workshop, tmp_path: Path) -> None:
    (tmp_path / "secret.md").write_text("A secret.")
    (ten.data / "removed").mkdir()
    (ten.data / "removed" / "link.md").symlink_to(tmp_path / "secret.md")
    (ten.data / "removed" / "folder").symlink_to(tmp_path)
    assert back_up(ten, tmp_path / "b.zip").removed == 0


def test_what_was_embedded_and_not_yet_used_is_in_it(ten: Workshop, tmp_path: Path) -> None:
    """A refresh that is under way has kept its vectors already."""
    towns(ten.corpus, [50])
    ten.write("town-051.md", town(51))
    cancel = Cancel()

    def stop(progress: Progress) -> None:
        if progress.phase == "indexing":
            cancel.set()

    with pytest.raises(RefreshCancelled):
        ten.refresh(cancel, on_progress=stop)
    made = back_up(ten, tmp_path / "b.zip")
    assert (made.articles, made.vectors) == (10, 12)

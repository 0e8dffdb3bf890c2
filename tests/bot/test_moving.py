"""`footnote backup`, `restore` and `export`, with the real desk."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot import moving, running
from bot.cli import footnote
from bot.group import Surroundings
from bot.ledger import Act, Ledger
from bot.ledger_schema import FILE
from bot.settings import BotSettings
from index import open_desk, swapping
from index.errors import SettingsError
from index.settings import Settings

Typed = Callable[..., Result]
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def data(sample_data: Path, tmp_path: Path) -> Path:
    """The index of the sample articles: a copy, with the bot's records."""
    shutil.copytree(sample_data, tmp_path / "data")
    remember(tmp_path / "data" / FILE, "first")
    return tmp_path / "data"


@pytest.fixture
def typed(data: Path) -> Typed:
    """Type a command."""

    def run(*args: str, corpus: Path | None = None) -> Result:
        settings = Settings(data=data) if corpus is None else Settings(data=data, corpus=corpus)
        surroundings = Surroundings(lambda: settings, open_desk)
        return CliRunner().invoke(footnote, args, obj=surroundings)

    return run


def remember(file: Path, detail: str) -> None:
    async def work() -> None:
        ledger = Ledger(file)
        await ledger.note(Act(datetime(2022, 3, 25, tzinfo=UTC), 1, "Ada", None, "refresh", detail))
        await ledger.close()

    asyncio.run(work())


def remembered(file: Path) -> list[str]:
    async def work() -> list[str]:
        ledger = Ledger(file)
        acts = await ledger.history(10)
        await ledger.close()
        return [act.detail for act in acts]

    return asyncio.run(work())


def test_a_backup_and_the_way_back(typed: Typed, data: Path) -> None:
    made = typed("backup", "b.zip")
    assert (made.exit_code, made.stderr) == (0, "")
    assert made.stdout.startswith("Backed up: 11 articles, the bot's records; ")
    assert " in b.zip, in " in made.stdout
    remember(data / FILE, "second")
    asked = typed("restore", "b.zip")
    assert (asked.exit_code, asked.stdout) == (2, "")
    assert "there is an index of 11 articles and the records bot.db" in asked.stderr
    assert asked.stderr.endswith("To go on, add --yes.\n")
    assert remembered(data / FILE) == ["second", "first"]
    done = typed("restore", "b.zip", "--yes")
    assert (done.exit_code, done.stderr) == (0, "")
    first, kept = done.stdout.splitlines()
    assert first.startswith("Restored: 11 articles, the bot's records, as of ")
    assert kept.startswith("What was there before is kept as bot-before-restore-")
    assert remembered(data / FILE) == ["first"]
    [aside] = data.glob("bot-before-restore-*.db")
    assert remembered(aside) == ["second", "first"]
    assert typed("ask", "How many battlegroups did NATO have in 2017?").exit_code == 0


def test_json(typed: Typed, tmp_path: Path) -> None:
    made = json.loads(typed("backup", "b.zip", "--json").stdout)
    assert (made["file"], made["articles"], made["records"]) == ("b.zip", 11, [FILE])
    assert made["passages"] == made["vectors"] > 11
    assert made["bytes"] == Path("b.zip").stat().st_size
    done = json.loads(typed("--data", "moved", "restore", "b.zip", "--json").stdout)
    assert (done["articles"], done["records"], done["kept"], done["mismatch"]) == (11, [FILE], [], None)
    assert (done["files"], done["found"]) == (11, 11)
    assert done["made"] == made["made"]
    written = json.loads(typed("export", "a.jsonl", "--json").stdout)
    assert written == {"file": "a.jsonl", "articles": 11, "bytes": Path("a.jsonl").stat().st_size}


def test_on_a_machine_without_the_articles(typed: Typed, tmp_path: Path) -> None:
    """It answers at once, says what is missing, and the articles come back out of the index."""
    assert typed("backup", "b.zip").exit_code == 0
    here = tmp_path / "new"
    here.mkdir()
    done = typed("--data", "moved", "restore", "b.zip", corpus=here)
    assert done.exit_code == 0
    assert done.stderr.startswith(f"Of the 11 files that the articles came from, 0 are in {here}. ")
    assert done.stderr.endswith(f"footnote export {here}/articles.jsonl\n")
    assert typed("--data", "moved", "ask", "When does the Madrid summit begin?", corpus=here).exit_code == 0
    refused = typed("--data", "moved", "refresh", corpus=here)
    assert refused.exit_code == 2
    assert "would remove 11 of 11 articles" in refused.stderr
    assert typed("--data", "moved", "export", f"{here}/articles.jsonl", corpus=here).exit_code == 0
    report = json.loads(typed("--data", "moved", "refresh", "--json", corpus=here).stdout)
    assert (report["unchanged"], report["removed"], report["embedded"]) == (11, [], 0)


def test_the_old_index_is_kept_while_the_file_is_bad(typed: Typed, data: Path) -> None:
    Path("b.zip").write_bytes(b"no zip")
    result = typed("restore", "b.zip", "--yes")
    assert (result.exit_code, result.stderr) == (
        3,
        "The file b.zip is cut off, or is no backup of Footnote. Take another.\n",
    )
    missing = typed("restore", "c.zip", "--yes")
    assert (missing.exit_code, missing.stderr) == (
        2,
        "The backup c.zip cannot be read (No such file or directory).\n",
    )
    assert not list(data.glob("*before*"))


def test_a_backup_of_a_newer_bot(typed: Typed, data: Path) -> None:
    import sqlite3

    with sqlite3.connect(data / FILE) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    assert typed("backup", "b.zip").exit_code == 0
    (data / FILE).unlink()
    result = typed("restore", "b.zip", "--yes")
    assert result.exit_code == 3
    assert "bot.db has version 99; this Footnote reads 1. Update Footnote" in result.stderr


def test_files_are_not_written_over_unasked(typed: Typed) -> None:
    for command in (["backup", "b.zip"], ["export", "a.jsonl"]):
        assert typed(*command).exit_code == 0
        again = typed(*command)
        assert (again.exit_code, again.stdout) == (2, "")
        assert again.stderr.endswith("Name another file, or write over it with --force.\n")
        assert typed(*command, "--force").exit_code == 0


def test_export_to_standard_output(typed: Typed) -> None:
    plain, dashed = typed("export"), typed("export", "-")
    assert (plain.exit_code, plain.stderr) == (0, "")
    assert plain.stdout_bytes == dashed.stdout_bytes
    lines = [json.loads(line) for line in plain.stdout.splitlines()]
    assert len(lines) == 11
    assert {"id", "title", "text", "source", "url", "published", "author", "cleaned"} == lines[0].keys()
    some = typed("export", "--source", "LRT", "--after", "2022")
    assert {json.loads(line)["source"] for line in some.stdout.splitlines()} == {"LRT"}
    assert typed("export", "--json").exit_code == typed("export", "-", "--force").exit_code == 2


def test_an_export_that_no_corpus_folder_would_read(
    typed: Typed, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = typed("export", "a.txt")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "does not end with .jsonl or .jsonl.gz" in result.stderr
    monkeypatch.setattr(moving, "MEGABYTE", 200)
    big = typed("export", "a.jsonl")
    assert big.exit_code == 0
    assert big.stderr.startswith(
        f"To read it as a corpus, set FOOTNOTE_MAX_FILE_MB to {-(-Path('a.jsonl').stat().st_size // 200)}: "
    )


def test_restore_asks_on_a_terminal(data: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bot", "--data", str(data)]
    environment = {"PATH": "/usr/bin:/bin", "TERM": "xterm-256color", "PYTHONPATH": str(ROOT)}
    subprocess.run(
        [*command, "backup", "b.zip"], cwd=tmp_path, env=environment, check=True, capture_output=True
    )
    for answer, code in (("n", 2), ("y", 0)):
        ours, theirs = pty.openpty()
        with subprocess.Popen(
            [*command, "restore", "b.zip"],
            cwd=tmp_path,
            env=environment,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        ) as process:
            os.close(theirs)
            shown = read_until(ours, "[y/N]")
            os.write(ours, f"{answer}\n".encode())
            shown += read_until(ours, None)
            assert process.wait(20) == code, shown
        os.close(ours)
        assert "there is an index of 11 articles" in shown
        assert ("Restored: 11 articles" in shown) is (code == 0)


def read_until(terminal: int, words: str | None) -> str:
    """What a process shows, until these words or its end."""
    shown = ""
    deadline = time.monotonic() + 30
    while (words is None or words not in shown) and time.monotonic() < deadline:
        try:
            shown += os.read(terminal, 4096).decode()
        except OSError:
            break
    return shown


def test_a_bot_that_starts_ends_a_restore_that_was_interrupted(
    typed: Typed, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before it opens its own records."""
    assert typed("backup", "b.zip").exit_code == 0
    remember(data / FILE, "second")
    monkeypatch.setattr(swapping, "finish", lambda data: [])
    assert typed("restore", "b.zip", "--yes").exit_code == 0
    monkeypatch.undo()
    assert remembered(data / FILE) == ["second", "first"]
    settings = Settings(data=data)
    with pytest.raises(SettingsError, match="DISCORD_TOKEN is not set"):
        asyncio.run(running._run(open_desk(settings, purpose="tests"), settings, BotSettings()))
    assert remembered(data / FILE) == ["first"]


def test_beside_a_running_command(typed: Typed, data: Path, tmp_path: Path) -> None:
    """Backup and export need no lock; restore is refused with the name of the one who has it."""
    owning = (
        "import sys, time; from pathlib import Path; from index.locking import OneProcess; "
        "owner = OneProcess(Path(sys.argv[1]), 'footnote run'); owner.acquire(); "
        "print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", owning, str(data)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            assert typed("backup", "b.zip").exit_code == 0
            assert typed("export", "a.jsonl").exit_code == 0
            refused = typed("restore", "b.zip", "--yes")
            assert refused.exit_code == 3
            assert "is in use by 'footnote run'" in refused.stderr
        finally:
            process.kill()
    assert zipfile.is_zipfile("b.zip")

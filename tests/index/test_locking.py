"""One process owns an index; a second one is told who."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from index import locking
from index.errors import IndexBroken, IndexBusy
from index.locking import OneProcess
from tests.index.workshop import ROOT

HOLDS = """
import sys
from pathlib import Path
from index.locking import OneProcess
lock = OneProcess(Path(sys.argv[1]), "footnote chat")
lock.acquire()
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def other(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that owns the index."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_process_is_told_who_has_it(
    tmp_path: Path, other: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locking, "WAIT", 0.2)
    mine = OneProcess(tmp_path, "footnote ask")
    with pytest.raises(IndexBusy, match=rf"'footnote chat' \(process {other.pid}, since \d") as refused:
        mine.acquire()
    assert refused.value.retry_helps
    other.send_signal(signal.SIGKILL)
    other.wait()
    mine.acquire()
    mine.acquire()  # again is harmless
    mine.release()


def test_it_waits_a_moment(tmp_path: Path, other: subprocess.Popen[str]) -> None:
    assert other.stdin is not None
    other.stdin.close()  # it ends soon
    mine = OneProcess(tmp_path, "footnote ask")
    mine.acquire()
    mine.release()


def test_two_desks_of_one_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locking, "WAIT", 0.1)
    first, second = OneProcess(tmp_path, "footnote chat"), OneProcess(tmp_path, "footnote ask")
    first.acquire()
    with pytest.raises(IndexBusy, match="footnote chat"):
        second.acquire()
    first.release()
    second.acquire()
    second.release()


def test_one_changes_an_index_that_several_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (OneProcess(tmp_path, name, shared=True) for name in ("footnote run", "footnote refresh"))
    with first.alone():
        told = r"'footnote run'.*Questions are answered meanwhile"
        with pytest.raises(IndexBusy, match=told), second.alone(wait=0.1):
            pass
        with pytest.raises(IndexBusy, match="under way already"), first.alone(wait=0.1):
            pass
    with pytest.raises(ZeroDivisionError), second.alone(wait=0.0):
        raise ZeroDivisionError
    with first.alone(wait=0.0):
        pass


@pytest.mark.parametrize("words", ["", "not json", "[]", "{}"])
def test_the_owner_left_no_name(
    tmp_path: Path, other: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    monkeypatch.setattr(locking, "WAIT", 0.1)
    (tmp_path / "owner.json").write_text(words)
    with pytest.raises(IndexBusy, match="in use by another process"):
        OneProcess(tmp_path, "footnote ask").acquire()


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(IndexBroken, match=r"cannot be written.*--data"):
        OneProcess(tmp_path / "data", "footnote ask").acquire()

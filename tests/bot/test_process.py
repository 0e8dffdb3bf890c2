"""What only a process of its own shows: a terminal, Ctrl-C, a closed pipe. With the real desk."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import footnote
from bot.group import Surroundings
from index import open_desk
from index.settings import Settings
from tests.served import VARIABLE, everywhere, placed

ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "TERM": "xterm-256color",
    "COLUMNS": "80",
    "LINES": "40",
    VARIABLE: everywhere(),
}
ARTICLES = 60


@pytest.fixture(scope="module")
def large_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough to embed that a signal meets it at work."""
    folder = tmp_path_factory.mktemp("corpus")
    for number in range(ARTICLES):
        sentences = " ".join(
            f"In town {number} the council of district {place} met on day {place} to speak of the road "
            f"number {number * place}, which the mayor had promised to the people of the village."
            for place in range(30)
        )
        (folder / f"a{number}.md").write_text(f"---\ntitle: Town {number}\n---\n{sentences}\n", "utf-8")
    return folder


def test_ctrl_c_stops_a_refresh_at_once_and_nothing_changed(large_corpus: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with started("refresh", "--corpus", str(large_corpus), "--data", str(data), cwd=tmp_path) as process:
        assert process.stderr is not None
        assert any(line.startswith("Embedding") for line in process.stderr)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=8)
    assert (process.returncode, out) == (130, "")
    assert "Stopped. Nothing changed in the index. What was embedded is kept: " in err
    assert err.endswith("the same command goes on from there.\n")
    assert "Traceback" not in err
    surroundings = Surroundings(lambda: placed(Settings(corpus=large_corpus, data=data)), open_desk)
    result = CliRunner().invoke(footnote, ["refresh", "--dry-run", "--json"], obj=surroundings)
    assert len(json.loads(result.stdout)["added"]) == ARTICLES


def test_a_reader_that_goes_away(sample_data: Path, tmp_path: Path) -> None:
    with started("articles", "--data", str(sample_data), cwd=tmp_path) as process:
        assert process.stdout is not None
        process.stdout.close()
        process.stdout = None
        _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (141, "")


@contextlib.contextmanager
def started(*args: str, cwd: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that does not outlive its test."""
    with subprocess.Popen(
        [sys.executable, "-m", "bot", *args],
        cwd=cwd,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def converse(args: list[str], cwd: Path, exchanges: list[tuple[str, str]], **env: str) -> tuple[int, str]:
    """Run a command on a terminal; wait for each text, then type what goes with it."""
    terminal, inner = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "bot", *args],
        cwd=cwd,
        env={**ENVIRONMENT, **env},
        stdin=inner,
        stdout=inner,
        stderr=inner,
        start_new_session=True,
    ) as process:
        os.close(inner)
        try:
            seen, start = b"", 0
            for awaited, typed in [*exchanges, (None, "")]:
                while awaited is None or awaited.encode() not in seen[start:]:
                    chunk = _read(terminal)
                    if not chunk:
                        break
                    seen += chunk
                start = len(seen)
                if typed:
                    os.write(terminal, typed.encode())
            return process.wait(timeout=10), seen.decode()
        finally:
            process.kill()
            os.close(terminal)


def _read(terminal: int) -> bytes:
    """What comes next; nothing at the end, or after a silence that no test should need."""
    if not select.select([terminal], [], [], 30)[0]:
        return b""
    try:
        return os.read(terminal, 65536)
    except OSError:  # how Linux reports the end
        return b""


def test_a_chat_on_a_terminal(sample_data: Path, tmp_path: Path) -> None:
    code, seen = converse(
        ["chat", "--data", str(sample_data)],
        tmp_path,
        [
            ("Ctrl-D leaves", "half a question\x03Which countries will host the four new battlegroups?\r"),
            ("As of", "/quit\r"),
        ],
    )
    assert code == 0
    assert "\x1b]8;" in seen
    words = re.sub(r"\x1b\][^\x1b]*\x1b\\|\x1b\[[0-9;?]*[a-zA-Z]", "", seen)
    assert "[1]" in words
    assert "Slovakia" in words


def test_no_color_on_a_terminal(sample_data: Path, tmp_path: Path) -> None:
    code, seen = converse(["articles", "--data", str(sample_data)], tmp_path, [], NO_COLOR="1")
    assert code == 0
    assert "\x1b" not in seen
    assert "NATO" in seen

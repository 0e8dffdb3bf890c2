"""The composition root: `.env`, unknown names, and what is imported before it is needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bot.__main__ import read_env_file
from index.errors import SettingsError

KNOWN = ["FOOTNOTE_CORPUS", "FOOTNOTE_CAREFUL"]
HEAVY = [
    "chromadb",
    "dateparser",
    "llama_index",
    "numpy",
    "onnxruntime",
    "prompt_toolkit",
    "rich",
    "trafilatura",
]


def test_env_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    assert read_env_file(file, KNOWN) == {}
    file.write_text("\ufeff# a comment\nexport FOOTNOTE_CORPUS='my news'\nFOOTNOTE_CAREFUL\n", "utf-8")
    assert read_env_file(file, KNOWN) == {"FOOTNOTE_CORPUS": "my news", "FOOTNOTE_CAREFUL": ""}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"OTHER=1\n", "OTHER"),
        (b"FOOTNOTE_CORPSE=1\n", "FOOTNOTE_CORPSE"),
        (b"FOOTNOTE_CORPUS=a\nwhat is this\n", "Line 2"),
        (b"FOOTNOTE_CORPUS='open\n", "Line 1"),
        (b"FOOTNOTE_CORPUS=\xff\n", "cannot be read"),
    ],
)
def test_what_is_wrong_in_the_env_file_is_named(tmp_path: Path, content: bytes, told: str) -> None:
    file = tmp_path / ".env"
    file.write_bytes(content)
    with pytest.raises(SettingsError, match=told):
        read_env_file(file, KNOWN)


def footnote(*args: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": "/usr/bin:/bin", **env}
    command = [sys.executable, "-m", "bot", *args]
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, encoding="utf-8", check=False
    )


def test_an_unknown_setting_in_the_environment(tmp_path: Path) -> None:
    result = footnote("status", cwd=tmp_path, FOOTNOTE_CORPSE="x")
    assert (result.returncode, result.stdout) == (2, "")
    assert "FOOTNOTE_CORPSE" in result.stderr
    assert result.stderr.count("\n") == 1


def test_the_environment_wins_over_the_env_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("FOOTNOTE_CAREFUL=nonsense\nFOOTNOTE_THREADS=0\n")
    result = footnote("status", cwd=tmp_path, FOOTNOTE_CAREFUL="0.5")
    assert result.returncode == 2
    assert "FOOTNOTE_THREADS" in result.stderr


def test_help_imports_nothing_heavy_and_needs_no_settings(tmp_path: Path) -> None:
    program = (
        "import sys, bot.__main__ as m\n"
        "sys.argv[1:] = ['--help']\n"
        "try: m.main()\n"
        f"finally: print(sorted(set({HEAVY!r}) & set(sys.modules)), file=sys.stderr)\n"
    )
    environment = {"PATH": "/usr/bin:/bin", "FOOTNOTE_CORPSE": "x"}
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert result.returncode == 0
    assert "Usage: footnote" in result.stdout
    assert result.stderr == "[]\n"


def test_no_face_imports_what_is_behind_the_index(tmp_path: Path) -> None:
    program = (
        "import sys, bot.chat, bot.commands\n"
        "print(sorted({'chromadb', 'llama_index', 'onnxruntime', 'numpy'} & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, encoding="utf-8", check=True
    )
    assert result.stdout == "[]\n"

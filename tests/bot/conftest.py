from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from bot.cli import footnote
from bot.group import OpenDesk, Surroundings
from index import open_desk
from index.reports import RefreshOptions
from index.settings import Settings, read_settings
from tests.served import placed

SCHEMA = Path(__file__).parent.parent / "answer.schema.json"
Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def _plain_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the machine, and no index in its folders, has a part in a test."""
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def run() -> Run:
    """Run the command line with a scripted desk."""

    def run(opener: OpenDesk, *args: str, stdin: str | bytes | None = None) -> Result:
        surroundings = Surroundings(lambda: read_settings({}), opener)
        return CliRunner().invoke(footnote, args, input=stdin, obj=surroundings)

    return run


@pytest.fixture(scope="session")
def sample_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the sample corpus, built once by the real desk."""
    data = tmp_path_factory.mktemp("sample")

    async def build() -> None:
        desk = open_desk(placed(Settings(data=data)), purpose="tests")
        try:
            await desk.refresh(RefreshOptions())
        finally:
            await desk.close()

    asyncio.run(build())
    return data


@pytest.fixture
def ask_sample(sample_data: Path) -> Run:
    """Run the command line with the real desk on the sample corpus."""

    def run(*args: str, stdin: str | bytes | None = None) -> Result:
        surroundings = Surroundings(lambda: placed(Settings(data=sample_data)), open_desk)
        return CliRunner().invoke(footnote, args, input=stdin, obj=surroundings)

    return run


@pytest.fixture(scope="session")
def contract() -> Callable[[str], Mapping[str, Any]]:
    """Read one line of `ask --json` and hold it against the contract."""
    validator = Draft202012Validator(
        json.loads(SCHEMA.read_text("utf-8")), format_checker=Draft202012Validator.FORMAT_CHECKER
    )

    def read(line: str) -> Mapping[str, Any]:
        value: Mapping[str, Any] = json.loads(line)
        validator.validate(value)
        return value

    return read

"""The state of the index, as people and programs read it."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from bot import jsonout
from bot.listing import put_status
from index.reports import Spent, Status

STATUS = Status(
    corpus="articles",
    data="data",
    articles=4,
    passages=9,
    sources=(("LRT", 4),),
    newest=None,
    oldest=None,
    last_refresh=None,
    failed=(),
    duplicates=(),
    embedding="bundled",
    generation=1,
    bytes=1000,
)


def shown(status: Status) -> str:
    out = Console(file=io.StringIO(), width=200)
    put_status(out, status)
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue()


@pytest.mark.parametrize(
    ("spent", "line"),
    [
        (Spent(1234, None, None, None), "openai:gpt · 1,234 tokens today\n"),
        (Spent(1234, None, 50000, None), "openai:gpt · 1,234 of 50,000 tokens today\n"),
        (Spent(0, 0.0, None, 1.5), "openai:gpt · 0 tokens today · 0 of 1.5 in money\n"),
        (Spent(1234, 0.0123, None, None), "openai:gpt · 1,234 tokens today · 0.0123 in money\n"),
        (None, "openai:gpt · what it took today cannot be read\n"),
    ],
)
def test_the_language_model_and_what_it_took_today(spent: Spent | None, line: str) -> None:
    told = shown(replace(STATUS, writer="openai:gpt", spent=spent))
    assert "Writer" in told
    assert line in told


def test_without_a_language_model_nothing_is_said_of_one() -> None:
    assert "Writer" not in shown(STATUS)
    assert not {"writer", "spent"} & jsonout.status(STATUS).keys()


def test_programs_read_what_the_language_model_took() -> None:
    told = jsonout.status(replace(STATUS, writer="openai:gpt", spent=Spent(12, 0.5, 100, 2.0)))
    assert told["writer"] == "openai:gpt"
    assert told["spent"] == {"tokens": 12, "cost": 0.5, "most_tokens": 100, "most_cost": 2.0}

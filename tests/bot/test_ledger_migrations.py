"""What every earlier bot remembered is read by this one."""

from __future__ import annotations

import gzip
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from bot import ledger_schema
from bot.ledger import Ledger, LedgerBroken, Place

RELEASED = Path(__file__).parent.parent / "released"
VERSIONS = sorted(
    int(file.name[len("ledger-") :].partition(".")[0]) for file in RELEASED.glob("ledger-*.db.gz")
)
NOW = datetime(2022, 3, 25, 9, 30, tzinfo=UTC)
"""When everything in the files was written."""


def unpack(version: int, folder: Path) -> Path:
    file = folder / ledger_schema.FILE
    file.write_bytes(gzip.decompress((RELEASED / f"ledger-{version}.db.gz").read_bytes()))
    return file


@pytest_asyncio.fixture(params=VERSIONS)
async def old(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Ledger]:
    ledger = Ledger(unpack(request.param, tmp_path), clock=lambda: NOW)
    yield ledger
    await ledger.close()


def test_there_is_a_file_of_every_version_that_was_written() -> None:
    """A change of the tables needs a file of the version before: see tests/released/README.md."""
    assert set(VERSIONS) >= set(range(1, len(ledger_schema.MIGRATIONS)))
    assert VERSIONS


async def test_what_was_remembered_is_there(old: Ledger) -> None:
    kept = await old.shown_in(44)
    assert kept is not None
    assert (kept.answer.sentences[0].text, kept.answer.citations[0].article.author) == (
        "The work took two summers.",
        "Ada Miller",
    )
    assert kept.place == Place(11, 22, 33, False)
    assert await old.votes(kept.id) == (1, 0)
    [gap] = await old.gaps()
    assert (gap.question, gap.asked) == ("Who baked the bread?", 1)
    [act] = await old.history(5)
    assert (act.name, act.kind, act.detail, act.when) == ("Ada", "refresh", "1 added", NOW)
    assert await old.value("schedule") == "06:00"
    assert (await old.today(date(2022, 3, 25))).questions == 3


async def test_it_goes_on_from_there(old: Ledger) -> None:
    kept = await old.shown_in(44)
    assert kept is not None
    new = await old.keep(kept.answer, kept.filters, kept.place, kept.id)
    assert [turn.question for turn in await old.conversation(new)] == ["How long did the work take?"] * 2
    assert await old.vote(kept.id, 33, True) is None
    [gap] = await old.gaps()
    await old.close_gaps([gap.id], "answered")
    assert await old.gaps() == ()
    with (
        closing(sqlite3.connect(old.file)) as connection,
        pytest.raises(sqlite3.DatabaseError, match="history"),
    ):
        connection.execute("DELETE FROM acts")


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_step_that_fails_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: int
) -> None:
    file = unpack(version, tmp_path)
    steps = (*ledger_schema.MIGRATIONS[:version], ("CREATE TABLE more (x)", "SELECT nothing FROM nowhere"))
    monkeypatch.setattr(ledger_schema, "MIGRATIONS", steps)
    ledger = Ledger(file)
    with pytest.raises(LedgerBroken):
        await ledger.gaps()
    await ledger.close()
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (version,)
        assert not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'more'").fetchall()
        assert connection.execute("SELECT count(*) FROM answers").fetchone() == (3,)

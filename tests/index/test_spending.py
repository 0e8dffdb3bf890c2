"""The language model's budget: never overrun, kept over restarts, and no reason for an answer to fail."""

from __future__ import annotations

import logging
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from index.leftovers import leftovers
from index.moves import BackupOptions, RestoreOptions
from index.reports import Cancel, Spent
from index.settings import Settings
from index.spending import FILE, Reservation, Spending
from tests.index.workshop import Workshop

TODAY = date(2022, 3, 24)
ANN, BOB = "discord:4711", "discord:4712"


@pytest.fixture
def budget(tmp_path: Path) -> Callable[..., Spending]:
    """A budget with such settings, in the one file of this test."""

    def made(today: date = TODAY, **given: Any) -> Spending:
        settings = Settings(**{f"llm_{name}": value for name, value in given.items()})
        return Spending(tmp_path / FILE, settings, lambda: today)

    return made


def taken(spending: Spending, person: str, tokens_in: int, tokens_out: int) -> float | None:
    reserved = spending.reserve(person, tokens_in, tokens_out)
    assert isinstance(reserved, Reservation)
    return spending.settle(reserved, tokens_in, tokens_out)


def test_tokens_and_money_are_counted(budget: Callable[..., Spending]) -> None:
    spending = budget(price_in=3.0, price_out=15.0, tokens_a_day=9000, money_a_day=1.5)
    assert taken(spending, ANN, 1000, 200) == pytest.approx(0.006)
    assert taken(spending, BOB, 2000, 0) == pytest.approx(0.006)
    assert spending.today() == Spent(3200, pytest.approx(0.012), 9000, 1.5)


def test_without_prices_nothing_is_said_of_money(budget: Callable[..., Spending]) -> None:
    spending = budget()
    assert taken(spending, ANN, 1000, 200) is None
    assert spending.today() == Spent(1200, None, None, None)


def test_nothing_is_taken_before_the_first_question(budget: Callable[..., Spending], tmp_path: Path) -> None:
    assert budget().today() == Spent(0, None, None, None)
    assert not (tmp_path / FILE).exists()


@pytest.mark.parametrize(
    ("limit", "silence"),
    [
        ({"tokens_a_day": 1000}, "spent"),
        ({"money_a_day": 0.001}, "spent"),
        ({"tokens_a_day_each": 1000}, "spent_each"),
        ({"money_a_day_each": 0.001}, "spent_each"),
    ],
)
def test_what_would_go_over_a_limit_is_not_begun(
    budget: Callable[..., Spending], limit: dict[str, Any], silence: str
) -> None:
    spending = budget(price_in=1.0, price_out=1.0, **limit)
    taken(spending, ANN, 500, 499)
    assert spending.reserve(ANN, 1, 1) == silence
    assert isinstance(spending.reserve(ANN, 1, 0), Reservation), "what just fits is begun"
    assert spending.reserve(ANN, 1, 0) == silence


def test_a_limit_of_each_is_of_one_person_alone(budget: Callable[..., Spending]) -> None:
    spending = budget(tokens_a_day_each=1000)
    taken(spending, ANN, 1000, 0)
    assert spending.reserve(ANN, 1, 0) == "spent_each"
    assert isinstance(spending.reserve(BOB, 1000, 0), Reservation)
    assert isinstance(spending.reserve("", 5000, 0), Reservation), "nobody in particular has none"


def test_what_is_under_way_counts_until_it_is_settled(budget: Callable[..., Spending]) -> None:
    spending = budget(tokens_a_day=1000)
    first = spending.reserve(ANN, 600, 300)
    assert isinstance(first, Reservation)
    assert spending.reserve(BOB, 600, 300) == "spent"
    spending.settle(first, 50, 20)
    assert isinstance(spending.reserve(BOB, 600, 300), Reservation)


def test_what_took_more_than_was_reserved_counts_in_full(budget: Callable[..., Spending]) -> None:
    spending = budget(tokens_a_day=1000)
    reserved = spending.reserve(ANN, 100, 100)
    assert isinstance(reserved, Reservation)
    spending.settle(reserved, 900, 200)
    assert spending.today().tokens == 1100
    assert spending.reserve(BOB, 1, 0) == "spent"


def test_many_at_once_do_not_overrun(budget: Callable[..., Spending]) -> None:
    spending = budget(tokens_a_day=1000)
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda n: spending.reserve(str(n), 90, 10), range(40)))
    assert sum(isinstance(each, Reservation) for each in got) == 10
    assert spending.today().tokens == 1000


CODE = """
import sys
from datetime import date
from pathlib import Path
from index.settings import Settings
from index.spending import Spending
spending = Spending(Path(sys.argv[1]), Settings(llm_tokens_a_day=1000), lambda: date(2022, 3, 24))
for number in range(20):
    spending.reserve(str(number), 90, 10)
"""


def test_several_processes_share_a_budget(budget: Callable[..., Spending], tmp_path: Path) -> None:
    command = [sys.executable, "-c", CODE, str(tmp_path / FILE)]
    running = [subprocess.Popen(command) for _ in range(2)]
    assert [process.wait() for process in running] == [0, 0]
    assert budget().today().tokens == 1000


def test_a_restart_gives_no_new_budget_and_a_new_day_does(budget: Callable[..., Spending]) -> None:
    taken(budget(tokens_a_day=1000), ANN, 1000, 0)
    assert budget(tokens_a_day=1000).reserve(ANN, 1, 0) == "spent"
    tomorrow = budget(date(2022, 3, 25), tokens_a_day=1000)
    assert tomorrow.today().tokens == 0
    assert isinstance(tomorrow.reserve(ANN, 1000, 0), Reservation)


def test_what_ends_after_midnight_is_of_the_day_on_which_it_began(budget: Callable[..., Spending]) -> None:
    reserved = budget().reserve(ANN, 100, 100)
    assert isinstance(reserved, Reservation)
    tomorrow = budget(date(2022, 3, 25))
    taken(tomorrow, ANN, 5, 5)
    tomorrow.settle(reserved, 300, 300)
    assert tomorrow.today().tokens == 10


def test_nobody_can_be_read_from_the_file_nor_followed_from_day_to_day(
    budget: Callable[..., Spending], tmp_path: Path
) -> None:
    seen = []
    for day in (24, 25):
        taken(budget(date(2022, 3, day)), ANN, 100, 100)
        with closing(sqlite3.connect(tmp_path / FILE)) as db:
            assert [row[0] for row in db.execute("SELECT day FROM days")] == [f"2022-03-{day}"]
            seen += db.execute("SELECT day, who FROM people").fetchall()
    assert [row[0] for row in seen] == ["2022-03-24", "2022-03-25"]
    assert seen[0][1] != seen[1][1]
    content = (tmp_path / FILE).read_bytes()
    assert b"4711" not in content
    assert seen[0][1].encode() not in content, "what is deleted is overwritten"
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0


def broken(file: Path) -> None:
    file.write_bytes(b"no database " * 500)


def emptied(file: Path) -> None:
    with closing(sqlite3.connect(file)) as db:
        db.execute("CREATE TABLE days (something TEXT)")


def a_folder(file: Path) -> None:
    file.mkdir()


@pytest.mark.parametrize("harm", [broken, emptied, a_folder])
def test_a_file_that_cannot_be_used_stops_no_answer(
    budget: Callable[..., Spending],
    tmp_path: Path,
    harm: Callable[[Path], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        harm(tmp_path / FILE)
        assert budget().reserve(ANN, 1, 1) == "spent"
        assert budget(price_in=1.0, price_out=1.0).settle(Reservation("2022-03-24", "", 1, 1), 9, 1) == 1e-5
    assert len(caplog.records) == 2
    assert ANN not in caplog.text
    assert str(tmp_path) not in caplog.text
    with pytest.raises((sqlite3.Error, OSError)):
        budget().today()


def test_a_file_that_another_process_holds_stops_no_answer(
    budget: Callable[..., Spending], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.spending.WAIT", 0.01)
    taken(budget(), ANN, 1, 1)
    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert budget().reserve(ANN, 1, 1) == "spent"
    assert isinstance(budget().reserve(ANN, 1, 1), Reservation)


def test_it_is_part_of_no_backup_and_a_restore_keeps_it(ten: Workshop, tmp_path: Path) -> None:
    from index.backup import Backup
    from index.restoring import Restore

    spending = Spending(ten.data / FILE, Settings(), lambda: TODAY)
    taken(spending, ANN, 100, 0)
    with ten.library.snapshot() as known:
        assert leftovers(ten.settings, known) == []
    file = tmp_path / "backup.zip"
    made = Backup(ten.data, file, BackupOptions(), Cancel())()
    assert made.records == ()
    taken(spending, ANN, 11, 0)
    ten.close()
    report = Restore(file, ten.settings, RestoreOptions(replace=True), Cancel())()
    assert spending.today().tokens == 111
    assert not [name for name in report.aside if name.startswith("spending")]

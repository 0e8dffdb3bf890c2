"""What the bot remembers, on real SQLite files."""

from __future__ import annotations

import asyncio
import re
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from bot.ledger import Act, Day, Gap, Ledger, LedgerBroken, LedgerClosed, LedgerNewer, Place, Today
from index.errors import FootnoteError
from index.types import Answer, Filters, Turn
from tests.bot.fakes import ANSWER, NOT_FOUND, QUOTE

NOON = datetime(2026, 3, 24, 12, tzinfo=UTC)
ANN, BOB = 111, 222
HERE = Place(server=1, channel=10, person=ANN, private=False)
SECRET = replace(HERE, private=True)
MINUTE = timedelta(minutes=1)


class Clock:
    """A clock that stands until a test moves it."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "bot.db"


@pytest.fixture
async def ledger(file: Path, clock: Clock) -> AsyncIterator[Ledger]:
    made = Ledger(file, clock)
    yield made
    await made.close()


def unanswered(question: str) -> Answer:
    return Answer(question, "not_found", understood=question, seconds=0.5)


def rows(file: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(query).fetchall()


# Keeping answers.


async def test_nothing_is_opened_before_it_is_needed(file: Path) -> None:
    before = threading.active_count()
    ledger = Ledger(file)
    assert not file.parent.exists()
    assert threading.active_count() == before
    await ledger.close()
    assert not file.parent.exists()


async def test_an_answer_is_found_by_its_id_and_by_its_message(ledger: Ledger) -> None:
    filters = Filters("BBC News", date(2022, 3, 1), None)
    kept_id = await ledger.keep(ANSWER, filters, HERE, follows="earlier")
    assert re.fullmatch(r"[\w-]{12}", kept_id)
    kept = await ledger.kept(kept_id)
    assert kept is not None
    assert (kept.id, kept.answer, kept.filters, kept.place) == (kept_id, ANSWER, filters, HERE)
    assert (kept.asked, kept.message, kept.follows) == (NOON, None, "earlier")
    await ledger.posted(kept_id, 2**63 - 1)
    assert await ledger.shown_in(2**63 - 1) == replace(kept, message=2**63 - 1)
    assert await ledger.kept("nobody-knows") is None
    assert await ledger.shown_in(5) is None


async def test_half_a_surrogate_pair_in_a_question_harms_nothing(ledger: Ledger) -> None:
    answer = unanswered("What \ud83d is this?")
    kept = await ledger.kept(await ledger.keep(answer, Filters("\udc00"), HERE))
    assert kept is not None
    assert kept.answer == answer
    assert [gap.question for gap in await ledger.gaps()] == ["What ? is this?"]


async def test_an_answer_that_cannot_be_read_is_as_if_not_there(ledger: Ledger, file: Path) -> None:
    broken = await ledger.keep(ANSWER, Filters(), HERE)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("UPDATE answers SET answer = '{\"question\": 1}'")
    assert await ledger.kept(broken) is None
    assert await ledger.conversation(broken) == ()
    assert await ledger.questions_since(NOON) == 1


# Conversations.


async def test_a_conversation_is_the_chain_of_follow_ups_oldest_first(ledger: Ledger) -> None:
    last: str | None = None
    for number in range(8):
        answer = replace(ANSWER, question="And?", understood=f"Question {number}?")
        last = await ledger.keep(answer, Filters(), HERE, follows=last)
    assert last is not None
    assert await ledger.conversation(last, limit=3) == tuple(Turn(f"Question {n}?", QUOTE) for n in (5, 6, 7))
    assert len(await ledger.conversation(last)) == 5
    assert await ledger.conversation("nobody-knows") == ()


async def test_a_turn_without_an_answer_has_an_empty_one(ledger: Ledger) -> None:
    kept = await ledger.keep(NOT_FOUND, Filters(), HERE)
    assert await ledger.conversation(kept) == (Turn(NOT_FOUND.question, ""),)


async def test_a_deleted_answer_is_left_out_and_the_chain_goes_on_behind_it(ledger: Ledger) -> None:
    first = await ledger.keep(replace(ANSWER, understood="One?"), Filters(), HERE)
    second = await ledger.keep(replace(ANSWER, understood="Two?"), Filters(), HERE, first)
    third = await ledger.keep(replace(ANSWER, understood="Three?"), Filters(), HERE, second)
    await ledger.forget(second)
    assert [turn.question for turn in await ledger.conversation(third)] == ["One?", "Three?"]


async def test_what_was_private_does_not_enter_a_public_conversation(ledger: Ledger) -> None:
    private = await ledger.keep(replace(ANSWER, understood="Private?"), Filters(), SECRET)
    others = await ledger.keep(ANSWER, Filters(), replace(SECRET, person=BOB), follows=private)
    public = await ledger.keep(ANSWER, Filters(), HERE, follows=private)
    assert [turn.question for turn in await ledger.conversation(public)] == ["Which countries?"]
    assert [turn.question for turn in await ledger.conversation(others)] == ["Which countries?"]
    own = await ledger.keep(ANSWER, Filters(), SECRET, follows=private)
    assert [turn.question for turn in await ledger.conversation(own)] == ["Private?", "Which countries?"]


async def test_the_last_answer_of_a_channel_is_one_that_a_question_may_follow_on(
    ledger: Ledger, clock: Clock
) -> None:
    public = await ledger.keep(ANSWER, Filters(), HERE)
    private = await ledger.keep(ANSWER, Filters(), SECRET)
    await ledger.keep(ANSWER, Filters(), replace(HERE, channel=11))

    async def last(place: Place, within: timedelta = 10 * MINUTE) -> str | None:
        found = await ledger.last_in(place, within=within)
        return found.id if found else None

    assert await last(replace(SECRET, person=BOB)) == public
    assert await last(SECRET) == private
    assert await last(HERE) == public  # all may read what follows
    await ledger.forget(private)
    assert await last(SECRET) == public
    clock.now += 11 * MINUTE
    assert await last(HERE) is None
    assert await last(HERE, within=12 * MINUTE) == public


async def test_the_same_question_in_a_channel_finds_the_answer_that_was_posted(
    ledger: Ledger, clock: Clock
) -> None:
    kept = await ledger.keep(ANSWER, Filters(), HERE)
    private = await ledger.keep(ANSWER, Filters(), SECRET)
    await ledger.posted(private, 6)

    async def same(question: str, filters: Filters = Filters(), channel: int = 10) -> str | None:
        found = await ledger.same_in(channel, question, filters, within=10 * MINUTE)
        return found.id if found else None

    assert await same("Which countries?") is None  # not posted yet: there is nothing to link
    await ledger.posted(kept, 5)
    assert await same("  which   COUNTRIES ") == kept
    assert await same("Which towns?") is None
    assert await same("Which countries?", Filters("BBC News")) is None
    assert await same("Which countries?", channel=11) is None
    clock.now += 11 * MINUTE
    assert await same("Which countries?") is None


# Votes.


async def test_a_person_has_one_vote_which_can_be_changed_and_taken_back(ledger: Ledger) -> None:
    kept = await ledger.keep(ANSWER, Filters(), HERE)
    assert await ledger.vote(kept, ANN, True) is True
    assert await ledger.vote(kept, BOB, True) is True
    assert await ledger.votes(kept) == (2, 0)
    assert await ledger.vote(kept, ANN, False) is False
    assert await ledger.votes(kept) == (1, 1)
    assert await ledger.vote(kept, ANN, False) is None
    assert await ledger.votes(kept) == (1, 0)


async def test_nobody_votes_on_what_is_not_there(ledger: Ledger) -> None:
    kept = await ledger.keep(ANSWER, Filters(), HERE)
    await ledger.vote(kept, ANN, True)
    await ledger.forget(kept)
    assert await ledger.vote(kept, ANN, True) is None
    assert await ledger.vote("nobody-knows", ANN, True) is None
    assert await ledger.votes(kept) == await ledger.votes("nobody-knows") == (0, 0)


# The gap board.


@pytest.mark.parametrize(
    "other",
    [
        "who WON the cup",
        "  Who won\n the cup ?!",
        "Who won the cup…",
        "¿Who won the cup?",
        "Who won the cup?\u200b",
    ],
)
async def test_the_same_words_are_one_gap(ledger: Ledger, other: str) -> None:
    await ledger.keep(unanswered("Who won the cup?"), Filters(), HERE)
    await ledger.keep(unanswered(other), Filters(), replace(HERE, person=BOB, server=2))
    (gap,) = await ledger.gaps()
    assert (gap.asked, gap.question) == (2, other)


async def test_different_questions_are_different_gaps_even_those_of_marks_alone(ledger: Ledger) -> None:
    for question in ("Who won the cup?", "Who won the cups?", "???", "!"):
        await ledger.keep(unanswered(question), Filters(), HERE)
    assert len(await ledger.gaps()) == 4


async def test_gaps_come_most_asked_first_with_their_moments(ledger: Ledger, clock: Clock) -> None:
    await ledger.keep(unanswered("Rare?"), Filters(), HERE)
    for _ in range(3):
        clock.now += MINUTE
        await ledger.keep(unanswered("Often?"), Filters(), HERE)
    often, rare = await ledger.gaps()
    assert often == Gap(often.id, "Often?", 3, 0, NOON + MINUTE, NOON + 3 * MINUTE)
    assert rare == Gap(rare.id, "Rare?", 1, 0, NOON, NOON)


async def test_a_follow_up_is_a_gap_by_what_it_was_understood_as(ledger: Ledger) -> None:
    answer = replace(NOT_FOUND, question="And in Spain?", understood="Who won in Spain?")
    await ledger.keep(answer, Filters(), HERE)
    assert [gap.question for gap in await ledger.gaps()] == ["Who won in Spain?"]


async def test_an_answer_is_a_gap_while_somebody_s_thumb_is_down(ledger: Ledger) -> None:
    kept = await ledger.keep(ANSWER, Filters(), HERE)
    assert await ledger.gaps() == ()
    await ledger.vote(kept, ANN, True)
    assert await ledger.gaps() == ()
    await ledger.vote(kept, ANN, False)
    await ledger.vote(kept, BOB, False)
    (gap,) = await ledger.gaps()
    assert (gap.asked, gap.disliked) == (1, 2)
    for person in (ANN, BOB):
        await ledger.vote(kept, person, False)
    assert await ledger.gaps() == ()


async def test_private_questions_count_but_never_come_to_the_gap_board(ledger: Ledger, file: Path) -> None:
    kept = await ledger.keep(unanswered("My secret?"), Filters(), SECRET)
    await ledger.vote(kept, ANN, False)
    assert await ledger.gaps() == ()
    assert await ledger.days(1, NOON.date()) == (Day(NOON.date(), 1, 1),)
    await ledger.keep(unanswered("My secret?"), Filters(), HERE)  # somebody else, in the open
    (gap,) = await ledger.gaps()
    assert (gap.asked, gap.disliked) == (1, 0)
    with closing(sqlite3.connect(file)) as other, pytest.raises(sqlite3.IntegrityError):
        other.execute("UPDATE answers SET words = 'x' WHERE private")


async def test_a_closed_gap_stays_with_why_and_opens_when_it_is_asked_again(
    ledger: Ledger, file: Path, clock: Clock
) -> None:
    await ledger.keep(unanswered("Who won?"), Filters(), HERE)
    other = await ledger.keep(ANSWER, Filters(), HERE)
    await ledger.vote(other, ANN, False)
    ids = {gap.question: gap.id for gap in await ledger.gaps()}
    clock.now += MINUTE
    await ledger.close_gaps([ids["Who won?"], 99], "an article was added")
    assert [gap.question for gap in await ledger.gaps()] == [ANSWER.question]
    closed = "SELECT why FROM gaps WHERE closed IS NOT NULL"
    assert rows(file, closed) == [("an article was added",)]
    await ledger.keep(replace(ANSWER, question="Who won?", understood="Who won?"), Filters(), HERE)
    assert len(await ledger.gaps()) == 1  # it is answered now
    clock.now += MINUTE
    await ledger.keep(unanswered("who won"), Filters(), HERE)
    (again,) = [gap for gap in await ledger.gaps() if gap.id == ids["Who won?"]]
    assert (again.asked, again.first) == (1, clock.now)  # what was closed is not counted again


async def test_closing_a_second_time_keeps_the_first_why(ledger: Ledger, file: Path) -> None:
    await ledger.keep(unanswered("Who won?"), Filters(), HERE)
    (gap,) = await ledger.gaps()
    await ledger.close_gaps([gap.id], "added")
    await ledger.close_gaps([gap.id], "not our topic")
    assert rows(file, "SELECT why FROM gaps") == [("added",)]


# History, values, drafts.


def act(number: int) -> Act:
    return Act(NOON + number * MINUTE, ANN, "Ann", 1, "refresh", f"number {number}")


async def test_history_is_newest_first_and_can_be_paged(ledger: Ledger) -> None:
    for number in range(5):
        await ledger.note(act(number))
    assert await ledger.history(2) == (act(4), act(3))
    assert await ledger.history(2, offset=4) == (act(0),)
    await ledger.note(replace(act(5), server=None, name="A\ud800", detail="💡\x00"))
    assert await ledger.history(1) == (replace(act(5), server=None, name="A?", detail="💡\x00"),)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE acts SET detail = ''",
        "DELETE FROM acts",
        "INSERT OR REPLACE INTO acts VALUES (1, 0, 0, '', 0, '', '')",
        "UPDATE OR REPLACE acts SET number = 2",
    ],
)
async def test_history_cannot_be_changed_by_any_program(ledger: Ledger, file: Path, statement: str) -> None:
    await ledger.note(act(1))
    with (
        closing(sqlite3.connect(file)) as other,
        pytest.raises(sqlite3.IntegrityError, match="history cannot be changed"),
    ):
        other.execute(statement)
    assert await ledger.history(10) == (act(1),)


async def test_moments_come_back_in_utc_whatever_zone_they_came_in(ledger: Ledger) -> None:
    vilnius = NOON.astimezone(timezone(timedelta(hours=2)))
    await ledger.note(replace(act(0), when=vilnius))
    await ledger.note(replace(act(0), when=NOON.replace(tzinfo=None)))
    assert [each.when.isoformat() for each in await ledger.history(2)] == ["2026-03-24T12:00:00+00:00"] * 2


async def test_values_are_set_and_set_again(ledger: Ledger) -> None:
    assert await ledger.value("schedule") is None
    await ledger.set_value("schedule", "24")
    await ledger.set_value("schedule", "")
    assert await ledger.value("schedule") == ""


async def test_a_draft_waits_until_it_is_dropped(ledger: Ledger) -> None:
    draft_id = await ledger.keep_draft("news.txt", b"\x00\xff" * 500_000, "https://x.example/1", ANN)
    draft = await ledger.draft(draft_id)
    assert draft is not None
    assert (draft.id, draft.name, draft.url, draft.person) == (
        draft_id,
        "news.txt",
        "https://x.example/1",
        ANN,
    )
    assert (draft.content, draft.made) == (b"\x00\xff" * 500_000, NOON)
    await ledger.drop_draft(draft_id)
    assert await ledger.draft(draft_id) is None


# Counts.


async def test_days_are_of_utc_and_those_without_questions_are_there(ledger: Ledger, clock: Clock) -> None:
    today = NOON.date()
    for moment in (
        "2026-03-21T23:59:59.999999",
        "2026-03-22T00:00:00",
        "2026-03-24T23:59:59",
        "2026-03-25T00:00",
    ):
        clock.now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        await ledger.keep(ANSWER, Filters(), HERE)
    clock.now = datetime(2026, 3, 23, 1, tzinfo=timezone(timedelta(hours=2)))  # 22 March in UTC
    await ledger.keep(NOT_FOUND, Filters(), HERE)
    found = await ledger.days(3, today)
    assert [(day.day.day, day.questions, day.not_found) for day in found] == [
        (22, 2, 1),
        (23, 0, 0),
        (24, 1, 0),
    ]
    assert await ledger.questions_since(datetime(2026, 3, 24, tzinfo=UTC)) == 2


async def test_today_tells_how_long_answers_took(ledger: Ledger) -> None:
    today = NOON.date()
    assert await ledger.today(today) == Today(0, 0, None, None)
    for seconds in (0.1, 0.3, 9.0):
        await ledger.keep(replace(ANSWER, seconds=seconds), Filters(), HERE)
    await ledger.keep(replace(NOT_FOUND, seconds=0.5), Filters(), SECRET)
    assert await ledger.today(today) == Today(4, 1, 0.4, 9.0)
    assert await ledger.today(today + timedelta(days=1)) == Today(0, 0, None, None)


# Forgetting.


async def test_a_deleted_answer_leaves_its_counts_and_nothing_else(ledger: Ledger, file: Path) -> None:
    first = await ledger.keep(unanswered("Zanzibar?"), Filters("Outlet-xyz"), HERE)
    second = await ledger.keep(unanswered("Zanzibar?"), Filters(), HERE)
    await ledger.posted(first, 5)
    await ledger.vote(first, BOB, False)
    await ledger.forget(first)
    assert await ledger.kept(first) is await ledger.shown_in(5) is None
    await ledger.posted(first, 6)  # a message that was on its way
    assert await ledger.shown_in(6) is None
    assert [gap.asked for gap in await ledger.gaps()] == [1]
    await ledger.forget(second)
    assert await ledger.gaps() == ()
    assert await ledger.days(1, NOON.date()) == (Day(NOON.date(), 2, 2),)
    await ledger.prune(NOON)
    for each in file.parent.iterdir():
        assert not re.search(rb"(?i)zanzibar|outlet-xyz", each.read_bytes()), each.name
    assert rows(file, "SELECT server, channel, person, message FROM answers") == [(None,) * 4] * 2
    assert rows(file, "SELECT * FROM votes") == []


async def test_pruning_forgets_answers_after_ninety_days_and_drafts_after_one(
    ledger: Ledger, file: Path, clock: Clock
) -> None:
    old = await ledger.keep(unanswered("Old?"), Filters(), HERE)
    draft = await ledger.keep_draft("a.txt", b"a", None, ANN)
    (gap,) = await ledger.gaps()
    await ledger.close_gaps([gap.id], "added")
    await ledger.note(act(0))
    clock.now += timedelta(days=1)
    young = await ledger.keep(unanswered("Young?"), Filters(), HERE)
    await ledger.prune(NOON + timedelta(days=1))
    assert await ledger.draft(draft) is not None
    await ledger.prune(NOON + timedelta(days=1, seconds=1))
    assert await ledger.draft(draft) is None
    await ledger.prune(NOON + timedelta(days=90))
    assert await ledger.kept(old) is not None
    await ledger.prune(NOON + timedelta(days=90, seconds=1))
    assert await ledger.kept(old) is None
    assert await ledger.kept(young) is not None
    assert rows(file, "SELECT words, why FROM gaps ORDER BY id") == [(None, "added"), ("young", None)]
    assert await ledger.questions_since(NOON) == 2
    assert await ledger.history(1) == (act(0),)


# The file: restarts, kills, many at once, and files that are not ours.


async def test_everything_is_there_after_a_restart(file: Path, clock: Clock) -> None:
    ledger = Ledger(file, clock)
    kept = await ledger.keep(NOT_FOUND, Filters(), HERE)
    await ledger.vote(kept, ANN, False)
    await ledger.set_value("schedule", "24")
    draft = await ledger.keep_draft("a.txt", b"a", None, ANN)
    await ledger.note(act(0))
    await ledger.close()
    again = Ledger(file, clock)
    found = await again.kept(kept)
    assert found is not None
    assert found.answer == NOT_FOUND
    assert await again.votes(kept) == (0, 1)
    assert await again.value("schedule") == "24"
    assert await again.draft(draft) is not None
    assert await again.history(5) == (act(0),)
    assert len(await again.gaps()) == 1
    await again.close()
    assert [each.name for each in file.parent.iterdir()] == ["bot.db"]


KILLED = """
import asyncio, os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from bot.ledger import Ledger, Place
from index.types import (Answer, Filters)

async def main():
    ledger = Ledger(Path(sys.argv[1]))
    kept = await ledger.keep(Answer("Who?", "not_found"), Filters(), Place(None, 1, 2, False))
    print(kept, flush=True)
    for number in range(10_000):
        asyncio.ensure_future(ledger.set_value("count", str(number)))
    await ledger.value("count")
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


async def test_what_was_kept_before_a_kill_is_there_after_it(file: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(file)]
    root = Path(__file__).parents[2]
    done = await asyncio.to_thread(subprocess.run, command, cwd=root, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    ledger = Ledger(file)
    assert await ledger.kept(done.stdout.decode().strip()) is not None
    await ledger.set_value("after", "1")
    await ledger.close()
    assert rows(file, "PRAGMA integrity_check") == [("ok",)]


async def test_many_coroutines_at_once_lose_nothing(ledger: Ledger) -> None:
    async def one(number: int) -> None:
        kept = await ledger.keep(unanswered(f"Question {number % 7}?"), Filters(), HERE)
        await ledger.posted(kept, number)
        await ledger.vote(kept, number, bool(number % 2))
        found = await ledger.shown_in(number)
        assert found is not None
        assert found.id == kept

    await asyncio.gather(*(one(number) for number in range(500)))
    assert await ledger.questions_since(NOON) == 500
    gaps = await ledger.gaps()
    assert sum(gap.asked for gap in gaps) == 500
    assert sum(gap.disliked for gap in gaps) == 250


async def test_votes_at_the_same_moment_are_served_one_after_another(ledger: Ledger) -> None:
    kept = await ledger.keep(ANSWER, Filters(), HERE)
    in_force = await asyncio.gather(*(ledger.vote(kept, ANN, True) for _ in range(101)))
    assert in_force == [True, None] * 50 + [True]
    assert await ledger.votes(kept) == (1, 0)


async def test_closing_finishes_what_is_under_way_and_refuses_what_comes_after(file: Path) -> None:
    ledger = Ledger(file)
    under_way = [asyncio.ensure_future(ledger.set_value(f"key {n}", "x")) for n in range(200)]
    await asyncio.sleep(0)
    await asyncio.gather(ledger.close(), ledger.close())
    await asyncio.gather(*under_way)
    assert rows(file, "SELECT count(*) FROM settings") == [(200,)]
    with pytest.raises(LedgerClosed, match="stopping"):
        await ledger.value("key 1")
    await ledger.close()


async def test_a_failed_call_changes_nothing_and_the_next_one_works(ledger: Ledger, file: Path) -> None:
    await ledger.note(act(0))
    with pytest.raises(AttributeError):
        await ledger.keep(ANSWER, Filters(), None)  # type: ignore[arg-type] - a mistake of a caller
    assert await ledger.questions_since(NOON) == 0
    assert await ledger.keep(ANSWER, Filters(), HERE)


async def test_an_empty_file_becomes_a_ledger(file: Path) -> None:
    file.parent.mkdir()
    file.touch()
    ledger = Ledger(file)
    await ledger.set_value("a", "b")
    await ledger.close()
    assert rows(file, "PRAGMA user_version") == [(1,)]


async def test_other_people_of_the_machine_cannot_read_it(ledger: Ledger, file: Path) -> None:
    await ledger.set_value("a", "b")
    assert {each.stat().st_mode & 0o077 for each in file.parent.iterdir()} == {0}


def database(file: Path, *statements: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


async def refused(file: Path) -> FootnoteError:
    before = file.read_bytes() if file.is_file() else b""
    ledger = Ledger(file)
    with pytest.raises(FootnoteError) as caught:
        await ledger.value("a")
    await ledger.close()
    assert str(file) in str(caught.value)
    assert not file.is_file() or file.read_bytes()[100:] == before[100:]  # WAL is noted in the first bytes
    return caught.value


async def test_a_file_of_a_newer_footnote_is_refused_and_kept(file: Path) -> None:
    database(file, "PRAGMA user_version = 99", "CREATE TABLE future (x)")
    error = await refused(file)
    assert isinstance(error, LedgerNewer)
    assert "Update Footnote" in str(error)


async def test_a_database_of_another_program_is_refused_and_kept(file: Path) -> None:
    database(file, "CREATE TABLE theirs (x)")
    error = await refused(file)
    assert isinstance(error, LedgerBroken)
    assert "another program" in str(error)


@pytest.mark.parametrize("content", [b"not a database, but long enough to be taken for one" * 99, b"SQLite?"])
async def test_a_damaged_file_is_refused_with_what_to_do(file: Path, content: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(content)
    error = await refused(file)
    assert isinstance(error, LedgerBroken)
    assert "move the file away" in str(error)


async def test_a_file_damaged_in_its_middle_is_told_when_it_is_met(file: Path) -> None:
    ledger = Ledger(file)
    for number in range(50):
        await ledger.keep(unanswered(f"Question {number}?"), Filters(), HERE)
    await ledger.close()
    content = bytearray(file.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    file.write_bytes(content)
    again = Ledger(file)
    with pytest.raises(LedgerBroken, match="move the file away"):
        await again.gaps()
    await again.close()


async def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    error = await refused(tmp_path / "data" / "bot.db")
    assert isinstance(error, LedgerBroken)
    assert "FOOTNOTE_DATA" in str(error)


async def test_a_file_that_was_mended_is_read_without_a_new_start(file: Path) -> None:
    file.parent.mkdir()
    file.write_bytes(b"broken" * 1000)
    ledger = Ledger(file)
    with pytest.raises(LedgerBroken):
        await ledger.value("a")
    file.unlink()
    await ledger.set_value("a", "b")
    assert await ledger.value("a") == "b"
    await ledger.close()

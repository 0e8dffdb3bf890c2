"""A desk for code that cannot await: from any thread, any loop, and a loop that is running."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from index.desk import Desk
from index.deskthread import DeskThread
from index.errors import QuestionError
from index.types import Answer, Question
from tests.bot.fakes import ANSWER, ScriptedDesk, raises


@pytest.fixture
def scripted() -> ScriptedDesk:
    return ScriptedDesk(answers={"Which?": ANSWER, "?": raises(QuestionError("no words"))})


@pytest.fixture
def desk(scripted: ScriptedDesk) -> Iterator[DeskThread]:
    with DeskThread(scripted) as desk:
        yield desk


async def which(desk: Desk) -> Answer:
    return await desk.ask(Question("Which?"))


def test_it_answers_without_a_loop(desk: DeskThread) -> None:
    assert desk.run(which).sentences == ANSWER.sentences


async def test_it_answers_within_a_loop_that_is_running(desk: DeskThread) -> None:
    assert desk.run(which).sentences == ANSWER.sentences
    assert (await desk.arun(which)).sentences == ANSWER.sentences


def test_several_loops_and_threads_share_it(desk: DeskThread) -> None:
    """What waits on one loop does not hold up another one."""
    got: list[Answer] = []
    met = threading.Barrier(3)

    async def together(index: Desk) -> Answer:
        await asyncio.to_thread(met.wait)  # passes only when all three are under way
        return await which(index)

    def alone() -> None:
        got.append(desk.run(together))

    def within() -> None:
        got.append(asyncio.run(desk.arun(together)))

    threads = [threading.Thread(target=work) for work in (alone, within, within)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.sentences for answer in got] == [ANSWER.sentences] * 3


def test_an_error_reaches_who_asked(desk: DeskThread) -> None:
    with pytest.raises(QuestionError, match="no words"):
        desk.run(lambda index: index.ask(Question("?")))
    with pytest.raises(QuestionError, match="no words"):
        asyncio.run(desk.arun(lambda index: index.ask(Question("?"))))


def test_to_wait_for_itself_is_refused_and_not_forever(desk: DeskThread) -> None:
    async def again(_: Desk) -> Answer:
        return desk.run(which)

    with pytest.raises(RuntimeError, match="wait for itself"):
        desk.run(again)


async def test_to_cancel_stops_the_work(desk: DeskThread) -> None:
    begun, stopped = threading.Event(), threading.Event()

    async def long(_: Desk) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    asked = asyncio.create_task(desk.arun(long))
    await asyncio.to_thread(begun.wait)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    await asyncio.to_thread(stopped.wait)


def test_closed_it_says_so_and_has_no_thread(scripted: ScriptedDesk) -> None:
    before = set(threading.enumerate())
    with DeskThread(scripted) as desk:
        assert set(threading.enumerate()) > before
    assert scripted.closed
    assert set(threading.enumerate()) == before
    desk.close()
    with pytest.raises(RuntimeError, match="closed"):
        desk.run(which)


def test_who_still_waits_when_it_closes_hears_of_it(scripted: ScriptedDesk) -> None:
    desk = DeskThread(scripted)
    begun = threading.Event()
    heard: list[BaseException] = []

    async def forever(_: Desk) -> None:
        begun.set()
        await asyncio.Event().wait()

    def wait() -> None:
        try:
            desk.run(forever)
        except BaseException as error:
            heard.append(error)

    waiting = threading.Thread(target=wait)
    waiting.start()
    begun.wait()
    desk.close()
    waiting.join()
    assert [type(error).__name__ for error in heard] == ["CancelledError"]


def test_an_error_of_closing_is_raised_and_the_thread_ends_all_the_same() -> None:
    class Broken(ScriptedDesk):
        async def close(self) -> None:
            raise OSError("the disk is gone")

    before = set(threading.enumerate())
    desk = DeskThread(Broken())
    with pytest.raises(OSError, match="the disk is gone"):
        desk.close()
    assert set(threading.enumerate()) == before

"""Who is answered when: a limit for each person, a queue for each server."""

from __future__ import annotations

import asyncio

import pytest

from bot.queueing import Cooldown, Queues


def test_a_person_waits_until_the_oldest_question_is_a_minute_old() -> None:
    now = [0.0]
    cooldown = Cooldown(2, clock=lambda: now[0])
    assert cooldown.wait(1) == 0
    now[0] = 10
    assert cooldown.wait(1) == 0
    now[0] = 30
    assert cooldown.wait(1) == 30
    assert cooldown.wait(2) == 0
    now[0] = 60
    assert cooldown.wait(1) == 0
    assert cooldown.wait(1) == 10


async def test_places_are_told_and_turns_come_in_order() -> None:
    queues, told, served, go = Queues(1), {}, [], asyncio.Event()

    async def ask(number: int) -> None:
        async def tell(place: int) -> None:
            told[number] = place

        async with queues.turn(7, tell):
            served.append(number)
            await go.wait()

    tasks = [asyncio.create_task(ask(number)) for number in range(4)]
    await asyncio.sleep(0.01)
    assert (served, told, queues.waiting) == ([0], {1: 1, 2: 2, 3: 3}, 3)
    go.set()
    await asyncio.gather(*tasks)
    assert served == [0, 1, 2, 3]
    assert queues.waiting == 0


async def test_servers_do_not_wait_for_each_other() -> None:
    queues = Queues(1)

    async def nobody(place: int) -> None:
        raise AssertionError("nobody waits here")

    async with queues.turn(1, nobody), queues.turn(2, nobody):
        pass


@pytest.mark.parametrize("leaves", ["while waiting", "in its turn"])
async def test_who_leaves_does_not_block_the_queue(leaves: str) -> None:
    queues, go, served = Queues(1), asyncio.Event(), []

    async def ask(number: int) -> None:
        async def tell(place: int) -> None:
            pass

        async with queues.turn(7, tell):
            await go.wait()
            served.append(number)

    tasks = [asyncio.create_task(ask(number)) for number in range(3)]
    await asyncio.sleep(0.01)
    tasks[1 if leaves == "while waiting" else 0].cancel()
    await asyncio.sleep(0.01)
    go.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert served == ([0, 2] if leaves == "while waiting" else [1, 2])


async def test_whoever_cannot_be_told_their_place_leaves_the_queue() -> None:
    queues, go = Queues(1), asyncio.Event()

    async def first() -> None:
        async def tell(place: int) -> None:
            pass

        async with queues.turn(7, tell):
            await go.wait()

    async def broken(place: int) -> None:
        raise ConnectionError

    task = asyncio.create_task(first())
    await asyncio.sleep(0.01)
    with pytest.raises(ConnectionError):
        async with queues.turn(7, broken):
            pass
    assert queues.waiting == 0
    go.set()
    await task

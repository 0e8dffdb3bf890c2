"""Edits while an answer grows: how many, which, and when none."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import discord
import pytest

from bot import edits
from bot.edits import Edits, Interim
from tests.discord.seconds import Seconds, turns


@dataclass
class Message:
    """What is edited."""

    shown: list[str] = field(default_factory=list)
    gone: bool = False
    error: BaseException | None = None
    held: asyncio.Event | None = None

    async def edit(self, interim: Interim) -> object:
        if self.held is not None:
            await self.held.wait()
        if self.error is not None:
            raise self.error
        self.shown.append(interim.embeds[0].description or "")
        return None if self.gone else self


def saying(words: str) -> Callable[[], Interim]:
    return lambda: Interim((discord.Embed(description=words),))


def refused(status: int, code: int = 0) -> discord.HTTPException:
    kind = discord.NotFound if status == 404 else discord.HTTPException
    response = type("Response", (), {"status": status, "reason": "no"})()
    return kind(response, {"code": code, "message": "no"})


async def test_the_first_comes_at_once_and_then_one_a_second_with_the_last_state(second: Seconds) -> None:
    message = Message()
    async with Edits(message.edit) as shown:
        for words in ("one", "two", "three"):
            shown.offer(saying(words))
            await turns()
        assert message.shown == ["one"]
        await second.passes()
        assert message.shown == ["one", "three"]
        await second.passes()
        assert message.shown == ["one", "three"]
        shown.offer(saying("four"))
        await turns()
        assert message.shown == ["one", "three", "four"]
        await second.passes()
    assert len(second.waiting) == 3


def test_a_second_is_a_second() -> None:
    assert edits.EVERY == 1.0


async def test_the_answer_waits_until_the_second_of_the_last_edit_has_passed(second: Seconds) -> None:
    message = Message()

    async def answered() -> None:
        async with Edits(message.edit) as shown:
            shown.offer(saying("one"))
            await turns()
            shown.offer(saying("two"))
        message.shown.append("the answer")

    answer = asyncio.create_task(answered())
    await turns()
    assert not answer.done()
    await second.passes()
    await answer
    assert message.shown == ["one", "the answer"]


async def test_an_edit_under_way_arrives_before_the_answer(second: Seconds) -> None:
    message = Message(held=asyncio.Event())

    async def answered() -> None:
        async with Edits(message.edit) as shown:
            shown.offer(saying("one"))
            await turns()
        message.shown.append("the answer")

    answer = asyncio.create_task(answered())
    await turns()
    await second.passes()
    assert not answer.done()
    assert message.held is not None
    message.held.set()
    await answer
    assert message.shown == ["one", "the answer"]


async def test_an_answer_that_is_there_at_once_is_not_edited_before(second: Seconds) -> None:
    message = Message()
    async with Edits(message.edit) as shown:
        shown.offer(saying("one"))
    assert message.shown == []
    assert second.waiting == []


async def test_after_the_end_nothing_is_edited(second: Seconds) -> None:
    message = Message()
    async with Edits(message.edit) as shown:
        pass
    shown.offer(saying("late"))
    await turns()
    assert message.shown == []


async def test_what_stands_there_already_is_not_edited(second: Seconds) -> None:
    message = Message()
    async with Edits(message.edit) as shown:
        for _ in range(2):
            shown.offer(saying("the same"))
            await turns()
            await second.passes()
    assert message.shown == ["the same"]
    assert len(second.waiting) == 1


@pytest.mark.parametrize("error", [refused(500), refused(429), OSError("gone"), KeyError("a bug")])
async def test_an_edit_that_fails_is_let_go_and_keeps_its_second(second: Seconds, error: Exception) -> None:
    message = Message(error=error)
    async with Edits(message.edit) as shown:
        shown.offer(saying("one"))
        await turns()
        message.error = None
        shown.offer(saying("two"))
        await turns()
        assert message.shown == []
        await second.passes()
        assert message.shown == ["two"]
        await second.passes()


async def test_what_cannot_be_drawn_does_not_end_the_edits(second: Seconds) -> None:
    message = Message()

    def broken() -> Interim:
        raise KeyError("a bug")

    async with Edits(message.edit) as shown:
        shown.offer(broken)
        await turns()
        shown.offer(saying("two"))
        await turns()
        await second.passes()
    assert message.shown == ["two"]


@pytest.mark.parametrize("message", [Message(gone=True), Message(error=refused(404, 10008))])
async def test_a_message_that_is_gone_is_not_edited_again(second: Seconds, message: Message) -> None:
    async with Edits(message.edit) as shown:
        shown.offer(saying("one"))
        await turns()
        await second.passes()
        seen = len(message.shown)
        message.error, message.gone = None, False
        shown.offer(saying("two"))
        await turns()
    assert len(message.shown) == seen


async def test_an_error_of_the_answer_comes_through_after_the_last_edit(second: Seconds) -> None:
    message = Message()

    async def broken() -> None:
        async with Edits(message.edit) as shown:
            shown.offer(saying("one"))
            await turns()
            raise ValueError("no answer")

    answer = asyncio.create_task(broken())
    await turns()
    assert not answer.done()
    await second.passes()
    with pytest.raises(ValueError, match="no answer"):
        await answer

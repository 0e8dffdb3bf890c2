"""An answer in Discord while a language model writes it: one message, and one edit a second."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from index.desk import Watch
from index.errors import IndexBusy
from index.types import Answer, AnswerSentence, Question, Writing
from tests.discord.conftest import Footnote
from tests.discord.seconds import Seconds
from tests.discord.test_asking import buttons, text_of
from tests.discord.test_render import ANSWER, NATO, cite

ASKED = "Which countries?"
FIRST, SECOND, THIRD = "Four countries are named.", "Romania is one of them.", "So is @everyone in Bulgaria."
BEING_WRITTEN = "Being written"


def grown(*sentences: str) -> Answer:
    said = tuple(AnswerSentence(sentence, (1,)) for sentence in sentences)
    return Answer(ASKED, "answered", said, ANSWER.citations[:1], understood=ASKED)


WHOLE = replace(grown(FIRST, SECOND, THIRD), writer="openai:gpt-x", writing=Writing(3, 3), as_of=ANSWER.as_of)
FALLEN = replace(ANSWER, writing=Writing(silence="away"))


@dataclass
class Writer:
    """A desk's answers, written as a test tells it; an exception is raised."""

    asked: list[Question] = field(default_factory=list)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    told: asyncio.Queue[Answer | Exception] = field(default_factory=asyncio.Queue)

    async def ask(self, question: Question, watch: Watch | None = None) -> Answer:
        assert watch is not None
        self.asked.append(question)
        self.begun.set()
        while isinstance(now := await self.told.get(), Answer) and now not in (WHOLE, FALLEN):
            watch(now)
        if isinstance(now, Exception):
            raise now
        return now


@pytest.fixture
def writer(footnote: Footnote, monkeypatch: pytest.MonkeyPatch) -> Writer:
    made = Writer()
    monkeypatch.setattr(footnote.desk, "ask", made.ask)
    return made


@dataclass
class Stage:
    """A question under way."""

    footnote: Footnote
    writer: Writer
    second: Seconds
    under_way: asyncio.Task[Any]

    def write(self, *told: Answer | Exception) -> None:
        for each in told:
            self.writer.told.put_nowait(each)

    def sent(self) -> list[Any]:
        """Messages that the bot sent or edited, as Discord was given them; not the first response."""
        entries = [entry for entry in self.footnote.env.http_requests if "/messages" in entry.path]
        return [entry for entry in entries if entry.method in ("POST", "PATCH")]

    async def until(self, met: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not met():
                await asyncio.sleep(0.002)

    async def shows(self, edits: int) -> str:
        """What the message shows after so many edits."""
        await self.until(lambda: len(self.sent()) >= edits)
        await self._settled()
        assert len(self.sent()) == edits
        return json.dumps(self.sent()[-1].json, ensure_ascii=False)

    async def ends(self) -> Any:
        """The result, with every second passing as it comes."""
        while not self.under_way.done():
            await self.second.passes()
            await asyncio.sleep(0.002)
        return await self.under_way

    async def _settled(self) -> None:
        for _ in range(5):
            await asyncio.sleep(0.002)


@pytest.fixture
async def begin(footnote: Footnote, writer: Writer, second: Seconds) -> AsyncIterator[Callable[..., Any]]:
    """Ask, and wait until the desk writes: `await begin(private=True)`, or by a mention."""

    stages: list[Stage] = []

    async def begun(*, mention: bool = False, **options: Any) -> Stage:
        if mention:
            said = footnote.member.send(footnote.channel, f"<@{footnote.bot.user.id}> {ASKED}")
        else:
            said = footnote.member.slash(footnote.channel, "ask", question=ASKED, **options)
        stage = Stage(footnote, writer, second, asyncio.create_task(said))
        stages.append(stage)
        await stage.until(writer.begun.is_set)
        return stage

    yield begun
    for stage in stages:
        stage.under_way.cancel()


@pytest.mark.parametrize("mention", [False, True], ids=["command", "mention"])
async def test_a_message_is_edited_once_a_second_and_ends_as_the_answer(
    footnote: Footnote, begin: Callable[..., Any], mention: bool
) -> None:
    before = len(footnote.channel.history())
    stage = await begin(mention=mention)
    stage.write(grown(FIRST))
    first = await stage.shows(1)
    assert FIRST in first
    assert BEING_WRITTEN in first
    stage.write(grown(FIRST, SECOND))
    stage.write(grown(FIRST, SECOND, THIRD))
    assert await stage.shows(1) == first
    await stage.second.passes()
    second = await stage.shows(2)
    assert THIRD.replace("@", "@\u2060") in second
    assert second.count(SECOND) == 1
    stage.write(WHOLE)
    assert await stage.shows(2) == second
    await stage.ends()
    assert len(stage.sent()) == 3
    assert {entry.method for entry in stage.sent()[1:]} == {"PATCH"}
    last = footnote.channel.last_message
    assert len(footnote.channel.history()) == before + (2 if mention else 1)
    assert "3 of 3 sentences checked" in text_of(last)
    assert BEING_WRITTEN not in text_of(last)
    assert set(buttons(last)) >= {"ev", "up", "down", "del"}
    kept = await footnote.bot.ledger.shown_in(last.id)
    assert kept is not None
    assert kept.answer == WHOLE


@pytest.mark.parametrize("mention", [False, True], ids=["command", "mention"])
@pytest.mark.parametrize("drafts", [0, 1, 2])
async def test_what_the_articles_say_replaces_what_a_broken_model_began(
    footnote: Footnote, begin: Callable[..., Any], mention: bool, drafts: int
) -> None:
    stage = await begin(mention=mention)
    for number in range(drafts):
        stage.write(grown(*(FIRST, SECOND)[: number + 1]))
        await stage.shows(number + 1)
        await stage.second.passes()
    stage.write(FALLEN)
    await stage.ends()
    shown = text_of(footnote.channel.last_message)
    assert "Four new battlegroups go to" in shown
    assert "does not answer at the moment" in shown
    assert FIRST not in shown
    assert BEING_WRITTEN not in shown
    assert len(stage.sent()) == drafts + 1


@pytest.mark.parametrize("mention", [False, True], ids=["command", "mention"])
async def test_an_error_in_the_middle_stands_in_the_same_message(
    footnote: Footnote, begin: Callable[..., Any], mention: bool
) -> None:
    stage = await begin(mention=mention)
    stage.write(grown(FIRST))
    await stage.shows(1)
    stage.write(IndexBusy("It is in use."))
    await stage.ends()
    last = footnote.channel.last_message
    assert not last.embeds
    assert last.content
    assert len(stage.sent()) == 2
    _ = footnote.env.errors  # seen


async def test_a_private_answer_stays_private_while_it_grows(
    footnote: Footnote, begin: Callable[..., Any]
) -> None:
    stage = await begin(private=True)
    stage.write(grown(FIRST))
    await stage.shows(1)
    stage.write(WHOLE)
    result = await stage.ends()
    assert result.ephemeral
    assert "3 of 3 sentences checked" in text_of(result.response)
    assert all("/messages/@original" in entry.path for entry in stage.sent())
    assert FIRST not in "".join(text_of(message) for message in footnote.channel.history())


@pytest.mark.parametrize("mention", [False, True], ids=["command", "mention"])
async def test_edits_that_discord_refuses_do_not_keep_the_answer(
    footnote: Footnote, begin: Callable[..., Any], mention: bool
) -> None:
    stage = await begin(mention=mention)
    if mention:
        stage.write(grown(FIRST))
        await stage.shows(1)
        await stage.second.passes()
    path = "/channels/*/messages/*" if mention else "/webhooks/*"
    fault = {"method": "PATCH", "path": path, "status": 400, "code": 50035, "message": "no", "times": 1}
    footnote.env.backend.faults.append(fault)
    stage.write(grown(FIRST, SECOND))
    await stage.until(lambda: fault not in footnote.env.backend.faults)
    stage.write(WHOLE)
    await stage.ends()
    assert "3 of 3 sentences checked" in text_of(footnote.channel.last_message)


async def test_the_budget_of_each_is_counted_by_the_person_who_asks(
    footnote: Footnote, begin: Callable[..., Any], writer: Writer
) -> None:
    stage = await begin()
    stage.write(WHOLE)
    await stage.ends()
    assert writer.asked[0].person == str(footnote.member.id)


async def test_a_written_answer_is_the_same_after_a_restart(
    footnote: Footnote, begin: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    long = "Vier Länder werden genannt, sagt der Bericht. " * 14
    translated = replace(
        WHOLE,
        sentences=tuple(AnswerSentence(FIRST, (1,), f"{long}{number}.") for number in range(4)),
        citations=(replace(cite(1, NATO, "Four countries."), translation="Vier Länder."),),
        language="de",
    )
    monkeypatch.setattr("tests.discord.test_growing.WHOLE", translated)
    stage = await begin()
    stage.write(translated)
    result = await stage.ends()
    controls = buttons(result.response)
    before = text_of(result.response)
    pressed = [
        await footnote.member.click(result.response.message, custom_id=controls[act])
        for act in ("ev", "more")
    ]
    await footnote.restart()
    for act, earlier in zip(("ev", "more"), pressed, strict=True):
        again = await footnote.member.click(footnote.channel.last_message, custom_id=controls[act])
        assert text_of(again.response) == text_of(earlier.response)
    assert "-# 🌐 Vier Länder." in text_of(pressed[0].response)
    assert "Understood as: Which countries?" in text_of(pressed[0].response)
    assert "3 of 3 sentences checked · Page 2 of" in text_of(pressed[1].response)
    assert "🌐 Vier Länder werden genannt" in before

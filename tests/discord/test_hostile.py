"""Articles, questions and names made to break messages: nothing breaks a limit, pings, or forges anything.

Every request of every test is held against Discord's contract and limits when its bot stops (conftest.py).
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from index.settings import Settings
from tests.discord.conftest import Footnote, indexed
from tests.discord.test_asking import buttons, text_of
from tests.index.hostile import OWN
from tests.index.worst import ScriptedModel
from tests.index.worst_lies import LIES
from tests.index.worst_rubbish import RUBBISH

LONG_URL = "https://example.org/" + "section/" * 70 + "?q=(a)[b]<c>\"d'&e=" + "f" * 40
NASTY = (
    "@everyone <@&1> <@1> <#1> **bold** __under__ ~~struck~~ ||spoiler|| `code` ```fence``` [masked](https://evil."
    "example/login) https://evil.example/x <https://evil.example> # heading -# small > quote <t:1:R> :smile: "
    "\u202eright to left\u202c zero\u200bwidth\ufeff a\u0301\u0301\u0301\u0301\u0301\u0301\u0301"
)
ARTICLES = [
    {
        "id": "long",
        "title": "The dragon of Krakow " + "and its very long headline " * 20,
        "source": "Outlet " + "with a long name " * 20,
        "url": LONG_URL,
        "published": "2024-05-06",
        "text": "The dragon of Krakow weighs 900 kilograms, the zoo said. "
        + "The keepers feed it with cabbage. " * 6000,
    },
    {
        "id": "unbroken",
        "title": "Unbroken",
        "published": "2024-05-06",
        "text": "The griffin of Gdansk is called " + "Ab" * 3000 + " and lives in the harbour, sailors said.",
    },
    {
        "id": "nasty",
        "title": "Basilisk " + NASTY,
        "source": NASTY,
        "url": "https://example.org/a b(c)<d>|e",
        "published": "2024-05-07",
        "text": f"The basilisk of Basel said: {NASTY}. The basilisk of Basel eats 12 mice a day, vets say.",
    },
    {
        "id": "bare",
        "title": "",
        "text": "The phoenix of Poznan burned for 33 minutes on Friday, firefighters said.",
    },
    {
        "id": "rtl",
        "title": "עטלף הזהב של חיפה",
        "source": "عربي",
        "published": "2024-05-08",
        "text": "The golden bat of Haifa (עטלף הזהב) flew for 44 hours, say researchers. العربية من اليمين.",
    },
]
QUESTIONS = [
    "How much does the dragon of Krakow weigh?",
    "What is the griffin of Gdansk called?",
    "What did the basilisk of Basel say?",
    "How many mice does the basilisk of Basel eat?",
    "How long did the phoenix of Poznan burn?",
    "How long did the golden bat of Haifa fly?",
    NASTY,
    "🐉" * 400,
    "What? " * 160,
    "\u200b\u202e",
]


@pytest.fixture(scope="module")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of hostile articles."""
    folder = tmp_path_factory.mktemp("zoo")
    (folder / "corpus").mkdir()
    lines = (json.dumps(article, ensure_ascii=False) for article in ARTICLES)
    (folder / "corpus" / "zoo.jsonl").write_text("\n".join(lines), "utf-8")
    settings = Settings(corpus=folder / "corpus", data=folder / "data")
    asyncio.run(indexed(settings))
    return folder


@pytest.fixture
async def beasts(zoo: Path, start: Any) -> AsyncIterator[Footnote]:
    """A bot on that index."""
    async with start(folder=zoo) as running:
        yield running


@pytest.mark.parametrize("question", QUESTIONS, ids=range(len(QUESTIONS)))
async def test_any_question_gets_a_reply_and_all_its_controls_work(beasts: Footnote, question: str) -> None:
    result = await beasts.member.slash(beasts.channel, "ask", question=question)
    shown = text_of(result.response)
    assert shown.strip()
    assert_harmless(shown)
    for act in ("ev", "more"):
        message = result.response
        while custom_id := buttons(message).get(act):
            opened = await beasts.member.click(message.message, custom_id=custom_id)
            message = opened.response
            assert_harmless(text_of(message))


async def test_mentions_with_hostile_words_are_answered_harmlessly(beasts: Footnote) -> None:
    for question in QUESTIONS[:7]:
        await beasts.member.send(beasts.channel, f"<@{beasts.bot.user.id}> {question}")
        assert beasts.channel.last_message.author.id == beasts.bot.user.id
        assert_harmless(text_of(beasts.channel.last_message))


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("search", {"query": "basilisk of Basel"}),
        ("search", {"query": "dragon cabbage keepers"}),
        ("search", {"query": NASTY}),
        ("articles", {}),
        ("article", {"title": "long"}),
        ("article", {"title": "unbroken"}),
        ("article", {"title": "nasty"}),
        ("article", {"title": "bare"}),
        ("article", {"title": "rtl"}),
        ("timeline", {"topic": "basilisk of Basel"}),
        ("timeline", {"topic": NASTY}),
        ("about", {}),
    ],
)
async def test_look_ups_of_hostile_articles_stay_harmless(
    beasts: Footnote, command: str, options: dict[str, Any]
) -> None:
    result = await beasts.member.slash(beasts.channel, command, **options)
    shown = text_of(result.response)
    assert shown.strip()
    assert_harmless(shown)


async def test_completions_of_hostile_names_fit(beasts: Footnote) -> None:
    assert len(await beasts.member.autocomplete(beasts.channel, "article", "title", "")) == len(ARTICLES)
    await beasts.member.autocomplete(beasts.channel, "ask", "source", "", question="what?")
    await beasts.moderator.autocomplete(beasts.channel, "index remove article", "title", "%")


async def test_a_hostile_message_is_checked_harmlessly(beasts: Footnote) -> None:
    said = await beasts.moderator.send(
        beasts.channel, f"The basilisk of Basel eats 12 mice a day. {NASTY} The dragon weighs 901 kilograms."
    )
    for name in ("Check against articles", "Ask the articles"):
        result = await beasts.member.context_menu(beasts.channel, name, said)
        assert_harmless(text_of(result.response))


async def test_moderators_see_hostile_articles_harmlessly(beasts: Footnote) -> None:
    await beasts.member.slash(beasts.channel, "ask", question=f"Who? {NASTY}")
    for command in ("index status", "index gaps", "index history"):
        shown = await beasts.moderator.slash(beasts.channel, command)
        assert_harmless(text_of(shown.response))
    asked = await beasts.moderator.slash(beasts.channel, "index remove article", title="nasty")
    assert_harmless(text_of(asked.response))
    draft = await beasts.moderator.slash(
        beasts.channel,
        "index add file",
        file=("\u202e../../@everyone.md", f"# {NASTY}\n\n{NASTY} said so.".encode()),
    )
    assert_harmless(text_of(draft.response))


def assert_harmless(shown: str) -> None:
    """Nothing that Discord would act on, but our own links to the articles' addresses."""
    for forged in ("@everyone", "<@&1>", "<@1>", "<#1>", "```", "](https://evil"):
        assert forged not in shown, shown
    assert not re.search(r"(?<!\\)<", shown), shown
    for char in "\u202e\u200b\ufeff\u202c":
        assert char not in shown


@pytest.mark.parametrize("script", ["orders obeyed", "markup", "hidden characters", "the system prompt"])
async def test_a_model_that_obeys_everybody_writes_nothing_harmful(
    beasts: Footnote, script: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through the whole bot: what a model writes, in drafts too, cannot ping, link, or tell its prompt."""
    model = ScriptedModel({**LIES, **RUBBISH}[script], Random(1), (), OWN)
    monkeypatch.setattr("index.llms.open_model", lambda _: model)
    monkeypatch.setattr("bot.edits.rest", lambda: asyncio.sleep(0))
    desk: Any = beasts.desk
    written = replace(desk._settings, llm=model.name)
    monkeypatch.setattr(desk, "_settings", written)
    monkeypatch.setattr(desk._parts, "settings", written)
    for question in (QUESTIONS[3], QUESTIONS[0], f"{QUESTIONS[4]} {OWN[4]}"):
        result = await beasts.member.slash(beasts.channel, "ask", question=question)
        shown = text_of(result.response)
        assert shown.strip()
        assert_harmless(shown)
        for handed in model.handed:
            assert not any(f"[{each.key}]" in shown for each in handed.evidence)
            assert handed.request.system[:60] not in shown
    assert model.handed

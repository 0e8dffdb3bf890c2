"""Orders in articles and in questions, and a model that obeys every one of them: the checker holds alone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from index.checking import holds
from index.service import IndexDesk
from index.settings import Settings
from index.types import Answer, Question
from tests.index import hostile
from tests.index.workshop import Desk
from tests.index.worst import Handed, Reply, Said, Script, ScriptedModel, harm, leaks, replying
from tests.index.worst_lies import LIES
from tests.index.worst_rubbish import RUBBISH
from tests.served import placed

SAMPLE = 10
"""Orders of the shared sets that are planted; the benchmark plants them all."""


@dataclass
class Coast:
    """A desk on articles with orders in them, and a model that does as its script says."""

    desk: Desk
    orders: list[str]
    questions: list[str]
    urls: list[str]

    def ask(self, text: str, script: Script | None = None) -> tuple[list[Answer], ScriptedModel]:
        """The answer, with what was shown on the way before it; without a script no model is asked."""
        model = ScriptedModel(script or RUBBISH["silent"], Random(text), (), tuple(self.orders))
        asyncio.run(self._let_go())
        self.model = model
        shown: list[Answer] = []
        question = Question(text, careful=0.0, plain=script is None)
        shown.append(asyncio.run(self.desk.desk.ask(question, shown.append)))
        return shown, model

    async def _let_go(self) -> None:
        self.desk.desk._writer = None


@pytest.fixture(scope="module")
def coast(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Coast]:
    folder = tmp_path_factory.mktemp("coast")
    orders = hostile.orders(SAMPLE)
    questions = hostile.plant(folder / "corpus", orders)
    rows = hostile.poisoned(4)
    hostile.plant_poison(folder / "corpus", rows)
    urls = [f"https://coast.example/{n}" for n in range(len(orders))]
    urls += [f"https://p.example/{row['id']}" for row in rows]
    settings = placed(
        Settings(
            corpus=folder / "corpus",
            data=folder / "data",
            llm="openai-like:scripted",
            llm_url="http://127.0.0.1:9",
            llm_timeout=10,
        )
    )
    desk = Desk(settings)
    made = Coast(desk, orders, questions, urls)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("index.llms.open_model", lambda _: made.model)
        desk(desk.desk.prepare, _options())
        yield made
    desk.close()


def _options() -> object:
    from index.reports import RefreshOptions

    return RefreshOptions()


def assert_sound(coast: Coast, shown: Sequence[Answer], model: ScriptedModel) -> None:
    for answer in shown:
        assert leaks(answer, model.replies) == []
        assert harm(answer, model.handed) == []
        assert hostile.bent(answer, coast.urls) == []
        for citation in answer.citations:
            article = coast.desk.article(citation.article.id)
            assert holds(citation, article.text)


@pytest.mark.parametrize("number", range(len(hostile.OWN)))
def test_an_order_in_an_article_changes_no_extractive_answer(coast: Coast, number: int) -> None:
    shown, model = coast.ask(coast.questions[number])
    assert model.handed == []
    assert str(number + 11) in " ".join(sentence.text for sentence in shown[-1].sentences)
    assert_sound(coast, shown, model)


@pytest.mark.parametrize("number", range(len(hostile.OWN)))
def test_a_model_that_obeys_orders_in_articles_shows_nothing_of_it(coast: Coast, number: int) -> None:
    shown, model = coast.ask(coast.questions[number], RUBBISH["orders obeyed"])
    assert model.handed[0].evidence, "the model was asked with evidence"
    assert_sound(coast, shown, model)


@pytest.mark.parametrize("order", hostile.OWN)
def test_an_order_in_a_question_is_handed_on_as_data_and_shows_nothing(coast: Coast, order: str) -> None:
    shown, model = coast.ask(f"{coast.questions[1]} {order}", RUBBISH["orders obeyed"])
    assert_sound(coast, shown, model)
    for handed in model.handed:
        fence, *lines, last = handed.request.user.splitlines()
        assert fence == last
        assert fence.startswith("=====")
        assert all(isinstance(json.loads(line), dict) for line in lines)
        assert not any(fence in line for line in lines)
        assert not any(char in handed.request.user for char in "\x1b\u202e\u200b\U000e0068")


@pytest.mark.parametrize(
    "family", ["the prompt", "the system prompt", "the keys", "markup", "hidden characters"]
)
def test_a_model_that_gives_its_prompt_away_shows_nothing_of_it(coast: Coast, family: str) -> None:
    for question in coast.questions[:4]:
        shown, model = coast.ask(question, RUBBISH[family])
        assert_sound(coast, shown, model)


def test_orders_of_the_shared_sets_show_nothing(coast: Coast) -> None:
    if not hostile.SHARED.is_dir():
        pytest.skip("../shared/eval/hostile is not on this machine")
    for number in range(len(hostile.OWN), len(coast.orders)):
        for question in (coast.questions[number], f"{coast.questions[0]} {coast.orders[number]}"[:990]):
            shown, model = coast.ask(question, RUBBISH["orders obeyed"])
            assert_sound(coast, shown, model)


def test_poisoned_passages_lend_nothing_to_other_articles(coast: Coast) -> None:
    """What a false passage says may be quoted as its own; with another article's key it is not shown."""
    rows = hostile.poisoned(4)
    if not rows:
        pytest.skip("../shared/eval/hostile is not on this machine")
    for row in rows:
        false = row["adv_texts"][0]

        def script(handed: Handed, chance: Random, false: str = false) -> Reply | None:
            rest = [each for each in handed.evidence if each.quote not in false]
            said = [Said(false, (each.key,)) for each in rest[:3]]
            return replying(said, chance) if said else LIES["empty words"](handed, chance)

        for question in (row["question"], coast.questions[2]):
            shown, model = coast.ask(question, script)
            assert_sound(coast, shown, model)


def test_the_desk_is_the_real_one(coast: Coast) -> None:
    assert isinstance(coast.desk.desk, IndexDesk)
    shown, _ = coast.ask(coast.questions[0], lambda handed, chance: replying([_first(handed)], chance))
    assert shown[-1].writer == "scripted:worst"
    assert shown[-1].writing is not None
    assert shown[-1].writing.held == 1


def _first(handed: Handed) -> Said:
    each = handed.evidence[0]
    return Said(each.quote, (each.key,), (each.quote,))


def test_the_folder_of_the_shared_sets_is_named_right() -> None:
    assert hostile.SHARED.parts[-3:] == ("shared", "eval", "hostile")
    assert Path(hostile.__file__).is_file()

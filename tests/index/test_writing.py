"""A language model writes from the evidence: what is shown, what stands in for it, and what it may take."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TypeVar

import pytest

from index.answering import Drafted
from index.errors import WriterAway, WriterRefused
from index.llm import Piece, Request
from index.settings import Settings, read_settings
from index.spending import Spending
from index.supporting import Checker
from index.types import Answer, AnswerSentence, Card, Citation, Claim, Question, Turn
from index.writing import Writer
from tests.index.workshop import CountingEmbedder

T = TypeVar("T")
QUOTES = (
    "The ferry crew of Velm struck on Monday for higher pay.",
    "The harbour of Velm reopened on Wednesday after two days.",
    "About 40 ferries were delayed by the strike, the harbour said.",
    "About 60 ferries were delayed by the strike, the union said.",
)
QUESTION = Question("Who struck in Velm?", asked=date(2022, 3, 18))


def cited(number: int) -> Citation:
    card = Card(f"{number}.md", f"Article {number}", "Velm Gazette", None, date(2022, 3, 16))
    return Citation(number, card, QUOTES[number - 1], 0, len(QUOTES[number - 1]), None)


def answer(*numbers: int, agreement: tuple[Claim, ...] = ()) -> Answer:
    return Answer(
        QUESTION.text,
        "answered",
        tuple(AnswerSentence(QUOTES[n - 1], (n,)) for n in numbers),
        tuple(cited(n) for n in numbers),
        agreement,
        confidence=0.9,
        understood=QUESTION.text,
    )


DRAFTED = Drafted(answer(1, 2), answer(1, 2, 3, 4))


@dataclass
class Model:
    """Replies with what `reply` makes of the keys that it was handed, by number of the citation."""

    say: Callable[[dict[int, str], Request], Sequence[str | Exception | float]]
    name: str = "scripted:model"
    asked: list[Request] = field(default_factory=list)
    let_go: int = 0
    at_once: int = 0
    most_at_once: int = 0

    async def reply(self, request: Request) -> AsyncGenerator[Piece, None]:
        self.asked.append(request)
        found = [json.loads(line) for line in request.user.splitlines() if line.startswith("{")]
        keys = {QUOTES.index(each["quote"]) + 1: each["key"] for each in found if each.get("quote") in QUOTES}
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            for piece in self.say(keys, request):
                if isinstance(piece, Exception):
                    raise piece
                if isinstance(piece, float):
                    await asyncio.sleep(piece)
                else:
                    yield Piece(piece)
            yield Piece("", tokens_in=200, tokens_out=30)
        finally:
            self.let_go += 1
            self.at_once -= 1

    async def close(self) -> None:
        pass


def said(*sentences: tuple[str, Sequence[str]], answers: bool = True) -> str:
    listed = [{"text": text, "keys": list(keys)} for text, keys in sentences]
    return json.dumps({"answers": answers, "sentences": listed})


async def beside(work: Callable[[], T]) -> T:
    return await asyncio.to_thread(work)


@pytest.fixture
def writer(tmp_path: Path, model: CountingEmbedder) -> Callable[..., Writer]:
    def make(scripted: Model, **values: str) -> Writer:
        settings = read_settings(
            {"FOOTNOTE_LLM": "openai:x", **{f"FOOTNOTE_{k}": v for k, v in values.items()}}
        )
        return Writer(
            scripted, Spending(tmp_path / "spending.db", settings), Checker(model.bundled), settings, beside
        )

    return make


async def test_sentences_that_hold_are_shown_with_the_quotes_that_say_them(
    writer: Callable[..., Writer],
) -> None:
    scripted = Model(
        lambda keys, _: [
            said(
                ("On Monday, the ferry crew of Velm struck for higher pay.", [keys[1], keys[3]]),
                ("The harbour of Velm reopened after two days.", [keys[2]]),
            )
        ]
    )
    made = await writer(scripted).write(QUESTION, DRAFTED, None)
    assert [each.text for each in made.sentences] == [
        "On Monday, the ferry crew of Velm struck for higher pay.",
        "The harbour of Velm reopened after two days.",
    ]
    assert [each.citations for each in made.sentences] == [(1,), (2,)], "a quote that does not say it goes"
    assert [each.quote for each in made.citations] == list(QUOTES[:2])
    assert made.writer == "scripted:model"
    assert made.writing is not None
    assert (made.writing.written, made.writing.held, made.writing.tokens_in) == (2, 2, 200)
    assert made.as_of == date(2022, 3, 16)


async def test_no_piece_of_a_sentence_is_shown_alone(writer: Callable[..., Writer]) -> None:
    """The splitter takes "born 1952)" for the beginning of a list."""
    quote = (
        "Velm (crew, born 1952) Velm (born 25 May 1952) struck on Monday, and Oslo (crew, born 1970) Oslo "
        "(born 17 May 1970) struck on Friday."
    )
    citation = replace(cited(1), quote=quote, end=len(quote))
    pool = replace(answer(1), citations=(citation,), sentences=(AnswerSentence(quote, (1,)),))

    async def shown(text: str) -> list[str]:
        scripted = Model(lambda _, request: [said((text, [json.loads(_line(request))["key"]]))])
        made = await writer(scripted).write(QUESTION, Drafted(pool, pool), None)
        return [each.text for each in made.sentences]

    assert await shown(quote) == [quote]
    assert await shown(quote.replace("Friday", "Sunday")) == [quote]


def _line(request: Request) -> str:
    return next(line for line in request.user.splitlines() if '"key"' in line)


async def test_what_does_not_hold_is_replaced_by_its_quote_or_dropped(writer: Callable[..., Writer]) -> None:
    scripted = Model(
        lambda keys, _: [
            said(
                ("The harbour of Velm reopened after two days.", [keys[2]]),
                ("The ferry crew of Oslo struck for higher pay.", [keys[1]]),
                ("The crew wants 500 euros more.", ["kzzz"]),
                ("The crew wants 600 euros more.", []),
            )
        ]
    )
    made = await writer(scripted).write(QUESTION, DRAFTED, None)
    assert [each.text for each in made.sentences] == [
        "The harbour of Velm reopened after two days.",
        QUOTES[0],
    ]
    assert made.writing is not None
    assert (made.writing.written, made.writing.held) == (4, 1)


async def test_no_side_of_a_difference_is_left_out(writer: Callable[..., Writer]) -> None:
    claims = (Claim("the number", "40", (1,)), Claim("the number", "60", (2,)))
    both = replace(
        answer(3, 4),
        citations=(replace(cited(3), number=1), replace(cited(4), number=2)),
        sentences=(AnswerSentence(QUOTES[2], (1,)), AnswerSentence(QUOTES[3], (2,))),
        agreement=claims,
    )
    scripted = Model(lambda keys, _: [said(("About 40 ferries were delayed, the harbour said.", [keys[3]]))])
    made = await writer(scripted).write(QUESTION, Drafted(both, both), None)
    assert [each.text for each in made.sentences] == [
        "About 40 ferries were delayed, the harbour said.",
        QUOTES[3],
    ]
    assert made.differences == (claims,)


async def test_only_checked_sentences_are_seen_while_it_is_written(writer: Callable[..., Writer]) -> None:
    def say(keys: dict[int, str], _: Request) -> Sequence[str]:
        whole = said(
            ("The crew earns 900 euros.", [keys[1]]),
            ("The harbour of Velm reopened after two days.", [keys[2]]),
        )
        return [whole[place : place + 5] for place in range(0, len(whole), 5)]

    seen: list[Answer] = []
    await writer(Model(say)).write(QUESTION, DRAFTED, seen.append)
    shown = [[sentence.text for sentence in each.sentences] for each in seen]
    assert shown == [[QUOTES[0]], [QUOTES[0], "The harbour of Velm reopened after two days."]]
    for each in seen:
        numbers = {citation.number for citation in each.citations}
        assert all(numbers.issuperset(sentence.citations) for sentence in each.sentences)


async def test_the_model_may_find_that_the_evidence_does_not_answer(writer: Callable[..., Writer]) -> None:
    made = await writer(Model(lambda *_: [said(answers=False)])).write(QUESTION, DRAFTED, None)
    assert made.outcome == "not_found"
    assert (made.sentences, made.citations, made.agreement) == ((), (), ())
    assert [card.id for card in made.nearest] == ["1.md", "2.md"]
    assert made.writing is not None
    assert made.writing.denied


async def test_without_evidence_no_model_is_asked(writer: Callable[..., Writer]) -> None:
    nothing = Answer(QUESTION.text, "not_found")
    scripted = Model(lambda *_: [said()])
    assert await writer(scripted).write(QUESTION, Drafted(nothing, nothing), None) == nothing
    assert scripted.asked == []


HALF = '{"answers": true, "sentences": [{"text": "The harbour of Velm reopened after two days.", "keys": ["'


@pytest.mark.parametrize(
    ("silence", "pieces", "values"),
    [
        ("away", [WriterAway("It does not answer.")], {}),
        ("away", [WriterRefused("It refuses.")], {}),
        ("away", [HALF, "{2}", '"]}', WriterAway("It broke off.")], {}),
        ("away", [HALF, RuntimeError("a client's own error")], {}),
        ("late", [HALF, "{2}", '"]}', 30.0], {"LLM_TIMEOUT": "1"}),
        ("unusable", ["What a nice question!"], {}),
        ("unusable", [""], {}),
        ("unusable", ["x" * 100_000], {}),
        ("unusable", [HALF, "kzzz", '"]}]}'], {}),
        ("unusable", [HALF.replace("two", "nine"), "{2}", '"]}]}'], {}),
    ],
)
async def test_whatever_goes_wrong_the_articles_own_words_answer(
    silence: str,
    pieces: Sequence[str | Exception | float],
    values: dict[str, str],
    writer: Callable[..., Writer],
) -> None:
    def say(keys: dict[int, str], _: Request) -> Sequence[str | Exception | float]:
        return [each.replace("{2}", keys[2]) if isinstance(each, str) else each for each in pieces]

    scripted = Model(say)
    made = await writer(scripted, **values).write(QUESTION, DRAFTED, None)
    assert made.writing is not None
    assert made.writing.silence == silence
    assert replace(made, writing=None) == DRAFTED.answer
    assert scripted.let_go == 1, "the reply is closed"


async def test_the_budget_of_a_day_and_of_a_person(writer: Callable[..., Writer]) -> None:
    scripted = Model(lambda keys, _: [said(("The harbour of Velm reopened after two days.", [keys[2]]))])
    one = writer(scripted, LLM_TOKENS_A_DAY_EACH="1600")
    anna, karl = replace(QUESTION, person="anna"), replace(QUESTION, person="karl")
    silences = []
    for _ in range(8):
        made = await one.write(anna, DRAFTED, None)
        assert made.writing is not None
        silences.append(made.writing.silence)
    assert silences[0] == ""
    assert silences[-1] == "spent_each"
    made = await one.write(karl, DRAFTED, None)
    assert made.writing is not None
    assert made.writing.silence == ""
    made = await writer(scripted, LLM_TOKENS_A_DAY="1000").write(karl, DRAFTED, None)
    assert made.writing is not None
    assert made.writing.silence == "spent"
    assert made.sentences == DRAFTED.answer.sentences


async def test_what_it_took_is_counted_also_where_it_broke_off(
    writer: Callable[..., Writer], tmp_path: Path
) -> None:
    one = writer(Model(lambda *_: [HALF, WriterAway("It broke off.")]), LLM_PRICE_IN="1", LLM_PRICE_OUT="2")
    made = await one.write(QUESTION, DRAFTED, None)
    assert made.writing is not None
    assert made.writing.cost is not None
    assert made.writing.cost > 0
    assert made.writing.tokens_out > 20
    assert Spending(tmp_path / "spending.db", Settings()).today().tokens > 100


async def test_only_so_many_are_written_at_a_time(writer: Callable[..., Writer]) -> None:
    scripted = Model(
        lambda keys, _: [0.05, said(("The harbour of Velm reopened after two days.", [keys[2]]))]
    )
    one = writer(scripted, LLM_AT_A_TIME="2")
    made = await asyncio.gather(*(one.write(QUESTION, DRAFTED, None) for _ in range(6)))
    assert all(each.writing and each.writing.held == 1 for each in made)
    assert scripted.most_at_once == 2


async def test_who_no_longer_waits_frees_the_model(writer: Callable[..., Writer]) -> None:
    scripted = Model(lambda *_: [HALF, 60.0])
    task = asyncio.ensure_future(writer(scripted).write(QUESTION, DRAFTED, None))
    while not scripted.asked:
        await asyncio.sleep(0.01)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert scripted.let_go == 1


EARLIER = (Turn("Who leads the ferry crew of Velm?", "Anna Holm leads the crew."),)


@pytest.mark.parametrize(
    ("reply", "full"),
    [
        (
            '{"question": "When did Anna Holm lead the ferry crew?"}',
            "When did Anna Holm lead the ferry crew?",
        ),
        ('{"question": "When did Karl Brandt lead the ferry crew?"}', ""),
        ('{"question": "When did 12 crews strike?"}', ""),
        ('{"question": ""}', ""),
        ("When did she?", ""),
        ("x" * 50_000, ""),
    ],
)
async def test_a_follow_up_in_full_has_no_words_that_nobody_said(
    reply: str, full: str, writer: Callable[..., Writer]
) -> None:
    asked = Question("When did she lead it?", earlier=EARLIER)
    assert await writer(Model(lambda *_: [reply])).understood(asked) == full
    assert await writer(Model(lambda *_: [WriterAway("Away.")])).understood(asked) == ""


async def test_an_answer_in_the_questions_language_keeps_what_was_checked(
    writer: Callable[..., Writer],
) -> None:
    def say(keys: dict[int, str], request: Request) -> Sequence[str]:
        found = [json.loads(line) for line in request.user.splitlines() if line.startswith("{")]
        german = {QUOTES[0]: "Die Fährmannschaft von Velm streikte am Montag für höhere Löhne."}
        return [said(*((german.get(each["sentence"], "?"), [each["key"]]) for each in found))]

    made = await writer(Model(say)).translated(answer(1), "de", "anna")
    assert made.language == "de"
    assert made.sentences[0].text == QUOTES[0]
    assert made.sentences[0].translation.startswith("Die Fährmannschaft")
    assert made.citations[0].translation == made.sentences[0].translation
    partly = await writer(Model(say)).translated(answer(1, 2), "de", "anna")
    assert partly == answer(1, 2), "half an answer in each language helps nobody"

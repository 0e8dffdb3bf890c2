"""A scripted desk: for what the real one cannot be provoked to do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from corpus.article import Article, Unread
from index.desk import Watch
from index.errors import NothingToUndo, UnknownArticle
from index.reports import (
    Check,
    Draft,
    Duplicate,
    Generation,
    Progress,
    RefreshOptions,
    RefreshReport,
    Status,
    Undone,
)
from index.settings import Settings
from index.types import (
    Answer,
    AnswerSentence,
    Card,
    CheckedClaim,
    Citation,
    Claim,
    Context,
    Event,
    Filters,
    Hit,
    Passage,
    Question,
)

BBC = Card("bbc-1", "Nato to double its battlegroups", "BBC News", "https://bbc.example/1", date(2022, 3, 24))
LRT = Card("lrt-1", "", None, None, None, opening="Stoltenberg pledged to strengthen the Baltic states")
QUOTE = "Four new battlegroups go to Bulgaria, Hungary, Romania and Slovakia."
OTHER = "They will stand in Bulgaria, Hungary, Poland and Slovakia."
ANSWER = Answer(
    "Which countries?",
    "answered",
    (AnswerSentence(QUOTE, (1, 2)),),
    (
        Citation(1, BBC, QUOTE, 0, len(QUOTE), "https://bbc.example/1#:~:text=Four%20new"),
        Citation(2, LRT, OTHER, 10, 10 + len(OTHER), None),
    ),
    (
        Claim("the countries", "Bulgaria, Hungary, Romania and Slovakia", (1,)),
        Claim("the countries", "Bulgaria, Hungary, Poland and Slovakia", (2,)),
    ),
    as_of=date(2022, 3, 24),
    confidence=0.9,
    understood="Which countries?",
)
NOT_FOUND = Answer("Bread?", "not_found", nearest=(BBC, LRT), missing=("bread",), confidence=0.1)


@dataclass
class ScriptedDesk:
    """Answers with what it was given; an exception is raised, a callable is called."""

    answers: dict[str, object] = field(default_factory=dict)
    hits: Sequence[Hit] = ()
    cards: Sequence[Card] = (BBC, LRT)
    texts: dict[str, Article] = field(default_factory=dict)
    prepared: RefreshReport | None = None
    report: object = field(default_factory=RefreshReport)
    undone: object = field(default_factory=Undone)
    kept: Sequence[Generation] = ()
    due: str = ""
    claims: Sequence[CheckedClaim] = ()
    events: Sequence[Event] = ()
    checks: Sequence[Check] = ()
    drafts: Sequence[Answer] = ()
    """What `watch` is shown before each answer."""
    asked: list[Question] = field(default_factory=list)
    closed: bool = False
    progress: Sequence[Progress] = ()
    opened_with: Settings | None = None

    def open(self, settings: Settings, *, purpose: str) -> ScriptedDesk:
        self.opened_with = settings
        return self

    async def prepare(self, options: RefreshOptions) -> RefreshReport | None:
        for each in self.progress:
            options.on_progress(each)
        return self.prepared

    async def ask(self, question: Question, watch: Watch | None = None) -> Answer:
        self.asked.append(question)
        for draft in self.drafts:
            if watch is not None:
                watch(draft)
                await asyncio.sleep(0)
        found = await _play(self.answers.get(question.text, NOT_FOUND))
        assert isinstance(found, Answer)
        return replace(found, question=question.text, understood=found.understood or question.text)

    async def warm(self) -> None:
        pass

    async def search(
        self, query: str, limit: int = 10, filters: Filters = Filters(), asked: date | None = None
    ) -> Sequence[Hit]:
        return self.hits[:limit]

    async def articles(self, filters: Filters = Filters()) -> Sequence[Card]:
        return [card for card in self.cards if filters.source in (None, card.source)]

    async def article(self, article_id: str) -> Article:
        if article_id not in self.texts:
            raise UnknownArticle(f"No article has the id {article_id}.")
        return self.texts[article_id]

    async def refresh(self, options: RefreshOptions) -> RefreshReport:
        found = await _play(self.report)
        assert isinstance(found, RefreshReport)
        return found

    async def status(self) -> Status:
        return Status(
            corpus="news",
            data=".footnote/news",
            articles=len(self.cards),
            passages=9,
            sources=(("BBC News", 1),),
            newest=date(2022, 3, 24),
            oldest=date(2022, 3, 24),
            last_refresh=None,
            failed=(Unread("bad.txt", "It is not UTF-8."),),
            duplicates=(Duplicate("copy.txt", "bbc-1"),),
            embedding="a model",
            generation=1,
            bytes=123456,
            due=self.due,
        )

    async def doctor(self, *, repair: bool = False) -> Sequence[Check]:
        return [replace(check, ok=True) for check in self.checks] if repair else self.checks

    async def titles(self, typed: str, limit: int = 25) -> Sequence[Card]:
        return [card for card in self.cards if typed.casefold() in card.label.casefold()][:limit]

    async def outlets(self, typed: str, limit: int = 25) -> Sequence[str]:
        names = dict.fromkeys(card.source for card in self.cards if card.source)
        return [name for name in names if typed.casefold() in name.casefold()][:limit]

    async def context(self, citation: Citation) -> Context | None:
        return Context("It was announced on Thursday.", citation.quote, "Others will follow.")

    async def check(self, text: str) -> Sequence[CheckedClaim]:
        return self.claims

    async def timeline(self, topic: str, filters: Filters = Filters()) -> Sequence[Event]:
        return self.events

    async def related(self, article_id: str, limit: int = 5) -> Sequence[Card]:
        await self.article(article_id)
        return [card for card in self.cards if card.id != article_id][:limit]

    async def alike(self, questions: Sequence[str]) -> Sequence[Sequence[int]]:
        groups: dict[str, list[int]] = {}
        for place, question in enumerate(questions):
            groups.setdefault(question.casefold(), []).append(place)
        return list(groups.values())

    async def draft_page(self, url: str) -> Draft:
        return replace(await self.draft_file("page.html", b""), url=url)

    async def draft_file(self, name: str, content: bytes) -> Draft:
        return Draft(name, content, tuple(self.texts.values()), len(self.texts))

    async def add(self, draft: Draft) -> RefreshReport:
        return await self.refresh(RefreshOptions(only=frozenset({draft.name})))

    async def remove(self, article_id: str) -> RefreshReport:
        article = await self.article(article_id)
        return await self.refresh(RefreshOptions(only=frozenset({article.origin}), allow_removals=True))

    async def generations(self) -> Sequence[Generation]:
        if not self.kept:
            raise NothingToUndo("There is nothing to undo.")
        return self.kept

    async def undo(self) -> Undone:
        found = await _play(self.undone)
        assert isinstance(found, Undone)
        return found

    async def close(self) -> None:
        self.closed = True


def passage(text: str, article_id: str = "bbc-1") -> Passage:
    return Passage("p1", article_id, 0, len(text), text, text, ())


def raises(error: BaseException) -> Callable[[], object]:
    def play() -> object:
        raise error

    return play


def sleeps(seconds: float, then: object = None) -> Callable[[], object]:
    async def play() -> object:
        await asyncio.sleep(seconds)
        return then

    return play


async def _play(found: object) -> object:
    if callable(found):
        found = found()
    return await found if asyncio.iscoroutine(found) else found

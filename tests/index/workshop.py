"""What the tests of the index share: small corpora, the real parts put together, and a model that counts."""

from __future__ import annotations

import asyncio
import random
import secrets
import shutil
from collections.abc import Callable, Generator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from corpus.article import Article
from index import answering
from index.chunking import Chunker
from index.embedding import BundledEmbedder, PassageVectors, Vector
from index.library import Library
from index.locking import OneProcess
from index.neighbours import Neighbours
from index.reader import Reader
from index.refreshing import Refresh
from index.reports import Cancel, RefreshOptions, RefreshReport
from index.retrieval import Retriever
from index.served import OWN, ServedStore, open_store
from index.service import IndexDesk
from index.settings import Settings
from index.store import FOLDER
from index.types import Answer, Filters, Passage, Question, Turn
from index.vectors import VectorIndex
from tests.served import everywhere, placed

ROOT = Path(__file__).parent.parent.parent
READER = Reader()
"""Loads its model once in a test process."""
SEEDS = ROOT.parent / "shared" / "seeds"


WHO = (
    "council, bakers, football club, hospital, miners, orchestra, fishermen, school for girls, police, "
    "bishop, museum of clocks, opera, beekeepers, tax office, university, zoo, firefighters, stock exchange"
)
WHAT = (
    "bread, elections, cancer, a stolen painting, herring, goals in extra time, Mozart, coal, exams, wolves, "
    "honey, interest rates, tanks, an old comet, wedding dresses, vaccines, fraud, floods, chess, volcanoes"
)
WHY = (
    "because prices rose, said a farmer, as doctors had hoped, to the joy of children, unless it snows, "
    "which a judge has yet to allow, the army will help, half of it borrowed, nobody knew why"
)
WHERE = " by the sea, in the woods, near the airport, under the castle, beside the prison, on the hill"


class CountingEmbedder(BundledEmbedder):
    """The real model, which notes what it is given."""

    def __init__(self) -> None:
        super().__init__(threads=2)
        self.read: list[str] = []
        """Ids of the passages that it was asked to read, in order."""
        self.questions = 0

    def question(self, text: str) -> Vector:
        self.questions += 1
        return super().question(text)

    def passages(
        self, passages: Sequence[Passage], tick: Callable[[], None] = lambda: None
    ) -> Generator[tuple[Passage, PassageVectors], None, None]:
        self.read += [passage.id for passage in passages]
        return super().passages(passages, tick)


class Workshop:
    """A corpus folder and the parts that index it, each the real one."""

    def __init__(self, corpus: Path, data: Path, embedder: CountingEmbedder, **settings: Any) -> None:
        corpus.mkdir(parents=True, exist_ok=True)
        self.embedder = embedder
        self.settings = placed(Settings(corpus=corpus, data=data, **settings))
        self.corpus, self.data = corpus, data
        self._seen = len(embedder.read)
        self.open()

    def open(self) -> None:
        """As a new process would; `close` comes first."""
        self.library = Library(self.data / "library.db")
        owner = OneProcess(self.data, "tests", shared=True)
        self.store = open_store(self.library, self.data, self.settings.server, owner)
        self.near = Neighbours(self.library, self.store, self.data)

    def close(self) -> None:
        self.store.close()
        self.library.close()

    def reopen(self, **settings: Any) -> None:
        """Close and open, with other settings."""
        self.close()
        self.settings = placed(Settings(corpus=self.corpus, data=self.data, **settings))
        self.open()

    def in_use(self) -> str:
        """The name of the vector index that the library names."""
        with self.library.snapshot() as known:
            return known.meta(FOLDER) or ""

    def indexes(self) -> list[str]:
        """The names of all vector indexes of this library that there are."""
        if isinstance(self.store, ServedStore):
            return self.store._writer().names(f"footnote-{self.store._own()}-")
        return [folder.name for folder in self.data.glob("vectors-*")]

    def lose(self) -> None:
        """Remove the vector index in use, under a store that has it open."""
        index = self.store.opened()
        if isinstance(self.store, ServedStore):
            self.store._writer().remove(index.name)
        elif isinstance(index, VectorIndex):
            index._client.delete_collection(index.name)

    def embedded(self) -> list[str]:
        """Passages that the model has read since the last call."""
        fresh = self.embedder.read[self._seen :]
        self._seen = len(self.embedder.read)
        return fresh

    def refresh(self, cancel: Cancel | None = None, **options: Any) -> RefreshReport:
        chunker = Chunker(self.embedder.bundled.pieces, self.settings.passage_tokens)
        return Refresh(
            self.library,
            self.store,
            self.embedder,
            chunker,
            self.settings,
            RefreshOptions(**options),
            cancel or Cancel(),
        )()

    def ask(self, text: str, filters: Filters = Filters(), careful: float = 0.0) -> Answer:
        question = answering.checked(Question(text, filters, date(2022, 3, 25), careful))
        if everywhere():
            self.store.warm()
        with self.library.snapshot() as known:
            retriever = Retriever(known, self.near, self.embedder, READER)
            return answering.answer(question, known, retriever, self.settings)

    def digests(self) -> dict[str, str]:
        with self.library.snapshot() as known:
            return known.digests()

    def write(self, name: str, text: str, **head: str) -> None:
        write(self.corpus / name, text, **head)

    def whole(self) -> None:
        """Assert that library and vector index hold the same passages, each once, and find them."""
        index = self.store.opened()
        with self.library.snapshot() as known:
            rows = [row for batch in known.vectors() for row in batch]
            assert len(rows) == known.count("passages")
            assert known.damage() == ""
            assert sorted(known.passage_ids(known.digests())) == sorted(row[0] for row in rows)
        inside = index._rows.get()
        assert sorted(inside["ids"]) == sorted(row[0] for row in rows)
        assert index.count() == len(rows)
        for passage_id, vector, _, _ in rows:
            near = index.nearest(vector, 3)
            assert passage_id in {id_ for id_, _ in near}, near
            assert near[0][1] > 0.999


def copied(made: Path, place: Path, make_workshop: Callable[..., Workshop]) -> Workshop:
    """A workshop on a copy of a corpus and its index."""
    shutil.copytree(made, place, dirs_exist_ok=True)
    workshop = make_workshop()
    # On a server, a copy with the same name would share its original's collection.
    workshop.library.set_meta({"corpus": str(workshop.corpus.resolve()), OWN: secrets.token_hex(8)})
    if everywhere():
        workshop.store.opened()
    return workshop


class Desk:
    """The real desk, for tests that are not about it being asynchronous."""

    def __init__(self, settings: Settings) -> None:
        self.desk = IndexDesk(settings, "tests")

    def __call__(self, method: Callable[..., Any], *args: Any, **named: Any) -> Any:
        return asyncio.run(method(*args, **named))

    def ask(self, text: str, **named: Any) -> Answer:
        answer = self(self.desk.ask, Question(text, **named))
        assert isinstance(answer, Answer)
        return answer

    def then(self, text: str, *earlier: Answer) -> Answer:
        """Ask as the next question of a conversation."""
        turns = tuple(Turn(a.understood, a.sentences[0].text if a.sentences else "") for a in earlier)
        return self.ask(text, earlier=turns)

    def article(self, article_id: str) -> Article:
        article = self(self.desk.article, article_id)
        assert isinstance(article, Article)
        return article

    def close(self) -> None:
        self(self.desk.close)


def write(file: Path, text: str, **head: str) -> None:
    """An article as Markdown."""
    lines = [f"{name}: {value}" for name, value in head.items()]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(["---", *lines, "---", text, ""]) if lines else text + "\n", "utf-8")


def town(number: int, word: str = "bridge") -> str:
    """The text of a short article on something else than that of any other number."""
    pick = random.Random(number)
    who, what, why, where = (pick.choice(words.split(", ")) for words in (WHO, WHAT, WHY, WHERE))
    return (
        f"The {who} of Town{number:03} spoke of {what} and a new {word}{where} on Monday. "
        f"The work costs {number + 3} million euros, {why}."
    )


def towns(folder: Path, numbers: Sequence[int], word: str = "bridge") -> None:
    """Short articles: `town-007.md` and so on."""
    for number in numbers:
        write(folder / f"town-{number:03}.md", town(number, word), title=f"Town{number:03} mends its {word}")

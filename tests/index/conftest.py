from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from index.reports import RefreshOptions
from index.secret import Secret
from index.settings import Settings
from tests.index import llm_process
from tests.index.workshop import SEEDS, CountingEmbedder, Desk, Workshop, copied, towns
from tests.served import everywhere, placed


@pytest.fixture(scope="session")
def model() -> CountingEmbedder:
    """The bundled model, loaded once."""
    return CountingEmbedder()


@pytest.fixture
def make_workshop(tmp_path: Path, model: CountingEmbedder) -> Iterator[Callable[..., Workshop]]:
    """Make workshops under the test's own folder; they are closed at its end."""
    made: list[Workshop] = []

    def make(corpus: str = "corpus", data: str = "data", **settings: Any) -> Workshop:
        made.append(Workshop(tmp_path / corpus, tmp_path / data, model, **settings))
        return made[-1]

    yield make
    for workshop in made:
        workshop.close()


@pytest.fixture
def workshop(make_workshop: Callable[..., Workshop]) -> Workshop:
    """An empty corpus and an empty index."""
    return make_workshop()


@pytest.fixture(scope="session")
def _ten(tmp_path_factory: pytest.TempPathFactory, model: CountingEmbedder) -> Path:
    folder = tmp_path_factory.mktemp("ten")
    built = Workshop(folder / "corpus", folder / "data", model)
    towns(built.corpus, range(10))
    built.refresh()
    built.close()
    return folder


@pytest.fixture
def ten(_ten: Path, tmp_path: Path, make_workshop: Callable[..., Workshop]) -> Workshop:
    """Ten short articles, indexed: a copy of its own for each test."""
    return copied(_ten, tmp_path, make_workshop)


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The desk on the sample corpus."""
    yield from _desk(placed(Settings(data=tmp_path_factory.mktemp("sample"))))


@pytest.fixture(scope="session")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The desk on the four seeds, which only some machines have."""
    if not SEEDS.is_dir():
        pytest.skip("the seeds are not on this machine")
    yield from _desk(placed(Settings(corpus=SEEDS, data=tmp_path_factory.mktemp("seeds"))))


@pytest.fixture(scope="session")
def language_model() -> Iterator[Settings]:
    """Settings for a real language model on a real server, started for these tests."""
    if missing := llm_process.missing():
        pytest.skip(f"not installed on this machine: {', '.join(missing)}")
    with llm_process.served() as server:
        yield Settings(llm="openai-like:gemma", llm_url=server.url, llm_key=Secret(llm_process.KEY))


def _desk(settings: Settings) -> Iterator[Desk]:
    desk = Desk(settings)
    desk(desk.desk.refresh, RefreshOptions())
    if everywhere():
        desk(desk.desk.warm)
    yield desk
    desk.close()

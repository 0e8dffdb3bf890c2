"""The vectors on a real Chroma server: it is slow, it goes away in the middle of anything, it comes back."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index import building, parts, served
from index.errors import RefreshCancelled, VectorsAway, VectorsRefused
from index.reports import Cancel, Progress, RefreshOptions
from index.secret import Secret
from index.served import ServedStore
from index.server import Server
from index.service import IndexDesk
from index.store import FOLDER, IN_STEP
from index.types import Question
from index.vectors import HNSW, Connection
from tests.index.workshop import Desk, Workshop, town, towns
from tests.served import (
    CERTIFICATE,
    ChromaServer,
    Proxy,
    chroma_server,
    local_certificate,
    proxy,
    response,
)

TOKEN = "s3cret/T0ken+of=us"
HERE = "What was spoken of in Town003?"


@pytest.fixture(scope="module")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromaServer]:
    with chroma_server(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture
def server(_server: ChromaServer) -> ChromaServer:
    """A server that runs, whatever the last test has done to it."""
    if not _server.runs:
        _server.start()
    return _server


@pytest.fixture
def before(server: ChromaServer) -> Iterator[Proxy]:
    """What stands before the server."""
    with proxy(server) as made:
        yield made


@pytest.fixture
def on(make_workshop: Callable[..., Workshop]) -> Callable[..., Workshop]:
    """Ten short articles, indexed on the server at an address."""

    def make(url: str, count: int = 10, **settings: object) -> Workshop:
        workshop = make_workshop(chroma_url=url, **settings)
        towns(workshop.corpus, range(count))
        workshop.refresh()
        workshop.embedded()
        return workshop

    return make


def finds(workshop: Workshop) -> bool:
    """Whether the server finds an article."""
    with workshop.library.snapshot() as known:
        [wanted] = known.rows(known.passage_ids(["town-003.md"]))
    near = workshop.store.nearest(wanted[1], 3)
    return near[0][0] == wanted[0]


def answers(workshop: Workshop, number: int = 3) -> bool:
    """Whether a question has its answer, with the server or without it."""
    words = f"What was spoken of in Town{number:03}?"
    return f"Town{number:03}" in workshop.ask(words).sentences[0].text


def once(times: int, phase: str, done: int, work: Callable[[], object]) -> Callable[[Progress], None]:
    """Progress of a refresh at a point of which something happens, so many times."""
    left = [times]

    def on_progress(progress: Progress) -> None:
        if left[0] and (progress.phase, progress.done) == (phase, done):
            left[0] -= 1
            work()

    return on_progress


def test_one_collection_holds_what_the_library_holds(
    server: ChromaServer, on: Callable[..., Workshop]
) -> None:
    workshop = on(server.url)
    workshop.whole()
    assert answers(workshop)
    first = workshop.in_use()
    assert workshop.indexes() == [first]
    assert list(workshop.data.glob("vectors*")) == []
    towns(workshop.corpus, [20])
    workshop.write("town-003.md", town(3, "tunnel"))
    (workshop.corpus / "town-004.md").unlink()
    workshop.refresh()  # more than a quarter of so few would be made beside it
    workshop.whole()
    assert workshop.indexes() == [workshop.in_use()]
    workshop.close()
    workshop.open()
    workshop.whole()


def test_a_small_change_is_made_in_place_a_large_one_beside(
    server: ChromaServer, on: Callable[..., Workshop], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "FEW", 0)
    workshop = on(server.url, 12)
    first = workshop.in_use()
    towns(workshop.corpus, [20, 21])
    workshop.refresh()
    assert workshop.in_use() == first
    workshop.whole()
    towns(workshop.corpus, range(30, 40))
    workshop.refresh()
    assert workshop.indexes() == [workshop.in_use()] != [first]
    workshop.whole()
    workshop.refresh(rebuild=True)
    workshop.whole()
    assert len(workshop.indexes()) == 1


def test_a_question_follows_what_another_process_has_switched(
    server: ChromaServer, on: Callable[..., Workshop], make_workshop: Callable[..., Workshop]
) -> None:
    """And is put to the server again, instead of looking at all passages for ever."""
    workshop = on(server.url)
    other = make_workshop(chroma_url=server.url)
    assert answers(other)
    other.store.opened()
    vector = other.embedder.question(HERE)
    with other.library.snapshot() as before:
        of = before.meta("generation"), before.meta(FOLDER)
        assert other.store.nearest_of(*of, vector, 3)
        workshop.refresh(rebuild=True)
        assert other.store.nearest_of(*of, vector, 3) is None
    with other.library.snapshot() as known:
        now = known.meta("generation"), known.meta(FOLDER)
    assert now != of
    assert other.store.nearest_of(*now, vector, 3)
    assert answers(other)


def test_libraries_share_a_server(server: ChromaServer, make_workshop: Callable[..., Workshop]) -> None:
    one, other = (make_workshop(name, f"data-{name}", chroma_url=server.url) for name in ("one", "other"))
    towns(one.corpus, range(5))
    towns(other.corpus, range(5, 12))
    for workshop in (one, other, one):
        workshop.refresh(rebuild=True)
    for workshop in (one, other):
        workshop.whole()
        assert len(workshop.indexes()) == 1


def test_the_graph_is_built_as_in_a_folder(server: ChromaServer, on: Callable[..., Workshop]) -> None:
    made = on(server.url).store.opened()._rows._model.configuration_json["hnsw"]
    wanted = {name: value for name, value in HNSW.items() if name != "batch_size"}  # no server has that
    assert {name: made[name] for name in wanted} == wanted


def test_from_a_folder_to_a_server_and_back(
    server: ChromaServer, make_workshop: Callable[..., Workshop]
) -> None:
    workshop = make_workshop()
    towns(workshop.corpus, range(10))
    workshop.refresh()
    workshop.embedded()
    for url in (server.url, "", server.url):
        workshop.close()
        workshop.settings = replace(workshop.settings, chroma_url=url)
        workshop.open()
        workshop.whole()
        assert answers(workshop)
    assert workshop.embedded() == []
    assert len(workshop.indexes()) == 1


@pytest.mark.parametrize("header", ["", "X-Chroma-Token"])
def test_a_token(
    before: Proxy, on: Callable[..., Workshop], caplog: pytest.LogCaptureFixture, header: str
) -> None:
    caplog.set_level(0)
    before.demand = f"X-Chroma-Token: {TOKEN}" if header else f"Authorization: Bearer {TOKEN}"
    workshop = on(before.url(), chroma_token=Secret(TOKEN), chroma_header=header)
    workshop.whole()
    assert finds(workshop)
    assert "HTTP Request" in caplog.text
    assert TOKEN not in caplog.text


@pytest.mark.parametrize("token", ["", TOKEN])
def test_a_token_that_is_refused(before: Proxy, make_workshop: Callable[..., Workshop], token: str) -> None:
    before.demand = "Authorization: Bearer another"
    workshop = make_workshop(chroma_url=before.url(), chroma_token=Secret(token))
    towns(workshop.corpus, range(3))
    with pytest.raises(
        VectorsRefused, match=r"refuses the token \(status 401\).*FOOTNOTE_CHROMA_TOKEN"
    ) as told:
        workshop.refresh()
    assert not told.value.retry_helps
    assert workshop.digests() == {}
    assert TOKEN not in f"{told.value!r} {workshop.settings} {workshop.settings.server}"
    assert len(before.asked) == 1, "what is refused is not tried again"


def test_what_the_server_says_of_a_token_is_not_repeated(before: Proxy, on: Callable[..., Workshop]) -> None:
    workshop = on(before.url(), chroma_token=Secret(TOKEN))
    before.before = lambda head: before.instead.append(response("500 No", f"what is {TOKEN}?".encode()))
    with pytest.raises(VectorsAway, match="what is …") as told:
        finds(workshop)
    assert TOKEN not in repr(told.value)


def test_a_certificate(server: ChromaServer, on: Callable[..., Workshop]) -> None:
    with proxy(server, local_certificate()) as before:
        workshop = on(before.url("localhost"), chroma_ca=CERTIFICATE)
        workshop.whole()
        assert finds(workshop)
        workshop.close()
        workshop.settings = replace(workshop.settings, chroma_ca=None)
        workshop.open()
        with pytest.raises(VectorsRefused, match=r"cannot be trusted.*FOOTNOTE_CHROMA_CA"):
            finds(workshop)


def test_certificates_that_are_none(server: ChromaServer, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("none")
    with pytest.raises(VectorsRefused, match=r"ca\.pem of FOOTNOTE_CHROMA_CA cannot be read"):
        Connection(Server(server.url, ca=tmp_path / "ca.pem"), 5, 5)


def test_something_else_answers_there(before: Proxy) -> None:
    before.before = lambda head: before.instead.append(response("404 Not Found", b"<h1>Wiki</h1>"))
    with pytest.raises(VectorsRefused, match=r"is no Chroma server.*Wiki.*FOOTNOTE_CHROMA_URL"):
        Connection(Server(before.url()), 5, 5)


def test_tenant_and_database(server: ChromaServer, on: Callable[..., Workshop]) -> None:
    connection = Connection(Server(server.url), 5, 5)
    connection._api.create_tenant("readers")
    connection._api.create_database("news", "readers")
    connection.close()
    workshop = on(server.url, chroma_tenant="readers", chroma_database="news")
    workshop.whole()
    here, there = Server(server.url), Server(server.url, tenant="readers", database="news")
    for place, names in ((here, []), (there, [workshop.in_use()])):
        connection = Connection(place, 5, 5)
        assert connection.names(workshop.in_use()) == names
        connection.close()
    with pytest.raises(VectorsRefused, match=r"no database 'old' of a tenant 'readers'.*FOOTNOTE_CHROMA_TEN"):
        Connection(replace(there, database="old"), 5, 5)


class CloudLike(Server):
    """A server of the kind that Chroma Cloud is, to the one that speaks to it."""

    cloud = True  # type: ignore[assignment]  # a property there


def test_the_limits_of_chroma_cloud(before: Proxy) -> None:
    """Its rows in a call, its neighbours, its ids; what it says of our graph's values is not asked for."""
    cloud = CloudLike(before.url(), Secret(TOKEN))
    assert Server("https://api.trychroma.com").cloud
    connection = Connection(cloud, 30, 5)
    index = connection.make("footnote-cloud-1")
    rows = np.random.default_rng(0).normal(size=(700, 16)).astype(np.float32)
    index.put([(str(n), row, "LRT", None) for n, row in enumerate(rows)])
    index.finish()
    pages = list(index.pages())
    assert [len(page) for page in pages] == [300, 300, 100]
    ids = [id_ for page in pages for id_ in page]
    assert sorted(ids) == sorted(map(str, range(700)))
    assert len(index.nearest(rows[5], 500)) == 300
    assert index.nearest(rows[5], 1)[0][0] == "5"
    assert all(mark["source"] == "lrt" for page in pages for mark in page.values())
    index.drop(ids)
    assert index.count() == 0
    assert sum("/upsert" in head for head in before.asked) == sum("/delete" in h for h in before.asked) == 3
    assert index._rows._model.configuration_json["hnsw"]["max_neighbors"] == 16  # the server's own
    assert all(f"X-Chroma-Token: {TOKEN}" in head for head in before.asked)
    connection.remove(index.name)
    connection.close()


def test_it_is_away_at_the_start_and_comes(server: ChromaServer, on: Callable[..., Workshop]) -> None:
    workshop = on(server.url, chroma_timeout=1)
    workshop.close()
    server.kill()
    workshop.open()
    with pytest.raises(VectorsAway, match=r"does not answer \(.*refused.*FOOTNOTE_CHROMA_URL") as told:
        workshop.store.opened()
    assert told.value.retry_helps
    assert answers(workshop)
    server.start()
    workshop.store.warm()  # as the desk does every few seconds
    assert workshop.store.ready
    assert finds(workshop)
    workshop.whole()
    assert workshop.embedded() == []


def test_it_is_killed_and_started_in_the_middle_of_questions(
    server: ChromaServer, on: Callable[..., Workshop]
) -> None:
    """No question fails."""
    workshop = on(server.url, chroma_timeout=1)
    workshop.store.warm()
    ends, asked, wrong = threading.Event(), Counter[bool](), list[str]()

    def ask() -> None:
        while not ends.is_set():
            try:
                if not answers(workshop):
                    wrong.append("not found")
                asked[workshop.store.ready] += 1
            except Exception as error:  # whatever it is, it is wrong
                wrong.append(repr(error))

    def until(ready: bool) -> None:
        asked.clear()
        while not wrong and asked[ready] < 5:
            ends.wait(0.05)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(2):
        until(True)
        server.kill()
        until(False)
        server.start()
        workshop.store.warm()
    until(True)
    ends.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    workshop.whole()


def test_a_server_that_hangs_keeps_one_question_waiting(before: Proxy, on: Callable[..., Workshop]) -> None:
    workshop = on(before.url(), chroma_timeout=1)
    workshop.store.warm()
    before.delay = 30.0
    assert answers(workshop)
    asked = len(before.asked)
    assert all(answers(workshop) for _ in range(5))
    assert len(before.asked) == asked
    with pytest.raises(VectorsAway, match="does not answer"):
        finds(workshop)
    before.delay = 0.0
    workshop.store.warm()
    assert finds(workshop)


def test_a_server_that_is_stopped_and_goes_on(server: ChromaServer, on: Callable[..., Workshop]) -> None:
    workshop = on(server.url, chroma_timeout=1)
    assert finds(workshop)
    server.pause()
    try:
        with pytest.raises(VectorsAway, match="does not answer"):
            finds(workshop)
        assert answers(workshop)
    finally:
        server.go_on()
    assert finds(workshop)


def test_an_answer_that_comes_byte_by_byte(before: Proxy, on: Callable[..., Workshop]) -> None:
    workshop = on(before.url(), chroma_timeout=1)
    assert finds(workshop)
    before.drip = 0.3
    with pytest.raises(VectorsAway, match="too slowly"):
        finds(workshop)


def test_what_passes_is_tried_again(before: Proxy, on: Callable[..., Workshop]) -> None:
    workshop = on(before.url(), chroma_timeout=30)
    before.instead = [
        response("503 Busy"),
        b"",
        response("429 Too many"),
        response("502 Bad gateway", b"<h1>"),
    ]
    assert finds(workshop)
    assert before.instead == []


def test_the_server_has_lost_everything(server: ChromaServer, on: Callable[..., Workshop]) -> None:
    workshop = on(server.url)
    assert finds(workshop)
    server.kill()
    shutil.rmtree(server.folder / "data")
    server.start()
    with pytest.raises(VectorsAway, match=r"cannot be used now \(there is none\)"):
        finds(workshop)
    assert answers(workshop)
    workshop.store.warm()
    assert finds(workshop)
    workshop.whole()
    assert workshop.embedded() == []


def test_a_collection_that_goes_while_it_is_asked(
    server: ChromaServer, before: Proxy, on: Callable[..., Workshop], make_workshop: Callable[..., Workshop]
) -> None:
    """Another process has built anew between the name and the question: this one follows."""
    workshop = on(before.url())
    assert finds(workshop)
    other = make_workshop(chroma_url=server.url)
    first = workshop.in_use()

    def built_anew(head: str) -> None:
        if "/query" in head:
            before.before = lambda head: None
            other.refresh(rebuild=True)

    before.before = built_anew
    assert finds(workshop)
    assert workshop.indexes() == [workshop.in_use()] != [first]


def test_a_change_in_place_that_died_is_mended_by_the_difference(
    server: ChromaServer, on: Callable[..., Workshop]
) -> None:
    workshop = on(server.url)
    index, first = workshop.store.opened(), workshop.in_use()
    with workshop.library.snapshot() as known:
        lost = known.passage_ids(["town-003.md", "town-005.md"])
    index.drop(lost)
    index.put([("stray", workshop.embedder.question("stray"), None, None)])
    with workshop.library.snapshot() as known:
        moved = known.rows(known.passage_ids(["town-007.md"]))
    index.replace([(id_, vector, "Elsewhere", None) for id_, vector, _, _ in moved])
    workshop.library.set_meta({IN_STEP: "0"})
    workshop.close()
    workshop.open()
    workshop.whole()
    assert (workshop.in_use(), workshop.embedded()) == (first, [])
    marks = [mark for page in workshop.store.opened().pages() for mark in page.values()]
    assert not [mark for mark in marks if mark["source"] == "elsewhere"]


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small steps, and little patience with a server that is gone."""
    monkeypatch.setattr(served, "PATIENCE", 0.2)
    monkeypatch.setattr(ServedStore, "step", 4)
    monkeypatch.setattr(building, "ROWS", 4)


@pytest.mark.parametrize("few", [200, 0], ids=["in place", "beside"])
@pytest.mark.usefixtures("eager")
def test_it_goes_away_in_the_middle_of_a_refresh(
    server: ChromaServer, on: Callable[..., Workshop], monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(building, "FEW", few)
    workshop = on(server.url, chroma_timeout=1)
    seen, collection = workshop.digests(), workshop.in_use()
    towns(workshop.corpus, range(20, 30))
    workshop.write("town-003.md", town(3, "tunnel"))
    with pytest.raises(VectorsAway, match="does not answer"):
        workshop.refresh(on_progress=once(1, "indexing", 4, server.kill))
    assert workshop.digests() == seen
    assert len(workshop.embedded()) == 11
    server.start()
    assert finds(workshop)  # of the old generation
    assert (workshop.digests(), workshop.in_use()) == (seen, collection)
    report = workshop.refresh()
    assert (len(report.added), report.embedded, workshop.embedded()) == (10, 0, [])
    workshop.whole()
    assert workshop.indexes() == [workshop.in_use()]
    assert answers(workshop, 25)


@pytest.mark.parametrize("few", [200, 0], ids=["in place", "beside"])
def test_it_is_started_again_while_a_refresh_waits(
    server: ChromaServer, on: Callable[..., Workshop], monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(ServedStore, "step", 4)
    monkeypatch.setattr(building, "ROWS", 4)
    monkeypatch.setattr(building, "FEW", few)
    workshop = on(server.url)
    towns(workshop.corpus, range(20, 30))
    starting = threading.Thread(target=server.start)

    def restart() -> None:
        server.kill()
        starting.start()

    report = workshop.refresh(on_progress=once(1, "indexing", 4, restart))
    starting.join()
    assert len(report.added) == 10
    workshop.whole()
    assert answers(workshop, 25)


@pytest.mark.usefixtures("eager")
def test_it_goes_away_after_the_switch(
    server: ChromaServer, on: Callable[..., Workshop], monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop = on(server.url, chroma_timeout=1)
    (workshop.corpus / "town-004.md").unlink()
    switch = workshop.library.switch

    def switch_and_die(**values: object) -> None:
        switch(**values)  # type: ignore[arg-type]  # handed on
        server.kill()

    monkeypatch.setattr(workshop.library, "switch", switch_and_die)
    assert workshop.refresh().removed == ("town-004.md",)
    monkeypatch.undo()
    server.start()
    workshop.store.warm()
    assert "town-004.md" not in workshop.digests()
    workshop.whole()  # opening has taken out what was left


@pytest.mark.parametrize("few", [200, 0], ids=["in place", "beside"])
@pytest.mark.usefixtures("eager")
def test_a_refresh_is_stopped(
    server: ChromaServer, on: Callable[..., Workshop], monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(building, "FEW", few)
    workshop = on(server.url)
    seen = workshop.digests()
    towns(workshop.corpus, range(20, 30))
    cancel = Cancel()
    with pytest.raises(RefreshCancelled):
        workshop.refresh(cancel, on_progress=once(1, "indexing", 4, cancel.set))
    assert workshop.digests() == seen
    workshop.whole()
    assert workshop.indexes() == [workshop.in_use()]


def desk_on(url: str, workshop: Workshop) -> Desk:
    return Desk(replace(workshop.settings, chroma_url=url, chroma_token=Secret(TOKEN), chroma_timeout=1))


def test_status_and_doctor_say_where_the_vectors_are_and_not_by_what_token(
    server: ChromaServer, before: Proxy, on: Callable[..., Workshop]
) -> None:
    workshop = on(server.url)
    desk = desk_on(before.url(), workshop)
    status = desk(desk.desk.status)
    assert status.vectors == f"The Chroma server at {before.url()}, {workshop.in_use()}"
    checks = {check.name: check for check in desk(desk.desk.doctor)}
    assert all(check.ok for check in checks.values()), checks
    assert checks["vectors"].detail.startswith(f"The Chroma server at {before.url()} (version 1.")
    assert checks["vectors"].detail.endswith("has all 10 passages, and finds them.")
    assert TOKEN not in f"{status}{checks}"
    desk.close()


def test_the_doctor_while_the_server_is_away(server: ChromaServer, on: Callable[..., Workshop]) -> None:
    workshop = on(server.url)
    server.kill()
    desk = desk_on(server.url, workshop)
    checks = {check.name: check for check in desk(desk.desk.doctor)}
    assert [name for name, check in checks.items() if not check.ok] == ["vectors"]
    assert "does not answer" in checks["vectors"].detail
    assert "FOOTNOTE_CHROMA_URL" in checks["vectors"].detail
    assert TOKEN not in str(checks)
    assert desk(desk.desk.status).articles == 10
    desk.close()


def test_a_bot_that_starts_without_the_server_finds_it_later(
    server: ChromaServer, on: Callable[..., Workshop], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "RETRY", 0.0)
    workshop = on(server.url)
    server.kill()

    async def live() -> None:
        desk = IndexDesk(replace(workshop.settings, chroma_timeout=1), "footnote run")
        try:
            assert await desk.prepare(RefreshOptions()) is None
            await desk.warm()
            question = Question("What was spoken of in Town003?", careful=0.0)
            assert "Town003" in (await desk.ask(question)).sentences[0].text
            await asyncio.to_thread(server.start)
            while not desk._parts.opened()[1].ready:
                assert "Town003" in (await desk.ask(question)).sentences[0].text
        finally:
            await desk.close()

    asyncio.run(live())

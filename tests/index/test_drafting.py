"""Drafts: what is shown is what is indexed; the folder stays the truth; nothing hostile gets a say."""

from __future__ import annotations

import gzip
import json
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from corpus import reading
from corpus.article import Article
from corpus.naming import added_name
from corpus.plain import has_hidden
from index.chunking import Chunker
from index.drafting import MOST_ARTICLES, draft_file, draft_page, take_out, write
from index.errors import (
    CorpusMissing,
    FootnoteError,
    PageRefused,
    SettingsError,
    UnknownArticle,
    UnreadableDraft,
)
from index.reports import Draft, RefreshOptions
from tests.corpus.serving import PARAGRAPHS, Web, answer, moved, page, web
from tests.index.workshop import CountingEmbedder, Desk, Workshop, town
from tests.index.workshop import write as write_article

FERRY = "\n\n".join(PARAGRAPHS)
RECORDS = [
    {"id": "one", "title": "A first record", "text": town(401)},
    {"title": "A second one", "url": "https://velm.example.com/2", "text": town(402)},
    {"title": "A third one", "published": "2022-03-24", "text": town(403)},
    {"text": town(404)},
]


def jsonl(records: object = RECORDS) -> bytes:
    assert isinstance(records, list)
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode()


class Drafts:
    """A workshop whose drafts are made as the desk makes them."""

    def __init__(self, workshop: Workshop) -> None:
        self.workshop = workshop
        self.corpus = workshop.corpus
        self.kept = workshop.data / "removed"

    @property
    def chunker(self) -> Chunker:
        return Chunker(self.workshop.embedder.pieces, self.workshop.settings.passage_tokens)

    def file(self, name: str, content: bytes | str) -> Draft:
        content = content.encode() if isinstance(content, str) else content
        with self.workshop.library.snapshot() as known:
            return draft_file(name, content, self.workshop.settings, self.chunker, known)

    def page(self, url: str, site: Web, **rules: object) -> Draft:
        with self.workshop.library.snapshot() as known:
            return draft_page(url, self.workshop.settings, self.chunker, known, rules=site.rules(**rules))

    def refused(self, name: str, content: bytes | str) -> str:
        with pytest.raises(UnreadableDraft) as caught:
            self.file(name, content)
        return str(caught.value)

    def put(self, name: str, content: bytes | str) -> tuple[Path, tuple[Article, ...]]:
        """A file in the corpus, and what a refresh would read from it."""
        file = self.corpus / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file, reading.parse(name, file.read_bytes()).articles

    def take(self, article: Article) -> frozenset[str]:
        return take_out(article, self.corpus, self.kept)

    def names(self, folder: Path | None = None) -> list[str]:
        """Every file, hidden ones too, below the corpus folder or another."""
        root = folder or self.corpus
        return sorted(place.relative_to(root).as_posix() for place in root.rglob("*") if not place.is_dir())


@pytest.fixture
def drafts(workshop: Workshop) -> Drafts:
    return Drafts(workshop)


@pytest.fixture
def site() -> Iterator[Web]:
    with web() as made:
        yield made


# Files


@pytest.mark.parametrize(
    ("name", "content", "titles"),
    [
        ("Ferry.TXT", f"Ferry stops after cracks\n\n{FERRY}", ["Ferry stops after cracks"]),
        ("ferry.md", f"---\ntitle: Ferry stops\nsource: Velm Gazette\n---\n{FERRY}", ["Ferry stops"]),
        ("ferry.markdown", f"# Ferry stops\n\n{FERRY}", ["Ferry stops"]),
        ("ferry.html", page(), ["Ferry stops after cracks"]),
        ("ferry.htm", page(), ["Ferry stops after cracks"]),
        ("four.jsonl", jsonl(), ["A first record", "A second one", "A third one", ""]),
        (
            "four.jsonl.gz",
            gzip.compress(jsonl(), mtime=0),
            ["A first record", "A second one", "A third one", ""],
        ),
    ],
)
def test_a_file_of_each_kind_is_drafted_as_a_refresh_reads_it(
    drafts: Drafts, name: str, content: str | bytes, titles: list[str]
) -> None:
    draft = drafts.file(name, content)
    assert [article.title for article in draft.articles] == titles
    assert draft.passages == sum(len(drafts.chunker.passages(article)) for article in draft.articles) > 0
    assert (draft.url, draft.known, draft.unread) == (None, (), ())
    assert write(draft, drafts.corpus) == {draft.name}
    (file,), unread = reading.walk(drafts.corpus)
    assert (file.origin, unread) == (draft.name, ())
    assert reading.parse(file.origin, file.path.read_bytes()).articles == draft.articles


def test_the_name_and_the_content_of_a_draft_give_the_draft_again(drafts: Drafts) -> None:
    for name, content in (("ферма.txt", FERRY), ("a" * 300 + ".jsonl", jsonl()), ("x.md", FERRY)):
        draft = drafts.file(name, content)
        assert drafts.file(draft.name, draft.content) == draft


def test_records_that_cannot_be_read_are_named(drafts: Drafts) -> None:
    draft = drafts.file("some.jsonl", jsonl() + b'{"text": 5}\n')
    assert len(draft.articles) == 4
    (unread,) = draft.unread
    assert unread.origin == f"{draft.name}, line 5"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        (
            "ferry.pdf",
            "a",
            "This kind of file is not read. Send a .txt, .md, .html, .jsonl or .jsonl.gz file.",
        ),
        ("ferry.md.exe", "a", "This kind of file is not read."),
        ("ferry", "a", "This kind of file is not read."),
        ("", "a", "This kind of file is not read."),
        ("empty.txt", " \n", "No article can be read from it. The file is empty."),
        ("latin.txt", "Ärger".encode("latin-1"), "No article can be read from it. This is not UTF-8 text"),
        ("zeros.txt", b"a\0b", "No article can be read from it. This is a binary file"),
        ("nothing.html", "<html><body></body></html>", "No article can be read from it."),
        ("questions.jsonl", b'{"q": 1}\n' * 9, "it holds no articles"),
        ("broken.jsonl.gz", gzip.compress(jsonl(), mtime=0)[:-300], "The compressed data is broken"),
        ("head.md", "---\ntitle: [\n---\nText.", "The front matter is broken"),
    ],
)
def test_what_holds_no_article_is_refused_with_the_reason(
    drafts: Drafts, name: str, content: str | bytes, says: str
) -> None:
    assert says in drafts.refused(name, content)


def test_a_file_above_the_limit_is_refused(make_workshop: object, drafts: Drafts) -> None:
    drafts.workshop.reopen(max_file_mb=1)
    assert drafts.refused("a.txt", b"a " * (1 << 20)).startswith(
        "It is larger than 1 MB. Split it, or put it into"
    )
    packed = gzip.compress(b" " * (40 << 20))
    assert len(packed) < 100_000
    assert drafts.refused("a.jsonl.gz", packed).startswith("It unpacks to more than 1 MB. Split it,")


def test_too_many_articles_at_once_are_refused(drafts: Drafts) -> None:
    content = jsonl([{"text": f"Ship {number} came in."} for number in range(MOST_ARTICLES + 1)])
    assert "at most 1000 are added at a time" in drafts.refused("many.jsonl", content)


def test_what_would_take_minutes_to_read_is_refused(drafts: Drafts, site: Web) -> None:
    maze = b"<html><body>" + b"<p>word word.</p>" * 20_000
    assert "more than 20000 tags" in drafts.refused("maze.html", maze)
    with pytest.raises(UnreadableDraft, match="more than 20000 tags"):
        drafts.page(site.serve("/", answer(maze)), site)
    assert "more than 2000000 characters of text" in drafts.refused("book.txt", "Call me Ishmael. " * 130_000)
    assert drafts.refused("shelf.txt", "a" * (9 << 20)).startswith("It is larger than 8 MB.")


def test_an_article_that_is_known_is_shown_with_what_it_repeats(drafts: Drafts) -> None:
    write_article(drafts.corpus / "ferry.md", FERRY, title="Ferry stops", source="Velm Gazette")
    drafts.workshop.refresh()
    again = drafts.file("copy.txt", FERRY)
    assert again.known == ()  # the same words, but not from the same outlet as far as is known
    (card,) = drafts.file("copy.md", f"---\nsource: Velm Gazette\n---\n{FERRY}").known
    assert (card.id, card.title) == ("ferry.md", "Ferry stops")


def test_an_id_that_another_article_has_is_refused(drafts: Drafts) -> None:
    drafts.put("old.jsonl", jsonl())
    drafts.workshop.refresh()
    clash = drafts.refused("new.jsonl", jsonl([{"id": "one", "text": FERRY}]))
    assert clash.startswith("The article with the id 'one' would clash with another one in old.jsonl.")
    assert [card.id for card in drafts.file("same.jsonl", jsonl(RECORDS[:1])).known] == ["one"]


# Names

HOSTILE = [
    "../../etc/passwd.txt",
    "..\\..\\windows\\system32\\config.txt",
    "/etc/cron.d/x.txt",
    "C:\\autoexec.txt",
    "C:evil.txt",
    "\\\\server\\share\\x.txt",
    "....//....//x.txt",
    "..txt",
    ".txt",
    ". .txt",
    ".hidden.txt",
    "-rf.txt",
    "--help.txt",
    "con.txt",
    "NUL.txt",
    "com1.txt",
    "aux.jsonl.txt",
    "x:stream.txt",
    "a\0b.txt",
    "a\nb.txt",
    "a\r\nSet-Cookie: x.txt",
    "\x1b[31mred.txt",
    "\u202egnp.txt",
    "a\u202etxt.exe\u202c.txt",
    "\u2066a\u2069.txt",
    "\ufeff.txt",
    "a\u200bb.txt",
    "\u3164\u115f.txt",
    "\U000e0041\U000e0042.txt",
    "．．／．．／x．txt",
    "a" * 300 + ".txt",
    "я" * 300 + ".txt",
    "𝒳" * 300 + ".txt",
    "\U0001f600" * 100 + ".txt",
    "e" + "\u0301" * 200 + ".txt",
    "@everyone <@&1> `code` **b** [a](http://x).txt",
    "$(rm -rf ~);|&.txt",
    "%2e%2e%2fx.txt",
    "a b\tc.txt",
    "x.txt ",
    "~.txt",
    '{}*?"<>|.txt',
    "été à Łódź — порт.txt",
    "\ud800.txt",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_becomes_a_safe_one(drafts: Drafts, name: str) -> None:
    draft = drafts.file(name, FERRY)
    folder, file = draft.name.split("/")
    assert folder == "added"
    assert file.endswith(".txt")
    stem = file.removesuffix(".txt")
    assert all(char.isalnum() or char == "-" or not char.isascii() for char in stem)
    assert not has_hidden(file)
    assert not stem.startswith("-")
    assert len(file.encode()) <= 255
    assert stem.split("-")[-1].isalnum()
    assert added_name(draft.name, draft.content) == draft.name
    assert write(draft, drafts.corpus) == {draft.name}
    assert drafts.names() == [draft.name]
    (found,), unread = reading.walk(drafts.corpus)
    assert (found.origin, unread) == (draft.name, ())


def test_a_name_stays_readable() -> None:
    for name, readable in {
        "Été à Łódź — порт.txt": "été-à-łódź-порт",
        "Ferry_stops (final), v2.md": "ferry-stops-final-v2",
        "हिन्दी समाचार.html": "हिन्दी-समाचार",
        "???.jsonl": "article",
    }.items():
        found = added_name(name, b"")
        assert found is not None
        assert found.removeprefix("added/").rpartition("-")[0] == readable


def test_other_content_under_the_same_name_is_another_file(drafts: Drafts) -> None:
    one, two = drafts.file("news.txt", town(1)), drafts.file("news.txt", town(2))
    assert one.name != two.name
    write(one, drafts.corpus)
    write(two, drafts.corpus)
    assert len(drafts.names()) == 2


# Pages


def test_a_page_is_drafted_with_its_address(drafts: Drafts, site: Web) -> None:
    url = site.serve("/news/2022/ferry-stops.html", answer(page()))
    draft = drafts.page(f"{url}?from=feed#top", site)
    (article,) = draft.articles
    assert draft.url == article.url == f"{url}?from=feed"
    assert (article.title, article.text) == ("Ferry stops after cracks", FERRY)
    assert (article.source, str(article.published)) == (f"velm.example.com:{site.port}", "2022-03-24")
    assert draft.name.startswith("added/velm-example-com-ferry-stops-")
    assert draft.name.endswith(".html")


def test_the_address_is_where_the_page_was_in_the_end(drafts: Drafts, site: Web) -> None:
    site.serve("/short", moved("/long?a=2&b=1"))
    site.serve("/long", answer(page()))
    (article,) = drafts.page(site.url("/short"), site).articles
    assert article.url == site.url("/long?a=2&b=1")


@pytest.mark.parametrize(
    "head",
    [
        '<link rel="canonical" href="https://velm.example.com/ferry">',
        '<meta property="og:url" content="https://velm.example.com/ferry">',
        '<link rel="canonical" href="https://www.velm.example.com/ferry">',
    ],
)
def test_a_page_may_name_a_better_address_on_its_own_host(drafts: Drafts, site: Web, head: str) -> None:
    (article,) = drafts.page(site.serve("/f", answer(page(head))), site).articles
    assert article.url is not None
    assert article.url.endswith("velm.example.com/ferry")


@pytest.mark.parametrize(
    "head",
    [
        '<link rel="canonical" href="https://other.example.org/ferry">',
        '<meta property="og:url" content="https://other.example.org/ferry">',
        "<META content='https://other.example.org/' property='OG:URL'><meta property=og:url content=https://x.org/>",
        '<base href="https://other.example.org/">',
        '<meta name="twitter:url" content="https://other.example.org/">',
    ],
)
def test_a_page_cannot_pass_itself_off_as_of_another_site(drafts: Drafts, site: Web, head: str) -> None:
    url = site.serve("/f", answer(page(head)))
    (article,) = drafts.page(url, site).articles
    assert article.url == url
    assert article.source == f"velm.example.com:{site.port}"


def test_a_page_that_insists_on_another_address_is_refused(drafts: Drafts, site: Web) -> None:
    head = '<meta property="og&#58;url" content="https://other.example.org/ferry">'
    with pytest.raises(UnreadableDraft, match="its address is on another site than the one it came from"):
        drafts.page(site.serve("/f", answer(page(head))), site)


def test_the_encoding_that_the_server_names_counts(drafts: Drafts, site: Web) -> None:
    words = "Паром на острова остановился в понедельник, сообщил порт в своём заявлении вечером. " * 3
    text = page(paragraphs=[words]).decode().replace('<meta charset="utf-8">', "")
    for number, (kind, content) in enumerate(
        {
            "text/html; charset=windows-1251": text.encode("windows-1251"),
            "text/html; charset=UTF-8": text.encode(),
            "text/html": text.encode("utf-16"),
            "text/html; charset=iso-8859-99": text.encode(),
            "text/html; charset=utf-8": text.replace("<head>", '<head><meta charset="koi8-r">').encode(
                "koi8-r"
            ),
        }.items()
    ):
        draft = drafts.page(site.serve(f"/{number}", answer(content, kind)), site)
        assert draft.articles[0].text == words.strip()


def test_plain_text_and_markdown_keep_their_address(drafts: Drafts, site: Web) -> None:
    for path, kind, body in (
        ("/ferry.txt", "text/plain", f"Ferry stops after cracks\n\n{FERRY}"),
        ("/ferry.md", "text/plain", f"# Ferry stops after cracks\n\n{FERRY}"),
        ("/ferry", "text/markdown", f"---\ntitle: Ferry stops after cracks\n---\n{FERRY}"),
        (
            "/other",
            "text/markdown",
            f"---\nurl: https://x.org/\ntitle: Ferry stops after cracks\n...\n{FERRY}",
        ),
    ):
        url = site.serve(path, answer(body.encode(), kind))
        (article,) = drafts.page(url, site).articles
        assert (article.url, article.title, article.text) == (url, "Ferry stops after cracks", FERRY)


def test_a_markdown_page_may_name_a_better_address_on_its_own_host(drafts: Drafts, site: Web) -> None:
    body = f"---\nurl: https://velm.example.com/ferry\n---\n{FERRY}"
    draft = drafts.page(site.serve("/f", answer(body.encode(), "text/markdown")), site)
    assert draft.articles[0].url == "https://velm.example.com/ferry"
    assert draft.content == body.encode()


def test_a_page_that_is_not_fetched_is_refused_in_one_sentence(drafts: Drafts, site: Web) -> None:
    with pytest.raises(PageRefused, match=r"has no page at this address \(404\)"):
        drafts.page(site.url("/none"), site)
    with pytest.raises(PageRefused, match="inside of a private network"):
        drafts.page(site.serve("/", answer(page())), site, allow=frozenset({("127.0.0.9", site.port)}))


@pytest.mark.parametrize(
    "body", [b"", b"<html><body><p>Log in</p></body></html>", b"\xff\xfe\x00", b"<html>\xff"]
)
def test_a_page_without_an_article_is_refused(drafts: Drafts, site: Web, body: bytes) -> None:
    with pytest.raises(FootnoteError) as caught:
        drafts.page(site.serve("/", answer(body)), site)
    assert str(caught.value)


# Writing


def test_a_file_is_never_written_over(drafts: Drafts) -> None:
    draft = drafts.file("ferry.txt", FERRY)
    write(draft, drafts.corpus)
    file = drafts.corpus / draft.name
    file.write_text("Somebody improved it.", "utf-8")
    with pytest.raises(UnreadableDraft, match="in the corpus folder already"):
        write(draft, drafts.corpus)
    assert file.read_text("utf-8") == "Somebody improved it."
    assert drafts.names() == [draft.name]


def test_a_file_is_never_written_over_without_hard_links_either(
    drafts: Drafts, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError("no hard links here")

    monkeypatch.setattr(os, "link", refuse)
    draft = drafts.file("ferry.txt", FERRY)
    assert write(draft, drafts.corpus) == {draft.name}
    with pytest.raises(UnreadableDraft, match="in the corpus folder already"):
        write(draft, drafts.corpus)
    assert drafts.names() == [draft.name]
    assert (drafts.corpus / draft.name).read_text("utf-8") == FERRY


@pytest.mark.parametrize(
    "name",
    ["../out.txt", "/tmp/out.txt", "added/../../out.txt", "added/.hidden.txt", "out.txt", "added/a/b.txt"],
)
def test_a_draft_with_a_name_of_another_making_is_not_written(drafts: Drafts, name: str) -> None:
    with pytest.raises(UnreadableDraft, match="damaged"):
        write(replace(drafts.file("ferry.txt", FERRY), name=name), drafts.corpus)
    assert drafts.names() == []


def test_nothing_is_written_through_a_link_out_of_the_folder(drafts: Drafts, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (drafts.corpus / "added").symlink_to(tmp_path / "outside")
    with pytest.raises(CorpusMissing, match="symbolic link"):
        write(drafts.file("ferry.txt", FERRY), drafts.corpus)
    assert drafts.names(tmp_path / "outside") == []


def test_a_folder_that_cannot_be_written_is_named_and_nothing_is_left(
    drafts: Drafts, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = drafts.file("ferry.txt", FERRY)
    with pytest.raises(CorpusMissing, match="No such file or directory"):
        write(draft, drafts.corpus / "nowhere")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CorpusMissing, match="No space left on device"):
        write(draft, drafts.corpus)
    assert drafts.names() == []


def test_the_file_can_be_read_by_those_who_can_read_other_new_files(drafts: Drafts, tmp_path: Path) -> None:
    draft = drafts.file("ferry.txt", FERRY)
    write(draft, drafts.corpus)
    (tmp_path / "plain").touch()
    assert (drafts.corpus / draft.name).stat().st_mode == (tmp_path / "plain").stat().st_mode


# Taking out


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("deep/in/ferry.txt", FERRY),
        ("ferry.md", f"---\ntitle: Ferry\n---\n{FERRY}"),
        ("ferry.html", page()),
        ("ferry.jsonl", jsonl(RECORDS[:1])),
        ("ferry.jsonl.gz", gzip.compress(jsonl(RECORDS[:1]), mtime=0)),
        ("bad.jsonl", jsonl(RECORDS[:1]) + b"\nnot a record\n"),
    ],
)
def test_a_file_with_one_article_is_moved(drafts: Drafts, name: str, content: str | bytes) -> None:
    file, (article,) = drafts.put(name, content)
    before = file.read_bytes()
    assert drafts.take(article) == {name}
    assert drafts.names() == []
    assert (drafts.kept / name).read_bytes() == before


def test_what_was_taken_out_before_is_never_written_over(drafts: Drafts) -> None:
    for number in range(3):
        _, (article,) = drafts.put("a/ferry.v1.txt", town(number))
        drafts.take(article)
    assert drafts.names(drafts.kept) == ["a/ferry-2.v1.txt", "a/ferry-3.v1.txt", "a/ferry.v1.txt"]
    assert {file.read_text("utf-8") for file in (drafts.kept / "a").iterdir()} == {town(n) for n in range(3)}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("place", range(4))
def test_a_record_is_taken_out_and_the_other_bytes_stay(drafts: Drafts, place: int, packed: bool) -> None:
    lines = jsonl().splitlines(keepends=True)
    lines[1] = b'  { "note": "\xc3\xa9",' + lines[1][1:-1] + b"  \r\n"
    lines[3] = lines[3].rstrip(b"\n")  # the last line ends without one
    extra = [*lines[:2], b"\n", b"not JSON\n", *lines[2:]]
    name = "four.jsonl.gz" if packed else "four.jsonl"
    file, articles = drafts.put(name, gzip.compress(b"".join(extra)) if packed else b"".join(extra))
    file.chmod(0o640)
    assert drafts.take(articles[place]) == {name}
    content = gzip.decompress(file.read_bytes()) if packed else file.read_bytes()
    assert content == b"".join(line for line in extra if line != lines[place])
    assert reading.parse(name, file.read_bytes()).articles == tuple(
        article for article in articles if article != articles[place]
    )
    assert (drafts.kept / "four.jsonl").read_bytes() == lines[place].rstrip(b"\n") + b"\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert drafts.names() == [name]


def test_records_taken_out_one_after_the_other_are_all_kept(drafts: Drafts) -> None:
    file, articles = drafts.put("four.jsonl", b"\xef\xbb\xbf" + jsonl())
    for article in articles:
        drafts.take(article)
    assert not file.exists()
    assert drafts.names(drafts.kept) == ["four-2.jsonl", "four.jsonl"]
    kept = [(drafts.kept / name).read_bytes() for name in ("four.jsonl", "four-2.jsonl")]
    assert b"".join(kept) == jsonl()


def test_a_later_record_with_the_same_id_does_not_take_its_place(drafts: Drafts) -> None:
    twice = [*RECORDS, {**RECORDS[0], "text": FERRY}]
    file, articles = drafts.put("five.jsonl", jsonl(twice))
    drafts.take(articles[0])
    assert "one" not in {article.id for article in reading.parse("five.jsonl", file.read_bytes()).articles}
    assert (drafts.kept / "five.jsonl").read_bytes() == jsonl([twice[0], twice[4]])


@pytest.mark.parametrize("name", ["ferry.txt", "ferry.jsonl"])
def test_an_article_whose_file_changed_is_not_taken_out(drafts: Drafts, name: str) -> None:
    file, (article,) = drafts.put(
        name, FERRY if name.endswith("txt") else jsonl([{"id": "f", "text": FERRY}])
    )
    now = file.read_bytes().replace(b"Monday", b"Friday")
    file.write_bytes(now)
    with pytest.raises(UnknownArticle, match=r"has changed since it was indexed\. Run a refresh"):
        drafts.take(article)
    file.unlink()
    with pytest.raises(UnknownArticle, match="no longer in the corpus folder"):
        drafts.take(article)
    assert not drafts.kept.exists()


def test_a_link_out_of_the_folder_is_left_alone(drafts: Drafts, tmp_path: Path) -> None:
    file, (article,) = drafts.put("ferry.txt", FERRY)
    outside = tmp_path / "outside.txt"
    file.rename(outside)
    file.symlink_to(outside)
    with pytest.raises(UnknownArticle, match="leads out of it"):
        drafts.take(article)
    assert outside.read_text("utf-8") == FERRY
    assert file.is_symlink()


@pytest.mark.parametrize("folder", [False, True])
def test_a_link_inside_the_folder_is_left_alone(drafts: Drafts, folder: bool) -> None:
    hidden = drafts.corpus / ".hidden"
    hidden.mkdir()
    (hidden / "ferry.txt").write_text(FERRY, "utf-8")
    (drafts.corpus / "shown").symlink_to(hidden) if folder else None
    (drafts.corpus / "ferry.txt").symlink_to(hidden / "ferry.txt")
    (file, *_), _ = reading.walk(drafts.corpus)
    (article,) = reading.parse(file.origin, file.path.read_bytes()).articles
    with pytest.raises(UnknownArticle, match="reached by a symbolic link"):
        drafts.take(article)
    assert (hidden / "ferry.txt").read_text("utf-8") == FERRY


def test_what_cannot_be_rewritten_safely_is_refused(drafts: Drafts) -> None:
    file, (article, *_) = drafts.put("a.jsonl.gz", gzip.compress(jsonl() * 1, mtime=0)[:-4])
    before = file.read_bytes()
    with pytest.raises(UnknownArticle, match="broken or too large to be changed"):
        drafts.take(article)
    assert file.read_bytes() == before
    other, (article, *_) = drafts.put("b.jsonl", jsonl().decode().encode("utf-16"))
    with pytest.raises(UnknownArticle, match="UTF-16 text"):
        drafts.take(article)
    assert drafts.names() == ["a.jsonl.gz", "b.jsonl"]
    assert other.exists()
    assert not drafts.kept.exists()


def test_what_was_taken_out_must_not_lie_where_it_is_read_again(drafts: Drafts) -> None:
    _, (article,) = drafts.put("ferry.txt", FERRY)
    with pytest.raises(SettingsError, match="FOOTNOTE_DATA"):
        take_out(article, drafts.corpus, drafts.corpus / "removed")
    take_out(article, drafts.corpus, drafts.corpus / ".footnote" / "removed")
    assert drafts.names() == [".footnote/removed/ferry.txt"]


# Through the desk


@pytest.fixture
def desk(drafts: Drafts) -> Iterator[Desk]:
    """The real desk on ten short articles."""
    for number in range(10):
        write_article(drafts.corpus / f"town-{number:03}.md", town(number), title=f"Town{number:03} builds")
    made = Desk(drafts.workshop.settings)
    made(made.desk.refresh, RefreshOptions())
    yield made
    made.close()


def test_what_is_indexed_is_what_was_shown_and_stays_so_when_all_is_built_anew(
    desk: Desk, drafts: Drafts, site: Web, model: CountingEmbedder
) -> None:
    site.serve("/ferry", answer(page('<link rel="canonical" href="https://other.example.org/">')))
    site.serve("/plain", answer(f"The mayor resigns\n\n{town(77)}".encode(), "text/plain; charset=utf-8"))
    shown: list[Article] = []
    for draft in (
        drafts.page(site.url("/ferry?a=1&b=2"), site),
        drafts.page(site.url("/plain"), site),
        drafts.file("four.jsonl", jsonl()),
        drafts.file("four more.jsonl.gz", gzip.compress(jsonl([{"text": town(505)}, {"text": town(506)}]))),
        drafts.file("../note.md", f"---\ntitle: A note\nurl: https://velm.example.com/n\n---\n{town(88)}"),
    ):
        report = desk(desk.desk.refresh, RefreshOptions(only=write(draft, drafts.corpus)))
        assert set(report.added) == {article.id for article in draft.articles}
        shown += draft.articles
    assert len(shown) == 9
    for options in (None, RefreshOptions(), RefreshOptions(rebuild=True)):
        if options is not None:
            report = desk(desk.desk.refresh, options)
            assert (report.added, report.changed, report.removed, report.failed) == ((), (), (), ())
        assert [desk.article(article.id) for article in shown] == shown


def test_an_article_that_is_taken_out_is_gone_and_the_others_stay(desk: Desk, drafts: Drafts) -> None:
    draft = drafts.file("four.jsonl", jsonl())
    desk(desk.desk.refresh, RefreshOptions(only=write(draft, drafts.corpus)))
    for article in (desk.article(draft.articles[1].id), desk.article("town-003.md")):
        report = desk(desk.desk.refresh, RefreshOptions(only=drafts.take(article)))
        assert (report.added, report.changed, report.removed) == ((), (), (article.id,))
    report = desk(desk.desk.refresh, RefreshOptions())
    assert (report.added, report.changed, report.removed, report.unchanged) == ((), (), (), 12)

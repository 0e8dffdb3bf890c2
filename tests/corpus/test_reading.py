"""Files into articles: the text files, hostile content, and real text where it is at hand."""

import gzip
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from corpus.article import Unread
from corpus.cleaning import clean
from corpus.plain import visible
from corpus.reading import CorpusFile, Reading, digest, load, parse, walk

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"
SEEDS = SHARED / "seeds"
NEWS = SHARED / "eval/news/articles.jsonl.gz"
needs_seeds = pytest.mark.skipif(not SEEDS.is_dir(), reason="the seed articles are not beside the repository")
needs_news = pytest.mark.skipif(not NEWS.is_file(), reason="the evaluation news is not beside the repository")


def test_a_text_file_is_an_article_named_by_its_origin():
    reading = parse(
        "2022/ferry.txt", "Ferry stops after cracks\n\nIt stopped on Monday.\n".encode("utf-8-sig")
    )
    assert not reading.unread
    (article,) = reading.articles
    assert (article.id, article.origin) == ("2022/ferry.txt", "2022/ferry.txt")
    assert (article.title, article.text) == ("Ferry stops after cracks", "It stopped on Monday.")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b" \n\t", "empty"),
        ("Nausėda".encode("cp1257"), "UTF-8"),
        (b"\x89PNG\r\n\x1a\n\0", "binary"),
        ("It stopped.".encode("utf-16") + b"x", "UTF-16"),
        ("It stopped.".encode("utf-32"), ""),
        (b"Advertisement\n\nRead more\n", "cleaning"),
        ("\u200b\u200b".encode(), "cleaning"),
    ],
)
@pytest.mark.parametrize("name", ["a.txt", "a.md"])
def test_what_cannot_be_read_is_named(name, content, said):
    reading = parse(name, content)
    if not reading.unread:  # UTF-32 can pass for UTF-16 with control characters in between
        assert said == ""
        return
    assert not reading.articles
    assert reading.unread[0].origin == name
    assert said in reading.unread[0].reason


def test_utf_16_with_a_byte_order_mark():
    for encoding in ("utf-16", "utf-16-be"):
        mark = "" if encoding == "utf-16" else "\ufeff"
        assert (
            parse("a.txt", (mark + "Nausėda said so.").encode(encoding)).articles[0].text
            == "Nausėda said so."
        )


def test_the_digest_is_of_the_bytes():
    assert digest(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_reading_twice_gives_the_same(tmp_path):
    content = b"Ferry stops after cracks\n\nIt stopped.\n\nSource: https://velm.example/1"
    assert parse("a.txt", content) == parse("a.txt", content)


@pytest.mark.parametrize("suffix", ["txt", "md", "html", "jsonl", "jsonl.gz"])
@pytest.mark.parametrize(
    "content",
    [
        bytes(range(256)) * 40,
        b"\xff\xfe",
        b"\xff\xfe\x00\xd8",
        b"\xfe\xff\xd8\x00",
        b"---",
        b"---\n---",
        b"\n",
        b"{}",
        b"\xef\xbb\xbf",
    ],
)
def test_bad_content_is_never_raised(suffix, content):
    reading = parse(f"a.{suffix}", content)
    assert isinstance(reading, Reading)
    assert reading.unread or reading.articles
    for article in reading.articles:
        json.dumps([article.title, article.text], ensure_ascii=False).encode()


HOSTILE = {
    "one word": "a" * 200_000,
    "words": "word " * 40_000,
    "spaces": "x" + " " * 200_000 + "x",
    "capitals": "Ana " * 50_000,
    "slashes": "A/" * 100_000,
    "brackets": "[" * 200_000,
    "images": "![a" * 66_000,
    "links": "[a](" * 50_000,
    "stars": "*a " * 66_000,
    "underscores": "_a " * 66_000,
    "comments": "<!--" * 50_000,
    "quotes": '"' * 200_000,
    "labels": "a:" * 100_000,
    "addresses": "http://" * 28_000,
    "bylines": "By " + "Ana " * 50_000,
    "copyrights": "© " * 100_000,
    "pitches": "Sign up for " * 16_000,
    "dates": "24 March " * 22_000,
    "zero width": "\u200b" * 200_000 + "x.",
    "dots": ". " * 100_000,
    "parentheses": "(photo " * 28_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_makes_cleaning_slow(name):
    text = HOSTILE[name]
    cut = [text[at : at + 590] for at in range(0, len(text), 590)]
    for shape in (text, "\n\n".join(cut)):
        start = time.process_time()
        clean(shape)
        parse("a.md", shape.encode())
        # A tenth of this is usual; an expression that backtracks takes minutes.
        assert time.process_time() - start < 3


def test_very_many_lines():
    start = time.process_time()
    assert clean("\n" * 1_000_000).text == ""
    assert clean("It stopped.\n" * 20_000).text.count("\n\n") == 19_999
    assert time.process_time() - start < 6


def test_nothing_slow_is_imported_for_text():
    code = (
        "import sys; from corpus.reading import parse; parse('a.txt', b'Ferry stops.\\n\\nIt sank.');"
        "print([name for name in ('trafilatura', 'dateparser', 'lxml', 'chromadb') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_a_folder_end_to_end(tmp_path):
    (tmp_path / "a.txt").write_text("It stopped on Monday.", encoding="utf-8")
    (tmp_path / "b.md").write_text("---\ntitle: Ferry\n---\nIt sails.", encoding="utf-8")
    (tmp_path / "c.jsonl").write_text('{"id": "c1", "text": "It sank."}\nnonsense\n', encoding="utf-8")
    (tmp_path / "d.pdf").write_bytes(b"%PDF")
    files, unread = walk(tmp_path)
    articles, misses = [], list(unread)
    for file in files:
        content = load(file, 1 << 20)
        assert not isinstance(content, Unread)
        reading = parse(file.origin, content)
        articles += reading.articles
        misses += reading.unread
    assert [article.id for article in articles] == ["a.txt", "b.md", "c1"]
    assert sorted(miss.origin for miss in misses) == ["c.jsonl, line 2", "d.pdf"]


def test_the_sample_articles_are_read():
    files, unread = walk(ROOT / "corpus/articles")
    assert not unread
    for file in files:
        reading = parse(file.origin, file.path.read_bytes())
        assert not reading.unread
        assert reading.articles[0].title
        assert reading.articles[0].text


def verbatim(raw, text):
    """Whether every paragraph occurs in the raw text, whatever white space stands between words."""
    flat = " ".join(visible(raw).split())
    return all(" ".join(paragraph.split()) in flat for paragraph in text.split("\n\n"))


def seed(number):
    (path,) = SEEDS.glob(f"{number}_*.txt")
    raw = path.read_text("utf-8")
    (article,) = parse(path.name, load(CorpusFile(path.name, path), 1 << 20)).articles
    assert verbatim(raw, article.text)
    return raw, article


@needs_seeds
@pytest.mark.parametrize(
    ("number", "source", "lost", "last"),
    [
        ("000", "LRT", ["Umbrasas"], "to Ukraine."),
        ("001", "Global News", ["View image", "Thirty countries"], "Stoltenberg said."),
        ("002", "Newsmax", ["Information from", "Solange", "©"], "into the war."),
        ("004", "Censor.NET", ["Read more", "http", "Источник"], "practical assistance to Ukraine."),
    ],
)  # fmt: skip
def test_seeds(number, source, lost, last):
    raw, article = seed(number)
    assert article.source == source
    assert article.published is None
    assert not any(words in article.text for words in lost)
    assert article.text.endswith(last)
    kept = sum(len(line) for line in article.text.split("\n\n"))
    gone = clean(raw).dropped
    assert kept + sum(len(line.text) for line in gone) == sum(len(line.strip()) for line in raw.splitlines())


@needs_seeds
def test_the_seed_with_a_headline_and_an_address():
    _, article = seed("004")
    assert article.title.endswith("- Stoltenberg")
    assert article.url == "https://en.censor.net.ua/n393376"
    assert article.title not in article.text
    for number in ("000", "001", "002"):
        assert seed(number)[1].title == ""


@needs_news
def test_scraped_news_stays_verbatim():
    with gzip.open(NEWS, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for number, line in enumerate(lines) if number % 25 == 0]
    kept = total = 0
    for row in rows:
        cleaned = clean(row["text"], title=row["title"])
        assert verbatim(row["text"], cleaned.text)
        assert not any(
            line.startswith(("JUST WATCHED", "Sign up for")) for line in cleaned.text.split("\n\n")
        )
        kept += len(cleaned.text)
        total += len(row["text"])
    assert kept > 0.9 * total  # one page in this sample is a gallery: captions and little else

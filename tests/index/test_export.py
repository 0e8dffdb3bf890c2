"""The articles go out as a file that the corpus reader takes back: the same ids, digests and passages."""

from __future__ import annotations

import gzip
import io
import json
import random
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from corpus.article import Article
from corpus.reading import parse
from corpus.records import MAX_LINE, as_line
from index.errors import BackupRefused
from index.exporting import export, exporting
from index.moves import Exported
from index.snapshot import Snapshot
from index.types import Filters
from tests.index.workshop import SEEDS, Workshop, towns

HOSTILE = {
    "control.jsonl": {
        "id": "c",
        "title": "A\x00b\x07c\x1b[31m",
        "text": "One\x00 two\x0b\x0cthree. \x7fFour\x85five.",
    },
    "half.jsonl": {
        "id": "h",
        "title": "Half \ud83d",
        "text": "A pair \ud83d\ude00 and a half \ud83d of one \udc00.",
    },
    "separators.jsonl": {
        "id": "u",
        "text": "One\u2028two\u2029three\x1cfour\x1efive. \u202eevil\u202c \ufeffmark.",
    },
    "joiners.jsonl": {
        "id": "j",
        "title": "👩\u200d👧",
        "text": "Family 👩\u200d👩\u200d👧 and ک\u200cا and a\u200db\u200c\u200d.",
    },
    "quotes.jsonl": {"id": 'q"\\', "text": 'He said "\\n" and \\u0000, then <script>{"text": 1}</script>.'},
    "space.jsonl": {
        "id": "  s  ",
        "title": "  a   title ",
        "text": "  First.  \n\n\n   Second  one.\t\tThird. ",
    },
    "dates.jsonl": {"id": "d", "text": "It was on a Monday.", "published": "1500-01-01", "author": " A  B "},
}
PAGE = """Ferry to Brill stops for the winter

By Ana Silva

24 March 2022

The ferry to Brill stops on Monday. It sails again in May.

Ferry to Brill stops for the winter

Read more: The bridge at Alder

The council of Brill pays for a bus, said Ana Silva.

Source: https://coast.example/ferry
"""


def exported(known: Snapshot, filters: Filters = Filters()) -> tuple[bytes, Exported]:
    out = io.BytesIO()
    done = export(known, out, filters)
    return out.getvalue(), done


def everything(workshop: Workshop) -> dict[str, tuple[str, list[tuple[str, str, tuple[object, ...]]]]]:
    """Id -> digest and passages: ids, words and sentences."""
    with workshop.library.snapshot() as known:
        made = {}
        for id_, digest in known.digests().items():
            found = known.found(known.passage_ids([id_]))
            made[id_] = (
                digest,
                [(each.passage.id, each.passage.text, each.passage.sentences) for each in found],
            )
        return made


def goes_round(workshop: Workshop, tmp_path: Path, make: Callable[..., Workshop]) -> Workshop:
    """Export, read the file back in the same index and in a new one; the new one."""
    before = everything(workshop)
    assert before
    with workshop.library.snapshot() as known:
        content, done = exported(known)
    assert (done.articles, done.bytes, done.too_long) == (len(before), len(content), ())
    assert len(content.decode().splitlines()) == len(before)  # for whoever cuts lines as Python does
    workshop.embedded()
    for file in sorted(workshop.corpus.rglob("*"), reverse=True):
        if file.is_file():
            file.unlink()
        else:
            file.rmdir()
    (workshop.corpus / "all.jsonl").write_bytes(content)
    report = workshop.refresh()
    assert (report.failed, report.duplicates) == ((), ())
    assert (report.added, report.changed, report.removed, report.unchanged) == ((), (), (), len(before))
    assert workshop.embedded() == []
    assert everything(workshop) == before
    fresh = make("fresh", "fresh-data")
    (fresh.corpus / "all.jsonl").write_bytes(content)
    report = fresh.refresh()
    assert (len(report.added), report.failed, report.duplicates) == (len(before), (), ())
    assert everything(fresh) == before
    with fresh.library.snapshot() as known:
        assert exported(known)[0] == content
    return fresh


def test_articles_of_every_kind_go_round(
    workshop: Workshop, tmp_path: Path, make_workshop: Callable[..., Workshop]
) -> None:
    towns(workshop.corpus, range(4))
    (workshop.corpus / "deep" / ("folder" * 30)).mkdir(parents=True)
    (workshop.corpus / "deep" / ("folder" * 30) / "ferry.txt").write_text(PAGE, "utf-8")
    workshop.write("twice.md", "Bread.\n\nBy Ana Silva\n\nBread rose by a tenth.", title="Bread")
    (workshop.corpus / "page.html").write_text(
        "<html><head><title>Herring | Coast</title></head><body><article><h1>Herring is back</h1>"
        + "".join(
            f"<p>Fishermen at Brill landed {n} tonnes of herring in the month {n} of a year.</p>"
            for n in range(9)
        )
        + "</article></body></html>",
        "utf-8",
    )
    workshop.refresh()
    goes_round(workshop, tmp_path, make_workshop)


def test_hostile_articles_go_round(
    workshop: Workshop, tmp_path: Path, make_workshop: Callable[..., Workshop]
) -> None:
    for name, fields in HOSTILE.items():
        (workshop.corpus / name).write_text(json.dumps(fields) + "\n", "utf-8")
    report = workshop.refresh()
    assert len(report.added) == len(HOSTILE), report.failed
    goes_round(workshop, tmp_path, make_workshop)


def test_the_seeds_go_round(
    workshop: Workshop, tmp_path: Path, make_workshop: Callable[..., Workshop]
) -> None:
    if not SEEDS.is_dir():
        pytest.skip("the seeds are not on this machine")
    for file in SEEDS.iterdir():
        (workshop.corpus / file.name).write_bytes(file.read_bytes())
    workshop.refresh()
    goes_round(workshop, tmp_path, make_workshop)


def test_random_articles_go_round() -> None:
    """Whatever the reader makes of a text, it makes again of the line."""
    pick = random.Random(5)
    letters = [
        "\n",
        "\n\n",
        " ",
        ". ",
        "\u2028",
        "\x85",
        "\x00",
        "\u200d",
        "👧",
        "\ud800",
        "é",
        '"',
        "\\",
        "\ufeff",
    ]
    words = [
        "By Ana Silva",
        "Read more: all",
        "© 2022 LRT",
        "24 March 2022",
        "Photo: AP",
        "Bread rose",
        "https://a.b/c",
    ]
    tried = 0
    for _ in range(2000):
        text = "".join(
            pick.choice(letters if pick.random() < 0.6 else words) for _ in range(pick.randrange(1, 30))
        )
        row = {
            "id": "r",
            "title": pick.choice(["", text[:20]]),
            "text": text,
            "source": pick.choice(["", "LRT"]),
        }
        for article in parse("a.jsonl", json.dumps(row).encode()).articles:
            tried += 1
            [again] = parse("b.jsonl", as_line(article)).articles
            assert (again.digest, again.content_key) == (article.digest, article.content_key), row
            assert as_line(again) == as_line(article)
    assert tried > 1000


def test_a_huge_text_goes_round_and_one_that_is_too_long_is_named(workshop: Workshop) -> None:
    huge = Article("huge", "", "Bread rose. " * 1_000_000 + "It fell.", None, None, None, None, "a.txt")
    [again] = parse("b.jsonl", as_line(huge)).articles
    assert again.digest == huge.digest
    longer = Article("longer", "", "é" * (MAX_LINE // 2), None, None, None, None, "a.txt")
    assert len(as_line(longer)) > MAX_LINE
    workshop.refresh()
    workshop.library.switch(put=[(longer, [])], drop=[], files={}, entries=[], meta={})
    with workshop.library.snapshot() as known:
        content, done = exported(known)
    assert done.too_long == ("longer",)
    assert not parse("b.jsonl", content).articles


def test_filters(workshop: Workshop) -> None:
    for number, (source, day) in enumerate(
        [("LRT", "2022-03-01"), ("LRT", "2022-03-09"), ("BBC", "2022-03-09")]
    ):
        workshop.write(f"{number}.md", f"Bread number {number} rose.", source=source, published=day)
    workshop.write("3.md", "Bread without a day rose.")
    workshop.refresh()

    def ids(**named: object) -> list[str]:
        with workshop.library.snapshot() as known:
            content, _ = exported(known, Filters(**named))  # type: ignore[arg-type]  # the tests' own
        return [json.loads(line)["id"] for line in content.splitlines()]

    assert ids() == ["0.md", "1.md", "2.md", "3.md"]
    assert ids(source="lrt") == ["0.md", "1.md"]
    assert ids(after=date(2022, 3, 9)) == ["1.md", "2.md"]
    assert ids(source="LRT", before=date(2022, 3, 5)) == ["0.md"]


def test_a_file_appears_whole_or_not_at_all(ten: Workshop, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()

    def fails() -> None:
        with ten.library.snapshot() as known, exporting(out / "a.jsonl", force=False) as stream:
            export(known, stream, Filters())
            assert [file.name for file in out.iterdir()] != ["a.jsonl"]
            raise KeyError

    with pytest.raises(KeyError):
        fails()
    assert list(out.iterdir()) == []
    for name in ("a.jsonl", "a.jsonl.gz"):
        with ten.library.snapshot() as known, exporting(out / name, force=False) as stream:
            export(known, stream, Filters())
    assert gzip.decompress((out / "a.jsonl.gz").read_bytes()) == (out / "a.jsonl").read_bytes()
    with (
        pytest.raises(BackupRefused, match=r"a\.jsonl is there already"),
        exporting(out / "a.jsonl", force=False),
    ):
        pass


def test_an_article_is_found_in_the_file_that_it_moved_to(ten: Workshop) -> None:
    """Else it could not be removed: its file is gone."""
    with ten.library.snapshot() as known:
        content, _ = exported(known)
    for file in ten.corpus.iterdir():
        file.unlink()
    (ten.corpus / "all.jsonl").write_bytes(content)
    ten.refresh()
    with ten.library.snapshot() as known:
        assert {known.known_article(card.id).origin for card in known.cards()} == {"all.jsonl"}


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"text": "Bread."}, 'needs an "id"'),
        ({"id": "a", "text": "\u200b\x00"}, 'needs an "id" and a "text" that can be seen'),
        ({"id": "a", "text": "Bread.", "published": "March"}, "has to be YYYY-MM-DD"),
        ({"id": "a\nb", "text": "Bread."}, "none of them invisible"),
        ({"id": "a" * 9000, "text": "Bread."}, "at most 8192 characters"),
    ],
)
def test_a_line_that_says_it_is_cleaned_is_looked_at_all_the_same(fields: dict[str, str], why: str) -> None:
    read = parse("a.jsonl", json.dumps({**fields, "cleaned": True}).encode())
    assert not read.articles
    assert why in read.unread[0].reason


def test_nothing_hidden_comes_in_as_cleaned() -> None:
    fields = {"id": "a", "title": "A\x1b[31m\nb", "text": "One.\u202e Two.", "url": "javascript:alert(1)"}
    [article] = parse("a.jsonl", json.dumps({**fields, "cleaned": True}).encode()).articles
    assert (article.title, article.text, article.url) == ("A[31m b", "One. Two.", None)

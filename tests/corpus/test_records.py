"""Records: one article a line, and a bad line costs only itself."""

import gzip
import json
from datetime import date

import pytest

from corpus import records
from corpus.reading import parse

TEXT = "The ferry stopped on Monday.\n\nIt sails again in May."


def lines(*rows):
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def only(row):
    reading = parse("a.jsonl", lines(row))
    assert not reading.unread
    return reading.articles[0]


def reason(row):
    reading = parse("a.jsonl", lines(row))
    assert not reading.articles
    assert reading.unread[0].origin == "a.jsonl, line 1"
    return reading.unread[0].reason


def test_every_field_is_taken():
    article = only(
        {
            "id": "v-1",
            "title": "Ferry stops",
            "text": TEXT,
            "source": "velm.example",
            "published": "2022-03-24",
            "url": "https://velm.example/1",
            "author": "Ana Silva",
        }
    )
    assert (article.id, article.title, article.text) == ("v-1", "Ferry stops", TEXT)
    assert (article.source, article.url) == ("velm.example", "https://velm.example/1")
    assert (article.published, article.author, article.origin) == (date(2022, 3, 24), "Ana Silva", "a.jsonl")


def test_empty_strings_and_null_are_unknown():
    row = dict.fromkeys(("title", "source", "published", "url"), "") | {
        "id": "1",
        "text": TEXT,
        "author": None,
    }
    article = only(row)
    assert article.title == ""
    assert (article.source, article.published, article.url, article.author) == (None, None, None, None)


@pytest.mark.parametrize(
    "published",
    ["2022-03-24", "2022-03-24T23:30:00-05:00", "2022-03-24 10:00:00", "2022-03-24T10:00:00Z",
     "Thu, 24 Mar 2022 10:00:00 +0000", "24 March 2022", "March 24, 2022", "24 mars 2022"],
)  # fmt: skip
def test_dates(published):
    assert only({"text": TEXT, "published": published}).published == date(2022, 3, 24)


@pytest.mark.parametrize(
    "published", ["someday", "0000-00-00", "2022-13-45", "yesterday", "2022", "03/04/2022"]
)
def test_a_string_that_is_no_date_leaves_it_unknown(published):
    assert only({"text": TEXT, "published": published}).published is None


def test_the_text_is_cleaned_and_the_record_wins():
    raw = (
        f"Harbour in trouble again\n\n{TEXT}\n\nRead more: Second ferry\n\n© 2022 Other. All rights reserved."
    )
    article = only({"text": raw, "title": "Ferry stops", "source": "velm.example"})
    assert (article.title, article.source) == ("Ferry stops", "velm.example")
    assert article.text == f"Harbour in trouble again\n\n{TEXT}"


@pytest.mark.parametrize(
    ("given", "kept"),
    [({"id": 7}, "7"), ({"_id": "m-1"}, "m-1"), ({"id": "", "_id": "m-1"}, "m-1"), ({"id": "é"}, "é")],
)
def test_ids(given, kept):
    assert only({"text": TEXT, **given}).id == kept


@pytest.mark.parametrize("bad", ["x" * 201, "a\nb", "a\u202eb", "\ud800", " ", [1], {"a": 1}, 1.5, True])
def test_bad_ids_are_named(bad):
    assert '"id"' in reason({"text": TEXT, "id": bad})


def test_an_id_is_made_of_what_names_the_record():
    by_url = only({"text": TEXT, "url": "https://velm.example/1"}).id
    assert by_url == only({"text": TEXT + " More.", "url": "https://velm.example/1"}).id
    by_title = only({"text": TEXT, "title": "Ferry", "published": "2022-03-24"}).id
    assert by_title == only({"text": TEXT + " More.", "title": "Ferry", "published": "2022-03-24"}).id
    by_text = only({"text": TEXT}).id
    assert by_text != only({"text": TEXT + " More."}).id
    assert len({by_url, by_title, by_text}) == 3
    assert all(
        made.startswith("a.jsonl#") and len(made) == len("a.jsonl#") + 12 for made in (by_url, by_text)
    )


def test_records_with_one_title_and_no_date_are_both_kept():
    reading = parse(
        "a.jsonl", lines({"title": "Ferry", "text": "It sank."}, {"title": "Ferry", "text": "It sails."})
    )
    assert len(reading.articles) == 2


def test_a_repeated_id_names_the_first_line():
    reading = parse(
        "a.jsonl", lines({"id": "1", "text": TEXT}, {"id": "2", "text": TEXT}, {"id": 1, "text": "Else."})
    )
    assert [article.id for article in reading.articles] == ["1", "2"]
    assert reading.unread[0].origin == "a.jsonl, line 3"
    assert "line 1" in reading.unread[0].reason


@pytest.mark.parametrize("name", ["text", "title", "source", "published", "url", "author"])
@pytest.mark.parametrize("value", [5, [TEXT], {"a": TEXT}, True])
def test_a_field_of_another_type_is_named(name, value):
    assert f'"{name}"' in reason({"text": TEXT, name: value})


def test_only_web_addresses_are_kept():
    assert only({"text": TEXT, "url": "javascript:alert(1)"}).url is None


def test_one_bad_line_costs_only_itself():
    content = (
        lines({"id": "1", "text": TEXT})
        + b'{"id": "2", "text": \n\n[1]\n"x"\n\xff\xfe\n{}\n'
        + lines({"id": "3", "text": TEXT})
    )
    reading = parse("sub/a.jsonl", content)
    assert [article.id for article in reading.articles] == ["1", "3"]
    assert [unread.origin for unread in reading.unread] == [f"sub/a.jsonl, line {n}" for n in (2, 4, 5, 6, 7)]
    assert "JSON" in reading.unread[0].reason
    assert "UTF-8" in reading.unread[3].reason
    assert "no text" in reading.unread[4].reason


def test_a_record_of_nothing_but_furniture_is_reported():
    assert "article" in reason({"text": "Advertisement\n\nRead more"})


@pytest.mark.parametrize("content", [b"", b"\n\n", b" \n"])
def test_an_empty_file_is_reported(content):
    for name, data in (("a.jsonl", content), ("a.jsonl.gz", gzip.compress(content))):
        reading = parse(name, data)
        assert [unread.origin for unread in reading.unread] == [name]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_byte_order_marks(encoding):
    content = lines({"id": "1", "text": "Nausėda said so."}).decode().encode(encoding)
    assert parse("a.jsonl", content).articles[0].text == "Nausėda said so."


def test_half_surrogates_in_json_are_replaced():
    reading = parse(
        "a.jsonl", b'{"text": "It \\ud83d sank.", "title": "A\\udc00", "url": "https://x.example/\\ud800"}\n'
    )
    article = reading.articles[0]
    article.digest.encode()
    json.dumps([article.id, article.title, article.text, article.url], ensure_ascii=False).encode()
    assert article.text == "It \ufffd sank."


@pytest.mark.parametrize(
    "line",
    [
        b"[" * 100_000,
        b'{"text": "a.", "x": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        b'{"id": ' + b"9" * 5000 + b"}",
    ],
)
def test_hostile_json_is_reported(line):
    reading = parse("a.jsonl", line + b"\n" + lines({"id": "1", "text": TEXT}))
    assert [article.id for article in reading.articles] == ["1"]
    assert reading.unread[0].origin == "a.jsonl, line 1"


def test_compressed_records():
    reading = parse("a.jsonl.gz", gzip.compress(lines({"id": "1", "text": TEXT}, {"id": "2", "text": TEXT})))
    assert [article.id for article in reading.articles] == ["1", "2"]
    assert not reading.unread


def test_a_break_in_compressed_data_keeps_what_came_before():
    rows = [{"id": str(number), "text": f"{TEXT} {number * 7919}"} for number in range(4000)]
    reading = parse("a.jsonl.gz", gzip.compress(lines(*rows))[:-3000])
    assert 0 < len(reading.articles) < 4000
    assert reading.unread[-1].origin == "a.jsonl.gz"


@pytest.mark.parametrize("content", [b"not compressed", b"\x1f\x8b", b"\x1f\x8b\x08\x00" + b"\xff" * 40])
def test_what_is_not_compressed_is_reported(content):
    reading = parse("a.jsonl.gz", content)
    assert not reading.articles
    assert reading.unread[0].origin == "a.jsonl.gz"


def test_a_decompression_bomb_stops(monkeypatch):
    monkeypatch.setattr(records, "MAX_UNPACKED", 1 << 20)
    reading = parse("a.jsonl.gz", gzip.compress(lines({"id": "1", "text": TEXT}) + b" " * (8 << 20)))
    assert [article.id for article in reading.articles] == ["1"]
    assert "unpacks to more than" in reading.unread[-1].reason


def test_a_line_too_long_is_reported_and_skipped(monkeypatch):
    monkeypatch.setattr(records, "MAX_LINE", 1000)
    content = lines({"id": "1", "text": TEXT}, {"id": "2", "text": "x" * 5000}, {"id": "3", "text": TEXT})
    reading = parse("a.jsonl", content)
    assert [article.id for article in reading.articles] == ["1", "3"]
    assert reading.unread[0].origin == "a.jsonl, line 2"


def test_a_file_of_other_records_is_reported_in_one_line() -> None:
    content = b"\n".join(b'{"id": "q%d", "question": "Why?"}' % number for number in range(3))
    reading = parse("questions.jsonl", content)
    assert not reading.articles
    assert [unread.origin for unread in reading.unread] == ["questions.jsonl"]
    assert "3 records" in reading.unread[0].reason

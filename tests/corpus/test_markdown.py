"""Markdown with front matter: fields by name, broken ones reported, the body without marks."""

from datetime import date

import pytest

from corpus.reading import parse

BODY = "The ferry stopped on Monday.\n\nIt sails again in May."


def article(text):
    reading = parse("2022/ferry.md", text.encode())
    assert not reading.unread
    return reading.articles[0]


def reason(head):
    reading = parse("ferry.md", f"---\n{head}\n---\n{BODY}\n".encode())
    assert not reading.articles
    assert reading.unread[0].origin == "ferry.md"
    return reading.unread[0].reason


def test_all_fields():
    found = article(
        "---\ntitle: Ferry stops\nsource: Velm Gazette\nurl: https://velm.example/1\n"
        f"published: 2022-03-24\nauthor: Ana Silva\nother: [1, 2]\n---\n\n{BODY}\n"
    )
    assert (found.id, found.origin) == ("2022/ferry.md", "2022/ferry.md")
    assert (found.title, found.source, found.url) == ("Ferry stops", "Velm Gazette", "https://velm.example/1")
    assert (found.published, found.author, found.text) == (date(2022, 3, 24), "Ana Silva", BODY)


@pytest.mark.parametrize(
    "head", ["---\n---\n", "---\ntitle:\nsource: ''\n---\n", "", "---\r\ntitle:\r\n...\r\n"]
)
def test_every_field_is_optional(head):
    found = article(head + BODY)
    assert (found.title, found.source, found.url, found.published, found.author) == (
        "",
        None,
        None,
        None,
        None,
    )
    assert found.text == BODY


@pytest.mark.parametrize(
    "published",
    ["2022-03-24", '"2022-03-24"', "2022-03-24 10:00:00", "2022-03-24T23:30:00-05:00", "24 March 2022",
     "March 24, 2022", "Thu, 24 Mar 2022 10:00:00 +0000", "24 марта 2022", "2022 m. kovo 24 d."],
)  # fmt: skip
def test_dates(published):
    assert article(f"---\npublished: {published}\n---\n{BODY}").published == date(2022, 3, 24)


@pytest.mark.parametrize(
    ("head", "named"),
    [
        ("published: someday", "published"),
        ("published: 2022", "published"),
        ("published: [2022]", "published"),
        ("title: Ferry\npublished: 2022-13-45", "published"),
        ("title: [a, b]", "title"),
        ("source: {a: b}", "source"),
        ("author: true", "author"),
        ("url: 2022-03-24", "url"),
        ("source: A\ntitle: Ferry: it stops", "line 3"),
        ("title: 'open", "line"),
        ("- a\n- b", "field: value"),
        ("just words", "field: value"),
        ("a: &x [1]\nb: *x", "alias"),
        ("a: !!python/object/apply:os.getcwd []", "line 2"),
        ("a: " + "[" * 5000, "nested"),
        ("a: " + "x" * 20_000, "16 KB"),
    ],
)
def test_broken_front_matter_names_field_or_line(head, named):
    assert named in reason(head)


def test_front_matter_that_is_never_closed():
    reading = parse("a.md", b"---\ntitle: Ferry\n\nThe ferry stopped.\n")
    assert "never closed" in reading.unread[0].reason


def test_a_number_may_be_a_title_and_bad_addresses_go():
    found = article(f"---\ntitle: 1984\nurl: javascript:alert(1)\n---\n{BODY}")
    assert (found.title, found.url) == ("1984", None)


def test_the_first_heading_is_the_title_when_the_head_has_none():
    assert article(f"# Ferry *stops*\n\n{BODY}").title == "Ferry stops"
    assert article(f"Ferry stops\n===========\n\n{BODY}").title == "Ferry stops"
    both = article(f"---\ntitle: Ferry stops\n---\n# Ferry stops\n\n{BODY}")
    assert (both.title, both.text) == ("Ferry stops", BODY)


def test_marks_go_and_words_stay():
    found = article(
        '# Ferry\n\nThe **ferry** _stopped_ on [Monday](https://velm.example/1 "t"),\n'
        "said *the* port's 2*3*4 snake_case_name.\n\n![the pier](pier.jpg)\n\n## What next\n\n"
        "> It sails\n> in May.\n\n- One boat.\n- Two boats.\n\n"
        "1. First.\n\n<!-- hidden -->\nSee <https://velm.example/2> for \\*more\\*.\n"
    )
    assert found.text.split("\n\n") == [
        "The ferry stopped on Monday, said the port's 2*3*4 snake_case_name.",
        "What next",
        "It sails in May.",
        "One boat.",
        "Two boats.",
        "1. First.",
        "See https://velm.example/2 for *more*.",
    ]


def test_furniture_goes_and_fields_win():
    found = article(
        f"---\nsource: Velm Gazette\n---\n{BODY}\n\nRead more: Else\n\n© 2022 Other. All rights reserved.\n"
    )
    assert (found.source, found.text) == ("Velm Gazette", BODY)

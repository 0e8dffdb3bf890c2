"""The small pure parts: links, days that a question means, settings, and the last check of an answer."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest

from index.checking import checked, holds
from index.errors import SettingsError
from index.links import link_to
from index.settings import Settings, read_settings, variable
from index.types import AnswerSentence, Card, Citation, Filters
from index.when import RECENT, TIMELY, days_meant, inside, timely


@pytest.mark.parametrize(
    ("url", "quote", "link"),
    [
        ("https://x.lt/a", "Two words", "https://x.lt/a#:~:text=Two%20words"),
        ("https://x.lt/a?b=c&d=e", "Go", "https://x.lt/a?b=c&d=e#:~:text=Go"),
        ("https://x.lt/a#part", "Go", "https://x.lt/a#part:~:text=Go"),
        ("https://x.lt/a#:~:text=old", "Go", "https://x.lt/a#:~:text=Go"),
        ("https://x.lt/a#part:~:text=old", "Go", "https://x.lt/a#part:~:text=Go"),
        (
            "https://x.lt/a",
            "well-known, 5% & more",
            "https://x.lt/a#:~:text=well%2Dknown%2C%205%25%20%26%20more",
        ),
        (
            "https://x.lt/a",
            "“Nausėda” it’s",
            "https://x.lt/a#:~:text=%E2%80%9CNaus%C4%97da%E2%80%9D%20it%E2%80%99s",
        ),
        ("https://x.lt/a", "over\n\nlines  and\tgaps", "https://x.lt/a#:~:text=over%20lines%20and%20gaps"),
        (None, "Go", None),
        ("", "Go", None),
        ("ftp://x.lt/a", "Go", None),
        ("javascript:alert(1)", "Go", None),
        ("file:///etc/passwd", "Go", None),
        ("x.lt/a", "Go", None),
        ("https://[broken", "Go", None),
    ],
)
def test_links(url: str | None, quote: str, link: str | None) -> None:
    assert link_to(url, quote) == link


def test_a_long_quote_is_named_by_its_ends() -> None:
    quote = " ".join(f"w{n}," for n in range(40))
    link = link_to("https://x.lt/a", quote)
    assert link is not None
    start, end = link.partition("text=")[2].split(",")
    assert unquote(start) == "w0, w1, w2, w3, w4,"
    assert unquote(end) == "w35, w36, w37, w38, w39,"


THURSDAY = date(2022, 3, 24)


@pytest.mark.parametrize(
    ("question", "after", "before"),
    [
        ("What happened today?", THURSDAY, date(2022, 3, 25)),
        ("What did he say yesterday?", date(2022, 3, 23), THURSDAY),
        ("this week", date(2022, 3, 21), date(2022, 3, 28)),
        ("Last week?", date(2022, 3, 14), date(2022, 3, 21)),
        ("who spoke last month", date(2022, 2, 1), date(2022, 3, 1)),
        ("this month", date(2022, 3, 1), date(2022, 4, 1)),
        ("past year", date(2021, 1, 1), date(2022, 1, 1)),
        ("What was decided in 2016?", date(2016, 1, 1), date(2016, 12, 31)),
    ],
)
def test_days_meant(question: str, after: date, before: date) -> None:
    assert days_meant(question, THURSDAY) == Filters(after=after, before=before)


def test_no_days_meant() -> None:
    for question in ("Who won?", "How many are 2016 tanks?", "the last ship", "week after week"):
        assert days_meant(question, THURSDAY) is None


@pytest.mark.parametrize(
    "asked", [date.min, date.max, date(2024, 2, 29), date(2022, 1, 31), date(2022, 12, 31)]
)
@pytest.mark.parametrize(
    "words", ["this week", "last week", "this month", "last month", "last year", "today", "yesterday"]
)
def test_any_day_will_do(asked: date, words: str) -> None:
    meant = days_meant(words, asked)
    if meant is not None:
        assert meant.after is not None
        assert meant.before is not None
        assert meant.after <= meant.before


def test_inside() -> None:
    march = Filters(after=date(2022, 3, 1), before=date(2022, 3, 31))
    assert inside(date(2022, 3, 31), march) is True
    assert inside(date(2022, 4, 1), march) is False
    assert inside(None, march) is None
    assert inside(THURSDAY, None) is None


def test_new_articles_gain_and_old_ones_lose_nothing() -> None:
    gains = [timely(THURSDAY - timedelta(days=back), None, THURSDAY) for back in (0, 10, 60, 2000)]
    assert gains == sorted(gains, reverse=True)
    assert gains[0] == RECENT
    assert 0 <= gains[-1] < 1e-6
    assert timely(None, None, THURSDAY) == 0.0


def test_the_days_that_a_question_names_decide_before_what_is_new() -> None:
    march = Filters(after=date(2022, 3, 1), before=date(2022, 3, 31))
    assert timely(date(2022, 3, 2), march, THURSDAY) == TIMELY
    assert timely(THURSDAY - timedelta(days=60), march, THURSDAY) == -TIMELY


def test_settings_default() -> None:
    assert read_settings({}) == Settings()
    assert read_settings({variable(f.name): "" for f in fields(Settings)} | {"PATH": "x"}) == Settings()
    assert Settings().corpus.is_dir()


def test_settings_read() -> None:
    read = read_settings(
        {
            "FOOTNOTE_CORPUS": "~/news",
            "FOOTNOTE_DATA": " d ",
            "FOOTNOTE_CAREFUL": "0.7",
            "FOOTNOTE_THREADS": "4",
        }
    )
    assert read.corpus == Path("~/news").expanduser()
    assert (read.data, read.careful, read.threads, read.data_folder) == (Path("d"), 0.7, 4, Path("d"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FOOTNOTE_CAREFUL", "very"),
        ("FOOTNOTE_CAREFUL", "1.1"),
        ("FOOTNOTE_CAREFUL", "nan"),
        ("FOOTNOTE_CAREFUL", "-0.1"),
        ("FOOTNOTE_SENTENCES", "0"),
        ("FOOTNOTE_SENTENCES", "2.5"),
        ("FOOTNOTE_SENTENCES", "²"),
        ("FOOTNOTE_THREADS", "many"),
        ("FOOTNOTE_PASSAGE_TOKENS", "255"),
        ("FOOTNOTE_MAX_FILE_MB", "9" * 5000),
    ],
)
def test_malformed_settings_are_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        read_settings({name: value})


def test_unknown_settings_are_named() -> None:
    with pytest.raises(SettingsError, match=r"FOOTNOTE_CORPSE is unknown.*FOOTNOTE_CORPUS"):
        read_settings({"FOOTNOTE_CORPSE": "x"})


def test_each_corpus_has_an_index_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a/news", "b/news"):
        (tmp_path / name).mkdir(parents=True)
    one, other = (Settings(corpus=tmp_path / name / "news").data_folder for name in "ab")
    assert one != other
    assert one.parent == Path(".footnote")
    assert (
        one == Settings(corpus=Path("a/news")).data_folder == Settings(corpus=Path("b/../a/news")).data_folder
    )


def citation(number: int, quote: str, start: int) -> Citation:
    return Citation(number, Card("a", "", None, None, None), quote, start, start + len(quote), None)


def test_a_sentence_that_is_no_quote_goes_out() -> None:
    text = "It rained. It snowed."
    rain, snow, wrong = (
        citation(1, "It rained.", 0),
        citation(2, "It snowed.", 11),
        citation(3, "It rained.", 5),
    )
    assert holds(rain, text)
    assert not holds(wrong, text)
    assert not holds(citation(1, "", 0), text)
    sentences = (
        AnswerSentence("It rained.", (1,)),
        AnswerSentence("It rained.", (1, 2)),
        AnswerSentence("It rains.", (1,)),
        AnswerSentence("It rained.", (3,)),
        AnswerSentence("It rained.", ()),
        AnswerSentence("It rained.", (9,)),
        AnswerSentence("It snowed.", (1,)),
    )
    assert checked(sentences, (rain, snow, wrong), {"a": text}) == sentences[:2]
    assert checked(sentences[:1], (rain,), {}) == ()

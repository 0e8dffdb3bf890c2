"""Days that sentences speak of, and the timelines made of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from index.errors import QuestionError
from index.spoken_dates import spoken
from index.timeline import MOST
from index.types import Event, Filters
from tests.index.workshop import Desk, Workshop

THURSDAY = date(2022, 3, 24)


def timeline(desk: Desk, topic: str, filters: Filters = Filters()) -> Sequence[Event]:
    events: Sequence[Event] = desk(desk.desk.timeline, topic, filters)
    return events


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("It began on 24 February 2022.", "2022-02-24", "2022-02-24"),
        ("On February 24, 2022, it began.", "2022-02-24", "2022-02-24"),
        ("It began on 24 Feb, a Thursday of that year", "2022-02-24", "2022-02-24"),
        ("It began on Feb. 24.", "2022-02-24", "2022-02-24"),
        ("on the 24th of February", "2022-02-24", "2022-02-24"),
        ("on Saturday, 9 July 2016, after", "2016-07-09", "2016-07-09"),
        ("from 8 to 9 July 2016", "2016-07-08", "2016-07-09"),
        ("July 8-9, 2016", "2016-07-08", "2016-07-09"),
        ("on 2022-02-24 it", "2022-02-24", "2022-02-24"),
        ("in March 2022", "2022-03-01", "2022-03-31"),
        ("in 2016", "2016-01-01", "2016-12-31"),
        ("In early 2017 it", "2017-01-01", "2017-12-31"),
        ("since October, when", "2021-10-01", "2021-10-31"),
        ("before the Madrid summit in June", "2022-06-01", "2022-06-30"),
        ("They met on Tuesday.", "2022-03-22", "2022-03-22"),
        ("They met on Thursday.", "2022-03-24", "2022-03-24"),
        ("They met last Thursday.", "2022-03-17", "2022-03-17"),
        ("They will meet on Saturday.", "2022-03-26", "2022-03-26"),
        ("Leaders are expected to agree on Friday.", "2022-03-25", "2022-03-25"),
        ("It will grow, he said on Wednesday.", "2022-03-23", "2022-03-23"),
        ("Yesterday it rained.", "2022-03-23", "2022-03-23"),
        ("three days ago", "2022-03-21", "2022-03-21"),
        ("Last month it rained.", "2022-02-01", "2022-02-28"),
        ("this year", "2022-01-01", "2022-12-31"),
        ("last week", "2022-03-14", "2022-03-20"),
    ],
)
def test_days_are_read_as_an_article_of_24_march_2022_means_them(text: str, first: str, last: str) -> None:
    days = spoken(text, THURSDAY)
    assert (str(days[0].first), str(days[0].last)) == (first, last)


@pytest.mark.parametrize(
    "text",
    [
        "of 2,000 troops",
        "in 2000 cities",
        "on 31 February 2022",
        "next Tuesday",
        "He may march 24 times",
        "“Tomorrow, I expect a decision”",
        "He was born on 3 May",
        "in the 1990s",
        "version 6.5 May",
    ],
)
def test_what_leaves_doubt_is_no_day(text: str) -> None:
    assert spoken(text, THURSDAY) == ()


def test_without_the_day_of_the_article_only_full_dates_count() -> None:
    assert spoken("It began on Tuesday, on 24 February and in March") == ()
    assert len(spoken("It began on 24 February 2022 and ended in 2023")) == 2


def test_the_days_of_an_article_at_the_edge_of_the_calendar_raise_nothing() -> None:
    for day in (date.min, date.max):
        spoken("yesterday, tomorrow, last week, last year, next year, on Friday, in May, 3 days ago", day)


def test_facts_come_in_the_order_of_their_days(sample: Desk) -> None:
    events = timeline(sample, "battlegroups")
    assert len(events) >= 5
    days = [(event.first, event.last) for event in events]
    assert days == sorted(days)
    assert [event.citation.number for event in events] == list(range(1, len(events) + 1))
    assert any(event.stated and event.first == date(2022, 3, 24) for event in events)


def test_each_fact_is_a_quote_of_its_article(sample: Desk) -> None:
    for event in timeline(sample, "NATO"):
        cited = event.citation
        assert sample.article(cited.article.id).text[cited.start : cited.end] == cited.quote == event.sentence


def test_a_fact_without_a_day_of_its_own_stands_under_that_of_its_article(sample: Desk) -> None:
    events = timeline(sample, "chemical weapons")
    assert events
    for event in events:
        assert not event.stated
        assert event.first == event.last == event.citation.article.published


def test_a_year_in_the_topic_limits_the_facts_to_it(sample: Desk) -> None:
    events = timeline(sample, "Warsaw summit 2016")
    assert events
    assert all(event.first.year == 2016 for event in events)


def test_filters_hold(sample: Desk) -> None:
    events = timeline(sample, "battlegroups", Filters(source="NATO"))
    assert events
    assert {event.citation.article.source for event in events} == {"NATO"}


@pytest.mark.parametrize(
    "topic", ["sourdough bread", "Sweden's NATO membership", "weather", "football in Brazil"]
)
def test_nothing_rather_than_junk(sample: Desk, topic: str) -> None:
    assert timeline(sample, topic) == ()


@pytest.mark.parametrize("topic", ["", "?!", "x" * 2000])
def test_a_topic_without_words_or_too_long_is_refused(sample: Desk, topic: str) -> None:
    with pytest.raises(QuestionError):
        timeline(sample, topic)


def test_undated_articles_give_only_facts_with_a_full_date(workshop: Workshop) -> None:
    workshop.write("a.md", "The harbour of Lindau was built in 1856. On Monday the harbour of Lindau froze.")
    workshop.refresh()
    workshop.close()
    desk = Desk(workshop.settings)
    try:
        events = timeline(desk, "harbour of Lindau")
    finally:
        desk.close()
    assert [(event.first.year, event.stated) for event in events] == [(1856, True)]


def test_copies_of_a_story_give_each_fact_once_and_a_long_one_is_cut(workshop: Workshop) -> None:
    facts = [f"On {day} May 2021 the harbour of Lindau saw ship number {day}00." for day in range(1, 29)]
    for outlet in ("One", "Two", "Three"):
        workshop.write(
            f"{outlet}.md", "\n\n".join(facts), title="Lindau harbour", source=outlet, published="2021-06-01"
        )
    workshop.refresh()
    workshop.close()
    desk = Desk(workshop.settings)
    try:
        events = timeline(desk, "harbour of Lindau")
    finally:
        desk.close()
    assert len({event.sentence for event in events}) == len(events) == MOST

from datetime import date

import pytest

from bot.dates import day_range

TODAY = date(2022, 3, 24)  # a Thursday


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2022-03-24", "2022-03-24", "2022-03-24"),
        ("2022-02", "2022-02-01", "2022-02-28"),
        ("2022", "2022-01-01", "2022-12-31"),
        ("March 2022", "2022-03-01", "2022-03-31"),
        ("mar 2022", "2022-03-01", "2022-03-31"),
        ("December 2021", "2021-12-01", "2021-12-31"),
        ("24 March 2022", "2022-03-24", "2022-03-24"),
        ("March 24, 2022", "2022-03-24", "2022-03-24"),
        ("  24  March 2022 ", "2022-03-24", "2022-03-24"),
        ("today", "2022-03-24", "2022-03-24"),
        ("yesterday", "2022-03-23", "2022-03-23"),
        ("last week", "2022-03-14", "2022-03-20"),
        ("this week", "2022-03-21", "2022-03-27"),
        ("last month", "2022-02-01", "2022-02-28"),
        ("last year", "2021-01-01", "2021-12-31"),
        ("3 weeks ago", "2022-03-03", "2022-03-03"),
        ("2 years ago", "2020-03-24", "2020-03-24"),
        ("a month ago", "2022-02-24", "2022-02-24"),
    ],
)
def test_a_day_or_a_period(text: str, first: str, last: str) -> None:
    assert day_range(text, TODAY) == (date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    "text", ["", "foo", "12", "03/04/2022", "2022-02-31", "31 February 2022", "99999", "2022-13"]
)
def test_what_is_no_date_or_two_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match="is not a date") as error:
        day_range(text, TODAY)
    assert repr(text) in str(error.value)

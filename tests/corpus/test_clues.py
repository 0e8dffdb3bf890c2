"""Headline, outlet, date, address and author: what the text shows, and None where it does not."""

from datetime import date

import pytest

from corpus.cleaning import clean

BODY = (
    "The ferry to the outer islands stopped on Monday, the port authority said.\n\n"
    "It will sail again in May, the harbour master told reporters."
)


def around(before="", after=""):
    return clean("\n\n".join(part for part in (before, BODY, after) if part))


@pytest.mark.parametrize(
    "headline",
    [
        "Ferry to the outer islands stops after cracks are found",
        '"The ferry will sail in May," - harbour master',
        "Who will pay for the new ferry?",
        "‘No choice’: harbour master on the ferry",
    ],
)
def test_a_headline_leaves_the_body(headline):
    cleaned = around(headline)
    assert (cleaned.title, cleaned.text) == (headline, BODY)


def test_a_rubric_above_the_headline_does_not_become_it():
    cleaned = around("World\n\nFerry to the outer islands stops")
    assert cleaned.title == "Ferry to the outer islands stops"


def test_a_first_sentence_is_no_headline():
    assert around().title == ""
    assert around().text == BODY


def test_a_text_of_one_line_is_not_all_headline():
    cleaned = clean("Ferry to the outer islands stops after cracks")
    assert cleaned.text == "Ferry to the outer islands stops after cracks"


def test_a_dateline_is_no_headline():
    assert clean(f"VELM CITY, Monday —\n\n{BODY}").title == ""


def test_a_given_title_wins_and_its_repetition_goes():
    cleaned = clean(f"“Ferry stops!”\n\n{BODY}", title="Ferry stops")
    assert (cleaned.title, cleaned.text) == ("Ferry stops", BODY)


def test_a_given_title_leaves_other_headings_in_place():
    assert clean(f"A subtitle of three words\n\n{BODY}", title="Ferry stops").text.startswith("A subtitle")


@pytest.mark.parametrize(
    ("footer", "outlet"),
    [
        ("© 2026 Newshouse. All rights reserved.", "Newshouse"),
        ("Copyright © 2019-2022 Velm Gazette. All Rights Reserved.", "Velm Gazette"),
        ("© Velm Gazette 2022", "Velm Gazette"),
        ("&copy 2022 Velm News, a division of Velm Corp.", "Velm News"),
        ("The ferry leaves the harbour on Monday. (Ana Silva/VBC)", "VBC"),
        ("The ferry leaves the harbour, 24 March 2022. REUTERS/Ana Silva", None),
        ("The pier. / A. Jonaitis/VGT", "VGT"),
        ("View image in full screen The pier on Monday. Velm News", "Velm News"),
        ("The pier. / A. Jonaitis/BNS", None),
        ("The pier. Ana Silva/AFP/Getty Images", None),
        ("The pier on Monday. (AP Photo/Ana Silva)", None),
        ("The pier from above. / A. Jonaitis/NASA", None),
        ("The pier. / A. Jonaitis/Ministry of Transport", None),
        ("View image in full screen The pier. Ana Silva/The Canadian Press", None),
        ("© 2022 The Associated Press. All rights reserved.", None),
        ("© 2022. All rights reserved.", None),
    ],
)
def test_outlet_from_footer_or_credit(footer, outlet):
    cleaned = around(after=footer)
    assert cleaned.source == outlet
    assert cleaned.text == BODY


def test_credits_that_differ_say_nothing():
    assert around("The pier. / A. Jonaitis/VGT", "The ferry. / B. Dahl/NTW").source is None


def test_agency_credits_do_not_speak_against_the_outlet():
    assert around("The pier. / A. Jonaitis/VGT", "The ferry. Ana Silva/AFP/Getty Images").source == "VGT"


def test_the_year_of_a_copyright_is_no_date():
    assert around(after="© 2026 Newshouse. All rights reserved.").published is None


@pytest.mark.parametrize(
    "line",
    [
        "Source: https://www.velm.example.com/n1",
        "Источник: https://www.velm.example.com/n1",
        "Джерело: https://www.velm.example.com/n1",
        "Šaltinis: https://www.velm.example.com/n1",
        "Quelle: https://www.velm.example.com/n1",
        "Pierwotnie – https://www.velm.example.com/n1",
        "https://www.velm.example.com/n1",
    ],
)
def test_a_trailing_source_link_is_the_address(line):
    cleaned = around(after=line)
    assert cleaned.url == "https://www.velm.example.com/n1"
    assert cleaned.source == "velm.example.com"
    assert cleaned.text == BODY


def test_two_plain_links_leave_the_address_in_doubt():
    assert around(after="https://velm.example/1\n\nhttps://velm.example/2").url is None


def test_links_to_elsewhere_are_no_address():
    cleaned = around(after="Andrea on Twitter: https://twitter.com/andrea")
    assert cleaned.url is None
    assert cleaned.source is None
    assert cleaned.text == BODY


def test_the_name_that_the_text_gives_the_linked_outlet():
    cleaned = clean(
        f"As reported by Velm.NET, a crack was found.\n\n{BODY}\n\nИсточник: https://en.velm.net.ua/n1"
    )
    assert cleaned.source == "Velm.NET"


def test_another_outlet_in_the_text_is_not_the_linked_one():
    cleaned = clean(f"As reported by Interpost, a crack was found.\n\n{BODY}\n\nSource: https://velm.net/n1")
    assert cleaned.source == "velm.net"


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("Published March 24, 2022", date(2022, 3, 24)),
        ("Published: 24 March 2022 at 10:15 GMT", date(2022, 3, 24)),
        ("24 March 2022", date(2022, 3, 24)),
        ("Thursday, March 24, 2022", date(2022, 3, 24)),
        ("2022-03-24", date(2022, 3, 24)),
        ("24.03.2022", date(2022, 3, 24)),
        ("24.03.2022 10:15", date(2022, 3, 24)),
        ("Updated: Mar. 25, 2022, 9:00 a.m. ET", date(2022, 3, 25)),
        ("Posted 24/03/2022", date(2022, 3, 24)),
        ("24 марта 2022", date(2022, 3, 24)),
        ("24. März 2022", date(2022, 3, 24)),
        ("2022 m. kovo 24 d.", date(2022, 3, 24)),
    ],
)
@pytest.mark.parametrize("place", ["before", "after"])
def test_a_dateline_is_the_day(line, day, place):
    cleaned = around(**{place: line})
    assert cleaned.published == day
    assert cleaned.text == BODY


def test_published_comes_before_updated():
    cleaned = around("Updated: March 26, 2022\n\nPublished: March 24, 2022")
    assert cleaned.published == date(2022, 3, 24)


@pytest.mark.parametrize(
    "line", ["03/04/2022", "31 February 2022", "March 2022", "Monday", "10 Ships of 2022"]
)
def test_a_date_in_doubt_is_none(line):
    assert around(line).published is None


def test_a_chronicle_has_no_date_of_its_own():
    text = f"March 1, 2022\n\nThe first crack was found.\n\nMarch 9, 2022\n\nThe ferry stopped.\n\n{BODY}"
    cleaned = clean(text)
    assert cleaned.published is None
    assert cleaned.text == text


def test_a_date_in_a_sentence_is_not_the_day_of_publication():
    assert clean(f"The ferry sank on 24 March 2012.\n\n{BODY}").published is None


@pytest.mark.parametrize(
    ("line", "author"),
    [
        ("By Ana Silva", "Ana Silva"),
        ("By Ana Silva and Jon Dahl", "Ana Silva and Jon Dahl"),
        ("By ANA SILVA, Velm Gazette", "ANA SILVA"),
        ("By Ana Silva | 24 March 2022", "Ana Silva"),
        ("By Tuesday Morning", None),
        ("By Land And Sea", None),
        ("By the numbers", None),
    ],
)
def test_byline(line, author):
    assert around(line).author == author


def test_a_day_beside_the_byline():
    assert around("By Ana Silva | 24 March 2022").published == date(2022, 3, 24)


def test_a_biography_with_its_name_line_is_the_author():
    cleaned = around(after="Ana Silva ✉\nAna Silva is a writer and editor for Newshouse. She covers ports.")
    assert (cleaned.author, cleaned.text) == ("Ana Silva", BODY)


def test_a_biography_that_says_how_to_reach_the_author_goes():
    cleaned = around(after="Ana Silva is a reporter for the Velm Gazette. Email her at ana@velm.example.")
    assert cleaned.text == BODY


def test_a_sentence_about_a_reporter_stays():
    last = "Ana Silva is a reporter for the Velm Gazette and was on board."
    assert around(after=last).text.endswith(last)

"""Claims held against the sample articles, one test a line; and what of a message is a claim."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from index import claims
from index.claims import LONGEST, MOST
from index.errors import QuestionError
from index.retrieval import Retriever
from index.types import CheckedClaim
from tests.index.workshop import READER, ROOT, Desk, Workshop

LINES = [json.loads(line) for line in (ROOT / "tests/index/claims.jsonl").read_text("utf-8").splitlines()]


def check(desk: Desk, text: str) -> Sequence[CheckedClaim]:
    checked: Sequence[CheckedClaim] = desk(desk.desk.check, text)
    return checked


def case(line: dict[str, str]) -> object:
    """One line as a test. `hard` says why it fails today: when it passes, the line has to say so."""
    marks = [pytest.mark.xfail(reason=line["hard"], strict=True)] if "hard" in line else []
    return pytest.param(line, id=line["id"], marks=marks)


@pytest.mark.parametrize("line", [case(line) for line in LINES])
def test_verdicts(sample: Desk, line: dict[str, str]) -> None:
    (checked,) = check(sample, line["claim"])
    assert checked.claim == line["claim"]
    assert checked.verdict == line["verdict"], (checked.difference, [c.quote for c in checked.citations])
    assert line.get("told", "") in checked.difference
    assert bool(checked.difference) == (line["verdict"] == "differs")
    assert bool(checked.citations) == (line["verdict"] != "not_found")


@pytest.mark.parametrize("line", [line for line in LINES if "hard" in line], ids=lambda line: line["id"])
def test_what_is_too_hard_is_not_found_rather_than_wrong(sample: Desk, line: dict[str, str]) -> None:
    (checked,) = check(sample, line["claim"])
    assert checked.verdict == "not_found"


def test_quotes_are_verbatim_and_numbered_through_the_whole_check(sample: Desk) -> None:
    text = "NATO has 140 warships at sea. It keeps 130 aircraft. NATO has 120 warships at sea."
    text += " The four new battlegroups will be stationed in Bulgaria, Hungary, Romania and Slovakia."
    cited = [citation for checked in check(sample, text) for citation in checked.citations]
    assert [citation.number for citation in cited] == list(range(1, len(cited) + 1))
    assert len(cited) >= 3
    for citation in cited:
        words = sample.article(citation.article.id).text
        assert words[citation.start : citation.end] == citation.quote
        assert ":~:text=" in (citation.link or "")


def test_the_difference_says_both(sample: Desk) -> None:
    (checked,) = check(sample, "NATO has 120 warships at sea.")
    assert checked.difference == "120, the articles say 140"


def test_sources_of_different_outlets_come_first(workshop: Workshop) -> None:
    for name, outlet in (("a", "One"), ("b", "One"), ("c", "Two"), ("d", "Three")):
        body = (
            f"The mayor of Lindau opened a bridge in {name.upper()}street. The bridge cost 30 million euros."
        )
        workshop.write(f"{name}.md", body, title=f"Lindau opens its bridge {name}", source=outlet)
    workshop.refresh()
    workshop.close()
    desk = Desk(workshop.settings)
    try:
        (checked,) = check(desk, "The bridge cost 30 million euros.")
    finally:
        desk.close()
    assert checked.verdict == "supported"
    assert {citation.article.source for citation in checked.citations} == {"One", "Two", "Three"}


CONCERT = (
    "Green Day and Athlete joined the festival in Lindau. "
    "The players are young, the 36-year-old said. "
    "The biggest slice of the 246,570 fraud cases reported - almost 30% - concerned credit cards."
)


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ("Green Day and Athlete joined the festival in Lindau.", "supported"),
        ("Athlete Day and Green joined the festival in Lindau.", "not_found"),
        ("The players are young, the 36-year-old said.", "supported"),
        ("The players are young, the 43-year-old said.", "not_found"),
        ("The biggest slice of the 246,570 fraud cases reported - almost 33% - concerned credit cards.", ""),
    ],
)
def test_words_and_figures_that_belong_together_stay_together(
    workshop: Workshop, claim: str, verdict: str
) -> None:
    workshop.write("a.md", CONCERT, title="News from Lindau")
    workshop.refresh()
    with workshop.library.snapshot() as known:
        retriever = Retriever(known, workshop.near, workshop.embedder, READER)
        (checked,) = claims.check(claim, known, retriever, workshop.settings)
    assert checked.verdict == verdict or (not verdict and checked.verdict != "supported")


def test_greetings_questions_links_and_opinions_are_no_claims() -> None:
    text = (
        "Hi all! Have you seen https://example.org/news ?\n"
        "- I think NATO has 140 warships at sea. lol\n"
        "Wow. So great! <@123456> Who knows?\n"
        "how many ships are there"
    )
    assert claims.claims(text) == ("NATO has 140 warships at sea.",)


def test_a_denial_at_the_beginning_stays_a_denial() -> None:
    assert claims.claims("No country has suffered a larger attack.") == (
        "No country has suffered a larger attack.",
    )


@pytest.mark.parametrize(
    "text", ["", "   ", "hi!", "Who won?", "https://example.org/a-long-story", "🎉🎉", "* * *"]
)
def test_a_message_without_a_claim_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(QuestionError, match=r"claim|empty|words"):
        claims.claims(text)


def test_at_most_eight_claims_are_read() -> None:
    text = " ".join(f"Town number {number} has a bridge." for number in range(1, 20))
    assert len(claims.claims(text)) == MOST


def test_a_claim_too_long_is_shown_cut_and_not_found(sample: Desk) -> None:
    (checked,) = check(
        sample, "NATO has 140 warships at sea, " + "and the harbour is full of ships " * 12 + "today."
    )
    assert checked.verdict == "not_found"
    assert len(checked.claim) <= LONGEST + 1
    assert checked.claim.endswith("…")


def test_a_message_too_long_is_refused() -> None:
    with pytest.raises(QuestionError, match="characters"):
        claims.claims("NATO has 140 warships at sea. " * 200)


@pytest.mark.parametrize(
    ("claim", "verdict", "told"),
    [
        ("The alliance has 140 warships at sea.", "supported", ""),
        ("The alliance has 140 aircraft on high alert.", "differs", "130"),
        (
            "Four new battlegroups would be deployed in Slovakia, Hungary, Romania and Bulgaria.",
            "supported",
            "",
        ),
        ("Russia launched its invasion of Ukraine on February 26.", "differs", "February 24"),
        ("NATO will deploy by rotation five robust multinational battalions to Poland.", "not_found", ""),
        ("NATO will not send the troops into Ukraine.", "supported", ""),
        ("NATO will send the troops into Ukraine.", "differs", "will not send"),
        ("China has not provided Russia with political support.", "differs", "has provided"),
        ("Sweden will join NATO.", "not_found", ""),
    ],
)
def test_verdicts_on_saved_pages(seeds: Desk, claim: str, verdict: str, told: str) -> None:
    (checked,) = check(seeds, claim)
    assert (checked.verdict, told in checked.difference) == (verdict, True), checked.difference

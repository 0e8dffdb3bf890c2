"""The command line with a scripted desk: exit codes, streams, options, what goes wrong."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from corpus.article import Article, Unread
from index.errors import (
    CostRefused,
    IndexBusy,
    NothingToUndo,
    QuestionError,
    RefreshCancelled,
    RemovalsRefused,
    SettingsError,
)
from index.reports import (
    Check,
    Duplicate,
    Estimate,
    Generation,
    Progress,
    RefreshOptions,
    RefreshReport,
    Undone,
)
from index.types import AnswerSentence, Filters, Hit, Writing
from tests.bot.conftest import Run
from tests.bot.fakes import ANSWER, BBC, LRT, QUOTE, ScriptedDesk, passage, raises

STOPPED = (
    "Stopped. Nothing changed in the index. What was embedded is kept: the same command goes on from there.\n"
)
Contract = Callable[[str], Mapping[str, Any]]
ARTICLE = Article(
    "bbc-1", "Head\x1b[31mline", "One.\n\nTwo \x07end.", "BBC News", None, None, "A. Writer", "a.txt"
)


def answering(**kwargs: object) -> ScriptedDesk:
    return ScriptedDesk(answers={"Which countries?": ANSWER}, **kwargs)  # type: ignore[arg-type]  # any of its fields


def test_an_answer_goes_to_standard_output_and_nothing_else(run: Run) -> None:
    desk = answering()
    result = run(desk.open, "ask", "Which", "countries?")
    assert (result.exit_code, result.stderr) == (0, "")
    assert QUOTE in result.stdout
    assert desk.closed


def test_not_found_is_exit_code_1(run: Run) -> None:
    result = run(ScriptedDesk().open, "ask", "Bread?")
    assert (result.exit_code, result.stderr) == (1, "")
    assert "No article here answers that." in result.stdout


@pytest.mark.parametrize(("question", "code"), [("Which countries?", 0), ("Bread?", 1)])
def test_json_keeps_the_contract(run: Run, contract: Contract, question: str, code: int) -> None:
    result = run(answering().open, "ask", question, "--json")
    assert result.exit_code == code
    assert result.stdout.count("\n") == 1
    value = contract(result.stdout)
    assert "id" not in value
    assert value["question"] == question


def test_json_has_what_is_read_and_who_wrote_it_and_nothing_else(run: Run, contract: Contract) -> None:
    translated = replace(
        ANSWER,
        sentences=(AnswerSentence(QUOTE, (1,), "Vier neue Kampfgruppen."), AnswerSentence(QUOTE, (2,))),
        citations=tuple(replace(each, translation="Vier neue.") for each in ANSWER.citations),
        writer="openai:gpt-x",
        writing=Writing(2, 2, 900, 60, 0.01),
        language="de",
    )
    result = run(ScriptedDesk(answers={"?": translated}).open, "ask", "?", "--json")
    value = contract(result.stdout)
    assert [each["text"] for each in value["sentences"]] == ["Vier neue Kampfgruppen.", QUOTE]
    assert value["citations"][0]["quote"] == QUOTE
    assert value["writer"] == "openai:gpt-x"
    assert set(value) == set(contract(run(answering().open, "ask", "Which countries?", "--json").stdout))


def test_json_is_utf8_and_verbatim(run: Run, contract: Contract) -> None:
    desk = ScriptedDesk()
    result = run(desk.open, "ask", "--json", "Nausėda – “日本”?")
    assert "Nausėda – “日本”?".encode() in result.stdout_bytes
    contract(result.stdout)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (QuestionError("The question is empty."), 2),
        (RemovalsRefused(6, 4), 2),
        (IndexBusy("It is in use by 'footnote chat' (process 7)."), 3),
        (KeyError("x"), 3),
    ],
)
def test_an_error_is_one_sentence(run: Run, error: Exception, code: int) -> None:
    desk = ScriptedDesk(answers={"?": raises(error)})
    result = run(desk.open, "ask", "?", "--json")
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.stderr
    assert desk.closed


def test_an_unforeseen_error_says_how_to_see_it_and_debug_shows_it(run: Run) -> None:
    desk = ScriptedDesk(answers={"?": raises(KeyError("deep"))})
    assert "--debug" in run(desk.open, "ask", "?").stderr
    for args in (("--debug", "ask", "?"), ("ask", "?", "--debug")):
        result = run(desk.open, *args)
        assert result.exit_code == 3
        assert "Traceback" in result.stderr
        assert "raise error" in result.stderr


def test_interrupts(run: Run) -> None:
    result = run(ScriptedDesk(answers={"?": raises(KeyboardInterrupt())}).open, "ask", "?")
    assert (result.exit_code, result.stderr) == (130, "Stopped.\n")
    result = run(ScriptedDesk(report=raises(RefreshCancelled("inner"))).open, "refresh")
    assert (result.exit_code, result.stderr) == (130, STOPPED)


def test_a_setting_that_is_wrong(run: Run) -> None:
    def fails(settings: object, *, purpose: str) -> ScriptedDesk:
        raise SettingsError("The setting FOOTNOTE_X is unknown.")

    result = run(fails, "ask", "?")
    assert (result.exit_code, result.stderr) == (2, "The setting FOOTNOTE_X is unknown.\n")


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["ask"], "QUESTION"),
        (["ask", "?", "--careful", "1.5"], "1.5"),
        (["ask", "?", "--after", "someday"], "'someday' is not a date"),
        (["ask", "?", "--before", "03/04/2022"], "03/04/2022"),
        (["ask", "?", "--asked", "nope"], "'nope'"),
        (["ask", "?", "--after", "2022-02", "--before", "2022-01"], "exclude each other"),
        (["ask", "?", "--source", " "], "--source is empty"),
        (["ask", "--questions", "missing.jsonl", "--json"], "missing.jsonl"),
        (["search"], "QUERY"),
        (["search", "x", "--limit", "0"], "--limit"),
        (["article"], "ID"),
        (["article", "nowhere"], "nowhere"),
        (["--corpus", "", "status"], "--corpus"),
        (["completion", "tcsh"], "tcsh"),
        (["asks"], "asks"),
        (["ask", "?", "--jsn"], "--jsn"),
    ],
)
def test_wrong_use_is_named_and_is_exit_code_2(run: Run, args: list[str], told: str) -> None:
    result = run(ScriptedDesk().open, *args)
    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr


def test_options_reach_the_question(run: Run) -> None:
    desk = answering()
    args = ["--source", "BBC News", "--after", "March 2022", "--before", "April 2022", "--careful", "0.7"]
    run(desk.open, "ask", "Which countries?", *args, "--asked", "24 March 2022")
    (question,) = desk.asked
    assert question.filters == Filters("BBC News", date(2022, 3, 1), date(2022, 4, 30))
    assert (question.careful, question.asked) == (0.7, date(2022, 3, 24))


@pytest.mark.parametrize(
    ("args", "corpus", "data"),
    [
        (["--corpus", "a", "--data", "b", "status"], "a", "b"),
        (["status", "--corpus", "a", "--data", "b"], "a", "b"),
        (["--corpus", "a", "--data", "b", "status", "--corpus", "c"], "c", "b"),
    ],
)
def test_folders_before_and_after_the_command(run: Run, args: list[str], corpus: str, data: str) -> None:
    desk = ScriptedDesk()
    assert run(desk.open, *args).exit_code == 0
    assert desk.opened_with
    assert (desk.opened_with.corpus, desk.opened_with.data) == (Path(corpus), Path(data))


def test_the_first_use_builds_and_tells(run: Run) -> None:
    report = RefreshReport(
        added=("a", "b"),
        failed=(Unread("bad\x1b.txt", "It is not UTF-8."),),
        duplicates=(Duplicate("copy.txt", "a"),),
        seconds=3.14,
    )
    progress = [Progress("reading", 0, 0), Progress("reading", 1, 3), Progress("reading", 3, 3)]
    desk = answering(prepared=report, progress=[*progress, Progress("embedding", 1, 9)])
    result = run(desk.open, "ask", "Which countries?", "--json")
    assert json.loads(result.stdout)["outcome"] == "answered"
    assert result.stderr == (
        "Reading the articles: 3 …\n"
        "Embedding the passages: 9 …\n"
        "Indexed 2 articles in 3.1 s.\n"
        "1 file could not be read:\n"
        "  - bad.txt: It is not UTF-8.\n"
        "1 duplicate left out:\n"
        "  - copy.txt: same as a\n"
    )


def test_search(run: Run) -> None:
    desk = ScriptedDesk(hits=[Hit(passage(QUOTE), BBC, 0.9, 0.8, 2), Hit(passage("Other."), LRT, 0.5, 0.0)])
    result = run(desk.open, "search", "battle", "groups", "--limit", "1", "--json")
    assert result.exit_code == 0
    (hit,) = json.loads(result.stdout)
    assert (hit["article"]["id"], hit["text"], hit["more"]) == ("bbc-1", QUOTE, 2)
    assert QUOTE in run(desk.open, "search", "battlegroups").stdout


def test_search_without_hits_is_exit_code_1(run: Run) -> None:
    result = run(ScriptedDesk().open, "search", "x", "--json")
    assert (result.exit_code, result.stdout, result.stderr) == (1, "[]\n", "No passage was found.\n")


def test_filters_that_leave_nothing_are_explained(run: Run) -> None:
    result = run(ScriptedDesk().open, "ask", "Bread?", "--source", "Nobody")
    assert result.exit_code == 1
    assert result.stderr == "No article is from “Nobody”. The outlets are: BBC News.\n"


def test_articles(run: Run) -> None:
    result = run(ScriptedDesk().open, "articles")
    assert result.stdout.splitlines()[0] == "24 Mar 2022  BBC News  bbc-1  Nato to double its battlegroups"
    listed = json.loads(run(ScriptedDesk().open, "articles", "--json").stdout)
    assert [each["id"] for each in listed] == ["bbc-1", "lrt-1"]
    assert set(listed[0]) == {"id", "title", "source", "url", "published"}


def test_article(run: Run) -> None:
    desk = ScriptedDesk(texts={"bbc-1": ARTICLE})
    value = json.loads(run(desk.open, "article", "bbc-1", "--json").stdout)
    assert value["text"] == ARTICLE.text
    assert {"id", "title", "text", "source", "url", "published", "author"} <= set(value)
    result = run(desk.open, "article", "bbc-1")
    assert result.stdout == "Head[31mline\nBBC News · by A. Writer · bbc-1\n\nOne.\n\nTwo end.\n"


def test_refresh(run: Run) -> None:
    report = RefreshReport(("a",), ("b",), ("c",), 7, (), (), 12, 0.5)
    result = run(ScriptedDesk(report=report).open, "refresh")
    assert (
        result.stdout
        == "Articles: 1 added, 1 changed, 1 removed, 7 unchanged, in 0.5 s.\n  + a\n  ~ b\n  - c\n"
    )
    value = json.loads(run(ScriptedDesk(report=report).open, "refresh", "--json").stdout)
    assert (value["added"], value["unchanged"], value["embedded"]) == (["a"], 7, 12)
    assert run(ScriptedDesk().open, "refresh").stdout.startswith("Nothing to do")
    rebuilt = ScriptedDesk(report=RefreshReport(unchanged=4, seconds=3, anew=True))
    assert run(rebuilt.open, "refresh", "--rebuild").stdout == "Built anew: 4 articles, in 3.0 s.\n"
    would = ScriptedDesk(report=RefreshReport(("a",), unchanged=4, dry_run=True, anew=True))
    said = run(would.open, "refresh", "--dry-run").stdout
    assert said == "A refresh would build the index anew: 5 articles.\n  + a\n"
    dry = ScriptedDesk(report=RefreshReport(added=("a",), dry_run=True))
    assert run(dry.open, "refresh", "--dry-run").stdout == "A refresh would do this: 1 added.\n  + a\n"


def test_a_dry_run_tells_what_an_embedding_model_would_cost(run: Run) -> None:
    def told(estimate: Estimate) -> ScriptedDesk:
        return ScriptedDesk(report=RefreshReport(added=("a",), dry_run=True, estimate=estimate))

    def line(estimate: Estimate) -> str:
        shown = run(told(estimate).open, "refresh", "--dry-run").stdout
        return " ".join(shown.partition("+ a")[2].split())

    assert line(Estimate(1_234, 210_000, 4.2)) == (
        "The embedding model would read 1,234 passages, about 210,000 tokens, for about 4.2."
    )
    assert line(Estimate(1, 90, None)) == "The embedding model would read 1 passage, about 90 tokens."
    assert line(Estimate(0, 0, 0.0)) == "The embedding model has nothing to read."
    value = json.loads(run(told(Estimate(7, 900, 0.5)).open, "refresh", "--dry-run", "--json").stdout)
    assert value["estimate"] == {"passages": 7, "tokens": 900, "cost": 0.5}


def test_a_refresh_goes_on_whatever_it_costs_where_that_is_said(run: Run) -> None:
    class Paid(ScriptedDesk):
        async def refresh(self, options: RefreshOptions) -> RefreshReport:
            if options.budget is None:
                raise CostRefused(10, 1_000, 4.2, 1.0)
            assert options.budget == math.inf
            return RefreshReport(added=("a",), seconds=1)

    refused = run(Paid().open, "refresh")
    assert refused.exit_code == 2
    assert "footnote refresh --allow-cost" in refused.stderr
    assert run(Paid().open, "refresh", "--allow-cost").exit_code == 0


def test_status(run: Run) -> None:
    text = run(ScriptedDesk().open, "status").stdout
    assert "2 articles from 1 outlet" in text
    assert "bad.txt: It is not UTF-8." in text
    assert "Settings" not in text
    assert json.loads(run(ScriptedDesk().open, "status", "--json").stdout)["articles"] == 2
    desk = ScriptedDesk(due="passage_tokens was 160, is 99")
    assert "Settings   passage_tokens was 160, is 99: the next refresh" in run(desk.open, "status").stdout


def test_an_undo(run: Run) -> None:
    undone = Undone(("a", "b\x1b[31m"), ("c",), 7)
    result = run(ScriptedDesk(undone=undone).open, "undo")
    assert result.exit_code == 0
    assert result.stdout.startswith("Undone: 2 articles back, 1 article taken out.\n  + a\n  + b")
    assert "\x1b" not in result.stdout
    assert "the next refresh makes the change again" in result.stdout
    value = json.loads(run(ScriptedDesk(undone=undone).open, "undo", "--json").stdout)
    assert value == {"restored": ["a", "b\x1b[31m"], "taken_out": ["c"], "generation": 7}
    result = run(ScriptedDesk(undone=raises(NothingToUndo("There is none."))).open, "undo")
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", "There is none.\n")


def test_the_changes_that_can_be_undone(run: Run) -> None:
    made = datetime(2026, 3, 24, 12, 30, tzinfo=UTC)
    kept = (Generation(12, made, 1200, 1, 0), Generation(9, None, 0, 0, 2))
    desk = ScriptedDesk(kept=kept, undone=raises(AssertionError()))
    first, second = run(desk.open, "undo", "--list").stdout.splitlines()
    assert first.startswith("generation 12 ")
    assert first.endswith(" · 1,200 added, 1 changed")
    assert "24 Mar 2026" in first
    assert second == "generation 9  at a time that was not noted · 2 removed"
    value = json.loads(run(desk.open, "undo", "--list", "--json").stdout)
    assert [each["generation"] for each in value] == [12, 9]
    assert (value[0]["made"], value[1]["made"]) == ("2026-03-24T12:30:00+00:00", None)
    result = run(ScriptedDesk().open, "undo", "--list")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "There is nothing to undo.\n"
    assert run(ScriptedDesk().open, "undo", "--list", "--json").stdout == "[]\n"


def test_doctor(run: Run) -> None:
    good = Check("settings", True, "fine")
    bad = Check("vectors", False, "3 cannot be read", "Run: footnote refresh --rebuild")
    assert run(ScriptedDesk(checks=[good]).open, "doctor").exit_code == 0
    result = run(ScriptedDesk(checks=[good, bad]).open, "doctor")
    assert result.exit_code == 3
    assert "✗ vectors   3 cannot be read\n            Run: footnote refresh --rebuild\n" in result.stdout
    result = run(ScriptedDesk(checks=[good, bad]).open, "doctor", "--json")
    assert result.exit_code == 3
    assert [each["ok"] for each in json.loads(result.stdout)] == [True, False]
    assert run(ScriptedDesk(checks=[good, bad]).open, "doctor", "--repair").exit_code == 0


@pytest.mark.parametrize(
    ("shell", "has"), [("bash", "complete -o"), ("zsh", "#compdef footnote"), ("fish", "complete ")]
)
def test_completion(run: Run, shell: str, has: str) -> None:
    result = run(ScriptedDesk().open, "completion", shell)
    assert result.exit_code == 0
    assert has in result.stdout
    assert result.stdout.splitlines()[-1].startswith("# To install it: footnote completion")


def test_help_everywhere(run: Run) -> None:
    everything = run(ScriptedDesk().open)
    assert everything.exit_code == 0
    assert everything.stdout == run(ScriptedDesk().open, "-h").stdout
    assert "..." not in everything.stdout.partition("Commands:")[2]
    for command in (
        "chat",
        "ask",
        "search",
        "articles",
        "article",
        "refresh",
        "undo",
        "status",
        "doctor",
        "completion",
    ):
        assert f"  {command} " in everything.stdout
        result = run(ScriptedDesk().open, command, "--help")
        assert result.exit_code == 0
        assert result.stdout.startswith(f"Usage: footnote {command}")

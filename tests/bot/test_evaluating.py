"""`footnote eval`: the table, the JSON, what changed, the canary, and what goes wrong in the files."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.cli import footnote
from bot.group import Surroundings
from bot.settings import BotSettings
from index import open_desk
from index.llm import Piece, Request
from index.settings import Settings, read_settings
from index.types import Hit, Writing
from tests.bot.conftest import Run
from tests.bot.fakes import ANSWER, BBC, NOT_FOUND, QUOTE, ScriptedDesk, passage
from tests.served import placed

SAMPLE = Path(__file__).parent.parent.parent / "docs" / "questions.jsonl"
LINE = {"id": "a", "question": "Which countries?", "answers": ["Romania"], "articles": ["bbc-1"]}
BREAD = {"id": "b", "question": "Bread?", "answerable": False}


def written(file: Path, *questions: Mapping[str, object]) -> str:
    file.write_text("".join(json.dumps(each) + "\n" for each in questions), "utf-8")
    return str(file)


def scripted() -> ScriptedDesk:
    return ScriptedDesk(answers={"Which countries?": ANSWER}, hits=[Hit(passage(QUOTE), BBC, 0.9, 0.8)])


def test_the_sample_questions_over_the_sample_articles(ask_sample: Run, tmp_path: Path) -> None:
    out = tmp_path / "eval.json"
    result = ask_sample("eval", "--questions", str(SAMPLE), "--out", str(out))
    assert result.exit_code == 0, result.output
    assert result.stderr == f"Written: {out}\n"
    value = json.loads(out.read_text("utf-8"))
    assert (value["file"], value["articles"], value["careful"]) == ("questions.jsonl", 11, Settings().careful)
    questions = [json.loads(line) for line in SAMPLE.read_text("utf-8").splitlines()]
    assert [each["id"] for each in value["results"]] == [each["id"] for each in questions]
    found = {key: each["value"] for key, each in value["measures"].items()}
    assert found["hit@10"] == found["verbatim"] == 1
    assert found["right"] >= 0.8
    assert found["auc"] >= 0.9
    for key in found:
        assert f"  {key:12}" in result.stdout
    assert "95% interval" in result.stdout
    assert f"{len(questions)} questions." in result.stdout


def test_json_is_what_is_written(run: Run, tmp_path: Path) -> None:
    file, out = written(tmp_path / "q.jsonl", LINE, BREAD), tmp_path / "o.json"
    args = ["eval", "--questions", file, "--out", str(out), "--json", "--careful", "0.05", "--limit", "1"]
    result = run(scripted().open, *args)
    value = json.loads(result.stdout)
    assert value == json.loads(out.read_text("utf-8"))
    assert value["careful"] == 0.05
    (only,) = value["results"]
    assert (only["id"], only["said"], only["found"], only["cited"]) == (
        "a",
        QUOTE,
        ["bbc-1"],
        ["bbc-1", "lrt-1"],
    )
    assert value["measures"]["hit@1"] == {"value": 1, "low": 1, "high": 1, "questions": 1}


def test_without_out_the_json_lies_beside_the_index(run: Run, tmp_path: Path) -> None:
    file = written(tmp_path / "q.jsonl", LINE)
    (tmp_path / "index").mkdir()
    result = run(scripted().open, "eval", "--questions", file, "--data", str(tmp_path / "index"))
    assert result.exit_code == 0
    assert (tmp_path / "index" / "eval.json").is_file()


def test_gold_articles_that_the_index_lacks_are_named(run: Run, tmp_path: Path) -> None:
    file, out = written(tmp_path / "q.jsonl", LINE), str(tmp_path / "o.json")
    result = run(scripted().open, "eval", "--questions", file, "--out", out)
    assert result.stderr.startswith("The index does not have 1 gold article: bbc-1\n")


def test_what_changed_is_told_by_measure_and_by_question(run: Run, tmp_path: Path) -> None:
    file, old = written(tmp_path / "q.jsonl", LINE, BREAD), str(tmp_path / "old.json")
    assert run(scripted().open, "eval", "--questions", file, "--out", old).exit_code == 0
    new = str(tmp_path / "new.json")
    args = ["eval", "--questions", file, "--out", new, "--careful", "0.95", "--compare", old]
    result = run(scripted().open, *args)
    assert result.exit_code == 0
    shown = result.stdout.partition("Changed, ")[2]
    assert "right         1.000 →   0.500" in shown
    assert "right: lost 1\n  a  Which countries?\n" in shown
    told = {each["measure"]: each for each in json.loads(Path(new).read_text("utf-8"))["changes"]}
    assert (told["right"]["before"], told["right"]["after"], told["right"]["lost"]) == (1, 0.5, ["a"])
    assert (told["hit@1"]["gained"], told["hit@1"]["lost"]) == ([], [])


def with_model(desk: ScriptedDesk, *args: str, **settings: str) -> Result:
    """Run `footnote eval` where a language model is set, which the scripted desk has in it."""
    values = {"FOOTNOTE_LLM": "openai-like:scripted", "FOOTNOTE_LLM_URL": "http://127.0.0.1:9", **settings}
    surroundings = Surroundings(lambda: read_settings(values), desk.open)
    return CliRunner().invoke(footnote, ["eval", *args], obj=surroundings)


def writing() -> ScriptedDesk:
    """A desk whose model wrote one answer, broke off at another, and denied a third."""
    written_ = replace(ANSWER, writer="openai-like:scripted", writing=Writing(3, 2, 1200, 80, 0.0052))
    broken = replace(ANSWER, writing=Writing(1, 0, 1000, 9, 0.0031, "away"))
    denied = replace(NOT_FOUND, writing=Writing(0, 0, 800, 7, 0.002, denied=True))
    return ScriptedDesk(
        answers={"Which countries?": written_, "Broken?": broken, "Denied?": denied},
        hits=[Hit(passage(QUOTE), BBC, 0.9, 0.8)],
    )


WRITTEN = (
    LINE,
    {**LINE, "id": "c", "question": "Broken?"},
    {"id": "d", "question": "Denied?", "answerable": False},
    BREAD,
)


def test_what_a_language_model_writes_is_measured_with_its_citations_and_its_cost(tmp_path: Path) -> None:
    """The citations are judged by the real checker: the other outlet's list does not support the sentence."""
    file, out, desk = written(tmp_path / "q.jsonl", *WRITTEN), tmp_path / "o.json", writing()
    result = with_model(desk, "--llm", "--questions", file, "--out", str(out), "--careful", "0.3")
    assert result.exit_code == 0, result.output
    assert {(each.careful, each.plain) for each in desk.asked} == {(0.3, False)}
    value = json.loads(out.read_text("utf-8"))
    assert (value["writer"], value["careful"]) == ("openai-like:scripted", 0.3)
    assert value["taken"] == {
        "questions": 3,
        "tokens_in": 3000,
        "tokens_out": 96,
        "cost": pytest.approx(0.0103),
    }
    found = {key: (each["value"], each["questions"]) for key, each in value["measures"].items()}
    rows = ("cite recall", "cite prec.", "held", "written", "denied", "away")
    assert {key: found[key] for key in rows} == {
        "cite recall": (1, 2),
        "cite prec.": (0.5, 2),
        "held": (0.6667, 2),
        "written": (0.3333, 3),
        "denied": (0.3333, 3),
        "away": (0.3333, 3),
    }
    assert (found["right"], found["tokens in"], found["cost"]) == ((1, 4), (1000, 3), (0.00343333, 3))
    assert [each.get("writing", {}).get("silence") for each in value["results"]] == ["", "away", "", None]
    for key in found:
        assert f"  {key:12}" in result.stdout
    assert "tokens in      1000  " in result.stdout
    assert "cost        0.00343  " in result.stdout
    told = "3 questions were put to openai-like:scripted: 3,000 tokens in, 96 out, for 0.0103."
    assert told in " ".join(result.stdout.split())


class Copyist:
    """Writes the first quote, with the second one's key as well, and then a number that no quote has."""

    name = "openai-like:copyist"

    async def reply(self, request: Request) -> AsyncGenerator[Piece, None]:
        evidence = [json.loads(line) for line in request.user.splitlines()[2:-1]]
        keys = [each["key"] for each in evidence[:2]]
        told = [
            {"text": evidence[0]["quote"], "keys": keys},
            {"text": "There are 98,765 battlegroups.", "keys": keys[:1]},
        ]
        yield Piece(json.dumps({"answers": True, "sentences": told}))
        yield Piece(tokens_in=1000, tokens_out=50)

    async def close(self) -> None:
        pass


def test_a_model_on_the_real_desk_is_measured_for_what_is_shown_of_it(
    sample_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.llms.open_model", lambda settings: Copyist())
    data = tmp_path / "data"
    shutil.copytree(sample_data, data)  # the budget is kept there
    settings = placed(Settings(data=data, llm=Copyist.name, llm_price_in=1.0, llm_price_out=10.0))
    args = ["eval", "--llm", "--questions", str(SAMPLE), "--json"]
    result = CliRunner().invoke(footnote, args, obj=Surroundings(lambda: settings, open_desk))
    assert result.exit_code == 0, result.output
    value = json.loads(result.stdout)
    found = {key: each["value"] for key, each in value["measures"].items()}
    asked = [each["writing"] for each in value["results"] if "writing" in each]
    assert 0 < len(asked) < len(value["results"])  # not for what the evidence surely does not answer
    assert (found["cite recall"], found["verbatim"], found["held"], found["written"]) == (1, 1, 0.5, 1)
    assert 0 < found["cite prec."] < 1
    assert (found["tokens in"], found["cost"]) == (1000, pytest.approx(0.0015))
    assert value["taken"] == {
        "questions": len(asked),
        "tokens_in": 1000 * len(asked),
        "tokens_out": 50 * len(asked),
        "cost": pytest.approx(0.0015 * len(asked)),
    }


def test_without_the_option_no_model_is_asked_though_one_is_set(tmp_path: Path) -> None:
    file, out, desk = written(tmp_path / "q.jsonl", *WRITTEN), tmp_path / "o.json", scripted()
    assert with_model(desk, "--questions", file, "--out", str(out)).exit_code == 0
    assert {(each.careful, each.plain) for each in desk.asked} == {(0.0, True)}
    value = json.loads(out.read_text("utf-8"))
    assert value["writer"] == "extractive"
    assert "taken" not in value
    assert not {"cite recall", "held", "written"} & value["measures"].keys()


def test_written_answers_are_compared_with_each_other_and_with_the_articles_own_words(tmp_path: Path) -> None:
    """Plain answers were asked for at 0, written ones at the setting: what people get is what is compared."""
    file, plain = written(tmp_path / "q.jsonl", *WRITTEN), str(tmp_path / "plain.json")
    both = replace(ANSWER, confidence=0.5)
    unsure = ScriptedDesk(answers={"Which countries?": both, "Broken?": both}, hits=writing().hits)
    assert with_model(unsure, "--questions", file, "--careful", "0.6", "--out", plain).exit_code == 0
    new = str(tmp_path / "new.json")
    result = with_model(writing(), "--llm", "--questions", file, "--out", new, "--compare", plain)
    changed = {each["measure"]: each for each in json.loads(Path(new).read_text("utf-8"))["changes"]}
    assert (changed["answer all"]["before"], changed["answer all"]["after"]) == (0, 1)
    assert not {"written", "cite recall"} & changed.keys()  # which only one of both has
    assert "right: gained 2" in result.stdout

    again, late = str(tmp_path / "again.json"), replace(ANSWER, writing=Writing(silence="late"))
    away = ScriptedDesk(answers=dict.fromkeys(("Which countries?", "Broken?"), late))
    result = with_model(away, "--llm", "--questions", file, "--out", again, "--compare", new)
    changed = {each["measure"]: each for each in json.loads(Path(again).read_text("utf-8"))["changes"]}
    assert (changed["written"]["lost"], changed["late"]["after"]) == (["a"], 1)
    assert "written: lost 1" in result.stdout


@pytest.mark.parametrize("broken", [{"silence": "?"}, {"tokens_in": "many"}, {"cost": {}}, {"held": None}])
def test_an_evaluation_whose_writing_is_none_is_not_compared_with(
    tmp_path: Path, broken: dict[str, object]
) -> None:
    file, old = written(tmp_path / "q.jsonl", LINE), tmp_path / "old.json"
    assert with_model(writing(), "--llm", "--questions", file, "--out", str(old)).exit_code == 0
    value = json.loads(old.read_text("utf-8"))
    value["results"][0]["writing"] |= broken
    old.write_text(json.dumps(value), "utf-8")
    result = with_model(writing(), "--questions", file, "--compare", str(old))
    assert result.exit_code == 2
    assert "is not what this version's footnote eval writes" in result.stderr


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"[1]", "not a JSON object"),
        (b'{"id": "x"}', "`question`"),
        (b'{"id": "x", "question": "?", "answers": "four"}', "`answers` is not a list of texts"),
        (b'{"id": "x", "question": "?", "also": [1]}', "`also` is not a list of texts"),
        (b'{"id": "x", "question": "?", "answerable": "no"}', "`answerable` is not true or false"),
        (b'{"id": "a", "question": "?"}', "an earlier line has the `id` a"),
    ],
)
def test_a_broken_line_is_named_before_anything_is_asked(
    run: Run, tmp_path: Path, line: bytes, told: str
) -> None:
    file = tmp_path / "q.jsonl"
    file.write_bytes(json.dumps(LINE).encode() + b"\n" + line)
    desk = scripted()
    result = run(desk.open, "eval", "--questions", str(file))
    assert (result.exit_code, result.stdout, desk.opened_with) == (2, "", None)
    assert "Line 2 of" in result.stderr
    assert told in result.stderr


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ([], "--questions"),
        (["--questions", "missing.jsonl"], "missing.jsonl"),
        (["--questions", "empty.jsonl"], "holds no question"),
        (
            ["--questions", "q.jsonl", "--compare", "q.jsonl"],
            "is not what this version's footnote eval writes",
        ),
        (["--questions", "q.jsonl", "--out", "nowhere/o.json"], "cannot be written"),
        (["--limit", "0"], "--limit"),
        (["--canary", "--questions", "q.jsonl"], "--canary goes alone"),
        (["--canary"], "FOOTNOTE_CANARY is not set"),
        (["--canary", "--llm"], "--canary goes alone"),
        (["--llm", "--questions", "q.jsonl"], "--llm needs a language model: set FOOTNOTE_LLM"),
    ],
)
def test_wrong_use(run: Run, tmp_path: Path, args: list[str], told: str) -> None:
    written(tmp_path / "q.jsonl", LINE)
    written(tmp_path / "empty.jsonl")
    result = run(scripted().open, "eval", *args)
    assert result.exit_code == 2
    assert told in " ".join(result.stderr.split())


def canary(desk: ScriptedDesk, questions: Path, *args: str) -> Result:
    surroundings = Surroundings(Settings, desk.open, lambda: BotSettings(canary=questions))
    return CliRunner().invoke(footnote, ["eval", "--canary", *args], obj=surroundings)


def six(tmp_path: Path) -> Path:
    file = tmp_path / "canary.jsonl"
    written(file, *({**LINE, "id": f"a{number}"} for number in range(5)), BREAD)
    Path(".footnote/news").mkdir(parents=True)  # where the scripted desk says that its index is
    return file


def test_the_canary_falls_silent_once_and_is_told(tmp_path: Path) -> None:
    file = six(tmp_path)
    good, bad = scripted(), ScriptedDesk()
    result = canary(good, file)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "Right answers: 5 of 5\nRight outcomes: 6 of 6\n"
    result = canary(bad, file)
    assert (result.exit_code, result.stdout) == (1, "Right answers: 0 of 5\nRight outcomes: 1 of 6\n")
    assert result.stderr.splitlines() == [
        "The canary fell: right answers were 5 of 5 the last time and are 0 now. Lost: a0, a1, a2, a3, a4.",
        "The canary fell: right outcomes were 6 of 6 the last time and are 1 now. Lost: a0, a1, a2, a3, a4.",
    ]
    assert canary(bad, file).exit_code == 0  # compared with the last time, it is as it was
    value: Any = json.loads(canary(good, file, "--json").stdout)
    assert (value["results"][0]["id"], value["falls"]) == ("a0", [])


def test_a_broken_file_of_the_canary_is_named(tmp_path: Path) -> None:
    file = six(tmp_path)
    file.write_text("{", "utf-8")
    result = canary(scripted(), file)
    assert result.exit_code == 2
    assert "FOOTNOTE_CANARY: Line 1 of canary.jsonl is not a question" in result.stderr
    assert "cannot be read" in canary(scripted(), tmp_path / "missing.jsonl").stderr


def test_a_last_result_that_cannot_be_read_is_as_none(tmp_path: Path) -> None:
    file = six(tmp_path)
    Path(".footnote/news/canary.json").write_text('{"results": [{"x": 1}]}', "utf-8")
    assert canary(ScriptedDesk(), file).exit_code == 0

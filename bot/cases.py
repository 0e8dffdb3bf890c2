"""A file of questions with what is known of their answers, and evaluations as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

import click

from bot.batch import read_lines, read_question
from index.citing import SILENCES
from index.measures import Case, Figure, Outcome
from index.types import Writing

LISTS = ("answers", "articles", "also", "false_articles", "wrong_answers")
EXTRACTIVE = "extractive"
"""Who writes where no language model does."""
FORMAT = 1
"""Of the JSON; another one is not compared with."""


def read_cases(stream: BinaryIO, name: str, today: date) -> tuple[Case, ...]:
    """All questions of a file, in order. Raises UsageError naming the first line that is wrong."""
    cases = read_lines(stream, name, _reader(today))
    if not cases:
        raise click.UsageError(f"{name} holds no question.")
    return cases


def _reader(today: date) -> Callable[[Mapping[str, Any]], Case]:
    seen: set[str] = set()

    def read(value: Mapping[str, Any]) -> Case:
        key, text, asked = read_question(value, today)
        if key in seen:
            raise ValueError(f"an earlier line has the `id` {key}")
        seen.add(key)
        answerable = value.get("answerable", True)
        if not isinstance(answerable, bool):
            raise ValueError("its `answerable` is not true or false")
        return Case(key, text, asked, answerable=answerable, **{name: _texts(value, name) for name in LISTS})

    return read


def _texts(value: Mapping[str, Any], name: str) -> tuple[str, ...]:
    texts = value.get(name)
    if texts is None:
        return ()
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise ValueError(f"its `{name}` is not a list of texts")
    return tuple(texts)


def outcome(value: Outcome) -> dict[str, Any]:
    """An outcome as JSON; `writing` only where a language model was to write."""
    writing = {} if value.writing is None else {"writing": asdict(value.writing)}
    return {
        "id": value.id,
        "question": value.question,
        "answerable": value.answerable,
        "confidence": value.confidence,
        "said": value.said,
        "found": list(value.found),
        "cited": list(value.cited),
        "seconds": round(value.seconds, 4),
        "marks": {key: round(mark, 6) for key, mark in value.marks.items()},
        **writing,
    }


def rounded(key: str, value: float) -> float:
    """A figure as JSON has it: four places, and more of money, of which an answer may cost very little."""
    return round(value, 8 if key == "cost" else 4)


def figure(key: str, value: Figure) -> dict[str, Any]:
    """A figure with its interval as JSON."""
    return {
        "value": rounded(key, value.value),
        "low": rounded(key, value.low),
        "high": rounded(key, value.high),
        "questions": value.questions,
    }


def evaluation(
    figures: Mapping[str, Figure], outcomes: Sequence[Outcome], about: Mapping[str, Any]
) -> dict[str, Any]:
    """A whole evaluation as JSON; `about` says of what."""
    return {
        "format": FORMAT,
        **about,
        "measures": {key: figure(key, value) for key, value in figures.items()},
        "results": [outcome(each) for each in outcomes],
    }


@dataclass(frozen=True, slots=True)
class Earlier:
    """An evaluation that `footnote eval` wrote."""

    outcomes: tuple[Outcome, ...]
    llm: bool
    """Whether a language model wrote the answers."""


def read_evaluation(file: Path) -> Earlier:
    """An evaluation that `footnote eval` wrote. Raises UsageError."""
    try:
        value = json.loads(file.read_text("utf-8"))
        if value["format"] != FORMAT:
            raise ValueError
        outcomes = tuple(_outcome(each) for each in value["results"])
        # Those of before there was a choice do not say who wrote.
        return Earlier(outcomes, value.get("writer", EXTRACTIVE) != EXTRACTIVE)
    except OSError as error:
        raise click.UsageError(f"{file} cannot be read: {error.strerror}.") from None
    except (ValueError, TypeError, KeyError, RecursionError):
        raise click.UsageError(f"{file} is not what this version's footnote eval writes.") from None


def _outcome(value: Mapping[str, Any]) -> Outcome:
    confidence = value["confidence"]
    return Outcome(
        str(value["id"]),
        str(value["question"]),
        bool(value["answerable"]),
        None if confidence is None else float(confidence),
        str(value["said"]),
        tuple(map(str, value["found"])),
        tuple(map(str, value["cited"])),
        float(value["seconds"]),
        {str(key): float(mark) for key, mark in value["marks"].items()},
        _writing(value["writing"]) if "writing" in value else None,
    )


def _writing(value: Mapping[str, Any]) -> Writing:
    if value["silence"] not in ("", *SILENCES):
        raise ValueError
    return Writing(
        int(value["written"]),
        int(value["held"]),
        int(value["tokens_in"]),
        int(value["tokens_out"]),
        None if value["cost"] is None else float(value["cost"]),
        value["silence"],
        bool(value["denied"]),
    )

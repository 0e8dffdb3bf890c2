"""A file of questions: read and checked as a whole, then answered one line each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, BinaryIO, TypeVar

import click

from bot import jsonout
from bot.dates import day_range
from bot.group import say
from index.desk import Desk
from index.errors import QuestionError
from index.types import Answer, Filters, Question

Line = TypeVar("Line")


@dataclass(frozen=True, slots=True)
class Asked:
    """One line of a questions file."""

    id: str
    text: str
    asked: date | None


def read_questions(stream: BinaryIO, name: str, today: date) -> tuple[Asked, ...]:
    """All questions of a file, in order. Raises UsageError naming the first line that is wrong."""
    return read_lines(stream, name, lambda value: _asked(value, today))


def read_lines(stream: BinaryIO, name: str, read: Callable[[Mapping[str, Any]], Line]) -> tuple[Line, ...]:
    """Every object of a JSONL file as `read` makes it, whose ValueError says what is wrong with one.

    Raises UsageError naming the first line that is wrong.
    """
    return tuple(_lines(stream, name, read))


async def answer_all(
    desk: Desk, questions: Sequence[Asked], filters: Filters, asked: date | None, careful: float | None
) -> None:
    """Print one answer a line, in order. A question that cannot be asked is not_found."""
    for each in questions:
        question = Question(each.text, filters, each.asked or asked, careful)
        try:
            answer = await desk.ask(question)
        except QuestionError as error:
            say(f"Question {each.id}: {error}")
            answer = Answer(each.text, "not_found")
        click.echo(jsonout.line(jsonout.answer(answer, each.id)))


def read_question(value: Mapping[str, Any], today: date) -> tuple[str, str, date | None]:
    """The id, the question, and the day on which it is asked. Raises ValueError."""
    key, text, asked = value.get("id"), value.get("question"), value.get("asked")
    if isinstance(key, int) and not isinstance(key, bool):
        key = str(key)
    if not isinstance(key, str) or not key:
        raise ValueError("it has no `id` that is a text")
    if not isinstance(text, str):
        raise ValueError("it has no `question` that is a text")
    if asked is not None and not isinstance(asked, str):
        raise ValueError("its `asked` is not a date")
    return key, text, day_range(asked, today)[1] if asked and asked.strip() else None


def _asked(value: Mapping[str, Any], today: date) -> Asked:
    return Asked(*read_question(value, today))


def _lines(stream: BinaryIO, name: str, read: Callable[[Mapping[str, Any]], Line]) -> Iterator[Line]:
    for number, raw in enumerate(stream, 1):
        try:
            text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
            if text.strip():
                yield read(_object(json.loads(text)))
        except (ValueError, RecursionError) as error:
            raise click.UsageError(f"Line {number} of {name} is not a question: {_reason(error)}.") from None


def _object(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("it is not a JSON object")
    return value


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"it is not JSON ({error.msg} at column {error.colno})"
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8"
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)

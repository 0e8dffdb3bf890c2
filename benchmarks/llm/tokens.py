"""How many tokens a question costs a language model: what it is sent, and about what it writes.

    .venv/bin/python benchmarks/llm/tokens.py

The questions of docs/questions.jsonl on the sample articles, and every tenth one of the encyclopedia
development set where it is there. Nothing is sent anywhere: the request that would go out is counted with the
tokenizer of GPT-4 (cl100k_base), and its reply as if the model wrote the articles' own sentences in the form
that it is asked for.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from benchmarks.common import ROOT, begin, say, write
from index.answering import POOL, checked, drafted
from index.parts import Parts
from index.prompting import to_write
from index.reports import Cancel, RefreshOptions
from index.settings import Settings
from index.types import Question

ENCYCLOPEDIA = ROOT.parent / "shared" / "eval" / "encyclopedia"
EACH = 10


def counted(settings: Settings, questions: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Tokens in and out of every question that a model would be asked."""
    from llama_index.core.utils import get_tokenizer

    size: Callable[[str], list[int]] = get_tokenizer()
    parts = Parts(settings, "benchmark", lambda work: None)
    parts.refresh(RefreshOptions(), Cancel())
    went_in, came_out, sent = [], [], 0
    for record in questions:
        asked = checked(Question(str(record["question"])))
        with parts.answering() as (known, retriever):
            made = drafted(asked, known, retriever, settings, pool=POOL)
        if made.pool.outcome == "not_found":
            continue
        request = to_write(asked.text, made.pool, settings.sentences)
        keys = list(request.keys)
        told = [{"text": each.text, "keys": keys[:1]} for each in made.answer.sentences]
        sent += 1
        went_in.append(len(size(request.request.system)) + len(size(request.request.user)))
        came_out.append(len(size(json.dumps({"answers": True, "sentences": told}))))
    parts.close()
    return {
        "questions": len(questions),
        "sent to the model": sent,
        "tokens in": figures(went_in),
        "tokens out": figures(came_out),
    }


def figures(values: Sequence[int]) -> dict[str, int]:
    """The median, the 95th percentile and the mean."""
    return {
        "p50": int(np.percentile(values, 50)),
        "p95": int(np.percentile(values, 95)),
        "mean": int(np.mean(values)),
    }


def lines(file: Path) -> list[dict[str, Any]]:
    """The records of a file of questions."""
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def main() -> None:
    """Count, print and write."""
    where = begin("Tokens of a question for a language model")
    result: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        result["sample"] = counted(Settings(data=Path(folder)), lines(ROOT / "docs" / "questions.jsonl"))
    if ENCYCLOPEDIA.is_dir():
        with tempfile.TemporaryDirectory() as folder:
            settings = Settings(corpus=ENCYCLOPEDIA, data=Path(folder))
            result["encyclopedia"] = counted(settings, lines(ENCYCLOPEDIA / "questions.jsonl")[::EACH])
    say(json.dumps(result, indent=1))
    write(__file__, where, result)


if __name__ == "__main__":
    main()

"""How many sentences of a good language model the checker lets through.

    .venv/bin/python -m benchmarks.llm.replies [--show]

replies.jsonl holds what a large language model wrote to the requests that Footnote made of the questions
of tests/golden.jsonl on the sample articles, with the quotes that it named. It saw nothing but the requests.
Each sentence is true to its quotes, as far as its readers could tell. What does not hold is shown as its
quote.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.common import ROOT, begin, say, write
from corpus.reading import parse
from index.embedding import BundledEmbedder
from index.supporting import Checker, Quote

FILE = Path(__file__).with_name("replies.jsonl")


def quotes_of() -> dict[str, Quote]:
    """Each quote with the day and the outlet of its article."""
    found = {}
    articles = [
        article
        for file in sorted((ROOT / "corpus" / "articles").glob("*.md"))
        for article in parse(file.name, file.read_bytes()).articles
    ]
    for line in FILE.read_text("utf-8").splitlines():
        for sentence in json.loads(line)["sentences"]:
            for text in sentence["quotes"]:
                of = next(article for article in articles if text in article.text)
                found[text] = Quote(text, of.published, of.source or "")
    return found


def main() -> None:
    """Hold each sentence against its quotes, print and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--show", action="store_true", help="print what does not hold")
    options = parser.parse_args()
    where = begin("Sentences of a good language model")
    checker, quotes = Checker(BundledEmbedder()), quotes_of()
    held = sentences = 0
    faults: Counter[str] = Counter()
    for line in FILE.read_text("utf-8").splitlines():
        for sentence in json.loads(line)["sentences"]:
            verdict = checker.supports(sentence["text"], [quotes[text] for text in sentence["quotes"]])
            sentences, held = sentences + 1, held + verdict.holds
            faults.update(verdict.faults)
            if options.show and not verdict.holds:
                say(f"{verdict.found}\n  {sentence['text']}\n  {sentence['quotes']}")
    result: dict[str, Any] = {"sentences": sentences, "held": held, "faults": dict(faults.most_common())}
    say(str(result))
    write(__file__, where, result)


if __name__ == "__main__":
    main()

"""How much of a saved page's article is kept, and how much else; how fast text is cleaned.

Run from anywhere: `python benchmarks/cleaning.py`. It reads `../shared/eval/pages` (saved pages with
hand-made bodies) and `../shared/eval/news` next to the repository, prints a table and writes
`benchmarks/cleaning.json`. The measure is the one of the article-extraction benchmark: word
4-grams of a page's extracted and hand-made body are compared as multisets, true and false
positives and false negatives are normalised per page, precision and recall averaged over pages.
"""

from __future__ import annotations

import gzip
import json
import os
import platform
import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from corpus.cleaning import clean  # noqa: E402  # the path has to be set first
from corpus.reading import parse  # noqa: E402  # likewise

SHARED = ROOT.parent / "shared" / "eval"
WORD = re.compile(r"\w+")
Shingles = Counter[tuple[str, ...]]


def shingles(text: str, size: int = 4) -> Shingles:
    """The word 4-grams of a text, with how often each occurs."""
    words = WORD.findall(text)
    return (
        Counter(tuple(words[at : at + size]) for at in range(max(1, len(words) - size + 1)))
        if words
        else Counter()
    )


def rates(gold: str, found: str) -> tuple[float, float, float]:
    """The shares of true positives, false positives and false negatives of one page."""
    right, taken = shingles(gold), shingles(found)
    both = (right & taken).total()
    counts = (both, taken.total() - both, right.total() - both)
    total = sum(counts) or 1
    return counts[0] / total, counts[1] / total, counts[2] / total


def score(pairs: list[tuple[str, str]]) -> dict[str, float]:
    """Precision, recall and F1 over all pages."""
    pages = [rates(gold, found) for gold, found in pairs]
    precisions = [true / (true + false) for true, false, _ in pages if true + false]
    recalls = [true / (true + missed) for true, _, missed in pages if true + missed]
    precision, recall = sum(precisions) / len(precisions), sum(recalls) / len(recalls)
    return {
        "f1": round(2 * precision * recall / (precision + recall), 4),
        "precision": round(precision, 4),
        "recall": round(recall, 4),
    }


def ours(html: bytes) -> str:
    """The body as Footnote reads it."""
    articles = parse("page.html", html).articles
    return articles[0].text if articles else ""


def trafilatura_with(**options: bool) -> Callable[[bytes], str]:
    """The body as trafilatura alone finds it."""
    import trafilatura

    def body(html: bytes) -> str:
        found = trafilatura.bare_extraction(html, include_comments=False, **options)
        return str(found.text) if found else ""

    return body


def measure_pages() -> dict[str, dict[str, float]]:
    """F1 of each way over all pages."""
    gold = [json.loads(line) for line in (SHARED / "pages/bodies.jsonl").read_text("utf-8").splitlines()]
    pages = [gzip.decompress((SHARED / f"pages/html/{row['id']}.html.gz").read_bytes()) for row in gold]
    ways = {
        "trafilatura": trafilatura_with(),
        "trafilatura, favour precision": trafilatura_with(favor_precision=True),
        "trafilatura, favour recall": trafilatura_with(favor_recall=True),
        "Footnote": ours,
    }
    results = {}
    for name, way in ways.items():
        way(pages[0])  # imports are not part of the time
        start = time.perf_counter()
        pairs = [(row["articleBody"], way(page)) for row, page in zip(gold, pages, strict=True)]
        seconds = time.perf_counter() - start
        results[name] = {
            **score(pairs),
            "pages": len(pages),
            "ms_per_page": round(1000 * seconds / len(pages), 1),
        }
    return results


def measure_text() -> dict[str, float | dict[str, int]]:
    """Speed of cleaning on scraped news, in seconds of one core, and what goes out by which rule."""
    with gzip.open(SHARED / "news/articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    clean(rows[0]["text"])
    rules: Counter[str] = Counter()
    kept = dropped = 0
    start = time.process_time()
    for row in rows:
        result = clean(row["text"], title=row["title"])
        kept += len(result.text)
        dropped += sum(len(piece.text) for piece in result.dropped)
        rules.update(piece.rule for piece in result.dropped)
    seconds = time.process_time() - start
    megabytes = sum(len(row["text"].encode()) for row in rows) / 1e6
    return {
        "articles": len(rows),
        "megabytes": round(megabytes, 1),
        "megabytes_per_cpu_second": round(megabytes / seconds, 2),
        "share_of_characters_dropped": round(dropped / (kept + dropped), 4),
        "paragraphs_dropped": dict(rules.most_common()),
    }


def main() -> None:
    """Measure, print and write."""
    if not SHARED.is_dir():
        sys.exit(f"The evaluation data is not there: {SHARED}")
    pages, text = measure_pages(), measure_text()
    print(f"{'':32}{'F1':>8}{'precision':>11}{'recall':>8}{'ms/page':>9}")
    for name, row in pages.items():
        print(
            f"{name:32}{row['f1']:8.4f}{row['precision']:11.4f}{row['recall']:8.4f}{row['ms_per_page']:9.1f}"
        )
    print(f"\ntext: {text['megabytes_per_cpu_second']} MB per CPU second over {text['megabytes']} MB")
    machine = {
        "python": platform.python_version(),
        "cpus": os.cpu_count(),
        "platform": f"{platform.system()} {platform.machine()}",
    }
    result = {"machine": machine, "pages": pages, "text": text}
    (ROOT / "benchmarks/cleaning.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

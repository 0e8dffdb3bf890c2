"""How often an answer shows that sources differ, where they do, and how often where they do not.

    .venv/bin/python -m benchmarks.quality.differences --work .footnote/quality

Every question of a set is asked with careful=0. A question whose `articles` and `false_articles`
both exist is *shown* where one claim of a differing group cites a correct article in words that hold
a correct answer, and another a false article in words that hold a wrong one. A question without false
articles and with one answer is *alarmed* where any difference is shown. A difference between two correct
answers (two people of one name) is neither; it is counted by itself, and so are the sets of which every
article is taken for correct (`--agreeing`), where a difference is almost always a false alarm.

Questions are split by a hash of their id: the rules are made on the half `tuned`, and the half
`quoted` is what may be told.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.common import begin, percentile, records, say
from index import open_desk
from index.reports import RefreshOptions
from index.settings import Settings
from index.types import Answer, Claim, Question

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RESULT = HERE / "differences.json"


def plain(text: str) -> str:
    """Lower case, words only, between blanks."""
    return f" {re.sub(r'[^a-z0-9]+', ' ', text.lower()).strip()} "


def half(question_id: str) -> str:
    """The half that a question belongs to."""
    return ("tuned", "quoted")[hashlib.sha256(question_id.encode()).digest()[0] % 2]


def holds(answer: Answer, claim: Claim, articles: Sequence[str], strings: Sequence[str]) -> bool:
    """Whether a claim cites one of the articles in words that hold one of the strings."""
    quotes = [
        plain(citation.quote)
        for citation in answer.citations
        if citation.number in claim.citations and citation.article.id in articles
    ]
    return any(plain(string) in quote for quote in quotes for string in strings if string.strip())


def verdict(asked: dict[str, Any], answer: Answer) -> dict[str, Any]:
    """What the answer shows of a question's differences."""
    false, wrong = asked.get("false_articles", []), asked.get("wrong_answers", [])
    sides = [
        (
            [holds(answer, claim, asked["articles"], asked["answers"]) for claim in group],
            [holds(answer, claim, false, wrong) for claim in group],
        )
        for group in answer.differences
    ]
    both = bool(asked["articles"] and false)
    agree = bool(asked["articles"]) and not false and len(set(asked["answers"])) == 1
    return {
        "id": asked["id"],
        "half": half(asked["id"]),
        "kind": "both" if both else "agree" if agree else "several" if asked["articles"] else "other",
        "difference": bool(answer.differences),
        "shown": any(
            right[a] and lies[b]
            for right, lies in sides
            for a in range(len(right))
            for b in range(len(lies))
            if a != b
        ),
        "two_correct": any(sum(r and not w for r, w in zip(*side, strict=True)) > 1 for side in sides),
        "claims": [[claim.claim for claim in group] for group in answer.differences],
        "seconds": answer.seconds,
    }


async def asked(name: str, shared: Path, work: Path, most: int | None) -> list[dict[str, Any]]:
    """The verdicts on all questions of a set, in its order."""
    desk = open_desk(
        Settings(corpus=shared / name, data=work / name), purpose="benchmarks.quality.differences"
    )
    try:
        await desk.prepare(RefreshOptions())
        made = []
        for line in records(shared / name / "questions.jsonl")[:most]:
            if line["answerable"]:
                made.append(verdict(line, await desk.ask(Question(line["question"], careful=0.0))))
        return made
    finally:
        await desk.close()


def rates(rows: Sequence[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The figures of each half."""
    for name in ("tuned", "quoted"):
        kept = [row for row in rows if row["half"] == name]
        both, agree, several = (
            [row for row in kept if row["kind"] == kind] for kind in ("both", "agree", "several")
        )
        yield (
            name,
            {
                "both": len(both),
                "shown": share(both, "shown"),
                "any difference": share(both, "difference"),
                "agree": len(agree),
                "false alarms": share(agree, "difference"),
                "several answers": len(several),
                "differing there": share(several, "difference"),
                "between two correct": share(both + several, "two_correct"),
            },
        )


def share(rows: Sequence[dict[str, Any]], what: str) -> float | None:
    """The share of the rows of which it is true."""
    return round(sum(row[what] for row in rows) / len(rows), 3) if rows else None


def main() -> None:
    """Ask, print, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared/eval")
    parser.add_argument(
        "--work", type=Path, default=Path(".footnote/quality"), help="where the indexes are kept"
    )
    parser.add_argument("--agreeing", nargs="*", default=["encyclopedia"], help="sets without false articles")
    parser.add_argument("--most", type=int, default=1000, help="questions of such a set")
    parser.add_argument("--details", type=Path, help="also write every verdict to this file")
    parser.add_argument("--dry-run", action="store_true", help="print, but write no result")
    options = parser.parse_args()
    where = begin("differences")
    rows = asyncio.run(asked("conflicts", options.shared, options.work, None))
    result: dict[str, Any] = {"conflicts": dict(rates(rows))}
    result["conflicts"]["ms"] = {
        f"p{int(100 * at)}": round(1000 * percentile([row["seconds"] for row in rows], at), 1)
        for at in (0.5, 0.95)
    }
    for name in options.agreeing:
        others = asyncio.run(asked(name, options.shared, options.work, options.most))
        result[name] = {"answerable": len(others), "differing": share(others, "difference")}
        rows += others
    say(json.dumps(result, indent=2))
    if options.details:
        options.details.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    if not options.dry_run:
        RESULT.write_text(json.dumps({"machine": where, **result}, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()

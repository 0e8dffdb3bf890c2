"""What "Check against articles" says of sentences of the articles, as they are and with one thing changed.

    .venv/bin/python -m benchmarks.quality.claims [--sets encyclopedia news] [--most N]

Sentences are drawn by chance from the articles of a set. Each is held against them four times: as it
stands (its article supports it), with one number changed, with a "not" put in, and with a name changed for
one of another sentence. None of the changed ones is in the articles, so "supported" is wrong for each;
"differs" and "not found" are both right. Writes claims.json beside this file.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.common import ROOT, begin, say
from benchmarks.quality import tables
from index import open_desk
from index.claims import LONGEST
from index.errors import QuestionError
from index.reports import RefreshOptions
from index.sentences import is_sentence, sentences
from index.settings import Settings
from index.words import content

_NUMBER = re.compile(r"(?<![\w.,-])\d{2,4}(?![\w-]|[.,]\d)")
_VERB = re.compile(r"\b(?:is|are|was|were|has been|have been|will|can)\b(?! not\b)")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{3,}\b")


def another_number(text: str, _: str, chance: random.Random) -> str | None:
    """One number of the sentence changed for another one."""
    found = list(_NUMBER.finditer(text))
    if not found:
        return None
    match = chance.choice(found)
    changed = int(match.group()) + chance.choice((3, 7, 11, 40))
    return f"{text[: match.start()]}{changed}{text[match.end() :]}"


def denied(text: str, _: str, __: random.Random) -> str | None:
    """A "not" after the first auxiliary verb."""
    match = _VERB.search(text)
    if match is None or re.search(r"\bnot\b|n['’]t\b|\bno\b", text):
        return None
    first = match.start() + len(match.group().split()[0])
    return f"{text[:first]} not{text[first:]}"


def another_name(text: str, other: str, chance: random.Random) -> str | None:
    """One name of the sentence changed for one of another sentence that it does not hold."""
    mine = list(_NAME.finditer(text))
    theirs = [name for match in _NAME.finditer(other) if (name := match.group()) not in text]
    if not mine or not theirs:
        return None
    match = chance.choice(mine)
    return f"{text[: match.start()]}{chance.choice(theirs)}{text[match.end() :]}"


CHANGES = {"a number changed": another_number, "a not put in": denied, "a name changed": another_name}


async def measured(settings: Settings, most: int) -> dict[str, Any]:
    """How often each verdict is given, by what was changed."""
    desk = open_desk(settings, purpose="benchmarks.quality.claims")
    chance = random.Random(1)
    said: dict[str, Counter[str]] = {name: Counter() for name in ("as it stands", *CHANGES)}
    try:
        await desk.prepare(RefreshOptions())
        texts = [(await desk.article(card.id)).text for card in await desk.articles()]
        drawn = list(_drawn(texts, chance))[: most + 1]
        for text, other in pairwise(drawn):
            claims = {name: change(text, other, chance) for name, change in CHANGES.items()}
            for name, claim in {"as it stands": text, **claims}.items():
                if claim is None or len(claim) > LONGEST:
                    continue
                try:
                    verdicts = [checked.verdict for checked in await desk.check(claim)]
                except QuestionError:  # a question, or something else that claims nothing
                    continue
                said[name].update(verdicts)
    finally:
        await desk.close()
    return {
        name: {"claims": sum(of.values()), **{verdict: of[verdict] for verdict in sorted(of)}}
        for name, of in said.items()
    }


def _drawn(texts: Sequence[str], chance: random.Random) -> Iterator[str]:
    """One sentence of each text, of texts in any order: a whole one, with something to say."""
    for text in chance.sample(list(texts), len(texts)):
        whole = [text[span.start : span.end] for span in sentences(text)]
        good = [said for said in whole if is_sentence(said) and 40 <= len(said) <= LONGEST and _plain(said)]
        if good:
            yield chance.choice(good)


def _plain(text: str) -> bool:
    return "\n" not in text and len(content(text)) >= 5


def main() -> None:
    """Check, print and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sets", nargs="+", default=["encyclopedia", "news"])
    parser.add_argument("--most", type=int, default=300)
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared/eval")
    parser.add_argument("--work", type=Path, default=Path(".footnote/quality"))
    options = parser.parse_args()
    result: dict[str, Any] = {"machine": begin("claims")}
    for name in options.sets:
        settings = Settings(corpus=options.shared / name, data=options.work / name)
        result[name] = asyncio.run(measured(settings, options.most))
        for change, verdicts in result[name].items():
            say(f"{name}, {change}: {verdicts}")
    tables.CLAIMS.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    tables.write()


if __name__ == "__main__":
    main()

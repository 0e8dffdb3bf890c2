"""A process that has an index open, as one of several bots would: one order a line, one reply a line."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from index import open_desk
from index.errors import FootnoteError
from index.reports import Progress, RefreshOptions
from index.settings import Settings
from index.types import Question


def main() -> None:
    """Obey until standard input ends."""
    corpus, data, url = sys.argv[1:]
    desk = open_desk(Settings(corpus=Path(corpus), data=Path(data), chroma_url=url), purpose="footnote run")

    async def obey() -> None:
        for line in sys.stdin:
            order = json.loads(line)
            try:
                say(await do(order))
            except FootnoteError as error:
                say({"error": type(error).__name__, "message": str(error)})
        await desk.close()

    async def do(order: dict[str, Any]) -> dict[str, Any]:
        if "ask" in order:
            await desk.warm()
            answer = await desk.ask(Question(order["ask"], careful=0.0))
            return {"answer": answer.sentences[0].text if answer.sentences else ""}
        if "near" in order:  # by meaning alone
            embedder, (_, store) = desk._parts.models.now, desk._parts.opened()[:2]  # type: ignore[attr-defined]  # to look inside
            return {"ids": [id_ for id_, _ in store.nearest(embedder.question(order["near"]), 50)]}
        report = await desk.refresh(
            RefreshOptions(rebuild=order.get("rebuild", False), on_progress=wait(order))
        )
        return {"added": len(report.added)}

    asyncio.run(obey())


def wait(order: dict[str, Any]) -> Any:
    """At the point that the order names, say so and go on at the next line."""

    phases = [order.get("wait")]

    def on_progress(progress: Progress) -> None:
        if progress.phase in phases:
            phases.clear()
            say({"at": progress.phase})
            sys.stdin.readline()

    return on_progress


def say(reply: dict[str, Any]) -> None:
    """One reply."""
    print(json.dumps(reply), flush=True)  # noqa: T201  # it is the protocol


if __name__ == "__main__":
    main()

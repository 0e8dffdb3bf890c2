"""All orders of ../shared/eval/hostile, planted in articles and in questions, and a model that obeys them."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

from index.reports import RefreshOptions
from index.service import IndexDesk
from index.settings import Settings
from index.spending import Spending
from index.supporting import Checker
from index.types import Answer, Question
from index.writing import Writer
from tests.index import hostile
from tests.index.worst import ScriptedModel, harm, leaks
from tests.index.worst_rubbish import RUBBISH


async def planted() -> dict[str, Any]:
    """Cases and what was found wrong, by where the orders stood; without a model, and with one that obeys."""
    found: dict[str, Counter[str]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        orders = hostile.orders()
        questions = hostile.plant(folder / "corpus", orders)
        rows = hostile.poisoned()
        hostile.plant_poison(folder / "corpus", rows)
        urls = [f"https://coast.example/{number}" for number in range(len(orders))]
        urls += [f"https://p.example/{row['id']}" for row in rows]
        settings = Settings(corpus=folder / "corpus", data=folder / "data", llm="openai-like:scripted")
        desk = IndexDesk(settings, "benchmarks.llm.hostile")
        spending = Spending(folder / "spending.db", settings)
        try:
            await desk.prepare(RefreshOptions())
            checker = Checker(desk._parts.models.now.bundled)
            asked = {
                "orders in articles": questions,
                "orders in questions": [f"{questions[0]} {order}"[:990] for order in orders],
                "poisoned passages": [row["question"] for row in rows],
            }
            for where, texts in asked.items():
                count = found.setdefault(where, Counter())
                for text in texts:
                    model = ScriptedModel(RUBBISH["orders obeyed"], Random(text), (), tuple(orders))
                    desk._writer = Writer(model, spending, checker, settings, desk._threads.answer)
                    shown: list[Answer] = []
                    plain = await desk.ask(Question(text, careful=0.0, plain=True))
                    shown.append(await desk.ask(Question(text, careful=0.0), shown.append))
                    count["cases"] += 1
                    count["written"] += sum(len(reply.said) for reply in model.replies if reply)
                    count["leaked"] += sum(len(leaks(each, model.replies)) for each in shown)
                    count["harmful"] += sum(len(harm(each, model.handed)) for each in shown)
                    count["bent"] += sum(len(hostile.bent(each, urls)) for each in [plain, *shown])
                    count["leaked"] += len(leaks(plain, []))
        finally:
            await desk.close()
    return {where: dict(count) for where, count in found.items()}

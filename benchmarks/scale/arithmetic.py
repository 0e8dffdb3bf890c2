"""The arithmetic of `docs/scale.md`, from the raw results beside it: no figure there is typed by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from common import between_marks, table

SERVERS = (10, 100, 1_000, 10_000)
PASSAGES = (10_000, 100_000, 1_000_000, 10_000_000)
QUESTIONS = 20
"""A day and server: an assumption, to be replaced by what `footnote_questions` counts."""
BUSY = 8
"""The busiest hour has an eighth of the day's questions: an assumption."""
BURST = 3
"""Within it, the busiest minute has three times the mean: an assumption."""
FULL = 0.5
"""Of a core's time that is planned with; the rest keeps answers quick when two meet."""
GUILDS = 1_000
"""Servers to a shard: what Discord's library starts; Discord refuses more than 2,500."""
REFERENCE = 100_000
PRICES = (0.02, 0.13)
"""Dollars for a million tokens, as examples of a cheap and of a dear embedding model."""

Results = Mapping[str, Any]


def pages(text: str, results: Results) -> str:
    """The page with its tables made anew."""
    page = "docs/scale.md"
    for name, make in (("measured", measured), ("servers", servers), ("passages", passages)):
        ready = all(results.get(each) for each in ("latency", "process", "building"))
        text = between_marks(text, name, make(results) if ready else "Not measured yet.", page)
    return text


def measured(results: Results) -> str:
    """What everything else is calculated from."""
    rate, disk = results["building"]["model_rate"], _disk(results)
    rows: list[list[Any]] = [
        [f"processor time of an answer at {REFERENCE:,} passages", f"{_cpu(results):.0f} ms"],
        ["embedding on two cores, vectors of sentences included", f"{rate['ours']:.1f} passages a second"],
        ["word pieces of a passage", f"{rate['pieces_a_passage']:.0f}"],
        ["memory of a bot before its first passage", f"{_base(results):.0f} MB"],
        ["memory for each passage in Chroma's graph", f"{1e3 * _own(results):.1f} kB"],
        ["columns for exact search, mapped, for each passage", f"{1e3 * disk['columns']:.1f} kB"],
        ["disk for each passage: library", f"{1e3 * disk['library']:.1f} kB"],
        ["disk for each passage: Chroma", f"{1e3 * disk['vectors']:.1f} kB"],
    ]
    return table(["measured", ""], rows)


def servers(results: Results) -> str:
    """From servers to cores."""
    cpu = _cpu(results) / 1000
    rows = []
    for count in SERVERS:
        day = count * QUESTIONS
        peak = day / BUSY / 3600 * BURST
        rows.append(
            [
                f"{count:,}",
                f"{day:,}",
                f"{peak:.3f}",
                f"{peak * cpu:.3f}",
                max(1, math.ceil(peak * cpu / FULL)),
                max(1, math.ceil(count / GUILDS)),
            ]
        )
    head = ["servers", "questions a day", "a second, busiest minute", "cores busy", "cores to have", "shards"]
    one = (
        f"Servers × {QUESTIONS} a day ÷ {BUSY} for the busiest hour ÷ 3,600 s "
        f"× {BURST} for its busiest minute; "
        f"× {cpu:.3f} s of processor an answer; ÷ {FULL} so that a core is at most half busy."
    )
    most = FULL / cpu
    return "\n\n".join(
        [
            table(head, rows),
            one,
            f"So one core carries {most:.1f} questions a second, two cores {2 * most:.1f}: "
            f"{int(2 * most * 3600 * BUSY / BURST / QUESTIONS):,} servers under these assumptions.",
        ]
    )


def passages(results: Results) -> str:
    """From passages to memory, disk, time and money."""
    rate, disk = results["building"]["model_rate"], _disk(results)
    rows = []
    for count in PASSAGES:
        tokens = count * rate["pieces_a_passage"] / 1e6
        rows.append(
            [
                f"{count:,}",
                _bytes(_base(results) + count * _own(results)),
                _bytes(count * disk["columns"]),
                _bytes(count * disk["library"]),
                _bytes(count * disk["vectors"]),
                _time(count / rate["ours"]),
                f"{tokens:,.1f}",
                *(f"${tokens * price:,.2f}" for price in PRICES),
            ]
        )
    head = [
        "passages",
        "bot's own memory",
        "columns (mapped)",
        "library",
        "Chroma's disk",
        "embedding, two cores",
        "million tokens",
        *(f"at ${price} a million" for price in PRICES),
    ]
    return table(head, rows)


def _cpu(results: Results) -> float:
    ms = results["latency"]["ms"]
    size = str(REFERENCE) if str(REFERENCE) in ms else list(ms)[-1]
    return float(ms[size]["cpu"]["none"]["mean"])


def _two(results: Results) -> tuple[int, int]:
    """A small and the reference size that were measured."""
    sizes = sorted(int(size) for size in results["process"]["sizes"])
    large = REFERENCE if REFERENCE in sizes else sizes[-1]
    return (10_000 if 10_000 in sizes and large > 10_000 else sizes[0]), large


def _own(results: Results) -> float:
    """Megabytes of own memory for each passage: the slope between two sizes."""
    small, large = _two(results)
    rows = results["process"]["sizes"]
    own = [rows[str(size)]["memory_mb"]["bot"]["own"] for size in (small, large)]
    return max(0.0, (own[1] - own[0]) / (large - small))


def _base(results: Results) -> float:
    small, _ = _two(results)
    return float(results["process"]["sizes"][str(small)]["memory_mb"]["bot"]["own"]) - small * _own(results)


def _disk(results: Results) -> dict[str, float]:
    """Megabytes for each passage at the reference size."""
    _, large = _two(results)
    return {name: value / large for name, value in results["process"]["sizes"][str(large)]["disk_mb"].items()}


def _bytes(megabytes: float) -> str:
    return f"{megabytes / 1000:,.1f} GB" if megabytes >= 1000 else f"{megabytes:,.0f} MB"


def _time(seconds: float) -> str:
    hours = seconds / 3600
    return f"{hours:,.1f} h" if hours >= 1 else f"{seconds / 60:,.0f} min"

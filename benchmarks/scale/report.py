"""Writes the tables of `README.md` and of `docs/scale.md`, and `growth.svg`, from the raw results beside it.

`python benchmarks/scale/report.py` replaces what stands between the marks; with `--check` it changes nothing
and ends with 1 where something is not what its result says.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from arithmetic import pages
from common import ROOT, say, table, with_tables
from plot import Chart, Line, drawn

HERE = Path(__file__).resolve().parent
README, DOCS, PLOT = HERE / "README.md", ROOT / "docs" / "scale.md", HERE / "growth.svg"
VARIANTS = {"none": "none", "source": "outlet", "date": "days", "both": "both"}
Result = Mapping[str, Any]


def read(name: str) -> Result | None:
    """A raw result, if it was measured."""
    file = HERE / f"{name}.json"
    return json.loads(file.read_text("utf-8")) if file.is_file() else None


def latency(result: Result) -> str:
    """Every size and filter."""
    rows = []
    for size, ways in result["ms"].items():
        for variant, name in VARIANTS.items():
            ask, search = ways["ask"][variant], ways["search"][variant]
            figures = [round(row[part], 1) for row in (ask, search) for part in ("p50", "p95", "p99")]
            rows.append([f"{int(size):,}" if variant == "none" else "", name, *figures])
    head = ["passages", "filter", "`ask` p50", "p95", "p99", "`search` p50", "p95", "p99"]
    made = [table(head, rows)]
    ratios = result["ratio_100k_to_10k"]
    if ratios:
        cells = [
            [
                f"`{way}`, filter: {name}",
                *(ratios[f"{way}, filter {variant}, {part}"] for part in ("p50", "p95")),
            ]
            for way in ("ask", "search")
            for variant, name in VARIANTS.items()
        ]
        made.append(table(["100,000 to 10,000 passages (must be at most 2)", "p50", "p95"], cells))
    return "\n\n".join(made)


def stages(result: Result) -> str:
    """Milliseconds of each stage, and how much more at the largest size than at the smallest."""
    sizes = list(result["ms"])
    names = sorted(result["ms"][sizes[-1]], key=lambda name: -result["ms"][sizes[-1]][name])
    rows = [[name, *(round(result["ms"][size].get(name, 0.0), 2) for size in sizes)] for name in names]
    return table(["ms", *(f"{int(size):,}" for size in sizes)], rows)


def recall(result: Result) -> str:
    """With and without filters."""
    rows = [
        [
            VARIANTS[variant],
            f"{row['passing']:,}",
            f"**{row['recall_at_10']}**",
            row["recall_at_50"],
            row["nearest_ms"]["p50"],
            row["nearest_ms"]["p95"],
        ]
        for variant, row in result["recall"].items()
    ]
    head = ["filter", "passages that pass", "recall@10 (at least 0.98)", "recall@50", "ms p50", "p95"]
    return table(head, rows)


def process(result: Result) -> str:
    """Memory, disk and start-up."""
    rows = []
    for size, row in result["sizes"].items():
        bot, command, disk = row["memory_mb"]["bot"], row["memory_mb"]["command"], row["disk_mb"]
        rows.append(
            [
                f"{int(size):,}",
                *(round(bot[name]) for name in ("rss", "own", "files")),
                round(command["rss"]),
                round(command["own"]),
                *(round(disk[name]) for name in ("library", "vectors", "columns")),
                row["start_seconds"],
                row["start_ratio"],
            ]
        )
    head = [
        "passages",
        "bot: resident MB",
        "its own",
        "of files",
        "command: resident MB",
        "its own",
        "disk MB: library",
        "Chroma",
        "columns",
        "`footnote ask`, s",
        "to `import chromadb`",
    ]
    return table(head, rows)


def mapped(result: Result) -> str:
    """Both ways to read the library."""
    rows = [
        [name, row["ms"]["p50"], row["ms"]["p95"], row["cpu_ms"]["mean"]]
        + [round(row["memory_mb"][part]) for part in ("rss", "own", "files")]
        for name, row in result["ways"].items()
    ]
    head = [f"{result['size']:,} passages", "ms p50", "p95", "processor ms, mean"]
    return table([*head, "resident MB", "its own", "of files"], rows)


def building(result: Result) -> str:
    """Rates and phases."""
    phases = list(dict.fromkeys(name for row in result["sizes"].values() for name in row["phases"]))
    rows = [
        [
            f"{int(size):,}",
            *(row["phases"].get(name, 0.0) for name in phases),
            row["passages_per_second"],
            f"**{row['share_of_raw']}**",
        ]
        for size, row in result["sizes"].items()
    ]
    rate = result["model_rate"]
    head = [
        "passages",
        *(f"{name}, s" for name in phases),
        "passages/s, all",
        "to onnxruntime (at least 0.75)",
    ]
    return "\n\n".join(
        [
            table(head, rows),
            f"Embedding: {rate['ours']} passages a second with the vectors of their sentences, kept in a "
            f"library; onnxruntime alone {rate['raw']}, in the same run. A passage has "
            f"{rate['pieces_a_passage']:.0f} word pieces on average. (`embedding` in the table is looking "
            "the vectors up.)",
        ]
    )


def during(result: Result) -> str:
    """Idle and during."""
    rows = []
    for name in ("rebuild", "refresh"):
        row = result[name]
        for phase, each in row["ms"].items():
            what = phase if phase == "idle" else f"{name}: {phase}"
            rows.append([what, row["questions"][phase], each["p50"], each["p95"], each["max"]])
        rows.append(
            [
                f"{name}, {row['seconds']:.0f} s, all of it",
                sum(row["questions"].values()) - row["questions"]["idle"],
                row["all"]["p50"],
                f"**{row['all']['p95']}** ({row['ratio_p95']} times idle)",
                row["all"]["max"],
            ]
        )
    said = [
        f"{name}: {len(result[name]['failed'])} questions failed; the new article answered "
        f"{result[name]['new_article_answers_after_seconds']} s after the end."
        for name in ("rebuild", "refresh")
    ]
    head = [f"{result['size']:,} passages, ms", "questions", "p50", "p95", "max"]
    return "\n\n".join([table(head, rows), " ".join(text.capitalize() for text in said)])


def beside(result: Result) -> str:
    """Footnote and the plain bot."""
    ms, found, memory = result["asking"]["ms"], result["asking"]["found"], result["memory_mb"]
    refreshed, build, process_ = result["refreshing"], result["building"], result["process_seconds"]
    head = ["", "Footnote", "plain, kept warm", "plain, opened anew"]
    ways, all_ways = ("footnote search", "plain, warm"), ("footnote", "plain, warm", "plain, opened anew")

    def asked(name: str) -> str:
        row = refreshed[name]
        lost = row["failed"] + row["empty"]
        return f"{row['seconds']} s, {lost} of {row['asked']} questions without an answer"

    def pair(way: str) -> str:
        return f"{ms[way]['p50']:.1f} / {ms[way]['p95']:.1f}"

    rows = [
        ["found: the linked article is first", *(found[way]["first"] for way in ways), "the same"],
        ["found: it is among four", *(found[way]["in_four"] for way in ways), "the same"],
        ["`search`, ms p50 / p95", pair("footnote search"), pair("plain, warm"), pair("plain, opened anew")],
        ["`ask` with evidence and checking", pair("footnote ask"), "", ""],
        [
            "a process for each question, s",
            process_["footnote ask"]["median"],
            "",
            process_["plain"]["median"],
        ],
        [
            "resident memory, MB (its own)",
            *(f"{memory[name]['rss']:.0f} ({memory[name]['own']:.0f})" for name in ("footnote", "plain")),
            "",
        ],
        [
            f"building {build['articles']} articles, s",
            build["total"]["footnote"],
            build["total"]["plain"],
            "",
        ],
        [f"one of {build['articles'] // 3} articles changed", *(asked(name) for name in all_ways)],
        ["passages embedded for it", refreshed["footnote"]["embedded"], "all", "all"],
        ["the bot afterwards", "answers", refreshed["plain, warm"]["afterwards"], "answers"],
    ]
    share = result["asking"]["gold_among_sources_of_answer"]
    return "\n\n".join(
        [
            table(head, rows),
            f"{result['asking']['gold_questions']} questions have an article that an editor linked. It is "
            f"among the sources of Footnote's answer for {share:.1%}; it is silent where it is not sure.",
        ]
    )


def fill(result: Result) -> str:
    """Filling the vector index as it grows."""
    rows = [
        [f"{row['passages']:,}", row["rate"], row["cpu_ms_a_row"], row["written_mb"], row["load"]]
        for row in result["vectors"]
    ]
    return table(["passages in it", "rows/s", "processor ms a row", "MB written", "load"], rows)


TABLES: dict[str, Callable[[Result], str]] = {
    "latency": latency,
    "stages": stages,
    "recall": recall,
    "process": process,
    "mapped": mapped,
    "building": building,
    "during": during,
    "beside": beside,
    "fill": fill,
}


def plotted() -> str:
    """The charts, of what was measured."""
    charts = []
    if (result := read("latency")) is not None:
        for way in ("ask", "search"):
            lines = [
                Line(f"{part}{added}", _points(result["ms"], way, variant, part))
                for variant, added in (("none", ""), ("source", ", outlet"))
                for part in ("p50", "p95")
            ]
            charts.append(Chart(f"A question: {way}", "ms", lines))
    if (result := read("process")) is not None:
        sizes = result["sizes"]
        memory = [
            Line(name, [(int(size), row["memory_mb"]["bot"][key]) for size, row in sizes.items()])
            for name, key in (("resident", "rss"), ("its own", "own"))
        ]
        charts.append(Chart("Memory of a bot", "MB", memory, limit=1000))
        disk = [
            Line(name, [(int(size), row["disk_mb"][key]) for size, row in sizes.items()])
            for name, key in (("library", "library"), ("Chroma", "vectors"), ("columns", "columns"))
        ]
        charts.append(Chart("Disk", "MB", disk))
        start = [(int(size), row["start_seconds"]) for size, row in sizes.items()]
        base = [(int(size), result["import_chromadb_seconds"]) for size in sizes]
        charts.append(Chart("Start-up", "s", [Line("footnote ask", start), Line("import chromadb", base)]))
    if (result := read("fill")) is not None:
        points = [(row["passages"], row["rate"]) for row in result["vectors"]]
        charts.append(Chart("Filling the vector index", "rows/s", [Line("rows a second", points)]))
    return drawn(charts)


def _points(ms: Result, way: str, variant: str, part: str) -> list[tuple[float, float]]:
    return [(int(size), ways[way][variant][part]) for size, ways in ms.items()]


def main() -> None:
    """Write the tables and the plot, or check them."""
    parser = argparse.ArgumentParser(description="Tables and plot of benchmarks/scale from the raw results.")
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 where something is old")
    args = parser.parse_args()
    tables = {**TABLES, "before": latency}
    made = {README: with_tables(README.read_text("utf-8"), tables, HERE), PLOT: plotted()}
    made[DOCS] = pages(DOCS.read_text("utf-8"), {name: read(name) for name in TABLES})
    old = [file for file, text in made.items() if not file.is_file() or file.read_text("utf-8") != text]
    if args.check and old:
        names = ", ".join(file.name for file in old)
        sys.exit(f"{names}: not what the results say. Run: python benchmarks/scale/report.py")
    for file in old:
        file.write_text(made[file], encoding="utf-8")
    say(
        "benchmarks/scale shows its results" if not old else f"written anew: {', '.join(f.name for f in old)}"
    )


if __name__ == "__main__":
    main()

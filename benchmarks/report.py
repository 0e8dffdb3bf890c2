"""Writes the tables of `benchmarks/README.md` from the raw results beside it: no figure is typed by hand.

`python benchmarks/report.py` replaces what stands between `<!-- name -->` and `<!-- /name -->`;
with `--check` it changes nothing and ends with 1 where a table is not what its result says.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any

from common import HERE, median, say, table, with_tables

Result = dict[str, Any]
README = HERE / "README.md"


def build(result: Result) -> str:
    """Throughput and phases."""
    found = result["summary"]
    rate = found["passages_per_second"]
    slices = found["ratio_by_slice"]
    phases = ", ".join(f"{name} {share:.0%}" for name, share in found["share_of_time"].items())
    both = found.get("sentences_to_alone")
    more = f" With their sentences, passages cost **{both}** times what they cost alone " if both else ""
    return "\n\n".join(
        [
            table(
                [
                    f"{found['passages']:,} passages of {found['articles']:,} articles",
                    "passages/s",
                    "ours to it",
                ],
                [
                    ["Footnote, everything to the finished index", rate["ours"], ""],
                    ["onnxruntime alone, all cores on one batch of 8", rate["raw"], found["ratio"]],
                    [
                        "onnxruntime alone, one core a batch, batches of 4",
                        rate["workers"],
                        found["ratio_to_workers"],
                    ],
                ],
            ),
            f"With the {found['startup_seconds']} s of imports and loading counted against Footnote alone: "
            f"**{found['ratio_with_startup']}** (must be at least 0.75). "
            f"Slices: {min(slices)} to {max(slices)}. Where the time goes: {phases}."
            f"{more}{'(must be at most 1.25).' if both else ''}",
        ]
    )


def question(result: Result) -> str:
    """Latency, ratio, stages."""
    rows = [
        [name, *(result[key][part] for part in ("mean", "p50", "p95", "p99"))]
        for name, key in (("a question", "full_ms"), ("embedding it and one Chroma query", "least_ms"))
    ]
    ratio = result["ratio"]
    start = result["new_process_seconds"]
    stages = [[name, stage["ms"], f"{stage['share']:.1%}"] for name, stage in result["stages"].items()]
    return "\n\n".join(
        [
            table(
                [
                    f"ms, {result['questions']} questions, {result['passages']:,} passages",
                    "mean",
                    "p50",
                    "p95",
                    "p99",
                ],
                rows,
            ),
            f"Ratio: **{ratio['mean']}** of the means, {ratio['p50']} of the medians (must be at most 6). "
            f"A new process has its first answer {start['total']} s after it began to import, "
            f"its second after {start['second_answer']} s more.",
            table(["stage", "ms", "share"], stages),
        ]
    )


def startup(result: Result) -> str:
    """Whole processes."""
    base = result["commands"]["import chromadb"]["seconds"]
    rows = [
        [
            f"`{name}`",
            row["seconds"],
            row["cpu_seconds"],
            row["megabytes"],
            round(row["seconds"] / base, 2),
        ]
        for name, row in result["commands"].items()
    ]
    return "\n\n".join(
        [
            table(["process", "seconds", "CPU seconds", "peak MB", "to `import chromadb`"], rows),
            f"`footnote ask`: **{result['ratio']}** times `import chromadb` (must be at most 2) and "
            f"**{result['commands']['footnote ask']['megabytes']:.0f} MB** (must be under 400).",
        ]
    )


def refresh(result: Result) -> str:
    """Nothing and one thing changed."""
    rows = []
    for name in ("files", "news"):
        if name not in result:
            continue
        same, change = result[name]["nothing_changed"], result[name]["one_change"]
        rows.append(
            [
                f"{same['articles']:,} articles in {same['files']:,} file" + "s" * (same["files"] > 1),
                round(median(same["refresh_ms"]), 1),
                round(median(same["read_and_hash_ms"]), 1),
                f"**{same['ratio']}**",
                same["cpu_ratio"],
                ", ".join(same["model_loaded"]) or "none",
                *(
                    f"{change[what]['embedded']} of {change[what]['passages']}"
                    for what in ("headline", "sentence")
                ),
            ]
        )
    head = [
        "corpus",
        "refresh, ms",
        "read and hash, ms",
        "ratio (at most 2)",
        "of CPU time",
        "model libraries loaded",
        "embedded: new headline",
        "new sentence",
    ]
    return table(head, rows)


def hnsw(result: Result) -> str:
    """All settings at all sizes."""
    exact = ", ".join(f"{ms:.1f} ms over {int(size):,}" for size, ms in result["exact_ms"].items())
    keys = ("max_neighbors", "ef_construction", "ef_search")
    rows = [
        [
            f"{row['passages']:,}",
            *(row[key] for key in keys),
            f"{row['build_seconds']:.0f}",
            f"{row['recall_at_10']:.4f}",
            f"{row['recall_at_50']:.4f}",
            f"{row['ms_at_10']:.2f}",
            f"{row['ms_at_50']:.2f}",
        ]
        for row in result["rows"]
    ]
    head = [
        "passages",
        *(f"`{key}`" for key in keys),
        "build, s",
        "recall@10",
        "recall@50",
        "ms, k=10",
        "ms, k=50",
    ]
    return "\n\n".join([table(head, rows), f"Exact search in numpy: {exact}."])


def cleaning(result: Result) -> str:
    """Extraction from saved pages."""
    rows = [
        [name, row["f1"], row["precision"], row["recall"], row["ms_per_page"]]
        for name, row in result["pages"].items()
    ]
    return table(["", "F1", "precision", "recall", "ms a page"], rows)


def responsive(result: Result) -> str:
    """First responses and stalls while a refresh runs."""
    rows = []
    for name, part in result["parts"].items():
        first, stall = part["first_response_ms"], part["stall_ms"]
        rows.append(
            [
                f"`{name}`, {part['articles']:,} articles, {part['seconds']:.0f} s",
                f"{part['questions']:,}",
                first["p50"],
                first["p99"],
                first["max"],
                stall["p99"],
                stall["max"],
                f"{part['stalls_over_limit']} of {part['ticks']:,}",
            ]
        )
    head = [
        f"{result['people']} people, ms",
        "questions",
        "first response p50",
        "p99",
        "max",
        "stall p99",
        "max",
        "over 100 ms",
    ]
    return table(head, rows)


def _kept(row: Result) -> tuple[int, int, int, int]:
    """Good sentences: all, kept, their quote instead, dropped."""
    good, kept, replaced = row["good"], row["kept"], row["replaced"]
    return good, kept, replaced, good - kept - replaced


def worst_case(result: Result) -> str:
    """What a model that lies and obeys anybody got through, and what good was lost."""
    false = [
        [name, row["cases"], f"{row['false']:,}", row["leaked"], row["harmful"], row["fell_back"]]
        for name, row in result["false"].items()
    ]
    good = [
        [
            name,
            row["cases"],
            row["good"],
            row["kept"],
            row["replaced"],
            row["good"] - row["kept"] - row["replaced"],
        ]
        for name, row in result["good"].items()
        if row["good"]
    ]
    cases, written = (sum(row[key] for row in result["false"].values()) for key in ("cases", "false"))
    leaked = sum(row["leaked"] for row in result["false"].values())
    all_good = sum(row["good"] for row in result["good"].values())
    kept = sum(row["kept"] for row in result["good"].values())
    hand = [
        [
            f"`rewrites-{part}.jsonl`",
            found["good"],
            f"{found['kept'] / found['good']:.1%}",
            sum(kind["sentences"] for kind in found["false"].values()),
            sum(kind["leaked"] for kind in found["false"].values()),
        ]
        for part, found in result["hand_written"].items()
    ]
    planted = [
        [where, row["cases"], row["written"], row["leaked"], row["harmful"], row["bent"]]
        for where, row in result["hostile"].items()
    ]
    sets = ", ".join(f"{name} {count:,}" for name, count in result["sets"].items())
    return "\n\n".join(
        [
            f"{cases:,} cases with {written:,} false sentences ({sets}, good ones too): **{leaked}** shown "
            f"(must be 0). Of {all_good:,} good sentences **{1 - kept / all_good:.1%}** were not shown as "
            "they were written (must be under 10%).",
            table(["false", "cases", "sentences", "shown", "markup", "own words instead"], false),
            table(
                ["good, in other words", "cases", "sentences", "kept", "its quote instead", "dropped"], good
            ),
            table(["written by hand", "good", "kept", "false", "shown"], hand),
            table(["planted", "cases", "sentences", "shown", "markup", "form"], planted),
        ]
    )


TABLES: dict[str, Callable[[Result], str]] = {
    "build": build,
    "question": question,
    "startup": startup,
    "refresh": refresh,
    "hnsw": hnsw,
    "cleaning": cleaning,
    "responsive": responsive,
    "llm/worst_case": worst_case,
}


def main() -> None:
    """Write the tables, or check them."""
    parser = argparse.ArgumentParser(description="Tables of benchmarks/README.md from the raw results.")
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 where a table is old")
    args = parser.parse_args()
    before = README.read_text("utf-8")
    after = with_tables(before, TABLES, HERE)
    if args.check:
        if after != before:
            sys.exit("benchmarks/README.md does not show its results. Run: python benchmarks/report.py")
        say("benchmarks/README.md shows its results")
        return
    README.write_text(after, encoding="utf-8")
    say("benchmarks/README.md is up to date" if after == before else "benchmarks/README.md is written anew")


if __name__ == "__main__":
    main()

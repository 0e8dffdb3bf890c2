"""The tables of `benchmarks/quality/README.md`, made from the raw results beside it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.common import between_marks, say, table, where
from index.measures import MEASURES, Figure, Outcome
from index.measuring import figures
from index.versus import changes

HERE = Path(__file__).parent
README = HERE / "README.md"
PARTS, CLAIMS = HERE / "ablations.json", HERE / "claims.json"
SETS = ("news", "encyclopedia", "conflicts")
FASTER = frozenset({"p50 ms", "p95 ms"})
"""Measures of which less is better."""


def file_of(name: str) -> Path:
    """The raw result of a set."""
    return HERE / f"compare-{name}.json"


def in_second_half(article: str) -> bool:
    """The split of `fit.py`, by a hash of the first gold article or of the question's own id."""
    return hashlib.sha256(article.encode()).digest()[0] % 2 == 1


def write() -> None:
    """Put the tables into README.md, between its marks."""
    text = README.read_text("utf-8")
    sources: dict[str, tuple[Path, Callable[[Mapping[str, Any]], str]]] = {
        **{name: (file_of(name), body) for name in SETS},
        "ablations": (PARTS, ablations),
        "claims": (CLAIMS, claims),
    }
    for name, (file, make) in sources.items():
        made = make(json.loads(file.read_text("utf-8"))) if file.is_file() else "Not measured yet."
        text = between_marks(text, name, made, "benchmarks/quality/README.md")
    README.write_text(text, "utf-8")
    say("benchmarks/quality/README.md shows its results")


def body(result: Mapping[str, Any]) -> str:
    """Both tables of a set, and where they were measured."""
    half = [bool(each) for each in result["held_out"]]
    return "\n\n".join(
        [
            f"The half that nothing was fitted on, {sum(half)} of {len(half)} questions, over "
            f"{result['articles']:,} articles in {result['passages']:,} passages:",
            measured(result, half),
            "All questions:",
            measured(result, [True] * len(half)),
            *calibration(result),
            f"Measured: {where(result['machine'])}",
        ]
    )


def calibration(result: Mapping[str, Any]) -> list[str]:
    """How likely the first system said an answer is, and how often there was one; nothing where all have."""
    if all(result["answerable"]):
        return []
    system = next(iter(result["systems"].values()))
    pairs = list(zip((said or 0.0 for said in system["confidence"]), result["answerable"], strict=True))
    fifths = [[there for said, there in pairs if min(int(said * 5), 4) == fifth] for fifth in range(5)]
    head, *rows = [
        ["how likely Footnote says", *(f"{20 * n} to {20 * n + 20}%" for n in range(5))],
        ["questions", *(str(len(of)) for of in fifths)],
        ["answerable", *(f"{sum(of) / len(of):.2f}" if of else "" for of in fifths)],
    ]
    return [table(head, rows)]


def ablations(result: Mapping[str, Any]) -> str:
    """One table for each set: variants by measures."""
    made = []
    for name, of in result["sets"].items():
        keys = list(dict.fromkeys(key for row in of["variants"].values() for key in row))
        rows: list[list[str]] = []
        for variant, row in of["variants"].items():
            cells = [
                "" if key not in row else f"{row[key]:{'.0f' if key in FASTER else '.3f'}}" for key in keys
            ]
            rows.append([variant, *cells])
        made.append(table([f"{name}, {of['questions']} questions", *keys], rows))
    return "\n\n".join([*made, f"Measured: {where(result['machine'])}"])


def claims(result: Mapping[str, Any]) -> str:
    """What was said of claims, by what was changed in them."""
    head = ["sentences of", "changed", "claims", "supported", "differs", "not found"]
    rows = []
    for name, of in result.items():
        for change, said in of.items() if name != "machine" else ():
            verdicts = [str(said.get(verdict, 0)) for verdict in ("supported", "differs", "not_found")]
            rows.append([name, change, str(said["claims"]), *verdicts])
    return f"{table(head, rows)}\n\nMeasured: {where(result['machine'])}"


def measured(result: Mapping[str, Any], chosen: Sequence[bool]) -> str:
    """Measures by systems, over the chosen questions."""
    outcomes = {
        name: [each for each, use in zip(_outcomes(result, system), chosen, strict=True) if use]
        for name, system in result["systems"].items()
    }
    found = {name: figures(of) for name, of in outcomes.items()}
    ours, *others = outcomes
    better = {name: _better(outcomes[name], outcomes[ours]) for name in others}
    rows = []
    for measure in MEASURES:
        key = measure.key
        if key not in found[ours]:
            continue
        cells = [_cell(key, found[name].get(key), better.get(name, {}).get(key, "")) for name in outcomes]
        rows.append([key, str(found[ours][key].questions), *cells])
    return table(["measure", "questions", *outcomes], rows)


def _cell(key: str, figure: Figure | None, sign: str) -> str:
    if figure is None:
        return ""
    form = ".0f" if key in FASTER else ".3f"
    return f"{figure.value:{form}} ({figure.low:{form}} to {figure.high:{form}}){sign}"


def _better(other: Sequence[Outcome], ours: Sequence[Outcome]) -> dict[str, str]:
    """A sign for each measure in which the other one is ahead, or not behind by more than chance."""
    signs = {}
    for change in changes(other, ours):
        ahead = change.after < change.before if change.key in FASTER else change.after > change.before
        signs[change.key] = "" if change.sure and ahead else " **+**" if change.sure else " ≈"
    return signs


def _outcomes(result: Mapping[str, Any], system: Mapping[str, Any]) -> list[Outcome]:
    marks = system["marks"]
    return [
        Outcome(
            id_,
            "",
            bool(result["answerable"][place]),
            system["confidence"][place],
            seconds=system["ms"][place] / 1000,
            marks={key: float(of[place]) for key, of in marks.items() if of[place] is not None},
        )
        for place, id_ in enumerate(result["ids"])
    ]


def short(mark: float | None) -> float | int | None:
    """A mark as few characters as it takes."""
    return None if mark is None else int(mark) if mark in {0.0, 1.0} else round(mark, 4)


def one_line_lists(text: str) -> str:
    """Indented JSON with every list on a line of its own."""
    return re.sub(r"\[[^\[\]{}]*\]", lambda found: " ".join(found[0].split()).replace(", ", ","), text)

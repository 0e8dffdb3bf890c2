"""Compressed bodies, unpacked step by step: a few kilobytes can hold terabytes."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

_GZIP = 16 + zlib.MAX_WBITS
_STEP = 64 * 1024
CODINGS = frozenset({"", "identity", "gzip", "x-gzip", "deflate"})
"""The content codings that are read, one at a time."""


class BrokenPackageError(Exception):
    """The compressed data is broken or ends early."""


def unpacked(chunks: Iterable[bytes], coding: str) -> Iterator[bytes]:
    """The body of which `chunks` are the parts on the wire, in parts of at most 64 KB where compressed.

    `coding` is one of `CODINGS`. Raises `BrokenPackageError`.
    """
    if coding in {"", "identity"}:
        yield from chunks
        return
    unpacker = None
    for chunk in chunks:
        rest, more = chunk, True
        while more:
            if unpacker is None or unpacker.eof:
                if unpacker is not None and not rest.strip(b"\0"):  # some pad the end with zeros
                    break
                unpacker = zlib.decompressobj(_wbits(coding, rest))  # several may follow each other
            try:
                part = unpacker.decompress(rest, _STEP)
            except zlib.error as error:
                raise BrokenPackageError from error
            yield part
            rest = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
            # Without input left it may still hold output that did not fit.
            more = bool(rest) or (len(part) == _STEP and not unpacker.eof)
    if unpacker is None or not unpacker.eof:
        raise BrokenPackageError


def _wbits(coding: str, head: bytes) -> int:
    """What zlib is told; "deflate" comes with and without a header, though only the former is right."""
    if coding != "deflate":
        return _GZIP
    wrapped = head[0] & 0x0F == 8 and (len(head) < 2 or (head[0] << 8 | head[1]) % 31 == 0)
    return zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS

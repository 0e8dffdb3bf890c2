"""SQLite's file format, as far as it takes to find records in a file whose trees are broken.

https://www.sqlite.org/fileformat2.html: sections 1.5 and 1.6 for pages, cells and their overflow, 2.1 for
records, 4 for the write-ahead log. Whatever does not fit the format is passed over.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TABLE_LEAF, INDEX_LEAF, INDEX_INNER = 0x0D, 0x0A, 0x02
USUAL = 4096
"""Bytes of a page where the file does not tell: what every version of SQLite since 3.12 makes."""
WAL_HEAD, FRAME_HEAD = 32, 24
INTEGERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
"""Serial type -> bytes of a signed big-endian integer."""


def records(file: Path, wanted: Callable[[Sequence[int]], bool]) -> Iterator[tuple[Any, ...]]:
    """Every record of a library whose serial types are wanted, from whatever page can be read.

    Pages that were free and records that were replaced can be among them: the caller has to know right
    from wrong. First the file alone, then with the pages of its write-ahead log.
    """
    content = file.read_bytes() if file.is_file() else b""
    size = _page_size(content)
    pages = {at // size + 1: content[at : at + size] for at in range(0, len(content), size)}
    yield from _File(pages, size).records(wanted)
    log = _log(file.with_name(f"{file.name}-wal"), size)
    if log:
        yield from _File({**pages, **log}, size).records(wanted)


@dataclass(frozen=True, slots=True)
class _File:
    pages: Mapping[int, bytes]
    size: int

    def records(self, wanted: Callable[[Sequence[int]], bool]) -> Iterator[tuple[Any, ...]]:
        for number, page in self.pages.items():
            for payload in self._payloads(page, 100 if number == 1 else 0):
                try:
                    types, head = _types(payload[1])
                    if wanted(types):
                        yield _values(types, self._whole(*payload)[head:])
                except (ValueError, IndexError, struct.error):  # no record, or not all of it
                    continue

    def _payloads(self, page: bytes, at: int) -> Iterator[tuple[int, bytes, int]]:
        """Of each cell of a page: bytes of its record, those that are here, and where the others begin."""
        kind = page[at] if len(page) == self.size else 0
        if kind not in (TABLE_LEAF, INDEX_LEAF, INDEX_INNER):
            return
        (count,) = struct.unpack_from(">H", page, at + 3)
        first = at + (12 if kind == INDEX_INNER else 8)
        for place in range(first, min(first + 2 * count, self.size - 1), 2):
            try:
                (cell,) = struct.unpack_from(">H", page, place)
                yield self._cell(page, cell + (4 if kind == INDEX_INNER else 0), kind)
            except (ValueError, IndexError, struct.error):
                continue

    def _cell(self, page: bytes, at: int, kind: int) -> tuple[int, bytes, int]:
        length, at = _varint(page, at)
        if kind == TABLE_LEAF:
            _, at = _varint(page, at)
        # How much of a record stays on its page: section 1.6.
        least = (self.size - 12) * 32 // 255 - 23
        most = self.size - 35 if kind == TABLE_LEAF else (self.size - 12) * 64 // 255 - 23
        if length <= most:
            return length, page[at : at + length], 0
        here = least + (length - least) % (self.size - 4)
        here = here if here <= most else least
        (rest,) = struct.unpack_from(">I", page, at + here)
        return length, page[at : at + here], rest

    def _whole(self, length: int, here: bytes, rest: int) -> bytes:
        parts, missing = [here], length - len(here)
        if missing > self.size * len(self.pages):
            raise ValueError("longer than the file")
        while missing > 0:
            page = self.pages.get(rest, b"")
            (rest,) = struct.unpack_from(">I", page)
            parts.append(page[4 : 4 + missing])
            if len(parts[-1]) < min(missing, self.size - 4):
                raise ValueError("the page is cut off")
            missing -= len(parts[-1])
        return b"".join(parts)


def _page_size(content: bytes) -> int:
    size = int.from_bytes(content[16:18], "big")
    size = 65536 if size == 1 else size
    return size if 512 <= size <= 65536 and not size & (size - 1) else USUAL


def _log(file: Path, size: int) -> dict[int, bytes]:
    """The pages of a write-ahead log, the last version of each, as far as its salt goes."""
    content = file.read_bytes() if file.is_file() else b""
    salt = content[16:24]
    pages = {}
    for at in range(WAL_HEAD, len(content) - FRAME_HEAD - size + 1, FRAME_HEAD + size):
        if content[at + 8 : at + 16] != salt:  # of an earlier use of the file
            break
        number = int.from_bytes(content[at : at + 4], "big")
        pages[number] = content[at + FRAME_HEAD : at + FRAME_HEAD + size]
    return pages


def _types(payload: bytes) -> tuple[list[int], int]:
    """The serial types at the head of a record, and the length of the head."""
    head, at = _varint(payload, 0)
    if head > len(payload):
        raise ValueError("the head is cut off")
    types = []
    while at < head:
        kind, at = _varint(payload, at)
        types.append(kind)
    return types, head


def _values(types: Sequence[int], body: bytes) -> tuple[Any, ...]:
    values: list[Any] = []
    at = 0
    for kind in types:
        length = (kind - 12) // 2 if kind >= 12 else INTEGERS.get(kind, 8 if kind == 7 else 0)
        raw = body[at : at + length]
        if len(raw) < length:
            raise ValueError("the record is cut off")
        values.append(_value(kind, raw))
        at += length
    return tuple(values)


def _value(kind: int, raw: bytes) -> Any:
    if kind >= 12:
        return raw.decode("utf-8") if kind % 2 else raw
    if kind == 7:
        return struct.unpack(">d", raw)[0]
    return int.from_bytes(raw, "big", signed=True) if kind in INTEGERS else {8: 0, 9: 1}.get(kind)


def _varint(content: bytes, at: int) -> tuple[int, int]:
    """A number of one to nine bytes, and where it ends."""
    value = 0
    for step in range(8):
        byte = content[at + step]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + step + 1
    return value << 8 | content[at + 8], at + 9

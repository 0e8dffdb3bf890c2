"""The articles of the index as a file that the corpus reader takes back: the same ids, the same digests.

Nothing is embedded when they are read again, as long as the library holds their vectors.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from corpus.records import MAX_LINE, as_line
from index.moves import Exported
from index.snapshot import Snapshot
from index.types import Filters
from index.whole import written

PACKED = ".gz"


def export(known: Snapshot, out: BinaryIO, filters: Filters) -> Exported:
    """Write the articles that pass the filters, one a line, in the order of their ids."""
    articles, size = 0, 0
    too_long: list[str] = []
    for article_id in sorted(card.id for card in known.cards(filters)):
        line = as_line(known.known_article(article_id))
        out.write(line)
        articles += 1
        size += len(line)
        if len(line) > MAX_LINE:
            too_long.append(article_id)
    out.flush()
    return Exported(articles, size, tuple(too_long))


@contextmanager
def exporting(target: Path, *, force: bool) -> Iterator[BinaryIO]:
    """The file to write to, compressed where its name ends with `.gz`: there whole, or not at all.

    Raises BackupRefused and BackupBroken, as `index.whole.written` does.
    """
    with written(target, force=force) as (stream, _):
        if target.name.lower().endswith(PACKED):
            with gzip.GzipFile(fileobj=stream, mode="wb", filename="", mtime=0) as packed:
                yield packed  # type: ignore[misc]  # typeshed does not say that it is a BinaryIO
        else:
            yield stream

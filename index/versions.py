"""Sentences that rank too low to answer, but may tell what another version of a story says. Pure.

An article that copies another with one thing changed often ranks far below it, or its sentence is cut off
where the page was. Such passages are found by their vectors, which are nearly those of the others.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from index.evidence import PASSAGES, Evidence, weighed
from index.judging import Judged
from index.retrieval import Scored
from index.snapshot import Found

LOOKED_AT = 2 * PASSAGES
"""Passages among which versions of a story are looked for."""
VERSION = 0.8
"""Cosine from which two passages of different articles may be versions of one story."""
SHORTEST, LONGEST = 40, 400
"""Characters of a stretch that is no whole sentence, but worth to be compared with one."""


def further(judged: Judged, found: Sequence[tuple[Scored, Found]]) -> list[Evidence]:
    """Sentences and stretches that were not judged: of the first passages, and of further ones like those."""
    if len(found) < 2:
        return []
    vectors = np.stack([each.vector for _, each in found])
    articles = np.array([each.card.id for _, each in found])
    alike = ((vectors @ vectors.T >= VERSION) & (articles[:, None] != articles[None, :])).any(axis=1)
    known = {(each.passage_id, each.span) for each in judged.sentences}
    made: list[Evidence] = []
    for place, (scored, passage) in enumerate(found):
        new = [
            span
            for span in passage.passage.sentences
            if (passage.passage.id, span) not in known and SHORTEST <= span.end - span.start <= LONGEST
        ]
        if new and (place < PASSAGES or alike[place]):
            weights = weighed(judged.asked, scored, passage, whole=False)
            made += [each for each in weights if each.span in new and "://" not in each.text]
    return made

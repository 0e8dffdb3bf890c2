"""Two evaluations of the same questions: what changed, by measure and question by question. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from index.measures import MEASURES, Outcome
from index.measuring import Rows, columns, figure, intervals, rows

YES_OR_NO = ("hit@1", "hit@10", "first", "answer", "cited first", "verbatim", "differs", "right", "written")
"""Marks of which it is told question by question where they were gained and lost."""


@dataclass(frozen=True, slots=True)
class Change:
    """A measure before and after, over the questions that both evaluations have."""

    key: str
    before: float
    after: float
    low: float
    high: float
    """The interval, at 95%, of what `after` has more than `before`: both on the same resamples."""
    gained: tuple[str, ...] = ()
    """Ids of questions that have the mark now and had it not; for YES_OR_NO only."""
    lost: tuple[str, ...] = ()

    @property
    def sure(self) -> bool:
        """Whether the change is more than chance would bring: its interval leaves out zero."""
        return self.low > 0 or self.high < 0


def changes(before: Sequence[Outcome], after: Sequence[Outcome]) -> list[Change]:
    """What changed in every measure that both have. Questions are told apart by id and words."""
    old = {(each.id, each.question): each for each in before}
    both = [(old[same], each) for each in after if (same := (each.id, each.question)) in old]
    if not both:
        return []
    was, now = columns([one for one, _ in both]), columns([two for _, two in both])
    values = {measure.key: (figure(measure.key, was), figure(measure.key, now)) for measure in MEASURES}
    known = [key for key, pair in values.items() if not np.isnan(pair).any()]

    def more(at: Rows) -> list[float]:
        old_drawn, new_drawn = rows(was, at), rows(now, at)
        return [figure(key, new_drawn) - figure(key, old_drawn) for key in known]

    ends = zip(known, intervals(len(both), more), strict=True)
    return [Change(key, *values[key], *_rounded(key, end), *_moved(key, both)) for key, end in ends]


def _rounded(key: str, ends: tuple[float, float]) -> tuple[float, float]:
    # JSON keeps marks with six places, so that is no change; adding zero makes minus zero zero.
    places = 9 if key == "cost" else 5
    return round(ends[0], places) + 0.0, round(ends[1], places) + 0.0


def _moved(key: str, both: Sequence[tuple[Outcome, Outcome]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if key not in YES_OR_NO:
        return (), ()
    known = [
        (one.marks[key], two.marks[key], two.id) for one, two in both if key in one.marks and key in two.marks
    ]
    return (
        tuple(id_ for was, now, id_ in known if now > was),
        tuple(id_ for was, now, id_ in known if now < was),
    )

"""The measures: marks of single answers, figures over all of them, and how sure those are. Pure.

- hit@k (trec_eval's `success`), MRR (Voorhees, The TREC-8 Question Answering Track Report, 1999) and nDCG
  (Järvelin & Kekäläinen, Cumulated gain-based evaluation of IR techniques, 2002; the gain is 1 for a gold
  article) are computed by NIST's trec_eval, through ir-measures.
- Answer strings are looked for as in open-domain question answering (Chen et al., Reading Wikipedia to
  answer open-domain questions, 2017), with the words normalised as for SQuAD (Rajpurkar et al., 2016), but
  for the articles "a" and "the", which stay.
- Balanced accuracy: Brodersen et al., The balanced accuracy and its posterior distribution, 2010.
- Area under the ROC curve, as the share of pairs in the right order: Mann & Whitney 1947; Hanley & McNeil,
  The meaning and use of the area under a receiver operating characteristic curve, 1982.
- Citations of written answers: `index/citing.py`.
- Intervals: percentiles of a bootstrap over questions (Efron & Tibshirani, An Introduction to the
  Bootstrap, 1993, chapter 13).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from index.measures import MEASURES, Case, Figure, Outcome, holds
from index.types import Answer

Columns = dict[str, npt.NDArray[np.float64]]
Rows = npt.NDArray[np.int64]
RESAMPLES = 1000
SEED = 20220324
OF_SENTENCES = ("first", "answer", "first all", "answer all", "differs")
OF_CITATIONS = ("cited first", "cited any", "verbatim", "cite recall", "cite prec.")
"""Marks of what an answer says, 0 where it says nothing, and of what it cites, which then do not count."""
FOUND = 10
"""Articles that a search is asked for."""


def marks(case: Case, answer: Answer, passage: str, texts: Mapping[str, str]) -> dict[str, float]:
    """What an answer gets that was given with careful at 0; only what the question counts for.

    `passage` is the one found first, `texts` has the gold and the cited articles that the index knows.
    """
    said = [sentence.text for sentence in answer.sentences]
    made: dict[str, bool] = {}
    if case.answerable and case.answers:
        made |= {"first all": holds(said[:1], case.answers), "answer all": holds(said, case.answers)}
        if holds([texts[gold] for gold in case.articles if gold in texts], case.answers):
            made |= {"first": made["first all"], "answer": made["answer all"]}
            made["passage"] = holds([passage], case.answers)
    if case.answerable and case.articles and answer.citations:
        good = [cited.article.id in {*case.articles, *case.also} for cited in answer.citations]
        made |= {"cited first": good[0], "cited any": any(good)}
    if answer.citations:
        made["verbatim"] = all(
            texts.get(cited.article.id, "")[cited.start : cited.end] == cited.quote
            for cited in answer.citations
        )
    if case.articles and case.false_articles and case.answers and case.wrong_answers:
        made["differs"] = _differs(case, answer)
    return {key: float(value) for key, value in made.items()}


def _differs(case: Case, answer: Answer) -> bool:
    """Whether, on one point, one claim has the right and another one a wrong answer."""
    quotes = {cited.number: cited.quote for cited in answer.citations}
    for group in answer.differences:
        told = [[claim.claim, *(quotes.get(number, "") for number in claim.citations)] for claim in group]
        right = {place for place, texts in enumerate(told) if holds(texts, case.answers)}
        wrong = {place for place, texts in enumerate(told) if holds(texts, case.wrong_answers)}
        if right and wrong and len(right | wrong) > 1:
            return True
    return False


def ranked(outcomes: Sequence[Outcome], cases: Iterable[Case]) -> list[Outcome]:
    """The outcomes with the measures of retrieval; as they were where trec_eval is not installed.

    It has wheels for Linux, macOS and Windows, but none for Linux on ARM.
    """
    try:
        import ir_measures
    except ImportError:
        return list(outcomes)
    gold = {case.id: dict.fromkeys(case.articles, 1) for case in cases if case.answerable and case.articles}
    keys = {"hit@1": "Success@1", "hit@4": "Success@4", "hit@10": "Success@10", "mrr@10": "RR@10"}
    wanted = {ir_measures.parse_measure(name): key for key, name in {**keys, "ndcg@10": "nDCG@10"}.items()}
    # trec_eval sorts by score. A question that found nothing gets an article that is nobody's gold.
    runs = {
        outcome.id: {article: -float(place) for place, article in enumerate(outcome.found or ("",))}
        for outcome in outcomes
        if outcome.id in gold
    }
    got: dict[str, dict[str, float]] = {}
    if runs:
        for metric in ir_measures.iter_calc(list(wanted), {id_: gold[id_] for id_ in runs}, runs):
            got.setdefault(metric.query_id, {})[wanted[metric.measure]] = float(metric.value)
    return [replace(each, marks={**got.get(each.id, {}), **each.marks}) for each in outcomes]


def silenced(outcome: Outcome, careful: float) -> Outcome:
    """The outcome with its marks for keeping silent, where an answer must be as sure as `careful`."""
    silent = outcome.confidence is None or outcome.confidence < careful or not outcome.said
    made = dict(outcome.marks)
    made["silent"] = float(silent)
    if not outcome.answerable:
        made |= {"recall": float(silent), "right": float(silent)}
    else:
        good = made.get("answer all", made.get("cited any", 1.0))
        made |= {"kept": float(not silent), "right": 0.0 if silent else good}
    return replace(outcome, marks=made)


def as_shown(outcome: Outcome) -> Outcome:
    """The marks of what people got: of an answer that was kept silent, nothing that it says or cites counts.

    So answers that were asked for with careful at 0 can be compared with those at a setting.
    """
    if not outcome.marks.get("silent"):
        return outcome
    made = {key: mark for key, mark in outcome.marks.items() if key not in OF_CITATIONS}
    return replace(outcome, marks=made | {key: 0.0 for key in OF_SENTENCES if key in made})


def columns(outcomes: Sequence[Outcome]) -> Columns:
    """One array for each mark, not-a-number where a question does not count for it."""
    keys = dict.fromkeys(key for outcome in outcomes for key in outcome.marks)
    none = float("nan")
    made = {key: np.array([outcome.marks.get(key, none) for outcome in outcomes]) for key in keys}
    made["answerable"] = np.array([float(outcome.answerable) for outcome in outcomes])
    made["confidence"] = np.array([-1.0 if o.confidence is None else o.confidence for o in outcomes])
    made["seconds"] = np.array([outcome.seconds for outcome in outcomes])
    return made | _writing(outcomes) if any(outcome.writing for outcome in outcomes) else made


def _writing(outcomes: Sequence[Outcome]) -> Columns:
    """What a language model wrote, and took. An answer that broke off says nothing of what holds."""
    none = float("nan")
    found = [outcome.writing for outcome in outcomes]
    whole = [each if each and each.silence in {"", "unusable"} else None for each in found]
    return {
        "wrote": np.array([each.written if each else none for each in whole]),
        "held": np.array([each.held if each else none for each in whole]),
        "tokens in": np.array([each.tokens_in if each else none for each in found]),
        "tokens out": np.array([each.tokens_out if each else none for each in found]),
        "cost": np.array([each.cost if each and each.cost is not None else none for each in found]),
    }


def figures(outcomes: Sequence[Outcome]) -> dict[str, Figure]:
    """Every measure that at least one question counts for, in the order of the table."""
    if not outcomes:
        return {}
    data = columns(outcomes)
    values = {measure.key: figure(measure.key, data) for measure in MEASURES}
    known = [key for key, value in values.items() if not np.isnan(value)]

    def again(at: Rows) -> list[float]:
        drawn = rows(data, at)
        return [figure(key, drawn) for key in known]

    ends = intervals(len(outcomes), again)
    return {key: Figure(values[key], *end, _counted(key, data)) for key, end in zip(known, ends, strict=True)}


def figure(key: str, data: Columns) -> float:
    """A measure over the rows of `data`; not-a-number where it is not defined on them."""
    if key in SPECIAL:
        return SPECIAL[key](data)
    return _mean(data[key]) if key in data else float("nan")


def intervals(size: int, of: Callable[[Rows], Sequence[float]]) -> list[tuple[float, float]]:
    """The middle 95% of each of some figures over resamples of `size` questions, drawn with replacement."""
    chance = np.random.default_rng(SEED)
    values = np.array([of(chance.integers(0, size, size)) for _ in range(RESAMPLES)])
    return [_middle(of_one[~np.isnan(of_one)]) for of_one in values.T]


def _middle(values: npt.NDArray[np.float64]) -> tuple[float, float]:
    low, high = np.percentile(values, [2.5, 97.5]) if values.size else (float("nan"), float("nan"))
    return float(low), float(high)


def area(scores: npt.NDArray[np.float64], positive: npt.NDArray[np.bool_]) -> float:
    """Share of the pairs of a positive and a negative that the scores put in order; half for a tie."""
    many, few = int(positive.sum()), int((~positive).sum())
    if not many or not few:
        return float("nan")
    _, place, size = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(size) - (size - 1) / 2)[place]
    return float((ranks[positive].sum() - many * (many + 1) / 2) / (many * few))


def _mean(values: npt.NDArray[np.float64]) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")


def rows(data: Columns, at: Rows) -> Columns:
    """Some of the rows, which may come more than once."""
    return {key: values[at] for key, values in data.items()}


def _counted(key: str, data: Columns) -> int:
    if key == "precision":
        return int((data["silent"] == 1).sum())
    return int((~np.isnan(data[key])).sum()) if key in data else len(data["answerable"])


def _precision(data: Columns) -> float:
    if "silent" not in data or data["answerable"].all():
        return float("nan")
    return _mean(1 - data["answerable"][data["silent"] == 1])


def _held(data: Columns) -> float:
    written = np.nansum(data["wrote"]) if "wrote" in data else 0
    return float(np.nansum(data["held"]) / written) if written else float("nan")


def _balanced(data: Columns) -> float:
    return (figure("recall", data) + figure("kept", data)) / 2


def _slow(share: float) -> Callable[[Columns], float]:
    return lambda data: float(np.percentile(data["seconds"], share)) * 1000


SPECIAL: dict[str, Callable[[Columns], float]] = {
    "precision": _precision,
    "balanced": _balanced,
    "held": _held,
    "auc": lambda data: area(data["confidence"], data["answerable"] == 1),
    "p50 ms": _slow(50),
    "p95 ms": _slow(95),
}
"""What is not the mean of a mark."""

"""Trains the reader, `index/data/reader.npz`, on the development questions.

Needs PyTorch and onnx:

    .venv/bin/pip install torch onnx
    .venv/bin/python -m benchmarks.quality.train_reader [--pairs FILE]

The examples are what `fit.py` makes of the questions: each with its likeliest sentences in the order of the
features, which of them hold the answer string in a gold article, and none where the question has no answer.
Only the half that `fit.py` fits on is trained on; what is printed at the end is the other half.

`--pairs` names a file with a line `{"question": …, "sentence": …}` for each further example, a question
with the sentence that answers it; the sentences of other pairs that are nearest to the question by the
bundled model stand beside it, and in three of ten the answering one is left out. The weights in this
repository were trained with 9,966 pairs of the training set of SQuAD 1.1 (Rajpurkar et al. 2016).

The loss is the negative logarithm of what a softmax over "none" and the sentences gives to those that are
right: to "none" where no sentence is. In each set, examples with and without a right sentence weigh alike,
so that zero means the same everywhere.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import torch

from benchmarks.common import machine
from benchmarks.quality.fit import SETS, Sample, samples
from benchmarks.quality.minilm import Bundle, Reading
from index.embedding import BundledEmbedder, model_file, model_tokenizer
from index.measuring import area
from index.reader import DATA, QUESTION, SENTENCE, packed

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RESULT = HERE / "reader.json"
BATCH = 16
READ = 4
"""One more than `index/reader.py` reads, to learn from."""
RATE = 2e-3
WARM = 0.06
"""Share of the steps in which the rate rises; after them it falls to nothing."""
LEFT_OUT = 0.3
NEAREST = 8


@dataclass(frozen=True, slots=True)
class Example:
    """A question with its likeliest sentences, best first."""

    question: str
    sentences: tuple[str, ...]
    right: tuple[bool, ...]
    scores: tuple[float, ...]
    answerable: bool
    written: bool
    confidence: float
    """What the features say, 0 to 1."""
    weight: float = 1.0


def from_samples(kept: Iterable[Sample]) -> Iterator[Example]:
    """The examples of a development set; of copies of a sentence, one stands in them."""
    for sample in kept:
        first: dict[str, int] = {}
        for place, found in enumerate(sample.sentences):
            first.setdefault(found.text, place)
        places = list(first.values())[:READ]
        top = sample.sentences[0].score
        yield Example(
            sample.question,
            tuple(sample.sentences[place].text for place in places),
            tuple(bool(sample.right[place]) and sample.answerable for place in places),
            tuple(sample.sentences[place].score - top for place in places),
            sample.answerable,
            sample.written,
            sample.confidence,
        )


def balanced(examples: Iterable[Example]) -> list[Example]:
    """The same examples; those with and those without a right sentence weigh half of the whole each."""
    kept = list(examples)
    with_one = sum(any(each.right) for each in kept)
    half = len(kept) / 2
    return [
        replace(each, weight=half / (with_one if any(each.right) else len(kept) - with_one)) for each in kept
    ]


def from_pairs(file: Path, most: int, chance: random.Random) -> Iterator[Example]:
    """Further examples, with the nearest sentences of other pairs as wrong ones."""
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    embedder = BundledEmbedder()
    with ThreadPoolExecutor(2) as pool:
        said = np.stack(list(pool.map(embedder.question, [line["sentence"] for line in lines])))
        asked = np.stack(list(pool.map(embedder.question, [line["question"] for line in lines])))
    for place in chance.sample(range(len(lines)), min(most, len(lines))):
        answer = lines[place]["sentence"]
        near = [lines[other]["sentence"] for other in np.argsort(-(said @ asked[place]))[: 2 * NEAREST]]
        wrong = [sentence for sentence in near if sentence != answer][:NEAREST]
        there = chance.random() >= LEFT_OUT
        sentences = ([answer] if there else []) + chance.sample(wrong, READ - there)
        yield Example(
            lines[place]["question"],
            tuple(sentences),
            tuple(there and not n for n in range(READ)),
            (0.0,) * READ,
            there,
            False,
            0.0,
        )


@cache
def pieces(text: str) -> list[int]:
    """Word pieces of a text, without the model's markers."""
    return list(_tokenizer().encode(text, add_special_tokens=False).ids)


@cache
def _tokenizer():
    return model_tokenizer()


def batch(examples: Sequence[Example], chance: random.Random | None = None) -> tuple[torch.Tensor, ...]:
    """What `Reading.forward` takes; with `chance`, the sentences stand in any order."""
    rows = []
    for each in examples:
        order = list(range(len(each.sentences)))
        if chance:
            chance.shuffle(order)
        said = [pieces(each.sentences[place])[:SENTENCE] for place in order]
        ids, segments, spans = packed(pieces(each.question)[:QUESTION], said)
        rows.append((ids, segments, list(zip(order, spans, strict=True))))
    longest = max(len(ids) for ids, _, _ in rows)
    ids_of = torch.zeros(len(rows), longest, dtype=torch.long)
    segments_of, mask = torch.zeros_like(ids_of), torch.zeros(len(rows), longest, dtype=torch.bool)
    inside = torch.zeros(len(rows), READ, longest, dtype=torch.bool)
    scores = torch.zeros(len(rows), READ)
    for row, (ids, segments, spans) in enumerate(rows):
        ids_of[row, : len(ids)] = torch.tensor(ids)
        segments_of[row, : len(ids)] = torch.tensor(segments)
        mask[row, : len(ids)] = True
        for place, span in spans:
            inside[row, place, span] = True
        scores[row, : len(spans)] = torch.tensor(examples[row].scores)
    return ids_of, segments_of, mask, inside, scores


def right(examples: Sequence[Example]) -> torch.Tensor:
    """Shape (batch, 1 + READ): "none" first, and only where no sentence is right."""
    made = torch.zeros(len(examples), 1 + READ, dtype=torch.bool)
    for row, each in enumerate(examples):
        made[row, 1 : 1 + len(each.right)] = torch.tensor(each.right)
        made[row, 0] = not any(each.right)
    return made


def batches(examples: Sequence[Example], chance: random.Random) -> Iterator[list[Example]]:
    """All examples in batches of about one length each, in any order."""
    shuffled = chance.sample(examples, len(examples))
    made = []
    for start in range(0, len(shuffled), BATCH * 16):
        near = sorted(shuffled[start : start + BATCH * 16], key=_length)
        made += [near[at : at + BATCH] for at in range(0, len(near), BATCH)]
    yield from chance.sample(made, len(made))


def _length(example: Example) -> int:
    return sum(len(pieces(text)) for text in (example.question, *example.sentences))


def train(model: Reading, epochs: Sequence[Sequence[Example]], chance: random.Random) -> None:
    """AdamW (Loshchilov & Hutter 2019, arXiv:1711.05101), with a rate that rises and falls."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.0)
    steps = sum(len(list(batches(examples, random.Random(0)))) for examples in epochs)
    rate = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / (WARM * steps)) * max(0.02, 1 - step / steps)
    )
    began, done, lost = time.perf_counter(), 0, 0.0
    for examples in epochs:
        for chosen in batches(examples, chance):
            odds = model(*batch(chosen, chance))
            wanted = odds.masked_fill(~right(chosen), -1e9)
            weights = torch.tensor([example.weight for example in chosen])
            loss = (weights * (torch.logsumexp(odds, 1) - torch.logsumexp(wanted, 1))).mean()
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            rate.step()
            done, lost = done + 1, lost + loss.item()
            if not done % 50:
                print(f"{done}/{steps} loss {lost / 50:.3f}, {time.perf_counter() - began:.0f} s", flush=True)
                lost = 0.0


def report(model: Reading, name: str, examples: Sequence[Example]) -> dict[str, float | str | int]:
    """Of the questions as they came: the right sentence first, and answerable from unanswerable."""
    odds = []
    with torch.no_grad():
        for start in range(0, len(examples), BATCH):
            odds.append(model(*batch(examples[start : start + BATCH])).numpy())
    every = np.concatenate(odds)
    place = {id(example): row for row, example in enumerate(examples)}
    chosen = [example for example in examples if example.written and example.answerable]
    order = {id(example): np.argsort(-every[place[id(example)], 1:]) for example in chosen}

    def among(example: Example, places: Iterable[int]) -> bool:
        return any(example.right[at] for at in places if at < len(example.right))

    answered = np.logaddexp.reduce(every[:, 1:], axis=1) - every[:, 0]
    plain = np.array([example.confidence for example in examples])
    both = answered + np.log(plain + 1e-6) - np.log(1 - plain + 1e-6)
    yes = np.array([example.answerable for example in examples])
    written = np.array([example.written for example in examples])
    made: dict[str, float | str | int] = {"set": name, "questions": len(chosen)}
    made["first by features"] = float(np.mean([among(example, [0]) for example in chosen]))
    made["first"] = float(np.mean([among(example, order[id(example)][:1]) for example in chosen]))
    made["in three"] = float(np.mean([among(example, order[id(example)][:3]) for example in chosen]))
    for key, of in (("written", written), ("all", written | True)):
        for told, scores in (("by features", plain), ("by reader", answered), ("both", both)):
            made[f"auc {key} {told}"] = area(scores[of], yes[of])
    return {key: round(value, 3) if isinstance(value, float) else value for key, value in made.items()}


def main() -> None:
    """Train, print and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared/eval")
    parser.add_argument("--work", type=Path, default=Path(".footnote/quality"))
    parser.add_argument("--pairs", type=Path)
    parser.add_argument("--most-pairs", type=int, default=10_000, help="a part of them in each epoch")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--dry-run", action="store_true", help="print, but leave the weights as they are")
    options = parser.parse_args()
    torch.set_num_threads(2)
    torch.manual_seed(1)
    chance = random.Random(1)
    kept = {
        # Of this set there are enough, and half of its questions have no answer anyway.
        name: list(samples(name, options.shared, options.work, 10_000, spoilt=name != "encyclopedia"))
        for name in SETS
    }
    learnt = [
        example
        for name in SETS
        for example in balanced(from_samples(sample for sample in kept[name] if not sample.held_out))
    ]
    pairs = balanced(from_pairs(options.pairs, options.most_pairs, chance)) if options.pairs else []
    epochs = [[*learnt, *pairs[number :: options.epochs]] for number in range(options.epochs)]
    model = Reading(Bundle(model_file()))
    print(f"{len(learnt)} examples, {len(pairs)} pairs, {sum(p.numel() for p in model.parameters())} numbers")
    train(model, epochs, chance)
    held = {name: list(from_samples(sample for sample in kept[name] if sample.held_out)) for name in SETS}
    figures = [report(model, name, examples) for name, examples in held.items()]
    for row in figures:
        print(row)
    if not options.dry_run:
        np.savez_compressed(DATA, **model.arrays())
        settings = {"examples": len(learnt), "pairs": len(pairs), "epochs": options.epochs}
        RESULT.write_text(
            json.dumps({"machine": machine(), **settings, "held out": figures}, indent=2) + "\n", "utf-8"
        )


if __name__ == "__main__":
    main()

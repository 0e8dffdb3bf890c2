"""The bundled model in PyTorch, with a head: what `train_reader.py` trains and `index/reader.py` runs.

The int8 matrices are constants. Trained are the biases, the LayerNorms, a factor for each column of each
matrix (it becomes part of the file's scales) and the vectors of the two segments: all of them tensors that
the ONNX file keeps by name, so that onnxruntime can replace them when it loads the file.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn
from torch.nn import functional

from index.reader import LOWEST

WIDTH, HEADS, LAYERS = 384, 12, 6
NEVER = -1e9


class Bundle:
    """The arrays of the ONNX file, by the names that PyTorch's BERT gives them."""

    def __init__(self, file: Path) -> None:
        """Reads the file. A matrix is found by the bias that is added to its product."""
        graph = onnx.load(str(file)).graph
        self._arrays = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
        self._matrices: dict[str, str] = {}
        added = {name: node for node in graph.node if node.op_type == "Add" for name in node.input}
        for node in graph.node:
            if node.op_type == "MatMul" and f"{node.input[1]}_q" in self._arrays:
                bias = next(name for name in added[node.output[0]].input if name in self._arrays)
                self._matrices[bias.removesuffix(".bias")] = node.input[1]

    def array(self, name: str) -> Tensor:
        """A tensor as it stands in the file, or its int8 numbers times their scales."""
        if name in self._arrays:
            return torch.tensor(self._arrays[name].astype(np.float32))
        stored = self._matrices.get(name, name)
        return torch.tensor(self._arrays[f"{stored}_q"].astype(np.float32) * self._arrays[f"{stored}_scale"])

    def scale(self, name: str) -> tuple[str, Tensor]:
        """The scales of a matrix's columns, shape (1, columns), and their name in the file."""
        stored = f"{self._matrices[name]}_scale"
        return stored, torch.tensor(self._arrays[stored])


class Linear(nn.Module):
    """A product with a constant matrix; its columns' factors and its bias are trained."""

    def __init__(self, bundle: Bundle, name: str) -> None:
        """The bias and the matrix of `name`."""
        super().__init__()
        self.name = name
        matrix = bundle.array(name)
        # Half the precision takes half the time, and the numbers have 8 bits anyway.
        self.register_buffer("matrix", matrix.bfloat16(), persistent=False)
        self.factor = nn.Parameter(torch.ones(matrix.shape[1]))
        self.bias = nn.Parameter(bundle.array(f"{name}.bias"))

    def forward(self, x: Tensor) -> Tensor:
        """Shape (…, rows) in, (…, columns) out."""
        return (x.bfloat16() @ self.matrix).float() * self.factor + self.bias


class Norm(nn.Module):
    """A LayerNorm of the file."""

    def __init__(self, bundle: Bundle, name: str) -> None:
        """The weight and the bias of `name`."""
        super().__init__()
        self.name = name
        self.weight = nn.Parameter(bundle.array(f"{name}.weight"))
        self.bias = nn.Parameter(bundle.array(f"{name}.bias"))

    def forward(self, x: Tensor) -> Tensor:
        """Shape (…, WIDTH) in and out."""
        return functional.layer_norm(x, (WIDTH,), self.weight, self.bias, 1e-12)


class Layer(nn.Module):
    """One layer of BERT (Devlin et al. 2019, arXiv:1810.04805)."""

    def __init__(self, bundle: Bundle, number: int) -> None:
        """The layer of that number, from 0."""
        super().__init__()
        place = f"inner.encoder.layer.{number}"
        self.query, self.key, self.value = (
            Linear(bundle, f"{place}.attention.self.{part}") for part in ("query", "key", "value")
        )
        self.out = Linear(bundle, f"{place}.attention.output.dense")
        self.after_out = Norm(bundle, f"{place}.attention.output.LayerNorm")
        self.wide = Linear(bundle, f"{place}.intermediate.dense")
        self.narrow = Linear(bundle, f"{place}.output.dense")
        self.after_narrow = Norm(bundle, f"{place}.output.LayerNorm")

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """States of shape (batch, length, WIDTH) in and out; `mask`: which pieces are there."""

        def heads(of: Tensor) -> Tensor:
            return of.view(*of.shape[:2], HEADS, WIDTH // HEADS).transpose(1, 2)

        seen = functional.scaled_dot_product_attention(
            heads(self.query(x)), heads(self.key(x)), heads(self.value(x)), attn_mask=mask
        )
        x = self.after_out(x + self.out(seen.transpose(1, 2).reshape(x.shape)))
        return self.after_narrow(x + self.narrow(functional.gelu(self.wide(x))))


class Reading(nn.Module):
    """The model with its head: word pieces in, log-odds of "none" and of each sentence out."""

    def __init__(self, bundle: Bundle) -> None:
        """As it comes: the head begins with what late matching is worth untrained."""
        super().__init__()
        self._bundle = bundle
        place = "inner.embeddings"
        for name in ("word", "position"):
            self.register_buffer(name, bundle.array(f"{place}.{name}_embeddings.weight"), persistent=False)
        # The model has never read a second segment: it begins as another first one.
        self.segment = nn.Parameter(bundle.array(f"{place}.token_type_embeddings.weight")[[0, 0]])
        self.norm = Norm(bundle, f"{place}.LayerNorm")
        self.layers = nn.ModuleList(Layer(bundle, number) for number in range(LAYERS))
        self.worth = nn.Parameter(torch.tensor(0.5))
        self.match = nn.Parameter(torch.tensor([4.0, 4.0, 3.0]))
        self.sentence, self.none, self.care = (nn.Parameter(torch.zeros(WIDTH)) for _ in range(3))
        self.bias = nn.Parameter(torch.tensor([0.0, 6.0]))

    def forward(self, ids: Tensor, segments: Tensor, mask: Tensor, inside: Tensor, scores: Tensor) -> Tensor:
        """Log-odds, shape (batch, 1 + sentences), "none" first.

        ids, segments and mask (True where a piece stands): shape (batch, length). inside, shape (batch,
        sentences, length): where each sentence stands; nowhere for one that is missing. scores, shape
        (batch, sentences): what the features say, 0 for the best.
        """
        x = self.norm(self.word[ids] + self.position[: ids.shape[1]] + self.segment[segments])
        for layer in self.layers:
            x = layer(x, mask[:, None, None, :])
        asked = mask & (segments == 0)
        asked[:, 0] = False
        asked[torch.arange(len(ids)), asked.sum(1)] = False  # its [SEP]
        unit = functional.normalize(x, dim=-1)
        best = torch.einsum("bqd,bld->bql", unit, unit)[:, None].masked_fill(~inside[:, :, None], -1).amax(-1)
        care = torch.softmax((x @ self.care).masked_fill(~asked, NEVER), -1)
        match = (best * care[:, None]).sum(-1)
        lowest = (
            best.masked_fill(~asked[:, None], 2.0).topk(LOWEST, largest=False).values.clamp(max=1).mean(-1)
        )
        question = functional.normalize((x * asked[..., None]).sum(1), dim=-1)
        share = inside.float() / inside.sum(-1, keepdim=True).clamp(min=1)
        pooled = share @ x
        cosine = torch.einsum("bd,bsd->bs", question, functional.normalize(pooled, dim=-1))
        said = torch.stack([cosine, match, lowest], -1) @ self.match + pooled @ self.sentence + self.bias[0]
        said = (said + self.worth * scores).masked_fill(~inside.any(-1), NEVER)
        return torch.cat([(x[:, 0] @ self.none + self.bias[1])[:, None], said], 1)

    def arrays(self) -> dict[str, np.ndarray]:
        """What `index/reader.py` loads: tensors of the file by their names, and the head."""
        made = {"inner.embeddings.token_type_embeddings.weight": self.segment}
        for part in self.modules():
            if isinstance(part, Norm):
                made |= {f"{part.name}.weight": part.weight, f"{part.name}.bias": part.bias}
            if isinstance(part, Linear):
                stored, scale = self._bundle.scale(part.name)
                made |= {stored: scale * part.factor, f"{part.name}.bias": part.bias}
        for name in ("match", "sentence", "none", "care", "bias"):
            made[f"head.{name}"] = getattr(self, name)
        made["head.worth"] = self.worth
        return {name: value.detach().numpy().astype(np.float32) for name, value in made.items()}

"""The network while it learns: its score, and the cut-offs between the grades."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from core.vision.networks import OrdinalClassifier
from models.training.retina import GRADES


class Graded(nn.Module):
    """The network and its cut-offs: the first, and the logarithms of the steps to the next."""

    def __init__(self, network: OrdinalClassifier) -> None:
        super().__init__()
        self.network = network
        self.first = nn.Parameter(torch.zeros(1))
        self.steps = nn.Parameter(torch.zeros(GRADES - 2))

    @property
    def cutoffs(self) -> Tensor:
        """(4,), rising."""
        return torch.cat((self.first, self.first + self.steps.exp().cumsum(0)))

    def cut_at(self, cutoffs: Sequence[float]) -> Graded:
        """With these cut-offs (4), rising."""
        values = torch.tensor(cutoffs, dtype=torch.float32)
        with torch.no_grad():
            self.first.copy_(values[:1])
            self.steps.copy_(values.diff().log())
        return self

    def forward(self, x: Tensor) -> Tensor:
        """Scores (N,) of normalised levelled photos (N, 3, H, W)."""
        out: Tensor = self.network(x)[:, 0]
        return out

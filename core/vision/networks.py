"""Architectures of the networks. Weights and preprocessing come from the cards in `models/`.

Two shapes serve every examination so far: a MobileNetV2 classifier whose last
feature map can be read as a class activation map, and a U-Net on the same encoder.
Importing this module imports torch, so only code that already needs a network does.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.models import mobilenet_v2

FEATURES = 1280
"""Channels of MobileNetV2's last feature map."""


class Classifier(nn.Module):
    """MobileNetV2 with one linear head (Sandler et al. 2018)."""

    def __init__(self, classes: int, dropout: float = 0.2) -> None:
        super().__init__()
        self.features = mobilenet_v2(weights=None).features
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(FEATURES, classes)

    def maps(self, x: Tensor) -> Tensor:
        """Last feature maps, (N, 1280, H/32, W/32), of normalised images (N, 3, H, W)."""
        out: Tensor = self.features(x)
        return out

    def forward(self, x: Tensor) -> Tensor:
        """Logits (N, classes) of normalised images (N, 3, H, W)."""
        out: Tensor = self.head(self.dropout(self.maps(x).mean((2, 3))))
        return out

    def explain(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Logits (N, classes), pooled features (N, 1280) and class activation maps (N, classes, h, w).

        With a linear head on an average pool the activation map is exact, not an
        approximation by gradients: its mean plus the bias is the logit (Zhou et al. 2016).
        """
        maps = self.maps(x)
        pooled = maps.mean((2, 3))
        cam = F.conv2d(maps, self.head.weight[:, :, None, None])
        return self.head(pooled), pooled, cam


class OrdinalClassifier(Classifier):
    """MobileNetV2 with one output, the score of a scale; the cut-offs between its grades are in the card.

    For the levelled field of an eye, of which the uppermost and lowest eighth is always blank and is left out.
    """

    def __init__(self, dropout: float = 0.2) -> None:
        super().__init__(1, dropout)

    def maps(self, x: Tensor) -> Tensor:
        """Last feature maps, (N, 1280, H*3/4/32, W/32), of normalised images (N, 3, H, W)."""
        blank = x.shape[2] // 8
        return super().maps(x[:, :, blank : x.shape[2] - blank])

    def explain(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """As `Classifier.explain`, the maps again over the whole square, 0 where it did not look."""
        logits, pooled, cam = super().explain(x)
        rows = cam.shape[3] - cam.shape[2]
        return logits, pooled, F.pad(cam, (0, 0, rows // 2, rows - rows // 2)) * (cam.shape[3] / cam.shape[2])


class _Up(nn.Module):
    """Double the size, join the encoder's map of that size, two 3x3 convolutions."""

    def __init__(self, below: int, beside: int, out: int) -> None:
        super().__init__()
        self.mix = nn.Sequential(
            nn.Conv2d(below + beside, out, 3, padding=1, bias=False),
            nn.BatchNorm2d(out),
            nn.ReLU(inplace=True),
            nn.Conv2d(out, out, 3, padding=1, bias=False),
            nn.BatchNorm2d(out),
            nn.ReLU(inplace=True),
        )

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        x = F.interpolate(x, size=skip.shape[-2:], mode="bilinear", align_corners=False)
        out: Tensor = self.mix(torch.cat((x, skip), 1))
        return out


class OutlineNet(nn.Module):
    """U-Net (Ronneberger et al. 2015) on MobileNetV2's encoder."""

    TAPS = (1, 3, 6, 13)  # the encoder's maps at 1/2, 1/4, 1/8 and 1/16
    LAST = 17  # 320 channels at 1/32

    def __init__(self, masks: int = 1) -> None:
        super().__init__()
        self.features = mobilenet_v2(weights=None).features[: self.LAST + 1]
        self.up16 = _Up(320, 96, 96)
        self.up8 = _Up(96, 32, 48)
        self.up4 = _Up(48, 24, 32)
        self.up2 = _Up(32, 16, 16)
        self.head = nn.Conv2d(16, masks, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Logits (N, masks, H, W) of normalised images (N, 3, H, W)."""
        size = x.shape[-2:]
        skips = []
        for i, block in enumerate(self.features):
            x = block(x)
            if i in self.TAPS:
                skips.append(x)
        for up, skip in zip((self.up16, self.up8, self.up4, self.up2), reversed(skips), strict=True):
            x = up(x, skip)
        out: Tensor = F.interpolate(self.head(x), size=size, mode="bilinear", align_corners=False)
        return out


def start_from_imagenet(network: Classifier | OutlineNet, state: Mapping[str, Tensor]) -> int:
    """Fill the encoder from a `torchvision.models.mobilenet_v2` state dict; return how many tensors were filled.

    The kernels of the file used here are rotated by 180 degrees; they are turned back,
    so that what the encoder knows of the upright world is right side up.
    """
    own = network.features.state_dict()
    filled = {}
    for name, value in state.items():
        key = name.removeprefix("features.")
        if name.startswith("features.") and key in own:
            value = value.float()
            filled[key] = value.flip(2, 3) if value.ndim == 4 else value
    network.features.load_state_dict(filled, strict=True)
    return len(filled)

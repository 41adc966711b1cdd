"""Augmentation of whole batches on the device: one resampling per image, one colour matrix per image."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F


def affine(
    n: int,
    rng: torch.Generator,
    source: tuple[int, int],
    scale: tuple[float, float],
    aspect: float = 1.2,
    shift: float = 0.1,
    rotate: bool = True,
    square: bool = True,
) -> Tensor:
    """Random (n, 2, 3) matrices for `grid_sample`: output coordinates to input coordinates.

    `source` is (height, width) of the input. With `square` the sampled window is square in
    pixels of the input (`scale` 1: as high as the input); without, it has the input's shape
    and squashes it. `aspect` stretches by up to that factor, `shift` moves by that fraction.
    """

    def uniform(low: float, high: float) -> Tensor:
        return torch.rand(n, generator=rng) * (high - low) + low

    size = torch.exp(uniform(math.log(scale[0]), math.log(scale[1])))
    stretch = torch.exp(uniform(-math.log(aspect), math.log(aspect)) / 2)
    angle = uniform(0, 2 * math.pi) if rotate else uniform(-0.15, 0.15)
    flip = torch.where(torch.rand(n, generator=rng) < 0.5, -1.0, 1.0)
    height, width = source
    # in pixels of half the input's height, so that a turn is a turn and not a shear
    unit = torch.tensor([width / height, 1.0])
    window = torch.ones(2) if square else unit
    cos, sin = angle.cos(), angle.sin()
    a = torch.stack((torch.stack((cos, -sin), 1), torch.stack((sin, cos), 1)), 1)
    a = a @ torch.diag_embed(torch.stack((size * stretch * flip * window[0], size / stretch * window[1]), 1))
    a = a / unit[None, :, None]
    move = torch.stack((uniform(-shift, shift) / unit[0], uniform(-shift, shift)), 1) * 2
    return torch.cat((a, move[:, :, None]), 2)


def resample(images: Tensor, matrix: Tensor, size: int | tuple[int, int], padding: str = "reflection") -> Tensor:
    """Sample (N, C, H, W) float images at size x size, or at (height, width), by `affine` matrices."""
    height, width = (size, size) if isinstance(size, int) else size
    grid = F.affine_grid(matrix.to(images), [len(images), images.shape[1], height, width], align_corners=False)
    return F.grid_sample(images, grid, mode="bilinear", padding_mode=padding, align_corners=False)


def colour(images: Tensor, rng: torch.Generator, strength: float = 1.0) -> Tensor:
    """Random brightness, contrast, saturation, white balance and gamma per image, values 0-1 (N, 3, H, W).

    One 3x3 matrix does saturation and white balance together: a photo lamp is a gain per channel.
    """
    n = len(images)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=rng).clamp(-2, 2) * strength

    gain = torch.exp(0.06 * normal(n, 3)) * torch.exp(0.12 * normal(n, 1))
    saturation = torch.exp(0.2 * normal(n))
    grey = torch.full((3, 3), 1 / 3)
    matrix = saturation[:, None, None] * torch.eye(3) + (1 - saturation)[:, None, None] * grey
    matrix = matrix * gain[:, :, None]
    mean = images.mean((1, 2, 3), keepdim=True)
    contrast = torch.exp(0.15 * normal(n))[:, None, None, None].to(images)
    images = torch.einsum("nchw,ndc->ndhw", images, matrix.to(images))
    images = (images - mean) * contrast + mean
    gamma = torch.exp(0.12 * normal(n))[:, None, None, None].to(images)
    return images.clamp(1e-4, 1) ** gamma


def soften(images: Tensor, rng: torch.Generator, chance: float = 0.2) -> Tensor:
    """Blur some images (a camera out of focus) and add noise to others; values 0-1."""
    n = len(images)
    pick = torch.rand(n, generator=rng)
    blurred = pick < chance / 2
    if blurred.any():
        factor = float(torch.rand(1, generator=rng)) * 1.5 + 1.3
        size = images.shape[-2:]
        small = F.interpolate(images[blurred], size=[int(side / factor) for side in size], mode="bilinear", antialias=True)
        images = images.clone()
        images[blurred] = F.interpolate(small, size=size, mode="bilinear", align_corners=False)
    noisy = pick > 1 - chance / 2
    if noisy.any():
        noise = torch.randn(images[noisy].shape, generator=rng).to(images) * 0.03
        images = images.clone()
        images[noisy] = (images[noisy] + noise).clamp(0, 1)
    return images

"""Mask R-CNN (He et al. 2017) beside the U-Net: which outlines a spot better for the same photos and the same time?

python -m models.lesion_outline.mask_rcnn --data DIR [--work DIR]

Both start from the ImageNet weights, learn from the same 2,000 photos and see as many of them; `alternatives`
measures them, and the U-Net that ships, on `test`. Small all through: one spot is looked for, not a street scene.
"""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
import torch
from torch import Tensor, nn
from torchvision.models.detection import MaskRCNN
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor, TwoMLPHead
from torchvision.models.detection.mask_rcnn import MaskRCNNHeads, MaskRCNNPredictor
from torchvision.models.detection.rpn import RPNHead
from torchvision.models.mobilenetv2 import mobilenet_v2
from torchvision.ops import FeaturePyramidNetwork, MultiScaleRoIAlign, masks_to_boxes

from models.training.loop import IMAGENET_MEAN, IMAGENET_STD, device

SHORTEST, LONGEST = 240, 320
"""Sides in pixels at which photos are seen: those of the data set, nothing is lost."""
CHANNELS = 128
ANCHORS = ((48, 72, 104), (136, 180, 236))
"""Sides of the boxes that are tried, in pixels, at strides 8 and 16: from the smallest spot to the whole photo."""
SEEN_BOXES = 64
"""Boxes per photo that the loss looks at."""
LEAST_SIDE = 4
"""Spots that augmentation has pushed out of the picture but for so many pixels are left out of the boxes."""


class Pyramid(nn.Module):
    """MobileNetV2 with a feature pyramid (Lin et al. 2017): maps at strides 8 and 16 that know of stride 32."""

    TAPS = (6, 13, 17)
    WIDTHS = (32, 96, 320)

    def __init__(self, channels: int = CHANNELS) -> None:
        super().__init__()
        self.features = mobilenet_v2(weights=None).features[: self.TAPS[-1] + 1]
        self.pyramid = FeaturePyramidNetwork(list(self.WIDTHS), channels)
        self.out_channels = channels

    def forward(self, x: Tensor) -> OrderedDict[str, Tensor]:
        """Maps "0" (N, C, H/8, W/8) and "1" (N, C, H/16, W/16) float32 of normalised images (N, 3, H, W)."""
        taps: OrderedDict[str, Tensor] = OrderedDict()
        x = x.contiguous(memory_format=torch.channels_last)
        for i, block in enumerate(self.features):
            x = block(x)
            if i in self.TAPS:
                taps[str(len(taps))] = x
        out = self.pyramid(taps)
        return OrderedDict((name, out[name].float()) for name in ("0", "1"))


def mask_rcnn(shortest: int = SHORTEST, longest: int = LONGEST, anchors: tuple[tuple[int, ...], ...] = ANCHORS, most: int = 1) -> MaskRCNN:
    """The network, without learned weights: two kinds of box, spot and background.

    Photos are brought to these sides in pixels; `anchors`: sides of the boxes tried at strides 8 and 16; `most`: spots found in a photo.
    """
    backbone = Pyramid()
    return MaskRCNN(
        backbone,
        min_size=shortest,
        max_size=longest,
        image_mean=list(IMAGENET_MEAN),
        image_std=list(IMAGENET_STD),
        rpn_anchor_generator=AnchorGenerator(anchors, ((1.0,),) * len(anchors)),
        rpn_head=RPNHead(CHANNELS, len(anchors[0])),
        rpn_pre_nms_top_n_train=200,
        rpn_pre_nms_top_n_test=100,
        rpn_post_nms_top_n_train=100,
        rpn_post_nms_top_n_test=max(20, most),
        rpn_batch_size_per_image=SEEN_BOXES,
        rpn_fg_iou_thresh=0.6,
        box_roi_pool=MultiScaleRoIAlign(["0", "1"], 7, 2),
        box_head=TwoMLPHead(CHANNELS * 7**2, 256),
        box_predictor=FastRCNNPredictor(256, 2),
        box_score_thresh=0.0,
        box_detections_per_img=most,
        box_batch_size_per_image=SEEN_BOXES,
        box_positive_fraction=0.25,
        mask_roi_pool=MultiScaleRoIAlign(["0", "1"], 14, 2),
        mask_head=MaskRCNNHeads(CHANNELS, (CHANNELS, CHANNELS), 1),
        mask_predictor=MaskRCNNPredictor(CHANNELS, CHANNELS, 2),
    )


def targets(masks: Tensor) -> list[dict[str, Tensor]]:
    """What torchvision wants to know of each photo: boxes, labels and masks; masks (N, 1, H, W) 0-1, no box for an empty one."""
    wanted = []
    for mask in masks > 0.5:
        boxes = masks_to_boxes(mask) if mask.any() else mask.new_zeros((1, 4), dtype=torch.float32)
        keep = ((boxes[:, 2:] - boxes[:, :2]) >= LEAST_SIDE).all(1)
        wanted.append({"boxes": boxes[keep], "labels": torch.ones(int(keep.sum()), dtype=torch.int64), "masks": mask[keep].to(torch.uint8)})
    return [{name: value.to(device()) for name, value in one.items()} for one in wanted]


def detection_loss(network: nn.Module, images: Tensor, masks: Tensor) -> Tensor:
    """The sum of the five losses of Mask R-CNN; images (N, 3, H, W) and masks (N, 1, H, W), float 0-1."""
    losses: dict[str, Tensor] = network(list(images.to(device())), targets(masks))
    return torch.stack([value.float() for value in losses.values()]).sum()


@torch.inference_mode()
def outline(network: nn.Module, pixels: np.ndarray) -> np.ndarray:
    """Chance of spot per pixel (H, W) float32 of one photo uint8 RGB (H, W, 3): the mask of the surest box, 0 outside it."""
    image = torch.from_numpy(pixels).permute(2, 0, 1).float() / 255
    masks = network([image.to(device())])[0]["masks"]
    if not len(masks):
        return np.zeros(pixels.shape[:2], np.float32)
    return np.asarray(masks[0, 0].cpu().numpy())


def main() -> None:
    """Command line: train both, measure all three, write the card."""
    from models.lesion_outline.alternatives import run

    run(__doc__)


if __name__ == "__main__":
    main()

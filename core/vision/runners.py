"""Which thread runs a network, and over how many cores: one photo alone over all of them, several at once side by side.

Over all cores a network is quickest, but its threads wait for each other after every layer, and where something else wants
a core too they wait busily: with eight photos at once a fifth of the processor's time went into that. So while several photos
are being examined each has its share of the cores to itself.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.settings import settings
from core.vision import registry
from core.vision.turns import turns

if TYPE_CHECKING:
    from torch import Tensor

    from core.vision.registry import Network

Forward = Callable[["Network", "Tensor"], Any]
"""Runs a network on normalised images (N, 3, size, size) and gives what `core.vision.frozen.Run` gives."""
MOST_BESIDE = 4 * 320 * 320
"""Pixels of all views of a network that may run beside others. One of more needs hundreds of megabytes while it runs, which are
to be there once: it takes all the cores, and the next of its kind waits."""

Pixels = NDArray[np.uint8]
T = TypeVar("T")


class Runners:
    """One thread for a network over all cores; others, as many as photos are examined at once, for a share of the cores each.

    Networks are loaded in the first alone. What PyTorch keeps for a thread (its team of threads, its buffers) is so kept a
    few times, and not for every page that fifty visitors have open.
    """

    def __init__(self, places: int) -> None:
        self._places = places
        self._alone = ThreadPoolExecutor(1, "carelens-networks")
        self._beside = ThreadPoolExecutor(places, "carelens-networks-beside")

    @cached_property
    def threads(self) -> tuple[int, int]:
        """Of a network that runs alone, and of one that runs beside others. Asked for when torch is there."""
        import torch

        whole = settings().threads or self._alone.submit(torch.get_num_threads).result()
        return whole, max(1, whole // self._places)

    def run(self, work: Callable[[str, Pixels, Forward], T], id: str, pixels: Pixels) -> T:
        """What `work(id, pixels, forward)` gives, or raises, done in the thread that is right now for the network `id`."""
        if self.may_be_beside(id):
            return self._beside.submit(_over, self.threads[1], work, id, pixels).result()
        return self._alone.submit(work, id, pixels, _alone).result()

    def may_be_beside(self, id: str) -> bool:
        """Several photos are being examined, and the network is there, small enough, and quicker over fewer cores."""
        if not turns().crowded or (known := registry.loaded(id)) is None:
            return False
        whole, share = self.threads
        return share < whole and registry.views(known.card) * known.card.input.size**2 <= MOST_BESIDE


def _over(threads: int, work: Callable[[str, Pixels, Forward], T], id: str, pixels: Pixels) -> T:
    import torch

    torch.set_num_threads(threads)  # of this thread
    return work(id, pixels, lambda known, x: known.beside(threads)(x))


def _alone(known: Network, x: Tensor) -> Any:
    return known.run(x)


@cache
def runners() -> Runners:
    """Those of this process."""
    return Runners(turns().places)

"""The networks behind Ray Serve: photos that are examined at the same moment go through a network together.

What is made of a photo before and after stays in the process that was asked (`core.vision.engine`), so the answers are the same; only
the forward pass goes to a replica, which waits a few milliseconds for others of the kind. Worth it with a GPU, or with several machines.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.errors import CareLensError, Unavailable
from core.vision import cluster
from core.vision.engine import Classified, classify_with, outline_with
from core.vision.registry import HINT, Network, network

if TYPE_CHECKING:
    from torch import Tensor

log = logging.getLogger("carelens.vision")

NAME = "carelens-networks"
MOST = 8
"""Photos that go through a network together."""
WAIT = 0.01
"""Seconds that the first of them waits for the others."""
PATIENCE = 120.0
"""Seconds until an answer that does not come counts as none; a replica that starts loads its networks first."""

Arrays = tuple[NDArray[np.float32], ...]


@dataclass(frozen=True)
class Asked:
    """What is asked of a replica: input (views, 3, size, size) float32 for a network, with the sha256 of the weights it was made for."""

    id: str
    sha256: str
    x: NDArray[np.float32]


@dataclass(frozen=True)
class Answer:
    """What came of it, or why nothing did."""

    arrays: Arrays = ()
    reason: str = ""


def together(asked: Sequence[Asked]) -> list[Answer]:
    """Every input through its network, those of one network and size in one pass; in the order asked. One that fails spoils no other."""
    answers: list[Answer] = [Answer()] * len(asked)
    groups: dict[tuple[str, str, tuple[int, ...]], list[int]] = {}
    for at, one in enumerate(asked):
        groups.setdefault((one.id, one.sha256, one.x.shape[1:]), []).append(at)
    for (id, sha256, _), members in groups.items():
        try:
            found = _pass(id, sha256, [asked[at].x for at in members])
        except CareLensError as error:
            found = [Answer(reason=error.reason)] * len(members)
        for at, answer in zip(members, found, strict=True):
            answers[at] = answer
    return answers


def _pass(id: str, sha256: str, inputs: Sequence[NDArray[np.float32]]) -> list[Answer]:
    import torch

    known = network(id)
    if known.card.sha256 != sha256:
        raise Unavailable(f"The network {id} has other weights on another machine.", HINT)
    x = torch.from_numpy(np.concatenate(inputs)).contiguous(memory_format=torch.channels_last)
    with torch.inference_mode():
        out = known.run(x)
    parts = out if isinstance(out, tuple) else (out,)
    ends = np.cumsum([len(one) for one in inputs])[:-1].tolist()
    split = [np.split(part.numpy(), ends) for part in parts]
    return [Answer(tuple(part[at].copy() for part in split)) for at in range(len(inputs))]


def deployment(serve: Any) -> Any:
    """What Ray Serve runs. It takes no processor of the cluster's count, which the workers of the screening desk share out."""

    class Networks:
        """A replica: loads a network at its first use."""

        @serve.batch(max_batch_size=MOST, batch_wait_timeout_s=WAIT)  # type: ignore[untyped-decorator]
        async def run(self, asked: list[Asked]) -> list[Answer]:
            return await asyncio.to_thread(together, asked)

    return serve.deployment(num_replicas=1, max_ongoing_requests=4 * MOST, ray_actor_options={"num_cpus": 0})(Networks)


class Served:
    """An engine (`core.vision.engine.Engine`) whose networks run in Ray Serve. Unavailable where Ray is not installed or does not start."""

    def __init__(self) -> None:
        self._ray = cluster.start()
        from ray import serve

        try:
            serve.start(proxy_location="Disabled")  # asked from here only, at no port
            self._handle = serve.run(deployment(serve).bind(), name=NAME, route_prefix=None)
        except (self._ray.exceptions.RayError, RuntimeError) as error:
            raise Unavailable("The networks on Ray do not start.", "Look at Ray's own log.") from error

    def classify(self, id: str, pixels: NDArray[np.uint8]) -> Classified:
        """See `Engine`."""
        return classify_with(id, pixels, self._forward)

    def outline(self, id: str, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """See `Engine`."""
        return outline_with(id, pixels, self._forward)

    def _forward(self, known: Network, x: Tensor) -> Any:
        import torch

        asked = Asked(known.card.id, known.card.sha256, np.ascontiguousarray(x.numpy()))
        try:
            answer: Answer = self._handle.run.remote(asked).result(timeout_s=PATIENCE)
        except (self._ray.exceptions.RayError, TimeoutError, RuntimeError) as error:
            log.warning("the networks on Ray did not answer: %s", type(error).__name__)
            raise Unavailable("The networks on Ray did not answer.", HINT) from error
        if answer.reason:
            raise Unavailable(answer.reason, HINT)
        tensors = tuple(torch.from_numpy(array.copy()) for array in answer.arrays)
        return tensors if len(tensors) > 1 else tensors[0]

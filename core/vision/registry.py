"""The networks of this process: loaded once, checked against their cards, their states for all to see."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from core.errors import Unavailable
from core.settings import settings
from core.vision import loading
from core.vision.card import Card, card, card_ids, file_sha256

if TYPE_CHECKING:
    from torch import Tensor, nn

    from core.vision.frozen import Run

log = logging.getLogger("carelens.vision")

HINT = "The rest of CareLens works. Please try again later, or ask the person who runs it."


@dataclass(frozen=True)
class State:
    """What became of one network; `reason` says why it is unavailable."""

    id: str
    state: Literal["waiting", "warming", "ready", "unavailable"]
    reason: str = ""
    version: str = ""


@dataclass(frozen=True)
class Network:
    """A network ready to run.

    `module`: the network as it is written, the reference. `run`: the same, quick. `support` holds tensors that
    travel with the weights but are none (out-of-distribution statistics). `beside(threads)`: the quick one made for so
    many threads, to run while others run.
    """

    card: Card
    module: nn.Module
    run: Run
    support: dict[str, Tensor]
    beside: Callable[[int], Run]


Files = tuple[tuple[str, int, int, int], ...]
"""Path, inode, size and time of change of the card and the weights; a missing file is left out."""

_lock = threading.RLock()
_loaded: dict[str, tuple[Files, Network]] = {}
_states: dict[str, tuple[Files, State]] = {}


def _files(id: str) -> Files:
    """What lies in the network's folder now. Two looks at the file system: cheap beside a run."""
    folder, found = settings().models / id, []
    for path in (folder / "card.json", folder / "weights.safetensors"):
        try:
            facts = Path(path).stat()
        except OSError:
            continue
        found.append((str(path), facts.st_ino, facts.st_size, facts.st_mtime_ns))
    return tuple(found)


def states() -> dict[str, State]:
    """The state of every network with a card, without loading anything. One whose files changed since is waiting again."""
    now = {}
    for id in sorted({*card_ids(), *_states}):
        files, state = _states.get(id, ((), State(id, "waiting")))
        now[id] = state if state.state == "warming" or files == _files(id) else State(id, "waiting")
    return now


def forget() -> None:
    """Drop every loaded network and state (tests, and to give memory back)."""
    with _lock:
        _loaded.clear()
        _states.clear()


def network(id: str) -> Network:
    """The network, loaded and checked at its first use; Unavailable with a reason when it cannot be.

    Card and weights are looked at again at every call: when one was replaced, both are read anew, so that
    no weights ever run under the thresholds of another card. No restart is needed to install a network.
    """
    files = _files(id)
    if (known := _loaded.get(id)) is not None and known[0] == files:
        return known[1]
    with _lock:
        files = _files(id)
        if (known := _loaded.pop(id, None)) is not None and known[0] == files:
            _loaded[id] = known
            return known[1]
        _states[id] = files, State(id, "warming")
        try:
            loaded = _load(card(id))
        except Unavailable as error:
            _states[id] = files, State(id, "unavailable", error.reason)
            log.warning("network %s is unavailable: %s", id, error.reason)
            raise
        except Exception as error:  # unreadable weights, torch that cannot be loaded: else it would be "warming" for ever
            log.exception("network %s could not be loaded", id)
            reason = f"The network {id} could not be loaded."
            _states[id] = files, State(id, "unavailable", reason)
            raise Unavailable(reason, HINT) from error
        _loaded[id] = files, loaded
        _states[id] = files, State(id, "ready", version=loaded.card.version)
        return loaded


def loaded(id: str) -> Network | None:
    """The network where it is loaded and its files are as they were then; nothing is loaded."""
    known = _loaded.get(id)
    return known[1] if known is not None and known[0] == _files(id) else None


def views(card: Card) -> int:
    """How many mirrored views of a photo the network looks at together."""
    if not card.input.flips:
        return 1
    return 2 if card.task == "segmentation" else 4


def _load(card: Card) -> Network:
    if not card.weights.exists():
        raise Unavailable(f"The weights of the network {card.id} are missing.", HINT)
    if file_sha256(card.weights) != card.sha256:
        raise Unavailable(f"The weights of the network {card.id} are not the ones its card describes.", HINT)
    loading.load()
    import torch
    from safetensors.torch import load_file

    from core.vision.frozen import Beside, frozen
    from core.vision.networks import Classifier, OrdinalClassifier, OutlineNet

    if threads := settings().threads:
        torch.set_num_threads(threads)
    tensors = {name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in load_file(card.weights).items()}
    support = {name.removeprefix("support."): tensors.pop(name) for name in list(tensors) if name.startswith("support.")}
    module: nn.Module
    if card.architecture == "mobilenet_v2_classifier":
        module = Classifier(len(card.classes))
    elif card.architecture == "mobilenet_v2_ordinal":
        module = OrdinalClassifier()
    elif card.architecture == "mobilenet_v2_unet":
        module = OutlineNet(len(card.classes))
    else:
        raise Unavailable(f"The network {card.id} is of a kind this version does not know.", HINT)
    try:
        module.load_state_dict(tensors, strict=True)
    except RuntimeError as error:
        raise Unavailable(f"The weights of the network {card.id} do not fit it.", HINT) from error
    module = module.eval().requires_grad_(False).to(memory_format=torch.channels_last)
    shape = views(card), card.input.size
    return Network(card, module, frozen(module, *shape), support, Beside(module, *shape))

"""The networks of this process: loaded once, checked against their cards, their states for all to see."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from core.errors import Unavailable
from core.settings import settings
from core.vision.card import Card, card, card_ids, file_sha256

if TYPE_CHECKING:
    from torch import Tensor, nn

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
    """A network ready to run. `support` holds tensors that travel with the weights but are none (out-of-distribution statistics)."""

    card: Card
    module: nn.Module
    support: dict[str, Tensor]


_lock = threading.RLock()
_loaded: dict[str, Network] = {}
_states: dict[str, State] = {}


def states() -> dict[str, State]:
    """The state of every network with a card, without loading anything."""
    return {id: _states.get(id, State(id, "waiting")) for id in sorted({*card_ids(), *_states})}


def forget() -> None:
    """Drop every loaded network and state (tests, and after new weights were installed)."""
    with _lock:
        _loaded.clear()
        _states.clear()


def network(id: str) -> Network:
    """The network, loaded and checked at its first use; Unavailable with a reason when it cannot be."""
    if (known := _loaded.get(id)) is not None:
        return known
    with _lock:
        if (known := _loaded.get(id)) is not None:
            return known
        _states[id] = State(id, "warming")
        try:
            loaded = _load(card(id))
        except Unavailable as error:
            _states[id] = State(id, "unavailable", error.reason)
            log.warning("network %s is unavailable: %s", id, error.reason)
            raise
        except Exception as error:  # unreadable weights, torch that cannot be loaded: else it would be "warming" for ever
            log.exception("network %s could not be loaded", id)
            _states[id] = State(id, "unavailable", f"The network {id} could not be loaded.")
            raise Unavailable(_states[id].reason, HINT) from error
        _loaded[id] = loaded
        _states[id] = State(id, "ready", version=loaded.card.version)
        return loaded


def _load(card: Card) -> Network:
    if not card.weights.exists():
        raise Unavailable(f"The weights of the network {card.id} are missing.", HINT)
    if file_sha256(card.weights) != card.sha256:
        raise Unavailable(f"The weights of the network {card.id} are not the ones its card describes.", HINT)
    import torch
    from safetensors.torch import load_file

    from core.vision.networks import Classifier, OutlineNet

    if threads := settings().threads:
        torch.set_num_threads(threads)
    tensors = {name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in load_file(card.weights).items()}
    support = {name.removeprefix("support."): tensors.pop(name) for name in list(tensors) if name.startswith("support.")}
    module: nn.Module
    if card.architecture == "mobilenet_v2_classifier":
        module = Classifier(len(card.classes))
    elif card.architecture == "mobilenet_v2_unet":
        module = OutlineNet(len(card.classes))
    else:
        raise Unavailable(f"The network {card.id} is of a kind this version does not know.", HINT)
    try:
        module.load_state_dict(tensors, strict=True)
    except RuntimeError as error:
        raise Unavailable(f"The weights of the network {card.id} do not fit it.", HINT) from error
    return Network(card, module.eval().to(memory_format=torch.channels_last), support)

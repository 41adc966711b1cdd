"""The command lines that all recipes, and all reports, share."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Callable
from pathlib import Path

from torch import nn

from models.training.data import data_folder
from models.training.publish import load_state


def run_recipe(
    id: str,
    about: str | None,
    train: Callable[[Path, Path], nn.Module],
    publish: Callable[[nn.Module, Path], None],
    onward: Callable[[Path, Path], nn.Module] | None = None,
) -> None:
    """Train the network `id` (resuming in its work folder), then write weights and card.

    Where there is `onward`, `--onward` asks for it in place of `train`: to go on from the weights that ship.
    """
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--data", type=Path, default=data_folder())
    parser.add_argument("--work", type=Path, default=Path.home() / "carelens-work" / id)
    if onward is not None:
        parser.add_argument("--onward", action="store_true", help="go on from the weights that ship")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    if onward is not None and options.onward:
        train = onward
    publish(train(options.data, options.work), options.data)


def run_report(
    about: str | None, network: nn.Module, publish: Callable[[nn.Module, Path], None], again: Callable[[Path], None] | None = None
) -> None:
    """Put finished weights (`--state`) into `network`, then write weights and card.

    Where there is `again`, no state is needed: then the weights that ship stay, and it writes the card anew.
    """
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=data_folder())
    parser.add_argument("--state", type=Path, required=again is None)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    if again is not None and options.state is None:
        again(options.data)
        return
    network.load_state_dict(load_state(options.state))
    publish(network.eval(), options.data)

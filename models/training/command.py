"""The command lines that all recipes, and all reports, share."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Callable
from pathlib import Path

from torch import nn

from models.training.data import data_folder
from models.training.publish import load_state


def run_recipe(id: str, about: str | None, train: Callable[[Path, Path], nn.Module], publish: Callable[[nn.Module, Path], None]) -> None:
    """Train the network `id` (resuming in its work folder), then write weights and card."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--data", type=Path, default=data_folder())
    parser.add_argument("--work", type=Path, default=Path.home() / "carelens-work" / id)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    publish(train(options.data, options.work), options.data)


def run_report(about: str | None, network: nn.Module, publish: Callable[[nn.Module, Path], None]) -> None:
    """Put finished weights (`--state`) into `network`, then write weights and card."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--data", type=Path, default=data_folder())
    parser.add_argument("--state", type=Path, required=True)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    network.load_state_dict(load_state(options.state))
    publish(network.eval(), options.data)

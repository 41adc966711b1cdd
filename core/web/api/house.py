"""What is to be had here: the examinations, and the networks with their cards."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from core.errors import NotFound
from core.examinations.registry import examinations
from core.vision.card import card, card_ids
from core.vision.registry import State, states
from core.web.api.door import Guarded
from core.web.api.shapes import PREFIX, ExaminationOut, ModelOut
from core.web.api.told import refusals

router = APIRouter(route_class=Guarded)


@router.get("/v1/examinations", summary="The examinations that are to be had here", responses=refusals())
def list_examinations() -> list[ExaminationOut]:
    """Each takes a photo at its own address, `href`."""
    now = states()
    return [
        ExaminationOut(
            id=one.id, title=one.title, kinds=sorted(one.kinds), classes=list(one.classes), numbers=list(one.numbers),
            networks=list(one.networks), available=all(id in now and now[id].state != "unavailable" for id in one.networks),
            href=f"{PREFIX}/examinations/{one.id}",
        )
        for one in examinations().values()
    ]  # fmt: skip


@router.get("/v1/models", summary="The networks, with their model cards", responses=refusals())
def models() -> list[ModelOut]:
    """What each network is, what it learned from, and what was measured of it."""
    now = states()
    return [_model(id, now.get(id)) for id in sorted(card_ids())]


@router.get("/v1/models/{model}", summary="One network, with its model card", responses=refusals(404, 422))
def model(model: Annotated[str, Path(max_length=60)]) -> ModelOut:
    """As in the list."""
    if model not in card_ids():
        raise NotFound("There is no network of that name.", f"There are: {', '.join(sorted(card_ids())) or 'none'}.")
    return _model(model, states().get(model))


def _model(id: str, state: State | None) -> ModelOut:
    one = card(id)
    known = state or State(id, "waiting")
    return ModelOut(id=one.id, version=one.version, title=one.title, state=known.state, reason=known.reason, card=dict(one.facts))

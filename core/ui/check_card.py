"""One photo of a check on the screen: waiting, turned away, or its finding with save and discard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import streamlit as st

from core.errors import CareLensError
from core.examinations import region_area
from core.people.policy import Actor
from core.ui import correction, finding_card, moments, parts, pictures, session, severity, trouble
from core.ui.checking import Check, Desk, spot_title
from core.ui.part import Part


@dataclass(frozen=True)
class Place:
    """Where a finding will be saved: the body site, the spot that is followed (None: a new one), and its name.

    `part`: where photos are followed by part of the body instead; then there is no spot. `ask`: draws what is asked of this very
    photo before it can be saved.
    """

    site: str | None = None
    spot_id: UUID | None = None
    name: str = ""
    part: Part | None = None
    ask: Callable[[], None] | None = None

    @property
    def title(self) -> str:
        """What the photo shows, for its card."""
        return self.part.title if self.part else spot_title(self.site, self.name)


def check_card(desk: Desk, check: Check, number: int, actor: Actor, place: Place) -> None:
    """Write the card of one photo. `number`: which photo of this check it is, from 1."""
    key = f"card_{check.id}"
    with st.container(border=True, key=f"box_{check.id}"):
        if check.finding is None:
            _not_examined(desk, check, number, key)
        else:
            _examined(desk, check, number, actor, place, key)


def _picture(check: Check, number: int, subject: str) -> pictures.Picture | None:
    return None if check.photo is None else pictures.photo_picture(check.photo.pixels, f"Photo {number} of the {subject}")


def _subject(desk: Desk) -> str:
    return "eye" if desk.examination == "retina" else "spot"


def _not_examined(desk: Desk, check: Check, number: int, key: str) -> None:
    if not isinstance(check.result, CareLensError):
        parts.note(f":material/hourglass_empty: {moments.plain(check.name)} waits for your answers.")
    elif check.state == "unavailable":
        trouble.show(check.result)
        icon = ":material/refresh:"
        st.button("Try again", type="primary", icon=icon, key=f"{key}_again", on_click=desk.again, args=(check,))
    else:
        with finding_card.rejected_card(check.result, _picture(check, number, _subject(desk)), check.name):
            icon = ":material/photo_camera:"
            st.button("Take it again", type="primary", icon=icon, key=f"{key}_retake", on_click=desk.remove, args=(check,))
            st.button("Remove", type="tertiary", key=f"{key}_remove", on_click=desk.remove, args=(check,))
        return
    st.button("Remove", type="tertiary", key=f"{key}_remove", on_click=desk.remove, args=(check,))


def _examined(desk: Desk, check: Check, number: int, actor: Actor, place: Place, key: str) -> None:
    finding, picture = check.finding, _picture(check, number, _subject(desk))
    if finding is None or picture is None:
        return
    saved = check.state == "saved"
    title = check.saved_as if saved else place.title
    part = check.saved_part if saved else place.part
    when = f"Photo {number}, examined {moments.day_and_time(check.at, moments.zone())}"
    words = finding_card.words_of(finding)
    shown = finding_card.Shown(
        words, finding, picture, title, when, check.outline_accepted, part or Part(), _beside(desk, check), check.corrected
    )
    finding_card.finding_card(shown, key)
    if saved:
        says = "It was in your history already, and was not saved twice." if check.known else "You find it in your history."
        st.success(f"**Saved.** {says}", icon=":material/check_circle:")
        if check.photo is not None and check.record_id is not None:
            correction.correct(actor, check.record_id, check.photo.pixels, finding, key, check.correct)
        return
    if correction.can(finding):
        parts.note("Does the line not fit? Save the photo first, then you can correct it with a brush.")
    elif finding_card.has_outline(finding):
        finding_card.outline_question(check.outline_accepted, f"{key}_fits", check.say_outline)
    if place.ask is not None:
        place.ask()
    if check.trouble is not None:
        trouble.show(check.trouble)
    with parts.row():
        icon = ":material/check:"
        label = f"Save for {moments.plain(desk.who)}" if desk.who else "Save to my history"
        st.button(label, type="primary", icon=icon, key=f"{key}_save", on_click=check.want)
        st.button("Discard", type="tertiary", key=f"{key}_discard", on_click=desk.remove, args=(check,))


def _beside(desk: Desk, check: Check) -> list[region_area.Shown]:
    """The saved photos of this sitting: what is not saved yet may still get another part of the body."""
    others = [one for one in desk.checks if one is not check and one.saved_part is not None]
    return [severity.shown(one.finding, one.saved_part) for one in others if one.finding is not None and one.saved_part is not None]


def save(desk: Desk, check: Check, actor: Actor, place: Place) -> bool:
    """Save the finding there; whether it is saved now. Where not, the card says why."""
    check.wanted = False
    try:
        session.still(actor)
    except CareLensError as error:
        check.trouble = error
        return False
    desk.save(check, actor, place.site, place.spot_id, place.name, place.part)
    return check.state == "saved"

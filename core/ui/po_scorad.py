"""The PO-SCORAD as a form: where on a body to tap, six signs, itch and sleep. Nothing is chosen in advance."""

from __future__ import annotations

from uuid import UUID

import streamlit as st

from core.instruments import scorad
from core.people.policy import Actor
from core.records.eczema_tables import ScorePublic
from core.records.scores import PO_SCORAD
from core.ui import body, instrument_form, parts
from core.ui.instrument_form import Form
from core.ui.poem_result import today, written

INSTRUMENT = "po_scorad"
CHOSEN = PO_SCORAD[1:]
"""The questions with a widget of their own; the extent comes from the body."""
LEVELS = {band.id: level for level, band in enumerate(scorad.BANDS)}


def screen(actor: Actor, person_id: UUID) -> None:
    """The form, or the result once it is saved."""
    person = instrument_form.person_of(actor, person_id)
    form = instrument_form.form_of(actor, person.id, INSTRUMENT, CHOSEN)
    words = scorad.wording(instrument_form.child(person, today()))
    instrument_form.finished(actor, form)
    if form.saved is not None:
        st.success("**Saved.**", icon=":material/check_circle:")
        result(form.saved, words)
        st.button("Fill in another one", icon=":material/edit_note:", on_click=form.empty)
    else:
        st.markdown(words.intro)
        instrument_form.goes_on(actor, form)
        changed = _extent(form, words)
        changed |= _chosen(form, words)
        if changed:
            instrument_form.keep(actor, form)
        missing = [words.names[item] for item in PO_SCORAD if form.answers.get(item) is None]
        if missing and len(missing) < len(PO_SCORAD):
            parts.note(f":material/info: Still open: {parts.listed(missing)}.")
        instrument_form.ending(actor, form, "Save my PO-SCORAD", "The day you answer for", not missing, CHOSEN)
    parts.note(f"{words.title}. {words.attribution} {words.note} [More about PO-SCORAD]({words.source})")


def _extent(form: Form, words: scorad.Wording) -> bool:
    with st.container(border=True):
        st.markdown(f"**{words.questions['extent']}**")
        start = {site: float(share) for site in scorad.SITES if (share := form.answers.get(site)) is not None}
        key = form.key("body")
        begun: dict[str, float] = st.session_state.setdefault(f"{key}_start", start)  # another start would draw another body
        shares = body.body(words.sites, begun, key) or begun or None
        nothing = st.checkbox("No part of the body is affected", key=form.key("nowhere")) if not any((shares or {}).values()) else False
        if nothing:
            shares = dict.fromkeys(scorad.SITES, 0.0)
        if shares is not None:
            parts.note("  \n".join(body.listed(shares, words.sites)) or "Nothing is marked.")
            extent = scorad.extent(shares)
            if any(shares.values()) or nothing:
                parts.note(f"Together about {round(extent, 1):g} % of the body.")
        return _take(form, shares, nothing)


def _take(form: Form, shares: dict[str, float] | None, nothing: bool) -> bool:
    if shares is None:
        return False
    marked: dict[str, instrument_form.Answer] = dict(shares) if any(shares.values()) or nothing else dict.fromkeys(scorad.SITES)
    extent = scorad.extent(shares) if any(shares.values()) or nothing else None
    new = {**marked, "extent": extent}
    if all(form.answers.get(name) == value for name, value in new.items()):
        return False
    form.answers.update(new)
    return True


def _chosen(form: Form, words: scorad.Wording) -> bool:
    changed = False
    with st.container(border=True):
        for sign in scorad.SIGNS:
            st.segmented_control(
                words.questions[sign],
                scorad.GRADES,
                format_func=words.grades.__getitem__,
                default=form.answers.get(sign),
                key=form.key(sign),
            )
            changed |= form.take(sign)
    with st.container(border=True):
        for item in ("itch", "sleep"):
            low, high = words.ends[item]
            st.pills(words.questions[item], range(11), default=form.answers.get(item), key=form.key(item))
            parts.note(f"0: {low}. 10: {high}.")
            changed |= form.take(item)
    return changed


def result(score: ScorePublic, words: scorad.Wording) -> None:
    """Write the card of one PO-SCORAD."""
    given = {name: answer or 0.0 for name, answer in score.answers.items()}
    signs = {sign: int(given[sign]) for sign in scorad.SIGNS}
    found = scorad.po_scorad(given["extent"], signs, given["itch"], given["sleep"])
    with st.container(border=True, key="po_scorad_result"):
        parts.ask("Your PO-SCORAD", f"of {written(score.day)}")
        with parts.row():
            st.metric("Score", f"{found.shown} of 103", width=170)
            if found.band is not None:
                st.markdown(f"{parts.dots(LEVELS[found.band.id], len(LEVELS) - 1)}&ensp;**{found.band.name}**")
        st.table(
            {
                "Part": ["Where, percent of the body", "Six signs, of 18", "Itch and sleep, of 20"],
                "Yours": [f"{found.extent:g}", str(found.intensity), f"{found.symptoms:g}"],
            },
            border="horizontal",
        )
        parts.note("It is your own score. A doctor's SCORAD can differ. A score is not a diagnosis.")

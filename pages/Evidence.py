"""How we know: what each network can do, measured on photos it had never seen, and what it cannot do."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.errors import CareLensError
from core.ui import charts, evidence, evidence_truth, guard, moments, parts, trouble
from core.ui.page import page
from core.vision.card import Card, card, card_ids
from core.vision.registry import states

ORDER = ("skin_lesion", "lesion_outline", "photo_kind")
SHORT = {"skin_lesion": "What the spot is", "lesion_outline": "The outline", "photo_kind": "The kind of photo"}
TILES = 4
SAME = "The table below holds the same numbers."

here = page("How we know", allow=guard.EVERYONE, width=1100)


def table(name: str, rows: dict[str, list[str]]) -> None:
    with st.expander(name):
        st.table(rows, border="horizontal")


def overview(found: Card) -> None:
    photos = evidence.photos_tested(found)
    if photos:
        st.markdown(f"We kept **{photos:,} photos** aside that the network had never seen, and asked it once. These are the answers.")
    figures = evidence.metrics(found)
    if not figures:
        st.markdown("Nothing was measured for this network yet.")
        return
    grid = st.grid(TILES, min_column_width=150)
    for name, it in list(figures.items())[:TILES]:
        between = f"95 % interval: {evidence.shown(name, it.low)} to {evidence.shown(name, it.high)}"
        grid.metric(evidence.says(name).title, evidence.shown(name, it.value), border=True, help=between)
    st.markdown("\n".join(f"- {sentence}" for sentence in evidence.sentences(found)))
    table("All figures with their doubt", evidence.metrics_table(found))


def mixes_up(found: Card) -> None:
    st.subheader("What it mixes up", anchor=False)
    names = [evidence.class_name(found, id) for id in found.classes]
    short = [id if len(id) < 6 else name for id, name in zip(found.classes, names, strict=True)]
    parts.note("Each row is what the spot was, each column what the network said. On the diagonal it was right.")
    counts = found.facts["confusion"]
    parts.chart(charts.confusion(counts, names, short), 440, f"What it mixes up among {len(names)} kinds. {SAME}")
    table("What it mixes up, as a table", evidence.confusion_table(found))


def trust(found: Card) -> None:
    st.subheader("Can you trust its chances?", anchor=False)
    parts.note("On the dotted line, 70 % means right 7 times in 10. Below the line it is too sure of itself.")
    parts.chart(charts.reliability(found.facts["reliability"]), 440, f"How sure it said it was, against how often it was right. {SAME}")
    table("Its chances, as a table", evidence.reliability_table(found))


def finds(found: Card) -> None:
    st.subheader("How many of each kind it finds", anchor=False)
    rows = evidence.recall(found)
    low_name, low = min(rows, key=lambda row: row[1].value)
    share = evidence.shown("", low.value)
    st.markdown(
        f"It does worst on **{moments.lower(low_name)}**: it names {share} of them as such. Long lines mean few photos and much doubt."
    )
    dots = [(name, it.value, it.low, it.high) for name, it in rows]
    parts.chart(charts.intervals(dots), 60 + 44 * len(dots), f"How many of each kind it finds, with 95 percent intervals. {SAME}")
    table("How many it finds, as a table", evidence.recall_table(rows))


def for_whom(found: Card) -> None:
    abouts = evidence_truth.groups_about(found)
    st.subheader("For whom it does well", anchor=False)
    if worst := evidence_truth.weakest_group(found):
        st.markdown(f"It flags the fewest urgent spots here: **{worst.name}** ({worst.share} of {worst.figure.n:,}).")
    about = str(st.pills("By what?", list(abouts), default=next(iter(abouts)), required=True, format_func=abouts.__getitem__))
    st.table(evidence_truth.groups_table(found, about), border="horizontal")
    parts.note(evidence_truth.GROUPS_NOTE)
    table("All figures of these groups, with their doubt", evidence_truth.groups_table(found, about, whole=True))


def poorer(found: Card) -> None:
    st.subheader("When the photo is not so good", anchor=False)
    st.markdown("We spoiled good photos on purpose, each in one way, and asked again.")
    if worst := evidence_truth.weakest_copy(found):
        st.markdown(f"Of those it answers it does worst here: **{worst.name}** ({worst.share} right on average).")
    st.table(evidence_truth.copies_table(found), border="horizontal")
    parts.note("“Same answer”: as for the photo as it was taken. “Turned away”: the app asks for a better photo first.")
    table("All figures of spoiled photos, with their doubt", evidence_truth.copies_table(found, whole=True))


def again(found: Card) -> None:
    st.subheader("Does it say the same twice?", anchor=False)
    st.markdown(evidence_truth.repeats(found))


def cannot(found: Card) -> None:
    with st.container(border=True):
        st.markdown("#### :material/block: What it cannot do")
        st.markdown("\n".join(f"- {limit}" for limit in found.facts["limits"]))
    with st.container(border=True):
        st.markdown("#### :material/palette: Skin tones")
        st.markdown(evidence_truth.tones(found))
    with st.container(border=True):
        st.markdown("#### :material/description: What it is for, and where it comes from")
        st.markdown(found.facts["intended_use"])
        st.markdown("\n".join(f"- {line}" for line in evidence.licences(found)))
        st.markdown(f"How the photos were kept apart: {found.facts['split_rule']}")
        table("The photos it learned from, and their licences", evidence.data_table(found))
        parts.note(f"Network {found.id}, version {found.version}, {found.facts['parameters']:,} numbers learned.")


def network(id: str, state: Any) -> None:
    if state is not None and state.state == "unavailable":
        st.info(f"**This network cannot be used now.** {state.reason}", icon=":material/info:")
    found = card(id)
    overview(found)
    shown = [draw for name, draw in (("confusion", mixes_up), ("reliability", trust)) if found.facts.get(name)]
    if shown:
        for column, draw in zip(st.columns(len(shown), gap="medium"), shown, strict=True):
            with column:
                draw(found)
    if evidence.recall(found):
        finds(found)
    if (limits := evidence.thresholds_table(found))["Kind"]:
        st.subheader("What it must not miss", anchor=False)
        st.markdown("For these kinds there is a safety limit. Over it, the kind is put on the list of what cannot be excluded.")
        st.table(limits, border="horizontal")
    if (others := evidence_truth.alternatives_table(found))["Network"]:
        table("Other networks that were tried, on one processor core", others)
    for name, draw in (("groups", for_whom), ("robustness", poorer), ("repeatability", again)):
        if evidence_truth.part(found, name):
            draw(found)
    cannot(found)


with here.column:
    st.title("How we know", anchor=False)
    parts.lead("A network is a program that learned from photos. Here is how well each one does, and where it fails.")
    ids = sorted(card_ids(), key=lambda id: (ORDER.index(id) if id in ORDER else len(ORDER), id))
    if not ids:
        parts.empty("fact_check", "No network is installed", "Its figures will stand here. Until then no photo is examined.")
        st.stop()
    names = {id: SHORT.get(id, id.replace("_", " ").capitalize()) for id in ids}
    chosen = st.pills("Which network?", ids, default=ids[0], required=True, format_func=names.__getitem__, key="network")
    try:
        network(str(chosen), states().get(str(chosen)))
    except CareLensError as error:
        trouble.show(error)

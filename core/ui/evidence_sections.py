"""The sections of "How we know", one function each, drawn from a model card. A section of which nothing was measured is left out."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.ui import charts, evidence, evidence_clinical, evidence_kinds, evidence_truth, moments, parts
from core.ui.evidence_words import says
from core.vision.card import Card, card

TILES = 4
SAME = "The table below holds the same numbers."


def table(name: str, rows: dict[str, list[str]]) -> None:
    """A table that opens."""
    with st.expander(name):
        st.table(rows, border="horizontal")


def overview(found: Card) -> None:
    """The photos it was tested on and the figures, first as tiles, then in words."""
    if how := evidence.tested(found):
        st.markdown(how)
    figures = evidence.metrics(found)
    if not figures:
        st.markdown("Nothing was measured for this network yet.")
        return
    grid = st.grid(TILES, min_column_width=150)
    for name, it in list(figures.items())[:TILES]:
        between = f"95 % interval: {evidence.between(name, it)}"
        grid.metric(says(name, found.id).title, evidence.shown(name, it.value), border=True, help=between)
    st.markdown("\n".join(f"- {sentence}" for sentence in evidence.sentences(found)))
    if wanted := evidence_clinical.range_wanted(found):
        parts.note(wanted)
    table("All figures with their doubt", evidence.metrics_table(found))


def mixes_up(found: Card) -> None:
    """The confusion matrix."""
    st.subheader("What it mixes up", anchor=False)
    names = [evidence_kinds.row_name(found, id) for id in found.classes]
    counts, many = found.facts["confusion"], len(names) > evidence_kinds.MANY
    if many:
        st.table(evidence_kinds.mixed_up(found), border="horizontal")
    parts.note(
        "Each row is what it was, each column what the network said, by the same numbers. "
        "The stronger the colour, the larger its share of the row."
        if many
        else "Each row is what it was, each column what the network said. On the diagonal it was right."
    )
    chart = charts.confusion(counts, names, [evidence_kinds.code(found, id) for id in found.classes])
    parts.chart(chart, 760 if many else 440, f"What it mixes up among {len(names)} kinds. {SAME}")
    table("What it mixes up, as a table", evidence_kinds.confusion_table(found))


def trust(found: Card) -> None:
    """The reliability curve."""
    st.subheader("Can you trust its chances?", anchor=False)
    parts.note("On the dotted line, 70 % means right 7 times in 10. Below the line it is too sure of itself.")
    parts.chart(charts.reliability(found.facts["reliability"]), 440, f"How sure it said it was, against how often it was right. {SAME}")
    table("Its chances, as a table", evidence_kinds.reliability_table(found))


def finds(found: Card) -> None:
    """Recall by kind."""
    st.subheader("How many of each kind it finds", anchor=False)
    rows = evidence_kinds.recall(found)
    low_name, low = evidence_kinds.worst(rows)
    share = evidence.shown("", low.value)
    st.markdown(
        f"It does worst on **{moments.lower(low_name)}**: it names {share} of them as such. Long lines mean few photos and much doubt."
    )
    dots = [it.dot(name) for name, it in rows]
    parts.chart(charts.intervals(dots), 60 + 44 * len(dots), f"How many of each kind it finds, with 95 percent intervals. {SAME}")
    table("How many it finds, as a table", evidence_kinds.recall_table(rows))


def for_whom(found: Card) -> None:
    """Figures by groups of people."""
    abouts = evidence_truth.groups_about(found)
    st.subheader("For whom it does well", anchor=False)
    if worst := evidence_truth.weakest_group(found):
        st.markdown(f"It flags the fewest urgent spots here: **{worst.name}** ({worst.share} of {worst.figure.n:,}).")
    about = str(st.pills("By what?", list(abouts), default=next(iter(abouts)), required=True, format_func=abouts.__getitem__))
    st.table(evidence_truth.groups_table(found, about), border="horizontal")
    parts.note(evidence_truth.GROUPS_NOTE)
    table("All figures of these groups, with their doubt", evidence_truth.groups_table(found, about, whole=True))


def poorer(found: Card) -> None:
    """Figures of spoiled photos."""
    st.subheader("When the photo is not so good", anchor=False)
    st.markdown("We spoiled good photos on purpose, each in one way, and asked again.")
    if worst := evidence_truth.weakest_copy(found):
        st.markdown(f"Of those it answers it does worst here: **{worst.name}** ({worst.share} right on average).")
    st.table(evidence_truth.copies_table(found), border="horizontal")
    parts.note("“Same answer”: as for the photo as it was taken. “Turned away”: the app asks for a better photo first.")
    table("All figures of spoiled photos, with their doubt", evidence_truth.copies_table(found, whole=True))


def again(found: Card) -> None:
    """Two photos of one spot."""
    st.subheader("Does it say the same twice?", anchor=False)
    st.markdown(evidence_truth.repeats(found))


def topics(found: Card) -> None:
    """Figures that are told under a title of their own."""
    for topic, lines in evidence.topics(found):
        st.subheader(topic.title, anchor=False)
        st.markdown(topic.text)
        st.markdown("\n".join(f"- {line}" for line in lines))


def people(found: Card) -> None:
    """Two people beside the network."""
    if said := evidence_clinical.two_people(found):
        st.subheader("Beside two people", anchor=False)
        st.markdown(said)


def sources(found: Card) -> None:
    """Figures by the source of the photos."""
    if rows := evidence_clinical.source_table(found):
        st.subheader("By the source of the photos", anchor=False)
        st.markdown("Each collection photographs in its own way. These are the shares by where the photos came from, photos in brackets.")
        st.table(rows, border="horizontal")
        whole = evidence_clinical.source_table(found, whole=True)
        if whole != rows:
            table("By source, all kinds", whole)


def skin_tones(found: Card) -> None:
    """Figures by skin tone."""
    if evidence_truth.part(found, "by_skin_tone"):
        st.subheader("By skin tone", anchor=False)
        st.table(evidence_clinical.tone_table(found), border="horizontal")
        parts.note(f"How light the skin looks in the photo. A group under {evidence.FEWEST} photos gets no figure: it would be chance.")
        table("All figures by skin tone, with their doubt", evidence_clinical.tone_table(found, whole=True))


def cannot(found: Card) -> None:
    """Limits, skin tones, licences."""
    with st.container(border=True):
        st.markdown("#### :material/block: What it cannot do")
        st.markdown("\n".join(f"- {limit}" for limit in found.facts["limits"]))
    if found.input.crop not in ("field", "eye"):  # an eye from inside shows no skin; what is not known of its people is a limit above
        with st.container(border=True):
            st.markdown("#### :material/palette: Skin tones")
            st.markdown(evidence_clinical.tones(found) or evidence_truth.tones(found))
            if rows := evidence_clinical.learned_table(found):
                table("The photos it learned from, by skin tone", rows)
    with st.container(border=True):
        st.markdown("#### :material/description: What it is for, and where it comes from")
        st.markdown(found.facts["intended_use"])
        st.markdown("\n".join(f"- {line}" for line in evidence.licences(found)))
        st.markdown(f"How the photos were kept apart: {found.facts['split_rule']}")
        table("The photos it learned from, and their licences", evidence.data_table(found))
        parts.note(f"Network {found.id}, version {found.version}, {found.facts['parameters']:,} numbers learned.")


def network(id: str, state: Any) -> None:
    """Everything the card of one network says; `state`: whether it can be used (`core.vision.registry`), None where not known.

    Unavailable when the card cannot be read.
    """
    if state is not None and state.state == "unavailable":
        st.info(f"**This network cannot be used now.** {state.reason}", icon=":material/info:")
    found = card(id)
    overview(found)
    shown = [draw for name, draw in (("confusion", mixes_up), ("reliability", trust)) if found.facts.get(name)]
    # A matrix of many kinds needs the whole width.
    places = (
        st.columns(len(shown), gap="medium") if shown and len(found.classes) <= evidence_kinds.MANY else [st.container() for _ in shown]
    )
    for place, draw in zip(places, shown, strict=True):
        with place:
            draw(found)
    if evidence_kinds.recall(found):
        finds(found)
    if (limits := evidence_kinds.thresholds_table(found))["Kind"]:
        st.subheader("What it must not miss", anchor=False)
        st.markdown("For these kinds there is a safety limit. Over it, the kind is put on the list of what cannot be excluded.")
        st.table(limits, border="horizontal")
    if (others := evidence_truth.alternatives_table(found))["Network"]:
        table("Other networks that were tried, on one processor core", others)
    for name, draw in (("groups", for_whom), ("robustness", poorer), ("repeatability", again)):
        if evidence_truth.part(found, name):
            draw(found)
    for draw in (topics, people, sources, skin_tones, cannot):
        draw(found)

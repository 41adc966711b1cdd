"""The POEM of the week as a form: one question per step, or all on one page. Nothing is chosen in advance."""

from __future__ import annotations

from uuid import UUID

import streamlit as st

from core.instruments import poem
from core.people.policy import Actor
from core.ui import instrument_form, menu, parts, poem_result
from core.ui.instrument_form import Form
from core.ui.poem_result import INSTRUMENT, today

STEPS, PAGE = "One at a time", "All on one page"


def screen(actor: Actor, person_id: UUID) -> None:
    """The form, or the result once it is saved."""
    person = instrument_form.person_of(actor, person_id)
    form = instrument_form.form_of(actor, person.id, INSTRUMENT, poem.ITEMS)
    words = poem.wording(instrument_form.child(person, today()))
    known = instrument_form.finished(actor, form)
    if form.saved is not None:
        st.success("**Saved.** The next one is for next week.", icon=":material/check_circle:")
        poem_result.result(form.saved, poem_result.earlier(known, form.saved.day), words)
        with parts.row():
            st.button("Fill in another week", icon=":material/edit_note:", on_click=form.empty)
            if menu.exists(menu.PROGRESS):
                st.page_link(menu.PROGRESS.path, label="See how it went", icon=":material/monitoring:")
        about(words)
        return
    st.markdown(words.intro)
    instrument_form.goes_on(actor, form)
    way = st.segmented_control("How do you want to answer?", (STEPS, PAGE), default=STEPS, required=True, key="poem_way")
    if way == PAGE:
        for item in poem.ITEMS:
            _question(actor, form, words, item)
        _end(actor, form)
    elif form.step < len(poem.ITEMS):
        _step(actor, form, words)
    else:
        _review(form, words)
        _end(actor, form)
    about(words)


def about(words: poem.Wording) -> None:
    """Whose instrument it is and who may use it."""
    parts.note(f"{words.title}. {words.attribution}. {words.terms} [More about POEM]({words.source})")


def _question(actor: Actor, form: Form, words: poem.Wording, item: str) -> None:
    at = poem.ITEMS.index(item)
    with st.container(border=True):
        given = form.answers.get(item)
        now = None if given is None else int(given)
        st.radio(f"{at + 1}. {words.questions[at]}", poem.ANSWERS, now, words.answers.__getitem__, key=form.key(item))
    if form.take(item):
        instrument_form.keep(actor, form)


def _step(actor: Actor, form: Form, words: poem.Wording) -> None:
    at, count = form.step, len(poem.ITEMS)
    st.progress((at + 1) / count, f"Question {at + 1} of {count}")
    _question(actor, form, words, poem.ITEMS[at])
    answered = form.answers.get(poem.ITEMS[at]) is not None
    with parts.row():
        label, icon = "See all answers" if at == count - 1 else "Next", ":material/arrow_forward:"
        st.button(label, type="primary", icon=icon, disabled=not answered, key=f"poem_next_{at}", on_click=_go, args=(form, 1))
        if at:
            st.button("Back", icon=":material/arrow_back:", key=f"poem_back_{at}", on_click=_go, args=(form, -1))
        if not answered:
            st.button("Leave this one out", type="tertiary", key=f"poem_skip_{at}", on_click=_go, args=(form, 1))


def _go(form: Form, by: int) -> None:
    form.take(poem.ITEMS[form.step])
    form.step = min(len(poem.ITEMS), max(0, form.step + by))


def _review(form: Form, words: poem.Wording) -> None:
    st.subheader("Your answers", anchor=False)
    answers = poem.in_order({item: None if answer is None else int(answer) for item, answer in form.answers.items()})
    said = ["*left out*" if answer is None else words.answers[answer] for answer in answers]
    st.table({"In the last week": list(words.names), "Answer": said}, border="horizontal")
    st.button("Change an answer", icon=":material/arrow_back:", on_click=setattr, args=(form, "step", 0))


def _end(actor: Actor, form: Form) -> None:
    found = poem.score(poem.in_order({item: None if answer is None else int(answer) for item, answer in form.answers.items()}))
    if found.note:
        st.info(found.note, icon=":material/info:")
    asked = "The last day of the week you answer for"
    instrument_form.ending(actor, form, "Save my POEM", asked, found.missing < len(poem.ITEMS), poem.ITEMS)

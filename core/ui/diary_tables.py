"""The diary as a table, taken along or brought in; and the list of a person's triggers, to merge and to tidy up."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.records import diary, diary_csv, triggers
from core.records.diary_tables import TriggerPublic
from core.ui import moments, parts, table_in, trouble
from core.ui.diary import Desk, do, names, renew, rounds
from core.ui.screening import ready
from core.web import downloads

KEEP, REPLACE = "Keep what is there", "Take the table's"


def show(desk: Desk) -> None:
    """The three parts, each closed until it is asked for."""
    with st.expander("Your triggers", icon=":material/label:", key="diary_triggers"):
        _triggers(desk)
    with st.expander("Bring in a table (CSV)", icon=":material/upload_file:", key="diary_import"), trouble.told():
        _import(desk)
    with st.expander("Take it along (CSV)", icon=":material/download:", key="diary_export"), trouble.told():
        parts.note("One line for each day. Any table program opens it, and CareLens can read it again.")
        if st.button("Make the table", icon=":material/table:", key="diary_make"):
            text = diary_csv.write(diary.list_days(desk.actor, desk.person_id))
            name = f"diary-{desk.today.isoformat()}.csv"
            st.session_state[_file(desk)] = (downloads.offer_bytes(desk.actor.account_id, text.encode("utf-8-sig"), name), name)
        ready(_file(desk), "Whoever has the file can read your diary: keep it somewhere safe.")


def _file(desk: Desk) -> str:
    """Where the file that was made waits: a person's own, for an account may act for several."""
    return f"_diary_file_{desk.person_id}"


def _import(desk: Desk) -> None:
    columns = ", ".join(f"`{name}`" for name in ("day", *diary.MEASURES, "treatments", *triggers.groups(), "note"))
    st.markdown(
        f"The first line names the columns; these are known: {columns}. Days are written 2026-03-14. "
        "Several things in one cell stand with `;` between them, and `@8` after one means at eight o'clock."
    )
    key = f"diary_csv_{desk.person_id}_{rounds()}"
    file = st.file_uploader("Table of days", type=["csv", "txt", "tsv"], key=key, label_visibility="collapsed")
    if file is None:
        return
    told = diary_csv.read(file.getvalue(), desk.today)
    table_in.left_out(told.unknown, told.bad)
    if not told.days:
        st.markdown("There is no day in it that can be brought in.")
        return
    wanted = {one.entry.day for one in told.days}
    both = wanted & {one.day for one in diary.list_days(desk.actor, desk.person_id, min(wanted), max(wanted))}
    way = KEEP
    if both:
        way = st.segmented_control("Some days are in your diary already", (KEEP, REPLACE), default=KEEP, required=True, key="diary_way")
    if st.button(f"Bring in {len(told.days)} {'day' if len(told.days) == 1 else 'days'}", type="primary", key="diary_go"):
        done = diary.import_days(desk.actor, desk.person_id, told.days, replace=way == REPLACE, today=desk.today)
        renew()
        counts = ((done.new, "new"), (done.replaced, "replaced"), (done.kept, "kept as they were"), (done.same, "there already"))
        said = parts.listed([f"{count} {what}" for count, what in counts if count])
        trouble.attempt(lambda: None, f"The table is in your diary. Days: {said}.")


def _triggers(desk: Desk) -> None:
    if not desk.known:
        st.markdown("None yet. Add what you suspect on the day you met it.")
        return
    count = {one.id: sum(any(met.trigger_id == one.id for met in day.met) for day in desk.days) for one in desk.known}
    for one in desk.known:
        also = f" Also: {', '.join(one.also)}." if one.also else ""
        with parts.row():
            days = f"{count[one.id]} {'day' if count[one.id] == 1 else 'days'} in the last year."
            parts.titled(moments.plain(one.name), f"{triggers.groups()[one.kind].title}. {days}{moments.plain(also)}")
            with st.popover("Change", type="tertiary", key=f"trigger_{one.id}"):
                _change(desk, one)


def _change(desk: Desk, one: TriggerPublic) -> None:
    key = f"trigger_name_{one.id}"
    st.text_input("Name", one.name, 60, key=key, autocomplete="off")
    st.button("Rename", key=f"trigger_rename_{one.id}", on_click=do, args=(desk.actor, _renaming(desk, one, key)))
    others, called = [other.id for other in desk.known if other.id != one.id], names(desk.known)
    if others:
        into = st.selectbox("It is the same as", [None, *others], key=f"trigger_into_{one.id}",
                            format_func=lambda id: called[id] if id else "Choose")  # fmt: skip
        if into:
            merge = _doing(lambda: f"Both are {triggers.merge_triggers(desk.actor, one.id, into).name} now.")
            st.button("Make them one", key=f"trigger_merge_{one.id}", on_click=do, args=(desk.actor, merge))
    st.markdown("Deleting takes it out of every day, for good.")
    st.button("Delete for good", key=f"trigger_delete_{one.id}", on_click=do, args=(desk.actor, _doing(lambda: _deleted(desk, one))))


def _deleted(desk: Desk, one: TriggerPublic) -> str:
    triggers.delete_trigger(desk.actor, one.id)
    return "Deleted."


def _renaming(desk: Desk, one: TriggerPublic, key: str) -> Callable[[], str]:
    return _doing(lambda: f"It is called {triggers.rename_trigger(desk.actor, one.id, st.session_state[key]).name} now.")


def _doing(what: Callable[[], str]) -> Callable[[], str]:
    """Do it, and draw the form anew."""

    def done() -> str:
        said = what()
        renew()
        return said

    return done

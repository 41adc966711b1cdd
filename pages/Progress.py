"""Progress: scores, photos and treatments over time."""

from __future__ import annotations

import streamlit as st

from core.ui import menu, moments, parts, poem_result, progress, progress_photos, progress_rated, progress_treatments, trouble
from core.ui.page import page

VIEWS = ("In order", "Before and after", "Time-lapse")

here = page("Progress")
zone, today = moments.zone(), poem_result.today()


def photos(weeks: progress.Weeks) -> None:
    st.subheader("Photos", anchor=False)
    if not weeks.photos:
        st.markdown("No photo in this time. Photograph the same patch every week, from about the same distance.")
        return
    names = {progress.name_of(place): place for place in progress.places(weeks.photos)}
    with parts.row(vertical_alignment="bottom"):
        view = st.segmented_control("Look at", VIEWS, default=VIEWS[0], required=True, key="photo_view", label_visibility="collapsed")
        where = st.selectbox("Part of the body", list(names), key="place") if len(names) > 1 else next(iter(names))
    shown = [photo for photo in weeks.photos if photo.place == names[where]]
    if view == VIEWS[1]:
        progress_photos.before_after(here.actor, shown, "pair")
    elif view == VIEWS[2]:
        progress_photos.timelapse(here.actor, shown, "lapse")
    elif opened := progress_photos.carousel(shown, "photos"):
        st.switch_page(menu.HISTORY.path, query_params={"record": opened})


def measured(weeks: progress.Weeks) -> None:
    if not weeks.photos:
        return
    with parts.row():
        st.subheader("What the photos show", anchor=False, width="stretch")
        kinds = (progress.SHARE, progress.REDNESS, progress.EXTENT)
        what = st.segmented_control("Show", kinds, default=kinds[0], required=True, key="measured", label_visibility="collapsed")
    progress.photo_chart(weeks, what or kinds[0], progress.followed(weeks.photos))


def scored(weeks: progress.Weeks) -> None:
    known = [name for name in progress.SCORES if any(one.instrument == name for one in weeks.before)]
    if not known:
        return
    instrument = known[0]
    if len(known) > 1:
        chosen = st.segmented_control("Score", known, format_func=progress.SCORES.get, default=known[0], required=True, key="instrument")
        instrument = chosen or known[0]
    progress.score_chart(weeks, instrument)


with here.column:
    st.title("Progress", anchor=False)
    progress_treatments.tell()
    with parts.row():
        period = st.segmented_control("Period", list(progress.PERIODS), default="3 months", required=True, key="period")
    weeks = progress.load(here.actor, here.person_id, period or "3 months", zone, today)
    if weeks.empty:
        with parts.empty("monitoring", "Nothing here yet", "Score your week, or photograph a patch. Then you see here how it goes."):
            st.page_link(menu.ECZEMA.path, label="Go to the eczema check", icon=f":material/{menu.ECZEMA.icon}:")
            progress_treatments.log(here.actor, here.person_id, today)
        st.stop()
    with trouble.told():
        progress.now(weeks, today)
    with parts.row():
        st.subheader("How it went", anchor=False, width="stretch")
        progress_treatments.log(here.actor, here.person_id, today)
    scored(weeks)
    progress_treatments.listed(here.actor, weeks.treatments, today)
    with trouble.told():
        photos(weeks)
    measured(weeks)
    with trouble.told():
        progress_rated.show(here.actor, here.person_id)
    with st.expander("The same as a table"):
        st.table(progress.table(weeks), border="horizontal")
    progress.terms(weeks)

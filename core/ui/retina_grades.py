"""What the five grades mean, each with a drawn eye that shows what is looked for."""

from __future__ import annotations

from functools import cache

import streamlit as st

from core.examinations.retina_texts import grades
from core.instruments.icdr import GRADES
from core.ui import parts, pictures
from core.ui.pictures import Picture

SEED, SIZE = 12, (420, 400)


@cache
def drawn(grade: int) -> Picture:
    """A drawn right eye of a grade 0-4, the same for everybody."""
    from core.demo.fundus import fundus  # drawing is only needed once in the life of the server

    text = grades()[str(grade)]
    return pictures.photo_picture(fundus(SEED, "right", grade, size=SIZE).pixels, f"Drawn eye of grade {grade}: {text.means}", 400)


def show() -> None:
    """The five grades side by side."""
    st.subheader("What the grades mean", anchor=False)
    grid = parts.strip(len(GRADES), 148, "grades", border=True)
    for one in GRADES:
        text, picture = grades()[one.label], drawn(one.grade)
        with grid.cell(), st.container(gap="xsmall"):
            st.image(picture.address, width="stretch", alt=picture.alt)
            st.markdown(f"**Grade {one.grade}: {text.name.lower()}**  \n{parts.dots(one.grade, len(GRADES) - 1)}")
            parts.note(f"{text.means} Doctors say: {one.clinical[0].lower()}{one.clinical[1:]}.")
    parts.note("The pictures are drawn. In a real photo the signs are harder to see. Doctors call the scale ICDR.")

"""The small parts: words, dates, dots, and the one place of internal names."""

from __future__ import annotations

import ast
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.examinations.finding import STEPS
from core.ui import account_sessions, home, parts, theme

ROOT = Path(__file__).resolve().parents[3]


def test_only_today_is_red_and_every_step_has_words_and_an_icon():
    assert set(parts.URGENCY) == set(STEPS)
    assert [step for step, known in parts.URGENCY.items() if known.colour == "red"] == ["today"]
    assert len({(known.patient, known.icon) for known in parts.URGENCY.values()}) == len(STEPS)
    assert all(re.fullmatch(r":material/\w+:", known.icon) for known in parts.URGENCY.values())


def test_dots_say_the_level_without_colour():
    assert re.sub(r"[^●○]", "", parts.dots(2)) == "●●○○"
    assert re.sub(r"[^●○]", "", parts.dots(0, of=3)) == "○○○"
    with pytest.raises(ValueError, match="level"):
        parts.dots(5)


@pytest.mark.parametrize(("words", "said"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")])
def test_listed(words, said):
    assert parts.listed(words) == said


def test_days_and_percent():
    today = datetime(2026, 3, 12, tzinfo=UTC)
    assert parts.day(datetime(2026, 2, 3, tzinfo=UTC), today) == "3 February"
    assert parts.day(datetime(2025, 12, 31, tzinfo=UTC), today) == "31 December 2025"


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (-3, "just now"),
        (0, "just now"),
        (1, "1 minute ago"),
        (59, "59 minutes ago"),
        (60, "1 hour ago"),
        (1439, "23 hours ago"),
        (2880, "2 days ago"),
    ],
)
def test_ago(minutes, said):
    now = datetime(2026, 3, 12, 12, tzinfo=UTC)
    assert account_sessions.ago(now - timedelta(minutes=minutes), now) == said


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Safari/605.1.15",
            "Safari on Mac",
        ),
        ("Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 CriOS/140.0 Mobile Safari/604.1", "Chrome on iPhone"),
        ("", "A browser"),
    ],
)
def test_browsers_in_plain_words(agent, said):
    assert account_sessions.browser(agent) == said


@pytest.mark.parametrize(
    ("name", "said"), [("Ana Ruiz", "Ana"), ("Dr Lena Osei", "Dr Osei"), ("Dr. Osei", "Dr. Osei"), ("Mia", "Mia"), ("", "")]
)
def test_first_names(name, said):
    assert home.first_name(name) == said


def test_the_greeting_follows_the_clock():
    said = [home.greeting(hour) for hour in range(24)]
    assert said[8] == "Good morning" and said[13] == "Good afternoon" and said[22] == said[2] == "Good evening"


def test_charts_name_placeholders_that_streamlit_replaces():
    from streamlit.elements.lib import streamlit_plotly_theme as theirs

    ours = {theme.ACCENT, theme.SECOND, theme.PLUM, theme.FAINT, theme.INK, *theme.RAMP}
    assert len(ours) == 15 and len(theme.RAMP) == 10
    assert ours <= {value for name, value in vars(theirs).items() if name.isupper() and isinstance(value, str)}


def test_internal_names_of_streamlit_are_used_in_one_place_only():
    found = set()
    for path in [ROOT / "Home.py", *(ROOT / "pages").glob("*.py"), *(ROOT / "core").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("streamlit.elements.lib"):
                found.add(path.relative_to(ROOT).as_posix())
    assert found == {"core/ui/theme.py"}


def test_an_error_becomes_a_sentence_and_the_page_goes_on():
    def page():
        import streamlit as st

        from core.errors import InvalidInput, Unavailable
        from core.ui import trouble
        from core.ui.page import Column

        with trouble.told():
            raise InvalidInput("The name is too long.", "Use a shorter one.")
        with Column(st.container()):
            raise Unavailable("The photo store does not answer.")
        trouble.on_script_error(KeyError("a secret of the inside"))
        st.write("and on it goes")

    app = AppTest.from_function(page).run()
    said = [part.value for part in app.markdown]
    assert not app.exception
    assert sum("Nothing you saved is lost" in text for text in said) == 2
    assert "The name is too long" in said[0] and said[1] == "Use a shorter one." and said[-1] == "and on it goes"
    assert "inside" not in "".join(said) and "Something went wrong on our side" in "".join(said)


def test_what_is_no_error_for_people_is_not_swallowed():
    def page():
        import streamlit as st

        from core.ui.page import Column

        with Column(st.container()):
            raise RuntimeError("a mistake in the code")

    assert "a mistake" in AppTest.from_function(page).run().exception[0].message

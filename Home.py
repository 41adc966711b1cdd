"""CareLens: `streamlit run Home.py` starts the server; every visit then runs the page below."""

import streamlit as st
from streamlit import runtime

if not runtime.exists():
    from core.ui.trouble import on_script_error
    from core.web.app import lifespan, middleware, refuse_to_start_unsafe, routes
    from core.web.proxies import trust_named_proxies

    refuse_to_start_unsafe()
    trust_named_proxies()
    app = st.App("Home.py", routes=routes(), middleware=middleware(), lifespan=lifespan, on_script_error=on_script_error)
else:
    from core.ui import guard, home
    from core.ui.page import page
    from core.ui.sign_in import Welcome

    here = page("Home", allow=guard.EVERYONE, welcome=Welcome(home.welcome, home.below), personal=True)
    with here.column:
        home.show(here)

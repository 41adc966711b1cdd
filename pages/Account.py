"""Account: name, password, where one is signed in, and what is kept about one."""

from core.ui import account, guard
from core.ui.page import page

here = page("Account", allow=guard.EVERYONE)
with here.column:
    account.show(here)

"""A process that erases accounts and is killed at it; run by test_erase.py.

Reads lines `<account id> <seconds>` from standard input. For each it forks a child that erases the
account, and kills it (SIGKILL) after so many seconds. Writes `<seconds it took> <signal, 0 for none>`.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from uuid import UUID

from sqlalchemy.orm import configure_mappers

from core.records.erase import erase_account_by_id


def main() -> None:
    """One line, one child."""
    configure_mappers()
    for line in sys.stdin:
        account, delay = line.split()
        ended, end = os.pipe()
        started = time.monotonic()
        child = os.fork()
        if child == 0:
            try:
                erase_account_by_id(UUID(account))
                os._exit(0)
            finally:
                os._exit(1)
        os.close(end)
        select.select([ended], [], [], float(delay))  # until it ends or its time is over
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        os.close(ended)
        if os.WIFEXITED(status) and os.WEXITSTATUS(status):
            sys.exit("a child failed")
        sys.stdout.write(f"{time.monotonic() - started} {os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

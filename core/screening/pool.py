"""The local engine of the screening desk: as many worker processes as the settings say, while there is something to grade.

A thread of the server looks after them. What a worker that died had in its hands is put back at once; what another server's
worker had, when its time runs out. So batches go on after a reload, a restart and a crash, without anything being remembered
but the rows themselves.
"""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Protocol
from uuid import uuid4

from core.errors import CareLensError
from core.records import screening_queue as queue
from core.settings import ROOT, settings

log = logging.getLogger("carelens.screening")

LOOK_EVERY, LOOK_SELDOM = 1.0, 10.0
"""Seconds between two looks at the queue, while there is work and while there is none; a new batch wakes the pool itself."""
COMMAND = (sys.executable, "-m", "core.screening.worker")
MOST_DEATHS = 20
"""Workers that may die in a row, without one result in between, before the pool waits a minute."""
REST = 60.0


class Workers(Protocol):
    """Workers of some kind that take photos from the queue by themselves."""

    def keep(self, count: int) -> int:
        """Make sure that `count` of them work, and put back what dead ones had; returns how many had died."""

    def stop(self) -> None:
        """End them all; what they have in hand is put back."""


class Processes:
    """Worker processes of this machine. `command` starts one; its name is added as the last word."""

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        self._command = command
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def keep(self, count: int) -> int:
        """See Workers."""
        dead = [name for name, process in self.running.items() if process.poll() is not None]
        deaths = sum(self._bury(name) for name in dead)
        for _ in range(count - len(self.running)):
            self._start(count)
        return deaths

    def _start(self, count: int) -> None:
        name = f"{socket.gethostname()[:40]}:{uuid4().hex[:12]}"
        threads = settings().threads or os.cpu_count() or 1
        share = str(max(1, threads // count))
        environment = os.environ | {"CARELENS_THREADS": share, "OMP_NUM_THREADS": share}
        # A pipe, so that a worker notices when this process is gone, however it went.
        self.running[name] = subprocess.Popen([*self._command, name], cwd=ROOT, env=environment, stdin=subprocess.PIPE)

    def _bury(self, name: str) -> bool:
        process = self.running.pop(name)
        if process.stdin is not None:
            process.stdin.close()
        queue.release(name)
        if process.returncode:
            log.warning("a worker of the screening desk ended with %s; its photo is graded by another", process.returncode)
        return bool(process.returncode)

    def stop(self) -> None:
        """See Workers."""
        for process in self.running.values():
            process.kill()
        for name, process in list(self.running.items()):
            process.wait()
            try:
                self._bury(name)
            except CareLensError:
                log.info("a photo stays lent until its time is over")


def workers() -> Workers:
    """The workers that the settings name."""
    if settings().engine == "ray":
        from core.screening.on_ray import RayWorkers  # an optional package, loaded only where it is used

        return RayWorkers()
    return Processes()


_wake = threading.Event()


def wake() -> None:
    """There is something new in the queue: look now."""
    _wake.set()


class Pool:
    """Looks after the workers from a thread of its own, until `stop`."""

    def __init__(self, make: Callable[[], Workers] = workers) -> None:
        self._make = make
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="carelens-screening", daemon=True)

    def start(self) -> None:
        """Begin; unfinished batches go on."""
        self._thread.start()

    def stop(self) -> None:
        """End the workers and the thread."""
        self._over.set()
        wake()
        self._thread.join(20)

    def _run(self) -> None:
        kept: Workers | None = None
        deaths, todo, before = 0, 0, 0
        try:
            while not self._over.is_set():
                try:
                    before, todo = todo, queue.unfinished()
                    if todo and kept is None:
                        kept = self._make()
                    if kept is not None:
                        deaths = kept.keep(min(settings().workers, todo)) + (0 if todo < before else deaths)
                except CareLensError as error:
                    log.warning("the screening desk's queue is out of reach: %s", error.reason)
                _wake.wait(REST if deaths >= MOST_DEATHS else LOOK_EVERY if todo else LOOK_SELDOM)
                _wake.clear()
        finally:
            if kept is not None:
                kept.stop()

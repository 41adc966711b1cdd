"""The engine of a site that outgrows one machine: the same worker, run by Ray, on as many machines as its cluster has.

Actors take photos from the same queue by the same function as local workers, so a result is there once whatever Ray does.
Every machine needs CareLens, the database and the photo store: PostgreSQL and a bucket, or one shared folder.
"""

from __future__ import annotations

import importlib
import logging
from typing import Any
from uuid import uuid4

from core.errors import CareLensError
from core.records import screening_queue as queue
from core.screening import worker
from core.vision import cluster

log = logging.getLogger("carelens.screening")


class Grader:
    """What runs in a process of Ray's. `first`: a module that is imported before anything else."""

    def __init__(self, first: str = "") -> None:
        if first:
            importlib.import_module(first)

    def run(self, name: str, idle: float) -> None:
        """See `core.screening.worker.run`."""
        worker.run(name, idle)


class RayWorkers:
    """Workers in actors of Ray; see `core.screening.pool.Workers`. Unavailable when Ray is not installed or does not start."""

    def __init__(self, first: str = "", idle: float = worker.IDLE) -> None:
        self._ray, self._first, self._idle = cluster.start(), first, idle
        self.running: dict[str, tuple[Any, Any]] = {}
        """Name to the actor and what it will have done."""
        self._grader = self._ray.remote(num_cpus=1, max_restarts=0)(Grader)

    def keep(self, count: int) -> int:
        """See Workers."""
        deaths = 0
        for name, (_, done) in list(self.running.items()):
            ready, _ = self._ray.wait([done], timeout=0)
            if ready:
                deaths += self._bury(name)
        for _ in range(count - len(self.running)):
            name = f"ray:{uuid4().hex}"
            actor = self._grader.remote(self._first)
            self.running[name] = (actor, actor.run.remote(name, self._idle))
        return deaths

    def _bury(self, name: str) -> bool:
        """Put back what an actor had that has ended; True when it did not end by itself."""
        _, done = self.running.pop(name)
        try:
            self._ray.get(done, timeout=1)
            died = False
        except self._ray.exceptions.RayError as error:
            log.warning("a worker on Ray ended: %s; its photo is graded by another", type(error).__name__)
            died = True
        queue.release(name)
        return died

    def stop(self) -> None:
        """See Workers."""
        for name, (actor, _) in list(self.running.items()):
            self._ray.kill(actor)
            try:
                self._bury(name)
            except CareLensError:
                log.info("a photo stays lent until its time is over")

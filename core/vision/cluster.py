"""Ray, for a site that outgrows one machine: started once per process, for the screening desk and for the networks alike.

Ray is optional, see `requirements-ray.txt`; RAY_ADDRESS names a cluster, and without it Ray starts on this machine alone. Every machine
needs CareLens, and what works on photos there the database and the photo store too.
"""

from __future__ import annotations

import os
from typing import Any

from core.errors import Unavailable
from core.settings import ROOT, settings


def start() -> Any:
    """The module `ray`, connected. Unavailable when it is not installed or does not start."""
    try:
        import ray
    except ImportError as error:
        raise Unavailable("Ray is not installed here.", "Install it with: pip install -r requirements-ray.txt") from error
    if not ray.is_initialized():
        try:
            here = None if os.environ.get("RAY_ADDRESS") else settings().workers
            ray.init(num_cpus=here, include_dashboard=False, configure_logging=False, runtime_env={"env_vars": environment()})
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise Unavailable("Ray does not start.", "Look at its own log, and at RAY_ADDRESS.") from error
    return ray


def environment() -> dict[str, str]:
    """What a worker needs to know: where things are, and how many threads it has. It signs nobody in, so no secret goes along."""
    here = settings()
    return {
        "CARELENS_HOME": str(here.home.resolve()),
        "CARELENS_DEMO": str(int(here.demo)),
        "CARELENS_DATABASE_URL": here.database_url,
        "CARELENS_PHOTO_STORE": here.photo_store,
        "CARELENS_MODELS": str(here.models.resolve()),
        "CARELENS_MAX_UPLOAD_MB": str(here.max_upload_mb),
        "CARELENS_MAX_MEGAPIXELS": str(here.max_megapixels),
        "CARELENS_ENGINE": "local",  # a worker runs its own networks
        "CARELENS_THREADS": str(here.threads or max(1, (os.cpu_count() or 1) // here.workers)),
        "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH", "")))),
    }

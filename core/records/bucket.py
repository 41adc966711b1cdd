"""A store of pictures at any address that fsspec knows, such as `s3://bucket/prefix`. See `photos.py`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import uuid4

import fsspec

from core.errors import CareLensError
from core.records.photos import KEY, not_there, place, unavailable

_S3: dict[str, Any] = {"config_kwargs": {"connect_timeout": 5, "read_timeout": 30, "retries": {"max_attempts": 2}}}
"""So that a page waits seconds, not minutes, for a server that does not answer."""


class Bucket:
    """A store behind fsspec: one object for each key, in the same places as in a folder.

    Address, keys and region of an S3 server come from its usual environment variables (`AWS_ENDPOINT_URL`,
    `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_DEFAULT_REGION`). An object appears there whole or not at all.
    """

    def __init__(self, url: str) -> None:
        protocol = url.split("://", 1)[0]
        try:
            self._files, root = fsspec.url_to_fs(url, use_listings_cache=False, **(_S3 if protocol in ("s3", "s3a") else {}))
        except (ImportError, ValueError) as error:
            raise ValueError(f"CARELENS_PHOTO_STORE is no folder, and no store of the kind {protocol}:// is known here.") from error
        self._root = root.rstrip("/")
        self._flat = protocol in ("s3", "s3a")

    def _path(self, key: str) -> str:
        return f"{self._root}/{place(key)}"

    def put(self, data: bytes, key: str | None = None) -> str:
        """See PhotoStore."""
        key = key or uuid4().hex
        self._write(self._path(key), data)
        return key

    def _write(self, path: str, data: bytes) -> None:
        try:
            if not self._flat:
                self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
            self._files.pipe_file(path, data)
        except Exception as error:  # every kind of store has errors of its own
            raise unavailable(error) from error

    def get(self, key: str) -> bytes:
        """See PhotoStore."""
        path = self._path(key)
        try:
            return bytes(self._files.cat_file(path))
        except FileNotFoundError as error:
            if not self._there():
                raise unavailable(error) from error
            raise not_there() from None
        except Exception as error:
            raise unavailable(error) from error

    def _there(self) -> bool:
        """The bucket itself exists, so that a picture that is missing is really missing."""
        try:
            return bool(self._files.exists(self._root.split("/", 1)[0] if self._flat else self._root))
        except Exception as error:
            raise unavailable(error) from error

    def delete(self, key: str) -> None:
        """See PhotoStore."""
        self._remove(self._path(key))

    def _remove(self, path: str) -> None:
        try:
            self._files.rm_file(path)
        except FileNotFoundError as error:
            if not self._there():
                raise unavailable(error) from error
        except Exception as error:
            raise unavailable(error) from error

    def _listed(self) -> list[tuple[str, float]]:
        """Path below the root and time of writing (seconds since 1970) of everything."""
        try:
            found = self._files.find(self._root, detail=True)
            return [(path[len(self._root) + 1 :], self._since(info)) for path, info in found.items()]
        except FileNotFoundError as error:
            if not self._there():
                raise unavailable(error) from error
            return []
        except Exception as error:
            raise unavailable(error) from error

    def _since(self, info: dict[str, Any]) -> float:
        when = info.get("LastModified") or info.get("mtime") or self._files.modified(info["name"])
        return when.timestamp() if isinstance(when, datetime) else float(when)

    def older_than(self, seconds: float) -> Iterator[str]:
        """See PhotoStore."""
        before = time.time() - seconds
        return (key for path, since in self._listed() if since <= before and _is(key := path.rpartition("/")[2], path))

    def keys(self) -> set[str]:
        """See PhotoStore."""
        return {key for path, _ in self._listed() if _is(key := path.rpartition("/")[2], path)}

    def half_written(self, seconds: float, remove: bool = False) -> int:
        """See PhotoStore. Only what a health check left can be here: objects appear whole."""
        before = time.time() - seconds
        old = [path for path, since in self._listed() if path.startswith("new/") and since <= before]
        for path in old if remove else ():
            self._remove(f"{self._root}/{path}")
        return len(old)

    def healthy(self) -> bool:
        """See PhotoStore."""
        probe = f"{self._root}/new/health-{uuid4().hex}"
        try:
            self._write(probe, b"1")
            try:
                return bool(self._files.cat_file(probe) == b"1")
            finally:
                self._remove(probe)
        except (CareLensError, OSError):
            return False


def _is(key: str, path: str) -> bool:
    return KEY.fullmatch(key) is not None and place(key) == path

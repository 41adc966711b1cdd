"""A PostgreSQL server, an S3 server and a TURN server for the tests: real ones, started here, on this machine only."""

from __future__ import annotations

import logging
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

import psycopg


@cache
def binaries() -> Path | None:
    """The folder of PostgreSQL's programs; Debian keeps them off the path."""
    found = [Path(path).parent for path in [shutil.which("initdb")] if path] + sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return next((folder for folder in reversed(found) if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _quick_place() -> str | None:
    """A folder in memory for the server's files, where there is room; None: the usual one."""
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2 << 30 else None


class Cluster:
    """A throw-away PostgreSQL cluster on loopback; nothing in it outlives the block."""

    def __init__(self) -> None:
        programs = binaries()
        assert programs is not None
        self._programs = programs
        self.port = free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="carelens-pg-", dir=_quick_place()))
        self._server: subprocess.Popen[bytes] | None = None
        self.user: str | None = None
        if os.getuid() == 0:  # the server refuses to run as root
            self.user = next(name for name in ("postgres", "nobody") if name in {entry.pw_name for entry in pwd.getpwall()})
            shutil.chown(self._folder, self.user)
        self._run("initdb", "-D", str(self._folder / "data"), "-U", "house", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run([self._programs / program, *arguments], cwd=self._folder, user=self.user, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        """Start the server and wait until it answers."""
        # A zone of its own, so that a time that is not stored in UTC would be noticed.
        settings = ["fsync=off", "full_page_writes=off", "listen_addresses=127.0.0.1", "timezone=Asia/Kolkata", "max_connections=60"]
        settings += [
            f"unix_socket_directories={self._folder}",
            "shared_buffers=32MB",
            "autovacuum=off",
            "wal_level=minimal",
            "max_wal_senders=0",
        ]
        options = [word for setting in settings for word in ("-c", setting)]
        log = (self._folder / "log").open("ab")
        self._server = subprocess.Popen(
            [self._programs / "postgres", "-D", str(self._folder / "data"), "-p", str(self.port), *options],
            cwd=self._folder, user=self.user, stdout=log, stderr=log,
        )  # fmt: skip
        log.close()
        until = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(self.url("postgres")).close()
                return
            except psycopg.OperationalError:
                assert self._server.poll() is None and time.monotonic() < until, (self._folder / "log").read_text()
                time.sleep(0.02)

    def stop(self) -> None:
        """Stop the server at once, as a power cut would."""
        if self._server is not None:
            self._run("pg_ctl", "-D", str(self._folder / "data"), "stop", "-m", "immediate")
            self._server.wait(30)
            self._server = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def url(self, name: str) -> str:
        """The address of one database, as a person would write it."""
        return f"postgresql://house@127.0.0.1:{self.port}/{name}"

    def say(self, statement: str) -> None:
        """Run one statement outside any transaction."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload]

    def create(self, template: str = "template0") -> str:
        """A new database, a copy of `template`; returns its name."""
        name = f"house_{uuid4().hex}"
        self.say(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return name

    def drop(self, name: str) -> None:
        """Remove a database, whoever is still connected."""
        self.say(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


class Bucket:
    """An S3 server with one bucket; it can be stopped and started again at the same address, then empty."""

    def __init__(self) -> None:
        self.port = free_port()
        self._server: object | None = None

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which an S3 client finds and opens it."""
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "AWS_ACCESS_KEY_ID": "house",
            "AWS_SECRET_ACCESS_KEY": "of the tests",
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    def start(self) -> None:
        """Start the server and make the bucket `photos` on it."""
        from moto.server import ThreadedMotoServer

        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=self.port, verbose=False)
        server.start()
        self._server = server
        self.client().create_bucket(Bucket="photos")  # type: ignore[attr-defined]

    def client(self) -> object:
        """A client of its own (boto3), beside the one that is tested."""
        import boto3

        its = self.environment
        return boto3.client(
            "s3", endpoint_url=its["AWS_ENDPOINT_URL"], region_name="us-east-1",
            aws_access_key_id="house", aws_secret_access_key=its["AWS_SECRET_ACCESS_KEY"],
        )  # fmt: skip

    def stop(self) -> None:
        """Stop the server."""
        if self._server is not None:
            self._server.stop()  # type: ignore[attr-defined]
            self._server = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.stop()


class Relay:
    """coturn on loopback, with `use-auth-secret`; every call through it is in its log. `stop()` and `start()` are a network that breaks."""

    SECRET = "a-secret-of-both-for-tests"

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"turn:127.0.0.1:{self.port}?transport=udp"
        self._folder = folder
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it listens."""
        (self._folder / "turnserver.conf").write_text("")  # nothing of this machine's own settings
        options = {
            "-c": "turnserver.conf", "--listening-ip": "127.0.0.1", "--relay-ip": "127.0.0.1", "--listening-port": self.port,
            "--realm": "carelens.test", "--static-auth-secret": self.SECRET, "--pidfile": "turn.pid", "--userdb": "turn.db",
        }  # fmt: skip
        flags = ["--use-auth-secret", "--no-cli", "--no-tls", "--no-dtls", "--allow-loopback-peers", "--verbose", "--log-file", "stdout"]
        words = [str(word) for pair in options.items() for word in pair]
        with self.log.open("ab") as log:
            self._server = subprocess.Popen(["turnserver", *words, *flags], cwd=self._folder, stdout=log, stderr=log)
        until = time.monotonic() + 20
        while self._server.poll() is None and time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError(f"the relay did not start:\n{self.log.read_text()}")

    @property
    def log(self) -> Path:
        """The file with all it said."""
        return self._folder / "turn.log"

    def stop(self) -> None:
        """End it at once; what went through it breaks off."""
        if self._server is not None:
            self._server.kill()
            self._server.wait()
            self._server = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

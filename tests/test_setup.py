"""The commands of the Makefile and of the CI script, run for real against a stand-in for Python."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import time
from pathlib import Path

import pytest

from core.settings import ROOT

STAND_IN = """#!/bin/sh
echo "$@ | demo=$CARELENS_DEMO home=$CARELENS_HOME database=$CARELENS_DATABASE_URL require=$CARELENS_REQUIRE" >> "$CALLS"
case "$*" in *"$FAILS_AT"*) [ -n "$FAILS_AT" ] && exit 3;; esac
exit 0
"""


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A folder with the Makefile and the requirements, and a stand-in `.venv` that notes what it is asked."""
    folder = tmp_path / "carelens"
    folder.mkdir()
    for name in ("Makefile", "requirements.txt", "requirements-dev.txt"):
        shutil.copy(ROOT / name, folder)
    script(folder / ".venv" / "bin" / "python", STAND_IN)
    return folder


def run(folder: Path, *command: str, **more: str) -> tuple[int, str, list[str]]:
    """Exit status, everything printed, and the calls of the stand-in."""
    calls = folder / "calls"
    calls.unlink(missing_ok=True)
    keep = {name: value for name, value in os.environ.items() if not name.startswith(("CARELENS_", "MAKE", "MFLAGS"))}
    env = {**keep, "CALLS": str(calls), "FAILS_AT": "", **more}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL, check=False)
    return done.returncode, done.stdout + done.stderr, calls.read_text().splitlines() if calls.exists() else []


def test_run_installs_once_and_starts_the_demo(copy: Path) -> None:
    status, said, calls = run(copy, "make", "run", CARELENS_DATABASE_URL="postgresql://real.example/house")
    assert status == 0 and "http://localhost:8501" in said
    assert [call.split(" |")[0].split()[1] for call in calls] == ["pip", "core.admin", "streamlit"]
    assert "-r requirements.txt" in calls[0] and "core.admin migrate" in calls[1] and "--server.port 8501" in calls[2]
    for call in calls[1:]:  # the demo never touches another database
        assert f"demo=1 home={copy}/demo-var database= " in call

    _, _, calls = run(copy, "make", "run")
    assert not any(" pip " in f" {call}" for call in calls)

    later = time.time() + 5
    os.utime(copy / "requirements.txt", (later, later))
    _, _, calls = run(copy, "make", "run")
    assert "pip install" in calls[0]


def test_a_failed_install_is_tried_again(copy: Path) -> None:
    status, _, _ = run(copy, "make", "run", FAILS_AT="pip install")
    assert status != 0
    _, _, calls = run(copy, "make", "run")
    assert "pip install" in calls[0]


def test_test_installs_what_tests_need_and_asks_for_coverage(copy: Path) -> None:
    status, _, calls = run(copy, "make", "test")
    assert status == 0
    assert "-r requirements-dev.txt" in calls[0]
    assert "-m pytest" in calls[1] and "--cov=core" in calls[1] and "--cov-fail-under=85" in calls[1]
    _, _, calls = run(copy, "make", "run")
    assert "pip" not in calls[0]  # what tests need holds what the app needs
    assert run(copy, "make", "test", FAILS_AT="pytest")[0] != 0


def test_lint_is_ruff_and_mypy(copy: Path) -> None:
    _, _, calls = run(copy, "make", "lint")
    assert ["ruff check" in calls[1], "-m mypy" in calls[2]] == [True, True]
    assert run(copy, "make", "lint", FAILS_AT="ruff")[0] != 0
    assert run(copy, "make", "lint", FAILS_AT="mypy")[0] != 0


def test_serve_is_never_the_demo(copy: Path) -> None:
    status, _, calls = run(copy, "make", "serve", CARELENS_DEMO="1", CARELENS_HOME="/somewhere")
    assert status == 0 and any("streamlit run" in call for call in calls)
    assert all("demo=0 home=/somewhere" in call for call in calls[1:])
    _, _, calls = run(copy, "make", "serve", FAILS_AT="refuse_to_start_unsafe")
    assert not any("streamlit" in call or "migrate" in call for call in calls)


@pytest.mark.parametrize("secret", ["", "change-me", "short"])
def test_serve_refuses_a_secret_that_everyone_knows(tmp_path: Path, secret: str) -> None:
    command = ["make", "-o", ".venv/.runtime", "serve", "PORT=1"]
    if not (ROOT / ".venv/bin/python").exists():
        pytest.skip("the tests do not run from .venv")
    env = {**os.environ, "CARELENS_HOME": str(tmp_path / "home")} | ({"CARELENS_SECRET_KEY": secret} if secret else {})
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert "CareLens does not start: CARELENS_SECRET_KEY is not set, or shorter than 32 characters." in done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    assert not (tmp_path / "home").exists()


def test_an_old_python_is_refused_with_a_sentence(copy: Path, tmp_path: Path) -> None:
    shutil.rmtree(copy / ".venv")
    for name in ("python3.11", "python3", "python3.12", "python3.13"):
        script(tmp_path / "bin" / name, "#!/bin/sh\nexit 1\n")
    status, said, _ = run(copy, "make", "run", PATH=f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    assert status != 0 and "needs Python 3.11 or newer" in said
    assert not (copy / ".venv").exists()


def test_help_lists_every_command(copy: Path) -> None:
    _, said, _ = run(copy, "make")
    listed = {line.split()[0] for line in said.splitlines() if line}
    assert listed >= {"run", "serve", "test", "lint", "bench", "demo-reset", "train", "evaluate", "clean"}


@pytest.mark.parametrize("fails", ["", "lint", "test"])
def test_ci_runs_lint_and_all_tests_and_skips_nothing(tmp_path: Path, fails: str) -> None:
    folder = tmp_path / "clone"
    script(folder / ".ci" / "run", (ROOT / ".ci" / "run").read_text())
    script(tmp_path / "bin" / "make", STAND_IN)
    script(tmp_path / "bin" / "chromium", "#!/bin/sh\n")
    status, _, calls = run(folder, str(folder / ".ci" / "run"), PATH=f"{tmp_path / 'bin'}:{os.environ['PATH']}", FAILS_AT=fails)
    assert (status == 0) == (fails == "")
    assert all("require=chromium,data" in call for call in calls)
    assert {call.split()[0] for call in calls} <= {"lint", "test"} and calls
    assert fails or len(calls) == 2


def test_ci_script_can_be_run() -> None:
    assert os.access(ROOT / ".ci" / "run", os.X_OK)

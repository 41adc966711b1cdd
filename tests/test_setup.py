"""The commands of the Makefile and of the CI script, run for real against a stand-in for Python."""

from __future__ import annotations

import importlib.util
import os
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

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
    assert "-m pytest" in calls[1] and "-m not alone" in calls[1] and "--cov=core" in calls[1] and "--cov-fail-under=85" in calls[1]
    assert "-m pytest" in calls[2] and "-m alone" in calls[2] and "--cov" not in calls[2]  # a tracer would be measured with them
    _, _, calls = run(copy, "make", "run")
    assert "pip" not in calls[0]  # what tests need holds what the app needs
    for part in ("-m not alone", "-m alone"):
        assert run(copy, "make", "test", FAILS_AT=part)[0] != 0, part


def test_what_failed_alone_runs_once_more_and_only_that(copy: Path) -> None:
    status, said, calls = run(copy, "make", "test", FAILS_AT="-m alone --durations")
    assert status == 0 and "Once more, what failed" in said
    assert "--last-failed --last-failed-no-failures=none" in calls[-1] and "-m alone" in calls[-1]
    _, _, calls = run(copy, "make", "test")
    assert not any("--last-failed" in call for call in calls)


@pytest.mark.parametrize(("number", "part"), [(1, "ruff check"), (2, "-m bandit"), (3, "-m mypy")])
def test_lint_is_ruff_bandit_and_mypy(copy: Path, number: int, part: str) -> None:
    _, _, calls = run(copy, "make", "lint")
    assert part in calls[number]
    assert run(copy, "make", "lint", FAILS_AT=part)[0] != 0


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
    assert listed >= {"run", "serve", "test", "lint", "audit", "bench", "demo-reset", "train", "evaluate", "clean"}


@pytest.mark.parametrize("fails", ["", "lint", "audit", "test"])
def test_ci_runs_lint_an_audit_and_all_tests_and_skips_nothing(tmp_path: Path, fails: str) -> None:
    folder = tmp_path / "clone"
    script(folder / ".ci" / "run", (ROOT / ".ci" / "run").read_text())
    script(tmp_path / "bin" / "make", STAND_IN)
    script(tmp_path / "bin" / "chromium", "#!/bin/sh\n")
    status, _, calls = run(folder, str(folder / ".ci" / "run"), PATH=f"{tmp_path / 'bin'}:{os.environ['PATH']}", FAILS_AT=fails)
    assert (status == 0) == (fails == "")
    assert all("require=chromium,coturn,data,postgres" in call for call in calls)
    assert {call.split()[0] for call in calls} <= {"lint", "audit", "test"} and calls
    assert fails or len(calls) == 3


def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", ROOT / ".ci" / "audit.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_known_hole_fails_and_an_audit_that_knows_nothing_says_so() -> None:
    good = {"name": "good", "version": "1.0", "vulns": []}
    bad = {"name": "bad", "version": "2.0", "vulns": [{"id": "PYSEC-2024-1", "fix_versions": ["2.1"]}]}
    unknown = {"name": "torch", "skip_reason": "not found"}
    verdict = audit().verdict
    assert verdict({"dependencies": [good, unknown]}) == (0, "1 packages audited, 0 known holes; nothing known of 1")
    status, said = verdict({"dependencies": [good, bad]})
    assert status == 1 and "bad 2.0: PYSEC-2024-1, mended in 2.1" in said
    for nothing in (None, {}, {"dependencies": [unknown]}):
        status, said = verdict(nothing)
        assert status == 0 and said.startswith("Audit skipped: ")


def test_the_audit_runs() -> None:
    """The program that is asked is there and gives the JSON that is read, whether or not it reaches the advisories."""
    done = subprocess.run([sys.executable, ROOT / ".ci" / "audit.py"], capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode in (0, 1) and ("packages audited" in done.stdout or done.stdout.startswith("Audit skipped: "))


def test_ci_script_can_be_run() -> None:
    assert os.access(ROOT / ".ci" / "run", os.X_OK)

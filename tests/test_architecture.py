"""The arrows and rules of the house, read from the source itself."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from core.settings import ROOT

COMMANDS = {"core/admin.py", "core/examine.py"}
"""Command lines: they print. Elsewhere only a `main` does."""

NOT_IMPORTED = {
    "uvicorn": "the server that `streamlit run` and `uvicorn Home:app` start; it imports us",
    "python-multipart": "Starlette loads it to read forms",
    "psycopg": "SQLAlchemy loads it for postgresql:// addresses",
    "s3fs": "fsspec loads it for s3:// addresses",
    "brotli": "fontTools, which comes with fpdf2, loads it to unpack the font of the letters",
}
"""Packages of requirements.txt that nothing imports, with the reason."""

MODULES = {
    "opencv-python-headless": "cv2",
    "fpdf2": "fpdf",
    "pillow": "PIL",
    "pydantic-settings": "pydantic_settings",
    "python-multipart": "python_multipart",
}
"""Names under which packages are imported, where they differ from the package's."""

_EARLY = "photo intake examinations records people screening weather demo instruments ui web admin examine"
EARLY = tuple(f"core.{name}" for name in _EARLY.split())
"""What must not load torch when imported (packages: with every module in them)."""


def files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Every module a file imports, anywhere in it, with the line."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield name.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            package = path.relative_to(ROOT).with_suffix("").parts[: -node.level] if node.level else ()
            base = ".".join([*package, *([node.module] if node.module else [])])
            yield base, node.lineno
            for name in node.names:
                yield f"{base}.{name.name}", node.lineno


def breaches(paths: list[Path], *forbidden: str) -> list[str]:
    """`file:line imports X` for every import of a forbidden module or of something in it."""
    return sorted(
        {
            f"{path.relative_to(ROOT)}:{line} imports {name}"
            for path in paths
            for name, line in imports(path)
            for ban in forbidden
            if name == ban or name.startswith(f"{ban}.")
        }
    )


def below(*folders: str) -> list[Path]:
    return [path for path in files("core") if not any(path.is_relative_to(ROOT / "core" / folder) for folder in folders)]


PAGES = [ROOT / "Home.py", *files("pages")]


def test_there_is_something_to_check() -> None:
    assert len(files("core")) > 30 and len(PAGES) >= 4
    assert breaches([ROOT / "core" / "ui" / "page.py"], "streamlit")  # the search finds what is there


def test_streamlit_stays_in_the_user_interface() -> None:
    assert not breaches(below("ui", "web"), "streamlit", "streamlit_webrtc", "core.ui")
    assert not breaches(files("core/web"), "streamlit_webrtc")


def test_routes_stay_beside_the_app() -> None:
    assert not breaches(below("ui", "web"), "starlette", "fastapi", "core.web")
    assert not breaches(files("core/web/api"), "core.ui", "streamlit")


def test_examinations_know_nothing_of_records_or_people() -> None:
    quiet = files("core/examinations", "core/vision", "core/instruments")
    assert not breaches(quiet, "core.records", "core.people", "sqlmodel", "sqlalchemy")
    assert not breaches([ROOT / "core" / "photo.py", *files("core/intake")], "core.records", "core.people", "core.vision", "torch")


def test_pages_hold_widgets_only() -> None:
    assert not breaches(PAGES, "torch", "torchvision", "sqlmodel", "sqlalchemy", "core.records.tables", "core.records.database")


def test_torch_is_only_imported_where_networks_live() -> None:
    allowed = files("core/vision")
    assert not breaches([path for path in files("core") if path not in allowed], "torch", "torchvision", "core.vision.networks")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_the_guard_is_the_first_statement_of_a_page(path: Path) -> None:
    body = tree(path).body
    if path.stem == "Home":  # starts the server when it is not running yet; the page is the other branch
        (start,) = [node for node in body if not isinstance(node, (ast.Expr, ast.Import, ast.ImportFrom))]
        assert isinstance(start, ast.If)
        body = start.orelse
    first = next(node for node in body if not _is_quiet(node))
    called = first.value if isinstance(first, (ast.Assign, ast.Expr)) else None
    if isinstance(first, ast.With):
        called = first.items[0].context_expr
    if isinstance(called, ast.Attribute):
        called = called.value
    assert isinstance(called, ast.Call) and isinstance(called.func, ast.Name) and called.func.id == "page", ast.dump(first)[:200]
    assert any(name == "core.ui.page.page" for name, _ in imports(path))


def _is_quiet(node: ast.stmt) -> bool:
    """A docstring, an import or a constant: nothing a visitor could see or reach."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return True
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        return node.value is not None and not any(isinstance(inner, ast.Call) for inner in ast.walk(node.value))
    return False


@pytest.mark.parametrize(
    ("source", "quiet"),
    [('"""Text."""', True), ("import os", True), ("VIEWS = ('a', 'b')", True), ("st.title('x')", False), ("a = f()", False)],
)
def test_what_counts_as_quiet(source: str, quiet: bool) -> None:
    assert _is_quiet(ast.parse(source).body[0]) is quiet


def test_pages_are_short() -> None:
    assert not [f"{path.name}: {lines}" for path in PAGES if (lines := len(path.read_text().splitlines())) > 150]


def test_nothing_in_core_prints_but_the_command_lines() -> None:
    for path in files("core"):
        if str(path.relative_to(ROOT)) in COMMANDS:
            continue
        commands = [node for node in tree(path).body if isinstance(node, ast.FunctionDef) and node.name == "main"]
        allowed = {call for command in commands for call in ast.walk(command)}
        lines = sorted(node.lineno for node in ast.walk(tree(path)) if _calls(node, "print") and node not in allowed)
        assert not lines, f"{path.relative_to(ROOT)} prints in lines {lines}"


def _calls(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def test_no_error_is_caught_without_a_name() -> None:
    bare = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in [*files("core", "models"), *PAGES]
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler) and node.type is None
    ]
    assert not bare


def requirements(name: str = "requirements.txt") -> dict[str, str]:
    """Package to version of a requirements file."""
    found = {}
    for line in (ROOT / name).read_text().splitlines():
        line = line.split("#")[0].strip()
        if line and not line.startswith("-r "):
            match = re.fullmatch(r"([A-Za-z0-9._-]+)(\[[a-z0-9,]+\])?==([A-Za-z0-9.]+)", line)
            assert match, f"not an exact pin: {line}"
            found[match[1].lower()] = match[3]
    return found


def test_every_requirement_is_pinned_and_installed() -> None:
    for name, version in (requirements() | requirements("requirements-dev.txt")).items():
        assert importlib.metadata.version(name).split("+")[0] == version, name


def test_the_packages_the_project_was_asked_for_stay() -> None:
    asked = "streamlit streamlit-webrtc torch torchvision numpy pandas plotly pillow requests sqlmodel tqdm pytest"
    assert set(asked.split()) <= set(requirements())


def test_every_requirement_is_used() -> None:
    app = [*files("core", "models", "pages", "migrations"), ROOT / "Home.py"]
    used = {name.split(".")[0] for path in app for name, _ in imports(path)}
    used |= {name for path in files("tests") for name, _ in imports(path)} & {"pytest"}
    unused = {name for name in requirements() if MODULES.get(name, name.replace("-", "_")) not in used}
    assert unused <= set(NOT_IMPORTED), f"nothing imports {unused - set(NOT_IMPORTED)}"


LAYOUT = """
.ci/run .streamlit/config.toml Home.py LICENSE Makefile README.md alembic.ini benchmarks requirements-dev.txt requirements.txt tests
core core/admin.py core/demo core/errors.py core/examinations core/examine.py core/instruments core/intake core/people core/photo.py
core/records core/settings.py core/ui core/vision core/web data data/next_steps.json data/skin_classes.json migrations
models models/lesion_outline models/photo_kind models/skin_lesion models/training
pages pages/Account.py pages/Appointments.py pages/Eczema_check.py pages/Evidence.py pages/History.py pages/Open_link.py pages/Rash_check.py
pages/Accounts.py pages/Ratings.py
pages/Retina_check.py
pages/Messages.py pages/Skin_check.py
"""


@pytest.mark.parametrize("name", LAYOUT.split())
def test_the_rooms_of_the_house(name: str) -> None:
    assert (ROOT / name).exists()


def test_every_part_of_core_says_what_it_is_for() -> None:
    silent = [path for path in files("core", "pages", "models") if path.name != "__init__.py" and not ast.get_docstring(tree(path))]
    assert not silent


def committed() -> list[str]:
    """The files under version control; those of the folder where there is none (an unpacked archive)."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("this copy is not under version control")
    return [name for name in listed.stdout.split("\0") if name]


def test_no_photograph_and_no_archive_is_committed() -> None:
    names = committed()
    pictures = (".webp", ".jpg", ".jpeg", ".png", ".heic", ".dcm", ".tif", ".tiff", ".gif", ".bmp")
    allowed = ("docs/", "core/ui/assets/")
    assert not [name for name in names if name.lower().endswith(pictures) and not name.startswith(allowed)]
    assert not [name for name in names if name.lower().endswith((".tar", ".gz", ".zip", ".pth", ".pt", ".npz", ".npy", ".db", ".sqlite"))]


def test_weights_are_small_and_described() -> None:
    weights = [name for name in committed() if name.endswith(".safetensors")]
    for name in weights:
        path = ROOT / name
        assert path.name == "weights.safetensors" and path.parent.parent == ROOT / "models"
        assert path.stat().st_size <= 20_000_000
        assert (path.parent / "card.json").exists()
    large = [name for name in committed() if name not in weights and (ROOT / name).exists() and (ROOT / name).stat().st_size > 1_000_000]
    assert not large


def test_importing_the_house_does_not_load_torch() -> None:
    program = f"""
import importlib, logging, pkgutil, sys
logging.disable(logging.CRITICAL)
for name in {EARLY!r}:
    module = importlib.import_module(name)
    for found in pkgutil.walk_packages(getattr(module, "__path__", []), name + "."):
        importlib.import_module(found.name)
    heavy = [m for m in ("torch", "torchvision", "streamlit_webrtc") if m in sys.modules]
    assert not heavy, f"{{name}} loads {{heavy}}"
from core.examinations.registry import examinations
assert "skin" in examinations() and "torch" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]

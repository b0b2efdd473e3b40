"""What starts light stays light."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import liantu

HEAVY = (
    *("matplotlib", "scipy.stats", "neo4j", "networkx", "narwhals", "numba", "xlsxwriter"),
    *("python_calamine", "docx", "typst", "jieba", "ahocorasick", "pypdf", "pyspark", "duckdb"),
)


@pytest.mark.parametrize(
    "code",
    [
        "import liantu",
        "import sys; from liantu.cli import main; assert main(['--help']) == 0",
        "import sys; from liantu.cli import main; assert main(['coverage', '--help']) == 0",
    ],
)
def test_nothing_heavy_is_loaded(code):
    names = f"import sys; print('loaded:', *[name for name in {HEAVY} if name in sys.modules])"
    found = subprocess.run(
        [sys.executable, "-c", f"{code}\n{names}"], capture_output=True, text=True, check=True
    )
    assert found.stdout.splitlines()[-1] == "loaded:"


def test_import_liantu_alone_needs_no_pandas():
    code = "import sys, liantu; print('pandas' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "False\n"


def test_python_m_liantu():
    found = subprocess.run(
        [sys.executable, "-m", "liantu", "--version"], capture_output=True, text=True, check=True
    )
    assert found.stdout.startswith("liantu ")


# -- the way imports go -----------------------------------------------------------------------

# From the ground up: a room may import from rooms before it, in functions as at the top, for types
# as to run. What stands on one line imports nothing of its neighbours.
ORDER = (
    ("interrupt", "paths", "shell", "collector"),
    ("vocabulary",),
    ("errors", "progress"),
    ("options", "addresses", "books", "formats"),
    ("graph",),
    ("stores", "plots"),
    ("exchange", "results"),
    ("loaders", "analyses"),
    ("drafts", "plans", "extract", "spark"),
    ("audit",),
    ("reports",),
    ("web",),
    ("commands",),
    ("cli",),
    ("__main__",),
)
LEVEL = {room: level for level, rooms in enumerate(ORDER) for room in rooms}
PACKAGE = Path(liantu.__file__).parent


def imports(path: Path) -> Iterator[str]:
    """Give the rooms of the package that a file imports from, for types too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            parts = name.split(".")
            if parts[0] == "liantu" and len(parts) > 1 and parts[1] in LEVEL:
                yield parts[1]


def rooms() -> list[str]:
    """Return files and folders of the package."""
    folders = [path.name for path in PACKAGE.iterdir() if (path / "__init__.py").is_file()]
    return sorted(
        [*folders, *(path.stem for path in PACKAGE.glob("*.py") if path.stem != "__init__")]
    )


def test_every_room_has_its_place():
    assert set(rooms()) == set(LEVEL)


@pytest.mark.parametrize("room", rooms())
def test_imports_go_one_way(room):
    place = PACKAGE / room
    files = sorted(place.rglob("*.py")) if place.is_dir() else [PACKAGE / f"{room}.py"]
    used = {other for file in files for other in imports(file)} - {room}
    assert [other for other in sorted(used) if LEVEL[other] >= LEVEL[room]] == []

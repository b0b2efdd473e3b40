"""What starts light stays light."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("matplotlib", "scipy.stats", "neo4j", "networkx", "numba", "xlsxwriter", "python_calamine")


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

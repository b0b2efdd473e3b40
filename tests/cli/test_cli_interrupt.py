"""Ctrl-C at any moment: 130 and one line, no traceback, nothing left behind."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from long import some

from liantu.cli import main

pytestmark = pytest.mark.skipif(os.name == "nt", reason="sends signals of POSIX")

# The interrupt comes some time after the process has begun to load the command line.
CHILD = """
import os, signal, sys, threading
timer = threading.Timer(float(sys.argv.pop(1)), os.kill, (os.getpid(), signal.SIGINT))
timer.daemon = True
from liantu import interrupt
from liantu.__main__ import run
listen = interrupt.listen
interrupt.listen = lambda: (listen(), timer.start())
code = run()
timer.cancel()
sys.exit(code)
"""
MOMENTS = 4
WORK = {
    "again": ("import", "case:wenshan", "old.liantu"),
    "import": ("import", "case:demo", "net.liantu"),
    "json": ("export", "case:demo", "net.json"),
    "coverage": ("coverage", "old.liantu", "--scope", "all", "-o", "rows.xlsx"),
}


def child(after: float, args: tuple[str, ...], folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "LIANTU_LANG": "en"}
    command = [sys.executable, "-c", CHILD, str(after), *args]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env=environment, check=False
    )


def state(folder: Path) -> dict[str, int]:
    return {
        str(path.relative_to(folder)): path.stat().st_size if path.is_file() else 0
        for path in folder.rglob("*")
    }


@pytest.mark.parametrize("name", some(WORK, 2))
def test_an_interrupt_at_any_moment(tmp_path, name):
    assert main(["import", "case:demo", str(tmp_path / "old.liantu")]) == 0
    before, took = state(tmp_path), []
    for _ in range(2):  # the shorter one: a busy machine may have held up the other
        begin = time.monotonic()
        assert child(3600, WORK[name], tmp_path).returncode == 0
        took.append(time.monotonic() - begin)
    whole, ended = min(took), 0
    for path in sorted(tmp_path.rglob("*"), reverse=True):
        if str(path.relative_to(tmp_path)) not in before and name != "again":
            path.rmdir() if path.is_dir() else path.unlink()
    before = state(tmp_path)
    for moment in range(MOMENTS):
        told = child(whole * moment / MOMENTS, WORK[name], tmp_path)
        assert told.returncode in (0, 130), told.stderr
        assert "Traceback" not in told.stderr
        assert "Exception" not in told.stderr
        if told.returncode == 0:  # done before
            break
        ended += 1
        assert told.stderr.splitlines()[-1:] == ["interrupted"]
        assert len(told.stderr.splitlines()) <= 2  # a warning about the data may come before
        if name != "again":
            assert state(tmp_path) == before
        else:
            (_rows,) = (tmp_path / "old.liantu").glob("data-*")
            assert main(["info", str(tmp_path / "old.liantu")]) == 0
    assert ended >= 2


def test_an_error_that_a_library_makes_of_an_interrupt():
    code = """
import signal, sys
import liantu.commands, liantu.loaders
from liantu.__main__ import run
def read(*_, **__):
    try:
        signal.raise_signal(signal.SIGINT)
    except KeyboardInterrupt:
        raise ImportError("numpy failed to import") from None
import liantu.loaders as loaders
loaders.read = read
sys.argv = ["liantu", "--lang", "en", "info", "case:demo"]
sys.exit(run())
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr) == (130, "interrupted\n")


def test_an_interrupt_in_a_destructor_is_not_lost():
    code = """
import signal, sys, time
from liantu import interrupt
class Thing:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)
interrupt.listen()
try:
    Thing()
    for _ in range(1000):
        time.sleep(0.01)
except KeyboardInterrupt:
    sys.exit(7)
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr) == (7, "")

"""The judge sees what it is there to see."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from hostile.cases import FIRST
from hostile.contract import BYTES, FORKS, PASSWORD, Outcome, Run, Runner, broken, run, snapshot

SOUND = Outcome(status=0, out=b"a\n", err=b"", seconds=1.0, bytes=1, left=0, slow=False)
ASKED = run("ties", "lists", "-o", "out.csv", makes=("out.csv",))


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"status": 3}, "exit 3"),
        ({"status": 130}, "exit 130"),
        ({"status": -6}, "exit -6"),
        ({"status": 1}, "without a word"),
        ({"status": 1, "err": b"error: a\nb\n"}, "a loose line"),
        ({"status": 1, "err": b"error: " + b"x" * 3_000}, "a line of 3007 characters"),
        ({"err": b"note: \x1b[2J\n"}, "control characters"),
        ({"err": b"Traceback (most recent call last):\n"}, "Traceback"),
        ({"out": "内部错误（x）\n".encode()}, "内部错误"),
        ({"err": b"Exception ignored in: <x>\n"}, "Exception ignored"),
        ({"slow": True, "seconds": 31.0}, "took 31 s"),
        ({"bytes": BYTES + 1}, "2.0 GB"),
        ({"left": 1}, "1 processes left"),
        ({"out": FIRST.encode()}, f"tells {FIRST}"),
        ({"err": f"note: neo4j:a:{PASSWORD}@h\n".encode()}, f"tells {PASSWORD}"),
    ],
)
def test_outcomes(changed: dict[str, object], fault: str, tmp_path: Path):
    (tmp_path / "tmp").mkdir()
    assert broken(ASKED, SOUND, {}, {}, tmp_path) == []
    [told] = broken(ASKED, SOUND._replace(**changed), {}, {}, tmp_path)
    assert fault in told


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda folder: (folder / "a.csv").write_text("b"), "changed 'a.csv'"),
        (lambda folder: (folder / "a.csv").touch(), "changed 'a.csv'"),
        (lambda folder: (folder / "a.csv").chmod(0o644), "changed the mode of 'a.csv'"),
        (lambda folder: (folder / "a.csv").unlink(), "removed 'a.csv'"),
        (lambda folder: (folder / ".part").write_text("b"), "left '.part'"),
        (lambda folder: (folder / "out.csv").write_text(FIRST, "utf-8"), f"writes {FIRST}"),
        (lambda folder: _packed(folder / "out.csv"), f"writes {FIRST}"),
        (lambda folder: (folder.parent / "tmp" / "x").mkdir(), "in the temporary folder"),
    ],
)
def test_places(change, fault: str, tmp_path: Path):
    folder = tmp_path / "case"
    for path in (folder, tmp_path / "tmp"):
        path.mkdir()
    (folder / "a.csv").write_text("a")
    (folder / "a.csv").chmod(0o600)
    before = snapshot(folder)
    change(folder)
    [told] = broken(ASKED, SOUND, before, snapshot(folder), tmp_path)
    assert fault in told


def _packed(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("a.xml", FIRST)


def test_a_refusal_leaves_no_output(tmp_path: Path):
    (tmp_path / "tmp").mkdir()
    refused = SOUND._replace(status=1, err=b"error: a\n")
    [told] = broken(ASKED, refused, {}, {"out.csv": (0, b"")}, tmp_path)
    assert told == "left 'out.csv'"
    assert broken(ASKED, SOUND, {}, {"out.csv": (0, b"")}, tmp_path) == []


@pytest.mark.skipif(not FORKS, reason="forks and limits are Linux's")
def test_a_fork_is_as_good_as_a_process(runner: Runner, tmp_path: Path):
    aside = tmp_path / "aside"
    helped = runner(run("--help"), tmp_path, aside)
    wrong = runner(run("nosuch"), tmp_path, aside)
    alone = runner(Run((), script="import sys; sys.exit(2)"), tmp_path, aside)
    assert (helped.status, wrong.status, alone.status) == (0, 2, 2)
    assert b"Usage" in helped.out
    assert wrong.err.startswith(b"error: ")
    assert 2**20 < helped.bytes < BYTES

"""One contract for whatever is thrown at liantu, and a way to run a command under limits.

Exit 0, 1 or 2; no traceback; one line a problem; at most 30 s and 2 GB; nothing left behind; the
source untouched; no secret and no teacher's name in any output.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, NamedTuple

SECONDS = 30
BYTES = 2 * 2**30
LONGEST = 2_000  # characters of a line on stderr: paths and candidates, never a whole cell
PASSWORD = "s3cr3tPassw0rd"
TEACHERS = ("欧阳密探", "诸葛暗访", "Zoltan Quibble", "Wilhelmina Xanthippe")
HERE = Path(__file__).parent
FORKS = sys.platform == "linux"

CRASH = re.compile(
    r"Traceback \(most recent|internal error|内部错误|Exception ignored|panicked at"
    r"|Fatal Python error|core dumped|memory allocation of|\.py:\d+: \w*Warning"
)
LABELLED = re.compile(r"(?:error|warning|note): \S|(?:错误|警告|说明)：\S|interrupted$|已中断$")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\ud800-\udfff]")


class Run(NamedTuple):
    """A command and the faults it runs under."""

    args: tuple[str, ...]
    makes: tuple[str, ...] = ()  # patterns of what it may write, relative to the case's folder
    stdout: str = ""  # "closed", "broken" (a pipe nobody reads), a path; else it is captured
    stderr: str = ""
    interrupt: float | None = None  # seconds after which SIGINT comes
    file_bytes: int | None = None  # no file may grow beyond: a full disk
    env: tuple[tuple[str, str], ...] = ()
    codes: tuple[int, ...] = (0, 1, 2)
    script: str = ""  # Python to run in a process of its own instead of `liantu ARGS`


class Outcome(NamedTuple):
    """What a run left."""

    status: int
    out: bytes
    err: bytes
    seconds: float
    bytes: int
    left: int
    slow: bool


def run(*args: object, **faults: Any) -> Run:
    """Return the run of a command."""
    return Run(tuple(map(str, args)), **faults)


@contextmanager
def running(home: Path) -> Iterator[Runner]:
    """Give what runs commands, with a home of its own for configuration and caches."""
    runner = Runner(home)
    try:
        yield runner
    finally:
        runner.close()


class Runner:
    """Runs commands, on Linux by forks of one process."""

    def __init__(self, home: Path) -> None:
        self.home, self.server = home, None
        for name in ("config", "cache", "home"):
            (home / name).mkdir(parents=True, exist_ok=True)
        kept = ("PATH", "PYTHONPATH", "VIRTUAL_ENV", "SYSTEMROOT", "LD_LIBRARY_PATH")
        self.env = {key: os.environ[key] for key in kept if key in os.environ} | {
            "HOME": str(home / "home"),
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_CACHE_HOME": str(home / "cache"),
            "LIANTU_KEY": "a key of these tests",
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(HERE.parents[1]),
            "PYTHONWARNINGS": "default",
            "PYTHONDONTWRITEBYTECODE": "1",  # on a full disk, half a module would stay behind
            "OPENBLAS_NUM_THREADS": "1",  # threads reserve memory that nobody uses
            "ARROW_DEFAULT_MEMORY_POOL": "system",
        }

    def __call__(self, wanted: Run, folder: Path, aside: Path) -> Outcome:
        """Run a command in `folder`; streams and temporary files go to `aside`."""
        (aside / "tmp").mkdir(parents=True, exist_ok=True)
        out, err = aside / "out", aside / "err"
        for path in (out, err):
            path.write_bytes(b"")
        streams = {"stdout": wanted.stdout or str(out), "stderr": wanted.stderr or str(err)}
        env = {**self.env, "TMPDIR": str(aside / "tmp"), **dict(wanted.env)}
        if FORKS and not wanted.script:
            found = self._fork(wanted, folder, streams, env)
        else:
            found = _spawn(wanted, folder, streams, env)
        return Outcome(out=out.read_bytes(), err=err.read_bytes(), **found)

    def _fork(
        self, wanted: Run, folder: Path, streams: Mapping[str, str], env: Mapping[str, str]
    ) -> dict[str, Any]:
        if self.server is None:
            self.server = subprocess.Popen(
                [sys.executable, str(HERE / "forking.py")],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=self.env,
                text=True,
                encoding="ascii",
            )
        request = {
            "args": wanted.args,
            "cwd": str(folder),
            "env": env,
            "stdin": os.devnull,
            **streams,
            "seconds": SECONDS,
            "wall": 2 * SECONDS,  # on a machine that does other things too
            "bytes": BYTES,
            "interrupt": wanted.interrupt,
            "file_bytes": wanted.file_bytes,
        }
        self.server.stdin.write(json.dumps(request) + "\n")
        self.server.stdin.flush()
        if not (line := self.server.stdout.readline()):
            raise RuntimeError(f"the process that forks has died of {wanted.args}")
        found = json.loads(line)
        found["slow"] = found["slow"] or found["seconds"] > SECONDS
        del found["took"]
        return found

    def close(self) -> None:
        if self.server is not None:
            self.server.stdin.close()
            self.server.wait()
            self.server.stdout.close()


def _spawn(
    wanted: Run, folder: Path, streams: Mapping[str, str], env: Mapping[str, str]
) -> dict[str, Any]:
    """Run a command as a process of its own: scripts, and systems that know no fork."""
    command = [sys.executable, "-c", wanted.script] if wanted.script else [sys.executable, "-m"]
    command += [*wanted.args] if wanted.script else ["liantu", *wanted.args]
    begun, slow = time.monotonic(), False
    with open(streams["stdout"], "ab") as out, open(streams["stderr"], "ab") as err:  # noqa: PTH123
        child = subprocess.Popen(
            command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=err
        )
        try:
            child.wait(2 * SECONDS)
        except subprocess.TimeoutExpired:
            slow = True
            child.kill()
            child.wait()
    seconds = time.monotonic() - begun
    return {"status": child.returncode, "seconds": seconds, "bytes": 0, "left": 0, "slow": slow}


# -- what a folder holds -------------------------------------------------------------------------


def snapshot(folder: Path) -> dict[str, tuple[Any, ...]]:
    """Return all that is to be seen of every entry below a folder; bytes of files included."""
    found: dict[str, tuple[Any, ...]] = {}
    root = os.fsencode(folder)
    for place, folders, files in os.walk(root):
        for name in (*folders, *files):
            path = os.path.join(place, name)  # noqa: PTH118 - names that are no text
            told = os.lstat(path)
            key = os.fsdecode(os.path.relpath(path, root))
            if os.path.islink(path):  # noqa: PTH114
                found[key] = (told.st_mode, os.readlink(path))  # noqa: PTH115
            elif name in folders or not os.path.isfile(path):  # noqa: PTH113
                found[key] = (told.st_mode,)
            else:
                found[key] = (told.st_mode, told.st_mtime_ns, told.st_size, _bytes(path))
    return found


def _bytes(path: bytes) -> bytes:
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            return file.read()
    except PermissionError:
        return b""


# -- the judgement -------------------------------------------------------------------------------


def broken(
    wanted: Run,
    found: Outcome,
    before: Mapping[str, tuple[Any, ...]],
    after: Mapping[str, tuple[Any, ...]],
    aside: Path,
) -> list[str]:
    """Return what a run broke of the contract, a line each."""
    said = (found.out + b"\n" + found.err).decode("utf-8", "replace")
    err = found.err.decode("utf-8", "replace")
    faults = []
    allowed = wanted.codes + ((130,) if wanted.interrupt is not None else ())
    allowed += (3,) if "--strict" in wanted.args else ()
    if found.slow:
        faults.append(f"took {found.seconds:.0f} s")
    elif found.status not in allowed:
        faults.append(f"exit {found.status}")
    if found.bytes > BYTES:
        faults.append(f"took {found.bytes / 2**30:.1f} GB")
    if found.left:
        faults.append(f"{found.left} processes left")
    if crash := CRASH.search(said):
        line = next(line for line in said.splitlines() if crash[0] in line)
        faults.append(f"says “{line.strip()[:200]}”")
    faults += _lines(wanted, found.status, err)
    faults += _places(wanted, found.status, before, after)
    faults += _names(wanted, said, before, after)
    if rest := sorted(path.name for path in (aside / "tmp").iterdir()):
        faults.append(f"left {rest} in the temporary folder")
        for name in rest:  # one run's fault is not the next one's
            path = aside / "tmp" / name
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    return faults


def _lines(wanted: Run, status: int, err: str) -> list[str]:
    """One line a problem: every line of a refusal has its label, and says something."""
    lines = err.splitlines()
    words = {part for word in wanted.args for part in word.split("=", 1) if len(part) > 80}
    lengths = [len(_without(words, line)) for line in lines]  # whoever wrote so much may read it
    faults = [f"a line of {length} characters" for length in lengths if length > LONGEST][:1]
    faults += [f"control characters in {line[:80]!a}" for line in lines if CONTROL.search(line)][:1]
    if status in (1, 2) and not wanted.stderr:
        told = wanted.args[:1] == ("check",) and status == 1  # its problems are its output
        loose = [line for line in lines if not LABELLED.match(line) and not told]
        faults += [f"a loose line: {line[:120]!r}" for line in loose][:1]
        if not lines and not told:
            faults.append(f"exit {status} without a word")
    return faults


def _without(words: set[str], line: str) -> str:
    for word in words:
        line = line.replace(word, "")
    return line


def _places(
    wanted: Run,
    status: int,
    before: Mapping[str, tuple[Any, ...]],
    after: Mapping[str, tuple[Any, ...]],
) -> list[str]:
    """Nothing is left behind, nothing but the output is changed, and that keeps its mode."""
    ok = status in (0, 3) or (status == 1 and wanted.args[:1] == ("check",))
    ok = ok or bool(wanted.stdout or wanted.stderr)  # written before there was no more to say
    found: dict[str, list[str]] = {}
    for name in sorted({*before, *after}):
        made = any(fnmatch(name, pattern) for pattern in wanted.makes)
        old, new = before.get(name), after.get(name)
        if old is not None and new is not None and old[0] != new[0]:
            found.setdefault("changed the mode of", []).append(name)
        elif old != new and not (made and ok):
            what = "left" if old is None else "removed" if new is None else "changed"
            found.setdefault(what, []).append(name)
    return [
        f"{what} {names[0][:80]!a}" + (f" and {len(names) - 1} more" if names[1:] else "")
        for what, names in found.items()
    ]


def _names(
    wanted: Run,
    said: str,
    before: Mapping[str, tuple[Any, ...]],
    after: Mapping[str, tuple[Any, ...]],
) -> list[str]:
    """No secret anywhere; no teacher's name but in problems of `check` and where it is asked for."""
    command = wanted.args[0] if wanted.args else ""
    asked = "--show-teachers" in wanted.args
    fresh = {name: what[-1] for name, what in after.items() if before.get(name) != what}
    faults = []
    for word in (PASSWORD, *TEACHERS):
        secret = word == PASSWORD
        if word in said and (secret or not (asked or command == "check")):
            line = next(line for line in said.splitlines() if word in line)
            faults.append(f"tells {word}: {line.strip()[:160]!r}")
        for name, data in fresh.items():
            exempt = asked or command in ("check", "import")
            if isinstance(data, bytes) and (secret or not exempt) and _holds(data, word):
                faults.append(f"writes {word} into {name[:80]!a}")
    return faults


def _holds(data: bytes, word: str) -> bool:
    """Return whether a file holds a word, in whatever guise."""
    escaped = json.dumps(word)[1:-1]
    guises = [word.encode(code) for code in ("utf-8", "utf-16-le", "gb18030")] + [escaped.encode()]
    if any(guise in data for guise in guises):
        return True
    if not data.startswith(b"PK"):
        return False
    import io

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return any(_holds(package.read(name), word) for name in package.namelist())
    except zipfile.BadZipFile:
        return False

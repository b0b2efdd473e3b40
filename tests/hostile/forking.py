"""A process that has imported liantu once and forks a child for every command it is given.

A child is as good as a process of its own – streams, limits, signals, exit code – and starts in
milliseconds. A request is a line of JSON on stdin, its answer a line of JSON on stdout.
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import importlib
import json
import os
import pkgutil
import signal
import sys
import time
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

import liantu

HEAVY = (
    "jinja2 matplotlib.font_manager networkx pandas pyarrow.parquet python_calamine rapidfuzz "
    "rich.table scipy.sparse.csgraph xlsxwriter"
)
GRACE = 3  # seconds that helpers of a command have to end after it
SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER: orphans of a command become ours


def serve() -> None:
    """Answer requests until stdin ends."""
    rooms = pkgutil.walk_packages(liantu.__path__, "liantu.", onerror=lambda _: None)
    for name in (*HEAVY.split(), *(room.name for room in rooms)):
        with suppress(ImportError):  # what is not here is no matter before it is needed
            if not name.endswith("__main__"):
                importlib.import_module(name)
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        wanted = json.loads(line)
        ready, begin = os.pipe()
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # until the child is liantu
        child = os.fork()
        if child == 0:
            os.close(ready)
            _become(wanted, begin)  # never comes back
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        os.close(begin)
        os.read(ready, 1)
        os.close(ready)
        print(json.dumps(_watch(child, wanted)), flush=True)


def _watch(child: int, wanted: dict[str, Any]) -> dict[str, Any]:
    """Wait for a child, end it when its time is over, and say how it went."""
    begun = time.monotonic()
    end, interrupt = begun + wanted["wall"], wanted.get("interrupt")
    slow = False
    while True:
        done, status, used = os.wait4(child, os.WNOHANG)
        if done:
            break
        now = time.monotonic()
        if interrupt is not None and now >= begun + interrupt:
            os.kill(child, signal.SIGINT)
            interrupt = None
        if now >= end:
            slow = True
            os.killpg(child, signal.SIGKILL)
        time.sleep(0.002)
    took = time.monotonic() - begun
    return {
        "status": os.waitstatus_to_exitcode(status),
        "seconds": used.ru_utime + used.ru_stime,
        "took": took,
        "slow": slow,
        "bytes": used.ru_maxrss * 1024,
        "left": _left(child),
    }


def _left(group: int) -> int:
    """Return how many processes outlived the command; they are ended here."""
    end = time.monotonic() + GRACE
    while True:
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return 0
        if time.monotonic() > end:
            break
        time.sleep(0.01)
    count = 0
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
    for path in Path("/proc/self/task").glob("*/children"):
        for number in path.read_text().split():
            count += 1
            os.kill(int(number), signal.SIGKILL)
            os.waitpid(int(number), 0)
    return count


def _become(wanted: dict[str, Any], begin: int) -> None:
    """Become the process ``liantu ARGS``; close `begin` when it starts."""
    import resource  # not on every system, and all modules of tests are imported for their doctests

    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(wanted["cwd"])
    os.environ.clear()
    os.environ.update(wanted["env"])
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        _stream(number, name, wanted[name])
    sys.argv = ["liantu", *wanted["args"]]
    size = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    limits = {
        resource.RLIMIT_AS: size + wanted["bytes"],
        resource.RLIMIT_CPU: wanted["seconds"] + 5,
        resource.RLIMIT_CORE: 0,
    }
    if wanted.get("file_bytes"):
        limits[resource.RLIMIT_FSIZE] = wanted["file_bytes"]
    for limit, value in limits.items():
        resource.setrlimit(limit, (value, value))
    os._exit(_run(begin))


def _stream(number: int, name: str, place: str) -> None:
    """Open a stream as Python does at its start; ``closed`` and ``broken`` are what they say."""
    if place == "closed":
        os.close(number)
        setattr(sys, name, None)
        return
    if place == "broken":
        reading, opened = os.pipe()
        os.close(reading)
    else:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND if number else os.O_RDONLY
        opened = os.open(place, flags, 0o600)
    os.dup2(opened, number)
    os.close(opened)
    mode, errors = ("w", "backslashreplace" if number == 2 else "strict") if number else ("r", None)
    stream = open(number, mode, encoding="utf-8", errors=errors, closefd=False)  # noqa: SIM115
    setattr(sys, name, stream)


def _run(begin: int) -> int:
    """Run the command and end as an interpreter ends."""
    from liantu.__main__ import run

    code = 0
    os.close(begin)
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        code = run()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException as error:
        files = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
        if any(os.path.join("liantu", "cli") in file for file in files):  # noqa: PTH118
            sys.excepthook(*sys.exc_info())  # else an interrupt just before or after
        code = 130 if isinstance(error, KeyboardInterrupt) else 1
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(Exception):
        atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except Exception as error:
            with suppress(Exception):
                print(f"Exception ignored: {error!r}", file=sys.stderr, flush=True)
            code = 120
    return code


if __name__ == "__main__":
    serve()

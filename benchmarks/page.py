"""What the benchmarks share: jobs in processes of their own, and their parts of one page."""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"

Job = Callable[[Path], dict[str, Any]]


def measure(script: str, job: str, folder: Path) -> dict[str, Any]:
    """Run a job in a process of its own; return seconds, MiB at the peak and what came out."""
    command = [sys.executable, script, "--job", job, "--folder", str(folder)]
    found = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    answer: dict[str, Any] = json.loads(found.stdout.splitlines()[-1])
    return answer


def run(jobs: Mapping[str, Job], job: str, folder: Path) -> None:
    """Run a job here and print what `measure` reads."""
    found = jobs[job](folder)
    found["mib"] = _peak()
    print(json.dumps(found))


def _peak() -> float:
    """Return the peak memory of this process in MiB.

    `ru_maxrss` would begin with that of the process that started it.
    """
    status = Path("/proc/self/status")
    if status.exists():
        peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(peak.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def machine(*packages: str) -> str:
    model = platform.processor() or platform.machine()
    cpu = Path("/proc/cpuinfo")
    if cpu.exists():
        names = [line for line in cpu.read_text().splitlines() if line.startswith("model name")]
        model = names[0].split(":", 1)[1].strip() if names else model
    parts = [f"{name} {version(name)}" for name in packages]
    python = platform.python_version()
    return f"{os.cpu_count()} cores, {model}; Python {python}, {', '.join(parts)}"


def write_part(title: str, lines: list[str]) -> None:
    """Put a part, from its heading to the next one, in its place on the page; or at the end."""
    head, *parts = PAGE.read_text(encoding="utf-8").split("\n## ")
    found = {part.split("\n", 1)[0]: part for part in parts}
    found[title] = "\n".join([title, "", *lines, ""])
    PAGE.write_text("\n## ".join([head, *found.values()]), encoding="utf-8")

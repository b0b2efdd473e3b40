"""A worker as the server sees it: started when it is needed, asked one thing at a time, ended."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

DEBUG = "LIANTU_SERVE_DEBUG"  # in the environment: workers write where errors arose
_PIPE = asyncio.subprocess.PIPE
Step = Callable[[Mapping[str, str]], None]


@dataclass(frozen=True)
class Answer:
    """What a worker answered: a status as HTTP has it, and JSON."""

    status: int
    body: bytes

    @property
    def json(self) -> Any:
        """Return what the JSON holds."""
        return json.loads(self.body)


@dataclass
class Worker:
    """A process that computes.

    Whoever asks waits for his turn. Ending the process ends what it is doing, and the processes
    that it started itself; the next question starts a new one.
    """

    _running: asyncio.subprocess.Process | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def ask(self, asked: Mapping[str, Any], step: Step | None = None) -> Answer:
        """Return the answer to a task; `step` is told what the worker is doing.

        A worker that ends in the middle, whoever ended it, gives status 500 and no body.
        """
        async with self._turn:
            try:
                return await self._asked(asked, step)
            except (OSError, EOFError, ValueError):
                await self.end()
                return Answer(500, b"")
            except asyncio.CancelledError:  # the answer would be read as that to the next task
                await self.end()
                raise

    async def _asked(self, asked: Mapping[str, Any], step: Step | None) -> Answer:
        if self._running is None or self._running.returncode is not None:
            self._running = await _started()
        process = self._running
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(asked, default=str).encode() + b"\n")
        await process.stdin.drain()
        while line := await process.stdout.readline():
            head = json.loads(line)
            body = await process.stdout.readexactly(head["bytes"])
            if head["kind"] == "done":
                return Answer(head["status"], body)
            if step is not None:
                step(head["words"])
        raise EOFError

    async def end(self) -> None:
        """End the process, if there is one, and wait until it is gone."""
        process, self._running = self._running, None
        if process is None:
            return
        with suppress(OSError):  # it is gone already
            if sys.platform == "win32":
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def _started() -> asyncio.subprocess.Process:
    """Start a worker in a group of its own: an interrupt of the terminal is for the server."""
    apart: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        flags = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
        apart = {"creationflags": flags}
    told = None if os.environ.get(DEBUG) else subprocess.DEVNULL
    words = ("-P", "-m", "liantu.web.server.worker")
    return await asyncio.create_subprocess_exec(
        sys.executable, *words, stdin=_PIPE, stdout=_PIPE, stderr=told, **apart
    )

"""Long work: each piece in a process of its own, told about while it runs, ended when asked to."""

from __future__ import annotations

import asyncio
import shutil
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from liantu.web.server.process import Answer, Worker
from liantu.web.server.work import failure, noted, reason

AT_ONCE = 2
WAITING = 20  # jobs that may wait for their turn
KEPT = 30  # jobs that have ended, with their files

Then = Callable[[Answer], Awaitable[Any]]


@dataclass
class Job:
    """One piece of work: ``waiting``, ``running``, then ``done``, ``failed`` or ``cancelled``."""

    key: str
    do: str
    folder: Path
    state: str = "waiting"
    words: Mapping[str, str] = field(default_factory=dict)  # of the step, by language
    found: Any = None
    task: asyncio.Task[None] | None = None
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def ended(self) -> bool:
        """Whether it has come to an end."""
        return self.state in ("done", "failed", "cancelled")

    def said(self, *, whole: bool = True) -> dict[str, Any]:
        """Return what the page says of it."""
        told = {"id": self.key, "do": self.do, "state": self.state, "words": self.words}
        return {**told, "found": self.found} if whole else told

    def turn(self, state: str) -> None:
        """Change the state and wake who waits for it."""
        self.state = state
        self.tell({} if self.ended else self.words)

    def tell(self, words: Mapping[str, str]) -> None:
        """Say which step it is at."""
        self.words = words
        self.changed.set()
        self.changed = asyncio.Event()

    async def news(self, every: float) -> AsyncIterator[dict[str, Any] | None]:
        """Yield what is said of it at each change; None where nothing changed for so long."""
        while True:
            changed = self.changed
            yield self.said(whole=False)
            if self.ended:
                return
            while not changed.is_set():
                try:
                    await asyncio.wait_for(changed.wait(), every)
                except TimeoutError:
                    yield None


class FullError(Exception):
    """Too many jobs wait already."""


class Jobs:
    """The jobs of one session, by key."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.known: OrderedDict[str, Job] = OrderedDict()
        self._free = asyncio.Semaphore(AT_ONCE)

    def begin(self, asked: Mapping[str, Any], then: Then | None = None) -> Job:
        """Begin a job; `then` makes of its answer what is found.

        Raises
        ------
        FullError
            If too many wait already.
        """
        if sum(not job.ended for job in self.known.values()) >= AT_ONCE + WAITING:
            raise FullError
        key = token_urlsafe(16)
        job = Job(key, str(asked["do"]), self.folder / key)
        job.folder.mkdir(mode=0o700)
        self.known[key] = job
        self._forget()
        job.task = asyncio.create_task(self._run(job, {**asked, "folder": str(job.folder)}, then))
        return job

    async def _run(self, job: Job, asked: Mapping[str, Any], then: Then | None) -> None:
        worker = Worker()
        try:
            async with self._free:
                job.turn("running")
                answer = await worker.ask(asked, job.tell)
                job.found = answer.json if answer.body else reason("serve_ended")
                if answer.status == 200 and then is not None:
                    job.found = await then(answer)
            job.turn("done" if answer.status == 200 else "failed")
        except asyncio.CancelledError:
            shutil.rmtree(job.folder, ignore_errors=True)
            job.turn("cancelled")
        except Exception as error:
            job.found = failure(error)[1]
            noted(error)
            job.turn("failed")
        finally:
            await worker.end()

    def _forget(self) -> None:
        """Let go of the oldest jobs that have ended, and of their files."""
        over = [key for key, job in self.known.items() if job.ended][:-KEPT]
        for key in over:
            shutil.rmtree(self.known.pop(key).folder, ignore_errors=True)

    async def cancel(self, key: str) -> Job | None:
        """End a job, and the process that does it."""
        job = self.known.get(key)
        if job is not None and job.task is not None and not job.ended:
            job.task.cancel()
            with suppress(asyncio.CancelledError):
                await job.task
            if not job.ended:  # it had not begun
                job.turn("cancelled")
        return job

    def file(self, key: str) -> Path | None:
        """Return the file that a job has written."""
        job = self.known.get(key)
        if job is None or job.state != "done" or not isinstance(job.found, Mapping):
            return None
        path = job.folder / str(job.found.get("file", ""))
        return path if "file" in job.found and path.is_file() else None

    async def close(self) -> None:
        """End everything."""
        for key in list(self.known):
            await self.cancel(key)

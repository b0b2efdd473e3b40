"""The networks of one session, in memory as long as there is room: the oldest goes first.

What had to go stays on disk for the session and can be taken up again.
"""

from __future__ import annotations

import asyncio
import shutil
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import Any

from liantu.web.server.process import Answer, Worker

MOST = 4  # networks
MOST_ROWS = 5_000_000  # of all networks: some gigabytes
RESTING = 16  # networks on disk alone
SECONDS = 60.0  # that a question may take; what takes longer is a job


@dataclass
class Held:
    """A network, the folder of its store, and the process that computes on it."""

    key: str
    store: Path
    about: Mapping[str, Any]
    source: str
    worker: Worker = field(default_factory=Worker)

    @property
    def title(self) -> str:
        """What it is called."""
        return str(self.about.get("title") or self.source)

    def said(self) -> dict[str, Any]:
        """Return what the page says of it."""
        return {**self.about, "id": self.key, "title": self.title, "source": self.source}

    def task(self, do: str, **asked: Any) -> dict[str, Any]:
        """Return a task on this network."""
        given = {"store": str(self.store), "title": self.title, "source": self.source}
        return {"do": do, **given, **asked}


class Shelf:
    """The networks that are open, by key; the one used last stands last."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.held: OrderedDict[str, Held] = OrderedDict()
        self.resting: OrderedDict[str, Held] = OrderedDict()  # had to make room

    def place(self) -> Path:
        """Return where the store of a new network goes."""
        return self.folder / f"{token_hex(8)}.liantu"

    async def take(self, store: Path, about: Mapping[str, Any], source: str) -> Held:
        """Take up a network whose store is written; others make room for it."""
        fresh = Held(token_hex(8), store, about, source)
        self.held[fresh.key] = fresh
        await self._bounded()
        return fresh

    async def again(self, key: str) -> Held | None:
        """Take up a network again that had to make room; None if it is not known."""
        if key in self.resting:
            self.held[key] = self.resting.pop(key)
            await self._bounded()
        return self.find(key)

    async def _bounded(self) -> None:
        while len(self.held) > 1 and (len(self.held) > MOST or self._rows() > MOST_ROWS):
            key, oldest = self.held.popitem(last=False)
            self.resting[key] = oldest
            await oldest.worker.end()
        while len(self.resting) > RESTING:
            await self.drop(next(iter(self.resting)))

    def _rows(self) -> int:
        return sum(int(each.about.get("rows", 0)) for each in self.held.values())

    def find(self, key: str) -> Held | None:
        """Return a network; it counts as used."""
        found = self.held.get(key)
        if found is not None:
            self.held.move_to_end(key)
        return found

    async def ask(self, key: str, do: str, **asked: Any) -> Answer | None:
        """Ask about a network; None if it is not there (any more), status 504 if it takes long."""
        found = self.find(key)
        if found is None:
            return None
        try:
            return await asyncio.wait_for(found.worker.ask(found.task(do, **asked)), SECONDS)
        except TimeoutError:
            return Answer(504, b"")

    async def drop(self, key: str) -> bool:
        """Let go of a network; return whether it was there."""
        found = self.held.pop(key, None) or self.resting.pop(key, None)
        if found is None:
            return False
        await found.worker.end()
        with suppress(OSError):
            await asyncio.to_thread(shutil.rmtree, found.store)
        return True

    async def close(self) -> None:
        """Let go of everything."""
        for key in list(self.held):
            await self.held.pop(key).worker.end()

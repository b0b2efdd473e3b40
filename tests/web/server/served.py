"""A server in a thread of the test, and a client that came by its link."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx

from liantu.graph.network import Network
from liantu.web.server import run
from liantu.web.server.guard import Guard
from liantu.web.server.routes import Server

T = TypeVar("T")
WAIT = 120  # seconds; a busy machine


class Here:
    """A running server: where it listens, and what it lets in by."""

    def __init__(self, session: Server, guard: Guard, folder: Path, sockets: list[Any]) -> None:
        self.session, self.guard, self.folder = session, guard, folder
        self.sockets = sockets
        self.first = list(session.shelf.held)  # the networks that it began with
        self.port = guard.port
        self.host = f"127.0.0.1:{self.port}"
        self.origin = f"http://{self.host}"
        self.link = f"{self.origin}/?token={guard.token}"
        self.cookie = {guard.cookie_name: guard.cookie}

    def listening(self) -> list[tuple[str, int]]:
        """Return the addresses that it listens on."""
        return [each.getsockname() for each in self.sockets]

    def client(self, **given: Any) -> httpx.Client:
        headers = {"origin": self.origin, **given.pop("headers", {})}
        return httpx.Client(
            base_url=self.origin, cookies=self.cookie, headers=headers, timeout=WAIT,
            trust_env=False, **given,
        )  # fmt: skip


@contextmanager
def serving(folder: Path, *networks: tuple[Network, str], lang: str = "zh") -> Iterator[Here]:
    """Serve networks from a thread; nothing is left when it ends."""
    session = Server(folder, lang)
    with run._listening(0) as listener:
        guard = Guard(session.app(), listener.getsockname()[1])
        server = run.server_of(guard)

        async def whole() -> None:
            for network, source in networks:
                await run.hold(session, network, source)
            await server.serve([listener])

        thread = threading.Thread(target=asyncio.run, args=(whole(),))
        thread.start()
        try:
            for _ in range(WAIT * 20):
                if server.started:
                    break
                time.sleep(0.05)
            yield Here(session, guard, folder, [s for a in server.servers for s in a.sockets])
        finally:
            server.should_exit = True
            thread.join(WAIT)
            assert not thread.is_alive()


def apart(does: Coroutine[Any, Any, T]) -> T:
    """Run what is to be awaited in a thread of its own: a browser may have a loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, does).result()


def ended(client: httpx.Client, job: dict[str, Any]) -> dict[str, Any]:
    """Follow a job to its end by its events, and return what is said of it."""
    with client.stream("GET", f"/api/jobs/{job['id']}/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        for line in stream.iter_lines():
            if line.startswith("data: "):
                job = json.loads(line[6:])
    assert job["state"] in ("done", "failed", "cancelled")
    return client.get(f"/api/jobs/{job['id']}").json()


def dropped(client: httpx.Client, files: dict[str, bytes]) -> str:
    """Drop files and return the key of the drop."""
    key = client.post("/api/uploads").json()["id"]
    for name, data in files.items():
        answer = client.put(f"/api/uploads/{key}/files/{name}", content=data)
        assert answer.status_code == 201, answer.text
    return key

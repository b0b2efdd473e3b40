"""The server as a whole: where it listens, the link to it, how it ends."""

from __future__ import annotations

import asyncio
import html
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any

import uvicorn

from liantu.errors import RequestError
from liantu.graph.network import Network
from liantu.vocabulary import Lang
from liantu.web.server.guard import Guard
from liantu.web.server.protocol import Timed
from liantu.web.server.routes import Server
from liantu.web.server.work import about

HOST = "127.0.0.1"  # this machine alone; nothing changes it
_PAUSE = 1  # seconds that open connections have at the end


@dataclass(frozen=True)
class Opened:
    """A server that listens.

    Attributes
    ----------
    link
        The first address, with the token.
    door
        A file that leads there: what is opened by a browser can be seen by others in the list of
        processes, and so must not hold the token.
    """

    link: str
    door: Path


class _Quiet(uvicorn.Server):
    """A server that an interrupt ends; whoever started it says what that means."""

    interrupted = False

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Listen for signals; unlike uvicorn's own, send none again: there is cleaning to do."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        known = [signal.SIGINT, signal.SIGTERM]
        before = {number: signal.signal(number, self._asked) for number in known}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _asked(self, number: int, frame: FrameType | None) -> None:
        self.interrupted |= number == signal.SIGINT
        self.handle_exit(number, frame)


def serve(
    network: Network | None, source: str, *, lang: Lang, port: int, tell: Callable[[Opened], Any]
) -> bool:
    """Serve the page to this machine until an interrupt.

    Parameters
    ----------
    network
        The first network, with the names it has; None begins without any.
    source
        What it was read from, as it is shown.
    lang
        The language of the page at first.
    port
        The port to listen on; 0 takes any that is free.
    tell
        What is told of the link once the server listens.

    Returns
    -------
    bool
        Whether it was an interrupt that ended it.

    Raises
    ------
    RequestError
        If the port cannot be used.
    """
    with _listening(port) as listener, TemporaryDirectory(prefix="liantu-") as name:
        folder = Path(name)  # for nobody else: mode 0700
        session = Server(folder, lang)
        number = listener.getsockname()[1]
        guard = Guard(session.app(), number)
        opened = Opened(f"http://{HOST}:{number}/?token={guard.token}", folder / "open.html")
        opened.door.touch(mode=0o600)
        opened.door.write_text(_door(opened.link), encoding="utf-8")
        server = server_of(guard)

        async def whole() -> None:
            if network is not None:
                await hold(session, network, source)
            tell(opened)
            await server.serve([listener])

        asyncio.run(whole())
        return server.interrupted


async def hold(session: Server, network: Network, source: str) -> None:
    """Take a network into a session; its store is written first."""
    from liantu.stores import open_store

    place = session.shelf.place()
    with open_store(place) as store:
        store.write(network)
    await session.shelf.take(place, about(network), source)


def server_of(guard: Guard) -> _Quiet:
    """Return the server of an application: it writes no log, for that would hold data."""
    config = uvicorn.Config(
        guard, http=Timed, ws="none", loop="asyncio", lifespan="on", log_config=None,
        log_level="critical", access_log=False, server_header=False, proxy_headers=False,
        timeout_graceful_shutdown=_PAUSE, limit_concurrency=500, backlog=128,
    )  # fmt: skip
    return _Quiet(config)


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as found:
        try:
            found.bind((HOST, port))
            found.listen(128)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise RequestError.of("serve_port", value=port, reason=reason) from None
        found.setblocking(False)
        yield found


def _door(link: str) -> str:
    safe = html.escape(link)
    return (
        '<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer">'
        f'<meta http-equiv="refresh" content="0;url={safe}"><title>liantu</title>'
        f'<a href="{safe}">liantu</a>'
    )

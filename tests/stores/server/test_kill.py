"""A server or client that dies in the middle of an import: refused until run again, then exact."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from graph_dump import dump, expected, without_head
from long import LONG

from liantu.errors import RequestError
from liantu.graph.network import Network
from liantu.loaders.generate import region
from liantu.stores.server import ServerStore, connection, push

BATCH = 40  # so that a small network takes many transactions


def network(seed: int) -> Network:
    return Network.from_frames(region(20, seed=seed), as_of="2024-06-30", title=f"No. {seed}")


def steps(wanted: Network, uri: str) -> int:
    """Return how many transactions the import of a network took that has just been written."""
    with ServerStore(uri) as store:
        assert without_head(dump(store.connection, store.name)) == expected(wanted, store.name)
        return int(store.connection.head()["step"])


def refused(store: ServerStore) -> None:
    with pytest.raises(RequestError, match="is being written, or writing it was broken off") as no:
        store.connection.whole()
    assert len(no.value.lines()) == 1
    assert store.about()["state"] == "writing"


def at_step(monkeypatch, step: int, act: Callable[[], None]) -> None:
    """Do something right before a transaction of the next import."""
    commit = push._Writer.commit

    def acting(writer, *args, **params):
        if writer.step == step:
            act()
        return commit(writer, *args, **params)

    monkeypatch.setattr(push._Writer, "commit", acting)


# When: the share of the transactions of an import, and seconds after that.
FIRST = [(0.4, 0.01)]
AGAIN = [(0.1, 0.0), (0.5, 0.004), (0.9, 0.02)]
KILLS = [(False, FIRST), (True, AGAIN)] if LONG else [(True, AGAIN[1:2])]  # a start takes long


@pytest.mark.parametrize(("before", "moments"), KILLS)
def test_a_server_killed_again_and_again(server, own_uri, monkeypatch, before, moments):
    uri, wanted = f"{own_uri}?network={before}", network(1)
    monkeypatch.setattr(push, "BATCH", BATCH)
    monkeypatch.setattr(connection, "PATIENCE", 0)
    with ServerStore(uri) as store:
        store.write(wanted)
        clean = dump(store.connection, store.name)
        total = int(store.connection.head()["step"])
        if before:
            store.write(network(2))
        else:
            store.delete()
    assert total > 20
    for share, delay in moments:
        with monkeypatch.context() as patch:
            killer = threading.Timer(delay, server.kill)
            # Each import after the first finds a half-written network, and clears it first.
            at_step(patch, int(share * total), killer.start)
            with ServerStore(uri) as store, pytest.raises(RequestError, match="cannot be reached"):
                store.write(wanted)
        killer.join()
        server.start()
        with ServerStore(uri) as store:
            refused(store)
    with ServerStore(uri) as store:
        store.write(wanted)
        assert store.about()["fingerprint"] == wanted.fingerprint
        assert dump(store.connection, store.name) == clean
        store.delete()


def test_a_server_that_comes_back_in_time(server, own_uri, monkeypatch):
    uri, wanted = f"{own_uri}?network=back", network(1)
    monkeypatch.setattr(push, "BATCH", BATCH)
    monkeypatch.setattr(connection, "PATIENCE", 240)

    def again() -> None:
        server.kill()
        server.start()

    at_step(monkeypatch, 9, again)
    with ServerStore(uri) as store:
        store.write(wanted)
        assert store.about()["state"] == "whole"
    steps(wanted, uri)


class Proxy:
    """A wire to the server that can break between a commit and the answer to it."""

    COMMIT = b"\x00\x02\xb0\x12\x00\x00"  # the Bolt message, as one chunk

    def __init__(self, uri: str) -> None:
        parts = urlsplit(uri)
        self.server = (parts.hostname, parts.port or 7687)
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.losing, self.lost = False, 0

    def of(self, uri: str) -> str:
        """Return an address with this wire in place of the server."""
        own = f"@127.0.0.1:{self.listening.getsockname()[1]}"
        return re.sub(r"^\w+(://[^@]+)@[^/?]+", rf"bolt\1{own}", uri)

    def __enter__(self) -> Proxy:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.listening.close()

    def lose_next_answer(self) -> None:
        self.losing = True

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client = self.listening.accept()[0]
                server = socket.create_connection(self.server)
                cut = threading.Event()
                for ends in ((client, server), (server, client)):
                    threading.Thread(target=self._pass, args=(*ends, cut), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, cut: threading.Event) -> None:
        with source, target, suppress(OSError):
            while data := source.recv(65536):
                if cut.is_set():  # the answer is here, so the server has committed
                    self.lost += 1
                    target.shutdown(socket.SHUT_RDWR)
                    return
                if self.losing and data.endswith(self.COMMIT):
                    self.losing = False
                    cut.set()
                target.sendall(data)


CLIENT = """
import sys, time
sys.path[:0] = [sys.argv[2]]
from test_kill import BATCH, network
from liantu.stores.server import ServerStore, push
push.BATCH = BATCH
commit = push._Writer.commit
def slowly(*args, **params):
    time.sleep(0.05)  # so that it is caught in the middle
    return commit(*args, **params)
push._Writer.commit = slowly
with ServerStore(sys.argv[1]) as store:
    store.write(network(3))
"""


@pytest.mark.parametrize("share", [0.0, 0.3, 0.95] if LONG else [0.3])
def test_a_client_killed_in_the_middle(server_uri, monkeypatch, share):
    wanted = network(3)
    with ServerStore(server_uri) as store:
        monkeypatch.setattr(push, "BATCH", BATCH)
        store.write(wanted)
        clean, total = dump(store.connection, store.name), steps(wanted, server_uri)
        store.delete()
        here = str(Path(__file__).parent)
        helpers = str(Path(__file__).parents[2])
        client = subprocess.Popen(
            [sys.executable, "-c", CLIENT, server_uri, here],
            env={"PYTHONPATH": helpers, "PATH": ""},
        )
        try:
            end = time.monotonic() + 60
            while time.monotonic() < end and client.poll() is None:
                head = store.connection.head()
                if head and head["step"] >= share * total:
                    break
        finally:
            client.kill()
            client.wait()
        refused(store)
        store.write(wanted)
        assert dump(store.connection, store.name) == clean


def test_an_answer_to_a_commit_that_is_lost(server_uri, shared_server, monkeypatch):
    """The connection breaks after the server has committed: the batch is not written twice."""
    wanted = network(1)
    monkeypatch.setattr(push, "BATCH", BATCH)
    with Proxy(shared_server) as proxy, ServerStore(proxy.of(server_uri)) as store:
        at_step(monkeypatch, 5, proxy.lose_next_answer)
        store.write(wanted)
        assert proxy.lost == 1
    with ServerStore(server_uri) as store:
        assert without_head(dump(store.connection, store.name)) == expected(wanted, store.name)

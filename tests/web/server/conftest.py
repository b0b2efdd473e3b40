"""One server for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from web.server.served import Here, serving

import liantu


@pytest.fixture(scope="session")
def demo() -> liantu.Network:
    return liantu.read("case:demo")


@pytest.fixture(scope="module")
def here(tmp_path_factory, demo) -> Iterator[Here]:
    with serving(tmp_path_factory.mktemp("served"), (demo, "case:demo")) as found:
        yield found


@pytest.fixture
def client(here) -> Iterator[httpx.Client]:
    with here.client() as found:
        yield found


@pytest.fixture
def network(client) -> str:
    """Return the key of the first network."""
    return client.get("/api/networks").json()["networks"][-1]["id"]

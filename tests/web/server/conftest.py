"""One server for all tests of this folder: what they do to it leaves its first network as it is."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from web.server.served import Here, serving

import liantu


@pytest.fixture(scope="session")
def demo() -> liantu.Network:
    return liantu.read("case:demo")


@pytest.fixture(scope="session")
def here(tmp_path_factory, demo) -> Iterator[Here]:
    with serving(tmp_path_factory.mktemp("served"), (demo, "case:demo")) as found:
        yield found


@pytest.fixture
def client(here) -> Iterator[httpx.Client]:
    with here.client() as found:
        yield found


@pytest.fixture
def network(here, client) -> str:
    """Return the key of the first network, which may have had to make room."""
    (key,) = here.first
    assert client.post(f"/api/{key}/open").status_code == 200
    return key

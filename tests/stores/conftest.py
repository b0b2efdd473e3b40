"""The hard network in a folder of Parquet files."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hard import hard_network

from liantu.graph.network import Network
from liantu.stores import open_store


@pytest.fixture(scope="session")
def network() -> Network:
    return hard_network()


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory, network: Network) -> Path:
    path = tmp_path_factory.mktemp("kept") / "net.liantu"
    open_store(path).write(network)
    return path


@pytest.fixture
def folder(tmp_path: Path, written: Path) -> Path:
    """Return a folder that keeps the hard network, to be read, damaged or written over."""
    return shutil.copytree(written, tmp_path / "net.liantu")

"""Stores: places that keep a network whole and give it back whole or in parts.

A folder of Parquet files is the store of one county on one machine; a Neo4j server is shared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from liantu.addresses import bad_address, misspelt
from liantu.stores.manifest import is_folder_store

if TYPE_CHECKING:
    from typing import Self

    from liantu.graph.network import Network

_SERVER = re.compile(r"(neo4j|bolt)(\+\w+)?:/", re.IGNORECASE)

Columns = Mapping[str, Iterable[str]]
Day = str | date


class Store(Protocol):
    """What every store can do; use it as a context manager, or `close` it."""

    def about(self) -> dict[str, Any] | None:
        """Return what is said of the network kept here, without reading it; None if none is.

        ``title``, ``as_of``, ``fingerprint``, ``counts`` (rows by table) and more.
        """

    def read(
        self,
        *,
        kinds: Iterable[str] | None = None,
        relations: Iterable[str] | None = None,
        columns: Columns | None = None,
        region: str | None = None,
        at: Day | None = None,
        between: tuple[Day, Day] | None = None,
    ) -> Network:
        """Return the network, or the part that `liantu.graph.select.select` would leave of it."""

    def write(self, network: Network, *, merge: bool = False) -> None:
        """Keep a network in place of the one here, or merged with it (`liantu.graph.merge`).

        It is kept whole: a region in focus is a way to look at it and is not kept.
        """

    def close(self) -> None:
        """Let go of files and connections."""

    def __enter__(self) -> Self:
        """Return the store itself."""

    def __exit__(self, *_: object) -> None:
        """Close the store."""


def is_server(source: str | Path) -> bool:
    """Return whether a source is the address of a server.

    Examples
    --------
    >>> is_server("neo4j+s://graph.example.org/schools"), is_server("neo4j-lists")
    (True, False)
    """
    return _SERVER.match(str(source)) is not None  # one slash is an address with a slip


def is_store(source: str | Path) -> bool:
    """Return whether a source is a store: the address of a server, or a Parquet folder."""
    return is_server(source) or is_folder_store(Path(source))


def open_store(uri: str | Path) -> Store:
    """Open a store, which need not hold a network yet.

    Parameters
    ----------
    uri
        A folder (new, empty, or a Parquet store), or the address of a Neo4j server:
        ``neo4j://[user[:password]@]host[:port][/database][?network=NAME]``.

    Raises
    ------
    RequestError
        If the folder holds something else, or the server cannot be reached or used.
    """
    if is_server(uri):
        from liantu.stores.server import ServerStore

        return ServerStore(str(uri))
    if misspelt(uri) and not Path(uri).is_dir():
        raise bad_address(uri)
    from liantu.stores.parquet import ParquetStore

    return ParquetStore(Path(uri))

"""The shared store: a network in a Neo4j database, beside others and beside foreign data."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from liantu.errors import RequestError
from liantu.graph.select import Day
from liantu.stores.manifest import FORMAT
from liantu.stores.server import pull, push, results
from liantu.stores.server.connection import Connection

if TYPE_CHECKING:
    from typing import Self

    from liantu.errors import Message
    from liantu.formats.answer import Answer
    from liantu.graph.network import Network


class ServerStore:
    """A network on a Neo4j server, at ``neo4j://host:port/database?network=NAME``.

    The name may be left out where the database holds one network, or none yet ("default").
    """

    def __init__(self, uri: str) -> None:
        self.connection = Connection(uri)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<ServerStore {self.connection.address}>"

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    @property
    def name(self) -> str:
        """The name of the network: that of the address, else of the only one there."""
        head = self.connection.head()
        return head["network"] if head else self.connection.address.network or "default"

    def about(self) -> dict[str, Any] | None:
        """Return what is said of the network, without reading it; None if it is not there.

        ``state`` is "whole", or "writing" while it is written or after that was broken off.
        """
        head = self.connection.head()
        return None if head is None else {**json.loads(head["about"]), "state": head["state"]}

    def read(
        self,
        *,
        kinds: Iterable[str] | None = None,
        relations: Iterable[str] | None = None,
        columns: Mapping[str, Iterable[str]] | None = None,
        region: str | None = None,
        at: Day | None = None,
        between: tuple[Day, Day] | None = None,
    ) -> Network:
        """Return the network or a part of it; see `liantu.graph.select.select`.

        The server picks the part: only what is asked for is sent, in pages.

        Raises
        ------
        RequestError
            If it is not there, not whole, written anew while it is read, or there is no such part.
        DataError
            If somebody changed it on the server so that it is no network any more.
        """
        return pull.read(
            self.connection,
            kinds=kinds,
            relations=relations,
            columns=columns,
            region=region,
            at=at,
            between=between,
        )

    def write(self, network: Network, *, merge: bool = False) -> None:
        """Write a network in place of the one there, or merged with it.

        Raises
        ------
        RequestError
            If the server refuses, or another import of the same network begins meanwhile.
        """
        head = self.connection.head()
        if head is not None and head["format"] > FORMAT:
            raise RequestError.of("network_newer", value=head["network"])
        if not merge or head is None:
            push.replace(self.connection, self.name, network)
            return
        from liantu.graph.merge import merge as merged

        present = pull.read(self.connection, unfinished=True)
        push.merge(self.connection, head, present, merged(present, network))

    def delete(self) -> None:
        """Remove the network and all that is known of it; others stay."""
        push.delete(self.connection, self.name)

    def write_result(self, result: Answer, network: Network) -> list[Message]:
        """Put the columns of a result on the nodes; see `liantu.stores.server.results`.

        An earlier result of the same analysis is replaced; `network` is what it was made of.

        Returns
        -------
        list of Message
            How many nodes bear it, and which rows found none.

        Raises
        ------
        RequestError
            If its rows are no nodes, or the network is not there or not whole.
        """
        return results.write(self.connection, result, network)

    def remove_result(self, analysis: str) -> Message:
        """Take the result of an analysis off the nodes; says how many bore it."""
        return results.remove(self.connection, analysis)

"""A connection to a Neo4j server: the address, the credentials, and errors as one clear line."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

from liantu.errors import LiantuError, RequestError
from liantu.graph.stores.server.model import NETWORK

if TYPE_CHECKING:
    import neo4j

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Address:
    """Where a network is: server, database, name; never shown with credentials."""

    server: str
    database: str | None = None
    network: str | None = None
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        named = f"?network={self.network}" if self.network else ""
        return f"{self.server}{'/' + self.database if self.database else ''}{named}"


def parse_address(uri: str) -> Address:
    """Return the parts of an address.

    Raises
    ------
    RequestError
        If it has no host, a bad port, or an unknown option.

    Examples
    --------
    >>> address = parse_address("neo4j://anna:secret@localhost:7688/schools?network=wenshan")
    >>> print(address, address.user)
    neo4j://localhost:7688/schools?network=wenshan anna
    """
    try:
        parts = urlsplit(uri)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        raise RequestError.of("bad_address", value=uri.rsplit("@")[-1]) from None
    query = parse_qs(parts.query, keep_blank_values=True)
    database = parts.path.strip("/")
    if not parts.hostname or "/" in database or set(query) - {"network"}:
        raise RequestError.of("bad_address", value=uri.rsplit("@")[-1])
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return Address(
        f"{parts.scheme}://{host}{port}",
        unquote(database) or None,
        query.get("network", [""])[-1] or None,
        None if parts.username is None else unquote(parts.username),
        None if parts.password is None else unquote(parts.password),
    )


def credentials(address: Address) -> tuple[str, str]:
    """Return user and password: of the address, else of the environment, else asked for."""
    user = address.user or os.environ.get("NEO4J_USERNAME") or "neo4j"
    password = address.password or os.environ.get("NEO4J_PASSWORD")
    if password is None:
        if not (sys.stdin and sys.stdin.isatty()):
            raise RequestError.of("no_password", value=address)
        password = getpass.getpass(f"{address.server} {user}: ")
    return user, password


class Connection:
    """A driver on one database; every call is one transaction, tried again where that helps."""

    def __init__(self, uri: str) -> None:
        self.address = parse_address(uri)
        try:
            import neo4j
        except ImportError:
            raise RequestError.of("needs_extra", value="neo4j") from None
        with translated(self.address):
            self.driver = neo4j.GraphDatabase.driver(
                self.address.server,
                auth=credentials(self.address),
                user_agent="liantu",
                notifications_min_severity="OFF",
            )
            self.driver.verify_connectivity()

    def close(self) -> None:
        """Close the driver."""
        self.driver.close()

    @contextmanager
    def session(self, *, write: bool = False) -> Iterator[neo4j.Session]:
        """Give a session; what goes wrong in it becomes one clear line."""
        mode = "WRITE" if write else "READ"
        with (
            translated(self.address),
            self.driver.session(
                database=self.address.database, default_access_mode=mode
            ) as session,
        ):
            yield session

    def read(self, query: str, **params: Any) -> list[dict[str, Any]]:
        """Return the records of a query in a read transaction."""
        return self.reading(lambda tx: [record.data() for record in tx.run(query, params)])

    def reading(self, work: Callable[[neo4j.ManagedTransaction], Answer]) -> Answer:
        """Do work in one read transaction."""
        with self.session() as session:
            return session.execute_read(work)

    def write(self, query: str, **params: Any) -> list[dict[str, Any]]:
        """Run a query in a write transaction and return its records."""
        return self.writing(lambda tx: [record.data() for record in tx.run(query, params)])

    def writing(self, work: Callable[[neo4j.ManagedTransaction], Answer]) -> Answer:
        """Do work in one write transaction, which may be tried again."""
        with self.session(write=True) as session:
            return session.execute_write(work)

    def networks(self) -> list[Mapping[str, Any]]:
        """Return the nodes that stand for networks, by name."""
        found = self.read(f"MATCH (n:{NETWORK}) RETURN properties(n) AS node ORDER BY n.network")
        return [record["node"] for record in found]


@contextmanager
def translated(address: Address) -> Iterator[None]:
    """Turn what the driver raises into one line that says what to do."""
    from neo4j import exceptions

    try:
        yield
    except LiantuError:
        raise
    except exceptions.AuthError:
        raise RequestError.of("server_auth", value=address) from None
    except exceptions.ServiceUnavailable:
        raise RequestError.of("server_unreachable", value=address) from None
    except (exceptions.Neo4jError, exceptions.DriverError) as error:
        reason = getattr(error, "message", None) or str(error)
        raise RequestError.of("server_refused", value=address, reason=reason) from None

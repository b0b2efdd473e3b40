"""A connection to a Neo4j server: the address, the credentials, and errors as one clear line."""

from __future__ import annotations

import getpass
import logging
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

from liantu.addresses import bad_address
from liantu.errors import RequestError
from liantu.stores.manifest import FORMAT
from liantu.stores.server.model import NETWORK

if TYPE_CHECKING:
    import neo4j

OLDEST = 5  # the oldest version of a server that will do
PATIENCE = 30  # seconds that a transaction is tried again where the server may come back

SCHEMES = [f"{plain}{secure}" for plain in ("neo4j", "bolt") for secure in ("", "+s", "+ssc")]

# Python would show the driver's warnings, beside the one line that this becomes.
logging.getLogger("neo4j").addHandler(logging.NullHandler())

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
        port = "" if parts.port is None else f":{parts.port}"
        query = parse_qs(parts.query, keep_blank_values=True)
    except ValueError:
        raise bad_address(uri) from None
    database = parts.path.strip("/")
    # A password with / ? or # in it would end up in what comes after the host.
    odd = parts.fragment or "/" in database or "@" in database or set(query) - {"network"}
    names = query.get("network", [""])
    unclear = len(names) > 1 or not names[0].isprintable() or names[0] != names[0].strip()
    if parts.scheme not in SCHEMES or not parts.hostname or port == ":0" or odd or unclear:
        raise bad_address(uri)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return Address(
        f"{parts.scheme}://{host}{port}",
        unquote(database) or None,
        names[0] or None,
        None if parts.username is None else unquote(parts.username),
        None if parts.password is None else unquote(parts.password),
    )


def credentials(address: Address) -> tuple[str, str | None]:
    """Return user and password: of the address, else of the environment; no password is None."""
    user = address.user or os.environ.get("NEO4J_USERNAME") or "neo4j"
    return user, address.password or os.environ.get("NEO4J_PASSWORD") or None


def asked(address: Address, user: str) -> str:
    """Return the password that somebody at the terminal gives."""
    if not (sys.stdin and sys.stdin.isatty()):
        raise RequestError.of("no_password", value=address)
    return getpass.getpass(f"{address.server} {user}: ")


def too_old(agent: str) -> bool:
    """Return whether a server, as it names itself, is older than version 5.

    Examples
    --------
    >>> too_old("Neo4j/4.4.9"), too_old("Neo4j/5.26.0"), too_old("Neo4j/2025.01.0")
    (True, False, False)
    """
    product, _, version = agent.partition("/")
    major = version.split(".")[0]
    return product == "Neo4j" and major.isdecimal() and int(major) < OLDEST


class Connection:
    """A driver on one database; every call is one transaction, tried again where that helps."""

    def __init__(self, uri: str) -> None:
        self.address = parse_address(uri)
        try:
            import neo4j  # noqa: F401
        except ImportError:
            raise RequestError.of("needs_extra", value="neo4j") from None
        user, password = credentials(self.address)
        try:
            self._open(None if password is None else (user, password))
        except RequestError as error:
            if password is not None or error.problems[0].code != "server_auth":
                raise
            self._open((user, asked(self.address, user)))

    def _open(self, auth: tuple[str, str] | None) -> None:
        """Open the driver and see whether the server serves."""
        import neo4j

        with translated(self.address):
            self.driver = neo4j.GraphDatabase.driver(
                self.address.server,
                auth=auth,
                user_agent="liantu",
                notifications_min_severity="OFF",
                max_transaction_retry_time=PATIENCE,
                connection_timeout=10,
                connection_acquisition_timeout=30,
            )
        try:
            with self.session() as session:  # at once, where the driver would try again for long
                agent = session.run("RETURN 1").consume().server.agent
            if too_old(agent):
                raise RequestError.of("server_old", value=self.address, version=agent)
        except BaseException:
            self.close()
            raise

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

    def run(self, query: str) -> None:
        """Run a statement that must stand alone, such as one that makes an index.

        ``IF NOT EXISTS`` looks before it makes: where another client makes the same meanwhile,
        the server refuses, and finds it done when asked again.
        """
        from neo4j import exceptions

        with self.session(write=True) as session:
            for pause in (0.05, 0.2, 0.8, 3.2, None):
                try:
                    session.run(query).consume()
                    return
                except exceptions.Neo4jError as error:
                    again = error.is_retryable() or (error.code or "").endswith("AlreadyExists")
                    if pause is None or not again:
                        raise
                time.sleep(pause)

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

    def writing(
        self, work: Callable[[neo4j.ManagedTransaction], Answer], *, repeatable: bool = False
    ) -> Answer:
        """Do work in one write transaction, which may be tried again.

        With `repeatable` also after the answer to a commit was lost: done twice, the work must
        come to the same.
        """
        from neo4j import exceptions

        with self.session(write=True) as session:
            try:
                return session.execute_write(work)
            except exceptions.IncompleteCommit:
                if not repeatable:
                    raise
                return session.execute_write(work)

    # -- networks ----------------------------------------------------------------------------

    def networks(self) -> list[Mapping[str, Any]]:
        """Return the nodes that stand for networks, by name."""
        found = self.read(f"MATCH (n:{NETWORK}) RETURN properties(n) AS node ORDER BY n.network")
        return [record["node"] for record in found]

    def head(self) -> Mapping[str, Any] | None:
        """Return the node of the network that the address means, None where it is not there.

        Raises
        ------
        RequestError
            If the address leaves the name out and there are several.
        """
        there = self.networks()
        name = self.address.network
        if name is None and len(there) > 1:
            listed = _listed(there)
            raise RequestError.of("which_network", value=self.address, listed=listed)
        return next((node for node in there if name in (None, node["network"])), None)

    def whole(self) -> Mapping[str, Any]:
        """Return the node of the network that the address means, which must be whole.

        Raises
        ------
        RequestError
            If it is not there, is being written, or was written by a newer version.
        """
        head = self.head()
        if head is None:
            there = self.networks()
            code = "no_such_network" if there else "no_network"
            raise RequestError.of(code, value=self.address, listed=_listed(there))
        if head["format"] > FORMAT:
            raise RequestError.of("network_newer", value=head["network"])
        if head["state"] != "whole":
            raise RequestError.of("network_unfinished", value=head["network"])
        return head


def _listed(heads: Iterable[Mapping[str, Any]]) -> str:
    return ", ".join(str(head["network"]) for head in heads)


_TOLD = {  # ends of the codes of a server
    "DatabaseNotFound": "server_database",
    "WriteOnReadOnlyAccessDatabase": "server_read_only",
    "ForbiddenOnReadOnlyDatabase": "server_read_only",
}


@contextmanager
def translated(address: Address) -> Iterator[None]:
    """Turn what the driver raises into one line that says what to do."""
    from neo4j import exceptions

    try:
        yield
    except exceptions.AuthError:
        raise RequestError.of("server_auth", value=address) from None
    except exceptions.UnsupportedServerProduct as error:
        raise RequestError.of("server_old", value=address, version=error) from None
    except (exceptions.ServiceUnavailable, exceptions.SessionExpired, OSError):
        code = "server_unencrypted" if "+s" in address.server else "server_unreachable"
        raise RequestError.of(code, value=address) from None
    except (exceptions.Neo4jError, exceptions.DriverError) as error:
        code = getattr(error, "code", None) or ""
        for end, told in _TOLD.items():
            if code.endswith(end):
                raise RequestError.of(told, value=address) from None
        if "otification filtering" in str(error):  # not known before version 5
            raise RequestError.of("server_old", value=address, version="4") from None
        reason = " ".join((getattr(error, "message", None) or str(error)).split())
        raise RequestError.of("server_refused", value=address, reason=reason) from None

"""Addresses, credentials, and what goes wrong with a server: one clear line, never a password."""

from __future__ import annotations

import io
import logging
import socket
import sys
import threading
from typing import Any
from urllib.parse import urlsplit

import neo4j
import pandas as pd
import pytest
from graph_dump import dump

from liantu.cli import main
from liantu.errors import RequestError
from liantu.graph.network import Network
from liantu.stores.server import ServerStore, connection
from liantu.stores.server.connection import parse_address, too_old
from liantu.stores.server.model import constraints

SECRET = "Geheim-42"
SMALL = Network.from_frames({"school": pd.DataFrame({"id": ["a"]})}, title="小")


@pytest.fixture(autouse=True)
def no_environment(monkeypatch):
    monkeypatch.delenv("NEO4J_USERNAME", raising=False)
    monkeypatch.delenv("NEO4J_PASSWORD", raising=False)


def line(error: pytest.ExceptionInfo[RequestError]) -> str:
    """Return the one line that an error is, in both languages."""
    english, chinese = error.value.lines(), error.value.lines("zh")
    assert len(english) == len(chinese) == 1
    assert english != chinese
    return english[0]


# -- addresses ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("uri", "server", "database", "network", "user", "password"),
    [
        ("neo4j://h", "neo4j://h", None, None, None, None),
        ("bolt+s://h:7688/", "bolt+s://h:7688", None, None, None, None),
        ("neo4j+ssc://u@h/d", "neo4j+ssc://h", "d", None, "u", None),
        ("bolt+ssc://u:p@h/d?network=n", "bolt+ssc://h", "d", "n", "u", "p"),
        ("bolt://a%40b:p%2F%3A%3F@[::1]:1?network=%E6%96%87 1", "bolt://[::1]:1", None, "文 1", "a@b", "p/:?"),
        ("neo4j+s://h?network=", "neo4j+s://h", None, None, None, None),
    ],
)  # fmt: skip
def test_addresses(uri, server, database, network, user, password):
    address = parse_address(uri)
    assert (address.server, address.database, address.network) == (server, database, network)
    assert (address.user, address.password) == (user, password)
    shown = str(address) + repr(address)
    assert user is None or user not in str(address)
    assert password is None or f":{password}" not in shown


@pytest.mark.parametrize(
    "uri",
    [
        f"neo4j://u:{SECRET}@",
        f"neo4j://u:{SECRET}@h:port",
        f"neo4j://u:{SECRET}@h:99999",
        f"neo4j://u:{SECRET}@h:0",
        f"neo4j://u:{SECRET}@h/a/b",
        f"neo4j://u:{SECRET}@h?database=d",
        f"neo4j:/u:{SECRET}@h",
        f"neo4j://u:{SECRET}@h?network=a&network=b",
        f"neo4j://u:{SECRET}@h?network=%20",
        f"neo4j://u:{SECRET}@h?network=%00",
        f"neo4j://h?password={SECRET}",
        f"neo4j+x://u:{SECRET}@h",
        f"neo4j://u:1/{SECRET}@h",
        f"neo4j://u:1?{SECRET}@h",
        f"neo4j://u:1#{SECRET}@h",
        f"neo4j://u:{SECRET}/@h",
        f"neo4j://u:{SECRET}@[h",
    ],
)
def test_bad_addresses(uri, capsys):
    with pytest.raises(RequestError, match="is no address of a server") as error:
        parse_address(uri)
    assert SECRET not in line(error)
    for debug in ([], ["--debug"]):
        assert main(["coverage", uri, *debug]) == 1
        shown = capsys.readouterr()
        assert shown.out == ""
        assert SECRET not in shown.err
        assert "is no address of a server" in shown.err


# -- credentials -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("uri", "environment", "expected"),
    [
        ("neo4j://u:p@h", ("e", "f"), ("u", "p")),
        ("neo4j://u@h", ("e", "f"), ("u", "f")),
        ("neo4j://h", ("e", "f"), ("e", "f")),
        ("neo4j://h", (None, "f"), ("neo4j", "f")),
        ("neo4j://u@h", (None, None), ("u", None)),
        ("neo4j://u@h", (None, ""), ("u", None)),
    ],
)
def test_credentials(monkeypatch, uri, environment, expected):
    for key, value in zip(("NEO4J_USERNAME", "NEO4J_PASSWORD"), environment, strict=True):
        if value is not None:
            monkeypatch.setenv(key, value)
    assert connection.credentials(parse_address(uri)) == expected


def test_a_password_is_asked_for_on_a_terminal_once_the_server_refuses(monkeypatch, server_uri):
    address, asked = parse_address(server_uri), []
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda prompt: asked.append(prompt) or address.password)
    with ServerStore(str(address).replace("://", f"://{address.user}@")) as store:
        assert store.about() is None
    assert asked == [f"{address.server} {address.user}: "]


def test_nothing_is_asked_where_nobody_answers(monkeypatch):
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda _: pytest.fail("asked"))
    with pytest.raises(RequestError, match="cannot be reached"):
        ServerStore("neo4j://127.0.0.1:1")


def test_without_a_terminal_it_says_what_is_missing(monkeypatch, capsys, server_uri):
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert main(["coverage", str(parse_address(server_uri))]) == 1
    told = capsys.readouterr().err
    assert told.startswith("error: there is no password for")
    assert told.count("\n") == 1


# -- servers that do not serve -----------------------------------------------------------------


def test_too_old():
    assert too_old("Neo4j/4.4.38")
    assert not too_old("Neo4j/5.0.0")
    assert not too_old("Neo4j/2026.01.1")
    assert not too_old("Other/1.0")


def test_an_older_server_is_told(server_uri, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(connection, "OLDEST", 6000)
        with pytest.raises(RequestError, match=r"is too old \(Neo4j/\d+\.") as error:
            ServerStore(server_uri)
    assert "5 or newer" in line(error)


@pytest.mark.parametrize("scheme", ["neo4j", "bolt", "neo4j+s", "bolt+ssc"])
def test_nobody_listens(scheme, capsys, caplog):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    uri = f"{scheme}://u:{SECRET}@127.0.0.1:{port}"
    with caplog.at_level(logging.DEBUG):
        assert main(["coverage", uri]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "cannot be reached" in shown.err
    assert shown.err.count("\n") == 1
    assert SECRET not in shown.err + caplog.text
    assert main(["coverage", uri, "--debug"]) == 1
    assert SECRET not in capsys.readouterr().err


def test_something_else_listens():
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.settimeout(20)

        def answer() -> None:
            for _ in range(2):
                try:
                    client = other.accept()[0]
                except OSError:
                    return
                with client:
                    client.recv(100)
                    client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(RequestError) as error:
            ServerStore(f"bolt://u:{SECRET}@127.0.0.1:{other.getsockname()[1]}")
        assert SECRET not in line(error)


@pytest.mark.parametrize("scheme", ["neo4j+s", "neo4j+ssc", "bolt+s", "bolt+ssc"])
def test_a_server_without_encryption(server_uri, scheme):
    if "+" in urlsplit(server_uri).scheme:
        pytest.skip("this server has encryption")
    uri = server_uri.replace(f"{urlsplit(server_uri).scheme}://", f"{scheme}://", 1)
    with pytest.raises(RequestError, match="cannot be reached with encryption") as error:
        ServerStore(uri)
    assert line(error)


def test_a_wrong_password(shared_server, capsys):
    parts = urlsplit(shared_server)
    uri = f"{parts.scheme}://nobody:{SECRET}@{parts.netloc.rpartition('@')[2]}"
    for debug in ([], ["--debug"]):
        assert main(["coverage", uri, *debug]) == 1
        shown = capsys.readouterr().err
        assert "does not accept user and password" in shown
        assert SECRET not in shown
        assert len(shown.splitlines()) == 1 or debug


def test_a_wrong_database(server_uri):
    base, query = server_uri.split("?")
    with pytest.raises(RequestError, match="there is no database") as error:
        ServerStore(f"{base.rstrip('/')}/nowhere?{query}")
    assert "/nowhere" in line(error)


def test_no_secret_is_shown(server_uri, caplog):
    password = parse_address(server_uri).password
    with caplog.at_level(logging.DEBUG), ServerStore(server_uri) as store:
        store.write(SMALL)
        assert password not in repr(store) + repr(store.connection.address) + repr(vars(store))
    assert caplog.text
    assert password not in caplog.text


@pytest.mark.parametrize("scheme", ["neo4j", "bolt"])
def test_routing_and_direct(server_uri, scheme):
    own = urlsplit(server_uri).scheme
    if "+" in own:
        pytest.skip("this server has encryption")
    with ServerStore(server_uri.replace(f"{own}://", f"{scheme}://", 1)) as store:
        store.write(SMALL)
        assert store.about()["title"] == "小"


# -- a server of one's own: read-only, and networks side by side ----------------------------------


def test_names_of_networks(server, own_uri, capsys):
    with ServerStore(own_uri) as only, ServerStore(f"{own_uri}?network=第二") as second:
        assert only.about() is None
        with pytest.raises(RequestError, match="holds no network") as error:
            only.connection.whole()
        assert line(error)
        only.write(SMALL)
        assert only.name == "default"
        assert only.connection.whole()["network"] == "default"
        assert second.about() is None
        with pytest.raises(RequestError, match="networks there: default") as error:
            second.connection.whole()
        assert "第二" in line(error)
        second.write(SMALL)
        for ask in (only.about, lambda: only.write(SMALL), only.connection.whole, only.delete):
            with pytest.raises(RequestError, match="several networks: default, 第二") as error:
                ask()
            assert line(error)
        assert second.about()["state"] == "whole"
        assert main(["coverage", own_uri, "--scope", "all"]) == 1
        assert "default, 第二" in capsys.readouterr().err
        with ServerStore(f"{own_uri}?network=default") as first:
            first.delete()
        assert only.name == "第二"  # the only one left
        only.delete()
        assert only.connection.networks() == []


def test_a_client_that_meets_another_making_the_schema(server_uri, monkeypatch):
    real, met = neo4j.Session.run, []

    def raced(self: neo4j.Session, query: str, *args: Any, **params: Any) -> neo4j.Result:
        """Answer as a server does where the other client was quicker by a moment."""
        if "IF NOT EXISTS" in query and query not in met:
            met.append(query)
            real(self, query).consume()
            query = query.replace("IF NOT EXISTS ", "")
        return real(self, query, *args, **params)

    with ServerStore(server_uri) as store:
        monkeypatch.setattr(neo4j.Session, "run", raced)
        store.write(SMALL)
        assert met == constraints()
        assert store.about()["state"] == "whole"
        with pytest.raises(RequestError, match=r"answers: .*already exists"):
            store.connection.run(constraints()[0].replace("IF NOT EXISTS ", ""))


def test_a_newer_format_is_refused(server_uri):
    with ServerStore(server_uri) as store:
        store.write(SMALL)
        store.connection.write(
            "MATCH (n:LiantuNetwork {network: $name}) SET n.format = 99", name=store.name
        )
        for merge in (False, True):
            with pytest.raises(RequestError, match="newer version of liantu"):
                store.write(SMALL, merge=merge)
        with pytest.raises(RequestError, match="newer version of liantu") as error:
            store.connection.whole()
        assert line(error)


def test_a_database_that_may_only_be_read_without_authentication(server, own_uri, monkeypatch):
    uri = f"{own_uri}?network=fixed"
    with ServerStore(uri) as store:
        store.write(SMALL)
        before = dump(store.connection)
    server.stop()
    server.settings = {
        "server.databases.read_only": "neo4j",
        "dbms.security.auth_enabled": "false",
    }
    server.start()
    monkeypatch.setattr("getpass.getpass", lambda _: pytest.fail("asked"))
    with ServerStore(uri) as store:  # who gives credentials is let in too
        assert store.about()["title"] == "小"
    with ServerStore(f"{server.uri}?network=fixed") as store:
        for change in (
            lambda: store.write(SMALL),
            lambda: store.write(SMALL, merge=True),
            store.delete,
        ):
            with pytest.raises(RequestError, match="may only be read") as error:
                change()
            assert line(error)
        assert dump(store.connection) == before
        assert store.about()["state"] == "whole"


def test_writing_in_a_read_transaction_is_refused(server_uri):
    with ServerStore(server_uri) as store, pytest.raises(RequestError, match="answers") as error:
        store.connection.read("CREATE (:Foreign)")
    assert line(error)

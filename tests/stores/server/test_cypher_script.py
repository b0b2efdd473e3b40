"""The Cypher script, run on a real server: afterwards the database is as after an import."""

import uuid

import pytest
from graph_dump import dump, expected, without_head
from hard import hard_network
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import liantu
from liantu.errors import RequestError
from liantu.exchange import cypher
from liantu.graph.load_report import LoadReport
from liantu.graph.network import Network
from liantu.stores.server import ServerStore
from liantu.stores.server.connection import Connection


@pytest.fixture
def connection(server_uri):
    found = Connection(server_uri)
    yield found
    found.close()


def run(connection, statements):
    for statement in statements:
        connection.run(statement)


def statements(network, folder, name):
    """Return the statements of a script as somebody finds them who splits it at the ends."""
    path = folder / f"{name}.cypher"
    assert cypher.write(network, path) == []  # nothing is lost
    *found, rest = path.read_bytes().decode().split(";\n")
    assert rest == ""
    return found


def heads(connection):
    changing = ("token", "step", "written")
    return [{k: v for k, v in n.items() if k not in changing} for n in connection.networks()]


@pytest.mark.parametrize(
    "make", [hard_network, lambda: liantu.read("case:xiajin")], ids=["hard", "xiajin"]
)
def test_the_database_is_as_after_an_import(server_uri, connection, tmp_path, make):
    network, name = make(), connection.address.network
    run(connection, statements(network, tmp_path, name))
    by_script = dump(connection, name)
    assert without_head(by_script) == expected(network, name)
    schema = connection.read("SHOW CONSTRAINTS YIELD name, type, labelsOrTypes, properties")
    with ServerStore(server_uri) as store:
        again = store.read()
        store.delete()
        store.write(
            network.replaced({}, report=LoadReport())
        )  # exports leave the load report behind
    assert dump(connection, name) == by_script  # with the node of the network itself
    assert connection.read("SHOW CONSTRAINTS YIELD name, type, labelsOrTypes, properties") == schema
    assert again.fingerprint == network.fingerprint
    assert (again.title, again.as_of, again.phases, again.goals) == (
        network.title, network.as_of, network.phases, network.goals,
    )  # fmt: skip


def test_run_twice_or_broken_off_it_comes_to_the_same(connection, tmp_path):
    network, name = hard_network(), connection.address.network
    script = statements(network, tmp_path, name)
    run(connection, script[: len(script) // 2])
    with pytest.raises(RequestError) as raised:
        liantu.read(str(connection.address).replace("://", credentials(connection)))
    assert raised.value.problems[0].code == "network_unfinished"
    run(connection, script)
    assert without_head(dump(connection, name)) == expected(network, name)
    run(connection, script)
    assert without_head(dump(connection, name)) == expected(network, name)


def credentials(connection):
    return f"://{connection.address.user}:{connection.address.password}@"


def test_another_network_of_the_name_is_not_touched(server_uri, connection, tmp_path):
    name = connection.address.network
    with ServerStore(server_uri) as store:
        store.write(liantu.read("case:wenshan"))
    before = dump(connection, name)
    with pytest.raises(RequestError, match="already exists"):
        run(connection, statements(hard_network(), tmp_path, name))
    assert dump(connection, name) == before


def test_names_of_files_and_texts_are_only_texts(server_uri, tmp_path):
    name = "it's `a` \\u0027 \\; 网络🏫"
    nasty = [
        "';\n",
        "\\u0027",
        "\\\\u0027",
        "\\\x1f",
        "\u2028 \x85 \r\n ;",
        "// x",
        "/* x",
        "$p {y}",
        "\\",
    ]
    import pandas as pd

    schools = pd.DataFrame({"id": [f"s{n}" for n in range(len(nasty))], "name": nasty})
    network = Network.from_frames({"school": schools}, title="a\n';")
    connection = Connection(server_uri)
    try:
        run(connection, statements(network, tmp_path, name))
        found = connection.read(
            "MATCH (n:School {network: $name}) RETURN n.name AS name ORDER BY n.id", name=name
        )
        assert [record["name"] for record in found] == nasty
        assert {head["network"]: head["title"] for head in heads(connection)}[name] == "a\n';"
    finally:
        connection.write("MATCH (n {network: $name}) DETACH DELETE n", name=name)
        connection.close()


texts = st.text(st.characters(exclude_categories=["Cs"])) | st.text("\\u'`\"\n;0123abcdef/*{}$")


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(texts, min_size=1, max_size=60))
def test_every_text_comes_back(plain_connection, values):
    written = [cypher.literal(value) for value in values]
    assert all(len(text.splitlines()) <= 1 for text in written)
    (found,) = plain_connection.read(f"RETURN [{', '.join(written)}] AS texts")
    assert found["texts"] == values


@pytest.fixture(scope="session")
def plain_connection(shared_server):
    found = Connection(shared_server)
    yield found
    found.close()


def test_numbers_and_dates_are_of_their_type(connection, tmp_path):
    import pandas as pd

    schools = pd.DataFrame(
        {
            "id": ["a", "b"],
            "pupils": pd.array([2**53 + 1, None], dtype="Int64"),
            "lon": [0.1 + 0.2, -179.99999999999997],
            "lat": [1e-300, 0.0],
            "opened": ["0622-07-16", "1969-12-31"],
            "synthetic": [True, False],
        }
    )
    name = f"types-{uuid.uuid4().hex[:8]}"
    try:
        run(connection, statements(Network.from_frames({"school": schools}), tmp_path, name))
        first, second = connection.read(
            "MATCH (n:School {network: $name}) RETURN properties(n) AS own ORDER BY n.id", name=name
        )
    finally:
        connection.write("MATCH (n {network: $name}) DETACH DELETE n", name=name)
    assert (first["own"]["pupils"], first["own"]["lon"], first["own"]["lat"]) == (
        9007199254740993, 0.30000000000000004, 1e-300,
    )  # fmt: skip
    assert (first["own"]["opened"].iso_format(), second["own"]["opened"].iso_format()) == (
        "0622-07-16", "1969-12-31",
    )  # fmt: skip
    assert (first["own"]["synthetic"], second["own"]["synthetic"]) == (True, False)
    assert "pupils" not in second["own"]
    assert isinstance(second["own"]["lat"], float)

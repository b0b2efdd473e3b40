"""A network as one Cypher script: fills a Neo4j database as ``liantu import`` would.

Every statement ends with ``;`` and a line end, and no text holds a line end, so that the script can
be split there. Batches are counted on the network's node in their own transaction: whoever runs the
script again goes on where it broke off, and adds nothing to what is whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from liantu.errors import Message
from liantu.formats import write_file
from liantu.formats.seals import BLANK
from liantu.graph import schema
from liantu.graph.load_report import LoadReport
from liantu.stores.contents import served_about
from liantu.stores.server import model

if TYPE_CHECKING:
    from liantu.graph.network import Network

_BATCH = 500  # rows a statement: some 100 kB of text, quickly planned by a server

# Line ends of any kind and controls would break a script by lines.
_SIGNS = (*range(32), *range(0x7F, 0xA0), 0x2028, 0x2029)
_ESCAPES = {code: f"\\u{code:04x}" for code in _SIGNS} | {
    ord(sign): f"\\{letter}" for sign, letter in zip("\\'\n\r\t", "\\'nrt", strict=True)
}


def write(network: Network, path: Path) -> list[Message]:
    """Write a network as a Cypher script; the file's stem is the network's name on the server.

    Parameters
    ----------
    network
        The network.
    path
        The file.

    Returns
    -------
    list of Message
        What is lost beside the load report: nothing.
    """
    text = "".join(f"{statement};\n" for statement in statements(network, path.stem))
    write_file(path, f"// {BLANK}\n{text}".encode(), seals=True)
    return []


def statements(network: Network, name: str) -> Iterator[str]:
    """Yield the statements of the script, without the ``;`` that ends each.

    Examples
    --------
    >>> import liantu
    >>> *_, last = statements(liantu.read("case:wenshan"), "wenshan")
    >>> last.splitlines()[-1]
    "SET n.step = 14, n.state = 'whole', n.written = datetime()"
    """
    frames = network.plain_frames()
    # Like every export without the load report, which may tell names of teachers.
    about = served_about(network.replaced({}, report=LoadReport()), frames)
    mark = about["fingerprint"]
    this = f"(n:{model.NETWORK} {{network: {literal(name)}}})"
    head = "\n".join(f"// {Message('cypher_head').text(lang)}".rstrip(";") for lang in ("en", "zh"))
    first, *more = model.constraints()
    yield f"{head}\n{first}"
    yield from more
    yield (
        f"MERGE {this} ON CREATE SET n.state = 'writing', n.token = {literal(mark)}, n.step = 0, "
        f"n.fingerprint = {literal(mark)}, n.format = {about['format']}, "
        f"n.title = {literal(about['title'])}, n.as_of = date({literal(about['as_of'])}), "
        f"n.about = {literal(json.dumps(about, ensure_ascii=False))}"
    )
    # Another network of this name: creating it twice is what the server refuses.
    yield (
        f"MATCH {this} WHERE n.fingerprint <> {literal(mark)} "
        f"OR n.state <> 'whole' AND coalesce(n.token <> {literal(mark)}, true)\n"
        f"CREATE (:{model.NETWORK} {{network: n.network}})"
    )
    step = 0
    for body in _batches(frames, name):
        step += 1
        yield (
            f"MATCH {this} WHERE n.token = {literal(mark)} AND n.step = {step - 1}\n"
            f"SET n.step = {step} WITH n UNWIND {body}"
        )
    yield (
        f"MATCH {this} WHERE n.token = {literal(mark)} AND n.step = {step}\n"
        f"SET n.step = {step + 1}, n.state = 'whole', n.written = datetime()"
    )


def literal(value: str | None) -> str:
    r"""Return a text as Cypher writes it, on one line.

    Examples
    --------
    >>> print(literal("it's\n"), literal(None))
    'it\'s\n' null
    """
    if value is None:
        return "null"
    # Older servers take a "u" behind any backslash for the begin of a code point.
    texts = (text.translate(_ESCAPES) for text in value.split("\\u"))
    return "'" + "\\\\\\u0075".join(texts) + "'"


def _batches(frames: Mapping[str, pd.DataFrame], name: str) -> Iterator[str]:
    """Yield what stands behind UNWIND, batch by batch: nodes, relationships, observations."""
    ours = f"network: {literal(name)}"
    for kind in schema.kinds():
        cells, known = _properties(frames[kind], kind, 0)
        make = f"CREATE (:{model.label_of(kind)} {{{ours}, {known}}})"
        yield from _unwound(cells, make)
    for relation in schema.relations():
        frame = frames[relation]
        for source, target in model.pairs(relation):
            rows = frame[_of_kind(frame, "source", source) & _of_kind(frame, "target", target)]
            cells, known = _properties(rows, relation, 2)
            make = (
                f"MATCH (a:{model.label_of(source)} {{{ours}, id: row[0]}}), "
                f"(b:{model.label_of(target)} {{{ours}, id: row[1]}})\n"
                f"CREATE (a)-[:{model.type_of(relation)} {{{known}}}]->(b)"
            )
            yield from _unwound([_texts(rows["source"]), _texts(rows["target"]), *cells], make)
    observations = frames["observations"]
    for kind in schema.kinds():
        rows = observations[(observations["kind"] == kind).to_numpy(dtype=bool)]
        cells, known = _properties(rows, "observations", 1)
        make = (
            f"MATCH (a:{model.label_of(kind)} {{{ours}, id: row[0]}})\n"
            f"CREATE (a)-[:{model.OBSERVED}]->(:{model.OBSERVATION} {{{ours}, {known}}})"
        )
        yield from _unwound([_texts(rows["id"]), *cells], make)


def _of_kind(frame: pd.DataFrame, end: str, kind: str) -> np.ndarray:
    if f"{end}_kind" not in frame:
        return np.ones(len(frame), dtype=bool)
    return (frame[f"{end}_kind"] == kind).to_numpy(dtype=bool)


def _unwound(columns: Sequence[np.ndarray], make: str) -> Iterator[str]:
    rows = [f"[{', '.join(cells)}]" for cells in zip(*columns, strict=True)]
    for begin in range(0, len(rows), _BATCH):
        batch = ",\n".join(rows[begin : begin + _BATCH])
        yield f"[\n{batch}\n] AS row\n{make}"


def _properties(frame: pd.DataFrame, table: str, first: int) -> tuple[list[np.ndarray], str]:
    """Return the literals of every column that is not empty, and the map that reads them."""
    columns = [c for c in model.properties(table) if frame[c.name].notna().any()]
    known = [
        f"{column.name}: " + (f"date(row[{number}])" if column.is_date else f"row[{number}]")
        for number, column in enumerate(columns, first)
    ]
    return [_literals(frame[column.name], column) for column in columns], ", ".join(known)


def _literals(values: pd.Series, column: schema.Column) -> np.ndarray:
    """Return the cells of a column as literals; dates as texts, which are read much quicker."""
    if column.dtype == "str":
        return _texts(values)
    codes, distinct = pd.factorize(values)
    if column.is_date:
        days = np.datetime_as_string(np.asarray(distinct), unit="D")
        return _spread(codes, [f"'{day}'" for day in days])
    if column.type == "bool":
        return _spread(codes, ["true" if value else "false" for value in distinct])
    number = int if column.type == "int" else float
    return _spread(codes, [repr(number(value)) for value in distinct])


def _texts(texts: pd.Series) -> np.ndarray:
    codes, distinct = pd.factorize(texts)
    return _spread(codes, [literal(str(text)) for text in distinct])


def _spread(codes: np.ndarray, distinct: Sequence[str]) -> np.ndarray:
    """Return the literal of every row; each distinct one was written once."""
    found: np.ndarray = np.array([*distinct, "null"], dtype=object)[codes]  # −1, missing: the last
    return found

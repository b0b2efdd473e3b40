"""Read a network, or a part of it, from Neo4j; the server picks the part."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from liantu import progress
from liantu.errors import DataError, OptionError, Problem, RequestError
from liantu.graph import schema
from liantu.graph.build import build
from liantu.graph.load_report import LoadReport
from liantu.graph.network import Network
from liantu.graph.select import Day, columns_of, narrow, select
from liantu.options import parse_date
from liantu.stores.contents import attributes_of
from liantu.stores.server import around, model, pages

if TYPE_CHECKING:
    import neo4j

    from liantu.stores.server.connection import Connection

Wanted = Mapping[str, tuple[str, ...]]
_TRIES = 2  # a network that is written anew meanwhile is read once more


def read(
    connection: Connection,
    *,
    kinds: Iterable[str] | None = None,
    relations: Iterable[str] | None = None,
    columns: Mapping[str, Iterable[str]] | None = None,
    region: str | None = None,
    at: Day | None = None,
    between: tuple[Day, Day] | None = None,
    unfinished: bool = False,
) -> Network:
    """Return the network of an address, or a part of it; see `liantu.graph.select.select`.

    Parameters
    ----------
    connection
        The server and the address.
    kinds, relations, columns, region, at, between
        The part.
    unfinished
        Whether a network that was written only in part may be read too.

    Raises
    ------
    RequestError
        If it is not there, not whole, or written anew while it is read.
    DataError
        If somebody changed it so that it is no network any more: names label and id, or type and
        ends, of what is wrong.
    """
    wanted, whole, periods = (
        columns_of(kinds, relations, columns),
        columns_of(),
        _periods(at, between),
    )
    for _ in range(_TRIES):
        head = connection.head() if unfinished else connection.whole()
        if head is None:
            raise RequestError.of("no_network", value=connection.address)
        name, kept = str(head["network"]), json.loads(head["about"])
        if region is not None:
            work = partial(around.tables, network=name, region=region)
        else:
            counts = kept.get("counts", {})
            work = partial(_tables, network=name, counts=counts, wanted=wanted, periods=periods)
        frames, problems = connection.reading(work)
        if _mark(connection.head()) == _mark(head):
            break
    else:
        raise RequestError.of("network_changed", value=name)
    network = _network(frames, problems, kept, whole=region is not None or wanted == whole)
    if region is not None:
        network = select(network, at=at, between=between)
    elif at is not None:
        network = network.replaced({}, as_of=parse_date(at, "at"))
    return network if wanted == whole else network.replaced(narrow(network.frames, wanted))


def _mark(head: Mapping[str, Any] | None) -> list[Any]:
    """Return what changes with every batch that is written."""
    return [] if head is None else [head[key] for key in ("state", "token", "step")]


def _periods(at: Day | None, between: tuple[Day, Day] | None) -> list[pages.Period]:
    found = []
    if between is not None:
        first, last = parse_date(between[0], "start"), parse_date(between[1], "end")
        if last < first:
            raise OptionError.of("reversed_dates", column="end", start=first, end=last)
        found.append((first, last))
    if at is not None:
        day = parse_date(at, "at")
        found.append((day, day))
    return found


def _tables(
    tx: neo4j.ManagedTransaction,
    network: str,
    counts: Mapping[str, int],
    wanted: Wanted,
    periods: Sequence[pages.Period],
) -> tuple[dict[str, pd.DataFrame], list[Problem]]:
    """Return tables as loose frames, and what is wrong with their cells."""
    problems: list[Problem] = []
    frames: dict[str, pd.DataFrame] = {}
    read = [kind for kind in schema.kinds() if kind in wanted]
    for name, asked in wanted.items():
        progress.step("step_read", name)
        table = schema.tables()[name]
        # A reference to a kind that is not read becomes empty.
        keys = [
            key
            for key in asked
            if table.columns[key].type != "ref" or table.columns[key].values[0] in read
        ]
        if table.nature == "kind":
            frames[name] = pages.frame(name, keys, pages.nodes(tx, network, name, keys), problems)
            problems += _nameless(tx, network, name)
            continue
        ends = ("source", "target") if table.is_relation else ("source",)
        kinds = {
            end: [k for k in read if not table.is_relation or k in table.ends(end)] for end in ends
        }
        # Along the end with fewer nodes: the fewer, the quicker.
        by = min(ends, key=lambda end: sum(counts.get(kind, 0) for kind in kinds[end]))
        found = (
            page
            for kind in kinds[by]
            for page in pages.rows(tx, network, name, keys, {**kinds, by: [kind]}, by, periods)
        )
        frames[name] = pages.frame(name, keys, found, problems)
    if set(schema.tables()) == set(wanted):
        problems += _lost(tx, network, len(frames["observations"]))
    if periods and "led" in frames.get("alliance", ()):
        frames["alliance"] = _marked(tx, network, frames["alliance"], periods)
    return frames, problems


def _marked(
    tx: neo4j.ManagedTransaction,
    network: str,
    alliances: pd.DataFrame,
    periods: Sequence[pages.Period],
) -> pd.DataFrame:
    """Mark the alliances whose last core the periods leave out, as `Network.between` does."""
    query = (
        "MATCH (g:Alliance {network: $network})<-[r:MEMBER_OF {role: 'core'}]-(:School) "
        "WITH g, count(CASE WHEN all(p IN $periods "
        "WHERE NOT coalesce(r.start > p[1] OR r.end < p[0], false)) THEN 1 END) AS left "
        "WHERE left = 0 RETURN g.id AS id"
    )
    found = tx.run(query, network=network, periods=[list(period) for period in periods])
    lost = [record["id"] for record in found]
    if not lost:
        return alliances
    return alliances.assign(led=alliances["led"].mask(alliances["id"].isin(lost), True))


def _nameless(tx: neo4j.ManagedTransaction, network: str, kind: str) -> list[Problem]:
    """Return the nodes of a kind that no id can be read of."""
    query = (
        f"MATCH (n:{model.label_of(kind)}) WHERE n.network = $network "
        "AND NOT coalesce(n.id <> '' AND n.id = toStringOrNull(n.id), false) "
        "RETURN elementId(n) ORDER BY elementId(n)"
    )
    return [
        Problem("error", "node_without_id", file=model.label_of(kind), value=record[0])
        for record in tx.run(query, network=network)
    ]


def _lost(tx: neo4j.ManagedTransaction, network: str, read: int) -> list[Problem]:
    """Return a problem if there are more observations than hang on nodes."""
    query = f"MATCH (o:{model.OBSERVATION} {{network: $network}}) RETURN count(o)"
    lost = tx.run(query, network=network).single(strict=True)[0] - read
    params = {"count": lost, "network": json.dumps(network, ensure_ascii=False)}
    problem = Problem("error", "observations_lost", file=model.OBSERVATION, params=params)
    return [problem] if lost > 0 else []


def _network(
    frames: Mapping[str, pd.DataFrame],
    problems: Sequence[Problem],
    kept: Mapping[str, Any],
    *,
    whole: bool,
) -> Network:
    """Return the network of frames and of what was kept beside them.

    Rows that are not `whole` may look alike and are not.
    """

    def locate(table: str, position: int) -> dict[str, Any]:
        return pages.place(table, frames[table], position)

    attributes = attributes_of(kept)
    built, found = build(frames, as_of=attributes["as_of"], locate=locate, closed=True, merge=whole)
    if errors := [*problems, *found.of("error")]:
        raise DataError(errors)
    # What building finds of data as it was pushed is in its report already.
    loops = [problem for problem in found.problems if problem.code == "self_tie"]
    if loops or found.tables:
        report = attributes["report"]
        attributes["report"] = LoadReport(
            (*report.tables, *found.tables), (*report.problems, *loops)
        )
    return Network(built, **attributes)

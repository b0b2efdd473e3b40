"""A generated province in the stores: Neo4j and Parquet, each against its twin written by hand.

The twins are what one writes with the driver or pandas alone. Both push the same network in the
same batches into the same real server, each into a network of its own, and read it in turn. Run
with ``make bench``; the table goes to ``docs/benchmarks.md``.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import neo4j
import pandas as pd
from page import ROOT, Job, machine, measure, run, write_part

import liantu
from liantu.graph import schema
from liantu.stores.server import ServerStore, model, push

URI = "LIANTU_BENCHMARK_URI"  # tells the jobs where the server is


def timed(work: Callable[[], Any]) -> tuple[Any, dict[str, Any]]:
    begin = time.perf_counter()
    found = work()
    return found, {"seconds": time.perf_counter() - begin}


def stored(folder: Path) -> liantu.Network:
    network = liantu.read(folder / "province.liantu")
    assert network.fingerprint
    return network


# -- Neo4j: push -------------------------------------------------------------------------------


def push_ours(folder: Path) -> dict[str, Any]:
    network = stored(folder)
    with ServerStore(f"{os.environ[URI]}?network=ours") as store:
        return timed(lambda: store.write(network))[1]


def push_by_hand(folder: Path) -> dict[str, Any]:
    """A map a row, `UNWIND`, managed transactions; nodes are found by the same constraints."""
    frames = stored(folder).plain_frames()
    with driver() as connected, connected.session() as session:
        for statement in model.constraints():
            session.run(statement).consume()
        return timed(lambda: _push(session, frames))[1]


def _push(session: neo4j.Session, frames: Mapping[str, pd.DataFrame]) -> None:
    for query, rows in _batches(frames):
        session.execute_write(
            lambda tx, query=query, rows=rows: tx.run(query, network="twin", rows=rows).consume()
        )


def _batches(frames: Mapping[str, pd.DataFrame]) -> Iterator[tuple[str, list[Any]]]:
    for name, table in schema.tables().items():
        for kinds, frame in _by_kinds(name, frames[name]):
            labels = [model.label_of(kind) for kind in kinds]
            if table.nature == "kind":
                query = f"CREATE (n:{labels[0]}) SET n = row.properties, n.network = $network"
            elif table.is_relation:
                query = (
                    f"MATCH (a:{labels[0]} {{network: $network, id: row.source}}) "
                    f"MATCH (b:{labels[1]} {{network: $network, id: row.target}}) "
                    f"CREATE (a)-[r:{model.type_of(name)}]->(b) SET r = row.properties"
                )
            else:
                query = (
                    f"MATCH (n:{labels[0]} {{network: $network, id: row.id}}) "
                    "CREATE (n)-[:OBSERVED]->(o:Observation) "
                    "SET o = row.properties, o.network = $network"
                )
            keys = [column.name for column in model.properties(name)]
            properties = frame[keys].astype(object)
            for key in frame[keys].select_dtypes("datetime"):
                properties[key] = frame[key].dt.date
            rows = [
                {key: value for key, value in row.items() if not pd.isna(value)}
                for row in properties.to_dict("records")
            ]
            ends = frame[[key for key in ("source", "target", "id") if key in frame]]
            records = [
                {**row, "properties": known}
                for row, known in zip(ends.to_dict("records"), rows, strict=True)
            ]
            for start in range(0, len(records), push.BATCH):
                yield f"UNWIND $rows AS row {query}", records[start : start + push.BATCH]


def _by_kinds(name: str, frame: pd.DataFrame) -> Iterator[tuple[list[str], pd.DataFrame]]:
    table = schema.tables()[name]
    if table.nature == "kind":
        yield [name], frame
        return
    if table.is_relation:
        ends = [(end, f"{end}_kind", table.ends(end)[0]) for end in ("source", "target")]
        keys = [frame.get(kind, pd.Series(only, frame.index)) for _, kind, only in ends]
    else:
        keys = [frame["kind"]]
    for kinds, rows in frame.groupby(keys):
        yield [str(kind) for kind in kinds], rows


# -- Neo4j: pull -------------------------------------------------------------------------------


def pull_ours(folder: Path) -> dict[str, Any]:
    with ServerStore(f"{os.environ[URI]}?network=ours") as store:
        network, found = timed(store.read)
    wanted = stored(folder)
    assert network.fingerprint == wanted.fingerprint
    return found


def _pull_by_hand(frame_of: Callable[[neo4j.Result], pd.DataFrame]) -> Job:
    """Return a job that runs one query a kind and relation, all columns, and makes frames."""

    def pull(folder: Path) -> dict[str, Any]:
        with driver() as connected, connected.session() as session:
            frames, found = timed(
                lambda: {
                    name: frame_of(session.run(_query(name), network="ours"))
                    for name in schema.tables()
                }
            )
        counts = liantu.open_store(folder / "province.liantu").about()["counts"]
        assert {name: len(frame) for name, frame in frames.items() if len(frame)} == counts
        return found

    return pull


def _query(name: str) -> str:
    table = schema.tables()[name]
    keys = [column.name for column in model.properties(name)]
    ends = "labels(a)[0] AS source_kind, a.id AS source"
    if table.nature == "kind":
        shown = ", ".join(f"n.{key} AS {key}" for key in keys)
        return f"MATCH (n:{model.label_of(name)} {{network: $network}}) RETURN {shown}"
    shown = ", ".join(f"r.{key} AS {key}" for key in keys)
    if table.is_relation:
        return (
            f"MATCH (a {{network: $network}})-[r:{model.type_of(name)}]->(b {{network: $network}}) "
            f"RETURN {ends}, labels(b)[0] AS target_kind, b.id AS target, {shown}"
        )
    return f"MATCH (a)-[:OBSERVED]->(r:Observation {{network: $network}}) RETURN {ends}, {shown}"


def driver() -> neo4j.Driver:
    address = urlsplit(os.environ[URI])
    return neo4j.GraphDatabase.driver(
        f"{address.scheme}://{address.hostname}:{address.port}",
        auth=(address.username, address.password),
        notifications_min_severity="OFF",
    )


# -- Parquet -----------------------------------------------------------------------------------


def write_ours(folder: Path) -> dict[str, Any]:
    network = stored(folder)
    shutil.rmtree(folder / "ours.liantu", ignore_errors=True)
    with liantu.open_store(folder / "ours.liantu") as store:
        return timed(lambda: store.write(network))[1]


def write_by_hand(folder: Path) -> dict[str, Any]:
    network = stored(folder)
    (folder / "twin").mkdir(exist_ok=True)

    def write() -> None:
        for name, frame in _frames(network).items():
            frame.to_parquet(folder / "twin" / f"{name}.parquet", compression="zstd")

    return timed(write)[1]


def read_ours(folder: Path) -> dict[str, Any]:
    return timed(lambda: liantu.read(folder / "ours.liantu"))[1]


def read_by_hand(folder: Path) -> dict[str, Any]:
    files = sorted((folder / "twin").glob("*.parquet"))
    return timed(lambda: [pd.read_parquet(file) for file in files])[1]


def _frames(network: liantu.Network) -> dict[str, pd.DataFrame]:
    """Return the tables as Python gives them: ends are categoricals."""
    found = {kind: network.nodes(kind) for kind in schema.kinds()}
    found |= {name: network.relation(name) for name in schema.relations()}
    return {**found, "observations": network.observations}


# -- the table ---------------------------------------------------------------------------------

JOBS: dict[str, Job] = {
    "push": push_ours,
    "push by hand": push_by_hand,
    "pull": pull_ours,
    "pull by hand, records": _pull_by_hand(
        lambda result: pd.DataFrame([record.data() for record in result])
    ),
    "pull by hand, to_df": _pull_by_hand(lambda result: result.to_df()),
    "write Parquet": write_ours,
    "write Parquet by hand": write_by_hand,
    "read Parquet": read_ours,
    "read Parquet by hand": read_by_hand,
}
PAIRS = {
    "push": "push by hand",
    "pull, against records": "pull by hand, records",
    "pull, against `Result.to_df`": "pull by hand, to_df",
    "write Parquet": "write Parquet by hand",
    "read Parquet": "read Parquet by hand",
}


Runs = dict[str, dict[str, Any]]


def runs(folder: Path, repeat: int) -> tuple[Runs, Runs]:
    """Run every job in turn, so that all see the same machine; return the first and best runs."""
    first: Runs = {}
    best: Runs = {}
    for _ in range(repeat):
        for name in ("ours", "twin"):  # each push finds no network of its name
            with ServerStore(f"{os.environ[URI]}?network={name}") as store:
                store.delete()
        for job in JOBS:
            found = measure(__file__, job, folder)
            print(f"{job}: {found['seconds']:.2f} s, {found['mib']:.0f} MiB", flush=True)
            first.setdefault(job, found)
            if job not in best or found["seconds"] < best[job]["seconds"]:
                best[job] = found
    return first, best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schools", type=int, default=20_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--job")
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    if given.job:
        run(JOBS, given.job, given.folder)
        return
    sys.path.insert(0, str(ROOT / "scripts" / "neo4j"))
    from server import running

    from liantu.loaders.generate import generate

    with tempfile.TemporaryDirectory() as name, running() as server:
        folder = Path(name)
        generate(folder / "lists", schools=given.schools, seed=1)
        network = liantu.read(folder / "lists")
        with liantu.open_store(folder / "province.liantu") as store:
            store.write(network)
        os.environ[URI] = server.uri.replace("://", f"://neo4j:{server.password}@")
        first, best = runs(folder, given.repeat)
    rows = []
    for title, twin in PAIRS.items():
        ours, theirs = best[title.split(",")[0]], best[twin]
        cells = [f"{run['seconds']:.2f} | {run['mib']:.0f}" for run in (ours, theirs)]
        ratio = theirs["seconds"] / ours["seconds"]
        cold = first[twin]["seconds"] / first[title.split(",")[0]]["seconds"]
        rows.append(f"| {title} | {' | '.join(cells)} | {ratio:.2f} | {cold:.2f} |")
        print(rows[-1])
    lines = [
        "A generated province in a real Neo4j 5.26 Community server and in a Parquet folder, each",
        "against the same done by hand with the driver or pandas alone. Every job runs in a",
        f"process of its own, in turn; the best of {given.repeat} runs stands here, *first* is the",
        "ratio of the first runs, on a server just started. Memory is the peak of the client.",
        "",
        f"- Machine: {machine('pandas', 'pyarrow', 'neo4j')}; the server runs on it too",
        f"- Date: {date.today()}",
        f"- Data: `{network!r}`",
        "",
        "| job | liantu s | liantu MiB | by hand s | by hand MiB | by hand ÷ liantu | first |",
        "|---|---:|---:|---:|---:|---:|---:|",
        *rows,
        "",
        f"*Push by hand*: `UNWIND` of maps in the same batches of {push.BATCH:,} rows, each in a",
        "transaction, with the same constraints, into a network of its own. *Pull by hand*: one",
        "`session.run` a kind and relation with all columns; *records*: `DataFrame` of",
        "`record.data()`. Pull by liantu includes types, checks and order, which these lack.",
        "*Parquet by hand*: `to_parquet` and `read_parquet` of the same frames with zstd; liantu",
        "also keeps and checks digests of what it reads, and waits until every file is on disk.",
    ]
    write_part("Stores", lines)


if __name__ == "__main__":
    main()

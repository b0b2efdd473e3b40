"""Coverage on Spark and DuckDB beside ours: processor seconds against the number of rows.

``python benchmarks/spark.py FOLDER [SCHOOLS …] [--engines ours duckdb spark]``: makes a store of
each size in the folder, then runs each job in a process of its own. Prints a table; it is copied
into docs/benchmarks.md by hand, with the load of the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

ENGINES = ("ours", "duckdb", "spark")


def make(folder: Path, schools: int) -> tuple[Path, int]:
    import liantu
    from liantu.graph import schema
    from liantu.graph.network import Network
    from liantu.loaders.generate import AS_OF, region

    path = folder / f"{schools}.liantu"
    if not path.exists():
        network = Network.from_frames(region(schools, seed=1), as_of=AS_OF)
        with liantu.open_store(path) as store:
            store.write(network)
    counts = liantu.open_store(path).about()["counts"]
    return path, sum(counts.get(name, 0) for name in schema.relations())


def job(engine: str, path: str) -> dict[str, float]:
    began = time.perf_counter()
    import liantu
    import liantu.spark

    java = 0.0
    if engine == "ours":
        rows = len(liantu.coverage(liantu.read(path)).table)
    else:
        if engine == "duckdb":
            import duckdb

            session = duckdb.connect()
            ready = time.perf_counter()
            rows = liantu.spark.open(session, path).coverage().to_arrow_table().num_rows
        else:
            from liantu.spark.session import session as start

            session = start("local[2]", {"spark.driver.memory": "3g"})
            pid, started = session.sparkContext._gateway.proc.pid, 0.0
            started, ready = java_seconds(pid), time.perf_counter()
            rows = liantu.spark.open(session, path).coverage().toArrow().num_rows
            java = java_seconds(pid)
    used = resource.getrusage(resource.RUSAGE_SELF)
    found = {"rows": rows, "wall": time.perf_counter() - began}
    found |= {"processor": used.ru_utime + used.ru_stime + java}
    if engine != "ours":
        found["start_wall"] = ready - began
    if engine == "spark":
        found["start_java"] = started
    return found


def java_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("schools", type=int, nargs="*", default=[2_000, 20_000, 100_000, 500_000])
    parser.add_argument("--engines", nargs="*", default=ENGINES)
    parser.add_argument("--job", nargs=2)
    given = parser.parse_args()
    if given.job:
        print(json.dumps(job(*given.job)))
        return
    given.folder.mkdir(exist_ok=True)
    for schools in given.schools:
        path, relations = make(given.folder, schools)
        for engine in given.engines:
            command = [sys.executable, __file__, str(given.folder), "--job", engine, str(path)]
            found = subprocess.run(command, capture_output=True, text=True, check=True)
            said = json.loads(found.stdout.splitlines()[-1])
            load = os.getloadavg()[0]
            print(schools, relations, engine, said, f"load {load:.1f}", flush=True)


if __name__ == "__main__":
    main()

"""A generated province: liantu against the NetworkX reference, same data, same run.

Every measurement runs in a process of its own, so that peak memory is its own. Run with
``make bench``; the table goes to ``docs/benchmarks.md``.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from page import machine, measure, run, write_part


def load_ours(folder: Path) -> dict[str, Any]:
    import liantu

    begin = time.perf_counter()
    network = liantu.read(folder)
    return {"seconds": time.perf_counter() - begin, "what": repr(network)}


def load_reference(folder: Path) -> dict[str, Any]:
    """pandas.read_csv and NetworkX: every node and row, nothing checked."""
    import networkx as nx
    import pandas as pd

    from liantu.graph import schema

    begin = time.perf_counter()
    graph = nx.MultiDiGraph()
    for name, table in schema.tables().items():
        file = folder / f"{name}.csv"
        if not file.exists() or not (table.is_relation or table.nature == "kind"):
            continue
        rows = pd.read_csv(file, dtype="str", keep_default_na=False).to_dict("records")
        if table.is_relation:
            graph.add_edges_from((row.pop("source"), row.pop("target"), row) for row in rows)
        else:
            graph.add_nodes_from((row["id"], row) for row in rows)
    return {"seconds": time.perf_counter() - begin, "what": str(graph)}


def _analysis(name: str, engine: str) -> Callable[[Path], dict[str, Any]]:
    def run(folder: Path) -> dict[str, Any]:
        import liantu

        network = liantu.read(folder)
        options: dict[str, Any] = {"betweenness": "off"} if name == "centrality" else {}
        # Warm, but with another window: the projection of ties is kept and must be paid for below.
        getattr(liantu, name)(network, engine="fast", window="11m", **options)
        begin = time.perf_counter()
        result = getattr(liantu, name)(network, engine=engine, **options)
        seconds = time.perf_counter() - begin
        return {"seconds": seconds, "what": json.dumps(result.to_dict()["summary"], sort_keys=True)}

    return run


def _kernels(name: str, engine: str) -> Callable[[Path], dict[str, Any]]:
    """The kernels alone, on the arrays that the analysis hands them."""

    def run(folder: Path) -> dict[str, Any]:
        import liantu
        from liantu.graph import kernels

        network = liantu.read(folder)
        real, spent, calls = kernels.pick(engine), [0.0], [0]

        class Clocked:
            def __getattr__(self, key: str) -> Any:
                function = getattr(real, key)

                def timed(*args: Any, **kwargs: Any) -> Any:
                    begin = time.perf_counter()
                    try:
                        return function(*args, **kwargs)
                    finally:
                        spent[0] += time.perf_counter() - begin
                        calls[0] += 1

                return timed

        module = sys.modules.get(f"liantu.analyses.{name}") or __import__(
            f"liantu.analyses.{name}", fromlist=["pick"]
        )
        module.pick = lambda _engine: Clocked()
        options: dict[str, Any] = {"betweenness": "off"} if name == "centrality" else {}
        getattr(liantu, name)(network, engine="fast", **options)  # warm
        spent[0] = calls[0] = 0
        getattr(liantu, name)(network, engine="fast", **options)
        return {"seconds": spent[0], "what": f"{calls[0]} kernel calls"}

    return run


def _report(folder: Path) -> dict[str, Any]:
    import liantu
    from liantu.reports import write_report

    network = liantu.read(folder)
    with tempfile.TemporaryDirectory() as out:
        path = Path(out) / "report.html"
        write_report(network, path, source=str(folder), lang="zh")
        begin = time.perf_counter()
        write_report(network, path, source=str(folder), lang="zh")
        return {"seconds": time.perf_counter() - begin, "what": f"{path.stat().st_size:,} bytes"}


JOBS: dict[str, Callable[[Path], dict[str, Any]]] = {
    "load/fast": load_ours,
    "load/reference": load_reference,
    "report/fast": _report,
}
for _name in ("coverage", "reach", "centrality"):
    for _engine in ("fast", "reference"):
        JOBS[f"{_name}/{_engine}"] = _analysis(_name, _engine)
        JOBS[f"{_name} kernels/{_engine}"] = _kernels(_name, _engine)


def table(folder: Path, repeat: int) -> list[str]:
    lines = [
        "| job | liantu s | liantu MiB | NetworkX s | NetworkX MiB | NetworkX ÷ liantu |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    names = list(dict.fromkeys(job.split("/")[0] for job in JOBS))
    for name in names:
        runs: dict[str, list[dict[str, Any]]] = {"fast": [], "reference": []}
        for _ in range(repeat):  # in turn, so that both see the same machine
            for engine, found in runs.items():
                if f"{name}/{engine}" in JOBS:
                    found.append(measure(__file__, f"{name}/{engine}", folder))
        ours = min(runs["fast"], key=lambda run: run["seconds"])
        cells = [f"{ours['seconds']:.3f}", f"{ours['mib']:.0f}"]
        if runs["reference"]:
            theirs = min(runs["reference"], key=lambda run: run["seconds"])
            ratio = theirs["seconds"] / ours["seconds"]
            cells += [f"{theirs['seconds']:.3f}", f"{theirs['mib']:.0f}", f"{ratio:.1f}"]
            if name in ("coverage", "reach", "centrality"):
                assert ours["what"] == theirs["what"] or name == "centrality", name
        else:
            cells += ["–", "–", "–"]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
        print(lines[-1], flush=True)
    return lines


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
    from liantu.loaders.generate import generate

    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "province"
        begin = time.perf_counter()
        generate(source, schools=given.schools, seed=1)
        seconds = time.perf_counter() - begin
        what = measure(__file__, "load/fast", source)["what"]
        lines = table(source, given.repeat)
    lines = [
        "A generated province, ours against the NetworkX reference on the",
        "same data in the same run. Each job runs in a process of its own, in turn with its twin;",
        f"the best of {given.repeat} runs stands here, memory is the peak of the whole process.",
        "",
        f"- Machine: {machine('pandas', 'scipy', 'networkx')}",
        f"- Date: {date.today()}",
        f"- Data: `{what}`, generated in {seconds:.1f} s",
        "",
        *lines,
        "",
        "*Load*: CSV folder to checked network, against `pandas.read_csv` and a `MultiDiGraph`",
        "without any check. *Coverage, reach, centrality*: the whole analysis with",
        "`--engine fast` and `--engine reference`, same result; *kernels*: only the graph",
        "algorithms inside, on the same arrays. Centrality runs with `--betweenness off`.",
        "*Report*: the whole page in Chinese, second run; there is no reference for it.",
    ]
    write_part("Analyses", lines)


if __name__ == "__main__":
    main()

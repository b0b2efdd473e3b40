"""What results limited to a region rest on, found on the server from node to node.

The steps are those of `liantu.graph.select`; ids go to the server in batches, rows come in pages.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from liantu import progress
from liantu.errors import Problem
from liantu.graph import schema
from liantu.graph.build import bare
from liantu.graph.load_report import LoadReport
from liantu.graph.network import Network
from liantu.stores.server import model, pages

if TYPE_CHECKING:
    import neo4j

_ORGANISATIONS = ("center", "partner", "alliance")
_JOBS = ("works_at", "posted_to")


def tables(
    tx: neo4j.ManagedTransaction, network: str, region: str
) -> tuple[dict[str, pd.DataFrame], list[Problem]]:
    """Return the tables around a region (its id or name) as loose frames, and wrong cells."""
    problems: list[Problem] = []
    keys = {name: list(table.columns) for name, table in schema.tables().items()}
    found = _Found(tx, network)
    regions = pages.frame(
        "region", keys["region"], pages.nodes(tx, network, "region", keys["region"]), problems
    )
    inside = _inside(regions, region)
    schools = _with_parents(tx, network, found.located("school", inside))
    found.touch("school", schools)
    teachers = found.tied(_JOBS)["teacher"]
    found.touch("teacher", teachers)
    core = {"school": schools, "teacher": teachers, "region": inside}
    tied = found.tied(schema.relations())
    for kind in _ORGANISATIONS:
        core[kind] = tied[kind] | found.located(kind, inside)
    for kind in (*_ORGANISATIONS, "region"):
        found.touch(kind, core[kind])
    tied = found.tied(schema.relations())
    nodes = {kind: tied[kind] | core[kind] for kind in schema.kinds()}
    found.touch("teacher", nodes["teacher"] - teachers, ("works_at",))
    nodes["school"] |= found.tied(("works_at",))["school"]

    frames = {"region": regions}
    nodes["region"] = set(regions["id"].dropna())
    for kind in schema.kinds():
        if kind != "region":
            progress.step("step_read", kind)
            some = pages.nodes(tx, network, kind, keys[kind], sorted(nodes[kind]))
            frames[kind] = pages.frame(kind, keys[kind], some, problems)
    for name in schema.relations():
        rows = pages.frame(name, [*keys[name], "row"], found.pages[name], problems)
        frames[name] = rows.drop_duplicates("row", ignore_index=True).drop(columns="row")
    figures = (
        page
        for kind in schema.kinds()
        for page in pages.rows(
            tx, network, "observations", keys["observations"], {"source": (kind,)}, "source",
            ids=sorted(nodes[kind]),
        )
    )  # fmt: skip
    frames["observations"] = pages.frame("observations", keys["observations"], figures, problems)
    once = {(problem.file, problem.column, problem.value): problem for problem in problems}
    return frames, list(once.values())


@dataclass
class _Found:
    """Rows that were found, some of them twice, and the nodes that they tie."""

    tx: neo4j.ManagedTransaction
    network: str
    pages: dict[str, list[pages.Page]] = field(
        default_factory=lambda: {name: [] for name in schema.relations()}
    )

    def touch(self, kind: str, ids: set[str], relations: Iterable[str] = ()) -> None:
        """Fetch the rows with one of these nodes at an end or in a reference."""
        for name in relations or schema.relations():
            table = schema.tables()[name]
            progress.step("step_read", name)
            ends = {end: table.ends(end) for end in ("source", "target")}
            for key, column in table.columns.items():
                if column.type in ("end", "ref") and kind in column.values:
                    kinds = {**ends, key: (kind,)} if key in ends else ends
                    keys = [*table.columns, "row"]
                    self.pages[name] += pages.rows(
                        self.tx, self.network, name, keys, kinds, key, ids=sorted(ids)
                    )

    def tied(self, relations: Iterable[str]) -> dict[str, set[str]]:
        """Return the nodes at the ends and in the references of rows, by kind."""
        found: dict[str, set[str]] = {kind: set() for kind in schema.kinds()}
        for name in relations:
            for key, column in schema.tables()[name].columns.items():
                if column.type not in ("end", "ref"):
                    continue
                for page in self.pages[name]:
                    kinds = page.get(f"{key}_kind", column.values * len(page[key]))
                    for kind, own in set(zip(kinds, page[key], strict=True)):
                        if isinstance(own, str):
                            found[kind].add(own)
        return found

    def located(self, kind: str, regions: set[str]) -> set[str]:
        """Return the nodes of a kind in these regions."""
        query = (
            f"MATCH (n:{model.label_of(kind)}) WHERE n.network = $network "
            "AND n.region IN $regions AND n.id IS NOT NULL RETURN n.id"
        )
        return set(self.tx.run(query, network=self.network, regions=sorted(regions)).value())


def _inside(regions: pd.DataFrame, region: str) -> set[str]:
    """Return a region and its descendants."""
    frames = {name: bare(name) for name in schema.tables()} | {"region": regions.set_index("id")}
    focused = Network(frames, as_of=None, title="", report=LoadReport()).focus(region)
    return set(focused.nodes("region").index[focused.reported("region")])


def _with_parents(tx: neo4j.ManagedTransaction, network: str, schools: set[str]) -> set[str]:
    """Return schools and those they are affiliated to, however many steps up."""
    kinds = {"source": ("school",), "target": ("school",)}
    found, fresh = set(schools), schools
    while fresh:
        above = pages.rows(
            tx, network, "affiliated_to", ["target"], kinds, "source", ids=sorted(fresh)
        )
        fresh = {own for page in above for own in page["target"]} - found
        found |= fresh
    return found

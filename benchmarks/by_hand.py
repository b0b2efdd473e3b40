"""What a user would write by hand: coverage and reach of a CSV folder with pandas and NetworkX.

No checks, no names, no dates but plain ones; only the counts. `benchmarks/whole.py` runs it.
"""

import json
import sys
from pathlib import Path

import networkx as nx
import pandas as pd

folder, day, since = Path(sys.argv[1]), "2026-09-01", "2025-09-01"


def table(name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv", dtype="str", keep_default_na=False)


def dated(name: str, begin: str = day) -> pd.DataFrame:
    rows = table(name)  # in force on the day, or overlapping the year before it
    late = rows["end"] > begin if begin < day else rows["end"] >= begin
    return rows[(rows["start"] <= day) & ((rows["end"] == "") | late)]


schools = table("school").set_index("id")
schools = schools[
    (schools["opened"] <= day) & ((schools["closed"] == "") | (schools["closed"] > day))
]
works = table("works_at").set_index("source")["target"]
graph = nx.DiGraph()
graph.add_nodes_from(schools.index)
members = dated("member_of")
cores = members[members["role"] == "core"]
led = table("member_of").query("role == 'core'")["target"]  # the others help one another
givers = pd.concat([cores, members[~members["target"].isin(led)]])
pairs = givers.merge(members, on="target", suffixes=("", "_to"))
graph.add_edges_from(zip(pairs["source"], pairs["source_to"], strict=True))
for row in dated("assists").itertuples():
    graph.add_edge(row.source, row.target)
    if row.form == "partnership":
        graph.add_edge(row.target, row.source)
for row in dated("posted_to", since).itertuples():
    home = row.home or works.get(row.source, "")
    ends = (row.target, home) if row.form in ("shadowing", "training") else (home, row.target)
    graph.add_edges_from([ends] if home else [])
for row in dated("mentors", since).itertuples():
    graph.add_edge(works[row.source], works[row.target])
joins = dated("joins")
joins["school"] = (
    joins["source"].map(works).where(joins["source_kind"] == "teacher", joins["source"])
)
hosts = joins[joins["role"].isin(["host", "base"])]
pairs = hosts.merge(joins[joins["role"] == "member"], on="target", suffixes=("", "_to"))
graph.add_edges_from(zip(pairs["school"], pairs["school_to"], strict=True))
lessons = table("delivers")
lessons = lessons[(lessons["date"] > since) & (lessons["date"] <= day)]
lessons = lessons[lessons["target_kind"] == "school"]
host_of = hosts.drop_duplicates("target").set_index("target")["school"]
for row in lessons.itertuples():
    giver = works.get(row.source) if row.source_kind == "teacher" else row.source
    graph.add_edge(
        host_of.get(row.source, row.source) if row.source_kind == "center" else giver, row.target
    )
graph.remove_edges_from(list(nx.selfloop_edges(graph)))
graph.remove_nodes_from(set(table("school")["id"]) - set(schools.index))
giving = []
for row in dated("supports").itertuples():  # money lifts nobody, but it reaches
    whom = (
        members[members["target"] == row.target]["source"] if row.target_kind == "alliance" else []
    )
    whom = [row.target] if row.target_kind == "school" else whom
    giving += [(row.source, school, row.form) for school in whom if school in schools.index]
up = dated("affiliated_to")
parents = nx.DiGraph(list(zip(up["source"], up["target"], strict=True)))
working = cores[cores["target"].map(members["target"].value_counts()) > 1]["source"]
covered = {node for node in graph if graph.in_degree(node)} | set(working)
covered |= {to for _, to, form in giving if form not in ("funding", "donation", "sister")}
graph.add_edges_from((source, to) for source, to, _ in giving)
for node in list(covered):
    if node in parents:
        covered |= nx.ancestors(parents, node)
rural = schools.index[schools["urban_rural"].isin(["210", "220"])]
helpers = [node for node in graph if graph.out_degree(node)]
near = {g: nx.single_source_shortest_path_length(graph, g, cutoff=2) for g in helpers}
reached = set().union(*(set(found) - {giver} for giver, found in near.items()))
print(json.dumps({
    "in_scope": len(rural), "covered": len(covered.intersection(rural)),
    "supporters": len(helpers), "schools_reached": len(reached.intersection(schools.index)),
}))  # fmt: skip

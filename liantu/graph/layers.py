"""What can be looked at as a network: the ties between schools, or the rows of one relation."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from liantu.errors import Message, RequestError
from liantu.graph import schema
from liantu.graph.kernels import Bools, Ints
from liantu.graph.network import Network
from liantu.graph.spans import day_number
from liantu.graph.study import study


def layers() -> tuple[str, ...]:
    """Return what can be ranked: the ties between schools, or the rows of one relation.

    Examples
    --------
    >>> layers()
    ('support', 'part_of', 'assists', 'affiliated_to', 'mentors', 'pact')
    """
    return ("support", *schema.relations_with("layer"))


# nodes (id, kind, name, number: among the nodes of ties, or of its kind), ends, notes
Layered = tuple[pd.DataFrame, Ints, Ints, list[Message]]


def support_layer(network: Network, day: date, window: str) -> Layered:
    """Return all open schools and other supporters with a tie, and the tie set."""
    known = study(network)
    ties = known.tie_set(day, window)
    graph = ties.graph
    keep = np.zeros(graph.n, dtype=np.bool_)
    keep[: len(ties.opened)] = ties.opened
    keep[graph.source] = True
    code = np.cumsum(keep) - 1
    nodes = known.nodes()[keep].rename_axis("number").reset_index()
    return nodes, code[graph.source], code[graph.target], list(ties.notes)


def relation_layer(network: Network, name: str, day: date) -> Layered:
    """Return all nodes of a relation's kind (open schools alone), and its states in force."""
    edges = network.edges(name)
    kind = _kind(name, network.relation(name))
    base = network.numbering.base(kind)
    source, target = edges.source - base, edges.target - base
    every = network.nodes(kind)
    keep = np.ones(len(every), dtype=bool) if kind != "school" else network.open_schools(day)
    now = edges.holds(day_number(day)) & keep[source] & keep[target]
    code = np.cumsum(keep) - 1
    nodes = pd.DataFrame({"id": every.index, "kind": kind, "name": every["name"].to_numpy()})
    undated = int((edges.stated & ~edges.dated).sum())
    counts = {"undated_states": undated, "ambiguous_rows": int((~edges.stated).sum())}
    notes = [Message(key, {"count": count}) for key, count in counts.items() if count]
    nodes = nodes[keep].rename_axis("number").reset_index()
    return nodes, code[source[now]], code[target[now]], notes


def _kind(layer: str, frame: pd.DataFrame) -> str:
    """Return the kind that both ends of a relation are of."""
    kinds = schema.tables()[layer].ends("source")
    if len(kinds) == 1:
        return kinds[0]
    used = {*frame["source_kind"], *frame["target_kind"]}
    if len(used) > 1:
        teachers = int((frame["source_kind"] == "teacher").sum())
        others = len(frame) - teachers
        raise RequestError.of("mixed_mentoring", teachers=teachers, schools=others)
    return next(iter(used), kinds[0])


def numbered(label: Ints, ids: pd.Series) -> Ints:
    """Number components by size, the largest 1, and equals by their smallest id of any kind."""
    size = np.bincount(label)[1:]
    place, _ = pd.factorize(ids, sort=True)
    smallest = np.full(len(size), len(ids))
    np.minimum.at(smallest, label - 1, place)
    number = np.empty(len(size), dtype=label.dtype)
    number[np.lexsort((smallest, -size))] = np.arange(1, len(size) + 1)
    found: Ints = number[label - 1]
    return found


def shown(network: Network, nodes: pd.DataFrame) -> Bools:
    """Return which nodes lie in the region in focus; kinds without a region are all shown."""
    found = np.ones(len(nodes), dtype=bool)
    for kind in nodes["kind"].unique():
        if kind != "teacher":
            here = (nodes["kind"] == kind).to_numpy()
            places = network.nodes(kind).index.get_indexer(pd.Index(nodes.loc[here, "id"]))
            found[here] = network.reported(kind)[places]
    return found

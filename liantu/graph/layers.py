"""What can be looked at as a network: the ties between schools, or the rows of one relation."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from liantu.errors import Message, RequestError
from liantu.graph import schema
from liantu.graph.kernels import Bools, Floats, Ints
from liantu.graph.network import Network
from liantu.graph.spans import day_number
from liantu.graph.study import study
from liantu.graph.weights import pair_weights, row_weights


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
    keep, now = _holding(network, name, kind, day)
    code = np.cumsum(keep) - 1
    nodes = pd.DataFrame({"id": every.index, "kind": kind, "name": every["name"].to_numpy()})
    undated = int((edges.stated & ~edges.dated).sum())
    counts = {"undated_states": undated, "ambiguous_rows": int((~edges.stated).sum())}
    notes = [Message(key, {"count": count}) for key, count in counts.items() if count]
    nodes = nodes[keep].rename_axis("number").reset_index()
    return nodes, code[source[now]], code[target[now]], notes


def _holding(network: Network, name: str, kind: str, day: date) -> tuple[Bools, Bools]:
    """Return which nodes of a kind count, and which rows of a relation tie them on a day."""
    edges, base = network.edges(name), network.numbering.base(kind)
    keep = np.ones(network.size(kind), dtype=bool)
    if kind == "school":
        keep = network.open_schools(day)
    ends = keep[edges.source - base] & keep[edges.target - base]
    return keep, edges.holds(day_number(day)) & ends


def layer_weights(
    network: Network, layer: str, day: date, window: str, *, shortest: bool
) -> tuple[Floats, int]:
    """Return the weight of each tie of a layer, in its order, and how many state none.

    These weigh 1. A pair of the tie set has the sum of those of its ties, or their least.
    """
    if layer == "support":
        return pair_weights(network, study(network).tie_set(day, window), shortest=shortest)
    _, now = _holding(network, layer, _kind(layer, network.relation(layer)), day)
    weight = row_weights(network, layer)[now]
    return np.where(np.isnan(weight), 1.0, weight), int(np.isnan(weight).sum())


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

"""Who supports which school on a day, as a graph to take away into other libraries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from importlib import import_module
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import pandas as pd

from liantu.errors import RequestError
from liantu.graph import schema
from liantu.graph.cover import months_by
from liantu.graph.kernels import Bools, Ints
from liantu.graph.spans import LOW, dates
from liantu.graph.study import study
from liantu.graph.ties import NODE_KINDS, TieSet
from liantu.graph.views import records
from liantu.graph.weights import pairs_of, tie_weights
from liantu.options import parse_date, parse_list

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from liantu.graph.network import Network

BETWEEN = "|"  # words of one attribute


class SupportGraph(nx.DiGraph):  # type: ignore[misc]
    """A NetworkX graph of who supports which school; see `Network.support_graph`.

    It can be altered like any other. What the methods return stands on its nodes and edges as they
    are then; numbers of nodes are their places in ``list(graph)``.
    """

    def to_scipy(self, weight: str | None = "weight") -> csr_array[Any]:
        """Return the adjacency matrix: row the giver, column the receiver.

        Parameters
        ----------
        weight
            The attribute of edges that stands in the cells; None for ones.
        """
        found: csr_array[Any] = nx.to_scipy_sparse_array(self, weight=weight, format="csr")
        return found

    def to_pandas_edgelist(self) -> pd.DataFrame:
        """Return one row an edge: ``source``, ``target`` and every attribute."""
        found: pd.DataFrame = nx.to_pandas_edgelist(self)
        return found

    def to_igraph(self) -> Any:
        """Return an ``igraph.Graph``: ``name`` is the node's key, ``label`` its name.

        Raises
        ------
        RequestError
            If igraph is not installed. It is under the GPL, so liantu never brings it.
        """
        igraph = _library("igraph")
        place = {node: number for number, node in enumerate(self)}
        nodes = _columns(dict(data) for _, data in self.nodes(data=True))
        nodes["label"] = nodes.pop("name", [None] * len(place))
        return igraph.Graph(
            n=len(place),
            edges=[(place[a], place[b]) for a, b in self.edges],
            directed=True,
            vertex_attrs={"name": list(self), **nodes},
            edge_attrs=_columns(data for *_, data in self.edges(data=True)),
        )

    def to_networkit(self) -> Any:
        """Return a weighted, directed ``networkit.Graph``; its nodes are numbers.

        Raises
        ------
        RequestError
            If networkit is not installed.
        """
        return _library("networkit").nxadapter.nx2nk(self, weightAttr="weight")


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        raise RequestError.of("library_missing", value=name) from None


def _columns(rows: Any) -> dict[str, list[Any]]:
    """Return records as columns, None where one lacks a value."""
    listed = list(rows)
    keys = dict.fromkeys(key for row in listed for key in row)
    return {key: [row.get(key) for row in listed] for key in keys}


def support_graph(
    network: Network,
    as_of: str | date | None = None,
    *,
    window: str = "12m",
    basis: Sequence[str] | str | None = None,
) -> SupportGraph:
    """Return who supports which school on a day as a graph; see `Network.support_graph`."""
    day = parse_date(as_of) if as_of is not None else network.as_of or date.today()
    ties = study(network).tie_set(day, window, parse_list(basis))
    every, pairs = ties.ties, ties.graph
    there = np.zeros(every.nodes, dtype=np.bool_)
    there[: every.schools] = ties.opened
    there[pairs.source] = True
    keys: list[str | None] = []
    graph = SupportGraph(as_of=day, window=window)
    for kind in NODE_KINDS:
        here = there[len(keys) : len(keys) + network.size(kind)]
        frame = network.nodes(kind)[here]
        rows = [{"kind": kind, **row} for row in records(frame)]
        names = (f"{kind}:" + frame.index).tolist()
        graph.add_nodes_from(zip(names, rows, strict=True))
        placed = np.full(len(here), None, dtype=object)
        placed[here] = names
        keys += placed.tolist()
    edges = records(_edges(network, ties))
    ends = zip(pairs.source.tolist(), pairs.target.tolist(), edges, strict=True)
    graph.add_edges_from((keys[a], keys[b], data) for a, b, data in ends)
    return graph


def _edges(network: Network, ties: TieSet) -> pd.DataFrame:
    """Return the attributes of each pair of the tie set."""
    every, pairs = ties.ties, ties.graph
    now = np.flatnonzero(ties.current)
    pair, size = pairs_of(pairs, every.source[now], every.target[now]), len(pairs.source)
    forms = [schema.forms().get(form) for form in network.forms]
    near = np.array([form.closeness or 0 if form else 0 for form in forms] + [0])
    closeness = np.zeros(size, dtype=np.int64)
    np.maximum.at(closeness, pair, near[every.form[now]])
    since = np.full(size, -LOW)
    np.minimum.at(since, pair, every.start[now])
    acting = ties.active[now]
    return pd.DataFrame(
        {
            "basis": _words(pair, every.basis[now], every.bases, size),
            "form": _words(pair, every.form[now], network.forms, size),
            "closeness": pd.array(closeness, "Int64"),
            "in_force": _any(pair[ties.in_force[now]], size),
            "months": months_by(ties, pair[acting], size),
            "ties": np.bincount(pair, minlength=size),
            "weight": np.bincount(pair, tie_weights(network, ties)[now], size),
            "since": dates(since),
        }
    ).assign(closeness=lambda frame: frame["closeness"].mask(frame["closeness"] == 0))


def _any(pair: Ints, size: int) -> Bools:
    found: Bools = np.bincount(pair, minlength=size) > 0
    return found


def _words(pair: Ints, code: Any, words: Sequence[str], size: int) -> pd.Series:
    """Return the different words of each pair in order, in one text; missing where it has none."""
    known = code < len(words)
    key = np.unique(pair[known] * max(len(words), 1) + code[known])
    owner, word = key // max(len(words), 1), np.array(words, dtype=object)[key % max(len(words), 1)]
    found = pd.Series(word, index=owner, dtype="str")
    several = found.index.duplicated(keep=False)
    joined = found[several].groupby(level=0).agg(BETWEEN.join)
    every: pd.Series = pd.concat([found[~several], joined]).astype("str")
    return every.reindex(range(size))

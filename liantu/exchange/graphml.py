"""GraphML: the network for Gephi, Cytoscape, yEd and NetworkX, complete and readable again."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from liantu import collector
from liantu.errors import Message, RequestError
from liantu.exchange import graphs
from liantu.exchange.exact import Kept, about
from liantu.formats.files import replacing
from liantu.formats.seals import BLANK
from liantu.graph import schema
from liantu.graph.network import Network
from liantu.graph.views import graph_of
from liantu.paths import name_of
from liantu.vocabulary import Lang

if TYPE_CHECKING:
    import networkx as nx


def write(network: Network, path: Path, *, lang: Lang = "en") -> list[Message]:
    """Write a network as GraphML that reads back as the same network.

    Nodes and ties have a ``label`` (ties the relation in `lang`), nodes ``x`` and ``y``; dates are
    ISO texts; the figures of a node are one attribute, ``observations``, as JSON.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import networkx as nx
    >>> import pandas as pd
    >>> network = Network.from_frames({"school": pd.DataFrame({"id": ["007"], "pupils": [90]})})
    >>> with TemporaryDirectory() as folder:
    ...     _ = write(network, Path(folder, "net.graphml"))
    ...     nx.read_graphml(Path(folder, "net.graphml")).nodes["school:007"]["pupils"]
    90
    """
    import networkx as nx

    with collector.paused(), replacing(path, seals=True) as draft:
        graph = graph_of(graphs.drawn(network, lang), lambda name, number: f"{name}-{number}")
        for node, figures in graphs.figures_of(network.observations).items():
            graph.nodes[node]["observations"] = figures
        names = {"phase": "phases", "goal": "goals"}
        for key, value in about(network, network.plain_frames()).items():
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            graph.graph[names.get(key, key)] = graphs.escape(text)
        nx.write_graphml_xml(graph, draft)
        with draft.open("ab") as file:
            file.write(f"\n<!-- {BLANK} -->\n".encode())
    return []


def read(path: Path) -> nx.MultiDiGraph:
    """Return the graph of any GraphML file.

    Raises
    ------
    RequestError
        If it is damaged or no GraphML.
    """
    import networkx as nx

    try:
        with warnings.catch_warnings(), collector.paused():
            warnings.simplefilter("ignore")  # of extensions that NetworkX passes over
            return nx.read_graphml(path, force_multigraph=True)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise RequestError.of("system_error", value=str(path), reason=reason) from None
    except (nx.NetworkXError, SyntaxError, LookupError, ValueError, AttributeError) as error:
        raise RequestError.of(
            "damaged_file", file=name_of(path), value="GraphML", reason=error
        ) from None


def kept(path: Path) -> Kept:
    """Return what a GraphML file of our own holds, edited or not.

    Raises
    ------
    RequestError
        If it is damaged, or a graph that needs a mapping.
    DataError
        If a node has no kind or a tie no relation.
    """
    graph, kinds = read(path), schema.kinds()
    ours = (
        kind in kinds or str(node).partition(":")[0] in kinds
        for node, kind in graph.nodes(data="kind")
    )
    if len(graph) and not any(ours):
        raise RequestError.of("foreign_graphml", file=name_of(path))
    with collector.paused():
        return graphs.kept(graph, name_of(path), written=True)

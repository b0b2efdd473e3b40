"""GEXF: the network for Gephi, with the time that nodes and ties last."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from liantu import collector
from liantu.errors import Message
from liantu.exchange.graphs import drawn, escape
from liantu.formats.files import replacing
from liantu.formats.seals import BLANK
from liantu.graph import schema
from liantu.graph.network import Network
from liantu.graph.views import graph_of
from liantu.vocabulary import Lang

# Okabe and Ito's colours, which people who see few colours tell apart.
_COLOURS = {
    "school": (0, 114, 178), "teacher": (153, 153, 153), "center": (204, 121, 167),
    "partner": (230, 159, 0), "alliance": (0, 158, 115), "region": (240, 228, 66),
}  # fmt: skip


def write(network: Network, path: Path, *, lang: Lang = "en") -> list[Message]:
    """Write a network as GEXF: labels, intervals, positions, colours by kind.

    A school lasts from opening to closing, an alliance and a state from start to end, an event its
    day; an empty date is an open end.

    Returns
    -------
    list of Message
        Observations are lost, and the file cannot be read back.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> network = Network.from_frames({"school": pd.DataFrame({"id": ["007"]})})
    >>> with TemporaryDirectory() as folder:
    ...     [message.code for message in write(network, Path(folder, "net.gexf"))]
    ['gexf_one_way']
    """
    from networkx.readwrite.gexf import GEXFWriter

    class Writer(GEXFWriter):  # type: ignore[misc]
        """Leaves out the keys of ties, which are no attribute of theirs."""

        def add_attributes(self, scope: str, element: Any, data: Any, default: Any) -> Any:
            data.pop("key", None)
            return super().add_attributes(scope, element, data, default)

    frames = drawn(network, lang)
    for kind in schema.kinds():
        frames[kind] = _shown(kind, frames[kind])
    for name in schema.relations():
        frames[name] = _lasting(name, frames[name])
    with collector.paused(), replacing(path, seals=True) as draft, draft.open("wb") as file:
        graph = graph_of(frames, lambda name, number: f"{name}-{number}")
        graph.graph |= {"mode": "dynamic", "name": escape(network.title)}
        writer = Writer(encoding="utf-8", prettyprint=True, version="1.2draft")
        writer.add_graph(graph)
        writer.graph_element.set("timeformat", "date")
        del writer.xml.find("meta").attrib["lastmodifieddate"]  # the same data, the same file
        writer.write(file)
        file.write(f"\n<!-- {BLANK} -->\n".encode())
    lost = [Message("gexf_one_way")]
    if count := len(network.observations):
        lost.append(Message("gexf_no_observations", {"count": count}))
    return lost


def _shown(kind: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return nodes with what Gephi draws: place, colour and the time they last."""
    red, green, blue = _COLOURS[kind]
    colour = {"r": red, "g": green, "b": blue, "a": 1.0}
    spots = [
        {"position": {"x": x, "y": y, "z": 0.0}, "color": colour}
        for x, y in zip(frame["x"].tolist(), frame["y"].tolist(), strict=True)
    ]
    shown = frame.assign(viz=pd.Series(spots, index=frame.index, dtype=object))
    if kind == "school":
        shown = shown.assign(start=frame["opened"], end=frame["closed"])
    return shown.drop(columns=["x", "y"])


def _lasting(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return ties with an id of the file, and for events their day as start and end."""
    numbers = pd.Series(range(len(frame)), index=frame.index).astype(str)
    frame = frame.assign(id=name + "-" + numbers, kind=frame["label"])
    if schema.tables()[name].nature == "event":
        frame = frame.assign(start=frame["date"], end=frame["date"])
    return frame

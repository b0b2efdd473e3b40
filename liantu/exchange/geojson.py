"""GeoJSON: schools and ties for QGIS, web maps and every program that knows RFC 7946."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from liantu.errors import Message
from liantu.exchange.on_map import OnMap, on_map
from liantu.formats.cells import records
from liantu.formats.files import replacing
from liantu.formats.seals import BLANK
from liantu.graph.near import Datum

if TYPE_CHECKING:
    from liantu.graph.network import Network

_text = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def write(network: Network, path: Path, *, datum: Datum = "stated") -> list[Message]:
    """Write schools as points and ties between schools as lines, a feature a line of the file.

    Properties bear the keys and codes of the schema; ``kind`` is ``school`` or ``tie``. The member
    ``datum`` says what the coordinates are in, null where no school says so: RFC 7946 expects
    WGS-84.

    Returns
    -------
    list of Message
        What is lost or has no place.

    References
    ----------
    Butler, H. et al. (2016). The GeoJSON format. RFC 7946.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import pandas as pd
    >>> from liantu.graph.network import Network
    >>> schools = pd.DataFrame({"id": ["007"], "lon": [103.5], "lat": [23], "datum": ["WGS-84"]})
    >>> with TemporaryDirectory() as folder:
    ...     _ = write(Network.from_frames({"school": schools}), Path(folder, "net.geojson"))
    ...     found = json.loads(Path(folder, "net.geojson").read_text(encoding="utf-8"))
    >>> found["datum"], found["features"][0]["geometry"]
    ('WGS-84', {'type': 'Point', 'coordinates': [103.5, 23.0]})
    """
    shown = on_map(network, datum)
    head = {
        "type": "FeatureCollection", "seal": BLANK, "title": network.title,
        "as_of": shown.as_of.isoformat(), "datum": shown.datum,
    }  # fmt: skip
    with (
        replacing(path, seals=True) as draft,
        draft.open("w", encoding="utf-8", newline="\n") as file,
    ):
        file.write("{\n" + ",\n".join(f"{_text(key)}: {_text(head[key])}" for key in head))
        file.write(',\n"features": [\n')
        file.write(",\n".join(map(_text, _features(shown))))
        file.write("\n]\n}\n")
    return [Message("map_one_way", {"value": "GeoJSON"}), *shown.notes]


def _features(shown: OnMap) -> Iterator[dict[str, Any]]:
    for row, spot in zip(records(shown.schools), shown.spots, strict=True):
        yield _feature("school", row, {"type": "Point", "coordinates": spot})
    for row, lines in zip(records(shown.ties), shown.lines, strict=True):
        whole = len(lines) == 1
        kind, spots = ("LineString", lines[0]) if whole else ("MultiLineString", lines)
        yield _feature("tie", row, {"type": kind, "coordinates": spots})


def _feature(kind: str, row: dict[str, Any], geometry: dict[str, Any]) -> dict[str, Any]:
    said = {key: value for key, value in row.items() if value is not None}
    return {"type": "Feature", "properties": {"kind": kind, **said}, "geometry": geometry}

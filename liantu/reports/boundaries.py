"""The user's own boundaries on the map, with the number under which they were approved."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from liantu.errors import LiantuError, Message, RequestError
from liantu.graph.kernels import Floats
from liantu.paths import name_of
from liantu.vocabulary import Lang

LARGEST = 50_000_000  # bytes of a file
DENSE = 20_000  # points of a map above which lines become pixels inside the SVG
COLOUR = "#8a6d3b"  # of no mark and no tie; in grey between them


@dataclass(frozen=True, eq=False)
class Boundaries:
    """Lines of boundaries.

    Attributes
    ----------
    lines
        An array a line: longitude and latitude in degrees, two columns.
    approval
        The number under which the map was approved (审图号), or who vouches for it.
    """

    lines: tuple[Floats, ...]
    approval: str


def read_boundaries(path: Path | None, approval: str) -> Boundaries | None:
    """Return the boundaries of a GeoJSON file; None where none are given.

    Polygons and lines are drawn; points are no boundaries and are passed over.

    Parameters
    ----------
    path
        The file, in degrees.
    approval
        The number under which it was approved: liantu ships no boundaries and prints none without.

    Raises
    ------
    RequestError
        If only one of both is given, or the file cannot be read, is no GeoJSON, has no line, or its
        coordinates are no degrees.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> line = {"type": "LineString", "coordinates": [[103, 23], [104, 24]]}
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "county.geojson")
    ...     _ = path.write_text(json.dumps(line))
    ...     read_boundaries(path, "GS(2024)0001").lines[0].tolist()
    [[103.0, 23.0], [104.0, 24.0]]
    """
    approval = " ".join(approval.split())
    if path is None:
        if approval:
            raise RequestError.of("approval_alone")
        return None
    if not approval:
        raise RequestError.of("approval_missing", file=name_of(path))
    lines = tuple(_lines(_content(path), path))
    if not lines:
        raise _bad(path, "no_line")
    return Boundaries(lines, approval)


def told(boundaries: Boundaries | None, lang: Lang) -> str:
    """Return what a map says of its boundaries: who approved them, or that it has none."""
    if boundaries is None:
        return Message("map_points_only").text(lang)
    return Message("map_approved", {"value": boundaries.approval}).text(lang)


def draw_boundaries(axes: Axes, boundaries: Boundaries | None) -> None:
    """Draw what lies in the frame of a map, below everything else."""
    if boundaries is None:
        return
    low, high = np.column_stack([sorted(axes.get_xlim()), sorted(axes.get_ylim())])
    near = [
        line
        for line in boundaries.lines
        if (line.min(axis=0) <= high).all() and (line.max(axis=0) >= low).all()
    ]
    drawn = LineCollection(near, colors=COLOUR, linewidths=0.7, zorder=0.8)
    drawn.set_rasterized(sum(map(len, near)) > DENSE)
    axes.add_collection(drawn, autolim=False)


def _content(path: Path) -> Any:
    try:
        if path.stat().st_size > LARGEST:
            raise _bad(path, "too_large")
        return json.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise RequestError.of("system_error", value=str(path), reason=reason) from None
    except (ValueError, RecursionError):
        raise _bad(path, "no_json") from None


def _lines(given: Any, path: Path) -> Iterator[Floats]:
    """Give the lines of a GeoJSON object, whatever it is wrapped in."""
    waiting = deque([given])
    while waiting:
        found = waiting.popleft()
        if not isinstance(found, dict):
            raise _bad(path, "no_geojson")
        kind, inner = found.get("type"), found.get("coordinates")
        if kind in ("FeatureCollection", "GeometryCollection"):
            more = found.get("features" if kind == "FeatureCollection" else "geometries")
            if not isinstance(more, list):
                raise _bad(path, "no_geojson")
            waiting += more
        elif kind == "Feature":
            waiting += [found["geometry"]] if found.get("geometry") is not None else []
        elif kind == "LineString":
            yield _line(inner, path)
        elif kind in ("Polygon", "MultiLineString"):
            yield from (_line(ring, path) for ring in _listed(inner, path))
        elif kind == "MultiPolygon":
            for polygon in _listed(inner, path):
                yield from (_line(ring, path) for ring in _listed(polygon, path))
        elif kind not in ("Point", "MultiPoint"):
            raise _bad(path, "no_geojson")


def _listed(given: Any, path: Path) -> list[Any]:
    if not isinstance(given, list):
        raise _bad(path, "no_geojson")
    return given


def _line(given: Any, path: Path) -> Floats:
    """Return a line; a third coordinate, the height, is left out."""
    try:
        found = np.array([spot[:2] for spot in given], dtype=float)
    except (TypeError, ValueError, OverflowError):
        raise _bad(path, "no_geojson") from None
    if found.ndim != 2 or found.shape[1] != 2 or len(found) < 2:
        raise _bad(path, "no_geojson")
    if not (np.abs(found) <= [180, 90]).all():  # nor what is no number
        raise _bad(path, "no_degrees")
    return found


def _bad(path: Path, why: str) -> LiantuError:
    return RequestError.of(f"boundaries_{why}", file=name_of(path))

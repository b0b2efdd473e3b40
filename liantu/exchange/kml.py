"""KML: schools and ties for Google Earth, Ovitalmap (奥维) and other programs that show places."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

import numpy as np
import pandas as pd

from liantu.errors import Message
from liantu.exchange.graphs import escape
from liantu.exchange.on_map import OnMap, Spot, on_map
from liantu.formats.cells import texts
from liantu.formats.files import replacing
from liantu.formats.seals import BLANK
from liantu.graph.near import Datum
from liantu.vocabulary import Lang, label

if TYPE_CHECKING:
    from liantu.graph.network import Network

# Of Okabe and Ito's colours, which people who see few colours tell apart; as KML has it: abgr.
_COLOURS = {"core": "ff005ed5", "school": "ffb27200", "tie": "b3999999"}
_DOT = "http://maps.google.com/mapfiles/kml/shapes/placemark_circle.png"


def write(
    network: Network, path: Path, *, lang: Lang = "en", datum: Datum = "stated"
) -> list[Message]:
    """Write schools as points and ties between schools as lines, all cells in words.

    A school lasts from opening to closing, a tie from start to end: programs with a time line play
    them. The document's description says what the coordinates are in: KML expects WGS-84.

    Returns
    -------
    list of Message
        What is lost or has no place.

    References
    ----------
    Burggraf, D. (2015). OGC KML 2.3. Open Geospatial Consortium, 12-007r2.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from liantu.graph.network import Network
    >>> schools = pd.DataFrame({"id": ["a"], "name": ["<甲>"], "lon": [103.5], "lat": [23]})
    >>> with TemporaryDirectory() as folder:
    ...     _ = write(Network.from_frames({"school": schools}), Path(folder, "net.kml"))
    ...     text = Path(folder, "net.kml").read_text(encoding="utf-8")
    >>> "<name>&lt;甲&gt;</name>" in text, "<coordinates>103.5,23.0</coordinates>" in text
    (True, True)
    """
    shown = on_map(network, datum)
    root = Element("kml", xmlns="http://www.opengis.net/kml/2.2")
    document = SubElement(root, "Document")
    _say(document, "name", network.title)
    _say(document, "description", _about(shown, lang))
    for key, colour in _COLOURS.items():
        _style(document, key, colour)
    _schools(SubElement(document, "Folder"), shown, lang)
    _ties(SubElement(document, "Folder"), shown, lang)
    ElementTree.indent(root, "")
    text = ElementTree.tostring(root, encoding="unicode")
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    with replacing(path, seals=True) as draft:
        draft.write_text(f"{head}{text}\n<!-- {BLANK} -->\n", encoding="utf-8", newline="\n")
    return [Message("map_one_way", {"value": "KML"}), *shown.notes]


def _about(shown: OnMap, lang: Lang) -> str:
    datum = shown.datum or label("datum_unstated", lang, "label")
    return Message("map_about", {"day": shown.as_of.isoformat(), "datum": datum}).text(lang)


def _style(document: Element, key: str, colour: str) -> None:
    style = SubElement(document, "Style", id=key)
    look = SubElement(style, "LineStyle" if key == "tie" else "IconStyle")
    _say(look, "color", colour)
    if key == "tie":
        _say(look, "width", "1.5")
        return
    _say(look, "scale", "0.8")
    _say(SubElement(look, "Icon"), "href", _DOT)


def _schools(folder: Element, shown: OnMap, lang: Lang) -> None:
    frame = shown.schools
    _say(folder, "name", label("school", lang, "kind"))
    names = frame["name"].fillna(frame["id"]).astype(str).tolist()
    styles = np.where(frame["core"], "#core", "#school").tolist()
    marks = _marks(folder, frame, names, styles, ("opened", "closed"), lang)
    for mark, spot in zip(marks, shown.spots, strict=True):
        _say(SubElement(mark, "Point"), "coordinates", _spots([spot]))


def _ties(folder: Element, shown: OnMap, lang: Lang) -> None:
    frame = shown.ties
    _say(folder, "name", label("map_ties", lang, "label"))
    ends = [frame[f"{end}_name"].fillna(frame[end]).astype(str) for end in ("source", "target")]
    names = (ends[0] + " → " + ends[1]).tolist()
    marks = _marks(folder, frame, names, ["#tie"] * len(frame), ("start", "end"), lang)
    for mark, lines in zip(marks, shown.lines, strict=True):
        whole = mark if len(lines) == 1 else SubElement(mark, "MultiGeometry")
        for line in lines:
            drawn = SubElement(whole, "LineString")
            _say(drawn, "tessellate", "1")
            _say(drawn, "coordinates", _spots(line))


def _marks(
    folder: Element, frame: pd.DataFrame, names: list[str], styles: list[str],
    span: tuple[str, str], lang: Lang,
) -> list[Element]:  # fmt: skip
    """Return a placemark a row, in the order of the schema: name, time, style, cells."""
    columns = [str(key) for key in frame.columns]
    cells = [texts(frame[key], key, lang) for key in columns]
    spans = [_days(frame[key]) for key in span]
    heads = [label(key, lang) for key in columns]
    marks = []
    rows = zip(*cells, strict=True)
    for name, style, first, last, row in zip(names, styles, *spans, rows, strict=True):
        mark = SubElement(folder, "Placemark")
        _say(mark, "name", name)
        if first or last:
            lasting = SubElement(mark, "TimeSpan")
            for key, day in (("begin", first), ("end", last)):
                if day:
                    _say(lasting, key, day)
        _say(mark, "styleUrl", style)
        data = SubElement(mark, "ExtendedData")
        for key, head, text in zip(columns, heads, row, strict=True):
            if text:
                cell = SubElement(data, "Data", name=key)
                _say(cell, "displayName", head)
                _say(cell, "value", text)
        marks.append(mark)
    return marks


def _days(values: pd.Series) -> list[str]:
    days: list[str] = values.dt.strftime("%Y-%m-%d").fillna("").tolist()
    return days


def _spots(spots: list[Spot]) -> str:
    return " ".join(f"{lon},{lat}" for lon, lat in spots)


def _say(parent: Element, tag: str, text: str) -> None:
    SubElement(parent, tag).text = escape(text)

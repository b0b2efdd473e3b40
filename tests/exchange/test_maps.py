"""GeoJSON and KML: schools and ties where they are, nothing else, in a datum that is said."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from liantu import Network, OptionError, RequestError
from liantu.cli import main
from liantu.exchange import export
from liantu.graph import datum

KML = "{http://www.opengis.net/kml/2.2}"
HOSTILE = '<b>甲</b>&"小学"]]><!-- \x07\u2028'
MAPS = ("net.geojson", "net.kml")


def network(named: str | None = "WGS-84", **more: Any) -> Network:
    """Return A (core) and b, who have a place, c, who has none, and a teacher posted from A to b."""
    schools = pd.DataFrame(
        {
            "id": ["A", "b", "c"],
            "name": [HOSTILE, None, "丙"],
            "lon": [103.0, 103.5, None],
            "lat": [23.0, 23.25, None],
            "datum": [named, named, None],
            "quality": ["core", None, None],
            "legal_person": ["欧阳靖宇", None, None],
            "opened": ["1951-09-01", None, None],
            "provenance": ["欧阳靖宇填报", None, None],
        }
    )
    tables = {
        "school": schools,
        "teacher": pd.DataFrame({"id": ["欧阳靖宇"], "name": ["欧阳靖宇"]}),
        "works_at": pd.DataFrame({"source": ["欧阳靖宇"], "target": ["A"]}),
        "posted_to": pd.DataFrame(
            {"source": ["欧阳靖宇"], "source_kind": ["teacher"], "target": ["b"], "start": ["2023-09-01"]}
        ),
        "partner": pd.DataFrame({"id": ["u"], "name": ["大学"]}),
        "supports": pd.DataFrame({"source": ["u"], "target": ["b"], "target_kind": ["school"]}),
        "assists": pd.DataFrame(
            {"source": ["A", "A"], "target": ["b", "c"], "start": ["2019-01-01", None], "end": ["2020-12-31", None]}
        ),
    }  # fmt: skip
    return Network.from_frames({**tables, **more}, as_of="2024-06-30", title="县 & 市")


def written(network: Network, folder: Path, **options: Any) -> tuple[dict[str, Any], list[str]]:
    lost = export(network, folder / "net.geojson", **options)
    found = json.loads((folder / "net.geojson").read_text(encoding="utf-8"))
    return found, [message.code for message in lost]


def test_points_and_lines_by_hand(tmp_path):
    found, lost = written(network(), tmp_path)
    assert lost == ["map_one_way", "map_schools_left_out", "map_ties_left_out"]
    head = {key: found[key] for key in ("type", "title", "as_of", "datum")}
    assert head == {
        "type": "FeatureCollection", "title": "县 & 市", "as_of": "2024-06-30", "datum": "WGS-84",
    }  # fmt: skip
    shapes = [(f["properties"]["kind"], f["geometry"]) for f in found["features"]]
    line = {"type": "LineString", "coordinates": [[103.0, 23.0], [103.5, 23.25]]}
    assert shapes == [
        ("school", {"type": "Point", "coordinates": [103.0, 23.0]}),
        ("school", {"type": "Point", "coordinates": [103.5, 23.25]}),
        ("tie", line),
        ("tie", line),
    ]
    school, _, ended, posted = (f["properties"] for f in found["features"])
    assert (school["name"], school["core"], school["opened"]) == (HOSTILE, True, "1951-09-01")
    assert (ended["basis"], ended["in_force"], ended["end"]) == ("assists", False, "2020-12-31")
    assert (posted["basis"], posted["in_force"], posted["active"]) == ("posted_to", True, True)


def test_kml_has_the_same_in_words(tmp_path):
    lost = export(network(), tmp_path / "net.kml", lang="zh")
    assert [m.code for m in lost] == ["map_one_way", "map_schools_left_out", "map_ties_left_out"]
    root = ElementTree.parse(tmp_path / "net.kml").getroot()
    assert root.findtext(f"{KML}Document/{KML}name") == "县 & 市"
    assert "WGS-84" in root.findtext(f"{KML}Document/{KML}description")
    marks = list(root.iter(f"{KML}Placemark"))
    name = HOSTILE.replace("\x07", "_x0007_")  # XML knows no bell
    assert [mark.findtext(f"{KML}name") for mark in marks] == [
        name,
        "b",
        f"{name} → b",
        f"{name} → b",
    ]
    spots = [[c.text for c in mark.iter(f"{KML}coordinates")] for mark in marks]
    assert spots == [["103.0,23.0"], ["103.5,23.25"], *[["103.0,23.0 103.5,23.25"]] * 2]
    styles = [mark.findtext(f"{KML}styleUrl") for mark in marks]
    assert styles == ["#core", "#school", "#tie", "#tie"]
    span = [marks[2].findtext(f"{KML}TimeSpan/{KML}{key}") for key in ("begin", "end")]
    assert span == ["2019-01-01", "2020-12-31"]
    cells = {
        data.findtext(f"{KML}displayName"): data.findtext(f"{KML}value")
        for data in marks[2].iter(f"{KML}Data")
    }
    assert (cells["依据"], cells["有效"]) == ("结对帮扶", "否")
    # the order of the standard, which some programs insist on
    order = ["name", "TimeSpan", "styleUrl", "ExtendedData", "LineString"]
    assert [child.tag.removeprefix(KML) for child in marks[2]] == order


@pytest.mark.parametrize("out", MAPS)
def test_no_teacher_is_on_a_map(out, tmp_path):
    export(network(), tmp_path / out)  # even of a network that holds their names
    assert "欧阳" not in (tmp_path / out).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("named", "option", "said", "codes"),
    [
        (None, "stated", None, {"map_datum_unstated"}),
        ("gps", "wgs84", "WGS-84", set()),
        ("火星坐标", "stated", "GCJ-02", {"map_datum_kept"}),
        ("火星坐标", "wgs84", "WGS-84", {"datum_converted"}),
        ("BD-09", "wgs84", "WGS-84", {"datum_converted"}),
        ("Xian-80", "stated", "XIAN80", {"map_datum_kept"}),
    ],
)
def test_the_datum_is_said_and_converted_only_when_asked(named, option, said, codes, tmp_path):
    found, lost = written(network(named), tmp_path, datum=option)
    assert found["datum"] == said
    assert {code for code in lost if "datum" in code} == codes
    place = found["features"][0]["geometry"]["coordinates"]
    if "datum_converted" not in codes:
        assert place == [103.0, 23.0]
        return
    known = datum.GCJ02 if named == "火星坐标" else datum.BD09
    back = datum.from_wgs84(*(np.array([each]) for each in place), known)
    assert np.allclose(back, [[103.0], [23.0]], atol=2e-7) and place != [103.0, 23.0]


@pytest.mark.parametrize(("named", "code"), [(None, "datum_needed"), ("Xian-80", "datum_unknown")])
def test_what_cannot_be_converted_is_told(named, code, tmp_path):
    with pytest.raises(RequestError) as caught:
        export(network(named), tmp_path / "net.kml", datum="wgs84")
    assert caught.value.problems[0].code == code
    assert list(tmp_path.iterdir()) == []


def test_only_maps_are_converted(tmp_path):
    with pytest.raises(OptionError, match=r"\.geojson, \.kml"):
        export(network(), tmp_path / "net.json", datum="wgs84")


def test_a_network_without_places_gives_an_empty_map(tmp_path):
    bare = Network.from_frames({"school": pd.DataFrame({"id": ["a"]})}, as_of="2024-06-30")
    found, lost = written(bare, tmp_path)
    assert (found["features"], lost) == ([], ["map_one_way", "no_coordinates"])


def test_a_tie_across_the_180th_meridian_is_cut(tmp_path):
    schools = pd.DataFrame({"id": ["a", "b"], "lon": [179.0, -178.0], "lat": [-40.0, -43.0]})
    ends = pd.DataFrame({"source": ["a", "b"], "target": ["b", "a"]})
    islands = Network.from_frames({"school": schools, "assists": ends}, as_of="2024-06-30")
    found, _ = written(islands, tmp_path)
    there, back = (f["geometry"] for f in found["features"] if f["properties"]["kind"] == "tie")
    assert there == {
        "type": "MultiLineString",
        "coordinates": [[[179.0, -40.0], [180.0, -41.0]], [[-180.0, -41.0], [-178.0, -43.0]]],
    }
    assert back["coordinates"] == [
        [[-178.0, -43.0], [-180.0, -41.0]],
        [[180.0, -41.0], [179.0, -40.0]],
    ]
    export(islands, tmp_path / "net.kml")
    root = ElementTree.parse(tmp_path / "net.kml").getroot()
    assert len(list(root.iter(f"{KML}MultiGeometry"))) == 2


@cache
def shuffled() -> Network:
    frames = {key: frame[::-1] for key, frame in network().plain_frames().items() if len(frame)}
    return Network.from_frames(frames, as_of="2024-06-30", title="县 & 市")


@pytest.mark.parametrize("out", MAPS)
def test_the_order_of_rows_changes_nothing(out, tmp_path):
    for folder, each in (("one", network()), ("other", shuffled())):
        (tmp_path / folder).mkdir()
        export(each, tmp_path / folder / out)
    assert (tmp_path / "one" / out).read_bytes() == (tmp_path / "other" / out).read_bytes()


@pytest.mark.parametrize("out", MAPS)
def test_the_command_says_what_it_left_out(out, tmp_path, capsys):
    export(network("GCJ-02"), tmp_path / "net.json")
    given = ["export", str(tmp_path / "net.json"), str(tmp_path / out), "--lang", "en"]
    assert main(given) == 0
    said = capsys.readouterr().err
    assert "schools left out for want of coordinates: 1" in said and "--datum wgs84" in said
    assert "--show-teachers" not in said  # a map holds none in any case
    assert main([*given, "--datum", "wgs84"]) == 0
    assert "converted from GCJ-02" in capsys.readouterr().err
    assert main(["info", str(tmp_path / out)]) == 1  # no source

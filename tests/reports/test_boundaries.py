"""The user's own boundaries: what is drawn, what is said, what is refused."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from liantu.cli import main
from liantu.errors import RequestError
from liantu.graph.network import Network
from liantu.reports import network_picture, render
from liantu.reports.boundaries import read_boundaries

RING = [[100.0, 30.0], [100.4, 30.0], [100.4, 30.3], [100.0, 30.0]]
ELSEWHERE = [[[10, 50], [11, 50], [11, 51], [10, 50]]]
COUNTY = {
    "type": "FeatureCollection",
    "features": [
        {"type": "Feature", "properties": {"name": "<b>县</b>"}, "geometry": {"type": "Polygon", "coordinates": [RING]}},
        {"type": "Feature", "properties": None, "geometry": None},
        {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [100, 30]}},
        {"type": "Feature", "properties": {}, "geometry": {"type": "GeometryCollection", "geometries": [
            {"type": "MultiPolygon", "coordinates": [ELSEWHERE]},
            {"type": "LineString", "coordinates": [[100, 30.1, 812.5], [100.4, 30.1, 800]]},
        ]}},
    ],
}  # fmt: skip
NUMBER = "GS(2024)0001号"


@cache
def network() -> Network:
    schools = {
        "id": ["a", "b", "c"], "urban_rural": "220", "lon": [100.1, 100.2, 100.3],
        "lat": [30.05, 30.1, 30.2], "datum": "WGS-84", "region": ["n", "n", "s"],
    }  # fmt: skip
    assists = {"source": ["a"], "target": ["b"]}
    regions = {"id": ["k", "n", "s"], "parent": [None, "k", "k"]}
    tables = {"school": schools, "assists": assists, "region": regions}
    frames = {name: pd.DataFrame(columns) for name, columns in tables.items()}
    return Network.from_frames(frames, as_of="2024-06-30", title="县")


def file(folder: Path, content: object = COUNTY) -> Path:
    path = folder / "county.geojson"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_every_ring_and_line_is_read_and_no_point(tmp_path):
    found = read_boundaries(file(tmp_path), f" {NUMBER}\n")
    assert found.approval == NUMBER
    assert [line.tolist() for line in found.lines] == [
        RING, ELSEWHERE[0], [[100, 30.1], [100.4, 30.1]],
    ]  # fmt: skip
    assert read_boundaries(None, " ") is None


def drawn(axes) -> list[int]:
    """Return how many lines of boundaries each layer of a map has."""
    return [len(each.get_segments()) for each in axes.collections if each.get_zorder() == 0.8]


def test_what_lies_in_the_frame_is_drawn_and_its_number_said(tmp_path):
    found = read_boundaries(file(tmp_path), NUMBER)
    (axes,) = network_picture(network(), shape="map", boundaries=found, lang="zh").axes
    assert drawn(axes) == [2]  # what lies elsewhere is left out
    assert NUMBER in axes.get_xlabel() and "仅绘" not in axes.get_xlabel()
    (axes,) = network_picture(network(), shape="map", lang="zh").axes
    assert drawn(axes) == [] and "不含行政区划界线" in axes.get_xlabel()
    made = network_picture(network(), shape="regions", boundaries=found, lang="zh")
    assert [drawn(axes) for axes in made.axes[:2]] == [[2], [1]]
    assert NUMBER in made.get_supxlabel()
    bare = network_picture(network(), shape="regions", lang="zh")
    assert "不含行政区划界线" in bare.get_supxlabel()


@pytest.mark.parametrize(
    ("lang", "bare", "own"),
    [
        ("en", "(points only, no boundaries)", f"(boundaries from the user, map approval no. {NUMBER})"),
        ("zh", "（仅绘学校点位，不含行政区划界线）", f"（界线由使用者提供，审图号：{NUMBER}）"),
    ],
)  # fmt: skip
def test_the_caption_of_the_report_says_it(lang, bare, own, tmp_path):
    text = render(network(), "html", source="lists", lang=lang)
    assert bare in text and NUMBER not in text
    path = file(tmp_path)
    text = render(
        network(), "html", source="lists", lang=lang, boundaries=path, map_approval=NUMBER
    )
    assert own in text and bare not in text
    assert "--boundaries" in text and "--map-approval" in text  # the command that makes it again


BAD = {
    "no_json": b"\x00PK",
    "no_json ": b"[" * 100_000,
    "no_geojson": b'{"type": "Topology"}',
    "no_geojson ": b'{"type": "FeatureCollection", "features": 5}',
    "no_geojson  ": b'{"type": "Polygon", "coordinates": [[[100, 30], "a"]]}',
    "no_geojson   ": b"[1, 2]",
    "no_line": b'{"type": "Point", "coordinates": [100, 30]}',
    "no_degrees": b'{"type": "LineString", "coordinates": [[500000, 3400000], [500100, 3400000]]}',
    "no_degrees ": b'{"type": "LineString", "coordinates": [[NaN, 30], [100, 30]]}',
    "no_degrees  ": b'{"type": "LineString", "coordinates": [[1e999, 30], [100, 30]]}',
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_one_clear_line(case, tmp_path):
    path = tmp_path / "bad.geojson"
    path.write_bytes(BAD[case])
    with pytest.raises(RequestError) as caught:
        read_boundaries(path, NUMBER)
    (problem,) = caught.value.problems
    assert problem.code == f"boundaries_{case.strip()}"
    for lang in ("en", "zh"):
        assert (
            problem.line(lang).startswith("bad.geojson")
            and len(problem.line(lang).splitlines()) == 1
        )


def test_the_command_refuses_before_it_writes(tmp_path, capsys):
    out, path = tmp_path / "r.html", file(tmp_path)
    given = ["report", "case:demo", "-o", str(out), "--lang", "en"]
    for more, said in (
        (["--boundaries", str(path)], "--map-approval"),
        (["--map-approval", NUMBER], "without boundaries"),
        (["--boundaries", str(tmp_path / "none.geojson"), "--map-approval", NUMBER], "none.geojson"),
        (["--boundaries", str(tmp_path), "--map-approval", NUMBER], str(tmp_path)),
    ):  # fmt: skip
        assert main([*given, *more]) == 1
        err = capsys.readouterr().err
        assert said in err and len(err.strip().splitlines()) == 1
    assert not out.exists()

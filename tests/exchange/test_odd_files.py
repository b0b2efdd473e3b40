"""Files in our own formats that hold what nobody meant: one clear line each, never a traceback."""

import os
import sys

import openpyxl
import pandas as pd
import pytest

from liantu.errors import LiantuError
from liantu.exchange import folder, workbook
from liantu.graph.network import Network
from liantu.loaders import examine, read

KEYS = {
    "kind": ("node", "string"),
    "pupils": ("node", "double"),
    "whole": ("node", "long"),
    "name": ("node", "string"),
    "opened": ("node", "string"),
    "observations": ("node", "string"),
    "goals": ("graph", "string"),
}


def network() -> Network:
    schools = pd.DataFrame({"id": ["a", "b"], "name": ["甲", "乙"], "pupils": [9, 8]})
    assists = pd.DataFrame({"source": ["a"], "target": ["b"]})
    return Network.from_frames({"school": schools, "assists": assists})


def lines(path) -> list[str]:
    """Return the codes of the errors, from the report or raised."""
    try:
        problems = examine(path)[1].of("error")
    except LiantuError as error:
        problems = error.problems
    for problem in problems:
        assert len(problem.line("zh").splitlines()) == 1
        (problem.line("zh") + problem.line("en")).encode()
    return [problem.code for problem in problems]


@pytest.mark.parametrize(
    ("school", "code"),
    [
        ('"id": "a", "pupils": 9223372036854775808', "bad_number"),
        ('"id": "a", "pupils": 1e400', "bad_number"),
        ('"id": "a", "pupils": -Infinity', "bad_number"),
        (f'"id": "a", "pupils": {"9" * 5000}', "damaged_file"),
        ('"id": "a\\ud800"', "damaged_file"),
        ('"id": "a", "name": "\\udfff"', "damaged_file"),
        ('"id": "a", "\\udfff": 1', "damaged_file"),
        ('"id": ["a"]', "not_text"),
    ],
)
def test_values_of_json_that_fit_nowhere(school, code, tmp_path):
    path = tmp_path / "net.json"
    path.write_text(f'{{"format": "liantu", "school": [{{{school}}}]}}', encoding="utf-8")
    assert lines(path) == [code]


def test_pairs_of_escapes_are_one_sign(tmp_path):
    path = tmp_path / "net.json"
    school = '{"id": "a", "name": "\\ud83d\\ude00", "lon": NaN}'
    path.write_text(f'{{"format": "liantu", "school": [{school}]}}', encoding="utf-8")
    assert read(path).nodes("school")["name"].tolist() == ["😀"]


def graphml(path, key, value):
    keys = "".join(
        f'<key id="{name}" for="{of}" attr.name="{"pupils" if name == "whole" else name}" '
        f'attr.type="{kind}"/>'
        for name, (of, kind) in KEYS.items()
    )
    data = f'<data key="{key}">{value}</data>'
    outer, inner = (data, "") if KEYS[key][0] == "graph" else ("", data)
    path.write_text(
        f'<graphml xmlns="http://graphml.graphdrawing.org/xmlns">{keys}'
        f'<graph edgedefault="directed">{outer}<node id="school:a"><data key="kind">school</data>'
        f"{inner}</node></graph></graphml>",
        encoding="utf-8",
    )
    return path


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("pupils", "INF", "bad_number"),
        ("pupils", "-inf", "bad_number"),
        ("pupils", "1e999", "bad_number"),
        ("whole", "9223372036854775808", "bad_number"),
        ("observations", "[" * 100_000, "damaged_table"),
        ("observations", "5", "damaged_table"),
        ("observations", '[{"measure": "\\ud800", "value": 1}]', "not_unicode"),
        ("goals", "[" * 100_000, "damaged_table"),
        ("opened", "_xD800_", "bad_date"),
    ],
)
def test_values_of_graphml_that_fit_nowhere(key, value, code, tmp_path):
    assert lines(graphml(tmp_path / "net.graphml", key, value)) == [code]


def test_half_a_sign_is_no_escape(tmp_path):
    schools = read(graphml(tmp_path / "net.graphml", "name", "_xD800_ _x0041_")).nodes("school")
    assert schools["name"].tolist() == ["_xD800_ A"]


def test_half_a_sign_in_a_graph_is_told():
    import networkx as nx

    graph = nx.DiGraph()
    graph.add_node("a", kind="school", name="\ud800")
    with pytest.raises(LiantuError) as caught:
        Network.from_networkx(graph)
    (only,) = caught.value.problems
    assert only.code == "not_unicode"
    assert r"\ud800" in only.line()


def test_a_doubled_column_in_an_own_folder(tmp_path):
    folder.write(network(), tmp_path / "net")
    path = tmp_path / "net" / "school.csv"
    text = path.read_text(encoding="utf-8").splitlines()
    path.write_text("".join(f"{line},{line.split(',')[1]}\n" for line in text), encoding="utf-8")
    assert lines(tmp_path / "net") == ["duplicate_header"]


@pytest.mark.parametrize(
    ("key", "value", "codes"),
    [
        ("goal", 5, ["goal_table"]),
        ("goal", True, ["goal_table"]),
        ("goal", None, ["goal_table"]),
        ("goal", "{", ["goal_table"]),
        ("goal", "[" * 30_000, ["goal_table"]),
        ("goal", "9" * 5_000, ["goal_table"]),
        ("phase", 5.5, ["mapping_value"]),
        ("as_of", 5, ["bad_date"]),
        ("fingerprint", 7, []),
        ("labels", 5, []),
    ],
)
def test_odd_values_in_the_hidden_sheet(key, value, codes, tmp_path):
    path = tmp_path / "net.xlsx"
    workbook.write(network(), path)
    book = openpyxl.load_workbook(path)
    book["liantu"].append([key, value])
    book.save(path)
    assert lines(path) == codes


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names of files are text here")
def test_names_of_files_that_are_no_utf_8(tmp_path):
    home = tmp_path / os.fsdecode("一览".encode("gb18030"))
    home.mkdir()
    table = home / os.fsdecode("结对帮扶.csv".encode("gb18030"))
    table.write_text("支援校,受援校\n甲,\n", encoding="utf-8")
    (home / os.fsdecode("照片.jpg".encode("gb18030"))).write_bytes(b"x")
    rules = home / os.fsdecode("规则.toml".encode("gb18030"))
    rules.write_text("[[rows]]\nx = 1\n", encoding="utf-8")
    for source in (home, table):
        network, report = examine(source)
        assert network is None
        assert [p.file for p in report.of("error")] == ["结对帮扶.csv"]
        assert all(p.line().encode() for p in report.problems)
    with pytest.raises(LiantuError) as caught:
        read(table, mapping=rules)
    assert caught.value.problems[0].file == "规则.toml"
    text = '[[rows]]\nfile = "结对帮扶.csv"\n[rows.school]\nid = "支援校"\n'
    rules.write_text(text, encoding="utf-8")
    assert read(home, mapping=rules).nodes("school").index.tolist() == ["甲"]

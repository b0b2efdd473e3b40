"""A graph of somebody else's, read through a mapping; the answers are worked out by hand."""

import re
import uuid
from pathlib import Path

import neo4j
import networkx as nx
import pandas as pd
import pytest

import liantu
from liantu.errors import DataError, RequestError
from liantu.loaders.foreign_server import quoted
from liantu.stores.server.connection import parse_address

DOCS = Path(__file__).parents[3] / "docs" / "how-to"
CHINESE = """
CREATE (a:@学校:Core {编号: '007', 名称: '中心小学', 学段: '小学', 乡村: false, 人数: 900,
    建校: date('1951-09-01'), 别名: ['一小', '东小'], 镇: '城关', lon: 104.1, 无关: 'x'}),
  (b:@学校 {编号: '008', 名称: '山村小学', 学段: '小学', 乡村: true, 人数: 35.0,
    建校: datetime('1969-12-31T00:00:00+08:00'), 镇: '石桥',
    撤并: localdatetime('2025-07-01T12:00:00')}),
  (c:@学校 {编号: '009', 名称: '旧校', 状态: '撤销', 镇: '石桥'}),
  (g:`@集``团\\u005Cu0060` {title: '一中集团'}),
  (a)-[:@帮扶 {自: date('2021-09-01'), 至: '2024/08/31'}]->(b),
  (a)-[:@帮扶 {自: date('2019-09-01')}]->(b),
  (a)-[:@帮扶]->(c),
  (a)-[:`@in group` {core: true}]->(g),
  (b)-[:`@in group` {core: false}]->(g)
"""
CHINESE_MAPPING = r"""
[network]
title = "我的图"
as_of = "2024-06-30"
[[rows]]
label = "@学校"
where_not = { "状态" = ["撤销"] }
  [rows.school]
  id = "编号"
  name = "名称"
  stage = { column = "学段", map = { "小学" = "primary" } }
  urban_rural = { column = "乡村", map = { true = "220", false = "111" } }
  pupils = "人数"
  opened = "建校"
  closed = "撤并"
  aliases = "别名"
  lon = "lon"
  lat = { value = "25" }
  [rows.region]
  id = { column = "镇", split = "、" }
[[rows]]
label = '@集`团\u0060'
  [rows.alliance]
  id = "elementId"
  name = "title"
  form = { column = "labels", map = { '@集`团\u0060' = "education_group" } }
[[rows]]
type = "@帮扶"
missing_ends = "skip"
  [rows.assists]
  source = "source.编号"
  target = "target.编号"
  start = "自"
  end = { column = "至", format = "%Y/%m/%d" }
[[rows]]
type = "@in group"
  [rows.member_of]
  source = "source.编号"
  target = "target.elementId"
  role = { column = "core", map = { true = "core", false = "member" } }
"""
ENGLISH = """
CREATE (l:@School {urn: 1, name: 'Lead', opened: date('1960-01-01')}),
  (m:@School {urn: 2, name: 'Village'}),
  (t:@Teacher {ref: 'T1', name: 'Ann'}),
  (l)-[:@HELPS {since: date('2020-01-01')}]->(m),
  (t)-[:@HELPS {since: date('2021-01-01')}]->(m)
"""
ENGLISH_MAPPING = """
[[rows]]
label = "@School"
  [rows.school]
  id = "urn"
  name = "name"
  opened = "opened"
[[rows]]
label = "@Teacher"
  [rows.teacher]
  id = "ref"
[[rows]]
type = "@HELPS"
where = { "source.labels" = ["@School"] }
  [rows.assists]
  source = "source.urn"
  target = "target.urn"
  start = "since"
[[rows]]
type = "@HELPS"
where = { "source.labels" = ["@Teacher"] }
  [rows.posted_to]
  source = "source.ref"
  source_kind = { value = "teacher" }
  target = "target.urn"
  start = "since"
"""


@pytest.fixture
def graph(shared_server, tmp_path):
    """Return a function that makes a graph, whose names begin with a mark for @, and its mapping."""
    mark = f"T{uuid.uuid4().hex[:8]}_"
    address = parse_address(shared_server)
    with neo4j.GraphDatabase.driver(
        address.server, auth=(address.user, address.password), notifications_min_severity="OFF"
    ) as driver:

        def make(statement: str, mapping: str):
            driver.execute_query(statement.replace("@", mark), database_=address.database)
            file = tmp_path / "my.toml"
            file.write_text(mapping.replace("@", mark), encoding="utf-8")
            return file

        make.mark = mark
        yield make
        driver.execute_query(
            "MATCH (n) WHERE any(label IN labels(n) WHERE label STARTS WITH $mark) DETACH DELETE n",
            mark=mark,
            database_=address.database,
        )


def cells(frame, *columns):
    """Return rows of texts, dates in ISO form, empty cells as ""."""

    def text(value):
        return "" if pd.isna(value) else str(getattr(value, "date", lambda: value)())

    return [[text(value) for value in row] for row in frame[list(columns)].to_numpy(dtype=object)]


def test_a_chinese_graph(shared_server, graph):
    network = liantu.read(shared_server, mapping=graph(CHINESE, CHINESE_MAPPING))
    assert (network.title, str(network.as_of)) == ("我的图", "2024-06-30")
    schools = cells(
        network.nodes("school").reset_index(),
        *("id", "name", "aliases", "stage", "urban_rural", "pupils", "lon", "opened", "closed"),
    )
    assert schools == [
        ["007", "中心小学", "一小、东小", "primary", "111", "900", "104.1", "1951-09-01", ""],
        ["008", "山村小学", "", "primary", "220", "35", "", "1969-12-31",
         "2025-07-01"],
    ]  # fmt: skip
    assert list(network.nodes("region").index) == ["城关", "石桥"]
    (alliance,) = network.nodes("alliance").index
    assert re.fullmatch(r"\d+:[0-9a-f-]+:\d+", alliance)
    assert network.nodes("alliance").loc[alliance, ["name", "form"]].tolist() == [
        "一中集团",
        "education_group",
    ]
    assert cells(network.relation("assists"), "source", "target", "start", "end") == [
        ["007", "008", "2019-09-01", ""],
        ["007", "008", "2021-09-01", "2024-08-31"],
    ]  # fmt: skip
    assert cells(network.relation("member_of"), "source", "target", "role") == [
        ["007", alliance, "core"],
        ["008", alliance, "member"],
    ]


@pytest.mark.parametrize("page", ["neo4j-results.md", "neo4j-results.zh.md"])
def test_the_graph_of_the_docs(shared_server, graph, page):
    text = (DOCS / page).read_text(encoding="utf-8")
    statement, mapping = (
        re.search(rf"```{kind}\n(.*?)```", text, re.DOTALL)[1] for kind in ("cypher", "toml")
    )
    for name in ("Ecole", "AIDE"):  # of this test alone
        statement = statement.replace(f":{name}", f":@{name}")
        mapping = mapping.replace(f'"{name}"', f'"@{name}"')
    network = liantu.read(shared_server, mapping=graph(statement, mapping))
    result = liantu.coverage(network).table
    assert result[["rung", "supporter_names", "pupils"]].to_dict("index") == {
        "E2": {"rung": "in_force", "supporter_names": "Centre", "pupils": 60}
    }
    assert str(network.nodes("school").loc["E2", "opened"].date()) == "1975-09-01"


def test_counts_and_problems_name_label_and_type(shared_server, graph):
    network = liantu.read(shared_server, mapping=graph(CHINESE, CHINESE_MAPPING))
    schools, _, ties, _ = network.report.tables
    assert (schools["file"], schools["rows_read"], schools["rows_filtered"]) == (
        f"(:{graph.mark}学校)", 3, 1,
    )  # fmt: skip
    assert (ties["file"], ties["rows_read"], ties["rows_used"], ties["ends_missing"]) == (
        f"[:{graph.mark}帮扶]", 3, 2, 1,
    )  # fmt: skip
    (skipped,) = (p for p in network.report.problems if p.file.startswith("["))
    assert (skipped.column, skipped.value) == ("target.编号", "009")


def test_an_english_graph_with_ends_of_two_kinds(shared_server, graph):
    network = liantu.read(shared_server, mapping=graph(ENGLISH, ENGLISH_MAPPING))
    assert network.nodes("school")["name"].to_dict() == {"1": "Lead", "2": "Village"}
    assert cells(network.relation("assists"), "source", "target", "start") == [
        ["1", "2", "2020-01-01"]
    ]
    rows = cells(network.relation("posted_to"), "source", "source_kind", "target", "start")
    assert rows == [["T1", "teacher", "2", "2021-01-01"]]


@pytest.mark.parametrize(
    ("old", "new", "code", "nearest"),
    [
        ('label = "@School"', 'label = "@Schol"', "mapping_label", "@School"),
        ('type = "@HELPS"', 'type = "@HELP"', "mapping_type", "@HELPS"),
        ('id = "urn"', 'id = "unr"', "mapping_property", "urn"),
        ('"target.urn"', '"target.unr"', "mapping_property", "target.urn"),
        ('"since"', '"sinse"', "mapping_property", "since"),
    ],
)
def test_a_name_that_is_not_there_is_told_with_the_nearest(
    shared_server, graph, old, new, code, nearest
):
    mapping = graph(ENGLISH, ENGLISH_MAPPING.replace(old, new, 1))
    with pytest.raises(DataError) as raised:
        liantu.read(shared_server, mapping=mapping)
    (problem,) = (p for p in raised.value.problems if p.code.startswith("mapping"))
    assert problem.code == code
    assert problem.params["nearest"] == nearest.replace("@", graph.mark)
    assert problem.file.startswith(
        "[:" if "target" in old or "HELPS" in old or "since" in old else "(:"
    )


def test_several_labels_stand_in_order(shared_server, graph):
    mapping = '[[rows]]\nlabel = "@B"\n[rows.school]\nid = "id"\naliases = "labels"\n'
    network = liantu.read(shared_server, mapping=graph("CREATE (:@C:@B:@A {id: 1})", mapping))
    assert network.nodes("school").loc["1", "aliases"] == "、".join(graph.mark + x for x in "ABC")


def test_a_networkx_graph_has_no_labels():
    mapping = {"rows": [{"label": "School", "school": {"id": "node"}}]}
    with pytest.raises(RequestError) as raised:
        liantu.Network.from_networkx(nx.Graph([("a", "b")]), mapping)
    assert [problem.code for problem in raised.value.problems] == ["mapping_needs_server"]


def test_a_bad_value_is_an_error_with_its_place(shared_server, graph):
    mapping = graph(CHINESE.replace("'小学', 乡村: true", "'高小', 乡村: true"), CHINESE_MAPPING)
    with pytest.raises(DataError) as raised:
        liantu.read(shared_server, mapping=mapping)
    (problem,) = raised.value.problems
    assert (problem.code, problem.file, problem.column, problem.value) == (
        "outside_map", f"(:{graph.mark}学校)", "学段", "高小",
    )  # fmt: skip


def test_blocks_of_files_and_of_graphs_keep_apart(shared_server, graph, tmp_path):
    of_files = graph(ENGLISH, ENGLISH_MAPPING.replace('label = "@School"', 'file = "schools.csv"'))
    with pytest.raises(RequestError) as raised:
        liantu.read(shared_server, mapping=of_files)
    assert [p.code for p in raised.value.problems] == ["mapping_needs_label"]
    assert raised.value.problems[0].column == "rows 1"
    (tmp_path / "schools.csv").write_text("urn,name\n1,Lead\n", encoding="utf-8")
    of_graph = tmp_path / "graph.toml"
    of_graph.write_text('[[rows]]\nlabel = "School"\n[rows.school]\nid = "urn"\n', encoding="utf-8")
    with pytest.raises(RequestError) as raised:
        liantu.read(tmp_path / "schools.csv", mapping=of_graph)
    assert [p.code for p in raised.value.problems] == ["mapping_needs_server"]


@pytest.mark.parametrize(
    ("block", "code"),
    [
        ('label = "A"\ntype = "B"', "mapping_not_both"),
        ('label = "A"\nfile = "a.csv"', "mapping_not_both"),
        ('type = "A"\nheader = 2', "mapping_not_both"),
        ('label = ""', "mapping_value"),
        ('lable = "A"', "mapping_key"),
    ],
)
def test_a_block_reads_one_thing(tmp_path, block, code):
    from liantu.loaders.mapping import read_settings

    file = tmp_path / "my.toml"
    file.write_text(f'[[rows]]\n{block}\n[rows.school]\nid = "a"\n', encoding="utf-8")
    with pytest.raises(RequestError) as raised:
        read_settings(file)
    assert [problem.code for problem in raised.value.problems] == [code]


def test_names_cannot_break_out_of_their_quotes():
    assert quoted("x` DETACH DELETE n //") == "`x`` DETACH DELETE n //`"
    assert quoted(r"x\u0060 DETACH") == r"`x\u005Cu0060 DETACH`"


def test_values_as_texts():
    from liantu.loaders.foreign_server import _text

    assert _text(neo4j.time.Date(1969, 12, 31)) == "1969-12-31"
    assert _text(2**53 + 1) == "9007199254740993"
    assert (_text(0.1 + 0.2), _text(35.0), _text(float("nan"))) == ("0.30000000000000004", "35", "")
    assert (_text(True), _text(None), _text([1, "二", None])) == ("true", "", "1、二、")
    assert _text(neo4j.spatial.WGS84Point((104.1, 25.5))) == "104.1、25.5"
    assert _text(neo4j.time.Duration(days=1)) == "P1D"

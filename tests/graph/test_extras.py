"""Columns of a user's own (`x_…`): kept everywhere, told, and never those that say who somebody is."""

from __future__ import annotations

import pandas as pd
import pytest

import liantu
from liantu.errors import DataError
from liantu.exchange import export
from liantu.graph.extras import folded, opened
from liantu.graph.network import Network
from liantu.loaders import examine
from liantu.stores import open_store

SCHOOLS = pd.DataFrame({"id": ["a", "b"], "x_rooms": [12, None], "x_area": ["", "9.50"]})
TIES = pd.DataFrame({"source": ["a"], "target": ["b"], "x_how": ["weekly"]})


def network() -> Network:
    return Network.from_frames({"school": SCHOOLS, "assists": TIES})


def test_they_are_columns_of_frames_as_text():
    found = network()
    assert found.nodes("school")["x_rooms"].fillna("–").tolist() == ["12", "–"]
    assert found.nodes("school")["x_area"].fillna("–").tolist() == ["–", "9.50"]
    assert found.relation("assists")["x_how"].tolist() == ["weekly"]
    assert "x_" not in found.nodes("school")
    again = Network.from_frames({"school": found.nodes("school"), "assists": TIES})
    assert again.fingerprint == found.fingerprint


def test_they_are_in_the_fingerprint_whatever_their_order():
    plain = Network.from_frames({"school": SCHOOLS[["id"]], "assists": TIES[["source", "target"]]})
    turned = Network.from_frames({"school": SCHOOLS.iloc[::-1, ::-1], "assists": TIES})
    assert network().fingerprint == turned.fingerprint != plain.fingerprint
    empty = SCHOOLS[["id"]].assign(x_rooms=None)
    assert Network.from_frames({"school": empty}).fingerprint == (
        Network.from_frames({"school": SCHOOLS[["id"]]}).fingerprint
    )


def test_they_are_attributes_of_graphs_and_back():
    graph = network().to_networkx()
    assert graph.nodes["school:a"] == {"kind": "school", "synthetic": False, "x_rooms": "12"}
    assert [data["x_how"] for *_, data in graph.edges(data=True)] == ["weekly"]
    assert Network.from_networkx(graph).fingerprint == network().fingerprint


@pytest.mark.parametrize("out", ["tables", "net.xlsx", "net.json", "net.graphml", "net.liantu"])
def test_they_come_back(out, tmp_path):
    if out.endswith("liantu"):
        with open_store(tmp_path / out) as store:
            store.write(network())
    else:
        export(network(), tmp_path / out)
    again = liantu.read(tmp_path / out)
    assert again.fingerprint == network().fingerprint
    assert again.nodes("school")["x_area"].dropna().to_dict() == {"b": "9.50"}


def test_an_exported_folder_shows_each_as_a_column(tmp_path):
    export(network(), tmp_path / "tables")
    text = (tmp_path / "tables" / "school.csv").read_text(encoding="utf-8")
    assert text.splitlines() == ["id,x_area,x_rooms", "a,,12", "b,9.50,"]


def test_other_unknown_columns_are_refused_and_told_how_to_keep_them():
    with pytest.raises(DataError) as told:
        Network.from_frames({"school": pd.DataFrame({"id": ["a"], "budget": [3]})})
    assert "x_budget is kept" in told.value.lines()[0]


@pytest.mark.parametrize("text", ["[]", '{"rooms": "1"}', '{"x_a": 1}', "{"])
def test_what_is_no_object_of_own_columns_is_refused(text):
    with pytest.raises(DataError) as told:
        Network.from_frames({"school": pd.DataFrame({"id": ["a"], "x_": [text]})})
    assert told.value.problems[0].code == "bad_extras"


@pytest.mark.parametrize(
    "name", ["x_phone", "x_家长手机", "x_身份证号", "x_校长姓名", "x_principal"]
)
def test_numbers_and_names_of_people_are_never_kept(name):
    found = Network.from_frames({"school": pd.DataFrame({"id": ["a"], name: ["1"], "x_b": ["2"]})})
    assert [key for key in found.nodes("school") if key.startswith("x_")] == ["x_b"]
    assert [p.value for p in found.report.of("warning")] == [name]


def test_own_shape_keeps_what_is_headed_so_and_warns_of_the_rest(tmp_path):
    text = "学校标识码,学段,X_楼层,在校生树,x_联系电话,x_说明\na,小学,３ 层,9,13800000001,电话13800000001\n"
    (tmp_path / "学校.csv").write_text(text, encoding="utf-8")
    found, report = examine(tmp_path)
    school = found.nodes("school")
    assert school["x_楼层"].tolist() == ["３ 层"]  # exactly as written
    assert school["x_说明"].tolist() == ["电话***"]
    assert [key for key in school if key.startswith("x_")] == ["x_楼层", "x_说明"]
    told = {p.code: p.value for p in report.problems}
    assert told["unknown_header"] == "在校生树"
    assert told["own_kept"] == "X_楼层, x_说明"
    assert told["own_personal"] == "x_联系电话"


def test_a_mapping_keeps_what_it_asks_for(tmp_path):
    (tmp_path / "list.csv").write_text("code,Floor,Head,to\na,3,Li,b\nb,,,\n", encoding="utf-8")
    rows = {
        "school": [{"id": "code", "x_floor": "Floor", "x_principal": "Head"}],
        "assists": {"source": "code", "target": "to", "x_why": {"value": "near"}},
        "missing_ends": "skip",
    }
    found, report = examine(tmp_path / "list.csv", mapping={"rows": [rows]})
    assert found.nodes("school")["x_floor"].dropna().to_dict() == {"a": "3"}
    assert "x_principal" not in found.nodes("school")
    assert found.relation("assists")["x_why"].tolist() == ["near"]
    assert [p.value for p in report.of("warning")] == ["Head"]


def test_rows_of_one_node_merge_field_by_field(tmp_path):
    (tmp_path / "list.csv").write_text("code,A,B\na,1,\na,,2\n", encoding="utf-8")
    rows = {"school": {"id": "code", "x_a": "A", "x_b": "B"}}
    found, _ = examine(tmp_path / "list.csv", mapping={"rows": [rows]})
    assert found.nodes("school")[["x_a", "x_b"]].to_numpy().tolist() == [["1", "2"]]


def test_names_of_teachers_are_taken_out_of_them():
    teachers = pd.DataFrame({"id": ["T1"], "name": ["王小芳"]})
    schools = pd.DataFrame({"id": ["a"], "x_说明": ["由王小芳负责"]})
    found = Network.from_frames({"teacher": teachers, "school": schools}).without_teacher_names()
    assert found.nodes("school")["x_说明"].tolist() == ["由‹…›负责"]


def test_folding_and_opening_undo_each_other():
    frame = pd.DataFrame({"id": ["a", "b"], "x_k": ['"', None], "x_j": ["\\\n", "é"]})
    assert opened(folded(frame)).fillna("").to_dict("list") == {
        "id": ["a", "b"],
        "x_j": ["\\\n", "é"],
        "x_k": ['"', ""],
    }

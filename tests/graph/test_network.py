from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import liantu
from liantu.errors import DataError, OptionError, RequestError
from liantu.graph import schema
from liantu.graph.fingerprint import fingerprint, fingerprints
from liantu.graph.network import Network
from liantu.graph.select import select


def small(**more: pd.DataFrame) -> Network:
    frames = {
        "school": pd.DataFrame(
            {"id": ["007", "a", "b"], "region": ["v", "t", "c"], "pupils": [10, None, 30]}
        ),
        "region": pd.DataFrame({"id": ["c", "t", "v"], "parent": [None, "c", "t"]}),
        "teacher": pd.DataFrame({"id": ["007"], "name": ["王老师"]}),
        "assists": pd.DataFrame(
            {
                "source": ["a", "a", "b"],
                "target": ["b", "007", "007"],
                "start": ["2021-09-01", None, "2023-01-01"],
                "end": ["2022-08-31", None, None],
            }
        ),
        "posted_to": pd.DataFrame({"source": ["007"], "target": ["a"], "source_kind": ["teacher"]}),
        "delivers": pd.DataFrame(
            {"source": ["a", "a"], "target": ["b", "b"], "date": ["2022-03-05", None]}
        ),
    }
    return Network.from_frames({**frames, **more}, as_of="2022-05", title="t")


def test_ids_stay_text_and_rows_are_canonical():
    network = small()
    assert network.nodes("school").index.tolist() == ["007", "a", "b"]
    assert network.relation("assists")[["source", "target"]].astype("str").values.tolist() == [
        ["a", "007"],
        ["a", "b"],
        ["b", "007"],
    ]
    assert network.as_of == date(2022, 5, 31)
    assert repr(network).startswith("<Network “t”: 3 school, 1 teacher, 3 region")


def test_codes_are_positions_also_where_ids_occur_in_two_kinds():
    network = small()
    assert network.relation("assists")["target"].cat.codes.tolist() == [0, 2, 0]
    # all kinds in schema order: the only teacher comes after three schools
    assert network.numbering.base("teacher") == 3
    assert network.edges("assists").target.tolist() == [0, 2, 0]
    assert network.numbering.kinds(network.edges("posted_to").source).tolist() == ["teacher"]


def test_frames_given_out_cannot_change_the_network():
    network = small()
    before = network.fingerprint
    frame = network.nodes("school")
    frame["pupils"] = 0
    frame.loc["a", "name"] = "x"
    assert network.nodes("school")["pupils"].sum() == 40
    assert network.replaced({"school": network.nodes("school")}).fingerprint == before


def test_attributes_cannot_be_set():
    network = small()
    for name in ("as_of", "title", "report", "phases", "focus_region", "fingerprint"):
        with pytest.raises(AttributeError):
            setattr(network, name, None)


def test_at_keeps_states_in_force_and_events_of_the_day():
    network = small()
    day = network.at("2022-03-05")
    pairs = day.relation("assists")[["source", "target"]].astype("str").values.tolist()
    assert pairs == [["a", "007"], ["a", "b"]]  # undated counts, 2023 has not begun
    assert len(day.relation("delivers")) == 1
    assert day.as_of == date(2022, 3, 5)
    assert len(network.at("2022-08-31").relation("assists")) == 2  # the last day is included
    assert len(network.at("2022-09-01").relation("assists")) == 1


def test_between_takes_overlapping_states_and_events_within():
    network = small()
    assert len(network.between("2022-03-06", "2023-06-01").relation("assists")) == 3
    assert len(network.between("2022-03-06", "2023-06-01").relation("delivers")) == 0
    with pytest.raises(OptionError):
        network.between("2023-01-01", "2022-01-01")


def test_what_if_copies_share_what_did_not_change():
    network = small()
    more = network.with_edges("assists", pd.DataFrame({"source": ["b"], "target": ["a"]}))
    assert len(more.relation("assists")) == 4
    assert len(network.relation("assists")) == 3
    assert more._frames["school"] is network.frames["school"]
    assert more.fingerprint != network.fingerprint
    with pytest.raises(DataError, match="no school has the id or name “x”"):
        network.with_edges("assists", pd.DataFrame({"source": ["x"], "target": ["a"]}))


def test_with_the_same_edge_changes_nothing():
    network = small()
    same = network.relation("assists").iloc[[0]].astype({"source": "str", "target": "str"})
    assert network.with_edges("assists", same).fingerprint == network.fingerprint


def test_without_drops_nodes_and_the_rows_that_touch_them():
    network = small()
    left = network.without("school", ["a"])
    assert left.nodes("school").index.tolist() == ["007", "b"]
    assert left.relation("assists")[["source", "target"]].astype("str").values.tolist() == [
        ["b", "007"]
    ]
    assert len(left.relation("posted_to")) == 0
    assert len(left.nodes("teacher")) == 1  # the teacher 007 is not the school 007
    only = network.subnetwork("school", ["a", "b"])
    assert only.nodes("school").index.tolist() == ["a", "b"]
    with pytest.raises(RequestError, match="there is no school with id “zz”"):
        network.without("school", ["zz"])


def test_regions_roll_up_and_focus():
    network = small()
    codes = network.region_codes("school")
    assert network.roll_up(codes, [10, 20, 30]).tolist() == [60, 30, 10]  # c, t, v
    assert network.within("school", "t").tolist() == [True, True, False]
    assert network.focus("v").reported().tolist() == [True, False, False]
    assert network.reported().all()
    assert network.focus("v").fingerprint == network.fingerprint
    with pytest.raises(RequestError, match="there is no region"):
        network.focus("nowhere")


def test_a_region_in_focus_cannot_be_left_out():
    focused = small().focus("v")
    for leave_out in (
        lambda: focused.without("region", ["v"]),
        lambda: focused.subnetwork("region", ["c", "t"]),
        lambda: select(focused, kinds=["school"]),
    ):
        with pytest.raises(RequestError, match="region “v”, which results are limited to"):
            leave_out()
    assert focused.without("school", ["a"]).focus_region == "v"
    assert "v" not in focused.whole().without("region", ["v"]).nodes("region").index


def test_open_schools():
    schools = pd.DataFrame(
        {
            "id": ["a", "b", "c"],
            "opened": ["2020-01-01", None, None],
            "closed": [None, "2020-01", None],
        }
    )
    network = Network.from_frames({"school": schools})
    assert network.open_schools(date(2019, 12, 31)).tolist() == [False, True, True]
    assert network.open_schools(date(2020, 1, 31)).tolist() == [True, False, True]


def test_fingerprint_covers_data_only():
    network = small()
    frames = {name: network.plain_frames()[name] for name in schema.tables()}
    shuffled = {name: frame.iloc[::-1] for name, frame in frames.items()}
    assert Network.from_frames(shuffled, title="other").fingerprint == network.fingerprint
    fuller = {**frames, "school": frames["school"].drop(columns=["stage", "synthetic"])}
    assert Network.from_frames(fuller).fingerprint == network.fingerprint
    other = {**frames, "school": frames["school"].assign(pupils=1)}
    assert Network.from_frames(other).fingerprint != network.fingerprint


@pytest.mark.parametrize("column", [("teacher", "name"), ("school", "id"), ("center", "name")])
def test_one_pass_gives_the_fingerprint_with_and_without_a_column(column):
    name, key = column
    frames = {name: small().plain_frames()[name] for name in schema.tables()}
    emptied = frames[name].assign(**{key: pd.Series(None, index=frames[name].index, dtype="str")})
    every, rest = fingerprints(frames, without=column)
    assert every == fingerprint(frames)
    assert rest == fingerprint({**frames, name: emptied})
    assert (every == rest) == (name == "center")  # there is none


@given(st.permutations(range(4)), st.permutations(range(3)))
def test_row_order_never_matters(schools, ties):
    frames = {
        "school": pd.DataFrame({"id": list("abcd"), "name": ["甲", None, "乙", "甲"]}),
        "assists": pd.DataFrame(
            {"source": list("aab"), "target": list("bbc"), "start": ["2020-01-01", None, None]}
        ),
    }
    plain = Network.from_frames(frames)
    mixed = Network.from_frames(
        {"school": frames["school"].iloc[schools], "assists": frames["assists"].iloc[ties]}
    )
    assert mixed.fingerprint == plain.fingerprint
    pd.testing.assert_frame_equal(mixed.relation("assists"), plain.relation("assists"))


def test_kinds_without_a_table_come_from_ends():
    network = Network.from_frames(
        {
            "school": pd.DataFrame({"id": ["a"]}),
            "member_of": pd.DataFrame({"source": ["a"], "target": ["g"]}),
        }
    )
    assert network.nodes("alliance").index.tolist() == ["g"]
    with pytest.raises(DataError, match="no school has the id or name “b”"):
        Network.from_frames(
            {
                "school": pd.DataFrame({"id": ["a"]}),
                "assists": pd.DataFrame({"source": ["a"], "target": ["b"]}),
            }
        )


def test_from_frames_names_every_problem():
    with pytest.raises(DataError) as caught:
        Network.from_frames(
            {
                "school": pd.DataFrame(
                    {"id": ["a", "a", "b", "ｂ"], "stage": ["primary", "junior", "x", None]}
                ),
                "assists": pd.DataFrame(
                    {
                        "source": ["a", "zz"],
                        "target": ["b", "b"],
                        "start": ["2022-01-01", None],
                        "end": ["2021-01-01", None],
                    }
                ),
            }
        )
    assert sorted(problem.code for problem in caught.value.problems) == [
        "duplicate_id",
        "reversed_dates",
        "similar_ids",
        "unknown_code",
        "unknown_end",
    ]


def test_ids_that_are_no_text_are_refused():
    with pytest.raises(DataError, match="ids are text and “1” is not"):
        Network.from_frames({"school": pd.DataFrame({"id": [1, 2]})})
    with pytest.raises(DataError, match="Did you mean “pupils”"):
        Network.from_frames({"school": pd.DataFrame({"id": ["a"], "pupil": [1]})})


@pytest.mark.parametrize(
    ("table", "rows", "code"),
    [
        ("affiliated_to", {"source": ["a", "b"], "target": ["b", "a"]}, "cycle"),
        ("region", {"id": ["x", "y"], "parent": ["y", "x"]}, "cycle"),
        ("region", {"id": ["x"], "parent": ["x"]}, "cycle"),
        ("school", {"id": ["a", "b"], "lat": [120.0, 1.0], "lon": [30.0, 1.0]}, "bad_latitude"),
        ("school", {"id": ["a", "b"], "lon": [200.0, 1.0], "lat": [1.0, 1.0]}, "bad_longitude"),
        ("school", {"id": ["a", "b"], "pupils": [-1, 2]}, "negative"),
        ("school", {"id": ["a", "b"], "datum": ["WGS-84", "GCJ-02"]}, "mixed_datum"),
        ("school", {"id": ["a", "b"], "opened": ["2020-01-01"] * 2, "closed": ["2019-01-01"] * 2},
         "reversed_dates"),
        ("supports", {"source": ["p"], "target": ["a"], "target_kind": ["teacher"]},
         "bad_end_kind"),
        ("observations", {"id": ["zz"], "measure": ["pupils"]}, "unknown_end"),
        ("delivers", {"source": ["a"], "target": ["b"], "count": [-3]}, "negative"),
    ],
)  # fmt: skip
def test_errors(table, rows, code):
    frames = {"school": pd.DataFrame({"id": ["a", "b"]}), table: pd.DataFrame(rows)}
    with pytest.raises(DataError) as caught:
        Network.from_frames(frames)
    assert code in {problem.code for problem in caught.value.problems}


@pytest.mark.parametrize(
    ("table", "rows", "code"),
    [
        ("school", {"id": ["a", "b"], "lat": [0.0, 1.0], "lon": [0.0, 1.0]}, "zero_coordinates"),
        ("school", {"id": ["a", "b"], "lat": [80.0, 40.0], "lon": [30.0, 116.0]},
         "swapped_coordinates"),
        ("school", {"id": ["3137000001", "b"], "stage": ["primary", None]}, "prefix_stage"),
        ("school", {"id": ["a", "b"], "opened": ["2030-01-01", None]}, "after_as_of"),
        ("delivers", {"source": ["a"], "target": ["b"], "date": ["2030-01-01"]}, "after_as_of"),
        ("delivers", {"source": ["a"] * 2, "target": ["b"] * 2}, "same_event"),
        ("posted_to", {"source": ["t"], "target": ["a"], "source_kind": ["teacher"]},
         "home_missing"),
        ("posted_to", {"source": ["a"], "target": ["b"], "start": ["2015-01-01"]},
         "old_open_posting"),
        ("assists", {"source": ["a"], "target": ["a"]}, "self_tie"),
        ("member_of", {"source": ["a", "a"], "target": ["g", "g"], "role": ["core", "member"]},
         "self_listed"),
    ],
)  # fmt: skip
def test_warnings(table, rows, code):
    frames = {"school": pd.DataFrame({"id": ["a", "b"]}), table: pd.DataFrame(rows)}
    network = Network.from_frames(frames, as_of="2022-05-11")
    assert [problem.code for problem in network.report.problems] == [code]
    assert network.report.problems[0].severity == "warning"


def test_teacher_names_and_ids_made_from_names_vanish():
    teachers = pd.DataFrame({"id": ["a/张三", "T9"], "name": ["张三", "李四"]})
    network = Network.from_frames(
        {
            "school": pd.DataFrame({"id": ["a", "b"]}),
            "teacher": teachers,
            "works_at": pd.DataFrame({"source": ["a/张三", "T9"], "target": ["a", "b"]}),
            "mentors": pd.DataFrame(
                {
                    "source": ["a/张三"],
                    "target": ["T9"],
                    "source_kind": "teacher",
                    "target_kind": "teacher",
                }
            ),
        }
    )
    masked = network.without_teacher_names()
    assert masked.fingerprint != network.fingerprint
    assert masked.nodes("teacher")["name"].isna().all()
    shown = str(masked.nodes("teacher")) + str(masked.relation("works_at"))
    assert "张三" not in shown and "李四" not in shown
    assert "T9" in masked.nodes("teacher").index
    alias = masked.relation("mentors")["source"].astype("str").iloc[0]
    assert alias.startswith("teacher-")
    assert masked.nodes("teacher").index.tolist() == network.without_teacher_names().nodes("teacher").index.tolist()  # fmt: skip
    assert "张三" in network.nodes("teacher")["name"].tolist()


@pytest.mark.parametrize("key", ["一小:王老师", "王老师", "s1/王老师/语文"])
def test_an_id_that_holds_the_name_is_made_from_it(key):
    teachers = pd.DataFrame({"id": [key, "T1"], "name": ["王老师", "李老师"]})
    masked = Network.from_frames({"teacher": teachers}).without_teacher_names()
    first, second = sorted(masked.nodes("teacher").index)
    assert (first, second[:8], "王" in second) == ("T1", "teacher-", False)


def test_a_name_with_a_slash_vanishes():
    teachers = pd.DataFrame({"id": ["s1/A/B"], "name": ["A/B"]})
    masked = Network.from_frames({"teacher": teachers}).without_teacher_names()
    assert masked.nodes("teacher").index[0].startswith("teacher-")


def test_to_networkx_keeps_everything():
    graph = small().to_networkx()
    assert graph.number_of_nodes() == 3 + 1 + 3
    assert graph.number_of_edges() == 3 + 1 + 2
    assert graph.nodes["school:007"]["pupils"] == 10
    assert "pupils" not in graph.nodes["school:a"]
    dates = [data.get("start") for _, _, data in graph.edges("school:a", data=True)]
    assert sorted(map(str, dates)) == ["2021-09-01", "None", "None", "None"]
    assert "opened" not in graph.nodes["school:a"]


def test_the_empty_network():
    network = Network.from_frames({})
    assert len(network) == 0
    assert repr(network) == "<Network: empty>"
    assert network.fingerprint.startswith("sha256:")
    assert network.without_teacher_names().at("2020").fingerprint == network.fingerprint


def test_unknown_names_get_a_suggestion():
    network = Network.from_frames({})
    with pytest.raises(RequestError, match="Did you mean “school”"):
        network.nodes("scool")
    with pytest.raises(RequestError, match="Did you mean “assists”"):
        network.relation("asists")
    with pytest.raises(AttributeError):
        liantu.covrage  # noqa: B018


@pytest.mark.parametrize("given", [20210901, 20210901.0, "2021-09-01", pd.Timestamp("2021-09-01")])
def test_numbers_are_dates_as_people_write_them(given):
    frames = {"school": pd.DataFrame({"id": ["a", "b"], "opened": [given, None]})}
    opened = Network.from_frames(frames).nodes("school")["opened"]
    assert opened.dt.strftime("%Y-%m-%d").fillna("").tolist() == ["2021-09-01", ""]


def test_numbers_among_texts_are_read_like_these():
    frames = {"school": pd.DataFrame({"id": ["a", "b"], "pupils": [10, "12"]})}
    assert Network.from_frames(frames).nodes("school")["pupils"].tolist() == [10, 12]
    with pytest.raises(DataError, match="“x”"):
        Network.from_frames({"school": frames["school"].assign(pupils=[10, "x"])})

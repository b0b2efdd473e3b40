"""Every rule of the tie projection, worked out by hand."""

from datetime import date

import narwhals as nw
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import liantu
from liantu.errors import OptionError
from liantu.graph import tie_rules
from liantu.graph.network import Network
from liantu.graph.spans import HIGH, LOW
from liantu.graph.study import study
from liantu.graph.tie_rules import gaps
from liantu.graph.ties import TieSet

DAY = date(2022, 5, 11)


def made(schools: str = "abcd", **frames: dict[str, object]) -> Network:
    tables = {name: pd.DataFrame(columns) for name, columns in frames.items()}
    return Network.from_frames({"school": pd.DataFrame({"id": list(schools)}), **tables}, as_of=DAY)


def ties(network: Network, **options: object) -> pd.DataFrame:
    return liantu.ties(network, **options).table


def now(network: Network, **options: object) -> TieSet:
    return study(network).tie_set(DAY, **options)


def pairs(network: Network, **options: object) -> list[str]:
    frame = ties(network, as_of=DAY, **options)
    return [f"{s}>{t}" for s, t in zip(frame["source"], frame["target"], strict=True)]


def notes(network: Network) -> dict[str, int]:
    found = now(network).notes
    return {note.code: note.params["count"] for note in found}


def test_core_supports_members():
    network = made(
        member_of={"source": list("abc"), "target": "g", "role": ["core", "member", None]}
    )
    assert pairs(network) == ["a>b", "a>c"]
    frame = ties(network, as_of=DAY)
    assert not frame["mutual"].any()
    assert frame["undated"].all() and frame["in_force"].all()
    assert notes(network) == {"undated_states": 3}


def test_two_cores_both_ways():
    network = made(
        member_of={"source": list("abc"), "target": "g", "role": ["core", "core", "member"]}
    )
    assert pairs(network) == ["a>b", "a>c", "b>a", "b>c"]
    assert ties(network, as_of=DAY)["mutual"].tolist() == [True, False, True, False]


def test_partnership_both_ways():
    network = made(
        member_of={
            "source": list("ab"), "target": "g", "role": ["core", "member"], "form": "partnership",
        },
        assists={"source": ["c"], "target": ["d"], "form": ["partnership"]},
    )  # fmt: skip
    assert pairs(network) == ["a>b", "b>a", "c>d", "d>c"]
    frame = ties(network, as_of=DAY)
    assert frame["mutual"].all()
    assert frame["closeness"].tolist() == [1, 1, 1, 1]


def test_form_of_the_alliance_is_the_last_resort():
    network = made(
        alliance={"id": ["g"], "form": ["co_built"]},
        member_of={"source": list("abc"), "target": "g", "role": ["core", None, None],
                   "form": [None, None, "mother_child"]},
    )  # fmt: skip
    frame = ties(network, as_of=DAY)
    assert frame["form"].tolist() == ["co_built", "mother_child"]
    assert frame["closeness"].tolist() == [2, 3]


def test_coreless_alliance_ties_members_both_ways():
    network = made(member_of={"source": list("abc"), "target": "g"})
    assert pairs(network) == ["a>b", "a>c", "b>a", "b>c", "c>a", "c>b"]
    assert ties(network, as_of=DAY)["mutual"].all()


def test_when_the_core_leaves_its_ties_end():
    network = made(
        member_of={"source": list("abc"), "target": "g", "role": ["core", None, None],
                   "start": "2020-01-01", "end": ["2021-12-31", None, None]},
    )  # fmt: skip
    frame = ties(network, as_of=DAY)
    assert pairs(network) == ["a>b", "a>c"]
    assert not frame["in_force"].any()
    assert frame["end"].dt.date.tolist() == [date(2021, 12, 31)] * 2


@pytest.mark.parametrize(
    "core", [{"end": "2020-12-31"}, {"certainty": "ambiguous"}], ids=["too early", "ambiguous"]
)
def test_an_alliance_that_ever_had_a_core_is_not_coreless(core):
    rows = [{"source": "a", "role": "core", **core}, {"source": "b"}, {"source": "c"}]
    network = Network.from_frames(
        {
            "alliance": pd.DataFrame({"id": ["g"], "start": ["2021-01-01"]}),
            "member_of": pd.DataFrame(rows).assign(target="g"),
        }
    )
    assert pairs(network) == []


def test_core_beats_member_where_both_hold():
    network = made(
        member_of={"source": ["a", "a", "b"], "target": "g", "role": ["core", "member", "core"],
                   "start": ["2021-01-01", "2020-01-01", "2020-01-01"]},
    )  # fmt: skip
    frame = ties(network, as_of=DAY)
    assert pairs(network) == ["a>b", "b>a", "b>a"]
    starts = [date(2021, 1, 1), date(2020, 1, 1), date(2021, 1, 1)]
    assert frame["start"].dt.date.tolist() == starts
    assert frame["end"].dt.date.fillna("open").tolist() == ["open", date(2020, 12, 31), "open"]
    assert frame["mutual"].tolist() == [True, False, True]


def test_interval_is_the_intersection_and_the_alliance_counts():
    network = made(
        alliance={"id": ["g"], "end": ["2022-12-31"]},
        member_of={"source": list("ab"), "target": "g", "role": ["core", "member"],
                   "start": ["2020-01-01", "2021-09-01"]},
    )  # fmt: skip
    frame = ties(network, as_of=DAY)
    assert frame["start"].dt.date.tolist() == [date(2021, 9, 1)]
    assert frame["end"].dt.date.tolist() == [date(2022, 12, 31)]


def test_one_row_for_each_alliance_and_none_for_repeats():
    network = made(
        member_of={"source": ["a", "b", "b", "a", "b"], "target": ["g", "g", "g", "h", "h"],
                   "role": ["core", "member", "member", "core", "member"],
                   "provenance": ["x", "x", "y", "x", "x"]},
    )  # fmt: skip
    assert pairs(network) == ["a>b", "a>b"]
    assert ties(network, as_of=DAY)["origin"].tolist() == [
        "member_of:a>g + member_of:b>g",
        "member_of:a>h + member_of:b>h",
    ]
    assert now(network).graph.source.tolist() == [0]


def test_large_coreless_alliances_make_no_ties(monkeypatch):
    monkeypatch.setattr(tie_rules, "LARGE", 2)
    network = made(
        member_of={"source": list("abc"), "target": "g", "end": [None, None, "2020-01-01"]}
    )
    found = now(network)
    assert not len(found.ties)
    assert found.loose.tolist() == [True, True, False, False]
    assert [note.code for note in found.notes] == ["undated_states", "large_coreless"]


def test_postings_run_from_home_to_host_and_shadowing_back():
    network = made(
        works_at={"source": ["T", "U"], "target": ["a", "b"]},
        posted_to={"source": ["T", "U", "V"], "source_kind": "teacher", "target": ["b", "a", "c"],
                   "form": ["support_teaching", "shadowing", "rotation"],
                   "start": ["2022-02-01"] * 3},
    )  # fmt: skip
    assert pairs(network) == ["a>b", "a>b"]
    assert notes(network)["home_unknown"] == 1


def test_home_column_beats_employment_and_home_is_host_gives_none():
    network = made(
        works_at={"source": ["T"], "target": ["a"]},
        posted_to={"source": ["T", "T"], "source_kind": "teacher", "target": ["b", "c"],
                   "home": ["d", "c"], "start": ["2022-02-01"] * 2},
    )  # fmt: skip
    assert pairs(network) == ["d>b"]
    assert notes(network)["home_is_host"] == 1


def test_home_is_the_employment_when_the_posting_starts():
    network = made(
        works_at={"source": ["T", "T"], "target": ["a", "b"], "start": ["2015-01-01", "2021-01-01"],
                  "end": ["2020-12-31", None]},
        posted_to={"source": ["T", "T"], "source_kind": "teacher", "target": ["c", "d"],
                   "start": ["2020-06-01", None]},
    )  # fmt: skip
    assert pairs(network) == ["a>c", "b>d"]  # the undated one: the employment on as_of


def test_two_homes_give_both_ties_and_a_school_is_its_own_home():
    network = made(
        works_at={"source": ["T", "T"], "target": ["a", "b"]},
        posted_to={"source": ["T", "d"], "source_kind": ["teacher", "school"], "target": ["c", "c"],
                   "count": [None, 4], "start": ["2022-01-01"] * 2},
    )  # fmt: skip
    assert pairs(network) == ["a>c", "b>c", "d>c"]


def test_mentoring_through_employment_or_named_schools():
    network = made(
        works_at={"source": ["M", "N"], "target": ["a", "b"], "start": ["2020-01-01", "2021-01-01"]},
        mentors={"source": ["M", "M", "X"], "target": ["N", "N", "N"], "source_kind": "teacher",
                 "target_kind": "teacher", "mentor_school": [None, "c", None],
                 "start": ["2020-06-01", "2020-07-01", None]},
    )  # fmt: skip
    frame = ties(network, as_of=DAY)
    assert pairs(network) == ["a>b", "c>b"]
    assert frame["start"].dt.date.tolist() == [date(2021, 1, 1)] * 2
    assert notes(network)["school_unknown"] == 1


def test_mentoring_between_schools_and_inside_one():
    network = made(
        mentors={"source": ["a", "b"], "target": ["b", "b"], "source_kind": "school",
                 "target_kind": "school", "count": [30, 2]},
    )  # fmt: skip
    assert pairs(network) == ["a>b"]


def test_of_equal_mentoring_the_dated_one_counts_as_activity():
    network = made(
        works_at={"source": list("MNOP"), "target": list("abab"), "start": "2022-01-01"},
        mentors={"source": ["M", "O"], "target": ["N", "P"], "source_kind": "teacher",
                 "target_kind": "teacher", "start": [None, "2022-01-01"]},
    )  # fmt: skip
    assert pairs(network) == ["a>b"]
    assert now(network).active.tolist() == [True]


def test_centre_ties_come_from_the_host_else_the_centre():
    network = made(
        center={"id": ["Y", "Z"]},
        works_at={"source": ["T"], "target": ["c"]},
        joins={"source": ["a", "T", "b", "d"], "source_kind": ["school", "teacher", "school", "school"],
               "target": ["Y", "Y", "Z", "Y"], "role": ["host", "member", "member", "base"]},
    )  # fmt: skip
    frame = ties(network, as_of=DAY)
    assert pairs(network) == ["Z>b", "a>c", "d>c"]
    assert frame["source_kind"].tolist() == ["center", "school", "school"]


def test_deliveries_are_events_of_the_deliverers_school():
    network = made(
        center={"id": ["Z"]},
        partner={"id": ["P"]},
        works_at={"source": ["T"], "target": ["c"], "end": ["2021-12-31"]},
        joins={"source": ["d"], "source_kind": ["school"], "target": ["Z"], "role": ["host"],
               "start": ["2022-01-01"]},
        delivers={"source": ["a", "T", "T", "Z", "Z", "P", "a"],
                  "source_kind": ["school", "teacher", "teacher", "center", "center", "partner",
                                  "school"],
                  "target": ["b", "b", "b", "b", "b", "b", "Z"],
                  "target_kind": ["school"] * 6 + ["center"],
                  "date": ["2021-06-01", "2021-06-01", "2022-02-01", "2022-02-02", "2021-06-03",
                           "2020-01-01", "2022-01-01"]},
    )  # fmt: skip
    frame = ties(network, as_of=DAY)
    rows = frame[["source", "source_kind", "active"]].astype("str").values.tolist()
    assert rows == [
        ["P", "partner", "False"],
        ["Z", "center", "True"],
        ["a", "school", "True"],
        ["c", "school", "True"],
        ["d", "school", "True"],
    ]
    assert not frame["in_force"].any()  # an event is no state
    assert notes(network) == {"deliverer_unknown": 1, "delivered_elsewhere": 1}


def test_window_is_open_at_its_start_and_closed_at_its_end():
    network = made(
        delivers={"source": ["a"] * 3, "target": ["b", "c", "d"],
                  "date": ["2021-05-11", "2021-05-12", "2022-05-11"]},
    )  # fmt: skip
    assert ties(network, as_of=DAY)["active"].tolist() == [False, True, True]
    assert ties(network, as_of=DAY, window="366d")["active"].all()


def test_support_reaches_schools_and_members_but_not_regions():
    network = made(
        region={"id": ["r"]},
        member_of={"source": ["a", "b"], "target": "g", "role": ["core", None]},
        supports={"source": ["P"] * 3, "target": ["c", "g", "r"],
                  "target_kind": ["school", "alliance", "region"],
                  "form": ["funding", "training", "donation"]},
    )  # fmt: skip
    assert pairs(network, basis=["supports"]) == ["P>a", "P>b", "P>c"]
    found = now(network, basis=["supports"])
    assert found.ties.lifts.tolist() == [True, True, False]  # funding never lifts a school
    assert found.in_force.all()
    assert notes(network)["supported_elsewhere"] == 1


def test_ambiguous_rows_make_no_ties_and_are_counted():
    network = made(
        assists={"source": ["a", "a"], "target": ["b", "c"], "certainty": ["ambiguous", "stated"]}
    )
    assert pairs(network) == ["a>c"]
    assert notes(network) == {"undated_states": 1, "ambiguous_rows": 1}


def test_ambiguous_employment_is_counted_and_makes_no_ties():
    network = made(
        works_at={"source": ["T"], "target": ["a"], "certainty": ["ambiguous"]},
        posted_to={"source": ["T"], "source_kind": "teacher", "target": ["b"],
                   "start": ["2022-02-01"]},
    )  # fmt: skip
    assert pairs(network) == []
    assert notes(network) == {"ambiguous_rows": 1, "home_unknown": 1}


def test_ties_of_closed_schools_are_not_in_force():
    schools = pd.DataFrame({"id": ["a", "b"], "closed": ["2022-05-11", None]})
    network = Network.from_frames(
        {"school": schools, "assists": pd.DataFrame({"source": ["a"], "target": ["b"]})}
    )
    assert not ties(network, as_of=DAY)["in_force"].any()
    assert ties(network, as_of=date(2022, 5, 10))["in_force"].all()


def test_a_posting_is_active_while_it_overlaps_the_window():
    network = made(
        posted_to={"source": list("abc"), "source_kind": "school", "target": list("ddd"),
                   "start": ["2020-01-01", "2020-01-01", None], "end": ["2021-05-11", "2021-06-01", None]},
    )  # fmt: skip
    found = now(network)
    assert found.active.tolist() == [False, True, False]  # undated: in force, not active
    assert found.in_force.tolist() == [False, False, True]  # one that has ended is not in force
    assert found.current.tolist() == [False, True, True]


def test_what_a_study_keeps_cannot_be_changed():
    network = made(assists={"source": ["a"], "target": ["b"]})
    with pytest.raises(ValueError, match="read-only"):
        now(network).ties.source[0] = 3
    nodes = study(network).nodes()
    nodes.loc[0, "id"] = "z"
    assert study(network).nodes()["id"].tolist() == list("abcd")
    assert study(network) is study(network)


def test_unknown_basis_and_window_are_refused():
    with pytest.raises(OptionError, match="affiliated_to"):
        now(made(), basis=["affiliated_to"])
    with pytest.raises(OptionError, match="12x"):
        now(made(), window="12x")


def test_focus_limits_targets_only():
    network = made("ab", region={"id": ["r"]}, assists={"source": ["a", "b"], "target": ["b", "a"]})
    placed = network.replaced(
        {"school": network.nodes("school").assign(region=pd.array(["r", None], dtype="str"))}
    )
    assert pairs(placed.focus("r")) == ["b>a"]


spans = st.tuples(st.integers(0, 9), st.integers(0, 9)).map(sorted)


@given(st.lists(st.tuples(st.integers(0, 1), spans), min_size=1, max_size=6))
def test_gaps_are_the_days_that_no_span_covers(items):
    frame = pd.DataFrame(
        [(group, start, end) for group, (start, end) in items], columns=["g", "start", "end"]
    )
    frame = frame.astype("int32")
    found = gaps(nw.from_native(frame, eager_only=True), ["g"]).to_native()
    for group in frame["g"].unique():
        own, free = frame[frame["g"] == group], found[found["g"] == group]
        for day in [LOW, -1, *range(11), HIGH]:
            covered = bool(((own["start"] <= day) & (day <= own["end"])).any())
            inside = bool(((free["start_gap"] <= day) & (day <= free["end_gap"])).any())
            assert covered != inside


def test_what_is_kept_for_one_date_is_right_for_another():
    def undated() -> Network:
        return made(
            works_at={"source": ["T", "T"], "target": ["a", "b"],
                      "start": ["2015-01-01", "2021-01-01"], "end": ["2020-12-31", None]},
            posted_to={"source": ["T"], "source_kind": "teacher", "target": ["c"]},
        )  # fmt: skip

    def dated() -> Network:
        return made(assists={"source": ["a"], "target": ["b"], "end": ["2021-01-01"]})

    for fresh in (undated, dated):
        network = fresh()
        for day in (date(2020, 6, 1), date(2022, 6, 1), date(2020, 6, 1)):
            pd.testing.assert_frame_equal(ties(network, as_of=day), ties(fresh(), as_of=day))
    assert ties(undated(), as_of=date(2020, 6, 1))["source"].tolist() == ["a"]
    assert ties(undated(), as_of=date(2022, 6, 1))["source"].tolist() == ["b"]


def test_an_unknown_host_is_counted_once_though_two_rules_ask_for_it():
    network = made(
        center={"id": ["Z"]},
        joins={"source": ["T"], "source_kind": ["teacher"], "target": ["Z"], "role": ["host"],
               "start": ["2022-01-01"]},
        delivers={"source": ["Z"], "source_kind": ["center"], "target": ["b"],
                  "target_kind": ["school"], "date": ["2022-02-01"]},
    )  # fmt: skip
    assert notes(network) == {"school_unknown": 1}


def test_a_core_taken_out_leaves_no_alliance_without_one():
    rows = {"source": list("abc"), "target": "g", "role": ["core", None, None]}
    network = made(member_of=rows)
    ended = made(member_of={**rows, "end": ["2021-12-31", None, None]})
    for copy in (
        network.without("school", ["a"]),
        network.subnetwork("school", ["b", "c"]),
        ended.between("2022-01-01", "2022-12-31"),
        Network.from_frames(network.without("school", ["a"]).plain_frames(), as_of=DAY),
    ):
        assert pairs(copy) == []
        assert liantu.coverage(copy, scope="all").summary["covered"] == 0
    assert liantu.coverage(ended, scope="all").summary["covered"] == 0
    two = made(member_of={**rows, "role": ["core", "core", None]})
    assert pairs(two.without("school", ["a"])) == ["b>c"]  # another core is left

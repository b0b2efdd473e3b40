"""Load worked out by hand: what thresholds leave to give, people who are out, the rule of six."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from math import ceil, floor
from typing import Any

import numpy as np
from analyses.donors import ABOVE, ARTS, BACKBONE, donors, made, pairs, thresholds

from liantu.analyses.load import load
from liantu.graph.indicators import indicators
from liantu.graph.network import Network

# -- thresholds ------------------------------------------------------------------------------


def donor(figures: dict[str, float], posted: int = 0, **case: Any) -> Network:
    frames = {key: case.pop(key) for key in [*case] if isinstance(case[key], dict)}
    return donors({**figures, "posted": posted, **case}, **frames)


def test_headroom_by_hand():
    cases = [
        ("primary", 1000, BACKBONE, 1.4, 14, 10, 4),
        ("primary", 1000, ABOVE, 4.5, 45, 42, 3),
        ("primary", 1000, ARTS, 0.9, 9, 9, 0),
        ("junior", 760, ABOVE, 5.66, 43, 41, 2),
        ("primary", 1010, ABOVE, 4.2, 42, 43, 0),  # the figure meets, as rounded as it is
        ("primary", 1000, ABOVE, 3.0, 30, 42, -12),
        ("nine_year", 1000, ABOVE, 5.0, 50, 53, -3),
    ]
    net = donors(*({"stage": s, "pupils": p, k: x} for s, p, k, x, *_ in cases))
    table = load(net).tables["thresholds"].set_index(["supporter", "indicator"])
    for number, (_, _, key, _, *expected) in enumerate(cases):
        row = table.loc[(f"{number:02}", key)]
        assert row[["has", "needed", "headroom"]].tolist() == expected, number


def test_verdicts_where_nothing_is_known_of_the_people():
    cases = [
        (1.4, 0, "holds"),
        (1.4, 4, "holds"),  # even if all are backbone teachers
        (1.4, 5, "depends"),
        (0.9, 0, "already_below"),
        (0.9, 5, "already_below"),
    ]
    found = thresholds(donors(*({BACKBONE: x, "posted": n} for x, n, _ in cases)), BACKBONE)
    assert found["threshold_verdict"].tolist() == [verdict for *_, verdict in cases]
    assert found["leaving_least"].tolist() == [0] * 5
    assert found["leaving_most"].tolist() == [posted for _, posted, _ in cases]


def named(*teachers: tuple[Any, Any, str], figures: dict[str, float]) -> Network:
    """a posts teachers of whom backbone, subject and form are given."""
    ids = [f"t{n}" for n in range(len(teachers))]
    backbone, subject, form = zip(*teachers, strict=True)
    return donor(
        figures,
        teacher={"id": ids, "backbone": list(backbone), "subject": list(subject)},
        works_at={"source": ids, "target": "00"},
        posted_to={"source": ids, "source_kind": "teacher", "target": "00b", "form": list(form)},
    )


def test_people_known_by_name_are_counted_exactly():
    net = named(
        (True, "美术", "rotation"),  # lowers two indicators
        (True, "语文", "rotation"),
        (False, "体育与健康", "rotation"),
        (None, None, "rotation"),
        (True, "音乐、美术", "walking"),  # teaches at both schools
        figures={BACKBONE: 1.1, ARTS: 1.1, ABOVE: 4.7},
    )
    result = load(net)
    table = result.tables["thresholds"].set_index("indicator")
    assert table.loc[BACKBONE, ["leaving_least", "leaving_most"]].tolist() == [2, 3]
    assert table.loc[ARTS, ["leaving_least", "leaving_most"]].tolist() == [2, 3]
    assert table.loc[ABOVE, ["leaving_least", "leaving_most"]].tolist() == [0, 4]
    assert table["threshold_verdict"].to_dict() == {
        ABOVE: "holds", BACKBONE: "breaks", ARTS: "depends",
    }  # fmt: skip
    row = result.table.loc["00"]
    assert row[["posted_out", "out_share", "headroom"]].tolist() == [5, 5 / 60, 1]
    assert row["threshold_verdict"] == "breaks"
    assert row["flags"] == "breaks"
    flag = result.tables["flags"].iloc[0]
    assert (flag["reason"], flag["indicator"]) == ("breaks", BACKBONE)
    assert (flag["value"], flag["limit"]) == (9, 10)
    assert {"load_walking"} <= {note.code for note in result.notes}


def test_a_teacher_counts_once_and_only_while_posted():
    net = donor(
        {BACKBONE: 1.1},
        teacher={"id": ["t"], "backbone": [True]},
        posted_to={
            "source": ["t", "t", "t"], "source_kind": "teacher", "home": "00",
            "target": ["00b", "00b", "00b"], "form": ["rotation", "support_teaching", "rotation"],
            "start": ["2024-01-01", "2024-02-01", "2022-01-01"],
            "end": [None, "2024-06-30", "2024-06-29"],
        },
    )  # fmt: skip
    result = load(net)
    out = ["posted_out", "posted_in", "posted_net"]
    assert result.table.loc["00", out].tolist() == [1, 0, 1]
    assert result.tables["thresholds"]["leaving_most"].tolist() == [1, 1, 1]
    assert load(net, as_of="2023-06-30").table.loc["00", "posted_out"] == 1
    assert load(net, as_of="2021-06-30").table.loc["00", "posted_out"] == 0


def test_people_go_out_and_in_also_by_count():
    net = made(
        {"id": list("ab"), "teachers": [10, 10]},
        assists=pairs("ab", "ba"),
        posted_to={
            "source": ["a", "b", "b"], "source_kind": "school", "target": ["b", "a", "a"],
            "count": [3, 2, None],
        },
    )  # fmt: skip
    table = load(net).table
    assert table.loc["a", ["posted_out", "posted_in", "posted_net"]].tolist() == [3, 3, 0]
    assert table.loc["a", "out_share"] == 0.3
    assert "count_missing" in {note.code for note in load(net).notes}


def test_unknown_stays_unknown():
    net = donors({"posted": 3}, {BACKBONE: 1.4, "posted": 3, "pupils": None})
    result = load(net)
    found = result.tables["thresholds"]
    assert found[["has", "headroom"]].isna().all(axis=None)
    assert set(found["threshold_verdict"]) == {"unknown"}
    assert result.table["threshold_verdict"].tolist() == ["unknown"] * 2
    assert result.table["rule_after"].tolist() == ["unknown"] * 2
    assert {n.code: n.params for n in result.notes}["load_no_indicators"] == {"count": 2}
    assert result.summary["threshold_breaks"] is None  # not 0
    assert result.summary["over_out"] == 0


def test_nine_year_schools_are_judged_by_both_thresholds():
    figures = (4.0, 4.2, 5.0, 5.3, 5.4)
    net = donors(*({ABOVE: x, "posted": 1, "stage": "nine_year"} for x in figures))
    assert thresholds(net, ABOVE)["threshold_verdict"].tolist() == [
        "already_below", "depends", "depends", "depends", "holds",
    ]  # fmt: skip


def test_other_schools_are_not_judged():
    result = load(donors({BACKBONE: 0.1, "posted": 3, "stage": "senior"}, {"stage": None}))
    assert len(result.tables["thresholds"]) == 0
    keys = ["headroom", "threshold_verdict", "rule_before", "rule_after"]
    assert result.table[keys].isna().all(axis=None)
    assert {n.code: n.params for n in result.notes}["load_not_judged"] == {"count": 2}


ALL = dict(zip(indicators(), (4.5, 1.4, 1.0, 4.5, 7.5, 2000.0, 2.3), strict=True))


def test_the_rule_of_six_of_seven():
    cases = [
        ({}, 0, "meets", "meets"),
        ({}, 1, "meets", "meets"),
        ({}, 4, "meets", "depends"),  # above degree and PE may both fall
        ({ABOVE: 4.2}, 3, "meets", "depends"),
        ({ABOVE: 4.2, ARTS: 2.0}, 3, "meets", "meets"),  # one may, at 85 % or more
        ({"floor_area_per_pupil": 3.9}, 0, "meets", "meets"),
        ({"floor_area_per_pupil": 3.8}, 0, "fails", "fails"),
        ({"floor_area_per_pupil": 3.9, BACKBONE: 0.9}, 0, "fails", "fails"),
        ({"floor_area_per_pupil": None}, 0, "unknown", "unknown"),
        ({"floor_area_per_pupil": None, BACKBONE: 0.1}, 0, "fails", "fails"),
    ]
    net = donors(*({**ALL, **changed, "posted": posted} for changed, posted, *_ in cases))
    table = load(net).table.sort_index()
    assert table["rule_before"].tolist() == [before for *_, before, _ in cases]
    assert table["rule_after"].tolist() == [after for *_, after in cases]


def test_verdicts_are_those_of_every_case():
    """Try everyone of whom it is unknown with and without the attribute."""
    rng, keys = np.random.default_rng(2), (ABOVE, BACKBONE, ARTS)
    schools, people = [], []
    for number in range(200):
        stage = "primary" if number % 2 else "junior"
        tenths = rng.integers(0, 80, 3) // np.array([1, 4, 4])
        figures = dict(zip(keys, (tenths / 10).tolist(), strict=True))
        schools.append({"pupils": int(rng.integers(1, 400)), "stage": stage, **figures})
        for one in range(rng.integers(0, 4)):
            backbone = (True, False, None)[rng.integers(3)]
            subject = ("美术", "语文", None)[rng.integers(3)]
            people.append((f"{number:02}", f"t{number}-{one}", backbone, subject))
    homes, ids, backbone, subject = (list(column) for column in zip(*people, strict=True))
    net = donors(
        *schools,
        teacher={"id": ids, "backbone": backbone, "subject": subject},
        posted_to={
            "source": ids, "source_kind": "teacher", "home": homes,
            "target": [f"{home}b" for home in homes],
        },
    )  # fmt: skip
    table = load(net).tables["thresholds"].set_index(["supporter", "indicator"])
    seen = set()
    for number, school in enumerate(schools):
        home = f"{number:02}"
        own = [person for person in people if person[0] == home]
        for key in keys:
            limit = Fraction(str(indicators()[key].threshold(school["stage"])))
            figure = Fraction(str(school[key]))
            has = floor(figure * school["pupils"] / 100 + Fraction(1, 2))
            room = has - ceil(limit * school["pupils"] / 100)
            room = max(room, 0) if figure >= limit else room
            said = {
                ABOVE: [None for _ in own],
                BACKBONE: [person[2] for person in own],
                ARTS: [person[3] and person[3] == "美术" for person in own],
            }[key]
            unsure = [n for n, has_it in enumerate(said) if has_it is None]
            cases = [c for size in range(len(unsure) + 1) for c in combinations(unsure, size)]
            met = {said.count(True) + len(case) <= room for case in cases}
            verdict = "depends" if len(met) == 2 else "holds" if met == {True} else "breaks"
            verdict = "already_below" if room < 0 else verdict
            row = table.loc[(home, key)]
            assert row["headroom"] == room
            assert row["threshold_verdict"] == verdict
            seen.add(verdict)
    assert seen == {"holds", "breaks", "depends", "already_below"}

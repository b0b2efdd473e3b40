"""Load worked out by hand: supports, people, thresholds, distribution, dilution, flags."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import combinations
from math import ceil, floor
from typing import Any

import numpy as np
import pandas as pd
import pytest

from liantu.analyses.load import distribution, load, sections
from liantu.errors import OptionError
from liantu.graph.indicators import indicators
from liantu.graph.network import Network
from liantu.results.asked import ask
from liantu.results.blocks import Items, Table

DAY = "2024-06-30"
ABOVE, BACKBONE, ARTS = list(indicators())[:3]


def made(
    schools: dict[str, Any], figures: dict[str, dict[str, float]] | None = None, **frames: Any
):
    """Make a network; `figures`: id → measure → value."""
    tables = {name: pd.DataFrame(columns) for name, columns in frames.items()}
    rows = [(i, m, v) for i, own in (figures or {}).items() for m, v in own.items()]
    if rows:
        told = pd.DataFrame(rows, columns=["id", "measure", "value"])
        tables["observations"] = told.assign(kind="school", period="2023-2024")
    return Network.from_frames({"school": pd.DataFrame(schools), **tables}, as_of=DAY)


def pairs(*words: str, **more: Any) -> dict[str, Any]:
    """Return sources and targets of words such as "ab": a helps b."""
    return {"source": [w[0] for w in words], "target": [w[1] for w in words], **more}


# -- supports --------------------------------------------------------------------------------


def star() -> Network:
    """a helps b, c (closely), d; e helps d; f is an idle core."""
    return made(
        {
            "id": list("abcdef"),
            "pupils": [1000, 100, None, 50, 0, 300],
            "teachers": [50, 5, 5, 5, 0, 9],
            "quality": [None] * 5 + ["core"],
            "region": list("nnnnss"),
        },
        region={"id": ["n", "s"]},
        alliance={"id": ["x"], "form": ["integrated"]},
        member_of={"source": ["a", "c"], "target": "x", "role": ["core", "member"]},
        assists=pairs("ab", "ac", "ad", "ed"),
        teacher={"id": ["t", "u"], "backbone": [True, False]},
        works_at={"source": ["t", "u"], "target": "a"},
    )


def test_what_each_supports():
    result = load(star())
    table = result.table
    assert table.index.tolist() == ["a", "e"]
    assert table.loc["a", ["supported", "weighted", "pupils_supported"]].tolist() == [3, 5, 150]
    assert table.loc["a", ["per_pupil", "per_teacher", "per_backbone"]].tolist() == [0.15, 3, 150]
    assert table.loc["a", "backbone_teachers"] == 1
    lone = table.loc["e"]
    assert lone[["supported", "weighted", "pupils_supported", "posted_out"]].tolist() == [
        1,
        1,
        50,
        0,
    ]
    assert lone[["per_pupil", "per_teacher", "per_backbone", "out_share"]].isna().all()
    assert lone[["backbone_teachers", "headroom", "threshold_verdict", "rule_after"]].isna().all()
    codes = {note.code: note.params for note in result.notes}
    assert codes["load_effort"] == {"count": 3, "total": 4, "moved": 0}
    assert codes["load_idle_left_out"] == {"count": 1}
    assert codes["pupils_missing"] == {"count": 1}
    assert codes["load_no_teachers"] == {"count": 1}  # 0 teachers share nothing
    assert result.summary["supported"] == 3


def test_mutual_help_is_told_apart():
    members = {"source": list("abc"), "target": "x"}
    net = made({"id": list("abcd")}, alliance={"id": ["x"]}, member_of=members, assists=pairs("ad"))
    result = load(net)
    assert result.table["supported"].to_dict() == {"a": 3, "b": 2, "c": 2}
    assert result.table["mutual_only"].to_dict() == {"a": False, "b": True, "c": True}
    assert {n.code: n.params for n in result.notes}["load_mutual"] == {"count": 2}


def test_idle_cores_are_listed_and_counted_on_demand():
    result = load(star(), idle_cores=True)
    assert result.table["supported"].to_dict() == {"a": 3, "e": 1, "f": 0}
    assert result.table.loc["f", "pupils_supported"] == 0
    assert result.summary["supporting_schools"] == 2
    assert result.summary["idle_cores"] == 1
    assert "load_idle_counted" in {note.code for note in result.notes}


def test_a_region_lists_its_own_supporters_and_receivers_with_all_they_do():
    south = load(star().focus("s"))
    assert south.table["supported"].to_dict() == {"e": 1}
    assert len(south.tables["receivers"]) == 0
    north = load(star().focus("n"))
    assert north.table.index.tolist() == ["a"]
    assert north.tables["receivers"]["supporters"].tolist() == [1, 1, 2]


def test_pupils_of_whom_none_is_known_are_unknown():
    net = made({"id": list("abc"), "pupils": [9, None, None]}, assists=pairs("ab", "ac"))
    assert load(net).table["pupils_supported"].isna().all()


# -- distribution ----------------------------------------------------------------------------


def ones_and_eleven(idle: int) -> Network:
    """Nine schools help one each, one helps eleven; some cores help nobody."""
    givers = [f"g{n}" for n in range(9)]
    source = [*givers, *["h"] * 11]
    target = [f"r{n}" for n in range(20)]
    cores = [f"i{n:02}" for n in range(idle)]
    ids = [*givers, "h", *target, *cores]
    quality = [None] * 30 + ["core"] * idle
    return made({"id": ids, "quality": quality}, assists={"source": source, "target": target})


def test_distribution_by_hand():
    found = load(ones_and_eleven(0)).summary
    assert [found[key] for key in ("gini", "top_tenth", "hhi")] == [0.45, 0.55, 0.325]
    with_idle = load(ones_and_eleven(10), idle_cores=True).summary
    assert with_idle["gini"] == 0.725
    assert with_idle["top_tenth"] == 0.6  # of twenty the two with most
    assert load(ones_and_eleven(10)).summary["gini"] == 0.45


def test_distribution_is_that_of_all_pairs():
    rng = np.random.default_rng(0)
    for n in (*range(1, 12), 30):
        sizes = np.sort(rng.integers(1, 9, n))
        total = sizes.sum()
        found = distribution(sizes)
        gaps = sum(abs(int(one) - int(other)) for one in sizes for other in sizes)
        assert found["gini"] == pytest.approx(gaps / (2 * n * total))
        assert found["hhi"] == pytest.approx(sum((size / total) ** 2 for size in sizes))
        assert found["top_tenth"] == pytest.approx(sum(sizes[-ceil(n / 10) :]) / total)
    assert distribution(np.zeros(0, dtype=np.int64))["gini"] is None


# -- dilution --------------------------------------------------------------------------------


def test_dilution_by_hand():
    net = made(
        {
            "id": list("abxyz"),
            "teachers": [60, 20, 1, 1, 1],
            "pupils": [None, None, 300, 200, 100],
        },
        assists=pairs("ax", "ay", "by", "bz"),
    )
    result = load(net)
    found = result.tables["receivers"].set_index("school")["access"]
    assert found.to_dict() == pytest.approx({"x": 0.12, "y": 0.12 + 20 / 300, "z": 20 / 300})
    assert found.index.tolist() == ["z", "x", "y"]  # least first
    assert result.summary["teachers_shared"] == 80
    assert result.summary["teachers_received"] == pytest.approx(80)


def test_dilution_of_unknown_supporters_is_unknown():
    net = made(
        {"id": list("abcxyz"), "teachers": [60, None, 8] + [1] * 3, "pupils": [1] * 5 + [None]},
        assists=pairs("ax", "ay", "by", "cz"),
    )
    result = load(net)
    access = result.tables["receivers"].set_index("school")["access"]
    assert access["x"] == 30
    assert access[["y", "z"]].isna().all()  # teachers of b, pupils of z
    assert result.summary["teachers_shared"] == 60
    assert result.summary["teachers_received"] == 60


def test_dilution_is_that_of_a_loop_and_the_check_sum_holds():
    rng = np.random.default_rng(1)
    ids = [f"{part:02}{letter}" for part in range(60) for letter in "abcdef"]
    ties = {tuple(6 * part + rng.integers(0, 6, 2)) for part in range(60) for _ in range(8)}
    ties = sorted((int(one), int(other)) for one, other in ties if one != other)
    teachers, pupils = rng.integers(0, 40, len(ids)), rng.integers(0, 90, len(ids))
    pupils[rng.random(len(ids)) < 0.5] = 0
    rows = {"source": [ids[s] for s, _ in ties], "target": [ids[t] for _, t in ties]}
    result = load(made({"id": ids, "teachers": teachers, "pupils": pupils}, assists=rows))
    demand = {s: sum(pupils[t] for one, t in ties if one == s) for s, _ in ties}
    known = [s for s in demand if demand[s] > 0]
    assert 0 < len(known) < len(demand)
    assert result.summary["teachers_shared"] == sum(teachers[s] for s in known)
    assert result.summary["teachers_received"] == pytest.approx(sum(teachers[s] for s in known))
    for row in result.tables["receivers"].itertuples():
        own = [s for s, t in ties if ids[t] == row.school]
        if all(s in known for s in own):
            assert row.access == pytest.approx(sum(teachers[s] / demand[s] for s in own))
        else:
            assert np.isnan(row.access)


# -- thresholds ------------------------------------------------------------------------------


def donors(*cases: dict[str, Any], **frames: Any) -> Network:
    """Make a network in which 00 helps 00b, 01 helps 01b …

    A case gives pupils, stage, teachers, figures by indicator and the number of people posted to
    the school that is helped, of whom nothing else is known.
    """
    usual = {"pupils": 1000, "stage": "primary", "teachers": 60, "posted": 0}
    rows = [{**usual, **case, "id": f"{n:02}"} for n, case in enumerate(cases)]
    keys = ("id", "pupils", "stage", "teachers")
    schools = [{k: row[k] for k in keys} for row in rows]
    helped = [f"{row['id']}b" for row in rows]
    figures = {row["id"]: {k: v for k, v in row.items() if k in indicators()} for row in rows}
    sent = [row for row in rows if row["posted"]]
    if sent:
        frames["posted_to"] = {
            "source": [row["id"] for row in sent], "source_kind": "school",
            "target": [f"{row['id']}b" for row in sent],
            "count": [row["posted"] for row in sent],
        }  # fmt: skip
    columns = pd.DataFrame([*schools, *({"id": other} for other in helped)]).to_dict("list")
    ties = {"source": [row["id"] for row in rows], "target": helped}
    return made(columns, figures, assists=ties, **frames)


def donor(figures: dict[str, float], posted: int = 0, **case: Any) -> Network:
    frames = {key: case.pop(key) for key in [*case] if isinstance(case[key], dict)}
    return donors({**figures, "posted": posted, **case}, **frames)


def thresholds(net: Network, key: str) -> pd.DataFrame:
    table = load(net).tables["thresholds"]
    return table[table["indicator"] == key].sort_values("supporter", ignore_index=True)


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


# -- flags -----------------------------------------------------------------------------------


def test_flags_say_why_in_words():
    net = made(
        {"id": list("abcdefgh"), "teachers": [10] * 8},
        assists=pairs(*(f"a{other}" for other in "bcdefg"), "hb"),
        posted_to={
            "source": ["a", "h"], "source_kind": "school", "target": "b", "count": [3, 2],
        },
    )  # fmt: skip
    result = load(net)
    assert result.table["flags"].fillna("").to_dict() == {"a": "over_supported|over_out", "h": ""}
    assert [row["flags"] for row in result.to_dict()["table"]] == [
        ["over_supported", "over_out"],
        [],
    ]
    assert result.tables["flags"][["reason", "value", "limit"]].to_numpy().tolist() == [
        ["over_supported", 6, 5], ["over_out", 0.3, 0.2],
    ]  # fmt: skip
    assert result.summary["flagged"] == 1
    (rule,) = [note.text("zh") for note in result.notes if note.code == "load_flags"]
    assert "5 所" in rule
    assert "20%" in rule
    assert load(net, max_supported=6, max_out=0.3).summary["flagged"] == 0
    assert load(net, max_out=0.0, max_supported=0).summary["over_out"] == 2


def test_the_chart_shows_the_limit():
    result = load(ones_and_eleven(0))
    axes = result.plot("zh").axes[0]
    assert [line.get_xdata()[0] for line in axes.lines] == [5.0]
    assert len(axes.patches) == 10 + 1  # the one above the limit once more


def test_the_report_says_who_is_over_and_what_to_add():
    figures = {BACKBONE: 1.1, "posted": 2}
    net = donors(figures, {"posted": 20, "stage": None}, {"teachers": None})
    frames = net.plain_frames()
    frames["school"] = frames["school"].assign(
        quality=["core", None, "core", None, None, None], name=None
    )
    net = Network.from_frames(frames, as_of=DAY)
    found = {}
    for lang in ("en", "zh"):
        (section,) = sections(ask(net, "lists", lang, date(2024, 6, 30), "all", "strict", ""))
        found[lang] = section.blocks
    tables = [block for block in found["zh"] if isinstance(block, Table)]
    assert [block.title for block in tables] == [
        "超过上限的核心校", "因派出而不达标或可能不达标的标准",
    ]  # fmt: skip
    assert tables[0].rows[0][0] == "01"
    assert "派出比例超过上限" in tables[0].rows[0]
    assert [row[0] for row in tables[1].rows] == ["00"]
    (added,) = [block for block in found["zh"] if isinstance(block, Items)]
    said = " ".join(added.items)
    assert "七项指标" in said
    assert "专任教师数" in said
    assert "派出人员的名单" in said
    assert len(found["en"]) == len(found["zh"])


@pytest.mark.parametrize(
    "options",
    [
        {"max_supported": -1},
        {"max_out": 1.1},
        {"max_out": -0.1},
        {"window": "x"},
        {"basis": ("x",)},
    ],
)
def test_malformed_options(options: dict[str, Any]):
    with pytest.raises(OptionError):
        load(star(), **options)

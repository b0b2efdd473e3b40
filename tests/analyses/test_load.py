"""Load worked out by hand: supports, distribution, dilution, flags."""

from __future__ import annotations

from datetime import date
from math import ceil
from typing import Any

import numpy as np
import pytest
from analyses.donors import BACKBONE, DAY, donors, made, pairs

from liantu.analyses.load import load, missing, sections
from liantu.errors import OptionError
from liantu.graph.burden import distribution
from liantu.graph.network import Network
from liantu.results.asked import ask
from liantu.results.blocks import Table

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
        asked = ask(net, "lists", lang, date(2024, 6, 30), "all", "strict", "")
        result = asked.result("load")
        assert result is not None
        (section,) = sections(asked, result)
        found[lang] = section.blocks
        said = " ".join(missing(asked, result))
    tables = [block for block in found["zh"] if isinstance(block, Table)]
    assert [block.title for block in tables] == [
        "超过上限的核心校", "因派出而不达标或可能不达标的标准",
    ]  # fmt: skip
    assert tables[0].rows[0][0] == "01"
    assert "派出比例超过上限" in tables[0].rows[0]
    assert [row[0] for row in tables[1].rows] == ["00"]
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

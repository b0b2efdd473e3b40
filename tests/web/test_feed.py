"""The data of the page are those of the analyses, and no teacher is in them."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from long import some
from random_network import random_network

import liantu
from liantu import LiantuError
from liantu.web.feed import feed, month_ends, rungs_of_day


@pytest.fixture(scope="module")
def demo():
    """One network, so that what is known of it is found once."""
    return liantu.read("case:demo")


CASES = ["demo", "wenshan", "xiajin", "dingxi", "linyi"]


def frames(data):
    """Return rungs, covered and what counts, as the page reads them: stops in columns."""
    number = data["counts"]["school"]
    signs = np.array([ord(sign) - 48 for sign in data["rungs"]]).reshape(number, -1)
    return pd.DataFrame(signs, index=data["nodes"]["id"][:number], columns=data["stops"])


def covered(signs):
    return signs >= 2


def in_scope(data, scope):
    least = {"strict": 2, "broad": 1, "all": 0}[scope]
    number = data["counts"]["school"]
    rural = np.array([ord(sign) - 48 for sign in data["schools"]["rural"]], dtype=int)
    own = np.array([sign == "1" for sign in data["schools"]["reported"]], dtype=bool)
    return own & (rural >= least) if number else own


def options(scope):
    return {"scope": "all"} if scope == "all" else {"scope": "rural", "rural": scope}


@pytest.mark.parametrize("case", some(CASES, 2))
def test_coverage_of_every_school_and_scope_is_that_of_the_analysis(case):
    network = liantu.read(f"case:{case}")
    data = feed(network, months=3)
    signs = frames(data)
    for scope in data["scopes"]:
        mask = in_scope(data, scope)
        for stop in (data["stops"][0], data["stops"][-1]):
            result = liantu.coverage(network, as_of=stop, **options(scope))
            own = signs.loc[mask, stop]
            own = own[own >= 0]
            table = result.table.loc[own.index]
            assert len(table) == len(result.table) == result.summary["in_scope"]
            assert covered(own).tolist() == table["covered"].tolist()
            rungs = ["none", "named", "in_force", "active", "sustained", "none", "named"]
            assert [rungs[sign] for sign in own] == table["rung"].tolist()


def test_supporters_at_each_stop_are_those_of_coverage(demo):
    network = demo
    data = feed(network, months=14)
    number = data["counts"]["school"]
    ties, stops = data["ties"], data["stops"]
    source, target = np.cumsum(ties["source"]), np.cumsum(ties["target"])
    for stop in (0, 7, len(stops) - 1):
        holds = np.zeros(len(source), dtype=bool)
        for key in ("force", "active"):
            first = np.array([ord(sign) - 48 for sign in ties[f"{key}_from"]])
            length = np.array([ord(sign) - 48 for sign in ties[key]])
            holds |= (first <= stop) & (stop < first + length)
        pairs = {(s, t) for s, t in zip(source[holds], target[holds], strict=True) if s != t}
        counts = np.bincount([t for _, t in pairs], minlength=number)
        table = liantu.coverage(network, as_of=stops[stop], scope="all").table
        own = pd.Series(counts[:number], index=data["nodes"]["id"][:number]).loc[table.index]
        assert own.tolist() == table["supporters"].tolist()


def test_who_falls_with_whom_is_what_resilience_says(demo):
    network = demo
    data = feed(network, months=0)
    ids, mask = data["nodes"]["id"], in_scope(data, "strict")
    pairs = zip(data["falls"]["school"], data["falls"]["supporter"], strict=True)
    own = sorted((ids[school], ids[supporter]) for school, supporter in pairs if mask[school])
    table = liantu.resilience(network).tables["single_points"]
    assert own == sorted(zip(table["school"], table["supporter"], strict=True))
    assert own


def test_reach_and_what_ends_are_those_of_the_analyses(demo):
    network = demo
    data = feed(network, months=0)
    ids, supporters = data["nodes"]["id"], data["supporters"]
    table = liantu.reach(network).table
    assert [ids[node] for node in supporters["node"]] == table.index.tolist()
    assert supporters["within_hops"] == table["within_hops"].tolist()
    ending = liantu.expiry(network, scope="all")
    assert sum(data["ending"]["count"]) == len(ending.table)
    falling = liantu.expiry(network).tables["falling"]
    strict = [
        school for school in data["falling"]["school"] if data["schools"]["rural"][school] == "2"
    ]
    assert [ids[school] for school in strict] == falling["school"].tolist()


@pytest.mark.parametrize("seed", some(range(6), 1))
def test_any_network_feeds_plain_values(seed):
    network = random_network([seed])
    data = json.loads(json.dumps(feed(network, as_of="2024-06-30", months=5), allow_nan=False))
    signs = frames(data)
    try:
        table = liantu.coverage(network, as_of="2024-06-30", scope="all").table
    except LiantuError:
        return
    own = signs["2024-06-30"]
    assert sorted(own[own >= 0].index) == sorted(table.index)
    assert covered(own[table.index]).tolist() == table["covered"].tolist()


def test_a_region_tells_of_its_schools_and_their_supporters_alone(demo):
    network = demo.focus("990101001")
    data = feed(network, months=2)
    number = data["counts"]["school"]
    own = in_scope(data, "all")
    table = liantu.coverage(network, scope="all").table
    signs = frames(data)[data["stops"][-1]]
    assert sorted(signs[own & (signs >= 0)].index) == sorted(table.index)
    assert len(table) < number < network.size("school")  # supporters elsewhere stand there, too
    assert covered(signs[table.index]).tolist() == table["covered"].tolist()


def test_a_school_opens_and_closes():
    network = liantu.Network.from_frames(
        {
            "school": pd.DataFrame(
                {"id": ["a", "b"], "opened": ["2024-05-10", None], "closed": [None, "2024-06-10"]}
            )
        },
        as_of="2024-06-30",
    )
    data = feed(network, months=2)
    assert data["stops"] == ["2024-04-30", "2024-05-31", "2024-06-30"]
    assert data["rungs"] == "/00" + "00/"
    assert data["fell_back"] and data["scopes"] == ["all"]


def test_an_empty_network():
    data = feed(liantu.Network.from_frames({}, as_of="2024-06-30"))
    assert data["counts"]["school"] == 0 and data["rungs"] == "" and data["ties"]["source"] == []


def test_teachers_are_nowhere():
    teachers = pd.DataFrame({"id": ["t1", "t2"], "name": ["欧阳靖宇", "司马若蘅"]})
    network = liantu.Network.from_frames(
        {
            "school": pd.DataFrame({"id": ["a", "b"]}),
            "teacher": teachers,
            "works_at": pd.DataFrame({"source": ["t1", "t2"], "target": ["a", "b"]}),
            "mentors": pd.DataFrame({"source": ["t1"], "target": ["t2"], "start": ["2024-01"], "end": ["2024-09"]}),
            "posted_to": pd.DataFrame(
                {"source": ["t1"], "target": ["b"], "start": ["2024-01"], "end": ["2024-08"], "form": ["support_teaching"]}
            ),
        },
        as_of="2024-06-30",
    )  # fmt: skip
    text = json.dumps(feed(network), ensure_ascii=False)
    assert not any(word in text for word in ("欧阳", "司马", '"t1"', '"t2"'))
    assert sum(feed(network)["ending"]["count"]) == 2


def test_month_ends_of_a_day_within_a_month():
    assert [str(day) for day in month_ends(pd.Timestamp("2024-03-15").date(), 1)] == [
        "2024-02-29",
        "2024-03-15",
    ]
    assert [str(day) for day in month_ends(pd.Timestamp("2024-03-15").date(), 0)] == ["2024-03-15"]


@pytest.mark.parametrize(("months", "scope"), [(121, "rural"), (-1, "rural"), (3, "town")])
def test_wrong_options(months, scope):
    with pytest.raises(liantu.OptionError):
        feed(liantu.Network.from_frames({}), months=months, scope=scope)


def test_one_more_day_is_the_day_of_the_feed(demo):
    for day in ("2024-05-20", "2026-02-28", "2027-01-01"):
        own = rungs_of_day(demo, day)
        assert own == {"as_of": day, "rungs": feed(demo, as_of=day, months=0)["rungs"]}

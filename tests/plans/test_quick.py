"""A quick what-if says what the whole one says."""

from __future__ import annotations

import tomllib

import pandas as pd
import pytest

import liantu
from liantu.errors import RequestError
from liantu.loaders.generate import generate
from liantu.loaders.scenarios import read_scenario
from liantu.plans.quick import covered_after
from liantu.plans.whatif import whatif
from liantu.plans.written import plan_text


@pytest.fixture(scope="module")
def region(tmp_path_factory):
    folder = tmp_path_factory.mktemp("region") / "made"
    generate(folder, schools=150, seed=7)
    return liantu.read(folder)


def same(network, edits, **given):
    plan = {"scenario": {"name": "试"}, "edit": edits}
    quick = covered_after(network, plan, **given)
    whole = whatif(network, plan, analyses="coverage", **given)
    keys = [key for key in quick.summary if key in whole.summary]
    assert len(keys) == len(quick.summary)
    assert {k: quick.summary[k] for k in keys} == {k: whole.summary[k] for k in keys}
    pd.testing.assert_frame_equal(quick.table, whole.table)
    return quick


def heads(network, number):
    return list(liantu.resilience(network, scope="all").table.index[:number])


@pytest.mark.parametrize("scope", ["all", "rural"])
def test_cores_that_leave(region, scope):
    edits = [{"do": "leave", "school": core} for core in heads(region, 3)]
    found = same(region, edits, scope=scope)
    assert found.summary["covered_change"] < 0


def test_pairs_and_cores_that_leave(region):
    first, second, third = heads(region, 3)
    alone = liantu.coverage(region, scope="all").table.index[:3]
    edits = [{"do": "pair", "source": second, "target": school} for school in alone]
    edits += [{"do": "leave", "school": first}, {"do": "pair", "source": third, "target": alone[0]}]
    assert same(region, edits, scope="all").summary["schools_covered"] == 3


@pytest.mark.parametrize("as_of", [None, "2027-09-01"])
def test_agreements_renewed_and_ended(region, as_of):
    pairs = region.relation("assists")
    late = pairs[pairs["end"] > pd.Timestamp(region.as_of)].iloc[0]
    ends = {"relation": "assists", "source": str(late["source"]), "target": str(late["target"])}
    same(region, [{"do": "renew", "years": 2, **ends}], as_of=as_of, scope="all")
    same(region, [{"do": "end", **ends}], as_of=as_of, scope="all")


@pytest.mark.parametrize("case", ["demo", "laizhou", "wenshan"])
def test_bundled_cases(case):
    network = liantu.read(f"case:{case}")
    same(network, [{"do": "leave", "school": core} for core in heads(network, 2)], scope="all")


def test_another_window(region):
    edits = [{"do": "leave", "school": heads(region, 1)[0]}]
    same(region, edits, window="3m", scope="all", as_of="2025-11-30")


def test_a_plan_written_is_the_plan_read(tmp_path):
    edits = [
        {"do": "leave", "school": '引"号\\\n\x7f\ttab'},
        {"do": "pair", "source": "01", "target": "02", "start": "2026-09-01"},
        {"do": "renew", "years": 2, "relation": "assists", "source": "0130"},
        {"do": "set", "kind": "school", "id": ["a", "b"], "to": {"pupils": 3, "quality": "core"}},
    ]
    plan = {"scenario": {"name": "方案 “甲”", "as_of": "2026-09-01"}, "edit": edits}
    path = tmp_path / "plan.toml"
    path.write_text(plan_text(plan), encoding="utf-8")
    assert tomllib.loads(path.read_text(encoding="utf-8")) == plan
    mine, theirs = read_scenario(path), read_scenario(plan)
    assert (mine.name, mine.as_of, len(mine)) == (theirs.name, theirs.as_of, 4)
    for one, other in zip(mine.steps, theirs.steps, strict=True):
        pd.testing.assert_frame_equal(one.part.frame, other.part.frame)
        assert one.options == other.options


def test_a_plan_of_other_things_is_refused():
    with pytest.raises(RequestError, match="object"):
        plan_text({"edit": [{"do": object()}]})

"""A quick what-if says what the whole one says."""

from __future__ import annotations

import tomllib

import pandas as pd
import pytest

import liantu
from liantu.errors import RequestError
from liantu.loaders.generate import generate
from liantu.loaders.scenarios import done, read_scenario
from liantu.plans.compare import compare
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
    # what `whatif` does, without looking at every edit by itself
    given["as_of"] = quick.as_of
    later = done(network, read_scenario(plan), as_of=quick.as_of).network
    whole = compare(network, later, analyses="coverage", **given)
    keys = [key for key in quick.summary if key in whole.summary]
    assert len(keys) == len(quick.summary) - 1  # the number of edits
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


LATER = {"as_of": "2029-03-01", "scope": "all"}  # when all that ends has ended
KINDS = {"supports": ["target_kind"]}


def ending(network, relation, number):
    """Return edits that renew the first agreements of a relation that end."""
    table = liantu.expiry(network, scope="all", within="36m").table
    keys = ["source", "target", *KINDS.get(relation, ())]
    rows = table.loc[table["basis"] == relation, keys].drop_duplicates().head(number)
    renewed = {"do": "renew", "years": 3, "relation": relation}
    return [{**renewed, **row} for row in rows.astype("str").to_dict("records")]


@pytest.mark.parametrize(
    ("relation", "named"),
    [("assists", True), ("member_of", True), ("supports", True), ("assists", False)],
)
def test_what_is_renewed_while_others_leave(region, relation, named):
    renewed = ending(region, relation, 2)
    assert renewed
    stay = {edit[end] for edit in renewed for end in ("source", "target")}
    leave = [{"do": "leave", "school": c} for c in heads(region, 20) if c not in stay][:2]
    if not named:
        renewed = [{"do": "renew", "years": 3, "from": "2026-09-01", "until": "2028-12-31"}]
    found = same(region, [*renewed, *leave], **LATER)
    same(region, [*leave, *renewed], **LATER)
    alone = covered_after(region, {"edit": leave}, **LATER)
    assert found.summary["covered_scenario"] >= alone.summary["covered_scenario"]


def test_many_plans_on_one_network(region):
    """What a network keeps of one plan serves the next one, and never changes its answer."""
    fresh = liantu.Network.from_frames(region.plain_frames(), as_of=region.as_of)
    for relation in ("assists", "member_of"):
        for edit in ending(region, relation, 1):
            one = same(region, [edit], **LATER)
            again = covered_after(fresh, {"edit": [edit]}, **LATER)
            pd.testing.assert_frame_equal(one.table, again.table)
    names = {"do": "pair", "source": "没有的学校", "target": heads(region, 1)[0]}
    for _ in range(2):
        with pytest.raises(liantu.LiantuError, match="没有的学校"):
            covered_after(region, {"edit": [names]}, scope="all")


def test_the_number_of_edits_and_all_else_is_that_of_a_whole_plan(region):
    plan = {"edit": [{"do": "leave", "school": core} for core in heads(region, 2)]}
    quick = covered_after(region, plan, scope="all")
    whole = whatif(region, plan, analyses="coverage", scope="all")
    assert quick.summary == {key: whole.summary[key] for key in quick.summary}
    pd.testing.assert_frame_equal(quick.table, whole.table)


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

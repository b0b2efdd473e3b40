"""Tie sets after schools left or were paired, against networks made anew."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from long import examples
from random_network import AS_OF, random_network

from liantu.errors import RequestError
from liantu.graph import tie_rules
from liantu.graph.cover import cover
from liantu.graph.kernels import pick
from liantu.graph.network import Network
from liantu.graph.study import study
from liantu.graph.ties import TieSet, words

EXAMPLES = examples(2, 150)  # of ten random networks each
SHOWN = ["source", "source_kind", "target", "basis", "form", "start", "end", "mutual"]


def made(schools: str = "abcd", **frames: dict[str, object]) -> Network:
    tables = {name: pd.DataFrame(columns) for name, columns in frames.items()}
    return Network.from_frames(
        {"school": pd.DataFrame({"id": list(schools)}), **tables}, as_of=AS_OF
    )


def now(network: Network) -> TieSet:
    return study(network).tie_set(AS_OF)


def numbers(network: Network, ids: list[str]) -> np.ndarray:
    return network.nodes("school").index.get_indexer(ids)


def listed(network: Network, found: TieSet, *, origin: bool = True) -> list[tuple[str, ...]]:
    """Return every recorded tie in words, with what holds of it."""
    frame = words(network, found.ties, found.recorded)
    frame["alliance"] = found.ties.alliance[frame.index] >= 0
    frame["lifts"] = found.ties.lifts[frame.index]
    frame["in_force"], frame["active"] = (
        mask[frame.index] for mask in (found.in_force, found.active)
    )
    columns = [*SHOWN, "alliance", "lifts", "in_force", "active", *(["origin"] if origin else [])]
    return sorted(tuple(map(str, row)) for row in frame[columns].itertuples(index=False))


def covered(network: Network, found: TieSet) -> pd.DataFrame:
    """Return what coverage finds of the schools that are left, with ids instead of numbers."""
    ids = np.append(network.nodes("school").index.to_numpy(dtype=object), None)
    got = cover(study(network), found, pick("fast"), hops=2)
    columns = {
        key: getattr(got, key)
        for key in ("direct", "rung", "as_core", "by_tie", "by_parent", "by_role", "hops")
    }
    columns |= {key: ids[getattr(got, key)] for key in ("heir", "nearest")}
    return pd.DataFrame(columns, index=ids[:-1])[~found.gone]


def check(network: Network, changed: TieSet, whole: Network, *, origin: bool = True) -> None:
    full = now(whole)
    assert listed(network, changed, origin=origin) == listed(whole, full, origin=origin)
    pd.testing.assert_frame_equal(covered(network, changed), covered(whole, full))
    loose = [
        net.nodes("school").index[found.loose].tolist()
        for net, found in ((network, changed), (whole, full))
    ]
    assert loose[0] == loose[1]
    pair = changed.ties.source.astype(int) << 32 | changed.ties.target
    assert (np.diff(pair) >= 0).all()  # what `distinct` and the next change stand on


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4))
def test_schools_leave_and_pairs_begin_as_in_a_network_made_anew(seed, share):
    network, rng = random_network(range(seed, seed + 10)), np.random.default_rng(seed)
    ids = network.nodes("school").index
    gone = rng.choice(len(ids), len(ids) * share // 12, replace=False)
    whole = network.without("school", ids[gone])
    changed = now(network)
    for part in np.array_split(gone, 4):  # some by some, and some twice
        changed = changed.without(part).without(gone[:3])
    check(network, changed, whole)
    check(network, now(network).without(gone), whole)

    left = np.setdiff1d(np.arange(len(ids)), gone)
    pairs = rng.choice(left, (30, 2))
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    rows = pd.DataFrame({"source": ids[pairs[:, 0]], "target": ids[pairs[:, 1]], "start": AS_OF})
    more = whole.with_edges("assists", rows)
    check(network, changed.plus(pairs), more, origin=False)

    later = pairs[:9].ravel()
    more = more.without("school", ids[later])
    check(network, changed.plus(pairs).without(later), more, origin=False)


@settings(max_examples=max(EXAMPLES // 5, 1), deadline=None)
@given(st.integers(0, 10_000))
def test_members_leave_alliances_without_a_core_that_were_too_large(seed):
    before, tie_rules.LARGE = tie_rules.LARGE, 3
    try:
        network = random_network(range(seed, seed + 8))
        rows = network.relation("member_of")
        network = network.replaced(
            {"member_of": rows.assign(role=rows["role"].where(rows["role"] != "core"))}
        )
        ids = network.nodes("school").index
        gone = np.random.default_rng(seed).choice(len(ids), len(ids) // 5, replace=False)
        changed = now(network).without(gone[:5]).without(gone)
        assert now(network).loose.sum() > changed.loose.sum()
        check(network, changed, network.without("school", ids[gone]))
    finally:
        tie_rules.LARGE = before


def pairs_of(network: Network, found: TieSet) -> list[str]:
    nodes = study(network).nodes()["id"].to_numpy()
    ends = zip(found.graph.source, found.graph.target, strict=True)
    return [f"{nodes[source]}>{nodes[target]}" for source, target in ends]


def test_a_centre_supports_itself_when_its_last_host_leaves():
    network = made(
        center={"id": ["Y"]},
        joins={"source": ["a", "d", "b"], "source_kind": "school", "target": "Y",
               "role": ["host", "base", "member"]},
    )  # fmt: skip
    assert pairs_of(network, now(network).without([0])) == ["d>b"]
    assert pairs_of(network, now(network).without([0, 3])) == ["Y>b"]
    assert pairs_of(network, now(network).without([0]).without([3])) == ["Y>b"]


def test_a_posting_goes_by_employment_when_its_home_leaves():
    network = made(
        works_at={"source": ["T"], "target": ["b"]},
        posted_to={"source": ["T"], "source_kind": "teacher", "target": ["c"], "home": ["a"]},
    )
    assert pairs_of(network, now(network)) == ["a>c"]
    assert pairs_of(network, now(network).without([0])) == ["b>c"]
    assert pairs_of(network, now(network).without([0, 1])) == []


def test_what_a_school_posts_in_the_name_of_another_ends_with_it():
    network = made(
        posted_to={"source": ["d", "b"], "source_kind": "school", "target": "c", "home": "a",
                   "count": [1, 2]},
    )  # fmt: skip
    for school in (1, 3):  # the other row says the same
        assert pairs_of(network, now(network).without([school])) == ["a>c"]
    assert pairs_of(network, now(network).without([1, 3])) == []


def test_members_of_an_alliance_whose_core_leaves_do_not_support_each_other():
    network = made(member_of={"source": list("abc"), "target": "g", "role": ["core", None, None]})
    found = now(network).without([0])
    assert pairs_of(network, found) == []
    assert not cover(study(network), found, pick("fast")).covered.any()


def test_a_pair_begins_on_the_day_and_changes_what_was_there_for_nobody():
    network = made(assists={"source": ["a"], "target": ["b"], "end": ["2020-01-01"]})
    before = now(network)
    found = before.plus([(2, 3), (0, 1), (0, 1), (1, 1)])
    assert pairs_of(network, found) == ["a>b", "c>d"]
    assert len(found.ties) == 3 and found.in_force.tolist() == [False, True, True]
    assert pairs_of(network, before) == [] and len(before.ties) == 1
    assert pairs_of(network, study(network).tie_set(AS_OF, basis=["mentors"]).plus([(0, 1)])) == []


@pytest.mark.parametrize("change", ["without", "plus"])
def test_only_schools_that_there_are_leave_or_pair(change):
    found = now(made("ab", partner={"id": ["p"]})).without([1])
    for wrong in (2, -1) if change == "without" else (2, -1, 1):
        with pytest.raises(RequestError, match=str(wrong)):
            getattr(found, change)([wrong] if change == "without" else [(0, wrong)])

"""Who falls with whom, against networks from which somebody was really taken."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from liantu.graph.backup import Backup, backup, single_points
from liantu.graph.cover import cover
from liantu.graph.kernels import Graph, fast, pick, reference
from liantu.graph.network import Network
from liantu.graph.study import Study, study
from liantu.graph.ties import TieSet, distinct

DAY = pd.Timestamp("2024-06-30")
PARTS, SCHOOLS = 1000, 7  # networks that do not touch, side by side in one
PASSES = 12 if os.environ.get("LIANTU_LONG") else 2
KERNELS = pick("fast")
HOPS = pytest.mark.parametrize("hops", [None, 1, 2, 3])
LEAVES = pytest.mark.parametrize("leaves", ["withdraws", "closes"])


@cache
def many(seed: int = 0) -> Network:
    """Return a thousand tiny networks as one: every rule but those that put one tie for another."""
    rng = np.random.default_rng(seed)

    def pick(letter: str, size: int, part: np.ndarray) -> list[str]:
        number = rng.integers(0, size, len(part))
        return [f"{p:04}-{letter}{n}" for p, n in zip(part, number, strict=True)]

    def some(number: int) -> np.ndarray:
        return np.sort(rng.integers(0, PARTS, number * PARTS))

    def choose(values: list[Any], part: np.ndarray) -> list[Any]:
        return [values[number] for number in rng.integers(0, len(values), len(part))]

    def dated(part: np.ndarray, **columns: Any) -> pd.DataFrame:
        days = [DAY - pd.Timedelta(days=n) for n in (900, 300, 40)]
        start = choose([None, *days], part)
        end = choose([None, None, None, DAY - pd.Timedelta(days=20)], part)
        return pd.DataFrame({**columns, "start": start, "end": end})

    def schools(number: int, relation: str = "", **columns: Any) -> pd.DataFrame:
        part = some(number)
        ends = {"source": pick("s", SCHOOLS, part), "target": pick("s", SCHOOLS, part)}
        return dated(part, **ends, **columns)

    school = [f"{part:04}-s{number}" for part in range(PARTS) for number in range(SCHOOLS)]
    part, group, joined, helped = some(4), some(5), some(1), some(1)
    child = rng.integers(1, SCHOOLS, len(part))
    parent = (child * rng.random(len(part))).astype(int)
    every = np.arange(len(school))
    frames = {
        "school": pd.DataFrame(
            {
                "id": school,
                "quality": choose(["core", *[None] * 5], every),
                "closed": choose(["2024-01-01", *[None] * 20], every),
            }
        ),
        "center": pd.DataFrame({"id": [f"{p:04}-c0" for p in range(PARTS)]}),
        "partner": pd.DataFrame({"id": [f"{p:04}-p0" for p in range(PARTS)]}),
        "alliance": pd.DataFrame({"id": [f"{p:04}-a{n}" for p in range(PARTS) for n in (0, 1)]}),
        "member_of": dated(
            group, source=pick("s", SCHOOLS, group), target=pick("a", 2, group),
            role=choose(["core", "member", None], group),
        ),
        "assists": schools(4).assign(form=lambda x: choose(["paired", "partnership"], x)),
        "affiliated_to": pd.DataFrame(
            {
                "source": [f"{p:04}-s{n}" for p, n in zip(part, child, strict=True)],
                "target": [f"{p:04}-s{n}" for p, n in zip(part, parent, strict=True)],
            }
        ),
        "posted_to": schools(1).assign(source_kind="school", form="rotation", count=1),
        "delivers": schools(1)
        .drop(columns="end")
        .rename(columns={"start": "date"})
        .assign(source_kind="school", target_kind="school", form="lesson"),
        "joins": dated(joined, source=pick("s", SCHOOLS, joined), target=pick("c", 1, joined))
        .assign(source_kind="school", role="member"),
        "supports": dated(helped, source=pick("p", 1, helped), target=pick("s", SCHOOLS, helped))
        .assign(target_kind="school", form=choose(["training", "funding"], helped)),
    }  # fmt: skip
    for name in ("assists", "posted_to", "delivers"):
        frames[name] = frames[name][frames[name]["source"] != frames[name]["target"]]
    return Network.from_frames(frames, as_of=DAY.date())


def now(network: Network) -> tuple[Study, TieSet]:
    known = study(network)
    return known, known.tie_set(DAY.date())


def draws(leavers: np.ndarray, part: np.ndarray, number: int) -> Iterator[np.ndarray]:
    """Give sets of leavers with up to so many in each part."""
    rng = np.random.default_rng(1)
    for _ in range(PASSES):
        mixed = rng.permutation(leavers)
        order = mixed[np.argsort(part[mixed], kind="stable")]
        rank = np.arange(len(order)) - np.searchsorted(part[order], part[order])
        yield order[rank < number]


def fallen(found: Backup, leaving: np.ndarray) -> np.ndarray:
    """Return who falls in parts that do not touch, at most `size` leaving in each."""
    inside = (np.isin(found.needs.units, leaving) | (found.needs.units < 0)).all(axis=1)
    lost = np.zeros(len(found.labels), dtype=bool)
    lost[found.needs.school[inside]] = True
    lost[leaving[leaving < len(lost)]] = False
    return lost


def parts(network: Network) -> np.ndarray:
    return study(network).nodes()["id"].str[:4].astype(int).to_numpy()


# -- really taken ----------------------------------------------------------------------------


@HOPS
@pytest.mark.parametrize("number", [1, 2, 3])
def test_schools_close_as_in_the_tie_set_without_them(hops, number):
    network = many()
    known, ties = now(network)
    found = backup(known, ties, KERNELS, size=number, hops=hops, leaves="closes")
    before = cover(known, ties, KERNELS, hops=hops).covered
    schools = found.leavers[found.leavers < ties.ties.schools]
    fell = 0
    for gone in draws(schools, parts(network), number):
        after = cover(known, ties.without(gone), KERNELS, hops=hops).covered
        lost = before & ~after
        lost[gone] = False
        assert not (after & ~before).any()
        np.testing.assert_array_equal(fallen(found, gone), lost)
        fell += lost.sum()
    assert fell > 100


def test_schools_close_as_in_a_network_made_without_them():
    network = many()
    known, ties = now(network)
    found = backup(known, ties, KERNELS, size=2, leaves="closes")
    ids = network.nodes("school").index
    gone = next(draws(found.leavers[found.leavers < len(ids)], parts(network), 2))
    left, later = now(network.without("school", ids[gone]))
    after = np.zeros(len(ids), dtype=bool)
    after[np.setdiff1d(np.arange(len(ids)), gone)] = cover(left, later, KERNELS).covered
    lost = found.cover.covered & ~after
    lost[gone] = False
    np.testing.assert_array_equal(fallen(found, gone), lost)


def test_alliances_end_as_in_a_network_made_without_them():
    network = many()
    known, ties = now(network)
    found = backup(known, ties, KERNELS, size=1, unit="alliance")
    first = ties.ties.nodes - network.size("alliance")
    gone = next(draws(found.leavers[found.leavers >= first], parts(network), 1))
    left, later = now(network.without("alliance", network.ids("alliance")[gone - first]))
    lost = found.cover.covered & ~cover(left, later, KERNELS).covered
    np.testing.assert_array_equal(fallen(found, gone), lost)
    assert lost.sum() > 100


# -- a twin that thinks school by school -----------------------------------------------------


class Twin:
    """Coverage as its definition says it, with somebody gone or withdrawn."""

    def __init__(self, network: Network, hops: int | None, leaves: str) -> None:
        self.known, self.ties = now(network)
        self.hops, self.closes = hops, leaves == "closes"
        every, families = self.ties.ties, self.known.parents(DAY.date())[0]
        lifting = (self.ties.in_force & every.lifts) | self.ties.active
        self.lifted_by: dict[int, set[int]] = {}
        for a, b in zip(
            every.source[lifting].tolist(), every.target[lifting].tolist(), strict=True
        ):
            self.lifted_by.setdefault(b, set()).add(a)
        self.out, self.below, self.above = ({} for _ in range(3))
        for graph, here in ((self.ties.graph, self.out), (families, self.below)):
            for a, b in zip(graph.source.tolist(), graph.target.tolist(), strict=True):
                here.setdefault(a, []).append(b)
        for a, heirs in self.below.items():
            for b in heirs:
                self.above.setdefault(b, []).append(a)
        members = self.known.members(DAY.date())
        self.inside: dict[int, set[int]] = {}
        self.led: dict[int, set[int]] = {}
        for school, alliance, core in zip(
            members.school.tolist(), members.alliance.tolist(), members.core.tolist(), strict=True
        ):
            self.inside.setdefault(alliance, set()).add(school)
            if core:
                self.led.setdefault(school, set()).add(alliance)
        self.cores = set(np.flatnonzero(self.known.cores(DAY.date())[0]).tolist())

    def covered(self, gone: set[int]) -> set[int]:
        schools = set(range(self.ties.ties.schools))
        lifted = {
            v for v in schools
            if self.lifted_by.get(v, set()) - gone
            or (v not in gone and any(self.inside[a] - gone - {v} for a in self.led.get(v, ())))
        }  # fmt: skip
        if self.closes:
            lifted -= gone
        found = set(self._down(lifted, gone))
        if self.hops is not None:
            found &= self._near(gone)
        return found

    def _down(self, start: set[int], gone: set[int]) -> set[int]:
        seen, waiting = set(start), list(start)
        while waiting:
            node = waiting.pop()
            for heir in self.below.get(node, ()):
                if heir not in seen and not (self.closes and (node in gone or heir in gone)):
                    seen.add(heir)
                    waiting.append(heir)
        return seen

    def _near(self, gone: set[int]) -> set[int]:
        steps = dict.fromkeys(self.cores - gone, 0)
        waiting = deque(steps)
        while waiting:
            node = waiting.popleft()
            shut = self.closes and node in gone
            for heir in () if shut else self.below.get(node, ()):
                if steps.get(heir, 99) > steps[node]:
                    steps[heir] = steps[node]
                    waiting.appendleft(heir)
            for other in () if node in gone else self.out.get(node, ()):
                if steps.get(other, 99) > steps[node] + 1:
                    steps[other] = steps[node] + 1
                    waiting.append(other)
        return {node for node, far in steps.items() if far <= (self.hops or 0)}


@LEAVES
@HOPS
def test_supporters_leave_as_in_a_twin_that_goes_school_by_school(hops, leaves):
    network = many()
    twin = Twin(network, hops, leaves)
    found = backup(twin.known, twin.ties, KERNELS, size=2, hops=hops, leaves=leaves)
    before = twin.covered(set())
    assert before == set(np.flatnonzero(found.cover.covered).tolist())
    for number in (1, 2):
        for gone in draws(found.leavers, parts(network), number):
            lost = before - twin.covered(set(gone.tolist())) - set(gone.tolist())
            assert set(np.flatnonzero(fallen(found, gone)).tolist()) == lost


@HOPS
def test_engines_find_the_same(hops):
    network = Network.from_frames(
        {
            "school": pd.DataFrame(
                {"id": list("abcdefg"), "quality": ["core", "core", *[None] * 5]}
            ),
            "assists": pd.DataFrame({"source": list("abcdeb"), "target": list("cdeefc")}),
            "affiliated_to": pd.DataFrame({"source": ["g"], "target": ["f"]}),
        },
        as_of=DAY.date(),
    )
    known, ties = now(network)
    one, two = (backup(known, ties, pick(e), size=2, hops=hops) for e in ("fast", "reference"))
    np.testing.assert_array_equal(one.needs.school, two.needs.school)
    np.testing.assert_array_equal(one.needs.units, two.needs.units)
    np.testing.assert_array_equal(one.labels, two.labels)


# -- by hand ---------------------------------------------------------------------------------


def made(schools: str, **frames: Any) -> Network:
    tables = {name: pd.DataFrame(columns) for name, columns in frames.items()}
    return Network.from_frames(
        {"school": pd.DataFrame({"id": list(schools)}), **tables}, as_of=DAY.date()
    )


def needs(network: Network, **options: Any) -> dict[str, list[str]]:
    """Return with whom each school falls, sets as words."""
    known, ties = now(network)
    found = backup(known, ties, KERNELS, **options).needs
    ids = [*known.nodes()["id"], ""]
    words: dict[str, list[str]] = {}
    for school, units in zip(found.school.tolist(), found.units.tolist(), strict=True):
        words.setdefault(ids[school], []).append("".join(ids[unit] for unit in units))
    return words


def test_an_heir_falls_with_all_that_its_parent_and_itself_stand_on():
    network = made(
        "abpw",
        assists={"source": ["a", "b"], "target": ["p", "w"]},
        affiliated_to={"source": ["w"], "target": ["p"]},
    )
    assert needs(network, size=2) == {"p": ["a"], "w": ["ab"]}
    assert needs(network, size=1) == {"p": ["a"]}


def test_an_heir_falls_with_a_parent_that_closes_not_with_one_that_withdraws():
    network = made(
        "apwx",
        assists={"source": ["a", "p"], "target": ["p", "x"]},
        affiliated_to={"source": ["w"], "target": ["p"]},
    )
    assert needs(network) == {"p": ["a"], "w": ["a"], "x": ["p"]}
    assert needs(network, leaves="closes") == {"p": ["a"], "w": ["a", "p"], "x": ["p"]}


def test_an_heir_of_a_core_falls_with_it_or_with_its_last_other_member():
    network = made(
        "cmw",
        member_of={"source": ["c", "m"], "target": ["g", "g"], "role": ["core", "member"]},
        alliance={"id": ["g"]},
        affiliated_to={"source": ["w"], "target": ["c"]},
    )
    assert needs(network) == {"m": ["c"], "w": ["c"]}  # m supports nobody, so it cannot leave
    network = made(
        "cmwx",
        member_of={"source": ["c", "m"], "target": ["g", "g"], "role": ["core", "member"]},
        alliance={"id": ["g"]},
        affiliated_to={"source": ["w"], "target": ["c"]},
        assists={"source": ["m"], "target": ["x"]},
    )
    assert needs(network) == {"c": ["m"], "m": ["c"], "w": ["c", "m"], "x": ["m"]}
    assert needs(network, unit="alliance") == {"c": ["g"], "m": ["g"], "w": ["g"], "x": ["m"]}


def test_two_supporters_of_one_alliance_fall_together():
    network = made(
        "abv",
        member_of={"source": list("abv"), "target": "g", "role": ["core", "core", "member"]},
        alliance={"id": ["g"]},
    )
    assert needs(network, size=2)["v"] == ["ab"]
    assert needs(network, size=2, unit="alliance")["v"] == ["g"]


def test_no_more_may_leave_than_were_asked_for():
    known, ties = now(made("abc", assists={"source": ["a", "b"], "target": ["c", "c"]}))
    found = backup(known, ties, KERNELS, size=1)
    with pytest.raises(ValueError, match="2 leave"):
        found.fallen([0, 1])
    assert single_points(known, ties, KERNELS)[0].tolist() == []


# -- kernels ---------------------------------------------------------------------------------


def random_graphs(number: int) -> Iterator[tuple[np.random.Generator, Graph, Graph]]:
    rng = np.random.default_rng(0)
    for _ in range(number):
        n = int(rng.integers(1, 12))
        ends = rng.integers(0, n, (2, int(rng.integers(0, 3 * n))))
        one, two = rng.integers(0, n, (2, int(rng.integers(0, n))))
        children = distinct(n, np.minimum(one, two), np.maximum(one, two))
        yield rng, distinct(n, *ends), children


def test_last_seeds_and_cut_vertices_agree_with_networkx():
    for rng, graph, children in random_graphs(200):
        np.testing.assert_array_equal(fast.cut_vertices(graph), reference.cut_vertices(graph))
        seeds = np.sort(rng.choice(graph.n, int(rng.integers(0, graph.n + 1)), replace=False))
        hops, width, through = int(rng.integers(1, 5)), int(rng.integers(1, 4)), rng.random() < 0.5
        asked = (graph, children, seeds, hops, width, through)
        one, two = fast.last_seeds(*asked), reference.last_seeds(*asked)
        np.testing.assert_array_equal((one >= 0).sum(axis=1), (two >= 0).sum(axis=1))
        room = (two < 0).any(axis=1)
        np.testing.assert_array_equal(np.sort(one[room], axis=1), np.sort(two[room], axis=1))

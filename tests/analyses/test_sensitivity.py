"""Sensitivity: what chance alone does to small rankings is known."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from long import examples
from random_network import random_network

from liantu.analyses.reach import reach
from liantu.analyses.resilience import resilience
from liantu.analyses.sensitivity import sensitivity
from liantu.errors import OptionError
from liantu.graph.network import Network
from liantu.graph.perturbed import efforts, families, weightings
from liantu.graph.study import study

DAY = "2024-06-30"


def made(rows: dict[str, Any], **frames: Any) -> Network:
    tables = {"assists": rows, **frames}
    return Network.from_frames({key: pd.DataFrame(x) for key, x in tables.items()}, as_of=DAY)


def stars(**sizes: int) -> dict[str, Any]:
    """Return supporters with so many schools of their own each."""
    source = [name for name, size in sizes.items() for _ in range(size)]
    return {
        "source": source,
        "target": [f"{name}{n}" for name, size in sizes.items() for n in range(size)],
        "start": "2020-01-01",
    }


def chance(result: Any, family: str, setting: str) -> dict[str, float]:
    table = result.tables["top_chance"]
    some = table[(table["family"] == family) & (table["setting"] == setting)]
    return dict(zip(some["supporter"], some["p_top"], strict=True))


@pytest.mark.parametrize(
    ("sizes", "wanted"), [((10, 5), (0.9865, 0.0111)), ((10, 9), (0.5708, None))]
)
def test_missing_ties(sizes: tuple[int, int], wanted: tuple[float, float | None]):
    """Of each supporter's ties one in five is missing: who is ahead, and how often both tie."""
    from scipy.stats import binom

    a, b = (binom.pmf(np.arange(11), size, 0.8) for size in sizes)
    assert np.tril(np.outer(a, b), -1).sum() == pytest.approx(wanted[0], abs=1e-4)
    assert wanted[1] is None or (a * b).sum() == pytest.approx(wanted[1], abs=1e-4)
    known = study(made(stars(A=sizes[0], B=sizes[1])))
    every = families(known, known.tie_set(date(2024, 6, 30)), None, 2000, 0)
    found = next(x for x in every if (x.name, x.setting) == ("missing", "0.2"))
    ids = known.nodes()["id"].tolist()
    left = np.array([np.bincount(one.graph.source, minlength=len(ids)) for one in found.sets])
    ahead = left[:, ids.index("A")] > left[:, ids.index("B")]
    assert ahead.mean() == pytest.approx(wanted[0], abs=0.03)


def test_weights_that_rise():
    """A: one tie of closeness 3, B two of 1, C one of 2 and one of 1."""
    network = made(
        {
            "source": list("ABBCC"),
            "target": list("vwxyz"),
            "form": ["merged", "loose", "loose", "aggregated", "loose"],
            "start": "2020-01-01",
        }
    )
    from liantu.graph import schema

    by = {form.closeness: key for key, form in sorted(schema.forms().items()) if form.closeness}
    rows = network.relation("assists").assign(form=[by[n] for n in (3, 1, 1, 2, 1)])
    network = Network.from_frames({"assists": rows}, as_of=DAY)
    known = study(network)
    effort = efforts(network, known.tie_set(date(2024, 6, 30)))
    assert effort[:3].tolist() == [[0, 0, 1], [2, 0, 0], [1, 1, 0]]
    weights = weightings(20_000, 0)
    assert (np.diff(weights[3:], axis=1) >= 0).all()
    ahead = weights[3:, 2] > 2 * weights[3:, 0]
    assert ahead.mean() == pytest.approx(3 / 4, abs=0.01)
    result = sensitivity(network, metric="direct", k=3, draws=10)
    row = result.tables["by_family"].iloc[0]
    assert (row["family"], row["rankings"]) == ("weights", 28)


def test_a_window_moves_activities_only_and_undated_ones_end():
    kinds = {"source_kind": "school", "target_kind": "school"}
    network = made(
        {**stars(A=2, B=1), "start": ["2020-01-01", None, "2020-01-01"]},
        delivers={
            **kinds,
            "source": "C",
            "target": ["A", "B"],
            "date": ["2024-05-01", "2023-08-01"],
        },
    )
    known = study(network)
    sets = {
        (x.name, x.setting): list(x.sets)
        for x in families(known, known.tie_set(date(2024, 6, 30)), None, 3, 0)
    }
    windows = next(found for key, found in sets.items() if key[0] == "window")
    assert [len(one.graph.source) for one in windows] == [4, 4, 5, 5]
    (undated,) = sets["undated", ""]
    assert len(undated.graph.source) == 4
    table = sensitivity(network, metric="direct", k=1, draws=20).table
    assert table["rank"].to_dict() == {"A": 1, "C": 1, "B": 3}


def test_a_source_that_is_missing_and_ends_that_are_wrong():
    rows = stars(A=3, B=3)
    network = made(
        {**rows, "provenance": ["x"] * 3 + ["y"] * 3},
        school={
            "id": ["A", "B", *rows["target"]], "region": "c", "stage": ["junior"] * 2 + ["primary"] * 6
        },
        region={"id": ["c"], "level": ["county"]},
    )  # fmt: skip
    result = sensitivity(network, metric="direct", k=1, draws=200)
    assert chance(result, "missing_source", "provenance") == {"A": 0.5, "B": 0.5}
    known = study(network)
    ties = known.tie_set(date(2024, 6, 30))
    primary = network.column("school", "stage") == "primary"
    for family in families(known, ties, None, 500, 1):
        if family.name == "wrong_end":
            moved = [(one.ties.target != ties.ties.target).mean() for one in family.sets]
            assert np.mean(moved) == pytest.approx(float(family.setting), abs=0.03)
    for one in list(families(known, ties, None, 5, 1))[5].sets:
        assert primary.to_numpy()[one.ties.target].all()  # of the same stage
    alone = sensitivity(made(rows), metric="direct", k=1, draws=20)
    by = alone.tables["by_family"].set_index("family")
    assert by.loc["missing_source", "rankings"] == 0  # one county, one source


def test_base_scores_are_those_of_the_other_analyses():
    network = random_network(range(examples(2, 12)))
    whole = sensitivity(network, draws=1, k=3).table["score"]
    there = reach(network).table["within_hops"]
    pd.testing.assert_series_equal(
        whole.sort_index(), there[there > 0].sort_index(), check_dtype=False, check_names=False
    )
    lost = sensitivity(network, draws=1, metric="lost").table["score"]
    falls = resilience(network, scope="all").table["lost"]
    pd.testing.assert_series_equal(
        lost.sort_index(), falls[falls > 0].sort_index(), check_dtype=False, check_names=False
    )
    for metric in ("decayed", "support_rank"):
        assert len(sensitivity(network, draws=2, metric=metric).table)


def test_nothing_random_but_the_seed_and_constant_rankings():
    network = made(stars(A=2, B=2))
    same = sensitivity(network, k=1, draws=6)
    assert same.to_dict() == sensitivity(network, k=1, draws=6).to_dict()
    rows = network.relation("assists").sample(frac=1, random_state=1)
    shuffled = Network.from_frames({"assists": rows}, as_of=DAY)
    assert sensitivity(shuffled, k=1, draws=6).to_dict() == same.to_dict()
    other = sensitivity(network, k=1, draws=6, seed=1).tables["top_chance"]
    assert not other.equals(same.tables["top_chance"])
    by = same.tables["by_family"].set_index(["family", "setting"])
    assert np.isnan(by.loc[("weights", ""), "tau_median"])  # both support two
    assert sensitivity(network, draws=1).summary["top"] == 2  # there are no more
    for options in ({"k": 0}, {"draws": 0}, {"decay": 2}, {"hops": 0}, {"metric": "x"}):
        with pytest.raises(OptionError):
            sensitivity(network, **options)

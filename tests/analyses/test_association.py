"""What goes with activity between schools, on networks where it is known."""

import inspect

import numpy as np
import pandas as pd
import pytest

from liantu import OptionError, RequestError
from liantu.analyses.association import association
from liantu.graph.mrqap import mrqap
from liantu.graph.network import Network

KINDS = {"source_kind": "school", "target_kind": "school", "date": "2024-06-05"}


def network(acts, more=None, **schools):
    tables = {
        "school": pd.DataFrame(schools),
        "delivers": pd.DataFrame(acts, columns=["source", "target"]).assign(**KINDS),
        **(more or {}),
    }
    return Network.from_frames(tables, as_of="2024-06-30")


IDS = list("abcdefgh")
COUNTIES = {"region": pd.DataFrame({"id": ["k", "l"], "level": "county"})}


def codes(found):
    return {note.code for note in found.notes}


def test_activity_inside_counties_goes_with_the_county():
    acts = [(a, b) for part in ("abcd", "efgh") for a in part for b in part if a < b]
    made = network(acts, COUNTIES, id=IDS, region=list("kkkkllll"))
    found = association(made)
    assert found.table.index.tolist() == ["same_county"]
    row = found.table.loc["same_county"]
    assert row["coefficient"] == pytest.approx(0.5)  # half of the ordered pairs, 0 elsewhere
    share = found.summary["r_squared"] ** 0.5
    assert row[["standardised", "correlation"]].tolist() == pytest.approx([share, share])
    assert row["p_value"] < 0.1
    assert (found.summary["schools"], found.summary["tested_pairs"]) == (8, 56)
    assert {"association_no_distance", "association_left_out"} <= codes(found)


def test_all_predictors_as_matrices_made_by_hand():
    rng = np.random.default_rng(3)
    stage = ["primary", "junior", None, "primary", "junior", "primary", None, "junior"]
    lon, lat = 110 + rng.random(8), 30 + rng.random(8)
    members = pd.DataFrame({"source": list("abc"), "target": ["g", "g", "g"]})
    more = {
        **COUNTIES,
        "member_of": members,
        "assists": pd.DataFrame({"source": ["h"], "target": ["d"]}),
        "affiliated_to": pd.DataFrame({"source": ["f"], "target": ["e"]}),
    }
    acts = [("a", "b"), ("b", "c"), ("h", "d"), ("e", "a"), ("g", "h"), ("e", "f")]
    made = network(acts, more, id=IDS, region=list("kkllkkll"), stage=stage, lon=lon, lat=lat)
    found = association(made, permutations=99)
    y = np.zeros((8, 8))
    for one, other in acts:
        y[IDS.index(one), IDS.index(other)] = 1
    formal, same, staged, far = (np.zeros((8, 8)) for _ in range(4))
    tied = {*map(frozenset, ("ab", "bc", "ac", "hd", "fe"))}
    for i, one in enumerate(IDS):
        for j, other in enumerate(IDS):
            formal[i, j] = frozenset((one, other)) in tied
            same[i, j] = (i in (0, 1, 4, 5)) == (j in (0, 1, 4, 5))
            staged[i, j] = stage[i] is not None and stage[i] == stage[j]
            a, b = np.radians(lat[i]), np.radians(lat[j])
            turn = np.radians(lon[i] - lon[j])
            cosine = np.sin(a) * np.sin(b) + np.cos(a) * np.cos(b) * np.cos(turn)
            far[i, j] = np.log1p(6371.0088 * np.arccos(np.clip(cosine, -1, 1)))
    known = mrqap(y, [far, same, staged, formal], 99)
    assert found.table.index.tolist() == ["log_km", "same_county", "same_stage", "formal_tie"]
    assert found.table["coefficient"].tolist() == pytest.approx(
        known.coefficient.tolist(), abs=1e-6
    )
    assert found.table["p_value"].tolist() == known.p.tolist()
    some = association(made, predictors="formal_tie,same_county", permutations=9)
    assert some.table.index.tolist() == ["same_county", "formal_tie"]


def test_schools_without_a_place_are_left_out_or_the_distance_is():
    acts = [("a", "b"), ("c", "d"), ("e", "f")]
    lon = [110.0, 110.1, 110.2, 110.4, 110.7, 111.1, None, None]
    made = network(acts, id=IDS, lon=lon, lat=[30.0] * 6 + [None] * 2)
    found = association(made, permutations=9)
    assert found.summary["schools"] == 6
    assert "association_not_placed" in codes(found)
    few = network(acts, id=IDS, lon=[110.0, *[None] * 7], lat=[30.0, *[None] * 7])
    assert "association_no_distance" in codes(association(few, permutations=9))


def test_a_region_or_stage_narrows_the_schools():
    acts = [("a", "b"), ("e", "f")]
    stages = ["primary"] * 5 + ["junior"] * 3
    more = {**COUNTIES, "assists": pd.DataFrame({"source": ["a"], "target": ["b"]})}
    made = network(acts, more, id=IDS, region=list("kkkkklll"), stage=stages)
    assert association(made.focus("k"), permutations=9).summary["schools"] == 5
    assert association(made, stage="primary", permutations=9).summary["active_pairs"] == 1
    assert association(made.focus("l")).table.empty  # three schools: nothing to permute
    with pytest.raises(OptionError, match="--stage"):
        association(made, stage="x")


def test_too_many_schools_are_told_with_what_to_do(monkeypatch):
    monkeypatch.setitem(inspect.unwrap(association).__globals__, "MOST", 7)
    with pytest.raises(RequestError, match="--region"):
        association(network([("a", "b")], id=IDS))


def test_without_activity_nothing_is_tested():
    found = association(network([], COUNTIES, id=IDS, region=list("kkkkllll")))
    assert found.table.empty
    assert "association_nothing" in codes(found)


@pytest.mark.parametrize(
    ("name", "value"), [("permutations", 0), ("seed", -1), ("predictors", "wealth")]
)
def test_malformed_options_are_refused(name, value):
    with pytest.raises(OptionError, match=f"--{name}"):
        association(network([("a", "b")], id=IDS), **{name: value})

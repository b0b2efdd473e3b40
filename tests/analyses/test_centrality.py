"""Centrality worked out by hand: the known answers of the interface and small graphs."""

from __future__ import annotations

import math
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from liantu.analyses import centrality as module
from liantu.analyses.centrality import centrality, ranked
from liantu.errors import OptionError, RequestError
from liantu.graph.network import Network

DAY = "2022-05-11"
ENGINES = pytest.mark.parametrize("engine", ["fast", "reference"])


def made(*pairs: tuple[str, str] | str, **frames: Any) -> Network:
    tables = {name: pd.DataFrame(columns) for name, columns in frames.items()}
    ties = pd.DataFrame([tuple(pair) for pair in pairs], columns=["source", "target"], dtype="str")
    return Network.from_frames({"assists": ties, **tables}, as_of=DAY)


@ENGINES
def test_chain(engine: str):
    result = centrality(made("AB", "BC"), engine=engine)
    table = result.table.sort_index()
    assert table["betweenness"].tolist() == [0, 1, 0]
    assert table["harmonic"].tolist() == [0.75, 0.5, 0]
    assert table["support_rank"].is_monotonic_decreasing
    assert table["support_rank"].is_unique
    assert table["in_degree"].tolist() == [0, 1, 1]
    assert table["out_degree"].tolist() == [1, 1, 0]
    assert table["core_number"].tolist() == [1, 1, 1]
    assert result.table.index.tolist() == ["B", "A", "C"]
    assert result.table.index.name == "node"
    assert result.summary == {
        "nodes": 3,
        "ties": 2,
        "density": pytest.approx(1 / 3),
        "reciprocity": 0.0,
        "components": 1,
        "largest_component": 3,
        "isolates": 0,
    }


@ENGINES
def test_star(engine: str):
    network = Network.from_frames(
        {
            "member_of": pd.DataFrame(
                {"source": list("abcde"), "target": "g", "role": ["core"] + ["member"] * 4}
            )
        },
        as_of=DAY,
    )
    table = centrality(network, engine=engine).table
    core = table.loc["a"]
    assert (core["out_degree"], core["harmonic"], core["betweenness"]) == (4, 1.0, 0)
    assert table["support_rank"].idxmax() == "a"
    assert table.index.tolist() == list("abcde"), "equals stand by id"


@ENGINES
def test_krackhardts_kite(engine: str):
    names = [
        "Andre",
        "Beverley",
        "Carol",
        "Diane",
        "Ed",
        "Fernando",
        "Garth",
        "Heather",
        "Ike",
        "J",
    ]
    edges = nx.krackhardt_kite_graph().edges()
    network = made(*((names[a], names[b]) for a, b in edges))
    table = centrality(network, undirected=True, engine=engine).table
    assert table.index[0] == "Heather"
    assert table.loc["Heather", "betweenness"] == pytest.approx(14)
    assert table["in_degree"].equals(table["out_degree"].rename("in_degree"))
    assert table.loc["Diane", "in_degree"] == 6
    result = centrality(network, undirected=True, normalized=True, engine=engine)
    assert result.table.loc["Heather", "betweenness"] == pytest.approx(14 / 36)
    assert result.summary["ties"] == 18
    assert result.summary["density"] == pytest.approx(18 / 45)
    assert result.summary["reciprocity"] is None


@ENGINES
def test_two_islands_and_an_isolate(engine: str):
    network = made("ab", "ba", "cd", "de", school={"id": list("abcdef")})
    result = centrality(network, engine=engine)
    assert result.table["component"].sort_index().tolist() == [2, 2, 1, 1, 1, 3]
    assert result.summary["components"] == 3
    assert result.summary["largest_component"] == 3
    assert result.summary["isolates"] == 1
    assert result.summary["reciprocity"] == 0.5
    assert result.table.loc["f", ["harmonic", "core_number"]].tolist() == [0, 0]
    pair = centrality(made("ab", "ba"), undirected=True, engine=engine)
    assert pair.summary["ties"] == 1
    assert pair.table["betweenness"].tolist() == [0, 0], "fewer than three nodes"
    assert pair.table["harmonic"].tolist() == [1, 1]


def test_normalized_and_directed():
    table = centrality(made("AB", "BC"), normalized=True).table
    assert table.loc["B", "betweenness"] == 0.5
    both_ways = centrality(made("AB", "BC", "BA", "CB")).table
    assert both_ways.loc["B", "betweenness"] == 2


def test_betweenness_off_or_left_out(monkeypatch: pytest.MonkeyPatch):
    network = made("AB", "BC")
    off = centrality(network, betweenness="off")
    assert off.table.index.tolist() == ["A", "B", "C"], "by support rank"
    assert {row["betweenness"] for row in off.to_dict()["table"]} == {None}
    assert not off.notes[0].code.startswith("betweenness")
    monkeypatch.setattr(module, "EXACT", {"harmonic": 3, "betweenness": 2})
    auto = centrality(network)
    assert auto.table["betweenness"].isna().all()
    assert "betweenness_off" in {note.code for note in auto.notes}
    assert centrality(network, betweenness="exact").table.loc["B", "betweenness"] == 1


def test_harmonic_off_or_left_out(monkeypatch: pytest.MonkeyPatch):
    network = made("AB", "BC")
    off = centrality(network, harmonic="off")
    assert {row["harmonic"] for row in off.to_dict()["table"]} == {None}
    assert off.table.loc["B", "betweenness"] == 1
    assert not {note.code for note in off.notes} & {"harmonic_off", "harmonic_sampled"}
    monkeypatch.setattr(module, "EXACT", {"harmonic": 2, "betweenness": 3})
    auto = centrality(network)
    assert auto.table["harmonic"].isna().all()
    note = next(note for note in auto.notes if note.code == "harmonic_off")
    assert note.params == {"limit": 2, "count": 3}
    assert centrality(network, harmonic="exact").table.loc["A", "harmonic"] == 0.75


@ENGINES
def test_a_sample_of_all_is_exact(engine: str):
    network = made("AB", "BC", "BD", "DE")
    exact = centrality(network, engine=engine)
    sample = centrality(network, engine=engine, betweenness="sample", harmonic="sample", sources=5)
    pd.testing.assert_frame_equal(exact.table, sample.table)
    assert sample.notes == exact.notes, "nothing is estimated"


@ENGINES
@pytest.mark.parametrize("undirected", [False, True])
def test_samples_add_up_to_the_exact_values(engine: str, undirected: bool):
    """Each node alone as the sample, times n: the mean over all of them is the exact value."""
    network = made("AB", "BC", "CA", "CD", "EF")
    exact = centrality(network, engine=engine, undirected=undirected).table.sort_index()
    found: dict[int, pd.DataFrame] = {}
    for seed in range(60):
        drawn = int(np.random.default_rng(seed).choice(6, 1, replace=False)[0])
        if drawn in found:
            continue
        found[drawn] = centrality(
            network,
            engine=engine,
            undirected=undirected,
            betweenness="sample",
            harmonic="sample",
            sources=1,
            seed=seed,
        ).table.sort_index()
    assert len(found) == 6
    for measure in ("betweenness", "harmonic"):
        mean = sum(table[measure] for table in found.values()) / 6
        assert mean.tolist() == pytest.approx(exact[measure].tolist(), rel=1e-12)
        assert not all(table[measure].equals(exact[measure]) for table in found.values())


def test_the_bound_of_a_sample_holds_and_is_told():
    ring = [(f"n{i:03}", f"n{(i + 1) % 120:03}") for i in range(120)]
    network = made(*ring, *((f"n{i:03}", f"n{(i * 7) % 120:03}") for i in range(1, 60)))
    options = {"normalized": True, "sources": 40, "seed": 3}
    sample = centrality(network, betweenness="sample", harmonic="sample", **options)
    notes = {note.code: note.params for note in sample.notes}
    bound = math.sqrt(math.log(2 * 120 / 0.05) / 80) * 120 / 119
    expected = {"sources": 40, "count": 120, "seed": 3, "bound": f"{bound:.3f}"}
    assert notes["betweenness_sampled"] == notes["harmonic_sampled"] == expected
    exact = centrality(network, normalized=True)
    for measure in ("betweenness", "harmonic"):
        error = (sample.table[measure] - exact.table[measure]).abs().max()
        assert 0 < error < bound
    again = centrality(network, betweenness="sample", harmonic="sample", **options)
    pd.testing.assert_frame_equal(sample.table, again.table)
    assert sample.table.index[0] == sample.table["betweenness"].idxmax(), "ranked by the estimate"


@pytest.mark.parametrize("options", [{"sources": 0}, {"seed": -1}])
def test_a_sample_out_of_range(options: dict[str, int]):
    with pytest.raises(OptionError):
        centrality(made("AB"), betweenness="sample", **options)


def test_parallel_ties_are_one_and_supporters_are_nodes():
    network = made(
        "ab",
        delivers={
            "source": ["a", "a"],
            "source_kind": "school",
            "target": ["b", "b"],
            "target_kind": "school",
            "date": ["2022-01-01", "2022-02-01"],
        },
        supports={"source": ["u"], "target": ["b"], "target_kind": "school"},
        partner={"id": ["u", "v"]},
    )
    result = centrality(network)
    assert result.table.index.tolist() == ["a", "b", "u"]
    assert result.summary["ties"] == 2
    assert result.table.loc["b", "in_degree"] == 2


def test_closed_schools_are_no_nodes():
    network = made("ab", "bc", school={"id": list("abc"), "closed": [None, None, "2022-01-01"]})
    for layer in ("support", "assists"):
        assert centrality(network, layer=layer).summary["nodes"] == 2
        assert centrality(network, layer=layer).summary["ties"] == 1


def test_layers_of_one_relation():
    network = made(
        "ab",
        "cd",
        region={"id": ["n", "s", "w"], "name": ["北", "南", "西"]},
        pact={"source": ["n", "n"], "target": ["s", "w"], "end": [None, "2022-05-10"]},
        alliance={"id": ["x", "y"]},
        part_of={"source": ["x"], "target": ["y"]},
        affiliated_to={"source": ["c"], "target": ["a"], "certainty": ["ambiguous"]},
    )
    pact = centrality(network, layer="pact")
    assert pact.table["out_degree"].to_dict() == {"n": 1, "s": 0, "w": 0}
    assert pact.table.loc["n", "name"] == "北"
    assert centrality(network, layer="part_of").summary["nodes"] == 2
    affiliated = centrality(network, layer="affiliated_to")
    assert affiliated.summary["ties"] == 0
    assert [note.code for note in affiliated.notes] == ["ambiguous_rows"]
    assert centrality(network, layer="mentors").summary["nodes"] == 0


def test_mentoring_among_teachers_or_schools_but_not_both():
    def mentoring(kinds: list[str]) -> Network:
        rows = {
            "source": ["p", "a"],
            "target": ["q", "b"],
            "source_kind": kinds,
            "target_kind": kinds,
        }
        nodes = pd.DataFrame({"id": list("abpq")})
        frames = {"mentors": pd.DataFrame(rows), "school": nodes, "teacher": nodes}
        return Network.from_frames(frames, as_of=DAY)

    teachers = centrality(mentoring(["teacher", "teacher"]), layer="mentors")
    assert teachers.summary["ties"] == 2
    assert teachers.table["out_degree"].to_dict() == {"a": 1, "b": 0, "p": 1, "q": 0}
    assert centrality(mentoring(["school", "school"]), layer="mentors").summary["ties"] == 2
    with pytest.raises(RequestError) as caught:
        centrality(mentoring(["teacher", "school"]), layer="mentors")
    assert caught.value.problems[0].code == "mixed_mentoring"


@ENGINES
def test_equal_components_are_numbered_by_their_smallest_id_of_any_kind(engine: str):
    network = Network.from_frames(
        {
            "school": pd.DataFrame({"id": list("bcdez")}),
            "center": pd.DataFrame({"id": ["a"]}),
            "assists": pd.DataFrame({"source": list("bd"), "target": list("ce")}),
            "delivers": pd.DataFrame(
                {"source": ["a"], "source_kind": "center", "target": ["z"], "target_kind": "school",
                 "date": [DAY]}
            ),
        },
        as_of=DAY,
    )  # fmt: skip
    table = centrality(network, engine=engine).table
    assert table["component"].to_dict() == {"a": 1, "z": 1, "b": 2, "c": 2, "d": 3, "e": 3}


def test_kind_tells_nodes_of_one_id_apart():
    network = made(
        center={"id": ["a"]},
        school={"id": ["a", "b"], "name": ["一小", "二小"]},
        delivers={"source": ["a"], "source_kind": "center", "target": "b",
                  "target_kind": "school", "date": DAY},
    )  # fmt: skip
    table = centrality(network).table
    assert (table.index.name, table.columns[0]) == ("node", "kind")
    rows = table.reset_index()[["node", "kind", "out_degree"]].values.tolist()
    assert sorted(rows) == [["a", "center", 1], ["a", "school", 0], ["b", "school", 0]]
    assert set(centrality(made("AB"), layer="assists").table["kind"]) == {"school"}


def test_ranked_puts_those_first_whom_most_lean_on_and_isolates_last():
    network = made("XA", "XB", "AC", school={"id": ["0", *"ABCXY"]})
    table = centrality(network).table
    assert table.index[0] == "A"  # the only one between others
    assert ranked(table).index.tolist() == ["X", "A", "0", "B", "C", "Y"]


def test_a_region_limits_the_rows_alone():
    network = made(
        "AB",
        "BC",
        school={"id": list("ABC"), "region": ["n", "s", None]},
        region={"id": ["n", "s"]},
    )
    result = centrality(network.focus("s"))
    assert result.table["betweenness"].to_dict() == {"B": 1}
    assert result.summary["nodes"] == 3
    assert "whole_network" in {note.code for note in result.notes}
    assert centrality(network.focus("n"), layer="assists").table.index.tolist() == ["A"]


@pytest.mark.parametrize(
    "options", [{"layer": "delivers"}, {"betweenness": "fast"}, {"window": "?"}, {"engine": "nx"}]
)
def test_malformed_options(options: dict[str, Any]):
    with pytest.raises(OptionError):
        centrality(made("AB"), **options)


def weighed(*rows: tuple[str, str, float | None]) -> Network:
    ties = pd.DataFrame(list(rows), columns=["source", "target", "weight"])
    return Network.from_frames({"assists": ties}, as_of=DAY)


DETOUR = (("A", "B", 4.0), ("B", "C", 4.0), ("A", "C", 1.0))


@ENGINES
@pytest.mark.parametrize(
    ("weights", "betweenness", "harmonic"),
    # near: A → B → C is 1/4 + 1/4 long, A → C is 1; far: 8 against 1
    [("near", 1.0, (4 + 2) / 2), ("far", 0.0, (1 / 4 + 1) / 2), ("off", 0.0, 1.0)],
)
def test_a_detour_along_heavy_ties(engine: str, weights: str, betweenness: float, harmonic: float):
    result = centrality(weighed(*DETOUR), weights=weights, engine=engine)
    assert result.table.loc["B", "betweenness"] == betweenness
    assert result.table.loc["A", "harmonic"] == pytest.approx(harmonic)
    assert ("strength_in" in result.table) == (weights != "off")


@ENGINES
def test_strengths_and_ranks_by_weight(engine: str):
    result = centrality(weighed(("A", "C", 3), ("B", "C", 1), ("A", "C", None)), weights="near")
    table = result.table
    assert table.loc["C", ["strength_in", "strength_out"]].tolist() == [4, 0]  # equal ties are one
    assert table.loc["A", "support_rank"] > table.loc["B", "support_rank"]
    far = centrality(weighed(("A", "C", 3), ("B", "C", 1)), weights="far", engine=engine).table
    assert far.loc["B", "support_rank"] > far.loc["A", "support_rank"]


def test_what_states_no_weight_counts_one_and_is_told():
    result = centrality(weighed(("A", "B", None), ("B", "C", 2)), weights="near", layer="assists")
    assert result.table.loc["B", ["strength_in", "strength_out"]].tolist() == [1, 2]
    assert [(n.code, n.params) for n in result.notes if n.code.startswith("weights")] == [
        ("weights_near", {"count": 1})
    ]


@ENGINES
@pytest.mark.parametrize(("weights", "strength"), [("near", 5.0), ("far", 2.0)])
def test_parallel_ties_add_up_or_the_shortest_counts(engine: str, weights: str, strength: float):
    rows = [("A", "B", 2.0), ("A", "B", 3.0)]
    ties = pd.DataFrame(rows, columns=["source", "target", "weight"]).assign(
        form=["paired", "team"]
    )
    network = Network.from_frames({"assists": ties}, as_of=DAY)
    for layer in ("support", "assists"):
        table = centrality(network, weights=weights, layer=layer, engine=engine).table
        assert table.loc["A", "strength_out"] == strength


@ENGINES
def test_undirected_ties_have_one_weight_both_ways(engine: str):
    network = weighed(("A", "B", 2), ("B", "A", 3), ("B", "C", 4))
    table = centrality(network, undirected=True, weights="near", engine=engine).table
    assert table["strength_in"].to_dict() == {"A": 5, "B": 9, "C": 4}
    assert table.loc["B", "betweenness"] == 1


def test_equal_weights_change_no_order():
    pairs = ["AB", "BC", "CD", "BD", "DE", "EA"]
    plain = centrality(made(*pairs)).table
    equal = centrality(weighed(*((a, b, 1.0) for a, b in pairs)), weights="far").table
    shared = ["harmonic", "betweenness", "support_rank"]
    pd.testing.assert_frame_equal(plain[shared], equal[shared])

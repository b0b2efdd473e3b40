"""Groups on paper and in fact, worked out by hand."""

from functools import cache, partial
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from liantu import OptionError, RequestError, read
from liantu.analyses.groups import groups
from liantu.graph.communities import communities
from liantu.graph.network import Network
from liantu.graph.partitions import agreement, modularity

KINDS = {"source_kind": "school", "target_kind": "school"}
MONTHS = [f"2024-{month:02}-05" for month in range(1, 7)]


def network(acts, members=(), more=None, **schools):
    """Return a network of activities (source, target, months) and members (school, alliance)."""
    rows = [(a, b, MONTHS[place]) for a, b, months in acts for place in range(months)]
    ids = sorted({end for a, b, _ in acts for end in (a, b)} | {school for school, _ in members})
    tables = {
        "school": pd.DataFrame({"id": ids, **{k: [v[i] for i in ids] for k, v in schools.items()}}),
        "delivers": pd.DataFrame(rows, columns=["source", "target", "date"]).assign(**KINDS),
        "member_of": pd.DataFrame(members, columns=["source", "target"]),
        **(more or {}),
    }
    return Network.from_frames(tables, as_of="2024-06-30")


quick = partial(groups, permutations=49, runs=10)


def statuses(found):
    return found.table["group_status"].to_dict()


def test_the_known_events():
    """A→B in three months, A→D, C→B, C→D: inside 3 and 1, by chance 8/3 and 2/3, p 0.6."""
    acts = [("A", "B", 3), ("A", "D", 1), ("C", "B", 1), ("C", "D", 1)]
    members = [("A", "x"), ("B", "x"), ("C", "y"), ("D", "y")]
    found = groups(network(acts, members), min_activity=1)
    table = found.table.loc[["x", "y"]]
    assert table["inside"].tolist() == [3, 1]
    assert table["member_activity"].tolist() == [5, 3]
    assert table["expected_inside"].tolist() == pytest.approx([8 / 3, 2 / 3], abs=0.1)
    assert table["p_value"].tolist() == pytest.approx([0.6, 0.6], abs=0.06)
    assert statuses(found) == {"x": "undecided", "y": "undecided"}  # more than chance, no proof
    assert found.summary["activity_total"] == 6


@cache
def clubs():
    """Return two alliances that act, one whose schools only act outside, one that does nothing."""
    inside = [(f"{g}0", f"{g}{n}", 6) for g in "ab" for n in (1, 2, 3)]
    outside = [("p0", f"q{n}", 6) for n in (1, 2)] + [("o0", f"p{n}", 6) for n in (1, 2)]
    members = [(f"{g}{n}", g) for g in "ab" for n in range(4)]
    members += [(f"p{n}", "p") for n in range(3)] + [(f"n{n}", "n") for n in range(2)]
    return network(inside + outside, members)


def test_every_status():
    found = groups(clubs())
    assert statuses(found) == {"p": "silent", "n": "undecided", "a": "real", "b": "real"}
    row = found.table.loc["a"]
    assert (row["schools"], row["active_schools"], row["communities"]) == (4, 4, 1)
    assert (row["inside"], row["p_value"]) == (18, 0.001)
    assert row["q_value"] == pytest.approx(0.0015)  # of three that are tested
    assert found.table.loc["p", ["inside", "p_value"]].tolist() == [0, 1]
    assert pd.isna(found.table.loc["n", "q_value"])
    figures = found.summary
    assert [figures[f"groups_{key}"] for key in ("real", "paper", "silent", "undecided")] == [
        2, 0, 1, 1,
    ]  # fmt: skip
    assert figures["compared"] == 11
    assert (figures["communities"], figures["crossing"]) == (4, 1)  # p0 with q1 and q2


def test_a_group_that_does_no_more_than_chance_stands_on_paper():
    acts = [(a, b, 1 if (a in "ab") == (b in "wx") else 4) for a in "abcd" for b in "wxyz"]
    members = [(n, "g") for n in "abwx"] + [(n, "h") for n in "cdyz"]
    found = groups(network(acts, members), permutations=99)
    assert statuses(found) == {"g": "paper", "h": "paper"}
    assert found.table["times_expected"].tolist() == pytest.approx([0.4, 0.4], abs=0.03)


def test_an_alliance_of_one_school_is_not_judged():
    assert statuses(quick(network([("a", "b", 6)], [("a", "g")]))) == {"g": "undecided"}


def test_chance_across_counties_takes_neighbours_for_groups():
    """In each of two counties everybody helps everybody; one alliance a county."""
    rng, county = np.random.default_rng(4), {}
    acts, members = [], []
    for place in "kl":
        ids = [f"{place}{n}" for n in range(8)]
        county |= dict.fromkeys(ids, place)
        members += [(one, f"g{place}") for one in ids[:4]]
        pairs = [(a, b) for a in ids for b in ids if a != b]
        acts += [(*pairs[p], 1) for p in rng.choice(len(pairs), 30, replace=False)]
    regions = {"region": pd.DataFrame({"id": ["k", "l"], "level": "county"})}
    made = network(acts, members, regions, region=county)
    inside, across = (groups(made, strata=s, permutations=199) for s in ("county", "none"))
    assert (inside.table["p_value"] > 0.05).all()
    assert (across.table["p_value"] < 0.05).any()
    assert (inside.table["expected_inside"] > across.table["expected_inside"]).all()


def test_agreement_is_over_schools_with_an_alliance():
    found = quick(clubs())
    schools = found.tables["schools"]
    known = schools[schools["alliance"].notna()]
    expected = agreement(known["alliance"].to_numpy(), known["community"].to_numpy())
    for key in ("ami", "ari", "homogeneity", "completeness", "nmi"):
        assert found.summary[key] == pytest.approx(getattr(expected, key))
    assert (schools["run_share"] == 1).all()
    assert found.summary["stability"] == 1


def test_of_several_alliances_one_is_compared():
    members = pd.DataFrame(
        {
            "source": ["a", "a", "b"],
            "target": ["g", "h", "g"],
            "role": ["member", "core", "member"],
        }
    )
    made = network([("a", "b", 6)], more={"member_of": members})
    found = quick(made)
    assert found.tables["schools"]["alliance"].tolist() == ["h", "g"]
    assert [n.params for n in found.notes if n.code == "groups_several"] == [{"count": 1}]
    assert found.table.loc["g", "inside"] == 6  # and yet both are members of g


def test_hidden_ties_have_no_formal_one():
    acts = [("a", "b", 2), ("c", "d", 3), ("e", "f", 2), ("g", "h", 1), ("i", "j", 4)]
    more = {
        "assists": pd.DataFrame({"source": ["d"], "target": ["c"]}),
        "affiliated_to": pd.DataFrame({"source": ["j"], "target": ["i"]}),
    }
    found = quick(network(acts, [("e", "x"), ("f", "x")], more)).tables["hidden_ties"]
    assert found[["source", "target", "months_active"]].to_numpy().tolist() == [["a", "b", 2]]


def test_months_of_both_directions_add_up():
    rows = {"source": ["a", "b"], "target": ["b", "a"], "date": ["2024-03-01", "2024-04-01"]}
    made = Network.from_frames({"delivers": pd.DataFrame(rows | KINDS)}, as_of="2024-06-30")
    assert quick(made).tables["hidden_ties"]["months_active"].tolist() == [2]
    assert quick(made, weight="count", basis="posted_to").tables["hidden_ties"].empty


def test_counts_weigh_where_asked():
    rows = {"source": ["a", "a", "a"], "target": ["b", "b", "c"], "count": [4, None, 0]}
    rows["date"] = ["2024-03-01", "2024-03-02", "2024-03-02"]
    made = Network.from_frames({"delivers": pd.DataFrame(rows | KINDS)}, as_of="2024-06-30")
    assert quick(made).summary["activity_total"] == 2  # March with b, March with c
    assert quick(made, weight="count").summary["activity_total"] == 5
    assert quick(made, weight="count").summary["active_schools"] == 2


def test_without_activity_nothing_is_said():
    found = quick(network([], [("a", "x"), ("b", "x")]))
    assert found.table.empty
    assert "groups_no_activity" in {note.code for note in found.notes}
    assert found.summary["modularity"] is None and found.summary["ami"] is None


def test_who_is_no_school_is_left_out_and_counted():
    rows = {"source": ["u"], "source_kind": "partner", "target": ["a"], "target_kind": "school"}
    made = Network.from_frames(
        {"delivers": pd.DataFrame(rows | {"date": "2024-06-01"})}, as_of="2024-06-30"
    )
    found = quick(made)
    assert found.summary["active_schools"] == 0
    assert [n.params for n in found.notes if n.code == "activity_outside"] == [{"count": 1}]


@pytest.mark.parametrize(
    ("name", "value"),
    [("strata", "county,none"), ("strata", "x"), ("runs", 0), ("permutations", 0), ("seed", -1)],
)
def test_malformed_options_are_refused(name, value):
    with pytest.raises(OptionError, match=f"--{name}"):
        groups(clubs(), **{name: value})


def test_leiden_must_be_there(monkeypatch):
    monkeypatch.setattr("liantu.graph.communities.find_spec", lambda name: None)
    with pytest.raises(RequestError, match="communities"):
        quick(clubs(), method="leiden")
    assert quick(clubs()).summary["communities"] == 4


# -- a network of researchers -------------------------------------------------------------------


def test_a_faculty_of_friends(shared_data):
    """Formal and detected groups of a weighted, directed network; NetworkX as the oracle."""
    folder = shared_data / "real" / "uk_faculty"
    mapping = Path(__file__).parents[2] / "docs" / "how-to" / "faculty.toml"
    made = read(folder, mapping=mapping)
    found = groups(made, weight="count", permutations=99, runs=20)
    people = pd.read_csv(folder / "people.csv", dtype=str).set_index("who")["group"]
    ties = pd.read_csv(folder / "contacts.csv", dtype={"a": str, "b": str})
    directed, undirected = nx.DiGraph(), nx.Graph()
    for one, other, weight in ties.itertuples(index=False):
        directed.add_edge(one, other, weight=weight)
        before = undirected.get_edge_data(one, other, {"weight": 0})["weight"]
        undirected.add_edge(one, other, weight=before + weight)
    figures, schools = found.summary, found.tables["schools"].set_index("school")
    assert (figures["active_schools"], figures["active_pairs"]) == (81, 817)
    assert figures["activity_total"] == 3730

    def sets(labels):
        return [set(part.index) for _, part in labels.groupby(labels)]

    formal, detected = sets(people), sets(schools["community"])
    fit = nx.community.modularity
    assert figures["modularity_formal"] == pytest.approx(fit(undirected, formal))
    assert figures["modularity"] == pytest.approx(fit(undirected, detected))
    assert figures["modularity_directed"] == pytest.approx(fit(directed, detected))
    for seed in range(3):  # another algorithm finds nothing better
        rival = nx.community.louvain_communities(undirected, seed=seed)
        assert figures["modularity_best"] >= fit(undirected, rival) - 1e-12
    known = agreement(people.loc[schools.index], schools["community"])
    assert figures["ami"] == pytest.approx(known.ami)
    assert (found.table["group_status"] == "real").all()
    assert found.table["schools"].to_dict() == {"1": 33, "2": 27, "3": 19, "4": 2}

    # the same of arrays alone
    code = {name: place for place, name in enumerate(sorted(people.index))}
    ends = ties["a"].map(code), ties["b"].map(code)
    plain = communities(81, *ends, ties["weight"], runs=20)
    assert plain.modularity == pytest.approx(figures["modularity"])
    label = people.sort_index()
    direct = modularity(*ends, ties["weight"], label, directed=True)
    assert direct == pytest.approx(fit(directed, formal))

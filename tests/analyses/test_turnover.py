"""Turnover: ties kept, new and lost, worked out by hand and by sets."""

from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from long import examples
from random_network import random_network

from liantu import OptionError, RequestError
from liantu.analyses.turnover import turnover
from liantu.graph.network import Network
from liantu.graph.study import study

KINDS = {"source_kind": "school", "target_kind": "school"}


def network(states=(), acts=(), **options):
    """Return a network of states (source, target, start, end) and activities on days."""
    columns = ["source", "target", "start", "end"]
    tables = {"assists": pd.DataFrame(states, columns=columns)}
    rows = pd.DataFrame(acts, columns=["source", "target", "date"])
    tables["delivers"] = rows.assign(**KINDS)
    return Network.from_frames(tables, as_of="2024-12-31", **options)


STAR = [
    ("C", "a", "2022-01-01", None),
    ("C", "b", "2022-01-01", "2023-06-30"),
    ("D", "b", "2023-09-01", None),
    ("C", "c", "2024-01-01", None),
]


def test_a_star_that_changes():
    found = turnover(network(STAR))
    table = found.table
    assert table.index.tolist() == ["2022", "2023", "2024"]
    assert table["ties"].tolist() == [2, 2, 3]
    moves = table[["ties_kept", "ties_new", "ties_lost"]]
    assert moves.iloc[0].isna().all()
    assert moves.iloc[1:].to_numpy().tolist() == [[1, 1, 1], [2, 1, 0]]
    assert table["jaccard"].tolist()[1:] == [1 / 3, 2 / 3]
    schools = found.tables["schools"]
    told = schools[["phase", "school", "turnover_change", "supporters_before", "supporters"]]
    assert told.to_numpy().tolist() == [
        ["2023", "b", "exchanged", 1, 1],
        ["2024", "c", "only_gained", 0, 1],
    ]
    assert found.tables["by_change"].to_numpy().tolist() == [
        ["2023", "exchanged", 1],
        ["2024", "only_gained", 1],
    ]
    assert found.summary["schools_only_gained"] == 1
    assert found.summary["jaccard"] == pytest.approx(2 / 3)


def test_number_apart_from_intensity():
    """Ties double while months a tie fall: they multiply and do not thicken."""
    acts = [("a", "b", f"2023-{month:02}-05") for month in range(1, 7)]
    acts += [("a", "b", f"2024-{month:02}-05") for month in (1, 2, 3, 4)]
    acts += [("a", "b", "2024-04-20"), ("a", "c", "2024-05-05")]
    found = turnover(network(acts=acts), by="2023,2024")
    table = found.table
    assert table["active_ties"].tolist() == [1, 2]
    assert table["tie_months"].tolist() == [6, 5]
    assert table["months_per_tie"].tolist() == [6, 2.5]
    assert table["frequent_ties"].tolist() == [1, 1]
    assert table["frequent_share"].tolist() == [1, 0.5]
    schools = found.tables["schools"].set_index("school")
    assert schools["turnover_change"].to_dict() == {"b": "quieter", "c": "only_gained"}
    assert schools.loc["b", ["months_before", "months_after"]].tolist() == [6, 4]
    assert turnover(network(acts=acts), by="2023,2024", frequent_months=5).table[
        "frequent_ties"
    ].tolist() == [1, 0]


def test_several_bases_of_one_pair_are_one_tie():
    made = network([("a", "b", "2023-01-01", None)], [("a", "b", "2024-03-01")])
    assert turnover(made, by="2024").table["ties"].tolist() == [1]
    assert turnover(made, by="2024", basis="delivers").table["active_ties"].tolist() == [1]
    assert turnover(made, by="2024", basis="assists").table["active_ties"].tolist() == [0]


def test_two_islands_and_a_county_without_ties():
    regions = pd.DataFrame({"id": ["k", "l", "m"], "level": "county"})
    schools = pd.DataFrame({"id": list("abcde"), "region": list("kklml")})
    frames = {
        "region": regions,
        "school": schools,
        "assists": pd.DataFrame(
            {"source": ["a", "c"], "target": ["b", "e"], "start": ["2022", "2024"]}
        ),
    }
    made = Network.from_frames(frames, as_of="2024-12-31")
    assert turnover(made).table["ties"].tolist() == [1, 1, 2]
    assert turnover(made.focus("l")).table["ties"].tolist() == [1]
    empty = turnover(made.focus("m"))
    assert empty.table["ties"].tolist() == [0]
    assert empty.summary["jaccard"] is None


def test_nothing_before_and_nothing_now_has_no_jaccard():
    found = turnover(network([("a", "b", "2020-01-01", "2020-12-31")]), by="2022,2023")
    assert found.table["ties_kept"].tolist()[1] == 0
    assert found.summary["jaccard"] is None


def test_options_are_checked():
    with pytest.raises(RequestError):
        turnover(network(STAR), by="phase")
    for options in ({"by": "soon"}, {"frequent_months": 0}):
        with pytest.raises(OptionError):
            turnover(network(STAR), **options)


@pytest.mark.parametrize("seed", range(examples(2, 20)))
def test_the_same_as_sets_of_ties(seed):
    made = random_network(range(seed * 3, seed * 3 + 3))
    days = [date(2020, 6, 1), date(2021, 6, 1), date(2022, 5, 11)]
    found = turnover(made, by=",".join(map(str, days)), window="6m")
    sets = []
    for day in days:
        ties = study(made).tie_set(day, "6m")
        every, months = ties.ties, {}
        pairs = set()
        for place in np.flatnonzero(ties.current):
            pair = int(every.source[place]), int(every.target[place])
            if pair[0] != pair[1]:
                pairs.add(pair)
                if ties.active[place]:
                    first = max(int(every.start[place]), (ties.since - date(1970, 1, 1)).days + 1)
                    last = min(int(every.end[place]), (day - date(1970, 1, 1)).days)
                    spans = pd.period_range(
                        pd.Timestamp(first, unit="D"), pd.Timestamp(last, unit="D"), freq="M"
                    )
                    months.setdefault(pair, set()).update(spans)
        sets.append((pairs, months))
    table = found.table
    assert table["ties"].tolist() == [len(pairs) for pairs, _ in sets]
    assert table["tie_months"].tolist() == [sum(map(len, m.values())) for _, m in sets]
    assert table["active_ties"].tolist() == [len(m) for _, m in sets]
    for row, (old, new) in enumerate(pairwise(sets), 1):
        parts = len(old[0] & new[0]), len(new[0] - old[0]), len(old[0] - new[0])
        assert tuple(table[["ties_kept", "ties_new", "ties_lost"]].iloc[row]) == parts
        gained = found.tables["schools"].query(f"phase == '{days[row]}'")["supporters_gained"]
        assert gained.sum() == parts[1]

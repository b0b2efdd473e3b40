"""Temporal reach worked out by hand, and against every walk there is."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from graph.test_kernels import BOTH
from hypothesis import given, settings
from hypothesis import strategies as st
from long import examples

from liantu.analyses.temporal_reach import temporal_reach
from liantu.errors import OptionError, RequestError
from liantu.graph.contacts import contacts
from liantu.graph.kernels import Contacts, Kernels
from liantu.graph.network import Network
from liantu.graph.study import study

DAY = "2026-12-31"
ENGINES = pytest.mark.parametrize("engine", ["fast", "reference"])


def made(*ties: tuple[str, str, str | None, str | None], **frames: Any) -> Network:
    columns = dict(zip(("source", "target", "start", "end"), zip(*ties, strict=True), strict=True))
    tables = {"assists": columns, **frames}
    tables = {name: pd.DataFrame(rows) for name, rows in tables.items()}
    return Network.from_frames(tables, as_of=DAY)


def year(source: str, target: str, first: int, last: int | None = None) -> tuple[str, ...]:
    """A tie in some years: all of them, from the first day to the last."""
    return source, target, f"{first}-01-01", f"{last or first}-12-31"


def reached(network: Network, **options: Any) -> dict[str, str]:
    """Return on which day whom the help of A reaches, with the fewest ties."""
    table = temporal_reach(network, supporter=("A",), **options).tables["arrivals"]
    days = table["arrival"].dt.strftime("%Y-%m-%d")
    rows = zip(table["school"], days, table["hops_in_time"], strict=True)
    return {school: f"{day} {ties}" for school, day, ties in rows}


@ENGINES
def test_help_is_passed_on_forward_only(engine: str):
    chain = made(year("A", "B", 2021), year("B", "C", 2023), year("C", "D", 2022))
    assert reached(chain, engine=engine) == {"B": "2021-01-01 1", "C": "2023-01-01 2"}
    result = temporal_reach(chain, engine=engine)
    assert result.table.index.tolist() == ["A", "B", "C"]
    a = result.table.loc["A"]
    assert (a["direct"], a["reached_in_time"], a["reached_static"]) == (1, 2, 3)
    assert a["fidelity"] == pytest.approx(2 / 3) and a["decayed"] == 1.5
    assert str(a["last_arrival"].date()) == "2023-01-01"
    assert result.summary == {
        "supporters": 3,
        "schools_in_time": 3,
        "schools_static": 3,
        "pairs_in_time": 4,  # AB AC BC CD
        "pairs_static": 6,
        "causal_fidelity": pytest.approx(4 / 6),
        "max_hops_in_time": 2,
    }
    back = result.tables["backward"].set_index("school")
    assert back["from_in_time"].to_dict() == {"C": 2, "D": 1, "B": 1, "A": 0}
    assert back["from_static"].to_dict() == {"C": 2, "D": 3, "B": 1, "A": 0}
    assert str(back.loc["C", "first_arrival"].date()) == "2023-01-01"
    assert pd.isna(back.loc["A", "first_arrival"])
    assert result.tables["arrivals"].empty  # only if somebody is asked for


@ENGINES
def test_the_other_order_stops_at_once(engine: str):
    chain = made(year("A", "B", 2023), year("B", "C", 2021))
    assert reached(chain, engine=engine) == {"B": "2023-01-01 1"}


@ENGINES
def test_a_span_can_be_used_late_and_the_first_to_come_need_not_be_the_shortest(engine: str):
    ties = made(year("A", "B", 2018, 2021), year("B", "C", 2020, 2024), year("A", "C", 2023, 2025))
    assert reached(ties, engine=engine) == {"B": "2018-01-01 1", "C": "2020-01-01 1"}
    late = reached(ties, engine=engine, lag="3y", since="2000")
    assert late == {"B": "2021-01-01 1", "C": "2024-01-01 1"}
    assert reached(ties, engine=engine, since="2022-02-01") == {"C": "2023-01-01 1"}


@ENGINES
def test_a_chain_of_one_day(engine: str):
    day = "2024-05-01"
    chain = made(("A", "B", day, day), ("B", "C", day, day))
    assert reached(chain, engine=engine) == {"B": f"{day} 1", "C": f"{day} 2"}
    assert reached(chain, engine=engine, lag="1d") == {"B": "2024-05-02 1"}


def test_months_end_where_the_month_ends():
    ties = made(("A", "B", "2024-01-31", None), ("B", "C", "2024-02-29", "2024-02-29"))
    assert reached(ties, lag="1m")["B"] == "2024-02-29 1"
    assert reached(ties, lag="1m")["C"] == "2024-03-29 2"


def test_what_has_no_date_and_what_is_not_there_yet():
    kinds = {"source_kind": "school", "target_kind": "school"}
    ties = made(
        ("A", "B", None, None), ("C", "D", "2030-01-01", None), ("B", "E", "2020-01-01", None),
        delivers={**kinds, "source": ["B", "B"], "target": ["C", "D"], "date": ["2024-03-01", None]},
        school={"id": list("ABCDE"), "opened": [None, "2023-09-01", None, None, None]},
    )  # fmt: skip
    # always, but not before B opened; the event on its day; one without a day, and the future, never
    assert reached(ties) == {"B": "2023-09-01 1", "E": "2023-09-01 2", "C": "2024-03-01 2"}
    assert {note.code for note in temporal_reach(ties).notes} == {
        "undated_states",
        "undated_events",
    }


def test_closed_schools_pass_on_nothing_after_and_do_not_count():
    ties = made(
        year("A", "B", 2020), year("B", "C", 2021), year("B", "D", 2023),
        school={"id": list("ABCD"), "closed": [None, "2022-01-01", None, None]},
    )  # fmt: skip
    assert reached(ties) == {"C": "2021-01-01 2"}


def test_spans_of_a_pair_are_joined_where_they_touch():
    ties = made(
        ("A", "B", "2020-01-01", "2020-06-30"), ("A", "B", "2020-07-01", "2020-12-31"),
        ("A", "B", "2020-03-01", "2020-04-30"), ("A", "B", "2022-01-01", None),
        ("A", "C", "2020-06-01", "2020-06-30"),
    )  # fmt: skip
    known, day = study(ties), date.fromisoformat(DAY)
    found = contacts(known, known.ties(day), day, None, "0d")
    assert found.target.tolist() == [1, 1, 2]
    assert found.start.tolist() == [0, 731, 152]
    assert found.end.tolist() == [365, len(found.later) - 1, 181]


def test_regions_partners_and_malformed_values():
    ties = made(
        year("A", "B", 2020), year("B", "C", 2021),
        school={"id": list("ABC"), "region": list("nns")}, region={"id": list("ns")},
        partner={"id": ["u"]},
        supports={"source": ["u"], "target": ["A"], "target_kind": ["school"], "start": "2019-01-01"},
    )  # fmt: skip
    south = temporal_reach(ties.focus("s"))
    assert south.table["reached_in_time"].to_dict() == {"A": 1, "B": 1, "u": 1}
    assert temporal_reach(ties, basis=("supports",)).table.index.tolist() == ["u"]
    assert temporal_reach(ties).table.loc["u", "decayed"] == 1.75
    for options in ({"lag": "x"}, {"since": "2027-01-01"}, {"decay": 2.0}, {"since": "x"}):
        with pytest.raises(OptionError):
            temporal_reach(ties, **options)
    with pytest.raises(RequestError, match=r"nobody|Nobody"):
        temporal_reach(ties, supporter=("nobody",))


# -- every walk ---------------------------------------------------------------------------------


@st.composite
def drawn(draw: st.DrawFn) -> tuple[Contacts, np.ndarray]:
    n, days = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    node, day = st.integers(0, n - 1), st.integers(0, days - 1)
    rows = draw(st.lists(st.tuples(node, node, day, day), max_size=14))
    rows = sorted((a, b, min(s, e), max(s, e)) for a, b, s, e in rows if a != b)
    columns = np.array(rows, dtype=np.int64).reshape(-1, 4).T
    lag = draw(st.integers(0, 2))
    seeds = np.array(sorted(draw(st.sets(node))), dtype=np.int64)
    return Contacts(n, *columns, np.arange(days) + lag), seeds


def walked(case: Contacts, seed: int) -> dict[int, tuple[int, int]]:
    """Follow every walk, day by day, and keep the earliest day and the fewest ties apart."""
    found: dict[int, tuple[int, int]] = {}
    seen, queue = set(), [(seed, 0, 0)]
    rows = list(zip(*(column.tolist() for column in case[1:5]), strict=True))
    while queue:
        node, day, ties = queue.pop()
        if (node, day, ties) in seen or ties > case.n:
            continue
        seen.add((node, day, ties))
        before = found.get(node, (day, ties))
        found[node] = min(before[0], day), min(before[1], ties)
        for source, target, start, end in rows:
            if source == node:
                days = {int(case.later[leave]) for leave in range(max(day, start), end + 1)}
                queue += [(target, then, ties + 1) for then in days if then < len(case.later)]
    return found


@BOTH
@settings(max_examples=examples(60, 400), deadline=None)
@given(case=drawn())
def test_arrivals_are_those_of_all_walks(engine: Kernels, case: tuple[Contacts, np.ndarray]):
    usable, seeds = case
    told = {}
    for batch in engine.arrivals(usable, seeds):
        for seed, node, day, ties in zip(*(x.tolist() for x in batch), strict=True):
            told[int(seeds[seed]), node] = day, ties
    wanted = {
        (seed, node): best
        for seed in seeds.tolist()
        for node, best in walked(usable, seed).items()
        if node != seed
    }
    assert told == wanted


@pytest.mark.parametrize("seed", range(examples(3, 20)))
def test_static_counts_and_permuted_rows(seed: int):
    import networkx as nx

    rng = np.random.default_rng(seed)
    ends = rng.integers(0, 12, (25, 2))
    ends = ends[ends[:, 0] != ends[:, 1]]
    start = [date(2020, 1, 1) + timedelta(int(x)) for x in rng.integers(0, 900, len(ends))]
    rows = pd.DataFrame(
        {
            "source": [f"s{x:02}" for x in ends[:, 0]],
            "target": [f"s{x:02}" for x in ends[:, 1]],
            "start": start,
            "end": [day + timedelta(int(x)) for day, x in zip(start, rng.integers(0, 400, len(start)), strict=True)],
        }
    )  # fmt: skip
    result = temporal_reach(Network.from_frames({"assists": rows}, as_of=DAY))
    graph = nx.DiGraph(rows[["source", "target"]].itertuples(index=False))
    static = {node: len(nx.descendants(graph, node)) for node in result.table.index}
    assert result.table["reached_static"].to_dict() == static
    back = result.tables["backward"].set_index("school")["from_static"].to_dict()
    assert back == {node: len(nx.ancestors(graph, node)) for node in graph}
    assert (result.table["reached_in_time"] <= result.table["reached_static"]).all()
    other = Network.from_frames({"assists": rows.sample(frac=1, random_state=seed)}, as_of=DAY)
    assert temporal_reach(other).to_dict() == result.to_dict()

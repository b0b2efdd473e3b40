"""What a plan changes in coverage, fast enough to be asked at every tick of a box."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from liantu.graph.cover import RUNGS, cover
from liantu.graph.kernels import pick
from liantu.graph.network import Network
from liantu.graph.scope import Rural, Scope, schools_in_scope
from liantu.graph.study import study
from liantu.graph.ties import TieSet
from liantu.loaders.edits import edits_of
from liantu.loaders.scenarios import Given, read_scenario
from liantu.plans.compare import OUTCOMES, schools_changed
from liantu.plans.whatif import Counting
from liantu.results import Result
from liantu.results.core import AsOf, Engine, day_of, names_of, rate, total

_SCHOOL = ("name", "region", "stage", "urban_rural", "pupils")


def covered_after(
    network: Network,
    scenario: Given,
    *,
    as_of: AsOf = None,
    scope: Scope = "rural",
    rural: Rural = "strict",
    window: str = "12m",
    engine: Engine = "auto",
) -> Result:
    """Say what a plan changes in coverage: the headline and the schools of `whatif`, nothing else.

    Schools that leave and pairs are changes of the ties that are known; only what cannot be done so
    makes a new network.

    Parameters
    ----------
    network
        The network; names of teachers are not needed.
    scenario
        The plan: what `liantu.read_scenario` takes or returns.
    as_of, scope, rural, window, engine
        As in `liantu.plans.whatif.whatif`.

    Returns
    -------
    Result
        ``table``: the schools in scope whose coverage or rung changed, those that fall first.
        ``summary``: coverage on both sides and how many schools changed, as `whatif` has them.

    Raises
    ------
    DataError
        If the plan names what is not there.
    RequestError
        If an edit touches no row, or no open school has an urban–rural class and rural ones are
        asked for.

    Examples
    --------
    >>> rows = pd.DataFrame({"source": ["c", "c", "d"], "target": ["a", "b", "b"]})
    >>> network = Network.from_frames({"assists": rows}, as_of="2026-09-01")
    >>> found = covered_after(
    ...     network, {"edit": [{"do": "leave", "school": "c"}]}, scope="all"
    ... )
    >>> found.summary["covered_change"], found.table["outcome"].to_dict()
    (-1, {'a': 'uncovered', 'c': 'gone'})
    """
    plan = read_scenario(scenario)
    day = day_of(network, as_of if as_of is not None else plan.as_of)
    edits, _ = edits_of(network, plan.steps, day)
    counting = Counting(network, day, pick(engine), scope, rural, window)
    head, tail = counting.apart(edits)
    changed = counting.anew(head)
    ties = study(network).tie_set(day, window), counting.changed(changed, tail)
    before, after = _side(counting, network, ties[0]), _side(counting, changed, ties[1])
    table = schools_changed(before, after)
    counts = table["outcome"].value_counts()
    summary: dict[str, Any] = {"edits": len(plan)}
    for key, side in (("base", before), ("scenario", after)):
        summary |= {f"in_scope_{key}": len(side), f"covered_{key}": int(side["covered"].sum())}
        summary[f"rate_{key}"] = rate(summary[f"covered_{key}"], len(side))
    summary["covered_change"] = summary["covered_scenario"] - summary["covered_base"]
    first, last = (total(side.loc[~side["covered"], "pupils"]) for side in (before, after))
    both = first is not None and last is not None
    summary["pupils_uncovered_change"] = last - first if both else None  # type: ignore[operator]
    summary |= {f"schools_{key}": int(counts.get(key, 0)) for key in OUTCOMES}
    given = {"scenario": plan.name or None, "scope": scope, "rural": rural, "window": window}
    return Result(
        table=table,
        summary=summary,
        notes=ties[1].notes,
        name="whatif",
        parameters=given,
        as_of=day,
        fingerprint=network.fingerprint,
        names=names_of(network),
    )


def _side(counting: Counting, network: Network, ties: TieSet) -> pd.DataFrame:
    """Return the schools in scope, whether each is covered, and its rung."""
    found = cover(study(network), ties, counting.kernels, distances=False)
    _, in_scope = schools_in_scope(network, ties.opened, counting.scope, counting.rural)
    here = np.flatnonzero(in_scope)
    rungs = pd.array(list(RUNGS), dtype="str")[found.rung[here]]
    frame = network.columns("school", *_SCHOOL).iloc[here]
    return frame.assign(covered=found.covered[here], rung=rungs)

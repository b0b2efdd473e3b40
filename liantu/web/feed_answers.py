"""What the analyses say of the date judged: reach, load, what ends, who falls with whom."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from liantu.errors import LiantuError
from liantu.graph.backup import single_points
from liantu.graph.kernels import Bools, pick
from liantu.graph.network import Network
from liantu.graph.study import Study
from liantu.results import registry
from liantu.results.core import Result
from liantu.web.coded import numbers, texts
from liantu.web.feed_nodes import renumbered

REACH = ("direct", "within_hops", "pupils_within_hops", "sole")
LOAD = ("pupils_supported", "posted_out", "posted_in", "headroom", "flags")
ENDS = ("source", "target")


def answers(known: Study, day: date, which: Bools, chosen: str, window: str) -> dict[str, Any]:
    """Return what is known of the date judged alone.

    Parameters
    ----------
    day, window
        The date judged, and how far back activities count.
    which
        The nodes that the page tells of, by number among the nodes of ties.
    chosen
        The scope that the page opens with.
    """
    network = known.network
    place = pd.Series(renumbered(which), index=_index(known.nodes(), "kind", "id"))
    scope = {"scope": "all"} if chosen == "all" else {"scope": "rural", "rural": chosen}
    ends = _run(network, "expiry", as_of=day, scope="all")
    return {
        "falls": _falls(known, day, which, window),
        "supporters": _supporters(network, day, place),
        "ending": _ending(ends, place),
        "falling": _falling(ends, place),
        "notes": _notes(network, day, scope),
    }


def _run(network: Network, name: str, **options: Any) -> Result | None:
    """Return a result, None where the analysis cannot run."""
    try:
        return registry()[name].function(network, **options)
    except LiantuError:
        return None


def _index(frame: pd.DataFrame, kind: str, id: str) -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays([frame[kind].astype("str"), frame[id].astype("str")])


def _falls(known: Study, day: date, which: Bools, window: str) -> dict[str, Any]:
    """Return which schools fall with one supporter alone."""
    place = renumbered(which)
    school, supporter = single_points(known, known.tie_set(day, window), pick("auto"))
    keep = which[school] & which[supporter] & known.network.reported("school")[school]
    return {"school": place[school[keep]].tolist(), "supporter": place[supporter[keep]].tolist()}


def _supporters(network: Network, day: date, place: pd.Series) -> dict[str, Any]:
    """Return how far each supporter's help carries, and of schools what they bear."""
    reach, load = _run(network, "reach", as_of=day), _run(network, "load", as_of=day)
    table = pd.DataFrame(columns=["kind", *REACH]) if reach is None else reach.table
    table = table.rename_axis("id").reset_index()
    if load is not None:
        borne = load.table[list(LOAD)].rename_axis("id").reset_index().assign(kind="school")
        table = table.merge(borne, "left", ["kind", "id"])
    table = table.assign(node=place.reindex(_index(table, "kind", "id")).fillna(-1).to_numpy())
    table = table[table["node"] >= 0]
    found: dict[str, Any] = {key: numbers(table[key]) for key in ("node", *REACH)}
    for key in LOAD:
        column = table.get(key, pd.Series(None, index=table.index, dtype="object"))
        found[key] = texts(column) if key == "flags" else numbers(column)
    return found


def _ending(result: Result | None, place: pd.Series) -> dict[str, Any]:
    """Return what ends, the soonest first; of people only how many."""
    columns = ["end", "basis", "form", *(f"{end}{part}" for end in ENDS for part in ("", "_kind"))]
    names = [f"{end}_name" for end in ENDS]
    table = pd.DataFrame(columns=columns + names) if result is None else result.table
    table = table[columns + names].copy()
    for end in ENDS:
        person = table[f"{end}_kind"] == "teacher"
        table[f"{end}_name"] = table[f"{end}_name"].fillna(table[end]).mask(person, "")
        table[end] = table[end].mask(person, "")
    table = table.groupby([*columns, *names], dropna=False).size().rename("count").reset_index()
    found: dict[str, Any] = {
        "end": [f"{day:%Y-%m-%d}" for day in table["end"]],
        "count": numbers(table["count"]),
        **{key: texts(table[key]) for key in ("basis", "form")},
    }
    for end in ENDS:
        nodes = place.reindex(_index(table, f"{end}_kind", end)).fillna(-1)
        # Only what the page knows no node of needs a name of its own.
        said = table[f"{end}_name"].mask((nodes >= 0).to_numpy(), "")
        found |= {end: numbers(nodes.array), f"{end}_kind": texts(table[f"{end}_kind"])}
        found[f"{end}_name"] = texts(said)
    return found


def _falling(result: Result | None, place: pd.Series) -> dict[str, Any]:
    """Return the schools that are covered no longer if nothing is renewed, and from when on."""
    table = pd.DataFrame(columns=["date", "school"]) if result is None else result.tables["falling"]
    nodes = place.reindex(_index(table.assign(kind="school"), "kind", "school")).fillna(-1)
    return {"date": [f"{day:%Y-%m-%d}" for day in table["date"]], "school": numbers(nodes.array)}


def _notes(network: Network, day: date, scope: dict[str, str]) -> list[list[str]]:
    """Return what coverage assumed and left out, in English and Chinese."""
    result = _run(network, "coverage", as_of=day, **scope)
    return [] if result is None else [[n.text("en"), n.text("zh")] for n in result.notes]

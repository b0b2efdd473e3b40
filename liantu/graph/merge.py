"""Two networks as one: what a store does when new data is added to what it keeps."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import pandas as pd

from liantu.errors import Problem
from liantu.graph import schema
from liantu.graph.build import build, loose
from liantu.graph.load_report import LoadReport
from liantu.graph.network import Network

Each = TypeVar("Each")


def merge(old: Network, new: Network) -> Network:
    """Return both networks as one.

    Of a node that both have, the values of the new network win where it has any. A state that both
    have is one. An event or observation stands as often as in the network that has it more often,
    for two equal lessons on one day may both be true. Title, date, phases and goals are the new
    ones where given; the load report holds the tables and problems of both, each once.

    Raises
    ------
    DataError
        If together they are no valid network, say because their regions run in a circle.

    Examples
    --------
    >>> old = pd.DataFrame({"id": ["a", "b"], "name": ["甲", "乙"], "pupils": [90, 80]})
    >>> new = pd.DataFrame({"id": ["b", "c"], "pupils": [85, 70]})
    >>> both = merge(Network.from_frames({"school": old}), Network.from_frames({"school": new}))
    >>> both.nodes("school")[["name", "pupils"]].fillna("").to_dict("list")
    {'name': ['甲', '乙', ''], 'pupils': [90, 85, 70]}
    """
    frames: dict[str, pd.DataFrame] = {}
    for name, table in schema.tables().items():
        first, second = old.frames[name], new.frames[name]
        if first.empty or second.empty:
            frames[name] = loose(first if second.empty else second)
        elif table.nature == "kind":
            frames[name] = loose(_nodes(first, second))
        else:
            frames[name] = _rows(loose(first), loose(second), repeats=table.nature != "state")
    as_of = new.as_of or old.as_of
    built, report = build(frames, as_of=as_of, closed=True)
    report.check()
    return Network(
        built,
        as_of=as_of,
        title=new.title or old.title,
        report=_report(old.report, new.report),
        phases=new.phases or old.phases,
        goals=new.goals or old.goals,
    )


def _nodes(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Return the nodes of both; a value of the new ones wins."""
    ids = old.index.union(new.index)
    first, second = old.reindex(ids), new.reindex(ids)
    columns = {key: second[key].where(second[key].notna(), first[key]) for key in old.columns}
    return pd.DataFrame(columns, index=ids.rename("id"))


def _rows(old: pd.DataFrame, new: pd.DataFrame, *, repeats: bool) -> pd.DataFrame:
    """Return the rows of both; an equal row stands once, or as often as where it is most often."""
    parts = [old, new]
    if repeats:  # the second of two equal rows is told from the first
        keys = list(old.columns)
        parts = [
            part.assign(_nth=part.groupby(keys, dropna=False, sort=False).cumcount())
            for part in parts
        ]
    both = pd.concat(parts, ignore_index=True).drop_duplicates(ignore_index=True)
    return both.drop(columns="_nth", errors="ignore")


def _report(old: LoadReport, new: LoadReport) -> LoadReport:
    tables = _once([*old.tables, *new.tables], _counted)
    problems = _once([*old.problems, *new.problems], lambda problem: _text(vars(problem)))
    return LoadReport(tuple(tables), tuple(problems))


def _once(items: Iterable[Each], key: Any) -> list[Each]:
    return list({key(item): item for item in items}.values())


def _counted(table: Mapping[str, Any]) -> str:
    """Return what tells a table that was read from another: its place and its counts."""
    return _text({key: value for key, value in table.items() if key not in ("why", "unread")})


def _text(given: Mapping[str, Any] | Problem) -> str:
    return json.dumps(given, default=str, sort_keys=True)

"""What takes the place of ties when schools leave, found from the few rows that mean another thing.

Every tie ends with the schools at its ends: that is a mask, and not told here. But a row can mean
something else without a school: a centre that loses its hosts supports the schools of its members
itself; a posting whose home leaves goes by the employments of the teacher; so does mentoring whose
schools leave. The rules are asked about these rows alone. In two cases they are asked about all
rows of the relation: when a school leaves that posts or mentors in the name of another one (a tie
of that other one ends, and an equal tie of a row that stood behind it begins), and when a member
leaves an alliance without a core that was too large for ties. Whether an alliance ever had a core
stays as it is: one whose core leaves had one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from liantu.graph.kernels import Bools
from liantu.graph.tie_build import NAMED_SCHOOLS, arrays_of, loose_of
from liantu.graph.tie_rules import Tables, hosts, large_coreless, memberships
from liantu.graph.ties import Anew

_Rows = Mapping[str, Bools]  # of some relations, which rows are asked about; of others all


def anew(tables: Tables, chosen: Sequence[str], gone: Bools, new: Bools) -> Anew:
    """Return the ties that take the place of others when schools leave.

    Parameters
    ----------
    tables
        The relations of the network as the rules read them; they keep what they make.
    chosen
        The relations that make ties.
    gone
        Which schools are gone.
    new
        Which of them have just left: nothing takes the place of others for what left before.
    """
    first, _ = tables.terms.kinds["school"]
    nodes = max(beyond for _, beyond in tables.terms.kinds.values())
    every, left = np.zeros(nodes + 1, dtype=np.bool_), np.zeros(nodes + 1, dtype=np.bool_)
    every[first : first + len(gone)], left[first : first + len(new)] = gone, new  # −1: no node
    parts, replaced, loose = [], [], None
    for number, name in enumerate(chosen):
        rows, whole = _touched(tables, name, every, left)
        if not whole and not rows[name].any():
            continue
        few = _fewer(tables, name, {} if whole else rows, every)
        parts.append(arrays_of([(number, name)], few))
        if whole:
            replaced.append(number)
            loose = loose_of(few) if name == "member_of" else loose
    if len(parts) == 1:
        found = parts[0]
    elif parts:
        found = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
    else:
        found = arrays_of([], tables)
    return Anew(found, tuple(replaced), loose)


def _touched(tables: Tables, name: str, gone: Bools, new: Bools) -> tuple[_Rows, bool]:
    """Return which rows mean another thing, and whether all rows of the relation are asked."""
    frame = _native(tables, name)
    rows = np.zeros(len(frame), dtype=np.bool_)
    if name in NAMED_SCHOOLS:
        whole = False
        for end, column in NAMED_SCHOOLS[name].items():
            named = frame[column].to_numpy()
            rows |= new[named]
            other = (named >= 0) & ~gone[named]
            whole |= bool((new[frame[end].to_numpy()] & other).any())
        return {name: rows}, whole
    if name == "member_of":
        large = tables.once(large_coreless)
        if not len(large):
            return {name: rows}, False
        members = tables.once(memberships).join(large, on="target", how="inner")
        return {name: rows}, bool(new[members["source"].to_numpy()].any())
    if name in ("joins", "delivers"):
        found = tables.once(hosts)
        school, center = found["school"].to_numpy(), found["center"].to_numpy()
        lost = np.zeros(len(gone), dtype=np.bool_)
        lost[center[new[school]]] = True
        if name == "delivers":  # a host counts on the day
            joined = lost[_native(tables, "joins")["target"].to_numpy()]
            return {name: lost[frame["source"].to_numpy()], "joins": joined}, False
        lost[center[~gone[school]]] = False  # a host at any time is enough
        return {name: lost[frame["target"].to_numpy()]}, False
    return {name: rows}, False


def _fewer(tables: Tables, name: str, rows: _Rows, gone: Bools) -> Tables:
    """Return the tables with only some rows, and none that touches a school that is gone."""
    people = np.zeros(len(gone), dtype=np.bool_)

    def kept(table: str) -> Bools:
        frame = _native(tables, table)
        keep: Bools = ~(gone[frame["source"].to_numpy()] | gone[frame["target"].to_numpy()])
        return keep & rows[table] if table in rows else keep

    for table in (name, *rows):
        frame = _native(tables, table)
        for end in ("source", "target"):
            people[frame[end].to_numpy()[kept(table)]] = True

    def load(table: str) -> Any:
        frame = _native(tables, table)
        if table == "alliance":
            return tables[table]
        keep = kept(table)
        if table == "works_at":
            keep &= people[frame["source"].to_numpy()]
        columns = {key: frame[key].to_numpy()[keep] for key in frame}
        for key in NAMED_SCHOOLS.get(table, {}).values():
            columns[key] = np.where(gone[columns[key]], np.int32(-1), columns[key])
        return nw.from_native(pd.DataFrame(columns, copy=False), eager_only=True)

    return tables.again(load)


def _native(tables: Tables, name: str) -> pd.DataFrame:
    frame: pd.DataFrame = tables[name].to_native()
    return frame

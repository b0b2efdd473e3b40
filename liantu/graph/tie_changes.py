"""What takes the place of ties when schools leave.

Every tie ends with the schools at its ends: that is a mask, and not told here. But a row can mean
something else without a school. A centre that loses its hosts supports the schools of its members
itself; a posting whose home leaves goes by the employments of the teacher; so does mentoring whose
schools leave. What would take their place is found once, with the schools that must be gone first.

In two cases the rules are asked anew about all rows of a relation: when a school leaves that posts
or mentors in the name of another one (a tie of that other one ends, and an equal tie of a row that
stood behind it begins), and when a member leaves an alliance without a core that was too large for
ties. Whether an alliance ever had a core stays as it is: one whose core leaves had one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from liantu.graph.kernels import Bools
from liantu.graph.tie_build import NAMED_SCHOOLS, arrays_of, framed, loose_of
from liantu.graph.tie_rules import Tables, hosted, hosts, large_coreless, memberships
from liantu.graph.ties import Anew, Columns

# The tables whose rows can mean something else without a school.
RESTS_ON = frozenset({"posted_to", "mentors", "joins", "delivers", "works_at"})
_Rows = Mapping[str, Bools]  # of some relations, which rows are asked about; of others all
_Case = tuple[_Rows, Sequence[str], pd.DataFrame]


class _Others(NamedTuple):
    """The ties that can take the place of others; for each, schools that must all be gone."""

    found: Columns
    tie: Any
    school: Any


def changes(
    tables: Tables, chosen: Sequence[str], once: Callable[[Callable[[], Any]], Callable[[], Any]]
) -> Callable[[Bools, Bools], Anew]:
    """Return what finds the ties that take the place of others when schools leave.

    Parameters
    ----------
    tables
        The relations of the network as the rules read them; they keep what they make.
    chosen
        The relations that make ties.
    once
        Turns what makes something into what returns it, made once; it rests on `RESTS_ON` alone.

    Returns
    -------
    function
        Takes which schools are gone, and which of them have just left.
    """
    others = once(lambda: _others(tables, chosen))

    def anew(gone: Bools, new: Bools) -> Anew:
        parts, replaced, loose = [], [], None
        every, left = _of_all(tables, gone), _of_all(tables, new)
        for number, name in enumerate(chosen):
            if _all_asked(tables, name, every, left):
                few = _fewer(tables, name, {}, every)
                parts.append(arrays_of([(number, name)], few))
                replaced.append(number)
                loose = loose_of(few) if name == "member_of" else loose
        found, tie, school = others()
        begins = np.zeros(len(found["source"]), dtype=np.bool_)
        begins[tie[new[school]]] = True
        begins[tie[~gone[school]]] = False
        stays = np.append(~gone, True)
        begins &= stays[np.minimum(found["source"], len(gone))] & stays[found["target"]]
        if replaced:
            begins &= ~np.isin(found["basis"], replaced)
        parts.append({key: values[begins] for key, values in found.items()})
        return Anew(_joined(parts), tuple(replaced), loose)

    return anew


def _joined(parts: Sequence[Columns]) -> Columns:
    return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}


def _of_all(tables: Tables, schools: Bools) -> Bools:
    """Return which of all nodes these schools are; the last, −1, is no node."""
    first, beyond = tables.terms.kinds["school"]
    found = np.zeros(max(end for _, end in tables.terms.kinds.values()) + 1, dtype=np.bool_)
    found[first:beyond] = schools
    return found


def _native(tables: Tables, name: str) -> pd.DataFrame:
    return _pandas(tables[name])


def _pandas(frame: Any) -> pd.DataFrame:
    found: pd.DataFrame = frame.to_pandas()
    return found


def _column(tables: Tables, table: str, column: str) -> Any:
    return tables[table][column].to_numpy()


# -- all rows of a relation ------------------------------------------------------------------


def _all_asked(tables: Tables, name: str, gone: Bools, new: Bools) -> bool:
    """Return whether the rules must be asked about all rows of a relation."""
    for end, column in NAMED_SCHOOLS.get(name, {}).items():
        named = _column(tables, name, column)
        other = (named >= 0) & ~gone[named]
        if (new[_column(tables, name, end)] & other).any():
            return True
    if name == "member_of" and len(large := tables.once(large_coreless)):
        members = tables.once(memberships).join(large, on="target", how="inner")
        return bool(new[members["source"].to_numpy()].any())
    return False


def _fewer(
    tables: Tables, name: str, rows: _Rows, gone: Bools, unnamed: Sequence[str] = ()
) -> Tables:
    """Return the tables that a rule needs for some rows, without schools that are gone.

    What the columns `unnamed` name is left out.
    """
    people = np.zeros(len(gone), dtype=np.bool_)

    def kept(table: str) -> Bools:
        ends = (gone[_column(tables, table, end)] for end in ("source", "target"))
        keep: Bools = ~np.logical_or(*ends)
        return keep & rows[table] if table in rows else keep

    for table in {name, *rows}:
        for end in ("source", "target"):
            people[_column(tables, table, end)[kept(table)]] = True

    def load(table: str) -> Any:
        if table == "alliance":
            return tables[table]
        keep, frame = kept(table), tables[table]
        if table == "works_at":
            keep &= people[frame["source"].to_numpy()]
        columns = {key: frame[key].to_numpy()[keep] for key in frame.columns}
        for key in NAMED_SCHOOLS.get(table, {}).values():
            lost = gone[columns[key]] | (key in unnamed)
            columns[key] = np.where(lost, np.int32(-1), columns[key])
        return framed(columns)

    return tables.again(load)


# -- what can take the place of others -------------------------------------------------------


def _others(tables: Tables, chosen: Sequence[str]) -> _Others:
    """Return the ties that can take the place of others; of equal ones all."""
    parts, needs, size = [arrays_of([], tables)], [pd.DataFrame({"tie": [], "school": []})], 0
    first, beyond = tables.terms.kinds["school"]
    nobody = _of_all(tables, np.zeros(beyond - first, dtype=np.bool_))
    for number, name in enumerate(chosen):
        for rows, unnamed, school_of in _cases(tables, name):
            few = _fewer(tables, name, rows, nobody, unnamed)
            found = arrays_of([(number, name)], few)
            ties = pd.DataFrame({"tie": np.arange(len(found["row"])) + size, "row": found["row"]})
            needs.append(ties.merge(school_of, on="row")[["tie", "school"]])
            parts.append(found)
            size += len(found["row"])
    need = pd.concat(needs, ignore_index=True).astype("int64")
    return _Others(_joined(parts), need["tie"].to_numpy(), need["school"].to_numpy())


def _cases(tables: Tables, name: str) -> list[_Case]:
    """Return which rows to ask about, what they name no more, and of which schools they hang.

    The schools stand in columns ``row, school``: the row of the tie, and a school to be gone.
    """
    if name in NAMED_SCHOOLS:
        frame, columns = _native(tables, name), list(NAMED_SCHOOLS[name].values())
        cases: list[_Case] = []
        for count in range(1, len(columns) + 1):
            for some in combinations(columns, count):
                rows = np.logical_and.reduce([frame[key].to_numpy() >= 0 for key in some])
                if rows.any():
                    part = frame.loc[rows, ["row", *some]]
                    named = part.melt("row", value_name="school")[["row", "school"]]
                    cases.append(({name: rows}, some, named))
        return cases
    if name not in ("joins", "delivers"):
        return []
    hosting = tables.once(hosts).select("center", "school").unique(["center", "school"])
    hosting = _pandas(hosting)
    if not len(hosting):
        return []
    centers = np.unique(hosting["center"])
    joins = _native(tables, "joins")
    members = ~joins["hosts"].to_numpy(dtype=bool) & np.isin(joins["target"], centers)
    if name == "joins":
        which = joins.loc[members, ["row", "target"]].rename(columns={"target": "center"})
        schools = which.merge(hosting, on="center")[["row", "school"]]
        return [({"joins": members}, (), schools)]
    rows = np.isin(_column(tables, "delivers", "source"), centers)
    nobody = np.zeros(len(joins), dtype=np.bool_)
    schools = _pandas(tables.once(hosted).select("row", "school"))
    return [({"delivers": rows, "joins": nobody}, (), schools)]

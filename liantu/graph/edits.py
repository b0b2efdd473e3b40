"""The edits of a plan, done to a network one after the other; the whole is checked at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from liantu.errors import Problem, RequestError
from liantu.graph import schema
from liantu.graph.altered import drop_nodes, rebuilt
from liantu.graph.build import loose
from liantu.graph.network import Network
from liantu.vocabulary import nearest

DO = ("leave", "close", "pair", "rotate", "join", "add", "end", "renew", "set")
ADDS = ("pair", "rotate", "join", "add")  # they bring a row
_EDIT = "_edit"  # the number of the edit that made or changed a row, −1 for none
Frames = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Edit:
    """One edit of a plan; ends are ids, every cell is typed.

    Attributes
    ----------
    number
        Its place in the plan, from 1.
    do
        One of `DO`.
    tables
        The tables that it may change.
    rows
        What comes in; or, of rows that are there, what they are: one row of columns each, where
        missing means any.
    to
        What columns are set to.
    first, last
        Between which days what is renewed ends; open where missing.
    years
        For how many years it is renewed.
    day
        The day from which it holds.
    place
        Where it stands: file, sheet, row, column.
    """

    number: int
    do: str
    tables: tuple[str, ...]
    rows: pd.DataFrame
    to: Mapping[str, Any] = field(default_factory=dict)
    first: pd.Timestamp | None = None
    last: pd.Timestamp | None = None
    years: int | None = None
    day: date = date.min
    place: Mapping[str, Any] = field(default_factory=dict)

    def problem(self, code: str, value: str = "", **params: Any) -> RequestError:
        """Return an error at the place of the edit."""
        private = not schema.teacher_tables().isdisjoint(self.tables)
        params = {"number": self.number, "table": self.tables[0], "nearest": "–", **params}
        told = Problem(
            "error", code, value=value, params=params, private=private, **dict(self.place)
        )
        return RequestError([told])


def edited(network: Network, edits: Iterable[Edit]) -> tuple[Network, tuple[int, ...]]:
    """Return a network after some edits, and how many rows each of them touched.

    Raises
    ------
    RequestError
        If an edit touches no row, or names what an edit before it took out.
    DataError
        If the whole is not valid any more, naming every problem.

    Examples
    --------
    >>> network = Network.from_frames(
    ...     {"assists": pd.DataFrame({"source": ["a"], "target": ["b"], "end": ["2025-08-31"]})}
    ... )
    >>> renew = Edit(1, "renew", ("assists",), pd.DataFrame([{"source": "a"}]), years=2)
    >>> later, touched = edited(network, [renew])
    >>> later.relation("assists")["end"].dt.year.tolist(), touched
    ([2027], (1,))
    """
    edits = tuple(edits)
    frames: Frames = {}
    touched = tuple(_DONE[edit.do](network, frames, edit) for edit in edits)
    if not touched:
        return network, ()
    places = {edit.number: edit.place for edit in edits}
    numbers = {name: frame[_EDIT].to_numpy() for name, frame in frames.items() if _EDIT in frame}

    def locate(table: str, position: int) -> Mapping[str, Any]:
        number = int(numbers[table][position]) if table in numbers else -1
        return places.get(number, {"file": table, "row": position})

    every = any(edit.do == "leave" for edit in edits)
    plain = {
        name: frame.drop(columns=_EDIT)
        for name, frame in frames.items()
        if every or (frame[_EDIT] >= 0).any() or len(frame) != network.size(name)
    }
    return rebuilt(network, plain, locate), touched


def _frame(network: Network, frames: Frames, name: str) -> pd.DataFrame:
    """Return a table as the edits so far left it."""
    if name not in frames:
        frames[name] = loose(network.frame(name))
    if _EDIT not in frames[name]:
        frames[name] = frames[name].reset_index(drop=True).assign(**{_EDIT: -1})
    return frames[name]


def _matching(frame: pd.DataFrame, rows: pd.DataFrame) -> np.ndarray:
    """Return which rows of a table are what one of some rows says."""
    found = np.zeros(len(frame), dtype=bool)
    for row in rows.to_dict("records"):
        same = np.ones(len(frame), dtype=bool)
        for key, value in row.items():
            if not pd.isna(value):
                same &= (frame[str(key)] == value).fillna(False).to_numpy(dtype=bool)
        found |= same
    return found


# -- what comes and goes ---------------------------------------------------------------------


def _leave(network: Network, frames: Frames, edit: Edit) -> int:
    """Take schools out of the network, with every row that touches them."""
    for name in schema.tables():
        _frame(network, frames, name)
    ids = pd.Index(edit.rows["id"].unique(), dtype="str")
    known = frames["school"]["id"]
    for gone in ids[~ids.isin(known)]:
        raise edit.problem("edit_gone", gone, nearest=_near(gone, known))
    return drop_nodes(frames, "school", ids)


def _close(network: Network, frames: Frames, edit: Edit) -> int:
    """Set the day from which schools are closed."""
    frame = _frame(network, frames, "school")
    _known(edit, frame, "school", edit.rows["id"])
    day = edit.to.get("closed", pd.Timestamp(edit.day))
    here = _matching(frame, edit.rows[["id"]])
    here &= ~(frame["closed"] <= day).to_numpy(dtype=bool)
    return _put(frames, "school", here, edit, {"closed": day})


def _add(network: Network, frames: Frames, edit: Edit) -> int:
    """Take up rows whose ends are there."""
    (name,) = edit.tables
    table, rows = schema.tables()[name], edit.rows
    frame = _frame(network, frames, name)
    for key, column in table.columns.items():
        if column.type not in ("end", "ref") or key not in rows:
            continue
        for kind in column.values:
            here = rows[key].notna()
            if len(column.values) > 1:
                here &= rows[f"{key}_kind"] == kind
            ids = rows.loc[here, key]
            if len(ids):
                _known(edit, _frame(network, frames, kind), kind, ids)
    if table.nature == "state" and (again := _there(frame, rows)).any():
        raise edit.problem("edit_there", _words(rows[again].iloc[0]))
    fresh = rows.reindex(columns=[c for c in rows.columns if c in table.columns])
    for key in table.columns:
        if key in fresh and fresh[key].dtype != frame[key].dtype:
            fresh[key] = fresh[key].astype(frame[key].dtype)
    fresh = fresh.assign(**{_EDIT: edit.number})
    frames[name] = pd.concat([frame, fresh.reindex(columns=frame.columns)], ignore_index=True)
    frames[name] = frames[name].astype(frame.dtypes.to_dict())
    return len(fresh)


def _there(frame: pd.DataFrame, rows: pd.DataFrame) -> np.ndarray:
    """Return which rows say what a row of the table says already for some of the same days."""
    keys = [k for k in ("source", "source_kind", "target", "target_kind", "role") if k in rows]
    blank = pd.Series(pd.NaT, index=rows.index, dtype="M8[s]")
    asked = rows[keys].assign(
        _start=rows.get("start", blank), _end=rows.get("end", blank), _row=np.arange(len(rows))
    )
    if "form" in rows:
        asked["_form"] = rows["form"]
    both = asked.merge(frame, on=keys)
    same = ~(both["start"] > both["_end"]) & ~(both["end"] < both["_start"])
    if "_form" in both:
        same &= both["_form"].isna() | both["form"].isna() | (both["_form"] == both["form"])
    return np.isin(np.arange(len(rows)), both.loc[same, "_row"])


# -- what changes ----------------------------------------------------------------------------


def _end(network: Network, frames: Frames, edit: Edit) -> int:
    """End rows that hold on the day or later; what would begin after its end never does."""
    (name,) = edit.tables
    frame = _frame(network, frames, name)
    day = edit.to.get("end", pd.Timestamp(edit.day) - pd.Timedelta(days=1))
    here = _some(network, frames, edit, name)
    here &= ~(frame["end"] <= day).to_numpy(dtype=bool)
    never = here & (frame["start"] > day).to_numpy(dtype=bool)
    count = _put(frames, name, here, edit, {"end": day})
    if never.any():
        frames[name] = frames[name][~never].reset_index(drop=True)
    return count


def _renew(network: Network, frames: Frames, edit: Edit) -> int:
    """Move the ends that lie between two days."""
    count = 0
    latest_only = edit.first is None and edit.last is None and "source" in edit.rows
    for name in edit.tables:
        frame = _frame(network, frames, name)
        end = frame["end"]
        here = _some(network, frames, edit, name, needed=len(edit.tables) == 1)
        here &= end.notna().to_numpy(dtype=bool)
        if latest_only and "source" in frame:
            latest = end.where(here).groupby([frame["source"], frame["target"]]).transform("max")
            here &= (end == latest).to_numpy(dtype=bool)  # though it may have ended already
        else:
            here &= ~(end < (edit.first or pd.Timestamp(edit.day))).to_numpy(dtype=bool)
        if edit.last is not None:
            here &= (end <= edit.last).to_numpy(dtype=bool)
        later = edit.to.get("end")
        if later is None:
            later = (end[here] + pd.DateOffset(years=edit.years or 1)).astype(end.dtype)
        count += _put(frames, name, here, edit, {"end": later}, needed=False)
    if not count:
        raise edit.problem("edit_no_change")
    return count


def _set(network: Network, frames: Frames, edit: Edit) -> int:
    """Set columns of rows."""
    (name,) = edit.tables
    _frame(network, frames, name)
    return _put(frames, name, _some(network, frames, edit, name), edit, edit.to)


def _some(
    network: Network, frames: Frames, edit: Edit, name: str, *, needed: bool = True
) -> np.ndarray:
    """Return which rows of a table an edit is about; each of what it says must be there."""
    frame, rows = _frame(network, frames, name), edit.rows
    rows = rows[[key for key in rows.columns if key in frame]]
    if not len(rows.columns) or not len(rows):
        return np.ones(len(frame), dtype=bool)
    found = np.zeros(len(frame), dtype=bool)
    for place in range(len(rows)):
        row = rows.iloc[[place]]
        hit = _matching(frame, row)
        if needed and not hit.any():
            raise edit.problem("edit_no_row", _words(row.iloc[0]), nearest=_like(frame, row))
        found |= hit
    return found


def _put(
    frames: Frames,
    name: str,
    here: np.ndarray,
    edit: Edit,
    to: Mapping[str, Any],
    *,
    needed: bool = True,
) -> int:
    """Put values into some rows and return in how many they are new."""
    frame = frames[name]
    changes = np.zeros(len(frame), dtype=bool)
    columns = {}
    for key, value in to.items():
        old = frame[key]
        new = old.copy()
        new[here] = value
        changes |= ((old != new) & ~(old.isna() & new.isna())).fillna(True).to_numpy(dtype=bool)
        columns[key] = new
    changes &= here
    if needed and not changes.any():
        raise edit.problem("edit_no_change")
    number = frame[_EDIT].mask(changes, edit.number)
    frames[name] = frame.assign(**columns, **{_EDIT: number})
    return int(changes.sum())


_DONE: Mapping[str, Callable[[Network, Frames, Edit], int]] = {
    "leave": _leave,
    "close": _close,
    **dict.fromkeys(ADDS, _add),
    "end": _end,
    "renew": _renew,
    "set": _set,
}


# -- words -----------------------------------------------------------------------------------


def _known(edit: Edit, frame: pd.DataFrame, kind: str, ids: pd.Series) -> None:
    gone = ids[~ids.isin(frame["id"])]
    if len(gone):
        value = str(gone.iloc[0])
        raise edit.problem("edit_gone", value, kind=kind, nearest=_near(value, frame["id"]))


def _near(value: str, known: pd.Series) -> str:
    return nearest(value, known.astype(str)) or "–"


def _words(row: pd.Series) -> str:
    """Return what a row says: its ends, and what else narrows it."""
    ends = [str(row[end]) for end in ("source", "target") if end in row and not pd.isna(row[end])]
    skip = {"source", "target", "source_kind", "target_kind"}
    others = [
        f"{key}={value.date() if isinstance(value, pd.Timestamp) else value}"
        for key, value in row.items()
        if key not in skip and not pd.isna(value)
    ]
    return " ".join([*([" → ".join(ends)] if ends else []), *others])


def _like(frame: pd.DataFrame, row: pd.DataFrame) -> str:
    """Return the ends of the first row that has as much as possible in common with another one."""
    keys: Sequence[str] = [key for key in ("id", "source", "target") if key in frame]
    if not len(frame) or not len(keys):
        return "–"
    common = np.zeros(len(frame), dtype=np.int64)
    for key, value in row.iloc[0].items():
        if not pd.isna(value):
            weight = 2 if key in keys else 1
            common += weight * (frame[str(key)] == value).fillna(False).to_numpy(dtype=bool)
    best = int(common.argmax())
    if not common[best]:
        return "–"
    return " → ".join(str(frame[key].iloc[best]) for key in keys)

"""From loose frames to the frames of a network: types, missing kinds, checks, canonical order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from liantu.errors import Problem
from liantu.graph import checks, extras, schema, values
from liantu.graph.columns import ascending, places
from liantu.graph.load_report import LoadReport
from liantu.graph.personal_numbers import is_personal
from liantu.vocabulary import nearest

ENDS = ("source", "target")
Ends = dict[tuple[str, ...], pd.CategoricalDtype]  # by the kinds that an end may be of


class Known(NamedTuple):
    """Kinds whose tables are valid already, by their ids, and types of ends over such ids."""

    ids: Mapping[str, pd.Index]
    ends: Mapping[tuple[str, ...], pd.CategoricalDtype]


def build(
    frames: Mapping[str, pd.DataFrame],
    *,
    as_of: date | None,
    locate: checks.Locate = checks.nowhere,
    closed: bool = False,
    merge: bool = True,
    known: Known | None = None,
) -> tuple[dict[str, pd.DataFrame], LoadReport]:
    """Type, complete, check and order frames.

    Parameters
    ----------
    frames
        Frames by table; ``id`` a column or the index; ends as text.
    as_of
        The network's own date, for checks of late events.
    locate
        Finds the source of a row for the problems.
    closed
        Whether kinds without a frame stay empty instead of being made from ends.
    merge
        Whether equal rows of a state are one; not where columns are left out.
    known
        Kinds that are not among the frames, though ends may name their nodes; with `closed`.

    Returns
    -------
    dict, LoadReport
        Every table of the schema, typed and in canonical order (empty if there are errors), and
        the counts and problems.
    """
    problems: list[Problem] = []
    typed: dict[str, pd.DataFrame] = {}
    for name, frame in frames.items():
        if name not in schema.tables():
            near = nearest(name, schema.tables()) or "school"
            params = {"nearest": near}
            problems.append(Problem("error", "unknown_table", value=name, params=params))
            continue
        typed[name] = _typed(schema.tables()[name], frame, problems)
    given = {name for name, frame in frames.items() if len(frame)}
    frames, frame = {}, pd.DataFrame()  # what nobody else holds goes
    for name, table in schema.tables().items():
        if name not in typed:
            typed[name] = empty(table.name)
    if any(problem.severity == "error" for problem in problems):
        return {}, LoadReport(problems=tuple(problems))
    tables: list[dict[str, Any]] = []
    ids, types = known or Known({}, {})
    ends = dict(types)
    if not closed:
        tables += complete(typed, given)
    _fill_kinds(typed, ids)
    problems += checks.check(typed, as_of, locate, known=ids)
    if any(problem.severity == "error" for problem in problems):
        return {}, LoadReport(tables=tuple(tables), problems=tuple(problems))
    for name in schema.tables():
        typed[name], row = _finish(name, typed, problems, locate, merge, ends)
        if row:
            tables.append(row)
    ordered = {name: typed[name] for name in schema.tables()}
    return ordered, LoadReport(tables=tuple(tables), problems=tuple(problems))


def _typed(table: schema.Table, frame: pd.DataFrame, problems: list[Problem]) -> pd.DataFrame:
    """Return a frame with every column of the schema, typed."""
    if "id" in table.columns and "id" not in frame and table.nature == "kind" and len(frame):
        frame = frame.rename_axis("id").reset_index()
    frame = _own(table, frame.reset_index(drop=True), problems)
    result: dict[str, pd.Series] = {}
    blanks: dict[str, pd.Series] = {}  # the empty columns of a type are one
    for key in frame.columns:
        if key not in table.columns:
            near = nearest(str(key), table.columns) or "–"
            params = {"table": table.name, "nearest": near}
            problems.append(
                Problem("error", "unknown_column", file=table.name, column=str(key), params=params)
            )
    for key, column in table.columns.items():
        if key in frame:
            result[key] = _column(frame[key], column, problems)
        elif column.required and not column.default and len(frame):
            params = {"table": table.name, "nearest": ""}
            problems.append(Problem("error", "missing_column", column=key, params=params))
            result[key] = pd.Series(None, index=frame.index, dtype="str")
        else:
            if column.dtype not in blanks:
                blanks[column.dtype] = pd.Series(None, index=frame.index, dtype=column.dtype)
            result[key] = blanks[column.dtype]
        if column.default and len(frame):
            default = column.default == "true" if column.type == "bool" else column.default
            result[key] = result[key].fillna(default)
    return pd.DataFrame(result, index=frame.index)


def _own(table: schema.Table, frame: pd.DataFrame, problems: list[Problem]) -> pd.DataFrame:
    """Return a frame with its own columns as one; those that say who somebody is are left out."""
    told: dict[str, Any] = {"file": table.name, "column": extras.KEY}
    if extras.KEY in frame:
        given = frame[extras.KEY]
        said = {text: extras.canonical(text) for text in given.dropna().unique()}
        if bad := sorted(str(text) for text, form in said.items() if form is None):
            problems += (
                Problem("error", "bad_extras", value=text, private=True, **told) for text in bad
            )
            return frame.drop(columns=extras.KEY)
        if any(text != form for text, form in said.items()):
            frame = frame.assign(**{extras.KEY: given.map(said, na_action="ignore")})
    named = extras.extras(frame)
    if gone := [name for name in named if is_personal(name.removeprefix(extras.KEY))]:
        value = ", ".join(gone)
        problems.append(Problem("warning", "own_personal", value=value, **told))
    return extras.folded(frame.drop(columns=gone))


@cache
def empty(name: str) -> pd.DataFrame:
    """Return a table without rows; made once, for most networks lack most tables."""
    return _typed(schema.tables()[name], pd.DataFrame(), [])


@cache
def bare(name: str) -> pd.DataFrame:
    """Return a table without rows, nodes by id; made once, as `empty` is."""
    frame = empty(name)
    return frame.set_index("id") if schema.tables()[name].nature == "kind" else frame


def _column(given: pd.Series, column: schema.Column, problems: list[Problem]) -> pd.Series:
    """Return a column in its dtype; text is read, other types must fit."""
    if isinstance(given.dtype, pd.CategoricalDtype):
        given = given.astype(given.cat.categories.dtype)
    if given.dtype == column.dtype:
        return _filled(given) if column.dtype == "str" else given
    if given.isna().all():
        return pd.Series(None, index=given.index, dtype=column.dtype)
    numbers = column.is_date and pd.api.types.is_numeric_dtype(given.dtype)
    if column.dtype != "str" and (numbers or given.dtype == object):
        given = _worded(given, column)
    told: dict[str, Any] = {"file": column.table, "column": column.name}
    told["private"] = column.table in schema.teacher_tables()
    textual = (
        given.dtype == "str" or given.map(lambda v: v is None or isinstance(v, str) or v != v).all()
    )
    if column.dtype == "str":
        wrong = given.notna() & ~given.map(lambda value: isinstance(value, str))
        if wrong.any():
            value = str(given[wrong].iloc[0])
            problems.append(Problem("error", "not_text", value=value, **told))
            return pd.Series(None, index=given.index, dtype="str")
    if column.dtype == "str" or textual:
        try:
            texts = _filled(given.astype("str"))
        except UnicodeEncodeError as error:  # half a sign, which no file can hold
            value = ascii(error.object)
            problems.append(
                Problem("error", "not_unicode", file=column.table, column=column.name, value=value)
            )
            return pd.Series(None, index=given.index, dtype=column.dtype)
        return texts if column.dtype == "str" else _read(texts, column, problems)
    try:
        if column.is_date:
            return pd.to_datetime(given).astype("datetime64[s]").dt.normalize()
        return pd.Series(given, dtype=column.dtype)
    except (TypeError, ValueError, OverflowError):
        code = "bad_date" if column.is_date else "bad_number"
        value = str(given.dropna().iloc[0])
        problems.append(Problem("error", code, value=value, **told))
        return pd.Series(None, index=given.index, dtype=column.dtype)


def _worded(given: pd.Series, column: schema.Column) -> pd.Series:
    """Return numbers as texts where they are dates (2021, 20210901) or stand among texts."""
    cells = given.astype(object).where(given.notna(), None)
    kinds = {type(cell) for cell in cells}
    if not (column.is_date or str in kinds) or not any(issubclass(k, int | float) for k in kinds):
        return given
    return cells.map(
        lambda cell: repr(cell).removesuffix(".0") if type(cell) in (int, float) else cell
    )


def _filled(texts: pd.Series) -> pd.Series:
    """Return texts with empty ones as missing."""
    return texts.mask(texts == "")


def _read(texts: pd.Series, column: schema.Column, problems: list[Problem]) -> pd.Series:
    if column.is_date:
        found, states = values.read_dates(texts, last=column.type == "last")
        code = "bad_date"
    elif column.type == "bool":
        found, states = values.read_bools(texts)
        code = "bad_bool"
    else:
        found, states = values.read_numbers(texts, whole=column.type == "int")
        code = "bad_number"
    private = column.table in schema.teacher_tables()
    for position in texts.index[states == "bad"]:
        place = (column.table, "", int(position), column.name)
        problems.append(Problem("error", code, *place, value=str(texts[position]), private=private))
    return found


def complete(typed: dict[str, pd.DataFrame], given: set[str]) -> list[dict[str, Any]]:
    """Make the nodes of kinds that have no table from the ends and references of rows.

    Returns
    -------
    list of dict
        One row of counts a kind that was made.
    """
    made: list[dict[str, Any]] = []
    for kind in schema.kinds():
        if kind in given:
            continue
        found: list[pd.Series] = []
        for name, table in schema.tables().items():
            frame = typed[name]
            if frame.empty:
                continue
            for key, column in table.columns.items():
                if column.type not in ("end", "ref") or kind not in column.values:
                    continue
                several = len(column.values) > 1
                use = frame[f"{key}_kind"] == kind if several else slice(None)
                found.append(frame.loc[use, key])
        ids = pd.concat(found).dropna().unique() if found else []
        if len(ids):
            nodes = pd.DataFrame({"id": sorted(ids)}, dtype="str")
            if kind == "teacher":  # an id that a list gives in place of a name may be a name
                nodes["name"] = nodes["id"]
            typed[kind] = _typed(schema.tables()[kind], nodes, [])
            made.append({"file": "", "sheet": "", "table": kind, "nodes_made": len(ids)})
    return made


def _fill_kinds(typed: dict[str, pd.DataFrame], known: Mapping[str, pd.Index]) -> None:
    """Where an end may be of several kinds and none is given: the only kind that holds it."""
    for name, table in schema.tables().items():
        if not table.is_relation:
            continue
        for end in ("source", "target"):
            kinds, frame = table.ends(end), typed[name]
            if len(kinds) < 2 or frame.empty or frame[f"{end}_kind"].notna().all():
                continue
            holds = pd.DataFrame(
                {
                    kind: values.among(frame[end], known.get(kind, typed[kind]["id"]))
                    for kind in kinds
                }
            )
            only = holds.idxmax(axis=1).where(holds.sum(axis=1) == 1)
            filled = frame[f"{end}_kind"].fillna(only.astype("str"))
            typed[name] = frame.assign(**{f"{end}_kind": filled})


def _finish(
    name: str,
    typed: dict[str, pd.DataFrame],
    problems: list[Problem],
    locate: checks.Locate,
    merge: bool,
    ends: Ends,
) -> tuple[pd.DataFrame, dict[str, Any] | None]:
    """Return a table in its final shape and, for a relation, what was merged or left out."""
    frame, table = typed[name], schema.tables()[name]
    if not len(frame) and not table.is_relation:
        return bare(name), None
    if table.nature == "kind":
        frame = frame.set_index("id")
        return (frame if ascending(frame.index) else frame.sort_index()), None
    if not table.is_relation:
        return sort_rows(name, frame), None
    if frame.empty:
        return with_categories(table, frame, typed, ends), None
    own = _self_ties(table, frame)
    for position in frame.index[own]:
        value = str(frame["source"][position])
        place = {**locate(name, int(position)), "private": name in schema.teacher_tables()}
        problems.append(Problem("warning", "self_tie", column="target", value=value, **place))
    kept = with_categories(table, frame[~own] if own.any() else frame, typed, ends)
    return settle(name, kept, problems, locate, merge=merge)


def settle(
    name: str, kept: pd.DataFrame, problems: list[Problem], locate: checks.Locate, *, merge: bool
) -> tuple[pd.DataFrame, dict[str, Any] | None]:
    """Return rows in canonical order, equal ones of a state merged, and how many those were.

    Parameters
    ----------
    name
        A relation, or the observations.
    kept
        Its rows in any order, ends as categoricals. Other texts may be categoricals, too, whose
        categories are in the order of texts.
    problems
        Takes the events that equal one before them.
    locate
        Finds the source of a row.
    merge
        Whether equal rows of a state are one.
    """
    table = schema.tables()[name]
    if not table.is_relation:
        return sort_rows(name, kept), None
    before = len(kept)
    twice = _repeats(kept) if merge else np.zeros(before, dtype=bool)
    if table.nature == "state" and twice.any():
        kept = kept[~twice]
    else:
        problems += [
            Problem("warning", "same_event", **locate(name, int(position)))
            for position in kept.index[twice]
        ]
    merged = before - len(kept)
    row = {"file": "", "sheet": "", "table": name, "rows_merged": merged} if merged else None
    return sort_rows(name, kept), row


def _pairs(frame: pd.DataFrame) -> np.ndarray:
    """Return a number for both ends of each row; in the order of the ends, missing last."""
    source, target = (frame[end].cat.codes.to_numpy().astype(np.int64) for end in ENDS)
    sources, targets = (len(frame[end].cat.categories) for end in ENDS)
    source, target = np.where(source < 0, sources, source), np.where(target < 0, targets, target)
    return np.asarray(source * (targets + 1) + target)


def _order(pairs: np.ndarray) -> np.ndarray:
    """Return the rows in the order of their ends, which most often is the one they stand in."""
    if (pairs[:-1] <= pairs[1:]).all():
        return np.arange(len(pairs))
    return np.argsort(pairs, kind="stable")


def _shared(pairs: np.ndarray) -> np.ndarray:
    """Return which rows have both ends in common with another one."""
    order = _order(pairs)
    same = np.diff(pairs[order]) == 0
    shared = np.zeros(len(pairs), dtype=bool)
    shared[order] = np.append(same, False) | np.insert(same, 0, False)
    return shared


def _repeats(frame: pd.DataFrame) -> np.ndarray:
    """Return which rows of a relation are equal to one before them."""
    twice = _shared(_pairs(frame))
    if twice.any():  # only such rows can be equal in all columns
        twice[twice] = frame[twice].duplicated().to_numpy(dtype=bool)
    return twice


def with_categories(
    table: schema.Table, frame: pd.DataFrame, typed: Mapping[str, pd.DataFrame],
    known: Ends | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Return rows whose ends are categoricals over the ids of their kinds.

    `known` keeps the types of ends between tables of one network.
    """
    frame = frame.copy(deep=False)
    known = {} if known is None else known
    for end in ENDS:
        kinds = table.ends(end)
        if kinds not in known:
            known[kinds] = ends_of([_of_kind(typed[kind]) for kind in kinds])
        frame[end] = recoded(frame[end], known[kinds])
    return frame


def ends_of(ids: list[pd.Index]) -> pd.CategoricalDtype:
    """Return the type of an end that may be of kinds with these ids."""
    return pd.CategoricalDtype(_ids(ids))


def recoded(given: pd.Series, dtype: pd.CategoricalDtype) -> pd.Categorical:
    """Return an end over the ids of its kinds; missing where it is none of them."""
    if not len(given):
        codes = np.zeros(0, dtype=np.int64)
    elif isinstance(given.dtype, pd.CategoricalDtype):  # as many look-ups as ids, not rows
        found = places(given.cat.categories, dtype.categories)
        codes = np.append(found, -1)[given.cat.codes.to_numpy()]
    else:
        codes = places(given, dtype.categories)
    return pd.Categorical.from_codes(codes, dtype=dtype, validate=False)


def _ids(kinds: list[pd.Index]) -> pd.Index:
    """Return the ids of some kinds, each once."""
    if len(kinds) == 1:
        return kinds[0]
    every: pd.Index = pd.Index(pd.concat([ids.to_series() for ids in kinds]).unique())
    return every


def _of_kind(frame: pd.DataFrame) -> pd.Index:
    return frame.index if frame.index.name == "id" else pd.Index(frame["id"]).sort_values()


def reshaped(
    name: str, frame: pd.DataFrame, ids: Mapping[str, pd.Index], ends: Ends
) -> pd.DataFrame:
    """Return a changed table, ids and ends as plain columns, in its final shape.

    For changes that leave every row valid.

    Parameters
    ----------
    name, frame
        The table.
    ids
        The ids of each kind that its ends may be of.
    ends
        Keeps the types of ends between tables of one network.
    """
    nodes = {kind: pd.DataFrame(index=index) for kind, index in ids.items()}
    return _finish(name, {**nodes, name: frame}, [], checks.nowhere, True, ends)[0]


def _self_ties(table: schema.Table, frame: pd.DataFrame) -> pd.Series:
    same = frame["source"] == frame["target"]
    if set(table.ends("source")).isdisjoint(table.ends("target")):
        return same & False
    if "source_kind" in frame and "target_kind" in frame:
        same &= frame["source_kind"] == frame["target_kind"]
        if table.name == "delivers":
            same &= frame["source_kind"] == "school"
    return same


def loose(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with its id as a column and its ends as plain text."""
    loose = frame.reset_index() if frame.index.name == "id" else frame.copy(deep=False)
    for end in ("source", "target"):
        if end in loose and isinstance(loose[end].dtype, pd.CategoricalDtype):
            loose[end] = loose[end].astype("str")
    return loose


def sort_rows(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows in canonical order: ends first, then every column, missing last."""
    columns = list(schema.tables()[name].columns)
    first = [key for key in ("source", "target", "kind", "id") if key in columns]
    order = first + [key for key in columns if key not in first]
    frame = frame[columns]
    coded = "source" in frame and isinstance(frame["source"].dtype, pd.CategoricalDtype)
    if not len(frame) or not coded:
        return _sorted(frame, order)
    pairs = _pairs(frame)
    rows = _order(pairs)
    # Rows that have their ends in common stand together; the other columns sort them.
    tied = np.flatnonzero(_shared(pairs)[rows])
    if (np.diff(rows) < 0).any():
        frame = frame.take(rows)
    frame = frame.reset_index(drop=True)
    if len(tied):
        own = frame.take(tied).reset_index(drop=True)
        rows = np.arange(len(frame))
        rows[tied] = tied[_sorted(own.assign(_row=own.index), order)["_row"].to_numpy()]
        frame = frame.take(rows).reset_index(drop=True)
    return frame


def _sorted(frame: pd.DataFrame, order: list[str]) -> pd.DataFrame:
    """Return the rows sorted by columns, missing last."""
    used = [key for key in order if frame[key].notna().any()]
    return frame.sort_values(used, kind="stable", ignore_index=True) if used else frame

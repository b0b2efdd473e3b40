"""Columns of a user's own (``x_…``): one text a row to whatever keeps a table, columns to people.

The schema has one column for all of them, ``x_``: a JSON object of texts by name, names in order,
empty values left out. So stores, fingerprints and rules know one column, whatever people add.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from liantu.graph import schema
from liantu.graph.columns import arrow, series

KEY = "x_"  # the column of the schema, and what the names of own columns begin with


def extra(header: str) -> str:
    """Return the name of the own column that a header asks for; "" where it asks for none.

    Examples
    --------
    >>> extra("X_floor  area"), extra("x_"), extra("xavier")
    ('x_floor area', '', '')
    """
    rest = " ".join(header.strip()[len(KEY) :].split())
    asked = header.strip()[: len(KEY)].lower() == KEY
    return KEY + rest if asked and rest and rest.isprintable() else ""


def extras(frame: pd.DataFrame) -> list[str]:
    """Return the own columns of a frame, in order."""
    return sorted(key for key in map(str, frame.columns) if extra(key) == key)


def columns_of(name: str, frame: pd.DataFrame) -> dict[str, schema.Column]:
    """Return the columns of a table as `opened` gives them: the schema's, then its own."""
    known = {k: column for k, column in schema.tables()[name].columns.items() if k != KEY}
    return known | {key: own(name, key) for key in extras(frame)}


def own(table: str, name: str) -> schema.Column:
    """Return what an own column of a table is: text."""
    return schema.Column(table, name, "text", (), "", False, "", (), "", "")


def folded(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with its own columns as one, ``x_``; the values of columns go before its own.

    Examples
    --------
    >>> folded(pd.DataFrame({"id": ["a", "b"], "x_rooms": ["12", None]}))["x_"].tolist()
    ['{"x_rooms": "12"}', nan]
    """
    names = extras(frame)
    if not names:
        return frame
    cells = {name: texts(frame[name]) for name in names}
    if KEY in frame:
        kept = _columns(frame[KEY])
        cells = dict(sorted((kept | cells).items()))
    # a row of nulls alone would be left out
    parts = [pa.repeat(_text(""), len(frame)), *(_pairs(*cell) for cell in cells.items())]
    joined = pc.binary_join_element_wise(*parts, _text(", "), null_handling="skip")
    none = pc.equal(pc.binary_length(joined), 0)
    joined = pc.utf8_slice_codeunits(joined, len(", "))
    whole = pc.binary_join_element_wise(_text("{"), joined, _text("}"), _text(""))
    found = series(pc.if_else(none, pa.scalar(None, pa.large_string()), whole), frame.index)
    return frame.drop(columns=names).assign(**{KEY: found})


def opened(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with a column for each of its own ones in place of ``x_``.

    Examples
    --------
    >>> frame = folded(pd.DataFrame({"id": ["a", "b"], "x_rooms": ["12", None]}))
    >>> opened(frame).columns.tolist(), opened(frame)["x_rooms"].tolist()
    (['id', 'x_rooms'], ['12', nan])
    """
    if KEY not in frame:
        return frame
    return frame.drop(columns=KEY).assign(**_columns(frame[KEY]))


def texts(values: pd.Series) -> pd.Series:
    """Return values as texts: whole numbers without a point, dates as ISO, missing as missing.

    Examples
    --------
    >>> texts(pd.Series([12.0, None, 0.5])).tolist(), texts(pd.Series([True])).tolist()
    (['12', nan, '0.5'], ['true'])
    """
    known = values.notna()
    if values.dtype != "str":
        change = {value: _said(value) for value in values[known].unique()}
        values = values.map(change, na_action="ignore")
    found = values.astype("str").where(known)
    return found.mask(found == "")


def _said(value: object) -> str:
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float | np.floating):
        return repr(float(value)).removesuffix(".0")
    if isinstance(value, pd.Timestamp | np.datetime64):
        return str(pd.Timestamp(value).isoformat()).removesuffix("T00:00:00")
    return str(value)


def canonical(text: str) -> str | None:
    """Return what one text of ``x_`` says in its canonical form; None if it is no such text.

    Examples
    --------
    >>> canonical('{"x_b": "2", "x_a": ""}'), canonical("[]")
    ('{"x_b": "2"}', None)
    """
    try:
        said = json.loads(text)
    except (TypeError, ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or not all(isinstance(value, str) for value in said.values()):
        return None
    if any(extra(key) != key for key in said):
        return None
    known = {key: said[key] for key in sorted(said) if said[key]}
    return json.dumps(known, ensure_ascii=False) if known else ""


def of(text: str | None) -> dict[str, str]:
    """Return the own columns of one row by name."""
    return json.loads(text) if text else {}


def _columns(values: pd.Series) -> dict[str, pd.Series]:
    """Return the columns that texts of ``x_`` hold; each distinct text is read once."""
    if not values.notna().any():
        return {}
    codes, distinct = pd.factorize(values)
    said = [of(text) for text in distinct]
    names: Iterable[str] = sorted({name for row in said for name in row})
    cells: Mapping[str, list[str | None]] = {
        name: [*(row.get(name) for row in said), None] for name in names
    }
    return {
        name: pd.Series(pd.array(column, dtype="str")[codes], index=values.index)
        for name, column in cells.items()
    }


def _pairs(name: str, values: pd.Series) -> pa.Array:
    """Return each value with its name as JSON; null where there is none."""
    coded = arrow(values).dictionary_encode()
    said = [f"{json.dumps(name, ensure_ascii=False)}: {json.dumps(text, ensure_ascii=False)}"
            for text in coded.dictionary.to_pylist()]  # fmt: skip
    return pa.array(said, pa.large_string()).take(coded.indices)


def _text(text: str) -> pa.Scalar:
    return pa.scalar(text, pa.large_string())

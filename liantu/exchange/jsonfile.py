"""One JSON file: what ``network.toml`` says, then a list of records a table, a record a line."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from liantu.errors import Message, RequestError
from liantu.exchange.exact import ABOUT, Kept, about, iso, saying, stated
from liantu.formats.files import replacing
from liantu.formats.seals import BLANK
from liantu.graph import schema
from liantu.graph.extras import columns_of, opened
from liantu.graph.network import Network
from liantu.paths import name_of

_HALF = re.compile(r"\\u[dD][89a-fA-F]")
FORMAT, VERSION = "liantu", 1


def write(network: Network, path: Path) -> list[Message]:
    """Write a network as JSON; empty cells are left out, dates are ISO texts.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> network = Network.from_frames({"school": pd.DataFrame({"id": ["007"], "pupils": [90]})})
    >>> with TemporaryDirectory() as folder:
    ...     _ = write(network, Path(folder, "net.json"))
    ...     json.loads(Path(folder, "net.json").read_text(encoding="utf-8"))["school"]
    [{'id': '007', 'pupils': 90}]
    """
    frames = network.plain_frames()
    head = {"format": FORMAT, "version": VERSION, "seal": BLANK, **about(network, frames)}
    with (
        replacing(path, seals=True) as draft,
        draft.open("w", encoding="utf-8", newline="\n") as file,
    ):
        file.write("{\n" + ",\n".join(f"{_text(key)}: {_text(head[key])}" for key in head))
        for name, frame in frames.items():
            if len(frame):
                rows = records(name, opened(frame))
                file.write(f",\n{_text(name)}: [\n")
                file.write(",\n".join(map(_text, rows)) + "\n]")
        file.write("\n}\n")
    return []


_text = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def records(name: str, frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table as plain values, empty cells and columns left out."""
    columns = columns_of(name, frame)
    keys = saying(name, frame)
    cells = [_plain(stated(frame[key], columns[key]), columns[key]) for key in keys]
    rows = zip(*cells, strict=True)
    return [
        {key: value for key, value in zip(keys, row, strict=True) if value is not None}
        for row in rows
    ]


def _plain(values: pd.Series, column: schema.Column) -> list[Any]:
    """Return values as JSON knows them: dates, and numbers without end, as text."""
    if column.is_date:
        values = iso(values)
    found = values.astype(object).where(values.notna(), None)
    if column.type == "number":
        found = found.mask(np.isinf(values), values.astype(str))
    return found.tolist()


def kept(path: Path) -> Kept:
    """Return what a JSON file holds.

    Raises
    ------
    RequestError
        If it is damaged, none of ours, or of a newer version.
    """
    name = name_of(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
        data = json.loads(text)
        if _HALF.search(text):
            json.dumps(data, ensure_ascii=False).encode()  # half a sign is none
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise RequestError.of("system_error", value=str(path), reason=reason) from None
    except (ValueError, RecursionError) as error:
        raise RequestError.of("damaged_file", file=name, value="JSON", reason=error) from None
    if not isinstance(data, dict) or data.pop("format", None) != FORMAT:
        raise RequestError.of("foreign_json", file=name)
    if (version := data.pop("version", VERSION)) != VERSION:
        raise RequestError.of("newer_file", file=name, value=version, limit=VERSION)
    data.pop("seal", None)
    said = {key: data.pop(key) for key in ABOUT if key in data}
    tables = {}
    for table, rows in data.items():
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise RequestError.of("damaged_table", file=name, value=table)
        if rows:
            tables[table] = frame_of(rows)
    return Kept(said, tables, lambda table: (f"{name}: {table}", "", 1))


def frame_of(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return records as columns of plain values; absent ones are missing."""
    keys = dict.fromkeys(key for row in rows for key in row)
    columns = {key: pd.Series([row.get(key) for row in rows], dtype=object) for key in keys}
    return pd.DataFrame(columns, index=range(len(rows)))

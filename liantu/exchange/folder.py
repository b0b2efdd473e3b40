"""A folder of CSV tables in liantu's own shape, to be edited and read again."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from liantu.errors import Message, RequestError
from liantu.exchange.exact import Kept, about, saying, texts
from liantu.graph import schema
from liantu.graph.network import Network

_BLOCK = 1 << 26  # bytes; longer than any cell


def write(
    network: Network, out: Path, *, beside: Mapping[str, bytes] | None = None
) -> list[Message]:
    """Write a network as a folder of CSV tables that reads back as the same network.

    Columns that say nothing are left out.

    Parameters
    ----------
    network
        The network. Teachers' names are written as they are; see `Network.without_teacher_names`.
    out
        A folder that does not exist yet, or an empty one. It appears only when complete.
    beside
        Further files by name, such as ``claims.toml``.

    Returns
    -------
    list of Message
        Nothing: the folder holds everything.

    Raises
    ------
    RequestError
        If `out` is taken or cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from liantu.loaders import read
    >>> network = Network.from_frames({"school": pd.DataFrame({"id": ["0130"], "pupils": [90]})})
    >>> with TemporaryDirectory() as folder:
    ...     _ = write(network, Path(folder, "tables"))
    ...     read(Path(folder, "tables")).fingerprint == network.fingerprint
    True
    """
    frames = network._plain()
    tables = {name: _texts(name, frame) for name, frame in frames.items() if len(frame)}
    if not tables:  # a folder without tables is no source
        tables = {"school": _texts("school", frames["school"])}
    write_folder(out, tables, about(network, frames), beside)
    return []


def _texts(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    columns = schema.tables()[name].columns
    return pd.DataFrame({key: texts(frame[key], columns[key]) for key in saying(name, frame)})


def kept(files: Sequence[Path], said: Mapping[str, Any]) -> Kept | None:
    """Return the cells of a folder that has the files `write` makes, or None if it has others."""
    from pyarrow import ArrowException
    from pyarrow import csv as arrow

    if not all(path.suffix == ".csv" and path.stem in schema.tables() for path in files):
        return None
    tables = {}
    for path in files:
        columns = dict.fromkeys(schema.tables()[path.stem].columns, "string")
        try:
            cells = arrow.read_csv(
                path,
                arrow.ReadOptions(block_size=_BLOCK),
                arrow.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
                arrow.ConvertOptions(column_types=columns, strings_can_be_null=False),
            )
        except (ArrowException, OSError):
            return None
        names = cells.column_names
        if not set(names) <= set(columns) or len(set(names)) < len(names):
            return None
        tables[path.stem] = pd.DataFrame({key: pd.Series(cells[key], dtype="str") for key in names})
    return Kept(dict(said), tables, lambda name: (f"{name}.csv", "", 2))


def check_free(out: Path) -> None:
    """Raise `RequestError` unless a folder can be made at this path."""
    try:
        taken = out.exists() and (not out.is_dir() or any(out.iterdir()))
    except OSError:
        raise RequestError.of("unwritable", value=str(out)) from None
    if taken:
        raise RequestError.of("output_taken", value=str(out))


def write_folder(
    out: Path,
    frames: Mapping[str, pd.DataFrame],
    about: Mapping[str, Any],
    beside: Mapping[str, bytes] | None = None,
) -> None:
    """Write frames as a folder of CSV tables with a ``network.toml``, complete or not at all.

    Parameters
    ----------
    out
        A folder that does not exist yet, or an empty one.
    frames
        Frames by table; each becomes ``<table>.csv``.
    about
        What ``network.toml`` says: title, as_of …, as texts; a list of mappings gives tables.
    beside
        Further files by name.

    Raises
    ------
    RequestError
        If `out` is taken or cannot be written.
    """
    check_free(out)
    try:
        with tempfile.TemporaryDirectory(dir=out.absolute().parent, prefix=".liantu-") as scratch:
            folder = Path(scratch, "tables")
            folder.mkdir()
            for name, frame in frames.items():
                _write_table(folder / f"{name}.csv", frame)
            (folder / "network.toml").write_text(_toml(about), encoding="utf-8", newline="\n")
            for name, data in (beside or {}).items():
                (folder / name).write_bytes(data)
            if out.exists():
                out.rmdir()
            folder.rename(out)
    except OSError:
        raise RequestError.of("unwritable", value=str(out)) from None


def _write_table(path: Path, frame: pd.DataFrame) -> None:
    flags = frame.select_dtypes("bool").columns
    frame = frame.assign(**{key: np.where(frame[key], "true", "false") for key in flags})
    worded: pd.DataFrame = frame.select_dtypes("str")
    # the csv module leaves a lone carriage return unquoted, where readers see the end of a row
    returns = any(texts.str.contains("\r", regex=False).any() for _, texts in worded.items())
    frame.to_csv(
        path,
        index=False,
        encoding="utf-8",
        lineterminator="\n",
        float_format="%.12g",
        quoting=csv.QUOTE_ALL if returns else csv.QUOTE_MINIMAL,
    )


def _toml(about: Mapping[str, Any]) -> str:
    """Return plain values, then lists of tables, as TOML."""
    # a JSON string of printable text is a TOML string; numbers and booleans are the same
    lines = [
        f"{key} = {_literal(value)}\n"
        for key, value in about.items()
        if not isinstance(value, list)
    ]
    for key, tables in about.items():
        if isinstance(tables, list):
            lines += [f"\n[[{key}]]\n{_toml(table)}" for table in tables]
    return "".join(lines)


def _literal(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")

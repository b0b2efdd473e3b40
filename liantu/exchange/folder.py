"""A folder of CSV tables in liantu's own shape, to be edited and read again."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from liantu.errors import Message, RequestError
from liantu.exchange.exact import Kept, about, saying, texts
from liantu.formats.files import DRAFT, drafting, told
from liantu.formats.seals import BLANK, seal, sealed
from liantu.graph import schema
from liantu.graph.extras import columns_of, extra, opened
from liantu.graph.network import Network
from liantu.vocabulary import cut

SETTINGS = "network.toml"
_SYSTEM = (".DS_Store", "Thumbs.db", "desktop.ini")
_BLOCK = 1 << 26  # bytes; longer than any cell


def write(
    network: Network,
    out: Path,
    *,
    beside: Mapping[str, bytes] | None = None,
    force: bool = False,
) -> list[Message]:
    """Write a network as a folder of CSV tables that reads back as the same network.

    Columns that say nothing are left out.

    Parameters
    ----------
    network
        The network. Teachers' names are written as they are; see `Network.without_teacher_names`.
    out
        See `write_folder`.
    beside
        Further files by name, such as ``claims.toml``.
    force
        See `write_folder`.

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
    frames = network.plain_frames()
    tables = {name: _texts(name, opened(frame)) for name, frame in frames.items() if len(frame)}
    if not tables:  # a folder without tables is no source
        tables = {"school": _texts("school", frames["school"])}
    write_folder(out, tables, about(network, frames), beside, force=force)
    return []


def _texts(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    columns = columns_of(name, frame)
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
        columns |= dict.fromkeys(filter(extra, _header(path)), "string")
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


def _header(path: Path) -> list[str]:
    """Return the names of the columns of a file; nothing of one that cannot be read."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return next(csv.reader(file), [])
    except (OSError, ValueError, csv.Error):
        return []


def check_free(out: Path, *, force: bool = False) -> None:
    """Raise `RequestError` unless a folder can be made or filled at this path."""
    with told(out):
        if not out.exists():
            if not out.parent.is_dir():
                raise RequestError.of("output_no_folder", value=out, folder=out.parent)
        elif not out.is_dir() or not (force or _own(out)):
            names = sorted(_entries(out)) if out.is_dir() else []
            foreign = [
                p.name for p in names if p.name != SETTINGS and p.stem not in schema.tables()
            ]
            near = cut("、".join(foreign[:3])) if foreign else ""
            found = {"found": f" ({near})", "found_zh": f"（{near}）"} if near else {}
            raise RequestError.of(
                "output_taken", value=out, **{"found": "", "found_zh": "", **found}
            )


def _own(folder: Path) -> bool:
    """Return whether a folder is empty, or holds nothing but what liantu wrote there."""
    here = _entries(folder)
    settings = folder / SETTINGS
    if settings not in here:
        return not here
    others = [path for path in here if path != settings]
    whole = all(path.is_file() and not path.is_symlink() for path in here)
    return whole and sealed(settings, others)


def _entries(folder: Path) -> list[Path]:
    """Return what is in a folder, but for what systems and killed runs leave there."""
    return [path for path in folder.iterdir() if path.name not in _SYSTEM and not path.match(DRAFT)]


def write_folder(
    out: Path,
    frames: Mapping[str, pd.DataFrame],
    about: Mapping[str, Any],
    beside: Mapping[str, bytes] | None = None,
    *,
    force: bool = False,
) -> None:
    """Write frames as a folder of CSV tables with a ``network.toml``, complete or not at all.

    Parameters
    ----------
    out
        A folder that does not exist yet, which appears only when complete; or one that is empty or
        as liantu wrote it, whose files are replaced when all are written.
    frames
        Frames by table; each becomes ``<table>.csv``.
    about
        What ``network.toml`` says: title, as_of …, as texts; a list of mappings gives tables.
    beside
        Further files by name.
    force
        Replace the tables and ``network.toml`` in any folder. What bears another name stays.

    Raises
    ------
    RequestError
        If `out` is taken or cannot be written.
    """
    check_free(out, force=force)
    with told(out), drafting(out if out.is_dir() else out.absolute().parent) as draft:
        draft.mkdir()
        for name, frame in frames.items():
            _write_table(draft / f"{name}.csv", frame)
        for name, data in (beside or {}).items():
            (draft / name).write_bytes(data)
        others, settings = list(draft.iterdir()), draft / SETTINGS
        text = f"# {BLANK}\n{_toml(about)}"
        settings.write_text(text, encoding="utf-8", newline="\n")
        seal(settings, others)
        if out.is_dir():
            _fill(out, [*others, settings])
        else:
            draft.rename(out)


def _fill(folder: Path, fresh: list[Path]) -> None:
    """Move files into a folder, the settings last, and remove the tables that they replace."""
    tables = {f"{name}.csv" for name in schema.tables()}
    old = _entries(folder) if _own(folder) else [folder / name for name in sorted(tables)]
    for path in fresh:
        place = folder / path.name
        if place.is_file() and not place.is_symlink():
            shutil.copymode(place, path)
        path.replace(place)
    for path in old:
        if path.name not in {each.name for each in fresh}:
            path.unlink(missing_ok=True)


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

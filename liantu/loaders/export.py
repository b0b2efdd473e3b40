"""Writing a network as a folder of tables in liantu's own shape, to be edited and read again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from liantu.graph import schema
from liantu.graph.network import Network
from liantu.loaders.generate import write_folder


def export(network: Network, out: Path, *, beside: Mapping[str, bytes] | None = None) -> None:
    """Write a network as a folder of CSV tables that reads back as the same network.

    Columns that say nothing are left out. Numbers are written exactly; reading keeps six decimals.

    Parameters
    ----------
    network
        The network. Teachers' names are written as they are; see `Network.without_teacher_names`.
    out
        A folder that does not exist yet, or an empty one. It appears only when complete.
    beside
        Further files by name, such as ``claims.toml``.

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
    ...     export(network, Path(folder, "tables"))
    ...     read(Path(folder, "tables")).fingerprint == network.fingerprint
    True
    """
    frames = {kind: network.nodes(kind).rename_axis("id").reset_index() for kind in schema.kinds()}
    frames |= {name: network.relation(name) for name in schema.relations()}
    frames["observations"] = network.observations
    tables = {name: _texts(name, frame) for name, frame in frames.items() if len(frame)}
    about: dict[str, Any] = {"title": network.title} if network.title else {}
    about |= {"as_of": network.as_of.isoformat()} if network.as_of else {}
    if network.phases:
        about["phase"] = [_phase(phase) for phase in network.phases]
    if network.goals:
        about["goal"] = [dict(goal) for goal in network.goals]
    write_folder(out, tables, about, beside)


def _texts(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table as exact texts, without the columns that say nothing."""
    found = {}
    for key, column in schema.tables()[table].columns.items():
        values = frame[key]
        if column.is_date:
            texts = values.dt.strftime("%Y-%m-%d")
        elif column.type == "bool":
            texts = values.map({True: "true", False: "false"}, na_action="ignore")
        elif column.type == "number":
            texts = values.map(lambda number: repr(number).removesuffix(".0"), na_action="ignore")
        else:
            texts = values.astype("str")
        texts = texts.astype("str").where(values.notna())
        if column.required or not (texts.isna() | (texts == column.default)).all():
            found[key] = texts
    return pd.DataFrame(found)


def _phase(phase: Mapping[str, Any]) -> dict[str, str]:
    known = {key: value for key, value in phase.items() if value is not None}
    return {k: v.isoformat() if isinstance(v, date) else str(v) for k, v in known.items()}

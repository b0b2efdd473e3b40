"""A synthetic region: schools of every stage, who supports whom, and who is left out.

Everything is drawn from one seeded generator with whole-array operations. Each row says that it is
synthetic, and no name can be taken for a real one.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from liantu.errors import RequestError
from liantu.graph import schema
from liantu.loaders.synthetic import land
from liantu.loaders.synthetic_ties import relations
from liantu.options import check_range

AS_OF = date(2026, 9, 1)


def region(schools: int, seed: int = 0) -> dict[str, pd.DataFrame]:
    """Return the frames of a synthetic region.

    Parameters
    ----------
    schools
        Number of schools, 1 … 900,000; about 160 make a county.
    seed
        Seed of the generator; the same seed gives the same region.

    Returns
    -------
    dict of str to DataFrame
        A frame a kind and relation, and ``observations``, as `Network.from_frames` takes them.
        Its date is 2026-09-01; pupils are people, coordinates degrees in WGS-84.

    Raises
    ------
    OptionError
        If `schools` or `seed` is out of range.

    Examples
    --------
    >>> frames = region(80, seed=1)
    >>> len(frames["school"]), bool(frames["school"]["synthetic"].all())
    (80, True)
    """
    check_range(schools, "schools", 1, 900_000)
    check_range(seed, "seed", 0)
    rng = np.random.Generator(np.random.PCG64(seed))
    regions, schools_, net = land(rng, schools)
    frames = {"region": regions, "school": schools_, **relations(rng, net, regions)}
    order = [name for name in schema.tables() if len(frames.get(name, ()))]
    made = f"generated (seed {seed})"
    return {name: frames[name].assign(provenance=made, synthetic=True) for name in order}


def generate(out: Path, *, schools: int, seed: int = 0) -> None:
    """Write a synthetic region as a folder of CSV tables.

    Parameters
    ----------
    out
        A folder that does not exist yet, or an empty one. It appears only when complete.
    schools
        Number of schools, 1 … 900,000.
    seed
        Seed; the same seed gives the same bytes.

    Raises
    ------
    RequestError
        If `out` is a file or a folder with something in it, or cannot be written.
    OptionError
        If `schools` or `seed` is out of range.
    """
    check_free(out)
    about = {
        "title": f"演示地区（{schools} 所学校）",
        "title_en": f"Demo region ({schools} schools)",
        "as_of": AS_OF.isoformat(),
    }
    write_folder(out, region(schools, seed), about)


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
                flags = frame.select_dtypes("bool").columns
                frame = frame.assign(
                    **{key: np.where(frame[key], "true", "false") for key in flags}
                )
                path = folder / f"{name}.csv"
                frame.to_csv(
                    path, index=False, encoding="utf-8", lineterminator="\n", float_format="%.12g"
                )
            (folder / "network.toml").write_text(_toml(about), encoding="utf-8", newline="\n")
            for name, data in (beside or {}).items():
                (folder / name).write_bytes(data)
            if out.exists():
                out.rmdir()
            folder.rename(out)
    except OSError:
        raise RequestError.of("unwritable", value=str(out)) from None


def _toml(about: Mapping[str, Any]) -> str:
    """Return plain values, then lists of tables, as TOML."""
    # a JSON string of printable text is a TOML string; numbers and booleans are the same
    lines = [
        f"{key} = {json.dumps(value, ensure_ascii=False)}\n"
        for key, value in about.items()
        if not isinstance(value, list)
    ]
    for key, tables in about.items():
        if isinstance(tables, list):
            lines += [f"\n[[{key}]]\n{_toml(table)}" for table in tables]
    return "".join(lines)

"""A synthetic region: schools of every stage, who supports whom, and who is left out.

Everything is drawn from seeded generators with whole-array operations. Each row says that it is
synthetic, and no name can be taken for a real one.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from liantu.exchange.folder import check_free, write_folder
from liantu.graph import schema
from liantu.loaders.synthetic import land
from liantu.loaders.synthetic_indicators import figures, scores
from liantu.loaders.synthetic_ties import relations
from liantu.loaders.synthetic_wide import wider
from liantu.options import check_range

AS_OF = date(2026, 9, 1)


def region(schools: int, seed: int = 0) -> dict[str, pd.DataFrame]:
    """Return the frames of a synthetic region.

    Parameters
    ----------
    schools
        Number of schools, 1 … 900,000; about 160 make a county. Several counties help each other,
        and their cores help cores.
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
    if net.county[-1] > 0:  # drawn apart: a county stays as it is
        frames |= wider(np.random.default_rng([seed, 1]), net, frames)
    told = [frames["observations"], figures(np.random.default_rng([seed, 2]), net, frames)]
    told.append(scores(np.random.default_rng([seed, 3]), net, frames))
    frames["observations"] = pd.concat(told, ignore_index=True)
    order = [name for name in schema.tables() if len(frames.get(name, ()))]
    made = f"generated (seed {seed})"
    return {name: frames[name].assign(provenance=made, synthetic=True) for name in order}


def generate(out: Path, *, schools: int, seed: int = 0, force: bool = False) -> None:
    """Write a synthetic region as a folder of CSV tables.

    Parameters
    ----------
    out
        A folder that does not exist yet, is empty, or is as liantu wrote it.
    schools
        Number of schools, 1 … 900,000.
    seed
        Seed; the same seed gives the same bytes.
    force
        Replace the tables and ``network.toml`` in any folder. What bears another name stays.

    Raises
    ------
    RequestError
        If `out` is a file or a folder with something in it, or cannot be written.
    OptionError
        If `schools` or `seed` is out of range.
    """
    check_free(out, force=force)
    about = {
        "title": f"演示地区（{schools} 所学校）",
        "title_en": f"Demo region ({schools} schools)",
        "as_of": AS_OF.isoformat(),
    }
    write_folder(out, region(schools, seed), about, force=force)

"""One matrix of ties a date, for models of network change in R (RSiena, statnet)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from liantu.errors import Message, OptionError, RequestError
from liantu.exchange.exact import texts
from liantu.exchange.folder import write_folder
from liantu.graph.extras import columns_of
from liantu.graph.network import Network
from liantu.graph.study import study
from liantu.graph.ties import TieSet

NO_TIE_POSSIBLE = 10  # RSiena's code of a structural zero
MOST = 5_000  # schools; a matrix has the square of it
_ASIDE = ("id", "aliases", "provenance", "place", "synthetic")

# Reads all that stands beside it; see docs/how-to/statnet-rsiena.md.
_SCRIPT = """\
# Reads the matrices of this folder: `waves` (a list, one a date) and `schools` (covariates).
# A cell is 1 where the school of the row supports that of the column, else 0;
# 10 where no tie is possible, for one of the two is not open on the date (a structural zero).
listed <- read.csv("waves.csv", colClasses = c(date = "Date"))
schools <- read.csv("schools.csv", colClasses = c(school = "character"), encoding = "UTF-8")
matrix_of <- function(file) {
  rows <- read.csv(file, check.names = FALSE, colClasses = c(school = "character"))
  found <- as.matrix(rows[, -1])
  dimnames(found) <- list(rows$school, rows$school)
  storage.mode(found) <- "integer"
  found
}
waves <- lapply(listed$file, matrix_of)
"""


def write(
    network: Network,
    out: Path,
    days: Sequence[date],
    *,
    window: str = "12m",
    basis: Sequence[str] | None = None,
    force: bool = False,
) -> list[Message]:
    """Write the tie set between schools on several dates as matrices, with covariates.

    The folder holds ``wave1.csv`` … (a matrix of 0, 1 and 10, rows give), ``waves.csv`` (date and
    counts of each), ``schools.csv`` (what is known of each school) and ``read.R``. The schools are
    those open on one of the dates, the same ones in the same order everywhere; supporters that are
    no schools, and teachers, have no place in it.

    Parameters
    ----------
    network
        The network. With a region in focus only its schools are written.
    out
        The folder; see `liantu.exchange.folder.write_folder`.
    days
        The dates, at least two, ascending.
    window, basis
        Those of `Network.support_graph`.
    force
        Replace other files of these names.

    Returns
    -------
    list of Message
        What was left out.

    Raises
    ------
    OptionError
        If there are fewer than two dates, or one does not come after the one before it.
    RequestError
        If there are too many schools, or `out` cannot be written.
    """
    if len(days) < 2 or any(after <= before for before, after in pairwise(days)):
        raise OptionError.of("bad_waves", value=",".join(map(str, days)))
    sets = [study(network).tie_set(day, window, basis) for day in days]
    opened = np.array([ties.opened for ties in sets])
    chosen = opened.any(axis=0) & network.reported("school")
    count = int(chosen.sum())
    if count > MOST:
        raise RequestError.of("too_many_waves", count=count, limit=MOST)
    ids = network.ids("school")[chosen]
    tables, rows, outside = {}, [], 0
    for number, (day, ties) in enumerate(zip(days, sets, strict=True), start=1):
        matrix, left = _matrix(ties, chosen)
        outside = max(outside, left)
        frame = pd.DataFrame(matrix, columns=ids)
        frame.insert(0, "school", ids)
        tables[f"wave{number}"] = frame
        there = int((ties.opened & chosen).sum())
        told = {"wave": number, "date": day.isoformat(), "file": f"wave{number}.csv"}
        rows.append({**told, "open": there, "ties": int((matrix == 1).sum())})
    tables |= {"waves": pd.DataFrame(rows), "schools": _covariates(network, chosen)}
    about = {"title": network.title, "as_of": days[-1].isoformat()}
    write_folder(out, tables, about, {"read.R": _SCRIPT.encode()}, force=force)
    return [Message("waves_schools_alone", {"count": outside})] if outside else []


def _matrix(ties: TieSet, chosen: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.int8], int]:
    """Return a matrix of schools, and how many ties of the date have no place in it."""
    place = np.append(np.where(chosen, np.cumsum(chosen) - 1, -1), -1)  # the last is no school
    pairs = ties.graph
    source, target = (place[np.minimum(end, len(chosen))] for end in (pairs.source, pairs.target))
    inside = (source >= 0) & (target >= 0)
    opened = ties.opened[chosen]
    matrix = np.full((len(opened), len(opened)), NO_TIE_POSSIBLE, dtype=np.int8)
    matrix[np.ix_(opened, opened)] = 0
    np.fill_diagonal(matrix, 0)
    matrix[source[inside], target[inside]] = 1
    return matrix, int((~inside).sum())


def _covariates(network: Network, chosen: npt.NDArray[np.bool_]) -> pd.DataFrame:
    """Return what is known of each school: every column that has a value, own ones too."""
    frame = network.nodes("school")[chosen]
    columns = columns_of("school", frame)
    known = {
        key: texts(frame[key], columns[key]).array
        for key in map(str, frame.columns)
        if key not in _ASIDE and frame[key].notna().any()
    }
    return pd.DataFrame({"school": frame.index.array, **known})

"""A list of pairs beside a network: rows of paired assistance whose ends the network knows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

from liantu.errors import DataError, RequestError
from liantu.graph.network import Network
from liantu.loaders import headers, own
from liantu.loaders.cells import Part
from liantu.loaders.findings import Findings
from liantu.loaders.onto import context_of
from liantu.loaders.reading import frames_of
from liantu.loaders.recognise import weigh
from liantu.loaders.sources import Sheet, read_file
from liantu.loaders.ticks import Ticks
from liantu.paths import name_of


def read_pairs(path: str | Path, network: Network) -> pd.DataFrame:
    r"""Read a list of pairs of schools of a network.

    Parameters
    ----------
    path
        A CSV file or a workbook with the columns of 结对帮扶 (paired assistance): who helps whom,
        by id or by name. Other columns and sheets do not matter.
    network
        The network whose schools are meant.

    Returns
    -------
    pandas.DataFrame
        Columns ``source``, ``target``: ids; one row a pair as written.

    Raises
    ------
    RequestError
        If the file cannot be read.
    DataError
        If it holds no such list, or an end is not one school of the network.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> schools = pd.DataFrame({"id": ["1", "2"], "name": ["甲小学", "乙小学"]})
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "pairs.csv"
    ...     _ = path.write_text("支援校,受援校\n甲小学,2\n", encoding="utf-8")
    ...     read_pairs(path, Network.from_frames({"school": schools})).to_dict("records")
    [{'source': '1', 'target': '2'}]
    """
    path = Path(path)
    if not path.is_file():
        raise RequestError.of("not_found", value=str(path))
    findings = Findings()
    parts = [part for sheet in read_file(path) for part in _parts(sheet, findings)]
    if not parts and not any(problem.severity == "error" for problem in findings.problems):
        findings.add("error", "no_pairs_list", (name_of(path), ""))
    rows = frames_of(context_of(network, findings), parts, Ticks()) if parts else {}
    if errors := [problem for problem in findings.problems if problem.severity == "error"]:
        raise DataError(errors)
    found = rows["assists"][["source", "target"]].astype("str").reset_index(drop=True)
    found.attrs["file"] = name_of(path)
    return found


def _parts(sheet: Sheet, findings: Findings) -> list[Part]:
    """Return the pairs of a sheet: whatever it is called, if it says who helps whom."""
    if headers.is_aside(sheet.sheet) or not weigh(sheet, "assists").fits:
        return []
    found = Findings()
    parts = own.parts([replace(sheet, sheet="assists")], found, Ticks())
    findings.problems += [replace(problem, sheet=sheet.sheet) for problem in found.problems]
    return [replace(part, place=sheet.place) for part in parts if part.table == "assists"]

"""Rows added to a network that is there: its nodes are what their ends may name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path, PurePath
from typing import Any

import pandas as pd

from liantu.errors import DataError, Problem
from liantu.graph import schema
from liantu.graph.altered import kept_part, rebuilt
from liantu.graph.build import loose
from liantu.graph.checks import Locate, nowhere
from liantu.graph.load_report import LoadReport
from liantu.graph.network import Network
from liantu.loaders import headers, own
from liantu.loaders.cells import Part
from liantu.loaders.ends import Base, Context
from liantu.loaders.findings import Findings, Place
from liantu.loaders.nodes import ORDER
from liantu.loaders.reading import clean, frames_of, locator, opened
from liantu.loaders.recognise import read_as
from liantu.loaders.shortened import title_texts
from liantu.loaders.sources import Sheet, find
from liantu.loaders.ticks import Tick, Ticks

_NEW = ("新增", "拟", "新", "new ", "New ")  # before the name of a table


def context_of(
    network: Network,
    findings: Findings,
    *,
    create_missing: bool = False,
    titles: Mapping[Place, tuple[str, ...]] | None = None,
) -> Context:
    """Return the state of a load whose rows are added to a network."""
    of = frozenset((*ORDER, "works_at"))
    base: Base = kept_part(network, "base", of, lambda: _base(network))
    return Context([], findings, False, create_missing, titles=titles or {}, base=base)


def _base(network: Network) -> Base:
    keys = ("name", "aliases", "region", "parent")
    nodes = {}
    for kind in ORDER:
        if network.size(kind):
            known = schema.tables()[kind].columns
            own = network.columns(kind, *(key for key in keys if key in known))
            nodes[kind] = own.rename_axis("id").reset_index().astype("str")
    if not network.size("works_at"):
        return Base(nodes)
    rows = network.columns("works_at", "source", "target").astype("str")
    return Base(nodes, rows.set_axis(["id", "school"], axis=1).drop_duplicates())


def extended(
    network: Network, files: Iterable[str | Path], *, create_missing: bool = False
) -> Network:
    r"""Return a network with the rows of some files added.

    Parameters
    ----------
    network
        The network; its nodes are what the rows may name, by id or by name.
    files
        CSV files, workbooks or folders of them, in liantu's own shape.
    create_missing
        Make nodes of ends that neither the network nor a file lists, instead of refusing them.

    Raises
    ------
    RequestError
        If a file cannot be read at all.
    DataError
        If a row is not valid, names what is not there, or is there already as another node;
        `problems` lists every one.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> schools = pd.DataFrame({"id": ["1", "2"], "name": ["甲小学", "乙小学"]})
    >>> network = Network.from_frames({"school": schools})
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "结对帮扶.csv"
    ...     _ = path.write_text("支援校,受援校\n甲小学,乙小学\n", encoding="utf-8")
    ...     extended(network, [path])
    <Network: 2 school, 1 assists>
    """
    found, report = examine_more(network, files, create_missing=create_missing)
    if found is None:
        raise DataError(report.of("error"))
    return found


def examine_more(
    network: Network, files: Iterable[str | Path], *, create_missing: bool = False
) -> tuple[Network | None, LoadReport]:
    """Add the rows of some files and return what was found in them, errors included.

    Returns
    -------
    Network or None, LoadReport
        None if there is an error; the report is that of the network, with the files' own after it.
    """
    findings, parts = Findings(), []
    seen: dict[Place, Sheet] = {}
    for file in files:
        source = find(file)
        sheets = partial(opened, findings=findings, seen=seen, alone=True)
        for path in source.tables:
            found_here = sheets(path)
            parts += own.parts(found_here, findings, _as_named(found_here))
    titles = {place: title_texts(sheet) for place, sheet in seen.items()}
    context = context_of(network, findings, create_missing=create_missing, titles=titles)
    frames, locate = assembled_onto(context, parts)
    empty = not any(map(len, frames.values()))
    if empty and not any(p.severity == "error" for p in findings.problems):
        findings.add("error", "no_rows_added")
    found: Network | None = None
    problems: tuple[Problem, ...] = ()
    if not any(problem.severity == "error" for problem in findings.problems):
        try:
            found = added(network, frames, locate)
        except DataError as error:
            problems = error.problems
    own_report = findings.report(LoadReport(problems=problems))
    before = network.report
    whole = LoadReport(
        (*before.tables, *own_report.tables), (*before.problems, *own_report.problems)
    )
    return None if found is None else found.replaced({}, report=whole), whole


def _as_named(sheets: Iterable[Sheet]) -> Ticks:
    """Return what sheets are said to be by names such as 新结对, where nothing else says it."""
    ticks = []
    for sheet in sheets:
        if headers.is_aside(sheet.sheet) or read_as(sheet).table:
            continue
        for name in (sheet.sheet, PurePath(sheet.file).stem):
            rests = [name.removeprefix(word).strip() for word in _NEW if name.startswith(word)]
            pick = next((rest for rest in rests if headers.table_of(rest)), "")
            if pick:
                cells = {"file": sheet.file, "sheet": sheet.sheet, "pick": pick}
                ticks.append(Tick(sheet.file, sheet.sheet, 0, "tables", cells, {}))
                break
    return Ticks({"tables": ticks})


def assembled_onto(context: Context, parts: list[Part]) -> tuple[dict[str, pd.DataFrame], Locate]:
    """Return the rows of parts, typed and resolved, as `Network.from_frames` takes them."""
    frames = frames_of(context, parts, Ticks())
    locate = locator(context, frames)
    return {name: clean(name, frame) for name, frame in frames.items() if len(frame)}, locate


def added(network: Network, rows: Mapping[str, pd.DataFrame], locate: Locate = nowhere) -> Network:
    """Return a network with more rows of some tables, checked as a whole.

    Parameters
    ----------
    network
        The network.
    rows
        Rows by table, ids and ends as plain columns.
    locate
        Finds the source of one of these rows for the problems.

    Raises
    ------
    DataError
        Naming every problem.
    """
    if taken := list(_taken(network, rows, locate)):
        raise DataError(taken)
    sizes = {name: network.size(name) for name in rows}
    whole = {}
    for name, fresh in rows.items():
        before = loose(network.frame(name)).reset_index(drop=True)
        for key in fresh.columns:
            if fresh[key].dtype != before[key].dtype:
                fresh = fresh.assign(**{key: fresh[key].astype(before[key].dtype)})
        both = pd.concat([before, fresh.reindex(columns=before.columns)], ignore_index=True)
        columns = schema.tables()[name].columns.values()
        defaults = {c.name: c.default for c in columns if c.default}
        for key, value in defaults.items():
            both[key] = both[key].fillna(value == "true" if value in ("true", "false") else value)
        whole[name] = both.astype(before.dtypes.to_dict())

    def here(table: str, position: int) -> Mapping[str, Any]:
        late = position - sizes.get(table, position + 1)
        return locate(table, late) if late >= 0 else {"file": table}

    return rebuilt(network, whole, here)


def _taken(network: Network, rows: Mapping[str, pd.DataFrame], locate: Locate) -> Iterator[Problem]:
    """Give a problem for every node that is there already."""
    for kind in schema.kinds():
        if kind in rows:
            ids = rows[kind]["id"].reset_index(drop=True)
            for position, value in ids[ids.isin(network.ids(kind))].items():
                place = dict(locate(kind, int(str(position))))
                private = kind == "teacher"
                yield Problem(
                    "error", "id_taken", value=value, params={"kind": kind}, private=private,
                    column="id", **place,
                )  # fmt: skip

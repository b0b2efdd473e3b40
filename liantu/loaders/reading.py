"""Opening a source: own shape or through a mapping, then one path to a network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from liantu import collector
from liantu.errors import DataError, LiantuError, RequestError
from liantu.exchange import graphml
from liantu.graph import schema
from liantu.graph.build import build
from liantu.graph.extras import folded
from liantu.graph.load_report import LoadReport
from liantu.graph.network import Network
from liantu.loaders import foreign, own, quick
from liantu.loaders.cells import Part, typed
from liantu.loaders.dates import awaited, dated
from liantu.loaders.ends import PART, ROW, Asked, Context, resolve
from liantu.loaders.findings import Findings, Place
from liantu.loaders.founding import found as found_alliances
from liantu.loaders.graphs import graph_parts
from liantu.loaders.mapping import Settings, check_places, read_settings, rules_of
from liantu.loaders.mapping_block import Block
from liantu.loaders.nodes import ORDER, Frames, load_kind, narrowing_regions, similar_ids
from liantu.loaders.people import name_people, without_people
from liantu.loaders.relations import (
    employ,
    prepare,
    resolve_ends,
    teacher_pairs,
    teacher_schools,
)
from liantu.loaders.shortened import title_texts
from liantu.loaders.sources import Found, Sheet, awaits_decision, find, read_file
from liantu.loaders.ticks import Ticks, apply_names, apply_people, check_ticks, is_draft, read_ticks
from liantu.loaders.written import as_written
from liantu.paths import name_of
from liantu.stores import is_server, is_store, open_store
from liantu.vocabulary import nearest

Rules = str | Path | Mapping[str, Any]  # a mapping file, or its content
Mapped = Rules | Sequence[Rules]  # beside drafts, at most one mapping


def read(
    source: str | Path, *, mapping: Mapped | None = None, create_missing: bool = False
) -> Network:
    r"""Open a source and return its network.

    Parameters
    ----------
    source
        A folder of CSV files and workbooks, one CSV file, one workbook, a JSON or GraphML file that
        `liantu export` wrote, ``case:NAME``, or a store: a folder that `liantu import` wrote, or
        the address of a Neo4j server.
    mapping
        A TOML file, or its content as a dictionary, that says what the columns of foreign tables
        mean; without it the tables are in liantu's own shape, unless the folder's ``network.toml``
        holds a mapping. A workbook that `liantu draft` wrote and a person ticked says what was not
        clear; a list holds a mapping and such workbooks. ``对照表.xlsx`` in a folder is read along.
    create_missing
        Make nodes of ends that no table lists, instead of refusing them.

    Raises
    ------
    RequestError
        If the source or the mapping cannot be read at all.
    DataError
        If the data has errors; `problems` lists every one.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "结对帮扶.csv"
    ...     _ = path.write_text("支援校,受援校\n甲小学,乙小学\n", encoding="utf-8")
    ...     network = read(path)
    >>> network
    <Network: 2 school, 1 assists>
    """
    network, report = examine(source, mapping=mapping, create_missing=create_missing)
    if network is None:
        empty = [problem for problem in report.problems if problem.code == "only_examples"]
        raise DataError(report.of("error") or empty)
    return network


def examine(
    source: str | Path, *, mapping: Mapped | None = None, create_missing: bool = False
) -> tuple[Network | None, LoadReport]:
    """Open a source and return what loading found, errors included.

    Returns
    -------
    Network or None, LoadReport
        None if there is an error or nothing but examples; the report lists every problem.

    Raises
    ------
    RequestError
        If the source or the mapping cannot be read at all.
    """
    if is_store(source):
        return _stored(source, mapping, create_missing)
    seen = look(source, mapping=mapping, create_missing=create_missing, keep=False)
    return seen.network, seen.report


@dataclass(frozen=True)
class Look:
    """What reading a source of tables saw.

    Attributes
    ----------
    sheets
        The raw cells of every table.
    ticks
        What was ticked in drafts.
    mapped
        Whether a mapping said what the tables mean.
    context
        The load with its nodes; None if the source is exactly as liantu wrote it.
    """

    network: Network | None
    report: LoadReport
    sheets: Mapping[Place, Sheet]
    ticks: Ticks
    mapped: bool
    context: Context | None


def look(
    source: str | Path, *, mapping: Mapped | None = None, create_missing: bool = False,
    keep: bool = True,
) -> Look:  # fmt: skip
    """Open a source of tables and return all that loading saw.

    Unless they are to be kept, cells that are not needed any more are let go on the way.

    Raises
    ------
    RequestError
        If the source, the mapping or a draft cannot be read at all.
    """
    found = find(source)
    settings = Settings() if found.settings is None else read_settings(found.settings)
    blocks, title, as_of = settings.blocks, settings.title, settings.as_of
    given, drafts = _rules_and_drafts(mapping)
    ticks = read_ticks([*([found.draft] if found.draft else []), *drafts])
    chosen, file = given if given is not None else settings.mapping, found.settings or Path()
    if chosen is not None:
        rules, file = rules_of(chosen)
        blocks = rules.blocks
        title, as_of = title or rules.title, as_of or rules.as_of
    check_places(blocks, name_of(file), server=False)
    findings = Findings()
    for path in found.others:
        findings.add("warning", "no_table_file", (name_of(path), ""), value=name_of(path))
    mapped = bool(blocks)
    if not mapped and not ticks:
        whole, settings = as_written(found, settings)
        title, as_of = title or settings.title, as_of or settings.as_of
        if whole is not None:
            network, report = whole
            report = LoadReport(report.tables, (*findings.problems, *report.problems))
            network = network and network.replaced({}, report=report)
            return Look(network, report, {}, ticks, mapped, None)
        said = replace(settings, title=title, as_of=as_of)
        if not keep and (large := quick.examine(found, said, findings)) is not None:
            return Look(*large, {}, ticks, mapped, None)
    sheets: dict[Place, Sheet] = {}
    with collector.paused():
        if mapped and found.tables[0].suffix.lower() == ".graphml":
            parts = graph_parts(graphml.read(found.tables[0]), blocks, findings)
        else:
            sheets_of = partial(opened, findings=findings, seen=sheets, alone=not found.folder)
            parts = (
                _foreign(found, blocks, findings, sheets_of)
                if mapped
                else _own(found, findings, sheets_of, ticks)
            )
    said = replace(settings, title=title, as_of=as_of)
    name = "" if found.folder else name_of(found.tables[0])
    titles = {place: title_texts(sheet) for place, sheet in sheets.items()}
    if not keep:
        sheets.update({place: replace(sheet, rows=()) for place, sheet in sheets.items()})
    context = Context([], findings, mapped, create_missing, titles=titles)
    network, report = _network(context, parts, said, name, ticks, sheets, keep=keep)
    return Look(network, report, sheets, ticks, mapped, context)


def _rules_and_drafts(
    mapping: Mapped | None,
) -> tuple[Rules | None, list[Path]]:
    """Return the mapping and the drafts among what was given.

    Raises
    ------
    RequestError
        If there are several mappings.
    """
    given: Sequence[Rules] = []
    if isinstance(mapping, str | Path | Mapping):
        given = [mapping]
    elif mapping is not None:
        given = mapping
    drafts = [Path(m) for m in given if isinstance(m, str | Path) and is_draft(m)]
    rules = [m for m in given if not (isinstance(m, str | Path) and is_draft(m))]
    if len(rules) > 1:
        raise RequestError.of("several_mappings", value=rules[1], count=len(rules))
    return (rules[0] if rules else None), drafts


def assemble(
    parts: list[Part], findings: Findings, settings: Settings, name: str, *, mapped: bool,
    create_missing: bool,
) -> tuple[Network | None, LoadReport]:  # fmt: skip
    """Make a network of the parts of a source; `name` is what problems of the whole call it.

    The list of parts is taken over: cells are let go once they are typed.
    """
    context = Context([], findings, mapped, create_missing)
    return _network(context, parts, settings, name, Ticks(), {}, keep=False)


def _network(
    context: Context, parts: list[Part], settings: Settings, name: str, ticks: Ticks,
    sheets: Mapping[Place, Sheet], *, keep: bool,
) -> tuple[Network | None, LoadReport]:  # fmt: skip
    """Make a network of the parts of a source, and of what was ticked for it."""
    findings = context.findings
    frames = frames_of(context, parts, ticks)
    if ticks:
        check_ticks(context, sheets.keys(), ticks, mapped=context.foreign)
    nothing = not any(len(frames.get(kind, ())) for kind in schema.kinds())
    if nothing and not any(problem.severity == "error" for problem in findings.problems):
        # A template as it was written is sound, only there is nothing in it yet.
        examples = any(problem.code == "examples_skipped" for problem in findings.problems)
        if examples:
            findings.add("warning", "only_examples", (name, ""))
        else:
            findings.add("error", "no_nodes", (name, ""))
    locate = locator(context, frames)
    kept = dict(frames) if keep else {}
    # Nothing else holds these frames, so that each is gone once it has its final shape.
    built, report = build(
        {name: clean(name, frames.pop(name)) for name in tuple(frames)},
        as_of=settings.as_of,
        locate=locate,
        closed=True,
    )
    frames.update(kept)
    full = findings.report(report)
    if nothing or full.of("error"):
        return None, full
    network = Network(
        built, as_of=settings.as_of, title=settings.title, report=full, phases=settings.phases,
        goals=settings.goals,
    )  # fmt: skip
    return network, full


def _stored(
    source: str | Path, mapping: Mapped | None, create_missing: bool
) -> tuple[Network | None, LoadReport]:
    """Return what a store keeps; with a mapping, what somebody else's graph on a server means."""
    rules, drafts = _rules_and_drafts(mapping)
    if rules is not None or drafts:
        if not is_server(source) or rules is None or drafts:
            raise RequestError.of("store_mapped", value=source)
        from liantu.loaders import foreign_server

        return foreign_server.examine(str(source), mapping=rules, create_missing=create_missing)
    with open_store(source) as store:
        network = store.read()
    return network, network.report


def opened(
    path: Path, encoding: str = "auto", *, findings: Findings, seen: dict[Place, Sheet], alone: bool
) -> list[Sheet]:
    """Read a file and note its sheets; what keeps it from being a table is one problem."""
    try:
        found = read_file(path, encoding)
        if any(map(awaits_decision, found)):
            raise LiantuError.of("candidates_unmarked", value=name_of(path))
        seen.update({sheet.place: sheet for sheet in found})
        return found
    except LiantuError as error:
        for problem in error.problems:
            severity = "error"
            if problem.code == "empty_file" and not alone:
                severity = "warning"
            given = dict(problem.params)
            if problem.value:
                given["value"] = problem.value
            if problem.row is not None:
                given["row"] = problem.row
            findings.add(severity, problem.code, (name_of(path), problem.sheet), **given)  # type: ignore[arg-type]
        return []


def _own(
    found: Found, findings: Findings, sheets: Callable[..., list[Sheet]], ticks: Ticks
) -> list[Part]:
    parts: list[Part] = []
    for path in found.tables:
        parts += own.parts(sheets(path), findings, ticks)
    return parts


def _foreign(
    found: Found, blocks: tuple[Block, ...], findings: Findings, sheets: Callable[..., list[Sheet]]
) -> list[Part]:
    parts: list[Part] = []
    cache: dict[tuple[Path, str], list[Sheet]] = {}
    readings: foreign.Readings = {}
    files = {name_of(path): path for path in found.tables}
    unused = set(files)
    for block in blocks:
        names = foreign.wanted(block, list(files), folder=found.folder)
        unused -= set(names)
        if not names:
            near = nearest(block.file, files) or "–"
            findings.add("error", "mapping_file", value=block.file, nearest=near)
        for name in names:
            key = (files[name], block.encoding)
            if key not in cache:
                cache[key] = sheets(*key)
            if cache[key]:
                parts += foreign.parts(cache[key], block, findings, readings)
    for name in sorted(unused):
        findings.add("warning", "file_unmapped", (name, ""), value=name)
    return parts


def frames_of(context: Context, raw: list[Part], ticks: Ticks) -> Frames:
    """Type, name, resolve: from parts to one frame a table."""
    parts = context.parts = raw  # in place, so that what was is gone
    for number, part in enumerate(parts):
        parts[number] = without_people(part, context.findings)
    if not context.foreign:
        for kind in schema.kinds():
            similar_ids(context, kind)
    for number, part in enumerate(parts):
        parts[number] = dated(typed(part, context.findings), context.findings)
    frames = _joined(parts)
    for number, part in enumerate(parts):  # what is asked for from here on: places and headers
        parts[number] = replace(part, frame=part.frame.iloc[:0], rows=part.rows[:0], trimmed={})
    apply_people(context, frames, ticks)
    for name in schema.relations():
        if name in frames:
            prepare(context, frames, name)
    apply_names(context, frames, ticks)
    load_kind(context, frames, "region")
    narrowing_regions(context, frames)
    for kind in ORDER[1:]:
        if kind == "teacher":
            teacher_schools(context, frames)
            name_people(context, frames)
        load_kind(context, frames, kind)
    teachers = context.directories["teacher"]
    before = teachers.told

    def known(resolved: bool) -> pd.DataFrame:
        return pd.concat([before(), teacher_pairs(frames, resolved=resolved)])

    for name in ("works_at", *(n for n in schema.relations() if n != "works_at")):
        if name in frames and len(frames[name]):
            teachers.learn(partial(known, name != "works_at"))
            resolve_ends(context, frames, name)
    found_alliances(context, frames)
    awaited(context, frames)
    employ(context, frames)
    if "observations" in frames:
        frames["observations"] = _observed(context, frames["observations"])
    for kind, nodes in context.created.items():
        fresh = pd.DataFrame(nodes, dtype="str").assign(**{PART: -1, ROW: -1})
        context.findings.made(kind, "nodes_made", len(fresh))
        frames[kind] = pd.concat([frames[kind], fresh], ignore_index=True)
    for frame in frames.values():
        numbers, rows = frame[PART].to_numpy(), frame[ROW].to_numpy()
        for number in range(numbers.min(initial=0), numbers.max(initial=-1) + 1):
            if number >= 0 and (own := rows[numbers == number]).size:
                context.findings.used(context.parts[number].place, own)
    return frames


def _joined(parts: list[Part]) -> Frames:
    """Put the parts of a table one below the other; every column keeps its type."""
    grouped: dict[str, list[pd.DataFrame]] = {}
    for number, part in enumerate(parts):
        frame = part.frame.copy(deep=False)
        frame[PART], frame[ROW] = np.int32(number), part.rows.astype(np.int32)
        grouped.setdefault(part.table, []).append(frame)
    frames: Frames = {}
    for table, pieces in grouped.items():
        dtypes: dict[str, Any] = {}
        for piece in pieces:
            dtypes |= {str(name): dtype for name, dtype in piece.dtypes.items()}
        for position, piece in enumerate(pieces):
            piece = piece.copy(deep=False)
            for name, dtype in dtypes.items():
                if name not in piece:
                    piece[name] = pd.Series(None, index=piece.index, dtype=dtype)
            pieces[position] = piece[list(dtypes)]
        frames[table] = pd.concat(pieces, ignore_index=True)
    return frames


def _observed(context: Context, frame: pd.DataFrame) -> pd.DataFrame:
    """Resolve the nodes that figures belong to."""
    blank = pd.Series(None, index=frame.index, dtype="str")
    if "value" in frame or "text" in frame:
        nothing = frame["value"].isna() if "value" in frame else blank.isna()
        nothing &= frame["text"].isna() if "text" in frame else True
        context.count(frame[nothing], "rows_skipped")
        context.summed("info", "empty_observation", "value", frame[nothing])
        frame, blank = frame[~nothing], blank[~nothing]
    named = frame.get("_name", blank)
    kinds = frame.get("kind", blank).fillna("school")
    asked = Asked(frame["id"].fillna(named), hint=kinds)
    every = schema.kinds()
    found = resolve(context, "id", frame, every, asked, optional=False)
    return frame.assign(id=found["id"], kind=found["kind"])[~found["lost"]].reset_index(drop=True)


def clean(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with only the columns that are stored; own ones as one."""
    frame = folded(frame)
    return frame[[c for c in frame.columns if c in schema.tables()[name].columns]]


def locator(context: Context, frames: Frames) -> Any:
    """Return a function that finds file, sheet and row of a frame's row."""
    places = {
        name: (frame[PART].to_numpy(), frame[ROW].to_numpy()) for name, frame in frames.items()
    }

    def locate(table: str, position: int) -> Mapping[str, Any]:
        if table not in places:
            return {}
        part, row = int(places[table][0][position]), int(places[table][1][position])
        if part < 0:
            return {}
        file, sheet = context.parts[part].place
        return {"file": file, "sheet": sheet, "row": row}

    return locate

"""Large folders of own shape without anything to repair or to ask: read as codes, not as text.

The road is taken as far as every cell means what it says: ends are ids, codes are keys, dates are
ISO, nothing is blank that must not be. Else the whole source is read like any other list, so that
what is told is the same. What a cell means is found by the same functions, for distinct texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from liantu.errors import RequestError
from liantu.graph import checks, schema
from liantu.graph.build import settle
from liantu.graph.columns import ascending, places_among
from liantu.graph.columns import series as text_series
from liantu.graph.frames import Frames
from liantu.graph.load_report import LoadReport
from liantu.graph.network import Network
from liantu.graph.numbering import Codes, Numbering, numbering
from liantu.graph.personal_numbers import sort_of
from liantu.loaders import own
from liantu.loaders.batches import Batched, batched
from liantu.loaders.cells import Part, typed
from liantu.loaders.dates import dated
from liantu.loaders.dittos import MARKS, NOTHING
from liantu.loaders.findings import Findings
from liantu.loaders.mapping import Settings
from liantu.loaders.people import without_people
from liantu.loaders.several import MAYBE
from liantu.loaders.sources import TEXT, Found
from liantu.loaders.template import example_ids
from liantu.loaders.ticks import Ticks
from liantu.stores.held import HeldTable
from liantu.stores.lazy import StoredRows
from liantu.stores.tables import array, blank, series

LARGE = 1 << 23  # bytes of a source; less is read at once whatever way
_ISO = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_ODD = r"^(?:#|Err:)"  # a failed formula
_TOTAL = "计"
# Problems that tell of rows that are read nevertheless, and quote no end.
_TOLD = {
    *("same_event", "old_open_posting", "home_missing", "after_as_of", "prefix_stage"),
    *("zero_coordinates", "swapped_coordinates", "no_table_file"),
}


class _OddError(Exception):
    """Something is to be repaired, told or asked."""


def examine(
    found: Found, settings: Settings, findings: Findings
) -> tuple[Network, LoadReport] | None:
    """Return the network and the report of a large folder; None if it is to be read as usual.

    Parameters
    ----------
    found
        What the source holds.
    settings
        Its settings, with title and date.
    findings
        What was found before its tables were read.
    """
    if not found.folder or sum(path.stat().st_size for path in found.tables) < LARGE:
        return None
    told = Findings()
    told.problems += findings.problems
    try:
        return _network(found, settings, told)
    except _OddError:
        return None


def _demand(fact: object) -> None:
    if not fact:
        raise _OddError


def _network(found: Found, settings: Settings, findings: Findings) -> tuple[Network, LoadReport]:
    cells: dict[str, _Cells] = {}
    for path in found.tables:
        _demand(path.suffix.lower() in TEXT)
        read = batched(path)
        if read is None:
            raise _OddError
        one = _cells(read, findings)
        _demand(one.part.table not in cells)
        cells[one.part.table] = one
    nodes = _nodes(cells)
    places = {name: one.part.place for name, one in cells.items()}
    tables = {name: _table(cells.pop(name), nodes) for name in tuple(cells)}

    def locate(name: str, position: int) -> Mapping[str, Any]:
        if name in nodes.orders:
            position = int(nodes.orders[name][position])
        file, sheet = places[name]
        return {"file": file, "sheet": sheet, "row": position + 2}

    known = [*tables, *(name for name in schema.tables() if name not in tables)]
    frames = {name: _checked(tables.get(name) or _Table(name, 0)) for name in known}
    problems = checks.check(frames, settings.as_of, locate, resolved=True)
    del frames
    counts: list[dict[str, Any]] = []
    held: dict[str, HeldTable] = {}
    for name in schema.tables():
        if name not in tables or not tables[name].rows:
            continue
        table = tables.pop(name)
        if schema.tables()[name].nature != "kind":
            frame, row = settle(name, _whole(table, nodes), problems, locate, merge=True)
            counts += [row] if row else []
            table = _settled(table, frame)
        numbers = {end: nodes.numbers(name, end, codes) for end, codes in table.ends.items()}
        held[name] = HeldTable(name, table.rows, table.columns, numbers, nodes.ids_of)
    _demand({problem.code for problem in problems} <= _TOLD)
    report = findings.report(LoadReport(tuple(counts), tuple(problems)))
    network = Network(
        Frames({}, StoredRows(held, partial(RequestError.of, "store_damaged"))),
        as_of=settings.as_of, title=settings.title, report=report, phases=settings.phases,
        goals=settings.goals,
    )  # fmt: skip
    return network, report


# -- files ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Cells:
    """The cells of a table: what its first records say of it, and all its columns by name."""

    part: Part
    rows: int
    columns: dict[str, pa.ChunkedArray]
    first: str  # the column that stands first


def _cells(read: Batched, findings: Findings) -> _Cells:
    """Return the cells of a file; what is counted is that of all its rows."""
    before = len(findings.problems)
    parts = own.parts([read.sample], findings, Ticks())
    _demand(len(parts) == 1 and len(findings.problems) == before)
    part, names = parts[0], [cell.strip() for cell in read.sample.rows[0]]
    columns = schema.tables()[part.table].columns
    places = {key: names.index(name) for key, name in part.headers.items() if name in names}
    places = {key: place for key, place in places.items() if key in columns}
    _demand(len(set(places.values())) == len(places) == len(names))
    _demand(all(key in places or not (part.frame[key] != "").any() for key in part.frame))
    _demand(not any(map(sort_of, names)) and len(part.frame) == len(read.sample.rows) - 1)
    findings.count(part.place, "rows_read", read.rows - len(part.frame))
    if read.rows:
        findings.used(part.place, np.arange(2, read.rows + 2, dtype=np.int32))
    first = next(key for key, place in places.items() if not place)
    return _Cells(part, read.rows, {k: read.columns[n] for k, n in places.items()}, first)


def _meant(cells: _Cells, key: str, words: pa.Array) -> pa.Array:
    """Return what texts of a column mean, if none of them is to be repaired or told."""
    part, header = cells.part, cells.part.headers[key]
    odd = pa.array({*MARKS, *NOTHING, *example_ids(), header}, words.type)
    _demand(not pc.any(pc.is_in(words, value_set=odd)).as_py())
    _demand(not pc.any(pc.match_substring_regex(words, _ODD)).as_py())
    _demand(key != cells.first or not pc.any(pc.match_substring(words, _TOTAL)).as_py())
    _demand(pc.utf8_trim_whitespace(words).equals(words))
    column = schema.tables()[part.table].columns[key]
    if column.is_date:
        _demand(pc.all(pc.match_substring_regex(words, _ISO)).as_py() is not False)
    told = Findings()
    given = pd.DataFrame({key: text_series(words)})
    asked = Part(part.table, part.place, given, np.arange(len(given)), headers={key: header})
    frame = dated(typed(without_people(asked, told), told), told).frame
    _demand(not told.problems and list(frame) == [key])
    found = array(frame[key], column)
    _demand(not found.null_count)
    return found


# -- nodes ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Nodes:
    """The ids of each kind in order, and which row each came from where they were not."""

    ids: Mapping[str, pa.Array]
    orders: Mapping[str, np.ndarray]

    @cached_property
    def numbering(self) -> Numbering:
        return numbering({kind: len(self.ids[kind]) for kind in schema.kinds()})

    def firsts(self, kinds: tuple[str, ...]) -> dict[str, int]:
        """Return the place of the first node of each kind, the kinds one after the other."""
        sizes = [len(self.ids[kind]) for kind in kinds]
        return dict(zip(kinds, np.cumsum([0, *sizes]).tolist(), strict=False))

    def numbers(self, name: str, end: str, codes: Codes) -> Codes:
        """Return the numbers of nodes by their places among the kinds that an end may be of."""
        found, kinds = np.empty(len(codes), dtype=np.int32), schema.tables()[name].ends(end)
        for kind, first in self.firsts(kinds).items():
            here = (codes >= first) & (codes < first + len(self.ids[kind]))
            found[here] = codes[here] + np.int32(self.numbering.base(kind) - first)
        return found

    def ids_of(self, numbers: Codes) -> pa.Array:
        """Return the ids of nodes by their numbers, with a dictionary."""
        used = np.zeros(self.numbering.total, dtype=bool)
        used[numbers] = True
        codes = (np.cumsum(used, dtype=np.int32) - np.int32(1))[numbers]
        texts = []
        for kind, ids in self.ids.items():
            first, beyond = self.numbering.span(kind)
            texts.append(ids.filter(pa.array(used[first:beyond])))
        words = pa.concat_arrays(texts)
        kinds = sum(len(each) > 0 for each in texts)
        if kinds > 1 and len(pc.unique(words)) < len(words):  # one id of several kinds
            return words.take(pa.array(codes)).dictionary_encode()
        return pa.DictionaryArray.from_arrays(pa.array(codes), words)


def _nodes(cells: Mapping[str, _Cells]) -> _Nodes:
    ids: dict[str, pa.Array] = {}
    orders: dict[str, np.ndarray] = {}
    for kind in schema.kinds():
        ids[kind] = pa.array([], pa.large_string())
        if kind not in cells or not cells[kind].rows:
            continue
        texts = _joined(cells[kind].columns.pop("id", None))
        _demand(pc.min(pc.binary_length(texts)).as_py())
        # Whatever names a node is one of these, so that it is plain, too.
        _demand(not pc.any(pc.match_substring_regex(texts, MAYBE)).as_py())
        _demand(_meant(cells[kind], "id", texts).equals(texts))
        if not ascending(text_series(texts)):
            orders[kind] = pc.sort_indices(texts).to_numpy().astype(np.int64)
            texts = texts.take(pa.array(orders[kind]))
            _demand(ascending(text_series(texts)))  # no id twice
        ids[kind] = texts
    found = _Nodes(ids, orders)
    _demand(found.numbering.total)
    return found


def _joined(cells: pa.ChunkedArray | None) -> pa.Array:
    """Return cells as one array of text."""
    if cells is None:
        raise _OddError
    return pa.concat_arrays(cells.cast(pa.large_string()).chunks)


def _unified(cells: pa.ChunkedArray) -> pa.Array:
    """Return cells as one array with a dictionary."""
    coded = cells if pa.types.is_dictionary(cells.type) else cells.dictionary_encode()
    return pa.concat_arrays(coded.unify_dictionaries().chunks)


# -- tables --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Table:
    """The rows of a table: columns in their type, text with a dictionary in order, ends as places.

    The places are those among the nodes of all kinds that an end may be of.
    """

    name: str
    rows: int
    columns: Mapping[str, pa.Array] = field(default_factory=dict)
    ends: Mapping[str, Codes] = field(default_factory=dict)


def _table(cells: _Cells, nodes: _Nodes) -> _Table:
    name, table = cells.part.table, schema.tables()[cells.part.table]
    columns: dict[str, pa.Array] = {}
    texts: dict[str, pa.ChunkedArray] = {}
    if table.nature == "kind" and cells.rows:
        columns["id"] = nodes.ids[name]
    for key, column in table.columns.items():
        given = cells.columns.pop(key, None)
        if key in columns or not cells.rows:
            continue
        if column.type in ("end", "id"):
            _demand(given is not None)
            texts[key] = given
            continue
        if given is not None:
            columns[key] = _column(cells, key, given)
        if column.default:
            columns[key] = _defaulted(columns.get(key), column, cells.rows)
        if key in columns and column.type == "ref":
            _demand((places_among(columns[key].dictionary, nodes.ids[column.values[0]]) >= 0).all())
    if name in nodes.orders:
        order = pa.array(nodes.orders[name])
        moved = {key: cells.take(order) for key, cells in columns.items() if key != "id"}
        columns = {"id": columns["id"], **moved} if "id" in columns else moved
    ends: dict[str, Codes] = {}
    if table.is_relation:
        ends = {end: _end(table, end, texts[end], columns, nodes) for end in texts}
        if len(ends) == 2:
            source, target = (nodes.numbers(name, end, codes) for end, codes in ends.items())
            same = source[source == target]
            within = name == "delivers"  # an alliance or a centre may deliver within itself
            first, beyond = nodes.numbering.span("school")
            _demand(not (((same >= first) & (same < beyond)) if within else same >= 0).any())
    elif "id" in texts:  # of observations
        every = nodes.firsts(schema.kinds())
        _places(texts["id"], columns["kind"], every, nodes)
        columns["id"] = _coded(texts["id"])
        _demand("value" in columns or "text" in columns)
        said = [columns[key].is_valid() for key in ("value", "text") if key in columns]
        _demand(pc.all(said[0] if len(said) == 1 else pc.or_(*said)).as_py())
    return _Table(name, cells.rows, columns, ends)


def _column(cells: _Cells, key: str, given: pa.ChunkedArray) -> pa.Array:
    """Return a column in its type; empty cells are missing."""
    column, texts = schema.tables()[cells.part.table].columns[key], _coded(given)
    _demand(key != cells.first or not texts.null_count)
    found = _meant(cells, key, texts.dictionary)
    if column.dtype != "str":
        return found.take(texts.indices)
    words = pc.cast(found, pa.large_string())
    if column.type in ("text", "name", "ref"):
        _demand(words.equals(texts.dictionary))
    if words.equals(texts.dictionary):
        return texts
    meaning = words.dictionary_encode()  # several words for one code
    codes = meaning.indices.take(texts.indices)
    return _coded(pa.chunked_array([pa.DictionaryArray.from_arrays(codes, meaning.dictionary)]))


def _coded(cells: pa.ChunkedArray) -> pa.Array:
    """Return cells with one dictionary of their texts, in order; empty cells are missing."""
    found = _unified(cells)
    words = found.dictionary.cast(pa.large_string())
    order = pc.sort_indices(words).to_numpy().astype(np.int64)
    words = words.take(pa.array(order))
    ranks = np.empty(len(order) + 1, dtype=np.int32)
    ranks[order], ranks[-1] = np.arange(len(order)), -1
    blank_first = len(words) > 0 and words[0].as_py() == ""
    if blank_first:
        words, ranks = words[1:], np.maximum(ranks - 1, -1)
    codes = ranks[found.indices.fill_null(-1).to_numpy(zero_copy_only=False)]
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), words)


def _defaulted(given: pa.Array | None, column: schema.Column, rows: int) -> pa.Array:
    """Return a column with its default in empty cells."""
    if column.type == "bool":
        default = column.default == "true"
        return pa.array(np.full(rows, default)) if given is None else pc.fill_null(given, default)
    if given is None:
        words = pa.array([column.default], pa.large_string())
        return pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, dtype=np.int32)), words)
    if not given.null_count:
        return given
    words = pa.concat_arrays([given.dictionary, pa.array([column.default], pa.large_string())])
    codes = given.indices.fill_null(len(words) - 1)
    texts = words.dictionary_encode()
    codes = texts.indices.take(codes)
    return _coded(pa.chunked_array([pa.DictionaryArray.from_arrays(codes, texts.dictionary)]))


def _end(
    table: schema.Table, end: str, texts: pa.ChunkedArray, columns: Mapping[str, pa.Array],
    nodes: _Nodes,
) -> Codes:  # fmt: skip
    """Return the places of the nodes that an end names by their ids."""
    kinds = nodes.firsts(table.ends(end))
    if len(kinds) > 1:
        _demand(f"{end}_kind" in columns)
        return _places(texts, columns[f"{end}_kind"], kinds, nodes)
    ids = nodes.ids[table.ends(end)[0]]
    if pa.types.is_dictionary(texts.type):
        coded = _unified(texts)
        words = coded.dictionary.cast(pa.large_string())
        found = places_among(words, ids)[coded.indices.to_numpy()]
    else:
        found = places_among(_joined(texts), ids)
    _demand((found >= 0).all())
    codes: Codes = found.astype(np.int32)
    return codes


def _places(
    texts: pa.ChunkedArray, said: pa.Array, firsts: Mapping[str, int], nodes: _Nodes
) -> Codes:
    """Return the places of nodes by their ids and the kinds that are said."""
    _demand(not said.null_count)
    if pa.types.is_dictionary(texts.type):  # as many look-ups as ids, not rows
        coded = _unified(texts)
        words, codes = coded.dictionary.cast(pa.large_string()), coded.indices.to_numpy()
    else:
        words = _joined(texts)
        codes = np.arange(len(words))
    kinds = said.indices.to_numpy()
    found = np.full(len(codes), -1, dtype=np.int32)
    before: list[str] = []
    for kind, first in firsts.items():
        number = said.dictionary.index(kind).as_py()
        here = np.flatnonzero(kinds == number) if number >= 0 else kinds[:0]
        if len(here):
            used = np.zeros(len(words), dtype=bool)
            used[codes[here]] = True
            mine = words.filter(pa.array(used))
            among = np.full(len(words), -1, dtype=np.int32)
            among[used] = places_among(mine, nodes.ids[kind])
            _demand((among[used] >= 0).all())
            # The id of a node of another kind might come first.
            _demand(all((places_among(mine, nodes.ids[other]) < 0).all() for other in before))
            found[here] = among[codes[here]] + np.int32(first)
        before.append(kind)
    _demand((found >= 0).all())
    return found


# -- frames --------------------------------------------------------------------------------------


def _checked(table: _Table) -> pd.DataFrame:
    """Return a table as the checks ask for it: repeated texts as categories, ends as places."""
    asked = {
        key: column
        for key, column in schema.tables()[table.name].columns.items()
        if column.type not in ("text", "name") or key == "datum" or column.required
    }
    return _framed(table, asked)


def _whole(table: _Table, nodes: _Nodes) -> pd.DataFrame:
    """Return a whole table, repeated texts and ends as categories."""
    own = schema.tables()[table.name]
    frame = _framed(table, own.columns)
    for end in table.ends:
        size = sum(len(nodes.ids[kind]) for kind in own.ends(end))
        codes = frame[end].to_numpy()
        places = pd.RangeIndex(size)
        frame[end] = pd.Categorical.from_codes(codes, categories=places, validate=False)
    return frame


def _framed(table: _Table, asked: Mapping[str, schema.Column]) -> pd.DataFrame:
    found: dict[str, Any] = {}
    blanks: dict[str, Any] = {}  # the empty columns of a type are one
    for key, column in asked.items():
        if key in table.ends:
            found[key] = table.ends[key]
        elif key not in table.columns:
            if column.dtype not in blanks:
                blanks[column.dtype] = blank(table.rows, column)
            found[key] = blanks[column.dtype]
        elif pa.types.is_dictionary(table.columns[key].type) and key != "parent":
            cells = table.columns[key]
            codes = cells.indices.fill_null(-1).to_numpy(zero_copy_only=False)
            found[key] = pd.Categorical.from_codes(codes, pd.Index(text_series(cells.dictionary)))
        else:
            found[key] = series(pa.chunked_array([table.columns[key]]), column)
    return pd.DataFrame(found, index=pd.RangeIndex(table.rows), copy=False)


def _settled(table: _Table, frame: pd.DataFrame) -> _Table:
    """Return a table in the order of a frame that was made of it."""
    columns: dict[str, pa.Array] = {}
    for key, cells in table.columns.items():
        if pa.types.is_dictionary(cells.type):
            codes = frame[key].cat.codes.to_numpy().astype(np.int32)
            codes = pa.array(codes, mask=codes < 0)
            columns[key] = pa.DictionaryArray.from_arrays(codes, cells.dictionary)
        else:
            columns[key] = array(frame[key], schema.tables()[table.name].columns[key])
    ends = {end: frame[end].cat.codes.to_numpy().astype(np.int32) for end in table.ends}
    return _Table(table.name, len(frame), columns, ends)

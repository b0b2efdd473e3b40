"""From the rows that a person has taken over to a folder of tables, checked as any source."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from liantu.errors import DataError, Problem, RequestError
from liantu.exchange import check_out, export
from liantu.extract.book import BEFORE, BEHIND, CLAIM_COLUMNS, DECISIONS, columns, title
from liantu.extract.candidates import CLAIMS
from liantu.extract.claims import measures, toml
from liantu.formats.files import check_apart
from liantu.graph import schema
from liantu.graph.network import Network
from liantu.loaders import examine
from liantu.loaders.sources import Sheet, missing, read_file
from liantu.loaders.template import header_of
from liantu.paths import name_of
from liantu.vocabulary import Lang, find, label

TAKEN = ("adopt", "amend")
# Where people are told by number, the columns that name their schools.
_SCHOOLS = {
    ("posted_to", "source"): "home",
    ("mentors", "source"): "mentor_school",
    ("mentors", "target"): "mentee_school",
}
_APART = re.compile(r"[、，,；;\n]")


@dataclass(frozen=True)
class Row:
    """A row of the workbook: its place, what was decided, and its cells by column."""

    table: str
    sheet: str
    number: int
    decision: str
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Accepted:
    """What a person decided, and the network of what was taken over."""

    network: Network
    decided: Mapping[str, int]  # rows by decision, "" for none
    claims: int


def accept(
    book: str | Path, out: str | Path, *, lang: Lang = "zh", force: bool = False, title: str = ""
) -> Accepted:
    """Write the rows that a person has marked to a folder of tables, with its claims.

    Only rows marked as adopted or amended are read. They are checked as any source; each keeps the
    text that it comes from and its place there.

    Parameters
    ----------
    book
        The workbook that `write_candidates` wrote and a person filled in.
    out
        The folder to write.
    lang
        Language of messages.
    force
        Replace tables that somebody may have changed.
    title
        Title of the network.

    Raises
    ------
    RequestError
        If the workbook cannot be read or used, nothing in it is marked, or the folder is taken.
    DataError
        If marked rows have errors; each with sheet and row of the workbook.
    """
    path, folder = Path(book), Path(out)
    if folder.suffix:
        raise RequestError.of("extract_folder", value=folder)
    check_out(folder, force=force)
    check_apart(folder, [path])
    done, text = taken_over(path, lang)
    named = title or done.network.title or folder.name
    beside = {"claims.toml": text} if text is not None else {}
    export(done.network, folder, beside=beside, lang=lang, title=named, force=force)
    return done


def taken_over(path: Path, lang: Lang) -> tuple[Accepted, bytes | None]:
    """Return what a person has marked in a workbook, and its claims as TOML.

    Raises
    ------
    RequestError, DataError
        As in `accept`.
    """
    rows = read_decided(path)
    taken = [row for row in rows if row.decision in TAKEN]
    if not taken:
        raise RequestError.of("extract_nothing", value=name_of(path), count=len(rows))
    claims = [row for row in taken if row.table == CLAIMS]
    ties = [row for row in taken if row.table != CLAIMS]
    if not ties:
        raise RequestError.of("extract_only_claims", value=name_of(path))
    text = toml(_claims(claims, name_of(path))) if claims else None
    network = _network(ties, name_of(path), lang).without_teacher_names()
    counted = Counter(row.decision for row in rows)
    return Accepted(network, counted, len(claims)), text


# -- reading -------------------------------------------------------------------------------------


def read_decided(path: Path) -> list[Row]:
    """Read every candidate of a workbook with what was decided, in either language.

    Raises
    ------
    RequestError
        If there is no such file, it is no workbook of candidates, or a decision is no known word.
    """
    if not path.is_file():
        raise missing(path, "source_missing")
    found: list[Row] = []
    problems: list[Problem] = []
    known = False
    for sheet in read_file(path):
        table = _table(sheet.sheet)
        head = _head(sheet)
        if table is None or head is None:
            continue
        known = True
        keys = _keys(table, sheet.rows[head])
        for number, cells in enumerate(sheet.rows[head + 1 :], head + 2):
            texts = {k: _text(c) for k, c in zip(keys, cells, strict=False) if k and c.strip()}
            if not texts:
                continue
            said = texts.pop("decision", "")
            decision = (find("decision", said) or "?") if said else ""
            if decision == "?":
                allowed = " / ".join(label(word, "zh", "decision") for word in DECISIONS)
                problems.append(
                    Problem("error", "extract_decision", name_of(path), sheet.sheet, number,
                            value=said, params={"allowed": allowed})
                )  # fmt: skip
            found.append(Row(table, sheet.sheet, number, decision, texts))
    if not known:
        raise RequestError.of("extract_no_book", file=name_of(path), value=name_of(path))
    if problems:
        raise RequestError(problems)
    return found


def _table(name: str) -> str | None:
    for table in (*schema.tables(), CLAIMS):
        if name in (title(table, "zh"), title(table, "en")):
            return table
    return None


def _head(sheet: Sheet) -> int | None:
    for number, row in enumerate(sheet.rows[:10]):
        if sum(find("extract", cell) in (*BEFORE, *BEHIND) for cell in row if cell) > 2:
            return number
    return None


def _keys(table: str, header: Sequence[str]) -> list[str]:
    known = {c.header: c.key for lang in ("en", "zh") for c in columns(table, lang)}
    return [known.get(cell.strip(), "") for cell in header]


def _text(cell: str) -> str:
    text = cell.strip()
    return text[:-2] if text.endswith(".0") and text[:-2].lstrip("-").isdigit() else text


# -- tables --------------------------------------------------------------------------------------


def _network(rows: Sequence[Row], file: str, lang: Lang) -> Network:
    """Return the network of marked rows, read as a source; problems name rows of the workbook."""
    tables: dict[str, list[Row]] = {}
    for row in rows:
        tables.setdefault(row.table, []).append(row)
    for row in _ends(rows):
        tables.setdefault(row.table, []).append(row)
    places: dict[tuple[str, int], tuple[str, int]] = {}
    with TemporaryDirectory() as scratch:
        for table, members in tables.items():
            path = Path(scratch, f"{table}.csv")
            _write(path, table, members)
            for number, row in enumerate(members, 2):
                places[path.name, number] = (row.sheet, row.number)
        network, report = examine(scratch)
    if network is None:
        raise DataError([_moved(problem, places, file, lang) for problem in report.of("error")])
    return network


def _moved(
    problem: Problem, places: Mapping[tuple[str, int], tuple[str, int]], file: str, lang: Lang
) -> Problem:
    sheet, row = places.get((problem.file, problem.row or 0), ("", 0))
    table = Path(problem.file).stem
    if table not in schema.tables():
        return replace(problem, file=file, row=None)
    sheet = sheet or title(table, lang)
    column = problem.column
    if column in schema.tables()[table].columns:
        column = header_of(table, _SCHOOLS.get((table, column), column), lang)
    value = column if problem.value == problem.column else problem.value
    return replace(problem, file=file, sheet=sheet, row=row or None, column=column, value=value)


def _ends(rows: Sequence[Row]) -> Iterator[Row]:
    """Yield a row for every name that a marked tie joins and no marked row lists.

    It has the place of the first tie that names it.
    """
    listed = {
        (row.table, name)
        for row in rows
        if row.table in schema.kinds()
        for name in (row.cells.get("name"), row.cells.get("id"))
        if name
    }
    for row in rows:
        cells = dict(row.cells)
        if row.table in schema.kinds():
            regions = [cells.get("region", ""), cells.get("parent", "")]
            named = [("region", region) for region in regions if region]
        else:
            named = list(_named(row))
        for kind, name in named:
            if (kind, name) not in listed:
                listed.add((kind, name))
                place = {k: text for k, text in cells.items() if k in ("file", "begin", "stop")}
                yield Row(kind, row.sheet, row.number, row.decision, {"name": name, **place})


def _named(row: Row) -> Iterator[tuple[str, str]]:
    table = schema.tables()[row.table]
    for key, text in row.cells.items():
        column, _, kind = key.partition(":")
        kind = kind or find("kind", row.cells.get(f"{column}_kind", "")) or ""
        about = table.columns.get(column)
        if about is None or about.type not in ("end", "ref") or kind == "teacher":
            continue
        for name in _APART.split(text):
            if name.strip():
                yield kind or about.values[0], name.strip()


def _write(path: Path, table: str, rows: Sequence[Row]) -> None:
    """Write rows in liantu's own shape."""
    plain = [key for key in schema.tables()[table].columns if key != "synthetic"]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, plain, restval="")
        writer.writeheader()
        for row in rows:
            cells = {}
            for key, text in row.cells.items():
                column, _, kind = key.partition(":")
                if column in plain:
                    cells[column] = text
                    if kind:
                        cells[f"{column}_kind"] = kind
            cells["provenance"] = row.cells.get("file", "")
            cells["place"] = _place(row)
            writer.writerow(cells)


def _place(row: Row) -> str:
    begin, stop = row.cells.get("begin", ""), row.cells.get("stop", "")
    return f"{begin}-{stop}" if begin and stop else ""


def _claims(rows: Sequence[Row], file: str) -> list[dict[str, str]]:
    """Return marked figures as claims.

    Raises
    ------
    RequestError
        If one cannot be used; each with its row.
    """
    found, problems = [], []
    named = {
        label(key, lang, "extract_measure"): key for key in measures() for lang in ("en", "zh")
    }
    for number, row in enumerate(rows, 1):
        cells = {key: row.cells.get(key, "") for key in CLAIM_COLUMNS}
        unit = find("unit", cells["unit"]) if cells["unit"] else ""
        measure = named.get(cells["measure"], "none" if not cells["measure"] else "")
        wrong = [
            ("value", not _is_number(cells["value"])),
            ("unit", unit is None),
            ("measure", not measure),
            ("comparison", cells["comparison"] not in ("", "=", ">=", "<=", "~")),
        ]
        for key, bad in wrong:
            if bad:
                problems.append(
                    Problem("error", "extract_cell", file, row.sheet, row.number,
                            label(key, "zh", "extract"), cells[key])
                )  # fmt: skip
        place = f"{row.cells.get('file', '')} {_place(row)}".strip()
        found.append(
            {**cells, "unit": unit or "", "measure": measure, "id": str(number), "place": place}
        )
    if problems:
        raise RequestError(problems)
    return found


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?", text) is not None

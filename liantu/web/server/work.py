"""What a worker does for the page: each task gets what is asked and gives what JSON has.

Whatever leaves here goes without teachers' names. Paths are those that the server has chosen; no
word of a browser becomes one.
"""

from __future__ import annotations

import os
import shutil
import sys
import traceback
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from liantu import progress
from liantu.errors import LiantuError, Problem, RequestError
from liantu.graph.load_report import sheets_unread, tables_read
from liantu.graph.network import Network
from liantu.vocabulary import Lang, cut, label, nearest
from liantu.web.server.options import LANGS, described, trimmed, values_of
from liantu.web.server.process import DEBUG

MOST_PROBLEMS = 5_000  # told one by one
_KEPT = 4  # regions that are in focus
_LONGEST = 200  # characters of what is picked

Asked = Mapping[str, Any]


@dataclass
class Desk:
    """The networks that a worker holds, by the folder of their store."""

    whole: dict[str, Network] = field(default_factory=dict)
    seen: OrderedDict[tuple[str, str], Network] = field(default_factory=OrderedDict)

    def open(self, asked: Asked) -> Network:
        """Return the network asked for, without teachers' names, a region in focus if one is."""
        key = (str(asked["store"]), str(asked.get("region") or ""))
        if key not in self.seen:
            base = key[0], ""
            if base not in self.seen:
                self.seen[base] = self.with_names(asked).without_teacher_names()
            if key[1]:
                self.seen[key] = self.seen[base].focus(key[1])
        self.seen.move_to_end(key)
        while len(self.seen) > _KEPT:
            self.seen.popitem(last=False)
        return self.seen[key]

    def with_names(self, asked: Asked) -> Network:
        """Return the network as it was read."""
        from liantu.stores import open_store

        store = str(asked["store"])
        if store not in self.whole:
            with open_store(store) as opened:
                self.whole[store] = opened.read()
        return self.whole[store]


def lang_of(asked: Asked) -> Lang:
    """Return the language asked for."""
    return "zh" if asked.get("lang") == "zh" else "en"


# -- answers --------------------------------------------------------------------------------------


def analyses(desk: Desk, asked: Asked) -> Any:  # noqa: ARG001
    """Return every analysis with its parameters."""
    from liantu.results import registry

    return [described(each) for each in registry().values()]


def analysis(desk: Desk, asked: Asked) -> Any:
    """Return the result of an analysis, or its file."""
    from liantu.results import find, registry

    found = find(str(asked["name"]))
    if found is None:
        near = nearest(str(asked["name"]), list(registry())) or "–"
        raise RequestError.of("serve_no_analysis", value=str(asked["name"]), nearest=near)
    values = values_of(found, asked.get("options", {}))
    network = desk.open(asked)
    progress.step("step_analyse", found.command)
    result = found.function(network, **values)
    if not asked.get("suffix"):
        wanted = set(str(asked.get("columns") or "").split(","))
        if wanted <= {"", *result.table.columns} and wanted != {""}:  # the others cost time
            kept = [key for key in result.table.columns if key in wanted]
            result = replace(result, table=result.table[kept], tables={})
        told = result.to_dict(lang_of(asked))
        return trimmed(told, asked.get("columns"), asked.get("limit"))
    from liantu.formats import to_csv, write_file, write_xlsx

    path = _file(asked, found.command, (".xlsx", ".csv"))
    if path.suffix == ".xlsx":
        write_xlsx(path, result, lang_of(asked))
    else:
        write_file(path, to_csv(result.table, lang_of(asked)).encode("utf-8-sig"))
    return {"file": path.name}


def whatif(desk: Desk, asked: Asked) -> Any:
    """Return what a plan changes: coverage at once, everything if ``whole`` is asked for."""
    from liantu.plans.quick import covered_after
    from liantu.plans.whatif import whatif as whole

    plan, given = _plan(asked), _counted(asked)
    network = desk.open(asked)
    if not asked.get("whole"):
        return covered_after(network, plan, **given).to_dict(lang_of(asked))
    progress.step("step_analyse", "whatif")
    network = desk.with_names(asked)
    if asked.get("region"):
        network = network.focus(str(asked["region"]))
    return whole(network, plan, show_teachers=False, **given).to_dict(lang_of(asked))


def _plan(asked: Asked) -> Any:
    """Return the plan as it is written; it is never the name of a file."""
    plan = asked.get("scenario")
    if not isinstance(plan, Mapping):
        raise RequestError.of("serve_bad_value", value=type(plan).__name__, option="scenario")
    return plan


def _counted(asked: Asked) -> dict[str, Any]:
    """Return how is counted, where it is said."""
    from liantu.results import find

    coverage = find("coverage")
    assert coverage is not None
    keys = ("as_of", "scope", "rural", "window")
    return values_of(coverage, {key: asked[key] for key in keys if asked.get(key)})


def scenario(desk: Desk, asked: Asked) -> Any:  # noqa: ARG001
    """Return a plan as the text of a file that `liantu whatif` takes."""
    from liantu.loaders.scenarios import read_scenario
    from liantu.plans.written import plan_text

    plan = _plan(asked)
    read_scenario(plan)
    return {"text": plan_text(plan)}


def feed(desk: Desk, asked: Asked) -> Any:
    """Return the data of the page."""
    from liantu.web.feed import feed as made

    progress.step("step_analyse", "page")
    given = {key: asked[key] for key in ("as_of", "months") if asked.get(key)}
    return made(desk.open(asked), **given)


def rungs(desk: Desk, asked: Asked) -> Any:
    """Return the rungs of one more day."""
    from liantu.web.feed import rungs_of_day

    return rungs_of_day(desk.open(asked), str(asked.get("as_of") or "") or None)


# -- files ----------------------------------------------------------------------------------------


def report(desk: Desk, asked: Asked) -> Any:
    """Write the report."""
    from liantu.reports import write_report

    given = {key: value for key, value in _counted(asked).items() if key != "window"}
    network = desk.open(asked)
    path = _file(asked, "report", formats())
    progress.step("step_write", path.name)
    lang, source = lang_of(asked), str(asked.get("source") or asked["title"])
    write_report(network, path, source=source, lang=lang, **given)
    return {"file": path.name}


def formats() -> tuple[str, ...]:
    """Return the suffixes of every format that a report may have."""
    from liantu.reports.write import WRITERS

    return tuple(suffix for suffix in WRITERS if suffix != ".htm")


def export(desk: Desk, asked: Asked) -> Any:
    """Write the network as a clean workbook."""
    from liantu.exchange import export as write

    network, path = desk.open(asked), _file(asked, str(asked["title"]), (".xlsx",))
    progress.step("step_write", path.name)
    title = network.title or network.masked(str(asked["title"]))
    lost = write(network, path, lang=lang_of(asked), title=title, force=True)
    return {"file": path.name, "notes": {lang: [m.text(lang) for m in lost] for lang in LANGS}}


def store(desk: Desk, asked: Asked) -> Any:
    """Write the network as a store, packed."""
    from liantu.stores.parquet import ParquetStore

    network, path = desk.open(asked), _file(asked, str(asked["title"]), (".zip",))
    progress.step("step_write", path.name)
    home = path.parent / "store"
    home.mkdir()
    with ParquetStore(home / f"{path.stem}.liantu") as kept:
        kept.write(network)
    shutil.make_archive(str(path.with_suffix("")), "zip", home)
    shutil.rmtree(home)
    return {"file": path.name}


def template(desk: Desk, asked: Asked) -> Any:  # noqa: ARG001
    """Write the workbook to fill in."""
    from liantu.loaders.template import write_template

    lang = lang_of(asked)
    path = _file(asked, label("serve_template", lang, "label"), (".xlsx",))
    write_template(path, lang)
    return {"file": path.name}


def _file(asked: Asked, stem: str, allowed: Sequence[str]) -> Path:
    """Return where a file goes: into the folder of the work, its name without any sign of paths."""
    suffix = str(asked.get("suffix") or allowed[0])
    if suffix not in allowed:
        raise RequestError.of("bad_suffix", value=suffix, allowed=" / ".join(allowed))
    return Path(asked["folder"]) / (safe_name(stem) + suffix)


def safe_name(text: str) -> str:
    """Return a text as the name of a file on any system.

    Examples
    --------
    >>> safe_name("../甲县 2024:一览?"), safe_name(""), safe_name("con.x")
    ('_甲县 2024_一览_', '_', '_con.x')
    """
    kept = "".join(c if c.isalnum() or c in " ._-（）()" else "_" for c in text)
    kept = kept.strip(" .")[:80].strip(" .")
    device = kept.split(".")[0].upper()
    reserved = {"CON", "PRN", "AUX", "NUL"} | {f"{d}{n}" for d in ("COM", "LPT") for n in range(10)}
    return f"_{kept}" if device in reserved or not kept else kept


# -- reading --------------------------------------------------------------------------------------


def read(desk: Desk, asked: Asked) -> Any:  # noqa: ARG001
    """Read what was dropped; keep the network if there is one, tell what was found in any case."""
    from liantu.loaders.reading import look
    from liantu.stores import open_store

    progress.step("step_read", str(asked["title"]))
    seen = look(Path(asked["source"]), mapping=[_ticked(asked)] if asked.get("rows") else None)
    opened = seen.network is not None
    if seen.network is not None:
        progress.step("step_write", str(asked["title"]))
        with open_store(asked["store"]) as kept:
            kept.write(seen.network)
    found = seen.report
    problems = [told(problem) for problem in found.problems[:MOST_PROBLEMS]]
    return {
        "opened": opened,
        "about": None if seen.network is None else about(seen.network),
        "errors": len(found.of("error")),
        "warnings": len(found.of("warning")),
        "problems": problems,
        "more_problems": max(len(found.problems) - MOST_PROBLEMS, 0),
        "totals": found.totals(),
        "tables": tables_read(found, str if seen.network is None else seen.network.masked),
        "unread_sheets": sheets_unread(found),
        "unclear": None if seen.context is None else _unclear(seen),
    }


def about(network: Network) -> dict[str, Any]:
    """Return what the list of networks says of one."""
    from liantu.graph import schema

    clean = network.without_teacher_names()
    counts = {name: network.size(name) for name in schema.tables() if network.size(name)}
    day = None if network.as_of is None else network.as_of.isoformat()
    return {"title": clean.title, "as_of": day, "counts": counts, "rows": sum(counts.values())}


def _unclear(seen: Any) -> dict[str, Any]:
    """Return what can be ticked, in both languages, and how much is left to the workbook.

    Texts about people stay out, and so do names that may be those of teachers.
    """
    from liantu.drafts.unclear import unclear

    found: dict[str, Any] = {}
    private = {problem.value for problem in seen.report.problems if problem.private}
    for lang in LANGS:
        rows = {name: list(each) for name, each in unclear(seen, lang).rows.items()}
        names = rows["names"]
        rows["names"] = [
            row
            for row in names
            if row["kind"] != label("teacher", lang, "kind")
            and (row["candidate_1"] or row["written"] not in private)
        ]
        left = len(rows.pop("people")) + len(names) - len(rows["names"])
        found[lang] = {**rows, "left": left, "choices": _choices(rows["columns"], lang)}
    return found


def _choices(columns: Sequence[Mapping[str, str]], lang: Lang) -> dict[str, Any]:
    """Return what may be picked for sheets and columns beside the candidates."""
    from liantu.graph import schema
    from liantu.loaders.template import header_words
    from liantu.loaders.ticks import LEFT_OUT

    tables = {table.label(lang): name for name, table in schema.tables().items()}
    read = {row["read_as"] for row in columns} & tables.keys()
    return {
        "leave_out": label(LEFT_OUT, lang, "draft_word"),
        "tables": list(tables),
        "columns": {name: list(header_words(tables[name], lang)) for name in sorted(read)},
    }


def _ticked(asked: Asked) -> Path:
    """Write what was ticked as the workbook that `liantu draft` would have written."""
    from liantu.drafts.book import write_book
    from liantu.drafts.rows import COLUMNS
    from liantu.drafts.unclear import Unclear

    rows: dict[str, list[dict[str, str]]] = {name: [] for name in COLUMNS}
    for name in ("names", "columns", "tables"):
        picks = asked["picks"].get(name)
        given = picks if isinstance(picks, Mapping) else {}
        for number, row in enumerate(asked["rows"][name]):
            pick = given.get(str(number), row["pick"])
            rows[name].append({**row, "pick": str(pick)[:_LONGEST]})
    path = Path(asked["draft"])
    write_book(path, Unclear(rows), lang_of(asked))
    return path


def told(problem: Problem) -> dict[str, Any]:
    """Return a problem without what may name a teacher, in both languages."""
    problem = problem.hidden()
    names = ("severity", "code", "file", "sheet", "row", "column", "value")
    found = {name: getattr(problem, name) for name in names}
    row: dict[str, Any] = {k: cut(v) if isinstance(v, str) else v for k, v in found.items()}
    for key, words in (("message", problem.message), ("remedy", problem.remedy)):
        row[key] = {lang: words(lang) for lang in LANGS}
    row["line"] = {lang: problem.line(lang) for lang in LANGS}
    return row


TASKS: Mapping[str, Callable[[Desk, Asked], Any]] = {
    each.__name__: each
    for each in (
        *(analyses, analysis, whatif, scenario, feed, rungs, report, export, store, template, read),
    )
}


def reason(code: str) -> dict[str, Any]:
    """Return what is said where nothing was found for a reason that is known."""
    return {"errors": [told(Problem("error", code))]}


def noted(error: BaseException) -> None:
    """Write where an unforeseen error arose to standard error, if ``--debug`` asks for it.

    Only our own lines and the kind of error are written: its words may quote the data.
    """
    if isinstance(error, LiantuError) or not os.environ.get(DEBUG):
        return
    places = "".join(traceback.format_tb(error.__traceback__))
    print(f"{places}{type(error).__name__}", file=sys.stderr, flush=True)


def failure(error: BaseException) -> tuple[int, dict[str, Any]]:
    """Return the status and what is said of an error; nothing of what no one foresaw is quoted."""
    from liantu.errors import OptionError

    status, problems = 422, [Problem("error", "serve_failed", value=type(error).__name__)]
    if isinstance(error, LiantuError):
        status, problems = 400 if isinstance(error, OptionError) else 422, list(error.problems)
        if problems and problems[0].code == "serve_no_analysis":
            status = 404
    elif isinstance(error, MemoryError):
        problems = [Problem("error", "out_of_memory")]
    else:
        status = 500
    return status, {"errors": [told(problem) for problem in problems[:MOST_PROBLEMS]]}

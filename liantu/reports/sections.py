"""The sections of the report: each takes what was asked and gives blocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from liantu import vocabulary
from liantu.analyses import registry
from liantu.analyses._core import Result
from liantu.analyses.centrality import ranked
from liantu.analyses.timeline import meant
from liantu.errors import LiantuError, Message
from liantu.graph import schema
from liantu.graph.study import study
from liantu.options import plus
from liantu.plots import network_picture, plot, svg
from liantu.plots.charts import region_depths
from liantu.plots.picture import located
from liantu.reports.asked import Asked
from liantu.reports.audit import audited
from liantu.reports.blocks import (
    Block,
    Cells,
    Fact,
    Facts,
    Items,
    Picture,
    Section,
    Table,
    Text,
    look,
)

ROWS = 30  # rows of a table
FEW = 10  # rows of a table that only gives an impression
COLUMNS = 8  # columns of such a table
_CENTRAL = ("name", "kind", "support_rank")


def sections(asked: Asked) -> tuple[Section, ...]:
    """Return every section in order; one for each registered analysis that has none of its own."""
    own: list[tuple[str, Callable[[Asked], list[Block]]]] = [
        ("in_data", _in_data),
        ("headline", _headline),
        ("ladder", _ladder),
        ("uncovered_list", _uncovered),
        ("leaning", _leaning),
        ("expiring", _expiring),
        ("picture", _picture),
    ]
    found = [Section(key, _title(key, asked), tuple(make(asked))) for key, make in own]
    for name in registry():
        if name not in ("coverage", "reach"):
            blocks = tuple(_generic(asked, name))
            found.append(Section(name, _heading(asked, name), blocks))
    if blocks := tuple(audited(asked)):
        found.append(Section("audit", say("audit", asked), blocks))
    found.append(Section("assumptions", say("assumptions", asked), tuple(_assumptions(asked))))
    return tuple(found)


def say(key: str, asked: Asked) -> str:
    """Return a word of the report."""
    return vocabulary.label(key, asked.lang, "label")


def _title(key: str, asked: Asked) -> str:
    rural = key == "uncovered_list" and asked.scope == "rural"
    return say("uncovered_rural_list" if rural else key, asked)


def _tell(asked: Asked, code: str, **params: object) -> str:
    return Message(code, params).text(asked.lang)


def table(
    asked: Asked,
    title: str,
    frame: pd.DataFrame,
    columns: Sequence[str],
    command: str,
    rows: int = ROWS,
    heads: Mapping[str, str] | None = None,
) -> Table:
    """Return the first rows of a frame as a table that says how many there are.

    `heads` gives columns another head than their term: a key of the report's words.
    """
    shown, cells, words = frame.head(rows), Cells(asked.network, asked.lang), heads or {}
    columns = [key for key in columns if key == columns[0] or frame[key].notna().any()]
    texts = cells.frame(shown, columns)
    cap = ""
    if len(frame) > rows:
        cap = _tell(asked, "first_rows", shown=rows, total=f"{len(frame):,}", command=command)
    return Table(
        title=title,
        head=tuple(
            say(words[key], asked) if key in words else vocabulary.label(key, asked.lang)
            for key in columns
        ),
        rows=tuple(texts.itertuples(index=False, name=None)),
        looks=tuple(look(key, frame[key]) for key in columns),
        cap=cap,
        command=command,
    )


def _failed(asked: Asked, name: str) -> list[Block]:
    """Return why an analysis could not run, with the remedy."""
    error = asked.results[name]
    lines = error.lines(asked.lang) if isinstance(error, LiantuError) else []
    title = _heading(asked, name)
    return [Text(_tell(asked, "cannot_run", name=title, reason=" ".join(lines)))]


# -- data ------------------------------------------------------------------------------------


def _in_data(asked: Asked) -> list[Block]:
    network, lang = asked.network, asked.lang
    rows, synthetic, total = [], 0, 0
    for name, part in schema.tables().items():
        frame = network.observations if name == "observations" else _frame(asked, name)
        if not len(frame):
            continue
        made_up = int(frame["synthetic"].fillna(value=False).sum())
        rows.append((part.label(lang), f"{len(frame):,}", f"{made_up:,}"))
        synthetic, total = synthetic + made_up, total + len(frame)
    head = (say("table", asked), say("rows", asked), say("synthetic_rows", asked))
    command = asked.other_command("info")
    blocks: list[Block] = []
    if synthetic:
        blocks.append(Text(_tell(asked, "synthetic_share", count=synthetic, total=total)))
    counts = Table(
        say("tables", asked), head, tuple(rows), ("", "number", "number"), command=command
    )
    blocks.append(counts if rows else Text(say("nothing", asked)))
    counts_read = network.report.totals()
    if counts_read["rows_read"]:
        totals = {key: f"{value:,}" for key, value in counts_read.items()}
        text = _tell(asked, "load_counts", tables=len(network.report.tables), **totals)
        blocks.append(Text(text, quiet=True))
    missing = _missing(asked)
    blocks.append(Text(say("missing", asked) + ("：" if lang == "zh" else ":")))
    blocks.append(Items(tuple(missing or [_tell(asked, "missing_nothing")])))
    return blocks


def _frame(asked: Asked, name: str) -> pd.DataFrame:
    kind = schema.tables()[name].nature == "kind"
    return asked.network.nodes(name) if kind else asked.network.relation(name)


def _missing(asked: Asked) -> list[str]:
    """Return a sentence a gap of the data."""
    network, found = asked.network, []

    def note(code: str, count: int, total: int, **params: object) -> None:
        if count:
            shown = {"count": f"{count:,}", "total": f"{total:,}"}
            found.append(_tell(asked, code, **shown, **params))

    schools = network.nodes("school")
    for key in ("urban_rural", "stage", "region", "pupils"):
        count = int(schools[key].isna().sum())
        note("missing_column_values", count, len(schools), group=key)
    note("missing_coordinates", int((~located(network)).sum()), len(schools))
    for name in schema.relations():
        frame = network.relation(name)
        if schema.tables()[name].nature == "event":
            note("missing_event_dates", int(frame["date"].isna().sum()), len(frame), table=name)
        else:
            undated = frame["start"].isna() & frame["end"].isna()
            note("missing_dates", int(undated.sum()), len(frame), table=name)
    members, alliances = network.relation("member_of"), network.nodes("alliance")
    cored = members.loc[members["role"] == "core", "target"].nunique()
    note("missing_cores", len(alliances) - cored, len(alliances))
    note("missing_members", len(alliances) - members["target"].nunique(), len(alliances))
    return found


# -- coverage --------------------------------------------------------------------------------


def _ends_named(frame: pd.DataFrame) -> pd.DataFrame:
    """Return ties whose ends are named by their id where they have no name."""
    ends = [end for end in ("source", "target") if f"{end}_name" in frame]
    named = {f"{end}_name": frame[f"{end}_name"].fillna(frame[end].astype("str")) for end in ends}
    return frame.assign(**named)


def _headline(asked: Asked) -> list[Block]:
    result = asked.result("coverage")
    if result is None:
        return _failed(asked, "coverage")
    figures, cells = result.summary, Cells(asked.network, asked.lang)
    blocks: list[Block] = []
    if asked.fell_back:
        blocks.append(Text(_tell(asked, "fell_back_to_all")))
    words = {key: cells.value(key, value) for key, value in figures.items()}
    if not figures["in_scope"]:
        blocks.append(Text(_tell(asked, "headline_none", as_of=asked.day)))
        return blocks
    shown = {key: words[key] for key in ("covered", "in_scope", "uncovered", "rate")}
    pupils = words["pupils_uncovered"] if figures["pupils_in_scope"] else ""
    code = "headline_sentence" if pupils else "headline_no_pupils"
    text = _tell(asked, code, as_of=asked.day, pupils=pupils, **shown)
    parts = ("covered_direct", "covered_inherited", "covered_as_core")
    facts = [
        Fact(
            vocabulary.label("rate", asked.lang),
            words["rate"],
            f"{words['covered']} / {words['in_scope']}",
        ),
        Fact(
            say("uncovered_schools", asked),
            words["uncovered"],
            f"{pupils} {say('pupils_unit', asked)}" if pupils else "",
            alarm=bool(figures["uncovered"]),
        ),
        *(Fact(vocabulary.label(key, asked.lang), words[key]) for key in parts),
    ]
    command = asked.command("coverage")
    blocks += [Text(text), Facts(tuple(facts), command)]
    meaning = "meaning_all" if asked.scope == "all" else f"meaning_{asked.rural}"
    blocks.append(Text(_tell(asked, meaning), quiet=True))
    blocks.append(Text(_tell(asked, "covered_means"), quiet=True))
    return blocks


def _ladder(asked: Asked) -> list[Block]:
    result = asked.result("coverage")
    if result is None:
        return _failed(asked, "coverage")
    command = asked.command("coverage")
    rungs = vocabulary.terms("rung").values()
    colon = "：" if asked.lang == "zh" else ": "
    words = [f"{term.label(asked.lang)}{colon}{term.definition(asked.lang)}" for term in rungs]
    by_region = result.tables["by_region"]
    names = Cells(asked.network, asked.lang).names("region").reindex(by_region["region"])
    tables = {**result.tables, "by_region": by_region.assign(name=names.to_numpy())}
    chart = _chart(asked, replace(result, tables=tables), command)
    blocks: list[Block] = [chart, Items(tuple(words))]
    depth, level = region_depths(by_region)
    order = np.argsort(depth, kind="stable")
    shown = by_region.iloc[order[depth[order] <= level]]
    shown = shown[shown["in_scope"] > 0]
    for key, frame in (("by_region", shown), ("by_stage", result.tables["by_stage"])):
        if len(frame):
            columns = ["region", "level"] if key == "by_region" else ["stage"]
            columns = [
                c for c in (*columns, "in_scope", "covered", "uncovered", "rate") if c in frame
            ]
            title = vocabulary.label(key, asked.lang)
            blocks.append(table(asked, title, frame, columns, command))
    return blocks


def _chart(asked: Asked, result: Result, command: str) -> Picture:
    title = _heading(asked, result.name)
    return Picture(title, svg(plot(result, asked.lang)), command)


def _uncovered(asked: Asked) -> list[Block]:
    result = asked.result("coverage")
    if result is None:
        return _failed(asked, "coverage")
    left = result.table[~result.table["covered"].astype(bool)]
    if left.empty:
        key = "headline_none" if result.table.empty else "all_covered"
        return [Text(_tell(asked, key, as_of=asked.day))]
    columns = ["name", "region", "stage", "urban_rural", "pupils", "rung"]
    named = _named(left)
    return [table(asked, "", named, columns, asked.command("coverage"))]


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose name is the id where a node has none."""
    ids = pd.Series(frame.index.astype("str"), index=frame.index)
    return frame.assign(name=frame["name"].astype("str").fillna(ids))


# -- supporters ------------------------------------------------------------------------------


def _leaning(asked: Asked) -> list[Block]:
    result = asked.result("reach")
    if result is None:
        return _failed(asked, "reach")
    if result.table.empty:
        return [Text(say("nothing", asked))]
    command = asked.command("reach")
    wanted = (
        "name", "role", "direct", "within_hops", "rural_within_hops", "pupils_within_hops", "sole",
    )  # fmt: skip
    frame = _named(result.table)
    core = (frame["kind"] == "school") & frame.index.isin(_cores(asked))
    frame = frame.assign(role=pd.Series("core", index=frame.index, dtype="str").where(core))
    frame = frame.sort_values("role", kind="stable")  # cores first, each group as in `reach`
    columns = [key for key in wanted if key in frame]
    blocks: list[Block] = [
        Text(_tell(asked, "reach_words")),
        _chart(asked, result, command),
        table(asked, "", frame, columns, command, rows=20),
    ]
    leaned = frame[frame["sole"] > 0].sort_values("sole", ascending=False, kind="stable")
    if len(leaned):
        title = say("most_leaned_on", asked)
        columns = ["name", "role", "sole", "direct"]
        blocks.append(table(asked, title, leaned, columns, command, rows=FEW))
    return blocks


def _cores(asked: Asked) -> pd.Index:
    """Return the core schools on the day of the report."""
    cores, _ = study(asked.network).cores(asked.day)
    return asked.network.nodes("school").index[cores]


def _expiring(asked: Asked) -> list[Block]:
    result = asked.result("expiry")
    if result is None:
        return _failed(asked, "expiry")
    soon, limit = result.table, plus(asked.day, "12m")
    dates = {"start": asked.day, "end": limit}
    if soon.empty:
        return [Text(_tell(asked, "nothing_expires", **dates))]
    soon = _ends_named(soon)
    schools = soon.loc[soon["target_kind"] == "school", "target"].nunique()
    heads = {"end": "ends_on", "source_name": "giver", "target_name": "receiver"}
    columns = ["end", "source_name", "target_name", "basis", "form"]
    command = asked.command("expiry")
    return [
        Text(_tell(asked, "expires_sentence", count=len(soon), schools=schools, **dates)),
        table(asked, "", soon, columns, command, heads=heads),
    ]


# -- pictures and the rest -------------------------------------------------------------------


def _picture(asked: Asked) -> list[Block]:
    coverage = asked.result("coverage")
    if coverage is None:
        return _failed(asked, "coverage")
    if not asked.network.open_schools(asked.day).any():
        return [Text(say("nothing", asked))]
    blocks: list[Block] = [Text(_tell(asked, "picture_words"))]
    some = "map" if located(asked.network).any() else "alliances"
    for shape in dict.fromkeys(("alliances", some)):
        drawn = network_picture(
            asked.network,
            as_of=asked.day,
            coverage=coverage,
            shape="map" if shape == "map" else "alliances",
            lang=asked.lang,
        )
        title = say(f"picture_{shape}", asked)
        command = asked.report_command("report.html")
        blocks.append(Picture(title, svg(drawn), command))
    return blocks


def _generic(asked: Asked, name: str) -> list[Block]:
    """Return text, figures, chart, first rows and notes of any analysis."""
    result, analysis = asked.result(name), registry()[name]
    if result is None:
        return _failed(asked, name)
    command, cells, words = asked.command(name), Cells(asked.network, asked.lang), meant(result)
    blocks: list[Block] = []
    if text := " ".join(analysis.text(asked.lang).split("\n\n")[0].splitlines()):
        blocks.append(Text(text.replace("， ", "，") if asked.lang == "zh" else text))
    facts = [
        Fact(
            say(words[key], asked) if key in words else vocabulary.label(key, asked.lang),
            cells.value(key, result.summary[key]),
        )
        for key in analysis.highlights
        if key in result.summary
    ]
    if facts:
        blocks.append(Facts(tuple(facts), command))
    if result.table.empty:
        return [*blocks, Text(say("nothing", asked))]
    blocks.append(_chart(asked, result, command))
    frame = _ends_named(result.table)
    hidden = {"origin"}
    for end in ("source", "target"):
        if f"{end}_name" in frame:
            hidden |= {end, f"{end}_kind"}
    columns = [str(key) for key in frame.columns if key not in hidden]
    if "name" in columns:
        frame = _named(frame)
    elif frame.index.name is not None:
        frame, columns = frame.reset_index(), [str(frame.index.name), *columns]
    if name == "centrality":  # as its chart ranks
        frame = ranked(frame)
        columns = [*_CENTRAL, *(key for key in columns if key not in _CENTRAL)]
    blocks.append(table(asked, "", frame, columns[:COLUMNS], command, rows=FEW, heads=words))
    if result.notes:
        blocks.append(Items(tuple(note.text(asked.lang) for note in result.notes)))
    return blocks


def _short(asked: Asked, name: str) -> str:
    """Return the first words of an analysis's title, before its colon."""
    return _heading(asked, name).replace("：", ":").split(":")[0]


def _heading(asked: Asked, name: str) -> str:
    return registry()[name].title(asked.lang).rstrip(".。")


def _assumptions(asked: Asked) -> list[Block]:
    said: dict[str, list[str]] = {}
    for name in asked.results:
        result = asked.result(name)
        for text in dict.fromkeys(
            note.text(asked.lang) for note in (result.notes if result else ())
        ):
            said.setdefault(text, []).append(_short(asked, name))
    between, colon = ("、", "：") if asked.lang == "zh" else (", ", ": ")
    notes = [
        text if len(names) == len(asked.results) else between.join(names) + colon + text
        for text, names in said.items()
    ]
    blocks: list[Block] = [Items(tuple(notes))] if notes else []
    warnings = asked.network.report.of("warning")
    if warnings:
        blocks.append(Text(say("load_warnings", asked)))
        blocks.append(Items(tuple(problem.line(asked.lang) for problem in warnings[:ROWS])))
    if len(warnings) > ROWS:
        command = asked.other_command("check")
        text = _tell(asked, "warnings_more", count=len(warnings), command=command)
        blocks.append(Text(text))
    return blocks or [Text(say("nothing", asked))]

"""The commands that show what is in the data: cases, info, check."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import liantu
from liantu import progress
from liantu.cli.commands import read_network
from liantu.cli.output import emit_csv, emit_json, format_of
from liantu.cli.session import Session
from liantu.errors import Problem
from liantu.vocabulary import cut

if TYPE_CHECKING:
    from liantu.graph.load_report import LoadReport
    from liantu.graph.network import Network

_PLACE = ("severity", "code", "file", "sheet", "row", "column", "value")


def cases(session: Session, *, format: str | None) -> None:
    """List the bundled cases."""
    from liantu import loaders
    from liantu.formats import aligned

    known = loaders.cases()
    if format == "json":
        emit_json(session, [case._asdict() for case in known], None)
        return
    titles = [case.title_zh if session.lang == "zh" else case.title_en for case in known]
    rows = [(f"case:{case.name}", title) for case, title in zip(known, titles, strict=True)]
    print(aligned(rows, [False, False]))


def info(
    session: Session,
    *,
    source: str,
    mapping: Path | None,
    create_missing: bool,
    region: str | None,
    show_teachers: bool,
    format: str | None,
) -> None:
    """Show what is in a source."""
    from liantu.formats import aligned

    network = read_network(session, source, mapping, create_missing, region, show_teachers)
    facts = _facts(network, source)
    if format == "json":
        emit_json(session, facts, None)
        return
    rows = [
        (session.label(key, "sheet"), str(facts[key] or "–"))
        for key in ("title", "source", "as_of", "fingerprint")
    ]
    for part, group in (("nodes", "kind"), ("relations", "relation"), ("synthetic", "")):
        rows.append(("", ""))
        rows.append((session.label(part, "sheet"), str(sum(facts[part].values()))))
        for key, count in facts[part].items():
            own = group or ("kind" if key in facts["nodes"] else "relation")
            rows.append((f"  {session.label(key, own)}", str(count)))
    rows += [("", ""), (session.label("report", "sheet"), "")]
    rows += [
        (f"  {session.label(key, 'count')}", str(count))
        for key, count in facts["load_report"]["totals"].items()
    ]
    for entry in facts["load_report"]["problems"]:
        severity = session.label(entry["severity"], "severity")
        rows.append((f"  {severity} {entry['code']}", str(entry["count"])))
    print(aligned(rows, [False, False]))


def _facts(network: Network, source: str) -> dict[str, Any]:
    """Return what is in a network, as plain values."""
    from liantu.addresses import shown
    from liantu.graph import schema

    frames = {kind: network.nodes(kind) for kind in schema.kinds()}
    frames |= {name: network.relation(name) for name in schema.relations()}
    frames["observations"] = network.observations
    counts = {name: len(frame) for name, frame in frames.items() if len(frame)}
    made_up = {name: int(frame["synthetic"].fillna(False).sum()) for name, frame in frames.items()}
    return {
        "source": shown(source),
        "title": network.title,
        "as_of": network.as_of.isoformat() if network.as_of else None,
        "fingerprint": network.fingerprint,
        "nodes": {name: counts[name] for name in schema.kinds() if name in counts},
        "relations": {name: n for name, n in counts.items() if name not in schema.kinds()},
        "synthetic": {name: count for name, count in made_up.items() if count},
        "load_report": {
            "totals": network.report.totals(),
            "tables": _tables(network.report),
            "problems": [
                {"severity": severity, "code": code, "count": count}
                for (severity, code), count in sorted(network.report.by_code().items())
            ],
        },
        "version": liantu.__version__,
    }


def _tables(report: LoadReport) -> list[dict[str, Any]]:
    """Return the counts of each table read, every count present."""
    from liantu.formats import plain
    from liantu.graph.load_report import COUNTS

    names = ("file", "sheet", "table")
    return [
        {name: plain(table.get(name, "")) for name in names}
        | {count: int(table.get(count, 0)) for count in COUNTS}
        for table in report.tables
    ]


def check(
    session: Session,
    *,
    source: str,
    mapping: Path | None,
    create_missing: bool,
    format: str | None,
    output: Path | None,
    labels: bool,
) -> None:
    """List every problem of a source; exit code 1 if one is an error."""
    from liantu.addresses import shown
    from liantu.loaders import examine

    kind = format_of(format, output, ("json", "csv"))
    session.show_teachers = True  # whoever mends a row must see it
    with progress.shown(session.lang):
        progress.step("step_read", shown(source))
        network, found = examine(source, mapping=mapping, create_missing=create_missing)
        if network is not None:
            network.frames.load()  # a store is read whole only here
    errors, warnings = len(found.of("error")), len(found.of("warning"))
    rows = [_record(problem, session) for problem in found.problems]
    if kind == "json":
        facts = {
            "source": shown(source),
            "errors": errors,
            "warnings": warnings,
            "totals": found.totals(),
            "tables": _tables(found),
            "problems": rows,
            "version": liantu.__version__,
        }
        emit_json(session, facts, output)
    elif kind == "csv":
        emit_csv(session, _frame(rows), output, labels=labels)
    else:
        _show_tables(session, _tables(found))
        for line in session.problem_lines(found.problems):
            print(line)
        print(session.say("problem_totals", errors=errors, warnings=warnings))
    if errors:
        raise click.exceptions.Exit(1)


def _record(problem: Problem, session: Session) -> dict[str, Any]:
    found = {name: getattr(problem, name) for name in _PLACE}
    row: dict[str, Any] = {k: cut(v) if isinstance(v, str) else v for k, v in found.items()}
    row["message"] = problem.message(session.lang)
    row["remedy"] = problem.remedy(session.lang)
    return row


def _frame(rows: Sequence[dict[str, Any]]) -> Any:
    import pandas as pd

    frame = pd.DataFrame(rows, columns=[*_PLACE, "message", "remedy"])
    return frame.astype({"row": "Int64"})


def _show_tables(session: Session, tables: Sequence[dict[str, Any]]) -> None:
    """Print what was read from each table; counts that are 0 everywhere are left out."""
    from liantu.formats import aligned
    from liantu.graph import schema
    from liantu.graph.load_report import COUNTS

    counts = [name for name in COUNTS if any(table[name] for table in tables)]
    if not counts:
        return
    heads = [session.label(name, "sheet") for name in ("file", "sheet", "read_as")]
    heads += [session.label(name, "count") for name in counts]
    rows = [heads]
    for table in tables:
        known = [str(table[name]) for name in ("file", "sheet")]
        group = "kind" if table["table"] in schema.kinds() else "relation"
        known.append(session.label(table["table"], group))
        rows.append([*known, *(str(table[name]) for name in counts)])
    print(aligned(rows, [False] * 3 + [True] * len(counts)) + "\n")

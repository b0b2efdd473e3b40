"""The command on a text's claims: audit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from liantu import progress
from liantu.commands import _options as opt
from liantu.commands._help import Command, make
from liantu.commands._output import RESULT, emit_result, format_of, show_table, stamp
from liantu.commands._reading import read_network
from liantu.commands._session import Session
from liantu.errors import OptionError
from liantu.vocabulary import Lang, label

if TYPE_CHECKING:
    from liantu.results import Result

BROKEN = 3  # exit code of --strict


def command(lang: Lang) -> Command:
    """Return the command."""
    params = [
        opt.source(lang),
        opt.option("claims", lang, opt.Input(), metavar="FILE"),
        opt.option("as_of", lang, opt.day(), metavar="DATE"),
        opt.option("strict", lang),
        opt.option("rows", lang),
        *opt.reading(lang),
        opt.show_teachers(lang),
        opt.option("format", lang, opt.Choice(["table", "json", "csv", "xlsx"])),
        opt.option("output", lang, opt.Output(), short=("-o",), metavar="FILE"),
        opt.option("labels", lang),
    ]
    return make("audit", lang, audit, params, "liantu audit case:laizhou --strict")


def audit(
    session: Session,
    *,
    source: str,
    mapping: Sequence[Path],
    create_missing: bool,
    show_teachers: bool,
    claims: Path | None,
    strict: bool,
    rows: bool,
    as_of: date | None,
    format: str | None,
    output: Path | None,
    labels: bool,
) -> None:
    """Say of each claim whether it holds; with `strict`, exit with 3 if one does not."""
    from liantu import audit as auditing

    kind = format_of(format, output, RESULT)
    if source == opt.ALL:
        for option, given in (("--claims", claims), ("--mapping", mapping)):
            if given:
                raise OptionError.of("case_all_option", option=option)
        result = auditing.audit_cases(as_of=as_of, rows=rows, lang=session.lang)
    else:
        text = auditing.claims_path(source, claims)  # before reading, which may take long
        network = read_network(session, source, mapping, create_missing, None, show_teachers)
        known = auditing.read_claims(text, network)
        with progress.shown(session.lang):
            progress.step("step_analyse", "audit")
            result = auditing.audit(network, known, as_of=as_of, rows=rows, lang=session.lang)
    if kind == "table":
        _show(session, result, rows=rows)
    else:
        shown = _for_people(result) if kind == "xlsx" or labels else result
        emit_result(session, shown, format=kind, output=output, limit=None, labels=labels)
    if strict and result.summary["fails"] + result.summary["contradicted"]:
        raise click.exceptions.Exit(BROKEN)


def _for_people(result: Result) -> Result:
    """Return a result whose column `subject` is headed as what a claim is about."""
    tables = {
        key: frame.rename(columns={"subject": "about"}) for key, frame in result.tables.items()
    }
    return replace(result, table=result.table.rename(columns={"subject": "about"}), tables=tables)


def _show(session: Session, result: Result, *, rows: bool) -> None:
    """Print counts, the claims and, if asked for, the rows behind them."""
    from liantu.formats import aligned, figures, percent

    result = _for_people(result)
    print(label("audit", session.lang, "command"))
    # each case has a date of its own
    print((opt.ALL if "source" in result.parameters else stamp(session, result)) + "\n")
    summary = dict(result.summary)
    if summary["claims"]:
        derived = summary["claims"] - summary["not_derivable"]
        summary["derivable"] = f"{percent(summary['derivable'])} ({derived} / {summary['claims']})"
    print(aligned(figures(summary, session.lang), [False, False]))
    tables = {session.label("table", "sheet"): result.table}
    if rows and "rows" in result.tables:
        tables[session.label("rows")] = result.tables["rows"]
    for title, frame in tables.items():
        show_table(session, frame, title, len(frame))
    for note in result.notes:
        session.tell(note.text(session.lang), "info")

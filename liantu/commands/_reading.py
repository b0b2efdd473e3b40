"""How commands read a source, and the counts of what was read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from liantu import progress
from liantu.addresses import shown
from liantu.commands._session import Session

if TYPE_CHECKING:
    from liantu.graph.load_report import LoadReport
    from liantu.graph.network import Network


def read_network(
    session: Session,
    source: str,
    mapping: Path | None,
    create_missing: bool,
    region: str | None,
    show_teachers: bool,
) -> Network:
    """Read a source for reporting: limited to a region, teachers without names unless asked for."""
    from liantu.loaders import read

    with progress.shown(session.lang):
        progress.step("step_read", shown(source))
        network = read(source, mapping=mapping, create_missing=create_missing)
        if region is not None:
            network = network.focus(region)
        if not show_teachers:
            network = network.without_teacher_names()
    warnings = network.report.of("warning")
    if session.verbose:
        session.tell_problems(warnings)
    elif warnings:
        session.tell(session.say("data_warnings", count=len(warnings)), "warning")
    return network


def tables_read(report: LoadReport) -> list[dict[str, Any]]:
    """Return the counts of each table read, every count present."""
    from liantu.formats import plain
    from liantu.graph.load_report import COUNTS, MADE

    names = ("file", "sheet", "table")
    return [
        {name: plain(table.get(name, "")) for name in names}
        | {count: int(table.get(count, 0)) for count in (*COUNTS, *MADE)}
        for table in report.tables
    ]

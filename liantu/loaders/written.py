"""Sources that liantu wrote itself, taken exactly as written as long as nobody edited them."""

from __future__ import annotations

from pathlib import Path

from liantu.errors import Problem
from liantu.exchange import exact, folder, graphml, jsonfile, workbook
from liantu.exchange.exact import Kept
from liantu.graph import schema
from liantu.graph.load_report import LoadReport
from liantu.graph.network import Network
from liantu.loaders.mapping import Settings, settings_of
from liantu.loaders.sources import Found
from liantu.paths import name_of

Examined = tuple[Network | None, LoadReport]

WHOLE = {".json": jsonfile.kept, ".graphml": graphml.kept}  # files that are no tables


def as_written(found: Found, settings: Settings) -> tuple[Examined | None, Settings]:
    """Return what a source of our own holds, or None if it is to be read like any list.

    Returns
    -------
    tuple
        Network and load report, or None; and the settings, which a workbook of our own holds too.

    Raises
    ------
    RequestError
        If a JSON or GraphML file is damaged or none of ours.
    """
    path = found.tables[0]
    if found.folder:
        if not settings.fingerprint:
            return None, settings
        files = folder.kept(found.tables, {"fingerprint": settings.fingerprint})
        return (_unchanged(files, settings) if files else None), settings
    if read := WHOLE.get(path.suffix.lower()):
        return examined(read(path), path), settings
    if path.suffix.lower() == ".xlsx" and (book := workbook.kept(path)):
        settings = settings_of(book.about, path)
        return _unchanged(book, settings), settings
    return None, settings


def examined(kept: Kept, path: Path) -> Examined:
    """Return the network of exact cells, unchanged or not, and what is wrong with them."""
    settings = settings_of(kept.about, path)
    if same := _unchanged(kept, settings):
        return same
    built, report = exact.built_of(kept, kept.tables, settings.as_of)
    if built and not any(len(built[kind]) for kind in schema.kinds()):
        nothing = Problem("error", "no_nodes", file=name_of(path))
        return None, LoadReport(report.tables, (*report.problems, nothing))
    if not built:
        return None, report
    network = Network(
        built, as_of=settings.as_of, title=settings.title, report=report,
        phases=settings.phases, goals=settings.goals,
    )  # fmt: skip
    return network, report


def _unchanged(kept: Kept, settings: Settings) -> Examined | None:
    network = exact.network(
        kept,
        as_of=settings.as_of,
        title=settings.title,
        phases=settings.phases,
        goals=settings.goals,
    )
    return None if network is None else (network, network.report)

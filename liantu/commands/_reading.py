"""How commands read a source."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from liantu import progress
from liantu.addresses import shown
from liantu.commands._session import Session
from liantu.errors import RequestError
from liantu.spark.address import on_engine, opened

if TYPE_CHECKING:
    from liantu.graph.network import Network
    from liantu.spark.network import EngineNetwork


def read_network(
    session: Session,
    source: str,
    mapping: Path | Sequence[Path] | None,
    create_missing: bool,
    region: str | None,
    show_teachers: bool,
) -> Network:
    """Read a source for reporting: limited to a region, teachers without names unless asked for.

    Raises
    ------
    RequestError
        If an engine is to read it: only analyses run there; see `open_network`.
    """
    if on_engine(source):
        raise RequestError.of("spark_analyses_only", value=source)
    from liantu.loaders import read
    from liantu.loaders.onto import extended

    with progress.shown(session.lang):
        progress.step("step_read", shown(source))
        network = read(source, mapping=mapping, create_missing=create_missing)
        if session.added:
            network = extended(network, session.added, create_missing=create_missing)
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


def open_network(
    session: Session,
    source: str,
    mapping: Sequence[Path],
    create_missing: bool,
    region: str | None,
    show_teachers: bool,
) -> Network | EngineNetwork:
    """Return what an analysis is asked of: a network in memory, or one that an engine keeps."""
    if not on_engine(source):
        return read_network(session, source, mapping, create_missing, region, show_teachers)
    given = {
        "--mapping": mapping, "--create-missing": create_missing, "--region": region,
        "--with": session.added,
    }  # fmt: skip
    for name, value in given.items():
        if value:
            raise RequestError.of("spark_option", value=name)
    with progress.shown(session.lang):
        progress.step("step_read", source)
        return opened(source, hidden=not show_teachers)


def options_of(session: Session, mapping: Sequence[Path], create_missing: bool) -> str:
    """Return the options with which a source was read, as a command line says them again."""
    from liantu.shell import quoted

    extra = [f"--mapping {quoted(str(file))}" for file in mapping]
    extra += ["--create-missing"] if create_missing else []
    extra += [f"--with {quoted(str(path))}" for path in session.added]
    return " ".join(extra)

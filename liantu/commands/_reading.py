"""How commands read a source."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from liantu import progress
from liantu.addresses import shown
from liantu.commands._session import Session

if TYPE_CHECKING:
    from liantu.graph.network import Network


def read_network(
    session: Session,
    source: str,
    mapping: Path | Sequence[Path] | None,
    create_missing: bool,
    region: str | None,
    show_teachers: bool,
) -> Network:
    """Read a source for reporting: limited to a region, teachers without names unless asked for."""
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


def options_of(session: Session, mapping: Sequence[Path], create_missing: bool) -> str:
    """Return the options with which a source was read, as a command line says them again."""
    from liantu.shell import quoted

    extra = [f"--mapping {quoted(str(file))}" for file in mapping]
    extra += ["--create-missing"] if create_missing else []
    extra += [f"--with {quoted(str(path))}" for path in session.added]
    return " ".join(extra)

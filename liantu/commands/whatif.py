"""The command that does a plan to a source."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from liantu import progress
from liantu.commands import _options as opt
from liantu.commands._help import Command, make
from liantu.commands._output import RESULT, emit_result, format_of
from liantu.commands._reading import read_network
from liantu.commands._session import Session
from liantu.vocabulary import Lang


def command(lang: Lang) -> Command:
    """Return the command."""
    params = [
        opt.source(lang),
        opt.argument("scenario", lang, opt.Plan(), "scenario", required=False),
        opt.option("as_of", lang, opt.day(), metavar="DATE"),
        *opt.counting(lang),
        *opt.reading(lang),
        *opt.privacy(lang),
        *opt.tables(lang),
    ]
    return make("whatif", lang, whatif, params, "liantu whatif case:demo plan.toml")


def whatif(
    session: Session,
    *,
    source: str,
    scenario: Path | None,
    as_of: date | None,
    scope: str,
    rural: str,
    window: str,
    analyses: tuple[str, ...] | None,
    engine: str,
    mapping: Sequence[Path],
    create_missing: bool,
    region: str | None,
    show_teachers: bool,
    format: str | None,
    output: Path | None,
    limit: int | None,
    labels: bool,
) -> None:
    """Do a plan to a source and say what would change."""
    from liantu.loaders.scenarios import read_scenario
    from liantu.plans.whatif import whatif as ask

    kind = format_of(format, output, RESULT)
    plan = read_scenario(source if scenario is None else scenario)  # before reading, which is long
    network = read_network(session, source, mapping, create_missing, region, True)
    session.tell_problems(plan.problems)
    with progress.shown(session.lang):
        progress.step("step_analyse", "whatif")
        result = ask(
            network, plan, as_of=as_of, analyses=analyses, scope=scope, rural=rural,  # type: ignore[arg-type]
            window=window, engine=engine, show_teachers=show_teachers,  # type: ignore[arg-type]
        )  # fmt: skip
    emit_result(session, result, format=kind, output=output, limit=limit, labels=labels)

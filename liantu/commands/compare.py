"""The command that sets two sources, or two dates of one, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from liantu import progress
from liantu.commands import _options as opt
from liantu.commands._help import Command, make
from liantu.commands._output import RESULT, emit_result, format_of
from liantu.commands._reading import read_network
from liantu.commands._session import Session
from liantu.errors import OptionError
from liantu.options import parse_date, parse_list
from liantu.vocabulary import Lang


def command(lang: Lang) -> Command:
    """Return the command."""
    params = [
        opt.source(lang),
        opt.argument("other", lang, opt.Source(), "source_b", required=False),
        opt.option("as_of", lang, click.STRING, help_key="as_of_two", metavar="DATE[,DATE]"),
        *opt.counting(lang),
        *opt.reading(lang),
        *opt.privacy(lang),
        *opt.tables(lang),
    ]
    example = "liantu compare case:demo --as-of 2025-09-01,2026-09-01"
    return make("compare", lang, compare, params, example)


def compare(
    session: Session,
    *,
    source: str,
    other: str | None,
    as_of: str | None,
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
    """Set two sources, or two dates of one, side by side."""
    from liantu.plans.compare import compare as ask

    kind = format_of(format, output, RESULT)
    days = [parse_date(text) for text in parse_list(as_of) or ()]
    if len(days) > 2 or (other is None and len(days) != 2):
        raise OptionError.of("two_days", option="--as-of")
    networks = [
        read_network(session, each, mapping, create_missing, region, show_teachers)
        for each in (source, other)
        if each is not None
    ]
    with progress.shown(session.lang):
        progress.step("step_analyse", "compare")
        result = ask(
            *networks, as_of=tuple((days * 2)[:2]) if days else None, analyses=analyses,  # type: ignore[arg-type]
            scope=scope, rural=rural, window=window, engine=engine,  # type: ignore[arg-type]
        )  # fmt: skip
    emit_result(session, result, format=kind, output=output, limit=limit, labels=labels)

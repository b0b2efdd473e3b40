"""The command that writes a report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from liantu import progress
from liantu.addresses import shown
from liantu.commands import _options as opt
from liantu.commands._help import Command, make
from liantu.commands._output import check_report
from liantu.commands._reading import options_of, read_network
from liantu.commands._session import Session
from liantu.vocabulary import Lang

if TYPE_CHECKING:
    from liantu.results.blocks import Style


def command(lang: Lang) -> Command:
    """Return the command."""
    params = [
        opt.source(lang),
        *opt.reading(lang),
        *opt.privacy(lang),
        opt.option("as_of", lang, opt.day(), metavar="DATE"),
        opt.option("scope", lang, opt.Choice(["rural", "all"]), default="rural"),
        opt.option("rural", lang, opt.Choice(["strict", "broad"]), default="strict"),
        opt.title(lang),
        opt.text("organization", lang),
        opt.text("addressee", lang),
        opt.text("signature", lang),
        opt.option("style", lang, opt.Choice(["plain", "gongwen"]), default="plain"),
        opt.option("sections", lang, opt.words(), metavar="LIST"),
        opt.option("compare_to", lang, opt.day(), metavar="DATE"),
        opt.option("boundaries", lang, opt.Input(), metavar="FILE"),
        opt.text("map_approval", lang),
        opt.report_file(lang),
    ]
    return make("report", lang, report, params, "liantu report case:demo -o report.html")


def report(
    session: Session,
    *,
    source: str,
    mapping: Sequence[Path],
    create_missing: bool,
    region: str | None,
    show_teachers: bool,
    as_of: date | None,
    scope: str,
    rural: str,
    title: str,
    organization: str,
    addressee: str,
    signature: str,
    style: Style,
    sections: tuple[str, ...] | None,
    compare_to: date | None,
    boundaries: Path | None,
    map_approval: str,
    output: Path,
) -> None:
    """Write a report."""
    from liantu.reports import write_report

    check_report(output)
    network = read_network(session, source, mapping, create_missing, region, show_teachers)
    with progress.shown(session.lang):
        progress.step("step_write", output)
        write_report(
            network,
            output,
            source=shown(source),
            lang=session.lang,
            as_of=as_of,
            scope=scope,
            rural=rural,
            region=region,
            title=title,
            organization=organization,
            addressee=addressee,
            signature=signature,
            style=style,
            sections=sections,
            compare_to=compare_to,
            boundaries=boundaries,
            map_approval=map_approval,
            extra=options_of(session, mapping, create_missing),
        )
    session.tell(session.say("wrote", value=output))

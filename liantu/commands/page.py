"""The command that writes the page to look around in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from liantu import progress
from liantu.addresses import shown
from liantu.commands import _options as opt
from liantu.commands._help import Command, make
from liantu.commands._output import check_report
from liantu.commands._reading import options_of, read_network
from liantu.commands._session import Session
from liantu.vocabulary import Lang


def command(lang: Lang) -> Command:
    """Return the command."""
    params = [
        opt.source(lang),
        *opt.reading(lang),
        opt.region(lang),
        opt.option("as_of", lang, opt.day(), metavar="DATE"),
        opt.option("months", lang, opt.number(whole=True, low=0), metavar="N", default=36),
        opt.option("scope", lang, opt.Choice(["rural", "all"]), default="rural"),
        opt.option("rural", lang, opt.Choice(["strict", "broad"]), default="strict"),
        opt.title(lang),
        opt.page_file(lang),
    ]
    return make("page", lang, page, params, "liantu page case:demo -o planner.html")


def page(
    session: Session,
    *,
    source: str,
    mapping: Sequence[Path],
    create_missing: bool,
    region: str | None,
    as_of: date | None,
    months: int,
    scope: str,
    rural: str,
    title: str,
    output: Path,
) -> None:
    """Write the page."""
    from liantu.web.write import write_page

    check_report(output, (".html", ".htm"))
    network = read_network(session, source, mapping, create_missing, region, show_teachers=False)
    with progress.shown(session.lang):
        progress.step("step_write", output)
        write_page(
            network,
            output,
            as_of=as_of,
            months=months,
            scope=scope,
            rural=rural,
            lang=session.lang,
            source=shown(source),
            title=title,
            extra=options_of(session, mapping, create_missing),
        )
    session.tell(session.say("wrote", value=output))

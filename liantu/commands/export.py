"""The command that writes a source in the format of another program."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from liantu import progress
from liantu.commands import _options as opt
from liantu.commands._help import Command, make
from liantu.commands._reading import read_network
from liantu.commands._session import Session
from liantu.errors import Message
from liantu.options import parse_date
from liantu.vocabulary import Lang

if TYPE_CHECKING:
    from liantu.graph.near import Datum


def command(lang: Lang) -> Command:
    """Return the command."""
    params = [
        opt.source(lang),
        opt.argument("out", lang, opt.Output(), "out_export"),
        *opt.reading(lang),
        opt.show_teachers(lang),
        opt.option("waves", lang, opt.words(), metavar="DATE,DATE"),
        opt.title(lang),
        opt.option("datum", lang, opt.Choice(["stated", "wgs84"]), default="stated"),
        opt.option("force", lang),
    ]
    return make("export", lang, export, params, "liantu export case:laizhou laizhou.graphml")


def export(
    session: Session,
    *,
    source: str,
    out: Path,
    mapping: Sequence[Path],
    create_missing: bool,
    show_teachers: bool,
    waves: tuple[str, ...] | None,
    title: str,
    datum: Datum,
    force: bool,
) -> None:
    """Write a source as a file of another program, or as a folder of tables with its claims."""
    from liantu.audit import claims_file, masked_text
    from liantu.exchange import check_out, is_map
    from liantu.exchange import export as write
    from liantu.paths import title_of

    days = None if waves is None else [parse_date(text) for text in waves]
    # before reading, which may take long
    check_out(out, waves=days is not None, datum=datum, force=force)
    network = read_network(session, source, mapping, create_missing, None, show_teachers)
    claims = claims_file(source)
    with progress.shown(session.lang):
        progress.step("step_write", out)
        text = masked_text(claims.read_bytes(), network) if claims else None
        beside = {claims.name: text} if claims and text is not None else {}
        named = title or network.title or network.masked(title_of(source))
        lost = write(
            network, out, waves=days, beside=beside, lang=session.lang, title=named, datum=datum,
            force=force,
        )  # fmt: skip
        if claims and text is None and days is None:
            lost.append(Message("claims_left_out", {"value": claims.name}))
    session.tell(session.say("wrote", value=out))
    for message in lost:
        session.tell(message.text(session.lang), "info")
    whole = days is None and not is_map(out)
    if whole and not show_teachers and network.size("teacher"):
        session.tell(session.say("names_left_out"), "info")

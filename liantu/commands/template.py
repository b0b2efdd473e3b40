"""The command that writes the workbook to fill in."""

from __future__ import annotations

from pathlib import Path

from liantu.commands import _options as opt
from liantu.commands._help import Command, make
from liantu.commands._session import Session
from liantu.errors import OptionError
from liantu.vocabulary import Lang


def command(lang: Lang) -> Command:
    """Return the command."""
    params = [
        opt.argument("out", lang, opt.Output(), "out_template"),
        opt.option("only", lang, opt.words(), metavar="TABLES", default=""),
        opt.option("force", lang),
    ]
    example = "liantu template template.xlsx --only 学校,集团成员,结对帮扶"
    return make("template", lang, template, params, example)


def template(session: Session, *, out: Path, only: tuple[str, ...], force: bool) -> None:
    """Write the workbook to fill in."""
    from liantu.formats import check_output, check_unfilled
    from liantu.loaders.template import write_template

    if out.suffix.lower() != ".xlsx":
        raise OptionError.of("bad_suffix", value=out, allowed=".xlsx")
    check_output(out)
    check_unfilled(out, force=force)
    write_template(out, session.lang, only)
    session.tell(session.say("wrote", value=out))

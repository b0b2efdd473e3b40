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
        opt.option("force", lang),
    ]
    return make("template", lang, template, params, "liantu template template.xlsx")


def template(session: Session, *, out: Path, force: bool) -> None:
    """Write the workbook to fill in."""
    from liantu.formats import check_output, check_unfilled
    from liantu.loaders.template import write_template

    if out.suffix.lower() != ".xlsx":
        raise OptionError.of("bad_suffix", value=out, allowed=".xlsx")
    check_output(out)
    check_unfilled(out, force=force)
    write_template(out, session.lang)
    session.tell(session.say("wrote", value=out))

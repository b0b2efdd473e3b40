"""The command that lists the bundled cases."""

from __future__ import annotations

from liantu.commands import _options as opt
from liantu.commands._help import Command, make
from liantu.commands._output import emit_json
from liantu.commands._session import Session
from liantu.vocabulary import Lang


def command(lang: Lang) -> Command:
    """Return the command."""
    params = [opt.option("format", lang, opt.Choice(["table", "json"]))]
    return make("cases", lang, cases, params, "liantu cases")


def cases(session: Session, *, format: str | None) -> None:
    """List the bundled cases."""
    from liantu import loaders
    from liantu.formats import aligned

    known = loaders.cases()
    if format == "json":
        emit_json(session, [case._asdict() for case in known], None)
        return
    titles = [case.title_zh if session.lang == "zh" else case.title_en for case in known]
    rows = [(f"case:{case.name}", title) for case, title in zip(known, titles, strict=True)]
    print(aligned(rows, [False, False]))

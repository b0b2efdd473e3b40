"""The command that writes what was not clear in a source, to be ticked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from liantu import progress
from liantu.commands import _options as opt
from liantu.commands._help import Command, make
from liantu.commands._session import Session
from liantu.vocabulary import Lang


def command(lang: Lang) -> Command:
    """Return the command."""
    params = [
        opt.source(lang),
        opt.mappings(lang),
        opt.option(
            "output", lang, opt.Draft(), short=("-o",), help_key="output_draft", required=True
        ),
        opt.option("force", lang),
    ]
    return make("draft", lang, draft, params, "liantu draft lists -o draft.xlsx")


def draft(
    session: Session, *, source: str, mapping: Sequence[Path], output: Path, force: bool
) -> None:
    """Write what was not clear in a source, to be ticked."""
    from liantu.addresses import shown
    from liantu.drafts import draft as write

    with progress.shown(session.lang):
        progress.step("step_read", shown(source))
        found = write(source, output, mapping=mapping, lang=session.lang, force=force)
    session.tell(session.say("wrote", value=output))
    rows = {name: len(found.rows[name]) for name in ("names", "columns", "people")}
    open_sheets = sum(not row["read_as"] for row in found.rows["tables"])
    code = "draft_rows" if len(found) else "draft_clear"
    session.tell(session.say(code, **rows, tables=open_sheets), "info")

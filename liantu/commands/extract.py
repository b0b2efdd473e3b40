"""The command from a published text to tables that a person has checked."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from liantu import progress
from liantu.commands import _options as opt
from liantu.commands._help import Command, make
from liantu.commands._session import Session
from liantu.errors import OptionError, RequestError
from liantu.vocabulary import Lang

if TYPE_CHECKING:
    from liantu.extract import Found, Model

CANDIDATES = Path("candidates.xlsx")


def command(lang: Lang) -> Command:
    """Return the command."""
    params = [
        opt.argument("text", lang, opt.Input(), "text", nargs=-1, required=False),
        opt.option("schools", lang, opt.Source(), help_key="schools_list", metavar="LIST"),
        opt.option(
            "output", lang, opt.Output(), short=("-o",), help_key="output_candidates",
            metavar="FILE",
        ),
        opt.option("accept", lang, opt.Input(), metavar="FILE"),
        opt.text("title", lang),
        opt.text("llm", lang),
        opt.text("model", lang),
        opt.option("yes", lang),
        opt.option("force", lang),
    ]  # fmt: skip
    return make(
        "extract", lang, extract, params, "liantu extract report.docx --schools schools.xlsx"
    )


def extract(
    session: Session,
    *,
    text: tuple[Path, ...],
    schools: str | None,
    output: Path | None,
    accept: Path | None,
    title: str,
    llm: str,
    model: str,
    yes: bool,
    force: bool,
) -> None:
    """Write what texts say as candidates, or take over those that a person has marked."""
    if not text:
        raise RequestError.of("extract_no_text")
    if accept is not None:
        for option, given in (("--schools", schools), ("--output", output), ("--llm", llm)):
            if given:
                raise OptionError.of("extract_option", option=option)
        if len(text) > 1:
            raise RequestError.of("extract_one_folder")
        _accept(session, accept, text[0], title, force=force)
        return
    from liantu.extract import ask, model_of, read_list, write_candidates
    from liantu.extract import extract as find
    from liantu.formats import check_output, check_unfilled
    from liantu.formats.files import check_apart

    out = CANDIDATES if output is None else output
    if out.suffix.lower() != ".xlsx":
        raise OptionError.of("bad_suffix", value=out, allowed=".xlsx")
    check_output(out)
    check_apart(out, text)
    check_unfilled(out, force=force)
    asked = model_of(llm, model)
    with progress.shown(session.lang):
        progress.step("step_read", text[0].name)
        listed = read_list(schools) if schools is not None else None
        found = find(text, listed)
    if asked is not None and _may_send(session, asked, found, yes=yes):
        answer = ask(asked, found, listed)
        found = answer.found
        session.tell(session.say("llm_rows", count=answer.added), "info")
        for code, count in (("llm_dropped", answer.dropped), ("llm_odd", answer.odd)):
            if count:
                session.tell(session.say(code, count=count), "warning")
    write_candidates(out, found, session.lang)
    session.tell(session.say("wrote", value=out))
    _tell(session, found, out)


def _tell(session: Session, found: Found, out: Path) -> None:
    """Say how much there is to decide on."""
    from liantu.graph import schema

    names = sum(row.table in schema.kinds() for row in found.rows)
    claims = len(found.of("claims"))
    ties = len(found.rows) - names - claims
    if found.rows:
        counts = {"names": names, "ties": ties, "claims": claims}
        session.tell(session.say("extract_found", value=out, **counts), "info")
    else:
        session.tell(session.say("extract_none"), "info")
    if found.left_out:
        session.tell(session.say("extract_left_out", count=found.left_out), "warning")


def _may_send(session: Session, model: Model, found: Found, *, yes: bool) -> bool:
    """Say what would leave the machine, and ask."""
    files = ", ".join(text.name for text in found.texts)
    count = sum(len(text.text) for text in found.texts)
    told = session.say("llm_leaves", value=model.shown, model=model.name, files=files, count=count)
    session.tell(told, "warning")
    if yes:
        return True
    if sys.stdin.isatty():
        session.tell(session.say("llm_ask"))
        if sys.stdin.readline().strip().lower() in ("y", "yes", "是"):
            return True
    raise RequestError.of("llm_not_sent")


def _accept(session: Session, book: Path, out: Path, title: str, *, force: bool) -> None:
    from liantu.extract import accept

    with progress.shown(session.lang):
        progress.step("step_read", book.name)
        done = accept(book, out, lang=session.lang, force=force, title=title)
    session.tell(session.say("wrote", value=out))
    counts = {key: done.decided.get(key, 0) for key in ("adopt", "amend", "reject")}
    undecided = done.decided.get("", 0)
    session.tell(session.say("extract_decided", **counts, undecided=undecided), "info")
    warnings = done.network.report.of("warning")
    if session.verbose:
        session.tell_problems(warnings)
    elif warnings:
        session.tell(session.say("data_warnings", count=len(warnings)), "warning")

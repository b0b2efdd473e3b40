"""The section of the report on the claims of a text, where the source has any."""

from __future__ import annotations

from liantu import vocabulary
from liantu.audit import audit, claims_file, read_claims
from liantu.errors import LiantuError
from liantu.formats import percent
from liantu.results.asked import Asked
from liantu.results.blocks import Block, Fact, Facts, Items, Section, Text
from liantu.results.core import Result
from liantu.results.sections import annex, table
from liantu.shell import quoted


def audited(asked: Asked) -> list[Section]:
    """Return counts by verdict and every claim; nothing where the source has no claims."""
    try:
        path = claims_file(asked.source)
        if path is None:
            return []
        claims = read_claims(path, asked.network)
        result = audit(asked.network, claims, as_of=asked.day, lang=asked.lang)
    except LiantuError as error:
        lines = " ".join(error.lines(asked.lang))
        failed = asked.tell("cannot_run", name=asked.say("audit"), reason=lines)
        return [Section("audit", asked.say("audit"), (Text(failed),))]
    blocks: list[Block] = [Text(asked.tell("audit_words")), _facts(asked, result)]
    frame = result.table.reset_index().rename(columns={"subject": "about"})
    columns = [key for key in frame.columns if frame[key].notna().any()]
    title, command = asked.say("audit"), _command(asked)
    blocks.append(table(asked, title, frame, columns, command, annex="audit"))
    if result.notes:
        blocks.append(Items(tuple(note.text(asked.lang) for note in result.notes)))
    whole = annex("audit", title, frame, columns, command)
    return [Section("audit", title, tuple(blocks), annexes=whole)]


def _command(asked: Asked) -> str:
    words = ["liantu", "audit", quoted(asked.source), "--as-of", asked.day.isoformat()]
    return asked.shown(*words, asked.extra)


def _facts(asked: Asked, result: Result) -> Facts:
    summary = result.summary
    shown = ("claims", "holds", "contradicted", "fails", "ambiguous", "not_derivable")
    broken = ("contradicted", "fails")
    facts = [
        Fact(
            vocabulary.label(key, asked.lang),
            str(summary[key]),
            alarm=key in broken and summary[key] > 0,
        )
        for key in shown
    ]
    derived = f"{summary['claims'] - summary['not_derivable']} / {summary['claims']}"
    share = percent(summary["derivable"] or 0.0)
    facts.append(Fact(vocabulary.label("derivable", asked.lang), share, derived))
    return Facts(tuple(facts), _command(asked))

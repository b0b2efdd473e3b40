"""The section of the report on the claims of a text, where the source has any."""

from __future__ import annotations

from liantu import vocabulary
from liantu.audit import audit, claims_file, read_claims
from liantu.errors import LiantuError, Message
from liantu.formats import percent
from liantu.results.asked import Asked
from liantu.results.blocks import Block, Cells, Fact, Facts, Items, Table, Text, look
from liantu.results.core import Result
from liantu.shell import quoted

ROWS = 100  # claims of a table


def audited(asked: Asked) -> list[Block]:
    """Return counts by verdict and every claim; nothing where the source has no claims."""
    try:
        path = claims_file(asked.source)
        if path is None:
            return []
        claims = read_claims(path, asked.network)
        result = audit(asked.network, claims, as_of=asked.day, lang=asked.lang)
    except LiantuError as error:
        name, lines = vocabulary.label("audit", asked.lang, "label"), error.lines(asked.lang)
        failed = Message("cannot_run", {"name": name, "reason": " ".join(lines)})
        return [Text(failed.text(asked.lang))]
    blocks: list[Block] = [Text(Message("audit_words").text(asked.lang)), _facts(asked, result)]
    blocks.append(_table(asked, result))
    if result.notes:
        blocks.append(Items(tuple(note.text(asked.lang) for note in result.notes)))
    return blocks


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


def _table(asked: Asked, result: Result) -> Table:
    frame = result.table.reset_index().rename(columns={"subject": "about"})
    columns = [key for key in frame.columns if frame[key].notna().any()]
    texts = Cells(asked.network, asked.lang).frame(frame.head(ROWS), columns)
    params = {"shown": ROWS, "total": len(frame), "command": _command(asked)}
    return Table(
        title="",
        head=tuple(vocabulary.label(key, asked.lang) for key in columns),
        rows=tuple(texts.itertuples(index=False, name=None)),
        looks=tuple(look(key, frame[key]) for key in columns),
        cap=Message("first_rows", params).text(asked.lang) if len(frame) > ROWS else "",
        command=_command(asked),
    )

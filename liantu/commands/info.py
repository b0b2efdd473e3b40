"""The command that shows what is in a source."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import liantu
from liantu.commands import _options as opt
from liantu.commands._help import Command, make
from liantu.commands._output import emit_json
from liantu.commands._reading import read_network
from liantu.commands._session import Session
from liantu.graph.load_report import tables_read
from liantu.vocabulary import Lang

if TYPE_CHECKING:
    from liantu.graph.network import Network


def command(lang: Lang) -> Command:
    """Return the command."""
    params = [
        opt.source(lang),
        *opt.reading(lang),
        *opt.privacy(lang),
        opt.option("format", lang, opt.Choice(["table", "json"])),
    ]
    return make("info", lang, info, params, "liantu info case:demo")


def info(
    session: Session,
    *,
    source: str,
    mapping: Sequence[Path],
    create_missing: bool,
    region: str | None,
    show_teachers: bool,
    format: str | None,
) -> None:
    """Show what is in a source."""
    from liantu.formats import aligned

    network = read_network(session, source, mapping, create_missing, region, show_teachers)
    facts = _facts(network, source)
    if format == "json":
        emit_json(session, facts, None)
        return
    rows = [
        (session.label(key, "sheet"), str(facts[key] or "–"))
        for key in ("title", "source", "as_of", "fingerprint")
    ]
    for part, group in (("nodes", "kind"), ("relations", "relation"), ("synthetic", "")):
        rows.append(("", ""))
        rows.append((session.label(part, "sheet"), str(sum(facts[part].values()))))
        for key, count in facts[part].items():
            own = group or ("kind" if key in facts["nodes"] else "relation")
            rows.append((f"  {session.label(key, own)}", str(count)))
    rows += [("", ""), (session.label("report", "sheet"), "")]
    rows += [
        (f"  {session.label(key, 'count')}", str(count))
        for key, count in facts["load_report"]["totals"].items()
    ]
    for entry in facts["load_report"]["problems"]:
        severity = session.label(entry["severity"], "severity")
        rows.append((f"  {severity} {entry['code']}", str(entry["count"])))
    print(aligned(rows, [False, False]))


def _facts(network: Network, source: str) -> dict[str, Any]:
    """Return what is in a network, as plain values."""
    from liantu.addresses import shown
    from liantu.graph import schema

    frames = {kind: network.nodes(kind) for kind in schema.kinds()}
    frames |= {name: network.relation(name) for name in schema.relations()}
    frames["observations"] = network.observations
    counts = {name: len(frame) for name, frame in frames.items() if len(frame)}
    made_up = {name: int(frame["synthetic"].fillna(False).sum()) for name, frame in frames.items()}
    return {
        "source": network.masked(shown(source)),
        "title": network.title,
        "as_of": network.as_of.isoformat() if network.as_of else None,
        "fingerprint": network.fingerprint,
        "nodes": {name: counts[name] for name in schema.kinds() if name in counts},
        "relations": {name: n for name, n in counts.items() if name not in schema.kinds()},
        "synthetic": {name: count for name, count in made_up.items() if count},
        "load_report": {
            "totals": network.report.totals(),
            "tables": tables_read(network.report, network.masked),
            "problems": [
                {"severity": severity, "code": code, "count": count}
                for (severity, code), count in sorted(network.report.by_code().items())
            ],
        },
        "version": liantu.__version__,
    }

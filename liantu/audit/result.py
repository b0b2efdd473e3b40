"""The audit of a text: one row a claim, counts by verdict, the evidence rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pandas as pd

from liantu.audit.claims import Claim, claims_file, misplaced, read_claims
from liantu.audit.masked import masked, named, told
from liantu.audit.measures import origins
from liantu.audit.verdicts import VERDICTS, Verdict, days_of, judge
from liantu.errors import Message, RequestError
from liantu.graph import schema
from liantu.graph.network import Network
from liantu.results import Result
from liantu.results.core import AsOf, day_of, rate
from liantu.vocabulary import Lang

_ROWS = ("claim", "origin", "synthetic", "place")


def audit(
    network: Network,
    claims: Iterable[Claim],
    *,
    as_of: AsOf = None,
    rows: bool = False,
    lang: Lang = "en",
) -> Result:
    """Say of each claim of a text whether it holds on a network.

    Parameters
    ----------
    network
        The network that the text is about. One without teachers' names is judged with them: only
        what the result says is without.
    claims
        The claims, from `read_claims`.
    as_of
        The date of claims that name none; the network's own by default, else today.
    rows
        List the evidence rows of every claim in the table ``rows``.
    lang
        Language of the evidence.

    Returns
    -------
    Result
        Table by claim, in their order: ``subject, place, claimed, computed, verdict,
        by_construction, evidence``. The verdict is one of ``holds, fails, contradicted, ambiguous,
        not_derivable``. Further tables: ``claims`` (every claim as numbers), ``readings`` (what
        each reading gives), with `rows` also ``rows``. Summary: ``claims``, counts by verdict,
        ``derivable`` (share of claims that the network can answer), ``rows``,
        ``rows_synthetic`` (rows of the network).

    Raises
    ------
    RequestError
        If a claim names a subject, region or cell of an analysis that does not exist: every one.

    Examples
    --------
    >>> from liantu.audit.reading import Measure
    >>> network = Network.from_frames({"school": pd.DataFrame({"id": ["a", "b"]})})
    >>> claim = Claim("schools", (Measure("count", "school"),), comparison="=", value=3)
    >>> audit(network, [claim], as_of="2024-06-30").table["verdict"].tolist()
    ['fails']
    """
    # a claim is about everything that its measure names, whichever region is in focus
    whole, claims, day = named(network).whole(), tuple(claims), day_of(network, as_of)
    if problems := misplaced(network, claims):
        raise RequestError(problems)
    with told(network):
        verdicts = judge(whole, claims, day)
    verdicts = masked(verdicts, network)
    claims = tuple(verdict.claim for verdict in verdicts)
    tables = {"claims": _claims(claims, day), "readings": _readings(verdicts, lang)}
    if rows:
        tables["rows"] = _evidence_rows(verdicts)
    return Result(
        table=_table(verdicts, lang),
        summary={**counts(verdicts), **_sizes(whole)},
        tables={name: frame for name, frame in tables.items() if len(frame)},
        notes=_notes(verdicts),
        name="audit",
        parameters={"rows": rows},
        as_of=day,
        fingerprint=network.fingerprint,
    )


def audit_cases(*, as_of: AsOf = None, rows: bool = False, lang: Lang = "en") -> Result:
    """Audit every bundled case that has claims.

    Parameters
    ----------
    as_of
        The date of claims that name none; each case's own by default.
    rows
        List the evidence rows of every claim in the table ``rows``.
    lang
        Language of the evidence.

    Returns
    -------
    Result
        One row a case: its date and the summary of its audit. Table ``claims``: every claim of
        every case, as `audit` has it. Summary: the sums.
    """
    from liantu.loaders import cases, read

    lines: dict[str, dict[str, Any]] = {}
    parts: dict[str, list[pd.DataFrame]] = {"claims": [], "rows": []}
    for name in (case.name for case in cases()):
        path = claims_file(f"case:{name}")
        if path is None:
            continue
        network = read(f"case:{name}").without_teacher_names()
        result = audit(network, read_claims(path, network), as_of=as_of, rows=rows, lang=lang)
        lines[name] = {"as_of": pd.Timestamp(result.as_of), **result.summary}
        found = {"claims": result.table.reset_index(), "rows": result.tables.get("rows")}
        for key, frame in found.items():
            if frame is not None:
                frame.insert(0, "case", name)
                parts[key].append(frame)
    columns = ["as_of", "claims", *VERDICTS, "derivable", "rows", "rows_synthetic"]
    table = pd.DataFrame.from_dict(lines, orient="index", columns=columns).rename_axis("case")
    summary: dict[str, Any] = {"cases": len(table)}
    summary |= {key: int(table[key].sum()) for key in ("claims", *VERDICTS)}
    summary["derivable"] = rate(summary["claims"] - summary["not_derivable"], summary["claims"])
    summary |= {key: int(table[key].sum()) for key in ("rows", "rows_synthetic")}
    latest = table["as_of"].max() if len(table) else pd.Timestamp(date.today())
    return Result(
        table=table,
        summary=summary,
        tables={key: pd.concat(found, ignore_index=True) for key, found in parts.items() if found},
        name="audit",
        parameters={"source": "case:all", "rows": rows},
        as_of=latest.date(),
    )


def counts(verdicts: Iterable[Verdict]) -> dict[str, Any]:
    """Return the number of claims by verdict, and the share that can be derived."""
    found = [verdict.verdict for verdict in verdicts]
    by_verdict = {name: found.count(name) for name in VERDICTS}
    derivable = len(found) - by_verdict["not_derivable"]
    return {"claims": len(found), **by_verdict, "derivable": rate(derivable, len(found))}


def _sizes(network: Network) -> dict[str, int]:
    frames = [network.nodes(kind) for kind in schema.kinds()]
    frames += [network.relation(name) for name in schema.relations()]
    frames.append(network.observations)
    made_up = sum(int(frame["synthetic"].fillna(value=False).sum()) for frame in frames)
    return {"rows": sum(map(len, frames)), "rows_synthetic": made_up}


def _table(verdicts: Iterable[Verdict], lang: Lang) -> pd.DataFrame:
    between = "；" if lang == "zh" else "; "
    rows = [
        {
            "claim": verdict.claim.id,
            "subject": verdict.claim.subject or None,
            "place": verdict.claim.place or None,
            "claimed": verdict.claim.claimed(lang),
            "computed": verdict.computed,
            "verdict": verdict.verdict,
            "by_construction": verdict.by_construction,
            "evidence": between.join(said(message, lang) for message in verdict.evidence),
        }
        for verdict in verdicts
    ]
    columns = ["claim", "subject", "place", "claimed", "computed", "verdict"]
    frame = pd.DataFrame(rows, columns=[*columns, "by_construction", "evidence"])
    return frame.astype({"computed": "float64", "by_construction": "bool"}).set_index("claim")


def said(message: Message, lang: Lang) -> str:
    """Return a message, the messages among its parameters in the same language."""
    params: Mapping[str, Any] = {
        key: said(value, lang) if isinstance(value, Message) else value
        for key, value in message.params.items()
    }
    return Message(message.code, params).text(lang)


def _claims(claims: Iterable[Claim], day: date) -> pd.DataFrame:
    """Return every claim as numbers and dates, for machines."""
    rows = []
    for claim in claims:
        start, end = days_of(claim, day)
        row = {key: getattr(claim, key) or None for key in ("comparison", "unit", "scope")}
        row |= {"claim": claim.id, "value": claim.value, "tolerance": claim.tolerance or None}
        row |= {"start": pd.Timestamp(start), "end": pd.Timestamp(end)}
        rows.append({**row, "note": claim.note or None, "note_en": claim.note_en or None})
    columns = ["claim", "comparison", "value", "tolerance", "unit", "start", "end", "scope"]
    frame = pd.DataFrame(rows, columns=[*columns, "note", "note_en"])
    return frame.astype({"value": "float64", "tolerance": "float64"})


def _readings(verdicts: Iterable[Verdict], lang: Lang) -> pd.DataFrame:
    rows = [
        {
            "claim": verdict.claim.id,
            "reading": place,
            "computed": found.value,
            "evidence": said(found.evidence, lang),
        }
        for verdict in verdicts
        if len(verdict.found) > 1
        for place, found in enumerate(verdict.found, 1)
    ]
    frame = pd.DataFrame(rows, columns=["claim", "reading", "computed", "evidence"])
    return frame.astype({"computed": "float64"})


def _evidence_rows(verdicts: Iterable[Verdict]) -> pd.DataFrame:
    """Return the rows behind each claim, by their names."""
    parts = [pd.DataFrame(columns=list(_ROWS)).astype({"synthetic": "bool"})]
    for verdict in verdicts:
        for table, frame in (part for found in verdict.found for part in found.rows):
            if len(frame):
                part = pd.DataFrame({"claim": verdict.claim.id, "origin": origins(table, frame)})
                part["synthetic"] = frame["synthetic"].fillna(value=False).astype(bool)
                parts.append(part.assign(place=frame["place"]))
    return pd.concat(parts[1:] or parts, ignore_index=True)


def _notes(verdicts: Iterable[Verdict]) -> tuple[Message, ...]:
    """Say how many claims hold only by construction."""
    built = sum(verdict.by_construction for verdict in verdicts)
    return (Message("built_claims", {"count": built}),) if built else ()

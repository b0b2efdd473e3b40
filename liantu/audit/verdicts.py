"""Verdicts: whether each claim holds, and which claims cannot be true together."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import pandas as pd

from liantu.audit.claims import FILE, Claim
from liantu.audit.measures import Days, Found, Measurer, number
from liantu.audit.reading import Measure
from liantu.errors import LiantuError, Message, RequestError
from liantu.graph.network import Network
from liantu.vocabulary import share_of

VERDICTS = ("holds", "fails", "contradicted", "ambiguous", "not_derivable")


@dataclass(frozen=True)
class Verdict:
    """What the network says about a claim.

    Attributes
    ----------
    claim
        The claim.
    verdict
        One of `VERDICTS`.
    computed
        The figure that the network gives, None where it gives none or several.
    by_construction
        Whether the claim holds only because rows were made up to its total, or repeat it.
    evidence
        What the figure is made of, the readings, the other claims, or the rows needed.
    found
        What each reading gives.
    """

    claim: Claim
    verdict: str
    computed: float | None
    by_construction: bool
    evidence: tuple[Message, ...]
    found: tuple[Found, ...]


def judge(network: Network, claims: Sequence[Claim], day: date) -> tuple[Verdict, ...]:
    """Return the verdict on each claim, in their order.

    Parameters
    ----------
    network
        The network that the claims are about.
    claims
        The claims; whether one is contradicted depends on the others.
    day
        The date of claims that name none.

    Raises
    ------
    RequestError
        If a claim asks an analysis for a figure that it does not have: every one at once.
    """
    measurer = Measurer(network)
    alone, problems = [], []
    for claim in claims:
        try:
            alone.append(_alone(network, measurer, claim, days_of(claim, day)))
        except LiantuError as error:
            problems += [replace(each, file=FILE, column=claim.id) for each in error.problems]
    if problems:
        raise RequestError(problems)
    fixed = _fixed(alone, day)
    return tuple(_with_others(verdict, alone, fixed, day) for verdict in alone)


def days_of(claim: Claim, day: date) -> Days:
    """Return the first and last day that a claim speaks of."""
    own = claim.as_of or day
    return claim.period or (own, own)


def _alone(network: Network, measurer: Measurer, claim: Claim, days: Days) -> Verdict:
    """Return the verdict on a claim without regard to others."""
    if claim.readings[0].kind == "attribute":
        return _attribute(network, claim)
    period = claim.period is not None
    found = [measurer.find(measure, days, period=period) for measure in claim.readings]
    if claim.value == 0:
        found = [replace(each, value=0.0) if each.empty else each for each in found]
    if claim.unit == "percent":
        found = [_percent(each) for each in found]
    answers = {None if each.value is None else number(each.value) for each in found}
    if len(answers) > 1:
        shown = tuple(_reading(each, place) for place, each in enumerate(found, 1))
        return Verdict(claim, "ambiguous", None, False, shown, tuple(found))
    first = found[0]
    if first.value is None or claim.value is None:
        needed = tuple(each.evidence for each in found)
        return Verdict(claim, "not_derivable", None, False, needed, tuple(found))
    holds = _compares(first.value, claim)
    built = holds and all(each.constructed for each in found)
    verdict = "holds" if holds else "fails"
    return Verdict(claim, verdict, first.value, built, (first.evidence,), tuple(found))


def _percent(found: Found) -> Found:
    return replace(found, value=found.value * 100) if found.rate and found.value else found


def _reading(found: Found, place: int) -> Message:
    if found.value is None:
        return Message("reading_without", {"place": place, "evidence": found.evidence})
    shown = {"place": place, "value": number(found.value), "evidence": found.evidence}
    return Message("reading_gives", shown)


def _compares(computed: float, claim: Claim) -> bool:
    """Return whether a figure is what a claim says, rounding of the machine aside."""
    value = float(claim.value or 0)
    near = math.isclose(computed, value, rel_tol=1e-9, abs_tol=1e-12)
    if claim.comparison == ">=":
        return near or computed > value
    if claim.comparison == "<=":
        return near or computed < value
    if claim.comparison == "~":
        allowed = claim.tolerance * abs(value)
        return abs(computed - value) <= allowed * (1 + 1e-9) + 1e-12
    return near


# -- rules -------------------------------------------------------------------------------------


def _attribute(network: Network, claim: Claim) -> Verdict:
    """Return the verdict on a rule: whether an observation says the same of the subject."""
    rule = claim.readings[0]
    kind, _, name = claim.subject.partition(":")
    frame = network.observations
    here = (frame["kind"] == kind) & (frame["id"] == name) & (frame["measure"] == rule.column)
    said = frame[here & frame["text"].notna()]
    if said.empty:
        params = {"measure": rule.column, "value": claim.subject, "text": rule.text}
        needs = Message("needs_attribute", params)
        return Verdict(claim, "not_derivable", None, False, (needs,), ())
    texts = sorted(set(said["text"]))
    holds = rule.text in texts
    kept: pd.DataFrame = said[said["text"] == rule.text] if holds else said
    rows = (("observations", kept),)
    evidence = Message("evidence_text", {"measure": rule.column, "value": " / ".join(texts)})
    found = (Found(None, evidence, rows, constructed=True),)
    return Verdict(claim, "holds" if holds else "fails", None, holds, (evidence,), found)


def _opposed(verdict: Verdict, alone: Iterable[Verdict], day: date) -> list[str]:
    """Return the ids of claims that give another value to the attribute of a subject then."""
    own, (start, end) = verdict.claim, days_of(verdict.claim, day)
    found = []
    for claim in (other.claim for other in alone):
        rule, (first, last) = claim.readings[0], days_of(claim, day)
        same = (claim.subject, rule.kind) == (own.subject, "attribute")
        same = same and rule.column == own.readings[0].column and first <= end and last >= start
        if same and rule.text != own.readings[0].text:
            found.append(claim.id)
    return found


# -- claims that fix others --------------------------------------------------------------------

Fixed = dict[tuple[Measure, Days, bool], Claim]


def _fixed(alone: Iterable[Verdict], day: date) -> Fixed:
    """Return the claims that hold and say exactly how much, by what they measure and when."""
    found: Fixed = {}
    for verdict in alone:
        claim = verdict.claim
        if verdict.verdict == "holds" and claim.comparison == "=" and len(claim.readings) == 1:
            found.setdefault(_asked(claim.readings[0], claim, day), claim)
    return found


def _asked(measure: Measure, claim: Claim, day: date) -> tuple[Measure, Days, bool]:
    return measure, days_of(claim, day), claim.period is not None


def _parts(measure: Measure) -> tuple[Measure, ...]:
    """Return the measures that a figure is fixed by: numerator and denominator, else itself."""
    if measure.kind == "ratio":
        return measure.parts
    if parts := share_of(measure.summary):
        return tuple(replace(measure, summary=part) for part in parts)
    return (measure,)


def _with_others(verdict: Verdict, alone: Sequence[Verdict], fixed: Fixed, day: date) -> Verdict:
    """Return a verdict with regard to the other claims."""
    claim, measure = verdict.claim, verdict.claim.readings[0]
    if measure.kind == "attribute":
        others = ", ".join(_opposed(verdict, alone, day))
    elif verdict.verdict == "fails" and len(claim.readings) == 1:
        asked = [(measure,), _parts(measure)]
        known = [
            [fixed[key] for part in parts if (key := _asked(part, claim, day)) in fixed]
            for parts in asked
        ]
        whole = [each for each, parts in zip(known, asked, strict=True) if len(each) == len(parts)]
        others = ", ".join(f"{c.id} = {number(c.value)}" for c in whole[0]) if whole else ""
    else:
        return verdict
    if not others:
        return verdict
    against = Message("contradicted_by", {"value": others})
    evidence = (*verdict.evidence, against) if verdict.found else (against,)
    return replace(verdict, verdict="contradicted", by_construction=False, evidence=evidence)

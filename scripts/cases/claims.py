"""The claims of a text as data, and the TOML they are written as."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

Measure = dict[str, Any]


def claim(
    id: str,
    value: float,
    unit: str,
    measure: Measure | list[Measure],
    place: str,
    note: str,
    note_en: str,
    **more: Any,
) -> dict[str, Any]:
    """Return a claim about a figure; several measures are the readings that a text allows.

    `more`: subject, comparison ("=" by default), tolerance, as_of, period, scope.
    """
    known = {"id": id, "subject": more.pop("subject", None), "place": place}
    known |= {"note": note, "note_en": note_en}
    known |= {"comparison": more.pop("comparison", "="), "value": value, "unit": unit, **more}
    known["readings" if isinstance(measure, list) else "measure"] = measure
    return {key: value for key, value in known.items() if value is not None}


def rule(
    id: str, subject: str, attribute: str, value: str, place: str, note: str, note_en: str
) -> dict[str, Any]:
    """Return a claim that an attribute of a node has a value."""
    measure = {"attribute": attribute, "is": value}
    words = {"place": place, "note": note, "note_en": note_en}
    return {"id": id, "subject": subject, **words, "measure": measure}


def count(table: str, **where: Any) -> Measure:
    """Count rows."""
    return _filtered({"count": table}, where)


def distinct(column: str, table: str, **where: Any) -> Measure:
    """Count the distinct values of a column."""
    return _filtered({"distinct": column, "of": table}, where)


def total(column: str, table: str, **where: Any) -> Measure:
    """Sum a column."""
    return _filtered({"sum": column, "of": table}, where)


def most(column: str, table: str, **where: Any) -> Measure:
    """Take the largest value of a column."""
    return _filtered({"max": column, "of": table}, where)


def least(column: str, table: str, **where: Any) -> Measure:
    """Take the smallest value of a column."""
    return _filtered({"min": column, "of": table}, where)


def ratio(numerator: Measure, denominator: Measure) -> Measure:
    """Divide one figure by another."""
    return {"ratio": [numerator, denominator]}


def seen(measure: str, **where: Any) -> Measure:
    """Take the value of an observation."""
    return _filtered({"observation": measure}, where)


def covers(summary: str, **parameters: Any) -> Measure:
    """Take a figure from the summary of the analysis of coverage."""
    return {"analysis": "coverage", "parameters": parameters, "summary": summary}


def missing(en: str, zh: str) -> Measure:
    """Say which rows a figure would need that no row of the tables could carry."""
    return {"missing": en, "zh": zh}


def _filtered(measure: Measure, where: Mapping[str, Any]) -> Measure:
    return measure | ({"where": dict(where)} if where else {})


def frame_claims(prefix: str) -> list[dict[str, Any]]:
    """Return the claims of Shandong's provincial frame."""
    place = "编者按"
    return [
        claim(f"{prefix}-frame-departments", 4, "items", seen("issuing_departments", id="shandong"),
              place, "四部门联合印发", "issued by four departments"),
        claim(f"{prefix}-frame-mechanisms", 3, "items",
              missing("names of the three pairing mechanisms and the ties of each",
                      "三种结对机制的名称及各自的结对关系"),
              place, "三种教育结对机制", "three pairing mechanisms"),
        rule(f"{prefix}-frame-policy", "region:shandong", "policy", "强校扩优行动", place,
             "省级政策框架", "the provincial policy"),
    ]  # fmt: skip


def toml(claims: Iterable[Mapping[str, Any]]) -> str:
    """Return claims as the text of a ``claims.toml``."""
    return "\n".join(_block("claim", claim) for claim in claims)


def phases(entries: Iterable[Mapping[str, str]]) -> str:
    """Return the phases of a history as they stand in ``network.toml``."""
    return "".join("\n" + _block("phase", entry) for entry in entries)


def goals(entries: Iterable[Mapping[str, Any]]) -> str:
    """Return the goals of a policy as they stand in ``network.toml``."""
    return "".join("\n" + _block("goal", entry) for entry in entries)


def rotates(region: str) -> dict[str, Any]:
    """Return the national goal of rotation for a county, city or district."""
    return {
        "id": "rotation",
        "rule": "rotation",
        "region": region,
        "level": "county",
        "share": 0.1,
        "note": "每年交流轮岗的教师不低于 10%（县域义务教育优质均衡发展督导评估）",
        "note_en": "10 % of teachers rotate a year (national evaluation of quality and balance)",
    }


def _block(name: str, entry: Mapping[str, Any]) -> str:
    return f"[[{name}]]\n" + "".join(f"{key} = {_value(entry[key])}\n" for key in entry)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_value(value[key])}" for key in value) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    # a JSON string of printable text is a TOML string; numbers and booleans are the same
    return json.dumps(value, ensure_ascii=False)

"""A plan as the text of a TOML file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from liantu.errors import RequestError


def plan_text(plan: Mapping[str, Any]) -> str:
    """Return a plan as the text that `liantu.read_scenario` reads.

    Parameters
    ----------
    plan
        What such a file holds: ``scenario`` (``name``, ``as_of``) and ``edit``, a list.

    Raises
    ------
    RequestError
        If it holds what is neither text, number, truth, day, nor a list or table of these.

    Examples
    --------
    >>> print(plan_text({"scenario": {"name": "甲"}, "edit": [{"do": "leave", "school": "01"}]}))
    [scenario]
    name = "甲"
    <BLANKLINE>
    [[edit]]
    do = "leave"
    school = "01"
    <BLANKLINE>
    """
    blocks = []
    if head := plan.get("scenario"):
        blocks.append(["[scenario]", *_lines(head)])
    blocks += [["[[edit]]", *_lines(edit)] for edit in plan.get("edit", ())]
    return "\n".join("\n".join(lines) + "\n" for lines in blocks)


def _lines(table: Mapping[str, Any]) -> list[str]:
    return [f"{_key(key)} = {_value(value)}" for key, value in table.items() if value is not None]


def _key(key: str) -> str:
    bare = key.isascii() and key.replace("_", "").replace("-", "").isalnum()
    return key if bare else _text(key)


def _value(value: Any) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | date):
        return str(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(_lines(value)) + " }"
    raise RequestError.of("scenario_value", value=type(value).__name__)


def _text(text: str) -> str:
    """Return a text in quotes: what JSON escapes, TOML reads; but for the sign of deletion."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")

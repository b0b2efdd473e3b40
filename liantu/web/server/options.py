"""The parameters of analyses for the page, and their values as the page writes them.

All of it comes from the registry: what an analysis takes, what it says of it, what is allowed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from liantu.errors import OptionError, RequestError
from liantu.options import check_choice, parse_date, parse_list
from liantu.results import Analysis, Parameter
from liantu.vocabulary import Lang, nearest

LANGS: tuple[Lang, ...] = ("en", "zh")


def described(analysis: Analysis) -> dict[str, Any]:
    """Return what the page knows of an analysis, in both languages.

    Examples
    --------
    >>> from liantu.results import find
    >>> found = described(find("reach"))
    >>> found["command"], [p["type"] for p in found["parameters"] if p["name"] == "hops"]
    ('reach', ['int'])
    """
    return {
        "name": analysis.name,
        "command": analysis.command,
        "title": {lang: analysis.title(lang).rstrip(".。") for lang in LANGS},
        "text": {lang: analysis.text(lang) for lang in LANGS},
        "highlights": list(analysis.highlights),
        "parameters": [_parameter(parameter) for parameter in analysis.parameters],
    }


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "option": parameter.option,
        "type": kind_of(parameter),
        "choices": list(parameter.choices),
        "default": parameter.default,
        "help": dict(parameter.help),
    }


def kind_of(parameter: Parameter) -> str:
    """Return what the value of a parameter is: pairs, date, choice, list, bool, int, float, text.

    Examples
    --------
    >>> from liantu.results import find
    >>> [kind_of(p) for p in find("reach").parameters][:3]
    ['date', 'choice', 'int']
    """
    if parameter.is_pairs:
        return "pairs"
    if parameter.name == "as_of":
        return "date"
    if parameter.choices:
        return "choice"
    if parameter.is_list:
        return "list"
    known = {bool: "bool", int: "int", float: "float"}
    return known.get(parameter.scalar, "text")


def values_of(analysis: Analysis, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of parameters as the function takes them; those left empty are left out.

    Parameters
    ----------
    analysis
        The analysis.
    given
        Values by name: text as in an address, or what JSON has; pairs as
        ``[{"source": …, "target": …}]`` or as ``a>b,c>d``.

    Raises
    ------
    OptionError
        If there is no such parameter, or a value is malformed.

    Examples
    --------
    >>> from liantu.results import find
    >>> values_of(find("reach"), {"hops": "3", "basis": "assists,member_of"})
    {'hops': 3, 'basis': ('assists', 'member_of')}
    """
    known = {parameter.name: parameter for parameter in analysis.parameters}
    found = {}
    for name, value in given.items():
        key = str(name).replace("-", "_")
        if key not in known:
            near = nearest(key, list(known)) or "–"
            raise OptionError.of("serve_no_option", value=str(name), nearest=near)
        if value is not None and value != "":
            found[key] = _value(known[key], value)
    return found


def _value(parameter: Parameter, value: Any) -> Any:
    kind, option = kind_of(parameter), parameter.option
    if kind == "pairs":
        return _pairs(value, option)
    if kind == "list":
        parts = [str(part) for part in value] if isinstance(value, Sequence) else []
        return parse_list(value if isinstance(value, str) else parts)
    if not isinstance(value, str | int | float):
        raise OptionError.of("serve_bad_value", value=type(value).__name__, option=option)
    text = str(value)
    if kind == "date":
        return parse_date(text, parameter.name)
    if kind == "choice":
        return check_choice(text, parameter.choices, parameter.name)
    if kind == "bool":
        return check_choice(text.lower(), ("true", "false"), parameter.name) == "true"
    if kind in ("int", "float"):
        try:
            return int(text) if kind == "int" else float(text)
        except ValueError:
            code = "bad_option_whole" if kind == "int" else "bad_option_number"
            raise OptionError.of(code, value=text, option=option) from None
    return text


def _pairs(value: Any, option: str) -> pd.DataFrame:
    if isinstance(value, str):
        parts = [part.split(">") for part in value.split(",") if part.strip()]
        value = [
            {"source": part[0].strip(), "target": part[1].strip()} for part in parts if part[1:]
        ]
        if len(value) < len(parts):
            raise OptionError.of("serve_bad_value", value=">", option=option)
    whole = isinstance(value, list)
    rows = [row for row in value if _is_pair(row)] if whole else []
    if not whole or len(rows) < len(value):
        raise OptionError.of("serve_bad_value", value=type(value).__name__, option=option)
    ends = {key: [str(row[key]) for row in rows] for key in ("source", "target")}
    return pd.DataFrame(ends, dtype="str")


def _is_pair(row: Any) -> bool:
    return isinstance(row, Mapping) and {"source", "target"} <= set(row)


def trimmed(result: dict[str, Any], columns: str | None, limit: str | None) -> dict[str, Any]:
    """Return a result with only some columns and rows of its table; its figures stay whole.

    Raises
    ------
    RequestError
        If there is no such column.
    """
    rows = result["table"]
    if limit:
        rows = rows[: max(_value(_LIMIT, limit), 0)]
    wanted = parse_list(columns)
    if wanted and rows:
        for name in wanted:
            if name not in rows[0]:
                near = nearest(name, list(rows[0])) or "–"
                raise RequestError.of("serve_no_column", value=name, nearest=near)
        rows = [{name: row[name] for name in wanted} for row in rows]
    return {**result, "table": rows}


_LIMIT = Parameter("limit", int, None, {})

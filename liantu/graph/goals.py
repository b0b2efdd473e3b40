"""Goals of a policy as data: the ``[[goal]]`` entries of ``network.toml``, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from liantu.errors import OptionError, Problem
from liantu.options import parse_window
from liantu.vocabulary import nearest

ABOUT = {
    **{"id": "text", "rule": "text", "note": "text", "note_en": "text"},
    "region": "text",  # where the goal applies
}
# The closed set of rules: their parameters, and which of these must be given.
RULES: dict[str, dict[str, str]] = {
    "pair_sends": {
        "role": "text", "form": "text", "months": "number", "years": "number", "at_least": "number",
    },
    "regions_reached": {
        "level": "text", "form": "text", "window": "window", "undated": "flag",
        "at_least": "number",
    },
    "center_sessions": {"days": "number", "form": "text", "window": "window"},
    "rotation": {"share": "share", "form": "text", "level": "text", "window": "window"},
}  # fmt: skip
NEEDED = {
    "pair_sends": (),
    "regions_reached": ("level",),
    "center_sessions": ("days",),
    "rotation": ("share",),
}
_MEANT = {
    "text": '"…"', "number": "1, 2, 3 …", "share": "0.1", "window": '"12m"', "flag": "true / false",
}  # fmt: skip
_MOST = 1200  # months: a century


def goal_problems(goals: Sequence[Mapping[str, Any]], file: str = "") -> list[Problem]:
    """Return what is wrong with goals, one problem each.

    Examples
    --------
    >>> [str(problem.message()) for problem in goal_problems([{"id": "a", "rule": "rotation"}])]
    ['the goal lacks “share”']
    """
    problems: list[Problem] = []

    def add(code: str, where: str, value: object = "", **params: object) -> None:
        problems.append(Problem("error", code, file, column=where, value=str(value), params=params))

    seen: set[str] = set()
    for number, goal in enumerate(goals, 1):
        where = f"goal {number}"
        rule = goal.get("rule")
        for key in ("id", "rule"):
            if key not in goal:
                add("goal_lacks", where, key)
        name = goal.get("id")
        if isinstance(name, str):
            if name in seen:
                add("goal_twice", where, name)
            seen.add(name)
        if rule is not None and not isinstance(rule, str):
            add("goal_value", f"{where}.rule", rule, meant=_MEANT["text"])
        known = RULES.get(rule) if isinstance(rule, str) else None
        if isinstance(rule, str) and known is None:
            allowed = ", ".join(RULES)
            add("goal_rule", f"{where}.rule", rule, nearest=nearest(rule, RULES), allowed=allowed)
        if known is None:
            continue
        types = {**ABOUT, **known}
        for key in NEEDED[str(rule)]:
            if key not in goal:
                add("goal_lacks", where, key)
        for key, value in goal.items():
            if key not in types:
                near = nearest(key, types)
                code = "goal_key" if near else "goal_key_far"
                add(code, where, key, nearest=near, allowed=", ".join(types))
            elif not _fits(value, types[key]):
                add("goal_value", f"{where}.{key}", value, meant=_MEANT[types[key]])
    return problems


def _fits(value: Any, kind: str) -> bool:
    """Return whether a value is of a type of parameter."""
    if kind == "flag":
        return isinstance(value, bool)
    if isinstance(value, bool):
        return False
    if kind == "number":
        return isinstance(value, int) and 1 <= value <= _MOST
    if kind == "share":
        return isinstance(value, int | float) and 0 < value <= 1
    if not isinstance(value, str) or not value.strip():
        return False
    if kind == "window":
        try:
            parse_window(value)
        except OptionError:
            return False
    return True

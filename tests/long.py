"""Whether this is the long run: ``LIANTU_LONG=1``, as `make test-long` sets it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

LONG = bool(os.environ.get("LIANTU_LONG"))


def examples(short: int, long: int) -> int:
    """Return how many examples a property is tried on."""
    return long if LONG else short


def some(values: Iterable[Any], few: int) -> list[Any]:
    """Return the values that a test is run on: all, or a few spread over them, the first and last."""
    found = list(values)
    if LONG or len(found) <= few:
        return found
    return [found[place * (len(found) - 1) // max(few - 1, 1)] for place in range(few)]

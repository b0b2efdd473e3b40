"""Whether this is the long run: ``LIANTU_LONG=1``, as `make test-long` sets it."""

from __future__ import annotations

import os

LONG = bool(os.environ.get("LIANTU_LONG"))


def examples(short: int, long: int) -> int:
    """Return how many examples a property is tried on."""
    return long if LONG else short

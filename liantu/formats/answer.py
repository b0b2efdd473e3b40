"""What the formats write: the tables of an answer and the stamp of the question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

import liantu
from liantu.errors import Message


@dataclass(frozen=True)
class Answer:
    """The data of a `liantu.Result`, where they are explained: what every format writes."""

    table: pd.DataFrame
    summary: Mapping[str, Any] = field(default_factory=dict)
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    lists: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    notes: tuple[Message, ...] = ()
    name: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    as_of: date = date.min
    fingerprint: str = ""
    version: str = liantu.__version__
    names: Mapping[str, pd.Series] = field(default_factory=dict, repr=False, compare=False)

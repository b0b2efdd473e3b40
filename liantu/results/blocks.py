"""What a report is made of: sections of text, figures, tables and pictures, in no format yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from liantu import vocabulary
from liantu.graph.network import Network
from liantu.vocabulary import Lang


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    kind: ClassVar[str] = "text"
    text: str
    quiet: bool = False


@dataclass(frozen=True)
class Items:
    """A list of sentences."""

    kind: ClassVar[str] = "items"
    items: tuple[str, ...]


@dataclass(frozen=True)
class Fact:
    """A figure with its name and what it is made of."""

    label: str
    value: str
    detail: str = ""
    alarm: bool = False


@dataclass(frozen=True)
class Facts:
    """Headline figures."""

    kind: ClassVar[str] = "facts"
    facts: tuple[Fact, ...]
    command: str = ""


@dataclass(frozen=True)
class Table:
    """A table of texts; `looks` says how each column stands: number, short or empty for text."""

    kind: ClassVar[str] = "table"
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    looks: tuple[str, ...]
    cap: str = ""
    command: str = ""


@dataclass(frozen=True)
class Picture:
    """A chart as an ``<svg>`` element."""

    kind: ClassVar[str] = "picture"
    title: str
    svg: str
    command: str = ""


Block = Text | Items | Facts | Table | Picture


@dataclass(frozen=True)
class Section:
    """A headed part of the report."""

    key: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Report:
    """The whole report, ready for a template."""

    title: str
    subtitle: str
    lang: Lang
    facts: tuple[tuple[str, str], ...]  # what stands under the title: date, scope, fingerprint
    sections: tuple[Section, ...]
    fingerprint: str
    command: str
    version: str


@dataclass(frozen=True)
class Cells:
    """How values of a network become texts of a language: codes as labels, ids as names."""

    network: Network
    lang: Lang

    def names(self, kind: str) -> pd.Series:
        """Return the names of a kind by id; a region whose name is not unique after its parent."""
        nodes = self.network.nodes(kind)
        names = nodes["name"].fillna(pd.Series(nodes.index, index=nodes.index)).astype("str")
        if kind != "region":
            return names
        above = nodes["parent"].map(names).astype("str")
        twice = names.duplicated(keep=False) & above.notna()
        return names.mask(twice, above + " · " + names)

    def frame(self, frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
        """Return the columns as texts, one column of text a column."""
        return pd.DataFrame({key: self.column(key, frame[key]) for key in columns}, dtype="str")

    def column(self, key: str, values: pd.Series) -> pd.Series:
        """Return the texts of a column."""
        group = vocabulary.code_group(key)
        if kind := vocabulary.id_kind(key):
            names = self.names(kind)
            values = values.astype("str").map(
                lambda item: names.get(item, item), na_action="ignore"
            )
        elif group is not None:
            values = values.astype("str").map(
                lambda item: vocabulary.label(item, self.lang, group), na_action="ignore"
            )
        return values.map(lambda item: self.value(key, item)).astype("str")

    def value(self, key: str, value: Any) -> str:
        """Return the text of one value; an en dash where it is missing."""
        if value is None or (not isinstance(value, str) and pd.isna(value)):
            return "–"
        if isinstance(value, bool | np.bool_):
            return vocabulary.label("true" if value else "false", self.lang, "bool")
        if isinstance(value, date):
            return value.strftime("%Y-%m-%d")
        if isinstance(value, str):
            return value
        if vocabulary.is_share(key):
            return f"{float(value):.1%}"
        number = float(value)
        return f"{number:,.0f}" if number.is_integer() else f"{number:,.3g}"


def look(key: str, values: pd.Series) -> str:
    """Return how a column stands: ``number`` at the right, ``short`` unbroken, else empty."""
    kinds = pd.api.types
    if kinds.is_numeric_dtype(values) and not kinds.is_bool_dtype(values):
        return "number"
    short = kinds.is_datetime64_dtype(values) or kinds.is_bool_dtype(values)
    return "short" if short or vocabulary.code_group(key) else ""

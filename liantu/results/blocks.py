"""What a report is made of: sections of text, figures, tables and pictures, in no format yet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pandas as pd

from liantu import vocabulary
from liantu.graph.network import Network
from liantu.vocabulary import Lang

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Style = Literal["plain", "gongwen"]


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    kind: ClassVar[str] = "text"
    text: str
    quiet: bool = False


@dataclass(frozen=True)
class Items:
    """A list of sentences; quiet ones stand in small type where room is scarce."""

    kind: ClassVar[str] = "items"
    items: tuple[str, ...]
    quiet: bool = False


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
    """A table of texts of at most a page.

    Attributes
    ----------
    looks
        How each column stands: ``number``, ``short`` or empty for text.
    total
        Rows of the whole list, where the table shows only the first of them; else 0.
    annex
        Key of the annex that has the whole list, empty where the table is whole.
    cap
        What is said under it: where the whole list stands.
    number
        Its place among the tables of the report, from 1; 0 until the report is put together.
    """

    kind: ClassVar[str] = "table"
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    looks: tuple[str, ...]
    cap: str = ""
    command: str = ""
    total: int = 0
    annex: str = ""
    number: int = 0


@dataclass(frozen=True)
class Picture:
    """A chart.

    Attributes
    ----------
    figure
        Makes the matplotlib figure; a writer calls it once, or never.
    alt
        What the picture shows, in words, for those who do not see it.
    needed
        Whether its section is about it: a short document has both at its end, others not at all.
    number
        Its place among the pictures of the report, from 1; 0 until the report is put together.
    """

    kind: ClassVar[str] = "picture"
    title: str
    figure: Callable[[], Figure]
    alt: str
    command: str = ""
    needed: bool = False
    number: int = 0


Block = Text | Items | Facts | Table | Picture


@dataclass(frozen=True, eq=False)
class Annex:
    """A whole list that the report refers to: 附表1, Annex 1.

    Attributes
    ----------
    key
        What sections and findings call it.
    frame
        The list: typed values, ids as text, names where a reader looks for them.
    columns
        The columns to show, in order: keys of the vocabulary.
    heads
        Another head of a column than its term: a key of the report's words.
    number
        Its place in the report, from 1; 0 until the report is put together.
    """

    key: str
    title: str
    frame: pd.DataFrame
    columns: tuple[str, ...]
    command: str = ""
    heads: tuple[tuple[str, str], ...] = ()
    number: int = 0


@dataclass(frozen=True)
class Section:
    """A headed part of the report; its number follows from where it stands.

    Attributes
    ----------
    blocks
        What it has before its own parts.
    sections
        Its parts, a level deeper.
    annexes
        The whole lists that it brings.
    chapter
        The question of the reader that it belongs to, where that is not the one of its analysis.
    """

    key: str
    title: str
    blocks: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = ()
    annexes: tuple[Annex, ...] = ()
    chapter: str = ""


@dataclass(frozen=True)
class Finding:
    """A sentence of page one, and the annexes (their numbers) that it stands on."""

    text: str
    annexes: tuple[int, ...] = ()


@dataclass(frozen=True)
class Report:
    """The whole report, in no format yet.

    Attributes
    ----------
    facts
        What stands under the title: name and value of date, scope, region, source.
    findings
        Page one: at most eight.
    sections
        The body, a section a question of the reader; parts are `Section.sections`.
    unanswered
        What could not be worked out, each with what to add.
    closing
        The end: what words mean, the data and their gaps, how to get every figure again.
    """

    title: str
    subtitle: str
    lang: Lang
    style: Style
    day: date
    organization: str
    addressee: str
    signature: str
    facts: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...]
    sections: tuple[Section, ...]
    unanswered: tuple[str, ...]
    annexes: tuple[Annex, ...]
    closing: tuple[Section, ...]
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

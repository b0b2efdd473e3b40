"""The schema as data: kinds, relations and columns, read from ``schema.csv``.

Column types: ``id``, ``name``, ``text``; ``ref`` (id of a kind), ``end`` (end of a relation, of one
or several kinds); ``code`` (closed list), ``open_code`` and ``form`` (known words become keys,
others stay as written); ``int``, ``number``, ``bool``; ``start``, ``date`` (a coarse value means
its first day), ``last`` (its last day; written ``end`` in the file) and ``input`` (understood on
loading, never stored).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple, cast

from liantu import vocabulary
from liantu.errors import RequestError
from liantu.vocabulary import Lang, label

Nature = Literal["kind", "state", "event", "observations"]

DTYPES = {
    "int": "Int64",
    "number": "float64",
    "bool": "boolean",
    "start": "datetime64[s]",
    "date": "datetime64[s]",
    "last": "datetime64[s]",
}


# What a relation is good for: its rows make ties between schools; as a state it lifts a school to
# *in force*; it is an activity in each month that it overlaps; it is agreed for a time and can be
# renewed; it may be a layer of its own, for its ends are of one kind; its people may be counted
# instead of named, from school to school; it may be a measure of two nodes, which nobody dates.
TRAITS = ("ties", "lifts", "activity", "renewable", "layer", "counted", "measure")


@dataclass(frozen=True)
class Column:
    """A column: its type, what it may hold, and the headers that name it in its table."""

    table: str
    name: str
    type: str
    values: tuple[str, ...]
    unit: str
    required: bool
    default: str
    headers: tuple[tuple[str, str], ...]  # (header, kind that it means or "")
    en: str
    zh: str

    @property
    def dtype(self) -> str:
        """The pandas dtype of the column ("str" for everything textual)."""
        return DTYPES.get(self.type, "str")

    @property
    def is_date(self) -> bool:
        """Whether the column holds dates."""
        return self.type in ("start", "date", "last")

    @property
    def is_number(self) -> bool:
        """Whether the column holds numbers."""
        return self.type in ("int", "number")

    def describe(self, lang: Lang = "en") -> str:
        """Return the description: its own, else the definition of its term."""
        term = vocabulary.terms("column").get(self.name)
        own = self.zh if lang == "zh" else self.en
        return own or (term.definition(lang) if term else "")


@dataclass(frozen=True)
class Table:
    """A kind, a relation or the observations, with its columns."""

    name: str
    nature: Nature
    all_columns: dict[str, Column]
    traits: frozenset[str] = frozenset()  # of a relation; see `TRAITS`

    @property
    def columns(self) -> dict[str, Column]:
        """The stored columns."""
        return {key: col for key, col in self.all_columns.items() if col.type != "input"}

    @property
    def inputs(self) -> dict[str, Column]:
        """The columns that are only understood on loading."""
        return {key: col for key, col in self.all_columns.items() if col.type == "input"}

    @property
    def is_relation(self) -> bool:
        """Whether rows tie two nodes."""
        return self.nature in ("state", "event")

    def ends(self, end: str) -> tuple[str, ...]:
        """Return the kinds that an end ("source" or "target") may be of."""
        return self.all_columns[end].values

    @property
    def counted(self) -> tuple[str, ...]:
        """The ends that may stay empty where people are counted instead of named."""
        if "counted" not in self.traits:
            return ()
        return tuple(end for end in ("source", "target") if "teacher" in self.ends(end))

    def label(self, lang: Lang = "en") -> str:
        """Return the name of the table in a language."""
        return label(self.name, lang, "kind" if self.nature == "kind" else "relation")


def _column(row: dict[str, str], table: str) -> Column:
    kind = "last" if row["type"] == "end" and row["column"] not in ("source", "target") else ""
    headers = [tuple((item + ":").split(":")[:2]) for item in row["headers"].split("|") if item]
    return Column(
        table=table,
        name=row["column"],
        type=kind or row["type"],
        values=tuple(value for value in row["values"].split("|") if value),
        unit=row["unit"],
        required=row["required"] == "yes",
        default=row["default"],
        headers=tuple((header, meaning) for header, meaning in headers),
        en=row["en"],
        zh=row["zh"],
    )


@cache
def tables() -> dict[str, Table]:
    """Return every table by name: kinds, relations, then ``observations``.

    Examples
    --------
    >>> tables()["delivers"].nature
    'event'
    """
    text = files("liantu.graph").joinpath("schema.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    found: dict[str, Table] = {}
    for head in (row for row in rows if not row["column"]):
        name, nature = head["table"], head["type"]
        own = [row for row in rows if row["table"] == name and row["column"]]
        relation = nature in ("state", "event")
        of = ("*", nature, "relation") if relation else ("*",)
        shared = [row for row in rows if row["table"] in of]
        columns: dict[str, Column] = {}
        for row in own + shared:  # what a table says of a column comes before what all say
            columns.setdefault(row["column"], _column(row, name))
            if row["column"] in ("source", "target") and "|" in row["values"]:
                key = f"{row['column']}_kind"
                extra = {**row, "column": key, "type": "code", "values": "kind"}
                columns[key] = _column(
                    {**extra, "headers": "", "default": "", "required": ""}, name
                )
        if relation:  # narrowing columns, understood on loading
            for key in ("source_region", "target_region", "region"):
                extra = dict.fromkeys(rows[0], "") | {"column": key, "type": "input"}
                columns.setdefault(key, _column({**extra, "values": "region"}, name))
        traits = frozenset(filter(None, head["values"].split("|")))
        found[name] = Table(name, cast(Nature, nature), columns, traits)
    return found


class Form(NamedTuple):
    """A known form: the table whose sheets it may name, what it means for ties, its closeness.

    Traits: ``both_ways`` (each side helps the other), ``to_home`` (the host helps the school that
    somebody comes from), ``named_only`` (never more than *named*), ``apart`` (not inherited along).
    Closeness: 3 one legal person … 1 loose; None where forms are no matter of closeness.
    """

    name: str
    table: str
    traits: frozenset[str]
    closeness: int | None


@cache
def forms() -> dict[str, Form]:
    """Return every form that means something for ties or names a sheet.

    Examples
    --------
    >>> forms()["shadowing"].traits
    frozenset({'to_home'})
    """
    text = files("liantu.graph").joinpath("forms.csv").read_text(encoding="utf-8")
    return {
        row["form"]: Form(
            row["form"],
            row["table"],
            frozenset(filter(None, row["traits"].split("|"))),
            int(row["closeness"]) if row["closeness"] else None,
        )
        for row in csv.DictReader(text.splitlines())
    }


def forms_with(trait: str) -> tuple[str, ...]:
    """Return the forms that have a trait."""
    return tuple(name for name, form in forms().items() if trait in form.traits)


def relations_with(trait: str) -> tuple[str, ...]:
    """Return the relations that have a trait, in schema order.

    Examples
    --------
    >>> relations_with("activity")
    ('posted_to', 'mentors', 'delivers')
    """
    return tuple(name for name in relations() if trait in tables()[name].traits)


def kinds() -> tuple[str, ...]:
    """Return the node kinds in schema order."""
    return tuple(name for name, table in tables().items() if table.nature == "kind")


def relations() -> tuple[str, ...]:
    """Return the relations in schema order."""
    return tuple(name for name, table in tables().items() if table.is_relation)


@cache
def teacher_tables() -> frozenset[str]:
    """Return the tables whose rows may name teachers, but for the observations.

    Examples
    --------
    >>> sorted(teacher_tables())
    ['delivers', 'joins', 'mentors', 'posted_to', 'teacher', 'works_at']
    """
    named = {t.name for t in tables().values() if t.is_relation and "teacher" in _ends(t)}
    return frozenset({"teacher", *named})


def _ends(table: Table) -> tuple[str, ...]:
    return table.ends("source") + table.ends("target")


def table(name: str, expected: str = "table") -> Table:
    """Return a table by name.

    Raises
    ------
    RequestError
        If there is none; the nearest name is suggested.
    """
    choices = {"kind": kinds(), "relation": relations()}.get(expected, tuple(tables()))
    if name not in choices:
        near = vocabulary.nearest(name, choices) or choices[0]
        raise RequestError.of(f"unknown_{expected}", value=name, nearest=near)
    return tables()[name]

"""What every analysis shares: `Result`, the registry and the decorator that fills it."""

from __future__ import annotations

import inspect
import re
import sys
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import wraps
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, Literal, ParamSpec

import pandas as pd

from liantu.formats import records, write_parquet, write_xlsx
from liantu.formats.answer import Answer
from liantu.formats.card import card, spoken
from liantu.formats.text import figures, flags
from liantu.graph.network import Network
from liantu.options import check_choice, parse_date, parse_list
from liantu.vocabulary import Lang, columns, label

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from liantu.results.asked import Asked
    from liantu.results.blocks import Section

AsOf = str | date | None
Pairs = pd.DataFrame | None  # columns ``source``, ``target``: ids, or names that only one bears
Engine = Literal["auto", "fast", "reference"]
P = ParamSpec("P")


@dataclass(frozen=True)
class Result(Answer):
    """What an analysis found: one class for all.

    Attributes
    ----------
    table
        One row an item, in the order the analysis defines. The index is the id of the item and
        bears the name of that column (``school``, ``supporter``, ``node``); it is a plain range
        where rows are no single item.
    summary
        Flat figures by key. A rate with denominator 0 is None.
    tables
        Further tables by key.
    lists
        Rows of relations, by relation, as lists that people go on with: the first sheets of a
        workbook, which `liantu.read` takes. Columns are terms of the vocabulary.
    notes
        Assumptions and counts of what was left out.
    name, parameters, as_of, fingerprint, version
        The stamp: what was asked, for which date, of which data.
    names
        Names by id of the columns that hold ids, for outputs that people read.
    """

    def to_dict(self, lang: Lang = "en") -> dict[str, Any]:
        """Return plain values in the shape of the JSON output."""
        head = self.head(lang)
        last = {key: head.pop(key) for key in ("notes", "version")}
        tables = {key: records(frame) for key, frame in self.tables.items()}
        return {**head, "table": records(self.table), "tables": tables, **last}

    def to_excel(self, path: str | Path, lang: Lang = "en") -> None:
        """Write summary, table, further tables and notes as sheets of a workbook."""
        write_xlsx(Path(path), self, lang)

    def to_parquet(self, path: str | Path, lang: Lang = "en") -> None:
        """Write the table as a Parquet file, and as its metadata all that is no table."""
        write_parquet(Path(path), self, lang)

    def plot(self, lang: Lang = "en") -> Figure:
        """Return the chart of this result, the same as in the report."""
        from liantu.plots import bars, style

        chart = _chart_of(self.name)
        with style.style():
            if self.table.empty:
                return style.empty(lang)
            return bars.first_numbers(self.table, lang) if chart is None else chart(self, lang)

    def _repr_html_(self) -> str:
        """Return what a notebook shows: figures, first rows and notes; no teacher is named."""
        lang, known = spoken(), find(self.name)
        title = known.title(lang).rstrip(".。") if known else self.name
        parts = [f"{label('as_of', lang, 'label')} {self.as_of}", flags(self)]
        shown = dict(zip(self.summary, figures(dict(self.summary), lang), strict=True))
        return card(
            title,
            lang,
            line=" · ".join(filter(None, parts)),
            figures=[shown[key] for key in (known.highlights if known else shown) if key in shown],
            table=self.table,
            notes=[note.text(lang) for note in self.notes],
        )

    def __repr__(self) -> str:
        said = ", ".join(f"{key}={value}" for key, value in list(self.summary.items())[:6])
        return f"<{self.name} as of {self.as_of}: {len(self.table)} rows; {said}>"


@dataclass(frozen=True)
class Parameter:
    """A keyword-only parameter of an analysis: one option of its command."""

    name: str
    type: Any  # the annotation, resolved
    default: Any
    help: Mapping[str, str]  # by language

    @property
    def option(self) -> str:
        """The name on the command line."""
        return "--" + self.name.replace("_", "-")

    @property
    def choices(self) -> tuple[str, ...]:
        """The allowed words, empty where any will do."""
        for part in (self.type, *typing.get_args(self.type)):
            if typing.get_origin(part) is Literal:
                return typing.get_args(part)
        if typing.get_origin(self.type) is Annotated:  # a function gives the words
            return tuple(typing.get_args(self.type)[1]())
        return ()

    @property
    def is_list(self) -> bool:
        """Whether the value is a list (comma-separated on the command line)."""
        return any(typing.get_origin(part) is tuple for part in typing.get_args(self.type))

    @property
    def is_pairs(self) -> bool:
        """Whether the value is a list of pairs (a file on the command line)."""
        return pd.DataFrame in typing.get_args(self.type)

    @property
    def scalar(self) -> type:
        """The type of a single value: bool, int, float or str."""
        parts = (self.type, *typing.get_args(self.type))
        return next((part for part in parts if part in (bool, int, float)), str)


@dataclass(frozen=True)
class Analysis:
    """A registered analysis: its function, its words in both languages, its parameters.

    Attributes
    ----------
    highlights
        Keys of the summary that a headline shows.
    chapter
        The question of the report's reader that it answers.
    doc
        The sections of its documentation by language: ``""`` holds summary line and text.
    """

    name: str
    function: Callable[..., Result]
    order: int
    highlights: tuple[str, ...]
    doc: Mapping[str, Mapping[str, str]]
    parameters: tuple[Parameter, ...]
    chapter: str = "gaps"

    @property
    def sections(self) -> Callable[[Asked, Result], list[Section]] | None:
        """Its part of the report, if it has one of its own: the function ``sections``."""
        return getattr(sys.modules[self.function.__module__], "sections", None)

    @property
    def command(self) -> str:
        """The name of its command."""
        return self.name.replace("_", "-")

    def title(self, lang: Lang = "en") -> str:
        """Return the first line of its documentation."""
        return self.doc[lang][""].splitlines()[0]

    def text(self, lang: Lang = "en") -> str:
        """Return the documentation before the parameters, without its first line."""
        return "\n".join(self.doc[lang][""].splitlines()[1:]).strip()


_PACKAGE = Path(__file__).parent.parent
_ANALYSES = _PACKAGE / "analyses"
_registry: dict[str, Analysis] = {}
_SECTIONS = {"参数": "Parameters", "说明": "Notes", "来源": "References"}


def analysis(
    *, zh: str, order: int, highlights: tuple[str, ...], chapter: str = "gaps"
) -> Callable[
    [Callable[Concatenate[Network, P], Result]], Callable[Concatenate[Network, P], Result]
]:
    """Register a function as an analysis.

    Parameters
    ----------
    zh
        Its docstring in Chinese: first line, text, sections 参数, 说明, 来源. A parameter that
        neither docstring explains has the help of its name in the vocabulary (group ``option``).
    order
        Its place in help, docs and report.
    highlights
        Keys of the summary that a headline shows.
    chapter
        The question of the report's reader that it answers: a term of group ``chapter``; empty for
        measures that a planner does not read.
    """

    def register(
        function: Callable[Concatenate[Network, P], Result],
    ) -> Callable[Concatenate[Network, P], Result]:
        signature = inspect.signature(function)
        hints = typing.get_type_hints(function, include_extras=True)
        docs = {"en": sections(function.__doc__ or ""), "zh": sections(zh)}
        helps = {lang: _parameter_help(doc.get("Parameters", "")) for lang, doc in docs.items()}
        name = function.__name__
        own = [p for p in signature.parameters.values() if p.kind is p.KEYWORD_ONLY]
        parameters = tuple(
            Parameter(
                p.name,
                hints[p.name],
                p.default,
                {
                    "en": helps["en"].get(p.name) or label(p.name, "en", "option"),
                    "zh": helps["zh"].get(p.name) or label(p.name, "zh", "option"),
                },
            )
            for p in own
        )

        for lang, doc in docs.items():
            doc["Parameters"] = "\n".join(f"{p.name}\n    {p.help[lang]}" for p in parameters)

        @wraps(function)
        def run(network: Network, /, *args: P.args, **kwargs: P.kwargs) -> Result:
            given = signature.bind(network, *args, **kwargs)
            given.apply_defaults()
            values = given.arguments
            for parameter in parameters:
                key, value = parameter.name, values[parameter.name]
                if parameter.is_list:  # "a, b" in Python as on the command line
                    values[key] = parse_list(value)
                elif parameter.choices and value is not None:
                    check_choice(value, parameter.choices, key)
            # a network of an engine of its own answers where its rows are
            answers = getattr(network, "answers", None)
            answer = function if answers is None else answers(name)
            result = answer(*given.args, **given.kwargs)
            values = {p.name: values[p.name] for p in own}
            stamp = {key: value for key, value in values.items() if key != "as_of"}
            for parameter in parameters:
                if parameter.is_pairs and stamp[parameter.name] is not None:
                    stamp[parameter.name] = _pairs_said(stamp[parameter.name])
            if network.focus_region is not None:
                stamp["region"] = network.focus_region
            return replace(
                result,
                name=name,
                parameters=stamp,
                as_of=day_of(network, values["as_of"]),
                fingerprint=network.fingerprint,
                names=names_of(network),
            )

        run.__doc__ = _documented(function.__doc__ or "", docs["en"]["Parameters"])
        _registry[name] = Analysis(name, run, order, highlights, docs, parameters, chapter)
        return run

    return register


def _pairs_said(pairs: pd.DataFrame) -> str | tuple[str, ...]:
    """Return what stands for a list of pairs: the file it was read from, else the pairs."""
    if name := pairs.attrs.get("file"):
        return str(name)
    ends = zip(pairs["source"].astype(str), pairs["target"].astype(str), strict=True)
    return tuple(f"{source}>{target}" for source, target in ends)


def _documented(doc: str, parameters: str) -> str:
    """Return a docstring with every parameter in its section; what several share is vocabulary."""
    lines = inspect.cleandoc(doc).splitlines()
    returns = lines.index("Returns") if "Returns" in lines else len(lines)
    start = lines.index("Parameters") if "Parameters" in lines else returns
    written = ["Parameters", "----------", *parameters.splitlines(), ""] if parameters else []
    return "\n".join([*lines[:start], *written, *lines[returns:]])


def names_of(network: Network) -> dict[str, pd.Series]:
    """Return the names of the ids of each column that has ids of one kind."""
    asked = {c.key: c.of for c in columns().values() if c.type == "id" and c.of}
    names = {kind: network.columns(kind, "name")["name"] for kind in set(asked.values())}
    return {key: names[kind] for key, kind in asked.items()}


def registry() -> dict[str, Analysis]:
    """Return every registered analysis by name, in order; each stands in a file of ``analyses``."""
    for module in iter_modules([str(_ANALYSES)]):
        import_module(f"liantu.analyses.{module.name}")
    return dict(sorted(_registry.items(), key=lambda item: (item[1].order, item[0])))


def find(command: str) -> Analysis | None:
    """Return the analysis of a command, None if there is none; no other file is loaded for it."""
    name = command.replace("-", "_")
    own = name.isidentifier() and not name.startswith("_")
    if not own or not (_ANALYSES / f"{name}.py").is_file():
        return None
    import_module(f"liantu.analyses.{name}")
    return _registry[name]


def _chart_of(name: str) -> Callable[[Result, Lang], Figure] | None:
    """Return the chart of an analysis or a plan, if it has one: ``chart`` of the file named so."""
    for room in ("analyses", "plans") if name.isidentifier() else ():
        if (_PACKAGE / room / f"{name}.py").is_file():
            return getattr(import_module(f"liantu.{room}.{name}"), "chart", None)
    return None


def day_of(network: Network, as_of: AsOf) -> date:
    """Return the as-of date: the given one, else the network's own, else today."""
    if as_of is not None:
        return parse_date(as_of)
    return network.as_of or date.today()


def rate(numerator: float, denominator: float) -> float | None:
    """Return a rate, None where the denominator is 0.

    Examples
    --------
    >>> rate(1, 4), rate(0, 0)
    (0.25, None)
    """
    return float(numerator / denominator) if denominator else None


def total(values: pd.Series) -> int | None:
    """Return the sum of what is known; None where there are values and none is known.

    Examples
    --------
    >>> total(pd.Series([3, None])), total(pd.Series([None], dtype="Int64")), total(pd.Series([]))
    (3, None, 0)
    """
    return None if len(values) and values.isna().all() else int(values.sum())


def sections(doc: str) -> dict[str, str]:
    """Return the sections of a numpydoc docstring; ``""`` is what stands before the first."""
    lines = inspect.cleandoc(doc).splitlines()
    found, name = {"": ""}, ""
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if re.fullmatch(r"-{2,}", line.strip()):
            continue
        if re.fullmatch(r"-{2,}", following.strip()) and line.strip():
            name = _SECTIONS.get(line.strip(), line.strip())
            found[name] = ""
            continue
        found[name] += line + "\n"
    return {key: text.strip() for key, text in found.items()}


def _parameter_help(section: str) -> dict[str, str]:
    """Return the text of each parameter of a Parameters section."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in section.splitlines():
        if line and not line[0].isspace():
            name = line.split(":")[0].split("：")[0].strip()
            found[name] = []
        elif name:
            found[name].append(line.strip())
    return {key: " ".join(part for part in lines if part) for key, lines in found.items()}

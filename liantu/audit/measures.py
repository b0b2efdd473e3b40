"""Working out a measure: one figure, and the rows or figures it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from liantu.audit.reading import REGIONS, Measure, Where
from liantu.errors import LiantuError, Message, OptionError, RequestError
from liantu.formats import flat
from liantu.graph import schema
from liantu.graph.network import Network
from liantu.graph.values import among
from liantu.results import Result, registry
from liantu.vocabulary import nearest, share_of

Days = tuple[date, date]  # first and last day; the same twice for a date


@dataclass(frozen=True)
class Found:
    """What a measure gives.

    Attributes
    ----------
    value
        The figure, None where it cannot be derived.
    evidence
        What it is made of, or which rows it would need.
    rows
        The evidence rows by table.
    constructed
        Whether the figure only repeats rows made up to a total, or an observation.
    rate
        Whether it is a share, which the unit percent multiplies by 100.
    empty
        Whether no row matches the filter at all, on whatever date.
    """

    value: float | None
    evidence: Message
    rows: tuple[tuple[str, pd.DataFrame], ...] = ()
    constructed: bool = False
    rate: bool = False
    empty: bool = False


class Measurer:
    """Works out measures on a network; an analysis asked for twice runs once."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self._results: dict[Any, Result | LiantuError] = {}

    def find(self, measure: Measure, days: Days, *, period: bool = False) -> Found:
        """Return what a measure gives on a date, or in a period.

        Raises
        ------
        RequestError
            If an analysis has no such summary key, table or column, or refuses a parameter.
        """
        if measure.kind == "ratio":
            return self._ratio(measure, days, period)
        if measure.kind == "analysis":
            return self._cell(measure, days[1])
        if measure.kind == "missing":
            words = {"en": measure.text, "zh": measure.zh}
            return Found(None, Message("needs_missing", words))
        return self._rows(measure, days, period)

    def _ratio(self, measure: Measure, days: Days, period: bool) -> Found:
        top, bottom = (self.find(part, days, period=period) for part in measure.parts)
        rows = top.rows + bottom.rows
        for part in (top, bottom):
            if part.value is None:
                return Found(None, part.evidence, rows)
        shown = {"numerator": number(top.value), "denominator": number(bottom.value)}
        if not bottom.value:
            return Found(None, Message("needs_denominator", shown), rows)
        value = float(top.value or 0) / bottom.value
        built = top.constructed or bottom.constructed  # either part alone makes up the share
        return Found(value, Message("evidence_ratio", shown), rows, built, rate=True)

    def _rows(self, measure: Measure, days: Days, period: bool) -> Found:
        """Count, sum … the rows of a table."""
        frame = table_rows(self.network, measure.table)
        frame = frame[matching(self.network, measure.table, frame, measure.where)]
        if frame.empty:
            shown = {"table": measure.table, "where": _words(measure.where)}
            needs = Message("needs_rows" if measure.where else "needs_table", shown)
            return Found(None, needs, empty=measure.kind in ("count", "distinct", "sum"))
        frame = frame[standing(measure.table, frame, days, period)]
        made_up = int(frame["synthetic"].fillna(value=False).sum())
        counted = {"table": measure.table, "rows": len(frame), "synthetic": made_up}
        constructed = bool(made_up) or (measure.table == "observations" and len(frame) > 0)
        value: float | None = float(len(frame))
        if measure.kind != "count":
            value = _figure(measure, frame)
        if value is None:
            params = {"table": measure.table, "column": measure.column, "rows": len(frame)}
            different = measure.kind == "observation" and frame["value"].notna().any()
            code = "needs_one" if different else "needs_column"
            return Found(None, Message(code, params), ((measure.table, frame),))
        evidence = Message("evidence_rows", counted)
        return Found(value, evidence, ((measure.table, frame),), constructed)

    def _cell(self, measure: Measure, day: date) -> Found:
        """Take one figure out of what an analysis found."""
        key = (measure.table, measure.parameters, day)
        if key not in self._results:
            self._results[key] = self._run(measure, day)
        result = self._results[key]
        if isinstance(result, LiantuError):
            return Found(None, Message("needs_analysis", _lines(result)))
        name = measure.table.replace("_", "-")
        if measure.summary:
            figures: Mapping[str, Any] = result.summary
            column = measure.summary
            place = f"{name}: {column}"
        else:
            frame = _inner(result, measure)
            for wanted, (value,) in measure.row:
                _choose(wanted, frame.columns)
                frame = frame[_texts(frame[wanted]) == str(value)]
            place = f"{name}: {_words(measure.row)}, {measure.column}"
            column = measure.column
            if len(frame) != 1:
                return Found(None, Message("needs_cell", {"value": place, "rows": len(frame)}))
            figures = {str(key): cell for key, cell in frame.iloc[0].items()}
        cell = figures[_choose(column, figures)]
        if cell is None or pd.isna(cell):
            return Found(None, Message("needs_figure", {"value": place}))
        if not isinstance(cell, int | float | np.number | np.bool_):
            raise RequestError.of("claim_no_number", value=column)
        evidence = Message("evidence_cell", {"value": place})
        if parts := share_of(column, figures):
            top, bottom = (figures.get(part) for part in parts)
            shown = {"numerator": number(top), "denominator": number(bottom)}
            evidence = Message("evidence_ratio", shown)
        return Found(float(cell), evidence, rate=share_of(column) is not None)

    def _run(self, measure: Measure, day: date) -> Result | LiantuError:
        given: dict[str, Any] = dict(measure.parameters)
        try:
            return registry()[measure.table].function(self.network, as_of=day, **given)
        except OptionError:
            raise
        except LiantuError as error:
            return error


def table_rows(network: Network, table: str) -> pd.DataFrame:
    """Return every row of a kind, a relation or the observations, ids as a column."""
    if table == "observations":
        return network.observations
    if table in schema.kinds():
        return network.nodes(table).rename_axis("id").reset_index()
    return network.relation(table)


def matching(network: Network, table: str, frame: pd.DataFrame, where: Where) -> pd.Series:
    """Return which rows a filter keeps; a region includes its descendants."""
    keep = pd.Series(True, index=frame.index)
    for column, wanted in where:
        if column in REGIONS:
            keep &= _inside(network, table, frame, column, wanted)
        elif schema.tables()[table].columns[column].dtype == "str":
            keep &= among(frame[column].astype("str"), pd.Index(wanted, dtype="str"))
        else:
            keep &= frame[column].isin(list(wanted)).fillna(value=False).astype(bool)
    return keep


def _inside(
    network: Network, table: str, frame: pd.DataFrame, column: str, regions: tuple[str, ...]
) -> pd.Series:
    """Return which rows lie in one of the regions; a relation's row by its target."""
    keep = pd.Series(False, index=frame.index)
    relation = schema.tables()[table].is_relation
    end = "source" if column == "source_region" else "target"
    kinds = schema.tables()[table].ends(end) if relation else (table,)
    ids = frame[end].astype("str") if relation else frame["id"]
    for kind in kinds:
        if kind != "region" and "region" not in schema.tables()[kind].columns:
            continue
        nodes = network.nodes(kind).index
        here = np.zeros(len(nodes), dtype=bool)
        for region in regions:
            here |= network.within(kind, region)
        inside = among(ids, nodes[here])
        keep |= inside & (frame[f"{end}_kind"] == kind) if len(kinds) > 1 else inside
    return keep


def standing(table: str, frame: pd.DataFrame, days: Days, period: bool) -> pd.Series:
    """Return which rows hold: states and alliances on the date or overlapping the period.

    Schools that are open then; events within the period, without one all of them; of other kinds
    every node.
    """
    first, last = pd.Timestamp(days[0]), pd.Timestamp(days[1])
    if table == "school":
        return ~(frame["opened"] > last) & ~(frame["closed"] <= first)
    if schema.tables()[table].nature == "event":
        if period:
            return frame["date"].between(first, last)
    elif "start" in frame:
        return ~(frame["start"] > last) & ~(frame["end"] < first)
    return pd.Series(True, index=frame.index)


def _figure(measure: Measure, frame: pd.DataFrame) -> float | None:
    """Return the figure of a column, None where no row has one or observations differ."""
    column = measure.column
    known = frame[frame[column].notna()]
    if measure.kind == "distinct":
        kind = [f"{column}_kind"] if f"{column}_kind" in known else []
        return float(len(known[[column, *kind]].drop_duplicates()))
    if measure.kind == "sum" and frame.empty:
        return 0.0
    if known.empty:
        return None
    figures = known[column].astype("float64")
    if measure.kind == "observation":
        return float(figures.iloc[0]) if figures.nunique() == 1 else None
    return float(figures.agg(measure.kind))


def origins(table: str, frame: pd.DataFrame) -> pd.Series:
    """Return a name for each row: ``school:x``, ``member_of:a>g``, ``delivers:a>b 2021-09-01``."""
    if table == "observations":
        named = "observations:" + frame["kind"].astype("str") + ":" + frame["id"].astype("str")
        named += " " + frame["measure"].astype("str")
        return named + (" " + frame["period"].astype("str")).fillna("")
    if table in schema.kinds():
        return table + ":" + frame["id"].astype("str")
    named = table + ":" + frame["source"].astype("str") + ">" + frame["target"].astype("str")
    if "date" in frame:
        named += (" " + frame["date"].dt.strftime("%Y-%m-%d")).fillna("")
    return named


def number(value: Any) -> str:
    """Return a figure in words, without a needless decimal point.

    Examples
    --------
    >>> number(478.0), number(3.03), number(None)
    ('478', '3.03', '–')
    """
    return "–" if value is None else f"{float(value):.12g}"


def _words(where: Where) -> str:
    """Return a filter in words."""
    pairs = (f"{key} = {' / '.join(map(str, wanted))}" for key, wanted in where)
    return ", ".join(pairs)


def _lines(error: LiantuError) -> dict[str, str]:
    return {"en": " ".join(error.lines("en")), "zh": "".join(error.lines("zh"))}


def _inner(result: Result, measure: Measure) -> pd.DataFrame:
    tables = {"table": result.table, **result.tables}
    return flat(tables[_choose(measure.inner, tables)])


def _choose(key: str, known: Any) -> str:
    """Return a key that an analysis has.

    Raises
    ------
    RequestError
        If it has none of this name.
    """
    choices = [str(each) for each in known]
    if key not in choices:
        near = nearest(key, choices) or "–"
        raise RequestError.of("claim_key", value=key, nearest=near, allowed=", ".join(choices))
    return key


def _texts(values: pd.Series) -> pd.Series:
    dated = pd.api.types.is_datetime64_dtype(values.dtype)
    texts: pd.Series = values.dt.strftime("%Y-%m-%d") if dated else values.astype("str")
    return texts

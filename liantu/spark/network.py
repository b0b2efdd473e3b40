"""A network on an engine: what is asked of it comes back as frames, or as a `Result`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import cached_property
from typing import Any

import narwhals as nw
import pandas as pd

from liantu.errors import RequestError
from liantu.graph import schema
from liantu.graph.network import Network
from liantu.graph.study import chosen_bases
from liantu.options import check_choice, check_range, parse_date, parse_list, plus
from liantu.results.core import Result
from liantu.spark import checks, ending, schools, walks
from liantu.spark.engine import Engine, Frame
from liantu.spark.ladder import Ladder, ladder
from liantu.spark.source import Source
from liantu.spark.ties import NODE_KINDS, TieFrames

AsOf = str | date | None
Basis = str | Iterable[str] | None


class EngineNetwork:
    """A network whose rows stay where an engine keeps them.

    Every question gives a frame of the engine – a ``DataFrame`` of Spark, a relation of DuckDB –
    with the columns of the analysis of that name, in its order. Nothing is worked out before the
    frame is used, but for what needs rounds.

    Parameters
    ----------
    source
        The rows.
    hidden
        Whether the names of teachers are left out.

    Raises
    ------
    RequestError
        If names are to be left out, and ids of teachers are made from names.
    """

    focus_region = None

    def __init__(self, source: Source, *, hidden: bool = False) -> None:
        self.source, self.hidden = source, hidden
        if hidden:
            for part in source.parts:
                hides = part.manifest.get("hides")
                if hides is None or hides["ids"] or hides["words"] or hides["tables"]:
                    raise RequestError.of("spark_teachers", value=part.path)
        self.frames = TieFrames(source)

    @property
    def engine(self) -> Engine:
        """The engine that keeps the rows."""
        return self.source.engine

    @cached_property
    def as_of(self) -> date | None:
        """The date of the network itself."""
        said = self.source.about["as_of"]
        return None if said is None else date.fromisoformat(said)

    @property
    def title(self) -> str:
        """The title."""
        return str(self.source.about["title"])

    @property
    def fingerprint(self) -> str:
        """The fingerprint; of several parts one made of theirs."""
        return self.source.fingerprint(masked=self.hidden)

    def size(self, name: str) -> int:
        """Return the number of rows of a table in all parts."""
        return self.source.size(name)

    def day(self, as_of: AsOf) -> date:
        """Return the date judged: the given one, else the network's own, else today."""
        return (self.as_of or date.today()) if as_of is None else parse_date(as_of)

    # -- frames ------------------------------------------------------------------------------

    def ties(
        self, *, as_of: AsOf = None, in_force: bool = False, current: bool = False,
        window: str = "12m", basis: Basis = None,
    ) -> Any:  # fmt: skip
        """Return every tie; see `liantu.analyses.ties`."""
        return self._ties(self.day(as_of), in_force, current, window, basis).to_native()

    def _ties(self, day: date, in_force: bool, current: bool, window: str, basis: Basis) -> Frame:
        asked = parse_list(basis)  # type: ignore[arg-type]
        found = self.frames.at([day], window, asked)
        if in_force:
            found = found.filter(nw.col("in_force"))
        if current:
            found = found.filter(nw.col("in_force") | nw.col("active"))
        return self.frames.words(found, chosen_bases(asked))

    def coverage(
        self, *, as_of: AsOf = None, scope: str = "rural", rural: str = "strict",
        stage: str | Iterable[str] | None = None, window: str = "12m", sustained_months: int = 4,
        hops: int | None = None, basis: Basis = None,
    ) -> Any:  # fmt: skip
        """Return who supports each school in scope; see `liantu.analyses.coverage`."""
        from liantu.analyses.coverage import stage_keys

        day = self.day(as_of)
        check_choice(scope, ("rural", "all"), "scope")
        if scope == "rural":
            schools.check_classes(self.frames, day)
        found, _ = self._coverage(day, window, sustained_months, hops, basis)
        found = found.filter(schools.in_scope(scope, rural))
        if (stages := stage_keys(parse_list(stage))) is not None:  # type: ignore[arg-type]
            found = found.filter(nw.coalesce(nw.col("stage").is_in(stages), nw.lit(False)))
        order, down = ["covered", "pupils", "school"], [False, True, False]
        found = found.sort(*order, descending=down, nulls_last=True)
        return found.select(*schools.COVERAGE).to_native()

    def _coverage(
        self, day: date, window: str, sustained_months: int, hops: int | None, basis: Basis
    ) -> tuple[Frame, Ladder]:
        check_range(sustained_months, "sustained_months", 1)
        if hops is not None:
            check_range(hops, "hops", 0)
        asked = parse_list(basis)  # type: ignore[arg-type]
        found = ladder(
            self.frames, [day], window=window, basis=asked, sustained_months=sustained_months,
            hops=hops,
        )  # fmt: skip
        return schools.coverage(self.frames, found), found

    def reach(
        self, *, as_of: AsOf = None, hops: int = 2, decay: float = 0.5, basis: Basis = None,
        window: str = "12m", rural: str = "strict",
    ) -> Any:  # fmt: skip
        """Return how far each supporter's help carries; see `liantu.analyses.reach`."""
        found, _ = self._reach(self.day(as_of), hops, decay, basis, window, rural)
        order, down = ["within_hops", "supporter", "kind"], [True, False, False]
        return found.sort(*order, descending=down).to_native()

    def _reach(
        self, day: date, hops: int, decay: float, basis: Basis, window: str, rural: str
    ) -> tuple[Frame, Frame]:
        check_range(hops, "hops", 1)
        check_range(decay, "decay", 0, 1)
        asked = parse_list(basis)  # type: ignore[arg-type]
        return schools.reach(
            self.frames, day, hops=hops, decay=decay, basis=asked, window=window, rural=rural
        )

    def components(self, *, as_of: AsOf = None, window: str = "12m") -> Any:
        """Return ``node, kind, name, component``: which nodes hang together.

        Numbered by size, the largest 1, equals by their smallest id, as `liantu.centrality` does.
        """
        found = walks.components(self.frames, self.day(as_of), window)
        return found.sort("component", "node", "kind").to_native()

    def support_rank(
        self, *, as_of: AsOf = None, window: str = "12m", tolerance: float = walks.TOLERANCE
    ) -> Any:
        """Return ``node, kind, name, support_rank``, as `liantu.centrality` defines it."""
        found = walks.support_rank(self.frames, self.day(as_of), window, tolerance)
        order, down = ["support_rank", "node", "kind"], [True, False, False]
        return found.sort(*order, descending=down).to_native()

    def timeline(
        self, dates: Sequence[str | date], *, measure: str = "membership", scope: str = "all",
        rural: str = "strict", window: str = "12m",
    ) -> Any:  # fmt: skip
        """Return a row a date with the counts of `liantu.analyses.timeline`.

        Of the first date, ``joined`` and ``left`` are missing.
        """
        stops = sorted({parse_date(day, "by") for day in dates})
        found = self._timeline(stops, measure, scope, rural, window)
        return ending.dated_stops(self.frames, found, stops).to_native()

    def _timeline(
        self, stops: Sequence[date], measure: str, scope: str, rural: str, window: str
    ) -> Frame:
        check_choice(measure, ("membership", "coverage"), "measure")
        return schools.timeline(
            self.frames, stops, measure=measure, scope=scope, rural=rural, window=window
        )

    def expiry(self, *, as_of: AsOf = None, within: str = "12m") -> Any:
        """Return what ends when; the table of `liantu.analyses.expiry`."""
        day = self.day(as_of)
        return ending.ending(self.frames, day, plus(day, within), self.hidden).to_native()

    def checks(self, *, as_of: AsOf = None) -> Any:
        """Return what is odd in the rows, counted: ``severity, code, table, column, count, …``."""
        return checks.checks(self.source, self.day(as_of)).to_native()

    def write(self, frame: Any, path: str) -> None:
        """Write a frame as Parquet into a folder that is not there yet.

        Raises
        ------
        RequestError
            If there is something, or it cannot be written.
        """
        self.engine.write(nw.from_native(frame), path)

    # -- back into memory --------------------------------------------------------------------

    def network(self) -> Network:
        """Return the network in memory, where it fits.

        Raises
        ------
        DataError
            If the parts together are no valid network.
        """
        return self._network(tuple(schema.tables()))

    def _network(self, names: Sequence[str]) -> Network:
        frames = {}
        for name in names:
            table = schema.tables()[name]
            if not self.source.size(name):
                continue
            rows = self.source.rows(name)
            dates = [key for key, column in table.columns.items() if column.is_date]
            rows = self.engine.dated(rows, dates) if dates else rows
            frames[name] = _loose(self.engine.arrow(rows), table)
        return Network.from_frames(frames, as_of=self.as_of, title=self.title)

    @cached_property
    def light(self) -> Network:
        """Schools, regions and other supporters in memory, without rows between them."""
        kinds = (*NODE_KINDS, "region")
        return self._network(kinds)

    def columns(self, name: str, *keys: str) -> pd.DataFrame:
        """Return some columns of a kind, by id; none of teachers are brought here."""
        return self.light.columns(name, *keys)

    def answers(self, name: str) -> Callable[..., Result]:
        """Return what answers the analysis of a name as a `Result`.

        Raises
        ------
        RequestError
            If it does not run on an engine.
        """
        from liantu.spark.answers import ANSWERS

        if name not in ANSWERS:
            raise RequestError.of("spark_not_here", value=name, known=", ".join(sorted(ANSWERS)))
        return ANSWERS[name]


def _loose(found: Any, table: schema.Table) -> pd.DataFrame:
    """Return a table as `Network.from_frames` takes it."""
    columns = {}
    for key, column in table.columns.items():
        values = found.column(key)
        if column.is_date:
            columns[key] = pd.Series(values.cast("timestamp[s]").to_numpy())
        elif column.type in ("int", "bool"):
            dtype = "Int64" if column.type == "int" else "boolean"
            columns[key] = pd.Series(values.to_pylist(), dtype=dtype)
        elif column.type == "number":
            columns[key] = pd.Series(values.to_numpy())
        else:
            columns[key] = pd.Series(values.to_pylist(), dtype="str")
    return pd.DataFrame(columns)

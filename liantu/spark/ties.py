"""The ties on an engine: the rules of `liantu.graph.tie_rules` as they stand, over its frames.

Beside each function stands what it is a twin of in `liantu.graph`; tests hold them equal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

import narwhals as nw
import pyarrow as pa

from liantu.errors import Message
from liantu.graph import schema
from liantu.graph.spans import LOW, day_number
from liantu.graph.study import chosen_bases
from liantu.graph.tie_build import COUNTED, NAMED_SCHOOLS
from liantu.graph.tie_rules import COLUMNS, ORIGINS, RULES, Tables, Terms, large_coreless
from liantu.graph.tie_rules import memberships as membership_rule
from liantu.options import minus
from liantu.spark.engine import Frame
from liantu.spark.source import Source

HANGING = ("posted_to", "delivers")  # their rows without dates go by the day judged
NODE_KINDS = ("school", "center", "partner", "alliance")
_TOO_LARGE = 20  # alliances without a core that a note names, at most
_EQUAL = ("source", "target", "basis", "form", "start", "end", "alliance")


class TieFrames:
    """The ties of a source, made when they are first asked for.

    Parameters
    ----------
    source
        The rows.
    """

    def __init__(self, source: Source) -> None:
        self.source, self.engine = source, source.engine
        self._kept: dict[Any, Any] = {}

    def _keep(self, key: Any, make: Callable[[], Any]) -> Any:
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]

    # -- what the rules read -----------------------------------------------------------------

    def tables(self, today: int) -> Tables:
        """Return the relations as the rules read them; twin of `tie_build.tables_of`."""
        forms, numbers = self.source.forms, self.source.numbering
        traits = {
            trait: [forms.index(form) for form in schema.forms_with(trait) if form in forms]
            for trait in ("both_ways", "to_home", "named_only")
        }
        kinds = {kind: numbers.span(kind) for kind in schema.kinds()}

        def load(name: str) -> Frame:
            return self._keep(("frame", name), lambda: self._frame(name))

        return Tables(load, Terms(kinds, len(forms), traits, today), self.engine.hold)

    def _frame(self, name: str) -> Frame:
        """Return a table as the rules read it; twin of `tie_build.frame_of`."""
        if name == "alliance":
            return self._alliances()
        rows = self.source.relation(name).filter(nw.col("stated"))
        more: dict[str, Any] = {}
        if name == "member_of":
            more["core"] = _is_role("core")
        if name == "joins":
            more["hosts"] = _is_role("host", "base")
        named = list(NAMED_SCHOOLS.get(name, {}).values())
        for key in named:
            rows = self.source.refer(rows, key, "school")
        rows = self.source.coded(rows)
        return rows.select(
            "row", "source", "target", "start", "end", "form", "dated", *named, **more
        )

    def _alliances(self) -> Frame:
        rows = self.source.coded(self.source.nodes("alliance"))
        cores = self.source.relation("member_of").filter(_is_role("core"))
        cores = cores.select(number=nw.col("target")).unique(["number"])
        rows = rows.join(cores.with_columns(ever=nw.lit(True)), on="number", how="left")
        return rows.select(
            "form",
            alliance=nw.col("number"),
            start=_filled("start", LOW),
            end=_filled("end", -LOW),
            led=nw.coalesce(nw.col("ever"), nw.col("led"), nw.lit(False)),
        )

    # -- every tie ---------------------------------------------------------------------------

    def hanging(self, chosen: Sequence[str]) -> bool:
        """Return whether the ties hang on the day judged: some rows do not say when they began."""
        names = [name for name in HANGING if name in chosen and self.source.size(name)]
        return any(self._undated.get(name, False) for name in names)

    @property
    def _undated(self) -> dict[str, bool]:
        return {row["table"]: bool(row["open"]) for row in self.counts().to_pylist()}

    def ties(self, day: date, basis: Iterable[str] | None = None) -> Frame:
        """Return every recorded tie, equal ones once; twin of `tie_build.ties_of`.

        Columns as the rules give them, and ``basis``, the position among the relations `chosen`.
        """
        chosen = chosen_bases(basis)
        asked = (day_number(day),) if self.hanging(chosen) else ()
        return self._keep(("ties", chosen, *asked), lambda: self._ties(day_number(day), chosen))

    def rules(self, today: int, chosen: Sequence[str]) -> tuple[list[Frame], Tables]:
        """Return the ties of each relation as its rule gives them, and what was counted."""
        tables, parts = self.tables(today), []
        for number, name in enumerate(chosen):
            if self.source.size(name):
                found = RULES[name](tables).select(*COLUMNS)
                parts.append(found.with_columns(basis=nw.lit(number, dtype=nw.Int32)))
        return parts, tables

    def _ties(self, today: int, chosen: Sequence[str]) -> Frame:
        parts, _ = self.rules(today, chosen)
        if not parts:
            fields = [(key, pa.int32()) for key in (*COLUMNS, "basis")]
            flags = {"mutual", "dated", "lifts"}
            typed = [(key, pa.bool_() if key in flags else kind) for key, kind in fields]
            return self.engine.frame(pa.schema(typed).empty_table())
        every = nw.concat(parts, how="vertical")
        # of equal ties the dated one stays, then that of the first rows: `ties.first_of_each`
        every = every.with_columns(undated=~nw.col("dated"))
        order = ["undated", "row", "row2", "row3"]
        every = every.unique(list(_EQUAL), keep="first", order_by=order).drop("undated")
        return self.engine.hold(every)

    def loose(self) -> Frame:
        """Return ``school, start, end`` of members of coreless alliances too large for ties."""
        tables = self.tables(0)
        if not self.source.size("member_of"):
            none = pa.schema([(key, pa.int32()) for key in ("school", "start", "end")])
            return self.engine.frame(none.empty_table())
        large = large_coreless(tables).select("target")
        found = tables.once(membership_rule).join(large, on="target", how="inner")
        return found.select("start", "end", school=nw.col("source"))

    def memberships(self) -> Frame:
        """Return memberships as the rule gives them, worked out once."""
        if not self.source.size("member_of"):
            keys = ("row", "source", "target", "start", "end", "form", "form_a", "core", "led")
            types = [(key, pa.bool_() if key in ("core", "led") else pa.int32()) for key in keys]
            return self.engine.frame(pa.schema(types).empty_table())
        return self._keep("memberships", lambda: self.tables(0).once(membership_rule))

    # -- the day judged ----------------------------------------------------------------------

    def schools(self, stops: Sequence[date]) -> Frame:
        """Return ``stop, number`` of the schools that are open on each day."""
        days = self.engine.frame(stops_of(stops))
        rows = self.source.nodes("school").select("number", "opened", "closed")
        both = rows.join(days, how="cross")
        begun = nw.col("opened").is_null() | (nw.col("opened") <= nw.col("day"))
        there = nw.col("closed").is_null() | (nw.col("closed") > nw.col("day"))
        return both.filter(begun & there).select("stop", "number")

    def at(
        self, stops: Sequence[date], window: str = "12m", basis: Iterable[str] | None = None
    ) -> Frame:
        """Return every tie at each stop, with ``in_force`` and ``active``; twin of `Ties.at`.

        Columns as of `ties`, and ``stop``, the position of the day in `stops`.

        Raises
        ------
        OptionError
            If the window is malformed or a basis makes no ties.
        """
        chosen = chosen_bases(basis)
        whole = stops_of(stops, [minus(stop, window) for stop in stops])
        if self.hanging(chosen):
            every = nw.concat(
                [
                    self.ties(stop, basis).with_columns(stop=nw.lit(place, dtype=nw.Int32))
                    for place, stop in enumerate(stops)
                ],
                how="vertical",
            ).join(self.engine.frame(whole), on="stop", how="inner")
        else:
            every = self.ties(stops[0], basis).join(self.engine.frame(whole), how="cross")
        first, beyond = self.source.numbering.span("school")
        up = self.schools(stops).with_columns(up=nw.lit(True))
        giver = up.select("stop", source=nw.col("number"), giver=nw.col("up"))
        taker = up.select("stop", target=nw.col("number"), taker=nw.col("up"))
        every = every.join(giver, on=["stop", "source"], how="left")
        every = every.join(taker, on=["stop", "target"], how="left")
        school = (nw.col("source") >= first) & (nw.col("source") < beyond)
        alive = (~school | ~nw.col("giver").is_null()) & ~nw.col("taker").is_null()
        begun, ended = nw.col("start") <= nw.col("day"), nw.col("end") < nw.col("day")
        tables = schema.tables()
        events = _places(chosen, [name for name in chosen if tables[name].nature == "event"])
        acting = _places(chosen, schema.relations_with("activity"))
        in_force = begun & ~ended & alive & ~nw.col("basis").is_in(events)
        late = nw.col("end") > nw.col("since")
        active = nw.col("basis").is_in(acting) & nw.col("dated") & begun & late & alive
        return every.with_columns(in_force=in_force, active=active).drop("giver", "taker")

    # -- what was counted --------------------------------------------------------------------

    def counts(self) -> pa.Table:
        """Return by relation how many rows are ambiguous, undated or without a beginning.

        Columns ``table, ambiguous, undated, open``; one job for all.
        """
        found: pa.Table = self._keep("counts", self._counts)
        return found

    def _counts(self) -> pa.Table:
        names = (*schema.relations_with("ties"), "works_at", "affiliated_to")
        parts = []
        for name in names:
            if self.source.size(name):
                rows = self.source.relation(name)
                flags = {
                    "ambiguous": ~nw.col("stated"),
                    "undated": nw.col("stated") & ~nw.col("dated"),
                    "open": nw.col("start") == LOW,
                }
                ones = {key: flag.cast(nw.Int64) for key, flag in flags.items()}
                sums = rows.select(**ones).select(*(nw.col(key).sum() for key in ones))
                parts.append(sums.with_columns(table=nw.lit(name)))
        if not parts:
            keys = [(key, pa.int64()) for key in ("ambiguous", "undated", "open")]
            return pa.schema([*keys, ("table", pa.string())]).empty_table()
        return self.engine.arrow(nw.concat(parts, how="vertical"))

    def notes(self, day: date, basis: Iterable[str] | None = None) -> tuple[Message, ...]:
        """Return what was counted or left out; twin of `tie_build._notes`."""
        chosen = chosen_bases(basis)
        by_table = {row["table"]: row for row in self.counts().to_pylist()}
        asked = [name for name in chosen if name in by_table]
        people = {"posted_to", "mentors", "joins", "delivers"}
        also = ["works_at"] if people.intersection(chosen) and "works_at" in by_table else []
        events = {name for name in asked if schema.tables()[name].nature == "event"}
        counts = {
            "undated_states": sum(by_table[n]["undated"] for n in asked if n not in events),
            "undated_events": sum(by_table[n]["undated"] for n in events),
            "ambiguous_rows": sum(by_table[n]["ambiguous"] for n in [*asked, *also]),
        }
        _, tables = self.rules(day_number(day), chosen)
        counted = self._sizes(tables)
        counts |= {key: counted[key] for key in COUNTED}
        found = [Message(code, {"count": count}) for code, count in counts.items() if count]
        return (*found, *self._large(tables, chosen))

    def _sizes(self, tables: Tables) -> Counter[str]:
        """Return what was left out by the rules, counted in one job."""
        parts = []
        for key, rows, kept in tables.counted:
            for sign, frame in ((1, rows), *((-1, other) for other in kept)):
                size = frame.select(count=nw.len().cast(nw.Int64) * sign)
                parts.append(size.with_columns(key=nw.lit(key)))
        found: Counter[str] = Counter()
        if parts:
            for row in self.engine.arrow(nw.concat(parts, how="vertical")).to_pylist():
                found[row["key"]] += row["count"]
        return found

    def _large(self, tables: Tables, chosen: Sequence[str]) -> list[Message]:
        if "member_of" not in chosen or not self.source.size("member_of"):
            return []
        names = self.source.nodes("alliance").select("id", target=nw.col("number"))
        large = large_coreless(tables).join(names, on="target", how="inner").sort("target")
        rows = self.engine.arrow(large.select("id", "members")).to_pylist()
        return [
            Message("large_coreless", {"alliance": row["id"], "count": int(row["members"])})
            for row in rows
        ]

    # -- words -------------------------------------------------------------------------------

    def nodes(self, kinds: Sequence[str] = NODE_KINDS, hidden: bool = False) -> Frame:
        """Return ``number, kind, id, name`` of nodes; twin of `ties.tie_nodes`.

        `hidden` leaves the names of teachers out.
        """
        parts = []
        for kind in kinds:
            rows = self.source.nodes(kind).select("number", "id", "name", kind=nw.lit(kind))
            if hidden and kind == "teacher":
                rows = rows.with_columns(name=nw.lit(None, dtype=nw.String))
            parts.append(rows.select("number", "kind", "id", "name"))
        return nw.concat(parts, how="vertical")

    def named(self, frame: Frame, column: str, nodes: Frame, **names: str) -> Frame:
        """Return a frame with what `names` ask of the nodes whose numbers a column holds."""
        keys = {new: nw.col(old) for new, old in names.items()}
        return frame.join(nodes.select(**{column: nw.col("number")}, **keys), on=column, how="left")

    def words(self, ties: Frame, chosen: Sequence[str]) -> Frame:
        """Return ties with ids, names and words, in the order for people; twin of `ties.words`.

        Columns of the analysis ties, day numbers as dates.
        """
        nodes = self.nodes()
        ties = ties.rename({"source": "giver", "target": "taker"})
        ties = self.named(ties, "giver", nodes, source="id", source_kind="kind", source_name="name")
        ties = self.named(ties, "taker", nodes, target="id", target_name="name")
        forms = [schema.forms().get(form) for form in self.source.forms]
        words = pa.table(
            {
                "form": pa.array(range(len(forms)), pa.int32()),
                "form_word": pa.array(self.source.forms, pa.string()),
                "closeness": pa.array([form and form.closeness for form in forms], pa.int64()),
            }
        )
        bases = pa.table(
            {
                "basis": pa.array(range(len(chosen)), pa.int32()),
                "basis_word": pa.array(chosen, pa.string()),
            }
        )
        ties = ties.join(self.engine.frame(words), on="form", how="left")
        ties = ties.join(self.engine.frame(bases), on="basis", how="left")
        ties = self._origins(ties, chosen)
        ties = ties.with_columns(
            undated=(nw.col("start") == LOW) & (nw.col("end") == -LOW),
            first=nw.when(nw.col("start") == LOW).then(_number(-LOW)).otherwise("start"),
        )
        ties = self.engine.dated(
            ties.with_columns(first_day=nw.col("start"), last_day=nw.col("end")), ["start", "end"]
        )
        order = (
            "source", "source_kind", "taker", "basis", "form", "first", "last_day", "alliance",
        )  # fmt: skip
        found = ties.sort(*order)
        return found.select(
            "source", "source_kind", "source_name", "target", "target_name",
            "closeness", "start", "end", "mutual", "in_force", "active", "undated", "origin",
            basis=nw.col("basis_word"), form=nw.col("form_word"),
        )  # fmt: skip

    def _origins(self, ties: Frame, chosen: Sequence[str]) -> Frame:
        """Add ``origin``, relation and ends of the rows that ties come from."""
        nodes = self.nodes(schema.kinds()).select("number", "id")
        for place, column in enumerate(("row", "row2", "row3")):
            parts = []
            for number, basis in enumerate(chosen):
                if place >= len(ORIGINS[basis]) or not self.source.size(ORIGINS[basis][place]):
                    continue
                rows = self.source.relation(ORIGINS[basis][place]).select("row", "source", "target")
                rows = rows.join(
                    nodes.select(source=nw.col("number"), a=nw.col("id")), on="source", how="inner"
                ).join(
                    nodes.select(target=nw.col("number"), b=nw.col("id")), on="target", how="inner"
                )
                head = nw.lit(f"{ORIGINS[basis][place]}:")
                text = nw.concat_str(head, nw.col("a"), nw.lit(">"), nw.col("b"))
                parts.append(
                    rows.select(
                        basis=nw.lit(number, dtype=nw.Int32),
                        **{column: nw.col("row")},
                        **{f"{column}_word": text},
                    )
                )
            if parts:
                told = nw.concat(parts, how="vertical")
                ties = ties.join(told, on=["basis", column], how="left")
            else:
                none = nw.lit(None, dtype=nw.String)
                ties = ties.with_columns(**{f"{column}_word": none})
        texts = [nw.col(f"{column}_word") for column in ("row", "row2", "row3")]
        return ties.with_columns(origin=nw.concat_str(*texts, separator=" + ", ignore_nulls=True))


def _is_role(*names: str) -> Any:
    return nw.coalesce(nw.col("role").is_in(list(names)), nw.lit(False))


def _filled(column: str, value: int) -> Any:
    return nw.coalesce(nw.col(column), nw.lit(value, dtype=nw.Int32))


def _number(value: int) -> Any:
    return nw.lit(value, dtype=nw.Int32)


def _places(chosen: Sequence[str], names: Iterable[str]) -> list[int]:
    return [chosen.index(name) for name in names if name in chosen]


def stops_of(stops: Sequence[date], since: Sequence[date] = ()) -> pa.Table:
    """Return ``stop, day`` and, if given, ``since`` of some days."""
    columns = {
        "stop": pa.array(range(len(stops)), pa.int32()),
        "day": pa.array(list(map(day_number, stops)), pa.int32()),
    }
    if since:
        columns["since"] = pa.array(list(map(day_number, since)), pa.int32())
    return pa.table(columns)

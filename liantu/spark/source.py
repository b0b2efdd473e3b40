"""The tables of Parquet stores as frames; several stores are the parts of one network."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

import narwhals as nw
import pyarrow as pa

from liantu.errors import RequestError
from liantu.graph import schema
from liantu.graph.numbering import Numbering, numbering
from liantu.graph.spans import HIGH, LOW
from liantu.spark.engine import PLACE, Engine, Frame, arrow_type
from liantu.stores import manifest as manifests
from liantu.stores.contents import sound
from liantu.stores.tables import numbered

_MOST = 2**31 - 1  # nodes, or rows of a relation: numbers are of 32 bits
ENDS = ("source", "target")


@dataclass(frozen=True)
class Part:
    """A store: its folder, and what its manifest says."""

    path: str
    manifest: Mapping[str, Any]

    def file(self, name: str) -> str:
        """Return the file of a table."""
        return f"{self.path}/{self.manifest['generation']}/{name}.parquet"

    def has(self, name: str) -> bool:
        """Return whether a table has rows."""
        return name in self.manifest["counts"]


def part_of(engine: Engine, path: str) -> Part:
    """Return a store by its folder, be it on this machine or where the engine reads.

    Raises
    ------
    RequestError
        If there is no store, it is damaged, newer than this version, or older than numbers.
    """
    path = path.rstrip("/") or "/"
    data = engine.text(f"{path}/{manifests.MANIFEST}")
    if data is None:
        raise RequestError.of("store_empty", value=path)
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict) and type(found.get("format")) is int:
        if found["format"] > manifests.FORMAT:
            raise RequestError.of("store_newer", value=path)
        if found.get("digest") == manifests.digest(found) and sound(found):
            for name in schema.relations():
                entry = found["files"].get(f"{name}.parquet")
                if entry is not None and set(ENDS) - set(entry.get("numbers", {})):
                    raise RequestError.of("spark_store_old", value=path)
            return Part(path, found)
    raise RequestError.of("store_damaged", value=manifests.MANIFEST, store=path)


class Source:
    """The rows of one network, kept in one store or in several.

    A node may stand in several parts, but must be the same in all of them.

    Parameters
    ----------
    engine
        Where the frames live.
    parts
        The stores, in the order of their rows.

    Raises
    ------
    RequestError
        If a node differs from part to part, or there are more nodes or rows than numbers.
    """

    def __init__(self, engine: Engine, parts: Sequence[Part]) -> None:
        self.engine, self.parts = engine, tuple(parts)
        self._kept: dict[Any, Frame] = {}
        for name in schema.relations():
            if self.size(name) > _MOST:
                raise RequestError.of("spark_too_many", table=name, count=self.size(name))

    def size(self, name: str) -> int:
        """Return the rows of a table in all parts."""
        return sum(int(part.manifest["counts"].get(name, 0)) for part in self.parts)

    @property
    def about(self) -> dict[str, Any]:
        """What is said of the network: title and date as the last part has them."""
        last = {"title": "", "as_of": None}
        for part in self.parts:
            last |= {key: part.manifest[key] for key in last if part.manifest.get(key)}
        return {**self.parts[-1].manifest, **last}

    def fingerprint(self, *, masked: bool) -> str:
        """Return the fingerprint: that of the store, or one made of those of the parts."""
        key = "masked_fingerprint" if masked else "fingerprint"
        found = sorted(str(part.manifest.get(key, "")) for part in self.parts)
        if len(found) == 1:
            return found[0]
        return "sha256:" + sha256("\n".join(found).encode()).hexdigest()

    # -- nodes -------------------------------------------------------------------------------

    @cached_property
    def _dictionaries(self) -> dict[str, Frame]:
        """By kind, ``part, local, number`` of the nodes of several parts, and their rows' ids."""
        found = {}
        for kind in schema.kinds():
            stacked = self._stacked(kind)
            ids = stacked.select("id").unique(["id"])
            ranked = self.engine.hold(self.engine.ranked(ids, ["id"], "rank"))
            found[kind] = self.engine.hold(
                stacked.select("part", "id", local=nw.col(PLACE)).join(ranked, on="id", how="inner")
            )
        self._check_same()
        return found

    def _check_same(self) -> None:
        """Refuse nodes that are not the same in every part."""
        odd = []
        for kind in schema.kinds():
            keys = list(schema.tables()[kind].columns)
            rows = self._stacked(kind).group_by(*keys).agg(nw.len())
            twice = rows.group_by("id").agg(times=nw.len()).filter(nw.col("times") > 1)
            odd.append(twice.select("id", kind=nw.lit(kind)))
        found = self.engine.arrow(nw.concat(odd, how="vertical")).to_pylist()
        if found:
            first = min((row["kind"], row["id"]) for row in found)
            raise RequestError.of(
                "spark_parts_differ", kind=first[0], value=first[1], count=len(found)
            )

    @cached_property
    def numbering(self) -> Numbering:
        """The numbers of the nodes: all kinds in schema order, by id within a kind."""
        if len(self.parts) == 1:
            found = numbering({kind: self.size(kind) for kind in schema.kinds()})
        else:
            sizes = [
                frame.select(nw.col("rank").max()).with_columns(kind=nw.lit(kind))
                for kind, frame in self._dictionaries.items()
            ]
            rows = self.engine.arrow(nw.concat(sizes, how="vertical")).to_pylist()
            most = {row["kind"]: row["rank"] for row in rows}
            found = numbering(
                {k: 0 if most[k] is None else int(most[k]) + 1 for k in schema.kinds()}
            )
        if found.total > _MOST:
            raise RequestError.of("spark_too_many", table="school", count=found.total)
        return found

    def _stacked(self, name: str) -> Frame:
        """Return the rows of a table of all parts as they are kept, with their ``part``."""
        table = schema.tables()[name]
        numbers = [numbered(end) for end in ENDS] if table.is_relation else []
        frames = [
            self.engine.scan(part.file(name), table, numbers).with_columns(
                part=nw.lit(place, dtype=nw.Int32)
            )
            for place, part in enumerate(self.parts)
            if part.has(name)
        ]
        if not frames:
            fields = [(key, _stored(column)) for key, column in table.columns.items()]
            fields += [(key, pa.int32()) for key in (*numbers, PLACE, "part")]
            return self.engine.frame(pa.schema(fields).empty_table())
        return frames[0] if len(frames) == 1 else nw.concat(frames, how="vertical")

    def nodes(self, kind: str) -> Frame:
        """Return the nodes of a kind: ``number`` and all columns; dates as day numbers."""
        if ("nodes", kind) not in self._kept:
            base, rows = self.numbering.base(kind), self._stacked(kind)
            columns = list(schema.tables()[kind].columns)
            if len(self.parts) == 1:
                rows = rows.with_columns(rank=nw.col(PLACE))
            else:
                first = rows.group_by(*columns).agg(nw.len()).drop("len")
                ranks = self._dictionaries[kind].group_by("id").agg(nw.col("rank").min())
                rows = first.join(ranks, on="id", how="inner")
            number = (nw.col("rank") + base).cast(nw.Int32)
            self._kept["nodes", kind] = rows.select(*columns, number=number)
        return self._kept["nodes", kind]

    def rows(self, name: str) -> Frame:
        """Return the rows of a table with the columns of the schema; a node stands once.

        Dates are day numbers. Of a state that stands in two parts, too, there is one row.
        """
        table = schema.tables()[name]
        columns = list(table.columns)
        rows = self._stacked(name).select(*columns)
        if len(self.parts) > 1 and table.nature in ("kind", "state"):
            rows = rows.group_by(*columns).agg(nw.len()).drop("len")
        return rows

    def refer(self, frame: Frame, column: str, kind: str) -> Frame:
        """Return a frame whose `column` of ids holds numbers instead, −1 where there is none."""
        ids = self.nodes(kind).select("number", **{column: nw.col("id")})
        found = frame.join(ids, on=column, how="left").drop(column)
        number = nw.coalesce(nw.col("number"), nw.lit(-1, dtype=nw.Int32))
        return found.with_columns(**{column: number}).drop("number")

    # -- relations ---------------------------------------------------------------------------

    @cached_property
    def forms(self) -> tuple[str, ...]:
        """Every form that alliances and relations bear, sorted."""
        parts = [
            self._stacked(name).select("form")
            for name, table in schema.tables().items()
            if "form" in table.columns and self.size(name)
            if name == "alliance" or table.is_relation
        ]
        if not parts:
            return ()
        every = nw.concat(parts, how="vertical").group_by("form").agg(nw.len())
        words = self.engine.arrow(every).column("form").to_pylist()
        return tuple(sorted({word for word in words if word is not None}))

    @cached_property
    def _form_codes(self) -> Frame:
        codes = pa.array(range(len(self.forms)), pa.int32())
        return self.engine.frame(
            pa.table({"form": pa.array(self.forms, pa.string()), "form_code": codes})
        )

    def coded(self, rows: Frame) -> Frame:
        """Return rows with positions in `forms` for forms; their number where there is none."""
        none = nw.lit(len(self.forms), dtype=nw.Int32)
        if "form" not in rows.collect_schema().names() or not self.forms:
            return rows.with_columns(form=none)
        found = rows.join(self._form_codes, on="form", how="left")
        return found.with_columns(form=nw.coalesce(nw.col("form_code"), none)).drop("form_code")

    def relation(self, name: str) -> Frame:
        """Return the rows of a relation.

        Columns ``row``, ``source``, ``target`` (numbers), ``start``, ``end`` (day numbers, `LOW`
        and `HIGH` where open; of an event both its day), ``dated``, ``stated``; the others as they
        are kept.
        """
        if ("relation", name) not in self._kept:
            self._kept["relation", name] = self._relation(name)
        return self._kept["relation", name]

    def _relation(self, name: str) -> Frame:
        table, rows = schema.tables()[name], self._stacked(name)
        rows = rows.drop("source", "target")
        if len(self.parts) == 1:
            row = nw.col(PLACE)
            ends = {end: nw.col(numbered(end)) for end in ENDS}
        else:
            sizes = [int(part.manifest["counts"].get(name, 0)) for part in self.parts]
            shifts = [sum(sizes[:place]) for place in range(len(sizes))]
            row = nw.col(PLACE)
            for place, shift in enumerate(shifts[1:], 1):
                later = (nw.col("part") >= place).cast(nw.Int32)
                row = row + later * (shift - shifts[place - 1])
            for end in ENDS:
                rows = self._renumbered(rows, end, table.ends(end))
            ends = {end: nw.col(f"{end}_global") for end in ENDS}
        first, last = ("date", "date") if table.nature == "event" else ("start", "end")
        low, high = (nw.lit(value, dtype=nw.Int32) for value in (LOW, HIGH))
        kept = [
            key for key in table.columns if key not in (*ENDS, "start", "end", "source_kind",
                                                        "target_kind")
        ]  # fmt: skip
        return rows.select(
            *kept,
            row=row.cast(nw.Int32),
            **{end: number.cast(nw.Int32) for end, number in ends.items()},
            start=nw.coalesce(nw.col(first), low),
            end=nw.coalesce(nw.col(last), high),
            dated=~nw.col(first).is_null() | ~nw.col(last).is_null(),
            stated=nw.col("certainty").is_null() | (nw.col("certainty") != "ambiguous"),
        )

    def _renumbered(self, rows: Frame, end: str, kinds: Sequence[str]) -> Frame:
        """Return rows with ``END_global``, the numbers that the dictionaries give."""
        key = numbered(end)
        pieces = []
        for kind in kinds:
            base = self.numbering.base(kind)
            for place, part in enumerate(self.parts):
                sizes = numbering({k: part.manifest["counts"].get(k, 0) for k in schema.kinds()})
                told = self._dictionaries[kind].filter(nw.col("part") == place)
                pieces.append(
                    told.select(
                        "part",
                        (nw.col("local") + sizes.base(kind)).cast(nw.Int32).alias(key),
                        (nw.col("rank") + base).cast(nw.Int32).alias(f"{end}_global"),
                    )
                )
        return rows.join(nw.concat(pieces, how="vertical"), on=["part", key], how="inner")


def _stored(column: schema.Column) -> pa.DataType:
    """Return the type that a column has once it is scanned."""
    return pa.int32() if column.is_date else arrow_type(column)

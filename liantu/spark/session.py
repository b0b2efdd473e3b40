"""Spark as an engine, and sessions for those who have none of their own."""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import narwhals as nw
import pyarrow as pa

from liantu.errors import RequestError
from liantu.graph import schema
from liantu.graph.spans import HIGH
from liantu.spark.engine import PLACE, Frame, arrow_type

# Small networks on one machine: as many parts as cores, little compiling.
_LOCAL = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
}
_ALWAYS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.adaptive.enabled": "true",
    "spark.sql.adaptive.skewJoin.enabled": "true",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.ansi.enabled": "true",
}


def session(master: str | None = None, settings: Mapping[str, str] | None = None) -> Any:
    """Start a Spark session, or return the one that runs.

    Parameters
    ----------
    master
        ``local[N]``, ``local[*]`` or ``spark://host:port``; None for what ``spark-submit`` says,
        else ``local[*]``.
    settings
        More settings of Spark; they win over those made here.

    Raises
    ------
    RequestError
        If Spark is not installed, there is no Java, or the master cannot be reached.
    """
    _told_about_pandas()
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise RequestError.of("spark_missing") from None
    if SparkSession.getActiveSession() is None and not _java():
        raise RequestError.of("spark_no_java")
    if master is None and not _submitted():
        master = "local[*]"
    local = master is not None and master.startswith("local")
    quiet = f"-Dlog4j2.configurationFile={Path(__file__).with_name('log4j2.properties').as_uri()}"
    words = {"spark.driver.defaultJavaOptions": quiet}
    given = {**_ALWAYS, **words, **(_LOCAL if local else {}), **(settings or {})}
    if local and master is not None:
        given.setdefault("spark.sql.shuffle.partitions", str(2 * _cores(master)))
    builder = SparkSession.builder.appName("liantu")
    if master is not None:
        builder = builder.master(master)
    for key, value in given.items():
        builder = builder.config(key, value)
    try:
        return builder.getOrCreate()
    except Exception as error:  # whatever the Java side says
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise RequestError.of("spark_failed", value=master or "", reason=reason) from None


def _submitted() -> bool:
    """Return whether this process was started by ``spark-submit``, which has a master already."""
    return "PYSPARK_GATEWAY_PORT" in os.environ


def _java() -> bool:
    home = os.environ.get("JAVA_HOME")
    return bool((home and Path(home, "bin", "java").exists()) or shutil.which("java"))


def _cores(master: str) -> int:
    said = master.partition("[")[2].rstrip("]").split(",")[0]
    return int(said) if said.isdigit() else os.cpu_count() or 1


def _told_about_pandas() -> None:
    """Keep Spark's word on pandas 3 off people's screens: no frame goes through pandas here."""
    warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas")


class SparkEngine:
    """Frames of a Spark session.

    Parameters
    ----------
    session
        A `pyspark.sql.SparkSession`.
    """

    name = "spark"

    def __init__(self, session: Any) -> None:
        _told_about_pandas()
        self.session = session
        self.alone = str(session.conf.get("spark.master", "")).startswith("local[")

    def text(self, path: str) -> bytes | None:
        """Return what a small file holds; None if there is none."""
        if (own := _own(path)) is not None:
            return own.read_bytes() if own.is_file() else None
        try:
            found = self.session.read.text(path, wholetext=True).collect()
        except Exception as error:
            if "PATH_NOT_FOUND" in str(error):
                return None
            raise RequestError.of("spark_failed", value=path, reason=_first(error)) from None
        return found[0][0].encode() if found else b""

    def scan(self, path: str, table: schema.Table, numbers: Sequence[str]) -> Frame:
        """Return the rows of a table; with a schema given, no job looks at the file for it."""
        from pyspark.sql import functions as f
        from pyspark.sql.pandas.types import from_arrow_schema

        fields = [pa.field(key, arrow_type(column)) for key, column in table.columns.items()]
        fields += [pa.field(key, pa.int32()) for key in numbers]
        found = (
            self.session.read.schema(from_arrow_schema(pa.schema(fields)))
            .option("parquet.page.verify-checksum.enabled", "true")
            .parquet(path)
        )
        columns = [
            f.unix_date(key).alias(key) if column.is_date else f.col(key)
            for key, column in table.columns.items()
        ]
        place = f.col("_metadata.row_index").cast("int").alias(PLACE)
        return nw.from_native(found.select(*columns, *numbers, place))

    def frame(self, table: pa.Table) -> Frame:
        """Return a small table as a frame."""
        return nw.from_native(self.session.createDataFrame(table))

    def hold(self, frame: Frame) -> Frame:
        """Return the same rows, checkpointed: blocks of their own, no path that is used again.

        On a cluster each block stands on two executors, so that one of them may die.
        """
        from pyspark import StorageLevel

        level = StorageLevel.MEMORY_AND_DISK if self.alone else StorageLevel.MEMORY_AND_DISK_2
        native = frame.to_native()
        return nw.from_native(native.localCheckpoint(eager=False, storageLevel=level))

    def arrow(self, frame: Frame) -> pa.Table:
        """Return the rows of a frame that fits into memory, without pandas on the way."""
        return frame.to_native().toArrow()

    def joined(self, frame: Frame, by: Sequence[str], order: str, text: str) -> Frame:
        """Return the texts of each group, in an order, joined by “、”."""
        from pyspark.sql import functions as f

        pairs = f.array_sort(f.collect_list(f.struct(order, text)))
        texts = f.array_join(f.transform(pairs, lambda pair: pair[text]), "、")
        return nw.from_native(frame.to_native().groupBy(*by).agg(texts.alias(text)))

    def ranked(self, frame: Frame, by: Sequence[str], name: str) -> Frame:
        """Return rows with their places: sorted into parts, and each part counted."""
        from pyspark.sql import functions as f

        number = f.monotonically_increasing_id()  # part << 33, and the place in the part
        columns = {"_part": f.shiftright(number, 33), "_place": number.bitwiseAND(2**33 - 1)}
        native = frame.to_native()
        inside = native.orderBy(*by).withColumns(columns).localCheckpoint()
        sizes = inside.groupBy("_part").count().toArrow().to_pylist()
        done, before = 0, []
        for row in sorted(sizes, key=lambda row: row["_part"]):
            before.append({"_part": row["_part"], "_before": done})
            done += row["count"]
        if not before:
            return nw.from_native(inside.select(*native.columns, f.lit(0).alias(name)))
        shifts = f.broadcast(self.session.createDataFrame(pa.Table.from_pylist(before)))
        rank = (f.col("_place") + f.col("_before")).cast("int").alias(name)
        return nw.from_native(inside.join(shifts, "_part").select(*native.columns, rank))

    def dated(self, frame: Frame, columns: Sequence[str]) -> Frame:
        """Return day numbers as dates; those beyond every date are missing."""
        from pyspark.sql import functions as f

        known = {key: f.when(f.abs(key) < HIGH, f.date_from_unix_date(key)) for key in columns}
        return nw.from_native(frame.to_native().withColumns(known))

    def write(self, frame: Frame, path: str) -> None:
        """Write a frame as Parquet into a folder that is not there yet."""
        try:
            frame.to_native().write.mode("errorifexists").parquet(path)
        except Exception as error:
            if "PATH_ALREADY_EXISTS" in str(error):
                raise RequestError.of("spark_output_there", value=path) from None
            raise RequestError.of("output_failed", value=path, reason=_first(error)) from None


def _own(path: str) -> Path | None:
    """Return a path of this machine; None for one elsewhere."""
    parts = urlsplit(path)
    if parts.scheme == "file":
        return Path(unquote(parts.path))
    return Path(path) if len(parts.scheme) < 2 else None  # a letter is a drive


def _first(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]

"""Beyond one machine: the same rules and analyses over frames of Spark or DuckDB.

The rules of the ties are those of `liantu.graph.tie_rules`, as they stand. What else is told here
is told once, with narwhals, and held equal to its twin in `liantu.graph` by tests.
docs/how-to/spark.md shows it, docs/decisions/0018-spark.md says why.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from liantu.spark.network import EngineNetwork


def open(engine: Any, *paths: str | Path) -> EngineNetwork:  # noqa: A001 - as `webbrowser.open`
    """Open the network that one or several Parquet stores keep, without reading it.

    Parameters
    ----------
    engine
        A `pyspark.sql.SparkSession`, or a connection of `duckdb`.
    paths
        Folders that `liantu import` wrote: on this machine, or wherever the engine reads. Several
        are the parts of one network: a node in two of them must be the same in both.

    Returns
    -------
    EngineNetwork
        What can be asked of the network.

    Raises
    ------
    RequestError
        If there is no store, or the parts do not fit together.

    Examples
    --------
    >>> import duckdb, liantu
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     with liantu.open_store(f"{folder}/net.liantu") as store:
    ...         store.write(liantu.read("case:demo"))
    ...     network = open(duckdb.connect(), f"{folder}/net.liantu")
    ...     rows = network.coverage().to_arrow_table()
    >>> rows.num_rows == liantu.coverage(liantu.read("case:demo")).summary["in_scope"]
    True
    """
    from liantu.spark.network import EngineNetwork
    from liantu.spark.source import Source, part_of

    kept = engine_of(engine)
    return EngineNetwork(Source(kept, [part_of(kept, str(path)) for path in paths]))


def engine_of(given: Any) -> Any:
    """Return the engine of a session of Spark or a connection of DuckDB."""
    if type(given).__module__.partition(".")[0] in ("duckdb", "_duckdb"):
        from liantu.spark.duck import DuckEngine

        return DuckEngine(given)
    from liantu.spark.session import SparkEngine

    return SparkEngine(given)

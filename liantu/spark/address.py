"""Addresses of networks on an engine, such as ``spark:local[2]+PATH``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from liantu.spark.engine import Engine
    from liantu.spark.network import EngineNetwork

_SPARK = re.compile(r"(?P<master>spark://[^+]+|spark:[^+]*)\+(?P<paths>.+)", re.DOTALL)
_DUCK = re.compile(r"duckdb:(?P<paths>.+)", re.DOTALL)


def on_engine(source: str) -> bool:
    """Return whether a source is to be read by an engine.

    Examples
    --------
    >>> on_engine("spark:local[2]+net.liantu"), on_engine("duckdb:net.liantu")
    (True, True)
    >>> on_engine("spark-lists"), on_engine("neo4j://host")
    (False, False)
    """
    return bool(_SPARK.fullmatch(source) or _DUCK.fullmatch(source))


def opened(source: str, *, hidden: bool) -> EngineNetwork:
    """Open what an address names; several folders are separated by ``,``.

    Parameters
    ----------
    source
        ``spark:local[2]+PATH``, ``spark://host:7077+PATH`` or ``duckdb:PATH``.
    hidden
        Whether the names of teachers are left out.

    Raises
    ------
    RequestError
        If the engine or the stores cannot be used.
    """
    from liantu.spark.network import EngineNetwork
    from liantu.spark.source import Source, part_of

    if found := _SPARK.fullmatch(source):
        from liantu.spark.session import SparkEngine, session

        said = found["master"]
        master = said if said.startswith("spark://") else said.removeprefix("spark:") or "local[*]"
        engine: Engine = SparkEngine(session(master))
    else:
        from liantu.spark.duck import DuckEngine

        found = _DUCK.fullmatch(source)
        assert found is not None, "see `on_engine`"
        engine = DuckEngine()
    paths = [path for path in found["paths"].split(",") if path]
    return EngineNetwork(Source(engine, [part_of(engine, path) for path in paths]), hidden=hidden)

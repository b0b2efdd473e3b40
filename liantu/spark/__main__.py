"""One analysis as a job of Spark: ``spark-submit … liantu/spark/__main__.py coverage IN OUT``.

``python -m liantu.spark coverage net.liantu out --as-of 2024-06-30`` is the same on this machine.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from liantu.errors import LiantuError

QUESTIONS = ("checks", "components", "coverage", "expiry", "reach", "support_rank", "ties")
_WORDS = ("basis", "rural", "scope", "stage", "window", "within")
_NUMBERS = {"hops": int, "sustained_months": int, "decay": float, "tolerance": float}


def main(argv: Sequence[str] | None = None) -> int:
    """Run an analysis of stores on Spark and write its rows as Parquet.

    Returns
    -------
    int
        0 done; 1 the data or the request cannot be served; 2 wrong usage.
    """
    parser = argparse.ArgumentParser("python -m liantu.spark", description=main.__doc__)
    parser.add_argument("question", choices=QUESTIONS)
    parser.add_argument("source", help="folder of a store; several, separated by commas")
    parser.add_argument("output", help="folder that is not there yet")
    parser.add_argument("--as-of")
    parser.add_argument("--master", help="left out under spark-submit, else local[*]")
    for name in _WORDS:
        parser.add_argument("--" + name)
    for name, kind in _NUMBERS.items():
        parser.add_argument("--" + name.replace("_", "-"), type=kind)
    given = vars(parser.parse_args(argv))
    question, source, output = (given.pop(key) for key in ("question", "source", "output"))
    master = given.pop("master")
    options = {key: value for key, value in given.items() if value is not None}
    try:
        network = _opened(source, master)
        asked = getattr(network, question)
        unknown = sorted(options.keys() - asked.__kwdefaults__.keys())
        if unknown:
            parser.error(f"{question} has no option --{unknown[0].replace('_', '-')}")
        network.write(asked(**options), output)
    except LiantuError as error:
        for line in error.lines():
            print(line, file=sys.stderr)
        return 1
    return 0


def _opened(source: str, master: str | None) -> Any:
    import liantu.spark
    from liantu.spark.session import session

    return liantu.spark.open(session(master), *source.split(","))


if __name__ == "__main__":
    raise SystemExit(main())

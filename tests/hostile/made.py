"""What liantu itself writes of the county, as bytes: exports and a store, to be damaged."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from hostile.cases import county, put

EXPORTS = ("net.json", "net.graphml", "net.gexf", "net.cypher", "net.xlsx", "net")
STORE = "store"


@cache
def made() -> dict[str, bytes]:
    """Return the bytes of every file by its path: ``net.json``, ``net/school.csv``, ``store/…``."""
    from liantu.exchange import export
    from liantu.loaders import read
    from liantu.stores import open_store

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        network = read(county(folder))
        out = folder / "out"
        out.mkdir()
        for each in EXPORTS:
            export(network, out / each)
        with open_store(str(out / STORE)) as store:
            store.write(network)
        files = sorted(path for path in out.rglob("*") if path.is_file())
        return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}


def lay(folder: Path, below: str, changed: dict[str, bytes | None] = {}) -> Path:  # noqa: B006
    """Write a folder that liantu made, some of its files changed or (None) left out."""
    found = {name: data for name, data in made().items() if name.startswith(below + "/")}
    for name, data in {
        **found,
        **{f"{below}/{key}": value for key, value in changed.items()},
    }.items():
        if data is not None:
            put(folder / name, data)
    return folder / below

"""What a command reads and what it writes, kept apart before the work begins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from liantu.commands._options import ALL, Draft, Input, Output, Source, Store


def check(
    params: Sequence[click.Parameter], values: Mapping[str, Any], added: Sequence[Path] = ()
) -> None:
    """Raise `RequestError` if an output of a command would hurt what it reads.

    `added` are the files whose rows are added to the source.
    """
    given = [(param.type, values.get(param.name or "")) for param in params]
    outputs = [Path(value) for kind, value in given if value is not None and _written(kind, value)]
    if not outputs:
        return
    from liantu.formats.files import check_apart

    inputs = [
        path
        for kind, value in given
        if value is not None
        if isinstance(kind, Source | Input)
        for path in (_read(str(value)) if isinstance(kind, Source) else _files(value))
    ]
    inputs += added
    for output in outputs:
        check_apart(output, inputs)


def _written(kind: click.ParamType[Any], value: Any) -> bool:
    from liantu.loaders.sources import DRAFT
    from liantu.stores import is_server

    if isinstance(kind, Draft) and Path(value).name == DRAFT:  # its writer sees to that
        return False
    return isinstance(kind, Output) or (isinstance(kind, Store) and not is_server(value))


def _files(value: Path | Sequence[Path]) -> Sequence[Path]:
    return [value] if isinstance(value, Path) else value


def _read(source: str) -> Iterator[Path]:
    """Give the files and folders that reading a source reads."""
    from liantu.errors import LiantuError
    from liantu.loaders.mapping import read_settings
    from liantu.loaders.sources import case_folder

    if source == ALL or "://" in source:
        return
    path = case_folder(source[5:]) if source.startswith("case:") else Path(source)
    yield path
    try:  # a folder may name a mapping that lies elsewhere
        mapping = read_settings(path / "network.toml").mapping
    except LiantuError:
        return  # whoever reads it says so
    if mapping is not None:
        yield mapping

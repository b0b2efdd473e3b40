"""Equal sources read only once, for tests of what commands make of a network that they all share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import liantu.loaders
from liantu.graph.network import Network
from liantu.stores import is_store

_known: dict[object, Network] = {}
_read = liantu.loaders.read
_ = liantu.read  # looked up before anything stands in the place of it


def reading_once(patch: pytest.MonkeyPatch) -> None:
    """Have commands that read equal tables share the network, which never changes."""
    patch.setattr(liantu.loaders, "read", _once)


def _once(source: str | Path, **options: Any) -> Network:
    if any(options.values()) or not (key := _contents(str(source))):
        return _read(source, **options)
    if key not in _known:
        _known[key] = _read(source, **options)
    return _known[key]


def _contents(source: str) -> object:
    """Return what stands in a source, None where it is not tables alone."""
    if source.startswith("case:"):
        return source
    path = Path(source)
    if not path.exists() or is_store(source):
        return None
    files = sorted(path.rglob("*") if path.is_dir() else [path])
    if path.is_dir() and any(file.is_symlink() for file in files):
        return None
    places = [file.relative_to(path.parent) for file in files if file.is_file()]
    return tuple((str(place), (path.parent / place).read_bytes()) for place in places)

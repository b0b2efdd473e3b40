from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

Folder = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Write CSV files (name without suffix → text) into a folder and return it."""

    def write(tables: Mapping[str, str], encoding: str = "utf-8") -> Path:
        for name, text in tables.items():
            file = tmp_path / (name if "." in name else f"{name}.csv")
            file.write_bytes(text.encode(encoding))
        return tmp_path

    return write

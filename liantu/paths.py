"""Names of files as text, whatever their bytes are."""

from __future__ import annotations

import os
from pathlib import Path


def name_of(path: Path) -> str:
    """Return the name of a file or folder for people, tables and messages.

    Names that are no UTF-8, as old archives and shares of Windows leave them, are read as GB18030.

    Examples
    --------
    >>> name_of(Path("lists/学校.csv"))
    '学校.csv'
    """
    try:
        path.name.encode()
    except UnicodeEncodeError:
        return os.fsencode(path.name).decode("gb18030", "replace")
    return path.name

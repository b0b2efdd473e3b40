"""Names of files as text, whatever their bytes are."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

# What a name ends in that says no more than how the data is kept.
_KEPT_AS = (
    *(".csv", ".tsv", ".txt", ".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".parquet"),
    *(".json", ".graphml", ".gexf", ".cypher", ".liantu"),
)


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


def title_of(source: str | Path) -> str:
    """Return what data is called that bears no title: its folder's or file's name without suffix.

    Of a network on a server its name there.

    Examples
    --------
    >>> title_of("lists/县名台账.xlsx"), title_of("2024.9台账"), title_of("case:wenshan")
    ('县名台账', '2024.9台账', 'wenshan')
    >>> title_of("net.liantu/"), title_of("neo4j://host:7687/db?network=云溪县")
    ('net', '云溪县')
    """
    text = str(source)
    if "://" in text:
        address = urlsplit(text)
        names = parse_qs(address.query).get("network", [])
        return (names[0] if names else "") or address.path.strip("/") or (address.hostname or "")
    if text.startswith("case:"):
        return text.removeprefix("case:")
    path = Path(text)
    if path.name in ("", ".."):  # called as the folder is
        path = path.resolve()
    ending = path.suffix.lower() in _KEPT_AS
    return name_of(path.with_suffix("") if ending else path) or text

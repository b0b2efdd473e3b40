"""From files to a network: own shape, foreign shape through a mapping, bundled cases."""

from __future__ import annotations

from typing import NamedTuple

from liantu.loaders.reading import examine, read
from liantu.loaders.sources import case_folder, case_names

__all__ = ["Case", "cases", "examine", "read"]


class Case(NamedTuple):
    """A bundled case: its name and its title in English and Chinese."""

    name: str
    title_en: str
    title_zh: str


def cases() -> tuple[Case, ...]:
    """Return the bundled cases; each opens as ``case:NAME``."""
    import tomllib

    found = []
    for name in case_names():
        text = (case_folder(name) / "network.toml").read_text(encoding="utf-8")
        data = tomllib.loads(text)
        data = {**data, **data.get("network", {})}
        title = str(data.get("title", name))
        english = str(data.get("title_en", title))
        found.append(Case(name, english, str(data.get("title_zh", title))))
    return tuple(found)

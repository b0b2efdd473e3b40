"""A county of research centres small enough to audit by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from liantu.audit import audit, read_claims
from liantu.graph.network import Network

# Three schools in two townships, two centres with 5 + 3 lessons, one alliance.
FRAMES: dict[str, dict[str, Any]] = {
    "region": {"id": ["c", "e", "w"], "parent": [None, "c", "c"]},
    "school": {
        "id": ["a", "b", "d"],
        "region": ["e", "w", "w"],
        "stage": ["primary", "primary", "junior"],
        "pupils": [900, 120, None],
        "opened": [None, None, "2021-09-01"],
        "synthetic": [False, False, True],
    },
    "center": {"id": ["m", "n"], "subject": ["math", "art"]},
    "alliance": {"id": ["g"], "start": ["2020-09-01"]},
    "member_of": {
        "source": ["a", "b", "d"],
        "target": ["g", "g", "g"],
        "role": ["core", "member", "member"],
        "start": ["2020-09-01", "2020-09-01", "2021-09-01"],
        "end": ["2023-08-31", "2023-08-31", None],
    },
    "delivers": {
        "source": ["m", "m", "n"],
        "source_kind": "center",
        "target": ["a", "b", "b"],
        "target_kind": "school",
        "form": "lesson",
        "date": ["2021-03-01", "2021-10-08", "2022-01-05"],
        "count": [2, 3, 3],
        "synthetic": True,
    },
    "observations": {
        "kind": ["region", "region", "alliance"],
        "id": ["c", "c", "g"],
        "measure": ["budget", "budget", "legal_persons"],
        "period": ["2020", "2021", None],
        "value": [10.0, 12.5, None],
        "text": [None, None, "several"],
    },
}
DAY = "2022-05-11"


@pytest.fixture
def made() -> Callable[..., Network]:
    """Return a function that makes the county, some tables replaced."""

    def make(**changed: dict[str, Any]) -> Network:
        frames = {name: pd.DataFrame(columns) for name, columns in {**FRAMES, **changed}.items()}
        return Network.from_frames(frames, as_of=DAY)

    return make


@pytest.fixture
def county(made: Callable[..., Network]) -> Network:
    return made()


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that writes a file of claims."""

    def into(text: str) -> Path:
        path = tmp_path / "claims.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return into


@pytest.fixture
def audited(write: Callable[[str], Path]) -> Callable[..., pd.DataFrame]:
    """Return a function that audits claims on a network and gives the table."""

    def run(text: str, on: Network, **options: Any) -> pd.DataFrame:
        return audit(on, read_claims(write(text), on), **options).table

    return run

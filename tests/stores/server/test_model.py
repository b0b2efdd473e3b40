"""The model of the how-to is the model that is written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from liantu.graph import schema
from liantu.stores.server import model

PAGES = Path(__file__).parents[3] / "docs" / "how-to"
EVERYWHERE = {"provenance", "place", "synthetic", "certainty", "weight", "x_"}


def names(cell: str) -> list[str]:
    return [name.strip(" `") for name in cell.split(",")]


@pytest.mark.parametrize("page", ["neo4j.md", "neo4j.zh.md"])
def test_the_tables_of_the_how_to(page):
    rows = re.findall(r"^\| `(\w+)` \|(.*)\|$", (PAGES / page).read_text("utf-8"), re.MULTILINE)
    told = {name: [names(cell) for cell in rest.split("|")] for name, rest in rows}
    expected = {}
    for name, table in schema.tables().items():
        own = [column.name for column in model.properties(name) if column.name not in EVERYWHERE]
        if table.is_relation:
            ends = [
                [model.label_of(kind) for kind in table.ends(end)] for end in ("source", "target")
            ]
            expected[model.type_of(name)] = [*ends, own]
        elif table.nature == "kind":
            expected[model.label_of(name)] = [own]
        else:
            expected["Observation"] = [own]
    assert told == expected


def test_every_pair_of_kinds_is_written():
    assert model.pairs("member_of") == [("school", "alliance")]
    assert model.pairs("joins") == [("teacher", "center"), ("school", "center")]
    assert len(model.pairs("delivers")) == 5 * 4

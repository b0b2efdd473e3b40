"""Every relation, whichever the schema has, goes through everything that liantu does.

A relation that is added to the schema joins these tests by itself; where a part forgot it, they
fail. On a server every relation is written and read with the hard network
(`tests/stores/test_contract.py`).
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from long import LONG

import liantu
from liantu import vocabulary
from liantu.exchange import export
from liantu.graph import schema
from liantu.graph.network import Network
from liantu.graph.study import study
from liantu.loaders import examine
from liantu.loaders.generate import generate
from liantu.loaders.template import write_template
from liantu.reports import render
from liantu.results import registry
from liantu.stores import open_store

DAY = "2024-06-30"
RELATIONS = pytest.mark.parametrize("name", schema.relations())


def rows(name: str) -> pd.DataFrame:
    """Return one row a pair of kinds that the relation joins, ending soon or in the window."""
    table = schema.tables()[name]
    found = []
    for source in table.ends("source"):
        for target in table.ends("target"):
            if name == "mentors" and not source == target == "teacher":
                continue  # rows of schools are another network
            row = {"source": f"{source}1", "target": f"{target}2"}
            for end, kind in (("source", source), ("target", target)):
                if len(table.ends(end)) > 1:
                    row[f"{end}_kind"] = kind
            row |= {"minutes": 30} if "minutes" in table.columns else {}
            dates = {"start": "2023-09-01", "end": "2024-08-31", "date": "2024-03-05"}
            row |= {key: day for key, day in dates.items() if key in table.columns}
            if name == "member_of":  # a core and a school to support
                found.append({**row, "source": f"{source}2", "role": "member"})
                row["role"] = "core"
            found.append(row)
    return pd.DataFrame(found)


@cache
def network(name: str) -> Network:
    """Return a network with one relation and both of its ends."""
    frames = {kind: pd.DataFrame({"id": [f"{kind}1", f"{kind}2"]}) for kind in schema.kinds()}
    works = {"source": ["teacher1", "teacher2"], "target": ["school1", "school2"]}
    frames |= {"works_at": pd.DataFrame(works), name: rows(name)}
    return Network.from_frames(frames, as_of=DAY, title=name)


@cache
def template(lang: vocabulary.Lang, folder: Path) -> dict[str, pd.DataFrame]:
    path = folder / f"template-{lang}.xlsx"
    write_template(path, lang)
    return pd.read_excel(path, sheet_name=None, header=None, dtype="str", engine="calamine")


@pytest.mark.parametrize("lang", ["en", "zh"])
@RELATIONS
def test_the_template_has_a_sheet_with_examples(name, lang, tmp_path_factory):
    sheet = template(lang, tmp_path_factory.getbasetemp())[schema.tables()[name].label(lang)]
    assert len(sheet) >= 2 and sheet.notna().any(axis=1).sum() >= 2


@cache
def generated(folder: Path) -> Network:
    folder.mkdir()
    generate(folder / "region", schools=300, seed=1)
    return liantu.read(folder / "region")


@RELATIONS
def test_a_generated_region_has_it(name, tmp_path_factory):
    made = generated(tmp_path_factory.getbasetemp() / "every")
    assert len(made.relation(name)), name


@pytest.mark.parametrize("suffix", ["", ".xlsx", ".json", ".graphml"])
@RELATIONS
def test_exports_are_checked_and_read_back(name, suffix, tmp_path):
    out = tmp_path / f"out{suffix}"
    export(network(name), out)
    found, report = examine(str(out))
    assert not report.of("error")
    assert found is not None and found.fingerprint == network(name).fingerprint


@RELATIONS
def test_a_store_keeps_it(name, tmp_path):
    with open_store(str(tmp_path / "net.liantu")) as store:
        store.write(network(name))
    again = liantu.read(str(tmp_path / "net.liantu"))
    pd.testing.assert_frame_equal(again.relation(name), network(name).relation(name))


@RELATIONS
def test_its_traits_are_what_the_analyses_make_of_it(name):
    table, made = schema.tables()[name], network(name)
    ties = liantu.ties(made)
    makes_ties = set(ties.table["basis"]) - {"works_at"}
    assert (makes_ties == {name}) == ("ties" in table.traits)
    if table.traits & {"ties"}:
        lifted = ties.table["in_force"].any() and "lifts" in table.traits
        rungs = set(liantu.coverage(made, scope="all").table["rung_direct"])
        assert ("in_force" in rungs) == bool(lifted and "activity" not in table.traits), rungs
    ending = set(liantu.expiry(made, scope="all").table["basis"])
    assert (name in ending) == ("renewable" in table.traits)
    ranked = {p.name: p for p in registry()["centrality"].parameters}["layer"].choices
    assert (name in ranked) == ("layer" in table.traits)
    if "layer" in table.traits:
        assert liantu.centrality(made, layer=name).summary["ties"] >= 1
    assert study(made)


# A report takes long: the short run makes one a relation, in turn in English and in Chinese.
REPORTS = [
    (name, lang)
    for number, name in enumerate(schema.relations())
    for lang in (("en", "zh") if LONG else ("en", "zh")[number % 2 :][:1])
]


@pytest.mark.parametrize(("name", "lang"), REPORTS)
def test_the_report_counts_it(name, lang):
    text = render(network(name), "md", source="lists", lang=lang, scope="all")
    assert re.search(rf"[ 、：]{re.escape(schema.tables()[name].label(lang))} ?\d+", text)


@RELATIONS
def test_it_has_words_and_forms(name):
    table = schema.tables()[name]
    assert table.label("en") != table.label("zh") != name
    if "form" in table.columns:
        for form in table.columns["form"].values:
            assert form in vocabulary.terms("form")

"""What every registered analysis promises."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
import typing
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from long import examples

import liantu
from liantu import vocabulary
from liantu.errors import OptionError, RequestError
from liantu.formats import with_names
from liantu.graph import schema
from liantu.graph.network import Network
from liantu.results import Analysis, Result, registry

DAY = "2022-05-11"
ANALYSES = pytest.mark.parametrize("analysis", registry().values(), ids=registry())
LANGUAGES = pytest.mark.parametrize("lang", ["en", "zh"])


def frames() -> dict[str, pd.DataFrame]:
    """Return a small county in which every relation and several unknown dates occur."""
    school, teacher = {"source_kind": "school"}, {"source_kind": "teacher"}
    tables: dict[str, dict[str, Any]] = {
        "region": {
            "id": ["p", "n", "s"],
            "parent": [None, "p", "p"],
            "name": ["市", "北县", "南县"],
            "level": ["prefecture", "county", "county"],
        },
        "school": {
            "id": [f"s{number}" for number in range(11)],
            "name": [f"第{number}小学" for number in range(8)] + [None, "第9小学", "第10小学"],
            "region": ["n"] * 4 + ["s"] * 4 + [None, "n", "n"],
            "stage": ["primary", "junior", None] * 3 + ["primary"] * 2,
            "urban_rural": [
                "111",
                "220",
                "220",
                None,
                "210",
                "220",
                "121",
                "220",
                "220",
                "220",
                "111",
            ],
            "pupils": [900, 30, None, 50, 60, 60, 60, 12, 7, 25, 800],
            "quality": ["core"] + [None] * 9 + ["core"],
            "lon": [110.0, 110.1, 110.1, None, 110.3, 110.2, 110.4, 110.5, 110.1, 112.0, 110.0],
            "lat": [30.0, 30.0, 30.1, None, 30.2, 30.2, 30.0, 30.1, 30.1, 31.0, 30.3],
            "closed": [None] * 7 + ["2021-01-01", None, None, None],
        },
        "teacher": {"id": ["t1", "t2"], "name": ["甲", "乙"]},
        "center": {"id": ["c"], "subject": ["语文"]},
        "partner": {"id": ["u"]},
        "alliance": {"id": ["x", "y"], "form": ["integrated", None]},
        "member_of": {
            "source": ["s0", "s1", "s2", "s3", "s4"],
            "target": ["x", "x", "x", "y", "y"],
            "role": ["core", "member", None, None, None],
            "start": ["2020-09-01", None, None, None, "2021-09-01"],
        },
        "part_of": {"source": ["y"], "target": ["x"]},
        "assists": {
            "source": ["s0", "s1", "s6", "s7"],
            "target": ["s4", "s5", "s5", "s8"],
            "end": ["2021-12-31", None, "2023-12-31", None],
            "certainty": ["stated", "stated", "stated", "ambiguous"],
        },
        "affiliated_to": {"source": ["s3", "s7"], "target": ["s1", "s5"]},
        "works_at": {"source": ["t1", "t2"], "target": ["s0", "s4"]},
        "posted_to": {
            **teacher,
            "source": ["t1"],
            "target": ["s3"],
            "start": ["2021-09-01"],
            "end": ["2022-08-31"],
        },
        "mentors": {**teacher, "target_kind": "teacher", "source": ["t1"], "target": ["t2"]},
        "joins": {**school, "source": ["s0", "s5"], "target": "c", "role": ["host", "member"]},
        "delivers": {
            **school,
            "target_kind": "school",
            "source": "s0",
            "target": ["s1", "s1", "s2"],
            "date": ["2022-03-01", None, "2020-01-01"],
        },
        "supports": {"source": ["u"], "target": ["x"], "target_kind": "alliance"},
        "pact": {"source": ["n"], "target": ["s"]},
        "travel": {"source": ["s1"], "target": ["s0"], "minutes": [40]},
        "observations": {
            "id": ["s0", "s0", "s3", "s6", "s6", "s1"] + [f"s{n}" for n in range(9)] * 3,
            "measure": ["pupils"]
            + ["backbone_per_100"] * 3
            + ["equipment_per_pupil"] * 2
            + ["score"] * 27,
            "value": [900.0, 2.0, 0.5, 1.0, 1500.0, 2600.0] + [60.0 + n % 7 for n in range(27)],
            "period": [None] * 6 + ["2019"] * 9 + ["2020"] * 9 + ["2021"] * 9,
        },
    }
    return {name: pd.DataFrame(columns) for name, columns in tables.items()}


GOALS = (
    {"id": "sent", "rule": "pair_sends", "months": 6},
    {"id": "met", "rule": "center_sessions", "days": 14},
    {"id": "tenth", "rule": "rotation", "share": 0.1},
)


def made(tables: dict[str, pd.DataFrame], **options: Any) -> Network:
    """Return a network with goals, for the analysis that judges them."""
    return Network.from_frames(tables, goals=GOALS, **options)


def run(analysis: Analysis, network: Network, **options: Any) -> Result:
    """Run an analysis on all schools, where it asks which ones, and with few draws."""
    usual = {"scope": "all", "draws": 4}
    known = {parameter.name for parameter in analysis.parameters}
    options = {**{key: value for key, value in usual.items() if key in known}, **options}
    return analysis.function(network, **options)


@cache
def the_county() -> Network:
    return made(frames(), as_of=DAY, title="县")


@cache
def shuffled(seed: int) -> Network:
    """Return the county again, made of the same rows in another order."""
    rows = {name: frame.sample(frac=1, random_state=seed) for name, frame in frames().items()}
    return made(rows, as_of=DAY, title="县")


@pytest.fixture(scope="module")
def county() -> Network:
    return the_county()


@cache
def usual(name: str) -> Result:
    """Return what an analysis says of the county: the network and its results never change."""
    return run(registry()[name], the_county())


def test_the_analyses_of_the_interface_stand_in_order():
    assert list(registry())[:4] == ["coverage", "reach", "centrality", "ties"]
    orders = [analysis.order for analysis in registry().values()]
    assert len(set(orders)) == len(orders)
    for name in registry():
        assert getattr(liantu, name) is registry()[name].function
    assert set(registry()) == {name for name in liantu.__all__ if name in set(registry())}


def has_engines(analysis: Analysis) -> bool:
    return "engine" in {parameter.name for parameter in analysis.parameters}


# -- documentation ----------------------------------------------------------------------------


@LANGUAGES
@ANALYSES
def test_documented(analysis: Analysis, lang: vocabulary.Lang):
    doc = analysis.doc[lang]
    assert analysis.title(lang).rstrip(".。"), "a first line"
    assert len(analysis.text(lang)) > 40
    assert doc["Notes"] and doc["References"]
    for parameter in analysis.parameters:
        text = parameter.help[lang]
        assert text, f"{parameter.name} is not explained"
        assert parameter.name == "engine" or all(choice in text for choice in parameter.choices)
    headed = {line for line in doc["Parameters"].splitlines() if line and not line[0].isspace()}
    assert headed == {parameter.name for parameter in analysis.parameters}


@ANALYSES
def test_examples_and_language(analysis: Analysis):
    assert ">>>" in analysis.doc["en"]["Examples"]
    assert any("\u4e00" <= sign <= "\u9fff" for sign in analysis.title("zh"))


@ANALYSES
def test_options_can_be_made_from_the_signature(analysis: Analysis):
    names = [parameter.name for parameter in analysis.parameters]
    assert names[0] == "as_of"
    assert "engine" not in names or names[1] == "engine"
    for parameter in analysis.parameters:
        parts = {parameter.type, *typing.get_args(parameter.type)}
        known = parameter.choices or parameter.is_list or parameter.is_pairs
        known = known or parts & {bool, int, float, str}
        assert known, f"no option for {parameter.name}: {parameter.type}"


# -- the network ------------------------------------------------------------------------------


@ANALYSES
def test_leaves_the_network_unchanged(analysis: Analysis):
    network = shuffled(3)
    names = [*schema.kinds(), *schema.relations()]
    tables = {n: network.nodes(n) if n in schema.kinds() else network.relation(n) for n in names}
    before = {name: frame.copy(deep=True) for name, frame in tables.items()}
    run(analysis, network)
    for name in names:
        after = network.nodes(name) if name in schema.kinds() else network.relation(name)
        pd.testing.assert_frame_equal(after, before[name])
    assert network.fingerprint == the_county().fingerprint
    assert run(analysis, network).to_dict() == usual(analysis.name).to_dict()


@ANALYSES
def test_stamped(analysis: Analysis, county: Network):
    result = usual(analysis.name)
    assert result.name == analysis.name
    assert str(result.as_of) == DAY
    assert result.fingerprint == county.fingerprint
    assert result.version == liantu.__version__
    assert [*result.parameters] == [p.name for p in analysis.parameters if p.name != "as_of"]
    assert str(run(analysis, county, as_of="2021").as_of) == "2021-12-31"
    assert run(analysis, county.focus("n")).parameters["region"] == "n"


@ANALYSES
def test_permuted_rows_give_the_same(analysis: Analysis, county: Network):
    for seed in range(examples(1, 3)):
        assert run(analysis, shuffled(seed)).to_dict() == usual(analysis.name).to_dict()


@ANALYSES
def test_engines_agree(analysis: Analysis, county: Network):
    if not has_engines(analysis):
        assert "pick(" not in inspect.getsource(inspect.getmodule(analysis.function))
        return
    fast = run(analysis, county, engine="fast")
    reference = run(analysis, county, engine="reference")
    pd.testing.assert_frame_equal(fast.table, reference.table, rtol=1e-9)
    assert fast.summary == pytest.approx(reference.summary, nan_ok=True)


@ANALYSES
def test_a_region_in_focus_changes_no_data(analysis: Analysis, county: Network):
    result = run(analysis, county.focus("s"))
    assert result.fingerprint == county.fingerprint
    assert len(result.table) < len(usual(analysis.name).table)


# -- small and odd networks -------------------------------------------------------------------

SMALL = {
    "empty": {},
    "one school": {"school": pd.DataFrame({"id": ["a"]})},
    "no ties": {"school": pd.DataFrame({"id": ["a", "b", "c"], "pupils": [1, None, 3]})},
    "all closed": {"school": pd.DataFrame({"id": ["a", "b"], "closed": "2000-01-01"})},
    "no dates": {
        "assists": pd.DataFrame({"source": ["a"], "target": ["b"]}),
        "member_of": pd.DataFrame({"source": ["a", "b"], "target": ["x", "x"]}),
        "delivers": pd.DataFrame(
            {"source": ["a"], "source_kind": "school", "target": ["b"], "target_kind": "school"}
        ),
    },
}


@cache
def small(name: str, day: str | None = DAY) -> Network:
    return made(SMALL[name], as_of=day)


@pytest.mark.parametrize("tables", SMALL)
@ANALYSES
def test_small_networks(analysis: Analysis, tables: str):
    network = small(tables)
    known = usual(analysis.name)
    for options in (
        ({"engine": "fast"}, {"engine": "reference"}) if has_engines(analysis) else ({},)
    ):
        result = run(analysis, network, **options)
        assert [*result.summary] == [*known.summary]
        assert [*result.tables] == [*known.tables]
        assert [*result.table.columns] == [*known.table.columns]
        assert result.table.index.name == known.table.index.name
        for key, frame in result.tables.items():
            assert [*frame.columns] == [*known.tables[key].columns]
    assert json.dumps(result.to_dict("zh"), allow_nan=False)


@ANALYSES
def test_an_empty_network_needs_no_options(analysis: Analysis):
    result = analysis.function(Network.from_frames({}, as_of=DAY))
    assert result.table.empty
    assert not any(result.summary.values())


@ANALYSES
def test_unknown_dates_are_counted(analysis: Analysis):
    network = small("no dates")
    events = {"undated_events"} if "window" in {p.name for p in analysis.parameters} else set()
    assert {"undated_states"} | events <= {n.code for n in run(analysis, network).notes}


@ANALYSES
def test_without_any_date_today_is_used(analysis: Analysis):
    from datetime import date

    before = date.today()
    day = run(analysis, small("no dates", None)).as_of
    assert before <= day <= date.today()


@ANALYSES
def test_malformed_values_are_refused(analysis: Analysis, county: Network):
    wrong: dict[str, Any] = {"as_of": "nonsense", "engine": "slow", "window": "x", "basis": ("x",)}
    tried = [p.name for p in analysis.parameters if p.name in wrong or p.choices]
    assert "as_of" in tried
    for name in tried:
        with pytest.raises(OptionError) as caught:
            run(analysis, county, **{name: wrong.get(name, "nonsense")})
        for lang in ("en", "zh"):
            (line,) = caught.value.lines(lang)
            assert "--" + name.replace("_", "-") in line
    assert issubclass(OptionError, RequestError)


# -- words ------------------------------------------------------------------------------------


@ANALYSES
def test_every_word_is_in_the_vocabulary(analysis: Analysis):
    result = usual(analysis.name)
    named = [result.table.index.name] if result.table.index.name else []
    keys = {*named, *result.table.columns, *result.summary, *result.tables}
    frames = [with_names(frame, result.names) for frame in (result.table, *result.tables.values())]
    keys |= {column for frame in frames for column in frame.columns}
    terms = vocabulary.terms("column")
    assert keys <= set(terms)
    for key in keys:
        term = terms[key]
        assert term.en and term.definition_en
        assert any("\u4e00" <= sign <= "\u9fff" for sign in term.zh + term.definition_zh)
    assert set(analysis.highlights) <= set(result.summary)
    for note in result.notes:
        assert "{" not in note.text("en") + note.text("zh")
        assert note.text("en") != note.text("zh")


@ANALYSES
def test_codes_in_cells_have_labels(analysis: Analysis):
    result = usual(analysis.name)
    for frame in (result.table, *result.tables.values()):
        for column in frame.columns:
            group = vocabulary.code_group(column)
            if group is not None:
                used = set(frame[column].dropna().astype("str"))
                if vocabulary.columns()[column].type == "codes":
                    used = {code for cell in used for code in cell.split("|")}
                assert used <= set(vocabulary.terms(group)), column


def cells_of(type: str, values: pd.Series) -> bool:
    """Return whether the cells of a column are what its type says."""
    kinds = pd.api.types
    flag, whole = kinds.is_bool_dtype(values), kinds.is_integer_dtype(values)
    return {
        "id": kinds.is_string_dtype(values),
        "code": kinds.is_string_dtype(values),
        "codes": kinds.is_string_dtype(values),
        "text": kinds.is_string_dtype(values),
        "share": kinds.is_float_dtype(values) and bool(values.dropna().between(0, 1).all()),
        "count": whole or flag,
        "number": (whole and not flag) or kinds.is_float_dtype(values),
        "date": kinds.is_datetime64_dtype(values),
        "flag": flag,
        "mixed": True,
    }[type]


@ANALYSES
def test_every_column_has_a_type(analysis: Analysis):
    result = usual(analysis.name)
    for frame in (result.table, *result.tables.values()):
        frame = frame.reset_index() if frame.index.name else frame
        for column in frame.columns:
            known = vocabulary.columns()[column]
            assert cells_of(known.type, frame[column]), (column, frame[column].dtype)
            assert not known.of or known.type != "share" or vocabulary.share_of(column, frame)
    for key, value in result.summary.items():
        known = vocabulary.columns()[key]
        assert known.type in ("count", "number", "share", "text", "code"), key
        assert known.type != "count" or value is None or type(value) is int, key
        assert not known.of or known.type != "share" or vocabulary.share_of(key, result.summary)


@ANALYSES
def test_summary_is_flat_and_plain(analysis: Analysis):
    for key, value in usual(analysis.name).summary.items():
        assert value is None or type(value) in (int, float, str), key
    table = usual(analysis.name).table
    assert table.index.name is None or table.index.is_unique or "kind" in table
    assert not any(dtype == np.dtype(object) for dtype in table.dtypes)


def test_analyses_load_nothing_heavy():
    code = (
        "import sys; from liantu.results import registry; registry();"
        "heavy = {'networkx', 'matplotlib', 'scipy.stats', 'neo4j'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

"""Odd and large cells take time and memory in line with their size, or are one clear line.

The bounds in seconds are wide: what is quadratic takes minutes on these inputs.
"""

import time
from contextlib import contextmanager

import numpy as np
import pandas as pd
import pytest

from liantu.graph.network import Network
from liantu.graph.values import parse_date, parse_number
from liantu.loaders import examine, read
from liantu.loaders.directory import spans
from liantu.loaders.headers import table_of
from liantu.loaders.several import beyond
from liantu.vocabulary import nearest


@contextmanager
def within(seconds):
    start = time.perf_counter()
    yield
    assert time.perf_counter() - start < seconds


@pytest.mark.parametrize(
    "text",
    [
        "2021" + " " * 64_000 + "x",
        "2021-09-01" + "T " * 32_000 + "x",
        "2021年" + " " * 64_000 + "9月",
        "1" * 64_000 + "x",
        "1,000" * 16_000,
    ],
)
def test_long_cells_are_neither_dates_nor_numbers(text):
    with within(2):
        assert parse_date(text, last=False) == (None, "bad")
        assert parse_number(text, whole=False) == (None, "bad")


def test_a_date_with_a_time_behind_many_blanks_is_still_one():
    assert str(parse_date("2021-09-01" + " " * 9 + "08:00:00", last=True)[0]) == "2021-09-01"


def test_long_names_get_neither_suggestions_nor_endless_searches():
    with within(2):
        assert nearest("甲" * 60_000, ["甲" * 59_000] * 300) is None
        assert table_of("学校" + "_" * 60_000 + "x") is None


def test_cells_of_many_names_are_refused_with_their_row(folder):
    many = ["、".join(f"{end}{i}" for i in range(16_000)) for end in "甲乙"]
    given = folder({"结对帮扶": f"支援校,受援校\n甲,乙、丙\n{many[0]},{many[1]}\n"})
    with within(20):
        _, report = examine(given)
    assert [(p.code, p.row) for p in report.of("error")] == [("too_many_names", 3)]
    assert len(report.of("error")[0].line("zh")) < 200


def test_a_mapping_splits_no_more_either(folder, tmp_path):
    many = ["|".join(f"{end}{i}" for i in range(16_000)) for end in "甲乙"]
    given = folder({"表.csv": f"a,b\n甲,乙|丙\n{many[0]},{many[1]}\n"})
    rules = tmp_path / "rules.toml"
    columns = [
        f'{end} = {{ column = "{c}", split = "|" }}\n'
        for end, c in (("source", "a"), ("target", "b"))
    ]
    rules.write_text(
        "[[rows]]\nmissing_ends = 'create'\n[rows.assists]\n" + "".join(columns), encoding="utf-8"
    )
    with within(20):
        _, report = examine(given, mapping=rules)
    assert [(p.code, p.row, p.column) for p in report.of("error")] == [
        ("too_many_names", 3, "a / b")
    ]


def test_a_node_whose_own_name_holds_such_signs_is_no_list(folder):
    name = "、".join(f"校{i}" for i in range(11_000))
    network = read(
        folder({"学校": f"编号,名称\n1,{name}\n2,乙\n", "结对帮扶": f"支援校,受援校\n{name},乙\n"})
    )
    assert len(network.relation("assists")) == 1


def test_all_rows_together_are_bounded():
    assert beyond([np.full(250, 10_000)]).sum() == 50
    assert not beyond([np.ones(5_000_000, dtype=np.int64)]).any()


def chain(length):
    names = [f"r{i}" for i in range(length)]
    return pd.DataFrame({"id": names, "parent": [None, *names[:-1]]})


def test_a_chain_of_regions_takes_memory_in_line_with_its_length():
    found = spans(chain(50_000))
    assert found["r0"] == (0, 49_999)
    assert found["r49999"] == (49_999, 49_999)


def test_a_circle_of_regions_is_cut_open():
    circle = pd.DataFrame({"id": ["a", "b", "c"], "parent": ["b", "c", "a"]})
    assert sorted(spans(circle).values()) == [(0, 2), (1, 2), (2, 2)]


def test_a_chain_of_regions_is_rolled_up(folder):
    regions = chain(5_000).assign(level=None)
    schools = pd.DataFrame({"id": [f"s{i}" for i in range(5_000)], "region": regions["id"]})
    text = regions[["id", "parent"]].to_csv(index=False)
    with within(30):
        network = read(folder({"region": text, "school": schools.to_csv(index=False)}))
        codes = network.region_codes("school")
        total = network.roll_up(codes, np.ones(5_000))
        inside = [network.within("school", f"r{i}").sum() for i in range(0, 5_000, 100)]
    by_name = pd.Series(total, index=network.nodes("region").index)
    assert by_name[["r0", "r10", "r4999"]].tolist() == [5_000, 4_990, 1]
    assert inside == [5_000 - i for i in range(0, 5_000, 100)]


def test_roll_up_is_the_sum_over_everything_within():
    draw = np.random.default_rng(3)
    parents = [
        None,
        *(f"r{draw.integers(0, i)}" if draw.random() > 0.1 else None for i in range(1, 80)),
    ]
    regions = pd.DataFrame({"id": [f"r{i}" for i in range(80)], "parent": parents})
    homes = [f"r{i}" for i in draw.integers(0, 80, 300)]
    schools = pd.DataFrame({"id": [f"s{i}" for i in range(300)], "region": homes})
    network = Network.from_frames({"region": regions, "school": schools})
    weights = draw.integers(0, 9, 300)
    total = network.roll_up(network.region_codes("school"), weights)
    names = network.nodes("region").index
    assert total.tolist() == [weights[network.within("school", name)].sum() for name in names]


def test_unknown_codes_of_every_row(folder):
    rows = "".join(f"s{i},坏{i}\n" for i in range(20_000))
    with within(60):
        _, report = examine(folder({"学校": f"编号,学段\n{rows}"}))
    assert len(report.of("error")) == 20_000
    assert {p.row for p in report.of("error")} == set(range(2, 20_002))

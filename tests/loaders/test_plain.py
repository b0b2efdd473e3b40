"""Well-formed CSV takes a quicker way; what comes out is what Python's reader gives."""

from __future__ import annotations

import random
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from long import examples

from liantu.loaders import examine, plain, sources
from liantu.loaders.body import body
from liantu.loaders.findings import Findings
from liantu.loaders.generate import generate

LONGEST, WIDEST = 131_072, 16_384
ODD = {
    "short record": "a,b\n1\n",
    "long record": "a,b\n1,2,3\n",
    "blank line": "a,b\n\n1,2\n",
    "blank line, Windows": "a,b\r\n\r\n1,2\r\n",
    "blank first line": "\na,b\n1,2\n",
    "blank last line": "a,b\n1,2\n\n",
    "blank line, a cell missing in each column": "a,b\n1,\n\n,2\n",
    "blank line, Windows, a cell missing in each column": "a,b\r\n1,\r\n\r\n,2\r\n",
    "blank line in one column": "a\n\n1\n",
    "carriage return alone": "a,b\n1\r2,3\n",
    "quote within a cell": 'a,b\n1"2,3\n',
    "doubled quote": 'a,b\n"1""2",3\n',
    "text after a quote": 'a,b\n"1"2,3\n',
    "line break in a cell": 'a,b\n"1\n2",3\n',
    "open quote": 'a,b\n"1,3\n',
    "blank header": " , \n1,2\n",
}
PLAIN = {
    "LF": "a,b\n1,2\n",
    "CRLF": "a,b\r\n1,2\r\n",
    "no last line end": "a,b\n1,2",
    "quotes around cells": '"a","b"\n"1,2","3"\n',
    "quoted, empty": 'a,b\n"",""\n',
    "one column": "a\n1\n2\n",
    "semicolons": "a;b\n1;2,5\n",
    "tabs": "a\tb\n\t\n",
    "record of empty cells": "a,b\n,\n1,2\n",
    "header alone": "a,b\n",
    "words that others take for missing": "a,b\nNA,null\n",
    "blanks": "a , b\n 1,\u30002 \n\xa0,\x0b\n",
    "separators of Unicode": "a,b\n1\u20282,3\x85\x1c\n",
}


def both(text: str) -> tuple[plain.Records | None, list[list[str]]]:
    separator = sources.separator_of(text)
    quick = plain.records(text.encode(), separator, longest=LONGEST, widest=WIDEST)
    return quick, sources._odd_records(text, separator, "x.csv")


@pytest.mark.parametrize("name", ODD)
def test_odd_texts_are_left_to_the_careful_reader(name):
    text = ODD[name]
    assert plain.records(text.encode(), ",", longest=LONGEST, widest=WIDEST) is None


@pytest.mark.parametrize("name", PLAIN)
def test_plain_texts_are_read_alike(name):
    quick, careful = both(PLAIN[name])
    assert quick is not None
    assert list(quick) == careful
    assert len(quick) == len(careful)
    assert quick[:30] == careful[:30]
    assert quick[-1] == careful[-1]


def test_bounds_are_those_of_the_careful_reader():
    assert plain.records(f"a,b\n1,{'x' * 9}\n".encode(), ",", longest=9, widest=2) is not None
    assert plain.records(f"a,b\n1,{'x' * 10}\n".encode(), ",", longest=9, widest=2) is None
    assert plain.records(f"{'x' * 10},b\n1,2\n".encode(), ",", longest=9, widest=2) is None
    assert plain.records(b"a,b,c\n1,2,3\n", ",", longest=9, widest=2) is None


@given(st.text(alphabet="ab校１,;\t\n\r\" \u3000\x0b\x85\u2028'", max_size=60))
@settings(max_examples=examples(100, 400), deadline=None)
def test_whatever_is_taken_is_read_alike(text):
    separator = sources.separator_of(text)
    quick = plain.records(text.encode(), separator, longest=LONGEST, widest=WIDEST)
    if quick is not None:
        assert list(quick) == sources._odd_records(text, separator, "x.csv")


CELLS = st.one_of(
    st.sampled_from(["", " ", "合计", "x", "乙", "#N/A", "'", "NULL", " a", "b\u3000", "1.0"]),
    st.text(alphabet="aé校１ \u3000;|-", max_size=4),
)


@given(st.data())
@settings(max_examples=examples(60, 150), deadline=None)
def test_bodies_and_findings_are_alike(data):
    width = data.draw(st.integers(2, 4))
    rows = data.draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=8))
    end = data.draw(st.sampled_from(["\n", "\r\n"]))
    quote = data.draw(st.sampled_from(["", '"']))
    head = ["h1", "h2", "", "h4"][:width]
    lines = [",".join(f"{quote}{cell}{quote}" for cell in row) for row in [head, *rows]]
    text = end.join(lines) + data.draw(st.sampled_from(["", end]))
    quick = plain.records(text.encode(), ",", longest=LONGEST, widest=WIDEST)
    assert quick is not None
    careful = sources._odd_records(text, ",", "x.csv")
    found = []
    for records in (quick, careful):
        findings = Findings()
        own = body(sources.Sheet("x.csv", "", records), 0, findings)
        found.append((own, findings))
    (first, told), (second, also) = found
    pd.testing.assert_frame_equal(first.frame, second.frame)
    assert first.headers == second.headers
    for name in ("rows", "long", "short"):
        assert getattr(first, name).tolist() == getattr(second, name).tolist(), name
    assert {k: v.tolist() for k, v in first.trimmed.items()} == {
        k: v.tolist() for k, v in second.trimmed.items()
    }
    assert told.problems == also.problems
    assert told._counts == also._counts


def damage(folder: Path, rng: random.Random) -> None:
    """Change some cells and lines of some files the way people and programs do."""
    for path in rng.sample(sorted(folder.glob("*.csv")), 6):
        lines = path.read_text(encoding="utf-8").split("\n")
        for _ in range(rng.randrange(1, 4)):
            number = rng.randrange(1, len(lines) - 1)
            cells = lines[number].split(",")
            place = rng.randrange(len(cells))
            cells[place] = rng.choice(
                ["", " " + cells[place], cells[place] + "\u3000", "查无此校", "2021年9月", "合计",
                 "#REF!", "－１", "2021.9-2022.7", "2021-2022学年", "三年", "长期", "30余人",
                 "110101199003074514", "电话13800000001", "乙等3所", "甲 乙", "甲/乙；丙", f'"{cells[place]}"', "99", lines[rng.randrange(1, len(lines) - 1)]]
            )  # fmt: skip
            lines[number] = ",".join(cells)
            if rng.random() < 0.2:
                lines.insert(number, lines[rng.randrange(1, len(lines) - 1)])
        text = "\n".join(lines)
        encoding = rng.choice(["utf-8", "utf-8-sig", "gb18030"])
        path.write_bytes(text.replace("\n", rng.choice(["\n", "\r\n"])).encode(encoding))


@pytest.mark.parametrize("seed", range(8))
def test_damaged_regions_are_told_alike(seed, tmp_path, monkeypatch):
    folder = tmp_path / "region"
    generate(folder, schools=60, seed=seed)
    damage(folder, random.Random(seed))
    quick, report = examine(folder)
    calls = []
    monkeypatch.setattr(plain, "records", lambda *_, **__: calls.append(1))
    careful, told = examine(folder)
    assert calls
    assert report == told
    assert report.problems
    assert (quick is None) == (careful is None)
    if quick is not None and careful is not None:
        assert quick.fingerprint == careful.fingerprint

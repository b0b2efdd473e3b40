"""Columns of text through Arrow: the same answers as pandas gives."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from long import examples

from liantu.graph import checks, columns, schema, values
from liantu.graph.build import _shared
from liantu.graph.fingerprint import _bytes

TEXTS = st.lists(st.one_of(st.none(), st.text(alphabet="ab1校１ \t", max_size=2)), max_size=9)


def text(cells):
    return pd.Series(cells, dtype="str")


@given(TEXTS, TEXTS)
@settings(max_examples=examples(60, 200), deadline=None)
def test_look_ups(cells, known):
    for few, many in ((cells, known), (cells[:1], known * 3)):
        found = columns.is_in(text(few), text(many))
        assert found.tolist() == [cell in set(many) for cell in few]
    index = pd.Index(text(known).dropna().unique())
    for few in (cells, cells[:1], [], index.tolist(), [*index[1:], None]):
        expected = [index.get_loc(cell) if cell in index else -1 for cell in few]
        assert columns.places(text(few), index).tolist() == expected


@given(TEXTS)
@settings(max_examples=examples(60, 200), deadline=None)
def test_properties_of_texts(cells):
    assert columns.filled(text(cells)).tolist() == [bool(cell) for cell in cells]
    rising = all(x is not None for x in cells) and all(x < y for x, y in pairwise(cells))
    assert columns.ascending(text(cells)) == rising
    odd = [c for c in cells if c and any(not "!" <= sign <= "~" for sign in c)]
    assert columns.unplain(text(cells)) == list(dict.fromkeys(odd))


@given(st.lists(st.integers(0, 5), max_size=9))
def test_rows_with_both_ends_in_common(pairs):
    assert _shared(pd.array(pairs, dtype="int64").to_numpy()).tolist() == [
        pairs.count(pair) > 1 for pair in pairs
    ]


NUMBERS = st.one_of(
    st.none(),
    st.from_regex(r"-?[0-9]{1,15}(\.[0-9]{1,15})?", fullmatch=True).filter(str.isascii),
    st.sampled_from(["1人", "１", "1,000", "x", "", "-0", "007", "1e3", "1.", ".5", "+1"]),
)


@given(st.lists(NUMBERS, max_size=6), st.booleans())
@settings(max_examples=examples(60, 300), deadline=None)
def test_numbers_in_plain_writing_are_those_read_one_by_one(cells, whole):
    found, states = values.read_numbers(text(cells), whole=whole)
    one = [(None, "") if c is None else values.parse_number(c, whole) for c in cells]
    assert found.dtype == ("Int64" if whole else "float64")
    assert [None if pd.isna(number) else number for number in found] == [n for n, _ in one]
    assert states.tolist() == [state for _, state in one]


@given(TEXTS)
@settings(max_examples=examples(60, 200), deadline=None)
def test_texts_have_the_bytes_of_their_order_and_length(cells):
    known = text(cells).dropna()
    codes, distinct = pd.factorize(known, sort=True)
    words = "".join(f"{len(word)}:{word}" for word in distinct.astype(str))
    column = schema.tables()["school"].columns["name"]
    assert _bytes(known, column) == words.encode() + codes.astype("<i8").tobytes()


def test_only_what_may_run_in_circles_is_looked_into():
    def circles(*pairs):
        sources, targets = pd.array(pairs, dtype="int64").to_numpy().reshape(-1, 2).T
        return checks._may_run_in_circles(sources, targets, 9)

    assert not circles(0, 1, 1, 2, 3, 2)
    assert circles(0, 1, 1, 0, 3, 2)
    assert circles(4, 4)
    assert not checks._may_run_in_circles(*pd.array([], dtype="int64").to_numpy()[[[], []]], 0)

from datetime import date

import pandas as pd
import pytest

from liantu.graph import values


@pytest.mark.parametrize(
    ("text", "first", "last", "state"),
    [
        ("2023-09-01", date(2023, 9, 1), date(2023, 9, 1), ""),
        ("2023/9/1", date(2023, 9, 1), date(2023, 9, 1), "repaired"),
        ("2023.9", date(2023, 9, 1), date(2023, 9, 30), "coarse"),
        ("2023.9.5", date(2023, 9, 5), date(2023, 9, 5), "repaired"),
        ("2023年9月", date(2023, 9, 1), date(2023, 9, 30), "coarse"),
        ("2023年9月1日", date(2023, 9, 1), date(2023, 9, 1), "repaired"),
        ("20230901", date(2023, 9, 1), date(2023, 9, 1), "repaired"),
        ("45170", date(2023, 9, 1), date(2023, 9, 1), "repaired"),
        ("２０２３－０９", date(2023, 9, 1), date(2023, 9, 30), "coarse"),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29), "coarse"),
        ("2023", date(2023, 1, 1), date(2023, 12, 31), "coarse"),
        ("2023-09-01 08:30:00", date(2023, 9, 1), date(2023, 9, 1), "repaired"),
        ("2023-09-01T08:30:00Z", date(2023, 9, 1), date(2023, 9, 1), "repaired"),
        ("2023-09-01T23:59:59.000000000+08:00", date(2023, 9, 1), date(2023, 9, 1), "repaired"),
        ("1949-10-01", date(1949, 10, 1), date(1949, 10, 1), ""),
        ("2023-02-30", None, None, "bad"),
        ("2023-13", None, None, "bad"),
        ("去年", None, None, "bad"),
        ("9999999", None, None, "bad"),
    ],
)
def test_dates(text, first, last, state):
    assert values.parse_date(text, last=False) == (first, state)
    assert values.parse_date(text, last=True) == (last, state)


def test_until_now_is_an_open_end_and_no_start():
    assert values.parse_date("至今", last=True) == (None, "repaired")
    assert values.parse_date("至今", last=False) == (None, "bad")


@pytest.mark.parametrize(
    ("text", "number", "state"),
    [
        ("12", 12, ""),
        ("1,234", 1234, "repaired"),
        ("１２３", 123, "repaired"),
        ("120人", 120, "repaired"),
        ("3.5万", 35000, "repaired"),
        ("220万元", 2_200_000, "repaired"),
        ("12.0", 12, ""),
        ("-3", -3, ""),
        ("12.5", None, "fraction"),
        ("约300", 300, "about"),
        ("1,23", None, "bad"),
        ("np", None, "bad"),
        ("1e300", None, "bad"),
        ("", None, "bad"),
    ],
)
def test_whole_numbers(text, number, state):
    assert values.parse_number(text, whole=True) == (number, state)


def test_numbers_are_read_to_the_last_digit():
    assert values.parse_number("116.123456789", whole=False) == (116.123456789, "")
    assert values.parse_number("3.7万", whole=True) == (37000, "repaired")


def test_columns_keep_their_index_and_missing_values():
    texts = pd.Series(["2023.9", None, "x", "2023.9"], index=[3, 5, 7, 9], dtype="str")
    dates, states = values.read_dates(texts, last=True)
    assert dates.index.tolist() == [3, 5, 7, 9]
    assert dates.notna().tolist() == [True, False, False, True]
    assert states.tolist() == ["coarse", "", "bad", "coarse"]
    numbers, states = values.read_numbers(texts, whole=True)
    assert numbers.dtype == "Int64"
    assert states.tolist() == ["fraction", "", "bad", "fraction"]


def test_a_format_reads_only_its_own_shape():
    dates, states = values.read_dates(
        pd.Series(["01-09-2023", "2023-09-01"]), last=False, format="%d-%m-%Y"
    )
    assert dates.dt.date.tolist()[0] == date(2023, 9, 1)
    assert states.tolist() == ["", "bad"]


def test_codes():
    keys, states = values.read_codes(
        pd.Series(["220", "村庄", "220.0", "乡村", "城里"]), "urban_rural", closed=True
    )
    assert keys.isna().tolist() == [False, False, False, False, True]
    assert keys.dropna().tolist() == ["220"] * 4
    assert states.tolist() == ["", "", "", "coarse", "bad"]
    forms, states = values.read_codes(pd.Series(["托管", "某某式"]), "form", closed=False)
    assert forms.tolist() == ["trusteeship", "某某式"]
    assert states.tolist() == ["", "unknown"]


def test_yes_and_no():
    flags, states = values.read_bools(pd.Series(["是", "No", "maybe", None]))
    assert flags.tolist() == [True, False, pd.NA, pd.NA]
    assert states.tolist() == ["", "", "bad", ""]

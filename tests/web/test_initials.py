"""First letters of readings, against the order of GB 2312."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from liantu.web.initials import _table, initials

# Level 1 of GB 2312 is in the order of pinyin: with these begins a letter.
BEGINS = "啊芭擦搭蛾发噶哈击喀垃妈拿哦啪期然撒塌挖昔压匝"
LETTERS = "abcdefghjklmnopqrstwxyz"
END = "座"


def level(first: int, last: int) -> list[str]:
    rows = (bytes([a, b]) for a in range(first, last) for b in range(0xA1, 0xFF))
    return [sign for row in rows if (sign := row.decode("gb2312", "ignore"))]


def letters(sign: str) -> str:
    return "".join(initials([sign]))


def test_level_1_reads_as_its_order_says():
    bounds = [sign.encode("gb2312") for sign in BEGINS]
    signs = level(0xB0, 0xD8)
    assert (len(signs), signs[-1]) == (3755, END)
    other = {
        sign
        for sign in signs
        if LETTERS[sum(bound <= sign.encode("gb2312") for bound in bounds) - 1] not in letters(sign)
    }
    assert other == set("辟脯咯傀炔辗椎")  # read in several ways, none of them in names of places


def test_every_character_of_level_2_has_a_letter():
    signs = level(0xD8, 0xF8)
    assert len(signs) == 3008
    assert [sign for sign in signs if not letters(sign)] == []
    assert [letters(sign) for sign in "邕岜垌垸坳崾"] == ["y", "b", "d", "y", "a", "y"]


def test_what_is_read_in_two_ways_has_both_letters():
    assert initials(["长重", "A1㙟"]) == {"c": "重长", "z": "重长"}


def test_the_table_is_what_its_script_writes():
    pytest.importorskip("pypinyin")
    script = Path(__file__).parents[2] / "scripts" / "build_initials.py"
    spec = importlib.util.spec_from_file_location("build_initials", script)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert len(_table()) == module.LAST - module.FIRST + 1
    assert [_table()[ord(sign) - module.FIRST] for sign in "邕长一龥"] == [
        module.letter(sign) for sign in "邕长一龥"
    ]

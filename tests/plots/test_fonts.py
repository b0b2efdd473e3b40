"""Chinese shows on a machine without any Chinese font."""

from __future__ import annotations

import re

import matplotlib as mpl
import pandas as pd
import pytest
from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

from liantu import vocabulary
from liantu.plots import fonts, svg
from liantu.results.core import Result

NAMES = ["石门县第一完全小学", "镇雄县乌峰街道中心学校", "壶瓶山镇（东校区）—教学点"]


@pytest.fixture
def bare_machine(monkeypatch):
    """Only the bundled font and matplotlib's own, as on a machine without Chinese fonts."""
    fonts.families()
    own = [
        entry
        for entry in font_manager.fontManager.ttflist
        if entry.name in (fonts.FAMILY, fonts.LAST)
    ]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", own)
    fonts.families.cache_clear()
    yield
    fonts.families.cache_clear()


def test_without_system_fonts_only_ours_are_used(bare_machine):
    assert fonts.families() == ("Liantu Sans SC", "DejaVu Sans")


@pytest.mark.parametrize("name", NAMES)
def test_no_label_is_a_box(bare_machine, name):
    path = font_manager.findfont(font_manager.FontProperties(family=fonts.FAMILY))
    glyphs = FT2Font(path).get_charmap()
    assert all(glyphs.get(ord(char), 0) > 0 for char in name)
    assert fonts.drawable(name) == name


def test_every_word_of_the_vocabulary_can_be_drawn(bare_machine):
    glyphs = fonts._characters(fonts.FAMILY)
    words = [term.zh for group in vocabulary.groups() for term in vocabulary.terms(group).values()]
    assert [char for word in words for char in word if ord(char) not in glyphs] == []


def test_gb2312_is_complete():
    glyphs = fonts._characters(fonts.FAMILY)
    cells = ((row, cell) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF))
    hanzi = {ord(char) for pair in cells for char in bytes(pair).decode("gb2312", "ignore")}
    assert len(hanzi) == 6763
    assert hanzi <= glyphs


def test_unknown_characters_become_a_geta_without_a_warning(bare_machine):
    assert fonts.drawable("龘村小学\n🎉") == "〓村小学 〓"
    table = pd.DataFrame({"name": ["𠮷村小学 🎉", "$x^2$_"], "direct": [3, 1]})
    figure = Result(table, name="new").plot("zh")
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == [
        "〓村小学 〓",
        "$x^2$_",
    ]
    svg(figure)  # a missing glyph would warn, and a warning is an error here


def test_labels_are_cut_by_width():
    assert fonts.cut("abcdef", 6) == "abcdef"
    assert fonts.cut("abcdefg", 6) == "abcd…"
    assert fonts.cut("石门县第一小学", 8) == "石门县…"


def test_nothing_stays_changed():
    before = dict(mpl.rcParams)
    svg(Result(pd.DataFrame({"name": ["甲"], "direct": [1]}), name="new").plot("zh"))
    assert dict(mpl.rcParams) == before


def test_svg_is_paths_and_alone_in_its_ids():
    first = svg(Result(pd.DataFrame({"name": ["甲"], "direct": [1]}), name="new").plot("zh"))
    again = svg(Result(pd.DataFrame({"name": ["甲"], "direct": [1]}), name="new").plot("zh"))
    other = svg(Result(pd.DataFrame({"name": ["乙"], "direct": [2]}), name="new").plot("zh"))
    assert first == again
    assert "<text" not in first
    assert "<style" not in first
    assert "<metadata" not in first
    ids = [set(re.findall(r'\bid="([^"]+)"', text)) for text in (first, other)]
    assert ids[0] and not ids[0] & ids[1]
    used = set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', first))
    assert {name for pair in used for name in pair if name} <= ids[0]

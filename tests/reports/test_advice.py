"""What to do first: every sentence by hand on a county that one can count."""

import pandas as pd
import pytest

from liantu.graph.network import Network
from liantu.reports.write import render


def county(**tables: pd.DataFrame) -> Network:
    """Return a core C that helps a and b, b until Christmas, and d that nobody helps."""
    schools = pd.DataFrame(
        {
            "id": ["C", "a", "b", "d"],
            "name": ["中心小学", "甲村小学", "乙村小学", "丁村小学"],
            "region": "K",
            "stage": "primary",
            "quality": ["core", None, None, None],
            "urban_rural": ["111", "220", "220", "220"],
            "pupils": [900, 80, 60, 40],
        }
    )
    regions = pd.DataFrame({"id": ["K"], "name": ["某县"], "level": ["county"]})
    assists = pd.DataFrame(
        {
            "source": "C",
            "target": ["a", "b"],
            "start": "2024-01-01",
            "end": ["2030-12-31", "2024-12-25"],
        }
    )
    frames = {"school": schools, "region": regions, "assists": assists, **tables}
    return Network.from_frames(frames, as_of="2024-06-30")


def told(network: Network, lang: str = "en") -> str:
    text = render(network, "md", source="lists", lang=lang)
    start = text.index("建议\n" if lang == "zh" else "What to do first\n")
    return text[start : text.index("\n## ", start)]


def test_pairs_single_points_ends_and_loads_with_their_numbers():
    text = told(county())
    assert "New pairs to make: 1. They cover 1 of 1 schools without support (40 pupils); 0" in text
    assert "中心小学 → 丁村小学: 1 school, 40 pupils newly covered" in text
    assert "of 2 covered schools, 2 would lose coverage if one supporter alone left" in text
    assert "If 中心小学 leaves: 2 schools lost (140 pupils)" in text
    assert "end by 2025-06-30: 1; if none is renewed, schools that lose coverage: 1." in text
    assert "乙村小学 (60 pupils) falls on 2024-12-31; supported by 中心小学" in text
    assert "Cores that support others: 1; none is over its limit." in text


def test_each_sentence_points_to_a_section_of_the_report():
    network = county()
    whole = render(network, "md", source="lists", lang="zh")
    titles = ["建议优先新增的结对", "只靠一方支撑的学校", "12 个月内到期的协议和交流", "负担"]
    text = told(network, "zh")
    for title in titles:
        assert f"详见“{title}”。" in text
        assert any(line.startswith("## ") and title in line for line in whole.splitlines()), title


def test_what_is_missing_is_asked_for_with_what_it_answers():
    text = told(county())
    assert (
        "longitude, latitude and datum of 4 of 4 schools: then pairs are chosen by distance" in text
    )
    assert "5 is a setting; another number: liantu pairing lists" in text


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_nothing_uncovered_and_nothing_that_ends(lang):
    rows = {"source": "C", "target": ["a", "b", "d"], "start": "2024-01-01", "end": None}
    text = told(county(assists=pd.DataFrame(rows)), lang)
    words = {
        "en": ("no new pair is needed", "Nothing that is agreed ends by 2025-06-30."),
        "zh": ("无需新增结对", "2025-06-30 前没有协议或交流到期。"),
    }
    assert all(word in text for word in words[lang])


def test_a_core_over_its_limit_is_named_with_its_reason():
    network = county()
    schools = network.nodes("school").reset_index()
    more = pd.DataFrame({"id": [f"m{n}" for n in range(6)], "urban_rural": "220", "region": "K"})
    rows = {"source": "C", "target": more["id"], "start": "2024-01-01"}
    text = told(county(school=pd.concat([schools, more]), assists=pd.DataFrame(rows)))
    assert "Cores to relieve: of 1 that support others, 1 are over their limit." in text
    assert "中心小学 supports 6 schools: supports more schools than the limit" in text

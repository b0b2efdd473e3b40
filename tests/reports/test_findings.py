"""Page one and what to do: every sentence by hand on a county that one can count."""

import math

import pandas as pd
import pytest

import liantu
from liantu.errors import OptionError
from liantu.graph.network import Network
from liantu.reports import compose
from liantu.results.blocks import Items, Table, Text


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


def page(network: Network, lang: str = "en", **options) -> list[str]:
    """Return the sentences of page one."""
    report = compose(network, source="lists", lang=lang, **options)
    return [finding.text for finding in report.findings]


def chapter(network: Network, key: str, lang: str = "en", **options) -> dict[str, str]:
    """Return the texts of a chapter by section."""
    report = compose(network, source="lists", lang=lang, **options)
    found = next(section for section in report.sections if section.key == key)
    return {
        part.key: "\n".join(
            block.text if isinstance(block, Text) else "\n".join(block.items)
            for block in part.blocks
            if isinstance(block, Text | Items)
        )
        for part in found.sections
    }


def test_page_one_in_english_by_hand():
    assert page(county()) == [
        "On 2024-06-30, 2 of 3 rural schools (66.7%) are covered by the support network.",
        "Schools not covered: 1, with 40 of 180 pupils (22.2%).",
        "2 of 3 schools (66.7%) have support on paper only: 0 without a tie in force, 2 with an "
        "agreement but no activity within twelve months.",
        "2 of 2 covered schools hang on one supporter alone; without 中心小学, 2 schools "
        "(140 pupils) lose coverage.",
        "Agreements and postings in force that end by 2025-06-30: 1; if none is renewed, schools "
        "that lose coverage: 1 (60 pupils).",
        "Of 1 core schools that support others, 0 are over the limits set for this report.",
        "New pairs to make first: 1; they would cover 1 of the 1 uncovered schools (40 pupils); "
        "the first: 中心小学 → 丁村小学.",
        "What the data do not say: gaps in the data: 1, questions not answered: 11, listed further "
        "on.",
    ]


def test_page_one_in_chinese_has_no_blanks_around_numbers():
    first, *_, last = page(county(), "zh")
    assert first == "截至2024年6月30日，支援网络覆盖3所乡村学校中的2所（66.7%）。"
    assert last == "数据缺项1类、未能分析的内容11项，详见后文。"
    assert not any(" " in text for text in page(county(), "zh"))


def test_blanks_in_names_of_the_data_stay():
    network = county()
    schools = network.nodes("school").reset_index()
    schools["name"] = schools["name"].replace("中心小学", "第 1 小学 A")
    found = page(county(school=schools), "zh")
    assert any("；第 1 小学 A退出则2所" in text for text in found)


def test_change_is_told_against_the_earlier_date_if_the_records_reach_back():
    """On 2024-03-01 C helps a and b; then helped d, too, until May."""
    ties = pd.DataFrame(
        {
            "source": "C",
            "target": ["a", "b", "d"],
            "start": ["2024-01-01", "2024-04-01", "2024-01-01"],
            "end": ["2030-12-31", "2030-12-31", "2024-05-31"],
        }
    )
    network = county(assists=ties)
    first = page(network, "zh", compare_to="2024-03-01")[0]
    assert first.endswith("（66.7%），与2024年3月1日持平。")
    report = compose(network, source="lists", lang="en", compare_to="2024-03-01")
    annex = next(annex for annex in report.annexes if annex.key == "changed")
    assert annex.frame["name"].tolist() == ["丁村小学", "乙村小学"]  # lost before won
    assert annex.frame["rung_base"].tolist() == [
        "in_force",
        "named",
    ]  # what begins later is recorded
    assert "--compare-to 2024-03-01" in report.command
    later = page(network, compare_to="2024-05-31")[0]
    assert later.endswith(", 1 school fewer than on 2024-05-31.")
    told = chapter(network, "changes", compare_to="2024-05-31")["change"]
    assert told.startswith("On 2024-05-31 it was 3 of 3 (100.0%): 1 school fewer, the rate 33.3 "
                           "percentage points lower.")  # fmt: skip
    earlier = page(network)[0]  # a year before, nothing was recorded yet
    assert earlier.endswith(" are covered by the support network.")
    assert any(
        "the records begin only after 2023-06-30" in line
        for line in compose(network, source="lists", lang="en").unanswered
    )
    with pytest.raises(OptionError):
        compose(network, source="lists", lang="en", compare_to="2024-06-30")


def test_a_log_that_begins_late_is_no_growth():
    ties = pd.DataFrame({"source": "C", "target": ["a"], "start": "2020-01-01", "end": None})
    log = pd.DataFrame({"source": "C", "target": ["b"], "date": ["2024-05-02"]})
    log = log.assign(source_kind="school", target_kind="school")
    report = compose(county(assists=ties, delivers=log), source="lists", lang="en")
    assert report.findings[0].text.endswith(" are covered by the support network.")
    assert any("not for the year to 2023-06-30" in line for line in report.unanswered)


def test_gaps_name_regions_and_stages_only_where_there_are_several():
    regions = pd.DataFrame(
        {"id": ["K", "x", "y"], "name": ["某县", "东乡", "西乡"], "parent": [None, "K", "K"],
         "level": ["county", "township", "township"]}
    )  # fmt: skip
    schools = county().nodes("school").reset_index()
    schools = schools.assign(region=["K", "x", "x", "y"], stage=["primary"] * 3 + ["junior"])
    gap = page(county(school=schools, region=regions))[1]
    assert gap == (
        "Schools not covered: 1 (junior secondary school 1), with 40 of 180 pupils (22.2%); most "
        "of them in 西乡 (1 of 1)."
    )


def test_nothing_is_said_without_a_number():
    empty = Network.from_frames({}, as_of="2024-06-30")
    for text in page(empty) + page(county()) + page(county(), "zh"):
        assert any(sign.isdigit() for sign in text), text
    assert len(page(empty)) == 1  # only what could not be worked out


def test_what_an_analysis_refuses_is_a_line_with_what_to_add():
    bare = Network.from_frames(
        {"school": pd.DataFrame({"id": ["a", "b"], "name": ["甲", "乙"]})}, as_of="2024-06-30"
    )
    report = compose(bare, source="lists", lang="zh")
    said = "\n".join(report.unanswered)
    assert "学科：没有可统计的记录。请补充：教研中心、送课和交流教师的学科" in said
    assert not any("到期" in finding.text for finding in report.findings)
    assert "数据中没有可用的城乡分类代码" in said
    assert report.findings[0].text == ("截至2024年6月30日，支援网络覆盖2所学校中的0所（0.0%）。")


def test_ties_without_any_date_tell_no_change_and_no_end():
    rows = pd.DataFrame({"source": ["C"], "target": ["a"]})
    report = compose(county(assists=rows), source="lists", lang="zh")
    assert (
        "变化与到期：所有联系都没有日期。请补充：协议的起止日期、活动的日期。" in report.unanswered
    )
    assert not any("到期" in finding.text for finding in report.findings)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_nothing_uncovered_and_nothing_that_ends(lang):
    rows = {"source": "C", "target": ["a", "b", "d"], "start": "2024-01-01", "end": None}
    found = page(county(assists=pd.DataFrame(rows)), lang)
    words = {
        "en": ("All 3 schools in scope are covered.", "end by 2025-06-30: 0"),
        "zh": ("统计范围内的3所学校均已覆盖。", "至2025年6月30日，到期的协议和交流为0项。"),
    }
    assert all(any(word in text for text in found) for word in words[lang])
    pairing = chapter(county(assists=pd.DataFrame(rows)), "advice", lang)["pairing"]
    assert pairing  # no new pair is needed


def test_a_core_over_its_limit_is_named_and_relieved():
    network = county()
    schools = network.nodes("school").reset_index()
    more = pd.DataFrame({"id": [f"m{n}" for n in range(6)], "urban_rural": "220", "region": "K"})
    rows = {"source": "C", "target": more["id"], "start": "2024-01-01"}
    made = county(school=pd.concat([schools, more]), assists=pd.DataFrame(rows))
    assert (
        "Of 1 core schools that support others, 1 are over the limit (such as more than 5 schools "
        "supported); 中心小学 supports most, 6 schools."
    ) in page(made)
    told = chapter(made, "advice")["actions"]
    assert "Give no new pairs to the 1 of 1 core schools that are over the limit" in told
    assert "; no core school has room left." in told


def test_advice_names_schools_and_asks_for_data():
    told = chapter(county(), "advice", "zh")
    assert told["actions"].splitlines() == [
        "优先续签2025年6月30日前到期、一旦不续签将使1所学校失去覆盖的协议：乙村小学（至2024年12月31日失去覆盖）。",
        "为2所只靠一方支撑的学校配备后备，最少新增2对：甲村小学（可使1所有后备）、乙村小学（可使1所有后备）。",
    ]
    assert "4所学校（共4所）的经度、纬度和坐标系" in told["complete"]


def test_each_finding_points_to_annexes_that_hold_its_schools():
    report = compose(county(), source="lists", lang="zh")
    by_number = {annex.number: annex for annex in report.annexes}
    assert [annex.number for annex in report.annexes] == list(range(1, len(report.annexes) + 1))
    held = [[by_number[n].key for n in finding.annexes] for finding in report.findings]
    assert held[1] == ["uncovered", "by_region"] and held[2] == ["in_name"]
    assert held[4] == ["expiring", "falling"] and held[6] == ["pairing"]
    names = {key: annex.frame.get("name") for annex in report.annexes for key in [annex.key]}
    assert names["uncovered"].tolist() == ["丁村小学"]
    assert names["falling"].tolist() == ["乙村小学"]
    assert names["single_points"].tolist() == ["甲村小学", "乙村小学"]


def test_chapters_may_be_chosen_and_page_one_keeps_its_annexes():
    whole = compose(county(), source="lists", lang="en")
    some = compose(county(), source="lists", lang="en", sections=["gaps"])
    assert [section.key for section in some.sections] == ["gaps"]
    assert [finding.text for finding in some.findings] == [f.text for f in whole.findings]
    numbers = {annex.number for annex in some.annexes}
    assert all(set(finding.annexes) <= numbers for finding in some.findings)
    assert len(some.annexes) < len(whole.annexes)
    assert "--sections gaps" in some.command
    with pytest.raises(OptionError):
        compose(county(), source="lists", lang="en", sections=["gap"])


def test_tables_are_a_page_at_most_and_say_where_the_rest_is():
    count = 40
    schools = pd.DataFrame({"id": [f"v{n:02}" for n in range(count)], "urban_rural": "220"})
    report = compose(
        Network.from_frames({"school": schools}, as_of="2024-06-30"), source="lists", lang="zh"
    )
    gaps = next(section for section in report.sections if section.key == "gaps")
    (shown,) = (b for s in gaps.sections for b in s.blocks if isinstance(b, Table))
    annex = next(annex for annex in report.annexes if annex.key == "uncovered")
    assert (len(shown.rows), len(annex.frame)) == (30, count)
    assert shown.cap == f"仅列前30行，共40行，全部见附表{annex.number}。"


def test_teachers_stand_behind_the_school_at_which_they_work():
    works = pd.DataFrame({"source": ["t", "u"], "target": ["C", "a"]})
    posted = pd.DataFrame(
        {"source": ["t", "x"], "target": ["a", "a"], "source_kind": "teacher", "home": ["C", "b"],
         "start": "2024-01-01", "end": "2024-12-31"}
    )  # fmt: skip
    people = pd.DataFrame({"id": ["t", "u", "x"]})
    made = county(works_at=works, posted_to=posted, teacher=people)
    report = compose(made, source="lists", lang="zh")
    annex = next(annex for annex in report.annexes if annex.key == "expiring")
    rows = annex.frame[annex.frame["basis"] == "posted_to"]
    assert rows["source_name"].tolist() == ["中心小学（t）", "x"]
    assert rows["target_name"].tolist() == ["甲村小学", "甲村小学"]


def test_a_change_of_the_denominator_is_told_and_a_year_is_called_so():
    """d opened in May: of two schools then, both were covered."""
    schools = county().nodes("school").reset_index()
    schools["opened"] = [None, None, None, "2024-05-01"]
    rows = pd.DataFrame({"source": "C", "target": ["a", "b"], "start": "2020-01-01", "end": None})
    network = county(school=schools, assists=rows)
    assert page(network)[0].endswith(", as many as on the day a year before (2 of 2 then).")
    assert page(network, "zh")[0].endswith("，与上年同日持平（当时2所中2所）。")
    assert "与2023年7月1日持平" in page(network, "zh", compare_to="2023-07-01")[0]


def test_a_sentence_of_page_one_takes_two_or_three_lines_of_an_official_document():
    said = page(county(), "zh") + page(liantu.read("case:demo"), "zh")
    wide = [sum(1 if ord(sign) > 0x2000 else 0.5 for sign in text) for text in said]
    assert len(said) == 16 and max(wide) < 70  # characters
    assert sum(math.ceil((each + 9) / 26.5) for each in wide[8:]) <= 19  # lines, with annexes


def test_uncovered_schools_far_from_any_core_are_counted_as_distance_counts_them():
    network = liantu.read("case:demo")
    table = liantu.distance(network).table
    far = int((~table["covered"].astype(bool) & (table["km_straight"] > 20)).sum())
    said = "".join(page(network, "zh"))
    assert far and f"；{far}所距核心校直线逾20公里" in said

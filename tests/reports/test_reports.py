"""The report: whole, self-contained, escaped, in both languages, for any network."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from functools import cache
from html.parser import HTMLParser

import pandas as pd
import pytest
from long import some

from liantu.errors import OptionError, RequestError
from liantu.graph.network import Network
from liantu.reports import render, write_report
from liantu.reports.sections import sections as every_section
from liantu.results import registry
from liantu.results.asked import ask
from liantu.results.blocks import Facts, Table, Text
from liantu.results.core import Analysis, Result
from liantu.shell import quoted

EVIL = "<script>alert('x')</script>"


class Checker(HTMLParser):
    """Collects ids and addresses, and holds every tag closed."""

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.links, self.tags = [], [], [], set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        given = dict(attrs)
        self.ids += [given["id"]] if "id" in given else []
        self.links += [given[key] for key in ("href", "src", "xlink:href") if key in given]
        if tag not in ("meta", "br", "link"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def network(**frames):
    made = {name: pd.DataFrame(frame) for name, frame in frames.items()}
    return Network.from_frames(made, as_of="2024-06-30")


@cache
def the_county():
    count = 40
    schools = pd.DataFrame(
        {
            "id": ["core", *(f"v{number:02}" for number in range(count))],
            "name": ["中心小学", EVIL, *(f"村小学{number:02}" for number in range(1, count))],
            "stage": "primary",
            "urban_rural": ["121", *["220"] * count],
            "pupils": [900, *range(100, 100 + count)],
        }
    )
    return Network.from_frames(
        {
            "school": schools,
            "assists": pd.DataFrame(
                {
                    "source": "core",
                    "target": ["v01", "v02", "v03"],
                    "end": ["2024-06-30", "2025-06-30", "2025-07-01"],
                }
            ),
        },
        as_of="2024-06-30",
        title="示例县",
    )


@pytest.fixture
def county():
    return the_county()


@cache
def page(kind="html", lang="zh"):
    """Return the report of the county, which every test reads and none changes."""
    return render(the_county(), kind, source="lists", lang=lang)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_one_well_formed_file_without_addresses(county, lang):
    text = page("html", lang)
    checker = Checker()
    checker.feed(text)
    assert checker.open == []
    assert len(checker.ids) == len(set(checker.ids))
    assert all(link.startswith(("#", "data:image/png")) for link in checker.links)
    assert {link[1:] for link in checker.links if link[0] == "#"} <= set(checker.ids)
    assert "script" not in checker.tags
    assert "url(http" not in text and "@import" not in text


def test_text_from_data_is_escaped(county):
    assert EVIL not in page("html", "zh")
    assert "&lt;script&gt;" in page("html", "zh")
    text = page("md", "zh")
    assert "<script>" not in text


def test_sections_in_order_and_one_for_every_analysis(county):
    text = page("html", "zh")
    sections = re.findall(r'<section id="([^"]+)">', text)
    assert sections == [
        *(
            "in_data",
            "headline",
            "advice",
            "ladder",
            "uncovered_list",
            "leaning",
            "centrality",
            "ties",
        ),
        *("timeline", "expiring", "expiry", "subjects", "flows", "forms", "goals"),
        *("resilience", "load", "equity", "pairing"),
        *("picture", "assumptions"),
    ]
    assert all(analysis.sections or name in sections for name, analysis in registry().items())


def test_chart_and_table_of_centrality_rank_by_support_and_leave_isolates_for_last():
    lone = [f"0{number:02}" for number in range(20)]
    made = network(
        school={"id": [*lone, "v", "w", "x", "y", "z"], "name": [*lone, "v", "w", "x", "y", "z"]},
        assists={"source": ["x", "x", "x", "y"], "target": ["y", "v", "z", "w"]},
    )
    asked = ask(made, "lists", "en", date(2024, 6, 30), "all", "strict", "")
    found = next(section for section in every_section(asked) if section.key == "centrality")
    shown = next(block for block in found.blocks if isinstance(block, Table))
    assert shown.head[:3] == ("name", "kind", "support rank")
    names = [row[0] for row in shown.rows]
    assert names[:2] == ["x", "y"]
    drawn = asked.results["centrality"].plot().axes[0].get_yticklabels()
    assert [label.get_text() for label in drawn][: len(names)] == names


@pytest.mark.parametrize(
    ("lang", "coverage", "share"),
    [("zh", "覆盖率", "集团覆盖率"), ("en", "rate", "share of schools in a group")],
)
def test_one_word_is_one_number_in_a_report(lang, coverage, share):
    made = network(
        school={"id": list("abcd"), "urban_rural": "220"},
        assists={"source": ["a"], "target": ["b"], "end": ["2024-08-31"]},
        member_of={"source": ["a", "c", "d"], "target": "g", "role": ["core", "member", "member"],
                   "end": [None, "2025-01-01", None]},
    )  # fmt: skip
    asked = ask(made, "lists", lang, date(2024, 6, 30), "all", "strict", "")
    found = {section.key: section.blocks for section in every_section(asked)}
    facts = {
        key: {fact.label: fact.value for b in blocks if isinstance(b, Facts) for fact in b.facts}
        for key, blocks in found.items()
    }
    assert facts["headline"][coverage] == "100.0%"
    assert facts["timeline"][share] == "75.0%"
    assert coverage not in facts["timeline"]
    table = next(block for block in found["timeline"] if isinstance(block, Table))
    assert coverage not in table.head
    drawn = [axes.get_title(loc="left") for axes in asked.results["timeline"].plot(lang).axes]
    assert drawn[1] == share
    covered = registry()["timeline"].function(made, measure="coverage", scope="all")
    assert covered.plot(lang).axes[1].get_title(loc="left") == coverage

    ending = next(fact for b in found["expiry"] if isinstance(b, Facts) for fact in b.facts)
    assert ending.value == "2"
    sentence, rows = found["expiring"]
    assert isinstance(sentence, Text) and isinstance(rows, Table)
    assert "2" in re.findall(r"\b2\b", sentence.text.replace("-", "")) and len(rows.rows) == 2


def test_headline_carries_numerator_denominator_meaning_and_date(county):
    text = page("md", "zh")
    pupils = sum(range(100, 140)) - 101 - 102 - 103
    assert (
        "截至 2024-06-30，统计范围内的 40 所学校中，3 所得到支援网络覆盖，覆盖率 7.5%；"
        f"37 所未覆盖，涉及在校生 {pupils:,} 人。"
    ) in text
    assert "城乡分类代码 210、220" in text


def test_rows_beyond_the_cap_are_counted_and_the_command_is_given(county):
    text = render(county, "md", source="my lists", lang="zh", rural="broad")
    command = f"liantu coverage {quoted('my lists')} --scope rural --rural broad"
    command += " --as-of 2024-06-30"
    assert f"仅列前 30 行，共 38 行；全部数据：{command}" in text.replace("\\", "")
    assert f"`{command}` · 数据指纹 `{county.fingerprint[:19]}…`" in text


def test_every_table_and_figure_has_its_command(county):
    text = page("html", "en")
    figures = text.count("<figure") + text.count('<div class="facts">')
    assert text.count('<p class="again">') == figures > 8


def test_ties_that_end_within_twelve_months(county):
    text = page("md", "en")
    assert "1 agreements and postings in force on 2024-06-30 end by 2025-06-30" in text


def test_scope_falls_back_to_all_and_says_so():
    net = network(assists={"source": ["a"], "target": ["b"]})
    text = render(net, "md", source="lists", lang="en")
    assert "this report counts all schools" in text
    assert "`liantu coverage lists --scope all --as-of 2024-06-30`" in text
    assert "On 2024-06-30, 1 of 2 schools in scope were covered (50.0%); 1 were not." in text


def with_analyses(monkeypatch, **changed):
    """Let the report see other analyses than the registered ones."""
    found = {**registry(), **changed}
    for module in ("results.asked", "results.sections", "reports.sections"):
        monkeypatch.setattr(f"liantu.{module}.registry", lambda: found)


def test_an_analysis_that_cannot_run_becomes_a_line(county, monkeypatch):
    def fails(network, **options):
        raise RequestError.of("unknown_kind", value="scool", nearest="school")

    with_analyses(monkeypatch, reach=replace(registry()["reach"], function=fails))
    text = render(county, "md", source="lists", lang="en")
    assert "Reach: how far each supporter's help carries cannot be worked out" in text
    assert "there is no kind “scool”. Did you mean “school”?" in text


def test_a_new_analysis_appears_by_itself(county, monkeypatch):
    def gaps(network, *, as_of=None):
        table = pd.DataFrame({"name": ["甲"], "pupils": [7]}, index=pd.Index(["a"], name="school"))
        return Result(table, summary={"schools": 1}, name="gaps")

    new = Analysis(
        name="gaps",
        function=gaps,
        order=99,
        highlights=("schools",),
        doc={"en": {"": "Gaps: what is new.\n\nIts text."}, "zh": {"": "缺口：新的。"}},
        parameters=(),
    )
    with_analyses(monkeypatch, gaps=new)
    text = render(county, source="lists", lang="en")
    section = text[text.index('<section id="gaps">') :]
    section = section[: section.index("</section>")]
    for part in ("Gaps: what is new", "Its text.", "<svg", "甲", '<td class="number">7</td>'):
        assert part in section
    assert "liantu gaps lists --as-of 2024-06-30" in section


@pytest.mark.parametrize(
    ("kind", "lang"), some([("html", "zh"), ("md", "zh"), ("html", "en"), ("md", "en")], 2)
)
@pytest.mark.parametrize(
    "frames",
    [
        {},
        {"school": {"id": ["a"]}},
        {"school": {"id": ["a", "b"], "closed": ["2020-01-01", None]}},
        {"school": {"id": ["a"], "urban_rural": ["220"], "lon": [110.0], "lat": [25.0]}},
        {"school": {"id": ["a", "b"], "urban_rural": ["111", "111"]}},
        {
            "delivers": {
                "source": ["a"],
                "target": ["b"],
                "source_kind": "school",
                "target_kind": "school",
            }
        },
    ],
)
def test_any_network_gives_a_report(frames, kind, lang):
    text = render(network(**frames), kind, source="lists", lang=lang)
    assert "{" not in re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL)


def test_the_same_network_gives_the_same_report(county):
    assert render(county, source="lists", lang="zh") == page("html", "zh")


def test_synthetic_rows_and_gaps_are_told():
    net = network(
        school={"id": ["a", "b"], "synthetic": [True, False], "urban_rural": ["220", None]},
        member_of={"source": ["a"], "target": ["g"]},
    )
    text = render(net, "md", source="lists", lang="en")
    assert "1 of 4 rows are synthetic" in text
    assert "1 of 2 schools have no urban–rural class" in text
    assert "1 of 1 rows of membership have neither start nor end" in text
    assert "1 of 1 alliances have no core school in the data" in text


def test_region_limits_the_report():
    net = network(
        region={"id": ["r", "s"], "name": ["青禾镇", "白石镇"]},
        school={"id": ["a", "b"], "region": ["r", "s"], "urban_rural": "220"},
    )
    text = render(net, "md", source="lists", lang="zh", region="青禾镇")
    assert "统计范围内的 1 所学校" in text
    assert "--as-of 2024-06-30 --region r" in text


def test_files(tmp_path, county):
    for name, start in (("报告 1.html", "<!DOCTYPE html>"), ("r.md", "# 示例县")):
        write_report(county, tmp_path / name, source="lists", lang="zh")
        assert (tmp_path / name).read_text(encoding="utf-8").startswith(start)
    with pytest.raises(RequestError, match=r"\.html or \.md"):
        write_report(county, tmp_path / "r.pdf", source="lists", lang="zh")
    with pytest.raises(OptionError):
        write_report(county, tmp_path / "r.html", source="lists", lang="zh", scope="urban")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r.md", "报告 1.html"]


def test_commands_keep_parameters_and_quote(county):
    asked = ask(county, "C:/my lists", "en", county.as_of, "rural", "strict", "--mapping m.toml")
    assert asked.command("ties", in_force=True) == (
        "liantu ties 'C:/my lists' --in-force --as-of 2024-06-30 --mapping m.toml"
    )
    assert quoted("", windows=False) == "''"

"""The report: whole, self-contained, escaped, in both languages, for any network."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pandas as pd
import pytest
from long import some

from liantu.errors import OptionError, RequestError
from liantu.graph.network import Network
from liantu.reports import compose, render, write_report
from liantu.results import registry
from liantu.results.asked import ask
from liantu.results.blocks import Picture, Section, Table, Text
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


MADE = {}


def text_of(net, lang="en", kind="md"):
    """Return the Markdown of a network, made once."""
    key = (net.fingerprint, kind, lang)
    if key not in MADE:
        MADE[key] = render(net, kind, source="lists", lang=lang)
    return MADE[key]


def html_of(net, lang="en"):
    """Return the page of a network, made once."""
    return text_of(net, lang, "html")


def network(**frames):
    made = {name: pd.DataFrame(frame) for name, frame in frames.items()}
    return Network.from_frames(made, as_of="2024-06-30")


@pytest.fixture(scope="module")
def county():
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


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_one_well_formed_file_without_addresses(county, lang):
    text = html_of(county, lang)
    checker = Checker()
    checker.feed(text)
    assert checker.open == []
    assert len(checker.ids) == len(set(checker.ids))
    assert all(link.startswith(("#", "data:image/png")) for link in checker.links)
    assert {link[1:] for link in checker.links if link[0] == "#"} <= set(checker.ids)
    assert "script" not in checker.tags
    assert "url(http" not in text and "@import" not in text


def test_text_from_data_is_escaped(county):
    assert EVIL not in html_of(county, "zh")
    assert "&lt;script&gt;" in html_of(county, "zh")
    text = text_of(county, "zh")
    assert "<script>" not in text


def keys(sections):
    return {section.key: [part.key for part in section.sections] for section in sections}


def test_chapters_in_the_readers_order_with_what_has_something_to_say(county):
    report = compose(county, source="lists", lang="zh")
    assert keys(report.sections) == {
        "coverage": ["coverage", "ties", "network"],
        "gaps": ["uncovered", "in_name", "resilience"],
        "cores": ["reach", "load"],
        "changes": ["expiring", "falling"],
        "advice": ["pairing", "actions", "complete"],
    }
    said = "".join(report.unanswered)
    for name, analysis in registry().items():
        parts = [part for section in report.sections for part in section.sections]
        told = [part.key for part in parts] + [annex.key for annex in report.annexes]
        shown = name in told or name == "expiry"  # its parts have names of their own
        title = analysis.title("zh").split("：")[0]
        assert shown or title in said or not analysis.chapter, name


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_one_word_is_one_number_in_a_report(lang):
    made = network(
        school={"id": list("abcd"), "urban_rural": "220"},
        assists={"source": ["a"], "target": ["b"], "end": ["2024-08-31"]},
        member_of={"source": ["a", "c", "d"], "target": "g", "role": ["core", "member", "member"],
                   "end": [None, "2025-01-01", None]},
    )  # fmt: skip
    report = compose(made, source="lists", lang=lang, scope="all", as_of="2024-06-30")
    coverage = {"zh": "覆盖率", "en": "rate"}[lang]
    share = {"zh": "集团覆盖率", "en": "share of schools in a group"}[lang]
    parts = {part.key: part for section in report.sections for part in section.sections}
    facts = {fact.label: fact.value for fact in parts["coverage"].blocks[1].facts}
    assert facts[coverage] == "100.0%"
    annex = next(annex for annex in report.annexes if annex.key == "timeline")
    assert dict(annex.heads)["rate"] == "group_rate"
    (chart,) = (block for block in parts["timeline"].blocks if isinstance(block, Picture))
    assert [axes.get_title(loc="left") for axes in chart.figure().axes][1] == share
    sentence, rows = parts["expiring"].blocks
    assert isinstance(sentence, Text) and isinstance(rows, Table)
    assert "2" in re.findall(r"\d+", sentence.text) and len(rows.rows) == 2


def test_headline_carries_numerator_denominator_meaning_and_date(county):
    text = text_of(county, "zh")
    pupils = sum(range(100, 140)) - 101 - 102 - 103
    assert (
        "截至2024年6月30日，统计范围内的40所学校中，3所得到支援网络覆盖，覆盖率7.5%；"
        f"37所未覆盖，涉及在校生{pupils:,}人。"
    ) in text
    assert "城乡分类代码 210、220" in text


def test_rows_beyond_the_page_stand_in_an_annex(county):
    text = render(county, "md", source="my lists", lang="zh", rural="broad")
    assert "仅列前30行，共38行，全部见附表" in text


def test_commands_stand_once_at_the_end_with_what_they_give(county):
    text = render(county, "md", source="my lists", lang="zh", rural="broad")
    command = f"liantu coverage {quoted('my lists')} --scope rural --rural broad"
    command += " --as-of 2024-06-30"
    assert text.count(f"`{command}`") == 1
    body, end = text.split("## 口径、数据与复现说明")
    assert "liantu coverage" not in body
    assert county.fingerprint in end and county.fingerprint not in body
    row = next(line for line in end.splitlines() if f"`{command}`" in line)
    assert row.startswith("| 总体情况、图1、表1、")


def test_tables_pictures_and_annexes_are_numbered_in_order(county):
    text = html_of(county)
    for word in ("Table", "Figure"):
        found = re.findall(f"<figcaption>{word} (\\d+) ", text)
        assert found == [str(number) for number in range(1, len(found) + 1)] and len(found) > 2
    annexes = re.findall(r'<h3 id="annex-(\d+)">Annex (\d+) ', text)
    assert annexes == [(str(n), str(n)) for n in range(1, len(annexes) + 1)] and annexes


def test_pictures_tell_what_they_show_to_those_who_do_not_see(county):
    text = html_of(county)
    pictures = re.findall(r"<svg [^>]*>", text)
    assert len(pictures) > 2
    for head in pictures:
        assert 'role="img"' in head
        for mark in re.search('aria-labelledby="([^"]+)"', head)[1].split():
            assert re.search(f'<(title|desc) id="{mark}">[^<]+<', text)


def test_the_letterhead(county):
    given = {"organization": "某县教育局", "addressee": "市教育局", "signature": "某县教育局基教股"}
    for kind in ("html", "md"):
        text = render(county, kind, source="lists", lang="zh", style="gongwen", **given)
        first = text.split("口径、数据与复现说明")[0]
        assert all(word in first for word in (*given.values(), "市教育局：", "2024年6月30日"))
    assert '<body class="gongwen">' in render(county, source="x", lang="zh", style="gongwen")
    report = compose(county, source="lists", lang="zh", style="gongwen", **given)
    assert report.command.endswith(
        "--organization 某县教育局 --addressee 市教育局 --signature 某县教育局基教股 "
        "--style gongwen --as-of 2024-06-30"
    )
    with pytest.raises(OptionError):
        compose(county, source="lists", lang="zh", style="fancy")


def test_ties_that_end_within_twelve_months(county):
    text = text_of(county)
    assert "1 agreement and posting" not in text
    assert "end by 2025-06-30; they concern 1 school" in text


def test_scope_falls_back_to_all_and_says_so():
    net = network(assists={"source": ["a"], "target": ["b"]})
    text = render(net, "md", source="lists", lang="en")
    assert "this report counts all schools" in text
    assert "`liantu coverage lists --scope all --as-of 2024-06-30`" in text
    assert "On 2024-06-30, 1 of 2 schools (50.0%) are covered by the support network" in text


def with_analyses(monkeypatch, **changed):
    """Let the report see other analyses than the registered ones."""
    found = {**registry(), **changed}
    for module in ("results.asked", "results.sections", "reports.composition"):
        monkeypatch.setattr(f"liantu.{module}.registry", lambda: found)


def test_an_analysis_that_cannot_run_becomes_a_line(county, monkeypatch):
    def fails(network, **options):
        raise RequestError.of("unknown_kind", value="scool", nearest="school")

    with_analyses(monkeypatch, reach=replace(registry()["reach"], function=fails))
    text = render(county, "md", source="lists", lang="en")
    line = next(line for line in text.splitlines() if line.startswith("- Reach: "))
    assert "cannot be worked out" in line
    assert "there is no kind “scool”. Did you mean “school”?" in line


def test_an_analysis_that_takes_long_is_left_out_above_its_number_of_schools(county, monkeypatch):
    schools = county.size("school")
    for most, left in ((schools, False), (schools - 1, True)):
        with_analyses(monkeypatch, reach=replace(registry()["reach"], most=most))
        text = render(county, "md", source="lists", lang="en", sections=["coverage"])
        assert (
            f"- Reach: cannot be worked out. a report of more than {most} schools" in text
        ) is left
    assert "Ask for it alone: liantu reach SOURCE" in text


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
    part = text[text.index('<h3 id="gaps">') :]
    part = part[: part.index("<h")] if "<h" not in part[:4] else part
    section = part[: part.index("</section>")]
    for words in ("Gaps", "Its text.", "<svg", "甲", '<td class="number">7</td>'):
        assert words in section
    assert "liantu gaps lists --as-of 2024-06-30" in text
    assert "Annex" in text and 'id="annex-' in text


def test_an_analysis_belongs_to_the_chapter_that_it_names(county, monkeypatch):
    other = replace(registry()["reach"], chapter="staff")
    with_analyses(monkeypatch, reach=other)
    report = compose(county, source="lists", lang="en")
    assert "reach" in keys(report.sections)["staff"]
    assert "reach" not in keys(report.sections)["cores"]


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
    assert html_of(county, "zh") == render(county, source="lists", lang="zh")


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
    assert "统计范围内的1所学校" in text
    assert "--as-of 2024-06-30 --region r" in text


def test_files(tmp_path, county):
    for name, start in (("报告 1.html", "<!DOCTYPE html>"), ("r.md", "# 示例县")):
        write_report(county, tmp_path / name, source="lists", lang="zh")
        assert (tmp_path / name).read_text(encoding="utf-8").startswith(start)
    with pytest.raises(RequestError, match=r"\.html, \.htm, \.md"):
        write_report(county, tmp_path / "r.odt", source="lists", lang="zh")
    with pytest.raises(OptionError):
        write_report(county, tmp_path / "r.html", source="lists", lang="zh", scope="urban")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r.md", "报告 1.html"]


def test_commands_keep_parameters_and_quote(county):
    day = date(2024, 6, 30)
    asked = ask(county, "C:/my lists", "en", day, "rural", "strict", "--mapping m.toml")
    assert asked.command("ties", in_force=True) == (
        "liantu ties 'C:/my lists' --in-force --as-of 2024-06-30 --mapping m.toml"
    )
    assert quoted("", windows=False) == "''"


def test_headings_are_numbered_as_the_language_has_it(county):
    chinese, english = (text_of(county, lang) for lang in ("zh", "en"))
    assert "## 一、覆盖情况\n" in chinese and "### （二）" in chinese
    assert "## 1 Coverage\n" in english and "### 1.2 " in english
    assert isinstance(compose(county, source="x", lang="zh").sections[0], Section)

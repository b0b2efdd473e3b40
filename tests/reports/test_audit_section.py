"""The section on the claims of a text stands in the report only where there are claims."""

from __future__ import annotations

import pytest

import liantu
from liantu.reports import render

TABLE = "id,name,stage\na,甲小学,primary\nb,乙小学,primary\n"
CLAIMS = """
[[claim]]
id = "schools"
subject = "school:a"
comparison = "="
value = 3
unit = "schools"
measure = { count = "school" }

[[claim]]
id = "unknown"
comparison = "="
value = 9
measure = { missing = "lists of pupils" }
"""


@pytest.fixture
def source(tmp_path):
    (tmp_path / "school.csv").write_text(TABLE, encoding="utf-8")
    return tmp_path


def written(source, kind="md", lang="en"):
    return render(liantu.read(source), kind, source=str(source), lang=lang, as_of="2024-06-30")


def test_only_where_the_source_has_claims(source):
    assert "Claims of the text" not in written(source)
    assert 'id="audit"' not in render(liantu.read("case:demo"), source="case:demo", lang="en")
    (source / "claims.toml").write_text(CLAIMS, encoding="utf-8")
    assert '<h3 id="audit">' in written(source, "html")


def test_counts_claims_and_command(source):
    (source / "claims.toml").write_text(CLAIMS, encoding="utf-8")
    text = written(source)
    assert "- fail: **1**" in text
    assert "- derivable: **50.0 %** (1 / 2)" in text
    assert "| schools | school:a | 3 schools | 2 | fails | no |" in text
    assert "needs lists of pupils" in text
    assert f"liantu audit {source} --as-of 2024-06-30" in text
    chinese = written(source, lang="zh")
    assert "文本核对" in chinese and "| 不符 |" in chinese and "对象" in chinese


def test_claims_that_cannot_be_read_are_a_line_with_the_remedy(source):
    (source / "claims.toml").write_text(CLAIMS.replace("school:a", "school:z"), encoding="utf-8")
    text = written(source)
    assert "Claims of the text: cannot be worked out. " in text
    assert "there is no school with id “z”" in text


def test_a_region_limits_the_report_but_not_the_claims(source):
    (source / "region.csv").write_text("id,name\ne,东镇\n", encoding="utf-8")
    (source / "school.csv").write_text("id,region\na,e\nb,\n", encoding="utf-8")
    (source / "claims.toml").write_text(CLAIMS, encoding="utf-8")
    network = liantu.read(source)
    text = render(network, "md", source=str(source), lang="en", region="e", as_of="2024-06-30")
    assert "| schools | school:a | 3 schools | 2 | fails | no |" in text

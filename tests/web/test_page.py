"""The page in a real browser, opened by double click."""

from __future__ import annotations

import pytest

import liantu


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    file = tmp_path_factory.mktemp("page") / "planner.html"
    liantu.read("case:demo").page(file, lang="en")
    return file


def test_the_first_number_is_that_of_coverage(demo, opened):
    summary = liantu.coverage(liantu.read("case:demo")).summary
    page = opened(demo)
    told = page.locator(".headline").inner_text()
    assert f"{summary['covered']} / {summary['in_scope']}" in told

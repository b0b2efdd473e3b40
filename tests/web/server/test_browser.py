"""The served page in a real browser: drop, tick, try, in both languages."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from long import LONG
from web.server.served import dropped, ended, serving

import liantu
from liantu.plans.whatif import whatif
from liantu.web.server import shelf

WAIT = 120_000  # milliseconds: a busy machine


def until(true: Callable[[], bool]) -> None:
    """Wait; the page lets no text be run in it, and so no condition be waited for."""
    for _ in range(WAIT // 100):
        if true():
            return
        time.sleep(0.1)
    raise AssertionError


@pytest.fixture
def looked(browser, here, network) -> Iterator[Callable[..., Any]]:
    """Return what opens the page by its link; at the end nothing may have gone wrong in it."""
    faults: list[str] = []
    contexts = []

    def look(hash_: str = "", at: Any = None, **options: Any) -> Any:
        at = at or here
        context = browser.new_context(viewport={"width": 1280, "height": 800}, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(WAIT)
        page.on("console", lambda said: faults.append(said.text) if said.type != "log" else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda r: r.url.startswith((at.origin, "blob:")) or faults.append(r.url))
        page.goto(at.link)
        page.wait_for_url(at.origin + "/")
        if hash_:  # of the network that every test begins with
            page.goto(f"{at.origin}/#net={next(iter(at.first), '')}&{hash_}")
            page.reload()
        page.wait_for_selector("#view :is(h2, .headline, .zone, .big)")
        return page

    yield look
    for context in contexts:
        context.close()
    assert faults == []


def test_the_link_of_a_file_opens_the_page(browser, here, tmp_path):
    from liantu.web.server.run import _door

    door = tmp_path / "open.html"
    door.write_text(_door(here.link), encoding="utf-8")
    page = browser.new_context().new_page()
    page.set_default_timeout(WAIT)
    page.goto(door.as_uri())
    page.wait_for_url(here.origin + "/")
    page.wait_for_selector("#view .big")
    assert here.guard.token not in page.evaluate("location.href + document.referrer")
    assert page.evaluate("document.cookie") == ""
    page.context.close()


def test_a_plan_says_before_and_after_as_the_library_does(looked, demo):
    page = looked("view=plan&lang=en")
    box = page.locator(".making .ticks input").first
    box.check()
    name = page.locator(".making .ticks li").first.inner_text().strip()
    schools = demo.nodes("school")
    school = schools.index[schools["name"] == name][0]
    own = whatif(demo, {"edit": [{"do": "leave", "school": school}]}, analyses="coverage").summary
    page.wait_for_selector(".effect .side")
    sides = page.locator(".effect .side .of").all_inner_texts()
    assert sides == [
        f"{own[f'covered_{k}']} / {own[f'in_scope_{k}']}" for k in ("base", "scenario")
    ]
    assert page.locator(".effect tbody tr").count() == sum(
        own[f"schools_{k}"] for k in ("uncovered", "gone", "sunk", "covered", "new", "risen")
    )
    with page.expect_download() as kept:
        page.click("#export-plan")
    path = Path(kept.value.path())
    plan = liantu.read_scenario(path.rename(path.with_suffix(".toml")))
    assert len(plan) == 1
    page.click("#undo")
    page.wait_for_selector(".effect .side", state="detached")
    assert not box.is_checked()


def test_what_is_renewed_is_judged_after_the_old_end(looked, demo):
    """Of every relation that the list offers, whatever its ends are."""
    page = looked("view=plan&lang=en&scope=all")
    page.locator(".ends .ticks input").first.wait_for()
    boxes = page.locator(".ends .ticks li")
    seen: dict[str, Any] = {}
    for box in boxes.all():
        seen.setdefault(box.inner_text().partition(":")[0], box)
    assert len(seen) > 1
    page.locator(".making .ticks input").first.check()
    for box in seen.values():
        box.locator("input").check()
    page.wait_for_selector(".effect .side")
    until(lambda: page.locator("#judged").input_value() == "2027-09-01")
    assert "judged a year on, 2027-09-01" in page.locator(".effect").inner_text()
    with page.expect_download() as kept:
        page.click("#export-plan")
    path = Path(kept.value.path())
    plan = liantu.read_scenario(path.rename(path.with_suffix(".toml")))
    assert len(plan) == len(seen) + 1
    own = whatif(demo, plan, analyses="coverage", scope="all").summary
    sides = [f"{own[f'covered_{k}']} / {own[f'in_scope_{k}']}" for k in ("base", "scenario")]
    until(lambda: page.locator(".effect .side .of").all_inner_texts() == sides)


def test_a_network_that_made_room_is_opened_again(looked, demo, client, network, monkeypatch):
    monkeypatch.setattr(shelf, "MOST", 1)
    key = dropped(client, {"学校.csv": "学校名称\n第一小学\n".encode()})
    ended(client, client.post(f"/api/uploads/{key}/read", json={}).json())
    page = looked("lang=en")
    assert page.locator("#view .of").first.inner_text().startswith("0 / 1")
    page.locator(".dropped button", has_text=demo.title).click()
    until(lambda: "26 / 38" in page.inner_text(".headline .of"))
    assert f"net={network}" in page.url


def test_files_are_dropped_mended_by_ticks_and_looked_at(looked, tmp_path):
    (tmp_path / "学校.csv").write_text("学校名称,在校生数\n第一小学,900\n王庄小学,80\n", "utf-8")
    (tmp_path / "结对帮扶.csv").write_text("支援校,受援校\n一小,王庄小学\n", "utf-8")
    page = looked("view=drop&lang=zh")
    page.set_input_files("#files", [tmp_path / "学校.csv", tmp_path / "结对帮扶.csv"])
    row = page.locator(".problems tr.error")
    row.wait_for()
    told = row.inner_text()
    assert all(word in told for word in ("结对帮扶.csv", "支援校", "一小", "第一小学"))
    page.fill("#problem-text", "没有这样的话")
    assert page.locator(".problems tbody tr").count() == 0
    page.fill("#problem-text", "")
    page.locator(".unclear select.pick").first.select_option("第一小学")
    page.click("#again")
    page.click("#open")
    page.wait_for_selector(".view-overview .big")
    assert page.evaluate("liantu.feed.nodes.name").count("王庄小学") == 1
    assert page.locator("header select").count() == 1  # two networks in one session


def test_any_analysis_with_options_from_the_registry(looked, demo):
    page = looked("view=ask&lang=en")
    page.select_option("#analysis", "reach")
    page.fill("#option-hops", "1")
    page.click("form.options .main")
    page.wait_for_selector(".answer table")
    own = liantu.reach(demo, hops=1)
    assert page.locator(".answer tbody tr").count() == min(len(own.table), 100)
    page.fill("#option-decay", "7")
    page.click("form.options .main")
    page.wait_for_selector(".answer .alarm")
    assert "--decay" in page.locator(".answer .alarm").inner_text()


def test_a_day_between_the_stops_and_after_them(looked):
    page = looked("view=time&lang=en")
    ties = "Array.from(liantu.data.tie.force.from, (_, i) => [0, 20, 36].map((s) => liantu.inForce(i, s)))"
    before = page.evaluate(ties)
    rung = page.evaluate("[0, 20, 36].map((stop) => liantu.data.rung[stop].join())")
    page.fill("header input[type=date]", "2023-09-10")
    until(lambda: page.evaluate("liantu.data.stops") == 38)
    stops = page.evaluate("liantu.feed.stops")
    assert stops == sorted(stops)
    place = stops.index("2023-09-10")
    later = [stop + (stop >= place) for stop in (0, 20, 36)]
    assert page.evaluate(ties.replace("[0, 20, 36]", str(later))) == before
    assert page.evaluate(f"{later}.map((stop) => liantu.data.rung[stop].join())") == rung
    page.fill("header input[type=date]", "2027-02-01")
    until(lambda: page.evaluate("liantu.stopOf()") == 38)
    assert page.evaluate("liantu.isWhole(38)") is False


def test_a_plan_counts_the_region_in_focus(looked, demo):
    region = demo.nodes("school")["region"].dropna().iloc[0]
    page = looked(f"view=plan&lang=en&scope=all&region={region}")
    page.locator(".making .ticks input").first.check()
    page.wait_for_selector(".effect .side")
    own = liantu.coverage(demo.focus(region), scope="all").summary
    said = page.locator(".effect .side .of").first.inner_text()
    assert said == f"{own['covered']} / {own['in_scope']}"


def test_pairs_are_picked_by_name(looked, demo):
    names = demo.nodes("school")["name"]
    once = names[~names.duplicated(keep=False)]
    page = looked("view=ask&lang=en")
    page.fill("#option-locked-from", once.iloc[0])
    page.fill("#option-locked-to", once.iloc[-1])
    page.locator("div.pairs button").first.click()
    said = page.locator("ul.pairs").first.inner_text()
    assert once.iloc[0] in said
    assert once.iloc[-1] in said


def test_pairs_go_into_the_plan(looked):
    page = looked("view=ask&lang=zh")
    page.fill("#option-budget", "2")
    page.click("form.options .main")
    page.locator(".answer .tools .main").click()
    page.wait_for_selector(".effect .side")
    assert page.locator(".edits li").count() == 2
    assert "增加" in page.locator(".effect").inner_text()


def test_files_are_taken_along(looked):
    page = looked("view=files&lang=zh")
    if LONG:
        page.select_option("#suffix", ".md")
        with page.expect_download() as kept:
            page.click("#serve_report")
        assert "演示县" in Path(kept.value.path()).read_text(encoding="utf-8")
    with page.expect_download() as kept:
        page.click("#serve_template")
    assert kept.value.suggested_filename.endswith(".xlsx")
    assert Path(kept.value.path()).read_bytes().startswith(b"PK")
    page.wait_for_selector(".files .good")


def test_another_day_and_a_server_without_data(looked, demo, tmp_path):
    page = looked("lang=en")
    page.fill("header input[type=date]", "2025-03-15")
    own = liantu.coverage(demo, as_of="2025-03-15").summary
    said = f"{own['covered']} / {own['in_scope']} schools are covered"
    until(lambda: page.inner_text(".headline .of") == said)
    assert "day=2025-03-15" in page.url
    assert page.evaluate("liantu.feed.as_of") == "2026-09-01"  # the rest was not asked for
    page.click("nav a[href='#view=schools']")  # a list has more than rungs
    until(lambda: page.evaluate("liantu.feed.as_of") == "2025-03-15")
    page.reload()
    until(lambda: page.evaluate("liantu.state.date") == "2025-03-15")
    (tmp_path / "private").mkdir()
    with serving(tmp_path / "private") as empty:
        page = looked(at=empty)
        assert page.locator("#view .zone").is_visible()
        page.context.close()


def test_a_text_is_decided_on_by_keyboard(looked, tmp_path):
    path = tmp_path / "总结.txt"
    path.write_text("东山小学与西坡小学结对。全县共有80个教育集团。", encoding="utf-8")
    page = looked("view=texts&lang=zh")
    page.locator("#text-list").uncheck()
    page.set_input_files("#text-files", str(path))
    page.wait_for_selector(".rows li")
    lines = page.locator(".rows li")
    pair = next(n for n in range(lines.count()) if "结对帮扶" in lines.nth(n).inner_text())
    for _ in range(pair):
        page.keyboard.press("ArrowDown")
    assert page.locator("mark.chosen").all_inner_texts() == ["东山小学", "与", "西坡小学", "结对"]
    assert page.locator("mark.k-claims").all_inner_texts() == ["80个"]
    page.keyboard.press("r")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("a")
    assert "采纳 1，舍弃 0" in page.locator(".texts").inner_text()
    with page.expect_download() as kept:
        page.locator("#text-keep").click()
    assert kept.value.suggested_filename == "candidates.xlsx"
    page.locator("#text-open").click()
    page.wait_for_url(lambda url: "view=texts" not in url)
    page.locator("option", has_text="总结").first.wait_for(state="attached")

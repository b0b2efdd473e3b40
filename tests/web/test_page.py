"""The page in a real browser, opened by double click with the network off."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from long import LONG

import liantu

HOSTILE = "</script><img src=x onerror=\"document.title='hit'\">"


@pytest.fixture(scope="session")
def network():
    """One network, so that what is known of it is found once."""
    return liantu.read("case:demo")


@pytest.fixture(scope="session")
def demo(tmp_path_factory, network):
    file = tmp_path_factory.mktemp("page") / "planner.html"
    network.page(file, months=14, lang="en", source="case:demo")
    return file


@pytest.fixture(scope="session")
def coverage(network):
    return liantu.coverage(network)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_first_numbers_are_those_of_coverage(demo, opened, coverage, lang):
    page = opened(demo, f"#lang={lang}")
    summary = coverage.summary
    told = page.locator(".hero").inner_text()
    assert f"{summary['covered']} / {summary['in_scope']}" in told
    assert f"{100 * summary['rate']:.1f}%" in told and str(summary["pupils_uncovered"]) in told
    assert "2026-09-01" in told
    assert page.locator("html").get_attribute("lang") == ("en" if lang == "en" else "zh-CN")
    assert ("未覆盖学校" in told) == (lang == "zh")


CASES = ["laizhou", "wenshan", "xiajin", "linyi", "generated"]


@pytest.mark.parametrize("case", CASES if LONG else ["laizhou", "linyi", "generated"])
def test_the_same_numbers_as_the_command_line(tmp_path, opened, liantu_command, case):
    source = f"case:{case}"
    if case == "generated":
        source = str(tmp_path / "region")
        assert liantu_command("generate", source, "--schools", "120", "--seed", "3").code == 0
    file = tmp_path / "planner.html"
    assert liantu_command("page", source, "-o", str(file), "--months", "0").code == 0
    page = opened(file)
    scope = page.evaluate("liantu.feed.scope")
    words = ["--scope", "all"] if scope == "all" else ["--rural", scope]
    run = liantu_command("coverage", source, "--format", "json", *words)
    summary = json.loads(run.out)["summary"]
    told = page.locator(".hero .of").inner_text().replace(",", "")
    assert f"{summary['covered']} / {summary['in_scope']}" in told
    step = page.locator(".hero .ladder").get_attribute("aria-label").replace(",", "").split()
    total = sum(int(word) for word in step if word.isdigit())
    assert total == summary["in_scope"]


def test_regions_are_gone_down_into_and_come_back_from(demo, opened, coverage, network):
    page = opened(demo)
    by_region = coverage.tables["by_region"].set_index("region")
    row = by_region[by_region["level"] == "township"].query("in_scope > 0").iloc[0]
    name = network.nodes("region").loc[row.name, "name"]
    page.get_by_role("button", name=name, exact=True).click()
    assert f"{row['covered']} / {row['in_scope']}" in page.locator(".hero").inner_text()
    assert f"region={row.name}" in page.url
    page.go_back()
    assert "26 / 38" in page.locator(".hero").inner_text()


def test_the_slider_shows_what_coverage_says_of_that_day(demo, opened, network):
    page = opened(demo, "#view=time")
    slider = page.locator("#month")
    slider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    day = page.locator(".month").inner_text()
    summary = liantu.coverage(network, as_of=day).summary
    assert day < "2026-05"
    sides = page.locator(".sides .block").all_inner_texts()
    assert f"{summary['covered']} / {summary['in_scope']}" in sides[1]


def test_play_goes_through_the_months_and_stops(demo, opened):
    page = opened(demo, "#view=time&date=2026-07-31")
    page.get_by_role("button", name="Play").click()
    page.wait_for_selector(".month:text('2026-09-01')")
    page.get_by_role("button", name="Play").wait_for()


def test_what_changed_is_what_compare_says(demo, opened, network):
    page = opened(demo, "#since=2025-09-30")
    before, now = (
        liantu.coverage(network, as_of=day).table["covered"] for day in ("2025-09-30", "2026-09-01")
    )
    both = pd.concat([before, now], axis=1, keys=["a", "b"]).dropna().astype(bool)
    lost = int((both["a"] & ~both["b"]).sum())
    quarter = page.locator(".quarter").nth(1)
    assert quarter.locator(".fig").inner_text() == str(lost) and lost > 0


def rows(page):
    return page.locator(".list-inner .list-row")


def test_the_list_is_that_of_coverage_in_its_order(demo, opened, coverage):
    page = opened(demo, "#view=schools")
    first = page.locator(".list-inner .name").all_inner_texts()[:8]
    assert first == coverage.table["name"].tolist()[:8]
    assert "38" in page.locator(".told").inner_text()


def test_filters_and_search(demo, opened, coverage):
    page = opened(demo, "#view=schools")
    page.get_by_label("Covered").select_option("no")
    assert page.locator(".list").get_attribute("aria-rowcount") == str(
        coverage.summary["uncovered"]
    )
    page.get_by_label("Stage").select_option("primary")
    table = coverage.table
    wanted = table[~table["covered"] & (table["stage"] == "primary")]
    assert page.locator(".list").get_attribute("aria-rowcount") == str(len(wanted))
    page.get_by_role("button", name="Clear").click()
    search = page.locator("#search")
    for text, number in (
        ("柳湾", table["name"].str.contains("柳湾").sum()),
        ("lwxcx", table["name"].str.contains("柳湾乡·村小").sum()),
        ("LWX", table["name"].str.contains("柳湾乡").sum()),
        (table.index[3], 1),
        ("nothing like it", 0),
    ):
        search.fill(text)
        assert page.locator(".list").get_attribute("aria-rowcount") == str(number), text
    assert "q=nothing" in page.url


def test_schools_that_fall_with_one(demo, opened, network):
    points = liantu.resilience(network).tables["single_points"]
    supporter = points["supporter"].iloc[0]
    page = opened(demo, f"#view=schools&falls=school:{supporter}")
    assert page.locator(".list").get_attribute("aria-rowcount") == str(
        (points["supporter"] == supporter).sum()
    )


def test_only_the_rows_that_are_seen_are_in_the_document(tmp_path, opened):
    ids = [f"s{i:05}" for i in range(5000)]
    network = liantu.Network.from_frames({"school": pd.DataFrame({"id": ids})}, as_of="2024-06-30")
    network.page(tmp_path / "many.html", months=0)
    page = opened(tmp_path / "many.html", "#view=schools")
    assert rows(page).count() < 40
    page.locator(".list").focus()
    page.keyboard.press("End")
    assert page.locator(".list-inner .active").inner_text().startswith("s04999")
    assert rows(page).count() < 40


def test_with_the_keyboard_alone(demo, opened):
    page = opened(demo)
    for _ in range(30):  # tab to the third view
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('href')") == "#view=schools":
            break
    page.keyboard.press("Enter")
    page.locator(".list").wait_for()
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.className") == "list":
            break
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.locator("#card h2").wait_for()
    assert page.evaluate("document.activeElement.tagName") == "H2"
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert page.locator("#card").is_hidden()
    assert page.evaluate("document.activeElement.className") == "list"


def test_a_card_says_who_supports_and_figures_what_they_mean(demo, opened, network):
    table = liantu.coverage(network).table
    school = table[table["supporters"] > 1].index[0]
    page = opened(demo, f"#sel=school:{school}")
    card = page.locator("#card")
    names = table.loc[school, "supporter_names"].split("、")
    for name in names:
        assert name in card.inner_text()
    card.locator(".facts .fig").nth(1).focus()
    tip = page.locator("#tip").inner_text()
    assert "Supporters" in tip and "liantu coverage case:demo --scope all --as-of 2026-09-01" in tip
    page.keyboard.press("Escape")


SILENT = """() => [...document.querySelectorAll(".fig")].filter((each) => {
  each.focus();
  const tip = document.getElementById("tip");
  return !tip || !tip.querySelector("p") || (!each.matches(".word") && !tip.textContent.trim());
}).map((each) => each.getAttribute("aria-label"))"""


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_figure_says_what_it_means(demo, opened, lang):
    page = opened(demo, f"#lang={lang}")
    for state in (
        {}, {"view": "time"}, {"sel": "school:2199000001"}, {"sel": "alliance:A00001"},
    ):  # fmt: skip
        page.evaluate("state => liantu.go(state)", state)
        assert page.locator(".fig").count() > 5
        assert page.evaluate(SILENT) == [], state


def test_cards_of_every_kind(demo, opened, network):
    page = opened(demo)
    for kind in ("school", "center", "partner", "alliance"):
        for id_ in network.nodes(kind).index:
            page.evaluate("key => liantu.go({sel: key})", f"{kind}:{id_}")
            assert page.locator("#card h2").inner_text() == network.nodes(kind).loc[id_, "name"]


def test_the_picture_shows_the_ties_of_the_one_selected(demo, opened, network):
    page = opened(demo, "#view=map&sel=school:2199000001&mode=focus&steps=1&way=out")
    reach = liantu.reach(network, hops=1).table
    assert f": {reach.loc['2199000001', 'direct']}" in page.locator(".told").inner_text()
    box = page.locator("canvas").bounding_box()
    page.get_by_label("Picture").select_option("map")
    page.mouse.click(box["x"] + 8, box["y"] + 8)  # nothing is there
    assert page.locator("#card").is_hidden()
    page.locator("canvas").focus()
    page.keyboard.press("+")
    page.keyboard.press("0")


def test_the_selection_as_csv(demo, opened, coverage):
    page = opened(demo, "#view=schools&covered=no")
    with page.expect_download() as got:
        page.get_by_role("button", name="Save as CSV").click()
    from io import BytesIO

    data = got.value.path().read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    table = pd.read_csv(BytesIO(data), dtype="str", encoding="utf-8-sig")
    left = coverage.table[~coverage.table["covered"]]
    assert table["id"].tolist() == left.index.tolist()
    assert table["School"].tolist() == left["name"].tolist()


def test_names_from_the_data_stay_text(tmp_path, opened):
    frames = {
        "region": pd.DataFrame({"id": ["r"], "name": [HOSTILE], "level": ["county"]}),
        "school": pd.DataFrame({"id": ["a", "b"], "name": [HOSTILE, "=1+1"], "region": "r"}),
        "alliance": pd.DataFrame({"id": ["g"], "name": [HOSTILE]}),
        "member_of": pd.DataFrame(
            {"source": ["a", "b"], "target": "g", "role": ["core", "member"]}
        ),
    }
    network = liantu.Network.from_frames(frames, as_of="2024-06-30", title=HOSTILE)
    network.page(tmp_path / "hostile.html", months=1, lang="en")
    page = opened(tmp_path / "hostile.html")
    for view in ("overview", "time", "schools", "map"):
        page.evaluate("view => liantu.go({view})", view)
    for key in ("school:a", "alliance:g"):
        page.evaluate("key => liantu.go({sel: key})", key)
        assert page.locator("#card h2").inner_text() == HOSTILE
    assert page.title() == HOSTILE and page.locator("img").count() == 0
    for size in ({"width": 390, "height": 844}, {"width": 1280, "height": 800}):
        page.set_viewport_size(size)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        close = page.locator("#card .close").bounding_box()
        assert close["x"] + close["width"] <= size["width"]
    text = page.evaluate("liantu.csv([1], 1)")
    assert "'=1+1" in text


def test_the_address_brings_a_colleague_to_the_same_view(demo, opened):
    first = opened(demo)
    first.evaluate(
        "liantu.go({view: 'schools', scope: 'all', date: '2025-12-31', stage: 'junior', q: '镇'})"
    )
    told = first.locator(".told").inner_text()
    second = opened(demo, first.url[first.url.index("#") :])
    assert second.locator(".told").inner_text() == told and "2025-12-31" in told


def test_the_language_changes_in_the_page(demo, opened):
    page = opened(demo, "#view=schools&q=柳湾")
    page.get_by_role("button", name="中文").click()
    assert page.locator("#tabs [aria-current]").inner_text() == "学校"
    assert page.locator("#search").input_value() == "柳湾"


@pytest.mark.parametrize("size", [(390, 844), (640, 400)])  # a phone; 1280×800 at 200 %
def test_nothing_is_wider_than_a_small_screen(demo, opened, size):
    page = opened(demo, viewport={"width": size[0], "height": size[1]})
    for view in ("overview", "time", "schools", "map"):
        page.evaluate("view => liantu.go({view, sel: ''})", view)
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0], view
    page.evaluate("liantu.go({sel: 'school:2199000001'})")
    assert page.locator("#card").bounding_box()["width"] <= size[0]


def test_on_a_phone_the_picture_stands_above_the_card(demo, opened):
    page = opened(demo, viewport={"width": 390, "height": 844})
    page.evaluate("liantu.go({view: 'map', sel: 'school:2199000001'})")
    page.wait_for_timeout(200)
    picture, card = page.locator("canvas").bounding_box(), page.locator("#card").bounding_box()
    assert 0 <= picture["y"] < 120
    assert picture["y"] + picture["height"] <= card["y"] + 1


def test_what_is_known_of_one_date_says_so(demo, opened):
    page = opened(demo, "#sel=school:2199000001")
    card = page.locator("#card")
    assert "Within two steps" in card.inner_text()
    page.evaluate("liantu.go({date: '2025-12-31'})")
    assert "Within two steps" not in card.inner_text()
    assert "worked out for 2026-09-01 alone" in card.inner_text()
    card.get_by_role("button", name="Show 2026-09-01").first.click()
    assert "Within two steps" in card.inner_text()


def test_activities_inside_an_alliance(demo, opened, network):
    page = opened(demo, "#sel=alliance:A00001")
    members = network.relation("member_of")
    now = members[members["start"].le("2026-09-01") & ~members["end"].lt("2026-09-01")]
    inside = set(now.loc[now["target"] == "A00001", "source"].astype("str"))
    ties = liantu.ties(network, current=True).table
    both = ties["source"].isin(inside) & ties["target"].isin(inside)
    rows = ties[ties["active"] & both & ties["source"].ne(ties["target"])]
    number = len(rows.drop_duplicates(["source", "target", "basis", "form", "start", "end"]))
    facts = page.locator("#card .facts").first.inner_text()
    assert number > 0 and f"Activities inside\n{number}\n" in facts


def test_centres_and_partners_say_where_they_belong(demo, opened, network):
    page = opened(demo)
    center = network.nodes("center").iloc[0]
    page.evaluate("key => liantu.go({sel: key})", f"center:{center.name}")
    told = page.locator("#card").inner_text()
    assert f"Tier: {center['tier']}" in told
    assert network.nodes("region").loc[center["region"], "name"] in told
    region = network.nodes("partner").iloc[0]["region"]
    page.evaluate("key => liantu.go({sel: key})", f"partner:{network.nodes('partner').index[0]}")
    named = network.nodes("region").loc[region, "name"] if isinstance(region, str) else ""
    assert named in page.locator("#card").inner_text()


def test_rare_characters_are_found_by_their_letters(tmp_path, opened):
    names = ["邕岜小学", "长村小学", "东林小学"]
    schools = pd.DataFrame({"id": list("abc"), "name": names})
    network = liantu.Network.from_frames({"school": schools}, as_of="2024-06-30")
    network.page(tmp_path / "rare.html", months=0, lang="en")
    page = opened(tmp_path / "rare.html", "#view=schools")
    for text, name in (("ybxx", names[0]), ("ccxx", names[1]), ("zcx", names[1]), ("dl", names[2])):
        page.locator("#search").fill(text)
        assert page.locator(".list-inner .name").all_inner_texts() == [name], text


def test_dark_where_the_system_is_dark(demo, opened):
    page = opened(demo)
    grounds = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        grounds.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    page.emulate_media(color_scheme="light")
    assert grounds == ["rgb(244, 246, 248)", "rgb(12, 17, 22)"]


def test_it_prints_to_paper(demo, opened):
    page = opened(demo, "#view=overview")
    assert page.pdf(prefer_css_page_size=True)[:5] == b"%PDF-"
    page.emulate_media(media="print")
    assert page.locator("#tabs").is_hidden()


def test_without_coordinates_alliances_stand_side_by_side(tmp_path, opened):
    liantu.read("case:laizhou").page(tmp_path / "laizhou.html", lang="en", months=1)
    page = opened(tmp_path / "laizhou.html", "#view=map")
    assert page.evaluate("liantu.feed.places.kind") == "layout"
    assert "stand side by side" in page.locator(".told").inner_text()
    spots = page.evaluate("[...liantu.data.x].map((x, i) => `${x} ${liantu.data.y[i]}`)")
    assert len(set(spots)) > 0.95 * len(spots)


def test_a_notebook_shows_it_in_a_frame_that_cannot_reach_out(browser):
    shown = liantu.read("case:linyi").explore(months=0, lang="en")
    page = browser.new_page(offline=True)
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.set_content(f"<title>notebook</title>{shown._repr_html_()}")
    frame = page.frame_locator("iframe")
    frame.locator(".hero").wait_for()
    frame.get_by_role("link", name="Schools").click()
    frame.locator(".list").wait_for()
    assert faults == [] and page.title() == "notebook"
    page.close()

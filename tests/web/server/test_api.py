"""What the server answers is what the library and the command line answer."""

from __future__ import annotations

import json
import tomllib

import pytest
from long import LONG
from web.server.served import ended

import liantu
from liantu.plans.whatif import whatif
from liantu.results import registry
from liantu.web.server.options import kind_of


def rows(frame):
    return json.loads(json.dumps(frame, default=str))


@pytest.mark.parametrize(
    ("name", "options", "given"),
    [
        ("coverage", {"scope": "all", "as_of": "2025-03"}, {"scope": "all", "as_of": "2025-03"}),
        ("coverage", {"window": "3m", "hops": "2"}, {"window": "3m", "hops": 2}),
        ("ties", {"current": "true", "basis": "assists,member_of"}, {"current": True, "basis": "assists,member_of"}),
        ("reach", {"decay": "0.25"}, {"decay": 0.25}),
        ("expiry", {}, {}),
    ],
)  # fmt: skip
def test_an_analysis_is_that_of_the_library(client, network, demo, name, options, given):
    told = client.get(f"/api/{network}/{name}", params={**options, "lang": "en"}).json()
    own = getattr(liantu, name)(demo.without_teacher_names(), **given).to_dict("en")
    assert told == rows(own)


def test_every_analysis_is_told_with_its_parameters(client):
    told = {each["name"]: each for each in client.get("/api/analyses").json()}
    assert list(told) == list(registry())
    for name, analysis in registry().items():
        own = told[name]
        assert own["title"]["zh"] == analysis.title("zh").rstrip("。")
        for parameter, said in zip(analysis.parameters, own["parameters"], strict=True):
            assert said["name"] == parameter.name
            assert said["type"] == kind_of(parameter)
            assert said["choices"] == list(parameter.choices)
            assert said["help"] == dict(parameter.help)
            assert all(said["help"].values())
    asked = {p["name"]: p for p in told["pairing"]["parameters"]}
    assert (asked["budget"]["type"], asked["budget"]["default"]) == ("int", 20)
    assert asked["locked"]["type"] == "pairs"
    assert asked["fair"]["choices"] == ["floor", "maxmin"]


@pytest.mark.parametrize(
    ("options", "status", "code"),
    [
        ({"scope": "some"}, 400, "bad_choice"),
        ({"as_of": "soon"}, 400, "bad_option_date"),
        ({"window": "12"}, 400, "bad_option_window"),
        ({"hops": "many"}, 400, "bad_option_whole"),
        ({"sustained_months": "0"}, 400, "bad_option_range"),
        ({"scop": "all"}, 400, "serve_no_option"),
        ({"region": "nowhere"}, 422, "unknown_node"),
        ({"columns": "rong"}, 422, "serve_no_column"),
        ({"limit": "x"}, 400, "bad_option_whole"),
    ],
)
def test_a_wrong_option_is_said_in_both_languages(client, network, options, status, code):
    answer = client.get(f"/api/{network}/coverage", params=options)
    (told,) = answer.json()["errors"]
    assert (answer.status_code, told["code"]) == (status, code)
    assert set(told["line"]) == {"en", "zh"}
    assert all(told["line"].values())


def test_what_is_not_there(client, network):
    answers = [
        client.get(f"/api/{network}/coverige"), client.get("/api/nobody/coverage"),
        client.get("/api/jobs/x"), client.get("/api/jobs/x/events"), client.delete("/api/jobs/x"),
        client.delete("/api/nobody"), client.post("/api/jobs", json={"do": "read"}),
        client.post("/api/jobs", json={"do": "report", "network": "nobody"}),
        client.get("/api/uploads/x"), client.post("/api/uploads/x/read", json={}),
    ]  # fmt: skip
    assert [each.status_code for each in answers] == [404] * len(answers)
    assert answers[0].json()["errors"][0]["line"]["en"].endswith("Did you mean “coverage”?")


def test_only_some_columns_and_rows(client, network):
    given = {"columns": "covered,rung", "limit": "3", "scope": "all"}
    told = client.get(f"/api/{network}/coverage", params=given).json()
    assert [list(row) for row in told["table"]] == [["covered", "rung"]] * 3
    assert told["summary"]["in_scope"] > 3


def test_a_region_in_focus(client, network, demo):
    region = demo.nodes("school")["region"].iloc[0]
    told = client.get(f"/api/{network}/coverage", params={"scope": "all", "region": region}).json()
    assert told["summary"] == rows(dict(liantu.coverage(demo.focus(region), scope="all").summary))


def test_the_words_of_columns(client):
    told = client.get("/api/words").json()
    assert told["words"]["column.covered_change"][1]
    assert ".html" in told["reports"]


# -- plans -----------------------------------------------------------------------------------------


@pytest.fixture
def edits(demo):
    first, second = liantu.resilience(demo, scope="all").table.index[:2]
    alone = liantu.coverage(demo, scope="all").table.index[0]
    return [
        {"do": "leave", "school": first},
        {"do": "pair", "source": second, "target": alone, "form": "paired"},
    ]


def test_a_plan_at_once_and_as_a_whole(client, network, demo, edits):
    plan = {"scenario": {"name": "试"}, "edit": edits}
    asked = {"scenario": plan, "scope": "all", "as_of": "2026-09-01", "lang": "en"}
    quick = client.post(f"/api/{network}/whatif", json=asked).json()
    more = {} if LONG else {"analyses": "coverage"}
    given = {"scope": "all", "as_of": "2026-09-01", "show_teachers": False, **more}
    own = whatif(demo, plan, **given).to_dict("en")
    assert quick["table"] == rows(own)["table"]
    assert quick["summary"].items() <= own["summary"].items()
    assert quick["summary"]["covered_change"] < 0
    if not LONG:
        return
    job = client.post("/api/jobs", json={"do": "whatif", "network": network, **asked}).json()
    assert ended(client, job)["found"] == rows(own)


def test_a_plan_as_a_file_that_is_read_back(client, demo, edits, tmp_path):
    plan = {"scenario": {"name": "方案“甲”"}, "edit": edits}
    answer = client.post("/api/scenario", json={"scenario": plan})
    assert tomllib.loads(answer.text) == plan
    assert "attachment" in answer.headers["content-disposition"]
    (tmp_path / "plan.toml").write_text(answer.text, encoding="utf-8")
    assert len(liantu.read_scenario(tmp_path / "plan.toml")) == len(edits)


def test_a_plan_that_cannot_be(client, network):
    plan = {"edit": [{"do": "leave", "school": "nobody"}]}
    answer = client.post(f"/api/{network}/whatif", json={"scenario": plan, "scope": "all"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "unknown_end"
    assert client.post("/api/scenario", json={"scenario": {"edit": []}}).status_code == 422


def test_a_plan_counts_a_region_alone(client, network, demo, edits):
    region = demo.nodes("school")["region"].dropna().iloc[0]
    asked = {"scenario": {"edit": edits}, "scope": "all", "region": region, "lang": "en"}
    told = client.post(f"/api/{network}/whatif", json=asked).json()
    own = whatif(demo.focus(region), {"edit": edits}, scope="all", analyses="coverage").summary
    assert told["summary"].items() <= own.items()


def test_one_more_day(client, network, demo):
    told = client.get("/api/rungs", params={"network": network, "as_of": "2025-03-15"}).json()
    own = liantu.coverage(demo, scope="all", as_of="2025-03-15").table["covered"]
    schools = demo.nodes("school").index
    covered = {school for school, sign in zip(schools, told["rungs"], strict=True) if sign > "1"}
    assert covered == set(own.index[own])
    assert {s for s, sign in zip(schools, told["rungs"], strict=True) if sign != "/"} == {
        *own.index
    }
    assert client.get("/api/rungs", params={"network": network, "as_of": "x"}).status_code == 400
    assert client.get("/api/rungs", params={"network": "x"}).status_code == 404


# -- pairing ---------------------------------------------------------------------------------------


def test_pairing_with_pairs_that_are_agreed(client, network, demo):
    clean = demo.without_teacher_names()
    free = liantu.pairing(clean, scope="all", budget=3)
    pairs = free.table["supporter"].rename("source").to_frame().assign(target=free.table.index)
    pairs = pairs.reset_index(drop=True).head(1)
    given = {"budget": 2, "scope": "all", "locked": pairs.to_dict("records")}
    asked = {
        "do": "analysis",
        "name": "pairing",
        "network": network,
        "options": given,
        "lang": "en",
    }
    found = ended(client, client.post("/api/jobs", json=asked).json())["found"]
    own = liantu.pairing(clean, budget=2, scope="all", locked=pairs)
    assert found == rows(own.to_dict("en"))
    text = ">".join(pairs.iloc[0])
    url = f"/api/{network}/pairing"
    told = client.get(url, params={"budget": "2", "scope": "all", "locked": text, "lang": "en"})
    assert told.json() == found

import importlib.util
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

import liantu
from liantu.graph.network import Network
from liantu.graph.study import study

ROOT = Path(__file__).parents[2]
CASES = ROOT / "liantu" / "loaders" / "cases"
NAMES = [
    "demo", "dingxi", "duodao", "jinan-shizhong", "laizhou", "linyi", "qingdao", "wenshan", "xiajin",
]  # fmt: skip


@cache
def load(name: str) -> Network:
    return liantu.read(f"case:{name}")


@pytest.fixture(scope="module")
def script() -> Iterator[ModuleType]:
    path = ROOT / "scripts" / "build_cases.py"
    if not path.exists():
        pytest.skip("needs the clone")
    spec = importlib.util.spec_from_file_location("build_cases", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(path.parent)
        spec.loader.exec_module(module)
        yield module


@pytest.mark.parametrize("name", NAMES)
def test_the_bundled_files_are_those_of_the_script(
    name: str, script: ModuleType, tmp_path: Path
) -> None:
    script.build(name, tmp_path / name)
    fresh = {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()}
    bundled = {path.name: path.read_bytes() for path in (CASES / name).iterdir()}
    bundled.pop("scenario.toml", None)  # plans are written by hand
    assert fresh.keys() == bundled.keys()
    for file, data in bundled.items():
        # a clone on Windows may have turned the line ends
        assert data.replace(b"\r\n", b"\n") == fresh[file], file


def test_the_script_builds_every_case(script: ModuleType) -> None:
    assert sorted(script.BUILDERS) == sorted(p.name for p in CASES.iterdir() if p.is_dir()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_case_is_a_network_without_a_problem(name: str) -> None:
    assert load(name).report.problems == ()


@pytest.mark.parametrize("name", NAMES[1:])
def test_no_named_school_gets_an_invented_tie(name: str) -> None:
    network = load(name)
    kinds = ("school", "alliance", "center", "partner")
    named = {kind: set(f.index[~f["synthetic"]]) for kind in kinds for f in [network.nodes(kind)]}
    for relation in (
        "member_of",
        "assists",
        "posted_to",
        "mentors",
        "joins",
        "delivers",
        "supports",
    ):
        frame = network.relation(relation)
        made_up = frame[frame["synthetic"]]
        for end in ("source", "target"):
            assert not made_up[end].astype("str").isin(named["school"]).any(), relation
    assert network.as_of is not None
    found = study(network).ties(network.as_of)
    schools = network.nodes("school")
    real = ~schools["synthetic"].to_numpy()
    between = found.source < len(schools)
    source, target = found.source[between], found.target[between]
    assert (real[source] == real[target]).all()


@pytest.mark.parametrize("name", NAMES)
def test_every_row_has_a_provenance_and_real_rows_a_place(name: str) -> None:
    for path in (CASES / name).glob("*.csv"):
        rows = pd.read_csv(path, dtype="str")
        assert rows["provenance"].notna().all(), path.name
        if name != "demo":
            assert rows["place"].notna().all(), path.name


def test_demo_is_small_and_shows_every_rung() -> None:
    network = load("demo")
    size = sum(path.stat().st_size for path in (CASES / "demo").iterdir())
    assert size < 300_000
    schools = network.nodes("school")
    assert len(schools) == 80 and (schools["datum"] == "WGS-84").all()
    assert (network.nodes("region")["level"] == "county").sum() == 1
    found = liantu.coverage(network).summary
    rungs = [found[f"rung_{rung}"] for rung in ("none", "named", "in_force", "active", "sustained")]
    assert all(rungs) and sum(rungs) == found["in_scope"] > 30
    assert found["covered_direct"] and found["covered_inherited"] and found["uncovered"]
    assert liantu.coverage(network, scope="all").summary["covered_as_core"]
    assert network.as_of is not None
    assert liantu.expiry(network).summary["ending"] >= 5


def test_laizhou_has_the_figures_of_its_text() -> None:
    network = load("laizhou")
    schools, members = network.nodes("school"), network.relation("member_of")
    assert len(schools) == 78 and schools["pupils"].sum() == 69_000
    assert schools["synthetic"].all() and schools.drop(columns="name")["urban_rural"].isna().all()
    assert schools["name"].str.fullmatch(r"莱州·填充校 \d{3}").all()
    assert len(network.nodes("alliance")) == 10 and len(network.nodes("center")) == 17
    assert members["source"].nunique() == 70
    assert members["role"].value_counts().to_dict() == {"member": 60, "core": 10}
    assert (
        members.groupby("target", observed=True)["role"]
        .agg(lambda r: (r == "core").sum())
        .eq(1)
        .all()
    )
    compulsory = schools["stage"].isin(["primary", "junior", "nine_year"])
    assert set(schools.index[compulsory]) == set(members["source"])
    pairs = network.relation("assists")
    assert len(pairs) == 11 and len({*pairs["source"], *pairs["target"]}) == 22


def test_laizhou_covers_sixty_members_directly_and_no_core() -> None:
    network = load("laizhou")
    assert str(network.as_of) == "2021-03-31"
    for day, covered in (
        ("2021-02-28", 11),
        ("2021-03-31", 60),
        ("2024-02-29", 60),
        ("2024-03-01", 11),
    ):
        moved = network.at(day)
        assert moved.as_of is not None
        found = study(moved).tie_set(moved.as_of)
        assert len(set(found.ties.target[found.in_force])) == covered, day
    cores = network.relation("member_of").query("role == 'core'")["source"]
    assert not network.relation("assists")["target"].isin(cores).any()


def test_wenshan_names_what_its_text_names_and_fills_one_village_school_each() -> None:
    network = load("wenshan")
    schools = network.nodes("school")
    assert schools.loc[~schools["synthetic"], "name"].tolist() == [
        "文山第一小学", "文山市第三中学", "薄竹镇老回龙中心学校", "小街镇中心学校", "追栗街镇中心学校",
    ]  # fmt: skip
    assert schools.loc[schools["synthetic"], "urban_rural"].tolist() == ["220"] * 3
    assert network.relation("affiliated_to")["synthetic"].all()
    assert network.relation("member_of")["role"].value_counts().to_dict() == {
        "member": 3,
        "core": 2,
    }
    flows = network.relation("posted_to").groupby("target", observed=True)["count"].sum()
    assert flows.to_dict() == {"ws-3zhong": 3, "ws-xiaojie": 4}
    deliveries = network.relation("delivers")
    assert (deliveries["target_kind"] == "alliance").all()  # no receiving school is named
    assert deliveries.query("form == 'lesson'")["count"].tolist() == [11]
    mentors = network.relation("mentors").groupby("certainty", observed=True)["synthetic"]
    assert mentors.agg(["size", "sum"]).to_dict("index") == {
        "ambiguous": {"size": 2, "sum": 0},
        "stated": {"size": 30, "sum": 30},
    }


def test_laizhou_is_seventy_of_seventy_eight_and_seventy_of_seventy() -> None:
    network = load("laizhou")
    every = liantu.coverage(network, scope="all", as_of="2021-03-31").summary
    assert (every["covered"], every["in_scope"]) == (70, 78)
    assert (every["covered_direct"], every["covered_as_core"]) == (60, 10)
    stage = "primary,junior,nine_year"
    compulsory = liantu.coverage(network, scope="all", stage=stage).summary
    assert (compulsory["covered"], compulsory["in_scope"]) == (70, 70)
    ended = liantu.coverage(network, scope="all", as_of="2024-03-01").summary
    assert (ended["covered"], ended["covered_direct"]) == (11, 11)


def test_wenshan_shows_inherited_apart_from_direct() -> None:
    found = liantu.coverage(load("wenshan"), rural="broad", as_of="2022-05-11").summary
    assert (found["in_scope"], found["covered_direct"], found["covered_inherited"]) == (6, 3, 3)


def test_wenshan_gives_no_tie_to_a_filled_school_and_direct_ties_to_the_three_centres() -> None:
    network = load("wenshan")
    assert network.as_of is not None
    found = study(network).tie_set(network.as_of)
    ids = network.nodes("school").index
    reached = set(ids[found.ties.target[found.in_force & found.ties.lifts]])
    centres = {"ws-xiaojie", "ws-laohuilong", "ws-zhuilijie"}
    assert reached == centres | {"ws-3zhong", "ws-1xiao"}


def test_wenshan_carries_the_figures_that_no_row_can_carry() -> None:
    seen = load("wenshan").observations.set_index(["id", "measure"])["value"].sort_index()
    assert seen[("ws-3zhong", "mentoring_pairs")] == 30
    assert seen[("ws-3zhong", "mentoring_teachers")] == 60
    assert seen[("ws-district-2", "improvement_coefficient")] == 3.03
    assert sorted(seen.loc[[("ws-xiaojie", "township_rank")]]) == [3, 3, 5, 10, 14, 16, 17, 17]


@pytest.mark.parametrize(
    ("day", "groups", "schools"),
    [
        ("2013-03-31", 0, 0),
        ("2015-12-31", 10, 27),
        ("2018-12-31", 20, 55),
        ("2019-01-01", 29, 67),
    ],
)
def test_jinan_grows_as_its_text_says(day: str, groups: int, schools: int) -> None:
    now = load("jinan-shizhong").at(day)
    members = now.relation("member_of")
    assert (members["target"].nunique(), members["source"].nunique()) == (groups, schools)
    assert len(now.nodes("school")) == 67


def test_jinan_has_four_schools_under_trusteeship_until_2012() -> None:
    found = load("jinan-shizhong").at("2012-12-31").relation("assists")
    stated = found[found["certainty"] == "stated"]
    assert stated["agreement"].value_counts().to_dict() == {
        "新建居住区配套学校": 3,
        "迁建学校": 1,
    }
    assert load("jinan-shizhong").phases[1]["name"] == "做实期"


def test_jinan_pairs_nobody_whom_its_text_does_not_pair() -> None:
    network = load("jinan-shizhong")
    assert network.as_of is not None
    found = study(network).ties(network.as_of)
    ids = network.nodes("school").index
    pairs = {(ids[a], ids[b]) for a, b in zip(found.source, found.target, strict=True)}
    assert {pair for pair in pairs if "fill" not in "".join(pair)} == {
        ("sz-jingwulu", "sz-jingwei"),
        ("sz-weierlu", "sz-weisanlu"),
        ("sz-weierlu", "sz-guanyijie"),
        ("sz-yuxian", "sz-qixian"),
        ("sz-qixian", "sz-yuxian"),
    }


@pytest.mark.parametrize(
    ("name", "schools"),
    [
        (
            "dingxi",
            "安定区东方红中学 漳县第一中学 江苏省丹阳实验中学 市幼儿园 市一中 陇西县文峰中学",
        ),
        ("duodao", "十里牌小学 双泉小学 团林中学 掇刀石小学 黄岭小学"),
        (
            "linyi",
            "临沂桃园中学 临沂桃园小学 临沂第三十五中学 兰陵实验中学 平邑县实验小学 开发区实验一小 朴园小学 杏园小学 沂南五小",
        ),
        ("qingdao", ""),
        ("xiajin", ""),
    ],
)
def test_the_schools_that_a_text_names(name: str, schools: str) -> None:
    found = load(name).nodes("school")
    assert sorted(found.loc[~found["synthetic"], "name"]) == sorted(schools.split())
    assert found.loc[found["synthetic"], "name"].str.contains("·填充").all()


def test_every_case_of_shandong_refers_to_its_frame() -> None:
    for name in ("qingdao", "linyi", "jinan-shizhong", "laizhou", "xiajin"):
        network = load(name)
        seen = network.observations.query("id == 'shandong' and measure == 'policy'")
        assert seen["text"].tolist() == ["强校扩优行动"], name
        assert "sd-education" in network.nodes("partner").index, name


def test_dingxi_posts_two_people_from_each_of_22_schools_for_a_year() -> None:
    network = load("dingxi")
    posted = network.relation("posted_to").query("role != '新入职特岗教师'")
    sent = posted.groupby("source", observed=True)["role"].apply(sorted)
    assert len(sent) == 22 and sent.map(lambda r: r == ["校（园）长储备人才", "骨干教师"]).all()
    assert (posted["end"] - posted["start"]).dt.days.eq(365).all()  # 2024 has a 29 February
    pacts = network.relation("pact")
    assert set(zip(pacts["source"], pacts["target"], strict=True)) == {
        ("lintao", "weiyuan"),
        ("anding", "zhangxian"),
        ("longxi", "minxian"),
    }
    # a pair leads from a county to the county that it helps
    schools = network.nodes("school")["region"]
    pairs = network.relation("assists").query("synthetic")
    ends = {(schools[a], schools[b]) for a, b in zip(pairs["source"], pairs["target"], strict=True)}
    assert ends == set(zip(pacts["source"], pacts["target"], strict=True))


def test_xiajin_reaches_every_township_school_and_leaves_subjects_open() -> None:
    network = load("xiajin")
    lessons = network.relation("delivers").query("form == 'lesson'")
    schools = network.nodes("school")
    township = schools.index[schools["urban_rural"] != "111"]
    assert set(lessons["target"].astype("str")) == set(township) and len(lessons) == 68
    assert not lessons.duplicated(["source", "target"]).any()
    hosts = network.relation("joins").query("role == 'base'")["source"].value_counts()
    assert hosts[hosts > 0].tolist() == [2] * 14
    school_of = network.relation("works_at").set_index("source")["target"]
    members = network.relation("joins").query("source_kind == 'teacher'")
    subject = network.nodes("center")["subject"]
    found = members.assign(
        school=members["source"].astype("str").map(school_of.astype("str")),
        subject=members["target"].astype("str").map(subject),
    )
    subjects = found.groupby("school")["subject"].nunique()
    assert len(subjects) == 38 and subjects.max() == 10  # of 11 or 13 in its stage


def test_linyi_covers_every_village_school_and_pairs_each_within_its_county() -> None:
    network = load("linyi")
    summary = liantu.coverage(network).summary
    assert summary["in_scope"] == summary["covered_direct"] > 638
    region = network.nodes("school")["region"]
    pairs = network.relation("assists")
    giver, taker = (pairs[end].astype("str").map(region) for end in ("source", "target"))
    assert (giver == taker).all() and pairs["target"].nunique() == 638
    counties = network.nodes("region")
    assert set(taker) == set(counties.index[counties["level"] == "county"])


def test_qingdao_keeps_its_forms() -> None:
    network = load("qingdao")
    frame = network.relation("member_of")
    schools = network.nodes("school")[["stage", "ownership", "legal_person"]]
    core = frame[frame["role"] == "core"].set_index("target")["source"].astype("str")
    members = frame[frame["form"].notna()]
    own = schools.loc[members["source"].astype("str")].reset_index(drop=True)
    head = schools.loc[core.loc[members["target"]]].reset_index(drop=True)
    same = own.eq(head).all(axis=1).to_numpy()
    assert (same == (members["form"] == "integrated").to_numpy()).all()
    groups = network.relation("part_of")
    assert groups["target"].unique().tolist() == ["qd-group-01"] and len(groups) == 3


def test_duodao_counts_its_named_schools_without_a_tie() -> None:
    network = load("duodao")
    members = network.relation("member_of")
    assert members["target"].value_counts().tolist() == [4] * 6
    unsure = members[members["certainty"] == "ambiguous"]["source"]
    schools = network.nodes("school")
    assert set(unsure.astype("str")) == set(schools.index[~schools["synthetic"]])
    assert liantu.coverage(network, scope="all").summary["covered"] == 19

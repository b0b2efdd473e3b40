import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from long import examples

import liantu
from liantu.errors import OptionError, RequestError
from liantu.exchange.folder import write_folder
from liantu.graph import schema
from liantu.graph.indicators import indicator_values, indicators
from liantu.graph.network import Network
from liantu.loaders.generate import AS_OF, generate, region


@pytest.fixture(scope="module")
def frames() -> dict[str, pd.DataFrame]:
    return region(400, seed=3)


@given(schools=st.integers(1, 60), seed=st.integers(0, 99))
@settings(max_examples=examples(8, 100), deadline=None)
def test_every_size_makes_a_network_without_a_problem(schools: int, seed: int) -> None:
    made = region(schools, seed)
    network = Network.from_frames(made, as_of=AS_OF)
    assert len(network.nodes("school")) == schools
    assert network.report.problems == ()


def test_every_row_is_synthetic_and_says_so(frames: dict[str, pd.DataFrame]) -> None:
    assert all(frame["synthetic"].all() for frame in frames.values())
    assert {text for frame in frames.values() for text in frame["provenance"]} == {
        "generated (seed 3)"
    }


def test_every_relation_is_there_in_a_region_of_several_counties(
    frames: dict[str, pd.DataFrame],
) -> None:
    assert set(schema.tables()) == set(frames)


def test_schools_of_every_stage_have_names_and_ids_that_nobody_takes_for_real(
    frames: dict[str, pd.DataFrame],
) -> None:
    schools = frames["school"]
    assert set(schools["stage"]) == {
        "kindergarten", "primary", "junior", "nine_year", "senior", "complete_secondary",
        "twelve_year", "vocational",
    }  # fmt: skip
    assert schools["name"].str.startswith("演示县").all() and schools["name"].is_unique
    assert schools["id"].map(re.compile(r"\d{2}99\d{6}").fullmatch).notna().all()
    prefix = schools["id"].str[:2]
    assert (prefix[schools["stage"] == "vocational"] == "36").all()
    assert frames["teacher"]["name"].str.fullmatch(r"教师\d{6}").all()


def test_teaching_points_are_small_rural_and_hang_on_the_centre_school_of_their_town(
    frames: dict[str, pd.DataFrame],
) -> None:
    schools = frames["school"].set_index("id")
    points = schools[schools["type"] == "218"]
    assert len(points) == 80  # a fifth of the schools
    assert (points["pupils"] < 100).all() and (points["urban_rural"] == "220").all()
    ties = frames["affiliated_to"]
    children, parents = schools.loc[ties["source"]], schools.loc[ties["target"]]
    assert set(points.index) <= set(ties["source"])
    assert parents["name"].str.contains("中心小学").all()
    # a village's code begins with the code of its town
    pairs = zip(children["region"], parents["region"], strict=True)
    assert all(village.startswith(town) for village, town in pairs)


def test_the_region_tree_reaches_from_one_province_to_the_villages(
    frames: dict[str, pd.DataFrame],
) -> None:
    regions = frames["region"]
    assert regions["parent"].isna().sum() == 1
    assert regions["level"].drop_duplicates().tolist() == [
        "province", "prefecture", "county", "township", "village",
    ]  # fmt: skip
    assert (regions["level"] == "county").sum() == 2  # 400 schools, about 160 a county


def test_some_agreements_have_ended_and_some_end_within_a_year(
    frames: dict[str, pd.DataFrame],
) -> None:
    ends = frames["member_of"]["end"]
    assert (ends < np.datetime64("2026-09-01")).any()
    assert ends.between("2026-09-01", "2027-08-31").any()
    assert ends.isna().any()


def test_one_core_carries_far_more_members_than_the_median(
    frames: dict[str, pd.DataFrame],
) -> None:
    members = frames["member_of"].query("role == 'member'")["target"].value_counts()
    assert members.max() >= 3 * members.median()


def test_some_village_schools_have_no_tie_of_any_kind(frames: dict[str, pd.DataFrame]) -> None:
    touched = {
        end
        for name, frame in frames.items()
        if schema.tables()[name].is_relation and name not in ("works_at", "pact", "travel")
        for end in pd.concat([frame["source"], frame["target"]])
    }
    works = frames["works_at"].set_index("source")["target"]
    touched |= set(works[works.index.isin(list(touched))])
    villages = frames["school"].query("urban_rural == '220' and closed.isna()")
    assert len(set(villages["id"]) - touched) > 0


def test_counties_are_tied_to_each_other_and_cores_to_cores(
    frames: dict[str, pd.DataFrame],
) -> None:
    county = frames["school"].set_index("id")["region"].str[:6]
    pairs, members = frames["assists"], frames["member_of"].query("role == 'member'")
    cores = set(frames["member_of"].query("role == 'core'")["source"])
    assert (pairs["source"].map(county) != pairs["target"].map(county)).sum() > 5
    assert pairs["target"].isin(cores).sum() > 2
    assert members["source"].isin(cores).sum() > 1  # of the group of another
    assert members["source"].duplicated().sum() > 2
    assert not members.duplicated(["source", "target"]).any()


def test_help_goes_on_over_several_steps_where_there_are_several_counties() -> None:
    further, between = [], []
    for schools in (160, 400):
        network = Network.from_frames(region(schools, seed=3), as_of=AS_OF)
        reached = liantu.reach(network).table
        further.append(int((reached["within_hops"] > reached["direct"]).sum()))
        between.append(liantu.centrality(network).table["betweenness"].max())
    assert further[0] < 5 and further[1] > 20  # a county alone is flat
    assert between[0] < 10 and between[1] > 100


def test_sections_add_up_to_their_school_and_every_county_can_be_judged(
    frames: dict[str, pd.DataFrame],
) -> None:
    schools, told = frames["school"].set_index("id"), frames["observations"]
    parts = told[told["measure"].str.startswith("pupils@")].groupby("id")["value"].sum()
    several = schools["stage"].isin(["nine_year", "twelve_year", "complete_secondary"])
    assert several.any()
    assert parts.to_dict() == schools.loc[several, "pupils"].to_dict()
    found = liantu.equity(Network.from_frames(frames, as_of=AS_OF)).summary
    assert found["cells"] > 0
    assert found["cells_not_judged"] == 0
    assert found["cells_meet"] > 0
    assert found["cells_fail"] > 0


def test_indicators_agree_with_the_lists_and_some_are_below(
    frames: dict[str, pd.DataFrame],
) -> None:
    schools = frames["school"].set_index("id")
    values = indicator_values(Network.from_frames(frames, as_of=AS_OF), AS_OF)
    told = values[values.notna().all(axis=1)]
    several = ["nine_year", "twelve_year", "complete_secondary"]
    stages = schools["stage"].isin(["primary", "junior", *several])
    stages &= (schools["type"] != "218") | (schools["pupils"] >= 50)
    assert set(told.index) == set(schools.index[stages])
    assert values[~values.index.isin(told.index)].isna().all(axis=None)
    working = frames["works_at"].set_index("source")["target"]
    backbone = frames["teacher"].set_index("id")["backbone"].groupby(working).sum()
    per_100 = (100 * backbone / schools["pupils"]).round(2)
    assert (told["backbone_per_100"] == per_100[told.index]).all()
    for key, one in indicators().items():
        stage = schools["stage"][told.index].where(lambda names: names == "primary", "junior")
        limits = stage.map({"primary": one.primary, "junior": one.junior})
        below = told[key] < limits
        assert 0.02 < below.mean() < 0.9, key
    core = schools["quality"] == "core"
    village = schools["urban_rural"] == "220"
    for key in ("above_degree_per_100", "backbone_per_100", "equipment_per_pupil"):
        primary = told[schools["stage"][told.index] == "primary"][key]
        assert primary[core[primary.index]].median() > primary[village[primary.index]].median()


@pytest.mark.parametrize("seed", [0, 3])
def test_schools_keep_break_and_risk_standards_by_whom_they_post(seed: int) -> None:
    found = liantu.load(Network.from_frames(region(400, seed), as_of="2026-09-01"))
    verdicts = set(found.tables["thresholds"]["threshold_verdict"])
    assert verdicts >= {"holds", "depends", "breaks", "already_below"}
    assert {"over_supported", "over_out", "breaks"} == set(found.tables["flags"]["reason"])


def test_deliveries_fill_three_years_before_the_date(frames: dict[str, pd.DataFrame]) -> None:
    dates = frames["delivers"]["date"]
    assert dates.dt.year.value_counts().index.sort_values().tolist() == [2023, 2024, 2025, 2026]
    assert dates.between("2023-09-02", "2026-08-31").all()


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        generate(tmp_path / name, schools=90, seed=seed)
    files = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert files == sorted(path.name for path in (tmp_path / "b").iterdir())
    assert {"school.csv", "member_of.csv", "network.toml"} <= set(files)
    first = {name: (tmp_path / "a" / name).read_bytes() for name in files}
    assert first == {name: (tmp_path / "b" / name).read_bytes() for name in files}
    assert first["school.csv"] != (tmp_path / "c" / "school.csv").read_bytes()
    assert all(
        b"\r" not in data and not data.startswith(b"\xef\xbb\xbf") for data in first.values()
    )


def test_what_is_written_reads_back_as_the_same_network(tmp_path: Path) -> None:
    generate(tmp_path / "out", schools=90, seed=5)
    read = {
        path.stem: pd.read_csv(path, dtype="str", keep_default_na=False)
        for path in (tmp_path / "out").glob("*.csv")
    }
    again = Network.from_frames(read, as_of=AS_OF)
    assert again.fingerprint == Network.from_frames(region(90, 5), as_of=AS_OF).fingerprint


def test_an_empty_folder_is_used(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    generate(tmp_path / "out", schools=1)
    assert (tmp_path / "out" / "school.csv").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_taken_place_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    for name in ("file", "full"):
        with pytest.raises(RequestError, match=f"{name}” exists and holds what liantu did not"):
            generate(tmp_path / name, schools=3)
    assert (tmp_path / "file").read_text() == "mine"
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine.txt"]


def test_an_unwritable_place_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for out in (tmp_path / "nowhere" / "out", tmp_path / "file" / "out"):
        with pytest.raises(RequestError, match="cannot write") as caught:
            write_folder(out, {}, {})
        assert len(caught.value.lines("zh")) == 1


@pytest.mark.parametrize(("schools", "seed"), [(0, 0), (-3, 0), (10**7, 0), (5, -1)])
def test_sizes_and_seeds_out_of_range(tmp_path: Path, schools: int, seed: int) -> None:
    with pytest.raises(OptionError):
        generate(tmp_path / "out", schools=schools, seed=seed)
    assert list(tmp_path.iterdir()) == []

"""Pairing: answers by hand, a brute-force twin, wishes, and the list that goes back in."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from long import examples, some

import liantu
from liantu.cli import main
from liantu.errors import DataError, OptionError, RequestError
from liantu.graph.feasible import DETOUR
from liantu.graph.network import Network
from liantu.loaders.pairs import read_pairs

DAY = "2024-06-30"
KM_A_DEGREE = 111.195 * DETOUR  # along a meridian


def network(schools: dict[str, dict[str, Any]], **relations: Any) -> Network:
    """Return a county of schools by id; what a school lacks is primary, rural, in county k."""
    usual = {"region": "k", "stage": "primary", "urban_rural": "220"}
    rows = [{"id": key, **usual, **own} for key, own in schools.items()]
    regions = sorted({row["region"] for row in rows if row["region"]})
    frames = {
        "region": pd.DataFrame({"id": regions, "level": "county"}),
        "school": pd.DataFrame(rows),
        **{
            name: pd.DataFrame(value, columns=["source", "target"])
            for name, value in relations.items()
        },
    }
    return Network.from_frames(frames, as_of=DAY)


CORE = {"quality": "core", "urban_rural": "111"}


def pairs_of(result) -> dict[str, str]:
    return result.table["supporter"].to_dict()


def only(*pairs: str) -> pd.DataFrame:
    return pd.DataFrame([pair.split(">") for pair in pairs], columns=["source", "target"])


# -- answers by hand --------------------------------------------------------------------------


def test_the_nearest_first_would_cover_less():
    """A (one place) can help x and y, B only x: x goes to B although A is nearer."""
    made = network(
        {
            "A": CORE | {"lon": 100, "lat": 30}, "B": CORE | {"lon": 100, "lat": 30.2, "region": "l"},
            "x": {"pupils": 100, "lon": 100, "lat": 30.05, "region": "m"},
            "y": {"pupils": 90, "region": "k"},
        }
    )  # fmt: skip
    result = liantu.pairing(made, capacity=1)
    assert pairs_of(result) == {"x": "B", "y": "A"}
    assert result.summary["pupils_gained"] == 190
    assert result.summary["useful_pairs"] == 2
    x = result.table.loc["x"]
    assert x["km"] == pytest.approx(0.15 * KM_A_DEGREE, abs=0.06)
    assert (x["why"], x["distance_rank"], x["nearer_core"], x["filled_by"]) == (
        "nearer_taken", 2, "A", "y",
    )  # fmt: skip
    assert result.table.loc["y", "why"] == "same_county"
    # without B–x, A is better off with x; without A–y, nobody helps y
    assert result.table["loss"].to_dict() == {"x": 90, "y": 90}
    assert result.summary["exchangeable"] == 0
    one = liantu.pairing(made, capacity=1, budget=1)
    assert pairs_of(one) == {"x": "A"}  # with one pair, the nearer core will do
    assert one.tables["unpaired"]["why_not"].tolist() == ["budget"]
    assert result.tables["curve"]["pupils_gained"].tolist() == [0, 100, 190]


def two_counties() -> Network:
    schools = {
        "A": CORE, "B": CORE | {"region": "l"},
        "x": {"pupils": 300}, "y": {"pupils": 200},
        "u": {"pupils": 50, "region": "l"}, "v": {"pupils": 40, "region": "l"},
    }  # fmt: skip
    return network(schools)


@pytest.mark.parametrize(
    ("options", "gained"),
    [
        ({}, 500), ({"fair": "floor"}, 350), ({"fair": "maxmin"}, 350), ({"budget": 0}, 0),
        ({"budget": 4, "fair": "floor", "floor": 2}, 590), ({"weight": "schools"}, 500),
    ],
)  # fmt: skip
def test_floors_of_counties(options, gained):
    result = liantu.pairing(two_counties(), **{"budget": 2, "capacity": 2, **options})
    if options.get("weight") == "schools":  # any two
        assert result.summary["schools_gained"] == 2
        assert result.summary["exchangeable"] == 2
        assert any(note.code == "not_unique" for note in result.notes)
    else:
        assert result.summary["pupils_gained"] == gained
    worth = [note.code for note in result.notes if note.code.startswith("worth_in_")]
    assert worth == [f"worth_in_{options.get('weight', 'pupils')}"]


def test_a_floor_that_cannot_be_reached_is_told_with_the_largest():
    with pytest.raises(RequestError, match="largest floor that can be reached is 1") as caught:
        liantu.pairing(two_counties(), budget=3, capacity=2, fair="floor", floor=2)
    assert "最大下限为 1" in caught.value.lines("zh")[0]
    with pytest.raises(RequestError, match=r"k gets 1 pairs at most.*reached is 1"):
        liantu.pairing(two_counties(), capacity=1, fair="floor", floor=2)


def test_parents_count_for_their_village_schools():
    """The central school is no village school itself, but its two village schools come with it."""
    schools = {
        "A": CORE, "p": {"pupils": 500, "urban_rural": "121"},
        "c": {"pupils": 30}, "d": {"pupils": 20}, "x": {"pupils": 45},
    }  # fmt: skip
    made = network(schools, affiliated_to=[("c", "p"), ("d", "p")])
    result = liantu.pairing(made, budget=1)
    assert pairs_of(result) == {"p": "A"}
    row = result.table.loc["p"]
    assert (row["schools_gained"], row["pupils_gained"], row["loss"]) == (2, 50, 5)
    two = liantu.pairing(made, budget=9, capacity=9)
    assert set(two.table.index) == {"p", "x"}  # c and d need no pair of their own
    assert two.summary["uncovered_after"] == 0


def test_a_core_of_another_stage_for_parent_and_child_is_no_flow():
    """Only a nine-year core may help p; only the primary core has a place for its child."""
    schools = {
        "N": CORE | {"stage": "nine_year"}, "P": CORE,
        "p": {"pupils": 100, "stage": "nine_year"}, "c": {"pupils": 30},
        "q": {"pupils": 110, "stage": "junior"},
    }  # fmt: skip
    made = network(schools, affiliated_to=[("c", "p")])
    result = liantu.pairing(made, capacity=1)
    assert pairs_of(result) == {"p": "N", "c": "P"} or pairs_of(result) == {"q": "N", "c": "P"}
    assert result.summary["pupils_gained"] == 140
    assert any(note.code == "pairs_nested" for note in result.notes)
    assert result.tables["curve"]["pupils_gained"].tolist() == [0, 130, 140]


def test_places_are_what_the_core_does_not_use_yet():
    schools = {"A": CORE, "x": {"pupils": 9}, "y": {"pupils": 8}, "z": {"pupils": 7}}
    made = network(schools, assists=[("A", "z")])
    result = liantu.pairing(made, capacity=2)
    assert pairs_of(result) == {"x": "A"}
    assert result.tables["unpaired"]["why_not"].tolist() == ["full"]
    core = result.tables["core_places"].iloc[0]
    assert (core["supporting"], core["new_pairs"], core["places_left"]) == (1, 1, 0)
    assert core["place_value"] == 8


def test_why_not():
    schools = {
        "A": CORE,
        "j": {"pupils": 1, "stage": "junior"}, "f": {"pupils": 2}, "n": {"stage": None, "pupils": 3},
        "o": {"pupils": 4, "region": "far"}, "z": {}, "K": CORE | {"urban_rural": "220", "pupils": 5},
        "b": {"pupils": 6}, "x": {"pupils": 7},
    }  # fmt: skip
    result = liantu.pairing(network(schools), budget=1, forbidden=only("A>f", "K>f"))
    assert result.tables["unpaired"].set_index("school")["why_not"].to_dict() == {
        "b": "budget", "K": "is_core", "o": "no_core", "n": "no_stage", "f": "forbidden",
        "j": "no_core", "z": "no_pupils",
    }  # fmt: skip


# -- wishes -----------------------------------------------------------------------------------


def test_locked_pairs_are_among_the_new_ones_and_take_places():
    result = liantu.pairing(two_counties(), budget=2, capacity=2, locked=only("B>v"))
    assert pairs_of(result) == {"x": "A", "v": "B"}
    assert result.table.loc["v", "why"] == "locked"
    assert pd.isna(result.table.loc["v", "loss"])
    assert result.parameters["locked"] == ("B>v",)
    assert result.tables["curve"]["new_pairs"].iloc[0] == 1
    fair = liantu.pairing(two_counties(), budget=3, capacity=2, locked=only("B>v"), fair="floor")
    assert fair.summary["pupils_gained"] == 540  # v stands for its county


@pytest.mark.parametrize(
    ("locked", "options", "text"),
    [
        (("A>u",), {}, "A → u.*stages do not fit"), (("x>y",), {}, "x is no core school"),
        (("A>x",), {"forbidden": only("A>x")}, "both locked and forbidden"),
        (("A>x", "A>y"), {"capacity": 1}, "A → y.*has 1.*At most 1"),
        (("A>x", "B>u"), {"budget": 1}, "2 pairs are locked.*At most 1"),
        (("A>nobody",), {}, "no school with id “nobody”"), (("A>w",), {}, "A → w.*tie already"),
        (("B>u", "C>u"), {}, "C → u.*locked to another core"), (("A>z",), {}, "A → z.*not open"),
    ],
)  # fmt: skip
def test_wishes_that_cannot_be_are_named(locked, options, text):
    frames = two_counties().plain_frames()
    more = {
        "id": ["C", "w", "z"], "region": ["l", "k", "k"], "stage": "primary", "pupils": [9, 9, 9],
        "quality": ["core", None, None], "urban_rural": ["111", "220", "220"],
        "closed": [None, None, "2020-01-01"],
    }  # fmt: skip
    schools = pd.concat([frames["school"], pd.DataFrame(more)], ignore_index=True)
    ties = pd.DataFrame({"source": ["A"], "target": ["w"], "start": ["2025-01-01"]})
    made = Network.from_frames(
        {"region": frames["region"], "school": schools, "assists": ties}, as_of=DAY
    )
    with pytest.raises(RequestError, match=text) as caught:
        liantu.pairing(made, **{"capacity": 2, **options}, locked=only(*locked))
    assert caught.value.lines("zh") != caught.value.lines("en")


def test_a_budget_below_nothing_is_told_with_whole_limits():
    with pytest.raises(OptionError, match=r"--budget is -1\. It must be 0 … 1,000,000,000"):
        liantu.pairing(two_counties(), budget=-1)


def test_wishes_may_be_written_by_name(tmp_path):
    made = network(
        {"A": CORE | {"name": "甲校"}, "1": {"name": "乙校", "pupils": 5}, "2": {"name": "丙校"}}
    )
    path = tmp_path / "锁定.csv"
    path.write_text("支援校,受援校,备注\n甲校,1,\n甲校,乙校,同上\n", encoding="utf-8")
    found = read_pairs(path, made)
    assert found.to_dict("list") == {"source": ["A", "A"], "target": ["1", "1"]}
    result = liantu.pairing(made, locked=found)
    assert pairs_of(result) == {"1": "A"}
    assert result.parameters["locked"] == "锁定.csv"
    assert pairs_of(liantu.pairing(made, locked=only("甲校>乙校"))) == {"1": "A"}
    path.write_text("支援校,受援校\n甲校,乙小\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"锁定\.csv, row 2, column “受援校”.*乙小"):
        read_pairs(path, made)
    path.write_text("学校,学生\n甲校,3\n", encoding="utf-8")
    with pytest.raises(DataError, match="no list of pairs"):
        read_pairs(path, made)


# -- against brute force ----------------------------------------------------------------------


def drawn(rng: np.random.Generator) -> Network:
    """Return two or three cores and five schools, some below others, some without a place."""
    schools: dict[str, dict[str, Any]] = {}
    stages = ["primary", "primary", "junior", "nine_year"]
    for number in range(int(rng.integers(2, 4))):
        schools[f"A{number}"] = CORE | {"stage": stages[rng.integers(4)]}
    for number in range(5):
        schools[f"x{number}"] = {
            "stage": stages[rng.integers(4)], "pupils": [None, 0, 5, 5, 7, 9][rng.integers(6)],
            "urban_rural": ["220", "121"][int(rng.random() < 0.3)],
        }  # fmt: skip
    for own in schools.values():
        own["region"] = "kl"[rng.integers(2)]
        if rng.random() < 0.8:
            own |= {"lon": 100 + rng.integers(6) / 10, "lat": 30.0}
    child = [f"x{number}" for number in range(1, 5) if rng.random() < 0.5]
    above = [(c, f"x{rng.integers(int(c[1]))}") for c in child]
    above += [(c, f"x{rng.integers(int(c[1]))}") for c in child if rng.random() < 0.2]
    return network(schools, affiliated_to=sorted(set(above)))


def kin_of(made: Network) -> dict[str, set[str]]:
    """Return the ancestors of each school."""
    parents: dict[str, set[str]] = {key: set() for key in made.nodes("school").index}
    for _, row in made.relation("affiliated_to").iterrows():
        parents[row["source"]].add(row["target"])

    def above(key: str) -> set[str]:
        return set().union(*({p} | above(p) for p in parents[key]))

    return {key: above(key) for key in parents}


def worths(made: Network, weight: str) -> dict[str, int]:
    """Return what each school counts for that needs help."""
    frame = made.nodes("school")
    rural = [k for k in frame.index if k[0] != "A" and frame.loc[k, "urban_rural"] == "220"]
    return {k: 1 if weight == "schools" else int(frame["pupils"].fillna(0)[k]) for k in rural}


def twin(
    made: Network, budget: int, capacity: int | dict[str, int], weight: str
) -> tuple[int, int, int]:
    """Return the most that pairs can cover, by trying all of them; the fewest; their least cost."""
    frame = made.nodes("school")
    grades = {"primary": {1}, "junior": {2}, "nine_year": {1, 2}}
    cores = [key for key in frame.index if key.startswith("A")]

    def cost(core: str, school: str) -> int | None:
        a, b = frame.loc[core], frame.loc[school]
        if not grades[b["stage"]] <= grades[a["stage"]]:
            return None
        if a[["lon", "lat"]].isna().any() or b[["lon", "lat"]].isna().any():
            return 400 if a["region"] == b["region"] else None
        one, other = np.radians([a["lon"], b["lon"]])
        cosine = np.sin(np.pi / 6) ** 2 + np.cos(np.pi / 6) ** 2 * np.cos(one - other)
        km = 6371.0088 * np.arccos(min(cosine, 1)) * DETOUR
        if a["region"] != b["region"] and km > 40:
            return None
        return max(round(km * 10), 1)

    worth = worths(made, weight)
    kin = kin_of(made)
    lines = {k: kin[k] | {k} for k in worth}
    places = capacity if isinstance(capacity, dict) else dict.fromkeys(cores, capacity)
    takers = [k for k in frame.index if k.startswith("x")]
    choices = [[None, *((c, q) for c in cores if (q := cost(c, k)) is not None)] for k in takers]
    best = (0, 0, 0)
    for picked in itertools.product(*choices):
        chosen = {k: pick for k, pick in zip(takers, picked, strict=True) if pick}
        used = [pick[0] for pick in chosen.values()]
        if len(chosen) > budget or any(used.count(c) > places[c] for c in cores):
            continue
        gain = sum(worth[k] for k in worth if lines[k] & set(chosen))
        best = max(best, (gain, -len(chosen), -sum(q for _, q in chosen.values())))
    return best[0], -best[1], -best[2]


@pytest.mark.parametrize("seed", range(examples(6, 16)))
def test_no_choice_of_pairs_is_better(seed):
    rng = np.random.default_rng(seed)
    made, budget, capacity = drawn(rng), int(rng.integers(0, 5)), int(rng.integers(1, 3))
    weight = ("pupils", "schools")[seed % 2]
    options = {"budget": budget, "capacity": capacity, "weight": weight}
    result = liantu.pairing(made, **options)
    gain, number, cost = twin(made, budget, capacity, weight)
    summary, found, kin = result.summary, result.table, kin_of(made)
    worth = worths(made, weight)
    assert (summary[f"{weight}_gained"] or 0, len(found)) == (gain, number)
    costs = (found["km"].fillna(40) * 10).round().clip(lower=1)
    assert costs.sum() == pytest.approx(cost, abs=len(found))
    curve = result.tables["curve"].set_index("new_pairs")[f"{weight}_gained"]
    assert curve[min(budget, curve.index.max())] == gain
    for budget in curve.index[:3]:
        assert twin(made, budget, capacity, weight)[0] == curve[budget]
    region, ties = made.nodes("school")["region"], made.relation("affiliated_to")
    tree = ties["source"].is_unique and all(
        region[k] == region[p] for k, above in kin.items() for p in above
    )
    gains = {k: sum(worth[v] for v in worth if k in kin[v] | {v}) for k in kin}
    for school, row in found.iterrows() if tree else ():
        same = [k for k in kin[school] if gains[k] == gains[school]]  # cover the same
        line = [school, *(k for k, above in kin.items() if school in above), *same]
        without = only(*(f"{row['supporter']}>{k}" for k in line))
        left = liantu.pairing(made, **options, forbidden=without).summary[f"{weight}_gained"] or 0
        assert pd.isna(row["loss"]) or row["loss"] == gain - left
    for _, row in result.tables["core_places"].iterrows():
        if not pd.isna(row["place_value"]):
            places = {c: capacity + (c == row["school"]) for c in made.nodes("school").index}
            assert twin(made, options["budget"], places, weight)[0] - gain == row["place_value"]
    after = made.with_edges(
        "assists",
        found.reset_index()[["supporter", "school"]].set_axis(["source", "target"], axis=1),
    )
    uncovered = liantu.coverage(after).summary["uncovered"]
    assert uncovered == summary["uncovered_after"]
    assert uncovered == len(result.tables["unpaired"])


# -- the list goes back in --------------------------------------------------------------------


@pytest.mark.parametrize("lang", some(["zh", "en"], 1))
def test_the_workbook_is_a_list_to_read_back(tmp_path, capsys, lang):
    out = tmp_path / "新结对.xlsx"
    assert main(["pairing", "case:demo", "--budget", "3", "--lang", lang, "-o", str(out)]) == 0
    assert main(["check", str(out)]) == 0
    assert "0 errors, 0 warnings" in capsys.readouterr().out
    demo, back = liantu.read("case:demo"), liantu.read(out)
    result = liantu.pairing(demo, budget=3)
    assert back.size("assists") == len(result.table) == 3
    assert sum(back.size(name) for name in ("member_of", "posted_to", "delivers")) == 0
    found = read_pairs(out, demo)
    again = demo.with_edges("assists", found.assign(form="paired", start="2026-09-01"))
    after = liantu.coverage(again).summary
    assert after["uncovered"] == result.summary["uncovered_after"]
    assert after["pupils_uncovered"] == result.summary["pupils_uncovered_after"]


def test_schools_of_one_name_stand_by_their_id():
    schools = {
        "A": CORE | {"name": "城关小学"}, "1": {"name": "中心小学", "pupils": 5},
        "2": {"name": "（中心小学）", "aliases": "中心小学、东校", "pupils": 4}, "3": {"pupils": 3},
    }  # fmt: skip
    rows = liantu.pairing(network(schools)).lists["assists"]
    assert rows["supporting_school"].tolist() == ["城关小学"] * 3
    assert rows["supported_school"].tolist() == ["1", "（中心小学）", "3"]


def test_files_of_wishes_on_the_command_line(tmp_path, capsys):
    path = tmp_path / "forbidden.csv"
    path.write_text("source,target\n2199000003,2199000026\n", encoding="utf-8")
    words = ["pairing", "case:demo", "--budget", "1", "--forbidden", str(path), "--format", "csv"]
    assert main(words) == 0
    out = capsys.readouterr()
    assert out.out.splitlines()[1].startswith("2199000030,")
    assert "--forbidden forbidden.csv" in out.err
    assert main([*words[:-3], str(tmp_path / "none.csv")]) == 1
    assert "none.csv" in capsys.readouterr().err

"""What a plan does: known answers, each edit, order, and increments beside full recomputation."""

from __future__ import annotations

from datetime import date
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from long import examples
from random_network import AS_OF, random_network

import liantu
from liantu.errors import DataError, RequestError
from liantu.graph.cover import cover
from liantu.graph.edits import Edit, edited
from liantu.graph.kernels import pick
from liantu.graph.network import Network
from liantu.graph.study import study
from liantu.loaders.edits import edits_of
from liantu.loaders.scenarios import read_scenario
from liantu.plans.whatif import Counting

DAY = "2026-09-01"


def county(**tables: dict) -> Network:
    """Return schools c, d, a, b, e; c helps a and b, d helps b, unless told otherwise."""
    names = {"c": "中心小学", "d": "东城小学", "a": "甲村小学", "b": "乙村小学", "e": "丙村小学"}
    frames = {
        "school": {
            "id": list(names),
            "name": list(names.values()),
            "pupils": [900, 800, 30, 20, 10],
        },
        "assists": {
            "source": ["c", "c", "d"],
            "target": ["a", "b", "b"],
            "form": "paired",
            "start": "2023-09-01",
            "end": ["2026-08-31", "2027-08-31", None],
        },
        **tables,
    }
    return Network.from_frames({k: pd.DataFrame(v) for k, v in frames.items()}, as_of="2026-06-30", title="县")  # fmt: skip


def ask(network: Network, *edits: dict, **options) -> liantu.results.Result:
    options = {"scope": "all", "as_of": "2026-06-30", **options}
    return liantu.whatif(network, {"edit": list(edits)}, **options)


LEAVE = {"do": "leave", "school": "c"}
PAIR = {"do": "pair", "source": "d", "target": "a"}


def test_effects_do_not_add_up():
    """Base c→a,b and d→b: leave −1, pair 0, both 0."""
    network = county()
    assert ask(network, LEAVE).summary["covered_change"] == -1
    assert ask(network, PAIR).summary["covered_change"] == 0
    both = ask(network, LEAVE, PAIR)
    assert both.summary["covered_change"] == 0
    edits = both.tables["by_edit"]
    assert edits["alone"].tolist() == [-1, 0]
    assert edits["left_out"].tolist() == [0, 1]
    assert edits["shapley"].tolist() == [-0.5, 0.5]
    assert edits["pupils_alone"].tolist() == [30 - 900, 0]  # c itself was uncovered, too
    assert edits["touched"].tolist() == [3, 1]
    assert edits["what"].tolist() == ["中心小学", "东城小学 → 甲村小学"]


def test_the_chart_has_the_effect_of_each_edit():
    found = ask(county(), LEAVE, PAIR)
    ladders, edits = found.plot("zh").axes
    assert [text.get_text() for text in ladders.get_yticklabels()] == ["基准", "变化后"]
    assert [text.get_text() for text in edits.get_yticklabels()] == [
        "1 退出 中心小学", "2 新结对 东城小学 → 甲村小学",
    ]  # fmt: skip
    assert [text.get_text().strip() for text in edits.texts] == ["-1", "0", "0", "+1"]


def test_shares_are_exact_and_add_up():
    """Three edits that do the same: a third each, whose sum is what all do."""
    pairs = [{"do": "pair", "source": by, "target": "e"} for by in "cda"]
    edits = ask(county(), *pairs).tables["by_edit"]
    assert edits["shapley"].tolist() == [1 / 3] * 3
    assert edits["alone"].tolist() == [1] * 3 and edits["left_out"].tolist() == [0] * 3


def test_rows_of_people_whose_school_leaves_are_noted():
    """c leaves: a posting from it, mentoring at it and of its teacher stay, without it."""
    tables = {
        "teacher": {"id": ["t", "u", "v"]},
        "works_at": {"source": ["t", "u"], "target": ["c", "d"]},
        "posted_to": {
            "source": ["v", "v", "d"], "source_kind": ["teacher", "teacher", "school"],
            "target": ["a", "c", "b"], "home": ["c", "d", None],
        },
        "mentors": {
            "source": ["t", "u", "v"], "source_kind": "teacher", "target": ["u", "v", "u"],
            "target_kind": "teacher", "mentor_school": [None, "c", "d"],
        },
    }  # fmt: skip
    network = county(**tables)
    (note,) = (note for note in ask(network, LEAVE).notes if note.code == "edits_leave_rows")
    assert note.params == {"count": 3}  # v to a; t with u; u with v
    assert not any(n.code == "edits_leave_rows" for n in ask(network, PAIR).notes)


def test_a_renewal_without_ends_is_told_by_its_days():
    renew = {"do": "renew", "relation": "assists", "until": "2029-12-31", "years": 3}
    found = ask(county(), {**renew, "from": "2026-08-01", "until": "2026-12-31"}, {**renew, "source": "c"})  # fmt: skip
    assert found.tables["by_edit"]["what"].tolist() == ["2026-08-01 – 2026-12-31", "中心小学 → …"]


def test_who_leaves_helps_nobody_any_more():
    with pytest.raises(RequestError) as error:
        ask(county(), LEAVE, {"do": "pair", "source": "c", "target": "e"})
    (problem,) = error.value.problems
    assert (problem.code, problem.value, problem.column) == ("edit_gone", "c", "edit 2")
    assert ask(county(), {"do": "pair", "source": "c", "target": "e"}, LEAVE).summary["edits"] == 2


def test_names_will_do_and_a_list_is_one_edit():
    pair = {"do": "pair", "source": "东城小学", "target": ["甲村小学", "丙村小学"]}
    found = ask(county(), pair)
    assert found.tables["by_edit"]["what"].tolist() == ["东城小学 → 甲村小学 (+1)"]
    assert found.tables["by_edit"]["touched"].tolist() == [2]
    assert found.table["outcome"].to_dict() == {"e": "covered"}


def test_the_network_after_a_plan():
    network = county()
    plan = {"scenario": {"name": "甲案", "as_of": DAY}, "edit": [PAIR]}
    after = network.scenario(plan)
    assert (after.title, after.as_of) == ("县 · 甲案", date(2026, 9, 1))
    assert after.fingerprint != network.fingerprint
    rows = after.relation("assists")
    new = rows[(rows["source"] == "d") & (rows["target"] == "a")]
    assert new["start"].dt.date.tolist() == [date(2026, 9, 1)]
    assert len(network.relation("assists")) == 3


def rows_after(*edits: dict, **tables: dict) -> list[tuple]:
    frame = county(**tables).scenario({"edit": list(edits)}).relation("assists")
    ends = frame["end"].dt.date.astype(object).where(frame["end"].notna(), None)
    return list(zip(frame["source"], frame["target"], ends, strict=True))


def test_end_renew_and_set():
    end = {"do": "end", "relation": "assists", "source": "c", "target": "b"}
    assert rows_after(end)[1] == ("c", "b", date(2026, 6, 29))
    assert rows_after({**end, "end": "2026-07-31"})[1] == ("c", "b", date(2026, 7, 31))
    renew = {"do": "renew", "from": "2026-08-01", "until": "2026-12-31", "years": 3}
    assert rows_after(renew)[:2] == [("c", "a", date(2029, 8, 31)), ("c", "b", date(2027, 8, 31))]
    until = {
        "do": "renew",
        "relation": "assists",
        "source": "c",
        "target": "a",
        "end": "2030-08-31",
    }
    assert rows_after(until)[0] == ("c", "a", date(2030, 8, 31))
    to = {"do": "set", "relation": "assists", "source": "d", "to": {"end": "2026-07-31"}}
    assert rows_after(to)[2] == ("d", "b", date(2026, 7, 31))


def test_close_and_set_a_school():
    network = county()
    closed = network.scenario({"edit": [{"do": "close", "school": ["c", "d"]}]})
    assert liantu.coverage(closed, scope="all").summary["schools"] == 3
    named = network.scenario({"edit": [{"do": "set", "kind": "school", "id": "甲村小学", "to": {"pupils": 7}}]})  # fmt: skip
    assert named.nodes("school")["pupils"].to_dict()["a"] == 7


def test_join_and_rotate():
    tables = {
        "alliance": {"id": ["g"], "name": ["一集团"]},
        "member_of": {"source": ["c", "b"], "target": "g", "role": ["core", "member"]},
    }
    network = county(**tables)
    join = {"do": "join", "source": "丙村小学", "target": "一集团"}
    found = ask(network, join)
    assert found.table["outcome"].to_dict() == {"e": "covered"}
    assert found.tables["joined"]["groups_after"].tolist() == ["一集团"]
    rotate = {"do": "rotate", "source": "c", "source_kind": "school", "target": "e", "count": 2}
    posted = network.scenario({"edit": [rotate]}).relation("posted_to")
    assert posted[["source", "target", "count"]].values.tolist() == [["c", "e", 2]]


@pytest.mark.parametrize(
    ("edit", "code", "value", "near"),
    [
        ({"do": "leave", "school": "中心小雪"}, "unknown_end", "中心小雪", "中心小学"),
        ({"do": "pair", "source": "d", "target": "zz"}, "unknown_end", "zz", ""),
        ({"do": "pair", "source": "c", "target": "b"}, "edit_there", "c → b start=2026-06-30", ""),
        ({"do": "end", "relation": "assists", "source": "a", "target": "b"}, "edit_no_row", "a → b", "b"),
        ({"do": "renew", "relation": "assists", "source": "d", "years": 2}, "edit_no_change", "", ""),
        ({"do": "close", "school": "c", "closed": "2026-13-01"}, "bad_date", "2026-13-01", ""),
        ({"do": "peir", "source": "c", "target": "e"}, "edit_do", "peir", "pair"),
        ({"do": "pair", "source": "c", "taget": "e"}, "edit_key", "taget", "target"),
        ({"do": "pair", "source": "c"}, "edit_lacks", "target", ""),
        ({"do": "end", "relation": "asists", "source": "c"}, "edit_relation", "asists", "assists"),
        ({"do": "renew", "years": "viel"}, "bad_years", "viel", ""),
        ({"do": "set", "kind": "school", "id": "a"}, "edit_lacks", "to", ""),
    ],
)  # fmt: skip
def test_what_cannot_be_done_says_what_and_where(edit, code, value, near):
    plan = {"edit": [{"do": "pair", "source": "d", "target": "e"}, edit]}
    with pytest.raises((DataError, RequestError)) as error:
        county().scenario(plan)
    problem = error.value.problems[0]
    assert (problem.code, problem.value) == (code, value)
    assert problem.file == "scenario.toml" and problem.column.startswith("edit 2")
    assert near in str(problem.params.get("nearest", ""))
    for lang in ("en", "zh"):
        assert problem.line(lang)


def test_an_invalid_whole_names_the_edit():
    to = {"do": "set", "relation": "assists", "source": "c", "target": "a", "to": {"start": DAY}}
    with pytest.raises(DataError) as error:
        county().scenario({"edit": [to]})
    (problem,) = error.value.problems
    assert (problem.code, problem.file, problem.column[:6]) == ("reversed_dates", "scenario.toml", "edit 1")  # fmt: skip


def test_an_edit_that_stands_on_another_has_no_effect_alone():
    end = {"do": "end", "relation": "assists", "source": "c", "target": "b", "end": "2026-07-31"}
    again = {"do": "renew", "relation": "assists", "source": "c", "target": "b", "until": "2026-12-31", "years": 1}  # fmt: skip
    found = ask(county(), end, again)
    assert found.tables["by_edit"]["alone"].isna().tolist() == [False, True]
    assert [note.params["edits"] for note in found.notes if note.code == "edits_hang"] == ["1, 2"]


def test_a_teacher_is_never_named():
    tables = {
        "teacher": {"id": ["王芳"], "name": ["王芳"]},
        "works_at": {"source": ["王芳"], "target": ["c"]},
    }
    rotate = {"do": "rotate", "source": "王芳", "source_kind": "teacher", "target": "e"}
    network = county(**tables)
    found = ask(network, rotate, show_teachers=False)
    assert found.tables["by_edit"]["what"].tolist() == ["‹…› → 丙村小学"]
    assert found.fingerprint == network.without_teacher_names().fingerprint
    assert network.fingerprint not in found.tables["sides"]["fingerprint"].tolist()
    with pytest.raises(RequestError) as error:
        ask(network, rotate, {**rotate})
    assert "王芳" not in error.value.problems[0].hidden().line("zh")


# -- increments ------------------------------------------------------------------------------


def random_edits(network: Network, rng: np.random.Generator) -> list[Edit]:
    """Return schools that leave and pairs that begin, in random order."""
    edits, here = [], list(network.ids("school"))
    pairs = network.relation("assists")
    known = set(zip(pairs["source"], pairs["target"], strict=True))
    for number in range(1, 13):
        if rng.random() < 0.5:
            row, do, table = {"id": here.pop(int(rng.integers(len(here))))}, "leave", "school"
        else:
            one, two = (here[n] for n in rng.choice(len(here), 2, replace=False))
            if (one, two) in known:
                continue
            known.add((one, two))
            row = {"source": one, "target": two, "form": str(rng.choice(["paired", "counterpart"]))}
            row |= {"start": pd.Timestamp(AS_OF), "certainty": "stated"}
            do, table = "pair", "assists"
        edits.append(Edit(number, do, (table,), pd.DataFrame([row]), day=AS_OF))
    return edits


def test_increments_are_a_full_recomputation():
    """Rungs, cover and counts are those of a new network."""
    network = random_network(range(12))
    ids, kernels, rng = network.ids("school"), pick("fast"), np.random.default_rng(3)
    counting = Counting(network, AS_OF, kernels, "all", "strict", "12m")
    for _ in range(4):
        edits = random_edits(network, rng)
        assert all(map(counting.exact, edits)) and len(edits) > 6
        after = edited(network, edits)[0]
        assert counting.after(edits) == counting.of(after)
        mine = cover(study(network), counting.changed(network, edits), kernels, distances=False)
        full = cover(study(after), study(after).tie_set(AS_OF), kernels, distances=False)
        left = ids.isin(after.ids("school"))
        assert mine.rung[left].tolist() == full.rung.tolist()
        assert mine.covered[left].tolist() == full.covered.tolist()


def drawn_edit(network: Network, rng: np.random.Generator) -> dict:
    """Return an edit of any sort; it need not be one that can be done."""

    def one(values) -> str:
        return str(values[int(rng.integers(len(values)))])

    def row(name: str) -> dict:
        frame = network.relation(name).dropna(subset=["source", "target"])
        found = frame.iloc[int(rng.integers(len(frame)))]
        kinds = [f"{end}_kind" for end in ("source", "target") if f"{end}_kind" in frame]
        return {"relation": name, **found[["source", "target", *kinds]].to_dict()}

    schools, days = network.ids("school"), ("2022-05-01", "2022-05-11", "2022-06-30")
    states = ("assists", "member_of", "joins", "posted_to", "affiliated_to")
    do = one(["leave", "close", "pair", "join", "rotate", "add", "end", "renew", "set"])
    two = {"source": one(schools), "target": one(schools)}
    return {"do": do} | {
        "leave": {"school": one(schools)},
        "close": {"school": one(schools), "closed": one(days)},
        "pair": {**two, "form": one(["paired", "partnership", "counterpart"]), "start": one(days)},
        "join": {
            "source": one(schools), "target": one(network.ids("alliance")),
            "role": one(["core", "member"]),
        },
        "rotate": {**two, "source_kind": "school", "count": 1},
        "add": {"relation": "affiliated_to", **two, "form": "village_school"},
        "end": {**row(one(states)), "end": one(days)},
        "renew": {**row(one(states[:4])), "years": 2},
        "set": {**row("assists"), "to": {"form": one(["paired", "funding", "partnership"])}},
    }[do]  # fmt: skip


@pytest.mark.parametrize("seed", range(examples(1, 6)))
def test_edits_of_all_sorts_are_a_full_recomputation(seed):
    """Drawn plans, whole and in drawn parts: the counts and the cover are those of a new network."""
    network, rng = random_network([seed]), np.random.default_rng(seed)
    kernels, plan, now = pick("fast"), [], network
    while len(plan) < 8:
        given = drawn_edit(now, rng)
        again = given["do"] in {edit["do"] for edit in plan}
        if again and rng.random() < 0.9:
            continue  # each sort, some of them again
        try:
            now = now.scenario({"scenario": {"as_of": str(AS_OF)}, "edit": [given]})
        except (DataError, RequestError):
            continue
        plan.append(given)
    sorts = {edit["do"] for edit in plan}
    gone = {key for edit in plan for key in (edit.get("school"), edit.get("source"))}
    here = [key for key in now.ids("school") if key not in gone]
    plan.append({"do": "leave", "school": here[0]})  # what may well be counted last
    edits = edits_of(network, read_scenario({"edit": plan}).steps, AS_OF)[0]
    counting = Counting(network, AS_OF, kernels, "all", "strict", "12m")
    quick = 0
    for part in [edits, *([e for e in edits if rng.random() < 0.6] for _ in range(2))]:
        try:
            after = edited(network, part)[0]
        except (DataError, RequestError):
            continue  # it stands only after one that is left out
        assert counting.after(part) == counting.of(after), [edit.do for edit in part]
        head, tail = counting.apart(part)
        quick += len(tail)
        mine = cover(
            study(counting.anew(head)), counting.changed(counting.anew(head), tail), kernels,
            distances=False,
        )  # fmt: skip
        full = cover(study(after), study(after).tie_set(AS_OF), kernels, distances=False)
        left = counting.anew(head).ids("school").isin(after.ids("school"))
        assert mine.covered[left].tolist() == full.covered.tolist()
    assert quick > 0
    assert len(sorts) >= 6


def test_what_may_wait_is_counted_last():
    """Edits of all sorts in every order that can be done: as if done one after the other."""
    tables = {
        "alliance": {"id": ["g"], "name": ["一集团"]},
        "member_of": {"source": ["c", "b"], "target": "g", "role": ["core", "member"]},
    }
    network, day = county(**tables), date(2026, 6, 30)
    plan = read_scenario(
        {
            "edit": [
                PAIR,
                {"do": "join", "source": "e", "target": "g"},
                {"do": "leave", "school": "b"},
                {"do": "end", "relation": "assists", "source": "c"},
                {"do": "close", "school": "d"},
            ]
        }
    )
    edits = edits_of(network, plan.steps, day)[0]
    counting = Counting(network, day, pick("fast"), "all", "strict", "12m")
    tails = 0
    for order in list(permutations(edits))[::17]:
        try:
            full = counting.of(edited(network, order)[0])
        except RequestError:
            continue
        counting.made.clear()
        assert counting.after(order) == full, [edit.do for edit in order]
        tails += len(counting.apart(order)[1])
    assert tails


def test_what_means_something_else_is_counted_anew():
    counting = Counting(county(), date(2026, 6, 30), pick("fast"), "all", "strict", "12m")

    def pair(**cells) -> Edit:
        return Edit(
            1, "pair", ("assists",), pd.DataFrame([{"source": "d", "target": "e", **cells}])
        )

    assert counting.exact(pair(start=pd.Timestamp("2026-06-30"), form="paired"))
    assert not counting.exact(pair(start=pd.Timestamp("2026-07-01")))
    assert not counting.exact(pair(end=pd.Timestamp("2026-06-29")))
    assert not counting.exact(pair(form="partnership"))
    assert not counting.exact(pair(certainty="ambiguous"))


def test_all_agreements_are_renewed_groups_too():
    network = Network.from_frames(
        {
            "alliance": pd.DataFrame({"id": ["g"], "end": ["2026-12-31"]}),
            "assists": pd.DataFrame(
                {
                    "source": ["a", "a", "a"],
                    "target": ["b", "c", "d"],
                    "end": ["2026-08-31", "2027-08-31", None],
                }
            ),
        },
        as_of="2026-09-01",
    )
    later = network.scenario({"edit": [{"do": "renew", "years": 1}]})
    assert later.relation("assists")["end"].astype("str").tolist()[:2] == [
        "2027-08-31",
        "2028-08-31",
    ]
    assert str(later.nodes("alliance")["end"].iloc[0].date()) == "2027-12-31"

"""Parts of a network, with answers worked out by hand."""

from __future__ import annotations

import pandas as pd
import pytest

import liantu
from liantu.errors import RequestError
from liantu.graph import schema
from liantu.graph.network import Network
from liantu.graph.select import columns_of, select
from liantu.loaders.generate import AS_OF, region


def rows(**columns: object) -> pd.DataFrame:
    return pd.DataFrame(columns)


@pytest.fixture(scope="module")
def county() -> Network:
    """Return two counties, n and s, of a city p; what ties them and what does not.

    In n: school a; its parent b and grandparent c are in s. d helps a; e helps d, two steps away.
    The alliance x has a and f as members, y only f and g. Teacher t works at a and worked at g;
    u works at g and mentors t; v works at h alone and is posted to a; w has nothing to do with n.
    """
    return Network.from_frames(
        {
            "region": rows(id=["p", "n", "s"], parent=[None, "p", "p"]),
            "school": rows(id=list("abcdefgh"), region=["n", *"sssssss"], pupils=range(8)),
            "teacher": rows(id=list("tuvw")),
            "center": rows(id=["k", "l"], region=["s", "n"]),
            "partner": rows(id=["q", "r"]),
            "alliance": rows(id=["x", "y"]),
            "affiliated_to": rows(source=["a", "b", "h"], target=["b", "c", "g"]),
            "assists": rows(
                source=["d", "e", "f"], target=["a", "d", "c"], start=["2020-01-01", None, None]
            ),
            "member_of": rows(source=["a", "f", "f", "g"], target=["x", "x", "y", "y"]),
            "works_at": rows(source=["t", "t", "u", "v", "w"], target=["a", "g", "g", "h", "g"]),
            "mentors": rows(
                source=["u", "w"], source_kind="teacher", target=["t", "u"], target_kind="teacher"
            ),
            "posted_to": rows(source=["v"], source_kind="teacher", target=["a"]),
            "joins": rows(source=["t", "w"], source_kind="teacher", target=["k", "k"]),
            "supports": rows(
                source=["q", "r"], target=["x", "g"], target_kind=["alliance", "school"]
            ),
            "pact": rows(source=["n", "p"], target=["s", "s"], alliance=["y", None]),
            "observations": rows(
                kind=["school", "school", "teacher"], id=["a", "e", "w"], measure="m", value=1.0
            ),
        },
        as_of="2024-06-30",
        title="两县",
    )


def pairs(network: Network, relation: str) -> list[str]:
    frame = network.relation(relation)
    return (frame["source"].astype("str") + frame["target"].astype("str")).tolist()


def test_a_region_with_what_it_needs(county):
    part = select(county, region="n")
    # a, its parents b and c; d, f by helping them; f by the alliance; g, h by the teachers
    assert list(part.nodes("school").index) == list("abcdfgh")
    assert pairs(part, "affiliated_to") == ["ab", "bc"]  # neither h nor g is in n or above it
    assert pairs(part, "assists") == ["da", "fc"]  # e is two steps away
    assert pairs(part, "member_of") == ["ax", "fx"]  # y touches nothing of n but by a pact
    # w is in the centre that t is in, u mentors t: all their employments come along
    assert pairs(part, "works_at") == ["ta", "tg", "ug", "vh", "wg"]
    assert pairs(part, "mentors") == ["ut"]
    assert pairs(part, "posted_to") == ["va"]
    assert pairs(part, "joins") == ["tk", "wk"]
    assert list(part.nodes("center").index) == ["k", "l"]  # l lies in n
    assert pairs(part, "supports") == ["qx"]
    assert pairs(part, "pact") == ["ns"]
    assert list(part.nodes("alliance").index) == ["x", "y"]  # y stands in the pact
    assert list(part.nodes("region").index) == ["n", "p", "s"]
    assert part.observations["id"].tolist() == ["a", "w"]
    assert (part.title, part.as_of, part.focus_region) == (county.title, county.as_of, None)


def test_the_whole_region_is_the_whole(county):
    part = select(county, region="p")
    assert part.fingerprint == county.fingerprint
    assert part.relation("joins").equals(county.relation("joins"))


def test_a_region_comes_before_the_dates(county):
    """What a region needs hangs on all rows, so that every date finds the same nodes."""
    part = select(county, region="n", at="2019-01-01")
    assert pairs(part, "assists") == ["fc"]
    assert "d" in part.nodes("school").index
    assert str(part.as_of) == "2019-01-01"


def test_kinds(county):
    part = select(county, kinds=["school", "teacher"])
    assert [kind for kind in schema.kinds() if len(part.nodes(kind))] == ["school", "teacher"]
    assert part.nodes("school")["region"].isna().all()
    assert part.nodes("school")["pupils"].tolist() == list(range(8))
    assert not len(part.relation("member_of"))
    assert not len(part.relation("supports"))  # r helps g, but partners are not read
    assert pairs(part, "joins") == []
    assert pairs(part, "mentors") == ["ut", "wu"]
    assert part.observations["id"].tolist() == ["a", "e", "w"]
    assert select(county, kinds="center").observations.empty
    assert (
        select(county, kinds=["region", "alliance"]).relation("pact")["alliance"].tolist()[0] == "y"
    )
    assert select(county, kinds=["region"]).relation("pact")["alliance"].isna().all()


def test_relations(county):
    part = select(county, relations=["pact", "observations"])
    assert len(part) == len(county)
    assert [name for name in schema.relations() if len(part.relation(name))] == ["pact"]
    assert len(part.observations) == 3
    assert select(county, relations=["pact"]).observations.empty


def test_columns(county):
    part = select(county, columns={"school": ["pupils"], "assists": [], "observations": []})
    assert part.nodes("school")["pupils"].notna().all()
    assert part.nodes("school")["region"].isna().all()
    assert part.relation("assists")["start"].isna().all()
    assert part.observations[["kind", "id", "measure"]].notna().all(axis=None)
    assert part.observations["value"].isna().all()
    assert part.relation("member_of").equals(county.relation("member_of"))  # not named: whole
    assert columns_of(["school"], [], {"school": []}) == {"school": ("id",)}


def test_rows_stand_in_order_without_the_columns_that_ordered_them():
    frame = rows(source="a", target="b", agreement=["2", "1"], form=["p", "q"])
    network = Network.from_frames({"assists": frame})
    assert network.relation("assists")["form"].tolist() == ["p", "q"]
    part = select(network, columns={"assists": ["agreement"]})
    assert part.relation("assists")["agreement"].tolist() == ["1", "2"]


def test_an_id_of_two_kinds_moves_when_one_of_them_goes():
    """School 9 stands where teacher 9 does; without teachers it stands among the schools."""
    kinds = ["school", "school", "teacher"]
    network = Network.from_frames(
        {
            "posted_to": rows(source=["1", "9", "9"], source_kind=kinds, target="t"),
            "school": rows(id=["1", "9", "t"]),
            "teacher": rows(id=["9"]),
        }
    )
    assert network.relation("posted_to")["source"].tolist() == ["9", "9", "1"]
    part = select(network, kinds=["school"])
    assert part.relation("posted_to")["source"].tolist() == ["1", "9"]
    again = Network.from_frames(
        {"school": part.nodes("school"), "posted_to": part.relation("posted_to")}
    )
    assert part.relation("posted_to").equals(again.relation("posted_to"))
    assert part.edges("posted_to").source.tolist() == [0, 1]


def test_nothing_asked_is_the_same_network(county):
    assert select(county) is county
    with pytest.raises(RequestError, match="no column “nam”"):
        select(county, columns={"school": ["nam"]})


# What several steps away or the list of all subjects decides is not in a part.
BEYOND = {"coverage": ["nearest_core", "hops", "nearest_core_km"]}


def generated() -> Network:
    return Network.from_frames(region(160, seed=3), as_of=AS_OF)


@pytest.mark.parametrize(
    ("make", "places"),
    [
        (lambda: liantu.read("case:wenshan"), ["bozhu"]),
        (lambda: liantu.read("case:xiajin"), ["xj-township-03"]),
        (generated, ["990101004203"]),
    ],
    ids=["wenshan", "xiajin", "generated"],
)
def test_results_limited_to_a_region_rest_on_its_part(make, places):
    network = make()
    for place in places:
        part, focused = select(network, region=place).focus(place), network.focus(place)
        for name in ("coverage", "ties", "timeline", "expiry", "flows", "forms"):
            function = getattr(liantu, name)
            options = {"scope": "all"} if name == "coverage" else {}
            whole, found = function(focused, **options), function(part, **options)
            kept = [key for key in whole.table if key not in BEYOND.get(name, [])]
            pd.testing.assert_frame_equal(found.table[kept], whole.table[kept], obj=name)
            assert found.summary == whole.summary, name
        pd.testing.assert_frame_equal(
            liantu.reach(part, hops=1).table, liantu.reach(focused, hops=1).table
        )

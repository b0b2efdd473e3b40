"""Editing one row of a bundled case turns the claims about it and no other."""

from __future__ import annotations

import pandas as pd
import pytest

import liantu
from liantu.audit import audit, read_claims
from liantu.graph.network import Network


def turned(case: str, after: Network) -> dict[str, tuple[str, str]]:
    """Return the claims of a case whose verdict changes, with the old and the new one."""
    before = liantu.read(f"case:{case}")
    claims = read_claims(f"case:{case}", before)
    old, new = (audit(network, claims).table["verdict"] for network in (before, after))
    return {name: (old[name], new[name]) for name in old.index[old != new]}


def test_a_school_outside_every_community_removed():
    laizhou = liantu.read("case:laizhou")
    members = laizhou.relation("member_of")["source"].astype("str")
    alone = sorted(set(laizhou.nodes("school").index) - set(members))
    assert len(alone) == 8  # 78 schools of all kinds, 70 of them members
    # 77 schools, fewer pupils, 70 / 77; the 70 / 70 of the compulsory stage stays
    expected = ("lz-schools", "lz-pupils", "lz-coverage-all")
    after = laizhou.without("school", alone[:1])
    assert turned("laizhou", after) == dict.fromkeys(expected, ("holds", "fails"))


def test_a_session_added():
    xiajin = liantu.read("case:xiajin")
    sessions = xiajin.relation("delivers").query("form == 'joint_research'")
    least = sessions.loc[[sessions["count"].idxmin()]]
    ends = ["source", "source_kind", "target", "target_kind", "form"]
    more = pd.DataFrame(least[ends].astype("str")).assign(count=1)
    # 479 sessions: the total no longer holds, so that nothing fixes the average any more
    assert turned("xiajin", xiajin.with_edges("delivers", more)) == {
        "xj-sessions": ("holds", "fails"),
        "xj-sessions-average": ("contradicted", "fails"),
    }


@pytest.mark.parametrize(
    ("case", "claim", "others"),
    [
        ("xiajin", "xj-sessions-average", ["xj-sessions", "xj-centers"]),
        ("duodao", "dd-funds-together", ["dd-funds-unchanged"]),
        ("duodao", "dd-funds-unchanged", ["dd-funds-together"]),
    ],
)
def test_contradictions_name_the_other_claims(case, claim, others):
    network = liantu.read(f"case:{case}")
    table = audit(network, read_claims(f"case:{case}", network)).table
    assert table["verdict"][claim] == "contradicted"
    assert all(other in table["evidence"][claim] for other in others)

"""School × subject worked out by hand: memberships, deliveries, postings, parents, one centre."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from liantu.analyses.subjects import STAGES, subjects
from liantu.errors import RequestError
from liantu.graph.network import Network
from liantu.vocabulary import subject_stages

DAY = "2022-05-11"
ENGINES = pytest.mark.parametrize("engine", ["fast", "reference"])


def made(**changed: Any) -> Network:
    """Centres c (语文, host a), d (数学) and e (without a subject); village school v below b."""
    frames: dict[str, dict[str, Any]] = {
        "school": {
            "id": list("abvwz"),
            "urban_rural": ["111", "210", "220", "220", "220"],
            "pupils": [900, 300, 20, 40, 10],
            "region": list("nnssn"),
            "closed": [None] * 4 + ["2020-01-01"],
        },
        "region": {"id": ["n", "s"]},
        "center": {"id": ["c", "d", "e"], "subject": ["语文", "数学", None]},
        "teacher": {"id": ["t", "u"], "subject": ["英语", "美术"]},
        "works_at": {"source": ["t", "u"], "target": ["a", "b"]},
        "affiliated_to": {"source": ["v"], "target": ["b"]},
        "joins": {
            "source": ["a", "b", "u", "w", "b", "z", "w"],
            "source_kind": ["school", "school", "teacher", "school", "school", "school", "school"],
            "target": ["c", "c", "d", "e", "d", "c", "d"],
            "role": ["host", "member", "member", "member", "member", "member", "member"],
            "subject": [None, None, None, None, "科学", None, None],
            "end": [None, None, None, None, None, None, "2022-05-10"],
        },
        "delivers": {
            "source": ["c", "t", "a", "a", "a"],
            "source_kind": ["center", "teacher", "school", "school", "school"],
            "target": ["w", "w", "w", "v", "n"],
            "target_kind": ["school", "school", "school", "school", "region"],
            "subject": [None, None, "音乐", "音乐", "音乐"],
            "date": ["2022-05-01", "2022-05-11", "2021-05-11", None, "2022-05-01"],
        },
        "posted_to": {
            "source": ["t", "t"],
            "source_kind": "teacher",
            "target": ["v", "b"],
            "form": ["rotation", "shadowing"],
            "start": ["2021-09-01", "2021-09-01"],
        },
    }
    tables = {name: pd.DataFrame(columns) for name, columns in {**frames, **changed}.items()}
    return Network.from_frames(tables, as_of=DAY)


@ENGINES
def test_each_way_of_support(engine: str):
    """Subjects: 数学 科学 美术 英语 语文 音乐.

    b: 语文 (school), 数学 (its teacher u, the centre's subject), 科学 (the row's own subject).
    v: 英语 (posting), the rest from b. w: 语文 and 英语 (deliveries of a centre, a teacher); the
    delivery of 音乐 lies one day outside the window. z is closed.
    """
    result = subjects(made(), engine=engine)
    table = result.table
    assert table.index.tolist() == ["w", "b", "v"]
    assert table["missing_subjects"].tolist() == [
        "数学、科学、美术、音乐",
        "美术、英语、音乐",
        "美术、音乐",
    ]
    assert table["subjects"].tolist() == [2, 3, 4]
    assert table["inherited"].tolist() == [0, 0, 3]
    assert table["missing"].tolist() == [4, 3, 2]
    assert result.summary == {
        "in_scope": 3,
        "subjects": 6,
        "pairs": 18,
        "supported": 9,
        "inherited": 3,
        "schools_missing": 3,
        "schools_without": 0,
        "single_center": 3,
    }


def test_matrix_counts_by_way():
    matrix = subjects(made(), scope="all").tables["matrix"]
    assert len(matrix) == 4 * 6
    found = matrix[matrix["supported"]].set_index(["school", "subject"])
    ways = found[["inherited", "memberships", "deliveries", "postings"]].astype(int)
    assert {key: tuple(row) for key, *row in ways.itertuples(name=None)} == {
        ("a", "语文"): (0, 1, 0, 0),
        ("b", "数学"): (0, 1, 0, 0),
        ("b", "科学"): (0, 1, 0, 0),
        ("b", "语文"): (0, 1, 0, 0),
        ("v", "数学"): (1, 0, 0, 0),
        ("v", "科学"): (1, 0, 0, 0),
        ("v", "英语"): (0, 0, 0, 1),
        ("v", "语文"): (1, 0, 0, 0),
        ("w", "英语"): (0, 0, 1, 0),
        ("w", "语文"): (0, 0, 1, 0),
    }


def test_by_subject_and_single_centres():
    """数学 and 科学 hang on d; 语文 has members and a delivery of c, and one of a school."""
    network = made()
    more = pd.DataFrame(
        {
            "source": ["a"], "source_kind": ["school"], "target": ["b"], "target_kind": ["school"],
            "subject": ["语文"], "date": ["2022-05-02"],
        }
    )  # fmt: skip
    table = subjects(network.with_edges("delivers", more)).tables["by_subject"]
    assert table["subject"].tolist() == ["数学", "科学", "美术", "英语", "语文", "音乐"]
    assert table["supported"].tolist() == [2, 2, 0, 2, 3, 0]
    assert table["inherited"].tolist() == [1, 1, 0, 0, 1, 0]
    assert table["rate"].tolist() == [2 / 3, 2 / 3, 0, 2 / 3, 1, 0]
    assert table["centers"].tolist() == [1, 1, 0, 0, 1, 0]
    assert table["single_center"].tolist() == [True, True, False, False, False, False]
    before = subjects(network).tables["by_subject"].set_index("subject")
    assert before.loc["语文", "single_center"]


def test_window_scope_and_region():
    longer = subjects(made(), window="366d").table
    assert "音乐" not in longer.loc["w", "missing_subjects"]
    assert subjects(made(), scope="all").summary["in_scope"] == 4
    assert subjects(made(), rural="broad").summary["in_scope"] == 3
    assert subjects(made().focus("s")).table.index.tolist() == ["w", "v"]
    with pytest.raises(RequestError, match="--scope all"):
        subjects(Network.from_frames({"school": pd.DataFrame({"id": ["a"]})}, as_of=DAY))


def test_a_school_with_all_subjects_and_ones_with_none():
    network = Network.from_frames(
        {
            "school": pd.DataFrame({"id": ["a", "b"]}),
            "center": pd.DataFrame({"id": ["c"], "subject": ["语文"]}),
            "joins": pd.DataFrame({"source": ["a"], "source_kind": "school", "target": ["c"]}),
        },
        as_of=DAY,
    )
    result = subjects(network, scope="all")
    assert result.table["missing_subjects"].fillna("–").to_dict() == {"a": "–", "b": "语文"}
    assert result.summary["schools_missing"] == result.summary["schools_without"] == 1
    nothing = subjects(network.without("center", "c"), scope="all")
    assert nothing.summary["schools_without"] == 0, "there is no subject to lack"
    assert nothing.table["missing"].tolist() == [0, 0]


def test_a_subject_of_a_stage_concerns_the_schools_that_have_it():
    network = Network.from_frames(
        {
            "school": pd.DataFrame(
                {"id": list("pjnx"), "stage": ["primary", "junior", "nine_year", None]}
            ),
            "center": pd.DataFrame({"id": ["c", "d"], "subject": ["初中化学", "语文"]}),
            "joins": pd.DataFrame({"source": ["j"], "source_kind": "school", "target": ["c"]}),
        },
        as_of="2024-06-30",
    )
    result = subjects(network, scope="all")
    assert result.table["missing_subjects"].to_dict() == {
        "n": "初中化学、语文",
        "x": "初中化学、语文",
        "j": "语文",
        "p": "语文",
    }
    by_subject = result.tables["by_subject"].set_index("subject")
    assert by_subject["in_scope"].to_dict() == {"初中化学": 3, "语文": 4}
    assert by_subject["rate"].to_dict() == {"初中化学": 1 / 3, "语文": 0.0}
    assert result.summary["pairs"] == len(result.tables["matrix"]) == 7


def test_a_subject_concerns_the_stages_that_teach_it():
    stages = ["kindergarten", "primary", "junior", "senior", "vocational", "nine_year", None]
    network = Network.from_frames(
        {
            "school": pd.DataFrame({"id": list("kpjsvnx"), "stage": stages}),
            "center": pd.DataFrame(
                {"id": list("cdefg"), "subject": ["道德与法治", "化学", "书法", "音乐", "Maths"]}
            ),
            "joins": pd.DataFrame({"source": ["k"], "source_kind": "school", "target": ["f"]}),
        },
        as_of=DAY,
    )
    result = subjects(network, scope="all")
    matrix = result.tables["matrix"]
    concerned = matrix.groupby("subject")["school"].agg("".join).map(sorted).map("".join)
    assert concerned.to_dict() == {
        "道德与法治": "jnpx",
        "化学": "jnsvx",
        "书法": "jnpsvx",  # in no curriculum: every stage but kindergarten
        "音乐": "jknpsx",  # a kindergarten that has it is not passed over
        "Maths": "jnpsvx",
    }
    assert result.table["missing"].to_dict()["k"] == 0
    assert result.summary["supported"] == 1


def test_the_subjects_of_the_curricula_have_known_stages():
    known = subject_stages()
    assert set(known["道德与法治"]) == {"primary", "junior"}
    assert {stage for stages in known.values() for stage in stages} < set(STAGES)
    assert not any("kindergarten" in stages for stages in known.values())

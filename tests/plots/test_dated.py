"""Charts along time and the matrix of subjects: what they say is what the tables hold."""

import pandas as pd
import pytest

import liantu
from liantu.graph.network import Network
from liantu.plots import svg


def texts(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts]


@pytest.fixture
def network() -> Network:
    frames = {
        "school": pd.DataFrame({"id": list("abcd"), "name": ["甲", "乙", "丙", "丁"]}),
        "member_of": pd.DataFrame(
            {
                "source": ["a", "b", "c"],
                "target": ["g", "g", "g"],
                "role": ["core", "member", "member"],
                "start": ["2020-01-01", "2020-01-01", "2021-06-01"],
                "end": [None, "2022-08-31", None],
            }
        ),
        "center": pd.DataFrame({"id": ["z"], "subject": ["语文"]}),
        "joins": pd.DataFrame(
            {"source": ["b"], "source_kind": "school", "target": ["z"], "end": ["2022-07-15"]}
        ),
    }
    return Network.from_frames(frames, as_of="2022-06-30")


def test_the_timeline_shows_groups_and_rates(network):
    result = liantu.timeline(network, by="2020-12-31,2021-12-31")
    assert result.table["rate"].tolist() == [0.5, 0.75]
    assert texts(result.plot()) == ["1", "1", "50%", "75%"]


def test_the_cliff_is_told_where_it_falls(network):
    result = liantu.expiry(network, scope="all")
    assert texts(result.plot("zh")) == ["3 / 4  75%", "2 / 4  50%"]


def test_the_matrix_has_a_row_a_school_and_a_column_a_subject(network):
    figure = liantu.subjects(network, scope="all").plot("zh")
    axes = figure.axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["语文"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["甲", "丙", "丁", "乙"]
    assert axes.collections[0].get_array().ravel().tolist() == [0, 0, 0, 2]
    assert svg(figure).startswith("<svg")


def test_nothing_to_show_is_said():
    empty = Network.from_frames({})
    for name in ("timeline", "expiry", "subjects"):
        assert svg(getattr(liantu, name)(empty, scope="all").plot())

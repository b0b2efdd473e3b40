"""Matrices of ties on several dates: structural zeros, covariates, the same schools throughout."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from liantu.errors import OptionError, RequestError
from liantu.exchange import export, waves
from liantu.graph.network import Network

DAYS = [date(2021, 9, 1), date(2022, 9, 1), date(2023, 9, 1)]


def network() -> Network:
    """Return a chain a → b → c of changing ties; b opens late, c closes early, z is never open."""
    schools = pd.DataFrame(
        {
            "id": ["b", "a", "c", "z"],
            "region": ["r", "r", "s", "r"],
            "pupils": [9, None, 3, 1],
            "opened": ["2022-01-01", None, None, "2030-01-01"],
            "closed": [None, None, "2023-01-01", None],
            "x_rooms": ["4", None, None, None],
        }
    )
    assists = pd.DataFrame(
        {
            "source": ["a", "b", "a", "a"],
            "target": ["b", "c", "c", "b"],
            "start": ["2021-01-01", "2021-01-01", "2022-06-01", "2021-01-01"],
            "form": ["paired", None, None, "trusteeship"],
        }
    )
    funds = pd.DataFrame({"source": ["p"], "target": ["a"], "target_kind": ["school"]})
    works = pd.DataFrame({"source": ["王小芳"], "target": ["a"]})
    frames = {"school": schools, "assists": assists, "supports": funds, "works_at": works}
    return Network.from_frames(frames, title="甲县")


def matrix(folder, number: int) -> list[list[int]]:
    frame = pd.read_csv(folder / f"wave{number}.csv", index_col=0)
    assert list(frame.index) == list(frame.columns)
    return frame.to_numpy().tolist()


def test_matrices_by_hand(tmp_path):
    lost = export(network(), tmp_path / "w", waves=DAYS)
    assert sorted(path.name for path in (tmp_path / "w").iterdir()) == [
        *("network.toml", "read.R", "schools.csv", "wave1.csv", "wave2.csv", "wave3.csv"),
        "waves.csv",
    ]
    # in the order a, b, c: b is not open yet, then all are, then c is closed
    assert matrix(tmp_path / "w", 1) == [[0, 10, 0], [10, 0, 10], [0, 10, 0]]
    assert matrix(tmp_path / "w", 2) == [[0, 1, 1], [0, 0, 1], [0, 0, 0]]
    assert matrix(tmp_path / "w", 3) == [[0, 1, 10], [0, 0, 10], [10, 10, 0]]
    listed = pd.read_csv(tmp_path / "w" / "waves.csv")
    assert listed["date"].tolist() == [str(day) for day in DAYS]
    assert listed[["open", "ties"]].to_numpy().tolist() == [[2, 0], [3, 3], [2, 1]]
    assert [message.params["count"] for message in lost] == [1]  # of the partner


def test_covariates_stand_in_the_order_of_the_matrix_and_name_no_teacher(tmp_path):
    export(network(), tmp_path / "w", waves=DAYS)
    frame = pd.read_csv(tmp_path / "w" / "schools.csv", dtype="str").fillna("")
    assert frame.columns.tolist() == ["school", "region", "pupils", "opened", "closed", "x_rooms"]
    assert frame[["school", "pupils", "x_rooms"]].to_numpy().tolist() == [
        ["a", "", ""],
        ["b", "9", "4"],
        ["c", "3", ""],
    ]
    whole = b"".join(path.read_bytes() for path in (tmp_path / "w").iterdir())
    assert "王小芳".encode() not in whole


def test_a_region_in_focus_and_another_run_in_its_place(tmp_path):
    export(network(), tmp_path / "w", waves=DAYS)
    export(network().focus("r"), tmp_path / "w", waves=DAYS[1:])
    assert not (tmp_path / "w" / "wave3.csv").exists()
    assert matrix(tmp_path / "w", 1) == [[0, 1], [0, 0]]


@pytest.mark.parametrize("days", [DAYS[:1], [], DAYS[::-1], [DAYS[0], DAYS[0]]])
def test_two_ascending_dates_are_needed(days, tmp_path):
    with pytest.raises(OptionError, match="two dates"):
        export(network(), tmp_path / "w", waves=days)


def test_neither_a_file_nor_too_many_schools(tmp_path, monkeypatch):
    with pytest.raises(OptionError, match="without a suffix"):
        export(network(), tmp_path / "w.json", waves=DAYS)
    monkeypatch.setattr(waves, "MOST", 2)
    with pytest.raises(RequestError, match="limit is 2"):
        export(network(), tmp_path / "w", waves=DAYS)
    assert not (tmp_path / "w").exists()

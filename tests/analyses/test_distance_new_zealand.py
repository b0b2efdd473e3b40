"""A directory that anybody can count: rural schools outside every Community of Learning."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from liantu.cli import main

MAPPING = Path(__file__).parents[2] / "docs" / "how-to" / "new-zealand.toml"


def test_uncovered_rural_schools_near_a_member_are_those_of_a_few_lines(
    shared_data, tmp_path, capsys
):
    source = shared_data / "real" / "nz_directory_2016"
    out = tmp_path / "distances.json"
    given = ["--mapping", MAPPING, "--to", "member", "--limit-km", 20, "-o", out]
    assert main(["distance", *map(str, [source, *given])]) == 0
    capsys.readouterr()
    found = json.loads(out.read_text(encoding="utf-8"))
    by_km = {row["within_km"]: row["uncovered"] for row in found["tables"]["by_km"]}
    bare = [row for row in found["table"] if not row["covered"]]

    # the same from the file itself, every pair, by the haversine
    with (source / "directory.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [{key.strip(): text for key, text in row.items()} for row in csv.DictReader(file)]
    joined = [row for row in rows if row["Community of Learning: ID"]]
    rural = [
        row
        for row in rows
        if row["Urban Area"] == "Rural Area" and not row["Community of Learning: ID"]
    ]
    lon, lat, lon_, lat_ = (
        np.radians([float(row[key]) for row in group])
        for group in (rural, joined)
        for key in ("Longitude", "Latitude")
    )
    part = np.sin((lat_ - lat[:, None]) / 2) ** 2
    part += np.cos(lat[:, None]) * np.cos(lat_) * np.sin((lon_ - lon[:, None]) / 2) ** 2
    km = (2 * 6371.0088 * np.arcsin(np.sqrt(part))).min(axis=1)
    counted = {limit: int((km <= limit).sum()) for limit in (5.0, 10.0, 20.0, 50.0, 100.0)}

    assert (len(rows), len(joined), len(rural), len(bare)) == (2539, 789, 465, 465)
    assert by_km == counted == {5.0: 22, 10.0: 86, 20.0: 233, 50.0: 412, 100.0: 462}
    nearest = {row["School ID"]: each for row, each in zip(rural, km.tolist(), strict=True)}
    assert {row["school"]: row["km_straight"] for row in bare} == pytest.approx(nearest)
    assert found["summary"]["beyond_uncovered"] == 465 - 233

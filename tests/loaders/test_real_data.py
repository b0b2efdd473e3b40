"""The real tables beside the project; skipped where they are missing."""

from pathlib import Path

from liantu.loaders import read

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"


def guangzhou(shared_data, name):
    source = shared_data / "guangzhou_groups" / name
    return read(source, mapping=HOW_TO / "guangzhou.toml")


def test_guangzhou_in_both_encodings_is_one_network(shared_data):
    first = guangzhou(shared_data, "edges_gb18030.csv")
    second = guangzhou(shared_data, "edges_utf8bom.csv")
    assert first.fingerprint == second.fingerprint
    assert first.report.totals()["rows_read"] == 145
    assert len(first.nodes("school")) == 185
    assert len(first.nodes("alliance")) == 51
    listed = [p for p in first.report.problems if p.code == "self_listed"]
    assert [p.row for p in listed] == [45, 56, 67, 90, 114]
    assert {p.code for p in first.report.problems} == {"self_listed"}


def test_guangzhou_keeps_campuses_and_like_names_apart(shared_data):
    network = guangzhou(shared_data, "edges_utf8bom.csv")
    schools = network.nodes("school").index
    assert {"广州市从化区第五中学", "广州市第五中学（金碧校区）"} <= set(schools)
    assert network.nodes("school").loc["广州市真光学校", "stage"] == "nine_year"
    members = network.relation("member_of")
    of = members[(members["source"] == "广州市增城区荔城街荔景中学")]
    assert len(of) == 2
    assert set(members["provenance"]) == {"招考办2026", "越秀669"}


def test_guangzhou_in_own_shape_finds_the_same_memberships(shared_data, tmp_path):
    data = (shared_data / "guangzhou_groups" / "edges_gb18030.csv").read_bytes()
    (tmp_path / "集团成员.csv").write_bytes(data)
    own = read(tmp_path).relation("member_of")[["source", "target", "role"]].astype(str)
    mapped = guangzhou(shared_data, "edges_gb18030.csv").relation("member_of")
    mapped = mapped[["source", "target", "role"]].astype(str)
    assert own.to_numpy().tolist() == mapped.to_numpy().tolist()


def test_nicaragua_is_a_directory_without_ties(shared_data):
    source = shared_data / "nicaragua_schools"
    network = read(source, mapping=HOW_TO / "nicaragua.toml")
    schools = network.nodes("school")
    assert len(schools) == 10_252
    assert schools.loc["4216", ["name", "region"]].tolist() == ["SAN JOSÉ", "Boaco/Boaco"]
    assert schools.loc["4216", ["lon", "lat"]].tolist() == [-85.662855, 12.597189]
    assert schools["datum"].isna().all()
    assert not (schools == "NA").any(axis=None)
    assert len(network.nodes("region")) == 170
    assert len(network) == 10_422
    assert not network.report.of("error")


def test_a_faculty_with_weighted_friendship(shared_data):
    source = shared_data / "real" / "uk_faculty"
    network = read(source, mapping=HOW_TO / "uk_faculty.toml")
    assert not network.report.problems
    assert len(network.nodes("school")) == 81
    assert len(network.nodes("alliance")) == 4
    ties = network.relation("mentors")
    assert (len(ties), ties["weight"].sum()) == (817, 3730.0)
    assert ties.query("source == '1' and target == '61'")["weight"].tolist() == [8.0]

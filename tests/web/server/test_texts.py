"""Published texts in the page: what is found, what is marked, and nothing else in the network."""

from pathlib import Path

import openpyxl
from web.server.served import dropped, ended

EXAMPLE = Path(__file__).parents[3] / "docs" / "how-to" / "extract-example"
TEXT = EXAMPLE / "云溪县总结.txt"


def work(client, key, what, **asked):
    return ended(
        client, client.post(f"/api/uploads/{key}/{what}", json={"lang": "zh", **asked}).json()
    )


def test_only_what_is_marked_is_opened(client, tmp_path):
    key = dropped(client, {TEXT.name: TEXT.read_bytes()})
    found = work(client, key, "extract")["found"]
    (text,) = found["texts"]
    assert "王芳" not in str(found)
    for row in found["rows"]:
        assert row["cells"]["zh"]["evidence"] == text["text"][row["start"] : row["end"]]
    pairs = [n for n, row in enumerate(found["rows"]) if row["table"] == "assists"]
    nothing = work(client, key, "accept", open=True)
    assert nothing["state"] == "failed"
    done = work(client, key, "accept", open=True, decided={str(pairs[0]): "adopt", "x": "adopt"})
    network = done["found"]["network"]
    ties = client.get(f"/api/{network}/ties").json()["table"]
    assert [(t["source_name"], t["target_name"]) for t in ties] == [
        ("县实验小学", "柳河镇王庄小学")
    ]
    (tmp_path / "c.xlsx").write_bytes(client.get(f"/api/uploads/{key}/candidates").content)
    book = openpyxl.load_workbook(tmp_path / "c.xlsx")
    marks = [row[0].value for sheet in book for row in sheet.iter_rows(min_row=3)]
    assert marks.count("采纳") == 1


def test_the_schools_of_an_open_network_are_the_list(client):
    lists = dropped(client, {"学校.csv": (EXAMPLE / "学校名录.csv").read_bytes()})
    network = work(client, lists, "read")["found"]["network"]
    key = dropped(client, {TEXT.name: TEXT.read_bytes()})
    rows = work(client, key, "extract", network=network)["found"]["rows"]
    names = {r["cells"]["zh"]["name"] for r in rows if r["table"] == "school"}
    assert "云溪县实验小学" in names


def test_what_is_no_text_is_told(client):
    key = dropped(client, {"a.pdf": b"%PDF-1.7 damaged"})
    job = work(client, key, "extract")
    assert job["state"] == "failed"
    assert "a.pdf" in job["found"]["errors"][0]["line"]["en"]
    assert client.post("/api/uploads/nothing/extract", json={}).status_code == 404
    assert client.post(f"/api/uploads/{key}/accept", json={}).status_code == 404

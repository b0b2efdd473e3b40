"""Dropped files: what was read, what is wrong and where, what is ticked, and what is kept out."""

from __future__ import annotations

import io
import zipfile

import pytest
from long import some
from web.server.served import apart, dropped, ended

import liantu
from liantu.web.server import shelf as shelves
from liantu.web.server import uploads as rules
from liantu.web.server.work import safe_name

SCHOOLS = "学校名称,在校生数\n第一小学,900\n王庄小学,八十\n".encode()
GOOD = "学校名称,在校生数\n第一小学,900\n王庄小学,80\n".encode()
PAIRS = "支援校,受援校\n一小,王庄小学\n".encode()


def read(client, key, **asked):
    job = client.post(f"/api/uploads/{key}/read", json={"lang": "zh", **asked}).json()
    return ended(client, job)


def test_an_error_is_told_with_its_place_and_remedy(client):
    job = read(client, dropped(client, {"学校.csv": SCHOOLS}))
    found = job["found"]["found"]
    assert (job["state"], found["opened"], found["errors"]) == ("done", False, 1)
    (problem,) = [p for p in found["problems"] if p["severity"] == "error"]
    assert (problem["file"], problem["row"], problem["column"]) == ("学校.csv", 3, "在校生数")
    assert problem["remedy"]["zh"]
    assert problem["message"]["en"] != problem["message"]["zh"]
    assert [t["table"] for t in found["tables"]] == ["school"]


def test_what_is_read_is_opened(client, tmp_path):
    job = read(client, dropped(client, {"学校.csv": GOOD}))
    key = job["found"]["network"]
    (tmp_path / "学校.csv").write_bytes(GOOD)
    own = liantu.read(tmp_path / "学校.csv")
    told = client.get(f"/api/{key}/coverage", params={"scope": "all"}).json()
    assert told["summary"] == dict(liantu.coverage(own, scope="all").summary)
    assert told["fingerprint"] == own.fingerprint
    assert client.get("/api/networks").json()["networks"][0]["id"] == key
    assert client.delete(f"/api/{key}").status_code == 200


def test_a_name_that_is_ticked_is_read_again(client):
    key = dropped(client, {"学校.csv": GOOD, "结对帮扶.csv": PAIRS})
    found = read(client, key)["found"]["found"]
    (row,) = found["unclear"]["zh"]["names"]
    assert (row["written"], row["candidate_1"], found["opened"]) == ("一小", "第一小学", False)
    again = read(client, key, picks={"names": {"0": "第一小学"}})["found"]
    assert (again["found"]["errors"], again["found"]["opened"]) == (0, True)
    ties = client.get(f"/api/{again['network']}/ties").json()
    assert [(t["source_name"], t["target_name"]) for t in ties["table"]] == [
        ("第一小学", "王庄小学")
    ]
    draft = client.get(f"/api/uploads/{key}/draft")
    assert "%E5%AF%B9%E7%85%A7%E8%A1%A8.xlsx" in draft.headers["content-disposition"]
    third = read(
        client,
        dropped(client, {"学校.csv": GOOD, "结对帮扶.csv": PAIRS, "对照表.xlsx": draft.content}),
    )
    assert third["found"]["found"]["opened"]


def test_a_sheet_that_is_ticked_is_read_again(client):
    pairs = PAIRS.replace("一小".encode(), "第一小学".encode())
    key = dropped(
        client, {"学校.csv": GOOD, "另一张.csv": pairs.replace("支援校,受援校".encode(), b"A,B")}
    )
    found = read(client, key)["found"]["found"]
    rows = found["unclear"]["zh"]["tables"]
    (number,) = [n for n, row in enumerate(rows) if not row["read_as"]]
    choices = found["unclear"]["zh"]["choices"]
    assert "结对帮扶" in choices["tables"]
    picks = {"tables": {str(number): choices["leave_out"]}}
    again = read(client, key, picks=picks)["found"]["found"]
    assert not [p for p in again["problems"] if p["code"] == "unknown_sheet"]


PICKS = [
    {"names": []}, {"names": {"x": 1, "0": {"a": 1}}, "nonsense": {"0": "a"}},
]  # fmt: skip


def test_picks_that_mean_nothing(client):
    key = dropped(client, {"学校.csv": GOOD, "结对帮扶.csv": PAIRS})
    read(client, key)
    for picks in PICKS:
        assert read(client, key, picks=picks)["state"] in ("done", "failed")


def test_no_teacher_is_named(client):
    # the second row has slipped: a person stands where a school should
    tables = {
        "学校.csv": GOOD,
        "教师.csv": "姓名,工作单位\n欧阳靖宇,第一小学\n".encode(),
        "支教.csv": "教师姓名,派出学校,支教学校,备注\n欧阳靖宇,第一小学,司马若蘅,见欧阳靖宇\n".encode(),
    }
    job = read(client, dropped(client, tables))
    assert "欧阳靖宇" not in str(job)
    assert "司马若蘅" not in str(job)
    tables["支教.csv"] = tables["支教.csv"].replace("司马若蘅".encode(), "王庄小学".encode())
    key = read(client, dropped(client, tables))["found"]["network"]
    assert key
    for name in some(("ties", "coverage", "flows", "load", "subjects"), 2):
        told = client.get(f"/api/{key}/{name}", params={"scope": "all"} if name != "ties" else {})
        assert "欧阳" not in told.text
    assert "欧阳" not in client.get("/api/feed", params={"network": key}).text


BROKEN = {
    "empty.xlsx": b"", "text.xlsx": b"no workbook", "cut.xlsx": b"PK\x03\x04" + b"\0" * 40,
    "binary.csv": bytes(range(256)) * 40, "nothing.csv": b"\n\n\n", "net.json": b"{", "net.graphml": b"<graphml",
}  # fmt: skip


@pytest.mark.parametrize("name", some(BROKEN, 3))
def test_a_broken_file_is_one_clear_line(client, name):
    job = read(client, dropped(client, {name: BROKEN[name]}))
    lines = job["found"].get("errors") or job["found"]["found"]["problems"]
    assert lines
    assert all(each["line"]["zh"] for each in lines)
    assert "Traceback" not in str(job)
    assert "/jobs/" not in str(job)


def test_a_bomb_is_refused(client):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        packed.writestr("xl/workbook.xml", b" " * (200 << 20))
        packed.writestr("xl/worksheets/sheet1.xml", b"<c/>" * (300 << 18))
    job = read(client, dropped(client, {"bomb.xlsx": buffer.getvalue()}))
    assert job["found"].get("errors") or job["found"]["found"]["errors"]


@pytest.mark.parametrize(
    "name",
    [
        "x.toml",
        "network.toml",
        "a.exe",
        "a.parquet",
        "noext",
        "..%2Fx.toml",
        ".csv",
    ],
)
def test_only_tables_are_taken_in(client, name):
    key = client.post("/api/uploads").json()["id"]
    answer = client.put(f"/api/uploads/{key}/files/{name}", content=b"x")
    assert answer.status_code in (404, 422)


@pytest.mark.parametrize(
    "name", ["..%5C..%5Ca.csv", "C:%5Ca.csv", "a%00.csv", "CON.csv", "%E5%AD%A6%E6%A0%A1.csv"]
)
def test_a_name_never_leads_anywhere(here, client, name):
    key = client.post("/api/uploads").json()["id"]
    (kept,) = client.put(f"/api/uploads/{key}/files/{name}", content=b"x").json()["files"]
    folder = here.session.uploads.known[key].folder
    assert [path.name for path in folder.iterdir()] == [kept]
    assert not set(kept) & set('/\\:\0*?"<>|')


@pytest.mark.parametrize("text", ["a/b", "..", "", "nul", "x" * 300, "甲县.xlsx", "a\nb", "-x"])
def test_safe_names(text):
    name = safe_name(text)
    assert 0 < len(name) <= 81
    assert name == safe_name(name)
    assert not set(name) & set("/\\\n\0")


def test_there_is_an_end_to_the_room(here, client, monkeypatch):
    have = sum(sum(upload.files.values()) for upload in here.session.uploads.known.values())
    monkeypatch.setattr(rules, "MOST_OF_ALL", have + 10)
    key = client.post("/api/uploads").json()["id"]
    answer = client.put(f"/api/uploads/{key}/files/a.csv", content=b"x" * 11)
    assert answer.json()["errors"][0]["code"] == "serve_no_room"
    assert client.get(f"/api/uploads/{key}").json()["files"] == {}
    monkeypatch.setattr(rules, "MOST_FILES", 1)
    client.put(f"/api/uploads/{key}/files/a.csv", content=b"x")
    answer = client.put(f"/api/uploads/{key}/files/b.csv", content=b"x")
    assert answer.json()["errors"][0]["code"] == "serve_many_files"


def test_old_drops_go(here, client, monkeypatch):
    monkeypatch.setattr(rules, "KEPT", 2)
    keys = [dropped(client, {"a.csv": b"x"}) for _ in range(3)]
    assert [client.get(f"/api/uploads/{key}").status_code for key in keys] == [404, 200, 200]
    assert not (here.folder / "uploads" / keys[0]).exists()


def test_the_oldest_network_makes_room_and_this_is_said(client, network, monkeypatch):
    first = network
    monkeypatch.setattr(shelves, "MOST", 2)
    titles = [each["title"] for each in client.get("/api/networks").json()["networks"]]
    keys = []
    for number in range(2):
        key = dropped(
            client, {f"{number}.csv": GOOD, "学校.csv": GOOD.replace(b"900", b"90%d" % number)}
        )
        keys.append(read(client, key)["found"]["network"])
    told = client.get("/api/networks").json()
    assert [each["id"] for each in told["networks"]] == keys[::-1]
    assert set(titles) <= {each["title"] for each in told["dropped"]}
    assert client.get(f"/api/{first}/ties").status_code == 404
    # what was dropped is taken up again, and another one makes room for it
    assert client.post(f"/api/{first}/open").json()["id"] == first
    told = client.get("/api/networks").json()
    assert [each["id"] for each in told["networks"]] == [first, keys[1]]
    assert client.get(f"/api/{first}/ties", params={"limit": "1"}).status_code == 200
    assert client.post("/api/nobody/open").status_code == 404


def test_no_more_rest_on_disk_than_may(tmp_path, monkeypatch):
    monkeypatch.setattr(shelves, "MOST", 1)
    monkeypatch.setattr(shelves, "RESTING", 1)

    async def run() -> shelves.Shelf:
        shelf = shelves.Shelf(tmp_path)
        for title in "abc":
            (store := shelf.place()).mkdir()
            await shelf.take(store, {"title": title, "rows": 1}, title)
        return shelf

    shelf = apart(run())
    assert [each.title for each in shelf.held.values()] == ["c"]
    assert [each.title for each in shelf.resting.values()] == ["b"]
    assert len(list(tmp_path.iterdir())) == 2

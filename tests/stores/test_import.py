"""The command import, and stores as the source of every command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import liantu
from liantu.cli import main
from liantu.stores import open_store


@pytest.fixture
def run(capsys):
    def call(*args: object) -> tuple[int, str, str]:
        code = main([str(arg) for arg in args])
        told = capsys.readouterr()
        return code, told.out, told.err

    return call


@pytest.fixture
def lists(tmp_path) -> Path:
    folder = tmp_path / "lists"
    folder.mkdir()
    (folder / "schools.csv").write_text("id,name,pupils\na,甲,90\nb,乙,80\n", encoding="utf-8")
    (folder / "assists.csv").write_text("source,target\na,b\n", encoding="utf-8")
    (folder / "teachers.csv").write_text("id,name\nt,张三\n", encoding="utf-8")
    return folder


def test_import_says_what_was_written_where(run, lists, tmp_path):
    store = tmp_path / "net.liantu"
    code, out, err = run("import", lists, store)
    assert (code, out) == (0, "")
    assert err == f"wrote 3 nodes and 1 row into “{store}”\n"
    found = liantu.read(store)
    assert found.fingerprint == liantu.read(lists).fingerprint
    assert found.nodes("teacher")["name"].tolist() == ["张三"]  # a store keeps everything
    assert "已将 3 个对象" in run("import", lists, store, "--lang", "zh")[2]


def test_a_folder_is_replaced_or_merged(run, lists, tmp_path):
    store = tmp_path / "net.liantu"
    run("import", "case:wenshan", store)
    assert run("import", lists, store)[0] == 0
    assert len(liantu.read(store)) == 3
    (lists / "schools.csv").write_text("id,pupils\na,95\nc,7\n", encoding="utf-8")
    (lists / "assists.csv").unlink()
    code, _, err = run("import", lists, store, "--merge")
    assert code == 0
    assert "merged 3 nodes and 0 rows" in err
    schools = liantu.read(store).nodes("school")
    assert schools["pupils"].tolist() == [95, 80, 7]
    assert schools["name"].fillna("").tolist() == ["甲", "乙", ""]
    run("import", lists, store, "--replace")
    assert len(liantu.read(store).nodes("school")) == 2


def test_replace_and_merge_exclude_each_other(run, lists, tmp_path):
    code, _, err = run("import", lists, tmp_path / "n", "--replace", "--merge")
    assert code == 2
    assert "--merge" in err
    assert not (tmp_path / "n").exists()


@pytest.mark.parametrize("name", ["net.xlsx", "net.parquet", "NET.JSON"])
def test_the_name_of_a_file_is_no_store(run, lists, tmp_path, name):
    code, _, err = run("import", lists, tmp_path / name)
    assert code == 1
    assert "is the name of a file" in err
    assert not (tmp_path / name).exists()


def test_bad_data_or_place_is_one_line_and_writes_nothing(run, lists, tmp_path):
    (lists / "assists.csv").write_text("source,target\na,x\n", encoding="utf-8")
    code, _, err = run("import", lists, tmp_path / "n")
    assert code == 1
    assert "“x”" in err
    assert not (tmp_path / "n").exists()
    assert run("import", lists, tmp_path / "n", "--create-missing")[0] == 0
    code, _, err = run("import", "case:demo", lists)
    assert code == 1
    assert err.splitlines()[-1].startswith(f"error: “{lists}” exists and is no store")


def test_every_command_reads_a_store_like_what_was_imported(run, tmp_path):
    store = tmp_path / "net.liantu"
    run("import", "case:wenshan", store)
    for command in ("coverage", "reach", "ties"):
        args = ("--format", "json", *(("--scope", "all") if command == "coverage" else ()))
        assert run(command, store, *args) == run(command, "case:wenshan", *args)
    facts, meant = (
        json.loads(run("info", s, "--format", "json")[1]) for s in (store, "case:wenshan")
    )
    assert {**facts, "source": ""} == {**meant, "source": ""}


def test_check_shows_the_load_report_that_was_kept(run, lists, tmp_path):
    (lists / "schools.csv").write_text("id,name,nam\na,甲,1\nb,乙,2\n", encoding="utf-8")
    store = tmp_path / "net.liantu"
    run("import", lists, store)
    code, out, _ = run("check", store)
    assert (code, out) == run("check", lists)[:2]
    assert "“nam”" in out


def test_audit_of_a_store_needs_a_file_of_claims(run, tmp_path):
    store = tmp_path / "net.liantu"
    run("import", "case:wenshan", store)
    code, _, err = run("audit", store)
    assert code == 1
    assert "has no claims.toml" in err
    assert "--claims" in err
    claims = Path(liantu.__file__).parent / "loaders" / "cases" / "wenshan" / "claims.toml"
    args = ("--format", "json")
    found = json.loads(run("audit", store, "--claims", claims, *args)[1])
    assert found["table"] == json.loads(run("audit", "case:wenshan", *args)[1])["table"]


def test_a_store_that_is_read_and_written(run, lists, tmp_path):
    store = tmp_path / "net.liantu"
    run("import", lists, store)
    code, _, err = run("import", store, store)  # an output is never the source
    assert code == 1 and "net.liantu" in err
    assert run("import", store, tmp_path / "other")[0] == 0
    assert liantu.read(tmp_path / "other").fingerprint == liantu.read(lists).fingerprint


@pytest.mark.parametrize("source", ["http://anna:secret@host/db", "neo4jj://a:secret@h"])
def test_no_password_is_shown(run, tmp_path, source):
    for args in (("info", source), ("import", "case:wenshan", source), ("audit", source)):
        code, _, err = run(*args)
        assert code == 1
        assert "secret" not in err


def test_a_server_that_holds_another_network_asks(run, lists, server_uri):
    assert run("import", lists, server_uri)[0] == 0
    assert run("import", lists, server_uri)[0] == 0  # the same data: nothing to ask
    code, _, err = run("import", "case:wenshan", server_uri)
    assert code == 1
    assert "--replace" in err
    assert "neo4j:" + server_uri.split(":")[2].split("@")[0] not in err  # the password
    assert liantu.read(server_uri).fingerprint == liantu.read(lists).fingerprint
    assert run("import", "case:wenshan", server_uri, "--replace")[0] == 0
    with open_store(server_uri) as store:
        assert store.about()["title"] == liantu.read("case:wenshan").title
    assert run("import", lists, server_uri, "--merge")[0] == 0
    assert len(liantu.read(server_uri)) == len(liantu.read("case:wenshan")) + 3


def test_the_three_commands_of_the_shared_server_say_the_same(run, server_uri):
    run("import", "case:wenshan", server_uri)
    args = ("--scope", "all", "--format", "json")
    assert run("coverage", server_uri, *args)[:2] == run("coverage", "case:wenshan", *args)[:2]

"""Outputs: never what is read, never what somebody filled in, whole or not at all."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest
from long import some

from liantu.commands import commands
from liantu.commands._options import Input, Output, Source, Store
from liantu.formats import files

COMMANDS = {
    name: [param for param in command.params if param.name not in ("lang",)]
    for name, command in commands("en").items()
}
WRITERS = sorted(
    name
    for name, params in COMMANDS.items()
    if any(isinstance(param.type, Output | Store) for param in params)
)
BOTH = [name for name in WRITERS if any(isinstance(param.type, Source) for param in COMMANDS[name])]


def state(folder: Path) -> dict[str, bytes | None]:
    """Return everything in a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


def words(name: str, source: object, out: object) -> list[object]:
    """Return the command line of a command that reads `source` and writes `out`."""
    written = next(p for p in COMMANDS[name] if isinstance(p.type, Output | Store))
    option = [] if isinstance(written, click.Argument) else [written.opts[0]]
    return [name, source, *option, out]


def test_every_path_of_every_command_is_read_or_written():
    for name, params in COMMANDS.items():
        for param in params:
            if isinstance(param.type, click.Path) or param.name in ("output", "out", "store"):
                assert isinstance(param.type, Input | Output | Store), (name, param.name)
    assert {"coverage", "check", "report", "audit", "export", "import"} <= set(BOTH)


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize("inside", ["schools.csv", "new.csv", "deeper/new.csv", "."])
def test_no_command_writes_into_its_source(liantu, county, name, inside):
    (county / "deeper").mkdir()
    before = state(county)
    found = liantu(*words(name, county, county / inside))
    assert (found.code, len(found.lines)) == (1, 1), found.err
    assert "this command reads" in found.err or "is read by this command" in found.err
    assert state(county) == before


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize("spelling", ["relative", "dots", "link", "hard link", "linked folder"])
def test_no_spelling_hides_the_source(liantu, county, name, spelling):
    source = county / "schools.csv"
    here = Path.cwd()
    out = {
        "relative": Path(os.path.relpath(source)),
        "dots": Path(f"{county}/../{county.name}/./schools.csv"),
        "link": here / "link.csv",
        "hard link": here / "hard.csv",
        "linked folder": here / "folder" / "schools.csv",
    }[spelling]
    if spelling == "link":
        out.symlink_to(source)
    elif spelling == "hard link":
        out.hardlink_to(source)
    elif spelling == "linked folder":
        out.parent.symlink_to(county)
    before = state(county)
    for read in (source, county):
        found = liantu(*words(name, read, out))
        assert (found.code, len(found.lines)) == (1, 1), found.err
        assert "read by this command" in found.err
    assert state(county) == before


def test_mapping_and_claims_are_no_outputs(liantu, county, tmp_path):
    rules = tmp_path / "rules.toml"
    rules.write_text('[[rows]]\n[[rows.school]]\nid = "id"\n', encoding="utf-8")
    (tmp_path / "rules.json").hardlink_to(rules)
    given = ("--mapping", rules, "-o", tmp_path / "rules.json")
    assert "read by this command" in liantu("coverage", county, *given).err
    given = ("--claims", rules, "-o", tmp_path / "rules.json")
    assert "read by this command" in liantu("audit", county, *given).err
    (county / "network.toml").write_text('mapping = "../rules.toml"\n', encoding="utf-8")
    found = liantu("check", county, "-o", tmp_path / "rules.json")
    assert (found.code, len(found.lines)) == (1, 1)
    assert "read by this command" in found.err
    assert rules.read_text(encoding="utf-8").startswith("[[rows]]")


def test_a_link_in_the_source_leads_to_a_source(liantu, county, tmp_path):
    real = tmp_path / "real.csv"
    (county / "assists.csv").rename(real)
    (county / "assists.csv").symlink_to(real)
    before = real.read_bytes()
    assert liantu("coverage", county, "-o", real).code == 1
    assert real.read_bytes() == before


def test_the_report_of_the_current_folder_is_written_elsewhere(liantu, county, monkeypatch):
    monkeypatch.chdir(county)
    found = liantu("report", ".")
    assert (found.code, len(found.lines)) == (1, 1)
    assert "beside that folder" in found.err
    assert not Path("report.html").exists()
    assert liantu("coverage", ".", "-o", "../result.csv").code == 0


@pytest.mark.parametrize("force", [(), ("--force",)])
def test_a_folder_that_holds_the_source_is_no_output(liantu, county, force):
    before = state(county.parent)
    assert liantu("export", county / "schools.csv", county, *force).code == 1
    assert liantu("export", county, county.parent, *force).code == 1
    assert liantu("import", county, county.parent).code == 1
    assert state(county.parent) == before


# -- what somebody filled in ---------------------------------------------------------------------


def test_a_template_is_not_replaced_unasked(liantu):
    path = Path("mine.xlsx")
    path.write_bytes(b"months of work")
    found = liantu("template", path)
    assert (found.code, len(found.lines)) == (1, 1)
    assert "--force" in found.err
    assert path.read_bytes() == b"months of work"
    assert liantu("template", path, "--force").code == 0
    assert path.read_bytes()[:2] == b"PK"


@pytest.mark.parametrize(
    "name",
    ["n.json", "n.xlsx", "n.graphml", "n.gexf", "n.cypher", "n.geojson", "n.kml"],
)
def test_an_export_runs_every_night_until_somebody_edits_it(liantu, county, name):
    path = Path(name)
    for _ in range(2):
        assert liantu("export", county, name).code == 0
    first = path.read_bytes()
    marks = {"n.geojson": b"Feature", "n.kml": b"Document", "n.xlsx": b"PK"}
    mark = marks.get(name, "小学".encode() if b"\xe5" in first else b"0130")
    place = first.index(mark) + (50 if name == "n.xlsx" else 0)
    edited = first[:place] + bytes([first[place] ^ 1]) + first[place + 1 :]
    path.write_bytes(edited)
    found = liantu("export", county, name)
    assert (found.code, len(found.lines)) == (1, 1)
    assert "--force" in found.err
    assert path.read_bytes() == edited
    assert liantu("export", county, name, "--force").code == 0
    assert path.read_bytes() == first


def test_a_workbook_that_was_saved_again_is_kept(liantu, county):
    import openpyxl

    liantu("export", county, "n.xlsx")
    openpyxl.load_workbook("n.xlsx").save("n.xlsx")
    assert liantu("export", county, "n.xlsx").code == 1


def test_a_folder_runs_every_night_until_somebody_edits_it(liantu, county):
    out = Path("out")
    for _ in range(2):
        assert liantu("export", county, out).code == 0
    first = state(out)
    for change in ("edit", "add", "settings", "remove", "folder"):
        if change == "edit":
            (out / "school.csv").write_bytes(first["school.csv"].replace(b"120", b"121"))
        elif change == "add":
            (out / "note.txt").write_text("mine", encoding="utf-8")
        elif change == "settings":
            (out / "network.toml").write_bytes(first["network.toml"] + b"# mine\n")
        elif change == "remove":
            (out / "assists.csv").unlink()
        else:
            (out / "mine").mkdir()
        before = state(out)
        found = liantu("export", county, out)
        assert (found.code, len(found.lines), state(out)) == (1, 1, before), change
        shutil.rmtree(out)
        liantu("export", county, out)
        assert state(out) == first


def test_force_replaces_tables_and_leaves_the_rest(liantu, county):
    out = Path("out")
    out.mkdir()
    for name in ("note.txt", "school.csv", "pact.csv"):
        (out / name).write_text("mine", encoding="utf-8")
    assert liantu("export", county, out).code == 1
    assert liantu("export", county, out, "--force").code == 0
    assert (out / "note.txt").read_text(encoding="utf-8") == "mine"
    assert not (out / "pact.csv").exists()
    assert "mine" not in (out / "school.csv").read_text(encoding="utf-8")
    assert liantu("export", county, out).code == 1  # the note is still somebody's


def test_generate_runs_twice_and_stops_at_an_edit(liantu):
    for count in (12, 8):
        assert liantu("generate", "region", "--schools", count).code == 0
    (Path("region") / "school.csv").write_text("id\n1\n", encoding="utf-8")
    assert liantu("generate", "region", "--schools", 8).code == 1
    assert liantu("generate", "region", "--schools", 8, "--force").code == 0


def test_results_are_replaced(liantu, county):
    Path("a.csv").write_text("old", encoding="utf-8")
    assert liantu("coverage", county, "-o", "a.csv").code == 0
    assert liantu("coverage", county, "-o", "a.csv").code == 0


# -- files ---------------------------------------------------------------------------------------


def test_modes_and_links_stay(tmp_path):
    path, link = tmp_path / "a.csv", tmp_path / "link.csv"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o600)
    link.symlink_to(path)
    files.write_file(link, b"new")
    assert (link.is_symlink(), path.read_bytes()) == (True, b"new")
    assert path.stat().st_mode & 0o777 == 0o600
    old = os.umask(0o027)
    try:
        files.write_file(tmp_path / "b.csv", b"new")
    finally:
        os.umask(old)
    assert (tmp_path / "b.csv").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("stem", ["x" * 251, "校" * 83])
def test_names_may_be_as_long_as_the_system_allows(liantu, county, stem):
    name = f"{stem}.csv"
    assert len(name.encode()) in (253, 255)
    assert liantu("coverage", county, "-o", name).code == 0
    assert Path(name).is_file()
    found = liantu("coverage", county, "-o", "x" * 300 + ".csv")
    assert (found.code, len(found.lines)) == (1, 1)


KILLED = """
import sys, time
from pathlib import Path
from liantu.formats.files import replacing
with replacing(Path(sys.argv[1])) as draft:
    draft.write_text("half")
    print("writing", flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="nothing is swept there")
def test_what_a_killed_run_left_is_swept_and_what_is_written_is_not(liantu, county):
    other = Path(".liantu-mine")
    other.write_text("no draft", encoding="utf-8")
    command = [sys.executable, "-c", KILLED, "o.csv"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path.cwd()) as run:
        assert run.stdout is not None
        run.stdout.readline()
        assert liantu("coverage", county, "-o", "p.csv").code == 0
        assert len(list(Path().glob(".liantu-*.part"))) == 1  # its process is alive
        run.kill()
    time.sleep(0.1)
    assert liantu("coverage", county, "-o", "p.csv").code == 0
    assert sorted(path.name for path in Path().iterdir()) == [".liantu-mine", "p.csv"]


FULL = {
    "xlsx": ("coverage", "county", "-o", "a.xlsx"),
    "csv": ("coverage", "county", "-o", "a.csv"),
    "json": ("coverage", "county", "-o", "a.json"),
    "parquet": ("coverage", "county", "-o", "a.parquet"),
    "report": ("report", "county", "-o", "a.html"),
    "template": ("template", "a.xlsx"),
    "draft": ("draft", "county", "-o", "a.xlsx"),
    **{s: ("export", "county", f"a.{s}") for s in ("graphml", "gexf", "cypher", "geojson", "kml")},
    "export xlsx": ("export", "county", "b.xlsx"),
    "export json": ("export", "county", "b.json"),
    "folder": ("export", "county", "out"),
    "store": ("import", "county", "store"),
}


@pytest.mark.parametrize("what", some(sorted(FULL), 4))
def test_a_full_disk_is_one_line(what, county):
    args = [str(county) if word == "county" else word for word in FULL[what]]

    def small() -> None:  # writing beyond fails as on a full disk
        resource.setrlimit(resource.RLIMIT_FSIZE, (60, 60))

    found = subprocess.run(
        [sys.executable, "-m", "liantu", "--lang", "en", *args],
        capture_output=True,
        cwd=county.parent,
        preexec_fn=small,
        check=False,
        text=True,
    )
    assert found.returncode == 1, found.stderr
    assert len(found.stderr.splitlines()) == 1, found.stderr
    assert "cannot write" in found.stderr
    assert os.strerror(errno.EFBIG) in found.stderr
    left = [path for path in county.parent.rglob("*") if county not in path.parents]
    assert [path.name for path in left if path.name not in (county.name, "here", "store")] in (
        [],
        [".lock"],
    )


@pytest.mark.parametrize(("out", "code"), [("/dev/null", 2), ("pipe.csv", 1), ("none/a.csv", 1)])
def test_odd_places_are_one_line(liantu, county, out, code):
    os.mkfifo("pipe.csv")
    found = liantu("coverage", county, "-o", out)
    assert (found.code, len(found.lines)) == (code, 1)


def test_only_what_liantu_left_is_swept(liantu):
    mine = Path(".liantu-backup.part")
    mine.mkdir()
    (mine / "notes.txt").write_text("mine", encoding="utf-8")
    named = Path(".liantu-0123456789ab.part")
    named.mkdir()
    (named / "notes.txt").write_text("mine", encoding="utf-8")
    left = Path(".liantu-ba9876543210.part")
    left.mkdir()
    (left / "draft.csv").write_text("half", encoding="utf-8")
    assert liantu("template", "t.xlsx").code == 0
    assert (mine / "notes.txt").is_file() and (named / "notes.txt").is_file()
    assert not left.exists()


def test_a_taken_folder_says_what_is_in_the_way(liantu):
    assert liantu("export", "case:wenshan", "out").code == 0
    Path("out/备注.txt").write_text("x", encoding="utf-8")
    found = liantu("export", "case:wenshan", "out", "--lang", "zh")
    assert found.code == 1 and "备注.txt" in found.err


def test_what_the_system_says_is_told_in_the_language_of_the_run(liantu, tmp_path):
    found = liantu("coverage", "case:demo", "-o", f"{'长' * 100}.csv", "--lang", "zh")
    assert found.code == 1
    assert "名称过长" in found.err and "too long" not in found.err

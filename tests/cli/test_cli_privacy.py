"""No command tells a teacher's name unless it is asked to, in data, notes, errors or files."""

from __future__ import annotations

import base64
import gzip
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from long import some
from taken import PORT

from liantu.commands import command_names
from liantu.results import registry

# No sign of these stands anywhere in liantu; the third is a name in pinyin, the fourth a citizen's.
WORDS = ("欧阳靖宇", "司马若蘅", "zhugexiaoqi", "110101199003071234", "尉迟")
TABLES = {
    "regions.csv": "id,name,level\nc,试验县,county\n",
    "schools.csv": (
        "id,name,region,urban_rural,pupils\n0130,一小,c,111,900\n0131,二小,c,220,120\n"
        "0132,三小,c,220,50\n"
    ),
    "centers.csv": "id,name\ncenter,研究中心\n",
    "teachers.csv": (
        "id,name,title,provenance\n"
        "T1,欧阳靖宇,高级,名册\n"
        "一小/司马若蘅,司马若蘅,一级,司马 若蘅填报\n"
        "zhugexiaoqi2,诸葛小七,,\n"
        "110101199003071234,尉迟敬之,,\n"
        "二小/尉迟恭,,,\n"
        "T8,诸葛小七,,\n"  # of the same name as another
    ),
    "works_at.csv": (
        "source,target,start,place\nT1,0130,2020-09-01,见欧阳靖宇的合同\n"
        "一小/司马若蘅,0130,2020-09-01,\nzhugexiaoqi2,0131,,\n110101199003071234,0131,,\n"
        "二小/尉迟恭,0131,,\n"
    ),
    "mentors.csv": (
        "source,target,source_kind,target_kind,start\n"
        "一小/司马若蘅,zhugexiaoqi2,teacher,teacher,2021-09-01\n"
        "T1,二小/尉迟恭,teacher,teacher,2021-09-01\n"
        "T1,T1,teacher,teacher,2021-09-01\n"  # a warning that quotes an id
    ),
    "posted_to.csv": (
        "source,source_kind,target,form,home,start,role\n"
        "一小/司马若蘅,teacher,0131,rotation,0130,2017-09-01,接替尉迟敬之\n"
        "二小/尉迟恭,teacher,0132,rotation,,2021-09-01,\n"
    ),
    "joins.csv": "source,source_kind,target\n110101199003071234,teacher,center\n0130,school,center\n",
    "delivers.csv": "source,source_kind,target,target_kind,date\nT1,teacher,0131,school,2022-03-01\n",
    "observations.csv": "kind,id,measure,text\nteacher,一小/司马若蘅,荣誉,尉迟敬之推荐\n",
    "network.toml": (
        'title = "欧阳靖宇的试验县"\nas_of = "2022-05-11"\n'
        '[[phase]]\nname = "司马若蘅主持"\nstart = "2021-09-01"\n'
    ),
    "report.md": (
        "校长欧阳靖宇介绍，县一小与二小结对，司马若蘅老师和尉迟敬之到三小支教。\n"
    ),
    "scenario.toml": (
        '[scenario]\nname = "欧阳靖宇的方案"\n'
        '[[edit]]\ndo = "rotate"\nsource = "司马若蘅"\ntarget = "三小"\n'
    ),
    "claims.toml": (
        "# 欧阳靖宇 wrote this\n"
        '[[claim]]\nid = "尉迟敬之-1"\nsubject = "teacher:一小/司马若蘅"\nplace = "司马若蘅自述"\n'
        'scope = "欧阳靖宇"\nnote = "问 欧阳靖宇"\nnote_en = "ask 欧阳靖宇"\n'
        'comparison = "="\nvalue = 1\n'
        'measure = { count = "works_at", where = { source = "一小/司马若蘅" } }\n'
        '[[claim]]\nid = "b"\nsubject = "teacher:一小/司马若蘅"\n'
        'measure = { attribute = "荣誉", is = "尉迟敬之推荐" }\n'
        '[[claim]]\nid = "c"\ncomparison = "="\nvalue = 9\n'
        'measure = { count = "mentors", where = { source = "尉迟敬之" } }\n'
        '[[claim]]\nid = "d"\ncomparison = "="\nvalue = 2\nmeasure = { analysis = "centrality", '
        'parameters = { layer = "mentors" }, row = { node = "zhugexiaoqi2" }, '
        'column = "in_degree" }\n'
    ),
}  # fmt: skip

MENDED = {  # of the same tables: what is wrong, and a word of what an error of it quotes
    "unknown end": ("mentors.csv", "T1,二小/尉迟恭", "T1,尉迟恭德"),
    "two of an id": ("teachers.csv", "T1,欧阳靖宇", "一小/司马若蘅,欧阳靖宇"),
    "alike": ("teachers.csv", "zhugexiaoqi2", "一小/司马若 蘅"),
    "slipped": ("works_at.csv", "T1,0130,2020", "T1,0130,欧阳靖宇"),
    "no school": ("works_at.csv", "T1,0130", "T1,欧阳靖宇"),
    "ambiguous": ("mentors.csv", "T1,二小/尉迟恭,teacher", "诸葛小七,二小/尉迟恭,teacher"),
    "unknown teacher": ("works_at.csv", "T1,0130", "欧阳靖宇丙,0130"),
    "claimed": ("claims.toml", 'subject = "teacher:一小', 'subject = "teachr:一小'),
    "nobody claimed": ("claims.toml", '"teacher:一小/司马若蘅"', '"teacher:一小/司马若蘅芳"'),
    "a figure": ("observations.csv", "teacher,一小/司马若蘅", "teacher,司马若蘅芳"),
}  # fmt: skip


def write(folder: Path, tables: dict[str, str]) -> Path:
    folder.mkdir()
    for name, text in tables.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return folder


@pytest.fixture
def people(tmp_path) -> Path:
    """Return a folder of tables that name teachers wherever they can."""
    return write(tmp_path / "people", TABLES)


def contents(path: Path) -> Iterator[str]:
    """Yield everything that a file or folder says, and its name."""
    if path.is_dir():
        for each in path.iterdir():
            yield each.name
            yield from contents(each)
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            yield from (archive.read(name).decode() for name in archive.namelist())
    elif path.suffix == ".parquet":
        table = pq.read_table(path)
        yield from (str(table.to_pydict()), str(table.schema.metadata), *table.column_names)
    else:
        text = path.read_bytes().decode()
        yield text
        for packed in re.findall(r'id="feed">([^<]+)<', text):  # the data of a page
            yield gzip.decompress(base64.b64decode(packed)).decode()


def told(run, here: Path) -> set[str]:
    """Return which words a run tells: on stdout, on stderr, in any file that it wrote."""
    said = "\n".join((run.out, run.err, *contents(here)))
    said += re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), said)
    joined = "".join(said.split())
    return {word for word in WORDS if word in joined}


# What every command is asked for; {source} is the source. Those that read no list are empty.
EXPORTS = (
    *("net.graphml", "net.xlsx", "net.json", "tables", "net.gexf", "net.cypher"),
    *("net.geojson", "net.kml"),
)
FILES = ("xlsx", "parquet")
ASKED: dict[str, list[str]] = {
    "demo": ["-o demo.html"],
    "cases": [""],
    "template": ["template.xlsx"],
    "generate": ["region --schools 5"],
    "query": ["--list"],  # against a server: tests/stores/server
    "info": ["{source}", "{source} --format json"],
    "extract": ["{source}/report.md --schools {source} -o candidates.xlsx"],
    "export": [f"{{source}} {out}" for out in EXPORTS],
    "report": ["{source} -o report.html --scope all", "{source} -o report.md --scope all"],
    "page": ["{source} -o page.html --scope all"],
    "serve": [f"{{source}} --no-browser --port {PORT}"],
    "whatif": ["{source} --scope all", "{source} --scope all -o result.xlsx"],
    "compare": ["{source} {source}", "{source} {source} --format json"],
    "audit": ["{source} --rows", "{source} --rows --format json", "{source} -o audit.xlsx",
              "{source} --format csv -o audit.csv"],
    **{
        analysis.command: ["{source}", *(f"{{source}} -o result.{end}" for end in FILES)]
        for analysis in registry().values()
    },
}  # fmt: skip
ASKED["centrality"] = [f"{words} --layer mentors" for words in ASKED["centrality"]]
ASKED["centrality"].append("{source} --layer mentors --format json")
ASKED["structure"].append("{source} --layer mentors --format json")
ASKED["sensitivity"] = [f"{words} --draws 3" for words in ASKED["sensitivity"]]
ANY = {"check", "draft", "import"}  # these show, or keep, what they are given

# What shows teachers when asked to.
SHOWN = ["export", "audit", "report", "centrality"]


def test_every_command_is_asked():
    assert set(command_names()) == {*ASKED, *ANY}


IN_CHINESE = [(command, "zh") for command in (*SHOWN, "info", "ties")]


@pytest.mark.parametrize(("command", "lang"), [*((each, "en") for each in ASKED), *IN_CHINESE])
def test_no_command_tells_a_name(liantu, people, tmp_path, command, lang):
    for words in ASKED[command] if lang == "en" else ASKED[command][:1]:
        run = liantu(command, *_arguments(words, people), "-v", "--lang", lang)
        if run.code == 1:  # an analysis of something that these tables lack
            assert len(run.lines) <= 12
        assert run.code < 2
        assert told(run, tmp_path / "here") == set(), words


@pytest.mark.parametrize("command", SHOWN)
def test_who_asks_is_told(liantu, people, tmp_path, command):
    run = liantu(command, *_arguments(ASKED[command][0], people), "-v", "--show-teachers")
    assert run.code == 0
    wanted = set(WORDS) if command != "centrality" else {"zhugexiaoqi", "司马若蘅", "尉迟"}
    assert told(run, tmp_path / "here") >= wanted - ({WORDS[3]} if command != "export" else set())


def _arguments(words: str, source: object) -> list[object]:
    return [word.replace("{source}", str(source)) for word in words.split()]


BROKEN = ["info {source}", "coverage {source} --scope all", "report {source}", "audit {source}",
          "export {source} net.json", "import {source} net.liantu"]  # fmt: skip


@pytest.mark.parametrize("wrong", some(MENDED, 4))
def test_no_error_tells_a_name_but_that_of_check(liantu, tmp_path, wrong):
    name, old, new = MENDED[wrong]
    assert old in TABLES[name]
    source = write(tmp_path / "broken", {**TABLES, name: TABLES[name].replace(old, new)})
    failed = 0
    for words in BROKEN:
        if name == "claims.toml" and words.startswith("import"):
            continue  # no business of a store, which keeps the data whole
        command, *rest = words.split()
        if command == "report" and name != "claims.toml":
            continue  # reads as every command does; its section on claims is its own
        run = liantu(command, *_arguments(" ".join(rest), source), "-v")
        if command == "import" and run.code == 0:
            continue
        assert told(run, tmp_path / "here") == set(), words
        failed += run.code == 1
        if run.code == 1:
            assert f"{name}" in run.err
    assert failed
    # whoever asks is told, and so is whoever mends it
    asked = liantu("audit", source, "-v", "--show-teachers")
    assert told(asked, tmp_path / "here")
    if name != "claims.toml":
        assert "liantu check shows it" in liantu("info", source).err
        assert told(liantu("check", source), tmp_path / "here")


@pytest.mark.parametrize("out", ["net.json", "net.graphml", "net.xlsx", "tables"])
def test_errors_of_exports_tell_no_name(liantu, people, tmp_path, out):
    """A file with names, edited by hand so that an end of a tie is nobody."""
    aside = tmp_path / "aside"
    aside.mkdir()
    path = aside / out
    assert liantu("export", people, path, "--show-teachers").code == 0
    if out == "net.xlsx":
        import openpyxl

        book = openpyxl.load_workbook(path)
        for sheet in book.worksheets:
            if sheet.title in ("mentoring", "mentors") or "mentor" in sheet.title.lower():
                sheet["A2"] = "司马若蘅芳"
        book.save(path)
    else:
        file = path / "mentors.csv" if path.is_dir() else path
        text = file.read_text(encoding="utf-8")
        tie = '"source": "一小/司马若蘅"' if out == "net.json" else "teacher:一小/司马若蘅"
        tie = "一小/司马若蘅" if path.is_dir() else tie
        if out == "net.graphml":
            tie = ">teacher</data>"
            assert tie in text
            text = text.replace(tie, ">teachr</data>", 1)
        else:
            assert tie in text
            text = text.replace(tie, tie.replace("若蘅", "若蘅芳"))
        file.write_text(text, encoding="utf-8", newline="")
    run = liantu("info", path, "-v")
    assert run.code == 1
    assert told(run, tmp_path / "here") == set()
    assert told(liantu("check", path), tmp_path / "here")


MAPPING = """
[[rows]]
file = "all.csv"
missing_ends = "{policy}"
[[rows.school]]
id = "school"
[[rows.teacher]]
id = "nr"
name = "who"
title = "title"
[[rows.mentors]]
source = "nr"
source_kind = {{ value = "teacher" }}
target = "pupil"
target_kind = {{ value = "teacher" }}
"""


@pytest.mark.parametrize("policy", ["error", "skip", "create"])
def test_what_a_mapping_finds_tells_no_name(liantu, tmp_path, policy):
    folder = write(
        tmp_path / "foreign",
        {"all.csv": "school,nr,who,title,pupil\n一小,1,欧阳靖宇,a,2\n一小,1,司马若蘅,b,尉迟敬之\n"
                    "二小,2,尉迟,c,1\n"},
    )  # fmt: skip
    rules = tmp_path / "rules.toml"
    rules.write_text(MAPPING.format(policy=policy), encoding="utf-8")
    for command in ("info", "centrality"):
        run = liantu(command, folder, "--mapping", rules, "-v")
        assert run.code == (policy == "error")
        assert told(run, tmp_path / "here") == set()
        assert "‹…›" in run.err
    shown = liantu("info", folder, "--mapping", rules, "-v", "--show-teachers")
    assert told(shown, tmp_path / "here")


NAMED = ["info", "info --format json", "report -o report.html", "report -o report.md", "coverage -o rows.xlsx",
         "coverage --format json", *(f"export {out}" for out in EXPORTS)]  # fmt: skip


@pytest.mark.parametrize("words", NAMED)
def test_a_title_from_the_name_of_a_file_tells_no_name(liantu, tmp_path, words):
    import openpyxl

    book = openpyxl.Workbook()
    for name in ("schools", "teachers", "works_at"):
        sheet = book.create_sheet(name)
        for line in TABLES[f"{name}.csv"].splitlines():
            sheet.append(line.split(","))
    path = tmp_path / "欧阳靖宇的台账.xlsx"
    book.save(path)
    command, *rest = words.split()
    run = liantu(command, path, *rest, "--create-missing")
    assert run.code == 0, run.err
    assert told(run, tmp_path / "here") == set()
    if command != "coverage":
        assert "的台账" in "\n".join((run.out, run.err, *contents(tmp_path / "here")))


# -- audit, export, import ------------------------------------------------------------------------


def test_claims_about_a_masked_teacher_are_judged(liantu, people):
    hidden, shown = (
        liantu("audit", people, "--format", "json", *more).json
        for more in ([], ["--show-teachers"])
    )
    for key in ("verdict", "computed"):
        assert [row[key] for row in hidden["table"]] == [row[key] for row in shown["table"]]
    assert [row["verdict"] for row in hidden["table"]][:2] == ["holds", "holds"]
    subject = hidden["table"][0]["subject"]
    assert subject.startswith("teacher:teacher-")
    # it is the pseudonym that every other command shows
    ranks = liantu("centrality", people, "--layer", "mentors", "--format", "json").json["table"]
    assert subject.removeprefix("teacher:") in {row["node"] for row in ranks}


def test_an_export_holds_claims_about_pseudonyms(liantu, people):
    assert liantu("export", people, "out").code == 0
    claims = Path("out", "claims.toml").read_text(encoding="utf-8")
    assert claims.startswith("# ‹…› wrote this\n")
    before, after = (liantu("audit", each, "--format", "json").json for each in (people, "out"))
    assert [row["verdict"] for row in after["table"]][:2] == ["holds", "holds"]
    assert after["table"][0]["subject"] == before["table"][0]["subject"]


def test_claims_that_names_cannot_be_taken_out_of_stay_behind(liantu, people, tmp_path):
    path = people / "claims.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("问 欧阳靖宇", r"问 \u6b27阳靖宇"), encoding="utf-8")
    run = liantu("export", people, "out")
    assert run.code == 0
    assert "claims.toml was left out" in run.err
    assert not Path("out", "claims.toml").exists()
    assert liantu("export", people, "whole", "--show-teachers").code == 0
    assert Path("whole", "claims.toml").read_bytes() == path.read_bytes()


def test_a_store_keeps_the_data_whole_and_its_results_without_names(liantu, people, tmp_path):
    run = liantu("import", people, "net.liantu", "-v")
    assert run.code == 0
    assert told(run, tmp_path / "people" / "regions.csv") == set()
    for words in (["info"], ["centrality", "--layer", "mentors"], ["audit", "--claims"]):
        more = [people / "claims.toml"] if words[-1] == "--claims" else []
        run = liantu(words[0], "net.liantu", *words[1:], *more, "-v")
        assert run.code == 0
        assert told(run, tmp_path / "people" / "regions.csv") == set()
    one, other = (
        liantu("info", each, "--format", "json").json["fingerprint"]
        for each in (people, "net.liantu")
    )
    assert one == other
    shown = liantu("info", "net.liantu", "--format", "json", "--show-teachers").json
    assert shown["fingerprint"] != one


def test_everything_prints_the_one_fingerprint_without_names(liantu, people, monkeypatch):
    found = set()
    for key in ("a secret of one machine", "a secret of another one"):
        monkeypatch.setenv("LIANTU_KEY", key)
        for command, *more in (["info"], ["audit"], ["ties"]):
            text = liantu(command, people, *more, "--format", "json").out
            found.add(json.loads(text)["fingerprint"])
    assert len(found) == 1
    liantu("report", people, "-o", "r.md", "--scope", "all")
    assert next(iter(found)) in Path("r.md").read_text(encoding="utf-8")
    shown = liantu("info", people, "--format", "json", "--show-teachers").json["fingerprint"]
    assert shown not in found


def test_a_date_that_is_none_is_shown_but_no_name_in_its_place(liantu, tmp_path):
    text = "姓名,接收学校,派出学校,开始\n王芳,甲小学,乙小学,2026-13-01\n李明,甲小学,乙小学,王小二\n"
    (tmp_path / "支教.csv").write_text(text, encoding="utf-8")
    found = liantu("coverage", tmp_path / "支教.csv")
    assert "“2026-13-01”" in found.err and "王小二" not in found.err

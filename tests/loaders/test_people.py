"""Numbers of people: they tell persons apart while loading, and stand nowhere afterwards."""

import json
import re
import zipfile
from pathlib import Path

import pytest
from pyarrow import parquet
from reading_once import reading_once

from liantu.cli import main
from liantu.errors import DataError
from liantu.graph.personal_numbers import is_identity, is_mobile, masked, without_numbers
from liantu.loaders import examine, read


def with_check(first: str) -> str:
    """Return an identity number of 17 digits with its check digit."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    rest = sum(w * int(d) for w, d in zip(weights, first, strict=True)) % 11
    return first + "10X98765432"[rest]


ONE, TWO, THREE = (with_check(f"370683198501011{n}") for n in (12, 13, 14))
PHONE = "13800000001"
SCHOOLS = "学校名称\n一小\n二小\n三小\n"


def test_the_example_of_the_standard():
    assert is_identity("11010519491231002X")  # GB 11643-1999, annex A
    assert is_identity("11010519491231002x")
    assert not is_identity("110105194912310021")
    assert not is_identity("11010519491331002X")
    assert is_identity("110105491231002")
    assert not is_identity("110105499931002")


def test_mobile_numbers():
    assert is_mobile("138 0000 0001")
    assert is_mobile("１３８００００００００")
    assert not is_mobile("12800000001")
    assert not is_mobile("138000000011")


def test_masks_keep_two_digits():
    assert masked(f"王芳{ONE}") == "王芳" + "*" * 16 + ONE[-2:]
    assert masked(PHONE) == "*********01"
    assert masked("2145000101、2145000102") == "2145000101、2145000102"
    assert without_numbers(f"电话{PHONE}转1") == "电话***转1"


def test_two_of_one_name_and_one_in_two_tables(folder):
    source = folder(
        {
            "学校": SCHOOLS,
            "支教": f"姓名,身份证号,派出学校,接收学校\n张伟,{TWO},一小,二小\n张伟,{ONE},一小,三小\n"
            f"张伟,{THREE},二小,三小\n",
            "跟岗": f"姓名,身份证号,派出学校,接收学校\n张伟,{TWO},一小,三小\n",
        }
    )
    network = read(source)
    assert network.nodes("teacher").index.tolist() == ["一小/张伟", "一小/张伟 (2)", "二小/张伟"]
    ends = network.relation("posted_to")[["source", "target"]].astype(str).to_numpy().tolist()
    assert sorted(ends) == [
        ["一小/张伟", "三小"],
        ["一小/张伟 (2)", "三小"],
        ["一小/张伟 (2)", "二小"],
        ["二小/张伟", "三小"],
    ]


def test_the_order_of_rows_changes_no_id(folder):
    rows = [f"张伟,{ONE},一小,三小", f"张伟,{TWO},一小,二小", f"李娜,{THREE},二小,一小"]
    prints = set()
    for order in ((0, 1, 2), (2, 1, 0), (1, 2, 0)):
        text = "姓名,身份证号,派出学校,接收学校\n" + "\n".join(rows[n] for n in order) + "\n"
        prints.add(read(folder({"学校": SCHOOLS, "支教": text})).fingerprint)
    assert len(prints) == 1


def test_a_true_teacher_number_stays_and_others_are_found_by_their_card(folder):
    source = folder(
        {
            "学校": SCHOOLS,
            "教师": f"教师编号,姓名,身份证号,学校名称\nT1,张伟,{ONE},一小\n,张伟,{TWO},一小\n",
            "支教": f"姓名,身份证号,接收学校\n张伟,{TWO},二小\n张伟,{ONE},三小\n",
        }
    )
    network = read(source)
    assert network.nodes("teacher").index.tolist() == ["T1", "一小/张伟"]
    ends = network.relation("posted_to")[["source", "target"]].astype(str).to_numpy().tolist()
    assert sorted(ends) == [["T1", "三小"], ["一小/张伟", "二小"]]


def test_a_mistyped_number_beside_a_name_is_taken_off_too(folder):
    rows = "支援校,受援校,姓名,起始日期\n一小,二小,王芳（110105194912310021）,2024-09-01\n"
    network = read(folder({"支教": rows}))
    assert list(network.nodes("teacher").index) == ["一小/王芳"]
    assert list(network.nodes("teacher")["name"]) == ["王芳"]


def test_without_a_home_the_host_is_the_place(folder):
    text = f"姓名,身份证号,接收学校\n张伟,{ONE},二小\n"
    assert read(folder({"学校": SCHOOLS, "支教": text})).nodes("teacher").index.tolist() == [
        "二小/张伟"
    ]


def test_a_number_beside_two_names_makes_nobody_the_same(folder):
    text = f"姓名,身份证号,派出学校,接收学校\n张伟,{ONE},一小,二小\n李娜,{ONE},一小,三小\n"
    network = read(folder({"学校": SCHOOLS, "支教": text}))
    assert network.nodes("teacher").index.tolist() == ["一小/张伟", "一小/李娜"]


def test_a_name_without_a_number_that_may_be_two_people_is_an_error(folder):
    source = folder(
        {
            "学校": SCHOOLS,
            "支教": f"姓名,身份证号,派出学校,接收学校\n张伟,{TWO},一小,二小\n张伟,{ONE},一小,三小\n",
            "跟岗": "姓名,派出学校,接收学校\n张伟,一小,三小\n",
        }
    )
    with pytest.raises(DataError) as caught:
        read(source)
    assert [(p.code, p.file) for p in caught.value.problems] == [("ambiguous_end", "跟岗.csv")]


def test_an_identity_number_under_the_header_of_ids_is_no_id(folder):
    source = folder(
        {
            "学校": SCHOOLS,
            "教师": f"教师编号,姓名,学校名称\n{ONE},张伟,一小\n{TWO},张伟,一小\nT3,李娜,一小\n",
        }
    )
    network = read(source)
    assert network.nodes("teacher").index.tolist() == ["T3", "一小/张伟", "一小/张伟 (2)"]
    assert [p.code for p in network.report.of("warning")] == ["numbers_dropped"]


# -- nowhere -------------------------------------------------------------------------------------

SLIPPED = {
    "学校": f"学校名称,法人,学校地址电话,别名\n一小,{ONE},{PHONE},{PHONE}\n二小,电话{PHONE},,\n三小,,,\n",
    "教师": f"教师编号,姓名,学科,职称,学校名称,身份证号,手机\nT1,张伟,{PHONE},{ONE},一小,{TWO},{PHONE}\n"
    "T2,李娜,,,一小,,\nT3,王芳,,,二小,,\n",
    "支教": f"姓名,身份证号码,派出学校,接收学校,职务,起止时间,联系电话\n"
    f"李娜,370683198501011234,一小,二小,{ONE},2023.9-2024.7,{PHONE}\n"
    f"王芳,370683198803052345,二小,三小,副校长{THREE},2023.9-2024.7,\n",
    "结对帮扶": f"支援校,受援校,协议,来源\n一小,二小,联系人{PHONE},{TWO}\n",
    "年度数据": f"学校,指标,年份,数值,文本\n一小,备注,2023,,{ONE}\n一小,电话,2023,,{PHONE}\n一小,x,2023,5,\n",
}
NEVER = (ONE, TWO, THREE, PHONE, "370683198501011234", "370683198803052345")


def tables_hold(network) -> str:
    frames = [network.nodes(k).reset_index() for k in ("school", "teacher")]
    frames += [network.relation(r) for r in ("assists", "posted_to")] + [network.observations]
    return "\n".join(frame.to_csv() for frame in frames)


def test_no_table_and_no_message_holds_a_number(folder):
    network, report = examine(folder(SLIPPED))
    assert network is not None
    told = "\n".join(p.line(lang) + repr(p) for p in report.problems for lang in ("en", "zh"))
    for number in NEVER:
        assert number not in tables_hold(network)
        assert number not in told
    assert {"numbers_dropped", "numbers_unread"} <= {p.code for p in report.problems}


@pytest.mark.parametrize(
    "row",
    [f"{ONE},2023.9", f"{PHONE},2023.9", f"二小,{ONE}", f"{ONE}{ONE},{PHONE}", f"x{ONE},电{PHONE}"],
)
def test_a_wrong_cell_is_masked_in_the_message(folder, row):
    source = folder({"学校": SCHOOLS, "结对帮扶": f"支援校,受援校,开始日期\n一小,{row}\n"})
    with pytest.raises(DataError) as caught:
        read(source)
    text = "\n".join(p.line(lang) for p in caught.value.problems for lang in ("en", "zh"))
    assert ONE not in text
    assert PHONE not in text


MAPPING = """
[[rows]]
[[rows.school]]
name = "home"
[[rows.school]]
name = "host"
[[rows.posted_to]]
source = "card"
source_name = "name"
source_kind = { value = "teacher" }
home = "home"
target = "host"
role = "tel"
place = { columns = ["name", "card"], join = ":" }
"""


def test_a_mapping_cannot_make_ids_of_them(folder):
    source = folder(
        {"x": f"name,card,tel,home,host\n张伟,{ONE},{PHONE},一小,二小\n张伟,{TWO},,一小,三小\n"}
    )
    mapping = source / "m.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    network = read(source / "x.csv", mapping=mapping)
    assert network.nodes("teacher").index.tolist() == ["一小/张伟", "一小/张伟 (2)"]
    assert not any(number in tables_hold(network) for number in NEVER)


def test_a_composite_id_is_not_made_of_them_either(folder):
    source = folder({"x": f"姓名,身份证号,学校\n张伟,370683198501011234,一小\n张伟,{TWO},一小\n"})
    mapping = {
        "rows": [
            {
                "school": {"name": "学校"},
                "teacher": {
                    "id": {"columns": ["姓名", "身份证号"], "join": ":"},
                    "name": "姓名",
                    "title": {"columns": ["姓名", "身份证号"], "join": ":"},
                    "school": "学校",
                },
            }
        ]
    }
    network = read(source / "x.csv", mapping=mapping)
    assert network.nodes("teacher").index.tolist() == ["一小/张伟", "一小/张伟 (2)"]
    assert network.nodes("teacher")["title"].tolist() == ["张伟", "张伟"]
    assert not any(number in tables_hold(network) for number in NEVER)


def test_names_alone_are_told_apart_by_their_hosts(folder):
    text = "姓名,接收学校\n张伟,二小\n张伟,三小\n"
    network = read(folder({"学校": SCHOOLS, "支教": text}))
    assert network.nodes("teacher").index.tolist() == ["三小/张伟", "二小/张伟"]


def test_both_ways_of_reading_a_csv_give_the_same(folder, monkeypatch):
    from liantu.loaders import plain

    quick, report = examine(folder(SLIPPED))
    monkeypatch.setattr(plain, "records", lambda *_, **__: None)
    careful, told = examine(folder(SLIPPED))
    assert quick.fingerprint == careful.fingerprint
    assert report == told


LIKE_ONE = re.compile(r"(?<![\w.])(?:\d{17}[\dXx]|\d{15}|1\d{10})(?![\w.])")


def is_one(text: str) -> bool:
    """Return whether a text is the number of a card or of a mobile telephone."""
    return is_identity(text) or is_mobile(text)


def outputs(source: Path, out: Path, capsys, monkeypatch) -> str:
    """Return everything that the commands write of a source."""
    reading_once(monkeypatch)
    commands = [
        ["check", source],
        ["check", source, "--format", "json", "-v"],
        ["info", source],
        ["ties", source, "--format", "json", "--show-teachers"],
        ["export", source, out / "n.json"],
        ["export", source, out / "folder"],
        ["export", source, out / "n.graphml"],
        ["export", source, out / "n.gexf", "--show-teachers"],
        ["export", source, out / "n.cypher", "--show-teachers"],
        ["export", source, out / "n.geojson", "--show-teachers"],
        ["export", source, out / "n.kml", "--show-teachers"],
        ["export", source, out / "n.xlsx", "--show-teachers"],
        ["check", source, "--format", "csv"],
        ["ties", source, "--format", "csv", "--labels", "--show-teachers"],
        ["ties", source, "-o", out / "ties.xlsx", "--show-teachers"],
        ["coverage", source, "--scope", "all"],
        ["draft", source, "-o", out / "draft.xlsx"],
        ["report", source, "-o", out / "r.html", "--scope", "all", "--show-teachers"],
        ["import", source, out / "store"],
        ["compare", source, source, "--scope", "all", "--show-teachers"],
        ["report", source, "-o", out / "r.md", "--scope", "all", "--show-teachers"],
    ]
    found = []
    for command in commands:
        main([*map(str, command), "--lang", "zh"])
        found += capsys.readouterr()
    files = [path for path in sorted(out.rglob("*")) if path.is_file()]
    endings = {".json", ".graphml", ".gexf", ".cypher", ".xlsx", ".html", ".md", ".csv", ".parquet"}
    assert endings <= {path.suffix for path in files}
    for path in files:
        if path.suffix == ".xlsx":  # packed
            with zipfile.ZipFile(path) as book:
                found += [book.read(name).decode("utf-8", "ignore") for name in book.namelist()]
        elif path.suffix == ".parquet":
            found.append(parquet.read_table(path).to_pandas().to_csv())
        else:
            found.append(path.read_bytes().decode("utf-8", "ignore"))
    return "\n".join(found)


def test_no_command_writes_one(tmp_path, capsys, monkeypatch):
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    out.mkdir()
    for table, text in SLIPPED.items():
        (source / f"{table}.csv").write_text(text, encoding="utf-8")
    written = outputs(source, out, capsys, monkeypatch)
    assert "李娜" in written
    for number in NEVER:
        assert number not in written


@pytest.mark.parametrize("name", ["ledger", "consortia", "postings"])
def test_no_command_writes_one_of_a_bureau(name, shared_data, tmp_path, capsys, monkeypatch):
    books = shared_data / "bureau_workbooks"
    expected = json.loads((books / "expected.json").read_text(encoding="utf-8"))
    written = outputs(books / name, tmp_path, capsys, monkeypatch)
    assert "云溪县" in written
    assert not {found[0] for found in LIKE_ONE.finditer(written) if is_one(found[0])}
    for number in expected[name].get("never_in_any_output", ()):
        assert number not in written

"""Six sources of six counties, each in the words and layouts of another office.

What they must give was worked out by hand from the lists, before any of them was loaded.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

import liantu
from liantu.drafts import draft
from liantu.graph.network import Network
from liantu.loaders import examine

Rows = Sequence[Sequence[object]]
Tie = tuple[str, str, str, str | None, str | None]
ID_CARDS = ("370683199007073456", "370683198501011234")


def book(path: Path, sheets: dict[str, Rows], merged: dict[str, Sequence[str]] = {}) -> None:  # noqa: B006
    """Write a workbook; the first cell of a merged range holds its text."""
    with xlsxwriter.Workbook(str(path)) as whole:
        day = whole.add_format({"num_format": "yyyy/m/d"})
        for name, rows in sheets.items():
            sheet = whole.add_worksheet(name)
            for number, row in enumerate(rows):
                for place, cell in enumerate(row):
                    if isinstance(cell, date):
                        moment = datetime(cell.year, cell.month, cell.day)
                        sheet.write_datetime(number, place, moment, day)
                    elif cell not in ("", None):
                        sheet.write(number, place, cell)
            for area in merged.get(name, ()):
                first = area.partition(":")[0]
                text = rows[int(first[1:]) - 1][ord(first[0]) - ord("A")]
                sheet.merge_range(area, text)


def listed(path: Path, rows: Rows, encoding: str = "gb18030") -> None:
    """Write a CSV as spreadsheets save it: every row as wide as the widest."""
    width = max(map(len, rows))
    lines = [",".join(map(str, [*row, *[""] * (width - len(row))])) for row in rows]
    path.write_text("\r\n".join(lines) + "\r\n", encoding=encoding, newline="")


def ties_of(network: Network, as_of: str) -> set[Tie]:
    table = liantu.ties(network, as_of=as_of).table
    found: list[Tie] = []
    for row in table.to_dict("records"):
        first, last = (None if str(row[c]) == "NaT" else str(row[c])[:10] for c in ("start", "end"))
        found.append((row["source_name"], row["target_name"], row["basis"], first, last))
    assert len(set(found)) == len(found)
    return set(found)


def load(source: Path) -> Network:
    network, report = examine(source)
    assert network is not None, [problem.line("zh") for problem in report.of("error")]
    return network


# -- a district with zones, in one workbook of four annexes -------------------------------------


def tongling(folder: Path) -> Path:
    schools: Rows = [
        ["桐岭区2024年秋季义务教育学校一览表"],
        [
            "序号",
            "学校全称",
            "学段",
            "所在街道（乡镇）",
            "城乡属性",
            "学生数（人）",
            "校长",
            "办公电话",
        ],
        ["一、城区学校（3所）"],
        [1, "桐岭区实验小学", "小学", "东街街道", "城区", 2100, "赵某", "0535-6212345"],
        [2, "桐岭区人民路小学", "小学", "东街街道", "城区", 1600, "钱某", "13812345678"],
        [3, "桐岭区第三中学", "初中", "西街街道", "城区", 1500, "孙某", "0535-6212347"],
        ["小计", "", "", "", "", 5200],
        ["二、乡镇学校（5所）"],
        [4, "沙河镇中心小学", "小学", "沙河镇", "镇区", 420, "李某", ""],
        [5, "沙河镇丁集小学", "小学", "沙河镇", "乡村", 96, "周某", ""],
        [6, "沙河镇初级中学", "初中", "沙河镇", "镇区", 610, "吴某", ""],
        [7, "石门乡中心小学", "小学", "石门乡", "乡村", 210, "郑某", ""],
        [8, "石门乡松树岭小学", "小学", "石门乡", "乡村", 38, "王某", ""],
        ["小计", "", "", "", "", 1374],
        ["合计", "", "", "", "", 6574],
        ["填表人：冯某", "", "", "审核人：陈某", "", "填报日期：2024年9月10日"],
    ]
    zones: Rows = [
        ["桐岭区学区化办学情况统计表"],
        ["填报单位：桐岭区教育和体育局（盖章）"],
        ["序号", "学区名称", "学区长学校", "成员学校", "", "", "组建时间", "学校数"],
        [1, "第一学区", "区实验小学", "沙河镇中心小学", "沙河镇丁集小学", "", "2022.8", 3],
        [2, "第二学区", "区人民路小学", "石门乡中心小学", "松树岭小学", "", "2022.8", 3],
        [3, "第三学区", "区第三中学", "沙河镇初级中学", "", "", "2023.2", 2],
        ["合计", "3个", "", "", "", "", "", 8],
    ]
    hands: Rows = [
        ["桐岭区城乡学校“手拉手”结对帮扶名单"],
        ["序号", "城区学校", "乡村学校", "结对时间", "帮扶年限"],
        [1, "桐岭区实验小学", "石门乡中心小学", "2023年9月", "三年"],
        [2, "区人民路小学", "沙河镇丁集小学", "2024年3月", "2年"],
    ]
    walking: Rows = [
        ["桐岭区2024-2025学年走教教师安排表"],
        ["序号", "教师姓名", "身份证号", "学科", "所在学校", "走教学校", "走教时间", "周课时"],
        [1, "周敏", ID_CARDS[0], "音乐", "沙河镇中心小学", "沙河镇丁集小学", "2024-2025学年", 6],
        [2, "吴刚", ID_CARDS[1], "美术", "石门乡中心小学", "石门乡松树岭小学", "2024年秋季学期", 4],
    ]
    path = folder / "桐岭区义务教育优质均衡发展工作台账.xlsx"
    merged = {
        "附件1": ["A1:H1", "A3:H3", "A8:H8"],
        "附件2": ["A1:H1", "A2:H2", "D3:F3"],
        "附件3": ["A1:E1"],
        "附件4": ["A1:H1"],
    }
    book(path, {"附件1": schools, "附件2": zones, "附件3": hands, "附件4": walking}, merged)
    return path


def test_a_district_with_zones(tmp_path: Path) -> None:
    network = load(tongling(tmp_path))
    assert network.size("school") == 8
    assert network.size("alliance") == 3
    assert ties_of(network, "2024-10-01") == {
        ("桐岭区实验小学", "沙河镇中心小学", "member_of", "2022-08-01", None),
        ("桐岭区实验小学", "沙河镇丁集小学", "member_of", "2022-08-01", None),
        ("桐岭区人民路小学", "石门乡中心小学", "member_of", "2022-08-01", None),
        ("桐岭区人民路小学", "石门乡松树岭小学", "member_of", "2022-08-01", None),
        ("桐岭区第三中学", "沙河镇初级中学", "member_of", "2023-02-01", None),
        ("桐岭区实验小学", "石门乡中心小学", "assists", "2023-09-01", "2026-08-31"),
        ("桐岭区人民路小学", "沙河镇丁集小学", "assists", "2024-03-01", "2026-02-28"),
        ("沙河镇中心小学", "沙河镇丁集小学", "posted_to", "2024-09-01", "2025-08-31"),
        ("石门乡中心小学", "石门乡松树岭小学", "posted_to", "2024-09-01", "2025-01-31"),
    }
    codes = {problem.code for problem in network.report.problems}
    assert not codes & {"total_differs", "stated_differs", "several_ends"}


# -- a folder of CSV files, a list for every year -------------------------------------------------


def shaping(folder: Path) -> Path:
    listed(folder / "01学校名录（2024）.csv", [
        ["沙坪县学校名录"],
        ["学校名称", "学校标识码", "学段", "所属乡镇", "城乡分类", "在校学生（人）"],
        ["沙坪县城关第一小学", "2136000101", "小学", "城关镇", "111", "2210"],
        ["沙坪县城关第二小学", "2136000102", "小学", "城关镇", "111", "1804"],
        ["沙坪县高河镇中心小学", "2136000103", "小学", "高河镇", "121", "530"],
        ["沙坪县高河镇双桥村小学", "2136000104", "小学", "高河镇", "220", "71"],
        ["沙坪县黑石乡中心小学", "2136000105", "小学", "黑石乡", "210", "166"],
        ["沙坪县黑石乡岩脚教学点", "2136000106", "小学", "黑石乡", "220", "14"],
    ])  # fmt: skip
    head = ["序号", "支援单位", "受援单位", "帮扶形式", "帮扶学年", "备注"]
    listed(folder / "02沙坪县2023年度对口帮扶安排表.csv", [
        ["沙坪县2023年度学校对口帮扶安排表"],
        head,
        ["1", "城关第一小学", "高河镇中心小学", "结对帮扶", "2023-2024学年", ""],
        ["2", "〃", "高河镇双桥村小学", "结对帮扶", "〃", ""],
        ["3", "城关第二小学", "黑石乡中心小学", "托管", "2023-2024学年", ""],
        ["合计", "", "3所"],
        ["制表人：某某", "", "审核人：某某"],
    ])  # fmt: skip
    listed(folder / "03沙坪县2024年度对口帮扶安排表.csv", [
        ["沙坪县2024年度学校对口帮扶安排表"],
        head,
        ["1", "城关第一小学", "高河镇双桥村小学", "结对帮扶", "2024-2025学年", "续签"],
        ["2", "城关第二小学", "黑石乡中心小学；黑石乡岩脚教学点", "托管", "2024-2025学年", ""],
        ["合计", "", "3所"],
    ])  # fmt: skip
    return folder


def test_a_list_for_every_year(tmp_path: Path) -> None:
    network = load(shaping(tmp_path))
    first, second = "沙坪县城关第一小学", "沙坪县城关第二小学"
    earlier, later = ("2023-09-01", "2024-08-31"), ("2024-09-01", "2025-08-31")
    assert network.size("school") == 6
    assert ties_of(network, "2024-10-01") == {
        (first, "沙坪县高河镇中心小学", "assists", *earlier),
        (first, "沙坪县高河镇双桥村小学", "assists", *earlier),
        (second, "沙坪县黑石乡中心小学", "assists", *earlier),
        (first, "沙坪县高河镇双桥村小学", "assists", *later),
        (second, "沙坪县黑石乡中心小学", "assists", *later),
        (second, "沙坪县黑石乡岩脚教学点", "assists", *later),
    }
    assert set(network.relation("assists")["form"]) == {"paired", "trusteeship"}


# -- lessons delivered, a sheet for every month -----------------------------------------------------


def heluo(folder: Path) -> Path:
    head = [
        "序号",
        "活动日期",
        "主讲学校",
        "主讲教师",
        "学科",
        "课题",
        "活动地点",
        "参加教师数（人）",
    ]
    path = folder / "河洛县教研室送教下乡工作台账.xlsx"
    sheets: dict[str, Rows] = {
        "学校": [
            ["学校名称", "学段", "乡镇", "城乡类型", "学生数"],
            ["河洛县实验小学", "小学", "城关镇", "城区", 1900],
            ["河洛县第一初级中学", "初中", "城关镇", "城区", 1400],
            ["大营镇中心小学", "小学", "大营镇", "镇区", 480],
            ["大营镇河口小学", "小学", "大营镇", "乡村", 77],
            ["大营镇初级中学", "初中", "大营镇", "镇区", 520],
        ],
        "2024年3月": [
            ["2024年3月送教下乡活动记录"],
            head,
            [1, date(2024, 3, 14), "河洛县实验小学", "杨帆", "语文", "《燕子》", "大营镇中心小学", "30余人"],
            [2, date(2024, 3, 21), "县实验小学", "何静", "数学", "面积", "大营镇河口小学", 12],
        ],
        "2024年4月": [
            ["2024年4月送教下乡活动记录"],
            head,
            [1, "2024.4.18", "河洛县第一初级中学", "林涛", "英语", "Unit 5", "大营镇初级中学", "约20人"],
        ],
        "5月份": [
            ["2024年5月送教下乡活动记录"],
            head,
            [1, "2024年5月9日", "河洛县实验小学", "杨帆", "语文", "习作", "大营镇河口小学", "15人"],
            ["合计", "1场"],
        ],
    }  # fmt: skip
    book(path, sheets)
    return path


def test_lessons_by_month(tmp_path: Path) -> None:
    network = load(heluo(tmp_path))
    first, second = "河洛县实验小学", "河洛县第一初级中学"
    found = {
        (source, target, basis, start)
        for source, target, basis, start, _ in ties_of(network, "2024-10-01")
    }
    assert found == {
        (first, "大营镇中心小学", "delivers", "2024-03-14"),
        (first, "大营镇河口小学", "delivers", "2024-03-21"),
        (second, "大营镇初级中学", "delivers", "2024-04-18"),
        (first, "大营镇河口小学", "delivers", "2024-05-09"),
    }
    assert sorted(network.relation("delivers")["participants"]) == [12, 15, 20, 30]


# -- groups in two halves side by side, communities below one another ---------------------------------


def linjiang(folder: Path) -> Path:
    schools: Rows = [
        ["学校名称", "类别", "所在镇街", "城乡类型", "在校生"],
        ["临江市第一实验学校", "九年一贯制学校", "滨江街道", "城区", 3100],
        ["临江市育才小学", "小学", "滨江街道", "城区", 2050],
        ["临江市新城小学", "小学", "新城街道", "城区", 900],
        ["古渡镇中心小学", "小学", "古渡镇", "镇区", 610],
        ["古渡镇杨湾小学", "小学", "古渡镇", "乡村", 102],
        ["青石镇中心小学", "小学", "青石镇", "镇区", 380],
        ["青石镇白果小学", "小学", "青石镇", "乡村", 64],
    ]
    groups: Rows = [
        ["临江市教育集团一览表"],
        ["序号", "集团名称", "集团总校", "成员校", "成立时间", "",
         "序号", "集团名称", "集团总校", "成员校", "成立时间"],
        [1, "育才教育集团", "临江市育才小学", "临江市新城小学、青石镇中心小学", "2021年9月", "",
         2, "一实教育集团", "临江市第一实验学校", "古渡镇中心小学", "2022年3月"],
    ]  # fmt: skip
    bodies: Rows = [
        ["临江市城乡教共体建设情况表"],
        ["（一）融合型教共体"],
        ["教共体名称", "牵头学校", "成员单位", "启动时间"],
        ["育才—杨湾教共体", "市育才小学", "杨湾小学", "2023.9"],
        [""],
        ["（二）共建型教共体"],
        ["教共体名称", "牵头学校", "成员单位", "启动时间"],
        ["一实—白果教共体", "市第一实验学校", "白果小学", "2024.3"],
    ]
    path = folder / "临江市集团化办学与教共体情况（2024）.xlsx"
    sheets = {"学校": schools, "教育集团": groups, "城乡教共体": bodies}
    book(path, sheets, {"教育集团": ["A1:K1"], "城乡教共体": ["A1:D1"]})
    return path


def test_groups_side_by_side_and_communities_below_one_another(tmp_path: Path) -> None:
    network = load(linjiang(tmp_path))
    first, second = "临江市第一实验学校", "临江市育才小学"
    assert network.size("alliance") == 4
    assert ties_of(network, "2024-10-01") == {
        (second, "临江市新城小学", "member_of", "2021-09-01", None),
        (second, "青石镇中心小学", "member_of", "2021-09-01", None),
        (first, "古渡镇中心小学", "member_of", "2022-03-01", None),
        (second, "古渡镇杨湾小学", "member_of", "2023-09-01", None),
        (first, "青石镇白果小学", "member_of", "2024-03-01", None),
    }


# -- studios and mentors, with the particulars of persons ---------------------------------------------


def beitun(folder: Path) -> Path:
    schools: Rows = [
        ["北屯县中小学基本信息表"],
        ["学校", "学校代码", "学段", "乡（镇）", "城乡类别", "在校生（人）"],
        ["北屯县第一小学", "3165001", "小学", "北屯镇", "城区", 1700],
        ["北屯县第二中学", "3165002", "初中", "北屯镇", "城区", 1300],
        ["阿苇滩乡中心小学", "3165003", "小学", "阿苇滩乡", "乡村", 240],
        ["阿苇滩乡中学", "3165004", "初中", "阿苇滩乡", "乡村", 310],
        ["盐池乡小学", "3165005", "小学", "盐池乡", "乡村", 130],
    ]
    studios: Rows = [
        ["北屯县名师工作室成员名单"],
        ["序号", "工作室名称", "主持人", "", "成员", "", ""],
        ["", "", "姓名", "单位", "姓名", "单位", "联系电话"],
        [
            1,
            "马丽小学语文工作室",
            "马丽",
            "北屯县第一小学",
            "阿依",
            "阿苇滩乡中心小学",
            "13812345678",
        ],
        ["", "", "", "", "古丽", "盐池乡小学", "13912345678"],
        [2, "刘强初中数学工作室", "刘强", "北屯县第二中学", "马军", "阿苇滩乡中学", "13712345678"],
    ]
    pairs: Rows = [
        ["北屯县2024年“青蓝工程”师徒结对一览表"],
        ["序号", "师傅", "", "", "徒弟", "", "", "结对起止时间"],
        ["", "姓名", "学校", "身份证号", "姓名", "学校", "任教学科", ""],
        [1, "马丽", "北屯县第一小学", ID_CARDS[0], "古丽", "盐池乡小学", "语文", "2024.9-2026.7"],
        [2, "刘强", "北屯县第二中学", ID_CARDS[1], "马军", "阿苇滩乡中学", "数学", "2024.9—2026.7"],
    ]
    path = folder / "北屯县教师发展台账.xlsx"
    merged = {
        "工作室": ["A1:G1", "C2:D2", "E2:G2", "A4:A5", "B4:B5", "C4:C5", "D4:D5"],
        "师徒": ["A1:H1", "B2:D2", "E2:G2", "A2:A3", "H2:H3"],
    }
    book(path, {"学校": schools, "工作室": studios, "师徒": pairs}, merged)
    return path


def test_studios_and_mentors(tmp_path: Path) -> None:
    network = load(beitun(tmp_path))
    first, second = "北屯县第一小学", "北屯县第二中学"
    assert (network.size("school"), network.size("center"), network.size("teacher")) == (5, 2, 5)
    assert ties_of(network, "2024-10-01") == {
        (first, "阿苇滩乡中心小学", "joins", None, None),
        (first, "盐池乡小学", "joins", None, None),
        (second, "阿苇滩乡中学", "joins", None, None),
        (first, "盐池乡小学", "mentors", "2024-09-01", "2026-07-31"),
        (second, "阿苇滩乡中学", "mentors", "2024-09-01", "2026-07-31"),
    }
    told = "".join(problem.line("zh") for problem in network.report.problems)
    assert not any(number in told for number in (*ID_CARDS, "13812345678"))


# -- supporters from another province, whom no list of schools holds ------------------------------------


def wulan(folder: Path) -> Path:
    book(folder / "1.乌兰旗学校基本情况.xlsx", {"Sheet1": [
        ["乌兰旗学校基本情况表"],
        ["序号", "校名", "办学类型", "苏木（镇）", "城乡划分", "学生总数"],
        [1, "乌兰旗蒙古族第一小学", "小学", "乌兰镇", "城区", 880],
        [2, "乌兰旗蒙古族中学", "初级中学", "乌兰镇", "城区", 760],
        [3, "白音苏木中心小学", "小学", "白音苏木", "乡村", 95],
    ]})  # fmt: skip
    book(folder / "2.京蒙协作.xlsx", {"Sheet1": [
        ["乌兰旗京蒙协作学校结对帮扶统计表"],
        ["序号", "北京市学校", "", "乌兰旗学校", "", "结对期限"],
        ["", "学校名称", "联系人", "学校名称", "联系人", ""],
        [1, "北京市海淀区长河小学", "王某", "旗蒙古族第一小学", "包某", "2022.9-2025.8"],
        [2, "北京市海淀区长河中学", "李某", "旗蒙古族中学", "乌某", "2023年4月起三年"],
    ]}, {"Sheet1": ["A1:F1", "B2:C2", "D2:E2", "A2:A3", "F2:F3"]})  # fmt: skip
    return folder


def test_who_helps_whom_is_asked_and_supporters_from_elsewhere_too(tmp_path: Path) -> None:
    lists = wulan(tmp_path)
    network, report = examine(lists)
    assert network is None
    missing = [problem.column for problem in report.of("error")]
    assert missing == ["支援校", "受援校"]

    ticked = tmp_path / "对照表.xlsx"
    draft(lists, ticked)
    filled = openpyxl.load_workbook(ticked)
    sheet = filled["列"]
    pick = [cell.value for cell in sheet[2]].index("采用")
    ends = {"北京市学校·学校名称": "支援校", "乌兰旗学校·学校名称": "受援校"}
    for row in sheet.iter_rows(min_row=3):
        column = next(cell.value for cell in row if cell.value in ends)
        candidates = [cell.value for cell in row[pick + 1 :]]
        assert ends[column] in candidates
        row[pick].value = ends[column]
    filled.save(ticked)

    network, report = examine(lists)
    assert network is None
    assert {problem.value for problem in report.of("error")} == {
        "北京市海淀区长河小学", "北京市海淀区长河中学",
    }  # fmt: skip
    network, _ = examine(lists, create_missing=True)
    assert network is not None
    assert ties_of(network, "2024-10-01") == {
        ("北京市海淀区长河小学", "乌兰旗蒙古族第一小学", "assists", "2022-09-01", "2025-08-31"),
        ("北京市海淀区长河中学", "乌兰旗蒙古族中学", "assists", "2023-04-01", "2026-03-31"),
    }


# -- of all -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [tongling, shaping, heluo, linjiang, beitun])
def test_nothing_that_says_who_supports_whom_is_left_unread(make, tmp_path: Path) -> None:
    network = load(make(tmp_path))
    losses = ("unknown_sheet", "unknown_piece", "schools_lost", "dates_lost", "undated_for_header")
    assert [p.line("zh") for p in network.report.problems if p.code in losses] == []


@pytest.mark.parametrize("make", [tongling, shaping, heluo, linjiang, beitun])
def test_a_drafted_mapping_reads_the_same_ties_or_says_what_it_lacks(make, tmp_path: Path) -> None:
    lists = tmp_path / "lists"
    lists.mkdir()
    source, rules = make(lists), tmp_path / "mapping.toml"
    draft(source, rules)
    found, report = examine(source, mapping=rules)
    if make in (heluo, beitun):
        assert found is not None, [problem.line("zh") for problem in report.of("error")]
    if found is not None:
        assert ties_of(found, "2024-10-01") == ties_of(load(source), "2024-10-01")
    told = "".join(problem.line("zh") for problem in report.problems)
    assert not any(number in told for number in ID_CARDS)


def test_numbered_columns_of_members_make_a_rule_each(tmp_path: Path) -> None:
    lists = tmp_path / "lists"
    lists.mkdir()
    listed(lists / "学校.csv", [["学校名称"], ["甲小学"], ["乙小学"], ["丙小学"], ["丁小学"]])
    rows = [
        ["集团名称", "核心校", "成员校1", "成员校2"],
        ["G", "甲小学", "乙小学、丁小学", "丙小学"],
    ]
    (lists / "集团成员.csv").write_text("\n".join(map(",".join, rows)), encoding="utf-8")
    draft(lists, tmp_path / "mapping.toml")
    found, report = examine(lists, mapping=tmp_path / "mapping.toml")
    assert found is not None, [problem.line("zh") for problem in report.of("error")]
    members = {target for _, target, *_ in ties_of(found, "2024-10-01")}
    assert members == {"乙小学", "丙小学", "丁小学"}

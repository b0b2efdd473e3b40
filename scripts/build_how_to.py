"""Write the workbooks of two how-tos: a bureau's own lists, and candidates found in a text.

``python scripts/build_how_to.py`` writes ``docs/how-to/bureau-workbook/`` with the draft ticked for
it, and the marked candidates in ``docs/how-to/extract-example/``. County, schools and persons are
invented.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import openpyxl
import xlsxwriter

from liantu.drafts import draft
from liantu.extract import extract, read_list, write_candidates

FOLDER = Path(__file__).parents[1] / "docs" / "how-to" / "bureau-workbook"
SCHOOLS = (
    ("2145000101", "云溪县第一小学", "小学", "城关镇", "城区", 2100),
    ("2145000102", "云溪县实验小学", "小学", "城关镇", "城区", 1850),
    ("2145000201", "柳河镇中心小学", "小学", "柳河镇", "镇区", 820),
    ("2145000203", "柳河镇王庄小学", "小学", "柳河镇", "乡村", 96),
    ("2145000301", "青山乡中心小学", "小学", "青山乡", "乡村", 410),
    ("2145000303", "青山乡上坪村小学", "小学", "青山乡", "乡村", 53),
    ("2145000305", "青山乡石门教学点", "小学", "青山乡", "乡村", 9),
)
PAIRS = (
    ("县一小", "王校长", "柳河中心校", "陈校长", "2023年9月", "2026年8月"),
    ("县实验小学", "刘校长", "柳河镇王庄小学", "周校长", "2023年9月", "2026年8月"),
    ("实小", "刘校长", "青山乡上坪小学", "吴校长", "2024年3月", "2027年2月"),
)
LESSONS = (
    ("实验小学王芳、李娜及各村小教师30余人", "青山乡中心小学", "2024年4月18日"),
    ("县第一小学骨干教师5人", "柳河镇王庄小学", "2024年5月9日"),
)
NAMES = {"青山乡上坪小学": "青山乡上坪村小学"}
PEOPLE = {LESSONS[0][0]: ("云溪县实验小学", "30"), LESSONS[1][0]: ("云溪县第一小学", "5")}


def write_lists(path: Path) -> None:
    """Write the workbook as a bureau keeps it."""
    with xlsxwriter.Workbook(path) as book:
        book.set_properties({"created": datetime(2026, 1, 1)})
        bold = book.add_format({"bold": True, "align": "center"})
        sheet = book.add_worksheet("学校基本情况")
        sheet.merge_range("A1:G1", "云溪县2024年春季学期学校基本情况统计表", bold)
        sheet.write("A2", "填报单位：云溪县教育局（盖章）")
        head = ("序号", "学校标识码", "学校名称", "学段", "所在乡镇", "城乡类别", "学生数（人）")
        sheet.write_row("A3", head, bold)
        for number, row in enumerate(SCHOOLS, 1):
            sheet.write_row(number + 2, 0, (number, *row))
        sheet.write_row(
            len(SCHOOLS) + 3, 0, ("合计", "", "", "", "", "", sum(s[-1] for s in SCHOOLS))
        )
        sheet = book.add_worksheet("结对帮扶统计表")
        sheet.merge_range("A1:G1", "云溪县城乡学校结对帮扶统计表", bold)
        sheet.merge_range("A2:A3", "序号", bold)
        sheet.merge_range("B2:C2", "帮扶学校", bold)
        sheet.merge_range("D2:E2", "受帮扶学校", bold)
        sheet.merge_range("F2:G2", "帮扶期限", bold)
        sheet.write_row("B3", ("学校名称", "负责人", "学校名称", "负责人", "起", "止"), bold)
        for number, row in enumerate(PAIRS, 1):
            sheet.write_row(number + 2, 0, (number, *row))
        sheet.write_row(len(PAIRS) + 3, 0, ("合计", "", "", f"{len(PAIRS)}对"))
        sheet = book.add_worksheet("送课下乡活动记录")
        sheet.merge_range("A1:D1", "云溪县送课下乡活动记录", bold)
        sheet.write_row("A2", ("序号", "授课教师", "受援学校", "活动时间"), bold)
        for number, row in enumerate(LESSONS, 1):
            sheet.write_row(number + 1, 0, (number, *row))


def tick(path: Path) -> None:
    """Fill in a draft as a planner would."""
    book = openpyxl.load_workbook(path)
    for title, picks in (("名称", {k: (v,) for k, v in NAMES.items()}), ("人员", PEOPLE)):
        heads = [cell.value for cell in book[title][2]]
        for row in book[title].iter_rows(min_row=3):
            for head, text in zip(("采用", "采用人数"), picks.get(row[0].value, ()), strict=False):
                row[heads.index(head)].value = text
    book.save(path)


EXAMPLE = FOLDER.parent / "extract-example"
REJECTED = ("2人", "3名", "4节")  # figures that rows say already
UNDECIDED = ("120万元", "20次")


def mark(path: Path) -> None:
    """Decide on candidates as a planner would: one name is another school's in the list."""
    book = openpyxl.load_workbook(path)
    for sheet in book:
        heads = [cell.value for cell in sheet[2]] if sheet.max_row > 2 else []
        if "决定" not in heads:
            continue
        for row in sheet.iter_rows(min_row=3):
            evidence = row[heads.index("证据")].value
            decision = "舍弃" if evidence in REJECTED else "采纳"
            for cell in row[: heads.index("证据")]:
                if cell.value == "上坪小学":
                    cell.value, decision = "青山乡上坪村小学", "修改"
            row[0].value = None if evidence in UNDECIDED else decision
    book.save(path)


def main() -> None:
    """Write the files."""
    marked = EXAMPLE / "候选表.xlsx"
    names = read_list(str(EXAMPLE / "学校名录.csv"))
    write_candidates(marked, extract([EXAMPLE / "云溪县总结.txt"], names), "zh")
    mark(marked)
    FOLDER.mkdir(exist_ok=True)
    write_lists(FOLDER / "云溪县台账.xlsx")
    (FOLDER / "对照表.xlsx").unlink(missing_ok=True)
    draft(FOLDER, FOLDER / "对照表.xlsx")
    tick(FOLDER / "对照表.xlsx")


if __name__ == "__main__":
    main()

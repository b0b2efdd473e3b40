"""A known network, written out in the style of some bureau; what it must load back as.

Every style is drawn from what such lists show: title rows, the bureau that filled them in, headers
in two rows, merged cells, separators, spellings of dates, names without the county, totals, footers.
"""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from random import Random

import xlsxwriter

from liantu.options import parse_date

Tie = tuple[str, str, str, str, str]  # names of both schools, relation, start, end
Rows = list[list[str]]
COUNTY = "云溪县"
TOWNS = ("柳河镇", "青山乡", "大湖乡")
CORES = tuple(f"{COUNTY}{rest}" for rest in ("第一小学", "第二小学", "实验小学", "第一中学"))
RURAL = tuple(
    f"{town}{rest}"
    for town in TOWNS
    for rest in ("中心小学", f"{town[0]}庄小学", f"{town[1]}口教学点")
)
TEACHERS = ("张伟", "王芳", "李娜", "赵敏", "陈静", "刘洋")


def write(folder: Path, seed: int) -> set[Tie]:
    """Write a network in the style of a seed into a folder and return its ties."""
    rng = Random(seed)
    sheets, ties = {}, set()
    parts = [("学校", _schools), ("帮扶", _pairs), ("集团", _groups), ("支教", _postings)]
    for _, make in [parts[0], *rng.sample(parts[1:], rng.randint(1, 3))]:
        name, rows, merged, found = make(rng)
        sheets[name] = (rows, merged)
        ties |= found
    if rng.random() < 0.6:
        _book(folder / f"{rng.choice(('', 'a_'))}{COUNTY}台账.xlsx", sheets)
    else:
        for number, (name, (rows, merged)) in enumerate(sheets.items(), 1):
            file = rng.choice((f"{number}.{name}", f"{COUNTY}{name}", name))
            if merged or rng.random() < 0.5:
                _book(folder / f"{file}.xlsx", {rng.choice((name, "Sheet1")): (rows, merged)})
            else:
                encoding = rng.choice(("gb18030", "utf-8-sig", "utf-8"))
                with (folder / f"{file}.csv").open("w", encoding=encoding, newline="") as out:
                    width = max(map(len, rows))
                    csv.writer(out).writerows([*row, *[""] * (width - len(row))] for row in rows)
    return ties


def _book(path: Path, sheets: dict[str, tuple[Rows, list[tuple[int, int, int, int]]]]) -> None:
    with xlsxwriter.Workbook(path) as book:
        for name, (rows, merged) in sheets.items():
            sheet = book.add_worksheet(name)
            inside = {
                (r, c) for a, b, y, z in merged for r in range(a, y + 1) for c in range(b, z + 1)
            }
            for number, row in enumerate(rows):
                for place, text in enumerate(row):
                    if text and (number, place) not in inside:
                        sheet.write(number, place, text)
            for top, left, bottom, right in merged:
                sheet.merge_range(top, left, bottom, right, rows[top][left])


def _titled(rng: Random, title: str, head: Rows, body: Rows, total: list[str]) -> tuple[Rows, int]:
    """Return the rows of a list and where its header begins."""
    above: Rows = []
    above += [[title]] if rng.random() < 0.8 else []
    above += [[f"填报单位：{COUNTY}教育局（盖章）"]] if above and rng.random() < 0.5 else []
    below: Rows = [total] if rng.random() < 0.5 else []
    if rng.random() < 0.4:
        below.append(["单位负责人：周某某    填表人：吴某某    联系电话：0535-1234567"])
    return [*above, *head, *body, *below], len(above)


def _schools(rng: Random):
    head = ["序号", rng.choice(("学校名称", "校名")), rng.choice(("学校标识码", "学校代码"))]
    head += [rng.choice(("乡镇", "所在乡镇")), rng.choice(("城乡分类", "城乡类别"))]
    head += [rng.choice(("学生数", "在校生数（人）")), "备注"]
    body = []
    for number, name in enumerate((*CORES, *RURAL), 1):
        town = next((t for t in TOWNS if name.startswith(t)), "城关镇")
        place = "城区" if name in CORES else "乡村"
        body.append([str(number), name, f"21450{number:05}", town, place, str(100 + number), ""])
    total = ["合计", "", "", "", "", str(sum(100 + n for n in range(1, len(body) + 1)))]
    rows, _ = _titled(rng, f"{COUNTY}2024年学校基本情况统计表", [head], body, total)
    return rng.choice(("学校基本情况", "学校名单")), rows, [], set()


def _written(rng: Random, name: str) -> str:
    """Return a name as somebody writes it: perhaps without the county."""
    if name.startswith(COUNTY):
        return rng.choice((name, name, "县" + name.removeprefix(COUNTY)))
    return rng.choice((name, name, COUNTY + name))


def _month(rng: Random, text: str, style: int) -> str:
    year, month = text.split("-")
    plain = str(int(month))
    return (
        f"{year}年{plain}月", f"{year}.{month}", f"{year}-{month}", f"{year}/{month}", f"{year}年{month}月",
    )[style]  # fmt: skip


def _span(rng: Random) -> tuple[str, str]:
    start = f"{rng.randint(2021, 2023)}-{rng.choice(('02', '03', '09'))}"
    return start, f"{int(start[:4]) + rng.randint(1, 3)}-{rng.choice(('01', '07', '08'))}"


def _days(start: str, end: str) -> tuple[str, str]:
    return f"{start}-01", parse_date(end).isoformat() if end else ""


def _range(rng: Random, start: str, end: str) -> str:
    style = rng.choice((0, 1, 4))
    sign = rng.choice(("-", "—", "至", "~"))
    return f"{_month(rng, start, style)}{sign}{_month(rng, end, style)}"


def _pairs(rng: Random):
    two, joined, style = rng.random() < 0.5, rng.random() < 0.4, rng.randrange(5)
    giver, taker = rng.choice((("帮扶学校", "受帮扶学校"), ("支援学校", "受援学校")))
    ties, body = set(), []
    for number, name in enumerate(rng.sample(RURAL, rng.randint(2, 5)), 1):
        core, (start, end) = rng.choice(CORES), _span(rng)
        ties.add((core, name, "assists", *_days(start, end)))
        dates = [_range(rng, start, end)]
        if not joined:
            dates = [_month(rng, start, style), _month(rng, end, style)]
        people = [["王校长"], ["陈某"]] if two else [[], []]
        cells = [_written(rng, core), *people[0], _written(rng, name), *people[1]]
        body.append([str(number), *cells, *dates, ""])
    period = ["起止时间"] if joined else [rng.choice(("开始时间", "起始时间")), "截止时间"]
    head, merged = [["序号", giver, taker, *period, "备注"]], []
    if two:
        both = ["帮扶期限"] if joined else ["帮扶期限", ""]
        head = [
            ["序号", giver, "", taker, "", *both, "备注"],
            [
                "",
                "学校名称",
                "负责人",
                "学校名称",
                "负责人",
                *([""] if joined else ["起", "止"]),
                "",
            ],
        ]
    total = ["合计", "", "", f"{len(body)}对"]
    rows, top = _titled(rng, f"{COUNTY}城乡学校结对帮扶统计表", head, body, total)
    if two and rng.random() < 0.7:
        merged = [(top, 1, top, 2), (top, 3, top, 4), (top, 0, top + 1, 0)]
        merged += [(top, 5, top + 1, 5)] if joined else [(top, 5, top, 6)]
    return rng.choice(("结对帮扶统计表", "结对帮扶一览表")), rows, merged, ties


def _groups(rng: Random):
    style, merge = rng.randrange(5), rng.random() < 0.5
    left = list(RURAL)
    rng.shuffle(left)
    ties, body, spans = set(), [], []
    for number, core in enumerate(rng.sample(CORES, 2), 1):
        members, left = left[: rng.randint(1, 3)], left[3:]
        start = f"{rng.randint(2020, 2023)}-{rng.choice(('03', '09'))}"
        ties |= {(core, name, "member_of", *_days(start, "")) for name in members}
        founded, name = _month(rng, start, style), f"{core}教育集团"
        if merge:
            if len(members) > 1:
                spans.append((len(body), len(body) + len(members) - 1))
            body += [[str(number), name, core, member, founded] for member in members]
        else:
            sign = rng.choice("、；，,\n")
            body.append([str(number), name, core, sign.join(members), founded])
    head = ["序号", "集团名称", rng.choice(("核心校", "牵头校")), "成员校", "成立时间"]
    rows, top = _titled(rng, f"{COUNTY}集团化办学一览表", [head], body, ["合计", "2个集团"])
    merged = [(top + 1 + a, c, top + 1 + b, c) for a, b in spans for c in (0, 1, 2, 4)]
    return "集团化办学一览表", rows, merged, ties


def _postings(rng: Random):
    joined, style = rng.random() < 0.6, rng.randrange(5)
    ties, body = set(), []
    for number, teacher in enumerate(rng.sample(TEACHERS, rng.randint(2, 5)), 1):
        home, host, (start, end) = rng.choice(CORES), rng.choice(RURAL), _span(rng)
        ties.add((home, host, "posted_to", *_days(start, end)))
        dates = [_range(rng, start, end)]
        if not joined:
            dates = [_month(rng, start, style), _month(rng, end, style)]
        body.append([str(number), teacher, _written(rng, home), _written(rng, host), *dates])
    period = [rng.choice(("起止时间", "支教起止时间"))] if joined else ["开始时间", "结束时间"]
    head = [
        "序号",
        "姓名",
        rng.choice(("派出学校", "支援学校")),
        rng.choice(("接收学校", "受援学校")),
    ]
    title = f"{COUNTY}2023-2024学年支教教师花名册"
    rows, _ = _titled(rng, title, [[*head, *period]], body, ["合计", f"{len(body)}人"])
    return "支教教师花名册", rows, [], ties


def ties_of(network) -> set[Tie]:
    """Return the ties of a network as `write` gives them."""
    from liantu import ties

    table = ties(network, as_of=date(2024, 9, 10)).table
    days = [table[key].dt.strftime("%Y-%m-%d").fillna("") for key in ("start", "end")]
    found = zip(table["source_name"], table["target_name"], table["basis"], *days, strict=True)
    return set(found)
